"""Whether points lie in the theatre; and where they do only the other way round, that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyproj import Transformer

from vallum.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = ["extent_faults"]


def extent_faults(
    points: Sequence[tuple[float, float]], grid: Grid, where: str
) -> tuple[Fault, ...]:
    """Find points off the theatre.

    Parameters
    ----------
    points
        (lon, lat) in degrees.
    grid
        Of the theatre.
    where
        The file, for the message.

    Returns
    -------
    tuple of Fault
        One for all of them, with the first; empty where all lie in it.
    """
    at = np.array(points, np.float64).reshape(-1, 2)
    inside = _inside(at, grid)
    if inside.all():
        return ()
    first = int(np.flatnonzero(~inside)[0])
    lon, lat = at[first]
    count = int((~inside).sum())
    found = f"{count:,} of {len(at):,} points lie off the theatre, first {lon:g}, {lat:g}"
    turned = np.abs(at[:, 0]) <= 90.0
    if turned.all() and _inside(at[:, ::-1], grid).all():
        mend = "latitude stands before longitude: write longitude first"
    else:
        mend = "bring what lies within the map; if it does, its CRS is stated wrongly"
    return (Fault(where, f"point {first + 1}", found, mend),)


def _inside(at: NDArray[np.float64], grid: Grid) -> NDArray[np.bool_]:
    move = Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True)
    # as lists: pyproj 3.7.0 takes an array of one point for a number, and warns
    x, y = (np.array(one) for one in move.transform(at[:, 0].tolist(), at[:, 1].tolist()))
    west, south, east, north = grid.bounds
    inside: NDArray[np.bool_] = (x >= west) & (x < east) & (y > south) & (y <= north)
    return inside
