"""What the files of a plan hold, read back by other means than those that wrote them."""

from __future__ import annotations

import csv
import itertools
import json
import re
import struct
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pyproj
import pytest
import rasterio
from tests.dictionary_paths import leaves, patterns, says
from tests.files_world import write_files

from vallum.brief import cog, dictionary, gpkg_styles, qml, workbook
from vallum.brief.dictionary import dictionary as entries
from vallum.kernel.grid import Grid
from vallum.settings import Settings

HIDDEN = ("forts.RESTRICTED.gpkg", "ways.RESTRICTED.gpkg")
SYMBOLS = {"Polygon": "fill", "LineString": "line", "Point": "marker"}


@pytest.fixture(scope="module")
def folder(coarse_plan, tmp_path_factory):
    """The files of a coarse plan."""
    return write_files(coarse_plan, tmp_path_factory.mktemp("files") / "plan")


def test_the_same_plan_gives_the_same_files(coarse_plan, folder, tmp_path):
    again = write_files(coarse_plan, tmp_path / "again")
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in again.iterdir())
    for name in names:
        assert (folder / name).read_bytes() == (again / name).read_bytes(), name


# rasters


def directories(data: bytes) -> list[dict[int, tuple[int, ...]]]:
    """Read the directories of a little-endian classic TIFF: whole numbers by tag; 0 its place."""
    assert data[:4] == b"II*\0"
    sizes = {1: 1, 2: 1, 3: 2, 4: 4, 12: 8, 16: 8}
    letters = {1: "B", 2: "B", 3: "H", 4: "I"}
    found = []
    (at,) = struct.unpack_from("<I", data, 4)
    while at:
        (count,) = struct.unpack_from("<H", data, at)
        tags = {0: (at,)}
        for number in range(count):
            place = at + 2 + 12 * number
            tag, kind, many = struct.unpack_from("<HHI", data, place)
            if kind in letters:
                inside = sizes[kind] * many <= 4
                (start,) = (place + 8,) if inside else struct.unpack_from("<I", data, place + 8)
                tags[tag] = struct.unpack_from(f"<{many}{letters[kind]}", data, start)
        found.append(tags)
        (at,) = struct.unpack_from("<I", data, at + 2 + 12 * count)
    return found


WIDTH, HEIGHT, TILE, TILE_PLACES, TILE_SIZES, SUBFILE = 256, 257, 322, 324, 325, 254


def assert_is_cog(data: bytes) -> int:
    """Check the layout of a Cloud-Optimised GeoTIFF; give the number of its coarser copies."""
    assert b"LAYOUT=IFDS_BEFORE_DATA" in data[:200]
    found = directories(data)
    firsts = []
    for tags in found:
        assert tags[TILE] == (cog.BLOCK,), "every copy is in tiles"
        kept = [p for p, s in zip(tags[TILE_PLACES], tags[TILE_SIZES], strict=True) if s]
        firsts.append(min(kept))
    assert [tags[0][0] for tags in found] == sorted(tags[0][0] for tags in found)
    assert found[-1][0][0] < min(firsts), "all directories come before any data"
    assert firsts == sorted(firsts, reverse=True), "coarser copies' data come first"
    assert found[0].get(SUBFILE, (0,)) == (0,)
    for finer, coarser in itertools.pairwise(found):
        assert coarser[SUBFILE] == (1,)
        assert abs(2 * coarser[WIDTH][0] - finer[WIDTH][0]) <= 2
    assert max(found[-1][WIDTH][0], found[-1][HEIGHT][0]) <= 2 * cog.BLOCK
    return len(found) - 1


def test_rasters_are_laid_out_as_cloud_optimised(folder):
    for path in folder.glob("*.tif"):
        assert_is_cog(path.read_bytes())


@pytest.fixture(scope="module")
def grid():
    """A grid that is larger than a tile."""
    return Grid("EPSG:32629", 0.0, 3_000_000.0, 10.0, 300, 410)


