"""What holds for every network: sensors never help him, labels mean nothing, bounds bound."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vallum.kernel.interdiction import (
    commitment,
    evasion,
    evasion_value,
    patrol,
    reliable_way,
    shortest_path,
)


def world(seed):
    """Draw a small network with parallel arcs and loops, and pairs, some of them the same."""
    rng = np.random.default_rng(seed)
    arcs, pairs = int(rng.integers(2, 25)), int(rng.integers(1, 6))
    names = rng.choice(10_000, int(rng.integers(2, 10)), replace=False) - 5_000
    plain = rng.choice([rng.uniform(0.2, 1, arcs), np.full(arcs, 0.5)])
    plain[rng.random(arcs) < 0.1] = rng.choice([0.0, 1.0])
    part = rng.choice([np.full(arcs, rng.choice([0.0, 0.1, 0.5, 1.0])), rng.random(arcs)])
    at = rng.permutation(arcs)[: int(rng.integers(1, arcs + 1))]
    reinforced = np.full(arcs, np.nan)
    reinforced[at] = plain[at] * part[at]
    return {
        "tail": rng.choice(names, arcs),
        "head": rng.choice(names, arcs),
        "plain": plain,
        "reinforced": reinforced,
        "candidates": at,
        "origins": rng.choice(names, pairs),
        "destinations": rng.choice(names, pairs),
        "probability": rng.dirichlet(np.ones(pairs)),
    }, rng


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_sensor_helps_an_evader(seed):
    net, rng = world(seed)
    at = net.pop("candidates")
    order, before = rng.permutation(at), np.inf
    for count in range(order.size + 1):
        value = evasion_value(**net, chosen=order[:count])
        assert value <= before + 1e-12
        before = value


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_more_sensors_and_other_labels(seed):
    net, rng = world(seed)
    found = [evasion(**net, budget=budget) for budget in range(4)]
    for less, more in pairwise(found):
        assert more.value <= less.value + 1e-9
    for budget, one in enumerate(found):
        assert one.chosen.size <= budget
        assert one.bound <= one.value <= one.bound + 1e-6
        scored = {key: value for key, value in net.items() if key != "candidates"}
        assert evasion_value(**scored, chosen=one.chosen) == one.value
    shift = int(rng.integers(-(10**12), 10**12))
    moved = {key: 3 * net[key] + shift for key in ("tail", "head", "origins", "destinations")}
    other = evasion(**{**net, **moved}, budget=2)
    assert (other.value, other.chosen.tolist()) == (found[2].value, found[2].chosen.tolist())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_least_risk_way_is_what_evasion_expects(seed):
    net, _ = world(seed)
    ends = int(net["origins"][0]), int(net["destinations"][0])
    way = reliable_way(net["tail"], net["head"], net["plain"], *ends)
    one = {**net, "origins": ends[:1], "destinations": ends[1:], "probability": [1.0]}
    assert evasion(**one, budget=0).value == pytest.approx(way.value, abs=1e-12)
    assert way.value == pytest.approx(
        np.prod(net["plain"][list(way.arcs)]) if way.arcs or ends[0] == ends[1] else 0.0
    )
    for first, second in pairwise(way.arcs):
        assert net["head"][first] == net["tail"][second]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_more_interdiction_never_shortens_a_way(seed):
    net, rng = world(seed)
    cost = np.round(10 * rng.random(net["plain"].size), int(rng.integers(0, 3)))
    delay = rng.choice([0.0, 0.5, 3.0, np.inf], cost.size)
    ends = int(net["origins"][0]), int(net["destinations"][0])
    found = [
        shortest_path(net["tail"], net["head"], cost, delay, *ends, budget) for budget in range(4)
    ]
    for less, more in pairwise(found):
        assert more.value >= less.value - 1e-9
    assert all(one.gap <= 1e-6 and one.bound >= one.value for one in found)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_follower_who_wants_the_opposite_makes_it_a_zero_sum_game(seed):
    """Commitment then gains nothing: the patrol game by one arc a target has the same value."""
    rng = np.random.default_rng(seed)
    gain = rng.uniform(1, 10, int(rng.integers(1, 6)))
    loss = np.where(np.eye(gain.size) > 0, 0.0, gain[None, :])  # one patrol on the row's target
    found = commitment(-loss, loss)
    targets = dict(enumerate(gain.tolist(), start=1))
    game = patrol([0] * gain.size, list(targets), [0] * gain.size, gain, [0], targets, 1)
    assert -found.value == pytest.approx(game.value, abs=1e-6)
    assert game.bound <= game.value <= game.bound + 1e-6
