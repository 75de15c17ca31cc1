"""Two small maps of works: what would stand on the members' land, and what a kilometre costs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vallum.brief.page_text import percent, plain
from vallum.brief.threat_sheet import Layer, layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.brief.threat_sheet import Sheet
    from vallum.brief.works_kinds import Kinds
    from vallum.plan import Plan

__all__ = ["families", "prices"]

# sequential colours of ColorBrewer (Brewer & Harrower), told apart by lightness alone
_REDS = ("#fff5eb", "#fdd3a8", "#fdae6b", "#f0701b", "#b93d02", "#6b2302")
_STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)  # round bounds of classes, times a power of ten


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
    bounds = tuple(n + 0.5 for n in range(len(found.families) - 1)) or (0.5,)
    colours = [each.colour for each in found.families]
    colours += colours[: len(bounds) + 1 - len(colours)]
    drawn = layer(_members(plan, values), (bounds, tuple(colours)), paper, plan.theatre)
    names = tuple(
        (each.colour, f"{each.name}, {percent(each.share)}")
        for each in found.families
        if each.share > 0
    )
    return Layer(drawn.picture, drawn.place, names, drawn.blank)


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
    shown = _members(plan, values)
    return layer(shown, (_bounds(shown), _REDS), paper, plan.theatre)


def _members(plan: Plan, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep what is on the members' land."""
    return np.where(plan.theatre.member_mask, values, np.nan)


def _bounds(values: NDArray[np.float64], count: int = 5) -> tuple[float, ...]:
    """Give round bounds of classes that spread over the values.

    Quantiles, each rounded to a round number; where few values differ, bounds above them.
    """
    known = values[np.isfinite(values) & (values > 0)]
    if known.size == 0:
        return tuple(float(n) for n in range(1, count + 1))
    wanted = np.quantile(known, np.linspace(0.0, 1.0, count + 2)[1:-1]).tolist()
    bounds: list[float] = []
    for value in wanted:
        bound = _round(max(value, bounds[-1] * 1.01 if bounds else 0.0))
        bounds.append(bound if not bounds or bound > bounds[-1] else _round(bounds[-1] * 1.2))
    return tuple(bounds)


def _round(value: float) -> float:
    """Round up to the next round number of two digits at most."""
    power = 10.0 ** math.floor(math.log10(value) + 1e-12)
    step = next((n for n in _STEPS if n * power >= value * (1 - 1e-9)), 10.0)
    return float(plain(step * power, 2).replace("\u202f", ""))
