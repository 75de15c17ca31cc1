"""Whose ground a point of a table lies on: cell, state, region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from vallum.theatre.people import nearest_own
from vallum.theatre.ways import DENSIFY_DEGREES

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.theatre.bring.area import Area

__all__ = ["BORDER_KM", "at_home", "believed", "in_bounds", "locate", "project", "swapped"]

BORDER_KM = 10.0  # off every polygon and this near a state it is that state's: coasts are coarse
HALF = 0.5  # of a table that look swapped: then the columns are
REGIONAL = 0.9  # of a table inside the box: then a row outside it is worth a question


def in_bounds(lon: NDArray[np.float64], lat: NDArray[np.float64], area: Area) -> NDArray[np.bool_]:
    """Mark the points in the box of longitude and latitude around the grid."""
    west, south, east, north = area.bounds
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def swapped(
    lon: NDArray[np.float64], lat: NDArray[np.float64], area: Area
) -> tuple[int, NDArray[np.bool_]]:
    """Find points whose longitude and latitude look swapped.

    Where more than half of the points would come into the theatre's box if swapped, the columns
    are. A single point is told where its latitude can't be one and swapping would mend it, or
    where nearly all others lie in the box and this one would if swapped. A world-wide table has
    points that look so by chance, and these are not told.

    Returns
    -------
    whole
        How many look swapped, if the columns are; 0 otherwise.
    rows
        The single points, where the columns aren't.
    """
    inside = in_bounds(lon, lat, area)
    cannot = (np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)
    looks = (~inside & in_bounds(lat, lon, area)) | cannot
    if len(looks) and looks.mean() > HALF:
        return int(looks.sum()), np.zeros(len(looks), bool)
    return 0, np.asarray(looks if len(looks) and inside.mean() >= REGIONAL else cannot)


def project(
    lon: NDArray[np.float64], lat: NDArray[np.float64], grid: Grid
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Project degrees to the grid's metres."""
    to_metres = Transformer.from_crs(4326, grid.crs, always_xy=True)
    # two points more: of an array of one, pyproj tries to make a number, and numpy warns
    more = [0.0, 0.0]
    x, y = to_metres.transform(np.append(lon, more), np.append(lat, more))
    return np.asarray(x)[:-2], np.asarray(y)[:-2]


def locate(
    lon: NDArray[np.float64], lat: NDArray[np.float64], area: Area, *, reach_km: float = BORDER_KM
) -> pd.DataFrame:
    """Find the cell, state and region of points.

    A point belongs to the state shown whose polygon holds it; a point on no state's polygon at
    all (the coast, a sliver between simplified borders), to the nearest state shown within reach,
    unless other land is nearer. Its region is that of its state which holds it, or else the
    nearest of that state.

    Parameters
    ----------
    lon, lat
        Degrees, shape (points,).
    area
        The theatre's ground.
    reach_km
        How far from its polygon a state reaches.

    Returns
    -------
    places
        One row per point: `on_grid`, `row`, `col` (−1 off the grid), `code` (of the state shown;
        −1 none), `away_km` (from the state's polygon; 0 on it, NaN for none), `region` (text,
        empty for none).
    """
    # tables name the same places again and again: each is looked for once
    _, first, back = np.unique(lon + 1j * lat, return_index=True, return_inverse=True)
    there = _locate(lon[first], lat[first], area, reach_km)
    return there.iloc[np.asarray(back).ravel()].reset_index(drop=True)


def _locate(
    lon: NDArray[np.float64], lat: NDArray[np.float64], area: Area, reach_km: float
) -> pd.DataFrame:
    """Locate points that are all different."""
    size = len(lon)
    row, col = np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    near = np.flatnonzero(in_bounds(lon, lat, area))
    x, y = project(lon[near], lat[near], area.grid)
    at_row, at_col, inside = area.grid.locate(x, y)
    near, x, y = near[inside], x[inside], y[inside]
    row[near], col[near] = at_row[inside], at_col[inside]
    degrees, metres = _points(lon[near], lat[near]), _points(x, y)
    code, away = _states(degrees, metres, area, reach_km)
    regions = _regions(degrees, metres, code, area)
    out = pd.DataFrame({"on_grid": row >= 0, "row": row, "col": col, "code": -1, "away_km": np.nan})
    out["region"] = pd.Series("", index=out.index, dtype=object)
    out.loc[near, "code"] = code
    out.loc[near, "away_km"] = away
    out.loc[near, "region"] = regions
    return out


def _points(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.object_]:
    """Make points of coordinates."""
    return np.asarray(shapely.points(x, y), object)


def _holder(shapes: NDArray[np.object_], points: NDArray[np.object_]) -> NDArray[np.int64]:
    """Find which polygon holds each point, the first of several; −1 none."""
    out = np.full(len(points), -1, np.int64)
    if len(points) and len(shapes):
        # the tree is of the points: the few large polygons are then prepared once each
        polygon, point = shapely.STRtree(points).query(shapes, predicate="intersects")
        order = np.argsort(-polygon, kind="stable")
        out[point[order]] = polygon[order]
    return out


