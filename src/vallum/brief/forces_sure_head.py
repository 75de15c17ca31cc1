"""The head of the chapter on forces: how sure it is, and what would change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.figures import (
    COUNT,
    DOLLARS_YEAR,
    KM,
    PEOPLE,
    SHARE,
    exact,
    figure,
    is_nothing,
    joined,
    ranged,
)
from vallum.brief.forces_aim_head import aimed
from vallum.brief.language import say

if TYPE_CHECKING:
    from vallum.brief.figures import Reading

__all__ = ["change", "sure", "underpriced"]


def sure(reading: Reading) -> tuple[str, ...]:
    """Say how sure the answer is: what is proved, the check against the price, judgements."""
    said = [_proved(reading)]
    figures = {
        "men": exact(reading, "forces/men", COUNT),
        "priced": ranged(reading, "works/men_paid", PEOPLE),
    }
    if underpriced(reading):
        said.append(
            say(
                "The check against the price fails: forts take {men} men paid, and the line’s "
                "price counts {priced}: for this line it is too low.",
                **figures,
            )
        )
    else:
        said.append(
            say(
                "The check against the price holds: forts take {men} men paid, and the line’s "
                "price counts {priced}.",
                **figures,
            )
        )
    said.append(
        say(
            "What a role takes and what the states have rests on {all} figures; {judgement} of "
            "them are judgements, in whole or in part. None of it was tested on a joint force that "
            "stood.",
            all=exact(reading, "forces/assumptions/all", COUNT),
            judgement=exact(reading, "forces/assumptions/judgement", COUNT),
        )
    )
    return tuple(said)


def _proved(reading: Reading) -> str:
    """Say how near each choice comes to the best there can be."""
    forts = exact(reading, "forces/forts_gap", SHARE)
    tasks = exact(reading, "forces/regimes/joint/gap", SHARE)
    parts = [
        say("no forts cost less")
        if is_nothing(reading.number("forces/forts_gap"))
        else say("forts cost within {gap} of the least", gap=forts),
        say("no sharing is cheaper")
        if is_nothing(reading.number("forces/regimes/joint/gap"))
        else say("sharing costs within {gap} of the least", gap=tasks),
    ]
    if reading.has("forces/programme/all_covered"):
        order = exact(reading, "forces/programme/gap", SHARE)
        parts.append(
            say("no order of building loses less")
            if is_nothing(reading.number("forces/programme/gap"))
            else say("the order of building loses within {gap} of the least", gap=order)
        )
    return say("It is proved how good each choice is: {list}.", list=joined(parts))


def underpriced(reading: Reading) -> bool:
    """Whether the forts take more men than the upper end of what the line’s price counts."""
    if not (reading.has("forces/men") and reading.has("works/men_paid/high")):
        return False
    return reading.number("forces/men") > reading.number("works/men_paid/high")


def change(reading: Reading) -> tuple[str, ...]:
    """Say what would change it: men, what is short, the line, what no table has."""
    tried = "forces/men_tried"
    said = [
        say(
            "Tried with {low} to {high} of the men that the states have, {cases} numbers: each "
            "alone falls short in {alone}, together in {joint}.",
            low=exact(reading, f"{tried}/low", SHARE),
            high=exact(reading, f"{tried}/high", SHARE),
            cases=exact(reading, f"{tried}/cases", COUNT),
            alone=_some(reading, f"{tried}/short/alone"),
            joint=_some(reading, f"{tried}/short/joint"),
        )
    ]
    if reading.number("forces/raise_usd_yr/high") > 0:
        said.append(
            say(
                "To raise what is short together would take {usd}.",
                usd=ranged(reading, "forces/raise_usd_yr", DOLLARS_YEAR),
            )
        )
    if reading.at("illustration") and not aimed(reading):
        said.append(
            say(
                "The line is an illustration, {length} long: on a longer one more is asked of the "
                "states, and sharing can gain more.",
                length=exact(reading, "line_km", KM),
            )
        )
    unknown = len(reading.at("forces/unknown") or ())
    if unknown:
        said.append(
            say(
                "{count} limits are not known and therefore not set: the chapter names them at "
                "its end.",
                count=figure(unknown, COUNT),
            )
        )
    else:
        said.append(
            say(
                "Will, command and the worth of men are in no table: a state that does not send "
                "what it has, or sends it elsewhere, undoes the sharing."
            )
        )
    return tuple(said)


def _some(reading: Reading, path: str) -> str:
    """Say in how many of the numbers that were tried."""
    if reading.number(path) == 0:
        return say("none of them")
    return say("{count} of them", count=exact(reading, path, COUNT))
