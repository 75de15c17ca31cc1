"""Travel times against others': GRASS's manual and programs, scikit-image, scipy."""

from __future__ import annotations

import importlib.util
import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin
from rasterio.warp import Resampling, reproject
from scipy.ndimage import gaussian_filter
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from skimage.graph import MCP_Geometric

from vallum.kernel.paths import TOBLER, WALK, SlopeLaw, travel_time
from vallum.kernel.paths.slope import walk_hours_per_km

_spec = importlib.util.spec_from_file_location(
    "grass_program", Path(__file__).parent / "grass_program.py"
)
grass = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(grass)

# https://github.com/OSGeo/grass/blob/main/raster/r.cost/r.cost.md, section Examples; whole numbers
MANUAL_COST = """
2 2 1 1 5 5 5
2 2 8 8 5 2 1
7 1 1 8 2 2 2
8 7 8 8 8 8 5
8 8 1 1 5 3 9
8 1 1 2 5 3 9
"""
MANUAL_START = (4, 5)
MANUAL_8 = """
22 21 21 20 17 15 14
20 19 22 20 15 12 11
22 18 17 18 13 11 9
21 14 13 12 8 6 6
16 13 8 7 4 0 6
14 9 8 9 6 3 8
"""
MANUAL_16 = """
21 21 20 19 17 15 14
20 19 22 19 15 12 11
22 18 17 17 12 11 9
21 14 13 12 8 6 6
16 13 8 7 4 0 6
14 9 8 9 6 3 8
"""


def matrix(text):
    return np.array([line.split() for line in text.split("\n") if line], float)


@pytest.fixture
def with_grass():
    """Skip where GRASS is not installed, unless it must be."""
    if not grass.found():
        if os.environ.get("VALLUM_REQUIRE_GRASS") == "1":
            pytest.fail("GRASS (grass-core) is required here and absent")
        pytest.skip("GRASS (grass-core) is absent")


def test_the_example_of_the_manual_of_r_cost():
    hours = travel_time(matrix(MANUAL_COST), [MANUAL_START], cell_km=1.0)
    agree = np.floor(hours + 0.5) == matrix(MANUAL_8)  # r.cost rounds halves up
    assert agree.sum() == 42


def test_the_example_of_the_manual_of_r_cost_with_knights_moves():
    hours = travel_time(matrix(MANUAL_COST), [MANUAL_START], cell_km=1.0, neighbours=16)
    agree = np.floor(hours + 0.5) == matrix(MANUAL_16)
    # The manual has the 9 of its other matrix at (5, 3). A knight's move over (4, 4) and (5, 4)
    # makes it (3 + 5 + 5 + 2) / 4 · √5 = 8.39; r.cost -k itself says so (the test below).
    assert np.argwhere(~agree).tolist() == [[5, 3]]
    assert hours[5, 3] == pytest.approx(15 / 4 * math.sqrt(5))


@pytest.mark.usefixtures("with_grass")
@pytest.mark.parametrize(("flag", "neighbours"), [("", 8), ("-k", 16)])
def test_r_cost_on_the_example_of_its_manual(tmp_path, flag, neighbours):
    cost = matrix(MANUAL_COST)
    script = f"""
    r.cost {flag} --q input=cost output=out start_coordinates=5.5,-4.5
    r.out.bin --q input=out output=out.out null=-1 bytes=8
    """
    grass.run(tmp_path, {"cost": cost}, script, 1.0)
    hours = travel_time(cost, [MANUAL_START], cell_km=1.0, neighbours=neighbours)
    assert grass.read(tmp_path, "out", cost.shape) == pytest.approx(hours, rel=1e-12)


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 25),
    st.integers(1, 25),
    st.sampled_from([0.0, 0.1, 1.0, 3.0, 10.0]),
    st.sampled_from([0.0, 0.1, 0.4]),
)
def test_scikit_image_on_random_ground(seed, rows, columns, spread, shut):
    rng = np.random.default_rng(seed)
    cost = np.exp(spread * rng.normal(size=(rows, columns)))
    cost[rng.random(cost.shape) < shut] = np.inf
    sources = [(int(rng.integers(rows)), int(rng.integers(columns))) for _ in range(2)]
    cost[tuple(np.transpose(sources))] = 1.0
    peer = MCP_Geometric(cost, fully_connected=True).find_costs(sources)[0]
    assert travel_time(cost, sources, cell_km=2.0) == pytest.approx(2.0 * peer, rel=1e-12)


def test_scikit_image_on_a_big_grid():
    rng = np.random.default_rng(4)
    cost = np.exp(2 * rng.normal(size=(700, 900)))
    cost[rng.random(cost.shape) < 0.2] = np.inf
    cost[350, 450] = 1.0
    peer = MCP_Geometric(cost, fully_connected=True).find_costs([(350, 450)])[0]
    hours = travel_time(cost, [(350, 450)], cell_km=1.0)
    assert np.isfinite(peer).mean() > 0.7
    np.testing.assert_allclose(hours, peer, rtol=1e-11, atol=0)


def speeds(law, slope, rise_m, level):
    """Hours of a step by the formulas of the literature, one law each."""
    if law is WALK:
        seconds = np.where(rise_m > 0, 6.0 * rise_m, 1.9998 * rise_m)
        seconds = np.where(slope < -0.2125, 1.9998 * -rise_m, seconds)
        return level + seconds / 3600
    hours = level * np.exp(3.5 * np.abs(slope + 0.05)) / np.exp(3.5 * 0.05)
    return np.where(np.abs(slope) > law.limit, np.inf, hours)


