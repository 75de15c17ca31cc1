"""The head of the chapter "works": with what a line would be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief import works_doubts as doubts
from vallum.brief.figures import DOLLARS_YEAR, KM, NUMBER, SHARE, Unit, exact, ranged
from vallum.brief.head import Head
from vallum.brief.language import say
from vallum.brief.page_text import THIN, between, plain
from vallum.brief.works_names import of_surface, with_article

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
        (_answer(reading), _stands(reading), _price(reading), _standard(reading)),
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
    barriers = reading.at(f"{_LAND}/barriers")
    values = {
        "first": _together(barriers[0]["texts"]),
        "share": exact(reading, f"{_LAND}/barriers/0/share", SHARE),
        "km": exact(reading, f"{_LAND}/fort_spacing_km", _SPACING),
        "watched": exact(reading, f"{_LAND}/sensors_share", SHARE),
    }
    if len(barriers) < 2:
        return say(
            "The commonest barrier: {first} ({share} of the land). Sensors stand on {watched} of "
            "it, which the claim does not name, and forts every {km} (the median).",
            **values,
        )
    return say(
        "The commonest barriers: {first} ({share} of the land); {second} ({part}). Sensors stand "
        "on {watched} of it, which the claim does not name, and forts every {km} (the median).",
        second=_together(barriers[1]["texts"]),
        part=exact(reading, f"{_LAND}/barriers/1/share", SHARE),
        **values,
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


def _standard(reading: Reading) -> str:
    """Say where the standard is met, and what is stopped where it isn't."""
    if reading.at("works/rule") != "one":
        return say(
            "The planner asked for the works that cost least together with the losses that come "
            "through: no one standard is asked for."
        )
    met = exact(reading, f"{_LAND}/standard_met_share", SHARE)
    if reading.at("settings/works/standards"):
        return say("Each part’s own standard is met on {met} of the land.", met=met)
    standard = exact(reading, "works/standard", SHARE)
    short = _short(reading)
    if not short:
        return say(
            "The standard asked for, {standard} stopped, is met on {met} of the land.",
            standard=standard,
            met=met,
        )
    values = {"standard": standard, "met": met, "where": _joined(short)}
    if reading.at("settings/works/where_short") == "avoid":
        return say(
            "The standard asked for, {standard} stopped, is met on {met} of the land. No lawful "
            "works meet it on {where}, and no line stands there.",
            **values,
        )
    return say(
        "The standard asked for, {standard} stopped, is met on {met} of the land. No lawful works "
        "meet it on {where}; there those that stop most are used, and the line is no stronger "
        "than they are.",
        **values,
    )


def _short(reading: Reading) -> list[str]:
    """Name the surfaces on which the standard is not met, with the part of each."""
    out = []
    for name in reading.at(f"{_LAND}/surfaces"):
        path = f"{_LAND}/surfaces/{name}"
        if not reading.at(f"{path}/short_share"):
            continue
        part = exact(reading, f"{path}/short_share", SHARE)
        if reading.has(f"{path}/stops"):
            least = exact(reading, f"{path}/stops/low", SHARE)
            out.append(
                say(
                    "{part} {surface} (they stop as little as {least})",
                    part=part,
                    surface=of_surface(name),
                    least=least,
                )
            )
        else:
            out.append(say("{part} {surface}", part=part, surface=of_surface(name)))
    return out


def _joined(texts: Sequence[str]) -> str:
    """Join marked up texts."""
    before = texts[0]
    for text in texts[1:-1]:
        before = say("{first}, {next}", first=before, next=text)
    return before if len(texts) < 2 else say("{first} and {last}", first=before, last=texts[-1])
