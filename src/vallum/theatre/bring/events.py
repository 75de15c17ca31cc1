"""Violent events from a user's tables: joined, clipped to the theatre, each loss counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault
from vallum.theatre.bring import fields
from vallum.theatre.bring.counts import months_of, observed, stamp
from vallum.theatre.bring.event_rows import read_rows
from vallum.theatre.bring.provenance import GEOGRAPHIC, describe, share
from vallum.theatre.bring.whose import BORDER_KM, locate

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from numpy.typing import NDArray

    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.event_rows import Rows
    from vallum.theatre.bring.sections import EventsTable
    from vallum.theatre.model import Source

__all__ = ["Events", "read_events"]

MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
SAME = ("year", "month", "day", "lon", "lat", "deaths", "kind")
APART_DEGREES = 0.5  # of one identifier in two tables: further than this it is another event
REASONS = (  # why an event is left out: the first that holds
    "are no violence against life or property",
    "are in an earlier table or file",
    "are located less well than {limit}",
    "lie outside the theatre's grid",
    "lie in no state shown",
)


@dataclass(frozen=True, eq=False)
class Events:
    """Violent events on the theatre.

    Attributes
    ----------
    frame
        One row per event, in the order of time: event_id (text), date (datetime64[s]; NaT where
        only the month or year is known), year, month (Int64; NA where not known), iso3, region
        (empty where the state has none), lon, lat (degrees), row, col (the cell that holds the
        point), deaths (best number), low, high (NaN where not known), kind, dyad (the organised
        parties; empty where not said), where_precision (Int64).
    covers
        First and last month of observation of each table.
    sources
        One per table.
    """

    frame: pd.DataFrame
    covers: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]


def read_events(
    tables: tuple[EventsTable, ...], area: Area, *, progress: Callable[[str], None] | None = None
) -> tuple[Events | None, list[Fault]]:
    """Read tables of events, check them, and clip them to the theatre.

    An event belongs to the state whose polygon holds it, or to the nearest within 10 km where
    none does; to the region of that state that holds it, or is nearest. Events outside the grid
    or the states shown, located worse than the limit, named in an earlier table, or (ACLED) no
    violence are left out, and counted in the table's `Source.lost` with their deaths.

    Parameters
    ----------
    tables
        What the config says of them, in order: of events in two of them, the first counts.
    area
        The theatre's ground.
    progress
        Is told what is read.

    Returns
    -------
    events
        None where there are faults.
    faults
        All that are found, of all tables.
    """
    if not tables:
        raise AssertionError("no table of events: the theatre has none, and nothing to read")
    read, faults = _read(tables, area, progress)
    faults += _covers_faults(tables, area.today)
    if faults:
        return None, faults
    covers = tuple(
        table.covers or _covered(parts, area.today)
        for table, parts in zip(tables, read, strict=True)
    )
    faults = _overlaps(tables, covers, read)
    for table, parts in zip(tables, read, strict=True):
        if table.covers is not None:
            faults += [fault for rows in parts for fault in _outside(rows, table.covers)]
    joined = _join(read)
    faults += _clashes(joined, read)
    if faults:
        return None, faults
    if progress is not None:
        progress("placing events")
    return _clip(joined, tables, covers, read, area), []


def _read(
    tables: tuple[EventsTable, ...], area: Area, progress: Callable[[str], None] | None
) -> tuple[list[list[Rows]], list[Fault]]:
    """Read every file of every table."""
    faults: list[Fault] = []
    read: list[list[Rows]] = []
    for table in tables:
        parts = []
        for path in table.file:
            if progress is not None:
                progress(f"reading {path.name}")
            rows, found = read_rows(table, path, area)
            faults += found
            if rows is not None:
                parts.append(rows)
        read.append(parts)
    return read, faults


def _covers_faults(tables: tuple[EventsTable, ...], today: dt.date) -> list[Fault]:
    """Say which `covers` are no span of months."""
    faults = []
    for table in tables:
        if table.covers is None:
            continue
        first, last = table.covers
        where, found = str(table.file[0]), f"{list(table.covers)}"
        mend = 'write first and last month, as covers = ["2012-01", "2020-12"]'
        if not MONTH.fullmatch(first) or not MONTH.fullmatch(last) or first > last:
            faults.append(Fault(where, "covers", found, mend))
        elif last > f"{today:%Y-%m}":
            faults.append(Fault(where, "covers", f"{found}: ends after {today}", mend))
    return faults


def _covered(parts: list[Rows], today: dt.date) -> tuple[str, str]:
    """Find the first and last month of a table; of an event of a year, that whole year."""
    frame = pd.concat([rows.frame[["stamp", "year"]] for rows in parts])
    first = frame["stamp"].fillna(frame["year"] * 12).min()
    last = frame["stamp"].fillna(frame["year"] * 12 + 11).max()
    last = min(last, today.year * 12 + today.month - 1)
    return _month(int(first)), _month(int(last))


def _month(number: int) -> str:
    """Write a month as `stamp` reads it."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _overlaps(
    tables: tuple[EventsTable, ...],
    covers: tuple[tuple[str, str], ...],
    read: list[list[Rows]],
) -> list[Fault]:
    """Say which tables would count the same events twice.

    Two tables of one time are right only if identifiers tell their events apart: both must have
    them, and of one kind. What a CSV holds we can't know, so its identifiers are believed.
    """
    faults = []
    for number, table in enumerate(tables):
        for other in range(number):
            both = months_of((covers[number],)) & months_of((covers[other],))
            kinds = {table.format, tables[other].format}
            named = all(rows.how.has_id for rows in (*read[number], *read[other]))
            if not both or (named and kinds != {"ucdp-ged", "acled"}):
                continue
            span = f"{_month(min(both))} to {_month(max(both))}"
            found = f"{span} is covered by {tables[other].file[0]} too"
            mend = "give covers that don't overlap, or (csv) a column of ids to both: columns.id"
            faults.append(Fault(str(table.file[0]), "covers", found, mend))
    return faults


