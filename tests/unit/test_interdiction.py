"""Interdiction by hand: published instances, faults, and sets that are not nested."""

from __future__ import annotations

import numpy as np
import pytest

from vallum.errors import InputError
from vallum.kernel.interdiction import (
    commitment,
    evasion,
    evasion_value,
    maximum_flow,
    patrol,
    regret,
    reliable_way,
    shortest_path,
    shortest_path_value,
)

NODES = {"Start": -70, "B": 4_000_000_007, "C": 0, "D": 12, "End": 3}
LENGTHS = [
    ("Start", "B", 10),
    ("Start", "C", 2),
    ("C", "B", 2),
    ("B", "End", 1),
    ("C", "D", 7),
    ("D", "End", 8),
]
ROOMS = [
    ("Start", "B", 10),
    ("Start", "C", 70),
    ("C", "B", 30),
    ("B", "End", 100),
    ("C", "D", 40),
    ("D", "End", 50),
]
ENDS = NODES["Start"], NODES["End"]
# two arcs beside one another, then one: the last is best alone, the two together are better
STEP = {
    "tail": [1, 1, 5],
    "head": [5, 5, 9],
    "plain": [0.9, 0.9, 0.9],
    "reinforced": [0.1, 0.1, 0.5],
    "candidates": [0, 1, 2],
    "origins": [1],
    "destinations": [9],
    "probability": [1.0],
}


def network(arcs):
    """Write arcs by label as the functions take them."""
    return (
        [NODES[a] for a, _, _ in arcs],
        [NODES[b] for _, b, _ in arcs],
        [float(number) for _, _, number in arcs],
    )


@pytest.mark.parametrize(("attacks", "value"), [(0, 5.0), (1, 17.0), (2, np.inf), (9, np.inf)])
def test_shortest_path_of_pyomo_gallery(attacks, value):
    """Pyomo/PyomoGallery, network_interdiction: an attack removes an arc."""
    tail, head, cost = network(LENGTHS)
    found = shortest_path(tail, head, cost, np.full(6, np.inf), *ENDS, attacks)
    assert found.value == pytest.approx(value, abs=1e-6)
    assert found.bound == pytest.approx(value, abs=1e-6)
    assert found.gap <= 1e-6
    assert found.chosen.size <= attacks
    assert shortest_path_value(tail, head, cost, [np.inf] * 6, *ENDS, found.chosen) == found.value
    if attacks == 1:
        assert found.chosen.tolist() == [3]  # B to End


@pytest.mark.parametrize(("attacks", "value"), [(0, 80.0), (1, 10.0), (2, 0.0)])
def test_maximum_flow_of_pyomo_gallery(attacks, value):
    found = maximum_flow(*network(ROOMS), *ENDS, attacks)
    assert found.value == pytest.approx(value, abs=1e-6)
    assert found.bound == pytest.approx(value, abs=1e-6)
    if attacks == 1:
        assert found.chosen.tolist() == [1]  # Start to C


@pytest.mark.parametrize(
    ("leader", "follower", "mix", "value"),
    [
        ([[2, 4], [1, 3]], [[1, 0], [0, 1]], [1 / 2, 1 / 2], 3.5),
        ([[2, 0, 0], [1, 0, 0]], [[0, 2, 5], [0, -1, -4]], [1 / 3, 2 / 3], 4 / 3),
        ([[3, 9], [9, 1]], [[0, 0], [1, 8]], [1.0, 0.0], 9.0),
    ],
)
def test_commitment_of_open_spiel(leader, follower, mix, value):
    """google-deepmind/open_spiel, stackelberg_lp_test.py."""
    found = commitment(leader, follower)
    assert found.value == pytest.approx(value, abs=1e-6)
    assert found.bound == pytest.approx(value, abs=1e-6)
    assert found.mix == pytest.approx(mix, abs=1e-6)


