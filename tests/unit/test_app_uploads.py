"""Files that are brought: good ones are read, and nothing nasty does more than be refused."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import struct
import subprocess
import sys
import tomllib
import warnings
import zipfile
import zlib
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import vallum
from vallum.app.api import create_api, uploads
from vallum.app.model import User
from vallum.app.settings import Quotas
from vallum.app.toml_keys import too_deep
from vallum.app.uploads import door, name_faults, process
from vallum.app.uploads.archive import archive_faults
from vallum.app.uploads.raster import raster_size
from vallum.app.uploads.reader.geojson import geojson
from vallum.app.uploads.reader.geopackage import geopackage
from vallum.app.uploads.reader.parts import BadError
from vallum.errors import InputError
from vallum.kernel.grid import Grid

with warnings.catch_warnings():  # it would rather have another client than is there
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PLANE = "+proj=laea +lat_0=18.5 +lon_0=-6.5 +datum=WGS84 +units=m +no_defs"
GRID = Grid(PLANE, -1_300_000.0, 1_125_000.0, 10.0, 220, 260)
QUOTAS = Quotas(upload_bytes=8_000_000, most_listed=3)
LINE = [(-10.0, 14.0), (-8.0, 14.5), (-6.25, 15.125)]
AREA = [(-10.0, 14.0), (-8.0, 14.0), (-8.0, 15.0)]
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;">]><gml:FeatureCollection>&lol2;</gml:FeatureCollection>"""
PLAIN = {"drawn": door.drawn, "places": door.places}


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


# names


@pytest.mark.parametrize(
    "name",
    ["", "../a", "../../etc/passwd", "a/../../b", "/etc/passwd", "C:a", "C:\\x", "\\\\host\\a",
     "a\0b", "a" * 201],
)  # fmt: skip
def test_names_that_leave_the_folder_are_refused(name):
    assert len(name_faults(name)) == 1
    said = refused(drawn, name, text(of("LineString", LINE)))
    assert said.startswith("upload [name]")


@pytest.mark.parametrize("name", ["line.geojson", "tables/line.csv", "a..b.toml"])
def test_plain_names_pass(name):
    assert name_faults(name) == ()


# what is right is read


@pytest.mark.parametrize("crs", [4326, 32630])
def test_a_line_and_an_area_of_a_geopackage_come_back_in_degrees(tmp_path, crs):
    line = packed(tmp_path, shapely.LineString(LINE), crs)
    with sqlite3.connect(line) as base:  # as QGIS keeps a style: with a DOCTYPE, never read
        base.execute("CREATE TABLE layer_styles (styleQML TEXT)")
        base.execute(
            "INSERT INTO layer_styles VALUES ('<!DOCTYPE qgis PUBLIC ''x'' ''y''><qgis/>')"
        )
    base.close()
    assert drawn("line.gpkg", line.read_bytes()) == door.Drawn(tuple(LINE), closed=False)
    area = packed(tmp_path, shapely.MultiPolygon([shapely.Polygon(AREA)]), crs)
    found = drawn("area.bin", area.read_bytes())
    assert found.closed
    assert set(found.points) == set(AREA)


def test_geojson_is_read_however_it_is_put():
    turned = [[(-8.0, 14.5), (-10.0, 14.0)], [(-8.0, 14.5), (-6.25, 15.125)]]
    whole = drawn("a.geojson", text(of("MultiLineString", turned)))
    assert {whole.points, whole.points[::-1]} >= {tuple(LINE)}
    high = [[x, y, 300.0] for x, y in LINE]
    bare = json.dumps(of("LineString", high)).encode("utf-8-sig")
    assert drawn("a.json", bare).points == tuple(LINE)


def test_places_are_settings_of_points():
    data = text(of("Point", [-8.00004, 14.5]), of("MultiPoint", [[-8.0, 14.5], [-7.0, 15.0]]))
    found = door.places("p.geojson", data, QUOTAS, lambda: GRID)
    assert found == ("-8.0000,14.5000", "-7.0000,15.0000")
    vallum.Settings.model_validate({"line": {"must_hold": found}})


def test_a_scenario_is_read_and_held_to_its_rules():
    found = door.scenario("s.toml", b'[scenario]\nname = "Kayes"\n', QUOTAS, "sahel")
    assert (found.name, found.theatre) == ("Kayes", "sahel")
    assert "nonsense" in refused(door.scenario, "s.toml", b"nonsense = 1", QUOTAS, "sahel")


