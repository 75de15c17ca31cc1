"""Settlements and sites from a user's tables and layers."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest

from vallum.theatre.bring.places import read_settlements, read_sites
from vallum.theatre.bring.sections import SettlementsTable, SitesTable

if TYPE_CHECKING:
    from vallum.theatre.bring.area import Area

HELP = runpy.run_path(str(Path(__file__).parents[1] / "fuzz" / "tables.py"))
LAYER = HELP["LAYER"]
TOWNS = """id,name,lon,lat,people
7,Middle,-2,14,5000
8,East town,2,14,3000
9,On the coast,4.05,14,2000
10,Far out at sea,4.5,14,100
11,Other land,-2,11,900
12,Off the grid,20,14,800
13,Nobody,-2,16,0
14,Not known,-2,16.5,
"""


@pytest.fixture(scope="module")
def area() -> Area:
    return HELP["area"]()


def towns(path: Path, text: str = TOWNS, **more: Any) -> SettlementsTable:
    path.write_text(text, "utf-8")
    named = {"name": "name", "people": "people", "lon": "lon", "lat": "lat", "identifier": "id"}
    return SettlementsTable(file=(path,), **{**named, **LAYER, **more})


def sites(path: Path, text: str, **more: Any) -> SitesTable:
    path.write_text(text, "utf-8")
    named = {"name": "name", "lon": "lon", "lat": "lat"}
    if "kind_column" not in more:
        named["kind"] = "mine"
    return SitesTable(file=(path,), **{**named, **LAYER, **more})


def told(faults: list[Any]) -> str:
    return "\n".join(str(fault) for fault in faults)


def test_settlements(tmp_path: Path, area: Area) -> None:
    frame, source, faults = read_settlements(towns(tmp_path / "t.csv"), area)
    assert faults == []
    assert frame is not None
    assert source is not None
    assert list(frame) == [
        "geonameid", "name", "iso3", "region", "people", "imputed", "lon", "lat", "row", "col",
        "geometry",
    ]  # fmt: skip
    assert frame["geonameid"].tolist() == [7, 8, 9]
    assert frame["iso3"].tolist() == ["AAA", "BBB", "BBB"]
    assert frame["region"].tolist() == ["South", "East", "East"]
    assert frame["people"].sum() == 10_000
    assert frame.crs == area.grid.crs
    own = [area.state[row, col] for row, col in zip(frame["row"], frame["col"], strict=True)]
    assert own == [0, 1, 1]
    assert source.lost == (
        "5 of 8 settlements, with 1,800 of 11,800 people (15 %): 2 have no people, 1 lie outside "
        "the theatre's grid, 2 lie in no state shown"
    )


def test_a_town_on_the_border_moves_to_a_cell_of_its_own_state(tmp_path: Path, area: Area) -> None:
    text = "id,name,lon,lat,people\n" + "".join(
        f"{n},Town {n},{lon},{12.3 + n / 10},1000\n" for n, lon in enumerate([-0.01, 0.01] * 20)
    )
    frame, source, faults = read_settlements(towns(tmp_path / "t.csv", text), area)
    assert faults == []
    assert frame is not None
    assert source is not None
    codes = [area.order.index(iso3) for iso3 in frame["iso3"]]
    assert [area.state[r, c] for r, c in zip(frame["row"], frame["col"], strict=True)] == codes
    assert "put into the nearest cell of their own state" in source.treatment


def test_layers_of_points_read_as_csv(tmp_path: Path, area: Area) -> None:
    table = towns(tmp_path / "t.csv")
    frame, _, _ = read_settlements(table, area)
    rows = [line.split(",") for line in TOWNS.splitlines()[1:]]
    layer = gpd.GeoDataFrame(
        {"id": [int(row[0]) for row in rows], "name": [row[1] for row in rows],
         "people": [float(row[4] or "nan") for row in rows]},
        geometry=gpd.points_from_xy([float(r[2]) for r in rows], [float(r[3]) for r in rows]),
        crs=4326,
    )  # fmt: skip
    path = tmp_path / "t.gpkg"
    layer.to_crs(3857).to_file(path)
    there, source, faults = read_settlements(
        table.model_copy(update={"file": (path,), "lon": None, "lat": None}), area
    )
    assert faults == []
    assert there is not None
    assert source is not None
    assert there["people"].tolist() == frame["people"].tolist()
    assert there["geonameid"].tolist() == [7, 8, 9]
    assert there["row"].tolist() == frame["row"].tolist()
    assert source.crs_in != source.crs_out
    assert source.lost.startswith("5 of 8 settlements, with 1,800 of 11,800 people")


BAD = {
    "negative": ("1,A,-2,14,-5\n", "[column people, row 2]: '-5': too small"),
    "text": ("1,A,-2,14,many\n", "[column people, row 2]: 'many': not a number"),
    "no name": ("1,,-2,14,5\n", "[column name, row 2]: nothing: the field is empty"),
    "no place": ("1,A,,14,5\n", "[column lon, row 2]: nothing: the field is empty"),
    "null": ("1,A,0,0,5\n", "(0, 0): no place"),
    "ids": ("1,A,-2,14,5\n1,B,-2,14,5\n", "[column id, row 3]: '1': an earlier row has it too"),
    "swap": ("1,A,14,-2,5\n2,B,15,-2,5\n", "look swapped in 2 of 2 rows"),
    "spoilt": ("1,SÃ©lÃ©,-2,14,5\n", "accents are spoilt"),
}


@pytest.mark.parametrize("name", BAD)
def test_faults_of_settlements(tmp_path: Path, area: Area, name: str) -> None:
    rows, found = BAD[name]
    table = towns(tmp_path / "t.csv", "id,name,lon,lat,people\n" + rows)
    frame, _, faults = read_settlements(table, area)
    assert frame is None
    assert found in told(faults)


def test_a_csv_without_columns_of_coordinates(tmp_path: Path, area: Area) -> None:
    _, _, faults = read_settlements(towns(tmp_path / "t.csv", lon=None), area)
    assert "settlements.lon]: it is missing" in told(faults)


def test_sites(tmp_path: Path, area: Area) -> None:
    text = (
        "name,lon,lat,what,usd\nGold,-2,14,G,1e9\nRig,4.5,15,O,\nPier,4.02,13,P,5\nPark,1,16,N,\n"
        "Far,9,15,G,1\n"
    )
    table = sites(
        tmp_path / "s.csv", text, kind_column="what", output_usd_yr="usd",
        kinds={"G": "mine", "O": "industry", "P": "port"},
    )  # fmt: skip
    frame, sources, faults = read_sites((table,), area)
    assert faults == []
    assert list(frame) == [
        "id", "name", "state", "kind", "lon", "lat", "output_usd_yr", "coord_source", "offshore",
        "row", "col", "geometry",
    ]  # fmt: skip
    assert frame["kind"].tolist() == ["mine", "industry", "port"]
    assert frame["state"].tolist() == ["AAA", "BBB", "BBB"]
    assert frame["offshore"].tolist() == [False, True, False]
    assert frame["id"].tolist() == ["s_1", "s_2", "s_3"]
    assert frame["output_usd_yr"].sum() == 1_000_000_005
    assert [area.state[r, c] for r, c in zip(frame["row"], frame["col"], strict=True)] == [0, 1, 1]
    assert "1 are of kinds without a meaning (N)" in sources[0].lost


def test_faults_of_sites(tmp_path: Path, area: Area) -> None:
    text = "name,lon,lat,what\nGold,-2,14,Gold\n"
    table = sites(tmp_path / "s.csv", text, kind_column="what", kinds={"Golf": "mine"})
    frame, sources, faults = read_sites((table,), area)
    assert (len(frame), sources) == (0, ())
    assert "did you mean 'Gold'?" in told(faults)
    table = sites(tmp_path / "s.csv", text, kind_column="what")
    assert "none of its words is one of ours: Gold" in told(read_sites((table,), area)[2])
    one = sites(tmp_path / "a.csv", text, identifier="name")
    two = sites(tmp_path / "b.csv", text, identifier="name")
    assert "an earlier table of sites has it too" in told(read_sites((one, two), area)[2])


def test_no_sites(area: Area) -> None:
    frame, sources, faults = read_sites((), area)
    assert (len(frame), sources, faults) == (0, (), [])
    assert frame["offshore"].dtype == bool
    assert frame.crs == area.grid.crs
