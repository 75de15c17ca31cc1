"""What of the ground is in sight from a place, over a curved earth.

The ground is a surface through the middles of the cells. At the corner where four cells meet it
is at their mean height; inside a cell, the slope at which the eye sees it runs linearly with the
direction from the middle to the two corners that bound the cell as seen from the eye (the rule of
GRASS's r.viewshed). A cell is in sight if no cell nearer to the eye that the line of sight crosses
is seen at a steeper slope than its target.
"""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.horizon import look

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["EARTH_M", "RADAR", "horizon_km", "viewshed"]

EARTH_M = 6_371_008.8  # mean radius, m: GRS 1980, https://epsg.io/104047.geoserver
# refraction that makes the earth 4/3 as large: http://www.atis.org/glossary/definition.aspx?id=2547
RADAR = 0.25


def horizon_km(
    observer_m: float, target_m: float, *, earth: float = EARTH_M, refraction: float = 1 / 7
) -> float:
    """Give the distance at which flat ground hides a target, km.

    `√(2 R' h₁) + √(2 R' h₂)` with `R' = earth / (1 − refraction)`: each sight line grazes the
    ground. With `refraction=RADAR` this is 4.12 (√h₁ + √h₂), h in m.

    Parameters
    ----------
    observer_m, target_m
        Heights above the ground, m.
    earth
        Radius, m.
    refraction
        Share of the curvature that the bending of rays undoes, below 1.

    Examples
    --------
    >>> round(horizon_km(10.0, 2.0, refraction=RADAR), 1)
    18.9
    """
    wide = 2 * earth / (1 - refraction)
    return (math.sqrt(wide * observer_m) + math.sqrt(wide * target_m)) / 1000


def viewshed(  # noqa: PLR0913  (all but the first two are named)
    elevation: ArrayLike,
    cell_m: float,
    *,
    row: int,
    col: int,
    observer_m: float,
    target_m: float,
    max_m: float | None = None,
    earth: float = EARTH_M,
    refraction: float = 1 / 7,
) -> NDArray[np.bool_]:
    """Tell which cells are in sight from a cell.

    At distance d the ground falls away by `d² (1 − refraction) / (2 earth)`. A cell counts as in
    sight where a target at its middle is; the eye's own cell always is.

    Parameters
    ----------
    elevation
        Shape (rows, cols), m, no NaN: give the sea its level.
    cell_m
        Side of a cell, m.
    row, col
        The eye's cell.
    observer_m, target_m
        Heights of eye and target above the ground, m; 0 or more.
    max_m
        Distance beyond which nothing is seen, m; None for no such limit.
    earth
        Radius, m; inf for a flat earth.
    refraction
        Share of the curvature that the bending of rays undoes: 1/7 for light (as r.viewshed has
        it), `RADAR` for radar; 0 for none, at most 1.

    Returns
    -------
    seen
        Shape (rows, cols).

    Raises
    ------
    InputError
        The elevation is no grid of finite numbers, the cell lies outside it, or another figure is
        outside its range. Names every fault found.

    Examples
    --------
    >>> viewshed([[0, 50, 0, 140]], 1000, row=0, col=0, observer_m=10, target_m=0).tolist()
    [[True, True, False, True]]
    """
    faults: list[Fault] = []
    ground = _grid(elevation, faults)
    faults += _faults(cell_m, observer_m, target_m, max_m, earth, refraction)
    if ground is not None:
        faults += _place_faults(ground.shape, row, col)
    if faults or ground is None:
        raise InputError(faults)
    here = (int(row), int(col))
    fall = (1 - float(refraction)) / (2 * float(earth)) * float(cell_m) ** 2
    far = math.inf if max_m is None else float(max_m) / float(cell_m)
    eye = float(ground[here]) + float(observer_m)
    return look(ground, here, eye, float(target_m), fall, far)


def _grid(given: ArrayLike, faults: list[Fault]) -> NDArray[np.float64] | None:
    """Read the elevation, or note a fault."""
    if np.ma.isMaskedArray(given):
        faults.append(Fault("elevation", "", "a masked array", "fill it: the sea at its level"))
        return None
    try:
        grid = np.ascontiguousarray(given, np.float64)
    except (TypeError, ValueError):
        faults.append(Fault("elevation", "", "no grid of numbers", "give rows of numbers"))
        return None
    if grid.ndim != 2 or not grid.size:
        faults.append(
            Fault("elevation", "", f"an array of shape {grid.shape}", "give (rows, cols)")
        )
        return None
    wrong = ~np.isfinite(grid)
    if wrong.any():
        at = np.unravel_index(int(wrong.argmax()), grid.shape)
        place = f"{int(wrong.sum())} cells, the first at row {at[0]}, column {at[1]}"
        faults.append(Fault("elevation", place, "not finite", "fill it: the sea at its level"))
        return None
    return grid


def _number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _faults(
    cell_m: object,
    observer_m: object,
    target_m: object,
    max_m: object,
    earth: object,
    refraction: object,
) -> list[Fault]:
    """Find figures outside their range."""
    lengths = {"cell_m": cell_m, "earth": earth} | ({} if max_m is None else {"max_m": max_m})
    faults = [
        Fault(name, "", repr(value), "give a length above 0, m")
        for name, value in lengths.items()
        if not (_number(value) and float(value) > 0)  # type: ignore[arg-type]
        or (name == "cell_m" and value == math.inf)
    ]
    faults += [
        Fault(name, "", repr(value), "give a finite height of 0 or more, m")
        for name, value in (("observer_m", observer_m), ("target_m", target_m))
        if not (_number(value) and 0 <= float(value) < math.inf)  # type: ignore[arg-type]
    ]
    if not (_number(refraction) and 0 <= float(refraction) <= 1):  # type: ignore[arg-type]
        faults.append(Fault("refraction", "", repr(refraction), "give a share from 0 to 1"))
    return faults


def _place_faults(shape: tuple[int, ...], row: object, col: object) -> list[Fault]:
    return [
        Fault(name, "", repr(value), f"give a whole number from 0 to {size - 1}")
        for name, value, size in (("row", row, shape[0]), ("col", col, shape[1]))
        if not (isinstance(value, Integral) and 0 <= int(value) < size)
    ]