# what is wrong is said


LINES = of("LineString", LINE)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (text(LINES, of("LineString", [(-7.0, 13.0), (-6.0, 13.0)])), "don't join"),
        (text(LINES, of("Polygon", [[*AREA, AREA[0]]])), "together"),
        (text(of("Polygon", [[(-9, 14), (-8, 15), (-9, 15), (-8, 14), (-9, 14)]])), "crosses"),
        (text(of("Polygon", [[*AREA, AREA[0]], [*AREA, AREA[0]]])), "holes"),
        (text(of("Polygon", [])), "empty"),
        (text(of("LineString", [LINE[0], LINE[0]])), "length"),
        (text(of("LineString", [(y, x) for x, y in LINE])), "latitude stands before longitude"),
        (text(of("LineString", [(174.0, -40.0), (-6.0, 15.0)])), "1 of 2 points lie off"),
        (text(of("LineString", [(300_000.0, 1_500_000.0), (310_000.0, 1_500_000.0)])), "EPSG:4326"),
        (text(LINES, crs={"properties": {"name": "urn:ogc:def:crs:EPSG::99999"}}), "unknown"),
        (text(LINES, crs={"properties": {"href": "http://10.0.0.1/"}}), "no CRS"),
        (text(of("Point", LINE[0])), "places to hold"),
        (text(of("LineString", [[True, False], [1, 2]])), "no position"),
        (b'{"type":"LineString","coordinates":[[NaN,1],[1,2]]}', "NaN"),
        (b'{"type":"LineString","coordinates":[[1e999,1],[1,2]]}', "no longitude"),
        (b'{"type":"LineString","coordinates":[[' + b"9" * 400 + b",1],[1,2]]}", "too large"),
        (b'{"type":"GeometryCollection","geometries":[]}', "GeometryCollection"),
        (b'{"type":"FeatureCollection","features":[]}', "no line and no area"),
        (b'{"type":"FeatureCollection"', "no JSON"),
    ],
)  # fmt: skip
def test_a_drawing_that_is_none_is_refused_in_words(monkeypatch, data, said):
    monkeypatch.setattr(process, "_said", _at_once)
    assert said in refused(drawn, "a.geojson", data)


def _at_once(data, asked):
    """Read in this process: what is said is the same, and it takes no second."""
    from vallum.app.uploads.reader import main  # noqa: PLC0415

    out, own = io.StringIO(), (sys.stdin, sys.stdout, main._bind)
    sys.stdin, sys.stdout, main._bind = SimpleNamespace(buffer=io.BytesIO(data)), out, lambda: None
    try:
        assert main.main(asked[1], asked[2], int(asked[3])) == 0
    finally:
        sys.stdin, sys.stdout, main._bind = own
    return out.getvalue().encode()


def test_a_million_points_and_endless_brackets_are_refused_in_the_other_process():
    many = b'{"type":"LineString","coordinates":[' + b",".join([b"[0,0]"] * 1_000_000) + b"]}"
    assert "too many points" in refused(drawn, "a.geojson", many)
    deep = b'{"type":"LineString","coordinates":' + b"[" * 1_000_000
    assert "too much to read" in refused(drawn, "a.geojson", deep)
    four = text(*(of("Point", [-8.0, 14.0 + n / 10]) for n in range(4)))
    assert "too many" in refused(door.places, "a.geojson", four, QUOTAS, lambda: GRID)


