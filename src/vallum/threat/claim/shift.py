"""The located test: events of a zone before arrivals, against those after them.

An *arrival* is the first event of an episode in the claimed regions. For every window, pairs of an
arrival and an event of the zone are counted before (`F`) and after (`B`) the arrival; spread from
the zone shows in `F − B`, while what moves both (seasons, joint growth) shows in both and cancels.
Chance is what is left when all arrivals of a calendar year are moved together round its observed
days, by a random number of days for each year: a *random shift* (as spatstat's `rshift`) inside the
intervals of the *interval jitter* (Amarasingham et al. 2012). It keeps places, the bunching of
the zone's events and of the arrivals, and every trend from year to year.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.jit import compiled
from vallum.threat.claim.chance import Case, Row, largest, ratio_range
from vallum.threat.claim.pairs import (
    Frame,
    Points,
    episodes,
    known_days,
    make_frame,
    pair_tables,
    summed,
    turned,
    unbroken,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.threat.claim.settings import ClaimSettings

__all__ = ["shift_test"]

PLACES = 2000  # of a zone at most, among which planted precursors are laid
MOST = 300  # arrivals in the power: of more, every second, third ... one, to keep its cost down
PERMUTATIONS = 199  # inside the power: it asks for p below alpha only


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
    frame = make_frame(inside.of(first), observed, settings.permutations, seed)
    rows = [
        _row(frame, points.of(points.zone == zone), name, settings, (seed, 2, zone + 3))
        for zone, name in [*enumerate(names), (-2, "elsewhere")]
    ]
    rows.append(_inside(frame, inside, episode, first, settings, seed))
    tables = {z: points.of(points.zone == z) for z in range(len(names))}
    step = -(-len(first) // MOST)
    some = inside.of(first[::step])
    every = unbroken(some.day, settings)
    few = make_frame(some, observed, PERMUTATIONS, seed + 1)
    wide = make_frame(some, every, PERMUTATIONS, seed + 1)

    def detect(
        zone: int, rate: float, generator: np.random.Generator, *, whole: bool = False
    ) -> float:
        laid, known = (wide, every) if whole else (few, observed)
        return _detect(laid, tables[zone], places[zone], known, rate, settings, generator)

    notes = _notes(frame, observed, settings)
    gap = bool(notes)
    if step > 1:
        notes += (f"the power is that of {len(some.day)} of the {len(first)} arrivals",)
    near = [np.hypot(*(places[0] - xy).T).min() <= settings.main_km for xy in frame.arrivals.xy_km]
    seen = known_days(frame, observed, settings).mean(axis=1) * near
    return Case("located", len(first), tuple(rows), detect, notes, gap=gap, seen=seen)


def _counted(
    frame: Frame, sources: Points, settings: ClaimSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Pairs before and after at the true days, (arrivals, windows), and on all days."""
    sizes = (settings.windows_km, settings.windows_days)
    true = pair_tables(frame.arrivals, frame.arrivals.day[:, None], sources, *sizes)
    moved = pair_tables(frame.arrivals, frame.days, sources, *sizes)
    return true[0][:, 0], true[1][:, 0], moved[0], moved[1]


def _main(settings: ClaimSettings) -> int:
    """Place of the main window."""
    far = settings.windows_km.index(settings.main_km)
    return far * len(settings.windows_days) + settings.windows_days.index(settings.main_days)


def _row(
    frame: Frame, sources: Points, name: str, settings: ClaimSettings, seed: tuple[int, ...]
) -> Row:
    """Test one zone."""
    before, after, moved_before, moved_after = _counted(frame, sources, settings)
    null = summed(moved_before - moved_after, frame.shifts)
    p = largest((before - after).sum(axis=0).astype(np.float64), null)
    return _told(frame, name, len(sources.day), (before, after, moved_before), p, settings, seed)


def _told(
    frame: Frame,
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
    frame: Frame,
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
    p = largest(before.sum(axis=0).astype(np.float64), summed(moved, frame.shifts))
    return _told(
        frame, "inside", len(inside.day), (before, after, moved), p, settings, (seed, 2, 2)
    )


def _notes(frame: Frame, observed: NDArray[np.int64], settings: ClaimSettings) -> tuple[str, ...]:
    """Say what gaps in the record take away."""
    known = known_days(frame, observed, settings)
    blind = int((~known.any(axis=1)).sum())
    jump = np.flatnonzero(np.diff(observed) > 1)
    jump = jump[observed[jump] < frame.arrivals.day.max()]
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
    frame: Frame,
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
    start = turned(frame.place, frame.count, frame.year, times, generator)
    day = np.take_along_axis(frame.days.T, start, axis=0)
    planted = generator.random((times, count)) < rate
    when = day - generator.integers(1, settings.main_days + 1, size=(times, count))
    planted &= np.isin(when, observed)
    where = _laid(frame.arrivals.xy_km, places, settings.main_km, generator, times)
    windows = [(km, span) for km in settings.windows_km for span in settings.windows_days]
    sizes = np.array([km for km, _ in windows]), np.array([span for _, span in windows], np.int64)
    null, true = summed(table, frame.shifts), summed(table, start)
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
