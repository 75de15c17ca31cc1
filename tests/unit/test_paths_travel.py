"""Travel times worked by hand on a few cells, and what the door refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vallum.errors import InputError
from vallum.kernel.paths import LAWS, TOBLER, WALK, SlopeLaw, travel_time
from vallum.kernel.paths.slope import TOBLER_HOURS_PER_KM, walk_hours_per_km

ROOT2, ROOT5 = math.sqrt(2), math.sqrt(5)
INF = math.inf


def test_a_step_takes_the_mean_of_two_cells_times_its_length():
    hours = travel_time([[1.0, 3.0], [5.0, 7.0]], [(0, 0)], cell_km=10.0)
    assert hours == pytest.approx(np.array([[0.0, 20.0], [30.0, 40.0 * ROOT2]]))


def test_a_detour_is_taken_where_it_is_quicker():
    hours = travel_time([[1.0, 100.0, 1.0], [1.0, 1.0, 1.0]], [(0, 0)], cell_km=1.0)
    assert hours[0, 2] == pytest.approx(2 * ROOT2)


def test_impassable_cells_are_gone_round_but_corners_can_be_cut():
    grid = [[1.0, INF, 1.0], [1.0, INF, 1.0], [1.0, 1.0, INF]]
    hours = travel_time(grid, [(0, 0)], cell_km=1.0)
    assert hours[2, 1] == pytest.approx(1 + ROOT2)
    assert hours[1, 2] == pytest.approx(1 + 2 * ROOT2)  # between two impassable cells
    assert np.isposinf(hours[[0, 1, 2], [1, 1, 2]]).all()
    assert np.isposinf(travel_time([[1.0, INF, 1.0]], [(0, 0)], cell_km=1.0)[0, 2])


def test_the_nearest_of_many_sources_counts():
    grid = np.ones((1, 7))
    expected = [[0.0, 1.0, 2.0, 2.0, 1.0, 0.0, 0.0]]
    pairs = [(0, 0), (0, 5), (0, 6), (0, 5)]
    assert travel_time(grid, pairs, cell_km=1.0).tolist() == expected
    mask = np.array([[True, False, False, False, False, True, True]])
    assert travel_time(grid, mask, cell_km=1.0).tolist() == expected


def test_more_sources_than_the_first_heap_holds():
    assert not travel_time(np.ones((60, 60)), np.ones((60, 60), bool), cell_km=1.0).any()


def test_a_knights_move_takes_the_mean_of_four_cells():
    grid = [[1.0, 4.0, 9.0], [9.0, 4.2, 5.0]]
    hours = travel_time(grid, [(0, 0)], cell_km=2.0, neighbours=16)
    assert hours[1, 2] == pytest.approx((1 + 4 + 4.2 + 5) / 4 * 2 * ROOT5)


@pytest.mark.parametrize("shut", [(0, 1), (1, 1)])
def test_a_knights_move_can_not_pass_an_impassable_cell(shut):
    grid = np.ones((2, 3))
    grid[shut] = INF
    eight = travel_time(grid, [(0, 0)], cell_km=1.0)
    assert (travel_time(grid, [(0, 0)], cell_km=1.0, neighbours=16) == eight).all()
    assert eight[1, 2] == pytest.approx(1 + ROOT2)


def test_tobler_walks_at_toblers_speed():
    heights = np.array([[0.0, 100.0]])  # a slope of 0.1 over one km
    grid = np.full((1, 2), TOBLER_HOURS_PER_KM)
    up = travel_time(grid, [(0, 0)], cell_km=1.0, elevation=heights)[0, 1]
    down = travel_time(grid, [(0, 1)], cell_km=1.0, elevation=heights, law="tobler")[0, 0]
    assert up == pytest.approx(1 / (6 * math.exp(-3.5 * 0.15)))
    assert down == pytest.approx(1 / (6 * math.exp(-3.5 * 0.05)))
    back = travel_time(grid, [(0, 0)], cell_km=1.0, elevation=heights, reverse=True)[0, 1]
    assert back == down
    assert travel_time(grid, [(0, 0)], cell_km=1.0)[0, 1] == pytest.approx(math.exp(0.175) / 6)


@pytest.mark.parametrize(
    ("rise_m", "seconds"),
    [(0.0, 720.0), (100.0, 1320.0), (-100.0, 520.02), (-212.0, 296.0424), (-300.0, 1319.94)],
)
def test_walk_adds_langmuirs_seconds(rise_m, seconds):
    # 720 + 6·100; 720 − 1.9998·100; 720 − 1.9998·212; 720 + 1.9998·300, below −0.2125
    grid = walk_hours_per_km(np.zeros((1, 2)))
    heights = np.array([[500.0, 500.0 + rise_m]])
    hours = travel_time(grid, [(0, 0)], cell_km=1.0, elevation=heights, law="walk")
    assert hours[0, 1] * 3600 == pytest.approx(seconds)


def test_friction_is_more_seconds_per_metre():
    given = walk_hours_per_km([[0.0, 1.0]], level=0.5, weight=2.0)
    hours = travel_time(given, [(0, 0)], cell_km=0.1, elevation=np.zeros((1, 2)), law=WALK)
    assert hours[0, 1] * 3600 == pytest.approx(100 * (0.5 + 2.0 * 0.5))


def test_nothing_steeper_than_the_limit_is_crossed_up_or_down():
    heights = np.array([[0.0, 400.0, 1000.0], [0.0, 0.0, 0.0]])
    law = SlopeLaw(limit=0.5)
    hours = travel_time(np.ones((2, 3)), [(0, 0)], cell_km=1.0, elevation=heights, law=law)
    assert hours[0, 1] == 1.0
    assert np.isposinf(hours[0, 2])  # 0.6 from the left, 1 from below, 0.71 from the corner
    top = travel_time(np.ones((2, 3)), [(0, 2)], cell_km=1.0, elevation=heights, law=law)
    assert np.isfinite(top).sum() == 1


def test_a_knights_move_does_not_jump_a_cliff():
    heights = np.array([[0.0, 900.0, 0.0], [0.0, 0.0, 0.0]])
    grid = np.array([[1.0, 1.0, 1.0], [INF, 1.0, 1.0]])
    law = SlopeLaw(limit=0.5)
    keep = {"cell_km": 1.0, "elevation": heights, "law": law}
    knight = travel_time(grid, [(0, 0)], neighbours=16, **keep)
    assert knight[1, 2] == pytest.approx(1 + ROOT2)  # ROOT5 over the cell of 900 m
    flat = travel_time(grid, [(0, 0)], neighbours=16, **keep | {"elevation": heights * 0})
    assert flat[1, 2] == pytest.approx(ROOT5)


def test_free_ground_costs_nothing():
    grid = np.zeros((5, 5))
    assert not travel_time(grid, [(2, 2)], cell_km=1.0).any()
    grid[:, 3] = 4.0
    hours = travel_time(grid, [(2, 0)], cell_km=1.0)
    assert hours[:, 4].tolist() == [4.0] * 5
    assert hours[:, :3].tolist() == [[0.0] * 3] * 5


@pytest.mark.parametrize("most", [1e-300, 1e300])
def test_times_of_any_size(most):
    grid = np.array([[most, most, 1.0, 1e-9, 1.0, most]])
    hours = travel_time(grid, [(0, 0)], cell_km=1.0)
    steps = (grid[0, 1:] + grid[0, :-1]) / 2
    assert hours[0].tolist() == pytest.approx([0.0, *np.cumsum(steps)])


def test_elevation_may_be_missing_where_nobody_goes():
    heights = np.array([[0.0, np.nan, 0.0], [0.0, 0.0, 0.0]])
    grid = np.array([[1.0, INF, 1.0], [1.0, 1.0, 1.0]])
    for neighbours in (8, 16):
        hours = travel_time(grid, [(0, 0)], cell_km=1.0, elevation=heights, neighbours=neighbours)
        assert hours[0, 2] == pytest.approx(2 * ROOT2)


def test_what_is_given_is_left_alone_and_need_not_be_in_order():
    rng = np.random.default_rng(2)
    grid, heights = rng.uniform(1, 2, (9, 7)), rng.uniform(0, 300, (9, 7))
    kept = grid.copy(), heights.copy()
    hours = travel_time(grid.T, [(1, 2)], cell_km=1.0, elevation=heights.T)
    assert (grid == kept[0]).all()
    assert (heights == kept[1]).all()
    again = travel_time(
        np.ascontiguousarray(grid.T), [(1, 2)], cell_km=1.0, elevation=heights.T.copy()
    )
    assert hours.tobytes() == again.tobytes()
    hours[0, 0] = 5.0  # the caller's own


def refusal(*args, **keep):
    with pytest.raises(InputError) as caught:
        travel_time(*args, **{"cell_km": 1.0} | keep)
    return caught.value.faults


def test_every_fault_is_named_at_once():
    grid = np.ones((3, 4))
    grid[1, 2] = np.nan
    grid[2, 0] = -1.0
    grid[0, 1] = INF
    heights = np.zeros((3, 4))
    heights[2, 3] = np.nan
    faults = refusal(
        grid, [(0, 1), (3, 0), (0, -1)], cell_km=0.0, elevation=heights, law="toblr", neighbours=4
    )
    said = [f"{fault.where} [{fault.place}] {fault.found} {fault.mend}" for fault in faults]
    assert len(said) == 8
    for words in (
        "1 cells, the first at row 1, column 2",
        "1 cells, the first at row 2, column 0",
        "1 cells, the first at row 2, column 3",
        "2 of 3, the first at row 3, column 0",
        "1 of 3, the first at row 0, column 1",
        "did you mean 'tobler'?",
        "cell_km [] 0.0",
        "neighbours [] 4",
    ):
        assert any(words in line for line in said), words


@pytest.mark.parametrize(
    ("keep", "where"),
    [
        ({"hours_per_km": np.ones(3)}, "hours_per_km"),
        ({"hours_per_km": np.ones((0, 3))}, "hours_per_km"),
        ({"hours_per_km": [["a", "b"]]}, "hours_per_km"),
        ({"hours_per_km": np.ma.masked_greater(np.ones((2, 2)), 3.0)}, "hours_per_km"),
        ({"sources": []}, "sources"),
        ({"sources": np.zeros((2, 2), bool)}, "sources"),
        ({"sources": np.ones((2, 3), bool)}, "sources"),
        ({"sources": (0, 0)}, "sources"),
        ({"sources": [(0.0, 1.0)]}, "sources"),
        ({"sources": [(0, 1), (1,)]}, "sources"),
        ({"elevation": np.ones((2, 3))}, "elevation"),
        ({"law": TOBLER}, "law"),
        ({"cell_km": math.nan}, "cell_km"),
        ({"cell_km": "1"}, "cell_km"),
        ({"neighbours": 16.5}, "neighbours"),
    ],
)
def test_what_can_not_be_used_is_refused(keep, where):
    good = {"hours_per_km": np.ones((2, 2)), "sources": [(0, 0)]}
    (fault,) = refusal(**good | keep)
    assert fault.where == where


def test_a_step_shorter_than_no_time_is_refused_where_the_ground_has_one():
    law = SlopeLaw(down_s_per_m=100.0, steep_below=-0.2)
    heights = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, -100.0]])
    grid = np.ones((2, 3))
    (fault,) = refusal(grid, [(0, 0)], elevation=heights, law=law)
    assert fault.place == "row 0, column 1"  # downhill to its corner: 3,600 √2 − 100 · 100 s
    kept = travel_time(grid, [(0, 0)], cell_km=1.0, elevation=heights * 0.3, law=law)
    assert kept[1, 2] == pytest.approx(1 + ROOT2 - 3000 / 3600)
    (back,) = refusal(grid, [(0, 0)], elevation=-heights, law=law, reverse=True, neighbours=16)
    assert back.place == "row 0, column 0"


def test_a_slope_law_names_what_is_out_of_range():
    with pytest.raises(InputError) as caught:
        SlopeLaw(steepness=-1.0, steep_below=0.1, limit=0.0, up_s_per_m=math.nan)
    assert {fault.place for fault in caught.value.faults} == {
        "steepness", "steep_below", "limit", "up_s_per_m",
    }  # fmt: skip
    assert LAWS["tobler"] is TOBLER
    assert LAWS["walk"] is WALK
