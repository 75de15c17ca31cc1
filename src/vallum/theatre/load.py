"""The verb: read a theatre, check it, and lay it on a grid."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from vallum.errors import Fault, InputError
from vallum.theatre import census, economy, frame, laid, means, people, store, tables
from vallum.theatre.coalition import only
from vallum.theatre.ground import Layers, dataset, layers
from vallum.theatre.model import Source, Theatre, no_events
from vallum.theatre.states import edge_faults
from vallum.theatre.ways import DENSIFY_DEGREES, points, rivers, routes

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = ["check", "lay", "load", "rural_shares"]

CELL_KM = 10.0  # of the built-in theatre, unless another is asked for


def load(
    name_or_path: str, *, cell_km: float | None = None, coalition: Collection[str] | None = None
) -> Theatre:
    """Load a theatre on a grid.

    Parameters
    ----------
    name_or_path
        A built-in theatre (`names()`), or the folder of one.
    cell_km
        Side of a cell in km, from 1 to 50; by default 10. A theatre that was built from a user's
        files has one size of its own, and no other.
    coalition
        ISO3 of the members who take part, the others being neighbours; all of them if not given.

    Returns
    -------
    theatre
        The same for the same files and cell size, always.

    Raises
    ------
    InputError
        With every fault: an unknown name, a cell size out of range, files that are missing,
        altered or can't be read, tables that break their rules, members too near the edge; a
        coalition of others than members.

    Examples
    --------
    >>> sahel = load("sahel", cell_km=50)
    >>> sahel.members
    ('MRT', 'MLI')
    >>> round(float(sahel.ground["people"].values[sahel.member_mask].sum()))
    29742863
    """
    theatre = _loaded(name_or_path, cell_km)
    return theatre if coalition is None else only(theatre, coalition)


def _loaded(name_or_path: str, cell_km: float | None) -> Theatre:
    """Load a theatre of all its members."""
    size = CELL_KM if cell_km is None else cell_km
    wrong = frame.cell_faults(size)
    try:
        path = store.find(name_or_path)
        if laid.is_laid(path):
            return _laid(path, cell_km)
        stored = store.read(path)
        wrong += tables.faults(stored)
    except InputError as error:
        raise InputError([*wrong, *error.faults]) from None
    if wrong:
        raise InputError(wrong)
    grid = frame.make_grid(stored.config, size)
    on_grid = stored.tables["on_grid"].set_index("iso3")["rural_on_grid"]
    return lay(stored, grid, on_grid)


def _laid(path: Path, cell_km: float | None) -> Theatre:
    """Read a theatre that was built at one cell size."""
    theatre = laid.read(path)
    own = theatre.grid.cell_km
    if cell_km is None or cell_km == own:
        return theatre
    found = f"{cell_km:g} km; this theatre was built at {own:g} km"
    mend = "leave it out, or build the theatre again with another cell_km in its CONFIG.toml"
    raise InputError([Fault("cell_km", "", found, mend)])


def check(name_or_path: str) -> list[Fault]:
    """Find everything that is wrong with a theatre, at once; empty when nothing is.

    Members near the edge are looked for at the coarsest cells, where the edge is widest.

    Raises
    ------
    InputError
        If there is no such theatre.
    """
    path = store.find(name_or_path)
    try:
        if laid.is_laid(path):
            laid.read(path)
            return []
        stored = store.read(path)
    except InputError as error:
        return list(error.faults)
    wrong = tables.faults(stored)
    if wrong:
        return wrong
    try:
        load(name_or_path, cell_km=frame.CELL_KM[1])
    except InputError as error:
        return list(error.faults)
    return []


def lay(stored: store.Stored, grid: Grid, rural_on_grid: pd.Series[float]) -> Theatre:
    """Lay a theatre's files on a grid.

    Parameters
    ----------
    stored
        What the files hold, already checked.
    grid
        The grid.
    rural_on_grid
        Per state, the part of its scattered people that the grid holds.
    """
    countries = stored.tables["countries"].set_index("iso3")
    countries["rural_on_grid"] = rural_on_grid.reindex(countries.index)
    drawn = _draw(stored, grid, countries)
    member = np.isin(drawn.ground.state, np.flatnonzero(countries["role"] == "member"))
    wrong = edge_faults(member, grid)
    if wrong:
        raise InputError(wrong)
    ground = drawn.ground
    units = census.units(countries, drawn.totals, ground.state, ground.region, drawn.regions, grid)
    spread = people.spread(countries, units, drawn.settlements, ground.state, drawn.weight, grid)
    countries["people_on_grid"] = spread.on_grid
    tabs = stored.tables
    fingerprint = hashlib.sha256(f"{stored.digest} {grid.cell_km!r}".encode()).hexdigest()
    columns = [
        "geonameid",
        "name",
        "iso3",
        "region",
        "people",
        "imputed",
        "lon",
        "lat",
        "row",
        "col",
    ]
    shown = drawn.settlements.loc[drawn.settlements["row"] >= 0, [*columns, "geometry"]]
    return Theatre(
        name=str(stored.config["name"]),
        title=str(stored.config["title"]),
        grid=grid,
        ground=dataset(drawn.ground, spread, stored, grid),
        countries=countries,
        settlements=shown.reset_index(drop=True),
        sites=_sites(tabs["sites"], drawn, grid),
        routes=drawn.routes,
        crossings=points(tabs["crossings"], grid),
        rivers=drawn.rivers,
        borders=drawn.borders,
        regions=drawn.regions,
        events_year=tabs["threat_region_year"],
        events_month=tabs["threat_region_2026_01"],
        deaths_year=tabs["threat_country_year"],
        events=no_events(),
        sources=tuple(_sources(tabs["sources"])),
        fingerprint=fingerprint,
        forces=tabs.get("forces", means.no_forces()),
        bases=_bases(tabs["bases"], grid) if "bases" in tabs else means.no_bases(),
        offer=tabs.get("offer", means.no_offer()),
        **{name: tabs.get(name, means.empty(name)) for name in economy.COLUMNS},
    )


def _bases(table: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    """Place the home bases: a plain table, with the cell of each (−1 off the grid)."""
    return pd.DataFrame(points(table, grid).drop(columns="geometry"))


def rural_shares(stored: store.Stored, cell_km: float) -> pd.Series[float]:
    """Find which part of each state's scattered people lives within the theatre's bounds.

    Parameters
    ----------
    stored
        The theatre's files; `on_grid` is not read.
    cell_km
        Side of a cell of the grid over the whole states, in km.

    Returns
    -------
    share
        By iso3, from 0 to 1.
    """
    countries = stored.tables["countries"].set_index("iso3")
    grid = frame.whole_grid(stored.config, cell_km)
    drawn = _draw(stored, grid, countries)
    west, south, east, north = frame.make_grid(stored.config, cell_km).bounds
    across = (grid.x > west) & (grid.x < east)
    down = (grid.y > south) & (grid.y < north)
    inside = drawn.weight * np.outer(down, across)
    codes = range(len(countries))
    shares = [
        float(
            inside[drawn.ground.state == code].sum()
            / drawn.weight[drawn.ground.state == code].sum()
        )
        for code in codes
    ]
    return pd.Series(shares, index=countries.index, name="rural_on_grid")


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A theatre's files on a grid, all but the people."""

    borders: gpd.GeoDataFrame
    regions: gpd.GeoDataFrame
    routes: gpd.GeoDataFrame
    rivers: gpd.GeoDataFrame
    settlements: gpd.GeoDataFrame
    ground: Layers
    weight: NDArray[np.float64]
    totals: pd.Series[float]


