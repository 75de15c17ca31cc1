"""What CONFIG.toml of a theatre that a user brings may say, section by section."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

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
    "Move",
    "PolygonsLayer",
    "RasterLayer",
    "RegionsLayer",
    "SettlementsTable",
    "SitesTable",
    "StateSection",
    "VectorLayer",
]

Iso3 = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{2}$")]
Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60)]
Files = Annotated[tuple[Path, ...], Field(min_length=1)]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
ROAD_CLASSES = Literal["track", "primary", "trunk"]
SITE_KIND = Literal[
    "airport", "dam", "fishery", "heritage", "industry", "irrigation", "market", "mine", "park",
    "port", "power",
]  # fmt: skip


class _Section(BaseModel):
    """A table of the file: frozen, and no key that isn't known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Layer(_Section):
    """What every layer must say of itself.

    Attributes
    ----------
    file
        One path or several (the tiles of one raster), relative to the config file; `*` and `?`
        match names. GDAL's paths into archives (`/vsizip/…`) are taken as they are.
    source, licence, address, date
        Who published it, under which terms, where it was read, and its date: they go with the
        layer into everything that is made of it.
    """

    file: Files
    source: Text
    licence: Text
    address: Text
    date: Text


class RasterLayer(Layer):
    """A raster of one quantity.

    Attributes
    ----------
    band
        From 1.
    crs
        Only where the file names none.
    nodata
        Only where the file names none: the value that stands for nothing.
    """

    band: int = Field(default=1, ge=1)
    crs: str | None = None
    nodata: float | None = None


class AmountLayer(RasterLayer):
    """A raster of people or output, whose totals are kept.

    Attributes
    ----------
    values
        `count`: each pixel's value is its number of people (or USD a year). `density`: its value is
        per km². The two can't be told apart by looking, so it is asked for.
    ashore_km
        People on pixels without land of any state are given to the nearest state within this
        distance; those further out are counted as lost.
    """

    values: Literal["count", "density"]
    ashore_km: float = Field(default=10.0, ge=0, le=200)


class ClassesLayer(RasterLayer):
    """A raster of classes.

    Attributes
    ----------
    legend
        `worldcover`, `igbp`, `koppen`, or the path of a CSV with the columns `value`, `surface`
        (sand, rock, soil, wetland, water, barren; barren is rock or sand by relief), `name`.
    """

    legend: Text


class VectorLayer(Layer):
    """A layer of points, lines or polygons.

    Attributes
    ----------
    layer
        Where the file has several.
    crs
        Only where the file names none.
    encoding
        Only where it isn't UTF-8 (Shapefiles say theirs).
    """

    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None


