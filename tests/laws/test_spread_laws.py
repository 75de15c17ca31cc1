"""Laws of the pairs behind the test of the claim."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vallum.threat.claim.chance import largest, ratio_range
from vallum.threat.claim.counts import traded
from vallum.threat.claim.pairs import Points, episodes, pair_tables

KM, SPAN = (3.0, 10.0), (2, 7)
events = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 12), st.integers(0, 12)), min_size=0, max_size=9
)


def made(rows: list[tuple[int, int, int]]) -> Points:
    table = np.array(sorted(rows), np.int64).reshape(-1, 3)
    return Points(table[:, 0], table[:, 1:].astype(float), table[:, 0] * 0)


@given(events, events)
def test_pairs_are_those_that_one_counts_one_by_one(first, second):
    arrivals, sources = made(first), made(second)
    before, after = pair_tables(arrivals, arrivals.day[:, None], sources, KM, SPAN)
    for number, (day, place) in enumerate(zip(arrivals.day, arrivals.xy_km, strict=True)):
        for window, (km, span) in enumerate(itertools.product(KM, SPAN)):
            near = [
                int(day - other)
                for other, there in zip(sources.day, sources.xy_km, strict=True)
                if np.hypot(*(there - place)) <= km
            ]
            assert before[number, 0, window] == sum(0 < lag <= span for lag in near)
            assert after[number, 0, window] == sum(0 < -lag <= span for lag in near)


@given(events, events)
def test_time_turned_round_swaps_before_and_after(first, second):
    arrivals, sources = made(first), made(second)
    back = [made([(-day, x, y) for day, x, y in rows]) for rows in (first, second)]
    before, after = pair_tables(arrivals, arrivals.day[:, None], sources, KM, SPAN)
    turned = pair_tables(back[0], back[0].day[:, None], back[1], KM, SPAN)
    assert (before.sum(axis=0) == turned[1].sum(axis=0)).all()
    assert (after.sum(axis=0) == turned[0].sum(axis=0)).all()


@given(events, events, st.integers(-500, 500))
def test_another_calendar_changes_nothing(first, second, days):
    moved = [made([(day + days, x, y) for day, x, y in rows]) for rows in (first, second)]
    one, two = made(first), made(second)
    here = pair_tables(one, one.day[:, None], two, KM, SPAN)
    there = pair_tables(moved[0], moved[0].day[:, None], moved[1], KM, SPAN)
    assert (here[0] == there[0]).all()
    assert (here[1] == there[1]).all()


@given(events)
def test_events_of_two_episodes_are_never_near(rows):
    points = made(rows)
    found = episodes(points, km=3.0, days=4)
    for a, b in itertools.combinations(range(len(rows)), 2):
        near = np.hypot(*(points.xy_km[a] - points.xy_km[b])) <= 3.0
        if near and abs(points.day[a] - points.day[b]) <= 4:
            assert found[a] == found[b]


@settings(deadline=None)
@given(arrays(bool, st.tuples(st.integers(1, 5), st.integers(1, 8))), st.integers(0, 9))
def test_trades_keep_all_sums(active, seed):
    copies = traded(active, 7, np.random.default_rng(seed))
    assert (copies.sum(axis=1) == active.sum(axis=0)).all()
    assert (copies.sum(axis=2) == active.sum(axis=1)).all()


@given(arrays(np.int64, (12, 3), elements=st.integers(-9, 9)))
def test_of_all_rows_at_most_a_share_p_has_that_p(table):
    """Whichever row is the true one, p is no smaller than its rank: the test is exact."""
    rows = table.astype(float)
    p = np.array([largest(rows[n], np.delete(rows, n, axis=0)) for n in range(12)])
    assert ((p > 0) & (p <= 1)).all()
    for level in p:
        assert (p <= level + 1e-12).sum() <= level * 12 + 1e-9


@settings(deadline=None)
@given(
    arrays(float, 6, elements=st.integers(0, 5).map(float)),
    arrays(float, 6, elements=st.floats(0.1, 5.0)),
)
def test_a_ratio_lies_in_its_range(pairs, expected):
    ratio, low, high = ratio_range(pairs, expected, 0.9, np.random.default_rng(0))
    assert 0.0 <= low <= ratio <= high
