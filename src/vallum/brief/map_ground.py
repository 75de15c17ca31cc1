"""The map's background: tints of height below, shaded relief above, as pictures without a plotter.

The relief is a veil of shadow and light that lies over all tints, so that land keeps its form under
any colour of a layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from affine import Affine
from rasterio import features
from scipy import ndimage

from vallum.brief import look
from vallum.brief.png import indexed
from vallum.kernel.once import once

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.theatre import Theatre

__all__ = ["relief", "shade", "tints"]

_FINEST_KM = 3.0
_STEEPER = 45.0  # times true height: a desert's relief is low beside the width of a map
# where light comes from, degrees from north, and its share: mostly north-west, none alone
_LIGHTS = ((315.0, 0.4), (270.0, 0.2), (0.0, 0.2), (225.0, 0.2))
_HEIGHT_DEG = 45.0
_LEVEL = float(np.sin(np.radians(_HEIGHT_DEG)))  # light on level ground
_SHADOW, _SHINE = 0.62, 0.5  # how opaque the darkest and the brightest place is
_SHADES = 24  # levels of shadow, and as many of light
_HEIGHTS_M = (0.0, 150.0, 300.0, 450.0, 650.0, 900.0, 1300.0, 1900.0)
_HIGH = look.ROAD  # land darkens to a warm brown with height
_COASTAL_KM = (12.0, 26.0, 45.0)  # bands of the sea beside the coast, each lighter


@once
def tints(theatre: Theatre) -> str:
    """Tint the ground by its height, members' land lighter than the rest, and the sea by distance.

    Parameters
    ----------
    theatre
        With elevation and borders.

    Returns
    -------
    str
        A PNG as a data address, covering the whole grid.
    """
    height, step_km, factor = _fine(theatre)
    kind = _kinds(theatre, factor, height.shape)
    level = np.digitize(height, _HEIGHTS_M[1:]).astype(np.uint8)
    away = ndimage.distance_transform_edt(kind == 0) * step_km
    band = np.digitize(away, _COASTAL_KM).astype(np.uint8)
    seas = len(_COASTAL_KM) + 1
    land = seas + (kind.astype(np.uint8) - 1) * len(_HEIGHTS_M) + level
    return indexed(np.where(kind == 0, band, land).astype(np.uint8), _palette())


@once
def relief(theatre: Theatre) -> str:
    """Draw the veil of shadow and light.

    Parameters
    ----------
    theatre
        With elevation.

    Returns
    -------
    str
        A PNG as a data address, covering the whole grid; clear on level ground and the sea.
    """
    height, step_km, factor = _fine(theatre)
    light = shade(ndimage.gaussian_filter(height, 0.45 * factor), 1000.0 * step_km)
    depth = np.where(light < _LEVEL, 1.0 - light / _LEVEL, (light - _LEVEL) / (1.0 - _LEVEL))
    number = np.clip(np.round(depth * _SHADES), 0, _SHADES).astype(np.int64)
    index = np.where(light < _LEVEL, _SHADES - number, _SHADES + number)
    index[_kinds(theatre, factor, height.shape) == 0] = _SHADES
    dark, bright = look.rgb(look.RAIL), look.rgb(look.SHEET)
    steps = [n / _SHADES for n in range(1, _SHADES + 1)]
    veil = [
        *((*dark, round(255 * _SHADOW * part)) for part in reversed(steps)),
        (*bright, 0),
        *((*bright, round(255 * _SHINE * part)) for part in steps),
    ]
    return indexed(index.astype(np.uint8), veil)


def shade(elevation_m: NDArray[np.float64], cell_m: float) -> NDArray[np.float64]:
    """Light a surface from several sides, mostly from the north-west.

    Parameters
    ----------
    elevation_m
        Shape (rows, cols), rows from the north; drawn steeper than it is.
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
    south, east = np.gradient(elevation_m * _STEEPER, cell_m)
    root = np.sqrt(1.0 + south**2 + east**2)
    light = np.zeros(elevation_m.shape)
    flat = np.cos(np.radians(_HEIGHT_DEG))
    for azimuth, share in _LIGHTS:
        to_east, to_north = np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))
        # the normal is (-east, south, 1) with y to the north
        facing = (flat * (south * to_north - east * to_east) + _LEVEL) / root
        light += share * np.clip(facing, 0.0, 1.0)
    return light


def _fine(theatre: Theatre) -> tuple[NDArray[np.float64], float, int]:
    """Give heights on a grid fine enough to draw smoothly, its step in km, and how much finer."""
    factor = max(1, round(theatre.grid.cell_km / _FINEST_KM))
    elevation = theatre.ground["elevation_m"].to_numpy().astype(np.float64)
    fine = ndimage.zoom(elevation, factor, order=3, grid_mode=True, mode="nearest")
    return fine, theatre.grid.cell_km / factor, factor


def _kinds(theatre: Theatre, factor: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Mark each pixel: 0 sea, 1 member, 2 other state, 3 disputed."""
    grid = theatre.grid
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


def _palette() -> list[tuple[int, ...]]:
    """Colours by index: the sea from the coast outward, then each kind of land from low to high."""
    seas = [look.fade(look.RIVER, 0.17 - 0.05 * n, look.SEA) for n in range(len(_COASTAL_KM))]
    out = [*seas, look.SEA]
    highest = len(_HEIGHTS_M) - 1
    for base, most in ((look.MEMBER, 0.36), (look.NEIGHBOUR, 0.30), (look.DISPUTED, 0.30)):
        out += [look.fade(_HIGH, most * n / highest, base) for n in range(highest + 1)]
    return [look.rgb(colour) for colour in out]