def test_coarser_copies_hold_means_of_amounts_and_members_of_classes(grid, tmp_path):
    rng = np.random.default_rng(0)
    amounts = rng.random(grid.shape).astype(np.float32)
    classes = rng.integers(-1, 60, grid.shape).astype(np.int16)
    cog.write_cog(tmp_path / "a.tif", grid, [cog.Band("a, m", "m", amounts)], np.nan, "average")
    cog.write_cog(tmp_path / "c.tif", grid, [cog.Band("c", "", classes)], -32768, "nearest")
    assert assert_is_cog((tmp_path / "a.tif").read_bytes()) == 2
    with rasterio.open(tmp_path / "a.tif", overview_level=0) as file:
        blocks = amounts.reshape(150, 2, 205, 2).mean(axis=(1, 3))
        np.testing.assert_allclose(file.read(1), blocks, rtol=1e-6)
    with rasterio.open(tmp_path / "a.tif") as file:
        assert file.units == ("m",)
        assert file.descriptions == ("a, m",)
        np.testing.assert_array_equal(file.read(1), amounts)
    with rasterio.open(tmp_path / "c.tif", overview_level=0) as file:
        coarse = file.read(1)
        inside = classes.reshape(150, 2, 205, 2)
        assert (coarse[:, None, :, None] == inside).any(axis=(1, 3)).all()
        assert file.nodata == -32768


def test_rasters_hold_the_plan(coarse_plan, folder):
    with rasterio.open(folder / "entry.tif") as file:
        inside = coarse_plan.theatre.member_mask
        assert (file.read(1)[inside] == coarse_plan.line.plans.entry[inside]).all()
        assert file.units == ("step",)
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    with rasterio.open(folder / "works.tif") as file:
        shown = coarse_plan.theatre.ground["state"].to_numpy() >= 0
        price = coarse_plan.works.closure_usd_km_yr.astype(np.float32)
        np.testing.assert_array_equal(file.read(1)[shown], price[shown])
        assert np.isnan(file.read(1)[~shown]).all()
        assert file.units[:2] == ("USD/km/yr", "USD/km/yr")


# styles


def styles_of(path):
    """Read the styles of a GeoPackage by layer."""
    table = pyogrio.read_dataframe(path, layer=gpkg_styles.TABLE)
    return table.set_index("f_table_name")


def layers_of(path):
    return {str(n): str(k) for n, k in pyogrio.list_layers(path) if n != gpkg_styles.TABLE}


@pytest.mark.parametrize("name", ["plan.gpkg", *HIDDEN])
def test_every_layer_has_a_style_that_names_its_own_columns(folder, name):
    if not (folder / name).exists():
        pytest.skip("this plan has none")
    styles, layers = styles_of(folder / name), layers_of(folder / name)
    assert sorted(styles.index) == sorted(layers)
    assert styles["useAsDefault"].all()
    assert (styles["f_geometry_column"] == "geom").all()
    assert (styles[["f_table_catalog", "f_table_schema"]] == "").all(axis=None)
    for layer, kind in layers.items():
        text = styles.loc[layer, "styleQML"]
        root = ET.fromstring(text)  # noqa: S314  (of our own making)
        columns = set(pyogrio.read_info(folder / name, layer=layer)["fields"])
        renderer = root.find("renderer-v2")
        named = set(re.findall(r'"(\w+)"', renderer.get("attr", "")))
        if renderer.get("type") == "categorizedSymbol":
            named = {renderer.get("attr")}
        for each in root.iter("text-style"):
            named |= set(re.findall(r'"(\w+)"', each.get("fieldName")))
        for each in root.iter("Option"):
            if each.get("name") == "expression":
                named |= set(re.findall(r'"(\w+)"', each.get("value")))
        assert named <= columns, layer
        symbols = renderer.findall("symbols/symbol")
        assert {one.get("type") for one in symbols} == {SYMBOLS[kind]}, layer
        used = {one.get("symbol") for one in [*root.iter("range"), *root.iter("category")]}
        assert used <= {one.get("name") for one in symbols}