def _states(
    degrees: NDArray[np.object_], metres: NDArray[np.object_], area: Area, reach_km: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the state shown that each point belongs to, and how far from it the point lies."""
    holder = _holder(area.borders.geometry.to_numpy(), degrees)
    shown = len(area.order)
    code = np.where(holder < shown, holder, -1)
    away = np.where(code >= 0, 0.0, np.nan)
    lost = np.flatnonzero(holder < 0)
    if len(lost) and len(area.borders):
        tree = shapely.STRtree(_metres(area.borders, area.grid))
        (found, polygon), distance = tree.query_nearest(
            metres[lost], max_distance=reach_km * 1000.0, return_distance=True
        )
        order = np.argsort(-polygon, kind="stable")  # of equals the first shown
        at, nearest, length = lost[found[order]], polygon[order], distance[order] / 1000.0
        code[at] = np.where(nearest < shown, nearest, -1)
        away[at] = np.where(nearest < shown, length, np.nan)
    return code, away


def _regions(
    degrees: NDArray[np.object_], metres: NDArray[np.object_], code: NDArray[np.int64], area: Area
) -> NDArray[np.object_]:
    """Name the region of its own state that holds each point, or is nearest."""
    out = np.full(len(code), "", object)
    if area.regions.empty or not len(code):
        return out
    names = area.regions["name"].astype(str).to_numpy(object)
    owner = area.regions["iso3"].astype(str).to_numpy(object)
    shapes = area.regions.geometry.to_numpy()
    flat = _metres(area.regions, area.grid)
    for number, iso3 in enumerate(area.order):
        own = np.flatnonzero(code == number)
        rows = np.flatnonzero(owner == iso3)
        if not len(own) or not len(rows):
            continue
        held = _holder(shapes[rows], degrees[own])
        astray = np.flatnonzero(held < 0)
        if len(astray):
            held[astray] = shapely.STRtree(flat[rows]).nearest(metres[own[astray]])
        out[own] = names[rows[held]]
    return out


def _metres(polygons: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.object_]:
    """Project polygons, with long straight sides cut up first so that they stay straight."""
    dense = polygons.geometry.set_axis(range(len(polygons)))
    dense[:] = shapely.segmentize(dense.to_numpy(), DENSIFY_DEGREES)
    return np.asarray(dense.to_crs(grid.crs).to_numpy(), object)


def believed(
    there: pd.DataFrame,
    named: pd.Series[Any] | None,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    area: Area,
) -> pd.DataFrame:
    """Give points on a border to the state that their table names.

    Where the table names a state shown, and the point lies within 10 km of it, the point is that
    state's; where it names other land of the map, within 10 km too, it is no state's that is
    shown. Anywhere else the coordinates decide.

    Parameters
    ----------
    there
        Of `locate`.
    named
        ISO3 codes, empty where not known; None changes nothing.
    lon, lat
        Degrees, shape (points,).
    area
        The theatre's ground.
    """
    if named is None:
        return there
    out = there.copy()
    codes = {str(iso3): n for n, iso3 in enumerate(area.borders["iso3"]) if iso3}
    wanted = named.map(codes).to_numpy(np.float64)
    other = np.flatnonzero(there["on_grid"] & ~np.isnan(wanted) & (wanted != there["code"]))
    if not len(other):
        return out
    x, y = project(lon[other], lat[other], area.grid)
    polygons = _metres(area.borders, area.grid)[wanted[other].astype(np.int64)]
    near = other[shapely.distance(_points(x, y), polygons) <= BORDER_KM * 1000.0]
    own = np.where(wanted[near] < len(area.order), wanted[near], -1).astype(np.int64)
    out.loc[out.index[near], "code"] = own
    degrees, metres = (
        _points(lon[near], lat[near]),
        _points(*project(lon[near], lat[near], area.grid)),
    )
    out.loc[out.index[near], "region"] = _regions(degrees, metres, own, area)
    return out


def at_home(
    row: NDArray[np.int64], col: NDArray[np.int64], code: NDArray[np.int64], area: Area
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Move points whose cell is another state's, or sea, to the nearest cell of their own.

    As in the built-in theatre: what lies on a border river or the coast is counted where its
    state is, at every cell size. A state without a cell keeps nothing: −1.
    """
    row, col = row.copy(), col.copy()
    away = (row >= 0) & (area.state[row, col] != code)
    for number in np.unique(code[away]):
        own = area.state == number
        for index in np.flatnonzero(away & (code == number)):
            here = (row[index], col[index])
            row[index], col[index] = nearest_own(*here, own) if own.any() else (-1, -1)
    return row, col
