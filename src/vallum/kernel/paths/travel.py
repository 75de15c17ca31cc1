"""Time to travel over a grid whose cells and slopes take their time, exact."""

from __future__ import annotations

import math
from dataclasses import astuple
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.paths.buckets import Ground, Moves, Slopes, falling_below_zero, shortest
from vallum.kernel.paths.slope import SlopeLaw, chosen_law

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["travel_time"]

STRAIGHT = ((-1, 0), (0, -1), (0, 1), (1, 0))
DIAGONAL = ((-1, -1), (-1, 1), (1, -1), (1, 1))
KNIGHT = ((-2, -1), (-2, 1), (-1, -2), (-1, 2), (1, -2), (1, 2), (2, -1), (2, 1))


def travel_time(
    hours_per_km: ArrayLike,
    sources: ArrayLike,
    *,
    cell_km: float,
    elevation: ArrayLike | None = None,
    law: SlopeLaw | str | None = None,
    neighbours: int = 8,
    reverse: bool = False,
) -> NDArray[np.float64]:
    """Hours from the nearest source to each cell, by steps between neighbouring cells.

    A step takes `distance · mean(hours_per_km of the two cells)` on the level. With 16 neighbours
    there are knight's moves too: the mean is then over four cells, with the two that the move
    passes between, so it can't pass where either of them is impassable (as `r.cost -k` and
    `r.walk -k` of GRASS have it). A diagonal step passes between two impassable cells, as there.
    The answer is exact and the same bytes in whatever order the sources are given.

    Parameters
    ----------
    hours_per_km
        Shape (rows, cols): hours to cross a km of each cell's level ground. 0 or more; inf where
        the cell can't be entered.
    sources
        (row, column) pairs, shape (n, 2), or a mask of the grid's shape.
    cell_km
        Side of a cell in km.
    elevation
        Shape (rows, cols), in m. Where given, slopes count. May be anything where impassable.
    law
        A `SlopeLaw` or the name of one of `LAWS`; `"tobler"` where only elevation is given. It
        multiplies or adds to the level time, so `hours_per_km = exp(0.175) / 6` with `"tobler"`
        is Tobler's hiking function. A knight's move under a law with a `limit` also needs the
        slopes to and from both cells beside it to lie within the limit.
    neighbours
        8 or 16.
    reverse
        Give the hours from each cell *to* its nearest source instead.

    Returns
    -------
    hours
        Shape (rows, cols); 0 at sources, inf where no way leads.

    Raises
    ------
    InputError
        A grid is not two-dimensional, differs in shape, or holds NaN or negative hours; sources
        are none, outside the grid or impassable; the law is not known, has no elevation, or makes
        a step shorter than no time. Names every fault found.

    Examples
    --------
    >>> travel_time([[1.0, 1.0, 3.0]], [(0, 0)], cell_km=2.0).tolist()
    [[0.0, 2.0, 6.0]]
    """
    faults: list[Fault] = []
    level = _grid("hours_per_km", hours_per_km, faults)
    height = None if elevation is None else _grid("elevation", elevation, faults)
    chosen = chosen_law(law, faults, sloped=elevation is not None)
    faults += _setting_faults(cell_km, neighbours)
    starts: NDArray[np.int64] | None = None
    if level is not None:
        starts = _sources(sources, level, faults)
        faults += _level_faults(level)
        if height is not None:
            faults += _height_faults(height, level)
    if faults or level is None or starts is None:
        raise InputError(faults)

    reach = 1 if neighbours == 8 else 2
    padded = (level.shape[0] + 2 * reach, level.shape[1] + 2 * reach)
    inside = (slice(reach, -reach), slice(reach, -reach))
    half = np.full(padded, math.inf)
    np.divide(level, 2.0, out=half[inside])
    ground = Ground(half.ravel(), half.ravel() if height is None else _laid(height, padded, inside))
    moves = _moves(padded[1], cell_km, neighbours, reverse=reverse)
    slopes = Slopes(*(float(number) for number in astuple(chosen)))
    sloped = height is not None and chosen != SlopeLaw()
    if sloped:
        _refuse_gains(chosen, ground, moves, padded[1])
    hours = np.full(padded, -1.0)
    hours[inside] = math.inf
    flat = (starts[:, 0] + reach) * padded[1] + starts[:, 1] + reach
    shortest(hours.ravel(), flat, ground, moves, slopes, sloped, _width(level) * cell_km)
    return hours[inside].copy()


def _laid(
    height: NDArray[np.float64], padded: tuple[int, int], inside: tuple[slice, slice]
) -> NDArray[np.float64]:
    """Elevation with a margin, flat."""
    wide = np.zeros(padded)
    wide[inside] = height
    return wide.ravel()


