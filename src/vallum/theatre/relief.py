"""The shape of the land, as far as 1/12° shows it: elevation, relief, slope."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from vallum.theatre.frame import resample

if TYPE_CHECKING:
    from affine import Affine
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = ["relief", "slope", "to_land"]

DEGREE_KM = 111.195  # a degree of a great circle on a sphere of 6,371 km


def relief(elevation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measure roughness: the highest less the lowest of the 3 × 3 neighbourhood, in metres.

    Parameters
    ----------
    elevation
        Metres on the 1/12° raster, NaN at sea.

    Returns
    -------
    relief
        Same shape; NaN at sea.
    """
    high = ndimage.maximum_filter(np.where(np.isnan(elevation), -np.inf, elevation), 3)
    low = ndimage.minimum_filter(np.where(np.isnan(elevation), np.inf, elevation), 3)
    return np.where(np.isnan(elevation), np.nan, high - low)


def slope(elevation: NDArray[np.float64], transform: Affine) -> NDArray[np.float64]:
    """Measure the slope of the 1/12° surface: `√((∂z/∂x)² + (∂z/∂y)²)`, rise over run.

    Differences are central, over two cells (about 18 km), and one-sided beside the sea; a
    cell's width shrinks with the cosine of its latitude. At this scale a cliff of 200 m reads as
    a slope of 0.01: the figure is for comparing regions, not for the ground under a wall.

    Parameters
    ----------
    elevation
        Metres on the raster, NaN at sea.
    transform
        Place of the raster, in degrees.
    """
    latitude = transform.f + transform.e * (np.arange(elevation.shape[0]) + 0.5)
    dy = DEGREE_KM * 1000 * abs(transform.e)
    dx = DEGREE_KM * 1000 * transform.a * np.cos(np.radians(latitude))[:, np.newaxis]
    return np.asarray(np.hypot(_difference(elevation, 1) / dx, _difference(elevation, 0) / dy))


def _difference(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Difference per cell along an axis: central, or one-sided where a neighbour is missing."""
    missing = np.full_like(np.take(values, [0], axis), np.nan)
    after = np.concatenate([np.delete(values, 0, axis), missing], axis) - values
    before = values - np.concatenate([missing, np.delete(values, -1, axis)], axis)
    both = (after + before) / 2
    one = np.where(np.isnan(after), before, after)
    known = np.where(np.isnan(both), one, both)
    return np.where(np.isnan(known) & ~np.isnan(values), 0.0, known)


def to_land(
    values: NDArray[np.float64], transform: Affine, land: NDArray[np.bool_], grid: Grid
) -> NDArray[np.float32]:
    """Bring a raster onto the grid: bilinear; land without a value takes the nearest; sea is 0.

    Parameters
    ----------
    values
        On the raster, NaN at sea.
    transform
        Place of the raster, in degrees.
    land
        Cells of the states shown.
    grid
        The grid.
    """
    out = resample(values, transform, grid, "bilinear")
    missing = np.isnan(out)
    if missing.any() and not missing.all():
        row, col = ndimage.distance_transform_edt(
            missing, return_distances=False, return_indices=True
        )
        out = out[row, col]
    return np.where(land, out, 0.0).astype(np.float32)
