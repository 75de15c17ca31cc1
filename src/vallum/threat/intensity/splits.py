"""Where a record may be split: what was known before a date, and the twelve months after it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from vallum.errors import Fault, InputError
from vallum.threat.intensity.history import counted, record

if TYPE_CHECKING:
    from vallum.theatre import Theatre
    from vallum.threat.intensity.history import History
    from vallum.threat.intensity.settings import IntensitySettings

__all__ = ["day_of", "targets", "until"]

MEND_DATA = (
    "give events or counts of more consecutive years ([[events]] with `covers` in CONFIG.toml)"
)


def day_of(text: str) -> dt.date:
    """Read the day of a split: the first that is foretold.

    The last day of a year stands for its end, so it is the next day.

    Raises
    ------
    InputError
        If it is no ISO date.

    Examples
    --------
    >>> day_of("2019-12-31").isoformat()
    '2020-01-01'
    """
    try:
        day = dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        mend = "write year-month-day, as --split 2019-01-01"
        raise InputError([Fault("--split", text, "no date", mend)]) from None
    if (day.month, day.day) == (12, 31) and day.year < dt.MAXYEAR:
        return day + dt.timedelta(days=1)
    return day


def targets(past: History, settings: IntensitySettings) -> tuple[int, ...]:
    """Give the years that can be foretold and scored: observed, after enough that were too.

    Parameters
    ----------
    past
        The record.
    settings
        `first_train_yr` years are needed before.

    Returns
    -------
    years
        Rising.
    """
    seen = set(past.years)
    before = settings.first_train_yr
    return tuple(y for y in past.years if set(range(y - before, y)) <= seen)


def until(
    theatre: Theatre, day: dt.date | None, settings: IntensitySettings
) -> tuple[History, tuple[int, ...]]:
    """Count by twelve months that end at a day, and say which of them can be scored.

    Parameters
    ----------
    theatre
        With counts by year; with single events too if the day is not a year's first.
    day
        The split; None for all the years' ends.
    settings
        How many years are needed before the first.

    Returns
    -------
    past
        Twelve months are named by the year in which they begin. Nothing after the split's own
        twelve months is in it.
    years
        Those that can be scored; the last is the split's own, if a day was given.

    Raises
    ------
    InputError
        Where there are too few years of counts, the day lies outside what they allow, or it falls
        inside a year of which only a total is known.
    """
    where = f"theatre {theatre.name}"
    if theatre.events_year.empty:
        raise InputError([Fault(where, "events", "no counts by year: nothing to score", MEND_DATA)])
    past = record(theatre, gap_km=settings.gap_km)
    if day is not None and (day.month, day.day) != (1, 1):
        if theatre.events.empty:
            year = day.year + (day > dt.date(day.year, 7, 2))
            found = "inside a year, and only counts by whole years are known"
            mend = f"split at a year's end; the nearest: --split {year}-01-01"
            raise InputError([Fault("--split", day.isoformat(), found, mend)])
        past = _dated(theatre, past, day)
    years = targets(past, settings)
    if not years:
        found = (
            f"{len(past.years)} spans of twelve months of counts: fewer than "
            f"{settings.first_train_yr} in a row with one after them"
        )
        raise InputError([Fault(where, "events", found, MEND_DATA)])
    if day is None:
        return past, years
    if day.year not in years:
        near = min(years, key=lambda year: abs(year - day.year))
        known = f"{_start(day, years[0])} to {_start(day, years[-1])}"
        found = (
            f"a split needs {settings.first_train_yr} years of counts before it and one after it; "
            f"here they allow {known}"
        )
        mend = f"the nearest: --split {_start(day, near)}"
        raise InputError([Fault("--split", day.isoformat(), found, mend)])
    shown = past.counts.loc[:, : day.year]
    return replace(past, counts=shown), tuple(year for year in years if year <= day.year)


def _start(day: dt.date, year: int) -> str:
    """Begin of twelve months in another year, as text; 29 February becomes the 28th."""
    return str((pd.Timestamp(day) + pd.DateOffset(years=year - day.year)).date())


def _dated(theatre: Theatre, past: History, day: dt.date) -> History:
    """Count single events by twelve months that begin on a day of the year."""
    events = theatre.events[theatre.events["year"].notna()]
    # a day that isn't known lies in the middle of its month, or of its year
    month = events["month"].fillna(7).astype(int).astype(str).str.zfill(2)
    text = events["year"].astype(int).astype(str) + "-" + month
    middle = text + events["month"].isna().map({True: "-01", False: "-15"})
    when = events["date"].fillna(pd.to_datetime(middle)).astype("datetime64[s]")
    seen = _months(theatre)
    first, last = min(seen), max(seen)
    spans = {}
    for year in range(first.year - 1, last.year + 1):
        begin, end = pd.Timestamp(_start(day, year)), pd.Timestamp(_start(day, year + 1))
        if set(pd.period_range(begin, end - pd.Timedelta(days=1), freq="M")) <= seen:
            spans[year] = (when >= begin) & (when < end)
    rows = [events.loc[inside, ["iso3", "region"]].assign(year=y) for y, inside in spans.items()]
    if not rows:
        return replace(past, counts=past.counts.iloc[:, :0])
    table = pd.concat(rows, ignore_index=True).assign(events=1)
    counts = counted(past.names, table).reindex(columns=list(spans), fill_value=0.0)
    return replace(past, counts=counts)


def _months(theatre: Theatre) -> set[pd.Period]:
    """Give the months that were observed: all of complete years, and the fresh ones."""
    years = theatre.events_year["year"].astype(int).unique()
    whole = {pd.Period(year=y, month=m, freq="M") for y in years for m in range(1, 13)}
    fresh = theatre.events_month[["year", "month"]].astype(int).drop_duplicates()
    return whole | {
        pd.Period(year=y, month=m, freq="M") for y, m in fresh.itertuples(index=False, name=None)
    }
