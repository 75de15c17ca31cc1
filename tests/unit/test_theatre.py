"""The rules of the ground, worked by hand on a few cells."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine

from vallum.errors import InputError
from vallum.kernel.grid import Grid
from vallum.theatre import Source, Theatre, load, names
from vallum.theatre.census import region_totals, units
from vallum.theatre.frame import make_grid
from vallum.theatre.people import built_up, counted, rural_weight, spread
from vallum.theatre.relief import relief, slope
from vallum.theatre.states import coast, edge_faults, regions, states
from vallum.theatre.store import folder
from vallum.theatre.surface import Dryness, desert_depth, surface
from vallum.theatre.ways import ROADS, road_cells

CRS = "+proj=laea +lat_0=18.5 +lon_0=-6.5 +datum=WGS84 +units=m +no_defs"


def grid(rows: int, cols: int, cell_km: float = 10.0) -> Grid:
    return Grid(CRS, 0.0, rows * cell_km * 1000, cell_km, rows, cols)


def polygons(shapes: list[shapely.Polygon], iso3: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"iso3": iso3, "name": iso3}, geometry=shapes, crs=CRS)


@pytest.fixture(scope="module")
def sahel() -> Theatre:
    return load("sahel", cell_km=25)


def test_a_cell_goes_to_the_state_of_its_centre_and_a_sliver_inland_to_the_nearest() -> None:
    cell = 10_000.0
    ground = grid(3, 6)
    west = shapely.box(0, 0, 2.4 * cell, 3 * cell)  # its edge lies west of column 2's centre
    east = shapely.box(2.6 * cell, 0, 5 * cell, 3 * cell)  # column 5 is sea
    rim = shapely.box(2.4 * cell, 0, 2.6 * cell, cell).union(
        shapely.box(2.4 * cell, 2 * cell, 2.6 * cell, 3 * cell)
    )
    frame = polygons([west, east.union(rim)], ["AAA", "BBB"])
    code = states(frame, ground)
    assert code[0].tolist() == [0, 0, 1, 1, 1, -1]
    assert code[1, 2] in (0, 1), "a sliver between two states is not sea"
    assert coast(code)[:, 4].all()
    assert coast(code).sum() == 3


def test_a_region_stays_within_its_state() -> None:
    ground = grid(2, 4)
    state = np.array([[0, 0, 1, 1]] * 2, np.int16)
    frame = polygons(
        [shapely.box(0, 0, 9_000, 20_000), shapely.box(10_000, 0, 40_000, 20_000)], ["AAA", "BBB"]
    )
    number = regions(frame, ["AAA", "BBB"], state, ground)
    assert number.tolist() == [[0, 0, 1, 1]] * 2


def test_members_keep_two_cells_from_the_edge() -> None:
    ground = grid(6, 6)
    member = np.zeros((6, 6), bool)
    member[2:4, 2:4] = True
    assert edge_faults(member, ground) == []
    member[2, 1] = True
    (fault,) = edge_faults(member, ground)
    assert fault.place == "bounds_km at 10 km"
    assert "1 cells" in fault.found
    assert edge_faults(np.zeros((6, 6), bool), ground)


def test_relief_and_slope_of_a_ramp() -> None:
    ramp = np.tile(np.array([0.0, 28.0, 56.0, 84.0]), (4, 1))
    place = Affine(1 / 12, 0, -5, 0, -1 / 12, 1 / 6)  # straddles the equator
    assert relief(ramp)[1].tolist() == [28, 56, 56, 28]
    assert slope(ramp, place)[1] == pytest.approx(28 / (111_195 / 12), rel=1e-4)


def test_relief_does_not_see_the_sea() -> None:
    shore = np.array([[np.nan, 0.0, 28.0]] * 3)
    assert np.isnan(relief(shore)[1, 0])
    assert relief(shore)[1, 1:].tolist() == [28, 28]
    assert slope(shore, Affine(1 / 12, 0, 0, 0, -1 / 12, 1 / 8))[1, 1] > 0


def test_the_surface_rule() -> None:
    zone = np.array([[0, 7, 7, 7, 5, 4]], np.int8)
    depth = np.array([[0.0, 300.0, 300.0, 200.0, 0.0, 0.0]])
    relief_m = np.array([[0, 28, 84, 28, 140, 0]], np.float32)
    far = np.full((1, 6), np.inf)
    near = far.copy()
    near[0, 5] = 5.0
    code = surface(Dryness(zone, depth), relief_m, near, far)
    assert code.tolist() == [[0, 1, 2, 3, 3, 4]]


def test_depth_in_the_desert() -> None:
    zone = np.array([[5, 7, 7, 0]], np.int8)
    assert desert_depth(zone, grid(1, 4)).tolist() == [[0.0, 10.0, 20.0, 0.0]]


def test_settlements_are_scaled_down_to_the_urban_total_and_never_up() -> None:
    countries = pd.DataFrame(
        {"people": [100_000, 100_000, 10_000], "urban_share": [0.2, 0.9, np.nan]},
        index=["AAA", "BBB", "CCC"],
    )
    places = pd.DataFrame(
        {
            "iso3": ["AAA", "AAA", "AAA", "BBB", "CCC", "CCC"],
            "people": [30_000, 10_000, 1000, 5000, 15_000, 5000],
        }
    )
    assert counted(countries, places).tolist() == [15_000, 5000, 1000, 5000, 7500, 2500]


def test_a_region_has_its_share_of_the_state_and_its_settlements_no_more_than_that() -> None:
    countries = pd.DataFrame({"people": [1000.0], "urban_share": [np.nan]}, index=["AAA"])
    census = pd.DataFrame({"iso3": "AAA", "region": ["N", "S"], "people": [30, 10]})
    totals = region_totals(countries, census)
    assert totals.tolist() == [750, 250]
    places = pd.DataFrame(
        {"iso3": "AAA", "region": ["N", "S", "S"], "people": [100.0, 300.0, 200.0]}
    )
    assert counted(countries, places, totals).tolist() == [100, 150, 100]


def strip(widths: list[float], census: list[float] | None) -> tuple[Any, ...]:
    """One state of 1,000 on a strip of four cells, cut into regions of the widths given (cells)."""
    ground = grid(1, 4)
    countries = pd.DataFrame(
        {"people": [1000.0], "urban_share": 1.0, "rural_on_grid": 1.0}, index=["AAA"]
    )
    edges = np.concatenate([[0.0], np.cumsum(widths)]) * 10_000
    shapes = [shapely.box(*pair, 10_000) for pair in zip(edges, [0] * 9, edges[1:], strict=False)]
    frame = polygons(shapes, ["AAA"] * len(widths))
    frame["name"] = [f"R{number}" for number in range(len(widths))]
    state = np.zeros((1, 4), np.int16)
    region = regions(frame, ["AAA"], state, ground)
    names = frame["name"] if census else []
    rows = pd.DataFrame({"iso3": "AAA", "region": names, "people": census or []})
    made = units(countries, region_totals(countries, rows), state, region, frame, ground)
    return countries, made, state, ground


def places(col: int, region: str, people: float) -> pd.DataFrame:
    table = {"iso3": ["AAA"], "region": [region], "people": [people], "counted": [people]}
    return pd.DataFrame({**table, "row": [0], "col": [col]})


def test_people_keep_to_their_regions() -> None:
    countries, made, state, ground = strip([2, 2], [60, 40])
    weight = np.array([[1.0, 2.0, 1.0, 3.0]])
    out = spread(countries, made, places(1, "R0", 300.0), state, weight, ground)
    assert out.people.tolist() == [[100.0, 500.0, 100.0, 300.0]]
    moved = spread(countries, made, places(2, "R0", 300.0), state, weight, ground)
    assert moved.people.tolist() == out.people.tolist(), "it counts in the nearest cell of its own"


def test_a_region_without_a_cell_gives_its_people_to_the_nearest() -> None:
    countries, made, state, ground = strip([1.6, 0.8, 1.6], [50, 20, 30])
    assert set(np.unique(made.code)) == {0, 2}
    out = spread(countries, made, places(1, "R1", 50.0), state, np.ones((1, 4)), ground)
    assert out.people.sum() == pytest.approx(1000, rel=1e-12)
    assert out.people[0, 1:3].sum() == pytest.approx(250 + 150 + 200)


def test_a_state_without_a_census_is_one_unit() -> None:
    countries, made, state, ground = strip([2, 2], None)
    out = spread(countries, made, places(1, "R0", 200.0), state, np.ones((1, 4)), ground)
    assert out.people.tolist() == [[200.0, 400.0, 200.0, 200.0]]


def test_people_are_conserved_and_towns_are_urban() -> None:
    countries = pd.DataFrame(
        {"people": [10_000.0, 8_000.0], "urban_share": 1.0, "rural_on_grid": [1.0, 0.5]},
        index=["AAA", "BBB"],
    )
    towns = pd.DataFrame(
        {
            "iso3": ["AAA", "AAA"],
            "region": "",
            "people": [6000, 1000],
            "counted": [6000.0, 1000.0],
            "row": [0, 0],
            "col": [0, 1],
        }
    )
    state = np.array([[0, 0, 1, -1]], np.int16)
    ground = grid(1, 4)
    frame = polygons([shapely.box(0, 0, 1, 1)], ["AAA"])
    none = region_totals(countries, pd.DataFrame({"iso3": [], "region": [], "people": []}))
    made = units(countries, none, state, state, frame, ground)
    out = spread(countries, made, towns, state, np.array([[1.0, 2.0, 5.0, 0.0]]), ground)
    assert out.people.tolist() == [[7000.0, 3000.0, 4000.0, 0.0]]
    assert out.urban.tolist() == [[6000.0, 0.0, 0.0, 0.0]]
    assert out.on_grid.tolist() == [10_000.0, 4000.0]


def test_a_city_covers_the_cells_of_its_unit_within_its_radius() -> None:
    state = np.zeros((5, 5), np.int16)
    state[:, 3:] = 1
    ground = grid(5, 5, 2.0)
    rows, cols = built_up(2, 2, 8000 * np.pi * 2.5**2, state, ground)  # a radius of 2.5 km
    assert sorted(zip(rows, cols, strict=True)) == [(1, 2), (2, 1), (2, 2), (3, 2)]
    assert [part.tolist() for part in built_up(0, 0, 20_000, state, ground)] == [[0], [0]]


def test_scattered_people_thin_out_into_the_desert_and_gather_by_towns() -> None:
    ground = grid(1, 40)
    zone = np.where(np.arange(40) < 5, 5, 7).astype(np.int8)[np.newaxis]
    none = np.zeros((1, 40), bool)
    dryness = Dryness(zone, desert_depth(zone, ground))
    empty = rural_weight(dryness, none, none, none, ground)[0]
    assert (np.diff(empty[4:]) <= 0).all()
    assert empty[0] / empty[-1] > 50
    town = none.copy()
    town[0, 20] = True
    assert rural_weight(dryness, town, none, none, ground)[0, 20] == pytest.approx(4 * empty[20])
    assert rural_weight(dryness, none, none, town, ground)[0, 20] > 5 * empty[20]


def test_the_highest_road_wins_its_cell() -> None:
    lines = [
        shapely.LineString([(0, 5000), (40_000, 5000)]),
        shapely.LineString([(0, 5000), (15_000, 5000)]),
        shapely.LineString([(0, 5000), (40_000, 5000)]),
    ]
    frame = gpd.GeoDataFrame(
        {"kind": ["road", "road", "rail"], "road_class": [1, 3, 0]}, geometry=lines, crs=CRS
    )
    level = road_cells(frame, grid(1, 4))
    assert [ROADS[value] for value in level[0]] == ["trunk", "trunk", "track", "track"]


def test_the_same_bounds_at_every_size_that_divides_them() -> None:
    config = {
        "projection": {"lat_0": 18.5, "lon_0": -6.5},
        "bounds_km": {"west": -1300, "south": -1075, "east": 1300, "north": 1125},
    }
    bounds = {make_grid(config, size).bounds for size in (2, 4, 5, 10, 20, 25, 50)}
    assert bounds == {(-1_300_000.0, -1_075_000.0, 1_300_000.0, 1_125_000.0)}
    west, south, east, north = make_grid(config, 3.7).bounds
    assert (west, north) == (-1_300_000.0, 1_125_000.0)
    assert -1_078_700 < south <= -1_075_000
    assert 1_300_000 <= east < 1_303_700


def test_the_built_in_theatre(sahel: Theatre) -> None:
    assert names() == ("sahel",)
    assert sahel.members == ("MRT", "MLI")
    assert [sahel.code(iso3) for iso3 in sahel.members] == [0, 1]
    role = sahel.countries["role"]
    assert role["MAR"] == "partner"
    assert role["SAH"] == "disputed"
    assert sahel.ground.rio.crs.to_dict()["proj"] == "laea"
    assert sahel.ground.sizes == {"y": sahel.grid.rows, "x": sahel.grid.cols}
    assert all(isinstance(source, Source) for source in sahel.sources)


def test_every_layer_says_its_unit_name_and_source(sahel: Theatre) -> None:
    for name, layer in sahel.ground.data_vars.items():
        for attribute in ("units", "long_name", "source"):
            assert layer.attrs.get(attribute), (name, attribute)
        with pytest.raises(ValueError, match="read-only"):
            layer.to_numpy()[0, 0] = 0
    assert sahel.ground["surface"].attrs["flag_meanings"] == "sea sand rock soil wetland water"


def test_the_tables_lie_on_the_grid(sahel: Theatre) -> None:
    for frame, column in ((sahel.settlements, "iso3"), (sahel.sites, "state")):
        here = frame[frame["row"] >= 0]
        found = sahel.ground["state"].to_numpy()[here["row"], here["col"]]
        assert [sahel.countries.index[code] for code in found] == here[column].tolist()
    assert (sahel.sites["row"] >= 0).all()
    assert len(sahel.sites) >= 60
    assert sahel.sites.loc[sahel.sites["offshore"], "kind"].isin(["industry", "mine"]).all()


def test_western_sahara_is_apart_and_disputed(sahel: Theatre) -> None:
    lonlat = sahel.borders.to_crs(4326).set_index("iso3").geometry
    assert lonlat["MAR"].bounds[1] == pytest.approx(27.6667, abs=0.01)
    assert lonlat["SAH"].bounds[3] == pytest.approx(27.6667, abs=0.01)
    area = sahel.borders.set_index("iso3").area / 1e6
    assert 255_000 < area["SAH"] < 275_000, "266,000 km² in the UN's tables"
    assert area["MAR"] < 450_000
    smara, dakhla, tarfaya = (
        shapely.Point(-11.67, 26.74),
        shapely.Point(-15.93, 23.71),
        shapely.Point(-12.8, 27.8),
    )
    assert lonlat["SAH"].contains(smara)
    assert lonlat["SAH"].buffer(0.05).contains(dakhla)
    assert lonlat["MAR"].contains(tarfaya)
    disputed = sahel.ground["disputed"].to_numpy()
    assert (disputed == sahel.state_mask("SAH")).all()
    assert not (disputed & sahel.member_mask).any()


def test_an_unknown_state_is_refused_with_the_nearest(sahel: Theatre) -> None:
    with pytest.raises(InputError, match="did you mean 'MLI'"):
        sahel.code("MLL")


def test_the_events_of_each_table_lie_in_drawn_regions(sahel: Theatre) -> None:
    drawn = set(zip(sahel.regions["iso3"], sahel.regions["name"], strict=True))
    for table in (sahel.events_year, sahel.events_month):
        assert set(zip(table["iso3"], table["region"], strict=True)) <= drawn
    assert {"iso3", "year", "deaths"} <= set(sahel.deaths_year.columns)


def test_people_of_each_region_are_its_share(sahel: Theatre) -> None:
    """At 10 km every region has its share of the state exactly, Bamako in its one cell too."""
    fine = load("sahel", cell_km=10)
    census = pd.read_csv(folder("sahel") / "region_people.csv").set_index(["iso3", "region"])
    people, region = fine.ground["people"].to_numpy(), fine.ground["region"].to_numpy()
    pairs = list(zip(fine.regions["iso3"], fine.regions["name"], strict=True))
    for iso3 in sahel.members:
        share = census.loc[iso3, "people"] / census.loc[iso3, "people"].sum()
        total = fine.countries.loc[iso3, "people"]
        got = pd.Series(
            {
                name: people[region == number].sum() / total
                for number, (state, name) in enumerate(pairs)
                if state == iso3
            }
        )
        assert set(got.index) == set(share.index)
        assert got.to_dict() == pytest.approx(share.to_dict(), rel=1e-9)
