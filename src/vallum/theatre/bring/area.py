"""What every reader of a user's files must know: the grid, the states on it, and the day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = ["Area"]


@dataclass(frozen=True, eq=False)
class Area:
    """The ground that a theatre is made on.

    Attributes
    ----------
    grid
        The grid.
    bounds
        West, south, east, north of what the grid covers, a margin of a cell included, degrees.
    order
        ISO3 codes of the states shown; their order is the code in `state`.
    members
        Those that are members.
    borders
        Polygons of the states shown in the order of their codes, then all other land of the
        borders layer near the grid (iso3 may be empty): iso3, name; whole, EPSG:4326.
    state
        Code of each cell's state, int16, shape (rows, cols); −1 for the sea and other land.
    regions
        First-level regions of the states shown, EPSG:4326: iso3, name.
    region
        Row of `regions` of each cell, int16, shape (rows, cols); −1 none.
    today
        No date after it is believed.
    """

    grid: Grid
    bounds: tuple[float, float, float, float]
    order: tuple[str, ...]
    members: tuple[str, ...]
    borders: gpd.GeoDataFrame
    state: NDArray[np.int16]
    regions: gpd.GeoDataFrame
    region: NDArray[np.int16]
    today: dt.date
