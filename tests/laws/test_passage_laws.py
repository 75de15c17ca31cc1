"""What must always hold of journeys by randomized shortest paths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from scipy.sparse import csgraph

from vallum.kernel.paths import passage, resistance
from vallum.kernel.paths.edges import grid_edges

COSTS = hnp.arrays(
    np.float64, st.tuples(st.integers(2, 7), st.integers(2, 7)), elements=st.floats(0.05, 20)
)
THETA = st.sampled_from([0.0, 1e-8, 1e-3, 0.1, 1.0, 10.0, 1e3])


def corners(cost):
    return [(0, 0)], [(cost.shape[0] - 1, cost.shape[1] - 1)]


@given(COSTS, THETA)
@settings(max_examples=60, deadline=None)
def test_flow_is_conserved_and_not_negative(cost, theta):
    start, end = corners(cost)
    found = passage(cost, start, end, theta=theta, journeys=[[3.0]])
    out = np.bincount(found.tail, found.flow, cost.size)
    out -= np.bincount(found.head, found.flow, cost.size)
    out[0] -= 3
    out[-1] += 3
    assert np.abs(out).max() < 3e-9
    assert (found.flow >= 0).all()
    assert found.cells[0, 0] >= 3 - 1e-9


@given(COSTS)
@settings(max_examples=40, deadline=None)
def test_a_larger_theta_never_makes_journeys_dearer(cost):
    start, end = corners(cost)
    costs = [passage(cost, start, end, theta=t).cost[0, 0] for t in (0, 0.01, 0.3, 3, 100)]
    edges = grid_edges(cost)
    graph = sparse.csr_matrix((edges.cost, (edges.tail, edges.head)), (cost.size, cost.size))
    least = csgraph.dijkstra(graph, indices=0)[-1]
    assert all(a >= b - 1e-7 * a for a, b in zip(costs, [*costs[1:], least], strict=True))


@given(COSTS, THETA)
@settings(max_examples=40, deadline=None)
def test_turned_ground_turns_the_journeys(cost, theta):
    start, end = corners(cost)
    found = passage(cost, start, end, theta=theta)
    turned = passage(cost.T, start, [end[0][::-1]], theta=theta)
    back = turned.cells.T
    assert back == pytest.approx(found.cells, rel=1e-6, abs=1e-9)


@given(COSTS, st.floats(0.1, 10))
@settings(max_examples=40, deadline=None)
def test_the_unit_of_cost_does_not_matter(cost, unit):
    start, end = corners(cost)
    found = passage(cost, start, end, theta=0.5)
    other = passage(cost * unit, start, end, theta=0.5 / unit)
    assert other.flow == pytest.approx(found.flow, rel=1e-6, abs=1e-9)


@given(COSTS)
@settings(max_examples=40, deadline=None)
def test_the_power_of_the_current_is_the_resistance(cost):
    # Joule: a unit of current spends its resistance, and there is a triangle inequality
    start, end = corners(cost)
    found = passage(cost, start, end, theta=0.0)
    size = cost.size
    flow = sparse.csr_matrix((found.flow, (found.tail, found.head)), (size, size))
    edges = grid_edges(cost)
    net = np.asarray((flow - flow.T)[edges.tail, edges.head]).ravel()
    one_way = edges.tail < edges.head
    power = (net**2 * edges.cost)[one_way].sum()
    drawn = (edges.tail[one_way], edges.head[one_way], edges.conductance[one_way])
    whole, first, second = resistance(*drawn, [(0, size - 1), (0, 1), (1, size - 1)])
    assert power == pytest.approx(whole, rel=1e-7)
    assert whole <= (first + second) * (1 + 1e-9)
