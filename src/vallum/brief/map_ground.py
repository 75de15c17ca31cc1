"""The map's background: shaded relief as one picture, written without any plotting library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from affine import Affine
from rasterio import features
from scipy import ndimage

from vallum.brief.png import indexed

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.theatre import Theatre

__all__ = ["picture", "shade"]

_LEVELS = 80
_SEA = (214, 226, 234)
_MEMBER, _OTHER, _DISPUTED = (250, 243, 227), (231, 231, 228), (241, 237, 228)
_FINEST_KM = 3.0
_EXAGGERATION = 60.0


def picture(theatre: Theatre) -> str:
    """Draw the ground: relief lit from the north-west, members' land lighter than the rest.

    Parameters
    ----------
    theatre
        With elevation and borders.

    Returns
    -------
    str
        A PNG as a data address, covering the whole grid.
    """
    grid = theatre.grid
    factor = max(1, round(grid.cell_km / _FINEST_KM))
    elevation = theatre.ground["elevation_m"].to_numpy().astype(np.float64)
    fine = ndimage.zoom(elevation, factor, order=1, grid_mode=True, mode="nearest")
    light = shade(ndimage.gaussian_filter(fine, 0.6 * factor), grid.cell_m / factor)
    kind = _kinds(theatre, grid, factor, light.shape)
    level = np.clip(np.round(light * (_LEVELS - 1)), 0, _LEVELS - 1).astype(np.uint8)
    index = np.where(kind == 0, 0, 1 + (kind.astype(np.uint8) - 1) * _LEVELS + level)
    return indexed(index.astype(np.uint8), _palette())


def shade(elevation_m: NDArray[np.float64], cell_m: float) -> NDArray[np.float64]:
    """Light a surface from the north-west, 45 degrees up.

    Parameters
    ----------
    elevation_m
        Shape (rows, cols), rows from the north.
    cell_m
        Side of a cell.

    Returns
    -------
    light
        In [0, 1]; level ground 0.71.

    Examples
    --------
    >>> shade(np.zeros((3, 3)), 1000.0).round(2)[1, 1]
    np.float64(0.71)
    """
    south, east = np.gradient(elevation_m * _EXAGGERATION, cell_m)
    root = np.sqrt(1.0 + south**2 + east**2)
    # the normal is (-east, south, 1) with y to the north; light comes from (-1/2, 1/2, √½)
    return np.asarray(np.clip((0.5 * east + 0.5 * south + np.sqrt(0.5)) / root, 0.0, 1.0))


def _kinds(theatre: Theatre, grid: Grid, factor: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Mark each pixel: 0 sea, 1 member, 2 other state, 3 disputed."""
    borders: gpd.GeoDataFrame = theatre.borders
    step = grid.cell_m / factor
    shapes = [
        (geometry, 3 if disputed else 1 if iso3 in theatre.members else 2)
        for geometry, iso3, disputed in zip(
            borders.geometry, borders["iso3"], borders["disputed"], strict=True
        )
    ]
    burned: NDArray[np.uint8] = features.rasterize(
        shapes,
        out_shape=shape,
        transform=Affine(step, 0.0, grid.west_m, 0.0, -step, grid.north_m),
        dtype="uint8",
    )
    return burned


def _palette() -> list[tuple[int, int, int]]:
    """Colours by index: sea, then each kind of land from shadow to light."""
    out = [_SEA]
    for base in (_MEMBER, _OTHER, _DISPUTED):
        for level in range(_LEVELS):
            light = 0.66 + 0.34 * min(1.0, level / (_LEVELS - 1) / 0.72)
            lift = max(0.0, level / (_LEVELS - 1) - 0.72) * 0.5
            red, green, blue = (min(255, round(part * light + 255 * lift * 0.3)) for part in base)
            out.append((red, green, blue))
    return out
