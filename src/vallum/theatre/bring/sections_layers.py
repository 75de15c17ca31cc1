"""What CONFIG.toml says of the layers of a map: rasters, polygons and lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AmountLayer",
    "BordersLayer",
    "ClassesLayer",
    "Iso3",
    "Layer",
    "LinesLayer",
    "Move",
    "PolygonsLayer",
    "RasterLayer",
    "RegionsLayer",
    "Section",
    "Text",
    "VectorLayer",
]

Iso3 = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{2}$")]
# printable: it goes into TOML, tables and pages
Text = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]*$")]
Files = Annotated[tuple[Path, ...], Field(min_length=1)]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
ROAD_CLASSES = Literal["track", "primary", "trunk"]


class Section(BaseModel):
    """A table of the file: frozen, and no key that isn't known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Layer(Section):
    """What every layer must say of itself.

    Attributes
    ----------
    file
        One path or several (the tiles of one raster), relative to the config file; `*` and `?`
        match names. A zipped Shapefile or the like is given as the archive (`borders.zip`).
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
        `worldcover`, `igbp`, `koppen-rubel`, `koppen-beck`, or the path of a CSV, relative to the
        config, with the columns `value`, `name`, `surface` (sand, rock, soil, wetland, water,
        barren; barren is rock or sand by relief).
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


class Move(Section):
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
    alone
        Say `true` where the members have no neighbour on land (islands): a map that shows no other
        land is refused otherwise, since what it leaves out would count as sea.
    """

    iso3: Text = "ISO_A3"
    name: Text = "NAME"
    move: tuple[Move, ...] = ()
    alone: bool = False


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
