"""The ground of the Sahel: what an engineer would expect where, and rivers against thrown lines."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest
import shapely
from pyproj import Transformer

import vallum
from vallum.works.catalogue import Catalogue, Item, Material, Range
from vallum.works.ground import classify
from vallum.works.ground.haul import haul_km
from vallum.works.ground.terrain import crossings_per_km, density_km, dunes, wadis_per_km
from vallum.works.sight.model import Cover


def sure(value):
    return Range(value, value, value, "judgement: by hand")


MATERIALS = MappingProxyType(
    {
        "stone": Material("stone", "stone", frozenset({"rock"}), "m3", sure(1.65)),
        "earth": Material("earth", "earth", frozenset({"sand", "soil"}), "m3", sure(1.6)),
        "steel": Material("steel", "steel", frozenset(), "t", sure(1.0)),
    }
)
# lon, lat: the ergs of Mauritania and Mali; the plateaus of Adrar and Tagant; the ocean
ERGS = {"Majabat": (-7.5, 20.0), "Chech": (-3.5, 24.5), "Ouarane": (-9.0, 21.0)}
PLATEAUS = {"Atar": (-13.0, 20.4), "Chinguetti": (-12.36, 20.46), "Tagant": (-11.8, 18.2)}


def wall(key, material, slope):
    return Item(
        id=key,
        text=key,
        role="barrier",
        unit="km",
        ground=frozenset({"sand", "rock", "soil"}),
        capital_usd=sure(1e5),
        life_yr=sure(20.0),
        upkeep_usd_yr=sure(1e3),
        men=sure(0.0),
        slope_max=sure(slope),
        material=MappingProxyType(material),
    )


CATALOGUE = Catalogue(
    MappingProxyType(
        {
            "stone_wall": wall("stone_wall", {"stone": sure(2500.0)}, 0.7),
            "sand_wall": wall("sand_wall", {"earth": sure(13_000.0)}, 0.05),
            "fence": wall("fence", {"steel": sure(20.0)}, 0.8),
        }
    ),
    MappingProxyType({}),
    materials=MATERIALS,
)


@pytest.fixture(scope="module", name="theatre")
def _theatre():
    return vallum.load_theatre("sahel")


@pytest.fixture(scope="module", name="ground")
def _ground(theatre):
    rows = np.searchsorted([28.0, 84.0, 168.0], theatre.ground["relief_m"].to_numpy())
    every = np.ones((4, 1, 1))
    cover = Cover(np.array([10.0]), np.array([1.0]), every, every)
    return classify(theatre, CATALOGUE, cover=cover, cover_of=rows)


def at(theatre, place):
    to = Transformer.from_crs(4326, theatre.grid.crs, always_xy=True)
    row, col, inside = theatre.grid.locate(*to.transform(*place))
    assert inside
    return int(row), int(col)


def test_sand_in_the_ergs_stone_on_the_plateaus_nothing_at_sea(theatre, ground):
    for place in ERGS.values():
        here = ground.classes[ground.of[at(theatre, place)]]
        assert here.surface == "sand"
        assert here.dunes > 0.1
        assert "earth" not in here.haul_km
        assert here.haul_km["stone"] > 50
        assert here.wadis_per_km < 0.1
    for place in PLATEAUS.values():
        here = ground.classes[ground.of[at(theatre, place)]]
        assert here.surface == "rock"
        assert "stone" not in here.haul_km
        assert here.haul_km["earth"] > 0
        assert here.dunes <= 0.1
        assert here.wadis_per_km > 0.3
    assert ground.of[at(theatre, (-17.6, 19.0))] == -1
    sea = theatre.ground["surface"].to_numpy() == 0
    assert (ground.of[sea] == -1).all()
    assert (ground.of[~sea] >= 0).all()
    # Bandiagara's sandstone and the hills of Bamako lie under rain: soil, and stone beside it
    for place in ((-3.6, 14.35), (-8.0, 12.65)):
        here = ground.classes[ground.of[at(theatre, place)]]
        assert (here.surface, here.haul_km.get("stone", 0.0)) == ("soil", 0.0)


def test_totals_of_cells_are_kept_in_few_classes(theatre, ground):
    assert len(ground.classes) <= 120
    land = ground.of >= 0
    of = ground.of[land]
    km = haul_km(theatre, MATERIALS)
    fields = {"wadis_per_km": wadis_per_km(theatre), "dunes": dunes(theatre)}
    for name, field in fields.items():
        by_class = np.array([getattr(each, name) for each in ground.classes])
        assert by_class[of].sum() == pytest.approx(field[land].sum()), name
    for key, field in km.items():
        by_class = np.array([each.haul_km.get(key, 0.0) for each in ground.classes])[of]
        reached = np.isfinite(field[land])
        assert (np.isfinite(by_class) == reached).all()
        assert by_class[reached].sum() == pytest.approx(field[land][reached].sum()), key
        # a class tells of its cells within a fifth of what they differ by
        error = np.sqrt(np.mean((by_class[reached] - field[land][reached]) ** 2))
        spread = field[land][reached].std()
        print(f"{key}: {error:.0f} km of {spread:.0f}")
        if key == "stone":
            assert error < 0.2 * spread
    print_table(theatre, ground, km)


def print_table(theatre, ground, km):
    members = theatre.member_mask
    surfaces = np.array([each.surface for each in ground.classes])[ground.of[members]]
    for name in ("sand", "rock", "soil", "wetland"):
        mask = surfaces == name
        classes = len(np.unique(ground.of[members][mask]))
        ends = [np.quantile(km[key][members][mask], [0.1, 0.5, 0.9]).round() for key in km]
        print(name, classes, round(float(mask.mean()), 3), dict(zip(km, ends, strict=True)))


def test_haul_is_no_shorter_than_the_crow_flies_at_the_best_speed(theatre):
    # no cell is faster than a trunk road (75 km/h at most where a primary road makes 50)
    stone = haul_km(theatre, MATERIALS)["stone"]
    rows, cols = np.nonzero(stone == 0.0)
    there = shapely.MultiPoint(np.column_stack([cols, rows])).geoms
    tree = shapely.STRtree(list(there))
    away = np.argwhere(np.isfinite(stone) & (stone > 0))[::97]
    points = shapely.points(away[:, ::-1].astype(float))
    nearest = tree.query_nearest(points, return_distance=True, all_matches=False)[1]
    crow_km = nearest * theatre.grid.cell_km
    assert (stone[away[:, 0], away[:, 1]] >= 0.5 * crow_km).all()


def test_rivers_are_crossed_as_often_as_thrown_lines_cross_them(theatre):
    grid = theatre.grid
    west, south, east, _ = grid.bounds
    rivers = theatre.rivers.to_crs(grid.crs).geometry.to_numpy()
    rng = np.random.default_rng(5)
    length = 400e3
    lows, highs = [west + 3e5, south + 3e5], [east - 3e5, south + 9e5]
    centre, angle = rng.uniform(lows, highs, (3000, 2)), rng.uniform(0, np.pi, 3000)
    step = length / 2 * np.column_stack([np.cos(angle), np.sin(angle)])
    lines = shapely.linestrings(np.stack([centre - step, centre + step], axis=1))
    thrown, river = shapely.STRtree(rivers).query(lines, predicate="intersects")
    shared = shapely.intersection(lines[thrown], rivers[river])
    crossed = shapely.get_num_geometries(shared).sum() / (len(lines) * length / 1000)
    # the same lines over the field, at points a kilometre apart
    points = shapely.line_interpolate_point(
        lines[:, np.newaxis], np.linspace(0, 1, 401)[np.newaxis], normalized=True
    )
    row, col, _ = grid.locate(shapely.get_x(points), shapely.get_y(points))
    field = crossings_per_km(density_km(theatre))[row, col].mean()
    assert field == pytest.approx(crossed, rel=0.05)