def _outside(rows: Rows, covers: tuple[str, str]) -> list[Fault]:
    """Say which events lie outside the months that the table is said to cover."""
    frame = rows.frame
    first, last = stamp(covers[0]), stamp(covers[1])
    start = frame["stamp"].fillna(frame["year"] * 12 + 11)  # of a year: any month of it
    end = frame["stamp"].fillna(frame["year"] * 12)
    bad = frame.index[(start < first) | (end > last)]
    when = frame.loc[bad, "stamp"]
    cases = [
        (int(line), f"{_month(int(at)) if at == at else 'a year'}: outside covers")  # noqa: PLR0124
        for line, at in when.items()
    ]
    column = rows.how.take.get("date", rows.how.take.get("year", ""))
    return fields.many(
        rows.where, column, cases, f"correct it, or covers ({covers[0]} to {covers[1]})"
    )


def _join(read: list[list[Rows]]) -> pd.DataFrame:
    """Put the rows of all tables one below the other, with the number of table and file.

    `again` marks those that an earlier table or file has: by their identifier, or, without one, by
    all that is known of them.
    """
    frames = []
    for number, parts in enumerate(read):
        for part, rows in enumerate(parts):
            named = rows.frame.assign(table=number, part=part, line=rows.frame.index)
            frames.append(named.assign(named=rows.how.has_id))
    joined = pd.concat(frames, ignore_index=True)
    bare = joined.duplicated(["table", *SAME])
    joined["again"] = np.where(joined["named"], joined.duplicated(["event_id", "named"]), bare)
    return joined


def _clashes(joined: pd.DataFrame, read: list[list[Rows]]) -> list[Fault]:
    """Say which identifiers stand for different events in different tables."""
    again = joined[joined["again"].astype(bool) & joined["named"]]
    if again.empty:
        return []
    known = joined[joined["named"] & joined["event_id"].isin(again["event_id"])]
    first = known.drop_duplicates("event_id").set_index("event_id").loc[again["event_id"]]
    apart = np.hypot(
        first["lon"].to_numpy() - again["lon"].to_numpy(),
        first["lat"].to_numpy() - again["lat"].to_numpy(),
    )
    other = (first["year"].to_numpy() != again["year"].to_numpy()) & (apart > APART_DEGREES)
    faults: list[Fault] = []
    for (table, part), rows in again[other].groupby(["table", "part"]):
        cases = [
            (int(line), f"id {name} is another event in an earlier table")
            for line, name in zip(rows["line"], rows["event_id"], strict=True)
        ]
        where = read[int(table)][int(part)]
        mend = "give events of different tables different ids"
        faults += fields.many(where.where, where.how.take["id"], cases, mend)
    return faults