def _draw(stored: store.Stored, grid: Grid, countries: pd.DataFrame) -> _Drawn:
    """Draw the files on a grid: lines, polygons, settlements, ground, and the rural weight."""
    tabs = stored.tables
    borders = _project(stored.borders, grid).set_index("iso3").loc[countries.index].reset_index()
    regions = _project(stored.regions, grid)
    lines = routes(tabs["routes"], tabs["route_points"], grid)
    streams = rivers(tabs["rivers"], grid)
    ground = layers(stored, grid, borders, regions, lines, streams)
    settlements = points(tabs["settlements"], grid)
    totals = census.region_totals(countries, tabs["region_people"])
    settlements["counted"] = people.counted(countries, settlements, totals)
    settlements = _at_home(settlements, settlements["iso3"], borders, ground)
    towns = _cells(settlements, grid)
    weight = people.rural_weight(ground.dryness, towns, ground.road > 0, ground.river, grid)
    return _Drawn(borders, regions, lines, streams, settlements, ground, weight, totals)


def _project(polygons: gpd.GeoDataFrame, grid: Grid) -> gpd.GeoDataFrame:
    """Project polygons, with long straight sides cut up first so that they stay straight."""
    dense = polygons.copy()
    dense["geometry"] = shapely.segmentize(polygons.geometry.to_numpy(), DENSIFY_DEGREES)
    return dense.to_crs(grid.crs)


def _cells(settlements: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.bool_]:
    """Mark the cells that hold a settlement."""
    held = np.zeros(grid.shape, np.bool_)
    inside = settlements["row"] >= 0
    held[settlements.loc[inside, "row"], settlements.loc[inside, "col"]] = True
    return held


def _at_home(
    places: gpd.GeoDataFrame, iso3: pd.Series[str], borders: gpd.GeoDataFrame, ground: Layers
) -> gpd.GeoDataFrame:
    """Move places whose cell is another state's, or sea, to the nearest cell of their own.

    A town on a border river or the coast may lie in a cell whose centre is across: it is counted
    where its state is, so that the totals of each state hold at every cell size.
    """
    moved = places.copy()
    order = {str(name): code for code, name in enumerate(borders["iso3"])}
    code = iso3.map(order).to_numpy()
    row, col = moved["row"].to_numpy().copy(), moved["col"].to_numpy().copy()
    away = (row >= 0) & (ground.state[row, col] != code)
    for index in np.flatnonzero(away):
        own = ground.state == code[index]
        if own.any():
            row[index], col[index] = people.nearest_own(row[index], col[index], own)
        else:
            row[index] = col[index] = -1
    moved["row"], moved["col"] = row, col
    return moved


def _sites(table: pd.DataFrame, drawn: _Drawn, grid: Grid) -> gpd.GeoDataFrame:
    """Place the sites; one at sea is marked `offshore` and has the nearest cell of its state."""
    sites = points(table, grid)
    land = shapely.union_all(drawn.borders.geometry.to_numpy())
    offshore = sites.distance(land) > tables.OUTSIDE_KM * 1000
    sites.insert(sites.columns.get_loc("row"), "offshore", offshore.to_numpy())
    return _at_home(sites, sites["state"], drawn.borders, drawn.ground)


def _sources(table: pd.DataFrame) -> list[Source]:
    """Turn the table of sources into records."""
    names = ["layer", "source", "licence", "address", "date", "treatment"]
    return [Source(*(str(value) for value in row)) for row in table[names].itertuples(index=False)]
