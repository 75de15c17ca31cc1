"""Viewsheds from 20 random places on the shared elevation, against GRASS r.viewshed, in one run.

Both see the same grid (SRTM30, equal-area, all of it), over a curved earth with refraction. Ours
is the whole public call, checks and allocation included, best of three. r.viewshed's is the module
inside a running session, in memory: starting the program, reading a raster from the session's
database and writing one are in it, the import and the session's start are not. GRASS
is Debian's grass-core. Agreement is printed twice: over all cells (most of which the earth's curve
hides, whatever the rule), and over the cells that either sees.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
from rasterio.warp import Resampling, calculate_default_transform, reproject

from vallum.kernel.viewshed import viewshed

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "oracles"))
import grass_program

DEM = Path(__file__).parents[2] / "shared" / "data" / "dem_srtm30_1over48deg.tif"
PLACES = 20
RUNS = 3
WGS84_M = 6_378_137.0  # the radius that r.viewshed takes


def elevation(cell_m: float) -> np.ndarray:
    """Read the shared elevation on an equal-area grid; the sea is 0."""
    with rasterio.open(DEM) as file:
        box = file.bounds
        crs = (
            f"+proj=laea +lat_0={(box.top + box.bottom) / 2} "
            f"+lon_0={(box.left + box.right) / 2} +datum=WGS84"
        )
        transform, width, height = calculate_default_transform(
            file.crs, crs, file.width, file.height, *box, resolution=cell_m
        )
        ground = np.full((height, width), np.nan)
        reproject(
            rasterio.band(file, 1),
            ground,
            dst_transform=transform,
            dst_crs=crs,
            dst_nodata=np.nan,
            resampling=Resampling.bilinear,
        )
    return np.nan_to_num(ground, nan=0.0)


def theirs(
    ground: np.ndarray, cell_m: float, places: np.ndarray, options: str
) -> tuple[list[float], list[np.ndarray]]:
    """Seconds and masks of r.viewshed; the first run warms the disk and does not count."""
    script = "\n".join(
        f"""
        start=$EPOCHREALTIME
        r.viewshed -b -c -r --q --o input=ground output=out{number} memory=2000 {options} \
          coordinates={(column + 0.5) * cell_m},{-(row + 0.5) * cell_m}
        echo took $start $EPOCHREALTIME
        r.out.bin -f --q input=out{number} output=out{number}.out null=-1 bytes=8
        """
        for number, (row, column) in [(0, places[0]), *enumerate(places)]
    )
    with tempfile.TemporaryDirectory() as folder:
        said = grass_program.run(Path(folder), {"ground": ground}, script, cell_m)
        masks = [
            grass_program.read(Path(folder), f"out{number}", ground.shape) == 1
            for number in range(len(places))
        ]
    lines = [line.split() for line in said.splitlines() if line.startswith("took")]
    return [float(end) - float(start) for _, start, end in lines[1:]], masks


def compare(cell_m: float, observer_m: float, *, curved: bool = True) -> None:
    """Print one row."""
    ground = elevation(cell_m)
    rng = np.random.default_rng(5)
    land = np.argwhere(ground != 0)
    places = land[rng.choice(len(land), PLACES, replace=False)]
    options = f"observer_elevation={observer_m} target_elevation=2"
    options += "" if curved else " refraction_coeff=1"  # 1 undoes the curve
    peer_s, masks = theirs(ground, cell_m, places, options)
    keep = {"earth": WGS84_M, "refraction": 1 / 7 if curved else 1.0}
    agree, both, ours_s = [], [], []
    for (row, col), mask in zip(places, masks, strict=True):
        fastest = math.inf
        for _ in range(RUNS):
            start = time.perf_counter()
            seen = viewshed(
                ground, cell_m, row=row, col=col, observer_m=observer_m, target_m=2.0, **keep
            )
            fastest = min(fastest, time.perf_counter() - start)
        ours_s.append(fastest)
        agree.append((seen == mask).mean())
        both.append((seen & mask).sum() / (seen | mask).sum())
    rows, cols = ground.shape
    print(
        f"{cell_m / 1000:4.1f} km {rows:5d} x {cols:<5d} {observer_m:6g} {curved!s:>6} "
        f"{min(agree):9.6f} {np.mean(agree):9.6f} {min(both):8.4f} {np.mean(both):8.4f} "
        f"{np.mean(peer_s):9.3f} {np.mean(ours_s):8.4f} {np.mean(ours_s) / np.mean(peer_s):7.4f}"
    )


def main() -> None:
    """Print a row per grid and height of the eye."""
    if not grass_program.found() or not DEM.is_file():
        print("viewshed: not compared, GRASS (grass-core) or ../shared is absent")
        return
    viewshed(np.zeros((3, 3)), 1.0, row=1, col=1, observer_m=1.0, target_m=1.0)  # compiles
    print(f"{PLACES} places, target 2 m; agreement min and mean, mean seconds, ratio ours / theirs")
    print(
        "   grid               eye curved  all: min      mean seen: min    mean  r.viewshed  "
        "ours   ratio"
    )
    compare(2300.0, 10.0)
    compare(2300.0, 300.0)
    compare(2300.0, 10.0, curved=False)
    compare(5000.0, 10.0)


if __name__ == "__main__":
    main()
