"""Whose ground the pixels of a raster are, and how large they are: worked out on its own raster."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from affine import Affine
from rasterio.features import rasterize

from vallum.theatre.bring.provenance import GEOGRAPHIC
from vallum.theatre.bring.raster_tiles import at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.raster_tiles import Block, Tile

__all__ = ["SEA", "Shore", "Zones", "division", "make_shore", "make_zones", "pixel_km2"]

SEA = -1
POLE = math.pi / 2
SUB_KM = 1.0  # a pixel is cut until its parts are no longer than this
CUTS = 64  # and into no more than this each way
EDGE_DEGREES = 0.1  # straight borders are cut up before they are projected
PIECE = 32  # vertices of a piece of shore
MARGIN = 2.0  # degrees of borders kept round the theatre


@dataclass(frozen=True, eq=False)
class Zones:
    """The land of a theatre, drawn on one raster.

    Attributes
    ----------
    shapes
        Polygons in (column, row) of the sub-pixels; other land first, then the states shown.
    codes
        Of each: the state's code, or the number of states for other land.
    tree
        Finds them.
    """

    shapes: tuple[shapely.Geometry, ...]
    codes: tuple[int, ...]
    tree: shapely.STRtree

    def label(self, block: Block) -> NDArray[np.int16]:
        """Give each sub-pixel of a block the land that holds its centre, or `SEA`.

        Polygons are drawn in whole columns and rows of the raster, so that the answer does not
        depend on how it is cut into blocks.
        """
        top, bottom, left, right = block
        frame = shapely.box(left, top, right, bottom)
        shape = (bottom - top, right - left)
        drawn = []
        for number in np.sort(self.tree.query(frame)):
            part = shapely.clip_by_rect(
                self.shapes[number], left - 2, top - 2, right + 2, bottom + 2
            )
            pieces = shapely.get_parts(part)
            pieces = pieces[shapely.get_dimensions(pieces) == 2]
            drawn += [(piece, self.codes[number]) for piece in pieces]
        if not drawn:
            return np.full(shape, SEA, np.int16)
        onto = Affine.translation(left, top)
        return np.asarray(
            rasterize(drawn, shape, fill=SEA, transform=onto, dtype="int16"), dtype=np.int16
        )


@dataclass(frozen=True, eq=False)
class Shore:
    """The edge of all land, to find the nearest.

    Attributes
    ----------
    tree
        Pieces of it, in the grid's projection.
    codes
        Whose they are.
    """

    tree: shapely.STRtree
    codes: NDArray[np.int64]

    def nearest(
        self, x: NDArray[np.float64], y: NDArray[np.float64], within_km: float
    ) -> NDArray[np.int64]:
        """Give each point in metres the nearest land's code, or `SEA` if none is near enough."""
        found = np.full(len(x), SEA, np.int64)
        if not len(x) or not len(self.codes) or within_km <= 0:
            return found
        reach = within_km * 1000.0
        frame = shapely.box(x.min() - reach, y.min() - reach, x.max() + reach, y.max() + reach)
        if not len(self.tree.query(frame)):  # the open sea
            return found
        point, piece = self.tree.query_nearest(
            shapely.points(x, y), max_distance=reach, all_matches=True
        )
        best = np.full(len(x), np.iinfo(np.int64).max)
        np.minimum.at(best, point, self.codes[piece])  # of two as near, the first state
        found[point] = best[point]
        return found


def division(tile: Tile) -> int:
    """Say into how many parts each way a pixel is cut: by its size alone."""
    return min(max(math.ceil(tile.pixel_km / SUB_KM - 1e-6), 1), CUTS)


def _near(area: Area, margin: float) -> list[tuple[shapely.Geometry, int]]:
    """Cut the borders layer to the theatre's surroundings: other land first, then the states."""
    west, south, east, north = area.bounds
    frame = (west - margin, south - margin, east + margin, north + margin)
    count = len(area.order)
    polygons = area.borders.geometry.to_numpy()
    out = []
    for row in [*range(count, len(polygons)), *range(count)]:
        whole = polygons[row]
        if whole is None or whole.is_empty:
            continue
        sound = whole if whole.is_valid else shapely.make_valid(whole)
        part = shapely.clip_by_rect(sound, *frame)
        if not part.is_empty:
            out.append((part, min(row, count)))
    return out


