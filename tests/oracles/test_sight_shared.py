"""Ground that is made up against real ground of the same relief, SRTM30 in cells of 2.3 km."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from rasterio.warp import Resampling, reproject
from scipy import ndimage

from vallum.works.sight.rings import look_around, rings
from vallum.works.sight.terrain import FLOOR_M, HURST
from vallum.works.sight.texture import relief_of, texture

CELL_M = 2317.0  # four make the theatre's box of 9.3 km
BOX = 4
KM = (8.0, 12.0, 16.0, 20.0, 24.0, 32.0)
HEIGHTS_M = (10.0, 50.0)


@pytest.fixture(name="sahel_m", scope="module")
def _sahel_m(shared):
    """Elevation in m around 18° N, 5° W, NaN at sea, 900 cells square."""
    ground = np.empty((900, 900))
    corner = 450 * CELL_M
    with rasterio.open(shared / "data" / "dem_srtm30_1over48deg.tif") as file:
        reproject(
            rasterio.band(file, 1),
            ground,
            dst_transform=from_origin(-corner, corner, CELL_M, CELL_M),
            dst_crs="+proj=laea +lat_0=18 +lon_0=-5 +datum=WGS84",
            dst_nodata=np.nan,
            resampling=Resampling.bilinear,
        )
    return ground


def relief(ground):
    """Highest less lowest of 3 × 3 boxes' means around each cell."""
    means = ndimage.uniform_filter(ground, BOX)
    shifts = [np.roll(means, (a, b), (0, 1)) for a in (-BOX, 0, BOX) for b in (-BOX, 0, BOX)]
    return np.max(shifts, axis=0) - np.min(shifts, axis=0)


def inland(ground):
    return ndimage.minimum_filter(np.isfinite(ground).astype(np.uint8), 45, mode="constant") > 0


def test_the_ground_is_as_rough_at_small_scales_as_assumed(sahel_m):
    ground = np.nan_to_num(sahel_m)
    high, inside = relief(ground), inland(sahel_m)
    for low, top in ((0, 14), (14, 42), (42, 84), (84, 140), (140, 280), (280, 560)):
        mine = inside & (high >= low) & (high < top)
        one, four = (
            np.mean([((np.roll(ground, -d, axis) - ground)[mine] ** 2).mean() for axis in (0, 1)])
            for d in (1, 4)
        )
        exponent = np.log(four / one) / np.log(4) / 2
        print(f"relief {low} to {top} m: {mine.sum()} cells, exponent {exponent:.2f}")
        assert HURST.low <= exponent <= HURST.high


def test_hardly_any_ground_is_flatter_than_the_floor(sahel_m):
    high = relief(np.nan_to_num(sahel_m))[inland(sahel_m)]
    share = (high < FLOOR_M.low).mean()
    print(f"{share:.4f} of the ground has less relief than {FLOOR_M.low} m")
    assert 0 < share < 0.03


@pytest.mark.parametrize(("low", "top", "most"), [(14, 42, 0.12), (42, 84, 0.15), (140, 280, 0.2)])
def test_as_much_is_seen_as_on_real_ground_of_that_relief(sahel_m, low, top, most):
    ground = np.nan_to_num(sahel_m)
    high, around = relief(ground), rings(KM, CELL_M)
    rng = np.random.default_rng(0)
    places = np.argwhere(inland(sahel_m) & (high >= low) & (high < top))
    metres = high[tuple(places.T)].mean()
    chosen = places[rng.choice(len(places), 120, replace=False)]
    real = np.mean(
        [look_around(ground, tuple(at), CELL_M, around, HEIGHTS_M, 2.0, 1 / 7) for at in chosen],
        axis=0,
    )
    made = []
    for seed in range(60):
        piece = texture(np.random.default_rng(seed), HURST.mode, 256)
        piece = ndimage.uniform_filter(piece, 4, mode="wrap")[::4, ::4]  # means, as real cells are
        piece = piece * metres / relief_of(piece, BOX)
        made.append(look_around(piece, (32, 32), CELL_M, around, HEIGHTS_M, 2.0, 1 / 7))
    apart = np.mean(made, axis=0) - real
    print(f"relief {metres:.0f} m, seen: made-up less real {apart[0].round(2).tolist()}")
    print(f"relief {metres:.0f} m, covered: made-up less real {apart[1].round(2).tolist()}")
    assert np.abs(apart[0].mean(axis=1)).max() < most
    # real ground lies in steps and flats, so more of it is seen
    assert apart[0].mean() < 0.02
