"""The grid of a theatre: its projection, its bounds, and the cell size asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import Transformer
from rasterio.warp import Resampling, reproject

from vallum.errors import Fault
from vallum.kernel.grid import Grid

if TYPE_CHECKING:
    from affine import Affine
    from numpy.typing import NDArray

__all__ = [
    "CELL_KM",
    "carried",
    "cell_faults",
    "make_grid",
    "projection",
    "resample",
    "whole_grid",
]  # fmt: skip

CELL_KM = (1.0, 50.0)  # smallest and largest cell


def cell_faults(cell_km: float) -> list[Fault]:
    """Say what is wrong with a cell size."""
    low, high = CELL_KM
    if low <= cell_km <= high:  # NaN is not
        return []
    return [Fault("cell_km", "", f"{cell_km!r}", f"use a number from {low:g} to {high:g} km")]


def carried(
    x: NDArray[np.float64], y: NDArray[np.float64], crs: str | int, target: str | int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Carry points from one coordinate system to another; x is east or longitude.

    Examples
    --------
    >>> [part.round(1).tolist() for part in carried(np.array([1.0]), np.array([45.0]), 4326, 3857)]
    [[111319.5], [5621521.5]]
    """
    move = Transformer.from_crs(crs, target, always_xy=True)
    # as lists: of an array of one point the oldest pyproj tries to make a number, and numpy warns
    east, north = move.transform(np.asarray(x).tolist(), np.asarray(y).tolist())
    return np.asarray(east, np.float64), np.asarray(north, np.float64)


def projection(config: dict[str, Any]) -> str:
    """Write the theatre's projection as text that `pyproj` reads; equal-area, in metres."""
    lat, lon = config["projection"]["lat_0"], config["projection"]["lon_0"]
    return f"+proj=laea +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m +no_defs"


def make_grid(config: dict[str, Any], cell_km: float) -> Grid:
    """Lay the grid: from the north-west corner of the bounds, and at least to their other edges.

    A cell size that divides the bounds (2, 4, 5, 8, 10, 20, 25, 40, 50 km in the built-in
    theatre) covers exactly the same ground; any other reaches beyond the southern and eastern
    edge by less than one cell.

    Parameters
    ----------
    config
        The theatre's `theatre.toml`.
    cell_km
        Side of a cell in km.
    """
    bounds = config["bounds_km"]
    rows = math.ceil((bounds["north"] - bounds["south"]) / cell_km - 1e-9)
    cols = math.ceil((bounds["east"] - bounds["west"]) / cell_km - 1e-9)
    west, north = bounds["west"] * 1000.0, bounds["north"] * 1000.0
    return Grid(projection(config), west, north, float(cell_km), rows, cols)


def whole_grid(config: dict[str, Any], cell_km: float) -> Grid:
    """Lay a grid in the same projection over all the states shown, whole.

    It is used once, by `rebuild`, to find how many people of a state that is only partly on the
    theatre's grid live on it.
    """
    extent = config["whole_km"]
    return make_grid({**config, "bounds_km": extent}, cell_km)


def resample(
    values: NDArray[np.floating[Any]], transform: Affine, grid: Grid, method: str
) -> NDArray[np.float32]:
    """Bring a raster in longitude and latitude onto a grid.

    Parameters
    ----------
    values
        2-D, NaN where there is nothing.
    transform
        Place of the raster, in degrees.
    grid
        The grid.
    method
        A name of `rasterio.warp.Resampling`: `nearest`, `bilinear`, `mode`, `average`.

    Returns
    -------
    values
        Shape (rows, cols), NaN where there is nothing.
    """
    out = np.full(grid.shape, np.nan, np.float32)
    reproject(
        values.astype(np.float32),
        out,
        src_transform=transform,
        src_crs="EPSG:4326",
        src_nodata=np.nan,
        dst_transform=grid.transform,
        dst_crs=grid.crs,
        dst_nodata=np.nan,
        resampling=Resampling[method],
    )
    return out
