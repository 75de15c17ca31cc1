"""The theatre: the ground, and the tables that lie on it, as one frozen result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError, nearest
from vallum.kernel.card import Shown
from vallum.theatre.card import theatre_card
from vallum.theatre.economy import no_corridors, no_economy, no_projects, no_trade, no_visits
from vallum.theatre.means import no_bases, no_forces, no_offer

if TYPE_CHECKING:
    import geopandas as gpd
    import xarray as xr
    from numpy.typing import NDArray

    from vallum.kernel.card import Card
    from vallum.kernel.grid import Grid

__all__ = ["Source", "Theatre", "no_events"]

EVENT_TYPES = {
    "event_id": "object", "date": "datetime64[s]", "year": "Int64", "month": "Int64",
    "iso3": "object", "region": "object", "lon": "float64", "lat": "float64", "row": "int64",
    "col": "int64", "deaths": "float64", "low": "float64", "high": "float64", "kind": "object",
    "dyad": "object", "where_precision": "Int64",
}  # fmt: skip


def no_events() -> pd.DataFrame:
    """Make the table of single events of a theatre that has none."""
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in EVENT_TYPES.items()})


@dataclass(frozen=True)
class Source:
    """Where one layer comes from.

    Attributes
    ----------
    layer
        The file of the theatre that holds the layer.
    source
        Who published it, and in which version.
    licence
        Under which terms.
    address
        Where it was read.
    date
        Its date, or the date it was read.
    treatment
        What was done to it.
    file, sha256
        The user's file or files, and their digests in the same order, joined by spaces; empty for
        a built-in theatre, whose SOURCES.md tells of its packages.
    crs_in, crs_out
        Coordinate systems of the file and of the layer.
    resampling
        How it came onto the grid.
    lost
        What of it is not in the layer, with its share.
    """

    layer: str
    source: str
    licence: str
    address: str
    date: str
    treatment: str
    file: str = ""
    sha256: str = ""
    crs_in: str = ""
    crs_out: str = ""
    resampling: str = ""
    lost: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Theatre(Shown):
    """The ground of one theatre on one grid; made by `load`, never changed.

    Attributes
    ----------
    name, title
        Short name, and the one for people.
    grid
        Where the cells lie.
    ground
        Dims (y, x), with the projection attached (`ground.rio.crs`). `state` (int16, the row of
        `countries`, −1 sea or beyond the states shown), `region` (int16, the row of `regions`,
        −1 none), `elevation_m`, `relief_m`, `slope` (rise over run), `climate` (Köppen class),
        `surface` (0 sea, 1 sand, 2 rock, 3 soil, 4 wetland, 5 water), `people`, `urban_people`,
        `road` (0 none, 1 track, 2 primary, 3 trunk), and booleans `rail`, `river`, `coast`,
        `disputed`. Each says its units, long name and source.
    countries
        One row per state shown, index iso3, whose order is the code in `ground.state`; with
        `role` (member, partner, disputed, flank), the national figures, and `people_on_grid`.
    settlements
        Points: geonameid, name, iso3, region, people, imputed, lon, lat, row, col.
    sites
        Points of mines, ports, dams, heritage and the like: the columns of sites.csv, `offshore`
        (more than 10 km out at sea: row and col are of the nearest cell of its state), row, col.
    routes
        Lines of roads and railways: route_id, name, kind, road_class, states, freight_t_yr
        (NaN where no figure was read), source.
    crossings
        Points where roads cross borders, with row and col.
    rivers
        Lines: river, source, licence.
    borders
        Polygons of the states, whole: iso3, name, disputed.
    regions
        Polygons of the first administrative level, whole: iso3, name.
    events_year
        Counts of violent events: iso3, region, year, events, deaths.
    events_month
        The same for single months: iso3, region, year, month, events, deaths.
    deaths_year
        Deaths by state: iso3, year, deaths.
    events
        Single events, where the theatre was built from a table of them, else empty: event_id,
        date, year, month, iso3, region, lon, lat, row, col, deaths, low, high, kind, dyad,
        where_precision.
    sources
        One per layer.
    fingerprint
        SHA-256 over the stored files and the cell size, as hexadecimal text.
    forces
        What states have, where the theatre has such a table, else empty: state, item (men,
        line_share, engineer_companies, plant_sets, trainers, medics, air_sets), low, mode, high,
        unit, source.
    bases
        Their home bases by town, else empty: place, lon, lat, state, kind (garrison, air, school,
        depot), source, row, col (−1 off the grid).
    offer
        What the partner may bring, else empty: state, item (trainers, engineer_companies, sensors,
        air_sets), figure (number, cost_usd_yr, men_each, effect), low, mode, high, unit, source.
    trade
        Goods sold from one state to another, else empty: origin, destination (iso3, of states
        shown or not; "ROW" for all others), year, low, mode, high, unit (USD/yr), source.
    corridors
        Places along named corridors, in order, else empty: corridor, seq, place, state, lon, lat,
        source.
    visits
        Visitors to sites, else empty: site (an id of `sites`, or "all" for the state), state,
        figure (peak_visitors, recent_visitors), year, low, mode, high, unit, source.
    projects
        Joint projects, else empty: project, name, state (whose figure it is), figure
        (capital_usd, benefit_usd_yr, life_yr, build_yr, line_share), low, mode, high, unit, source.
    economy
        Further figures of the states, else empty: state, item, year, low, mode, high, unit, source.
    """

    name: str
    title: str
    grid: Grid
    ground: xr.Dataset
    countries: pd.DataFrame
    settlements: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    routes: gpd.GeoDataFrame
    crossings: gpd.GeoDataFrame
    rivers: gpd.GeoDataFrame
    borders: gpd.GeoDataFrame
    regions: gpd.GeoDataFrame
    events_year: pd.DataFrame
    events_month: pd.DataFrame
    deaths_year: pd.DataFrame
    events: pd.DataFrame
    sources: tuple[Source, ...]
    fingerprint: str
    forces: pd.DataFrame = field(default_factory=no_forces)
    bases: pd.DataFrame = field(default_factory=no_bases)
    offer: pd.DataFrame = field(default_factory=no_offer)
    trade: pd.DataFrame = field(default_factory=no_trade)
    corridors: pd.DataFrame = field(default_factory=no_corridors)
    visits: pd.DataFrame = field(default_factory=no_visits)
    projects: pd.DataFrame = field(default_factory=no_projects)
    economy: pd.DataFrame = field(default_factory=no_economy)

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return theatre_card(self)

    @property
    def members(self) -> tuple[str, ...]:
        """The member states, iso3."""
        role = self.countries["role"]
        return tuple(str(iso3) for iso3 in self.countries.index[role == "member"])

    @property
    def parties(self) -> tuple[str, ...]:
        """The members, and partners who may help: those whom an accord and its law bind, iso3."""
        role = self.countries["role"]
        return tuple(str(iso3) for iso3 in self.countries.index[role.isin(["member", "partner"])])

    def code(self, iso3: str) -> int:
        """Give the number of a state in `ground.state`.

        Raises
        ------
        InputError
            If the theatre shows no such state.
        """
        known = [str(name) for name in self.countries.index]
        if iso3 not in known:
            found = f"no state '{iso3}' in this theatre"
            raise InputError([Fault(f"theatre {self.name}", "state", found, nearest(iso3, known))])
        return known.index(iso3)

    def state_mask(self, iso3: str) -> NDArray[np.bool_]:
        """Mark the cells of one state, shape (rows, cols); raises as `code` does."""
        return np.asarray(self.ground["state"].to_numpy() == self.code(iso3))

    @property
    def member_mask(self) -> NDArray[np.bool_]:
        """The cells of all member states, shape (rows, cols)."""
        codes = [self.code(iso3) for iso3 in self.members]
        return np.isin(self.ground["state"].to_numpy(), codes)
