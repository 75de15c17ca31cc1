"""Why these works stand at a place: as tables for the terminal, and as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from vallum.brief.language import say
from vallum.brief.page_text import THIN, between, capital, percent, plain, whole
from vallum.brief.works_names import brief_name, composed, crossing, in_words

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from vallum.works import Explanation

__all__ = ["explained_record", "explained_tables", "explained_words"]

_COST = "cost, USD/km/yr"  # of all gates: the last row of their table
_SHOWN = 12  # points of the frontier, those nearest to the chosen one


def explained_words(found: Explanation) -> str:
    """Say in a few sentences what stands at a place, and why.

    Parameters
    ----------
    found
        From `vallum.works.explain`.

    Returns
    -------
    str
        Lines of text.
    """
    what = in_words(str(found.chosen["description"]))
    lines = [
        *_where(found),
        f"{capital(what)}.",
        _choice(found),
        say(
            "The response is there after {minutes} minutes (± {spread}), at the point midway "
            "between two forts.",
            minutes=plain(found.response_s[0] / 60),
            spread=plain(found.response_s[1] / 60),
        ),
        *(_barred(item) for item in found.barred.to_dict("records")),
    ]
    return "\n".join(lines)


def _where(found: Explanation) -> list[str]:
    """Say of a place on which nothing can stand for which other ground this is said."""
    if found.bank:
        return [say("On open water nothing stands; these are the works of the nearest bank.")]
    if found.barren:
        return [
            say(
                "No post can stand on ground this steep, and so no line; these are the works of "
                "the nearest ground on which one can."
            )
        ]
    return []


def _barred(item: Mapping[Hashable, Any]) -> str:
    """Say of a barred item what bars it, and what lawful works do as much."""
    names = {
        "item": brief_name(str(item["text"])),
        "rule": str(item["rule"]),
        "price": plain(item["price_usd_km_yr"]),
    }
    never = say(
        "{item}: never placed. {rule} bars it. It would have cost {price} USD per km and year, "
        "harm not counted.",
        **names,
    )
    works = str(item["equivalent"])
    values = {
        "works": composed(works) if works else say("nothing"),
        "cost": plain(item["equivalent_usd_km_yr"]),
        "seconds": plain(item["short_s"]),
    }
    instead = (
        say("In its place {works} would delay as long, for {cost}.", **values)
        if item["short_s"] <= 0
        else say(
            "In its place {works} would delay up to {seconds} seconds less, for {cost}.", **values
        )
    )
    saved = float(item["saved_usd_km_yr"])
    mines = (
        say("Mines would have saved {saved} USD per km and year.", saved=plain(saved))
        if saved > 0
        else say("Mines would have cost {more} USD per km and year more.", more=plain(-saved))
    )
    return f"{never} {instead} {mines}"


def _choice(found: Explanation) -> str:
    """Say why it and no other, and what it stops and costs."""
    row = found.chosen
    facts = say(
        "It stops {share} ({range}) of those who cross {path}, for {cost} ({cost_range}) USD per "
        "km and year.",
        share=percent(row["p_e"]),
        range=f"{between(100 * row['p_e_low'], 100 * row['p_e_high'])}{THIN}%",
        path=crossing(found.path),
        cost=plain(row["cost_usd_km_yr"], 3),
        cost_range=between(row["cost_low_usd_km_yr"], row["cost_high_usd_km_yr"]),
    )
    many = whole(found.candidates)
    if found.rule == "least_cost":
        why = say(
            "Of {many} lawful compositions it costs least together with the losses that still "
            "come through, of {stake} USD per km and year at stake.",
            many=many,
            stake=plain(found.at_stake_usd_km_yr, 3),
        )
    elif row["standard_met"]:
        why = say(
            "Of {many} lawful compositions it is the cheapest that meets the standard.", many=many
        )
    else:
        why = say(
            "None of {many} lawful compositions meets the standard; this one stops most.", many=many
        )
        if not found.buildable:
            return f"{why} {facts} {say('So no line stands there.')}"
    return f"{why} {facts}"


def explained_tables(found: Explanation) -> dict[str, pd.DataFrame]:
    """Lay out why these works stand at a place; what the tables hold is English.

    Parameters
    ----------
    found
        From `vallum.works.explain`.

    Returns
    -------
    tables
        By title, in the order in which one asks.
    """
    front = found.frontier
    at = int(front["chosen"].to_numpy().argmax())
    first = max(0, min(at - _SHOWN // 2, len(front) - _SHOWN))
    some = front.iloc[first : first + _SHOWN]
    gates = pd.DataFrame(
        {
            "gate": [_COST if key == "cost_usd_km_yr" else key for key in found.gates],
            "per km": [round(v, 4) for v in found.gates.values()],
        }
    )
    return {
        say("the ground"): pd.DataFrame(
            {"what": list(found.ground), "is": list(found.ground.values())}
        ),
        say(
            "cost and effect: {shown} of {all} that nothing cheaper equals",
            shown=len(some),
            all=len(front),
        ): some,
        say(
            "the crossing that is worst for us: {path}", path=crossing(found.path)
        ): found.tasks.round(3),
        say("why the others lost"): found.others.round(3).astype(object).fillna(""),
        say(
            "what the effect hangs on: P_E with each figure at its ends, and for 1 % more of it"
        ): found.doubts.round(4),
        say("gates for those who may pass, and their USD/km/yr"): gates,
        say("never placed"): found.barred.drop(columns=["rule_text"]).round(0),
        say("what may stand, by state"): _standing(found.law),
    }


def _standing(law: pd.DataFrame) -> pd.DataFrame:
    """Lay out the legal status: a row per item, a column per state, then the rules that bar it."""
    rows = []
    for key, each in law.groupby("item", sort=False):
        rules = [rule for rule in dict.fromkeys(each["rule"]) if rule]
        status = dict(zip(each["state"], each["status"], strict=True))
        rows.append({"item": key, **status, "rule": ", ".join(rules)})
    return pd.DataFrame(rows)


def explained_record(found: Explanation) -> dict[str, Any]:
    """Put an explanation into one record of plain values."""
    row = {
        str(key): value.item() if hasattr(value, "item") else value
        for key, value in found.chosen.items()
    }
    return {
        "ground": found.ground,
        "bank": found.bank,
        "barren": found.barren,
        "buildable": found.buildable,
        "rule": found.rule,
        "chosen": row | {"items": list(row["items"])},
        "candidates": found.candidates,
        "at_stake_usd_km_yr": found.at_stake_usd_km_yr,
        "path": found.path,
        "response_s": {"mean": found.response_s[0], "sd": found.response_s[1]},
        "gates": found.gates,
        **{
            name: getattr(found, name).to_dict("records")
            for name in ("frontier", "tasks", "others", "doubts", "barred", "law")
        },
    }
