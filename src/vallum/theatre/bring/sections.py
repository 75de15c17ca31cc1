"""What CONFIG.toml of a theatre that a user brings may say, section by section."""

from __future__ import annotations

import typing
from typing import Annotated

from pydantic import Field, model_validator

from vallum.theatre.bring.sections_layers import (
    AmountLayer,
    BordersLayer,
    ClassesLayer,
    Iso3,
    Layer,
    LinesLayer,
    Move,
    PolygonsLayer,
    RasterLayer,
    RegionsLayer,
    Section,
    Text,
    VectorLayer,
)
from vallum.theatre.bring.sections_tables import (
    DeathsTable,
    EventsTable,
    FiguresTable,
    MeansTable,
    SettlementsTable,
    SitesTable,
)

__all__ = [
    "AmountLayer",
    "BordersLayer",
    "ClassesLayer",
    "Config",
    "DeathsTable",
    "EventsTable",
    "FiguresTable",
    "GridSection",
    "Layer",
    "LinesLayer",
    "MeansTable",
    "Move",
    "PolygonsLayer",
    "RasterLayer",
    "RegionsLayer",
    "SettlementsTable",
    "SitesTable",
    "StateSection",
    "VectorLayer",
]

Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class StateSection(Section):
    """Figures of one state, given in the file itself, each with its source.

    Attributes
    ----------
    name
        Instead of the borders layer's.
    people, gdp_usd, agriculture_share, urban_share
        People; USD a year; shares from 0 to 1.
    source
        Of them all.
    """

    name: Text | None = None
    people: Amount | None = None
    gdp_usd: Amount | None = None
    agriculture_share: float | None = Field(default=None, ge=0, le=1)
    urban_share: float | None = Field(default=None, ge=0, le=1)
    source: Text


class GridSection(Section):
    """Where the grid lies.

    Attributes
    ----------
    lon_0, lat_0
        Centre of the equal-area projection, degrees; by default the middle of the members.
    margin_km
        Ground shown beyond the members.
    west_km, south_km, east_km, north_km
        Edges in the projection, instead of a margin: all four or none.
    """

    lon_0: Degrees | None = None
    lat_0: float | None = Field(default=None, ge=-89, le=89)
    margin_km: float = Field(default=150.0, ge=0, le=2000)
    west_km: float | None = Field(default=None, allow_inf_nan=False)
    south_km: float | None = Field(default=None, allow_inf_nan=False)
    east_km: float | None = Field(default=None, allow_inf_nan=False)
    north_km: float | None = Field(default=None, allow_inf_nan=False)

    @model_validator(mode="after")
    def _edges(self) -> GridSection:
        """Ask for all four edges or none, in order."""
        edges = (self.west_km, self.south_km, self.east_km, self.north_km)
        if any(edge is not None for edge in edges):
            if any(edge is None for edge in edges):
                raise ValueError("give all of west_km, south_km, east_km, north_km, or none")
            west, south, east, north = typing.cast("tuple[float, float, float, float]", edges)
            if west >= east or south >= north:
                raise ValueError("west_km must be less than east_km, and south_km than north_km")
        return self


class Config(Section):
    """The whole file.

    Attributes
    ----------
    name, title
        Short name, and the one for people.
    as_of
        The date of the theatre, YYYY-MM-DD: nothing later than it is believed.
    members, partner, disputed
        ISO3 codes as the borders layer has them.
    cell_km
        Side of a cell, km.
    grid
        Where the grid lies.
    states
        Figures by state.
    figures, deaths
        Tables of national figures and of deaths.
    forces, bases, offer
        Tables of what states have, of their home bases, and of the partner's offer.
    trade, corridors, visits, projects, economy
        Tables of what a line may buy.
    borders, regions, population, gdp, elevation, landcover, climate, lakes, settlements, sites,
    roads, railways, rivers, coast, events
        The layers. Borders, population, elevation and landcover are needed.
    """

    name: Name
    title: Text
    as_of: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    members: tuple[Iso3, ...] = Field(min_length=1)
    partner: Iso3 | None = None
    disputed: tuple[Iso3, ...] = ()
    cell_km: float = Field(ge=1.0, le=50.0)
    grid: GridSection = GridSection()
    states: dict[Iso3, StateSection] = Field(default_factory=dict)
    borders: BordersLayer
    regions: RegionsLayer | None = None
    population: AmountLayer
    gdp: AmountLayer | None = None
    elevation: RasterLayer
    landcover: ClassesLayer
    climate: ClassesLayer | None = None
    lakes: PolygonsLayer | None = None
    settlements: SettlementsTable | None = None
    sites: tuple[SitesTable, ...] = ()
    roads: tuple[LinesLayer, ...] = ()
    railways: tuple[LinesLayer, ...] = ()
    rivers: tuple[LinesLayer, ...] = ()
    coast: LinesLayer | None = None
    events: tuple[EventsTable, ...] = ()
    deaths: DeathsTable | None = None
    figures: tuple[FiguresTable, ...] = ()
    forces: MeansTable | None = None
    bases: MeansTable | None = None
    offer: MeansTable | None = None
    trade: MeansTable | None = None
    corridors: MeansTable | None = None
    visits: MeansTable | None = None
    projects: MeansTable | None = None
    economy: MeansTable | None = None