@pytest.mark.parametrize(
    ("layer", "value"),
    [
        ("sectors", lambda t: t["cost_usd_yr"] / t["length_km"] / 1000),
        ("forces", lambda t: t["men_on_duty"].fillna(0)),
        ("settlements", lambda t: t["people"]),
        ("corridors", lambda t: 100 * t["mid"]),
    ],
)
def test_classes_take_in_every_feature(folder, layer, value):
    table = gpd.read_file(folder / "plan.gpkg", layer=layer)
    root = ET.fromstring(styles_of(folder / "plan.gpkg").loc[layer, "styleQML"])  # noqa: S314
    ends = [(float(r.get("lower")), float(r.get("upper"))) for r in root.iter("range")]
    assert all(low < high for low, high in ends)
    for one in value(table):
        assert any(low <= one <= high for low, high in ends), one


def test_stretches_are_classed_by_what_stands_there(folder):
    table = gpd.read_file(folder / "plan.gpkg", layer="stretches")
    root = ET.fromstring(styles_of(folder / "plan.gpkg").loc["stretches", "styleQML"])  # noqa: S314
    values = [one.get("value") for one in root.iter("category")]
    assert values[-1] == ""
    assert set(table["composition"]) <= set(values)


def test_styles_stand_when_there_is_nothing_to_draw(coarse_plan):
    for name, layer in (
        ("sectors", coarse_plan.line.sectors), ("stretches", coarse_plan.line.stretches),
    ):  # fmt: skip
        text, _ = gpkg_styles.style(name, layer.iloc[:0])
        assert ET.fromstring(text).find("renderer-v2") is not None  # noqa: S314
    bare = coarse_plan.line.sectors[["sector", "geometry"]]
    assert "singleSymbol" in gpkg_styles.style("forces", bare)[0]
    assert gpkg_styles.style("a layer of someone else's", bare) is None


def test_texts_in_styles_are_escaped():
    renderer = qml.categorised("kind", [qml.Class("a & <b>", 'x"y', (qml.line("#000000", 1),))])
    root = ET.fromstring(qml.document(renderer))  # noqa: S314
    assert root.find("renderer-v2/categories/category").get("value") == 'x"y'


# the dictionary


def described(file, layer=""):
    return {row.name for row in entries() if (row.file, row.layer) == (file, layer)}


def seldom(file, layer=""):
    return {row.name for row in entries() if (row.file, row.layer) == (file, layer) and row.when}


def test_every_column_of_every_table_is_described(folder):
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            columns = set(next(csv.reader(file)))
        assert columns <= described(path.name), path.name
        assert described(path.name) - seldom(path.name) <= columns, path.name


def test_every_column_of_every_layer_is_described(folder):
    for path in folder.glob("*.gpkg"):
        for layer, kind in pyogrio.list_layers(path):
            columns = set(pyogrio.read_info(path, layer=layer)["fields"])
            columns |= {"geometry"} if kind else set()
            assert columns <= described(path.name, str(layer)), layer
            wanted = described(path.name, str(layer)) - seldom(path.name, str(layer))
            assert wanted <= columns, layer
        told = {row.layer for row in entries() if row.file == path.name and not row.when}
        assert told <= {str(layer) for layer, _ in pyogrio.list_layers(path)}


def test_every_band_of_every_raster_is_described(folder):
    for path in folder.glob("*.tif"):
        with rasterio.open(path) as file:
            names = file.descriptions
            units = file.units
        rows = [row for row in entries() if row.file == path.name]
        used = set()
        for name, unit in zip(names, units, strict=True):
            mine = [
                row for row in rows
                if re.fullmatch(re.sub(r"\\\{\w+\\\}", ".+", re.escape(row.name)), name)
            ]  # fmt: skip
            assert len(mine) == 1, name
            assert mine[0].unit in {unit or "", "1/yr"}
            used.add(mine[0].name)
        assert {row.name for row in rows if not row.when} <= used, path.name


