"""What holds for all travel times, on every grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vallum.kernel.paths import TOBLER, WALK, SlopeLaw, travel_time

hours = st.one_of(
    st.sampled_from([0.12, 1.0, np.inf]),
    st.floats(0.12, 10.0),  # from what r.walk's descents can't make negative
    st.floats(0.12, 1e6),
)
laws = st.sampled_from(
    [None, SlopeLaw(), TOBLER, WALK, replace(TOBLER, limit=0.3), SlopeLaw(limit=0.1)]
)


@st.composite
def problems(draw):
    """Draw a grid with some impassable cells, sources, and perhaps slopes."""
    shape = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    grid = draw(hnp.arrays(float, shape, elements=hours))
    cells = st.tuples(st.integers(0, shape[0] - 1), st.integers(0, shape[1] - 1))
    sources = draw(st.lists(cells, min_size=1, max_size=3))
    grid[tuple(np.transpose(sources))] = 1.5
    keep = {"cell_km": draw(st.sampled_from([0.1, 1.0, 2.5]))}
    keep["neighbours"] = draw(st.sampled_from([8, 16]))
    law = draw(laws)
    if law is not None:
        height = hnp.arrays(float, shape, elements=st.integers(-500, 500).map(float))
        keep |= {"law": law, "elevation": draw(height), "reverse": draw(st.booleans())}
    return grid, sources, keep


@given(problems(), st.randoms())
def test_more_sources_are_never_later_and_their_order_does_not_matter(problem, random):
    grid, sources, keep = problem
    apart = np.min([travel_time(grid, [cell], **keep) for cell in sources], axis=0)
    together = travel_time(grid, sources, **keep)
    assert together.tobytes() == apart.tobytes()
    assert (together[tuple(np.transpose(sources))] == 0).all()
    random.shuffle(sources)
    assert travel_time(grid, sources, **keep).tobytes() == together.tobytes()


@given(problems())
def test_no_way_round_is_shorter(problem):
    grid, sources, keep = problem
    start = sources[0]
    direct = travel_time(grid, [start], **keep)
    for via in zip(*np.nonzero(np.isfinite(direct)), strict=True):
        onward = travel_time(grid, [via], **keep)
        slack = 1e-9 * (1 + direct[via])
        assert (direct <= direct[via] + onward + slack).all()


@given(problems())
def test_impassable_cells_are_never_reached(problem):
    grid, sources, keep = problem
    assert np.isposinf(travel_time(grid, sources, **keep)[np.isposinf(grid)]).all()


@given(problems(), st.sampled_from([0.25, 2.0, 1024.0]))
def test_times_scale_with_length_and_pace(problem, factor):
    grid, sources, keep = problem
    now = travel_time(grid, sources, **keep)
    if keep.get("law") is not WALK:  # its seconds do not scale with the pace
        slower = travel_time(grid * factor, sources, **keep)
        assert slower.tobytes() == (now * factor).tobytes()  # powers of two are exact
    bigger = {"cell_km": keep["cell_km"] * factor}
    if "elevation" in keep:
        bigger["elevation"] = keep["elevation"] * factor
    larger = travel_time(grid, sources, **keep | bigger)
    assert larger == pytest.approx(now * factor, rel=1e-12)


@given(problems(), st.integers(0, 3), st.booleans())
def test_times_do_not_know_how_the_map_is_turned(problem, turns, flipped):
    grid, sources, keep = problem

    def turn(array):
        return np.rot90(array.T if flipped else array, turns)

    mask = np.zeros(grid.shape, bool)
    mask[tuple(np.transpose(sources))] = True
    turned = dict(keep)
    if "elevation" in keep:
        turned["elevation"] = turn(keep["elevation"])
    expected = turn(travel_time(grid, sources, **keep))
    assert travel_time(turn(grid), turn(mask), **turned).tobytes() == expected.tobytes()


@given(problems())
def test_the_way_back_is_the_way_there_on_the_ground_turned_over(problem):
    grid, sources, keep = problem
    if "elevation" not in keep:
        back = travel_time(grid, sources, **keep, reverse=True)
        assert back.tobytes() == travel_time(grid, sources, **keep).tobytes()
        return
    over = keep | {"elevation": -keep["elevation"], "reverse": not keep["reverse"]}
    there = travel_time(grid, sources, **keep)
    assert travel_time(grid, sources, **over).tobytes() == there.tobytes()


@given(problems())
def test_time_to_is_time_from_seen_from_the_other_end(problem):
    grid, sources, keep = problem
    keep["reverse"] = True
    to_source = travel_time(grid, [sources[0]], **keep)
    keep["reverse"] = False
    for cell in zip(*np.nonzero(np.isfinite(grid)), strict=True):
        there = travel_time(grid, [cell], **keep)[sources[0]]
        assert there == pytest.approx(to_source[cell], rel=1e-12)


@given(problems(), st.floats(1.0, 100.0), st.data())
def test_slower_ground_is_never_sooner(problem, factor, data):
    grid, sources, keep = problem
    row, column = (data.draw(st.integers(0, size - 1)) for size in grid.shape)
    slower = grid.copy()
    slower[row, column] *= factor
    assert (travel_time(slower, sources, **keep) >= travel_time(grid, sources, **keep)).all()


@given(problems())
def test_sixteen_directions_are_never_later_than_eight(problem):
    grid, sources, keep = problem
    eight = travel_time(grid, sources, **keep | {"neighbours": 8})
    assert (travel_time(grid, sources, **keep | {"neighbours": 16}) <= eight).all()


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-12, 1e-4, 1.0, 1e4]))
def test_two_kinds_of_ground_far_apart_in_cost_are_still_exact(seed, cheap):
    # the ring, its end and the heap all serve; exact: no step improves any label
    rng = np.random.default_rng(seed)
    grid = np.where(rng.random((30, 30)) < 0.5, cheap, 1.0) * rng.lognormal(size=(30, 30))
    grid[rng.random((30, 30)) < 0.1] = 0.0
    found = travel_time(grid, [(15, 15)], cell_km=1.0)
    across = found[:, :-1] - found[:, 1:], (grid[:, :-1] + grid[:, 1:]) / 2
    down = found[:-1] - found[1:], (grid[:-1] + grid[1:]) / 2
    for differences, steps in (across, down):
        assert (np.abs(differences) <= steps * (1 + 1e-12) + 1e-12 * found.max()).all()
    half, root = grid / 2, np.sqrt(2)
    wide, level = np.pad(found, 1, constant_values=np.inf), np.pad(half, 1, constant_values=np.inf)
    reached = np.min(
        [
            np.roll(wide, (i, j), (0, 1))
            + (np.roll(level, (i, j), (0, 1)) + level) * (root if i and j else 1.0)
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            if i or j
        ],
        axis=0,
    )[1:-1, 1:-1]
    reached[15, 15] = 0.0
    assert reached.tobytes() == found.tobytes()
