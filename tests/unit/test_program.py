"""Covering by hand: what is chosen, how it was settled, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from vallum.errors import InfeasibleError, InputError
from vallum.kernel.program import cover


def ring(sites: int, reach: int) -> np.ndarray:
    """Sites round a circle, each of which covers so many demands from its own onwards."""
    return np.array([[(d - s) % sites < reach for d in range(sites)] for s in range(sites)])


def test_three_cheap_sites_beat_a_dear_one():
    covers = [[1, 1, 1, 1], [1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]]
    found = cover([3.5, 1.0, 1.0, 1.0], covers)
    assert found.chosen.tolist() == [1, 2, 3]
    assert (found.cost, found.bound, found.gap, found.status) == (3.0, 3.0, 0.0, "optimal")
    assert found.ways["linear"] == 1


def test_an_odd_circle_is_cut_open():
    # the linear programme takes half of each of the seven sites: 3.5
    found = cover(np.ones(7), ring(7, 2))
    assert found.cost == found.bound == 4.0
    assert found.ways == {"free": 0, "linear": 0, "circle": 1, "branched": 0}


def test_a_circle_of_demands_that_are_covered_by_a_round_of_sites_is_cut_open_too():
    found = cover(np.array([1.0, 1.1, 1.0, 1.1, 1.0]), ring(5, 2).T)
    assert found.cost == found.bound == pytest.approx(3.0)
    assert found.ways["circle"] == 1


def test_a_site_that_holds_the_fixed_one_does_not_spoil_the_opened_circle():
    # with the wide arcs left in beside the one that is fixed, what is left is no line
    start, reach = np.array([1, 2, 3, 4, 2]), np.array([2, 3, 4, 2, 3])
    covers = (np.arange(5) - start[:, None]) % 5 < reach[:, None]
    found = cover([3.0, 2.0, 2.0, 1.0, 4.0], covers)
    assert found.cost == found.bound == 4.0
    assert found.ways == {"free": 0, "linear": 0, "circle": 1, "branched": 0}


def test_a_cover_of_no_order_is_branched():
    # the points and lines of the Fano plane: the linear programme gives 7/3
    lines = [(0, 1, 2), (0, 3, 4), (0, 5, 6), (1, 3, 5), (1, 4, 6), (2, 3, 6), (2, 4, 5)]
    found = cover(np.ones(7), [[d in line for d in range(7)] for line in lines])
    assert found.cost == found.bound == 3.0
    assert found.ways["branched"] == 1


def test_without_nodes_a_gap_is_told():
    rng = np.random.default_rng(5)
    covers = rng.random((60, 90)) < 0.06
    covers[rng.integers(0, 60, 90), np.arange(90)] = True
    cost = rng.uniform(1, 2, 60)
    short, full = cover(cost, covers, most_nodes=0), cover(cost, covers)
    assert full.gap == 0
    assert short.bound <= full.cost <= short.cost
    assert covers[short.chosen].any(axis=0).all()


def test_parts_are_settled_apart():
    covers = np.zeros((9, 9), bool)
    covers[:5, :5], covers[5:, 5:] = ring(5, 2), np.eye(4, dtype=bool)
    found = cover(np.ones(9), covers)
    assert found.cost == 7.0
    assert found.ways == {"free": 0, "linear": 4, "circle": 1, "branched": 0}


def test_what_costs_nothing_is_taken_where_it_helps_and_only_there():
    found = cover([0.0, 1.0, 0.0, 0.0], [[1, 0, 0], [0, 1, 1], [0, 0, 0], [1, 0, 0]])
    assert 1 in found.chosen
    assert found.chosen.size == 2  # one of the two alike
    assert found.cost == found.bound == 1.0


def test_of_equal_sites_the_cheapest_then_the_first_is_taken():
    assert cover([2.0, 1.0, 1.0], [[1, 1], [1, 1], [1, 1]]).chosen.tolist() == [1]


def test_nothing_to_cover_needs_nothing():
    found = cover(np.ones(3), np.zeros((3, 0), bool))
    assert (found.chosen.size, found.cost, found.bound, found.gap) == (0, 0.0, 0.0, 0.0)
    assert cover([], np.zeros((0, 0), bool)).cost == 0.0


def test_demands_without_a_site_are_named():
    with pytest.raises(InfeasibleError, match="2 of 4 that no site covers: 1, 3"):
        cover([1.0], [[1, 0, 1, 0]])
    with pytest.raises(InfeasibleError, match="no site covers: 0"):
        cover([], np.zeros((0, 1), bool))


def test_every_fault_is_told_at_once():
    with pytest.raises(InputError) as caught:
        cover([1.0, np.nan, -2.0, np.inf, -3.0], np.ones((2, 2)), most_nodes=-1)
    told = str(caught.value)
    for said in (
        "[cost: site 1, 1 in all]: NaN",
        "[cost: site 2, 2 in all]: less than 0",
        "[cost: site 3, 1 in all]: infinite",
        "2 rows, for 5 costs",
        "[most_nodes]: -1",
    ):
        assert said in told


@pytest.mark.parametrize(
    ("cost", "covers", "said"),
    [
        ("abc", [[1]], "no numbers"),
        ([[1.0]], [[1]], "shape (1, 1)"),
        ([1.0], [1], "shape (1,)"),
        ([1.0], [[1, 2]], "other values"),
        ([1.0], [[0.5]], "other values"),
        ([1.0], [["a"]], "other values"),
        ([1.0, 1.0], [[1], [1, 0]], "no table"),
    ],
)
def test_what_is_no_problem_is_refused(cost, covers, said):
    with pytest.raises(InputError) as caught:
        cover(cost, covers)
    assert said in str(caught.value)
