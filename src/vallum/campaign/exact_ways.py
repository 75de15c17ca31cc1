"""Single least-risk ways in, on the ground. They are never to be published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.paths import travel_time

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.campaign.model import World
    from vallum.campaign.world_hours import Field

__all__ = ["least_hours", "way_of"]

_SAME = 1e-9  # relative: sums of the same steps in another order


def way_of(
    world: World, row: pd.Series, over: Field, held: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], float] | None:
    """Give the cells of one way in, and its hours.

    Quickest over land that is not held from the base to the middle of the entry, then over held
    land to the target; the boundary lies midway between two cells. `Exact.ways` has the mean of
    the hours over all of an entry's edges instead, so the two differ a little.

    Parameters
    ----------
    world
        Places and entries.
    row
        Of `Exact.ways`; `base`, `entry` and `target` are read.
    over
        The ground, `vallum.campaign.world_hours.field`.
    held
        Shape (rows, cols).

    Returns
    -------
    tuple, or None
        Rows and columns, shape (n, 2), from base to target, and hours; None where no cell in front
        of the middle of the entry is reached.
    """
    start, cell, end = (
        table.iloc[int(row[name])][["row", "col"]].to_numpy(np.int64)
        for name, table in (("base", world.bases), ("entry", world.entries),
                            ("target", world.targets))
    )  # fmt: skip
    level = over.hours_per_km
    outside, inside = np.where(held, np.inf, level), np.where(held, level, np.inf)
    if not (np.isfinite(outside[tuple(start)]) and np.isfinite(inside[tuple(cell)])):
        return None
    hours = _times(over, outside, start)
    beside = cell + np.array([(-1, 0), (0, -1), (0, 1), (1, 0)])
    on = ((beside >= 0) & (beside < np.array(level.shape))).all(axis=1)
    # land that is held, or that no way leads to, has infinite hours
    doors = [(float(hours[tuple(at)] + outside[tuple(at)] * over.cell_km / 2.0), at)
             for at in beside[on]]  # fmt: skip
    before, door = min(doors, key=lambda each: each[0])
    rest = _times(over, inside, cell)[tuple(end)]
    if not np.isfinite(before + rest):
        return None
    ways = (
        least_hours(over, outside, hours, start, door),
        least_hours(over, inside, _times(over, inside, cell), cell, end),
    )
    return np.vstack(ways), before + float(level[tuple(cell)]) * over.cell_km / 2.0 + float(rest)


def least_hours(
    over: Field,
    level: NDArray[np.float64],
    hours: NDArray[np.float64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Trace a quickest way back from its end, by the hours that it takes to each cell.

    Parameters
    ----------
    over, level
        The ground, and what of it may be entered.
    hours
        From the start to each cell over `level`, `vallum.kernel.paths.travel_time`.
    start, end
        Row and column.

    Returns
    -------
    numpy.ndarray
        Rows and columns from start to end, shape (n, 2); each is a neighbour of the one before.
    """
    way = [np.asarray(end, np.int64)]
    while not np.array_equal(way[-1], start):
        at = way[-1]
        low, high = np.maximum(at - 1, 0), np.minimum(at + 2, level.shape)
        window = (slice(low[0], high[0]), slice(low[1], high[1]))
        step = _times(over, level, at - low, window)
        now = hours[tuple(at)]
        leads = np.isfinite(step) & (hours[window] < now)
        leads &= np.isclose(hours[window] + step, now, rtol=_SAME, atol=_SAME)
        # the nearest that leads here is one step away: what lies between would lead here too
        best = np.argmin(np.where(leads, step, np.inf))
        if not leads.any():
            raise AssertionError("hours are not those of this ground")
        way.append(low + np.array(np.unravel_index(best, step.shape)))
    return np.array(way[::-1])


def _times(
    over: Field,
    level: NDArray[np.float64],
    at: NDArray[np.int64],
    window: tuple[slice, slice] | None = None,
) -> NDArray[np.float64]:
    """Give the hours from a cell; or, in a window, those from each of its cells to it."""
    part = (slice(None), slice(None)) if window is None else window
    return travel_time(
        level[part],
        at[None, :],
        cell_km=over.cell_km,
        elevation=None if over.height_m is None else over.height_m[part],
        law=over.law,
        reverse=window is not None,
    )