def test_a_process_that_takes_too_long_or_says_nonsense_is_no_answer(monkeypatch):
    data = text(LINES)
    monkeypatch.setattr(process, "SECONDS", 0.01)
    assert "read safely" in refused(drawn, "a.geojson", data)
    for said in (b"", b"{}", b'{"points": [[999, 0]]}', b'{"faults": [["a", "b"]]}', b"[" * 9999):
        monkeypatch.setattr(process, "_said", lambda *_, said=said: said)
        assert refused(drawn, "a.geojson", data)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_the_process_is_bound_before_it_sees_the_file(tmp_path):
    program = """
import os, sys
from vallum.app.uploads.reader.main import _bind
_bind()
kept = []
try:
    kept.append(bytearray(2_000_000_000))
except MemoryError:
    kept.append("memory")
try:
    open(sys.argv[1], "wb").write(bytes(3_000_000))
except OSError:
    kept.append("file")
import resource, signal
print(kept, resource.getrlimit(resource.RLIMIT_CPU), resource.getrlimit(resource.RLIMIT_CORE))
"""
    told = subprocess.run(
        [sys.executable, "-c", f"import signal; signal.signal(25, signal.SIG_IGN)\n{program}",
         str(tmp_path / "big")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == "['memory', 'file'] (15, 15) (0, 0)"


# GeoPackages


def test_what_only_looks_like_a_geopackage_is_refused_by_its_header(tmp_path):
    good = packed(tmp_path, shapely.LineString(LINE)).read_bytes()
    for cut in (1, 99, 100, 4096, len(good) // 2, len(good) - 1):
        assert refused(drawn, "a.gpkg", good[:cut])
    assert "damaged" in refused(drawn, "a.gpkg", good + bytes(4096))
    open_elsewhere = good[:18] + b"\x02\x02" + good[20:]
    assert "still open" in refused(drawn, "a.gpkg", open_elsewhere)
    plain = tmp_path / "plain.sqlite"
    with sqlite3.connect(plain) as base:
        base.execute("CREATE TABLE a (b)")
    base.close()
    assert "no GeoPackage" in refused(drawn, "a.gpkg", plain.read_bytes())
    with sqlite3.connect(plain) as base:
        base.execute(f"PRAGMA application_id = {0x47504B47}")
    base.close()
    assert "gpkg_contents" in refused(drawn, "a.gpkg", plain.read_bytes())


ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT "
LAYER = "UPDATE gpkg_contents SET table_name = 'bad'"
COLUMN = "UPDATE gpkg_geometry_columns SET table_name = 'bad'"
FREE = "PRAGMA foreign_keys = OFF"


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ([FREE, f"CREATE VIEW bad AS {ENDLESS} n AS geom FROM r", LAYER, COLUMN], "no plain table"),
        ([FREE, "CREATE VIRTUAL TABLE bad USING fts5(geom)", LAYER, COLUMN], "no plain table"),
        (["ALTER TABLE gpkg_contents RENAME TO other",
          "CREATE VIEW gpkg_contents AS SELECT * FROM other"], "no such table"),
        ([FREE, "CREATE TABLE bad (a, geom AS (zeroblob(1000000000)))",
          "INSERT INTO bad VALUES (1)", LAYER, COLUMN], "no column"),
        ([("UPDATE gpkg_spatial_ref_sys SET organization = 'EVIL', definition = 'GEOGCS[' "
          "WHERE srs_id = 4326")], "EPSG doesn't name"),
        (["UPDATE gpkg_contents SET srs_id = 3857"], "two reference systems"),
        (["UPDATE drawn SET geom = x'47500001e6100000' || zeroblob(9)"], "no geometry"),
        (["UPDATE drawn SET geom = 'text'"], "no geometry of a GeoPackage"),
        (["UPDATE drawn SET geom = x'47500001110f0000'"], "reference system 3857"),
        (["UPDATE drawn SET geom = x'47500021e6100000'"], "extension"),
        # a line that says it has four thousand million points
        (["UPDATE drawn SET geom = x'47500001e6100000' || x'0102000000ffffffff'"], "no geometry"),
        (["INSERT INTO gpkg_contents (table_name, data_type) VALUES ('more', 'features')"],
         "2 layers"),
        (["DELETE FROM gpkg_contents"], "no layer"),
        (["UPDATE drawn SET geom = NULL"], "no line and no area"),
    ],
)  # fmt: skip
def test_a_hostile_geopackage_stays_text(tmp_path, monkeypatch, statements, said):
    monkeypatch.setattr(process, "_said", _at_once)
    path = packed(tmp_path, shapely.LineString(LINE))
    assert said in refused(drawn, "a.gpkg", altered(path, *statements))


def test_triggers_never_fire_and_sqlite_is_denied_all_else(tmp_path):
    path = packed(tmp_path, shapely.LineString(LINE))
    data = altered(
        path,
        "CREATE TRIGGER bad AFTER UPDATE ON drawn BEGIN SELECT load_extension('/tmp/x.so'); END",
        f"CREATE VIEW worse AS {ENDLESS} sum(n) FROM r",
        "CREATE TABLE secret (a)",
    )
    assert drawn("a.gpkg", data).points == tuple(LINE)
    from vallum.app.uploads.reader import geopackage as reader  # noqa: PLC0415

    base = sqlite3.connect(":memory:")
    reader._opened(base, data)
    reader._forbid(base, {"drawn"})
    assert base.execute("SELECT name FROM drawn").fetchall() == [("Kayes",)]
    for words in (
        "SELECT a FROM secret", "SELECT * FROM worse", "SELECT sql FROM sqlite_master",
        "SELECT load_extension('x') FROM drawn", "ATTACH '/tmp/other.db' AS other",
        "PRAGMA query_only = OFF", "DELETE FROM drawn", f"{ENDLESS} n FROM r",
        "SELECT name FROM drawn WHERE printf('%.1000000f', 1) = ''",
    ):  # fmt: skip
        with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|prohibited"):
            base.execute(words).fetchall()
    base.close()


@pytest.mark.parametrize("size", [40, 3_000, 4_060, 9_000])
def test_entities_in_metadata_are_found_wherever_a_page_ends(tmp_path, size):
    path = packed(tmp_path, shapely.LineString(LINE))
    words = "x" * size + "<!ENTITY lol 'lol'>" + "y" * 5_000
    table = "CREATE TABLE gpkg_metadata (id INTEGER, metadata TEXT)"
    data = altered(path, table, ("INSERT INTO gpkg_metadata VALUES (1, ?)", (words,)))
    with pytest.raises((BadError, InputError), match="ENTITY"):
        drawn("a.gpkg", data) if b"<!ENTITY" in data else geopackage(data, 100)
    with pytest.raises(BadError, match="ENTITY"):
        geopackage(data, 100)


@pytest.mark.parametrize("depth", [50_000])
def test_collections_in_collections_end_the_other_process_at_most(tmp_path, depth):
    inner = struct.pack("<BII", 1, 7, 1) * depth + struct.pack("<BII", 1, 7, 0)
    path = packed(tmp_path, shapely.LineString(LINE))
    blob = bytes.fromhex("47500001e6100000") + inner
    data = altered(path, ("UPDATE drawn SET geom = ?", (blob,)))
    assert refused(drawn, "a.gpkg", data)


# XML, archives, rasters


def test_xml_is_refused_unread_whatever_it_is_called():
    vrt = b"<VRTDataset rasterXSize='1000000' rasterYSize='1000000'><x/></VRTDataset>"
    svg = "<svg xmlns='http://www.w3.org/2000/svg'/>"
    for data in (LAUGHS, vrt, svg.encode(), svg.encode("utf-16"), b"\xef\xbb\xbf \n" + LAUGHS):
        for call in (drawn, lambda *one: door.scenario(*one, QUOTAS, "sahel")):
            assert "XML" in refused(call, "a.geojson", data)
    assert "<!ENTITY" in checked("a.gml", LAUGHS)
    assert "<!ENTITY" in checked("a.gml", LAUGHS.decode().encode("utf-16"))
    within = json.dumps({**LINES, "note": "<!DOCTYPE x>"}).encode()
    assert "<!DOCTYPE" in refused(drawn, "a.geojson", within)


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


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (archive(("a", bytes(100_000_000))), "times its size"),
        (archive(*((str(n), bytes(30_000_000)) for n in range(8))), "240,000,000 bytes"),
        (bomb_42(), "an archive within"),
        (overlapping(), "over one another"),
        (archive(*((str(n), b"") for n in range(1_001))), "1,001 files"),
        (archive(("../../etc/passwd", b"x")), "leads elsewhere"),
        (archive(("/etc/passwd", b"x")), "leads elsewhere"),
        (archive(("C:\\x", b"x")), "leads elsewhere"),
        (archive(("aXb", b"x")).replace(b"aXb", b"a\0b"), "leads elsewhere"),
        (archive((link("a"), "/etc/passwd")), "a link"),
        (archive(("a", b"x"), ("A", b"y")), "twice"),
        (archive(("doc.kml", LAUGHS)), "<!ENTITY"),
        (archive(("a", b"x" * 70_000 + b"<!ENTITY")), "<!ENTITY"),
        (archive(("a", b"x" * 65_530 + b"<!DOCTYPE")), "<!DOCTYPE"),
        (archive(("a", zlib.compress(b"x") and b"\x1f\x8b" + b"x" * 9)), "an archive within"),
        (archive(("a", b"x"))[:-1], "cut short"),
        (archive(("a", b"x" * 99))[:20] + archive(("a", b"x" * 99))[20:].replace(b"K", b"k", 1),
         "archive"),
    ],
)  # fmt: skip
def test_archives_are_looked_through_before_anything_is_unpacked(data, said):
    assert len(data) < 2_000_000
    assert said in checked("theatre.zip", data)
    assert said in refused(drawn, "theatre.zip", data)


