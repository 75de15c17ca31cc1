"""A raster of 40,000 × 40,000 pixels is clipped in little memory, and its total is exact."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.windows import Window

SIDE, BLOCK = 40_000, 256
ONTO = Affine(0.00014, 0, -2.8, 0, -0.00014, 17.85)  # 5.6° by 5.6°, pixels of 16 m
READ = """
import importlib.util, json, sys, time
from pathlib import Path
spec = importlib.util.spec_from_file_location("rasters", sys.argv[1])
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)
from vallum.theatre.bring.amounts import read_amount
from vallum.theatre.bring.landcover import read_surface
from vallum.theatre.bring.sections import ClassesLayer, RasterLayer
from vallum.theatre.bring.terrain import read_terrain
import numpy as np
area, path, what = made.make_area(cell_km=10.0), Path(sys.argv[2]), sys.argv[3]
start, out = time.monotonic(), {}
if what == "people":
    found, faults = read_amount(made.layer(path), "population", area, units="people")
    if found:
        out = {"parts": [*found.by_state, found.beyond, found.at_sea, found.outside]}
        out["cells"] = float(found.values.sum())
elif what == "terrain":
    found, faults = read_terrain(RasterLayer(file=(path,), **made.SAID), area)
    out = {"mean": float(found.elevation_m.mean())} if found else {}
else:
    (path.parent / "own.csv").write_text("value,surface\\n0,sand\\n1,soil\\n2,rock\\n3,water\\n")
    layer = ClassesLayer(file=(path,), legend="own.csv", **made.SAID)
    found, faults = read_surface(layer, np.zeros(area.grid.shape, "f4"), None, area)
    out = {"codes": np.bincount(found.code.ravel()).tolist()} if found else {}
out["faults"] = [str(fault) for fault in faults]
out["seconds"] = time.monotonic() - start
# not ru_maxrss: that begins at what the process that started this one had
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
out["rss_mb"] = int(peak.split()[1]) / 1024
print(json.dumps(out))
"""


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """Write 300 blocks at known places; the rest of the file is empty."""
    path = tmp_path_factory.mktemp("big") / "big.tif"
    rng = np.random.default_rng(11)
    across = SIDE // BLOCK
    chosen = rng.choice(across**2, 300, replace=False)
    # on the AAA state, on BBB, and wherever the dice fall
    chosen[:2] = [across * (across // 2) + across // 3, across * (across // 2) + across * 5 // 8]
    total = 0
    with rasterio.open(
        path, "w", driver="GTiff", width=SIDE, height=SIDE, count=1, dtype="uint8", crs=4326,
        transform=ONTO, tiled=True, blockxsize=BLOCK, blockysize=BLOCK, SPARSE_OK=True,
    ) as data:  # fmt: skip
        for number in np.unique(chosen):
            row, col = divmod(int(number), across)
            values = rng.integers(0, 4, (BLOCK, BLOCK), dtype=np.uint8)
            data.write(values, 1, window=Window(col * BLOCK, row * BLOCK, BLOCK, BLOCK))
            total += int(values.sum())
    return path, total


def run(path: Path, what: str) -> dict:
    made = Path(__file__).parent / "fuzz" / "rasters.py"
    done = subprocess.run(
        [sys.executable, "-c", READ, made, path, what], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    out = json.loads(done.stdout)
    assert not out["faults"]
    print(f"\n{what}: {out['seconds']:.0f} s, {out['rss_mb']:.0f} MB at most")
    assert out["rss_mb"] < 1024
    return out


def test_people_are_counted_exactly(big):
    path, total = big
    assert path.stat().st_size < 2**26  # the disk holds what was written, not 1.6 GB
    out = run(path, "people")
    assert sum(out["parts"]) == total
    assert out["cells"] == sum(out["parts"][:2])


def test_terrain_and_land_cover_are_read(big):
    assert 0 <= run(big[0], "terrain")["mean"] < 1
    codes = run(big[0], "landcover")["codes"]
    assert sum(codes) == 3600
    assert codes[1] > 0.9 * (3600 - codes[0])
