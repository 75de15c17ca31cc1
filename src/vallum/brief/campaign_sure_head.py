"""The head of the chapter on the campaign: how sure it is, and what would change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.campaign_names import CHANGE, land_name, means_name
from vallum.brief.figures import COUNT, KM, SHARE, UNKNOWN, exact, range_of, ranged
from vallum.brief.forces_when_head import month
from vallum.brief.language import say

if TYPE_CHECKING:
    from markupsafe import Markup

    from vallum.brief.figures import Reading

__all__ = ["change", "fall", "moved", "sure"]


def sure(reading: Reading, at: str) -> tuple[str, ...]:
    """Say how sure the answer is.

    Parameters
    ----------
    reading
        The record.
    at
        Path of the case.
    """
    said = [
        *_when(reading, at),
        say(
            "Ranges are over {draws} draws of all assumptions, each a history of its own, played "
            "with the line and with nothing by the same chances.",
            draws=exact(reading, f"{at}/played/draws", COUNT),
        ),
        say(
            "It can’t be tested on this ground, where no such line has stood. Of {all} published "
            "effects of real lines {count} lie in our range: it does "
            "not reproduce the others, on other ground and for other lines.",
            all=exact(reading, f"{at}/agree/of", COUNT),
            count=exact(reading, f"{at}/agree/count", COUNT),
        ),
    ]
    if reading.has("campaign/assumptions"):
        said.append(
            say(
                "How groups choose, learn and recruit, and what an attack costs, rests on {all} "
                "figures; {judgement} of them are judgements, in whole or in part.",
                all=exact(reading, "campaign/assumptions/all", COUNT),
                judgement=exact(reading, "campaign/assumptions/judgement", COUNT),
            )
        )
    return tuple(said)


def _when(reading: Reading, at: str) -> list[str]:
    """Say of when it is: once all of the line is covered, which may be long from now."""
    begins = reading.at(f"{at}/phases/-1/begins") if reading.at(f"{at}/phases") else None
    if not begins:
        return []
    return [
        say(
            "All this is of the years once the whole line is covered, by the programme from "
            "{month}; until then less of it stands.",
            month=month(str(begins)),
        )
    ]


def change(reading: Reading, at: str) -> tuple[str, ...]:
    """Say what would change it: where attackers come from, other means, the leakiest part.

    Parameters
    ----------
    reading
        The record.
    at
        Path of the case.
    """
    where_from = _where_from(reading, at)
    modelled = "threat/share_from_outside_modelled"
    if reading.has(f"{modelled}/mid"):
        where_from += " " + say(
            "The model’s own geography gives {share}; nobody has counted.",
            share=ranged(reading, modelled, SHARE),
        )
    return (where_from, *_money(reading, at), *_leak(reading, at))


def _where_from(reading: Reading, at: str) -> str:
    """Say how many would have to come from outside for the line to halve attacks."""
    share = ranged(reading, "threat/share_from_outside", SHARE)
    path = f"{at}/outside_share_to_halve"
    if not reading.has(path):
        return say(
            "The share of attacks that comes from outside decides, and is assumed: {share}. In "
            "some draws even attacks from outside do not fall, so that no share would make this "
            "line halve all attacks.",
            share=share,
        )
    if reading.number(f"{path}/mid") > 1:
        return say(
            "The share of attacks that comes from outside decides, and is assumed: {share}. For "
            "this line to halve attacks it would have to be above the whole ({needed}): it can’t.",
            share=share,
            needed=ranged(reading, path, SHARE),
        )
    return say(
        "The share of attacks that comes from outside decides, and is assumed: {share}. For this "
        "line to halve attacks it would have to be {needed}.",
        share=share,
        needed=ranged(reading, path, SHARE),
    )


def _money(reading: Reading, at: str) -> list[str]:
    """Say what the same money would do otherwise."""
    best = f"{at}/best_otherwise/held"
    if not reading.has(f"{best}/change"):
        return []
    figures = {
        "means": means_name(str(reading.at(f"{best}/means"))),
        "change": moved(reading, best),
    }
    if reading.at(f"{best}/more"):
        return [
            say(
                "The same money otherwise: spent on {means}, attacks on the same land would change "
                "by {change}, more than by the line.",
                **figures,
            )
        ]
    return [
        say(
            "The same money otherwise: of what was tried {means} does most, and no more than the "
            "line: attacks on the same land would change by {change}.",
            **figures,
        )
    ]


def _leak(reading: Reading, at: str) -> list[str]:
    """Say where most get through; only parts that are long enough to be told are in the record."""
    leaks = reading.at(f"{at}/leaks")
    if not leaks:
        return []
    names = reading.at("names") or {}
    open_ = [n for n, row in enumerate(leaks) if row["kind"] == "flank"]
    shut = [n for n in range(len(leaks)) if n not in open_]
    through = [sum(leaks[n]["through"] for n in some) for some in (open_, shut)]
    # flanks are told by country and the line by its parts, so that sums are compared
    round_it = bool(open_) and (not shut or through[0] > through[1])
    first = f"{at}/leaks/{(open_ if round_it else shut)[0]}"
    if not reading.has(f"{first}/leakage"):
        return []
    if round_it:
        return [
            say(
                "Most get round it where no line stands (in front: {land}). A line there, or a "
                "neighbour who watches, would change that.",
                land=land_name(reading.at(f"{first}/facing"), names),
            )
        ]
    figures = {
        "length": exact(reading, f"{first}/length_km", KM),
        "share": _leakage(reading, first),
    }
    low, high = (reading.number(f"{first}/{key}") for key in ("leakage_low", "leakage_high"))
    if high - low > UNKNOWN:
        return [
            say(
                "Where most get through, a part of {length}, what share of those who try do is all "
                "but unknown: {share}. Better works there would change it until they find another "
                "way.",
                **figures,
            )
        ]
    return [
        say(
            "Where most get through, a part of {length}, {share} of those who try do. Better works "
            "there would change that until they find another way.",
            **figures,
        )
    ]


def _leakage(reading: Reading, first: str) -> Markup:
    low, mid, high = (
        reading.number(f"{first}/{key}") for key in ("leakage_low", "leakage", "leakage_high")
    )
    return range_of(low, mid, high, SHARE)


def moved(reading: Reading, row: str) -> Markup:
    """Write a change with its range."""
    low, mid, high = (
        reading.number(f"{row}/{key}") for key in ("change_low", "change", "change_high")
    )
    return range_of(low, mid, high, CHANGE)


def fall(reading: Reading, row: str) -> Markup:
    """Write a change that is a fall in all of its range, without its sign."""
    low, mid, high = (
        -reading.number(f"{row}/{key}") for key in ("change_high", "change", "change_low")
    )
    return range_of(low, mid, high, SHARE)
