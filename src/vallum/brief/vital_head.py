"""The head of the chapter on what is vital: how closely people and output are gathered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.figures import DOLLARS_YEAR, NUMBER, PEOPLE, SHARE, exact, ranged
from vallum.brief.first import members
from vallum.brief.head import Head
from vallum.brief.language import named, say

if TYPE_CHECKING:
    from vallum.brief.figures import Reading

__all__ = ["head"]

_ALL = "worth/states/all"


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
    claim = say(
        "The states should secure their vital territory, where their people and economy are, and "
        "stop trying to hold empty desert."
    )
    return Head(claim, _found(reading), _sure(reading), _change())


def _found(reading: Reading) -> tuple[str, ...]:
    output, people = f"{_ALL}/output_land", f"{_ALL}/people_land"
    texts = [
        say(
            "The land of {members} is worth very unequally: half of the output lies on {half} of "
            "it, and four fifths on {most}.",
            members=members(reading),
            half=ranged(reading, f"{output}/50", SHARE),
            most=ranged(reading, f"{output}/80", SHARE),
        ),
        say(
            "Half of the {people} people live on {half} of the land, four fifths on {most}. To "
            "leave the emptiest land out is sound; but {last} is needed to have nineteen in twenty "
            "of them inside, and a line must go round all of it.",
            people=exact(reading, f"{_ALL}/people", PEOPLE),
            half=exact(reading, f"{people}/50/mid", SHARE),
            most=exact(reading, f"{people}/80/mid", SHARE),
            last=exact(reading, f"{people}/95/mid", SHARE),
        ),
    ]
    names = reading.at("names")
    texts += [
        say(
            "{state}: {people} people and {output} of output; half of it on {half} of the land.",
            state=named(str(names[iso3])),
            people=exact(reading, f"worth/states/{iso3}/people", PEOPLE),
            output=exact(reading, f"worth/states/{iso3}/output_usd_yr", DOLLARS_YEAR),
            half=ranged(reading, f"worth/states/{iso3}/output_land/50", SHARE),
        )
        for iso3 in reading.at("members")
    ]
    return tuple(texts)


def _sure(reading: Reading) -> tuple[str, ...]:
    return (
        say(
            "People and national output are the statistics’ own totals: exact here, "
            "and as good as their source. Where output lies within a state is a model’s: farming "
            "follows country people on farmable ground, mines and works stand at their sites, the "
            "rest follows people, a townsman counting {premium} times a villager.",
            premium=ranged(reading, "worth/premium", NUMBER),
        ),
        say(
            "Shares of land are counted on cells of {cell} km; smaller cells give smaller shares.",
            cell=exact(reading, "cell_km", NUMBER),
        ),
    )


def _change() -> tuple[str, ...]:
    return (
        say(
            "A measured map of output, or a census by commune, would replace the model; a mine or "
            "an irrigation scheme that is missing among the sites would move vital land to it. "
            "What people are worth is never turned into dollars: a line may be drawn for people "
            "instead."
        ),
    )
