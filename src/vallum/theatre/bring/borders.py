"""Whose land it is: the borders of states and regions, the grid round the members, the area."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from rasterio.features import rasterize

from vallum.errors import Fault, InputError, nearest
from vallum.kernel.grid import Grid
from vallum.theatre import states as whose
from vallum.theatre.bring.area import Area
from vallum.theatre.bring.provenance import GEOGRAPHIC, describe, share
from vallum.theatre.bring.regions import all_regions, joined, moved, read_regions, unmatched
from vallum.theatre.bring.vectors import POLYGONS, crs_text, read_vector
from vallum.theatre.frame import projection
from vallum.theatre.ways import DENSIFY_DEGREES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.theatre.bring.sections import BordersLayer, Config
    from vallum.theatre.model import Source

__all__ = ["Ground", "read_ground"]

CODE = r"[A-Z][A-Z0-9]{2}"
SLIVER_KM2 = 1.0  # of overlap between two states: more is a fault of the map
MOST_CELLS = 6_000_000  # 2,450 × 2,450: what a laptop's memory holds through every stage
EARTH_KM2_PER_DEGREE2 = 111.195**2


@dataclass(frozen=True, eq=False)
class Ground:
    """The area, and where its borders come from.

    Attributes
    ----------
    area
        The area.
    frame
        Projection and bounds as `theatre.toml` writes them.
    sources
        Of borders and regions.
    """

    area: Area
    frame: dict[str, Any]
    sources: tuple[Source, ...]


def read_ground(config: Config) -> Ground:
    """Read the states and regions, and lay the grid round the members.

    Raises
    ------
    InputError
        With every fault: of the files, of codes that aren't there, of states that overlap, of
        members without a cell or too near the grid's edge.
    """
    land, faults = _land(config.borders, "borders")
    if land is None:
        raise InputError(faults + read_regions(config, None)[1])
    faults = _codes_faults(config, land) or [*_overlaps(config, land), *_alone(config, land)]
    if faults:
        raise InputError(faults)
    grid, frame = _grid(config, land)
    order = _order(config, land, grid)
    codes = {iso3: number for number, iso3 in enumerate(order)}
    shown = land["iso3"].map(codes).fillna(len(order))
    land = land.iloc[np.argsort(shown.to_numpy(), kind="stable")].reset_index(drop=True)
    names = {iso3: section.name for iso3, section in config.states.items() if section.name}
    pairs = zip(land["iso3"], land["name"], strict=True)
    land["name"] = [names.get(str(iso3), str(name)) for iso3, name in pairs]
    state = _states(_projected(land, grid), len(order), grid)
    faults = _cells_faults(config, order, state, grid)
    bounds = _degrees(grid)
    regions, wrong = read_regions(config, bounds)
    if faults or wrong:
        raise InputError(faults + wrong)
    faults = unmatched(config, regions)
    if faults:
        raise InputError(faults)
    parts, unnamed = all_regions(regions, land.iloc[: len(order)])
    number = whose.regions(_projected(parts, grid), order, state, grid)
    area = Area(
        grid=grid,
        bounds=bounds,
        order=order,
        members=config.members,
        borders=land,
        state=state,
        regions=parts,
        region=number,
        today=dt.date.fromisoformat(config.as_of),
    )
    return Ground(area, frame, _sources(config, area, unnamed))


def _land(layer: BordersLayer, key: str) -> tuple[gpd.GeoDataFrame | None, list[Fault]]:
    """Read the states: one polygon for each code; land without a code has an empty one."""
    frame, faults = read_vector(layer, key, kinds=POLYGONS, columns=(layer.iso3, layer.name))
    if frame is None:
        return None, faults
    code = frame[layer.iso3].astype("string").fillna("").str.strip()
    code = code.where(code.str.fullmatch(CODE).fillna(value=False), "")
    named = gpd.GeoDataFrame(
        {"iso3": code.astype(object), "name": frame[layer.name].astype("string").fillna("")},
        geometry=frame.geometry.to_numpy(),
        crs=GEOGRAPHIC,
        index=frame.index,
    )
    named["name"] = named["name"].astype(object)
    if not (code != "").any():
        found = f"no value of column {layer.iso3} is an ISO3 code"
        mend = f'say which column has them, as iso3 = "ADM0_A3" in [{key}]'
        return None, [Fault(str(layer.file[0]), f"column {layer.iso3}", found, mend)]
    known = set(code.astype(str)) - {""}
    for number, move in enumerate(layer.move, 1):
        if move.from_state not in known:
            place = f"{key}.move[{number}].from = {move.from_state}"
            mend = nearest(move.from_state, sorted(known))
            return None, [Fault(str(layer.file[0]), place, "the map has no such state", mend)]
        known.add(move.to_state)
    return moved(joined(named, ["iso3"]), layer.move), []


def _codes_faults(config: Config, land: gpd.GeoDataFrame) -> list[Fault]:
    """Say which states of the config the map doesn't have."""
    known = sorted(code for code in land["iso3"].astype(str) if code)
    partner = (config.partner,) if config.partner else ()
    asked = {
        **dict.fromkeys(config.members, "members"),
        **dict.fromkeys(partner, "partner"),
        **dict.fromkeys(config.disputed, "disputed"),
        **{iso3: f"states.{iso3}" for iso3 in config.states},
    }
    file = str(config.borders.file[0])
    return [
        Fault(file, f"{place} = {iso3}", "the map has no such state", nearest(iso3, known))
        for iso3, place in asked.items()
        if iso3 not in known
    ]


