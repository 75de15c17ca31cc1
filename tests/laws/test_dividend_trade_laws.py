"""Laws of trade on safer roads: nothing from nothing, the safer the better, all is conserved."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trade_world import land, theatre, threat

from vallum.dividend.commerce import ASSUMPTIONS, costs
from vallum.dividend.corridors import corridors
from vallum.dividend.roads import network, risk, way
from vallum.dividend.trade import trade_in_changes
from vallum.dividend.tradeworld import flows_of, real_income, surrogate

WORLD = theatre()
LAID = corridors(WORLD, threat(), land())
STATES, FLOWS = flows_of(WORLD)
MASKS = [np.zeros_like(FLOWS), np.zeros_like(FLOWS)]
MASKS[0][0, 1] = MASKS[0][1, 0] = 1.0
MASKS[1][0, 2] = MASKS[1][2, 0] = 1.0
STAND_IN = surrogate(FLOWS, MASKS, 4.0, 8.0)
unit = st.floats(0.0, 1.0)
elasticities = st.floats(4.0, 8.0)
changes = st.floats(-0.03, 0.03)


def values_at(shares):
    """Values of all assumptions at shares of their ranges."""
    low = np.array([one.low for one in ASSUMPTIONS])
    high = np.array([one.high for one in ASSUMPTIONS])
    return (low + np.array(shares) * (high - low))[None, :]


@given(st.lists(unit, min_size=8, max_size=8), unit, unit)
def test_the_safer_the_cheaper(shares, one, other):
    values = values_at(shares)
    factor = np.ones((2, len(LAID[0].attacks)))
    factor[:, 0] = sorted((one, other))
    made = costs(LAID, factor, np.repeat(values, 2, axis=0))[:, 0]
    assert made[0] <= made[1] + 1e-15


@given(st.lists(unit, min_size=8, max_size=8))
def test_no_change_of_danger_leaves_the_wait_alone(shares):
    values = values_at(shares)
    made = costs(LAID, np.ones((1, len(LAID[0].attacks))), values)[0, 0]
    wait = LAID[0].gates * values[0, 5] / 24.0 * values[0, 6]
    assert abs(made - wait) <= 1e-15


@given(elasticities)
def test_no_change_of_cost_no_change_of_trade(elasticity):
    none = np.zeros((1, 2))
    assert np.all(STAND_IN.at(np.array([elasticity]), none) == 0.0)
    made = trade_in_changes(FLOWS, np.ones_like(FLOWS), elasticity)
    assert np.allclose(made.flows_hat, 1.0, rtol=0, atol=1e-10)


@given(elasticities, changes, changes)
def test_world_output_is_conserved(elasticity, one, other):
    made = trade_in_changes(FLOWS, 1.0 + MASKS[0] * one + MASKS[1] * other, elasticity)
    assert abs(made.flows.sum() / FLOWS.sum() - 1.0) <= 1e-12


@given(elasticities, changes, changes)
def test_the_stand_in_follows_the_model(elasticity, one, other):
    moved = np.array([one, other])
    told = STAND_IN.at(np.array([elasticity]), moved[None, :])[0]
    true = real_income(FLOWS, MASKS, elasticity, moved)
    # what each change alone is worth to the one that it moves most: the two may cancel out
    alone = [
        real_income(FLOWS, MASKS, elasticity, np.array(pair)) for pair in ((one, 0.0), (0.0, other))
    ]
    size = sum(np.abs(gain).max() for gain in alone)
    assert np.abs(told - true).max() <= 0.01 * size + 1e-11


@settings(max_examples=25)
@given(unit, unit)
def test_attacks_never_fall_below_nothing(after, outside):
    before, made = risk(WORLD, threat(), land(after, outside=outside))
    assert np.all(made >= 0)
    assert np.all(made <= before + 1e-12)


@settings(max_examples=25)
@given(st.floats(-150e3, 150e3), st.floats(-150e3, 150e3))
def test_a_way_back_costs_the_same(start, end):
    roads = network(WORLD)
    here, there = np.array([start, 5e3]), np.array([end, 5e3])
    out, back = way(roads, here, there, roads.hours), way(roads, there, here, roads.hours)
    assert out.km == back.km
    assert abs(out.cost - back.cost) <= 1e-9
