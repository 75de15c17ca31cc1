"""The head of the chapter "threat": who comes, by which ways, and whether the claim holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief import threat_doubts
from vallum.brief.figures import SHARE, Reading, ranged
from vallum.brief.head import Head
from vallum.brief.language import named, say
from vallum.brief.page_text import listed
from vallum.brief.states import state, states
from vallum.brief.threat_claim import verdict
from vallum.brief.threat_doubts import THROUGH, mine, through, top

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["answer", "head"]

_STATED = "threat/claim/stated"


def head(reading: Reading) -> Head:
    """Make the head.

    Parameters
    ----------
    reading
        The record.

    Returns
    -------
    Head
        Texts of the language of the block.
    """
    outside = say(
        "Of the losses on vital land {share} are taken to come from outside at all; a line can "
        "touch no others.",
        share=ranged(reading, "threat/share_from_outside", SHARE),
    )
    claimed = (verdict(reading), *_claimed(reading)) if reading.at(_STATED) else ()
    return Head(
        _claim(reading),
        (answer(reading), outside, *claimed),
        threat_doubts.sure(reading),
        threat_doubts.change(reading),
    )


def _claim(reading: Reading) -> str:
    if not reading.at(_STATED):
        return say("Armed groups come from outside, by ways that a line would close.")
    return say(
        "Armed groups come into {regions} by way of {states}; a line would keep them out.",
        regions=_regions(reading),
        states=states(reading, reading.at(THROUGH)),
    )


def answer(reading: Reading) -> str:
    """Say in one sentence by which way they come.

    Parameters
    ----------
    reading
        The record.

    Returns
    -------
    str
        Whether most journeys cross the state of the claim, and the share of them; where no claim
        is stated, which neighbour most of them cross.
    """
    found: Mapping[str, Any] = reading.at("threat/share_through") or {}
    if reading.at("threat/journeys_yr") is None:
        return say(
            "By which ways armed groups come can’t be said: no sanctuary lies outside vital land, "
            "or no passable way leads from one to it."
        )
    most = top(reading)
    if not reading.at(_STATED):
        return _most(reading, most)
    way = mine(reading, found)
    if way is None:
        return say(
            "How many of the journeys to vital land cross {states} can’t be said.",
            states=states(reading, reading.at(THROUGH)),
        )
    return _claimed_way(reading, way, most, few=found[way]["high"] < 0.5)


def _claimed_way(reading: Reading, way: str, most: str | None, *, few: bool) -> str:
    """Say how many journeys cross the state of the claim, and which other most of them cross."""
    values = {"state": state(reading, way), "share": through(reading, way)}
    if most is not None and most != way:
        values |= {"other": state(reading, most), "most": through(reading, most)}
        if few:
            return say(
                "Mostly not by way of {state}: on the model’s assumptions {share} of armed groups’ "
                "journeys to other states’ vital land cross it, and {most} cross {other}.",
                **values,
            )
        return say(
            "By way of {state} come {share} of armed groups’ journeys to other states’ vital land, "
            "on the model’s assumptions; {most} cross {other}.",
            **values,
        )
    if few:
        return say(
            "Mostly not by way of {state}: {share} of armed groups’ journeys to other states’ "
            "vital land cross it, on the model’s assumptions.",
            **values,
        )
    return say(
        "More by way of {state} than of any other state: {share} of armed groups’ journeys to "
        "other states’ vital land cross it, on the model’s assumptions.",
        **values,
    )


def _most(reading: Reading, iso3: str | None) -> str:
    """Name the neighbour that most journeys cross."""
    if iso3 is None:
        return say(
            "Armed groups’ journeys to vital land begin and stay on the members’ own ground, on "
            "the model’s assumptions."
        )
    return say(
        "Of the states that are no members, {state} is crossed by the largest share of armed "
        "groups’ journeys to vital land: {share}, on the model’s assumptions.",
        state=state(reading, iso3),
        share=through(reading, iso3),
    )


def _claimed(reading: Reading) -> tuple[str, ...]:
    """Say what passes on the way to the claimed regions alone."""
    found = reading.at("threat/share_through_claimed") or {}
    way = mine(reading, found)
    if way is None:
        return ()
    return (
        say(
            "Of the journeys to {regions} alone, {share} cross {state}.",
            regions=_regions(reading),
            share=ranged(reading, f"threat/share_through_claimed/{way}", SHARE),
            state=state(reading, way),
        ),
    )


def _regions(reading: Reading) -> str:
    return listed([named(str(name)) for name in reading.at("settings/threat/claim/claimed")])
