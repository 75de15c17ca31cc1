"""Counts of events by region and time, as the threat stage reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.events import Events

__all__ = ["counts", "months_of", "observed", "stamp"]

YEAR_TYPES = {"iso3": object, "region": object, "year": np.int64}
COUNT_TYPES = {"events": np.int64, "deaths": np.float64}


def stamp(text: str) -> int:
    """Give the number of a month, written as `2012-01`, from the year 0.

    Examples
    --------
    >>> stamp("2012-01") - stamp("2011-12")
    1
    """
    year, month = text.split("-")
    return int(year) * 12 + int(month) - 1


def months_of(covers: tuple[tuple[str, str], ...]) -> frozenset[int]:
    """Give the numbers of all the months that tables of events cover, together."""
    spans = (range(stamp(first), stamp(last) + 1) for first, last in covers)
    return frozenset(month for span in spans for month in span)


def observed(covers: tuple[tuple[str, str], ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Split what is covered into complete calendar years, and the months after the last of them.

    Returns
    -------
    years
        Rising; those of which all twelve months are covered.
    months
        Rising, as `stamp` numbers them; all months covered where no year is complete.
    """
    months = months_of(covers)
    years = sorted({month // 12 for month in months})
    whole = tuple(y for y in years if all(y * 12 + month in months for month in range(12)))
    after = (whole[-1] + 1) * 12 if whole else 0
    return whole, tuple(sorted(month for month in months if month >= after))


def counts(
    events: Events, area: Area, deaths: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Count events and deaths by region and year, by region and fresh month, and by state.

    A region that is not named had no event. A year or month that was observed and in which
    nothing happened anywhere has one row of zeros (of the first state and its first region), so
    that it counts as observed. Deaths that aren't known add nothing.

    Parameters
    ----------
    events
        Of `read_events`.
    area
        The theatre's ground.
    deaths
        Of `read_deaths`: iso3, year, deaths; None to sum the events of complete years.

    Returns
    -------
    events_year
        iso3, region, year, events, deaths: complete calendar years that are covered.
    events_month
        iso3, region, year, month, events, deaths: months covered after the last complete year.
    deaths_year
        iso3, year, deaths.
    """
    years, months = observed(events.covers)
    frame = events.frame
    yearly = _count(frame[frame["year"].isin(years)], ["iso3", "region", "year"])
    yearly = _with_empty(yearly, pd.DataFrame({"year": list(years)}), area)
    after = frame["year"] * 12 + frame["month"] - 1
    fresh = frame[after.isin(months).fillna(value=False).astype(bool)]
    monthly = _count(fresh, ["iso3", "region", "year", "month"])
    span = pd.DataFrame({"year": [m // 12 for m in months], "month": [m % 12 + 1 for m in months]})
    monthly = _with_empty(monthly, span, area)
    if deaths is not None:
        shown = deaths[deaths["iso3"].isin(area.order)]
        by_state = shown[["iso3", "year", "deaths"]].sort_values(["iso3", "year"])
    else:
        index = pd.MultiIndex.from_product([sorted(area.order), years], names=["iso3", "year"])
        whole = yearly.groupby(["iso3", "year"])["deaths"].sum()
        by_state = whole.reindex(index, fill_value=0.0).reset_index()
    return yearly, monthly, _typed(by_state.reset_index(drop=True), with_events=False)


def _count(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Count events and add up their deaths."""
    plain = frame.assign(**{key: frame[key].astype(np.int64) for key in keys[2:]})
    groups = plain.groupby(keys, sort=True)["deaths"]
    return groups.agg(events="size", deaths="sum").reset_index()


def _with_empty(counted: pd.DataFrame, span: pd.DataFrame, area: Area) -> pd.DataFrame:
    """Add a row of zeros for each year or month of the span that has none."""
    keys = [str(name) for name in span]
    if len(span):
        known = pd.MultiIndex.from_frame(counted[keys].astype(np.int64))
        quiet = span[~pd.MultiIndex.from_frame(span).isin(known)]
        names = area.regions.loc[area.regions["iso3"] == area.order[0], "name"].astype(str)
        first = min(names, default="")
        zeros = quiet.assign(iso3=area.order[0], region=first, events=0, deaths=0.0)
        if len(zeros):
            counted = pd.concat([counted, zeros]) if len(counted) else zeros
    order = ["iso3", "region", *keys, "events", "deaths"]
    out = counted[order].sort_values(order[: 2 + len(keys)]).reset_index(drop=True)
    return _typed(out, with_events=True)


def _typed(table: pd.DataFrame, *, with_events: bool) -> pd.DataFrame:
    """Give every table the same types, empty or not."""
    types = {**YEAR_TYPES, "month": np.int64, **COUNT_TYPES}
    if not with_events:
        table = table[["iso3", "year", "deaths"]]
    return table.astype({str(name): types[str(name)] for name in table})
