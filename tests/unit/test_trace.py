"""Tracing: every edge once, ends at the sea, lengths that add up."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vallum.kernel.grid import Grid
from vallum.kernel.territory import instance, score
from vallum.line import trace
from vallum.line.course import carried as carried_by

masks = hnp.arrays(bool, st.tuples(st.integers(3, 9), st.integers(3, 9)))


def grid_of(shape):
    return Grid("EPSG:3857", 0.0, 0.0, 10.0, *shape)


def labels_of(size):
    return pd.DataFrame(
        {"state": ["A"] * size, "composition": ["wall"] * size, "surface": ["sand"] * size}
    )


@settings(max_examples=100, deadline=None)
@given(masks, st.data())
def test_runs_pass_every_edge_once_with_land_held_on_the_left(held, data):
    fenced = data.draw(hnp.arrays(bool, held.shape))
    runs = trace.chains(held, fenced)
    count = 0
    for dy, dx in [(0, 1), (1, 0), (0, -1), (-1, 0)]:
        there = np.full(held.shape, True)
        out = np.zeros(held.shape, bool)
        rows, cols = held.shape
        for r in range(rows):
            for c in range(cols):
                if 0 <= r + dy < rows and 0 <= c + dx < cols:
                    there[r, c] = held[r + dy, c + dx]
                    out[r, c] = held[r, c] and not there[r, c] and fenced[r + dy, c + dx]
        count += int(out.sum())
    assert sum(run.cells.size for run in runs) == count
    for run in runs:
        steps = np.diff(run.corners, axis=0)
        assert (np.abs(steps).sum(axis=1) == 1).all()
        middles = (run.corners[1:] + run.corners[:-1]) / 2
        # rows grow southward, so left of (down, right) is (-right, down)
        left = middles + np.stack([-steps[:, 1], steps[:, 0]], axis=1) / 2 - 0.5
        assert (left == np.stack(np.divmod(run.cells, held.shape[1]), axis=1)).all()
        assert held.ravel()[run.cells].all()


@settings(max_examples=60, deadline=None)
@given(masks, st.data())
def test_lengths_and_costs_of_lines_and_sectors_are_the_cuts(held, data):
    flank = data.draw(hnp.arrays(float, held.shape, elements=st.sampled_from([0.0, 0.5, 1.0])))
    member = held | data.draw(hnp.arrays(bool, held.shape))
    problem = instance(
        np.where(member, 1.0, np.nan),
        np.zeros(held.shape),
        np.full(held.shape, 3.0),
        cell_km=10.0,
        flank=flank,
    )
    fenced = np.where(member, 1.0, flank) > 0
    runs = trace.chains(held, fenced)
    if not runs:
        return
    carried = carried_by(problem, held)
    grid = grid_of(held.shape)
    shares = trace.crossings(runs, carried, grid)
    line, sectors = trace.lines(runs, shares, labels_of(held.size), grid, sector_km=(50.0, 200.0))
    found = score(problem, held)
    assert line["length_km"].sum() == pytest.approx(found.line_km)
    assert sectors["length_km"].sum() == pytest.approx(found.line_km)
    assert sectors["cost_usd_yr"].sum() == pytest.approx(found.closure)
    assert line.geometry.is_valid.all()


def test_a_block_has_one_closed_line_and_a_coast_opens_it():
    held = np.zeros((9, 9), bool)
    held[3:6, 3:6] = True
    everywhere = np.ones(held.shape, bool)
    (ring,) = trace.chains(held, everywhere)
    assert ring.closed
    assert ring.cells.size == 12
    sea = everywhere.copy()
    sea[:, :3] = False
    (shore,) = trace.chains(held, sea)
    assert not shore.closed
    assert shore.cells.size == 9


def test_a_smoothed_straight_line_is_straight_and_a_diagonal_is_not_a_staircase():
    held = np.zeros((60, 60), bool)
    held[30:] = True
    (flat,) = trace.chains(held, np.ones(held.shape, bool))
    path = trace.smooth(flat, grid_of(held.shape))
    assert np.ptp(path[:, 1]) == 0
    diagonal = np.add.outer(np.arange(60), np.arange(60)) >= 60
    (slope,) = trace.chains(diagonal, np.ones(held.shape, bool))
    path = trace.smooth(slope, grid_of(held.shape))
    length = np.hypot(*np.diff(path, axis=0).T).sum() / 1000
    assert length == pytest.approx(59 * 10 * np.sqrt(2), rel=0.02)


def test_sectors_join_what_is_short_and_cut_what_is_long():
    keys = [("A", "wall")] * 30 + [("A", "ditch")] * 2 + [("B", "wall")] * 20
    km = np.full(len(keys), 10.0)
    parts = trace.sectors(keys, km, (50.0, 200.0))
    assert parts[0][0] == 0
    assert parts[-1][1] == len(keys)
    assert all(a[1] == b[0] for a, b in pairwise(parts))
    lengths = [km[a:b].sum() for a, b in parts]
    assert min(lengths) >= 50
    assert max(lengths) <= 200
    assert 30 in [a for a, _ in parts] or 32 in [a for a, _ in parts]


def test_no_cut_leaves_a_sector_too_short():
    """Eleven edges of 9.27 km: six of them are 55.6 km, and the other five would be 46.3."""
    parts = trace.sectors([("A", "wall")] * 11, np.full(11, 9.27), (50.0, 100.0))
    assert parts == [(0, 11)]
    # twelve are cut in the middle
    assert trace.sectors([("A", "wall")] * 12, np.full(12, 9.27), (50.0, 100.0)) == [
        (0, 6),
        (6, 12),
    ]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.floats(0.0, 60.0)), min_size=1, max_size=80),
    st.sampled_from([(50.0, 100.0), (50.0, 200.0), (100.0, 110.0)]),
)
def test_sectors_are_never_shorter_than_the_shortest(edges, limits):
    keys = [(label, "wall") for label, _ in edges]
    km = np.array([each for _, each in edges])
    parts = trace.sectors(keys, km, limits)
    assert [parts[0][0], *(b for _, b in parts)] == [0, *(a for a, _ in parts[1:]), len(keys)]
    if len(parts) > 1:
        assert min(km[a:b].sum() for a, b in parts) >= limits[0] - 1e-9


def test_territory_is_the_held_area():
    held = np.zeros((8, 8), bool)
    held[2:4, 2:4] = True
    held[6, 6] = True
    land = trace.territory(held, grid_of(held.shape))
    assert land["area_km2"].tolist() == [400.0, 100.0]
