"""The ground in classes: slope, wadis, dunes and haul by hand on a few cells."""

from __future__ import annotations

import dataclasses
import math
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr

from vallum.errors import InputError
from vallum.kernel.grid import Grid
from vallum.threat.movement import MovementSettings
from vallum.threat.movement.table import load_movement
from vallum.works.catalogue import Catalogue, Item, Material, Range
from vallum.works.ground import classify
from vallum.works.ground.classes import cut, means
from vallum.works.ground.haul import depots, haul_km, road_kmh
from vallum.works.ground.terrain import (
    DUNES,
    WADIS,
    crossings_per_km,
    density_km,
    dunes,
    ground_slope,
    wadis_per_km,
)
from vallum.works.sight.model import Cover, flat_cover

SEA, SAND, ROCK, SOIL, WETLAND, WATER = range(6)
AW, BSH, BWH = 4, 5, 7
LAYERS = {
    "state": "int16",
    "surface": "int8",
    "climate": "int8",
    "road": "int8",
    "river": "bool",
    "relief_m": "float32",
    "slope": "float32",
    "people": "float64",
}
PLAIN = {"surface": SOIL, "climate": BWH, "road": 0, "river": 0, "relief_m": 0.0, "slope": 0.0}


def sure(value):
    return Range(value, value, value, "judgement: by hand")


STONE = Material("stone", "stone", frozenset({"rock"}), "m3", sure(2.0))
EARTH = Material("earth", "earth", frozenset({"sand", "soil"}), "m3", sure(2.0))
STEEL = Material("steel", "steel", frozenset(), "t", sure(1.0))
MATERIALS = MappingProxyType({each.id: each for each in (STONE, EARTH, STEEL)})
WALL = Item(
    id="wall",
    text="wall",
    role="barrier",
    unit="km",
    ground=frozenset({"sand", "rock", "soil"}),
    capital_usd=sure(1e5),
    life_yr=sure(10.0),
    upkeep_usd_yr=sure(1e3),
    men=sure(0.0),
    slope_max=sure(0.1),
    material=MappingProxyType({"stone": sure(2500.0)}),
)
CATALOGUE = Catalogue(MappingProxyType({"wall": WALL}), MappingProxyType({}), materials=MATERIALS)


@pytest.fixture(name="land")
def _land(sahel):
    """Make a theatre of a few cells of 10 km; layers that aren't given are as `PLAIN`."""

    def make(cell_km=10.0, *, rivers=(), towns=(), ports=(), **layers):
        shape = np.shape(next(iter(layers.values())))
        surface = np.asarray(layers.get("surface", np.full(shape, SOIL)))
        values = {name: np.full(shape, value) for name, value in PLAIN.items()}
        values |= {"state": np.where(surface == SEA, -1, 0), "people": np.zeros(shape)}
        values |= layers
        grid = Grid("EPSG:6933", 0.0, 0.0, cell_km, *shape)
        ground = xr.Dataset(
            {name: (("y", "x"), np.asarray(values[name], kind)) for name, kind in LAYERS.items()}
        )
        spots = {"settlements": [], "sites": []}
        spots["settlements"] = [{"people": p, "row": r, "col": c} for p, r, c in towns]
        spots["sites"] = [{"kind": "port", "row": r, "col": c} for r, c in ports]
        columns = {"settlements": ["people", "row", "col"], "sites": ["kind", "row", "col"]}
        tables = {
            name: gpd.GeoDataFrame(rows, columns=[*columns[name], "geometry"], crs=grid.crs)
            for name, rows in spots.items()
        }
        lines = gpd.GeoDataFrame(geometry=[shapely.LineString(r) for r in rivers], crs=grid.crs)
        return dataclasses.replace(sahel, grid=grid, ground=ground, rivers=lines, **tables)

    return make


def test_slope_by_relief_and_the_greater_counts():
    # 84 m over 27.8 km is 0.00302; 278^0.3 = 5.41 times as steep over 100 m, and 1.2 times that
    assert ground_slope(np.array(84.0), np.array(0.0)) == pytest.approx(0.01962, rel=1e-3)
    assert ground_slope(np.array(84.0), np.array(0.3)) == 0.3
    # at H = 1 slopes are the same at every scale
    assert ground_slope(np.array(278.0), np.array(0.0), hurst=1.0) == pytest.approx(0.012)


