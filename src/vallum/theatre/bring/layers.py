"""What was read, and the table of states and the labelled layers that are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from vallum.theatre import surface, ways
from vallum.theatre.laid import dataset

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.theatre.bring.amounts import Amount
    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.events import Events
    from vallum.theatre.bring.lines import Lines
    from vallum.theatre.bring.sections import Config
    from vallum.theatre.bring.terrain import Terrain
    from vallum.theatre.model import Source

__all__ = ["Read", "countries", "ground"]


@dataclass(frozen=True, eq=False)
class Read:
    """Everything read, once nothing was at fault."""

    people: Amount
    output: Amount | None
    terrain: Terrain
    surface: NDArray[np.int8]
    climate: NDArray[np.int8]
    settlements: gpd.GeoDataFrame
    urban: NDArray[np.float64]
    sites: gpd.GeoDataFrame
    routes: gpd.GeoDataFrame
    rivers: Lines
    coast: NDArray[np.bool_]
    events: Events
    tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
    figures: pd.DataFrame
    means: dict[str, pd.DataFrame]
    sources: tuple[Source, ...]


def countries(config: Config, area: Area, read: Read) -> pd.DataFrame:
    """Make the table of states: roles, figures, and the people that the raster puts there.

    Parameters
    ----------
    config
        What the user asked for.
    area
        The states.
    read
        Figures and people.
    """
    roles = dict.fromkeys(area.order, "flank")
    roles |= dict.fromkeys(config.disputed, "disputed")
    roles |= {config.partner: "partner"} if config.partner else {}
    roles |= dict.fromkeys(config.members, "member")
    names = dict(zip(area.borders["iso3"], area.borders["name"], strict=True))
    table = read.figures.reindex(list(area.order)).copy()
    table.index.name = "iso3"
    table.insert(0, "name", [str(names[iso3]) for iso3 in area.order])
    table.insert(1, "role", [roles[iso3] for iso3 in area.order])
    table["people_on_grid"] = read.people.by_state
    # of a member the raster's total is the one that is used: the map and the sums agree
    member = table["role"].eq("member").to_numpy()
    national = table["people"].astype(float).to_numpy()
    table["people_given"] = national
    table["people"] = np.where(member, read.people.by_state, national)
    table["people_source"] = np.where(
        member, config.population.source, table["people_source"].astype(str)
    )
    if read.output is not None and config.gdp is not None:
        whole = member & table["gdp_usd"].isna().to_numpy()
        table["gdp_usd"] = np.where(whole, read.output.by_state, table["gdp_usd"].astype(float))
        table["gdp_source"] = np.where(whole, config.gdp.source, table["gdp_source"].astype(str))
    return table


def _layers(config: Config, area: Area, read: Read) -> dict[str, NDArray[Any]]:
    """Put every layer of the ground on the grid."""
    land = area.state >= 0
    grid, routes = area.grid, read.routes
    disputed = [area.order.index(iso3) for iso3 in config.disputed]
    layers: dict[str, NDArray[Any]] = {
        "state": area.state,
        "region": area.region,
        "elevation_m": read.terrain.elevation_m,
        "relief_m": read.terrain.relief_m,
        "slope": read.terrain.slope,
        "climate": read.climate,
        "surface": read.surface,
        "people": read.people.values,  # noqa: PD011 - not a pandas frame's
        "urban_people": read.urban,
        "road": np.where(land, ways.road_cells(routes, grid), 0).astype(np.int8),
        "rail": ways.cells_of(routes.geometry[routes["kind"] == "rail"], grid) & land,
        "river": ways.cells_of(read.rivers.frame.geometry, grid) & land,
        "coast": read.coast,
        "disputed": np.isin(area.state, disputed),
    }
    if read.output is not None:
        layers["output_usd_yr"] = read.output.values  # noqa: PD011 - not a pandas frame's
    return layers


ABOUT = {
    "state": ("1", "state, row of countries; -1 sea or beyond the states shown", "borders"),
    "region": ("1", "first-level region, row of regions; -1 none", "regions"),
    "elevation_m": ("m", "mean elevation above the sea; 0 at sea", "elevation"),
    "relief_m": (
        "m",
        "highest less lowest elevation of the cell and its surroundings",
        "elevation",
    ),
    "slope": ("1", "mean rise over run at the scale that the source allows", "elevation"),
    "climate": ("1", "Koppen-Geiger class; 0 at sea, or not given", "climate"),
    "surface": ("1", "what the ground is made of", "landcover"),
    "people": ("people", "people", "population"),
    "urban_people": ("people", "people in towns of 5000 and more", "settlements"),
    "road": ("1", "highest class of road that touches the cell", "roads"),
    "rail": ("1", "a railway touches the cell", "railways"),
    "river": ("1", "a river touches the cell", "rivers"),
    "coast": ("1", "land at the sea", "coast"),
    "disputed": ("1", "disputed land", "borders"),
    "output_usd_yr": ("USD/yr", "output", "gdp"),
}
LEGENDS = {"climate": surface.CLIMATES, "surface": surface.SURFACES, "road": ways.ROADS}


def ground(config: Config, area: Area, read: Read, sources: tuple[Source, ...]) -> xr.Dataset:
    """Put the layers on the grid, labelled with their units, names, legends and sources.

    Parameters
    ----------
    config
        What the user asked for.
    area
        The grid and the states on it.
    read
        The layers.
    sources
        Of all of them.
    """
    said: dict[str, list[str]] = {}
    for one in sources:
        said.setdefault(one.layer, []).append(one.source)
    variables = {}
    for name, values in _layers(config, area, read).items():
        units, long_name, layer = ABOUT[name]
        source = "; ".join(dict.fromkeys(said.get(layer, ["not given: nothing is known of it"])))
        attrs: dict[str, Any] = {"units": units, "long_name": long_name, "source": source}
        if name in LEGENDS:
            attrs["flag_values"] = np.arange(len(LEGENDS[name]), dtype=np.int8)
            attrs["flag_meanings"] = " ".join(LEGENDS[name])
        variables[name] = xr.DataArray(values, dims=("y", "x"), attrs=attrs)
    return dataset(variables, area.grid, config.title)
