"""Damaged vector files: every one is refused with a fault, or read as GDAL reads it."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from vallum.theatre.bring.sections import VectorLayer
from vallum.theatre.bring.vectors import read_vector

SAID = {"source": "s", "licence": "l", "address": "a", "date": "d"}
POLYGONS = ("Polygon", "MultiPolygon")
FORMATS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf"}


def squares() -> gpd.GeoDataFrame:
    """Make two states."""
    return gpd.GeoDataFrame(
        {"code": ["AAA", "BBB"]},
        geometry=[shapely.box(0, 10, 2, 12), shapely.box(2, 10, 4, 12)],
        crs=4326,
    )


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Damage a file in one to four places: bits, cuts, repeats, foreign bytes."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(max(1, len(out)))
        kind = rng.choice(["flip", "cut", "repeat", "zero", "digit", "insert"])
        if kind == "flip":
            out[at] ^= 1 << rng.randrange(8)
        elif kind == "cut":
            del out[at : at + rng.choice([1, 8, 64, len(out)])]
        elif kind == "repeat":
            out[at:at] = out[at : at + rng.choice([1, 8, 64])]
        elif kind == "zero":
            out[at : at + 8] = b"\0" * min(8, len(out) - at)
        elif kind == "digit":
            out[at : at + 1] = str(rng.randrange(10)).encode()
        else:
            out[at:at] = rng.randbytes(rng.choice([1, 4, 16]))
        if not out:
            return b""
    return bytes(out)


def fuzz_vectors(n: int, seed: int) -> dict[str, int]:
    """Read damaged files of every format; count what came of them.

    What is read must be what GDAL itself reads of the same bytes: as many features and the same
    area, and nothing that is no number.
    """
    rng = random.Random(seed)  # noqa: S311 - no secret
    folder = Path(tempfile.mkdtemp(prefix="vectors"))
    good = {}
    for end, driver in FORMATS.items():
        path = folder / f"good{end}"
        squares().to_file(path, driver=driver)
        good[end] = path.read_bytes()
    tally = {"faults": 0, "read": 0}
    for number in range(n):
        end = rng.choice(list(FORMATS))
        path = folder / f"bad{end}"
        if end == ".shp":  # its parts lie beside it
            for part in (".shx", ".dbf", ".prj"):
                path.with_suffix(part).write_bytes(
                    path.with_stem("good").with_suffix(part).read_bytes()
                )
        path.write_bytes(mutated(good[end], rng))
        frame, found = read_vector(
            VectorLayer(file=(path,), **SAID), "b", kinds=POLYGONS, columns=("code",)
        )
        if frame is None:
            assert found, (seed, number)
            tally["faults"] += 1
            continue
        tally["read"] += 1
        plain = pyogrio.read_dataframe(path, columns=["code"], force_2d=True)
        assert len(frame) == len(plain), (seed, number)
        plain = plain.to_crs(4326)  # damage can name another CRS, which is then the file's
        held = shapely.area(shapely.make_valid(plain.geometry.to_numpy())).sum()
        assert np.isclose(shapely.area(frame.geometry.to_numpy()).sum(), held), (seed, number)
    return tally