def test_coverage_of_three_targets():
    """One patrol for values 10, 6, 4: all three are worth 120/31 to the attacker."""
    gains = {1: 10.0, 2: 6.0, 3: 4.0}
    found = patrol([0, 0, 0], [1, 2, 3], [0, 0, 0], list(gains.values()), [0], gains, 1)
    assert found.value == pytest.approx(120 / 31, abs=1e-6)
    assert found.gap <= 1e-6
    assert found.presence == pytest.approx([0.612903, 0.354839, 0.032258], abs=1e-6)
    assert found.mix.sum() == pytest.approx(1.0)


def test_an_attacker_may_stand_still():
    """A target worth 1 with certain loss of 5: with a patrol on half the time he stays at home."""
    found = patrol([0], [1], [0.0], [5.0], [0], {1: 1.0}, 0.5)
    assert found.value == pytest.approx(0.0, abs=1e-9)
    assert found.gap <= 1e-9
    assert patrol([0], [1], [0], [5], [0], {1: 1}, 0.5, still=-np.inf).value == pytest.approx(-1.5)
    assert patrol([0], [1], [0], [5], [0], {7: 1}, 1, still=-np.inf).value == -np.inf


def test_patrols_share_ways_that_meet():
    """Two ways of 2 arcs share the last: the patrol stands there."""
    found = patrol([0, 0, 1], [1, 1, 2], [0, 0, 0], [3, 3, 3], [0], {2: 9}, 1.0)
    assert found.value == pytest.approx(6.0)
    assert found.presence == pytest.approx([0.0, 0.0, 1.0])
    assert all(way[-1] == 2 for way in found.ways)


def test_two_sensors_on_one_way():
    """0.8 · 0.5 with both plain; both sensors multiply; the way round is worth 0.1."""
    net = ([1, 2, 1], [2, 3, 3], [0.8, 0.5, 0.1], [0.2, 0.2, np.nan], [0, 1], [1], [3], [1.0])
    values = [evasion(*net, budget) for budget in range(3)]
    assert [v.value for v in values] == pytest.approx([0.4, 0.1, 0.1])
    assert [v.chosen.tolist() for v in values] == [[], [0], [0]]
    no_way_round = ([1, 2], [2, 3], [0.8, 0.5], [0.2, 0.2], [0, 1], [1], [3], [1.0])
    found = evasion(*no_way_round, 2)
    assert found.value == pytest.approx(0.04)
    assert found.bound == pytest.approx(0.04, abs=1e-8)
    assert found.chosen.tolist() == [0, 1]


def test_the_best_sets_are_not_nested():
    """One sensor belongs on the last arc, two belong on the first two: none is in both plans."""
    one, two = evasion(**STEP, budget=1), evasion(**STEP, budget=2)
    assert (one.chosen.tolist(), two.chosen.tolist()) == ([2], [0, 1])
    assert (one.value, two.value) == pytest.approx((0.45, 0.09))


def test_regret_of_a_list_of_priorities():
    """The list that is best for one sensor is five times worse than needed with two."""
    net = {key: value for key, value in STEP.items() if key != "candidates"}
    found = regret(
        [2, 0, 1],
        [0, 1, 2, 3],
        lambda budget: evasion(**STEP, budget=budget),
        lambda chosen: evasion_value(**net, chosen=chosen),
    )
    assert found.listed == pytest.approx([0.81, 0.45, 0.45, 0.05])
    assert found.best == pytest.approx([0.81, 0.45, 0.09, 0.05])
    assert found.least == pytest.approx([0.0, 0.0, 0.36, 0.0])
    assert found.most == pytest.approx(found.least, abs=1e-6)


def test_regret_of_closing_arcs():
    """For the defender who lengthens ways, regret is what the list leaves too short."""
    tail, head, cost = network(LENGTHS)
    closed = [np.inf] * 6
    found = regret(
        [0, 3],
        [0, 1, 2],
        lambda budget: shortest_path(tail, head, cost, closed, *ENDS, budget),
        lambda chosen: shortest_path_value(tail, head, cost, closed, *ENDS, chosen),
    )
    assert found.least.tolist() == [0.0, 12.0, np.inf]
    with pytest.raises(InputError, match="more than once"):
        regret([0, 0], [1], lambda _: None, lambda _: 0.0)


