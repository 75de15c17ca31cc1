"""The located test: events of a zone before arrivals, against those after them.

An *arrival* is the first event of an episode in the claimed regions. For every window, pairs of an
arrival and an event of the zone are counted before (`F`) and after (`B`) the arrival; spread from
the zone shows in `F − B`, while what moves both (seasons, joint growth) shows in both and cancels.
Chance is what is left when all arrivals of a calendar year are moved together round its observed
days, by a random number of days for each year: a *random shift* (Lotwick & Silverman 1982) inside
the intervals of the *interval jitter* (Amarasingham et al. 2012). It keeps places, the bunching of
the zone's events and of the arrivals, and every trend from year to year.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from vallum.kernel.jit import compiled
from vallum.threat.spread_chance import Case, Row, largest, ratio_range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.threat.claim_settings import ClaimSettings

__all__ = ["Points", "episodes", "pair_tables", "shift_test"]

PLACES = 2000  # of a zone at most, among which planted precursors are laid
PERMUTATIONS = 199  # inside the power: it asks for p below alpha only


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
class _Frame:
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


def shift_test(
    points: Points,
    observed: NDArray[np.int64],
    places: Sequence[NDArray[np.float64]],
    names: Sequence[str],
    settings: ClaimSettings,
    *,
    seed: int,
) -> Case | None:
    """Test every zone.

    Parameters
    ----------
    points
        All events that are tested, sorted; zones number from 0, −1 inside, −2 elsewhere.
    observed
        Days of which the table says whether there were events, rising.
    places
        For each zone, points of its land in km, shape (places, 2); where precursors are planted.
    names
        Of the zones.
    settings
        Windows and sizes.
    seed
        Of all draws.

    Returns
    -------
    Case
        None if nothing arrived.
    """
    inside = points.of(points.zone == -1)
    episode = episodes(inside, km=settings.episode_km, days=settings.episode_days)
    first = np.unique(episode, return_index=True)[1]  # sorted by day, so the first is the earliest
    first.sort()
    if first.size == 0:
        return None
    frame = _frame(inside.of(first), observed, settings.permutations, seed)
    rows = [
        _row(frame, points.of(points.zone == zone), name, settings, (seed, 2, zone + 3))
        for zone, name in [*enumerate(names), (-2, "elsewhere")]
    ]
    rows.append(_inside(frame, inside, episode, first, settings, seed))
    tables = {z: points.of(points.zone == z) for z in range(len(names))}
    few = _frame(inside.of(first), observed, PERMUTATIONS, seed + 1)
    every = _unbroken(inside.day[first], settings)
    wide = _frame(inside.of(first), every, PERMUTATIONS, seed + 1)

    def detect(
        zone: int, rate: float, generator: np.random.Generator, *, whole: bool = False
    ) -> float:
        laid, known = (wide, every) if whole else (few, observed)
        return _detect(laid, tables[zone], places[zone], known, rate, settings, generator)

    notes = _notes(frame, observed, settings)
    return Case("located", len(first), tuple(rows), detect, notes, gap=bool(notes))


def _frame(arrivals: Points, observed: NDArray[np.int64], times: int, seed: int) -> _Frame:
    """Lay out the days to which each arrival may move, and draw where it does."""
    year = _year(observed)
    wanted, own = np.unique(_year(arrivals.day), return_inverse=True)
    choices = [observed[year == y] for y in wanted]
    most = max(len(choice) for choice in choices)
    padded = np.stack([np.pad(c, (0, most - len(c)), mode="edge") for c in choices])
    count = np.array([len(c) for c in choices], np.int64)[own]
    first = np.searchsorted(observed, padded[own, 0])
    place = np.searchsorted(observed, arrivals.day) - first
    shifts = _shifts(place, count, own, times, np.random.default_rng((seed, 1)))
    return _Frame(arrivals, padded[own], count, place, own, shifts)


def _unbroken(arrivals: NDArray[np.int64], settings: ClaimSettings) -> NDArray[np.int64]:
    """Days of a record without gaps: the arrivals' years, and the longest window before them."""
    first, last = (np.datetime64(int(year), "Y") for year in _year(arrivals[[0, -1]]))
    start = first.astype("datetime64[D]").astype(np.int64) - max(settings.windows_days)
    return np.arange(start, (last + 1).astype("datetime64[D]").astype(np.int64))


