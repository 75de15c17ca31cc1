"""Arrivals, the days to which chance may move them, and the pairs that they make with events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.threat.claim.settings import ClaimSettings

__all__ = [
    "Frame", "Points", "episodes", "known_days", "make_frame", "pair_tables", "summed", "turned",
    "unbroken",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Points:
    """Dated, located events, sorted by day and place.

    Attributes
    ----------
    day
        Days since 1970, shape (events,).
    xy_km
        Map coordinates in km, shape (events, 2).
    zone
        Number of each event's zone.
    """

    day: NDArray[np.int64]
    xy_km: NDArray[np.float64]
    zone: NDArray[np.int64]

    def of(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Points:
        """Give some of them."""
        return Points(self.day[chosen], self.xy_km[chosen], self.zone[chosen])


@dataclass(frozen=True, eq=False)
class Frame:
    """Where arrivals are, and where chance may move them.

    `days` are the days to which an arrival may move, shape (arrivals, most), of which the first
    `count` hold; `place` is where its own day is among them, `year` the number of its year;
    `shifts` are places drawn by chance, shape (permutations, arrivals).
    """

    arrivals: Points
    days: NDArray[np.int64]
    count: NDArray[np.int64]
    place: NDArray[np.int64]
    year: NDArray[np.int64]
    shifts: NDArray[np.int64]


def episodes(points: Points, *, km: float, days: int) -> NDArray[np.int64]:
    """Find the episodes, events linked by steps of at most so many km and days.

    Parameters
    ----------
    points
        The events.
    km, days
        Longest step.

    Returns
    -------
    episode
        Number per event, shape (events,).
    """
    count = len(points.day)
    if count == 0:
        return np.zeros(0, np.int64)
    pairs = cKDTree(points.xy_km).query_pairs(km, output_type="ndarray")
    near = np.abs(points.day[pairs[:, 0]] - points.day[pairs[:, 1]]) <= days
    tail, head = pairs[near].T
    graph = coo_array((np.ones(len(tail)), (tail, head)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def pair_tables(
    arrivals: Points,
    days: NDArray[np.int64],
    sources: Points,
    windows_km: Sequence[float],
    windows_days: Sequence[int],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the zone's events before and after each arrival, if it came on each of some days.

    Parameters
    ----------
    arrivals
        Of which only the places are used.
    days
        Days to try, shape (arrivals, most).
    sources
        The zone's events, sorted by day.
    windows_km, windows_days
        An event counts if it lies at most so far, and from 1 to so many days off.

    Returns
    -------
    before, after
        Shape (arrivals, most, windows); the windows' days vary fastest.
    """
    shape = (*days.shape, len(windows_km) * len(windows_days))
    before, after = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for number, place in enumerate(arrivals.xy_km):
        gap = np.hypot(*(sources.xy_km - place).T)
        at = days[number]
        for far, km in enumerate(windows_km):
            near = sources.day[gap <= km]
            start, end = np.searchsorted(near, at, "left"), np.searchsorted(near, at, "right")
            for long, span in enumerate(windows_days):
                window = far * len(windows_days) + long
                before[number, :, window] = start - np.searchsorted(near, at - span, "left")
                after[number, :, window] = np.searchsorted(near, at + span, "right") - end
    return before, after


def make_frame(arrivals: Points, observed: NDArray[np.int64], times: int, seed: int) -> Frame:
    """Lay out the days to which each arrival may move, and draw where it does."""
    year = _year(observed)
    wanted, own = np.unique(_year(arrivals.day), return_inverse=True)
    choices = [observed[year == y] for y in wanted]
    most = max(len(choice) for choice in choices)
    padded = np.stack([np.pad(c, (0, most - len(c)), mode="edge") for c in choices])
    count = np.array([len(c) for c in choices], np.int64)[own]
    first = np.searchsorted(observed, padded[own, 0])
    place = np.searchsorted(observed, arrivals.day) - first
    shifts = turned(place, count, own, times, np.random.default_rng((seed, 1)))
    return Frame(arrivals, padded[own], count, place, own, shifts)


def unbroken(arrivals: NDArray[np.int64], settings: ClaimSettings) -> NDArray[np.int64]:
    """Days of a record without gaps: the arrivals' years, and the longest window before them."""
    first, last = (np.datetime64(int(year), "Y") for year in _year(arrivals[[0, -1]]))
    start = first.astype("datetime64[D]").astype(np.int64) - max(settings.windows_days)
    return np.arange(start, (last + 1).astype("datetime64[D]").astype(np.int64))


def turned(
    place: NDArray[np.int64],
    count: NDArray[np.int64],
    year: NDArray[np.int64],
    times: int,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Move the arrivals of each year together, round its days; shape (times, arrivals)."""
    turn = generator.random((times, int(year.max()) + 1))[:, year]
    return (place + (turn * count).astype(np.int64)) % count


def _year(day: NDArray[np.int64]) -> NDArray[np.int64]:
    return day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)


def summed(table: NDArray[np.int64], shifts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum over arrivals for each joint shift, shape (permutations, windows)."""
    total = np.zeros((len(shifts), table.shape[2]))
    for number, row in enumerate(table):
        total += row[shifts[:, number]]
    return total


def known_days(
    frame: Frame, observed: NDArray[np.int64], settings: ClaimSettings
) -> NDArray[np.bool_]:
    """Whether each of the main days before each arrival is known, shape (arrivals, days)."""
    lags = np.arange(1, settings.main_days + 1)
    return np.isin(frame.arrivals.day[:, None] - lags, observed)
