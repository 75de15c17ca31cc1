"""What is made of a file's geometries: one line, one area, or places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from vallum.app.uploads.reader.parts import (
    AS_LONLAT,
    EXPORT,
    LONLAT,
    ONE,
    BadError,
    Parts,
    too_many,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

__all__ = ["drawn", "in_degrees", "places"]

DIGITS = 6  # of a degree: a tenth of a metre


def in_degrees(parts: Parts) -> Parts:
    """Turn all coordinates into longitude and latitude, to six digits."""
    move = _mover(parts.code)
    return Parts(
        [move(one) for one in parts.lines],
        [[move(ring) for ring in area] for area in parts.areas],
        [move(one) for one in parts.points],
    )


def _mover(code: int) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Make what turns coordinates into degrees."""
    if code == LONLAT:
        return _checked
    import pyproj  # noqa: PLC0415  (few files need it; its network is off by the environment)

    try:
        crs = pyproj.CRS.from_epsg(code)
    except pyproj.exceptions.CRSError:
        raise BadError("crs", f"EPSG:{code} is unknown", AS_LONLAT) from None
    if not (crs.is_geographic or crs.is_projected) or len(crs.axis_info) != 2:
        raise BadError("crs", f"EPSG:{code} has no two axes on the ground", AS_LONLAT)
    # x before y, as both formats have them, whatever the order of the CRS
    to_degrees = pyproj.Transformer.from_crs(crs, f"EPSG:{LONLAT}", always_xy=True)

    def move(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return _checked(np.column_stack(to_degrees.transform(at[:, 0], at[:, 1])))

    return move


def _checked(at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Refuse what is no place on earth."""
    if not np.isfinite(at).all() or (np.abs(at) > (180.0, 90.0)).any():
        wrong = at[~(np.isfinite(at) & (np.abs(at) <= (180.0, 90.0))).all(axis=1)][0]
        found = f"{wrong[0]:g}, {wrong[1]:g} is no longitude and latitude"
        raise BadError("coordinates", found, AS_LONLAT)
    return np.round(at, DIGITS) + 0.0  # no negative zero


def places(parts: Parts, most: int) -> dict[str, Any]:
    """List the points, each once."""
    if parts.lines or parts.areas:
        raise BadError("", "lines or areas among the points", "bring points only")
    places = list(dict.fromkeys((float(x), float(y)) for one in parts.points for x, y in one))
    if not places:
        raise BadError("", "no points", "bring at least one point")
    if len(places) > most:
        raise BadError("", f"{len(places):,} points", f"bring at most {most:,}")
    return {"points": places, "closed": False}


def drawn(parts: Parts, most: int) -> dict[str, Any]:
    """Make one line or one area of what is there."""
    if parts.points:
        raise BadError("", "points, which are no line", "bring points as places to hold")
    if bool(parts.lines) == bool(parts.areas):
        found = "lines and areas together" if parts.lines else "no line and no area"
        raise BadError("", found, ONE)
    points = _line(parts.lines) if parts.lines else _area(parts.areas)
    if len(points) > most:
        raise too_many()
    return {"points": points, "closed": bool(parts.areas)}


def _line(lines: list[NDArray[np.float64]]) -> list[tuple[float, float]]:
    """Join lines end to end."""
    told = [_no_repeats(one) for one in lines]
    kept = [one for one in told if len(one) > 1]
    if not kept:
        raise BadError("", "a line without length", ONE)
    whole: BaseGeometry = shapely.LineString(kept[0])
    if len(kept) > 1:
        whole = shapely.line_merge(
            shapely.MultiLineString([shapely.LineString(one) for one in kept])
        )
    if whole.geom_type != "LineString":
        count = shapely.get_num_geometries(whole)
        mend = "join them end to end in QGIS, or bring one"
        raise BadError("", f"{count} lines that don't join to one", mend)
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(whole)]


def _area(areas: list[list[NDArray[np.float64]]]) -> list[tuple[float, float]]:
    """Take the edge of the only area; its first point isn't repeated."""
    if len(areas) != 1:
        raise BadError("", f"{len(areas)} areas", "dissolve them to one, or bring one")
    if len(areas[0]) != 1:
        raise BadError("", "an area with holes" if areas[0] else "an empty area", ONE)
    ring = areas[0][0]
    if len(ring) < 4 or (ring[0] != ring[-1]).any():
        raise BadError("", "an edge that doesn't close", EXPORT)
    kept = _no_repeats(ring)
    if len(kept) < 4 or not shapely.is_valid(shapely.polygons(kept)):
        mend = "mend it in QGIS (Processing > Fix geometries)"
        raise BadError("", "an edge that crosses or touches itself, or holds nothing", mend)
    return [(float(x), float(y)) for x, y in kept[:-1]]


def _no_repeats(at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out points that stand where the one before stands."""
    if not len(at):
        return at
    new: NDArray[np.bool_] = np.append(True, (np.diff(at, axis=0) != 0).any(axis=1))
    kept: NDArray[np.float64] = at[new]
    return kept
