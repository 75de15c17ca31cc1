"""Viewsheds against GRASS's r.viewshed."""

from __future__ import annotations

import importlib.util
import math
import os
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from rasterio.warp import Resampling, reproject
from scipy.ndimage import gaussian_filter

from vallum.kernel.viewshed import viewshed

_spec = importlib.util.spec_from_file_location(
    "grass_program", Path(__file__).parent / "grass_program.py"
)
grass = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(grass)

WGS84_M = 6_378_137.0  # r.viewshed takes the ellipsoid's long axis for its radius


@pytest.fixture
def with_grass():
    """Skip where GRASS is not installed, unless it must be."""
    if not grass.found():
        if os.environ.get("VALLUM_REQUIRE_GRASS") == "1":
            pytest.fail("GRASS (grass-core) is required here and absent")
        pytest.skip("GRASS (grass-core) is absent")


def r_viewshed(folder, ground, cell_m, places, flags, settings):
    """Run r.viewshed from each (row, column); stacked masks."""
    runs = [
        f"""
        r.viewshed -b {flags} --q input=ground output=out{number} {settings} memory=2000 \
          coordinates={(column + 0.5) * cell_m},{-(row + 0.5) * cell_m}
        r.out.bin -f --q input=out{number} output=out{number}.out null=-1 bytes=8
        """
        for number, (row, column) in enumerate(places)
    ]
    grass.run(folder, {"ground": ground}, "\n".join(runs), cell_m)
    return np.stack(
        [grass.read(folder, f"out{number}", ground.shape) == 1 for number in range(len(places))]
    )


def held(ours, theirs):
    """Share of cells that agree, and of those in sight in either that are in both."""
    return (ours == theirs).mean(), (ours & theirs).sum() / (ours | theirs).sum()


@pytest.mark.usefixtures("with_grass")
@pytest.mark.parametrize("smooth", [0, 1, 4])
@pytest.mark.parametrize(
    ("flags", "earth", "refraction"),
    [("", math.inf, 0.0), ("-c", WGS84_M, 0.0), ("-c -r", WGS84_M, 1 / 7)],
)
def test_r_viewshed_on_random_ground(tmp_path, smooth, flags, earth, refraction):
    rng = np.random.default_rng(smooth)
    ground = gaussian_filter(rng.normal(size=(90, 120)), smooth) * (10 + 40 * smooth)
    places = [(45, 60), (0, 0), (89, 17), (20, 119), (33, 70), (60, 40)]
    settings = "observer_elevation=10 target_elevation=2 max_distance=9000"
    theirs = r_viewshed(tmp_path, ground, 150.0, places, flags, settings)
    ours = np.stack(
        [
            viewshed(
                ground, 150.0, row=row, col=col, observer_m=10, target_m=2, max_m=9000,
                earth=earth, refraction=refraction,
            )
            for row, col in places
        ]
    )  # fmt: skip
    agree, both = held(ours, theirs)
    print(f"smooth {smooth}, flags {flags}: {agree:.5f} of cells agree, {both:.4f} of those seen")
    assert agree > 0.999
    # r.viewshed runs the angle, not the slope, along its cells: beside the eye, on ground whose
    # neighbours have nothing to do with each other, that tells
    assert both > (0.98 if smooth else 0.94)
    assert 0.005 < theirs.mean() < 0.9


@pytest.mark.usefixtures("with_grass")
@pytest.mark.parametrize(("observer_m", "refraction"), [(10.0, 1 / 7), (300.0, 0.25)])
def test_r_viewshed_on_the_adrar(shared, tmp_path, observer_m, refraction):
    ground = np.empty((240, 240))
    cell = 2300.0
    with rasterio.open(shared / "data" / "dem_srtm30_1over48deg.tif") as file:
        reproject(
            rasterio.band(file, 1),
            ground,
            dst_transform=from_origin(-120 * cell, 120 * cell, cell, cell),
            dst_crs="+proj=laea +lat_0=20.5 +lon_0=-11 +datum=WGS84",
            dst_nodata=np.nan,
            resampling=Resampling.bilinear,
        )
    assert np.isfinite(ground).all()
    rng = np.random.default_rng(11)
    places = [tuple(map(int, rng.integers(40, 200, 2))) for _ in range(6)]
    settings = f"observer_elevation={observer_m} target_elevation=2 refraction_coeff={refraction}"
    theirs = r_viewshed(tmp_path, ground, cell, places, "-c -r", settings)
    ours = np.stack(
        [
            viewshed(
                ground, cell, row=row, col=col, observer_m=observer_m, target_m=2, earth=WGS84_M,
                refraction=refraction,
            )
            for row, col in places
        ]
    )  # fmt: skip
    agree, both = held(ours, theirs)
    print(f"eye at {observer_m:g} m: {agree:.6f} of cells agree, {both:.4f} of those seen")
    assert agree > 0.999
    assert both > 0.98  # nearly all is hidden by the curve, which proves little
    assert theirs.sum() > 500