def test_nowhere_to_go_and_no_way():
    assert shortest_path([1], [2], [1.0], [1.0], 2, 1, 1).value == np.inf
    assert shortest_path([1], [2], [1.0], [1.0], 1, 77, 1).bound == np.inf
    assert shortest_path([], [], [], [], 4, 4, 0).value == 0.0
    assert maximum_flow([1], [2], [5.0], 2, 1, 0).value == 0.0
    assert maximum_flow([1, 1], [2, 2], [np.inf, 3.0], 1, 2, 0).value == np.inf
    assert maximum_flow([1, 1], [2, 2], [np.inf, 3.0], 1, 2, 1).value == pytest.approx(3.0)
    found = evasion([1], [2], [0.5], [0.0], [0], [2, 1, 1], [1, 1, 2], [0.5, 0.25, 0.25], 1)
    assert found.value == found.bound == 0.25  # who is there already, and none else
    assert reliable_way([1], [2], [0.5], 2, 1).value == 0.0
    assert reliable_way([1], [2], [0.5], 1, 1).value == 1.0


def test_parallel_arcs_and_loops():
    """The way of 0.9 stays open beside the one that is watched; loops lead nowhere."""
    net = ([7, 7, 7, 8], [8, 8, 7, 8], [0.9, 0.95, 1.0, 1.0], [0.2, 0.1, 0.5, 0.5])
    found = evasion(*net, [0, 1, 2, 3], [7], [8], [1.0], 1)
    assert found.value == pytest.approx(0.9)
    assert found.chosen.tolist() == [1]
    assert evasion(*net, [0, 1, 2, 3], [7], [8], [1.0], 4).value == pytest.approx(0.2)


def test_the_work_is_limited_and_watched():
    """Stopped before any work, the bound is what everything reinforced would leave."""
    found = evasion(**STEP, budget=2, limit=0)
    assert (found.value, found.chosen.size, found.work) == (pytest.approx(0.81), 0, 0)
    assert found.bound == pytest.approx(0.05)
    seen = []
    found = evasion(**STEP, budget=2, watch=lambda *told: bool(seen.append(told) or True))
    assert len(seen) == 1
    assert seen[0][0] >= found.value >= found.bound >= 0.05 - 1e-12


def test_every_fault_is_told_at_once():
    with pytest.raises(InputError) as caught:
        evasion(
            tail=[1, 2, 3],
            head=[2.5, 3, 1],
            plain=[0.5, 1.2, np.nan],
            reinforced=[0.6, np.nan, 0.1],
            candidates=[0, 1, 1, 9],
            origins=[1, 2],
            destinations=[3],
            probability=[0.5, 0.6],
            budget=-1,
        )
    assert {fault.where for fault in caught.value.faults} == {
        *("head", "plain", "reinforced", "candidates", "destinations", "probability", "budget"),
    }
    with pytest.raises(InputError) as caught:
        shortest_path([1, 2], [2], [1, -1], [np.nan, 0], 1.5, True, 0.5)
    assert {fault.where for fault in caught.value.faults} == {
        *("head", "cost", "delay", "source", "target", "budget"),
    }
    with pytest.raises(InputError) as caught:
        patrol([1], [2], [1], [np.inf], [], {}, -1, still=np.nan)
    assert {f.where for f in caught.value.faults} == {
        "hit",
        "origins",
        "targets",
        "patrols",
        "still",
    }
    with pytest.raises(InputError, match="another node"):
        maximum_flow([1], [2], [1.0], 1, 1, 0)
    with pytest.raises(InputError, match="the same shape"):
        commitment([[1, 2]], [[1], [2]])
    with pytest.raises(InputError, match="finite"):
        commitment([[np.nan]], [[1]])
    with pytest.raises(InputError, match="sum"):
        evasion([1], [2], [0.5], [0.1], [0], [1], [2], [0.9], 1)
    with pytest.raises(InputError, match="at least one"):
        evasion([1], [2], [0.5], [0.1], [0], [], [], [], 1)


def test_probabilities_may_miss_one_by_a_millionth():
    net = ([1], [2], [0.5], [0.1], [0], [1, 1], [2, 2])
    assert evasion(*net, [0.5, 0.5 + 9e-7], 0).value == pytest.approx(0.5, abs=1e-12)