def make_zones(area: Area, tile: Tile, cuts: int) -> Zones:
    """Draw the theatre's land on a raster whose pixels are cut into `cuts` × `cuts` parts."""
    to_file = pyproj.Transformer.from_crs(GEOGRAPHIC, tile.crs, always_xy=True)
    back = ~tile.transform
    straight = tile.crs.equals(pyproj.CRS.from_user_input(GEOGRAPHIC), ignore_axis_order=True)

    def draw(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = (xy[:, 0], xy[:, 1]) if straight else to_file.transform(xy[:, 0], xy[:, 1])
        col, row = at(back, np.asarray(x), np.asarray(y))
        return np.column_stack([col * cuts, row * cuts])

    shapes, codes = [], []
    for part, code in _near(area, MARGIN + tile.pixel_km / 50.0):
        dense = part if straight else shapely.segmentize(part, EDGE_DEGREES)
        drawn = shapely.transform(dense, draw)
        if np.isfinite(shapely.get_coordinates(drawn)).all():
            shapes.append(drawn)
            codes.append(code)
    return Zones(tuple(shapes), tuple(codes), shapely.STRtree(shapes))


def make_shore(area: Area, within_km: float) -> Shore:
    """Lay out the edge of all land near the theatre, in the grid's projection."""
    to_grid = pyproj.Transformer.from_crs(GEOGRAPHIC, area.grid.crs, always_xy=True)
    pieces, codes = [], []
    for part, code in _near(area, MARGIN + within_km / 20.0):
        dense = shapely.segmentize(part, EDGE_DEGREES)
        flat = shapely.transform(dense, lambda xy: np.column_stack(to_grid.transform(*xy.T)))
        for line in shapely.get_parts(shapely.boundary(shapely.get_parts(flat))):
            points = shapely.get_coordinates(line)
            for start in range(0, len(points) - 1, PIECE):
                pieces.append(shapely.LineString(points[start : start + PIECE + 1]))
                codes.append(code)
    return Shore(shapely.STRtree(pieces), np.asarray(codes, np.int64))


def pixel_km2(tile: Tile, block: Block) -> NDArray[np.float64]:
    """Measure the pixels of a block in km² on the ellipsoid.

    The area between the equator and the latitude `φ`, per radian of longitude, is
    `A(φ) = b²/2 · [sin φ/(1 − e² sin² φ) + artanh(e sin φ)/e]` (J. P. Snyder, Map Projections: A
    Working Manual, U.S. Geological Survey Professional Paper 1395, 1987, equation 3-12, scaled). In
    degrees a pixel is `Δλ · ΔA`, exactly. In a projection, or rotated, its corners are brought to
    `(λ, A)`, a plane of true areas, and joined by straight edges, which neighbours share. Pixels
    smaller than a kilometre are taken in groups.

    Parameters
    ----------
    tile
        The raster.
    block
        The part.

    Returns
    -------
    area
        Of shape (rows, 1) or (rows, cols); NaN where the projection has no place on the earth.
    """
    place = tile.transform
    if tile.crs.is_geographic and place.b == 0 and place.d == 0:
        unit = tile.crs.axis_info[0].unit_conversion_factor
        lat = (place.f + place.e * np.arange(block[0], block[1] + 1)) * unit
        belts = np.diff(_belt_km2(np.clip(lat, -POLE, POLE), tile.crs))
        return np.abs(belts * place.a * unit)[:, np.newaxis]
    group = max(int(SUB_KM / tile.pixel_km), 1)
    rows, cols = np.arange(*block[:2]) // group, np.arange(*block[2:]) // group
    lines = np.arange(rows[0], rows[-1] + 2, dtype=np.float64) * group
    posts = np.arange(cols[0], cols[-1] + 2, dtype=np.float64) * group
    lon, belt = _true_areas(tile, *np.meshgrid(posts, lines))
    cells = _quads(lon, belt) / group**2
    return np.asarray(cells[np.ix_(rows - rows[0], cols - cols[0])])


def _true_areas(
    tile: Tile, col: NDArray[np.float64], row: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bring points of a raster to the plane of longitude (radians) and `A` (km²)."""
    x, y = at(tile.transform, col, row)
    if tile.crs.is_geographic:
        unit = tile.crs.axis_info[0].unit_conversion_factor
        lon, lat = x * unit, y * unit
    else:
        geodetic = tile.crs.geodetic_crs
        to_earth = pyproj.Transformer.from_crs(tile.crs, geodetic, always_xy=True)
        lon, lat = to_earth.transform(x, y, radians=True)
        known = np.isfinite(lon) & np.isfinite(lat)
        lon, lat = np.where(known, lon, np.nan), np.where(known, lat, np.nan)
    return np.asarray(lon), _belt_km2(np.clip(lat, -POLE, POLE), tile.crs)


def _quads(lon: NDArray[np.float64], belt: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measure the quadrilaterals between points, by their diagonals."""

    def turn(angle: NDArray[np.float64]) -> NDArray[np.float64]:
        return (angle + math.pi) % (2 * math.pi) - math.pi  # over the date line the short way

    east, south = turn(lon[1:, 1:] - lon[:-1, :-1]), belt[1:, 1:] - belt[:-1, :-1]
    west, north = turn(lon[1:, :-1] - lon[:-1, 1:]), belt[1:, :-1] - belt[:-1, 1:]
    return np.asarray(np.abs(east * north - west * south) / 2)


def _belt_km2(lat: NDArray[np.float64], crs: pyproj.CRS) -> NDArray[np.float64]:
    """Area per radian of longitude from the equator to a latitude (radians), km²."""
    ball = crs.ellipsoid
    if ball is None:
        raise AssertionError("a system of the earth has an ellipsoid")
    b = ball.semi_minor_metre / 1000.0
    e2 = 1.0 - (ball.semi_minor_metre / ball.semi_major_metre) ** 2
    sine = np.sin(lat)
    if e2 < 1e-15:  # a sphere
        return np.asarray(b**2 * sine)
    e = math.sqrt(e2)
    return np.asarray(b**2 / 2 * (sine / (1 - e2 * sine**2) + np.arctanh(e * sine) / e))