class Move(_Section):
    """Land that a map gives to one state and the theatre shows as another's.

    Attributes
    ----------
    from_state, to_state
        ISO3 codes; in the file `from` and `to`.
    south_of, north_of, west_of, east_of
        Only the part beyond these, degrees.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    from_state: Iso3 = Field(alias="from")
    to_state: Iso3 = Field(alias="to")
    south_of: Degrees | None = None
    north_of: Degrees | None = None
    west_of: Degrees | None = None
    east_of: Degrees | None = None


class BordersLayer(VectorLayer):
    """States: polygons.

    Attributes
    ----------
    iso3, name
        Columns.
    move
        Corrections, in order.
    """

    iso3: Text = "ISO_A3"
    name: Text = "NAME"
    move: tuple[Move, ...] = ()


class RegionsLayer(VectorLayer):
    """First-level regions: polygons.

    Attributes
    ----------
    iso3, name
        Columns.
    move
        As for the states.
    """

    iso3: Text
    name: Text
    move: tuple[Move, ...] = ()


class PolygonsLayer(VectorLayer):
    """Lakes and reservoirs: polygons."""


class LinesLayer(VectorLayer):
    """Roads, railways, rivers or a coast: lines.

    Attributes
    ----------
    name
        Columns whose texts, joined by a dash, are the name.
    highway
        Roads: column of OpenStreetMap's `highway` classes.
    road_class
        Roads: one class for all of them, instead.
    freight_t_yr
        Roads: column of freight, t/yr.
    """

    name: tuple[str, ...] = ()
    highway: str | None = None
    road_class: ROAD_CLASSES | None = None
    freight_t_yr: str | None = None


class SettlementsTable(VectorLayer):
    """Settlements: points, or a CSV with coordinates.

    Attributes
    ----------
    name, people
        Columns.
    lon, lat
        Columns of a CSV, degrees; of a layer of points they are not read.
    identifier
        Column of a number or text of its own; the row's number where there is none.
    """

    name: Text
    people: Text
    lon: str | None = None
    lat: str | None = None
    identifier: str | None = None


class SitesTable(VectorLayer):
    """Sites: points, or a CSV with coordinates.

    Attributes
    ----------
    name
        Column.
    kind
        What they all are; or
    kind_column, kinds
        the column that says so, and what its values mean here.
    lon, lat, identifier
        As for settlements.
    output_usd_yr
        Column of gross output.
    """

    name: Text
    kind: SITE_KIND | None = None
    kind_column: str | None = None
    kinds: dict[str, SITE_KIND] = {}
    lon: str | None = None
    lat: str | None = None
    identifier: str | None = None
    output_usd_yr: str | None = None

    @model_validator(mode="after")
    def _one(self) -> SitesTable:
        """Ask for one way of naming the kind."""
        if (self.kind is None) == (self.kind_column is None):
            raise ValueError("give either kind or kind_column")
        return self


class EventsTable(Layer):
    """Violent events, one row each.

    Attributes
    ----------
    format
        `ucdp-ged` (49 columns, a yearly or candidate release), `acled` (its export), `csv`.
    columns
        For `csv`: what its columns are called. Asked for: `date` (or `year` and, if known, `month`
        and `day`), `lon`, `lat`; and `id`, `deaths`, `low`, `high`, `kind`, `where_precision` where
        there are such.
    covers
        First and last month of observation, as `["2012-01", "2020-12"]`; where it isn't given, the
        first and last months of the table as it came, before it is clipped.
    max_where_precision
        Events located less well than this are left out and counted as lost (UCDP's `where_prec`:
        1 exact … 5 rough, 6 country only, 7 sea or air; ACLED's `geo_precision`: 1 to 3). By
        default 5 (UCDP), 3 (ACLED).
    crs_swapped
        Say `true` to read `lat` as longitude and `lon` as latitude: never done unasked.
    encoding
        Only where it isn't UTF-8.
    """

    format: Literal["ucdp-ged", "acled", "csv"]
    columns: dict[str, str] = {}
    covers: tuple[str, str] | None = None
    max_where_precision: int | None = Field(default=None, ge=1, le=7)
    crs_swapped: bool = False
    encoding: str = "utf-8"


class DeathsTable(Layer):
    """Deaths by state and year: a CSV.

    Attributes
    ----------
    state
        Column of ISO3 codes or of names as in the borders layer.
    year, deaths
        Columns.
    encoding
        Only where it isn't UTF-8.
    """

    state: Text
    year: Text
    deaths: Text
    encoding: str = "utf-8"


class FiguresTable(Layer):
    """A national figure by state (and year): a CSV; the newest year of each state is taken.

    Attributes
    ----------
    state
        Column of ISO3 codes or of names as in the borders layer.
    figure
        What it is.
    value, year
        Columns.
    latest
        Newest year to take.
    encoding
        Only where it isn't UTF-8.
    """

    state: Text
    figure: Literal["people", "gdp_usd", "agriculture_share", "urban_share"]
    value: Text
    year: str | None = None
    latest: int | None = None
    encoding: str = "utf-8"


class StateSection(_Section):
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


class GridSection(_Section):
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


class Config(_Section):
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
    states: dict[Iso3, StateSection] = {}
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
