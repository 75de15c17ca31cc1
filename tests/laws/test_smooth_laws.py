"""The drawn line: no cell changes side, nothing crosses, and it is as long as the cut says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from vallum.kernel.grid import Grid
from vallum.kernel.territory import instance
from vallum.line.course import follow
from vallum.line.smooth import drawn
from vallum.line.stretches import posts, stretches


def grid_of(shape):
    return Grid(
        rows=shape[0], cols=shape[1], cell_km=10.0, west_m=-3e5, north_m=2e5, crs="EPSG:6933"
    )


def traced(held, flank):
    """Follow and draw a territory on plain ground."""
    ones = np.ones(held.shape)
    problem = instance(np.where(flank < 1, np.nan, 1.0), ones, ones, cell_km=10.0, flank=flank)
    grid = grid_of(held.shape)
    course = follow(problem, held, flank, grid)
    return course, drawn(held, course.runs, course.shares, grid), grid


def blobs(seed, rough):
    """Make random land with holes, islands and corners that touch, beside some sea."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(8, 40, 2))
    field = ndimage.gaussian_filter(rng.normal(size=shape), rough)
    held = field > np.quantile(field, rng.uniform(0.3, 0.8))
    flank = np.ones(shape)
    flank[ndimage.gaussian_filter(rng.normal(size=shape), 3) > 0.08] = 0.0  # the sea
    held &= flank > 0
    held[:2] = held[-2:] = held[:, :2] = held[:, -2:] = False
    return held, flank


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.6, 1.5, 3.0]))
def test_no_cell_changes_side_and_nothing_crosses(seed, rough):
    held, flank = blobs(seed, rough)
    _, art, grid = traced(held, flank)
    land = art.territory.geometry.to_numpy()
    assert shapely.is_valid(land).all()
    whole = shapely.union_all(land)
    rest = shapely.box(*grid.bounds).difference(whole)
    assert shapely.coverage_is_valid(np.array([*land, *shapely.get_parts(rest)]))
    x, y = np.meshgrid(grid.x, grid.y)
    assert (shapely.contains_xy(whole, x, y) == held).all()
    assert art.territory["area_km2"].sum() == held.sum() * 100.0
    lines = np.array([shapely.LineString(path) for path in art.paths])
    assert shapely.is_simple(lines).all()
    for n, line in enumerate(lines):
        assert not shapely.crosses(line, lines[n + 1 :]).any()
    # the line is part of the land's own boundary
    edge = shapely.buffer(shapely.union_all(shapely.boundary(land)), 1e-3)
    assert shapely.covers(edge, lines).all()


@pytest.mark.parametrize("radius", [8.0, 15.3, 30.0])
def test_a_circle_is_as_long_as_its_cut_and_nearly_round(radius):
    y, x = np.mgrid[:70, :70] - 34.6
    held = np.hypot(x, y) < radius
    course, art, _ = traced(held, np.ones(held.shape))
    cut = course.shares[0].length_km.sum()
    assert shapely.LineString(art.paths[0]).length / 1000.0 == pytest.approx(cut, rel=1e-9)
    (land,) = art.territory.geometry
    assert land.area / 1e6 == pytest.approx(np.pi * (10.0 * radius) ** 2, rel=0.03)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_lines_around_land_seven_cells_wide_are_as_long_as_the_cut(seed):
    """Narrower land is read short by the weights of the cut, and no drawing can be so short."""
    rng = np.random.default_rng(seed)
    field = ndimage.gaussian_filter(rng.normal(size=(60, 60)), 5)
    held = field > np.quantile(field, rng.uniform(0.4, 0.7))
    held[:4] = held[-4:] = held[:, :4] = held[:, -4:] = False
    y, x = np.mgrid[-3:4, -3:4]
    disc = np.hypot(x, y) <= 3.2
    held = ndimage.binary_opening(~ndimage.binary_opening(~held, disc), disc)
    course, art, _ = traced(held, np.ones(held.shape))
    cut = sum(float(share.length_km.sum()) for share in course.shares)
    length = sum(shapely.LineString(path).length for path in art.paths) / 1000.0
    assert length == pytest.approx(cut, rel=0.01)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_stretches_and_posts_add_up_to_the_line(seed):
    held, flank = blobs(seed, 1.5)
    course, art, grid = traced(held, flank)
    rng = np.random.default_rng(seed)
    names = {key: rng.choice(["a", "b"], held.size) for key in ("state", "composition", "surface")}
    labels = pd.DataFrame(names)
    pieces = stretches(course.runs, course.shares, art.paths, labels, grid)
    marks = posts(course.runs, course.shares, art.paths, grid)
    for n, (share, path) in enumerate(zip(course.shares, art.paths, strict=True)):
        own = pieces[pieces["line"] == n]
        assert own["length_km"].sum() == pytest.approx(share.length_km.sum())
        assert own["cost_usd_yr"].sum() == pytest.approx(share.cost_usd_yr.sum())
        assert (own["from_km"].to_numpy()[1:] == own["to_km"].to_numpy()[:-1]).all()
        whole = shapely.LineString(path)
        assert own.length.sum() == pytest.approx(whole.length)
        here = marks[marks["line"] == n]
        assert len(here) == np.ceil(share.length_km.sum() / 10.0)
        assert shapely.distance(whole, here.geometry.to_numpy()).max() < 1e-6
    kinds = ["state", "facing", "surface", "composition"]
    same = (pieces[kinds].to_numpy()[1:] == pieces[kinds].to_numpy()[:-1]).all(axis=1)
    assert not (same & (pieces["line"].to_numpy()[1:] == pieces["line"].to_numpy()[:-1])).any()


def test_two_cells_that_touch_at_a_corner_stay_two_pieces():
    held = np.zeros((8, 8), bool)
    held[3, 3] = held[4, 4] = True
    course, art, _ = traced(held, np.ones(held.shape))
    assert len(art.territory) == len(course.runs) == 2
    assert not shapely.intersects(*art.territory.geometry)


def test_nothing_held_draws_nothing():
    held = np.zeros((6, 6), bool)
    _, art, _ = traced(held, np.ones(held.shape))
    assert art.paths == ()
    assert len(art.territory) == 0
