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
from vallum.kernel.paths.chances import Entrances
from vallum.kernel.paths.edges import edges_of, grid_edges
from vallum.kernel.paths.walk import walk

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


def dense(edges, start, end, theta, zone, gate):
    """One pair by dense algebra: the target ends walks, the chances are those of the walk itself.

    Touching a zone is reaching it or the target first; entering likewise. No potential, and no
    network's inverse serves two questions, so nothing is shared with the code under test.
    """
    size = edges.nodes
    whole = np.zeros((size, size))
    whole[edges.tail, edges.head] = edges.conductance
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = np.nan_to_num(whole / whole.sum(axis=1, keepdims=True))
    cost = np.zeros((size, size))
    cost[edges.tail, edges.head] = edges.cost
    weight = chance * np.exp(-theta * cost)
    reach = np.eye(size)[end]  # who gets there, by sums over walks of 1, 2, 4 … steps
    weight[end] = 0.0
    power, total = weight.copy(), np.eye(size)
    for _ in range(60):
        total = total + total @ power
        power = power @ power
        if power.max() == 0.0:  # however small, what is left may be the only way
            break
    reach = total[:, end]
    if reach[start] <= 0:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        step = np.where(reach[:, None] > 0, weight * reach[None, :] / reach[:, None], 0.0)
    from_start = np.linalg.solve(np.eye(size) - step.T, np.eye(size)[start])
    flow = from_start[:, None] * step
    stop = step.copy()
    stop[zone] = 0.0
    touched = np.linalg.solve(np.eye(size) - stop, zone.astype(float))[start]
    first = np.full(gate.sides, np.nan)
    if not gate.inside[start] and gate.inside[end]:
        outer = np.where(gate.inside[:, None], 0.0, step)
        come = np.linalg.solve(np.eye(size) - outer.T, np.eye(size)[start])
        into = come * (outer * gate.inside[None, :]).sum(axis=1)
        first = np.bincount(gate.side, np.where(gate.inside, 0.0, into), gate.sides)
    return flow, (flow * cost).sum(), touched, first


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1e-9, 1e-4, 0.05, 1.0, 6.0]))
@settings(max_examples=120, deadline=None)
def test_random_one_way_networks_agree_with_dense_algebra(seed, theta):
    # streets one way, nodes apart, ends that are sources too, and the same node twice
    rng = np.random.default_rng(seed)
    size = int(rng.integers(3, 11))
    links = rng.random((size, size)) < rng.uniform(0.1, 0.6)
    np.fill_diagonal(links, val=False)
    if not links.any():
        return
    tail, head = np.nonzero(links)
    edges = edges_of(
        tail, head, rng.gamma(1, 2, tail.size) + 0.02, nodes=size,
        conductance=rng.gamma(1, 1, tail.size) + 0.02,
    )  # fmt: skip
    sources, targets = rng.integers(0, size, 3), rng.integers(0, size, 2)
    zone = rng.random(size) < 0.3
    gate = Entrances(rng.random(size) < 0.4, rng.integers(0, 3, size), 3)
    journeys = rng.gamma(1, 1, (3, 2))
    found = walk(
        edges, sources, targets, journeys, theta=theta, zones=zone[None], entrances=(gate,)
    )
    flow = np.zeros((size, size))
    for i, s in enumerate(sources):
        for j, t in enumerate(targets):
            alone = None if s == t else dense(edges, s, t, theta, zone, gate)
            if alone is None:
                assert found.cost[i, j] == (0.0 if s == t else np.inf)
                continue
            flow += journeys[i, j] * alone[0]
            assert found.cost[i, j] == pytest.approx(alone[1], rel=1e-6)
            assert found.passing[0, i, j] == pytest.approx(alone[2], abs=1e-7)
            assert found.entering[0][:, i, j] == pytest.approx(alone[3], abs=1e-7, nan_ok=True)
    assert found.flow == pytest.approx(flow[tail, head], rel=1e-5, abs=1e-7)