def test_a_list_that_hides_its_length_and_sizes_that_lie_are_found():
    many = archive(*((str(n), b"") for n in range(1_001)))
    hidden = many[:-14] + struct.pack("<HH", 1, 1) + many[-10:]
    assert archive_faults(hidden, "a.zip")
    lying = archive(("a", bytes(500_000)))
    lying = lying.replace(struct.pack("<I", 500_000), struct.pack("<I", 10))
    assert "damaged" in str(archive_faults(lying, "a.zip")[0])


def test_a_plain_archive_has_no_fault_but_that_it_is_one():
    data = archive(("a.csv", b"a,b\n1,2\n"), ("folder/", b""), ("folder/b.toml", b"a = 1\n"))
    assert archive_faults(data, "a.zip") == ()
    assert "isn't taken here" in checked("a.zip", data)
    sheet = archive(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))
    assert "XLSX" in refused(drawn, "a.xlsx", sheet)


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


@pytest.mark.parametrize("big", [False, True])
def test_a_huge_raster_is_refused_by_its_header(big):
    assert "1,000,000 × 1,000,000 pixels" in checked("a.tif", tiff(10**6, 10**6, big=big))
    assert "bytes when unpacked" in checked("a.tif", tiff(10**4, 10**4, big=big, bands=60))
    start = 16 if big else 8
    assert "ring" in checked("a.tif", tiff(10, 10, big=big, after=start))
    for cut in range(4, len(tiff(10, 10, big=big)) - 1, 7):
        assert "isn't taken" in checked("a.tif", tiff(10, 10, big=big)[:cut])


