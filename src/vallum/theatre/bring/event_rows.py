"""Reading one file of events into typed rows, with every fault that a row can have by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.errors import Fault
from vallum.theatre.bring import event_schemas, fields
from vallum.theatre.bring.csvs import read_csv, read_header
from vallum.theatre.bring.whose import swapped

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.event_schemas import Shape
    from vallum.theatre.bring.sections import EventsTable

__all__ = ["Rows", "read_rows"]

NUMERIC = (
    "year", "month", "day", "lon", "lat", "deaths", "low", "high", "where_precision",
    "date_precision", "cell",
)  # fmt: skip
WHOLE = ("year", "month", "day", "where_precision", "date_precision", "cell")
PARTS = ("year", "month", "day")


@dataclass(frozen=True, eq=False)
class Rows:
    """The events of one file.

    Attributes
    ----------
    frame
        Index line; event_id (text), stamp (months since the year 0, of the date as it was given;
        NaN where only the year is known), year, month, day (floats, NaN where not known), lon,
        lat, deaths, low, high, where_precision (floats, NaN where the file doesn't say), kind,
        dyad (text), violent.
    how
        The file's shape.
    where
        The file, for faults.
    """

    frame: pd.DataFrame
    how: Shape
    where: str


def read_rows(table: EventsTable, path: Path, area: Area) -> tuple[Rows | None, list[Fault]]:
    """Read and check one file of a table of events.

    Parameters
    ----------
    table
        What the config says of it.
    path
        Of the file.
    area
        The theatre's ground, for coordinates that look swapped, and the last day believed.
    """
    where = str(path)
    hoped = tuple(table.columns.values())
    header, faults = read_header(path, encoding=table.encoding, columns=hoped)
    if faults:
        return None, faults
    how, faults = event_schemas.shape(table, header, where)
    if how is None:
        return None, faults
    text, faults = read_csv(path, encoding=table.encoding, columns=how.columns)
    if text is None:
        return None, faults
    typed, wrong, more = _typed(text, how, table, where)
    faults += more
    turned, more = _swapped(typed, how, area, where)
    wrong[["lon", "lat"]] |= turned[:, None]
    faults += more
    faults += _breaches(typed, wrong, how, where)
    faults += _calendar(typed, how, area, where)
    faults += _bounds(typed, how, where)
    faults += _nowhere(typed, how, where)
    faults += [] if how.has_id else _twice(typed, where)
    if faults:
        return None, faults
    return Rows(_finish(typed, how, path), how, where), []


def _typed(
    text: pd.DataFrame, how: Shape, table: EventsTable, where: str
) -> tuple[pd.DataFrame, pd.DataFrame, list[Fault]]:
    """Turn text into numbers and dates; also say which fields were told as faults already."""
    faults: list[Fault] = []
    out = pd.DataFrame(index=text.index)
    wrong = pd.DataFrame(index=text.index)
    for name, column in how.take.items():
        values: pd.Series[Any] = text[column]
        if name in NUMERIC:
            out[name], told = fields.numbers(where, column, values)
            told += _whole(where, column, out[name]) if name in WHOLE else []
            wrong[name] = values.notna() & out[name].isna()
            faults += told
        elif name == "date":
            parts, told = fields.days(where, column, values, month_first=how.month_first)
            faults += told + fields.empties(where, column, values)
            faults += _agree(out, parts, how, where)
            for part in PARTS:
                known = parts[part]
                out[part] = known if part not in out else known.fillna(out[part])
            wrong["year"] = out["year"].isna()
        else:
            out[name] = values.astype(object).where(values.notna(), None)
            out[name] = out[name].map(str.strip, na_action="ignore")
            if name == "kind" and how.kinds:  # capitals differ between releases
                plain = {kind.lower(): kind for kind in how.kinds}
                out[name] = out[name].map(lambda t: plain.get(t.lower(), t), na_action="ignore")  # noqa: B023
    for part in PARTS:
        if part not in out:
            out[part] = np.nan
    if table.crs_swapped:
        out[["lon", "lat"]] = out[["lat", "lon"]].to_numpy()
        wrong[["lon", "lat"]] = wrong[["lat", "lon"]].to_numpy()
    return out, wrong, faults


def _whole(where: str, column: str, values: pd.Series[float]) -> list[Fault]:
    """Say which numbers are not whole that must be."""
    bad = values[values.notna() & (values % 1 != 0)]
    cases = zip(
        bad.index.tolist(), [f"{fields.quote(v)}: not a whole number" for v in bad], strict=True
    )
    return fields.many(where, column, cases, "correct the value")


def _agree(out: pd.DataFrame, parts: pd.DataFrame, how: Shape, where: str) -> list[Fault]:
    """Say where the year, month or day beside a date is another."""
    faults: list[Fault] = []
    for part in PARTS:
        if part not in out:
            continue
        bad = parts[part].notna() & out[part].notna() & (parts[part] != out[part])
        cases = [
            (int(line), f"{part} {beside:g}, and the date says {said:g}")
            for line, beside, said in zip(
                out.index[bad], out.loc[bad, part], parts.loc[bad, part], strict=True
            )
        ]
        faults += fields.many(where, how.take[part], cases, "correct the one that is wrong")
    return faults


def _breaches(
    typed: pd.DataFrame,
    wrong: pd.DataFrame,
    how: Shape,
    where: str,
) -> list[Fault]:
    """Check ranges, values allowed and uniqueness; fields told already are not told again."""
    frame = typed.copy()
    for name in wrong:
        frame[name] = frame[name].mask(wrong[name], 2000 if name == "year" else 1)
    rules = event_schemas.schema(how)
    names = {**how.take, "year": how.take.get("year", how.take.get("date", "year"))}
    return fields.breaches(where, frame, rules, names)


def _swapped(
    typed: pd.DataFrame, how: Shape, area: Area, where: str
) -> tuple[NDArray[np.bool_], list[Fault]]:
    """Find rows whose longitude and latitude look swapped; one fault where most of them are.

    UCDP gives the cell of PRIO-GRID beside the coordinates, which tells a swapped row anywhere.
    """
    lon, lat = typed["lon"].to_numpy(), typed["lat"].to_numpy()
    whole, told = swapped(lon, lat, area)
    if whole:
        names = f"columns {how.take['lon']}, {how.take['lat']}"
        found = f"longitude and latitude look swapped in {whole:,} of {len(lon):,} rows"
        mend = "swap the two columns, or say crs_swapped = true (false, if it says true)"
        return np.ones(len(lon), bool), [Fault(where, names, found, mend)]
    if "cell" in typed:
        cell = typed["cell"].to_numpy()
        told = told | ((_cell(lon, lat) != cell) & (_cell(lat, lon) == cell))
    cases = [
        (line, f"({x:g}, {y:g}): longitude and latitude look swapped")
        for line, x, y in zip(typed.index[told], lon[told], lat[told], strict=True)
    ]
    return told, fields.many(where, "", cases, "swap the two")


def _cell(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the number of the PRIO-GRID cell: half a degree, from 1 in the south-west, by rows."""
    return np.asarray(np.floor((lat + 90) * 2) * 720 + np.floor((lon + 180) * 2) + 1)


def _calendar(typed: pd.DataFrame, how: Shape, area: Area, where: str) -> list[Fault]:
    """Say which days do not exist, and which lie after the last day believed."""
    column = how.take.get("date", how.take.get("year", ""))
    today = area.today
    known = typed[list(PARTS)]
    first = known["year"] * 10000 + known["month"].fillna(1) * 100 + known["day"].fillna(1)
    late = first > today.year * 10000 + today.month * 100 + today.day
    whole = known.notna().all(axis=1) & known["month"].between(1, 12) & (known["year"] >= 1900)
    full = typed[whole & ~late]
    made = pd.to_datetime(full[list(PARTS)], errors="coerce")
    faults = fields.many(where, column, _spell(full[made.isna()], "no such day"), "correct it")
    cases = _spell(typed[late], f"after {today}")
    return faults + fields.many(where, column, cases, "correct the date, or as_of")


def _spell(rows: pd.DataFrame, found: str) -> list[tuple[int, str]]:
    """Write the rows' dates as far as they are known, for faults."""
    out = []
    for line, *parts in zip(rows.index, rows["year"], rows["month"], rows["day"], strict=True):
        date = "-".join(f"{part:02.0f}" for part in parts if not np.isnan(part))
        out.append((int(line), f"{date}: {found}"))
    return out


def _bounds(typed: pd.DataFrame, how: Shape, where: str) -> list[Fault]:
    """Say where the lowest number of deaths is above the best, or the best above the highest."""
    faults: list[Fault] = []
    if how.date_precision is not None:  # a release: its user can't mend it, and best is what counts
        return faults
    for small, large in (("low", "deaths"), ("deaths", "high"), ("low", "high")):
        if small not in typed or large not in typed:
            continue
        if (small, large) == ("low", "high") and "deaths" in typed:
            continue  # then it follows from the two others
        bad = typed[typed[small] > typed[large]]
        left, right = how.take[small], how.take[large]
        cases = [
            (int(line), f"{left} {under:g} is above {right} {over:g}")
            for line, under, over in zip(bad.index, bad[small], bad[large], strict=True)
        ]
        mend = (
            "correct the numbers; of a csv, leave low and high out of columns if they are in doubt"
        )
        faults += fields.many(where, left, cases, mend)
    return faults


def _nowhere(typed: pd.DataFrame, how: Shape, where: str) -> list[Fault]:
    """Say which points lie at (0, 0), where tables put what they have no place for."""
    lines = typed.index[(typed["lon"] == 0) & (typed["lat"] == 0)]
    cases = [(int(line), "(0, 0): no place") for line in lines]
    mend = "give the place, or take the row out"
    return fields.many(where, how.take["lon"], cases, mend)


def _twice(typed: pd.DataFrame, where: str) -> list[Fault]:
    """Say which events without an identifier are the same as an earlier one."""
    keys = [name for name in (*PARTS, "lon", "lat", "deaths", "kind") if name in typed]
    again = typed.duplicated(keys)
    if not again.any():
        return []
    lines = typed.index.to_series()
    first = lines.groupby([typed[key] for key in keys], dropna=False, sort=False).transform("min")
    cases = [(int(line), f"the same event as row {first[line]}") for line in typed.index[again]]
    return fields.many(where, "", cases, "take it out, or name a column of ids: columns.id")


def _finish(typed: pd.DataFrame, how: Shape, path: Path) -> pd.DataFrame:
    """Blank what the date's precision doesn't bear, name kinds and parties, give every event an id.

    Events without one are numbered by what they are, not by where they stand in the file.
    """
    out = typed.copy()
    out["stamp"] = out["year"] * 12 + out["month"] - 1
    if how.date_precision is not None:
        month_only, year_only = how.date_precision
        out["day"] = out["day"].mask(out["date_precision"] >= month_only)
        out["month"] = out["month"].mask(out["date_precision"] >= year_only)
    for name in ("deaths", "low", "high", "where_precision"):
        if name not in out:
            out[name] = np.nan
    out["violent"] = True
    if "part" in out:
        out["violent"] = _violent(out)
        out["dyad"] = out["side_a"].fillna("") + " - " + out["side_b"].fillna("")
        out["dyad"] = out["dyad"].str.removesuffix(" - ")
    for name in ("kind", "dyad"):
        out[name] = "" if name not in out else out[name].fillna("")
    if how.kinds:
        out["kind"] = out["kind"].map(dict(how.kinds))
    if how.has_id:
        out["event_id"] = out["id"].astype(str).str.removesuffix(".0")
    else:
        order = out.reset_index(drop=True).sort_values([*PARTS, "lon", "lat", "deaths", "kind"])
        rank = np.empty(len(out), np.int64)
        rank[order.index.to_numpy()] = np.arange(1, len(out) + 1)
        out["event_id"] = [f"{path.stem}:{number}" for number in rank]
    keep = (
        "event_id", "stamp", *PARTS, "lon", "lat", "deaths", "low", "high", "where_precision",
        "kind", "dyad", "violent",
    )  # fmt: skip
    return out[list(keep)]


def _violent(rows: pd.DataFrame) -> pd.Series[bool]:
    """Mark the events that are violence against life or property (ACLED)."""
    out = pd.Series(False, index=rows.index)  # noqa: FBT003 - a fill value
    for kind, parts in event_schemas.ACLED_VIOLENCE.items():
        own = rows["kind"] == kind
        out |= own if parts is None else own & rows["part"].isin(parts)
    return out
