"""The test on counts by region and year, where no dated and located events are known.

A claimed region's year is *active* if it had an event; active region-years stand for arrivals.
They are paired with a zone's events in regions near by, in the year before (`F`) and in the year
after (`B`). Chance is every way to place the active years that keeps how many regions were active
in each year and in how many years each region was: so neither a bad year for all nor a region that
is always worse is mistaken for spread. What is left to see is small, and the power says how small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.threat.claim.chance import Case, Row, largest, ratio_range

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.claim.settings import ClaimSettings
    from vallum.threat.claim.zones import Zones

__all__ = ["count_test", "traded"]

ROUNDS = 12  # trades per pair of regions: the pattern is then well mixed


@dataclass(frozen=True, eq=False)
class _Years:
    """Counts of one theatre.

    `active` marks the claimed regions' years, shape (claimed, years); `null` the same under
    chance, shape (permutations, claimed, years); `near` whether a region (of all) lies within each
    window of a claimed one, shape (windows, claimed, regions); `events` all counts, shape
    (regions, years); `zone` of all regions.
    """

    active: NDArray[np.bool_]
    null: NDArray[np.bool_]
    near: NDArray[np.bool_]
    events: NDArray[np.float64]
    zone: NDArray[np.int64]
    years: NDArray[np.int64]


def traded(
    active: NDArray[np.bool_], times: int, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Shuffle a table of marks, keeping the sums of its rows and columns.

    Two rows at a time trade the columns that only one of them has (the *curveball* of Strona et
    al. 2014), independently in each copy.

    Parameters
    ----------
    active
        Shape (rows, columns).
    times
        Copies.
    generator
        Of the trades.

    Returns
    -------
    shuffled
        Shape (times, rows, columns).
    """
    copies = np.repeat(active[None], times, axis=0)
    rows = len(active)
    pairs = [(a, b) for a in range(rows) for b in range(a)]
    for pick in generator.integers(len(pairs), size=ROUNDS * len(pairs)) if pairs else ():
        a, b = pairs[pick]
        one, two = copies[:, a].copy(), copies[:, b].copy()
        loose = one ^ two
        keys = np.where(loose, generator.random(loose.shape), np.inf)
        rank = keys.argsort(axis=1).argsort(axis=1)
        chosen = loose & (rank < (loose & one).sum(axis=1, keepdims=True))
        copies[:, a] = (one & two) | chosen
        copies[:, b] = (one & two) | (loose & ~chosen)
    return copies


def count_test(
    theatre: Theatre, zones: Zones, settings: ClaimSettings, *, seed: int
) -> Case | None:
    """Test every zone on the counts by region and year.

    Parameters
    ----------
    theatre
        Its events_year and the polygons of its regions.
    zones
        Zone of each region.
    settings
        Windows in km; days are not used, the lag is one year.
    seed
        Of all draws.

    Returns
    -------
    Case
        None if no claimed region had an event.
    """
    data = _years(theatre, zones, settings, seed)
    if data is None:
        return None
    named = [*enumerate(zones.names), (-2, "elsewhere")]
    rows = [_row(data, z, name, settings, (seed, 2, z + 3)) for z, name in named]
    inside = float(data.events[data.zone == -1].sum())
    rows.append(Row("inside", int(inside), *(float("nan"),) * 7))

    def detect(
        zone: int, rate: float, generator: np.random.Generator, *, whole: bool = False
    ) -> float:
        del whole  # counts by year have no days
        return _detect(data, zone, rate, settings, generator)

    coarse = (
        "only counts by region and year are known: the test sees no dates and no places, and "
        "compares neighbouring regions across years"
    )
    notes = [coarse]
    ways = len(np.unique(data.null.reshape(len(data.null), -1), axis=0))
    if ways * settings.alpha < 1.0:
        notes.append(
            f"chance can lay out the {int(data.active.sum())} active region-years in only {ways} "
            f"ways that keep the sums: p can't fall below 1/{ways}, and nothing can be found"
        )
    fresh = theatre.events_month
    if len(fresh) and int(fresh["year"].min()) > int(data.years[-1]) + 1:
        notes.append(
            f"no record from {int(data.years[-1]) + 1} to {int(fresh['year'].min()) - 1}: the "
            f"fresh months of {int(fresh['year'].min())} have no year before them and are not used"
        )
    window = settings.windows_km.index(settings.main_km)
    near = (data.near[window] & (data.zone == 0)).any(axis=1)
    lagged = np.append(False, np.diff(data.years) == 1)
    seen = (near[:, None] & lagged)[data.active].astype(np.float64)
    arrivals = int(data.active.sum())
    return Case("counts", arrivals, tuple(rows), detect, tuple(notes), gap=False, seen=seen)


