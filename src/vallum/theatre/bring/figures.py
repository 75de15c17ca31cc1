"""National figures and deaths by state and year, from a user's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from vallum.errors import Fault
from vallum.theatre.bring import fields
from vallum.theatre.bring.csvs import read_csv
from vallum.theatre.bring.provenance import describe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.theatre.bring.sections import DeathsTable, FiguresTable, StateSection
    from vallum.theatre.model import Source

__all__ = ["FIGURES", "read_deaths", "read_figures"]

# Each figure, what its columns begin with, and its largest value.
FIGURES = {
    "people": ("people", 1e10),
    "gdp_usd": ("gdp", 1e16),
    "agriculture_share": ("agriculture", 1.0),
    "urban_share": ("urban", 1.0),
}
YEARS = (1800, 2200)
MOST = 1e9  # deaths of a state in a year


def read_figures(
    tables: tuple[FiguresTable, ...],
    states: Mapping[str, StateSection],
    names: Mapping[str, str],
) -> tuple[pd.DataFrame, tuple[Source, ...], list[Fault]]:
    """Read national figures: of each state the newest year that has a value.

    What `[states.X]` says comes first; then the tables, in their order.

    Parameters
    ----------
    tables
        What the config says of them.
    states
        Figures given in the config itself, by iso3.
    names
        The states' names, by iso3: a table may use either.

    Returns
    -------
    figures
        Index iso3, all of `names`: `people`, `gdp_usd`, `agriculture_share`, `urban_share`, each
        with its `…_year` (NaN where not known) and `…_source` (empty where not known).
    sources
        One per table, with how many of its rows are of no state shown.
    faults
        All that are found, of all tables.
    """
    out = pd.DataFrame(index=pd.Index(list(names), name="iso3", dtype=object))
    for figure, (stem, _) in FIGURES.items():
        out[figure] = np.nan
        out[f"{stem}_year"] = np.nan
        out[f"{stem}_source"] = pd.Series("", index=out.index, dtype=object)
    faults: list[Fault] = []
    sources: list[Source] = []
    for iso3, given in states.items():
        if iso3 not in names:
            continue
        for figure, (stem, _) in FIGURES.items():
            value = getattr(given, figure)
            if value is not None:
                out.loc[iso3, figure] = float(value)
                out.loc[iso3, f"{stem}_source"] = given.source
    for number, table in enumerate(tables):
        newest, source, found = _newest(table, f"figures[{number + 1}] {table.figure}", names)
        faults += found
        if newest is None or source is None:
            continue
        sources.append(source)
        stem = FIGURES[table.figure][0]
        for iso3, year, value in newest.itertuples(index=False):
            if np.isnan(out[table.figure][iso3]):
                out.loc[iso3, table.figure] = float(value)
                out.loc[iso3, f"{stem}_year"] = float(year)
                out.loc[iso3, f"{stem}_source"] = f"{table.source} ({table.address})"
    return out, tuple(sources), faults


def read_deaths(
    table: DeathsTable, names: Mapping[str, str]
) -> tuple[pd.DataFrame | None, Source | None, list[Fault]]:
    """Read deaths by state and year.

    Parameters
    ----------
    table
        What the config says of it.
    names
        The states' names, by iso3: the table may use either. Rows of others are left out, and
        counted in the record.

    Returns
    -------
    deaths
        iso3, year, deaths; None for faults.
    source, faults
        The record, and all that is wrong.
    """
    columns = {"state": table.state, "year": table.year, "deaths": table.deaths}
    rows, faults = _read(table, columns, names)
    if rows is None:
        return None, None, faults
    rules = {
        "year": _number(*YEARS),
        "deaths": _number(0, MOST),
    }
    faults += _check(rows, rules, columns, _where(table))
    faults += _twice(rows, columns, _where(table))
    if faults:
        return None, None, faults
    kept = rows[rows["iso3"].notna()]
    out = kept[["iso3", "year", "deaths"]].astype({"year": np.int64, "iso3": object})
    dead, all_dead = float(kept["deaths"].sum()), float(rows["deaths"].sum())
    lost = _lost(rows)
    if lost != "nothing":
        lost += f", with {all_dead - dead:,.0f} of {all_dead:,.0f} deaths"
    source = _describe(table, "deaths", "as it stands", lost)
    return out.sort_values(["iso3", "year"]).reset_index(drop=True), source, []


def _newest(
    table: FiguresTable, layer: str, names: Mapping[str, str]
) -> tuple[pd.DataFrame | None, Source | None, list[Fault]]:
    """Find the newest value of each state in one table: iso3, year, value."""
    columns = {"state": table.state, "value": table.value}
    columns |= {"year": table.year} if table.year else {}
    rows, faults = _read(table, columns, names)
    if rows is None:
        return None, None, faults
    most = FIGURES[table.figure][1]
    rules = {"value": _number(0, most, empty=True)}
    rules |= {"year": _number(*YEARS)} if table.year else {}
    told = _check(rows, rules, columns, _where(table))
    if most == 1.0 and any("too large" in fault.found for fault in told):
        mend = "give shares from 0 to 1: divide per cent by 100"
        told = [Fault(fault.where, fault.place, fault.found, mend) for fault in told]
    faults += told + _twice(rows, columns, _where(table))
    if faults:
        return None, None, faults
    if "year" not in rows:
        rows["year"] = np.nan
    kept = rows[rows["iso3"].notna() & rows["value"].notna()]
    if table.latest is not None:
        kept = kept[~(kept["year"] > table.latest)]
    last = kept.sort_values("year", kind="stable").drop_duplicates("iso3", keep="last")
    until = f" to {table.latest}" if table.latest is not None else ""
    source = _describe(table, layer, f"the newest year{until} of each state", _lost(rows))
    return last[["iso3", "year", "value"]].sort_values("iso3"), source, []


def _read(
    table: FiguresTable | DeathsTable, columns: Mapping[str, str], names: Mapping[str, str]
) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read a table's columns: iso3 (missing for states not shown) and numbers; index line."""
    faults: list[Fault] = []
    frames = []
    for path in table.file:
        wanted = list(dict.fromkeys(columns.values()))
        text, found = read_csv(path, encoding=table.encoding, columns=wanted)
        faults += found
        if text is None:
            continue
        where, out = str(path), pd.DataFrame(index=text.index)
        for name, column in columns.items():
            values: pd.Series[Any] = text[column]
            if name == "state":
                out["state"] = values.astype(object).where(values.notna(), None)
                faults += fields.empties(where, column, values)
            else:
                out[name], told = fields.numbers(where, column, values)
                faults += told
        if len(table.file) > 1:
            out.index = pd.Index([f"{path.name}: row {line}" for line in out.index])
        frames.append(out)
    if faults or not frames:
        return None, faults
    rows = pd.concat(frames)
    known = {**{name: iso3 for iso3, name in names.items()}, **{iso3: iso3 for iso3 in names}}
    rows["iso3"] = rows["state"].map(str.strip).map(known).astype(object)
    if rows["iso3"].isna().all():
        some = ", ".join(sorted(rows["state"].unique())[:5])
        found_ = f"no state shown in it: {some}, …"
        mend = "name the column of ISO3 codes, or of names as in the borders layer"
        return None, [Fault(_where(table), f"column {columns['state']}", found_, mend)]
    return rows, []


