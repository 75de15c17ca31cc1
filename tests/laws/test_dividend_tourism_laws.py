"""What holds for tourism everywhere: no line, no gain; never above the peak; held is no worse."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import tourism_world as strip

from vallum.dividend.model import Timing
from vallum.dividend.tourism import regained_share, tourism, trips_of

COLUMNS = st.sets(st.integers(0, 8), max_size=9)
ATTACKS = st.lists(st.floats(0.0, 8.0), min_size=9, max_size=9)
COVER = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6)


def draws(stream, seed, count=40):
    low, high = (np.array([getattr(a, end) for a in stream.assumptions]) for end in ("low", "high"))
    return np.random.default_rng(seed).uniform(low, high, (count, low.size))


@given(ATTACKS, COLUMNS, st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_no_line_no_gain(attacks, held, seed):
    at = strip.threat([attacks])
    for land in (strip.land((), cut=0.1, outside=0.1), strip.land(held, covered=(0.0, 0.0))):
        stream = tourism(strip.theatre(), at, land)
        assert not stream.yearly(draws(stream, seed)).any()


@given(ATTACKS, COLUMNS, st.floats(0.0, 1.0), COVER, st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_never_above_the_peak_and_the_same_again(attacks, held, cut, cover, seed):
    stream = tourism(strip.theatre(), strip.threat([attacks]), strip.land(held, cover, cut))
    values = draws(stream, seed)
    money = stream.yearly(values)
    assert money.shape == (40, 2, len(cover))
    # all sites at the upper end of their documented peaks, each visit a journey of its own
    most = np.array([(800 + 2000) * 150 * 0.6, 400 * 300 * 0.25]) * 1.6
    assert (money <= most[:, None] * np.array(cover) + 1e-6).all()
    np.testing.assert_array_equal(money, stream.yearly(values))
    one = np.concatenate([stream.yearly(each[None]) for each in values])
    np.testing.assert_array_equal(money, one)


@given(ATTACKS, COLUMNS, COLUMNS, st.floats(0.0, 0.8), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_more_held_land_is_never_less_reachable(attacks, held, more, cut, seed):
    at, theatre = strip.threat([attacks]), strip.theatre()
    small = tourism(theatre, at, strip.land(held, cut=cut))
    large = tourism(theatre, at, strip.land(held | more, cut=cut))
    before, after = (one.tables["sites"]["attacks_after"] for one in (small, large))
    assert (after <= before + 1e-9).all()
    if held:  # the same assumptions have ranges
        values = draws(small, seed)
        assert (large.yearly(values) >= small.yearly(values) - 1e-6).all()


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=6), st.floats(1, 6), st.floats(0, 1e5))
def test_a_further_site_never_makes_journeys_fewer(gap, per_trip, more):
    most, per = np.array([np.inf]), np.array([per_trip])
    few = trips_of(np.array([gap]), np.zeros(len(gap), int), per, most)[0, 0]
    many = trips_of(np.array([[*gap, more]]), np.zeros(len(gap) + 1, int), per, most)[0, 0]
    assert few <= many + 1e-9
    assert max(gap) <= few + 1e-9
    assert few <= sum(gap) + 1e-9


@given(COVER, st.floats(0.1, 40.0), st.floats(0.1, 40.0))
def test_no_more_is_regained_than_is_covered_and_the_slower_regain_less(cover, one, other):
    got = regained_share(Timing(len(cover), np.array(cover)), np.array(sorted((one, other))))
    assert ((got >= 0) & (got <= np.array(cover))).all()
    assert (got[1] <= got[0] + 1e-12).all()
