"""Journeys by randomized shortest paths: cases worked by hand, both limits, faults."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse import csgraph

from vallum.errors import InputError
from vallum.kernel.paths import SlopeLaw, passage, resistance, travel_time
from vallum.kernel.paths.chances import Entrances, Task
from vallum.kernel.paths.edges import coarsened, edges_of, grid_edges
from vallum.kernel.paths.walk import walk

ROWS, COLS = 14, 17
FROM = [(0, 0), (13, 1), (3, 3)]
TO = [(13, 16), (0, 16)]


@pytest.fixture
def ground():
    cost = np.exp(np.random.default_rng(5).normal(size=(ROWS, COLS)))
    cost[6, 3:12] = np.inf
    return cost


def matrix(edges, values):
    return sparse.csr_matrix((values, (edges.tail, edges.head)), (edges.nodes, edges.nodes))


def cells(pairs):
    return np.array([row * COLS + col for row, col in pairs])


def test_two_ways_side_by_side_by_hand():
    # from 0 to 3 by 1 (cost 1 + 1) or by 2 (cost 2 + 2), each way drawn alike, no way back:
    # the odds are exp(−2θ) to exp(−4θ)
    edges = edges_of(
        [0, 1, 0, 2], [1, 3, 2, 3], [1.0, 1.0, 2.0, 2.0], nodes=4, conductance=np.ones(4)
    )
    theta = 0.3
    first = 1 / (1 + np.exp(-2 * theta))
    zones = np.eye(4, dtype=bool)[1:3]
    gate = Entrances(np.array([False, False, False, True]), np.array([0, 0, 1, 0]), 2)
    found = walk(
        edges,
        np.array([0]),
        np.array([3]),
        np.array([[5.0]]),
        theta=theta,
        zones=zones,
        entrances=(gate,),
    )
    assert found.flow == pytest.approx([5 * first, 5 * first, 5 * (1 - first), 5 * (1 - first)])
    assert found.cost[0, 0] == pytest.approx(2 * first + 4 * (1 - first))
    assert found.passing[:, 0, 0] == pytest.approx([first, 1 - first])
    assert found.entering[0][:, 0, 0] == pytest.approx([first, 1 - first])


@pytest.mark.parametrize("theta", [0.0, 1e-9, 0.01, 1.0, 300.0])
def test_flow_is_conserved_at_every_cell(ground, theta):
    journeys = np.array([[1.0, 2.0], [0.5, 0.0], [3.0, 7.0]])
    found = passage(ground, FROM, TO, theta=theta, journeys=journeys)
    size = ground.size
    out = np.bincount(found.tail, found.flow, size) - np.bincount(found.head, found.flow, size)
    born = np.bincount(cells(FROM), journeys.sum(axis=1), size)
    born -= np.bincount(cells(TO), journeys.sum(axis=0), size)
    assert np.abs(out - born).max() < 1e-9 * journeys.sum()
    assert found.imbalance < 1e-9
    arrive = np.bincount(found.head, found.flow, size) + np.bincount(
        cells(FROM), journeys.sum(axis=1), size
    )
    assert found.cells.ravel() == pytest.approx(arrive, abs=1e-9)


def test_at_large_theta_it_is_dijkstra(ground):
    found = passage(ground, FROM, TO, theta=1e4)
    edges = grid_edges(ground)
    cost, before = csgraph.dijkstra(
        matrix(edges, edges.cost), indices=cells(FROM), return_predecessors=True
    )
    assert found.cost == pytest.approx(cost[:, cells(TO)], rel=1e-6)
    on_path = np.zeros(ground.size)
    for n in range(len(FROM)):
        for end in cells(TO):
            at = end
            while at >= 0:
                on_path[at] += 1
                at = before[n, at]
    assert found.cells.ravel() == pytest.approx(on_path, abs=1e-6)


@pytest.mark.parametrize("theta", [0.0, 1e-10])
def test_at_theta_zero_it_is_the_circuit(ground, theta):
    # net flow is the current, by a dense solution of Kirchhoff's laws that shares no code
    found = passage(ground, FROM[:1], TO[:1], theta=theta)
    edges = grid_edges(ground)
    conductance = matrix(edges, edges.conductance).toarray()
    laplacian = np.diag(conductance.sum(axis=1)) - conductance
    unit = np.zeros(ground.size)
    start, end = cells(FROM)[0], cells(TO)[0]
    unit[start], unit[end] = 1, -1
    volts = np.linalg.lstsq(laplacian, unit, rcond=None)[0]
    current = conductance * (volts[:, None] - volts[None, :])
    flow = matrix(edges, found.flow).toarray()
    assert flow - flow.T == pytest.approx(current, abs=1e-6)
    ohm = resistance(edges.tail, edges.head, edges.conductance / 2, [(start, end)])[0]
    assert ohm == pytest.approx(volts[start] - volts[end], rel=1e-9)


def test_one_factorisation_and_one_per_target_agree(ground):
    edges = grid_edges(ground)
    journeys = np.array([[1.0, 2.0], [0.5, 0.0], [3.0, 7.0]])
    zones = np.zeros((2, ground.size), bool)
    zones[0, 100:140], zones[1, 10] = True, True
    east = np.zeros((ROWS, COLS), bool)
    east[:, 9:] = True
    side = (np.arange(ground.size) // COLS > 6).astype(int)
    extra = {"zones": zones, "entrances": (Entrances(east.ravel(), side, 2),), "theta": 0.2}
    together = walk(edges, cells(FROM), cells(TO), journeys, **extra)
    parts = [
        walk(edges, cells(FROM), cells(TO)[n : n + 1], journeys[:, n : n + 1], **extra)
        for n in range(2)
    ]
    assert together.factorisations == 1
    assert together.flow == pytest.approx(sum(part.flow for part in parts), abs=1e-12)
    from vallum.kernel.paths.walk import _alone, _joined, _only, _ways  # noqa: PLC0415

    task = Task(
        edges, cells(FROM), cells(TO), journeys, _ways(edges, cells(FROM), cells(TO)), zones,
        extra["entrances"],
    )  # fmt: skip
    degree = np.bincount(edges.tail, edges.conductance, edges.nodes)
    action = 0.2 * edges.cost - np.log(edges.conductance / degree[edges.tail])
    alone = _joined([_alone(_only(task, n), action, 0.2) for n in range(2)])
    assert alone.factorisations == 2
    for name in ("flow", "visits", "cost", "passing"):
        assert getattr(alone, name) == pytest.approx(getattr(together, name), abs=1e-10), name
    assert alone.entering[0] == pytest.approx(together.entering[0], abs=1e-10, nan_ok=True)


def test_passing_and_entering_are_what_a_simulated_walk_does(ground):
    # the walk itself, step by step, with the chances that the definition gives
    edges = grid_edges(ground)
    theta, start, end = 0.4, int(cells(FROM)[0]), int(cells(TO)[1])
    degree = np.bincount(edges.tail, edges.conductance, edges.nodes)
    weight = matrix(
        edges, edges.conductance / degree[edges.tail] * np.exp(-theta * edges.cost)
    ).toarray()
    weight[end] = 0
    reach = np.linalg.solve(np.eye(len(weight)) - weight, np.eye(len(weight))[end])
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = np.nan_to_num(weight * reach[None, :] / reach[:, None])
    zone = np.zeros(ground.size, bool)
    zone.reshape(ROWS, COLS)[2:5, 8:10] = True
    east = np.zeros((ROWS, COLS), bool)
    east[:, 12:] = True
    side = (np.arange(ground.size) // COLS > 3).astype(int)
    found = walk(
        edges, np.array([start]), np.array([end]), np.ones((1, 1)), theta=theta, zones=zone[None],
        entrances=(Entrances(east.ravel(), side, 2),),
    )  # fmt: skip
    rng, touched, first, runs = np.random.default_rng(0), 0, 0, 4000
    steps = chance.cumsum(axis=1)
    for _ in range(runs):
        at, hit, entered = start, False, -1
        while at != end:
            new = min(int(np.searchsorted(steps[at], rng.random())), ground.size - 1)
            if entered < 0 and east.ravel()[new] and not east.ravel()[at]:
                entered = side[at]
            at = new
            hit |= bool(zone[at])
        touched += hit
        first += entered
    for share, count in ((found.passing[0, 0, 0], touched), (found.entering[0][1, 0, 0], first)):
        assert 0.02 < share < 0.98  # else the test could not fail
        assert abs(count / runs - share) < 4 * np.sqrt(share * (1 - share) / runs)


def test_a_pair_without_a_way_carries_nothing(ground):
    ground[:, 8] = np.inf
    found = passage(ground, [(0, 0), (0, 12)], [(0, 16)], theta=0.1)
    assert np.isinf(found.cost[0, 0])
    assert np.isfinite(found.cost[1, 0])
    assert found.cells[0, 0] == 0
    assert found.cells[0, 16] == pytest.approx(1)


def test_who_is_there_already_makes_no_journey(ground):
    found = passage(ground, [(0, 0)], [(0, 0), (0, 16)], theta=0.1)
    assert found.cost[0, 0] == pytest.approx(0, abs=1e-12)
    alone = passage(ground, [(0, 0)], [(0, 16)], theta=0.1)
    assert found.flow == pytest.approx(alone.flow)


def test_a_large_grid_is_joined_to_larger_cells_and_keeps_its_journeys(ground):
    fine = np.kron(ground, np.ones((3, 3)))
    fine_from, fine_to = (3 * np.array(part) + 1 for part in (FROM, TO))
    found = passage(fine, fine_from, fine_to, theta=0.1, cell_km=1.0, most_cells=ground.size)
    plain = passage(ground, FROM, TO, theta=0.1, cell_km=3.0)
    assert found.aggregated == 3
    assert found.grid_shape == ground.shape
    assert found.flow == pytest.approx(plain.flow)
    blocks = found.cells.reshape(ROWS, 3, COLS, 3).sum(axis=(1, 3))
    assert blocks == pytest.approx(3 * plain.cells)  # a crossing takes three of the nine
    assert coarsened(fine, 3) == pytest.approx(ground)


def test_the_same_input_gives_the_same_bytes(ground):
    one, two = (passage(ground, FROM, TO, theta=0.3) for _ in range(2))
    assert one.flow.tobytes() == two.flow.tobytes()
    with pytest.raises(ValueError, match="read-only"):
        one.flow[0] = 1


def test_every_fault_is_told_at_once():
    cost = np.ones((4, 4))
    cost[1, 1], cost[2, 2] = np.nan, -1
    with pytest.raises(InputError) as caught:
        passage(cost, [(0, 0)], [(3, 3)], theta=-1, cell_km=0, journeys=[[1.0, 2.0]])
    places = [fault.place for fault in caught.value.faults]
    assert places == ["(1, 1)", "(2, 2)", "theta", "cell_km", "journeys"]
    cost = np.ones((4, 4))
    cost[0, 0] = np.inf
    with pytest.raises(InputError) as caught:
        passage(cost, [(0, 0), (4, 0), (0.5, 1)], [(3, 3)], theta=1)
    assert len(caught.value.faults) == 3


def test_resistance_by_hand_and_its_faults():
    assert resistance([0, 0, 5], [1, 1, 6], [0.5, 0.5, 2.0], [(0, 1), (5, 6), (0, 5), (9, 9)]) == (
        pytest.approx([1.0, 0.5, np.inf, 0.0])
    )
    with pytest.raises(InputError) as caught:
        resistance([0.5], [-1], [-2.0], [[1, 2, 3]])
    assert [fault.place for fault in caught.value.faults] == [
        "tail", "head", "conductance", "pairs",
    ]  # fmt: skip


def test_slopes_make_a_way_up_dearer_than_the_way_down():
    height = np.arange(9.0)[None, :] * 30.0 * np.ones((3, 1))
    up = passage(np.ones((3, 9)), [(1, 0)], [(1, 8)], theta=1e4, elevation=height)
    down = passage(np.ones((3, 9)), [(1, 8)], [(1, 0)], theta=1e4, elevation=height)
    assert up.cost[0, 0] == pytest.approx(8 * np.exp(3.5 * 0.03), rel=1e-6)
    assert down.cost[0, 0] == pytest.approx(8 * np.exp(3.5 * -0.03), rel=1e-6)
    with pytest.raises(InputError, match="law"):
        passage(np.ones((3, 9)), [(1, 0)], [(1, 8)], theta=1.0, law="tobler")
    with pytest.raises(InputError, match="no elevation"):
        passage(np.ones((3, 9)), [(1, 0)], [(1, 8)], theta=1.0, elevation=height * np.nan)


def test_at_large_theta_it_takes_the_time_of_the_solver_of_travel_times(ground):
    height = np.random.default_rng(2).uniform(0, 300, ground.shape)
    law = SlopeLaw(steepness=3.5, best_slope=-0.05, limit=0.2)
    hours = travel_time(ground, FROM[:1], cell_km=1.0, elevation=height, law=law)
    found = passage(ground, FROM[:1], TO, theta=1e4, elevation=height, law=law)
    assert found.cost[0] == pytest.approx([hours[end] for end in TO], rel=1e-6)


@pytest.mark.parametrize("theta", [0.0, 1e-3, 0.05, 0.2, 1.0, 5.0, 300.0])
def test_a_long_way_stays_in_the_range_of_floats_at_every_theta(theta):
    # 1,500 steps: with no potential chances are e^-700 and less, with all of it sums are e^+700
    cost = np.exp(0.3 * np.random.default_rng(1).normal(size=(5, 1500)))
    found = passage(cost, [(0, 0)], [(4, 1499)], theta=theta)
    assert found.imbalance <= 1e-9
    least = travel_time(cost, [(0, 0)], cell_km=1.0)[4, 1499]
    assert found.cost[0, 0] >= least * (1 - 1e-9)
    # two halves of a corridor that narrows to one cell between them cost as much as the whole
    cost[[0, 1, 3, 4], 750] = np.inf
    ends = [(0, 0), (2, 750)], [(2, 750), (4, 1499)]
    whole = passage(cost, [ends[0][0]], [ends[1][1]], theta=theta)
    assert whole.cells[2, 750] >= 1 - 1e-9
    if theta >= 5:  # nobody turns back there
        parts = [
            passage(cost, [a], [b], theta=theta).cost[0, 0] for a, b in zip(*ends, strict=True)
        ]
        assert whole.cost[0, 0] == pytest.approx(sum(parts), rel=1e-6)


def test_far_targets_are_solved_together_and_as_if_alone():
    # chances of 1e-300 between far ends: one potential serves near targets, halves the far ones
    cost = np.exp(0.5 * np.random.default_rng(4).normal(size=(40, 120)))
    start, ends = [(0, 0), (39, 60)], [(5, 115), (20, 119), (39, 117), (0, 3), (39, 3)]
    zones = np.zeros((1, cost.size), bool)
    zones.reshape(cost.shape)[10:30, 50:60] = True
    edges, number = grid_edges(cost), (lambda pairs: np.array([r * 120 + c for r, c in pairs]))
    journeys = np.arange(10.0).reshape(2, 5)
    found = walk(edges, number(start), number(ends), journeys, theta=6.0, zones=zones)
    assert found.factorisations < len(ends)
    flow = np.zeros(len(edges.tail))
    for n, end in enumerate(ends):
        alone = walk(
            edges, number(start), number([end]), journeys[:, n : n + 1], theta=6.0, zones=zones
        )
        flow += alone.flow
        assert found.cost[:, n] == pytest.approx(alone.cost[:, 0], rel=1e-9)
        assert found.passing[0, :, n] == pytest.approx(alone.passing[0, :, 0], abs=1e-9)
    assert found.flow == pytest.approx(flow, abs=1e-9)


def test_what_no_float_holds_is_refused_and_not_guessed(ground):
    with pytest.raises(InputError, match="leave the range of floats"):
        passage(ground, FROM, TO, theta=1e308)
