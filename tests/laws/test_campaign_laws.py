"""What holds of every campaign."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.campaign_world import DULL, PLAIN, line, mixture, nothing, world

from vallum.campaign import chain, gravity, play, seeds
from vallum.campaign.model import Played

SEEDS = st.integers(0, 10_000)
CHANCES = st.floats(0.0, 1.0)


def as_bytes(made):
    return b"".join(getattr(made, field.name).tobytes() for field in fields(Played))


@given(SEEDS, st.sampled_from([0, 1, 99]))
@settings(max_examples=20, deadline=None)
def test_no_line_no_change(seed, phase):
    made = world(seed)
    empty = replace(nothing(made), name="line", covered_phase=np.full(len(made.entries), phase))
    years = (1, 2)
    first, second = (
        play.play(made, means, PLAIN, years=years, seed=seed, number=1)
        for means in (nothing(made), empty)
    )
    assert as_bytes(first) == as_bytes(second)
    late = replace(line(made), covered_phase=np.full(len(made.entries), 2))
    third = play.play(made, late, PLAIN, years=years, seed=seed, number=1)
    assert as_bytes(third) == as_bytes(
        play.play(made, nothing(made), PLAIN, years=years, seed=seed, number=1)
    )


@given(SEEDS, CHANCES, st.floats(0.05, 0.9), st.floats(0.0, 1.0), st.floats(4.0, 40.0))
@settings(max_examples=40, deadline=None)
def test_before_anything_is_built_attacks_are_the_threats(seed, reach, still, persist, range_h):
    made = world(seed)
    chosen = replace(PLAIN, reach=reach, still=still, persist=persist, range_h=range_h)
    attacks = made.targets["attacks_yr"].to_numpy()
    for means in (nothing(made), replace(line(made), covered_phase=np.full(5, 1))):
        found = chain.expected(made, means, chosen, phase=0)
        np.testing.assert_allclose((found.arrived + found.resident)[0], attacks, rtol=1e-9)
    over = chain.expected_over(made, nothing(made), chosen, years=(1, 3))
    np.testing.assert_allclose(over.arrived + over.resident, [attacks, attacks], rtol=1e-9)


@given(SEEDS, st.floats(4.0, 40.0))
@settings(max_examples=40, deadline=None)
def test_journeys_add_up_and_are_a_product(seed, range_h):
    made = world(seed)
    found = gravity.before(made, replace(PLAIN, range_h=range_h))
    np.testing.assert_allclose(found.journeys.sum(axis=1), found.origin, rtol=1e-9)
    attacks = made.targets["attacks_yr"].to_numpy()
    np.testing.assert_allclose(found.journeys.sum(axis=0), 0.6 * attacks, rtol=1e-9)
    weight = made.bases["weight"].to_numpy()
    np.testing.assert_allclose(found.origin / found.origin.sum(), weight, rtol=1e-9)
    score = np.log(found.journeys) + gravity.ways(made).cost / range_h
    score = score - score[:, :1]
    np.testing.assert_allclose(score - score[:1], 0.0, atol=1e-8)


@given(SEEDS, st.floats(0.0, 1.0), CHANCES, st.integers(0, 4), st.floats(0.0, 0.99))
@settings(max_examples=60, deadline=None)
def test_stopping_more_never_lets_more_into_held_land_where_no_risk_is_minded(
    seed, more, again, door, bought
):
    made = world(seed)
    chosen = replace(PLAIN, risk=0.0, again=again, bought=bought)
    held = (made.targets["side"] == "held").to_numpy()
    means = mixture(made, seed)
    stop = means.stop_entry.copy()
    stop[door] += more * (1.0 - stop[door])
    less, most = (
        chain.expected(made, each, chosen, phase=0).arrived[0, held].sum()
        for each in (means, replace(means, stop_entry=stop))
    )
    assert most <= less * (1 + 1e-12)


@given(SEEDS, CHANCES, st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_stopping_more_never_helps_who_answers_best(seed, more, door):
    # one who knows the chances and takes the likeliest way to the target that is worth most to him
    made = world(seed, bases=1)
    means = replace(line(made, seed, 0), covered_phase=np.zeros(5, np.int64))
    stop = means.stop_entry.copy()
    stop[door] += more * (1.0 - stop[door])

    def best(chances):
        values = []
        for target in range(3):
            for entry in range(5):  # a world with this way and this target alone
                alone = replace(
                    made,
                    out=np.where(np.arange(5) == entry, made.out, np.inf),
                    direct=np.full_like(made.direct, np.inf),
                )
                alone.targets["attacks_yr"] = np.where(np.arange(6) == target, 60.0, 0.0)
                chosen = replace(DULL, hearsay=0.0, again=0.0, fort_pull=0.0)
                one = replace(means, stop_entry=chances)
                values.append(chain.expected(alone, one, chosen, phase=0).arrived.sum())
        return max(values)

    assert best(stop) <= best(means.stop_entry) * (1 + 1e-12)


@given(SEEDS, st.floats(0.0, 0.9), st.floats(0.0, 0.09), st.floats(0.0, 10.0))
@settings(max_examples=40, deadline=None)
def test_fearing_the_line_more_sends_no_more_out(seed, fear, more, risk):
    made = world(seed)
    means = replace(line(made, seed, 0), forts=np.zeros(5))
    less, most = (
        chain.expected(made, means, replace(PLAIN, hearsay=each, risk=risk), phase=0).set_out[0]
        for each in (fear, fear + more)
    )
    assert most <= less * (1 + 1e-12)
    quiet = chain.expected(made, nothing(made), replace(PLAIN, risk=risk), phase=0).set_out[0]
    assert less <= quiet * (1 + 1e-12)


@given(
    st.floats(0.0, 3000.0),
    st.just(0.0) | st.floats(1e-6, 300.0),
    st.floats(0.0, 1.0, exclude_max=True),
)
@settings(max_examples=200, deadline=None)
def test_poisson_numbers_never_fall_as_the_rate_rises(rate, more, chance):
    assert seeds.poisson(rate, chance) <= seeds.poisson(rate + more, chance)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_every_band_ends_somewhere(seed):
    made = world(seed)
    played = play.play(made, mixture(made, seed), PLAIN, years=(2, 2), seed=seed, number=0)
    ends = played.arrived.sum(axis=1) + played.forts_attacked.sum(axis=1) + played.ended
    np.testing.assert_allclose(ends, played.set_out)
    np.testing.assert_allclose(played.stopped + played.through, played.tried)
    assert ((played.strength >= 0) & (played.strength <= 1)).all()
