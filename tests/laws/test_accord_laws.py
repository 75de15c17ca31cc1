"""What holds for every game: shares add up, two split evenly, the nucleolus keeps to the core."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from vallum import accord
from vallum.accord.airport import use_values
from vallum.accord.payments import transfers
from vallum.accord.stability import objections
from vallum.accord.values import clashes

NAMES = "abcde"
# to the hundredth of a cent: no amounts of 1e-300
AMOUNTS = st.floats(-1e9, 1e9).map(lambda x: round(x, 4)) | st.integers(-3, 12).map(float)


def coalitions(players):
    return [
        frozenset(k)
        for size in range(1, players + 1)
        for k in combinations(NAMES, size)
        if set(k) <= set(NAMES[:players])
    ]


@st.composite
def games(draw, least=1, most=5, amounts=AMOUNTS):
    some = coalitions(draw(st.integers(least, most)))
    given_ = draw(st.lists(amounts, min_size=len(some), max_size=len(some)))
    return dict(zip(some, given_, strict=True))


def everybody(value):
    return max(value, key=len)


def size(value):
    return max(1.0, *(abs(x) for x in value.values()))


@settings(max_examples=60, deadline=None)
@given(games())
def test_shares_sum_to_what_all_have(value):
    for rule in (accord.shapley, accord.nucleolus):
        total = sum(Fraction(x) for x in rule(value).values())
        assert abs(float(total - Fraction(value[everybody(value)]))) <= 1e-9 * size(value)


@settings(max_examples=30, deadline=None)
@given(games(most=4, amounts=st.integers(-3, 12).map(float)))
@example(dict(zip(coalitions(3), [0, 0, 0, 1, 1, 1, 1], strict=True)))
def test_the_nucleolus_lies_in_the_core_unless_it_is_empty(value):
    core, shares = accord.core(value), accord.nucleolus(value)
    assert (shares in core) == (not core.empty)
    assert bool(objections(value, shares)) == core.empty
    if core.empty:
        assert core.subsidy > 0
        # with the subsidy, and no less, some shares satisfy all
        filled = {**value, everybody(value): value[everybody(value)] + core.subsidy}
        assert not accord.core(filled).empty
        short = {**value, everybody(value): value[everybody(value)] + core.subsidy * 0.999}
        assert accord.core(short).empty
    else:
        assert all(dict(zip(core.players, corner, strict=True)) in core for corner in core.corners)


@settings(max_examples=60, deadline=None)
@given(games(least=2, most=2))
def test_two_split_the_surplus_evenly_by_shapley_and_bargain(value):
    shapley = accord.shapley(value)
    surplus = value[frozenset("ab")] - value[frozenset("a")] - value[frozenset("b")]
    near = 1e-9 * size(value)
    assert shapley["a"] - value[frozenset("a")] == pytest.approx(surplus / 2, abs=near)
    if surplus >= 0:
        assert accord.bargain(value) == pytest.approx(dict(shapley), abs=near)
        assert accord.nucleolus(value) == pytest.approx(dict(shapley), abs=near)


@settings(max_examples=40, deadline=None)
@given(games(most=4))
def test_shapley_is_the_mean_over_orders_of_joining(value):
    names = sorted(everybody(value))
    added = dict.fromkeys(names, Fraction(0))
    orders = list(permutations(names))
    for order in orders:
        for k, name in enumerate(order):
            before = Fraction(value.get(frozenset(order[:k]), 0.0))
            added[name] += Fraction(value[frozenset(order[: k + 1])]) - before
    mean = {name: float(x / len(orders)) for name, x in added.items()}
    assert dict(accord.shapley(value)) == mean


def by_slackness(value):
    """Find the nucleolus without duals: a coalition is settled if no optimum lets it have more."""
    names = sorted(everybody(value))
    proper = [k for k in value if k != everybody(value)]
    rows = np.array([[float(n in k) for n in names] for k in proper])
    amounts = np.array([value[k] for k in proper])
    count, settled = len(names), {}
    alone = [value[frozenset(n)] for n in names]

    def best(goal, complaint=None):
        free = [i for i in range(len(proper)) if i not in settled]
        above = np.column_stack([-rows[free], np.full(len(free), -1.0)])
        held = [np.append(rows[i], 0.0) for i in settled] + [np.append(np.ones(count), 0.0)]
        right = [amounts[i] - c for i, c in settled.items()] + [value[everybody(value)]]
        bounds = [(low, None) for low in alone]
        bounds += [(None, None) if complaint is None else (complaint, complaint + 1e-9)]
        # rounding of earlier levels may not make a later one infeasible: equalities get room
        same, fixed = np.array(held), np.array(right)
        return linprog(
            goal,
            A_ub=np.vstack([above, same, -same]),
            b_ub=np.concatenate([-amounts[free], fixed + 1e-8, -fixed + 1e-8]),
            bounds=bounds,
            method="highs",
        )

    while np.linalg.matrix_rank(np.array([np.ones(count), *(rows[i] for i in settled)])) < count:
        found = best(np.append(np.zeros(count), 1.0))
        complaint = found.x[-1]
        for i in [i for i in range(len(proper)) if i not in settled]:
            most = -best(np.append(-rows[i], 0.0), complaint).fun
            if most - amounts[i] + complaint < 1e-5:
                settled[i] = complaint
    return dict(zip(names, best(np.zeros(count + 1)).x.tolist(), strict=False))


@settings(max_examples=25, deadline=None)
@given(games(least=2, most=4, amounts=st.integers(0, 12).map(float)))
def test_the_nucleolus_is_that_of_a_second_method(value):
    if value[everybody(value)] >= sum(v for k, v in value.items() if len(k) == 1):
        assert accord.nucleolus(value) == pytest.approx(by_slackness(value), abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from("uvwxyz"),
        st.tuples(st.floats(0, 1e7), st.frozensets(st.sampled_from("abc"), min_size=1)),
        min_size=1,
    )
)
def test_costs_by_use_are_shapley_of_the_costs(drawn):
    costs = {k: cost for k, (cost, _) in drawn.items()}
    users = {k: who for k, (_, who) in drawn.items()}
    owed = accord.by_use(costs, users)
    minus = accord.shapley(use_values(costs, users))
    assert owed == pytest.approx(
        {k: -v for k, v in minus.items()}, abs=1e-9 * max(1.0, *costs.values())
    )
    assert not clashes(use_values(costs, users))
    assert not accord.core(use_values(costs, users)).empty


@settings(max_examples=40, deadline=None)
@given(games(), st.randoms(use_true_random=False))
def test_payments_bring_everybody_to_its_share(value, dice):
    shares = accord.nucleolus(value)
    names = list(shares)
    own = {name: round(dice.uniform(-1, 1), 6) * size(value) for name in names}
    own[names[-1]] += sum(shares.values()) - sum(own.values())
    paid = transfers(shares, own)
    for name in names:
        got = sum(p.amount for p in paid.payments if p.receiver == name)
        gave = sum(p.amount for p in paid.payments if p.payer == name)
        assert own[name] + got - gave == pytest.approx(shares[name], abs=1e-7 * size(value))
    assert len(paid.payments) < len(names)
    assert sum(x for _, x in paid.net) == pytest.approx(0.0, abs=1e-9 * size(value))


@settings(max_examples=30, deadline=None)
@given(
    games(least=2, amounts=st.integers(-4, 4).map(float)), st.integers(-16, -8), st.floats(1, 1e9)
)
def test_rounding_makes_no_difference(value, power, base):
    """Where all but a trace is additive proofs hold, and no core is called empty for nothing."""
    noisy = {k: base * len(k) / 3 + base * v * 10.0**power for k, v in value.items()}
    core, shares = accord.core(noisy), accord.nucleolus(noisy)
    assert (shares in core) == (not core.empty)
    if power <= -16:
        assert not core.empty