def graph(pace, height, cell_km, law):
    """Every step between 8 neighbours as an arc of a sparse matrix, from row to column."""
    rows, columns = pace.shape
    index = np.arange(rows * columns).reshape(pace.shape)
    arcs = []
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            if dy == dx == 0:
                continue
            here = np.s_[max(0, -dy) : rows - max(0, dy), max(0, -dx) : columns - max(0, dx)]
            there = np.s_[max(0, dy) : rows - max(0, -dy), max(0, dx) : columns - max(0, -dx)]
            run_km = cell_km * math.hypot(dy, dx)
            rise = height[there] - height[here]
            level = run_km * (pace[here] + pace[there]) / 2
            hours = speeds(law, rise / (1000 * run_km), rise, level)
            keep = np.isfinite(hours)
            arcs.append((index[here][keep], index[there][keep], hours[keep]))
    tail, head, hours = (np.concatenate(part) for part in zip(*arcs, strict=True))
    return csr_matrix((hours, (tail, head)), shape=(index.size, index.size))


@pytest.mark.parametrize("law", [TOBLER, WALK, replace(TOBLER, limit=0.25)])
@pytest.mark.parametrize("seed", range(4))
def test_scipy_on_directed_graphs(law, seed):
    rng = np.random.default_rng(seed)
    pace = 0.2 * np.exp(rng.random((40, 55)))
    pace[rng.random(pace.shape) < 0.1] = np.inf
    pace[20, 30] = 1.0
    height = 1500 * gaussian_filter(rng.normal(size=pace.shape), 1)
    arcs = graph(pace, height, 1.0, law)
    source = 20 * 55 + 30
    keep = {"cell_km": 1.0, "elevation": height, "law": law}
    for reverse, matrix_ in ((False, arcs), (True, arcs.T.tocsr())):
        peer = dijkstra(matrix_, indices=source).reshape(pace.shape)
        hours = travel_time(pace, [(20, 30)], reverse=reverse, **keep)
        assert hours == pytest.approx(peer, rel=1e-12)
    steep = np.abs(np.diff(height, axis=0)) > 250
    assert 0.02 < steep.mean() < 0.98  # the limit and the steep descents have something to do


def test_scipy_where_slopes_shut_the_ground():
    height = 1000 * np.random.default_rng(7).normal(size=(30, 30))
    law = SlopeLaw(steepness=3.5, best_slope=-0.05, limit=0.9)
    pace = np.ones((30, 30))
    peer = dijkstra(graph(pace, height, 1.0, law), indices=0).reshape(30, 30)
    assert np.isposinf(peer).any()
    hours = travel_time(pace, [(0, 0)], cell_km=1.0, elevation=height, law=law)
    assert hours == pytest.approx(peer, rel=1e-12)


def high_atlas(shared):
    """Read elevation in m on 300 × 300 cells of 1 km around 31.2° N, 7.5° W."""
    height = np.empty((300, 300))
    with rasterio.open(shared / "data" / "dem_srtm30_1over48deg.tif") as file:
        reproject(
            rasterio.band(file, 1),
            height,
            dst_transform=from_origin(-150_000, 150_000, 1000, 1000),
            dst_crs="+proj=laea +lat_0=31.2 +lon_0=-7.5 +datum=WGS84",
            dst_nodata=np.nan,
            resampling=Resampling.cubic,
        )
    assert np.isfinite(height).all()
    return height


@pytest.mark.usefixtures("with_grass")
@pytest.mark.parametrize(("flag", "neighbours"), [("", 8), ("-k", 16)])
def test_r_walk_on_the_high_atlas(shared, tmp_path, flag, neighbours):
    height = high_atlas(shared)
    rng = np.random.default_rng(5)
    friction = np.exp(gaussian_filter(rng.normal(size=height.shape), 4) * 8) / 2
    friction[rng.random(friction.shape) < 0.02] = np.nan
    friction[150, 100] = 0.0
    script = f"""
    r.walk {flag} --q elevation=height friction=friction output=out \
      start_coordinates=100500,-150500 \
      walk_coeff=0.72,6.0,1.9998,-1.9998 slope_factor=-0.2125 lambda=0.5
    r.out.bin --q input=out output=out.out null=-1 bytes=8
    """
    grass.run(tmp_path, {"height": height, "friction": friction}, script, 1000.0)
    peer = grass.read(tmp_path, "out", height.shape) / 3600
    pace = walk_hours_per_km(friction, weight=0.5)
    hours = travel_time(
        np.where(np.isnan(pace), np.inf, pace),
        [(150, 100)],
        cell_km=1.0,
        elevation=height,
        law="walk",
        neighbours=neighbours,
    )
    assert (np.isfinite(hours) == np.isfinite(peer)).all()
    reached = np.isfinite(peer) & (peer > 0)
    assert reached.mean() > 0.95
    worst = np.abs(hours[reached] / peer[reached] - 1).max()
    print(f"r.walk {flag}: largest difference {worst:.1e} of the time")
    assert worst < 1e-9
    slope = np.diff(height, axis=0) / 1000
    assert (slope < -0.2125).sum() > 20  # steep descents are there
    level = travel_time(
        np.where(np.isnan(pace), np.inf, pace), [(150, 100)], cell_km=1.0, neighbours=neighbours
    )
    assert np.median(peer[reached] / level[reached]) > 1.01  # and slopes matter