def _clip(
    joined: pd.DataFrame,
    tables: tuple[EventsTable, ...],
    covers: tuple[tuple[str, str], ...],
    read: list[list[Rows]],
    area: Area,
) -> Events:
    """Keep what lies in the theatre, and write down what doesn't."""
    places = locate(joined["lon"].to_numpy(), joined["lat"].to_numpy(), area)
    table = joined["table"].to_numpy()
    limits = np.array([_limit(parts) for parts in read])
    reasons = np.stack(
        [
            ~joined["violent"].to_numpy(bool),
            joined["again"].to_numpy(bool),
            joined["where_precision"].to_numpy() > limits[table],
            ~places["on_grid"].to_numpy(),
            places["code"].to_numpy() < 0,
        ]
    )
    why = np.where(reasons.any(axis=0), reasons.argmax(axis=0), -1)
    kept = why < 0
    frame = _frame(joined[kept], places[kept], area)
    years, months = observed(covers)
    counted = joined["year"].isin(years) | (joined["month"].notna() & joined["stamp"].isin(months))
    sources = []
    for number, config in enumerate(tables):
        own = table == number
        deaths = joined.loc[own, "deaths"].to_numpy()
        idle = int((kept & own & ~counted.to_numpy()).sum())
        lost = _lost(why[own], deaths, limits[number], idle)
        name = "events" if len(tables) == 1 else f"events[{number + 1}]"
        sources.append(
            describe(
                config,
                name,
                crs_in=GEOGRAPHIC,
                crs_out=area.grid.crs,
                resampling="none",
                treatment=_treatment(config, covers[number]),
                lost=lost,
            )
        )
    return Events(frame, covers, tuple(sources))


def _limit(parts: list[Rows]) -> float:
    """Give the worst precision of place that a table may have."""
    limits = [rows.how.where_limit for rows in parts]
    return float(limits[0]) if limits and limits[0] is not None else np.inf


def _treatment(table: EventsTable, covers: tuple[str, str]) -> str:
    """Say in words what was done to a table."""
    swapped = "; longitude and latitude swapped, as the config says" * table.crs_swapped
    return (
        f"format {table.format}, taken to cover {covers[0]} to {covers[1]}; state and region by "
        f"coordinates, up to {BORDER_KM:g} km off a state's border or coast{swapped}; names of "
        "persons, notes and sources of events not read"
    )


def _lost(why: NDArray[np.int64], deaths: NDArray[np.float64], limit: float, idle: int) -> str:
    """Write down how many events were left out, and why."""
    out, total = int((why >= 0).sum()), len(why)
    parts = [
        f"{int((why == reason).sum()):,} {text.format(limit=f'{limit:g}')}"
        for reason, text in enumerate(REASONS)
        if (why == reason).any()
    ]
    words = []
    if out:
        dead, all_dead = np.nansum(deaths[why >= 0]), np.nansum(deaths)
        words.append(
            f"{out:,} of {total:,} events ({share(out, total)}), with {dead:,.0f} of "
            f"{all_dead:,.0f} deaths: {', '.join(parts)}"
        )
    if idle:
        words.append(
            f"{idle:,} more are in no count: of years observed in part, or of no known month"
        )
    return "; ".join(words) or "nothing"


def _frame(kept: pd.DataFrame, places: pd.DataFrame, area: Area) -> pd.DataFrame:
    """Make the table of events, in the order of time."""
    parts = kept[["year", "month", "day"]]
    whole = parts.notna().all(axis=1)
    date = pd.Series(np.datetime64("NaT"), index=kept.index, dtype="datetime64[s]")
    if whole.any():
        date[whole] = pd.to_datetime(parts[whole]).astype("datetime64[s]")
    order = np.array(area.order, object)
    frame = pd.DataFrame(
        {
            "event_id": kept["event_id"].astype(object),
            "date": date,
            "year": parts["year"].astype("Int64"),
            "month": parts["month"].astype("Int64"),
            "iso3": pd.Series(order[places["code"].to_numpy()], kept.index, dtype=object),
            "region": pd.Series(places["region"].to_numpy(object), kept.index, dtype=object),
            "lon": kept["lon"],
            "lat": kept["lat"],
            "row": places["row"].to_numpy(),
            "col": places["col"].to_numpy(),
            "deaths": kept["deaths"],
            "low": kept["low"],
            "high": kept["high"],
            "kind": kept["kind"].astype(object),
            "dyad": kept["dyad"].astype(object),
            "where_precision": kept["where_precision"].astype("Int64"),
        }
    )
    keys = ["year", "month", "date", "iso3", "region", "lon", "lat", "event_id"]
    return frame.sort_values(keys, kind="stable").reset_index(drop=True)