def _where(table: FiguresTable | DeathsTable) -> str:
    """Name the file for faults; of several files, the rows name theirs."""
    return str(table.file[0]) if len(table.file) == 1 else str(table.file[0].parent)


def _number(low: float, high: float, *, empty: bool = False) -> Any:  # noqa: ANN401
    """Describe a column of numbers."""
    return pa.Column(float, [pa.Check.ge(low), pa.Check.le(high)], nullable=empty)


def _check(
    rows: pd.DataFrame, rules: Mapping[str, Any], columns: Mapping[str, str], where: str
) -> list[Fault]:
    """Check ranges, and that years are whole."""
    faults = fields.breaches(where, rows, pa.DataFrameSchema(dict(rules)), columns)
    if "year" in rows:
        part = rows.index[rows["year"] % 1 > 0]
        cases = [(line, "not a whole year") for line in part]
        faults += fields.many(where, columns["year"], cases, "correct the value")
    return faults


def _twice(rows: pd.DataFrame, columns: Mapping[str, str], where: str) -> list[Fault]:
    """Say which states have more than one row of a year."""
    keys = ["iso3", "year"] if "year" in rows else ["iso3"]
    again = rows[rows["iso3"].notna() & rows.duplicated(keys)]
    cases = [(line, f"a second row of {state}") for line, state in again["state"].items()]
    mend = "take one out" if "year" in rows else "take one out, or name the column of the year"
    return fields.many(where, columns["state"], cases, mend)


def _lost(rows: pd.DataFrame) -> str:
    """Count the rows of states that aren't shown."""
    other = int(rows["iso3"].isna().sum())
    return f"{other:,} of {len(rows):,} rows are of states not shown" if other else "nothing"


def _describe(table: FiguresTable | DeathsTable, layer: str, treatment: str, lost: str) -> Source:
    """Record a table, which has no coordinates."""
    return describe(
        table,
        layer,
        crs_in="",
        crs_out="",
        resampling="none",
        treatment=treatment,
        lost=lost,
    )