@pytest.mark.parametrize("more", [{}, {"BIGTIFF": "YES"}, {"tiled": True}, {"ENDIANNESS": "BIG"}])
def test_sizes_are_those_that_gdal_reads(tmp_path, more):
    path = tmp_path / "a.tif"
    profile = {"width": 300, "height": 170, "count": 3, "dtype": "uint16", "crs": 4326,
               "transform": rasterio.Affine(0.1, 0, -10, 0, -0.1, 15)}  # fmt: skip
    with rasterio.open(path, "w", driver="GTiff", **profile, **more) as file:
        file.write(np.ones((3, 170, 300), "uint16"))
        file.build_overviews([2])
    sizes = raster_size(path.read_bytes(), "a.tif")
    assert [(one.width, one.height, one.bands, one.bits) for one in sizes] == [
        (300, 170, 3, 16), (150, 85, 3, 16)
    ]  # fmt: skip
    assert "isn't taken" in checked("a.tif", path.read_bytes())


def test_whatever_else_is_said_to_be_what_it_is():
    for data, kind in (
        (b"\x1f\x8b\x08", "packed"), (b"x" * 257 + b"ustar", "packed"), (b"\x89PNG\r\n", "picture"),
        (b"\x00\x00\x27\x0a", "shape"), (b"\x7fELF", "program"), (b"\x89HDF\r\n", "hdf"),
        (b"\xff\x00\x01", "other"), (b"", "empty"),
    ):  # fmt: skip
        assert door.check("a", data, 10**6).kind.name == kind
        assert checked("a", data)
    assert door.check("a", b"PAR1 = 1", 10**6).kind.name == "toml"
    assert "quota" in checked("a", b"{" * (QUOTAS.upload_bytes + 1))


# TOML that takes its reader the square of its length


def test_keys_that_go_too_deep_are_found_in_no_time():
    part = '"\\""'
    for text_ in (".".join("a" * 90_000) + " = 1", "[" + " . ".join([part] * 40) + "]",
                  "x = {" + ".".join(["'b'", "c"] * 40) + " = 1}"):  # fmt: skip
        assert too_deep("\n" + text_) == 2
        assert "too deep" in refused(door.scenario, "s.toml", text_.encode(), QUOTAS, "sahel")
    fine = f"points = {[list(at) for at in LINE * 3000]}\nnote = '{'a.b ' * 20_000}'\n"
    assert too_deep(fine) is None
    assert tomllib.loads(fine)
    for hard in ('" \\' * 60_000, "a" * 200_000, "a." * 31 + "b ", "'" * 200_000, '\\"' * 90_000):
        too_deep(hard)  # or the time limit of the suite ends it