def _shifts(
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


def _counted(
    frame: _Frame, sources: Points, settings: ClaimSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Pairs before and after at the true days, (arrivals, windows), and on all days."""
    sizes = (settings.windows_km, settings.windows_days)
    true = pair_tables(frame.arrivals, frame.arrivals.day[:, None], sources, *sizes)
    moved = pair_tables(frame.arrivals, frame.days, sources, *sizes)
    return true[0][:, 0], true[1][:, 0], moved[0], moved[1]


def _summed(table: NDArray[np.int64], shifts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum over arrivals for each joint shift, shape (permutations, windows)."""
    total = np.zeros((len(shifts), table.shape[2]))
    for number, row in enumerate(table):
        total += row[shifts[:, number]]
    return total


def _main(settings: ClaimSettings) -> int:
    """Place of the main window."""
    far = settings.windows_km.index(settings.main_km)
    return far * len(settings.windows_days) + settings.windows_days.index(settings.main_days)


def _row(
    frame: _Frame, sources: Points, name: str, settings: ClaimSettings, seed: tuple[int, ...]
) -> Row:
    """Test one zone."""
    before, after, moved_before, moved_after = _counted(frame, sources, settings)
    null = _summed(moved_before - moved_after, frame.shifts)
    p = largest((before - after).sum(axis=0).astype(np.float64), null)
    return _told(frame, name, len(sources.day), (before, after, moved_before), p, settings, seed)


def _told(
    frame: _Frame,
    name: str,
    events: int,
    counted: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    p: float,
    settings: ClaimSettings,
    seed: tuple[int, ...],
) -> Row:
    """Write one zone's row from its counts in the main window."""
    window = _main(settings)
    before, after, moved = (table[..., window] for table in counted)
    held = np.arange(moved.shape[1]) < frame.count[:, None]
    expected = (moved * held).sum(axis=1) / frame.count
    generator = np.random.default_rng(seed)
    ratio = ratio_range(before.astype(np.float64), expected, settings.interval, generator)
    return Row(
        name, events, float(before.sum()), float(after.sum()), float(expected.sum()), *ratio, p
    )


def _inside(
    frame: _Frame,
    inside: Points,
    episode: NDArray[np.int64],
    first: NDArray[np.int64],
    settings: ClaimSettings,
    seed: int,
) -> Row:
    """Test whether arrivals follow events of other episodes in the claimed regions themselves.

    Such pairs have no direction (each is before for one and after for the other), so the
    statistic is `F` alone.
    """
    before, after, moved = (
        np.zeros((len(first), *middle, len(settings.windows_km) * len(settings.windows_days)), int)
        for middle in ((), (), (frame.days.shape[1],))
    )
    for number, event in enumerate(first):
        others = inside.of(episode != episode[event])
        one = np.array([number])
        alone = replace(frame, arrivals=frame.arrivals.of(one), days=frame.days[one])
        b, a, m, _ = _counted(alone, others, settings)
        before[number], after[number], moved[number] = b[0], a[0], m[0]
    p = largest(before.sum(axis=0).astype(np.float64), _summed(moved, frame.shifts))
    return _told(
        frame, "inside", len(inside.day), (before, after, moved), p, settings, (seed, 2, 2)
    )


def _notes(frame: _Frame, observed: NDArray[np.int64], settings: ClaimSettings) -> tuple[str, ...]:
    """Say what gaps in the record take away."""
    lags = np.arange(1, settings.main_days + 1)
    known = np.isin(frame.arrivals.day[:, None] - lags, observed)
    blind = int((~known.any(axis=1)).sum())
    jump = np.flatnonzero(np.diff(observed) > 1)
    ends = np.stack([observed[jump] + 1, observed[jump + 1] - 1], axis=1).astype("datetime64[D]")
    since = np.datetime64(int(frame.arrivals.day.min()), "D")
    gaps = [f"{start} to {end}" for start, end in ends if end >= since]
    if not gaps:
        return ()
    after = int((frame.arrivals.day > observed[jump[-1]]).sum())
    lost = (
        f"no record from {' and '.join(gaps)}: arrivals of that time are missing, and of the "
        f"{settings.main_days} days before an arrival {1 - known.mean():.0%} are not known"
    )
    late = f"{after} of {len(known)} arrivals come after the last gap"
    return (lost, late + (f"; {blind} have no known day before them" if blind else ""))


def _detect(
    frame: _Frame,
    sources: Points,
    places: NDArray[np.float64],
    observed: NDArray[np.int64],
    rate: float,
    settings: ClaimSettings,
    generator: np.random.Generator,
) -> float:
    """Share of simulations in which a planted spread is found.

    Arrivals keep their places and are shifted by chance, so that no true link is left. Each has,
    with probability `rate`, an event of the zone at most `main_km` away (in its nearest land if
    none is so near) and 1 to `main_days` days before, recorded unless that day was not observed.
    """
    times, count = settings.simulations, len(frame.count)
    moved = pair_tables(
        frame.arrivals, frame.days, sources, settings.windows_km, settings.windows_days
    )
    table = moved[0] - moved[1]
    start = _shifts(frame.place, frame.count, frame.year, times, generator)
    day = np.take_along_axis(frame.days.T, start, axis=0)
    planted = generator.random((times, count)) < rate
    when = day - generator.integers(1, settings.main_days + 1, size=(times, count))
    planted &= np.isin(when, observed)
    where = _laid(frame.arrivals.xy_km, places, settings.main_km, generator, times)
    windows = [(km, span) for km in settings.windows_km for span in settings.windows_days]
    sizes = np.array([km for km, _ in windows]), np.array([span for _, span in windows], np.int64)
    null, true = _summed(table, frame.shifts), _summed(table, start)
    days = np.take_along_axis(frame.days.T, frame.shifts, axis=0)
    found = 0
    for sim in range(times):
        every = np.vstack([true[sim], null])
        chosen = planted[sim]
        _add(
            every, np.vstack([day[sim], days]), frame.arrivals.xy_km, when[sim, chosen],
            where[sim, chosen], *sizes,
        )  # fmt: skip
        found += largest(every[0], every[1:]) <= settings.alpha
    return found / times


def _laid(
    arrivals: NDArray[np.float64],
    places: NDArray[np.float64],
    km: float,
    generator: np.random.Generator,
    times: int,
) -> NDArray[np.float64]:
    """Draw a place of the zone for each arrival's precursor, shape (times, arrivals, 2)."""
    step = max(1, -(-len(places) // PLACES))
    few = places[::step]
    drawn = np.empty((times, len(arrivals), 2))
    for number, place in enumerate(arrivals):
        gap = np.hypot(*(few - place).T)
        near = np.flatnonzero(gap <= km)
        choice = near if near.size else np.array([gap.argmin()])
        drawn[:, number] = few[choice[generator.integers(len(choice), size=times)]]
    return drawn


@compiled
def _add(
    total: NDArray[np.float64],
    days: NDArray[np.int64],
    xy: NDArray[np.float64],
    when: NDArray[np.int64],
    where: NDArray[np.float64],
    km: NDArray[np.float64],
    span: NDArray[np.int64],
) -> None:
    """Add the pairs of planted events to F − B of each row of days, shape (rows, windows)."""
    for source in range(len(when)):
        for arrival in range(len(xy)):
            gap = np.hypot(xy[arrival, 0] - where[source, 0], xy[arrival, 1] - where[source, 1])
            for row in range(len(days)):
                lag = days[row, arrival] - when[source]
                for window in range(len(km)):
                    if gap <= km[window] and lag != 0 and abs(lag) <= span[window]:
                        total[row, window] += 1.0 if lag > 0 else -1.0