def _years(theatre: Theatre, zones: Zones, settings: ClaimSettings, seed: int) -> _Years | None:
    """Lay out the counts."""
    table = theatre.events_year
    table = table[table["year"].astype(int) >= settings.first_year]
    years = np.unique(table["year"].to_numpy(np.int64))
    events = _matrix(theatre, table, years)
    inside = np.flatnonzero(zones.of_region == -1)
    active = events[inside] > 0
    if not active.any():
        return None
    polygons = theatre.regions.geometry
    near = np.zeros((len(settings.windows_km), len(inside), len(events)), bool)
    busy = np.flatnonzero((zones.of_region != -1) & (zones.of_region != -2) | events.any(axis=1))
    for number, region in enumerate(inside):
        gap = polygons.iloc[busy].distance(polygons.iloc[region]).to_numpy() / 1000.0
        for window, km in enumerate(settings.windows_km):
            near[window, number, busy] = gap <= km
    null = traded(active, settings.permutations, np.random.default_rng((seed, 1)))
    return _Years(active, null, near, events, zones.of_region, years)


def _matrix(theatre: Theatre, table: pd.DataFrame, years: NDArray[np.int64]) -> NDArray[np.float64]:
    """Events by region, in the order of `theatre.regions`, and year."""
    keys = zip(theatre.regions["iso3"], theatre.regions["name"], strict=True)
    row = {pair: number for number, pair in enumerate(keys)}
    events = np.zeros((len(row), len(years)))
    pairs = zip(table["iso3"], table["region"], strict=True)
    place = np.array([row.get(pair, -1) for pair in pairs], np.int64)
    known = place >= 0
    column = np.searchsorted(years, table["year"].to_numpy(np.int64))
    np.add.at(events, (place[known], column[known]), table["events"].to_numpy(float)[known])
    return events


def _beside(
    data: _Years, sources: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Events near each claimed region in the year before and after, (windows, claimed, years)."""
    here = data.near.astype(np.float64) @ sources
    before, after = np.zeros_like(here), np.zeros_like(here)
    step = np.flatnonzero(np.diff(data.years) == 1)  # a gap has no year before and none after
    before[..., step + 1] = here[..., step]
    after[..., step] = here[..., step + 1]
    return before, after


def _paired(active: NDArray[np.bool_], beside: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pairs of active region-years and events beside them, shape (..., windows)."""
    pairs: NDArray[np.float64] = np.einsum("...ry,wry->...w", active.astype(np.float64), beside)
    return pairs


def _row(data: _Years, zone: int, name: str, settings: ClaimSettings, seed: tuple[int, ...]) -> Row:
    """Test one zone."""
    sources = np.where((data.zone == zone)[:, None], data.events, 0.0)
    before, after = _beside(data, sources)
    p = largest(_paired(data.active, before - after), _paired(data.null, before - after))
    window = settings.windows_km.index(settings.main_km)
    places: Sequence[NDArray[np.int64]] = np.nonzero(data.active)
    pairs = before[window][places]
    chance = (data.null.mean(axis=0) * before[window]).sum()
    share = np.full(len(pairs), chance / len(pairs))
    ratio = ratio_range(pairs, share, settings.interval, np.random.default_rng(seed))
    late = after[window][places].sum()
    return Row(name, int(sources.sum()), float(pairs.sum()), float(late), float(chance), *ratio, p)


def _detect(
    data: _Years, zone: int, rate: float, settings: ClaimSettings, generator: np.random.Generator
) -> float:
    """Share of simulations in which a planted spread is found.

    A pattern of chance takes the place of the true one. With probability `rate`, an active
    region-year gets one event of the zone, in the year before (if it was observed) and in a region
    within `main_km`, or in the zone's nearest where none is.
    """
    sources = np.where((data.zone == zone)[:, None], data.events, 0.0)
    window = settings.windows_km.index(settings.main_km)
    choice = [
        np.flatnonzero(data.near[window, r] & (data.zone == zone)) for r in range(len(data.near[0]))
    ]
    before = np.append(False, np.diff(data.years) == 1)
    found = 0
    for _ in range(settings.simulations):
        start = data.null[generator.integers(len(data.null))]
        planted = start & (generator.random(start.shape) < rate) & before
        more = sources.copy()
        for region, year in zip(*np.nonzero(planted), strict=True):
            if choice[region].size:
                more[generator.choice(choice[region]), year - 1] += 1.0
        ahead, behind = _beside(data, more)
        found += (
            largest(_paired(start, ahead - behind), _paired(data.null[:199], ahead - behind))
            <= settings.alpha
        )
    return found / settings.simulations
