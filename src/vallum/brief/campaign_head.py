"""The head of the chapter on the campaign: whether the line holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.campaign_sure_head import change, fall, moved, sure
from vallum.brief.figures import KM, SHARE, exact, ranged
from vallum.brief.head import Head
from vallum.brief.language import named, of_stage, say
from vallum.brief.page_text import listed

if TYPE_CHECKING:
    from vallum.brief.figures import Reading

__all__ = ["head"]

_FEW = 1.0  # attacks a year on held land, below which there is nothing to hold


def head(reading: Reading) -> Head:
    """Make the head.

    Parameters
    ----------
    reading
        The record.

    Returns
    -------
    Head
        Texts of the language of the block. Of the plan's line; where that is an illustration, of
        the line that holds half of the output, and the illustration's is told besides.
    """
    claim = say(
        "A line holds: those who come from outside are stopped or kept away, and the land behind "
        "it is safe."
    )
    if not reading.at("campaign/cases"):
        return Head(claim, *_not_played(reading))
    other = reading.has("campaign/cases/half")
    first = "half" if other and reading.at("illustration") else "plan"
    at = f"campaign/cases/{first}"
    found = [_answer(reading, at, first), *_outside(reading, at), *_elsewhere(reading, at)]
    if first == "half" or other:
        found.append(_second(reading, "plan" if first == "half" else "half"))
    return Head(
        claim,
        tuple(found),
        sure(reading, at),
        change(reading, at),
        unlike=(
            "threat/share_from_outside/mid",
            *(f"campaign/cases/{name}/alternatives/line/held/before" for name in ("plan", "half")),
        ),
    )


def _not_played(reading: Reading) -> tuple[tuple[str, ...], ...]:
    """Say that nothing was played, and why."""
    status = reading.at("campaign/status")
    if status in (None, "not played"):
        found = say("Whether it holds was not played out for this plan.")
    else:
        found = say("Whether it holds could not be played out: {why}.", why=of_stage(str(status)))
    return (
        (found,),
        (
            say(
                "Losses averted take attackers as they are: none of them goes round, waits or "
                "turns elsewhere. That flatters the line."
            ),
        ),
        (
            say(
                "To play it out would tell; a plan is made with the campaign unless it is left out."
            ),
        ),
    )


def _answer(reading: Reading, at: str, case: str) -> str:
    """Say whether it holds."""
    row = f"{at}/alternatives/line/held"
    if not reading.has(row) or reading.number(f"{row}/before") < _FEW:
        return say(
            "Too few attacks are expected on the land that this line holds to say whether it holds."
        )
    if not reading.number(f"{row}/change_high") < 0:
        return say(
            "The line can’t be relied on to hold: attacks on the land behind it change by "
            "{change}, and in some draws there are no fewer than before.",
            change=moved(reading, row),
        )
    outside = f"{at}/from_outside/change_high"
    kept = reading.has(outside) and reading.number(outside) < 0
    if kept and reading.number("threat/share_from_outside/mid") < 0.5:
        if case == "half":
            return say(
                "A line around half of the output keeps out many who come from outside, but most "
                "attacks start inside: all attacks behind it fall by {fall}.",
                fall=fall(reading, row),
            )
        return say(
            "The line keeps out many who come from outside, but most attacks start inside: all "
            "attacks behind it fall by {fall}.",
            fall=fall(reading, row),
        )
    return say(
        "The line makes the land behind it safer, not safe: attacks there fall by {fall}.",
        fall=fall(reading, row),
    )


def _outside(reading: Reading, at: str) -> list[str]:
    """Say what it does to those who come from outside."""
    if not reading.has(f"{at}/from_outside/change") or not reading.has(f"{at}/stopped_share/mid"):
        return []
    stopped = ranged(reading, f"{at}/stopped_share", SHARE)
    if reading.number(f"{at}/from_outside/change_high") < 0:
        return [
            say(
                "Attacks there by those from outside fall by {fall}. Of the bands that come to the "
                "line {stopped} are stopped in the end, tries after a first one included; others "
                "learn of it and stay away.",
                fall=fall(reading, f"{at}/from_outside"),
                stopped=stopped,
            )
        ]
    return [
        say(
            "Attacks there by those from outside change by {change}. Of the bands that come to the "
            "line {stopped} are stopped in the end, tries after a first one included.",
            change=moved(reading, f"{at}/from_outside"),
            stopped=stopped,
        )
    ]


def _elsewhere(reading: Reading, at: str) -> list[str]:
    """Say who suffers more for it, and what the money would do otherwise."""
    names = reading.at("names") or {}
    said = []
    worse = [named(str(names.get(iso3, iso3))) for iso3 in reading.at(f"{at}/worse") or ()]
    row = f"{at}/alternatives/line/outside"
    if reading.has(f"{row}/change"):
        if worse:
            said.append(
                say(
                    "Attacks on the members’ land left outside change by {change}; beyond chance "
                    "more strike: {names}.",
                    change=moved(reading, row),
                    names=listed(worse),
                )
            )
        else:
            said.append(
                say(
                    "Attacks on the members’ land left outside change by {change}, and beyond "
                    "chance no neighbour suffers more.",
                    change=moved(reading, row),
                )
            )
    return said


def _second(reading: Reading, name: str) -> str:
    """Say the same of the other line."""
    at = f"campaign/cases/{name}"
    row = f"{at}/alternatives/line/held"
    few = not reading.has(row) or reading.number(f"{row}/before") < _FEW
    length = exact(reading, f"{at}/line_km", KM)
    if name == "plan" and few:
        return say(
            "The illustration’s own line, {length} long, holds land where fewer than one attack a "
            "year is expected: it has nothing to hold.",
            length=length,
        )
    if name == "plan":
        return say(
            "Behind the illustration’s own line, {length} long, attacks change by {change}.",
            length=length,
            change=moved(reading, row),
        )
    if few:
        return say(
            "A line around half of the output, {length} long, was played too.", length=length
        )
    return say(
        "Behind a line around half of the output, {length} long, attacks change by {change}.",
        length=length,
        change=moved(reading, row),
    )
