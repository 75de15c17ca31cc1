"""Lines and areas of the map in km: borders, rivers, roads, regions, and where names stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import Polygon, box
from shapely.ops import polylabel

from vallum.kernel.once import once

if TYPE_CHECKING:
    import geopandas as gpd

    from vallum.theatre import Theatre

__all__ = ["Lines", "View", "areas", "as_lines", "borders", "members", "names", "runs", "view"]

_SIMPLE_M = 1500.0


@dataclass(frozen=True)
class View:
    """What the map shows at first: west, south, east and north edge in km."""

    west: float
    south: float
    east: float
    north: float

    @property
    def window(self) -> Polygon:
        """The same as a rectangle in metres."""
        return box(1000 * self.west, 1000 * self.south, 1000 * self.east, 1000 * self.north)

    @property
    def aspect(self) -> float:
        """Width over height."""
        return (self.east - self.west) / (self.north - self.south)


@dataclass(frozen=True)
class Lines:
    """Polylines in km: one list of x and one of y for each."""

    xs: list[list[float]]
    ys: list[list[float]]


def view(theatre: Theatre, *, margin_km: float = 60.0) -> View:
    """Frame the members with a margin, within the grid."""
    frame = theatre.borders
    west, south, east, north = (
        part / 1000.0 for part in frame[frame["iso3"].isin(theatre.members)].total_bounds
    )
    edge = [part / 1000.0 for part in theatre.grid.bounds]
    return View(
        max(west - margin_km, edge[0]),
        max(south - margin_km, edge[1]),
        min(east + margin_km, edge[2]),
        min(north + margin_km, edge[3]),
    )


@once
def borders(theatre: Theatre) -> tuple[Lines, Lines, Lines]:
    """Split borders into settled ones, those of disputed land (dashed), and the coast.

    Returns
    -------
    settled, disputed, coast
        Clipped to the grid.
    """
    frame = theatre.borders
    window = box(*theatre.grid.bounds).buffer(-1.0)
    rims = frame.geometry.boundary
    outer = shapely.union_all(frame.geometry.buffer(10.0).to_numpy()).boundary
    near_coast = outer.buffer(1500.0)
    open_question = shapely.union_all(rims[frame["disputed"]].to_numpy())
    doubted = open_question.difference(near_coast)
    rest = shapely.union_all(rims[~frame["disputed"]].to_numpy())
    settled = rest.difference(near_coast).difference(open_question.buffer(1500.0))
    return runs(settled, window), runs(doubted, window), runs(outer, window)


@once
def members(theatre: Theatre) -> Lines:
    """Give the members' borders on land, but for those with disputed land."""
    table = theatre.borders
    window = box(*theatre.grid.bounds).buffer(-1.0)
    rims = table.geometry.boundary
    own = shapely.union_all(rims[table["iso3"].isin(theatre.members)].to_numpy())
    outer = shapely.union_all(table.geometry.buffer(10.0).to_numpy()).boundary
    other = shapely.union_all([*rims[table["disputed"]].to_numpy(), outer])
    return runs(own.difference(other.buffer(1500.0)), window)


def runs(geometry: Any, window: Any, *, tolerance_m: float = _SIMPLE_M) -> Lines:  # noqa: ANN401
    """Clip lines to a window, join and simplify them, in km rounded to 100 m."""
    clipped = shapely.intersection(geometry, window)
    joined = shapely.line_merge(clipped) if clipped.geom_type == "MultiLineString" else clipped
    xs, ys = [], []
    for part in shapely.get_parts(shapely.simplify(joined, tolerance_m)):
        if part.geom_type != "LineString" or part.length < 2 * tolerance_m:
            continue
        points = shapely.get_coordinates(part) / 1000.0
        xs.append([round(float(x), 1) for x in points[:, 0]])
        ys.append([round(float(y), 1) for y in points[:, 1]])
    return Lines(xs, ys)


def as_lines(*lines: Lines) -> shapely.Geometry:
    """Join polylines in km into one geometry."""
    return shapely.union_all(
        [
            shapely.LineString(list(zip(xs, ys, strict=True)))
            for run in lines
            for xs, ys in zip(run.xs, run.ys, strict=True)
        ]
    )


def areas(frame: gpd.GeoDataFrame, theatre: Theatre) -> tuple[list[Any], list[Any], list[int]]:
    """Give polygons as Bokeh's MultiPolygons wants them, in km.

    Returns
    -------
    xs, ys, rows
        Nested lists [polygon][part][ring][point], and the row of the frame of each.
    """
    window = box(*theatre.grid.bounds)
    xs: list[Any] = []
    ys: list[Any] = []
    rows: list[int] = []
    table = theatre.borders
    state = {
        str(iso3): shapely.simplify(geometry, _SIMPLE_M)
        for iso3, geometry in zip(table["iso3"], table.geometry, strict=True)
    }
    for n, (iso3, geometry) in enumerate(zip(frame["iso3"], frame.geometry, strict=True)):
        land = shapely.intersection(state[str(iso3)], window)
        clipped = shapely.intersection(shapely.simplify(geometry, _SIMPLE_M), land)
        parts = [p for p in shapely.get_parts(clipped) if p.geom_type == "Polygon"]
        rings = [
            [shapely.get_coordinates(ring) / 1000.0 for ring in (part.exterior, *part.interiors)]
            for part in parts
        ]
        if rings:
            xs.append([[[round(float(v), 1) for v in ring[:, 0]] for ring in p] for p in rings])
            ys.append([[[round(float(v), 1) for v in ring[:, 1]] for ring in p] for p in rings])
            rows.append(n)
    return xs, ys, rows


@once
def names(theatre: Theatre, frame: View) -> list[dict[str, Any]]:
    """Place the names of states and of the sea at the middle of what is seen of them."""
    window = frame.window
    table = theatre.borders
    shown = theatre.countries["name"]
    pieces = [
        (
            f"{name}\n(disputed)" if disputed else str(shown.get(iso3, name)),
            _kind(theatre, str(iso3)),
            geometry,
        )
        for iso3, name, disputed, geometry in zip(
            table["iso3"], table["name"], table["disputed"], table.geometry, strict=True
        )
    ]
    land = shapely.union_all(table.geometry.to_numpy())
    pieces.append(("Sea", "sea", shapely.difference(window, land)))
    out = []
    for name, kind, geometry in pieces:
        seen = shapely.intersection(geometry, window)
        parts = sorted(shapely.get_parts(seen), key=lambda part: -part.area)
        if not parts or parts[0].area < 1.2e10:
            continue
        middle = polylabel(parts[0], tolerance=5000.0)
        x, y = middle.x / 1000.0, middle.y / 1000.0
        room = float(shapely.distance(middle, parts[0].boundary)) / 1000.0
        out.append({"name": name, "kind": kind, "x": round(x, 1), "y": round(y, 1), "room": room})
    return out


def _kind(theatre: Theatre, iso3: str) -> str:
    role = str(theatre.countries["role"].get(iso3, "flank"))
    return role if role in ("member", "disputed") else "other"