# whatever it is


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([b"", b"{", b"PK\x03\x04", b"PK\x05\x06", b"II*\0", b"II+\0", b"MM\0*", b"<",
                     b"SQLite format 3\0"]),
    st.binary(max_size=300),
    st.text(max_size=30),
)  # fmt: skip
def test_whatever_is_brought_is_said_to_be_something(start, rest, name):
    found = door.check(name, start + rest, 250)
    assert found.faults or found.kind.uses
    assert all(one.mend and one.where for one in found.faults)


ZIP = archive(("a.csv", b"a,b\n" * 50), ("b/c", b"1" * 300))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_changed_archive_or_raster_never_ends_the_check(data):
    for whole in (ZIP, tiff(70_000, 20, big=True)):
        changed = bytearray(whole)
        for _ in range(data.draw(st.integers(1, 4))):
            changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
        found = door.check("a", bytes(changed), 10**6)
        assert found.faults or found.kind.uses


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["type", "features", "geometry", "coordinates", "crs", "x"]), inner
            )
        ),
        max_leaves=12,
    ),
    st.sampled_from(["Feature", "FeatureCollection", "LineString", "Polygon", "MultiPoint"]),
)
def test_any_json_is_geometry_or_a_fault(tree, kind):
    whole = {**tree, "type": kind} if isinstance(tree, dict) else {
        "type": kind, "coordinates": tree, "features": tree, "geometry": tree, "crs": None,
    }  # fmt: skip
    try:
        found = geojson(json.dumps(whole).encode("utf-8", "surrogatepass"), 100)
    except BadError as error:
        assert all(isinstance(one, str) for one in error.said)
    else:
        assert sum(map(len, (*found.lines, *found.points))) <= 100


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return packed(tmp_path_factory.mktemp("good"), shapely.LineString(LINE)).read_bytes()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_changed_geopackage_is_read_or_a_fault(good, data):
    changed = bytearray(good)
    used = [at for at, one in enumerate(good) if one]
    for _ in range(data.draw(st.integers(1, 12))):
        changed[data.draw(st.sampled_from(used))] = data.draw(st.integers(0, 255))
    try:
        geopackage(bytes(changed), 100)
    except BadError as error:
        assert all(error.said[1:])


# over HTTP


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(uploads.theatres, "load", lambda _: SimpleNamespace(grid=GRID))
    quotas = Quotas(upload_bytes=50_000, changes_per_minute=4)
    app = create_api(SimpleNamespace(), lambda _: User("ana"), quotas=quotas)
    return TestClient(app, raise_server_exceptions=False)


def test_a_file_is_the_body_and_its_name_a_query(client):
    answer = client.post("/api/uploads/drawn?filename=a.geojson", content=text(LINES))
    assert answer.json() == {"drawn": {"type": "LineString", "coordinates": [*map(list, LINE)]}}
    points = text(of("Point", [-8, 14]))
    answer = client.post("/api/uploads/places?filename=p.geojson", content=points)
    assert answer.json() == {"places": ["-8.0000,14.0000"]}
    toml = b'[scenario]\nname = "Kayes"\n'
    answer = client.post("/api/uploads/scenario?filename=s.toml", content=toml)
    assert tomllib.loads(answer.json()["text"])["scenario"]["name"] == "Kayes"
    answer = client.post("/api/uploads/check?filename=a.zip", content=bomb_42(1))
    assert answer.json()["kind"] == "archive"
    assert answer.json()["uses"] == []
    assert "an archive within" in answer.text
    for _ in range(2):
        answer = client.post("/api/uploads/scenario?filename=s.toml", content=toml)
    assert answer.status_code == 429
    assert "bring the next in" in answer.json()["detail"]


@pytest.mark.parametrize("to", ["check", "drawn", "places", "scenario"])
def test_what_is_too_large_is_counted_as_it_comes(client, to):
    sent = []

    def endless():
        while len(sent) < 1_000:
            sent.append(len(sent))
            yield bytes(10_000)

    at = f"/api/uploads/{to}"
    answer = client.post(f"{at}?filename=a", content=endless())
    assert answer.status_code == 422
    assert "50,000 bytes" in answer.json()["faults"][0]["found"]
    assert client.post(f"{at}?filename=a", content=b"").status_code == 422
    assert client.post(at, content=b"x").status_code == 422
    named = client.post(f"{at}?filename=..%2F..%2Fetc%2Fpasswd", content=b"x")
    assert "etc/passwd" in named.text
    assert Path("/etc/passwd").read_text().split(":")[0] not in named.json().get("text", "")
