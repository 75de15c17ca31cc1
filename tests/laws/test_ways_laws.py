"""What must always hold of journeys, their shares and their corridors."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vallum.threat.ways.corridors import chains, streams, strength
from vallum.threat.ways.journeys import Chances, Draw, States, Weights, outside, pull, shares
from vallum.threat.ways.told import on_grid

SEED = st.integers(0, 2**32 - 1)


def case(seed, sources=5, targets=4, regions=4):
    """Make up weights, states and chances: two members, 0 and 1, and a neighbour, 2."""
    rng = np.random.default_rng(seed)
    row = rng.integers(0, regions, targets)
    own = rng.integers(-1, regions, sources)
    where = np.arange(regions) % 2  # state of each region
    target = where[row]
    states = States(
        zones=(0, 1, 2),
        asked=np.stack([target != code for code in range(3)]),
        members=(0, 1),
        source=np.where(own < 0, 2, where[np.maximum(own, 0)]),
        target=target,
        claimed=rng.random(targets) < 0.5,
        own_row=own,
        target_row=row,
    )
    weights = Weights(
        events=rng.gamma(1, 1, sources),
        output=rng.dirichlet(np.ones(targets)),
        people=rng.dirichlet(np.ones(targets)),
        hours=np.where(
            rng.random((sources, targets)) < 0.1, np.inf, rng.gamma(4, 5, (sources, targets))
        ),
    )  # fmt: skip
    cases = 3
    first = rng.dirichlet(np.ones(3), (cases, sources, targets)).transpose(0, 3, 1, 2)
    chances = Chances(
        passing=rng.random((cases, 3, sources, targets)) * states.asked[None, :, None, :],
        entering={code: first * states.enters(code) for code in (0, 1)},
    )
    draw = Draw(
        events=weights.events,
        vital=rng.random(regions) < 0.6,
        range_h=float(rng.uniform(1, 50)),
        people_mix=float(rng.random()),
        parts=rng.dirichlet(np.ones(cases)),
    )
    return chances, weights, draw, states


@given(SEED)
@settings(max_examples=100, deadline=None)
def test_shares_are_sums_over_pairs_written_out(seed):
    chances, weights, draw, states = case(seed)
    found = shares(chances, weights, draw, states)
    away = outside(draw, states.own_row)
    touch, all_, first = np.zeros(3), np.zeros(3), np.zeros((2, 3))
    for s, t in product(range(5), range(4)):
        if not (away[s] and draw.vital[states.target_row[t]]):
            continue
        worth = weights.output[t] * (1 - draw.people_mix) + weights.people[t] * draw.people_mix
        amount = draw.events[s] * worth * np.exp(-weights.hours[s, t] / draw.range_h)
        member = states.target[t]
        for z in {0, 1, 2} - {int(member)}:
            all_[z] += amount
            touch[z] += amount * float(draw.parts @ chances.passing[:, z, s, t])
        if states.source[s] != member:
            first[member] += amount * (draw.parts @ chances.entering[member][:, :, s, t])
    expected = np.divide(touch, all_, out=np.full(3, np.nan), where=all_ > 0)
    assert found.through == pytest.approx(expected, nan_ok=True)
    for code in (0, 1):
        if first[code].sum() > 0:
            assert found.entering[code] == pytest.approx(first[code] / first[code].sum())
            assert found.entering[code].sum() == pytest.approx(1.0)
        else:
            assert np.isnan(found.entering[code]).all()


@given(SEED, st.floats(0.01, 100))
@settings(max_examples=50, deadline=None)
def test_shares_do_not_depend_on_how_many_events_there_are_in_all(seed, times):
    chances, weights, draw, states = case(seed)
    more = Draw(draw.events * times, draw.vital, draw.range_h, draw.people_mix, draw.parts)
    one, two = (shares(chances, weights, each, states) for each in (draw, more))
    assert two.through == pytest.approx(one.through, nan_ok=True)
    assert pull(weights, more, states) == pytest.approx(times * pull(weights, draw, states))


def walked(seed, rows, cols, journeys):
    """Send journeys along random walks on a grid; gives tail, head, flow."""
    rng = np.random.default_rng(seed)
    tail, head = [], []
    for _ in range(journeys):
        at = rng.integers(0, (rows, cols))
        for _ in range(int(rng.integers(1, 30))):
            new = np.clip(at + rng.integers(-1, 2, 2), 0, (rows - 1, cols - 1))
            if (new != at).any():
                tail.append(at[0] * cols + at[1])
                head.append(new[0] * cols + new[1])
            at = new
    return np.array(tail, int), np.array(head, int), np.ones(len(tail))


@given(SEED, st.integers(1, 9), st.integers(1, 9), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_corridors_never_carry_more_than_all_journeys(seed, rows, cols, side):
    tail, head, flow = walked(seed, rows, cols, 12)
    found = streams(tail, head, flow, (rows, cols), side)
    assert found.supply.sum() == pytest.approx(found.demand.sum())
    assert found.supply.sum() <= 12
    assert not any((b, a) in found.net for a, b in found.net)
    told = chains(found, 30)
    assert sum(chain.journeys for chain in told) <= found.supply.sum() + 1e-9
    assert [c.journeys for c in told] == sorted((c.journeys for c in told), reverse=True)
    for chain in told:
        assert len(set(chain.blocks)) == len(chain.blocks) >= 2
        assert chain.journeys <= strength(chain, found) + 1e-9


@given(SEED, st.integers(1, 12), st.integers(1, 12), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_journeys_on_the_grid_are_those_of_the_board_times_its_width(seed, rows, cols, times):
    rng = np.random.default_rng(seed)
    passable = rng.random((rows, cols)) < 0.7
    board = tuple(-(-size // times) for size in (rows, cols))
    block = (np.arange(rows) // times)[:, None] * board[1] + np.arange(cols) // times
    count = np.bincount(block.ravel(), passable.ravel(), board[0] * board[1])
    visits = np.where(count > 0, rng.random(count.size), 0.0)
    laid = SimpleNamespace(
        on=SimpleNamespace(times=times, state=np.zeros(board)), passable=passable
    )
    found = on_grid(laid, visits)
    held = np.bincount(block.ravel(), found.ravel(), count.size)
    assert held == pytest.approx(visits * np.minimum(times, count))
    assert (found[~passable] == 0).all()
