"""Damaged rasters: every one is refused with a fault, or read as GDAL reads it."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import rasterio
import shapely
from affine import Affine

from vallum.kernel.grid import Grid
from vallum.theatre.bring.amounts import read_amount
from vallum.theatre.bring.area import Area
from vallum.theatre.bring.landcover import read_climate
from vallum.theatre.bring.sections import AmountLayer, ClassesLayer, RasterLayer
from vallum.theatre.bring.terrain import read_terrain
from vallum.theatre.states import states

LAEA = "+proj=laea +lat_0=15 +lon_0=0 +datum=WGS84 +units=m +no_defs"
SAID = {"source": "s", "licence": "l", "address": "a", "date": "d"}
LIMIT_S = 20.0  # of one case, on a busy machine
LANDS = {  # edges at no round degree: no centre of a pixel lies on one
    "AAA": [(-2.003, 13.207), (0.0131, 13.307), (0.1231, 16.707), (-1.803, 16.807)],
    "BBB": [(0.0131, 13.307), (1.3711, 13.107), (1.4711, 16.607), (0.1231, 16.707)],
    "": [(1.3711, 13.107), (2.2017, 13.207), (2.2117, 16.407), (1.4711, 16.607)],
}


def make_area(cell_km: float = 20.0, side_km: float = 600.0) -> Area:
    """Lay two states, other land in the east, and the sea round them."""
    cells = round(side_km / cell_km)
    grid = Grid(LAEA, -side_km * 500, side_km * 500, cell_km, cells, cells)
    borders = gpd.GeoDataFrame(
        {"iso3": list(LANDS), "name": list(LANDS)},
        geometry=[shapely.Polygon(ring) for ring in LANDS.values()],
        crs=4326,
    )
    dense = borders.iloc[:2].segmentize(0.1).to_crs(LAEA)
    state = states(dense, grid)
    reach = np.linspace(-side_km * 500 - cell_km * 1000, side_km * 500 + cell_km * 1000, 41)
    lon, lat = pyproj.Transformer.from_crs(LAEA, 4326, always_xy=True).transform(
        *np.meshgrid(reach, reach)
    )
    none = gpd.GeoDataFrame({"iso3": [], "name": []}, geometry=[], crs=4326)
    bounds = (lon.min(), lat.min(), lon.max(), lat.max())
    empty = np.full(grid.shape, -1, np.int16)
    today = dt.date(2026, 1, 1)
    return Area(grid, bounds, ("AAA", "BBB"), ("AAA", "BBB"), borders, state, none, empty, today)


def write(path: Path, values: np.ndarray, transform: Affine, crs: object = 4326, **more) -> Path:
    """Write a GeoTIFF of one band."""
    rows, cols = values.shape
    more = {"nodata": None, **more}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(
            path, "w", driver="GTiff", width=cols, height=rows, count=1,
            dtype=values.dtype, crs=crs, transform=transform, **more,
        ) as data:  # fmt: skip
            data.write(values, 1)
    return path


def layer(*paths: Path, **more) -> AmountLayer:
    """Say what a config would."""
    return AmountLayer(file=tuple(paths), **{"values": "count", **SAID, **more})


def bases(folder: Path) -> list[bytes]:
    """Make sound rasters of several systems and types, each covering the land."""
    rng = np.random.default_rng(5)
    people = rng.integers(0, 90, (60, 60))
    degrees = Affine(0.0901, 0, -2.7, 0, -0.0901, 17.7)
    north = Affine(10_100, 0, 510_000, 0, -10_100, 1_990_000)
    web = Affine(10_300, 0, -303_000, 0, -10_300, 2_003_000)
    kinds = [
        (people.astype("float32"), degrees, 4326, {}),
        (people.astype("int16"), degrees, 4326, {"nodata": -1}),
        (people.astype("float64"), web, 3857, {"tiled": True, "blockxsize": 16, "blockysize": 16}),
        (people.astype("uint8"), degrees, 4326, {"compress": "lzw", "nodata": 255}),
        (people.astype("float32"), degrees, 4326, {"compress": "deflate", "predictor": 3}),
        (people.astype("int32"), web, 3857, {"compress": "packbits"}),
        (people.astype("uint16"), north, 32630, {"compress": "deflate"}),
    ]
    out = []
    for number, (values, transform, crs, more) in enumerate(kinds):
        path = write(folder / f"base{number}.tif", values, transform, crs, **more)
        out.append(path.read_bytes())
    return out


def damage(sound: bytes, dice: random.Random) -> bytes:
    """Damage a file in one of six ways."""
    data = bytearray(sound)
    kind = dice.randrange(6)
    place = dice.randrange(len(data))
    header = dice.randrange(min(600, len(data) - 8))
    if kind == 0:
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    elif kind == 1:
        del data[place:]
    elif kind == 2:
        data[place:place] = dice.randbytes(dice.randint(1, 64))
    elif kind == 3:
        del data[place : place + dice.randint(1, 64)]
    elif kind == 4:
        value = dice.choice([0, 1, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**32 - 1, 40_000])
        data[header : header + 4] = value.to_bytes(4, "little")
    else:
        data[header] = dice.randrange(256)
    return bytes(data)


def expected(path: Path, area: Area) -> tuple[float, bool] | None:
    """Sum a raster by rasterio alone, and say whether all of it is near the theatre."""
    try:
        with rasterio.Env(), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            with rasterio.open(path) as data:
                values = data.read(1, masked=True).astype("float64").filled(np.nan)
                values = values * data.scales[0] + data.offsets[0]
                edge = np.linspace(0, 1, 21)
                col, row = np.meshgrid(edge * data.width, edge * data.height)
                x, y = (
                    data.transform @ (col.ravel(), row.ravel())
                    if hasattr(Affine, "__matmul__")
                    else data.transform * (col.ravel(), row.ravel())
                )
                to_earth = pyproj.Transformer.from_crs(data.crs.to_wkt(), 4326, always_xy=True)
                lon, lat = to_earth.transform(x, y)
    except (rasterio.errors.RasterioError, OSError, ValueError, pyproj.exceptions.CRSError):
        return None
    west, south, east, north = area.bounds
    whole = (lon > west) & (lon < east) & (lat > south) & (lat < north)
    return float(values[np.isfinite(values) & (values > 0)].sum()), bool(whole.all())


def unsure(path: Path) -> bool:
    """Say whether GDAL fills a part of the raster with whatever its memory holds.

    It does so with some deflate blocks whose header was changed; memory that is filled with
    two patterns shows it.
    """
    script = (
        "import hashlib, rasterio, sys, warnings; warnings.simplefilter('ignore');"
        "print(hashlib.md5(rasterio.open(sys.argv[1]).read(1).tobytes()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", script, str(path)],
            env={**os.environ, "MALLOC_PERTURB_": pattern},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for pattern in ("85", "170")
    }
    return len(seen) > 1


def check(path: Path, area: Area) -> str:
    """Read one damaged file; anything but a fault or the same total is a failure."""
    start = time.monotonic()
    amount, faults = read_amount(layer(path), "population", area, units="people")
    took = time.monotonic() - start
    assert took < LIMIT_S, f"{took:.0f} s"
    assert (amount is None) == bool(faults)
    if amount is None:
        assert all(fault.found and fault.mend for fault in faults)
        return "refused"
    total = amount.by_state.sum() + amount.beyond + amount.at_sea + amount.outside
    assert np.isclose(amount.values.sum(), amount.by_state.sum(), rtol=1e-9)
    found = expected(path, area)
    if found is None:
        return "read, and not by rasterio whole"
    same = np.isclose(total, found[0], rtol=1e-9) if found[1] else total <= found[0] * (1 + 1e-9)
    if not same:
        assert unsure(path), (total, found)
        return "GDAL reads it differently each time"
    return "read, the same total" if found[1] else "read, a part of it"


def check_others(path: Path, area: Area) -> None:
    """Read the same file as heights and as classes: a fault, or numbers that are some."""
    start = time.monotonic()
    terrain, faults = read_terrain(RasterLayer(file=(path,), **SAID), area)
    assert (terrain is None) == bool(faults)
    if terrain is not None:
        for layer_ in (terrain.elevation_m, terrain.relief_m, terrain.slope):
            assert np.isfinite(layer_).all()
    classes = ClassesLayer(file=(path,), legend="koppen-rubel", **SAID)
    cover, faults = read_climate(classes, area)
    assert (cover is None) == bool(faults)
    took = time.monotonic() - start
    assert took < LIMIT_S, f"{took:.0f} s"


def fuzz_rasters(n: int, seed: int) -> dict[str, int]:
    """Damage and read `n` files; gives how they ended, and fails at the first wrong one."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    area = make_area()
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sound = bases(folder)
        path = folder / "damaged.tif"
        for number in range(n):
            data = damage(dice.choice(sound), dice)
            path.write_bytes(data)
            try:
                tally[check(path, area)] += 1
                if number % 3 == 0:
                    check_others(path, area)
            except Exception as error:
                error.add_note(f"case {number} of seed {seed}")
                raise
    return dict(sorted(tally.items()))