def _moves(columns: int, cell_km: float, neighbours: int, *, reverse: bool) -> Moves:
    """List the moves on a padded grid of so many columns."""
    steps = np.array(STRAIGHT + DIAGONAL + (KNIGHT if neighbours == 16 else ()))
    # A knight's move goes one cell straight along its longer side, or one diagonally.
    beside = np.stack([np.where(np.abs(steps) == 2, steps // 2, 0), np.sign(steps)], axis=1)
    beside[:8] = 0
    length = np.sqrt((steps**2).sum(axis=1)) * cell_km
    flat = np.array([columns, 1])
    return Moves(
        shift=(steps @ flat).astype(np.int64),
        beside=(beside @ flat).astype(np.int64),
        length_km=length,
        per_m=(-1.0 if reverse else 1.0) / (1000.0 * length),
    )


def _width(level: NDArray[np.float64]) -> float:
    """Find the width of a bucket per km of cell side: a step on ground as cheap as the best tenth.

    Measured: from half to twice this makes little difference on rough, smooth and even ground.
    """
    sample = level.ravel()[:: max(1, level.size // 10_000)]
    sample = sample[np.isfinite(sample) & (sample > 0)]
    return max(float(np.quantile(sample, 0.1)), 1e-200) if sample.size else 1.0


def _refuse_gains(law: SlopeLaw, ground: Ground, moves: Moves, columns: int) -> None:
    """Refuse a law that makes a step on this ground shorter than no time."""
    if not law.adds or float(ground.half.min()) * 2 > law.safe_hours_per_km * (1 + 1e-9):
        return
    cells = np.flatnonzero(np.isfinite(ground.half))
    bad = falling_below_zero(cells, ground, moves, Slopes(*map(float, astuple(law))))
    if bad >= 0:
        reach = 1 if moves.shift.size == 8 else 2
        row, column = divmod(bad, columns)
        raise InputError(
            [
                Fault(
                    "law",
                    f"row {row - reach}, column {column - reach}",
                    "a step from it takes less than no time (to it, where reversed)",
                    "lower the seconds that descents gain, or raise hours_per_km",
                )
            ]
        )


def _grid(name: str, given: ArrayLike, faults: list[Fault]) -> NDArray[np.float64] | None:
    """Read a grid of numbers, or note a fault."""
    if np.ma.isMaskedArray(given):
        faults.append(Fault(name, "", "a masked array", "fill it: inf is impassable"))
        return None
    try:
        grid = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        faults.append(Fault(name, "", "no grid of numbers", "give rows of numbers"))
        return None
    if grid.ndim != 2 or not grid.size:
        faults.append(Fault(name, "", f"an array of shape {grid.shape}", "give (rows, cols)"))
        return None
    return grid


def _first(wrong: NDArray[np.bool_]) -> str:
    row, column = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return f"{int(wrong.sum())} cells, the first at row {row}, column {column}"


def _level_faults(level: NDArray[np.float64]) -> list[Fault]:
    # two sums that fail only where a cell is at fault, before any mask is made
    if float(level.min()) >= 0:
        return []
    nan = np.isnan(level)
    faults = []
    if nan.any():
        faults.append(Fault("hours_per_km", _first(nan), "NaN", "give inf where impassable"))
    negative = level < 0
    if negative.any():
        faults.append(Fault("hours_per_km", _first(negative), "less than 0", "give 0 or more"))
    return faults


def _height_faults(height: NDArray[np.float64], level: NDArray[np.float64]) -> list[Fault]:
    if height.shape != level.shape:
        found = f"shape {height.shape}, where hours_per_km has {level.shape}"
        return [Fault("elevation", "", found, "give both on one grid")]
    wrong = ~np.isfinite(height) & np.isfinite(level)
    if wrong.any():
        mend = "fill it, or make those cells impassable (inf in hours_per_km)"
        return [Fault("elevation", _first(wrong), "not a finite number", mend)]
    return []


def _setting_faults(cell_km: object, neighbours: object) -> list[Fault]:
    faults = []
    if not (isinstance(cell_km, Real) and 0 < float(cell_km) < math.inf):
        faults.append(Fault("cell_km", "", f"{cell_km!r}", "give a finite length above 0"))
    if neighbours not in (8, 16):
        faults.append(Fault("neighbours", "", f"{neighbours}", "give 8 or 16"))
    return faults


def _sources(
    given: ArrayLike, level: NDArray[np.float64], faults: list[Fault]
) -> NDArray[np.int64] | None:
    """Read the sources as (row, column) pairs, all inside and passable, or note faults."""
    mend = "give (row, column) pairs of whole numbers, or a mask of the grid's shape"
    try:
        found = np.asarray(given)
    except ValueError:
        faults.append(Fault("sources", "", "no array", mend))
        return None
    if found.dtype == np.bool_:
        if found.shape != level.shape:
            faults.append(Fault("sources", "", f"a mask of shape {found.shape}", mend))
            return None
        found = np.argwhere(found)
    if not found.size:
        faults.append(Fault("sources", "", "none", "give at least one cell"))
        return None
    if found.ndim != 2 or found.shape[1] != 2 or found.dtype.kind not in "iu":
        said = f"an array of {found.dtype} of shape {found.shape}"
        faults.append(Fault("sources", "", said, mend))
        return None
    outside = ((found < 0) | (found >= np.array(level.shape))).any(axis=1)
    if outside.any():
        row, column = found[outside.argmax()]
        place = f"{outside.sum()} of {len(found)}, the first at row {row}, column {column}"
        faults.append(Fault("sources", place, f"outside the grid of {level.shape}", mend))
    kept = found[~outside].astype(np.int64)
    shut = np.isposinf(level[kept[:, 0], kept[:, 1]])
    if shut.any():
        row, column = kept[shut.argmax()]
        place = f"{shut.sum()} of {len(found)}, the first at row {row}, column {column}"
        faults.append(Fault("sources", place, "impassable", "give cells that can be entered"))
    return kept
