"""Roads, railways and rivers: from tables of points to lines, and from lines to cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from rasterio.features import rasterize

from vallum.theatre.frame import carried

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = ["ROADS", "cells_of", "points", "rivers", "road_cells", "routes", "stretch"]

ROADS = ("none", "track", "primary", "trunk")
DENSIFY_DEGREES = 0.1  # long straight pieces are cut up before projecting, so they stay straight


def points(table: pd.DataFrame, grid: Grid) -> gpd.GeoDataFrame:
    """Place the rows of a table with columns lon and lat on the grid.

    Returns
    -------
    frame
        With geometry in the grid's projection, and `row`, `col` of the cell; rows off the grid
        have −1 in both.
    """
    x, y = carried(table["lon"].to_numpy(float), table["lat"].to_numpy(float), 4326, grid.crs)
    shapes = gpd.points_from_xy(x, y, crs=grid.crs)
    frame = gpd.GeoDataFrame(table.copy(), geometry=shapes)
    row, col, inside = grid.locate(frame.geometry.x, frame.geometry.y)
    frame["row"] = np.where(inside, row, -1)
    frame["col"] = np.where(inside, col, -1)
    return frame


def _line(table: pd.DataFrame) -> shapely.LineString:
    """Join the points of one line, in the order of `seq`."""
    ordered = table.sort_values("seq")
    line = shapely.LineString(ordered[["lon", "lat"]].to_numpy())
    return shapely.segmentize(line, DENSIFY_DEGREES)


def rivers(table: pd.DataFrame, grid: Grid) -> gpd.GeoDataFrame:
    """Draw the rivers: one line per river and part."""
    parts = [(key, part) for key, part in table.groupby(["river", "part"], sort=True)]
    return gpd.GeoDataFrame(
        {
            "river": [str(key[0]) for key, _ in parts],
            "part": [key[1] for key, _ in parts],
            "source": [" ; ".join(part["source"].unique()) for _, part in parts],
            "licence": [" ; ".join(part["licence"].unique()) for _, part in parts],
        },
        geometry=[_line(part) for _, part in parts],
        crs=4326,
    ).to_crs(grid.crs)


def routes(table: pd.DataFrame, places: pd.DataFrame, grid: Grid) -> gpd.GeoDataFrame:
    """Draw the routes: each a line through its named places.

    Parameters
    ----------
    table
        route_id, name, kind (road, rail), class (track, primary, trunk), states, freight_t_yr
        (empty where no figure was read), source.
    places
        route_id, seq, place, lon, lat.
    grid
        The grid.

    Returns
    -------
    frame
        route_id, name, kind, road_class (0 for a railway), states, freight_t_yr, source, geometry.
    """
    by_route = {str(key): part for key, part in places.groupby("route_id")}
    frame = table[["route_id", "name", "kind", "states", "freight_t_yr", "source"]].copy()
    pairs = zip(table["kind"], table["class"], strict=True)
    classes = [ROADS.index(name) if kind == "road" else 0 for kind, name in pairs]
    frame.insert(3, "road_class", np.asarray(classes, np.int8))
    lines = [_line(by_route[str(key)]) for key in table["route_id"]]
    return gpd.GeoDataFrame(frame, geometry=lines, crs=4326).to_crs(grid.crs)


def cells_of(lines: Iterable[Any], grid: Grid) -> NDArray[np.bool_]:
    """Mark every cell that a line touches, shape (rows, cols)."""
    shapes = [(line, 1) for line in lines if not line.is_empty]
    if not shapes:
        return np.zeros(grid.shape, np.bool_)
    drawn = rasterize(shapes, grid.shape, transform=grid.transform, all_touched=True, dtype="uint8")
    return np.asarray(drawn == 1)


def road_cells(frame: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.int8]:
    """Give every cell the highest class of road that touches it, 0 for none."""
    out = np.zeros(grid.shape, np.int8)
    for level in range(1, len(ROADS)):
        lines = frame.geometry[(frame["kind"] == "road") & (frame["road_class"] == level)]
        out[cells_of(lines, grid)] = level
    return out


def stretch(
    frame: gpd.GeoDataFrame,
    names: Iterable[str],
    box: tuple[float, float, float, float],
    grid: Grid,
) -> NDArray[np.bool_]:
    """Mark the cells of named rivers within a box.

    Parameters
    ----------
    frame
        Rivers in the grid's projection.
    names
        Beginnings of the rivers' names.
    box
        West, south, east, north in degrees.
    grid
        The grid.
    """
    area = gpd.GeoSeries([shapely.segmentize(shapely.box(*box), DENSIFY_DEGREES)], crs=4326)
    inside = area.to_crs(grid.crs).iloc[0]
    chosen = frame.geometry[frame["river"].str.startswith(tuple(names))]
    return cells_of(shapely.intersection(chosen.to_numpy(), inside), grid)
