"""What must hold for covers, against every choice there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vallum.kernel.program import cover

BITS = np.array([[n >> k & 1 for k in range(9)] for n in range(1 << 9)], bool)


def cheapest(cost: np.ndarray, covers: np.ndarray) -> float:
    """Try every choice of at most nine sites."""
    choices = BITS[: 1 << cost.size, : cost.size]
    enough = ((choices.astype(int) @ covers) > 0).all(axis=1)
    return float((choices @ cost)[enough].min())


@st.composite
def problems(draw, shape):
    """Sites by demands: arcs of a line, of a circle, or any."""
    sites, demands = draw(st.integers(1, 8)), draw(st.integers(1, 9))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if shape == "any":
        covers = rng.random((sites, demands)) < draw(st.sampled_from([0.2, 0.4, 0.6]))
    else:
        start, reach = rng.integers(0, demands, sites), rng.integers(1, demands + 1, sites)
        after = np.arange(demands) - start[:, None]
        covers = (after % demands if shape == "circle" else after) < reach[:, None]
        covers &= (shape == "circle") | (after >= 0)
    bare = np.flatnonzero(~covers.any(axis=0))
    # what nobody covers gets a site of its own, which leaves the order as it is
    covers = np.vstack([covers, np.zeros((1, demands), bool)])
    if bare.size:
        covers[-1, bare.min() : bare.max() + 1] = True
    whole = draw(st.booleans())  # many ties, and costs of nothing
    cost = rng.integers(0, 4, sites + 1).astype(float) if whole else rng.random(sites + 1) * 1e6
    return cost, covers


@pytest.mark.parametrize("shape", ["line", "circle", "any"])
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_cover_is_the_cheapest_of_all(shape, data):
    cost, covers = data.draw(problems(shape))
    found = cover(cost, covers)
    assert found.cost == pytest.approx(cheapest(cost, covers), rel=1e-9, abs=1e-9)
    assert found.gap == 0
    assert found.cost == pytest.approx(cost[found.chosen].sum())
    if shape != "any":
        assert not found.ways["branched"]
    if shape == "line":
        assert not found.ways["circle"]


@settings(max_examples=60, deadline=None)
@given(problems("any"))
def test_every_demand_is_covered_and_no_site_is_idle(problem):
    cost, covers = problem
    chosen = cover(cost, covers).chosen
    assert covers[chosen].any(axis=0).all()
    for site in chosen:
        rest = chosen[chosen != site]
        assert not covers[rest].any(axis=0).all()


@settings(max_examples=40, deadline=None)
@given(problems("circle"), st.integers(0, 8))
def test_where_a_circle_begins_does_not_matter(problem, turn):
    cost, covers = problem
    turned = cover(cost, np.roll(covers, turn, axis=1))
    assert turned.cost == pytest.approx(cover(cost, covers).cost)
    assert not turned.ways["branched"]
