"""What tables of events look like: UCDP GED, the ACLED export, and a CSV whose columns are named.

UCDP GED: the 49 columns of the yearly releases 23.1 to 25.1 and of the candidate releases, in any
order (https://ucdp.uu.se/downloads/). `where_prec` 1 to 7 and `date_prec` 1 to 5 mean what
https://rdrr.io/cran/mapme.biodiversity/man/fatalities_ucpd.html says of them.

ACLED: the columns of the codebook of 2023 (https://www.scribd.com/document/716986434) as changed
on 20 March 2023 (https://acleddata.com/knowledge-base/guide-to-2023-acled-column-changes); only
those that are read are asked for, since exports differ in the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandera.pandas as pa

from vallum.errors import Fault, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vallum.theatre.bring.sections import EventsTable

__all__ = ["ACLED_VIOLENCE", "UCDP_COLUMNS", "Shape", "schema", "shape"]

UCDP_COLUMNS = (
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id",
    "conflict_new_id", "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name",
    "side_a_dset_id", "side_a_new_id", "side_a", "side_b_dset_id", "side_b_new_id", "side_b",
    "number_of_sources", "source_article", "source_office", "source_date", "source_headline",
    "source_original", "where_prec", "where_coordinates", "where_description", "adm_1", "adm_2",
    "latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region",
    "event_clarity", "date_prec", "date_start", "date_end", "deaths_a", "deaths_b",
    "deaths_civilians", "deaths_unknown", "best", "high", "low", "gwnoa", "gwnob",
)  # fmt: skip
UCDP_KINDS = {"1": "state-based", "2": "non-state", "3": "one-sided"}
ACLED_TYPES = (
    "Battles", "Explosions/Remote violence", "Violence against civilians", "Riots", "Protests",
    "Strategic developments",
)  # fmt: skip
# Violence against life or property, and nothing else: all of four types, and of the other two the
# one sub-event in which people are killed or things destroyed.
ACLED_VIOLENCE = {
    "Battles": None,
    "Explosions/Remote violence": None,
    "Violence against civilians": None,
    "Riots": None,
    "Protests": ("Excessive force against protesters", "Excessive force against protestors"),
    "Strategic developments": ("Looting/property destruction",),
}
OWN = (
    "id", "date", "year", "month", "day", "lon", "lat", "deaths", "low", "high", "kind",
    "where_precision",
)  # fmt: skip
MOST = 1e7  # deaths of one event
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Shape:
    """How to read one table of events.

    Attributes
    ----------
    take
        Our names of columns to the file's.
    month_first
        How `1/2/2020` is read: the second of January.
    date_precision
        Column of how well the date is known, and the levels at which only the month, and only the
        year, is known.
    where_limit
        Events located less well are left out; None where the table doesn't say.
    kinds
        What the values of the column of kinds mean; empty to take them as they are.
    has_id
        Whether events have identifiers.
    """

    take: Mapping[str, str]
    month_first: bool = False
    date_precision: tuple[int, int] | None = None
    where_limit: int | None = None
    kinds: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    has_id: bool = True

    @property
    def columns(self) -> list[str]:
        """The file's columns to read."""
        return list(dict.fromkeys(self.take.values()))


def shape(
    table: EventsTable, header: Sequence[str], where: str
) -> tuple[Shape | None, list[Fault]]:
    """Find how to read a table, from what the config and its header say.

    Parameters
    ----------
    table
        What the config says.
    header
        The file's columns.
    where
        The file, for faults.
    """
    if table.format != "csv" and table.columns:
        found = f"columns are given, and format is '{table.format}'"
        return None, [Fault(where, "columns", found, 'use format = "csv", or leave them out')]
    if table.format == "ucdp-ged":
        return _ucdp(table, header, where)
    if table.format == "acled":
        return _acled(table, header, where)
    return _mapped(table, header, where)


