"""Files that are brought: good ones are read, and nothing nasty does more than be refused."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import struct
import subprocess
import sys
import tomllib
import warnings
from types import SimpleNamespace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from tests.uploads_world import (
    AREA,
    GRID,
    LINE,
    QUOTAS,
    altered,
    bomb_42,
    drawn,
    of,
    packed,
    refused,
    text,
)

import vallum
from vallum.app.api import create_api, uploads
from vallum.app.model import User
from vallum.app.settings import Quotas
from vallum.app.uploads import door, name_faults, process
from vallum.app.uploads.reader.geopackage import forbid, geopackage, opened
from vallum.app.uploads.reader.main import answer
from vallum.app.uploads.reader.parts import BadError
from vallum.errors import InputError

with warnings.catch_warnings():  # it would rather have another client than is there
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


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
    with sqlite3.connect(line) as base:  # as QGIS keeps styles and metadata: never read
        base.execute("CREATE TABLE layer_styles (styleQML TEXT)")
        base.execute(
            "INSERT INTO layer_styles VALUES ('<!DOCTYPE qgis PUBLIC ''x'' ''y''><qgis/>')"
        )
        base.execute("CREATE TABLE gpkg_metadata (metadata TEXT)")
        base.execute("INSERT INTO gpkg_metadata VALUES ('<!DOCTYPE qgis PUBLIC ''x''><qgis/>')")
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
    return json.dumps(answer(data, asked[1], asked[2], int(asked[3]))).encode()


def test_a_million_points_and_endless_brackets_are_refused_in_the_other_process():
    many = b'{"type":"LineString","coordinates":[' + b",".join([b"[0,0]"] * 1_000_000) + b"]}"
    assert "too many points" in refused(drawn, "a.geojson", many)
    deep = b'{"type":"LineString","coordinates":' + b"[" * 1_000_000
    assert "too much to read" in refused(drawn, "a.geojson", deep)
    four = text(*(of("Point", [-8.0, 14.0 + n / 10]) for n in range(4)))
    assert "4 points" in refused(door.places, "a.geojson", four, QUOTAS, lambda: GRID)


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
from vallum.app.uploads.reader.main import bind
bind()
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
    base = sqlite3.connect(":memory:")
    opened(base, data)
    forbid(base, {"drawn"})
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


# whatever it is


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
    st.sampled_from(["drawn", "places"]),
)
def test_any_json_is_points_or_a_fault(tree, kind, wanted):
    whole = {"coordinates": tree, "features": tree, "geometry": tree, "type": kind}
    for one in (tree, whole, {**whole, **tree} if isinstance(tree, dict) else whole):
        told(answer(json.dumps(one).encode(), "geojson", wanted, 100))


def told(found):
    """Hold an answer to what it may be."""
    if "faults" in found:
        assert all(found and mend for _, found, mend in found["faults"])
    else:
        assert 0 < len(found["points"]) <= 100
        assert all(abs(x) <= 180 and abs(y) <= 90 for x, y in found["points"])


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return packed(tmp_path_factory.mktemp("good"), shapely.LineString(LINE)).read_bytes()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_changed_geopackage_is_points_or_a_fault(good, data):
    changed = bytearray(good)
    used = [at for at, one in enumerate(good) if one]
    for _ in range(data.draw(st.integers(1, 12))):
        changed[data.draw(st.sampled_from(used))] = data.draw(st.integers(0, 255))
    told(answer(bytes(changed), "geopackage", data.draw(st.sampled_from(["drawn", "places"])), 100))


# over HTTP


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(uploads.theatres, "load", lambda _: SimpleNamespace(grid=GRID))
    quotas = Quotas(upload_bytes=50_000, changes_per_minute=6)
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
    at = "/api/uploads/check?filename=a.geojson&use"
    assert client.post(f"{at}=places", content=points).json()["found"] == {
        "places": ["-8.0000,14.0000"]
    }
    tried = client.post(f"{at}=scenario", content=points).json()
    assert (tried["uses"], tried["found"]) == (["drawn", "places"], None)
    assert "can't be taken as this" in tried["faults"][0]["found"]
    for _ in range(2):
        answer = client.post("/api/uploads/scenario?filename=s.toml", content=toml)
    assert answer.status_code == 429
    assert "bring the next in" in answer.json()["detail"]


@pytest.mark.parametrize("to", ["check", "drawn", "places", "scenario"])
def test_no_route_takes_a_file_that_is_too_large_empty_or_badly_named(client, to):
    at = f"/api/uploads/{to}"
    answer = client.post(f"{at}?filename=a", content=bytes(50_001))
    assert answer.status_code == 422
    assert "50,000 bytes" in answer.json()["faults"][0]["found"]
    assert client.post(f"{at}?filename=a", content=b"").status_code == 422
    assert client.post(at, content=b"x").status_code == 422
    form = client.post(f"{at}?filename=a", files={"file": b"{}"})
    assert "--data-binary" in form.json()["faults"][0]["mend"]
    named = client.post(f"{at}?filename=..%2F..%2Fetc%2Fpasswd", content=b"x = 1").json()
    assert "name" in [one["place"] for one in named["faults"]]


def test_a_file_is_counted_as_it_comes_and_not_held():
    heard = []

    async def receive():
        heard.append(1)
        return {"type": "http.request", "body": bytes(10_000), "more_body": True}

    with pytest.raises(InputError, match="50,000 bytes"):
        asyncio.run(uploads.body_of(Request({"type": "http", "headers": []}, receive), 50_000))
    assert 5 < len(heard) <= 21