def _overlaps(config: Config, land: gpd.GeoDataFrame) -> list[Fault]:
    """Say which members overlap another state: a cell would be of two."""
    tree = shapely.STRtree(land.geometry.to_numpy())
    out = []
    for iso3 in config.members:
        index = int(np.flatnonzero(land["iso3"] == iso3)[0])
        own = land.geometry.iloc[index]
        for other in sorted(int(n) for n in tree.query(own)):
            name = str(land["iso3"].iloc[other])
            if other == index or (name in config.members and name < iso3):
                continue
            both = shapely.intersection(own, land.geometry.iloc[other])
            if shapely.area(both) == 0:
                continue
            latitude = np.radians(shapely.get_y(shapely.centroid(both)))
            km2 = shapely.area(both) * EARTH_KM2_PER_DEGREE2 * np.cos(latitude)
            if km2 > SLIVER_KM2:
                found = f"{iso3} and {name or 'unnamed land'} overlap by {km2:,.0f} km²"
                mend = "mend the map, or say whose it is with [[borders.move]]"
                out.append(Fault(str(config.borders.file[0]), iso3, found, mend))
    return out


def _alone(config: Config, land: gpd.GeoDataFrame) -> list[Fault]:
    """Say that a map of the members alone would make sea of their neighbours."""
    if config.borders.alone or not land["iso3"].isin(config.members).all():
        return []
    found = (
        "it shows no land but the members', and all else would count as sea, which needs no line"
    )
    mend = "give the neighbours' polygons too; or, of islands, say alone = true in [borders]"
    return [Fault(str(config.borders.file[0]), "borders", found, mend)]


def _grid(config: Config, land: gpd.GeoDataFrame) -> tuple[Grid, dict[str, Any]]:
    """Lay the grid: the edges given, or the members' extent and a margin."""
    own = land[land["iso3"].isin(config.members)].geometry
    west, south, east, north = own.total_bounds
    if east - west > 180:
        found = "the members reach across 180° of longitude"
        mend = "Vallum's grid can't lie across the antimeridian"
        raise InputError([Fault(str(config.borders.file[0]), "members", found, mend)])
    section, cell = config.grid, config.cell_km
    lat = section.lat_0 if section.lat_0 is not None else round(float(south + north)) / 2
    lon = section.lon_0 if section.lon_0 is not None else round(float(west + east)) / 2
    crs = projection({"projection": {"lat_0": lat, "lon_0": lon}})
    edges = (section.west_km, section.south_km, section.east_km, section.north_km)
    if None in edges:
        dense = shapely.segmentize(own.to_numpy(), DENSIFY_DEGREES)
        held = gpd.GeoSeries(dense, crs=GEOGRAPHIC).to_crs(crs).total_bounds / 1000.0
        margin = max(section.margin_km, (whose.EDGE_CELLS + 1) * cell)
        low = [np.floor((held[n] - margin) / cell) * cell for n in (0, 1)]
        high = [np.ceil((held[n] + margin) / cell) * cell for n in (2, 3)]
        edges = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    w, s, e, n = (float(value) for value in edges if value is not None)
    rows, cols = int(np.ceil((n - s) / cell - 1e-9)), int(np.ceil((e - w) / cell - 1e-9))
    if rows * cols > MOST_CELLS:
        found = f"{rows:,} × {cols:,} cells of {cell:g} km"
        mend = f"use larger cells or a smaller margin: at most {MOST_CELLS:,} cells"
        raise InputError([Fault("CONFIG.toml", "cell_km", found, mend)])
    frame = {
        "projection": {"lat_0": lat, "lon_0": lon},
        "bounds_km": {"west": w, "south": s, "east": e, "north": n},
    }
    return Grid(crs, w * 1000.0, n * 1000.0, float(cell), rows, cols), frame


