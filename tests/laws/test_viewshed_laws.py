"""What must hold of every viewshed."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from vallum.kernel.horizon import Eye, free
from vallum.kernel.viewshed import viewshed

CELL_M = 200.0


@st.composite
def grounds(draw):
    """Draw ground of any roughness, and a cell of it."""
    rows, cols = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    smooth = draw(st.sampled_from([0.0, 1.0, 4.0]))
    ground = draw(st.sampled_from([0.0, 3.0, 100.0])) * gaussian_filter(
        rng.normal(size=(rows, cols)), smooth
    )
    return ground, draw(st.integers(0, rows - 1)), draw(st.integers(0, cols - 1))


heights = st.sampled_from([0.0, 2.0, 10.0, 300.0, 5000.0])
earths = st.sampled_from([math.inf, 6.371e6, 1e4])


def rays(ground, row, col, observer_m, target_m, earth):
    """Look at every cell that the ray to each cell crosses."""
    fall = (1 - 1 / 7) / (2 * earth) * CELL_M**2
    eye = Eye(ground, row, col, float(ground[row, col]) + observer_m, fall)
    seen = np.ones(ground.shape, bool)
    for r, c in np.argwhere(seen):
        away = math.hypot(r - row, c - col)
        if away:
            drop = ground[r, c] - eye.height - fall * ((r - row) ** 2 + (c - col) ** 2)
            away = math.sqrt((r - row) ** 2 + (c - col) ** 2)
            seen[r, c] = free(eye, r, c, drop / away + target_m / away)
    return seen


@settings(max_examples=150, deadline=None)
@given(grounds(), heights, heights, earths)
def test_the_pass_gives_what_the_rays_give(case, observer_m, target_m, earth):
    ground, row, col = case
    keep = {"row": row, "col": col, "observer_m": observer_m, "target_m": target_m}
    seen = viewshed(ground, CELL_M, earth=earth, **keep)
    assert (seen == rays(ground, row, col, observer_m, target_m, earth)).all()


@settings(max_examples=150, deadline=None)
@given(grounds(), heights, heights, st.floats(0.1, 500.0), earths)
def test_a_higher_eye_or_target_sees_no_less(case, observer_m, target_m, more, earth):
    ground, row, col = case
    keep = {"cell_m": CELL_M, "row": row, "col": col, "earth": earth}
    seen = viewshed(ground, observer_m=observer_m, target_m=target_m, **keep)
    for higher in (
        {"observer_m": observer_m + more, "target_m": target_m},
        {"observer_m": observer_m, "target_m": target_m + more},
    ):
        assert not (seen & ~viewshed(ground, **higher, **keep)).any()


@settings(max_examples=100, deadline=None)
@given(grounds(), heights, st.floats(100.0, 5000.0))
def test_a_limit_takes_away_what_lies_beyond_it_and_nothing_else(case, observer_m, max_m):
    ground, row, col = case
    keep = {"cell_m": CELL_M, "row": row, "col": col, "observer_m": observer_m, "target_m": 2.0}
    rows, cols = np.indices(ground.shape)
    near = (rows - row) ** 2 + (cols - col) ** 2 <= (max_m / CELL_M) ** 2
    assert (viewshed(ground, max_m=max_m, **keep) == (viewshed(ground, **keep) & near)).all()


@settings(max_examples=60, deadline=None)
@given(grounds(), heights)
def test_more_refraction_sees_no_less(case, observer_m):
    ground, row, col = case
    keep = {"cell_m": CELL_M, "row": row, "col": col, "earth": 1e5}
    seen = [
        viewshed(ground, observer_m=observer_m, target_m=2.0, refraction=part, **keep)
        for part in (0.0, 1 / 7, 0.25, 1.0)
    ]
    assert all(not (less & ~more).any() for less, more in itertools.pairwise(seen))