def test_every_key_of_the_record_is_described_once_and_no_other(folder):
    record = json.loads((folder / "plan.json").read_text("utf-8"))
    rows = [row for row in entries() if row.file == "plan.json"]
    of = [(row, pattern) for row in rows for pattern in patterns(row.name)]
    written, loose = set(), []
    distinct = {}
    for path, value in leaves(record):
        distinct.setdefault((path, value is None or value in ([], {})), value)
    for (path, empty), value in distinct.items():
        mine = {row.name for row, pattern in of if says(pattern, path, value)}
        if not mine or (len(mine) > 1 and not empty):
            loose.append((".".join(path), sorted(mine)))
        written |= mine
    assert not loose
    assert not {row.name for row in rows if not row.when} - written


def test_the_values_are_of_the_types_that_are_told(folder):
    kinds = {"integer": r"-?\d+", "true or false": "True|False", "date": r"\d{4}-\d\d-\d\d"}
    for path in folder.glob("*.csv"):
        columns = dictionary.columns_of(path.name)
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        for name in table:
            values = [value for value in table[name] if value]
            kind = columns[name].type
            if kind == "number":
                assert all(isinstance(float(value), float) for value in values)
            elif kind in kinds:
                assert all(re.fullmatch(kinds[kind], value) for value in values), (path.name, name)


def test_rows_say_what_they_must(root):
    types = {
        "text",
        "integer",
        "number",
        "true or false",
        "date",
        "point",
        "line string",
        "polygon",
        "document",
    }
    ranges = re.compile(r"exact|mid: .+|end|low, mid, high|no range")
    for row in entries():
        assert row.meaning, row
        assert row.type in types, row
        assert ranges.fullmatch(row.range), row
        assert (root / row.page).is_file(), row
    names = [(row.file, row.layer, row.name) for row in entries()]
    assert len(names) == len(set(names))


def test_the_dictionary_in_the_folder_is_of_the_files_there(folder):
    table = pd.read_csv(folder / "dictionary.csv", keep_default_na=False)
    told = {row.file for row in entries()}
    assert set(table["file"]) == told & {path.name for path in folder.iterdir()}
    assert set(table["file"]) == {path.name for path in folder.iterdir()}


def test_every_array_of_the_certificate_is_described(folder):
    with np.load(folder / "certificate.npz") as held:
        arrays = {name: held[name].dtype.kind for name in held.files}
    rows = {row.name: row for row in entries() if row.file == "certificate.npz"}
    assert set(arrays) == set(rows)
    kinds = {"integer": "i", "number": "f", "true or false": "b", "text": "u"}
    assert {name: kinds[rows[name].type] for name in arrays} == arrays


# the projection


def test_the_projection_of_what_is_written_has_a_name(coarse_plan, folder):
    own = pyproj.CRS(coarse_plan.theatre.grid.crs)
    for path in folder.glob("*.tif"):
        with rasterio.open(path) as file:
            read = pyproj.CRS(file.crs.to_wkt())
        assert read.name == "Vallum sahel equal-area", path.name
        assert read.equals(own), path.name
    for layer, kind in pyogrio.list_layers(folder / "plan.gpkg"):
        if kind:
            read = gpd.read_file(folder / "plan.gpkg", layer=layer).crs
            assert read.name == "Vallum sahel equal-area", layer
            assert read.equals(own), layer
    ways = folder / "ways.RESTRICTED.gpkg"
    if ways.exists():
        assert gpd.read_file(ways, layer="ways").crs.name == "Vallum sahel equal-area"


def test_a_projection_with_a_name_keeps_it(grid, tmp_path):
    band = cog.Band("c", "", np.zeros(grid.shape, np.int16))
    cog.write_cog(tmp_path / "c.tif", grid, [band], -1, "nearest", "sahel")
    with rasterio.open(tmp_path / "c.tif") as file:
        assert file.crs.to_epsg() == 32629


