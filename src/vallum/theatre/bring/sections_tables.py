"""What CONFIG.toml says of tables: settlements, sites, events, deaths and national figures."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from vallum.theatre.bring.sections_layers import Layer, Text, VectorLayer

__all__ = [
    "DeathsTable",
    "EventsTable",
    "FiguresTable",
    "MeansTable",
    "SettlementsTable",
    "SitesTable",
]

SITE_KIND = Literal[
    "airport", "dam", "fishery", "heritage", "industry", "irrigation", "market", "mine", "park",
    "port", "power",
]  # fmt: skip


class SettlementsTable(VectorLayer):
    """Settlements: points, or a CSV with coordinates.

    Attributes
    ----------
    name, people
        Columns.
    state
        Column of ISO3 codes: believed of points within 10 km of the state that it names, so that
        a town on a border river keeps its side.
    lon, lat
        Columns of a CSV, degrees; of a layer of points they are not read.
    identifier
        Column of a number or text of its own; the row's number where there is none.
    """

    name: Text
    people: Text
    state: str | None = None
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
        the column that says so, and what its values mean here, where they aren't our own words.
    state, lon, lat, identifier
        As for settlements.
    output_usd_yr
        Column of gross output.
    """

    name: Text
    kind: SITE_KIND | None = None
    kind_column: str | None = None
    kinds: dict[str, SITE_KIND] = Field(default_factory=dict)
    state: str | None = None
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
    columns: dict[str, str] = Field(default_factory=dict)
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


class MeansTable(Layer):
    """What states have, their bases, or the partner's offer: a CSV with the columns of ours.

    Attributes
    ----------
    encoding
        Only where it isn't UTF-8.
    """

    encoding: str = "utf-8"
