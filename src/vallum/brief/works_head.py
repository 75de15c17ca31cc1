"""The head of the chapter "works": with what a line would be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from vallum.brief import works_doubts as doubts
from vallum.brief.figures import DOLLARS_YEAR, KM, NUMBER, SHARE, Unit, exact, ranged
from vallum.brief.head import Head
from vallum.brief.language import say
from vallum.brief.page_text import THIN, between, plain
from vallum.brief.works_names import with_article
from vallum.brief.works_standard import standard_met

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vallum.brief.figures import Reading

__all__ = ["head"]

_LAND = "works/land"
_SPACING = Unit(lambda km: f"{plain(km)}{THIN}km", lambda low, high: f"{between(low, high)} km")
_SAND, _ROCK = (f"{_LAND}/surfaces/{name}/as_claimed" for name in ("sand", "rock"))


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
    if not reading.has(_LAND):
        nothing = say("With nothing: no lawful works can stand on the members’ land.")
        return Head(_claim(reading), (nothing,), doubts.sure(), doubts.change(reading))
    return Head(
        _claim(reading),
        (_answer(reading), _stands(reading), _price(reading), standard_met(reading)),
        doubts.sure(),
        doubts.change(reading),
    )


def _claim(reading: Reading) -> str:
    if not reading.at("threat/claim/stated"):
        return say("No proposal states what a line would be built of here.")
    return say(
        "A line of sand where there is sand and of stone where there is stone, with forts, and "
        "with mines."
    )


def _answer(reading: Reading) -> str:
    """Say whether it would be built as claimed, and what that stops."""
    stops = ranged(reading, f"{_LAND}/effect", SHARE)
    if not (reading.at("threat/claim/stated") and reading.has(_SAND) and reading.has(_ROCK)):
        return say(
            "Mostly with {barriers}, with forts and never with mines: that stops {stops} of those "
            "who try to cross.",
            barriers=_together(reading.at(f"{_LAND}/barriers/0/texts")),
            stops=stops,
        )
    values = {
        "sand": exact(reading, _SAND, SHARE),
        "rock": exact(reading, _ROCK, SHARE),
        "stops": stops,
    }
    if min(reading.number(_SAND), reading.number(_ROCK)) > 0.5:
        return say(
            "Sand on {sand} of the sand and stone on {rock} of the rock, as claimed, with forts "
            "but never mines: that stops {stops} of those who try to cross.",
            **values,
        )
    return say(
        "Not all as claimed: sand on {sand} of the sand, stone on {rock} of the rock, and mines "
        "never. That stops {stops} of those who try to cross.",
        **values,
    )


def _stands(reading: Reading) -> str:
    """Say what stands on most of the land, how it is watched, and how far apart forts are."""
    return Markup(" ").join((_barriers(reading), _manned(reading)))


def _barriers(reading: Reading) -> str:
    barriers = reading.at(f"{_LAND}/barriers")
    values = {
        "first": _together(barriers[0]["texts"]),
        "share": exact(reading, f"{_LAND}/barriers/0/share", SHARE),
    }
    if len(barriers) < 2:
        return say("The only barrier: {first} ({share} of the land).", **values)
    return say(
        "The commonest barriers: {first} ({share} of the land); {second} ({part}).",
        second=_together(barriers[1]["texts"]),
        part=exact(reading, f"{_LAND}/barriers/1/share", SHARE),
        **values,
    )


def _manned(reading: Reading) -> str:
    values = {
        "km": exact(reading, f"{_LAND}/fort_spacing_km", _SPACING),
        "watched": exact(reading, f"{_LAND}/sensors_share", SHARE),
    }
    if reading.at("threat/claim/stated"):
        return say(
            "Sensors, which the claim does not name, stand on {watched} of the land, and forts "
            "every {km} (the median).",
            **values,
        )
    return say(
        "Sensors stand on {watched} of the land, and forts every {km} (the median).", **values
    )


def _together(texts: Sequence[str]) -> str:
    """Name barriers that stand together."""
    names = [with_article(text) for text in texts]
    if not names:
        return say("no barrier")
    if len(names) == 1:
        return names[0]
    return say(
        "{first} and {last}, one behind the other", first=", ".join(names[:-1]), last=names[-1]
    )


def _price(reading: Reading) -> str:
    values = {
        "cost": ranged(reading, f"{_LAND}/cost_usd_km_yr", DOLLARS_YEAR),
        "men": ranged(reading, f"{_LAND}/men_paid_per_km", NUMBER),
    }
    if reading.number("works/line_km") <= 0:
        return say("A kilometre costs {cost} and takes {men} paid men, without gates.", **values)
    return say(
        "A kilometre costs {cost} and takes {men} paid men, without gates. The line of the step "
        "shown first, {km} with its gates, costs {all}.",
        km=exact(reading, "works/line_km", KM),
        all=ranged(reading, "works/cost_usd_yr", DOLLARS_YEAR),
        **values,
    )