def _ucdp(
    table: EventsTable, header: Sequence[str], where: str
) -> tuple[Shape | None, list[Fault]]:
    """Read UCDP GED: exactly its columns, in any order."""
    mend = 'for a table with other columns, use format = "csv" with columns'
    strange = [name for name in header if name and name not in UCDP_COLUMNS] or [""]
    faults = []
    for name in UCDP_COLUMNS:
        if name not in header:
            near = nearest(name, strange)
            advice = near if near.startswith("did you mean") else "get the release whole;"
            found = "a column of UCDP GED is missing"
            faults.append(Fault(where, f"column {name}", found, f"{advice} {mend}"))
    faults += [
        Fault(where, f"column {name}", "not a column of UCDP GED", f"take it out; {mend}")
        for name in header
        if name and name not in UCDP_COLUMNS
    ]
    take = {
        "id": "id",
        "year": "year",
        "date": "date_start",
        "date_precision": "date_prec",
        "lon": "longitude",
        "lat": "latitude",
        "deaths": "best",
        "low": "low",
        "high": "high",
        "kind": "type_of_violence",
        "dyad": "dyad_name",
        "where_precision": "where_prec",
        "cell": "priogrid_gid",
    }
    how = Shape(
        take,
        month_first=True,
        date_precision=(4, 5),
        where_limit=table.max_where_precision or 5,
        kinds=UCDP_KINDS,
    )
    return (None, faults) if faults else (how, [])


def _acled(
    table: EventsTable, header: Sequence[str], where: str
) -> tuple[Shape | None, list[Fault]]:
    """Read the export of ACLED: the columns needed, others as they come."""
    take = {
        "id": "event_id_cnty",
        "year": "year",
        "date": "event_date",
        "date_precision": "time_precision",
        "lon": "longitude",
        "lat": "latitude",
        "deaths": "fatalities",
        "kind": "event_type",
        "part": "sub_event_type",
        "side_a": "actor1",
        "side_b": "actor2",
        "where_precision": "geo_precision",
    }
    faults = [
        Fault(where, f"column {name}", "a column of ACLED is missing", nearest(name, list(header)))
        for name in take.values()
        if name not in header
    ]
    kinds = {name: name for name in ACLED_TYPES}
    found = Shape(
        take, date_precision=(3, 4), where_limit=table.max_where_precision or 3, kinds=kinds
    )
    return (None, faults) if faults else (found, [])


def _mapped(
    table: EventsTable, header: Sequence[str], where: str
) -> tuple[Shape | None, list[Fault]]:
    """Read a CSV by the names that the config gives."""
    given = table.columns
    faults = [
        Fault(where, f"columns.{key}", "no such key", nearest(key, OWN))
        for key in given
        if key not in OWN
    ]
    asked = [key for key in ("lon", "lat") if key not in given]
    asked += [] if "date" in given or "year" in given else ["date"]
    asked += ["month"] if "day" in given and "month" not in given else []
    asked += ["year"] if "month" in given and "year" not in given else []
    faults += [
        Fault(where, f"columns.{key}", "it is missing", f'say columns.{key} = "…"') for key in asked
    ]
    faults += [
        Fault(where, f"column {name}", f"no such column (for {key})", nearest(name, list(header)))
        for key, name in given.items()
        if key in OWN and name not in header
    ]
    limit = table.max_where_precision
    if limit is not None and "where_precision" not in given:
        found = "max_where_precision is given, and no column says the precision"
        mend = 'say columns.where_precision = "…"'
        faults.append(Fault(where, "max_where_precision", found, mend))
    how = Shape(dict(given), where_limit=limit, has_id="id" in given)
    return (None, faults) if faults else (how, [])


def schema(how: Shape) -> Any:  # noqa: ANN401 - pandera ships no types
    """Describe the typed table: what must not be empty, ranges, values allowed, what is unique.

    Parameters
    ----------
    how
        The table's shape.
    """
    rules: dict[str, Any] = {
        "year": _number(1900, 9999),
        "month": _number(1, 12, empty=True),
        "day": _number(1, 31, empty=True),
        "lon": _number(-180, 180),
        "lat": _number(-90, 90),
    }
    for name in ("deaths", "low", "high"):
        # a column of its own may have gaps: then the number isn't known
        rules[name] = _number(0, MOST, empty=how.date_precision is None)
    top = 3 if "part" in how.take else 7
    rules["where_precision"] = _number(1, top)
    rules["date_precision"] = _number(1, 3 if "part" in how.take else 5)
    rules["id"] = pa.Column(None, nullable=False, unique=True, report_duplicates="exclude_first")
    rules["cell"] = _number(1, 259200)
    if how.kinds:
        rules["kind"] = pa.Column(None, pa.Check.isin(list(how.kinds)), nullable=False)
    had = {name: rule for name, rule in rules.items() if name in how.take}
    had["year"] = rules["year"]
    return pa.DataFrameSchema(had)


def _number(low: float, high: float, *, empty: bool = False) -> Any:  # noqa: ANN401
    """Describe a column of numbers."""
    return pa.Column(float, [pa.Check.ge(low), pa.Check.le(high)], nullable=empty)
