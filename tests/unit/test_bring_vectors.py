"""The door for vector files: every format, and every fault said."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pyogrio
import pytest
import shapely

from vallum.theatre.bring.sections import VectorLayer
from vallum.theatre.bring.vectors import read_vector

if TYPE_CHECKING:
    import numpy as np

FUZZ = runpy.run_path(str(Path(__file__).parents[1] / "fuzz" / "vectors.py"))
NONE = (b"", b"PK\x03\x04", b"<html>no</html>", b'{"type": "Feat', b"\0" * 999)
SAID = {"source": "s", "licence": "l", "address": "a", "date": "d"}
POLYGONS = ("Polygon", "MultiPolygon")
FORMATS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf"}


def layer(path: Path, **more: str) -> VectorLayer:
    return VectorLayer(file=(path,), **SAID, **more)


def squares() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"code": ["AAA", "BBB"], "name": ["Âland", "Béland"]},
        geometry=[shapely.box(0, 10, 2, 12), shapely.box(2, 10, 4, 12)],
        crs=4326,
    )


def faults(path: Path, **more: object) -> str:
    options = {key: more.pop(key) for key in ("layer", "crs", "encoding") if key in more}
    kinds = more.pop("kinds", POLYGONS)
    frame, found = read_vector(layer(path, **options), "borders", kinds=kinds, **more)
    assert frame is None
    return "\n".join(map(str, found))


@pytest.mark.parametrize("end", FORMATS)
@pytest.mark.parametrize("crs", [4326, 32631])
def test_every_format_and_crs_reads_the_same(tmp_path, end, crs):
    if end == ".geojson" and crs != 4326:
        pytest.skip("GeoJSON is in degrees")
    path = tmp_path / f"a{end}"
    squares().to_crs(crs).to_file(path, driver=FORMATS[end], encoding="utf-8")
    frame, found = read_vector(layer(path), "borders", kinds=POLYGONS, columns=("code", "name"))
    assert not found
    assert list(frame.index) == [f"a{end}: feature 1", f"a{end}: feature 2"]
    frame = frame.sort_values("code")  # FlatGeobuf keeps its own order
    assert list(frame["name"]) == ["Âland", "Béland"]
    for got, wanted in zip(frame.geometry, squares().geometry, strict=True):
        assert shapely.area(shapely.symmetric_difference(got, wanted)) < 1e-6


def test_topojson_says_no_crs_and_is_read_when_told(tmp_path):
    topology = {
        "type": "Topology",
        "objects": {
            "states": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "arcs": [[0]], "properties": {"code": "AAA"}},
                ],
            }
        },
        "arcs": [[[0, 10], [2, 10], [2, 12], [0, 12], [0, 10]]],
    }
    path = tmp_path / "a.topojson"
    path.write_text(json.dumps(topology), "utf-8")
    frame, found = read_vector(
        layer(path, crs="EPSG:4326"), "borders", kinds=POLYGONS, columns=("code",)
    )
    assert not found
    assert frame.geometry.iloc[0].equals(shapely.box(0, 10, 2, 12))


def test_only_what_touches_the_bounds_is_read(tmp_path):
    path = tmp_path / "a.gpkg"
    squares().to_file(path)
    frame, _ = read_vector(layer(path), "b", kinds=POLYGONS, bounds=(2.5, 10.5, 3, 11))
    assert list(frame.index) == ["a.gpkg: feature 2"]


def test_a_layer_without_crs_is_refused_until_it_is_told(tmp_path):
    path = tmp_path / "a.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        squares().set_crs(None, allow_override=True).to_file(path)
    assert 'crs = "EPSG:4326"' in faults(path)
    assert "is no CRS" in faults(path, crs="EPSG:nonsense")


def test_two_names_for_the_crs_are_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    squares().to_file(path)
    assert "leave crs out" in faults(path, crs="EPSG:3857")


def test_swapped_coordinates_are_seen(tmp_path):
    path = tmp_path / "a.gpkg"
    turned = squares().set_geometry(squares().geometry.map(lambda s: shapely.transform(s, flip)))
    turned.set_crs(4326, allow_override=True).to_file(path)
    assert "swap" in faults(path, bounds=(0, 10, 4, 12.0))
    assert "this region" in faults(path, bounds=(100, 40, 104, 42.0))


def flip(points: np.ndarray) -> np.ndarray:
    return points[:, ::-1]


def test_degrees_that_are_none(tmp_path):
    path = tmp_path / "a.gpkg"
    squares().to_crs(32631).set_crs(4326, allow_override=True).to_file(path)
    assert "are no degrees" in faults(path)


def test_wrong_kinds_columns_layers_and_nothing_at_all(tmp_path):
    path = tmp_path / "a.gpkg"
    squares().to_file(path, layer="one")
    squares().to_file(path, layer="two")
    assert "2 layers: one, two" in faults(path)
    assert "did you mean 'two'" in faults(path, layer="tow")
    assert "another geometry" in faults(path, layer="one", kinds=("Point",))
    assert "did you mean 'code'" in faults(path, layer="one", columns=("cod",))
    empty = tmp_path / "e.gpkg"
    squares().iloc[:0].to_file(empty)
    assert "no features" in faults(empty)
    table = tmp_path / "t.gpkg"
    pyogrio.write_dataframe(squares().drop(columns="geometry"), table, driver="GPKG")
    assert faults(table)


def test_features_without_geometry_are_named(tmp_path):
    path = tmp_path / "a.gpkg"
    frame = squares()
    frame.loc[1, "geometry"] = None
    frame.to_file(path)
    assert "feature 2" in faults(path)


def test_letters_of_another_encoding_are_seen(tmp_path):
    path = tmp_path / "a.geojson"
    frame = squares()
    frame["name"] = [name.encode("utf-8").decode("latin-1") for name in frame["name"]]
    frame.to_file(path)
    assert "wrong encoding" in faults(path, columns=("name",))


def test_a_bow_tie_is_made_valid_and_a_collection_opened(tmp_path):
    path = tmp_path / "a.geojson"
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    both = shapely.GeometryCollection([shapely.box(5, 5, 6, 6), shapely.Point(9, 9)])
    gpd.GeoDataFrame({"n": [1, 2]}, geometry=[bow, both], crs=4326).to_file(path)
    frame, found = read_vector(layer(path), "b", kinds=POLYGONS)
    assert not found
    assert shapely.is_valid(frame.geometry.to_numpy()).all()
    assert shapely.area(frame.geometry.to_numpy()).tolist() == pytest.approx([2.0, 1.0])


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"<html>no</html>", b'{"type": "Feat', b"\0" * 999]
)
@pytest.mark.parametrize("end", [".gpkg", ".geojson", ".shp", ".fgb"])
def test_files_that_are_none_are_faults(tmp_path, content, end):
    path = tmp_path / f"a{end}"
    path.write_bytes(content)
    assert "QGIS" in faults(path)


def test_damaged_files_are_faults_or_are_read_as_they_are():
    tally = FUZZ["fuzz_vectors"](300, 1)
    print("vector files damaged:", tally)
    assert tally["faults"] > 50
