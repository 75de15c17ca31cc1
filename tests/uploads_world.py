"""What people bring to the service, good and nasty: made here for tests of uploads."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import struct
import warnings
import zipfile

import geopandas as gpd
import pytest

from vallum.app.settings import Quotas
from vallum.app.uploads import door
from vallum.errors import InputError
from vallum.kernel.grid import Grid

PLANE = "+proj=laea +lat_0=18.5 +lon_0=-6.5 +datum=WGS84 +units=m +no_defs"
GRID = Grid(PLANE, -1_300_000.0, 1_125_000.0, 10.0, 220, 260)
QUOTAS = Quotas(upload_bytes=8_000_000, most_listed=3)
LINE = [(-10.0, 14.0), (-8.0, 14.5), (-6.25, 15.125)]
AREA = [(-10.0, 14.0), (-8.0, 14.0), (-8.0, 15.0)]
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;">]><gml:FeatureCollection>&lol2;</gml:FeatureCollection>"""


def drawn(name, data, quotas=QUOTAS):
    return door.drawn(name, data, quotas, lambda: GRID)


def refused(call, *args):
    """Give what a refusal says; each fault must say how to mend it."""
    with pytest.raises(InputError) as caught:
        call(*args)
    assert all(one.mend and one.found for one in caught.value.faults)
    return str(caught.value)


def checked(name, data):
    """Give what the check says of a file that can't be used."""
    found = door.check(name, data, QUOTAS.upload_bytes)
    assert found.faults
    assert all(one.mend for one in found.faults)
    return " ".join(map(str, found.faults))


def text(*geometries, **more):
    features = [{"type": "Feature", "properties": {"name": "Kayes"}, "geometry": one}
                for one in geometries]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", **more, "features": features}).encode()


def of(kind, coordinates):
    return {"type": kind, "coordinates": coordinates}


def packed(folder, geometry, crs=4326, **more):
    """Write a GeoPackage as QGIS does: by GDAL."""
    path = folder / f"made{len(list(folder.iterdir()))}.gpkg"
    frame = gpd.GeoDataFrame({"name": ["Kayes"]}, geometry=[geometry], crs=4326).to_crs(crs)
    frame.to_file(path, driver="GPKG", layer="drawn", **more)
    return path


def altered(path, *statements):
    """Change a GeoPackage behind its program's back."""
    base = sqlite3.connect(path)
    # the index on the ground has triggers that need functions of GDAL's
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        base.execute(f'DROP TRIGGER "{name}"')
    for one in statements:
        base.execute(*((one,) if isinstance(one, str) else one))
    base.commit()
    base.close()
    return path.read_bytes()


def archive(*members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, data in members:
            made.writestr(name, data)
    return held.getvalue()


def link(name):
    made = zipfile.ZipInfo(name)
    made.create_system, made.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return made


def bomb_42(levels=3):
    """Pack sixteen archives of sixteen archives, and so on, of zeros."""
    data = archive(("0", bytes(4_000_000)))
    for _ in range(levels):
        data = archive(*((f"lib {n}.zip", data) for n in range(16)))
    return data


def overlapping(members=200):
    """Let every entry of the list mean the same bytes, as in a bomb without archives in it."""
    data = archive(("0", bytes(900_000)))
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[start:end]
    size = len(entry) * members
    return (
        data[:start]
        + entry * members
        + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, members, members, size, start, 0)
    )


def tiff(width, height, *, big=False, bands=1, after=0):
    """Write the header of a TIFF whose pixels are left out."""
    tags = ((256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 32), (277, 3, 1, bands))
    if big:
        head = struct.pack("<2sHHHQQ", b"II", 43, 8, 0, 16, len(tags))
        return (
            head + b"".join(struct.pack("<HHQQ", *one) for one in tags) + struct.pack("<Q", after)
        )
    head = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    return head + b"".join(struct.pack("<HHII", *one) for one in tags) + struct.pack("<I", after)