def _projected(frame: gpd.GeoDataFrame, grid: Grid) -> gpd.GeoDataFrame:
    """Project polygons, with long straight sides cut up first so that they stay straight."""
    dense = frame.copy()
    dense["geometry"] = shapely.segmentize(frame.geometry.to_numpy(), DENSIFY_DEGREES)
    return dense.to_crs(grid.crs)


def _degrees(grid: Grid) -> tuple[float, float, float, float]:
    """Say which longitudes and latitudes the grid covers, a cell's margin included."""
    change = pyproj.Transformer.from_crs(grid.crs, GEOGRAPHIC, always_xy=True)
    west, south, east, north = grid.bounds
    edge = grid.cell_m
    found = change.transform_bounds(west - edge, south - edge, east + edge, north + edge, 51)
    return (float(found[0]), float(found[1]), float(found[2]), float(found[3]))


def _order(config: Config, land: gpd.GeoDataFrame, grid: Grid) -> tuple[str, ...]:
    """Order the states shown: members, partner, disputed, then the others that have a cell."""
    first = [*config.members, *((config.partner,) if config.partner else ()), *config.disputed]
    box = shapely.box(*_degrees(grid))
    near = land[shapely.intersects(land.geometry.to_numpy(), box)]
    others = sorted(set(near["iso3"].astype(str)) - {"", *first})
    drawn = _projected(land.set_index("iso3").loc[others].reset_index(), grid)
    held = set(np.unique(whose.states(drawn, grid)).tolist()) if others else set()
    return (*first, *(iso3 for number, iso3 in enumerate(others) if number in held))


def _cells_faults(config: Config, order: tuple[str, ...], state: Any, grid: Grid) -> list[Fault]:  # noqa: ANN401
    """Say which members have no cell, and whether they come too near the edge."""
    out = [
        Fault(
            "CONFIG.toml",
            f"members = {iso3}",
            f"no cell of {grid.cell_km:g} km has its centre in it",
            "use smaller cells, or widen [grid]",
        )
        for iso3 in config.members
        if not (state == order.index(iso3)).any()
    ]
    member = np.isin(state, [order.index(iso3) for iso3 in config.members])
    wrong = [] if out else whose.edge_faults(member, grid)
    mend = "widen [grid] (margin_km, or its edges), or use smaller cells"
    return out + [Fault("CONFIG.toml", "grid", fault.found, mend) for fault in wrong]


def _states(land: gpd.GeoDataFrame, shown: int, grid: Grid) -> NDArray[np.int16]:
    """Give every cell its state; an enclave of other land is no sliver, and stays nobody's."""
    state = whose.states(land.iloc[:shown], grid)

    def drawn(shapes: gpd.GeoSeries) -> NDArray[np.bool_]:
        if shapes.empty:
            return np.zeros(grid.shape, np.bool_)
        cells = rasterize(
            [(shape, 1) for shape in shapes], grid.shape, transform=grid.transform, dtype="uint8"
        )
        return np.asarray(cells == 1)

    other = drawn(land.geometry.iloc[shown:]) & ~drawn(land.geometry.iloc[:shown])
    return np.where(other, -1, state).astype(np.int16)


def _sources(config: Config, area: Area, unnamed: int) -> tuple[Source, ...]:
    """Record the two layers."""
    moves = [f"{move.from_state} to {move.to_state} where asked" for move in config.borders.move]
    other = int((area.borders["iso3"] == "").sum())
    rules = "each cell has the state whose polygon holds its centre"
    borders = describe(
        config.borders,
        "borders",
        crs_in=crs_text(config.borders),
        crs_out=area.grid.crs,
        resampling=rules,
        treatment="; ".join(["polygons of one code joined", *moves]),
        lost=f"{other} polygons without a code, shown as other land" if other else "nothing",
    )
    if config.regions is None:
        return (borders,)
    rules = "each cell has the region of its state that holds its centre, or the nearest"
    lost = f"{unnamed} polygons without a name ({share(unnamed, unnamed + len(area.regions))})"
    regions = describe(
        config.regions,
        "regions",
        crs_in=crs_text(config.regions),
        crs_out=area.grid.crs,
        resampling=rules,
        treatment="polygons of one name joined; a state without regions is one",
        lost=lost if unnamed else "nothing",
    )
    return (borders, regions)
