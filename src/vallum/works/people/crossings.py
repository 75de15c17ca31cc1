"""How often a kilometre of line is crossed, before it is known where the line goes.

A line of no preferred direction crosses lines of length density λ (km per km²) 2λ/π times a km.
- Roads: λ by class, from the routes' length in each cell.
- Journeys: J a year that enter or start in a cell of side c have a mean chord of πc/4 in it (π
  times area over perimeter), so λ = J (πc/4)/c², and the line is crossed J/(2c) times a km and yr.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen, sum_by
from vallum.works.people.figures import known

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = ["Crossed", "crossed", "crossings_per_km", "road_density", "roads_cut"]

PIECES = 16  # a route is cut into so many pieces per side of a cell, each in one cell


@dataclass(frozen=True, eq=False)
class Crossed:
    """What a kilometre of line of no preferred direction crosses.

    Attributes
    ----------
    journeys
        By kind ("road", "herders", "traders", "fleeing"), journeys per km of line and year, shape
        (rows, cols). Trade counts as "road" where a road runs through the cell, else as "traders".
    low, high
        By kind, factors on the journeys for their ends, low ≤ 1 ≤ high.
    roads
        By class (1 track, 2 primary, 3 trunk), roads per km of line, shape (rows, cols).
    """

    journeys: Mapping[str, NDArray[np.float64]]
    low: Mapping[str, float]
    high: Mapping[str, float]
    roads: Mapping[int, NDArray[np.float64]]

    @functools.cached_property
    def all_roads(self) -> NDArray[np.float64]:
        """Roads of all classes per km of line, shape (rows, cols)."""
        return np.asarray(sum(self.roads.values()), np.float64)


def crossings_per_km(journeys: NDArray[np.float64], cell_km: float) -> NDArray[np.float64]:
    """Journeys across a kilometre of line of no preferred direction, `J / (2 c)`.

    Parameters
    ----------
    journeys
        J, journeys per year that enter or start in each cell.
    cell_km
        c, side of a cell.

    Returns
    -------
    rate
        Per km of line and year. Where all journeys go one way, a line square to them is crossed
        twice as often, and one along them never.

    Examples
    --------
    >>> crossings_per_km(np.array([[100.0]]), 5.0)
    array([[10.]])
    """
    return journeys / (2 * cell_km)


def road_density(
    routes: gpd.GeoDataFrame, grid: Grid, road: NDArray[np.integer] | None = None
) -> Mapping[int, NDArray[np.float64]]:
    """Length of road per area in each cell, by class, λ in km per km².

    Parameters
    ----------
    routes
        `theatre.routes`: kind, road_class, geometry in the grid's projection.
    grid
        The grid.
    road
        `theatre.ground.road`; where there are no routes at all, each of its cells with a road is
        taken to have one that runs through it like a chord at random, π c/4 long.

    Returns
    -------
    density
        By class (1 track, 2 primary, 3 trunk), shape (rows, cols).
    """
    roads = routes[(routes["kind"] == "road") & (routes["road_class"] > 0)]
    cell = grid.cell_km
    if not len(roads) and road is not None:
        chord = math.pi / (4 * cell)
        return MappingProxyType({c: frozen(np.where(road == c, chord, 0.0)) for c in (1, 2, 3)})
    return MappingProxyType(
        {
            c: frozen(_lengths(roads.geometry[roads["road_class"] == c], grid) / cell**2)
            for c in (1, 2, 3)
        }
    )


def _lengths(lines: Iterable[Any], grid: Grid) -> NDArray[np.float64]:
    """Km of line in each cell, shape (rows, cols): pieces counted where their middles lie."""
    out = np.zeros(grid.shape)
    rows, cols = grid.shape
    for line in lines:
        cut = shapely.segmentize(line, 1000 * grid.cell_km / PIECES)
        for part in getattr(cut, "geoms", [cut]):
            points = shapely.get_coordinates(part)
            middle = (points[1:] + points[:-1]) / 2
            km = np.hypot(*np.diff(points, axis=0).T) / 1000
            row, col, inside = grid.locate(middle[:, 0], middle[:, 1])
            at = np.asarray(row)[inside] * cols + np.asarray(col)[inside]
            out += sum_by(at, km[inside], rows * cols).reshape(rows, cols)
    return out


def crossed(
    journeys: Mapping[str, NDArray[np.float64]],
    density: Mapping[int, NDArray[np.float64]],
    cell_km: float,
    *,
    ends: Mapping[str, tuple[float, float]] | None = None,
) -> Crossed:
    """Say what a kilometre of line would cross in each cell.

    Parameters
    ----------
    journeys
        By kind ("herders", "traders", "fleeing"), journeys per year that enter or start in each
        cell, as `threat.civilians.cells`; a kind that is not there has none.
    density
        Length of road per area by class, as `road_density` gives it.
    cell_km
        Side of a cell.
    ends
        By kind, factors (low, high) on the journeys, as `threat.civilians.demands` has them.

    Returns
    -------
    Crossed
        Per km of line.

    Raises
    ------
    InputError
        When a kind is not known, arrays differ in shape, or journeys are negative or not finite,
        the cell is not above 0, or ends do not enclose 1; with every fault.
    """
    spread = dict(ends or {})
    shape = next(iter(density.values())).shape
    _check(journeys, spread, shape, cell_km)
    none = np.zeros(shape)
    laid = {k: crossings_per_km(np.asarray(journeys.get(k, none), np.float64), cell_km)
            for k in ("herders", "traders", "fleeing")}  # fmt: skip
    roads = {c: frozen(2 / math.pi * np.asarray(each)) for c, each in density.items()}
    on_road = np.asarray(sum(roads.values())) > 0
    by_kind = {
        "road": np.where(on_road, laid["traders"], 0.0),
        "herders": laid["herders"],
        "traders": np.where(on_road, 0.0, laid["traders"]),
        "fleeing": laid["fleeing"],
    }
    spread["road"] = spread.get("traders", (1.0, 1.0))
    return Crossed(
        journeys=MappingProxyType({kind: frozen(each) for kind, each in by_kind.items()}),
        low=MappingProxyType({kind: spread.get(kind, (1.0, 1.0))[0] for kind in by_kind}),
        high=MappingProxyType({kind: spread.get(kind, (1.0, 1.0))[1] for kind in by_kind}),
        roads=MappingProxyType(roads),
    )


def _check(
    journeys: Mapping[str, NDArray[np.float64]],
    ends: Mapping[str, tuple[float, float]],
    shape: tuple[int, ...],
    cell_km: float,
) -> None:
    faults = known(journeys, "journeys") + known(ends, "ends")
    for kind, each in journeys.items():
        given = np.asarray(each, np.float64)
        if given.shape != shape:
            mend = f"give journeys on the grid of the roads, {shape}"
            faults.append(Fault("works", f"journeys: {kind}", f"shape {given.shape}", mend))
        elif not np.isfinite(given).all() or (given < 0).any():
            worst = f"{np.nanmin(given):g} at least, {np.nanmax(given):g} at most"
            faults.append(Fault("works", f"journeys: {kind}", worst, "give numbers, 0 or more"))
    faults += [
        Fault("works", f"ends: {kind}", f"{low:g}, {high:g}", "give 0 < low ≤ 1 ≤ high")
        for kind, (low, high) in ends.items()
        if not (0 < low <= 1 <= high < math.inf)
    ]
    if not 0 < cell_km < math.inf:
        faults.append(Fault("works", "cell_km", f"{cell_km:g}", "give the side of a cell in km"))
    if faults:
        raise InputError(faults)


def roads_cut(lines: Iterable[Any], routes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the places where a drawn line cuts real roads and railways.

    Parameters
    ----------
    lines
        Geometries of the line, in the projection of the routes.
    routes
        `theatre.routes`.

    Returns
    -------
    DataFrame
        The routes that are cut: route_id, name, kind, road_class, cuts, and x, y of the first cut
        along the route; in the routes' order. A stretch on which both run together counts once.
    """
    line = shapely.union_all(np.asarray(list(lines), dtype=object))
    columns = ["route_id", "name", "kind", "road_class", "cuts", "x", "y"]
    rows = []
    for route in routes.itertuples():
        places = _places(route.geometry, line)
        if len(places):
            along = shapely.line_locate_point(route.geometry, places)
            first = places[int(np.argmin(along))]
            rows.append((route.route_id, route.name, route.kind, int(route.road_class),
                         len(places), first.x, first.y))  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _places(route: Any, line: Any) -> Any:  # noqa: ANN401 - shapely's functions are typed so
    """Points where a route meets the line: one for each point, and for each stretch together."""
    parts = shapely.get_parts(shapely.intersection(route, line))
    types = shapely.get_type_id(parts)
    points = parts[types == shapely.GeometryType.POINT]
    stretches = parts[types == shapely.GeometryType.LINESTRING]
    if not len(stretches):
        return points
    together = shapely.line_merge(shapely.union_all(stretches))
    middles = shapely.line_interpolate_point(shapely.get_parts(together), 0.5, normalized=True)
    return np.concatenate([points[~shapely.dwithin(points, together, 1e-6)], middles])