def test_rivers_are_counted_by_length_over_the_neighbourhood(land):
    # a river of 30 km straight down the middle of 9 × 9 cells of 10 km, three rows of them
    river = [(45_000.0, -30_000.0), (45_000.0, -60_000.0)]
    theatre = land(surface=np.full((9, 9), SOIL), rivers=[river])
    density = density_km(theatre)
    # squares of 30 km: the nine cells about the river's middle see all 30 km of it, 30/900
    assert density[4, 3:6] == pytest.approx([30 / 900] * 3)
    assert density[2, 4] == pytest.approx(10 / 900)
    assert density.sum() * 100.0 == pytest.approx(30.0)
    assert crossings_per_km(np.array(math.pi)) == pytest.approx(2.0)
    # sand drinks what falls on it: the river that is mapped counts, where it is more
    sand = land(surface=np.full((9, 9), SAND), rivers=[river] * 3)
    wadis = wadis_per_km(sand)
    assert wadis[4, 4] == pytest.approx(2 / math.pi * 90 / 900)
    assert wadis[0, 0] == WADIS["sand"].mode


def test_wadis_and_dunes_by_ground(land):
    surface = np.array([[SEA, SAND, ROCK, SOIL, SOIL, WETLAND, WATER, SAND, SAND, SOIL]])
    climate = np.array([[0, BWH, BWH, BWH, BSH, AW, AW, AW, 0, 0]])
    theatre = land(surface=surface, climate=climate)
    names = ["sand", "rock", "desert soil", "soil", "wetland", None, "sand", "sand", "soil"]
    expected = [0.0] + [WADIS[name].mode if name else 0.0 for name in names]
    assert wadis_per_km(theatre)[0].tolist() == expected
    desert, some = DUNES["desert sand"].mode, DUNES["desert"].mode
    assert dunes(theatre)[0].tolist() == [0, desert, some, some, 0, 0, 0, 0, desert, 0]


def test_haul_is_time_in_kilometres_of_road(land):
    surface = np.array([[ROCK, SOIL, SOIL, SAND, WATER, SOIL]])
    theatre = land(surface=surface, towns=[(60_000, 0, 2), (40_000, 0, 1)])
    way = load_movement(None).ways["four_by_four"]
    speed = way.road_kmh["primary"].mode
    assert road_kmh(MovementSettings()) == speed
    rock, soil, sand = (speed / way.surface_kmh[k].mode for k in ("rock", "soil", "sand"))
    km = haul_km(theatre, MATERIALS)
    # a step costs half of each cell
    one = 5 * rock + 5 * soil
    two = one + 10 * soil
    three = two + 5 * soil + 5 * sand
    assert km["stone"][0, :4] == pytest.approx([0, one, two, three])
    assert km["earth"][0, :4] == pytest.approx([one, 0, 0, 0])
    assert km["earth"][0, 5] == 0.0  # across the water, which no lorry crosses
    assert np.isinf(km["stone"][0, 4:]).all()
    # steel is found nowhere: from the town of 60,000
    assert km["steel"][0, :4] == pytest.approx([one + 10 * soil, 10 * soil, 0, three - two])
    road = land(surface=surface, road=np.full((1, 6), 2))
    assert haul_km(road, MATERIALS)["stone"][0] == pytest.approx([0, 10, 20, 30, 40, 50])


def test_hills_give_stone_whatever_grows_on_them(land):
    theatre = land(relief_m=np.array([[84.0, 83.9, 200.0]]), surface=[[SOIL, SOIL, WATER]])
    assert (haul_km(theatre, MATERIALS)["stone"][0, :2] > 0).tolist() == [False, True]


def test_depots_are_towns_and_ports_or_the_best_there_is(land):
    surface, people = np.full((1, 4), SOIL), np.array([[1.0, 5.0, 2.0, 0.0]])
    towns = [(50_000, 0, 0), (49_999, 0, 1)]
    for more, expected in (
        ({"towns": towns, "ports": [(0, 3)]}, [0, 3]),
        ({"ports": [(0, 3)]}, [3]),
        ({"towns": towns[1:]}, [1]),
        ({}, [1]),
    ):
        theatre = land(surface=surface, people=people, **more)
        assert np.flatnonzero(depots(theatre)).tolist() == expected


