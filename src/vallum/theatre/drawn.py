"""A territory or line that somebody drew, read onto the grid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyproj import Transformer
from rasterio import features

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.theatre.model import Theatre

__all__ = ["held_by", "read_drawn", "read_land", "read_lines"]


def read_drawn(
    path: Path | str, theatre: Theatre, *, holding: Sequence[tuple[float, float]] = ()
) -> NDArray[np.bool_]:
    """Read drawn land as the cells that it holds.

    Polygons hold the member cells whose centres they cover. A line holds the parts into which it
    cuts the member states that contain the points `holding`, or, where none is given, the members'
    largest towns; it must end on the members' border or the sea, or close on itself.

    Parameters
    ----------
    path
        Any vector file that GDAL reads, with a CRS; its first layer with polygons or lines.
    theatre
        Onto whose grid.
    holding
        (lon, lat) of places that a line is to hold.

    Returns
    -------
    held
        Bool, shape (rows, cols), member land only.

    Raises
    ------
    InputError
        If the file can't be read, has no CRS, holds no land of the members, or is a line that
        parts nothing.
    """
    local = _read(path).to_crs(theatre.grid.crs)
    return held_by(list(local.geometry), theatre, where=str(path), holding=holding)


def held_by(
    shapes: Sequence[shapely.Geometry],
    theatre: Theatre,
    *,
    where: str,
    holding: Sequence[tuple[float, float]] = (),
) -> NDArray[np.bool_]:
    """Give the cells that drawn polygons hold, or that lie behind drawn lines.

    Parameters
    ----------
    shapes
        In the coordinates of the theatre's grid; polygons, or lines, and not both.
    theatre
        Onto whose grid.
    where
        What they were read from, for the messages.
    holding
        As for `read_drawn`.

    Returns
    -------
    held
        Bool, shape (rows, cols), member land only.

    Raises
    ------
    InputError
        If they hold no land of the members, or are lines that part nothing.
    """
    kinds = {str(kind) for kind in gpd.GeoSeries(shapes).geom_type}
    if kinds <= {"Polygon", "MultiPolygon"}:
        land: shapely.Geometry = shapely.union_all(shapely.make_valid(np.array(shapes, object)))
    elif kinds <= {"LineString", "MultiLineString"}:
        land = _behind(where, shapes, theatre, holding)
    else:
        found = "geometries of " + ", ".join(sorted(kinds))
        raise _fault(where, found, "draw polygons, or lines, not both and no points")
    covered = _covered(land, theatre)
    held: NDArray[np.bool_] = covered & theatre.member_mask
    if not held.any():
        mend = f"draw it over {' or '.join(theatre.members)}, larger than a cell, in its own CRS"
        raise _fault(where, "it covers no cell of the members", mend)
    return held


def read_land(path: Path | str, theatre: Theatre) -> NDArray[np.bool_]:
    """Read polygons as the cells whose centres they cover, wherever these lie.

    Parameters
    ----------
    path
        Any vector file that GDAL reads, with a CRS.
    theatre
        Onto whose grid.

    Returns
    -------
    cells
        Bool, shape (rows, cols).

    Raises
    ------
    InputError
        If the file can't be read, has no CRS or no polygons, or covers no cell.
    """
    local = _read(path).to_crs(theatre.grid.crs)
    if not set(local.geom_type) <= {"Polygon", "MultiPolygon"}:
        found = "geometries of " + ", ".join(sorted(str(kind) for kind in set(local.geom_type)))
        raise _fault(path, found, "draw polygons")
    land = shapely.union_all(shapely.make_valid(local.geometry.to_numpy()))
    cells = _covered(land, theatre)
    if not cells.any():
        raise _fault(path, "it covers no cell of the theatre", "draw it larger than a cell")
    return cells


def read_lines(path: Path | str, theatre: Theatre) -> shapely.Geometry:
    """Read lines, or the outlines of polygons, in the grid's coordinates.

    Parameters
    ----------
    path
        Any vector file that GDAL reads, with a CRS.
    theatre
        In whose coordinates.

    Returns
    -------
    shapely.Geometry
        One geometry of lines.

    Raises
    ------
    InputError
        If the file can't be read, has no CRS, or holds points.
    """
    shapes = _read(path).to_crs(theatre.grid.crs).geometry.to_numpy()
    if (shapely.get_dimensions(shapes) < 1).any():
        raise _fault(path, "there are points in it", "draw lines")
    flat = shapely.get_dimensions(shapes) == 2
    return shapely.union_all([*shapes[~flat], *shapely.boundary(shapes[flat])])


def _covered(land: shapely.Geometry, theatre: Theatre) -> NDArray[np.bool_]:
    """Cells whose centres lie in a geometry."""
    grid = theatre.grid
    burnt = features.rasterize([(land, 1)], out_shape=grid.shape, transform=grid.transform, fill=0)
    return np.asarray(burnt, bool)


def _read(path: Path | str) -> gpd.GeoDataFrame:
    """Read the first layer that has polygons or lines."""
    if not Path(path).is_file():
        raise _fault(
            path, "there is no such file", "give the path of a GeoPackage, GeoJSON or the like"
        )
    try:
        layers = pyogrio.list_layers(path)
        drawn = [str(name) for name, kind in layers if kind and "Point" not in str(kind)]
        shapes = gpd.read_file(path, layer=drawn[0]) if drawn else None
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        mend = "give a vector file that QGIS opens"
        raise _fault(path, f"it can't be read ({error})", mend) from None
    if shapes is None or not isinstance(shapes, gpd.GeoDataFrame):
        raise _fault(path, "it has no layer of polygons or lines", "draw the land or its line")
    shapes = shapes[~(shapes.geometry.isna() | shapes.geometry.is_empty)]
    if shapes.empty:
        raise _fault(path, "its layer is empty", "draw the land or its line")
    if shapes.crs is None:
        raise _fault(
            path, "it names no CRS", "set the layer's CRS, as EPSG:4326, and save it again"
        )
    return shapes


def _behind(
    path: Path | str,
    shapes: Sequence[shapely.Geometry],
    theatre: Theatre,
    holding: Sequence[tuple[float, float]],
) -> shapely.Geometry:
    """Find the parts of the members that lie behind a line."""
    own = theatre.borders[theatre.borders["iso3"].isin(theatre.members)]
    country = shapely.union_all(own.geometry.to_numpy())
    line = shapely.union_all(np.array(shapes, object))
    edges = shapely.union_all([country.boundary, line])
    faces = shapely.get_parts(shapely.polygonize([edges]))
    faces = faces[shapely.contains(country.buffer(1.0), shapely.point_on_surface(faces))]
    if len(faces) <= len(shapely.get_parts(country)):
        mend = "let the line cross the border or coast at both ends, or close it"
        raise _fault(path, "the line parts nothing from the members' land", mend)
    if holding:
        to_grid = Transformer.from_crs("EPSG:4326", theatre.grid.crs, always_xy=True)
        points = [shapely.Point(to_grid.transform(lon, lat)) for lon, lat in holding]
    else:
        towns = theatre.settlements
        largest = towns[towns["iso3"].isin(theatre.members)].sort_values("people").groupby("iso3")
        points = list(largest.tail(1).geometry)
    kept = [face for face in faces if any(face.covers(point) for point in points)]
    if not kept:
        raise _fault(
            path,
            "none of the places to hold lies in the members’ land",
            "choose points inside it (--hold lon,lat)",
        )
    return shapely.union_all(kept)


def _fault(path: Path | str, found: str, mend: str) -> InputError:
    return InputError([Fault(str(path), "", found, mend)])
