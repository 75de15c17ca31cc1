"""Optional tables: what states have to build and hold a line with, and what the line may buy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa

from vallum.errors import Fault, nearest
from vallum.theatre import economy
from vallum.theatre.rules import breaches, number, text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BASE_KINDS",
    "COLUMNS",
    "FIGURES",
    "ITEMS",
    "NAMES",
    "NUMBERS",
    "OFFERED",
    "empty",
    "faults",
    "no_bases",
    "no_forces",
    "no_offer",
]

NAMES = ("forces", "bases", "offer", *economy.COLUMNS)
ITEMS = (
    "men", "line_share", "engineer_companies", "plant_sets", "trainers", "medics", "air_sets",
)  # fmt: skip
BASE_KINDS = ("garrison", "air", "school", "depot")
OFFERED = ("trainers", "engineer_companies", "sensors", "air_sets")
FIGURES = ("number", "cost_usd_yr", "men_each", "effect")
SHARES = ("line_share", "effect", *economy.SHARES)  # of items and of figures: from 0 to 1
SOURCED = ("https://", "http://", "judgement: ")  # what a source begins with
COLUMNS = {
    "forces": ("state", "item", "low", "mode", "high", "unit", "source"),
    "bases": ("place", "lon", "lat", "state", "kind", "source"),
    "offer": ("state", "item", "figure", "low", "mode", "high", "unit", "source"),
    **economy.COLUMNS,
}
NUMBERS = ("low", "mode", "high", "lon", "lat", *economy.NUMBERS)


def empty(name: str) -> pd.DataFrame:
    """Make one of the tables of `NAMES` without rows, as of a theatre that has none."""
    columns = (*COLUMNS[name], *(("row", "col") if name == "bases" else ()))
    kinds = dict.fromkeys(NUMBERS, "float64") | {"row": "int64", "col": "int64"}
    return pd.DataFrame({c: pd.Series([], dtype=kinds.get(c, "object")) for c in columns})


def no_forces() -> pd.DataFrame:
    """Make the table of states' means of a theatre that has none."""
    return empty("forces")


def no_bases() -> pd.DataFrame:
    """Make the table of home bases of a theatre that has none."""
    return empty("bases")


def no_offer() -> pd.DataFrame:
    """Make the table of the partner's offer of a theatre that has none."""
    return empty("offer")


def faults(tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    """Find everything that is wrong with those of the optional tables that there are.

    Parameters
    ----------
    tables
        By name; `countries` has the states that may be named.

    Returns
    -------
    faults
        Columns, ranges, rows that are there twice; then states that are not shown, ends of a range
        out of order, and sources that are neither an address nor a judgement.
    """
    given = {name: tables[name] for name in NAMES if name in tables}
    found = [
        fault
        for name, table in given.items()
        for fault in breaches(f"{name}.csv", table, _schema(name))
    ]
    if found:
        return found
    known = [str(iso3) for iso3 in tables["countries"]["iso3"]]
    for name, table in given.items():
        # a project's years and shares may be those of all of its states
        found += _states(f"{name}.csv", table, [*known, "all"] if name == "projects" else known)
        found += economy.faults(name, table, tables)
        found += _ranges(f"{name}.csv", table)
        found += _sources(f"{name}.csv", table)
    return found


def _schema(name: str) -> Any:  # noqa: ANN401
    """Describe the columns of one table."""
    figures = {"low": number(0), "mode": number(0), "high": number(0)}
    row = {"state": text(), "unit": text(), "source": text()}
    if name in economy.COLUMNS:
        return economy.schema(name)
    shapes = {
        "forces": {**row, **figures, "item": text(among=ITEMS)},
        "bases": {
            "place": text(),
            "lon": number(-180, 180),
            "lat": number(-90, 90),
            "state": text(),
            "kind": text(among=BASE_KINDS),
            "source": text(),
        },
        "offer": {
            **row,
            **figures,
            "item": text(among=OFFERED),
            "figure": text(among=FIGURES),
        },
    }
    unique = {
        "forces": ["state", "item"],
        "bases": ["state", "place", "kind"],
        "offer": ["state", "item", "figure"],
    }
    return pa.DataFrameSchema(shapes[name], unique=unique[name])


def _states(where: str, table: pd.DataFrame, known: list[str]) -> list[Fault]:
    """Name the states that the theatre does not show."""
    if "state" not in table:
        return []
    return [
        Fault(where, "column state", f"unknown state '{state}'", nearest(state, known))
        for state in sorted(set(table["state"].astype(str)) - set(known))
    ]


def _ranges(where: str, table: pd.DataFrame) -> list[Fault]:
    """Name the rows whose low, mode and high are out of order, or are shares above 1."""
    if "mode" not in table:
        return []
    low, mode, high = (table[name].astype(float) for name in ("low", "mode", "high"))
    named = [name for name in ("figure", "item") if name in table]
    kind = table[named[0]] if named else pd.Series("", index=table.index)
    out = []
    for index in table.index[(low > mode) | (mode > high)]:
        found = f"{low[index]:g}, {mode[index]:g}, {high[index]:g} are not in order"
        out.append(Fault(where, f"row {int(index) + 2}", found, "give low ≤ mode ≤ high"))
    for index in table.index[kind.isin(SHARES) & (high > 1)]:
        found = f"a share of {high[index]:g}"
        out.append(Fault(where, f"row {int(index) + 2}", found, "give a share from 0 to 1"))
    return out


def _sources(where: str, table: pd.DataFrame) -> list[Fault]:
    """Name the rows whose source is neither an address nor a judgement."""
    plain = ~table["source"].astype(str).str.startswith(SOURCED)
    mend = "begin with the address that was read, or with 'judgement: ' and the reason"
    return [
        Fault(where, f"row {int(index) + 2}", f"source '{table['source'][index]}'", mend)
        for index in table.index[plain]
    ]