def test_every_setting_is_described_from_its_class():
    told = {row.name: row for row in entries()}
    assert told["settings.line.mu"].type == "number"
    assert told["settings.seed"].unit == ""
    assert told["settings.line.flank.{key}"].type == "number"
    assert told["settings.threat.claim.rivals[].regions[]"].type == "text"
    assert told["settings.theatre.cell_km"].unit == "km"
    assert "Side of a cell" in told["settings.theatre.cell_km"].meaning
    assert all(name.split(".")[1].split("[")[0] in Settings.model_fields
               for name in told if name.startswith("settings."))  # fmt: skip


# the workbook


@pytest.fixture(scope="module")
def book(folder):
    """The workbook as another program reads it."""
    return openpyxl.load_workbook(folder / "tables.xlsx")


def test_the_workbook_holds_the_tables_value_for_value(folder, book):
    names = {path.stem for path in folder.glob("*.csv") if "RESTRICTED" not in path.name}
    assert set(book.sheetnames) == {"Read me", *names}
    for name in names:
        sheet = book[name]
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            columns, *rows = csv.reader(file)
        read = list(sheet.iter_rows(values_only=True))
        assert list(read[0][: len(columns)]) == columns
        assert len(read) == len(rows) + workbook.HEAD
        for mine, theirs in zip(rows, read[workbook.HEAD :], strict=True):
            for text, value in zip(mine, theirs, strict=False):
                if isinstance(value, bool):
                    assert text == str(value)
                elif isinstance(value, int | float):
                    # a workbook keeps sixteen digits of them
                    assert float(text) == pytest.approx(value, rel=1e-15, abs=0)
                else:
                    assert text == (value or "")


def test_the_workbook_says_units_and_meanings_and_is_easy_to_read(book):
    sheet = book["frontier"]
    at = [cell.value for cell in sheet[1]].index("cost_usd_yr")
    assert sheet[2][at].value == "USD/yr"
    assert "mid" in sheet[3][at].value
    assert sheet[4][at].number_format == "#,##0"
    assert sheet.freeze_panes == "B4"
    assert sheet.auto_filter.ref.startswith("A3:")
    assert all(9 <= one.width <= 61 for one in sheet.column_dimensions.values())
    assert book.properties.created.year == 2000
    told = [cell.value for row in book["Read me"].iter_rows() for cell in row if cell.value]
    assert "sahel" in told
    assert not [value for value in told if "RESTRICTED" in str(value)]


def test_text_is_no_formula_and_no_link(folder, tmp_path):
    content = json.loads((folder / "plan.json").read_text("utf-8"))
    told = ["=1+1", "+1", "-1+2", "@SUM(A1)", "{=1}", "https://example.org", "007", "1e5", "True"]
    rows = "".join(f'"{text}","judgement"\n' for text in told)
    (tmp_path / "ledger.csv").write_text("key,source\n" + rows, "utf-8")
    (tmp_path / "unknown.csv").write_text('a\n"=2"\n', "utf-8")
    workbook.write_workbook(content, tmp_path)
    made = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    cells = [row[0] for row in made["ledger"].iter_rows(min_row=workbook.HEAD + 1)]
    assert [cell.value for cell in cells] == told
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)
    assert made["unknown"]["A4"].data_type == "s"


def test_what_a_sheet_cannot_hold_is_said(folder, tmp_path, monkeypatch):
    content = json.loads((folder / "plan.json").read_text("utf-8"))
    (tmp_path / "ledger.csv").write_text("key\n" + "x" * 40_000 + "\n", "utf-8")
    workbook.write_workbook(content, tmp_path)
    made = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert made["ledger"]["A4"].value.endswith("(cut: the CSV has all of it)")
    assert len(made["ledger"]["A4"].value) == 32_767
    monkeypatch.setattr(workbook, "_ROWS", 3)
    workbook.write_workbook(content, tmp_path)
    made = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert made["ledger"]["A1"].value.startswith("more than a sheet can hold")
