"""Where a map lies on the globe: its meridians and parallels, true north, and how true it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Geod, Transformer

from vallum.brief import map_borders
from vallum.brief.language import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.brief.map_borders import Lines, View

__all__ = ["Mark", "graticule", "north", "untrue"]

_STEPS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 45.0)  # degrees between lines
_MOST = 6.5  # lines along the longer side
_WGS84 = "EPSG:4326"
_CORNER = 0.33  # of the south rim, from the west, belongs to the scale bar
_APART_M = 20_000.0  # over which scale and north are measured


@dataclass(frozen=True)
class Mark:
    """A degree at the rim: where its line meets the rim, in km, and what it says."""

    x: float
    y: float
    text: str
    meridian: bool


def graticule(crs: Any, frame: View) -> tuple[Lines, list[Mark]]:  # noqa: ANN401  (pyproj's many)
    """Draw meridians and parallels, and number them at the south and west rim.

    Parameters
    ----------
    crs
        Of the map.
    frame
        What it shows.

    Returns
    -------
    lines, marks
        None where the map lies over a pole or the date line: the scale bar must do.
    """
    lines: dict[str, list[Any]] = {"xs": [], "ys": []}
    marks: list[Mark] = []
    to_metres = Transformer.from_crs(_WGS84, crs, always_xy=True)
    lon, lat = _degrees(crs, frame)
    if not (np.isfinite(lon).all() and np.isfinite(lat).all() and np.ptp(lon) < 180):
        return map_borders.Lines([], []), []
    step = _degree_step(float(max(np.ptp(lon), np.ptp(lat))))
    for meridian, values, other in ((True, lon, lat), (False, lat, lon)):
        reach = np.linspace(other.min() - 1.0, other.max() + 1.0, 80)
        for n in range(math.ceil(values.min() / step), math.floor(values.max() / step) + 1):
            fixed = np.full_like(reach, n * step)
            pair = (fixed, reach) if meridian else (reach, fixed)
            path = np.column_stack(to_metres.transform(*pair))
            if not np.isfinite(path).all():
                continue
            line = shapely.LineString(path)
            run = map_borders.runs(line, frame.window, tolerance_m=300.0)
            lines["xs"] += run.xs
            lines["ys"] += run.ys
            marks += _mark(line, frame, n * step, meridian=meridian)
    return map_borders.Lines(lines["xs"], lines["ys"]), marks


def north(crs: Any, x_km: float, y_km: float) -> float:  # noqa: ANN401
    """Say where true north is at a point of the map.

    Parameters
    ----------
    crs
        Of the map.
    x_km, y_km
        The point.

    Returns
    -------
    float
        Degrees clockwise from the top of the map.
    """
    to_degrees = Transformer.from_crs(crs, _WGS84, always_xy=True)
    to_metres = Transformer.from_crs(_WGS84, crs, always_xy=True)
    lon, lat = to_degrees.transform(1000.0 * x_km, 1000.0 * y_km)
    far = Geod(ellps="WGS84").fwd(lon, lat, 0.0, _APART_M)
    x, y = to_metres.transform(far[0], far[1])
    return math.degrees(math.atan2(x - 1000.0 * x_km, y - 1000.0 * y_km))


def untrue(crs: Any, frame: View) -> float:  # noqa: ANN401
    """Say by how much lengths on the map differ from lengths on the ground, at most.

    Parameters
    ----------
    crs
        Of the map.
    frame
        What it shows: looked at on a lattice of places, along both sides of the map.

    Returns
    -------
    float
        Share of the true length; NaN where the map has no degrees.
    """
    to_degrees = Transformer.from_crs(crs, _WGS84, always_xy=True)
    across, down = _lattice(frame, 9)
    worst = 0.0
    for dx, dy in ((_APART_M, 0.0), (0.0, _APART_M)):
        begin = to_degrees.transform(across - dx / 2, down - dy / 2)
        end = to_degrees.transform(across + dx / 2, down + dy / 2)
        length = Geod(ellps="WGS84").inv(*begin, *end)[2]
        worst = max(worst, float(np.max(np.abs(_APART_M / np.asarray(length) - 1.0))))
    return worst


def _lattice(frame: View, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give places on a lattice over a frame, in metres."""
    across, down = np.meshgrid(
        np.linspace(1000.0 * frame.west, 1000.0 * frame.east, count),
        np.linspace(1000.0 * frame.south, 1000.0 * frame.north, count),
    )
    return across.ravel(), down.ravel()


def _degrees(crs: Any, frame: View) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # noqa: ANN401
    lon, lat = Transformer.from_crs(crs, _WGS84, always_xy=True).transform(*_lattice(frame, 60))
    return np.asarray(lon), np.asarray(lat)


def _mark(line: shapely.LineString, frame: View, degree: float, *, meridian: bool) -> list[Mark]:
    """Give the number of a meridian where it meets the south rim, or a parallel the west rim."""
    west, south, east, north_ = (
        1000.0 * part for part in (frame.west, frame.south, frame.east, frame.north)
    )
    rim = shapely.LineString([(west, south), (east, south) if meridian else (west, north_)])
    met = shapely.get_coordinates(shapely.intersection(line, rim))
    if len(met) == 0:
        return []
    x, y = (float(part) for part in met[0])
    near = 0.04 * (east - west)
    if meridian and not west + _CORNER * (east - west) < x < east - near:
        return []
    if not meridian and not south + 2.5 * near < y < north_ - near:
        return []
    side = _sides(meridian=meridian)[0 if degree > 0 else 1] if degree else ""
    return [Mark(round(x / 1000, 1), round(y / 1000, 1), f"{abs(degree):g}°{side}", meridian)]


def _sides(*, meridian: bool) -> tuple[str, str]:
    if meridian:
        return say("E", context="compass"), say("W", context="compass")
    return say("N", context="compass"), say("S", context="compass")


def _degree_step(span: float) -> float:
    return next(step for step in _STEPS if span / step <= _MOST)
