"""What holds for all trade and all accounts: nothing from nothing, sums add up, order is idle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vallum.dividend import evaluate, switch_values, trade_in_changes
from vallum.kernel.ledger import Assumption

ELASTICITY = st.floats(0.5, 9.0)


@st.composite
def worlds(draw):
    """Places that sell mostly at home, so that deficits can be kept; and changed costs."""
    n = draw(st.integers(1, 6))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    flows = rng.uniform(0.1, 1.0, (n, n)) + np.diag(rng.uniform(n, 10.0 * n, n))
    cost = rng.uniform(0.7, 1.4, (n, n))
    np.fill_diagonal(cost, 1.0)
    return flows, cost, draw(ELASTICITY)


@given(worlds())
@settings(deadline=None)
def test_no_change_of_cost_no_change_of_trade(world):
    flows, cost, elasticity = world
    made = trade_in_changes(flows, np.ones_like(cost), elasticity)
    np.testing.assert_allclose(made.flows, flows, rtol=1e-12)
    np.testing.assert_allclose(made.welfare_hat, 1.0, rtol=1e-12)
    zero = trade_in_changes(flows, np.ones_like(cost), elasticity, deficits="zero")
    np.testing.assert_allclose(zero.flows_hat, 1.0, rtol=1e-9)
    np.testing.assert_allclose(zero.before.sum(0), zero.before.sum(1), rtol=1e-10)


@given(worlds())
@settings(deadline=None)
def test_world_output_and_deficits_are_conserved(world):
    flows, cost, elasticity = world
    made = trade_in_changes(flows, cost, elasticity)
    assert made.flows.sum() == pytest.approx(flows.sum(), rel=1e-11)
    deficits = made.flows.sum(0) - made.flows.sum(1)
    np.testing.assert_allclose(
        deficits, flows.sum(0) - flows.sum(1), atol=1e-10 * float(flows.sum())
    )
    np.testing.assert_allclose(made.flows.sum(1), made.income_hat * flows.sum(1), rtol=1e-11)


@given(worlds())
@settings(deadline=None)
def test_real_income_is_told_by_the_share_bought_at_home(world):
    flows, cost, elasticity = world
    made = trade_in_changes(flows, cost, elasticity, deficits="zero")
    home = np.diag(made.flows / made.flows.sum(0)) / np.diag(made.before / made.before.sum(0))
    np.testing.assert_allclose(made.welfare_hat, home ** (-1 / elasticity), rtol=1e-8)


@given(worlds(), st.floats(1e-6, 1e12), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_units_and_order_of_places_are_idle(world, unit, random):
    flows, cost, elasticity = world
    order = list(range(len(flows)))
    random.shuffle(order)
    place = np.ix_(order, order)
    one = trade_in_changes(flows, cost, elasticity)
    two = trade_in_changes(flows[place] * unit, cost[place], elasticity)
    np.testing.assert_allclose(two.flows, one.flows[place] * unit, rtol=1e-8)
    np.testing.assert_allclose(two.welfare_hat, one.welfare_hat[order], rtol=1e-8)


@given(worlds(), st.floats(0.5, 2.0))
@settings(deadline=None)
def test_all_costs_alike_change_prices_only(world, factor):
    flows, cost, elasticity = world
    made = trade_in_changes(flows, np.full_like(cost, factor), elasticity)
    np.testing.assert_allclose(made.flows, flows, rtol=1e-9)
    np.testing.assert_allclose(made.price_hat, factor, rtol=1e-9)


@st.composite
def accounts(draw):
    row = st.tuples(
        st.integers(0, 12),
        st.sampled_from("ABC"),
        st.sampled_from(["capital", "trade", "upkeep"]),
        st.floats(-1e9, 1e9).map(lambda x: round(x, 2)),
    )
    table = draw(st.lists(row, min_size=1, max_size=30))
    return pd.DataFrame(table, columns=["year", "party", "kind", "usd"])


@given(accounts(), st.floats(0, 0.5), st.integers(1, 12))
@settings(deadline=None)
def test_parties_add_up_and_worth_is_linear(table, rate, horizon):
    made = evaluate(table, rate, horizon)
    kept = table[table["year"] < horizon]
    present = (kept["usd"] * (1 + rate) ** -kept["year"].astype(float)).sum()
    room = 1e-9 * float(table["usd"].abs().sum()) + 1e-9
    assert made.total.npv_usd == pytest.approx(present, abs=room)
    assert sum(one.npv_usd for one in made.parties.values()) == pytest.approx(present, abs=room)
    twice = evaluate(pd.concat([table, table]), rate, horizon)
    assert twice.total.npv_usd == pytest.approx(2 * present, abs=2 * room)
    assert twice.total.payback_yr == made.total.payback_yr


@given(accounts(), st.integers(1, 12))
@settings(deadline=None)
def test_undiscounted_payback_is_the_same_either_way_at_no_rate(table, horizon):
    made = evaluate(table, 0.0, horizon)
    assert made.total.payback_yr == made.total.payback_discounted_yr


@given(st.floats(-5, 5), st.floats(0.2, 5), st.floats(-30, 30))
def test_the_sign_turns_at_the_switch_value(value, half, root):
    one = Assumption("x", value, value - half, value + half, "1", "judgement: a test")
    table = switch_values(lambda x: x[:, 0] - root, [one])
    switch = table["switch"].iloc[0]
    if switch is None:
        nearest = max(value - 10 * half, 0.0) if value >= half else value - 10 * half
        assert root <= nearest + 1e-9 or root >= value + 10 * half - 1e-9
    else:
        assert switch == pytest.approx(root, abs=1e-6)