def test_cut_halves_what_is_spread_most():
    costs = np.array([[0.0, 3.0], [10.0, 3.0], [11.0, 3.0], [0.0, 3.0], [1.0, 9.0]])
    alike = np.array([[0], [0], [0], [0], [1]])
    assert cut(alike, costs, most=2, fine=0.0).tolist() == [0, 0, 0, 0, 1]
    assert cut(alike, costs, most=3, fine=0.0).tolist() == [0, 1, 1, 0, 2]
    assert cut(alike, costs, most=9, fine=0.0).tolist() == [0, 1, 2, 0, 3]
    assert cut(alike, costs, most=9, fine=0.6).tolist() == [0, 1, 1, 0, 2]
    assert cut(alike, costs, most=1, fine=0.0).tolist() == [0, 0, 0, 0, 1]
    assert cut(np.zeros((0, 1), int), np.zeros((0, 2)), most=3, fine=0.0).size == 0
    of = np.array([0, 0, 1])
    assert means(of, np.array([1.0, 3.0, np.inf])).tolist() == [2.0, np.inf]


def two_rows():
    every = np.ones((2, 1, 1))
    return Cover(np.array([10.0]), np.array([1.0]), every, every)


def test_classes_of_a_few_cells(land):
    surface = np.array([[SEA, ROCK, SOIL, SOIL, WATER, SOIL]])
    slope = np.array([[0, 0.05, 0.04, 0.06, 0, 0.2]])
    theatre = land(surface=surface, slope=slope, climate=np.full((1, 6), BSH))
    theatre = dataclasses.replace(
        theatre, ground=theatre.ground.assign(road=(("y", "x"), [[2] * 6]))
    )
    cover_of = np.array([[9, 1, 0, 0, -1, 0]])
    ground = classify(theatre, CATALOGUE, cover=two_rows(), cover_of=cover_of, most=3)
    # the last cell is too steep for the wall; the two before lie 10 and 20 km from stone
    assert ground.of.tolist() == [[-1, 0, 1, 1, -1, 2]]
    rock, near, far = ground.classes
    assert (rock.surface, rock.cover, near.surface, near.cover) == ("rock", 1, "soil", 0)
    assert near.slope == pytest.approx(0.06)  # the steeper of the two
    assert near.haul_km["stone"] == pytest.approx(15.0)  # their mean
    assert far.haul_km["stone"] == pytest.approx(40.0)
    assert "stone" not in rock.haul_km
    assert rock.haul_km["earth"] == pytest.approx(10.0)
    assert near.wadis_per_km == pytest.approx(WADIS["soil"].mode)
    assert ground.of.dtype == np.int32
    assert not ground.of.flags.writeable
    apart = classify(theatre, CATALOGUE, cover=two_rows(), cover_of=cover_of)
    assert apart.of.tolist() == [[-1, 0, 1, 2, -1, 3]]
    assert all(len(row.source) > 10 and row.low <= row.value <= row.high for row in ground.ledger)
    assert len({row.key for row in ground.ledger}) == len(ground.ledger)


@pytest.mark.parametrize(
    "cover_of", [np.zeros((1, 3)), np.zeros((2, 2), int), np.array([[0, 2, 0]]), [[0, -1, 0]]]
)
def test_rows_of_cover_that_are_not_there_are_refused(land, cover_of):
    theatre = land(surface=np.full((1, 3), SOIL))
    with pytest.raises(InputError, match="cover_of"):
        classify(theatre, CATALOGUE, cover=two_rows(), cover_of=cover_of)


def test_a_theatre_without_land_has_no_classes(land):
    theatre = land(surface=np.array([[SEA, WATER]]))
    ground = classify(theatre, CATALOGUE, cover=flat_cover(), cover_of=np.zeros((1, 2), int))
    assert ground.classes == ()
    assert (ground.of == -1).all()
