"""Optional tables of what a line may buy: trade, corridors, visitors, joint projects, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa

from vallum.errors import Fault, nearest
from vallum.theatre.rules import number, text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "COLUMNS",
    "ITEMS",
    "NUMBERS",
    "PROJECT_FIGURES",
    "SHARES",
    "VISIT_FIGURES",
    "faults",
    "no_corridors",
    "no_economy",
    "no_projects",
    "no_trade",
    "no_visits",
    "schema",
]

WORLD = "ROW"  # all states that a table of trade does not name
VISIT_FIGURES = ("peak_visitors", "recent_visitors")
PROJECT_FIGURES = ("capital_usd", "benefit_usd_yr", "life_yr", "build_yr", "line_share")
ITEMS = (
    "home_sales_share", "freight_usd_tkm", "road_export_share", "road_import_share",
    "visitor_usd", "visitor_value_share", "livestock_head", "livestock_usd_head",
    "services_usd_person", "herding_share",
)  # fmt: skip
SHARES = (
    "line_share", "home_sales_share", "road_export_share", "road_import_share",
    "visitor_value_share", "herding_share",
)  # fmt: skip
_RANGE = ("low", "mode", "high", "unit", "source")
COLUMNS = {
    "trade": ("origin", "destination", "year", *_RANGE),
    "corridors": ("corridor", "seq", "place", "state", "lon", "lat", "source"),
    "visits": ("site", "state", "figure", "year", *_RANGE),
    "projects": ("project", "name", "way", "state", "figure", *_RANGE),
    "economy": ("state", "item", "year", *_RANGE),
}
NUMBERS = ("year", "seq")


def no_trade() -> pd.DataFrame:
    """Make the table of trade of a theatre that has none."""
    return _empty("trade")


def no_corridors() -> pd.DataFrame:
    """Make the table of corridors of a theatre that has none."""
    return _empty("corridors")


def no_visits() -> pd.DataFrame:
    """Make the table of visitors of a theatre that has none."""
    return _empty("visits")


def no_projects() -> pd.DataFrame:
    """Make the table of joint projects of a theatre that has none."""
    return _empty("projects")


def no_economy() -> pd.DataFrame:
    """Make the table of economic figures of a theatre that has none."""
    return _empty("economy")


def _empty(name: str) -> pd.DataFrame:
    """Make one of the tables without rows."""
    numeric = ("low", "mode", "high", "lon", "lat", *NUMBERS)
    return pd.DataFrame(
        {c: pd.Series([], dtype="float64" if c in numeric else "object") for c in COLUMNS[name]}
    )


def schema(name: str) -> Any:  # noqa: ANN401
    """Describe the columns of one table, for `vallum.theatre.rules.breaches`."""
    kinds = {
        "low": number(0), "mode": number(0), "high": number(0), "year": number(1900, 2100),
        "seq": number(1), "lon": number(-180, 180), "lat": number(-90, 90),
    }  # fmt: skip
    among = {"visits": VISIT_FIGURES, "projects": PROJECT_FIGURES}.get(name, ())
    columns = {column: kinds.get(column, text()) for column in COLUMNS[name]}
    if among:
        columns["figure"] = text(among=among)
    if name == "economy":
        columns["item"] = text(among=ITEMS)
    unique = {
        "trade": ["origin", "destination"],
        "corridors": ["corridor", "seq"],
        "visits": ["site", "state", "figure"],
        "projects": ["project", "state", "figure"],
        "economy": ["state", "item"],
    }
    return pa.DataFrameSchema(columns, unique=unique[name])


def faults(name: str, table: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    """Find what is wrong with a table beyond its columns.

    Parameters
    ----------
    name, table
        One of ours; any other has no faults here.
    tables
        All there are: `visits` may name a site of `sites` only, or `all` for a whole state, and
        `projects` may lie on `routes`, at `sites` and along `rivers` only.
    """
    where = f"{name}.csv"
    if name == "trade":
        same = table["origin"] == table["destination"]
        mend = "sales at home are reckoned from output; leave the row out"
        return [
            Fault(where, f"row {int(index) + 2}", "trade of a state with itself", mend)
            for index in table.index[same]
        ]
    if name == "corridors":
        count = table.groupby("corridor")["seq"].count()
        return [
            Fault(where, str(corridor), "one place only", "give two places or more")
            for corridor in count.index[count < 2]
        ]
    if name == "visits" and "sites" in tables:
        known = [*map(str, tables["sites"]["id"]), "all"]
        return [
            Fault(where, "column site", f"unknown site '{site}'", nearest(site, known))
            for site in sorted(set(table["site"].astype(str)) - set(known))
        ]
    return [*_ways(table, tables), *_whose(table)] if name == "projects" else []


def _ways(table: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    """Find parts of projects' ways that no table knows."""
    columns = {"routes": "route_id", "sites": "id", "rivers": "river"}
    known = {
        str(each)
        for name, column in columns.items()
        if name in tables
        for each in tables[name][column]
    }
    parts = {part.strip() for way in table["way"] for part in str(way).split(";")}
    return [
        Fault("projects.csv", "column way", f"unknown part '{part}'", nearest(part, sorted(known)))
        for part in sorted(parts - known)
    ]


def _whose(table: pd.DataFrame) -> list[Fault]:
    """Find money that is no state's, and projects with more ways than one."""
    money = table["figure"].isin(PROJECT_FIGURES[:2]) & (table["state"] == "all")
    mend = "give each state's own; 'all' is for years and line_share"
    out = [
        Fault("projects.csv", f"row {int(index) + 2}", "money of all states together", mend)
        for index in table.index[money]
    ]
    ways = table.groupby("project")["way"].nunique()
    return out + [
        Fault("projects.csv", str(project), f"{ways[project]} ways", "give the same in every row")
        for project in ways.index[ways > 1]
    ]
