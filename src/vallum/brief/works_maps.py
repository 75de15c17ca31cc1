"""Two small maps of works: what would stand on the members' land, and what a kilometre costs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vallum.brief import look
from vallum.brief.language import say
from vallum.brief.page_text import percent
from vallum.brief.threat_sheet import Layer, layer, named

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.brief.threat_sheet import Sheet
    from vallum.brief.works_kinds import Kinds
    from vallum.plan import Plan

__all__ = ["families", "prices"]

_STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0)  # between bounds, times a power of ten
_BEYOND, _NO_LINE = look.NOTHING, look.SOFT  # no member's land; where no line may stand
_TOP = 1e12  # above all values


def families(plan: Plan, found: Kinds, paper: Sheet) -> Layer:
    """Draw the barriers that would stand on each cell of the members' land.

    Parameters
    ----------
    plan
        To draw.
    found
        Families with their colours.
    paper
        The sheet.

    Returns
    -------
    Layer
        Classes are the families; other states' ground and open water have none.
    """
    family = np.array([row.family for row in found.rows], np.float64)
    codes = plan.works.composition
    values = np.where(codes >= 0, family[np.maximum(codes, 0)], np.nan)
    bounds = tuple(n + 0.5 for n in range(len(found.families) - 1))
    names = [f"{each.name}, {percent(each.share)}" for each in found.families]
    drawn = _drawn(plan, values, (bounds, tuple(each.colour for each in found.families)), paper)
    kept = [
        (each.colour, name)
        for each, name in zip(found.families, names, strict=True)
        if each.share > 0
    ]
    return replace(drawn, classes=(*kept, *_none(plan)))


def prices(plan: Plan, paper: Sheet) -> Layer:
    """Draw what a kilometre of line would cost, in thousand USD per km and year.

    Parameters
    ----------
    plan
        To draw.
    paper
        The sheet.

    Returns
    -------
    Layer
        Gates are in it.
    """
    values = np.where(plan.works.composition >= 0, plan.works.closure_usd_km_yr / 1000.0, np.nan)
    bounds = _bounds(values[plan.theatre.member_mask & plan.works.buildable])
    drawn = _drawn(plan, values, (bounds, look.MONEY), paper)
    return replace(drawn, classes=(*zip(look.MONEY, named(bounds), strict=True), *_none(plan)))


def _drawn(
    plan: Plan,
    values: NDArray[np.float64],
    scale: tuple[tuple[float, ...], tuple[str, ...]],
    paper: Sheet,
) -> Layer:
    """Draw values in classes, with one below them for others' land and one above for no line."""
    bounds, colours = scale
    water = ~np.isfinite(values) & ~plan.works.barren
    own = np.where((plan.works.buildable & ~plan.works.barren) | water, values, _TOP)
    shown = np.where(plan.theatre.member_mask, own, -1.0)
    wide = ((-0.5, *bounds, _TOP / 2.0), (_BEYOND, *colours, _NO_LINE))
    return layer(shown, wide, paper, plan.theatre)


def _none(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Name the class where no line may stand, and why, if there is such land."""
    member, works = plan.theatre.member_mask, plan.works
    short = member & (works.composition >= 0) & ~works.buildable
    why = [
        text
        for text, here in (
            (say("nothing lawful meets the standard"), short),
            (say("no post can stand on ground this steep"), member & works.barren),
        )
        if here.any()
    ]
    return ((_NO_LINE, say("no line: {why}", why=say(", or ").join(why))),) if why else ()


def _bounds(values: NDArray[np.float64], count: int = 5) -> tuple[float, ...]:
    """Give bounds of classes at equal, round steps, over all but the few lowest and highest."""
    known = values[np.isfinite(values)]
    if known.size == 0:
        return tuple(float(n) for n in range(1, count + 1))
    low, high = (float(end) for end in np.quantile(known, (0.02, 0.98)))
    rough = (high - low) / count if high > low * 1.05 else max(low, 1.0) / 10.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(n for n in _STEPS if n * power >= rough * (1 - 1e-9))
    first = step * (math.floor(low / step) + 1)
    return tuple(round(first + n * step, 6) for n in range(count))
