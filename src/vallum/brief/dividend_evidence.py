"""What the head on the dividend says of its evidence: draws, judgements, switch values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.dividend_words import called
from vallum.brief.figures import COUNT, NUMBER, PEOPLE, exact, joined, of_draws, range_of
from vallum.brief.language import say

if TYPE_CHECKING:
    from markupsafe import Markup

    from vallum.brief.figures import Reading

__all__ = ["change", "sure"]

_MOST = 3  # assumptions told of


def sure(reading: Reading, at: str) -> tuple[str, ...]:
    """Say how sure it is what a case is worth; `at` is its path in the record."""
    return (
        say(
            "Ranges hold nine in ten of {draws} joint draws of every assumption; the members’ "
            "worth is above nothing in {pays}. Ends of streams are added up, which makes "
            "their ranges too wide rather than too narrow.",
            draws=exact(reading, "dividend/draws", COUNT),
            pays=of_draws(
                reading.number(f"{at}/pays_share/members"), reading.number("dividend/draws")
            ),
        ),
        say(
            "What an attack costs, and how far the fall of attacks that the campaign plays out "
            "comes true, are judgements and not measurements; no such line has been measured here. "
            "Not in the sum: lives, and what it means to the {outside} people who live on members’ "
            "land that is not held.",
            outside=exact(reading, f"{at}/people_left_outside", PEOPLE),
        ),
    )


def change(reading: Reading, at: str) -> tuple[str, ...]:
    """Say what would turn the answer."""
    within = [
        say(
            "{name} at {switch} instead of {value}",
            name=called(str(row["key"])),
            **_switch(reading, f"{at}/turns/within/{n}"),
        )
        for n, row in enumerate((reading.at(f"{at}/turns/within") or [])[:_MOST])
    ]
    if within:
        text = say(
            "Each of these alone would turn what all parties have, neighbours too: {list}.",
            list=joined(within),
        )
    elif reading.has(f"{at}/turns/nearest"):
        near = f"{at}/turns/nearest"
        text = say(
            "No assumption alone turns what all parties have, neighbours too, within its range. "
            "The nearest to it is {name}, which would have to be {switch} and is taken as {value}.",
            name=called(str(reading.at(f"{near}/key"))),
            **_switch(reading, near),
        )
    else:
        text = say(
            "No assumption alone turns what all parties have, neighbours too, within its range or "
            "far beyond it: several would have to be wrong together."
        )
    missing = say(
        "Sites without a documented number of visitors count as nothing, and trade only along "
        "named corridors: figures for the others would add to what it brings."
    )
    return (text, missing)


def _switch(reading: Reading, at: str) -> dict[str, Markup]:
    """Write a switch value, and what the assumption is taken as."""
    low, value, high = (reading.number(f"{at}/{name}") for name in ("low", "value", "high"))
    return {
        "switch": exact(reading, f"{at}/switch", NUMBER),
        "value": range_of(low, value, high, NUMBER),
    }
