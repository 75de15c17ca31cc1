"""What the things of the forces stage are called, and its texts in the language of the block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.language import named, say
from vallum.brief.page_text import amount, listed, percent, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from vallum.forces.programme import Programme

__all__ = [
    "ROLES", "by_whom", "need_name", "programme_words", "regime_name", "role_name", "short_words",
]  # fmt: skip

ROLES = ("guard", "reaction", "engineering", "training", "intelligence", "supply", "medical",
         "liaison", "gates")  # fmt: skip


def regime_name(regime: str) -> str:
    """Name a way of sharing the tasks."""
    names = {
        "alone": say("each state alone"),
        "joint": say("jointly"),
        "joint_with_partner": say("jointly, with the partner’s help"),
    }
    return names.get(regime, regime)


def role_name(role: str) -> str:
    """Name a role."""
    names = {
        "guard": say("guard"),
        "reaction": say("quick reaction"),
        "engineering": say("engineering"),
        "training": say("training"),
        "intelligence": say("intelligence and air"),
        "supply": say("supply"),
        "medical": say("medical"),
        "liaison": say("liaison"),
        "gates": say("gates", context="role"),
    }
    return names.get(role, role)


def need_name(need: str) -> str:
    """Name what is needed, without a number."""
    names = {
        "men": say("men"),
        "engineer_companies": say("engineer companies"),
        "plant_sets": say("sets of plant"),
        "trainers": say("trainers"),
        "medics": say("medics"),
        "air_sets": say("aircraft"),
        "base": say("home bases in reach"),
    }
    return names.get(need, need)


def short_words(shortages: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Put what is short into words, the largest price first.

    Parameters
    ----------
    shortages
        Of a regime: `state`, `need`, `short`, `usd_yr`.
    names
        Of states by ISO3.

    Returns
    -------
    str
        A dash where nothing is.
    """
    if not len(shortages):
        return "–"
    table = shortages.sort_values("usd_yr", ascending=False, kind="stable")
    parts = [
        say(
            "{number} {need} ({state})",
            number=plain(float(row["short"]), 2),
            need=need_name(str(row["need"])),
            state=named(names.get(str(row["state"]), str(row["state"]))),
        )
        for row in table.to_dict("records")
        if row["need"] != "base"
    ]
    if (table["need"] == "base").any():
        parts.append(need_name("base"))
    return listed(parts, most=len(parts))


def by_whom(value: object, names: Mapping[str, str]) -> str:
    """Name the states that do something, joined by plus signs in the stage's table."""
    if not isinstance(value, str):
        return "–"
    return listed([named(names.get(state, state)) for state in value.split("+")])


def programme_words(programme: Programme | None) -> str:
    """Say what is lost until all is covered, and that no order of building loses less."""
    if programme is None or programme.all_covered is None:
        return ""
    lost = amount(programme.loss_usd)
    if programme.gap < 1e-6:
        return say(
            "Until all of it is covered {lost} USD are lost; no order of building loses less.",
            lost=lost,
        )
    return say(
        "Until all of it is covered {lost} USD are lost; no order of building loses less than "
        "{least} of that.",
        lost=lost,
        least=percent(1 - programme.gap),
    )
