"""The record of counts as a matrix, and what of it was known at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.threat.intensity.counts import PARTS, WINDOW, Pairs
from vallum.threat.intensity.neighbours import by_state, touching

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.theatre import Theatre

__all__ = ["History", "counted", "history", "pairs", "parts", "record"]

GROWTH_LIMIT = 5.0  # a state's violence is not taken to grow or fall by more than this factor


@dataclass(frozen=True, eq=False)
class History:
    """Counts by region and year, and which regions may tell of each other.

    Attributes
    ----------
    names
        All regions, once each: iso3, region.
    counts
        Events, one row per region in the order of `names`, one column per year that was observed
        (integers, rising).
    deaths
        Deaths, index iso3, one column per year: known later than the counts, perhaps.
    state, near
        Weights of the regions in the mean over one's state and over one's neighbours, each of
        shape (regions, regions).
    """

    names: pd.DataFrame
    counts: pd.DataFrame
    deaths: pd.DataFrame
    state: NDArray[np.float64]
    near: NDArray[np.float64]

    @property
    def years(self) -> tuple[int, ...]:
        """The years that were observed, rising."""
        return tuple(int(year) for year in self.counts.columns)


def record(theatre: Theatre, *, gap_km: float) -> History:
    """Read a theatre's counts by region and year.

    Parameters
    ----------
    theatre
        With its tables of counts.
    gap_km
        How far apart neighbours may lie.

    Returns
    -------
    History
        Of all regions of the theatre.
    """
    names = theatre.regions[["iso3", "name"]].rename(columns={"name": "region"})
    return history(
        names.drop_duplicates(ignore_index=True),
        theatre.events_year,
        theatre.deaths_year,
        theatre.regions,
        gap_km=gap_km,
    )


def history(
    names: pd.DataFrame,
    events_year: pd.DataFrame,
    deaths_year: pd.DataFrame,
    polygons: gpd.GeoDataFrame | None = None,
    *,
    gap_km: float = 1.0,
) -> History:
    """Put counts together.

    Parameters
    ----------
    names
        All regions, once each: iso3, region. A region that a table does not name had no events.
    events_year
        iso3, region, year, events. A year without a row was not observed.
    deaths_year
        iso3, year, deaths.
    polygons
        iso3, name, geometry in metres; without them a region's neighbours are its state's others.
    gap_km
        How far apart neighbours may lie.

    Returns
    -------
    History
        In the order of `names`.
    """
    deaths = deaths_year.pivot_table(
        index="iso3", columns="year", values="deaths", aggfunc="sum", fill_value=0
    )
    shapes: gpd.GeoDataFrame | pd.DataFrame = pd.DataFrame() if polygons is None else polygons
    return History(
        names=names,
        counts=counted(names, events_year),
        deaths=deaths,
        state=by_state(names),
        near=touching(names, shapes, gap_km * 1000.0),
    )


def counted(names: pd.DataFrame, events_year: pd.DataFrame) -> pd.DataFrame:
    """Events by region (all of them) and year (those observed), as `History.counts`."""
    index = pd.MultiIndex.from_frame(names[["iso3", "region"]])
    if events_year.empty:
        return pd.DataFrame(index=index)
    years = sorted(events_year["year"].astype(int).unique())
    table = events_year.pivot_table(
        index=["iso3", "region"], columns="year", values="events", aggfunc="sum", fill_value=0
    )
    return table.reindex(index=index, columns=years, fill_value=0).astype(float)


def parts(past: History, *, end: int, known_to: int) -> NDArray[np.float64]:
    """Give what the mean is a mixture of, from counts to one year and deaths to another.

    A year of the window that was not observed takes the mean of those that were. Counts are
    multiplied by their state's growth since: the mean of deaths over the last `WINDOW` years
    known, over the mean of deaths over the counts' own last `WINDOW` years, one death added to
    both, kept within 1 / `GROWTH_LIMIT` and `GROWTH_LIMIT`. It is 1 where deaths are known no
    further than counts.

    Parameters
    ----------
    past
        The record.
    end
        The last year whose counts are known; it was observed.
    known_to
        The last year whose deaths are known.

    Returns
    -------
    parts
        Events/yr, shape (4, `WINDOW`, regions), as `counts.Pairs`.
    """
    growth = _growth(past, end=end, known_to=known_to)
    window = past.counts.reindex(columns=range(end, end - WINDOW, -1))
    gaps = window.isna().any(axis=0)
    for year in window.columns[gaps]:
        window[year] = window.loc[:, ~gaps].mean(axis=1)
    own = window.to_numpy(np.float64).T * growth
    always = past.counts.loc[:, :end].mean(axis=1).to_numpy(np.float64) * growth
    found = {
        "own": own,
        "always": np.broadcast_to(always, own.shape),
        "state": own @ past.state.T,
        "neighbours": own @ past.near.T,
    }
    return np.stack([found[part] for part in PARTS])


def pairs(past: History, when: Sequence[tuple[int, int, int]], keep: NDArray[np.bool_]) -> Pairs:
    """Put together what was known and what came.

    Parameters
    ----------
    past
        The record.
    when
        For each origin: the year foretold, the last year of counts, the last year of deaths.
    keep
        The regions to take, shape (regions,).

    Returns
    -------
    Pairs
        Region-years, origin by origin; empty without origins.
    """
    if not when:
        return Pairs(np.zeros((len(PARTS), WINDOW, 0)), np.zeros(0))
    known = [parts(past, end=end, known_to=known_to)[:, :, keep] for _, end, known_to in when]
    came = [past.counts[year].to_numpy(np.float64)[keep] for year, _, _ in when]
    return Pairs(np.concatenate(known, axis=2), np.concatenate(came))


def _growth(past: History, *, end: int, known_to: int) -> NDArray[np.float64]:
    """Growth of each region's state, shape (regions,)."""
    years = np.array(past.deaths.columns, np.int64)
    then = past.deaths.loc[:, (years > end - WINDOW) & (years <= end)]
    now = past.deaths.loc[:, (years > known_to - WINDOW) & (years <= known_to)]
    if known_to <= end or then.empty or now.empty:
        return np.ones(len(past.names))
    ratio = (now.mean(axis=1) + 1.0) / (then.mean(axis=1) + 1.0)
    growth = ratio.clip(1.0 / GROWTH_LIMIT, GROWTH_LIMIT)
    return growth.reindex(past.names["iso3"]).fillna(1.0).to_numpy(np.float64)
