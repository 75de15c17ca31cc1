"""How the page's assumptions are called, and between which bounds they may be set."""

from __future__ import annotations

from dataclasses import dataclass

from vallum.brief.language import current, of_stage, say

__all__ = ["Asked", "choices", "groups", "help_of", "numbers"]

_SHARE = (0.0, 1.0, 0.05)
Bounds = tuple[float, float | None, float]  # least, most, and by how much arrows change it


@dataclass(frozen=True)
class Asked:
    """How one assumption is asked for.

    Attributes
    ----------
    key
        Of the setting.
    group
        One of `groups`.
    label, unit
        In the language of the block.
    bounds
        Of a number.
    choices
        (value, label) of a choice.
    """

    key: str
    group: str
    label: str
    unit: str = ""
    bounds: Bounds = _SHARE
    choices: tuple[tuple[str, str], ...] = ()


def groups() -> dict[str, str]:
    """Name the groups of assumptions, in the order of the page."""
    return {
        "aim": say("What is sought"),
        "standard": say("What the line must do"),
        "neighbours": say("Neighbours: what comes across their border"),
        "threat": say("Where the violence comes from"),
        "money": say("What it costs"),
        "who": say("Who takes part"),
        "land": say("Land that must be held"),
    }


def numbers() -> tuple[Asked, ...]:
    """List the numbers that are asked for."""
    share, year = say("0 to 1"), say("USD a year")
    return (
        Asked("works.standard", "standard", say("Share of crossings that works must stop, p*"),
              share, (0.01, 0.99, 0.01)),
        Asked("works.man_year_usd", "money", say("One soldier for a year"), year,
              (0.0, 1e7, 100.0)),
        Asked("works.haul_usd_tkm", "money", say("Carrying a tonne over a kilometre"), "USD",
              (0.0, 10.0, 0.01)),
        Asked("works.discount_rate", "money", say("Discount rate"), say("a year"),
              (0.0, 1.0, 0.01)),
        Asked("works.rotation", "money", say("Men paid for each man on duty"), say("men"),
              (1.0, 10.0, 0.1)),
        Asked("threat.reach_share", "threat", say("Share of losses that comes from outside"),
              share),
        Asked("threat.lost_per_event", "threat", say("Output lost in one event"),
              say("person-years"), (0.0, None, 100.0)),
        Asked("accord.influence_usd_yr", "who", say("What standing is worth to the partner"), year,
              (0.0, None, 1e6)),
        Asked("line.usd_per_person_yr", "aim", say("What holding one person is worth"), year,
              (0.0, None, 1.0)),
    )  # fmt: skip


def choices() -> tuple[Asked, ...]:
    """List what is chosen among a few."""
    return (
        Asked("works.where_short", "standard", say("Where nothing lawful does that much"),
              choices=(("avoid", say("no line stands there")),
                       ("use", say("the best works stand there")))),
        Asked("forces.builders", "who", say("Who builds"),
              choices=(("alone", say("each state on its own ground")),
                       ("joint", say("all states on all ground")),
                       ("joint_with_partner", say("all states, with the partner’s help")))),
        Asked("line.objective", "aim", say("The best plan is the one that"),
              choices=(("output", say("averts most losses")),
                       ("people", say("holds most people")), ("mix", say("does both")))),
    )  # fmt: skip


def help_of(text: str, ends: tuple[float, float] | None = None) -> tuple[str, str]:
    """Say what a setting means.

    Parameters
    ----------
    text
        English, from the class that holds it.
    ends
        Its range in a plan, where it has one.

    Returns
    -------
    text, lang
        `lang` is "en" where the text has no translation, and empty where it is in the language of
        the block.
    """
    told = of_stage(text)
    foreign = told == text and current().code != "en"
    if ends is not None and not foreign:
        low, high = (f"{end:g}".replace(".", current().decimal) for end in ends)
        told += " " + say("Its range in a plan: {low} to {high}.", low=low, high=high)
    return told, "en" if foreign else ""
