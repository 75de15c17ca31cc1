"""The raster door, by hand on few pixels: totals, faults, terrain, land cover."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from affine import Affine

from vallum.theatre.bring.amounts import read_amount
from vallum.theatre.bring.landcover import read_climate, read_surface
from vallum.theatre.bring.raster_zones import pixel_km2
from vallum.theatre.bring.rasters import open_tiles, raster_faults
from vallum.theatre.bring.sections import ClassesLayer, RasterLayer
from vallum.theatre.bring.terrain import read_terrain
from vallum.theatre.surface import CLIMATES

_spec = importlib.util.spec_from_file_location(
    "rasters", Path(__file__).parents[1] / "fuzz" / "rasters.py"
)
assert _spec is not None
assert _spec.loader is not None
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)

DEGREES = Affine(0.0901, 0, -2.7, 0, -0.0901, 17.7)
ONES = np.ones((60, 60), np.float32)


@pytest.fixture(scope="module")
def area():
    return made.make_area()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "raster.tif"


def read(path, area, **more):
    national = more.pop("national", None)
    units = more.pop("units", "people")
    return read_amount(made.layer(path, **more), "population", area, units=units, national=national)


def said(faults):
    return "\n".join(str(fault) for fault in faults)


def at(lon, lat, transform=DEGREES):
    col, row = (lon - transform.c) / transform.a, (lat - transform.f) / transform.e
    return int(row), int(col)


# totals


def test_people_stay_in_the_state_that_holds_them(path, area):
    values = np.zeros((60, 60), np.float32)
    values[at(-1, 15)], values[at(0.7, 15)], values[at(1.8, 15)] = 100, 20, 3
    amount, faults = read(made.write(path, values, DEGREES), area)
    assert not faults
    assert amount.by_state.tolist() == pytest.approx([100, 20])
    assert amount.beyond == pytest.approx(3)
    assert (amount.at_sea, amount.ashore, amount.outside) == (0, 0, 0)
    assert amount.values[area.state == 0].sum() == pytest.approx(100)
    assert amount.values[area.state == 1].sum() == pytest.approx(20)
    assert not amount.values.flags.writeable
    assert "10 × 10" in amount.source.resampling or "11 × 11" in amount.source.resampling


def test_a_pixel_on_the_border_is_shared_by_land(path, area):
    values = np.zeros((60, 60), np.float32)
    values[at(0.07, 15)] = 90
    values[at(0.7, 15)] = 1
    amount, _ = read(made.write(path, values, DEGREES), area)
    assert 5 < amount.by_state[0] < 85
    assert amount.by_state.sum() == pytest.approx(91)


def test_a_pixel_on_the_shore_loses_nobody(path, area):
    values = ONES * 0
    values[at(-1.9, 14)] = 7  # its west is sea
    values[at(0.7, 15)] = 1
    amount, _ = read(made.write(path, values, DEGREES), area)
    assert amount.by_state[0] == pytest.approx(7)


@pytest.mark.parametrize(
    ("lon", "ashore_km", "lost"), [(-2.15, 20, 0), (-2.4, 20, 9), (-2.15, 0, 9)]
)
def test_people_at_sea_come_ashore_or_are_counted_lost(path, area, lon, ashore_km, lost):
    values = ONES * 0
    values[at(lon, 14)] = 9
    values[at(-1, 15)] = values[at(0.7, 15)] = 1
    amount, _ = read(made.write(path, values, DEGREES), area, ashore_km=ashore_km)
    assert amount.at_sea == pytest.approx(lost)
    assert amount.ashore == pytest.approx(9 - lost)
    assert amount.by_state[0] == pytest.approx(10 - lost)


def test_what_lies_off_the_grid_is_outside(tmp_path):
    small = made.make_area(side_km=400.0)  # the states reach beyond it
    values = ONES * 0
    values[at(-1.9, 15)], values[at(-1, 15)], values[at(0.7, 15)] = 5, 2, 3
    amount, faults = read(made.write(tmp_path / "r.tif", values, DEGREES), small)
    assert not faults
    assert amount.outside == pytest.approx(5)
    assert amount.by_state.tolist() == pytest.approx([2, 3])


def test_a_density_is_times_the_area_of_land(path, area):
    amount, faults = read(made.write(path, ONES * 10, DEGREES), area, values="density", ashore_km=0)
    assert not faults
    for code, iso3 in enumerate(area.order):
        ring = made.LANDS[iso3]
        km2 = abs(pyproj.Geod(ellps="WGS84").polygon_area_perimeter(*zip(*ring, strict=True))[0])
        assert amount.by_state[code] == pytest.approx(10 * km2 / 1e6, rel=0.003)


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        (4326, DEGREES),
        (4326, Affine(0.01, 0.004, -2, 0.004, -0.01, 16)),
        (32631, Affine(900, 0, 100_000, 0, -900, 1_700_000)),
        (3857, Affine(900, 0, 1_000, 0, -900, 1_700_000)),
        (3857, Affine(90, 0, 1_000, 0, -90, 1_700_000)),
    ],
)
def test_pixels_are_as_large_as_on_the_ellipsoid(path, area, crs, transform):
    layer = RasterLayer(file=(made.write(path, ONES, transform, crs),), **made.SAID)
    tile = open_tiles(layer, "population", area)[0][0]
    top, bottom, left, right = 20, 23, 30, 34
    found = np.broadcast_to(pixel_km2(tile, (top, bottom, left, right)), (3, 4))
    to_earth = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    ball = pyproj.Geod(ellps="WGS84")
    for row in range(3):
        for col in range(4):
            edge = shapely.segmentize(
                shapely.transform(
                    shapely.box(left + col, top + row, left + col + 1, top + row + 1),
                    lambda xy: np.column_stack(
                        (
                            transform.a * xy[:, 0] + transform.b * xy[:, 1] + transform.c,
                            transform.d * xy[:, 0] + transform.e * xy[:, 1] + transform.f,
                        )
                    ),
                ),
                transform.a / 50,
            )
            lon, lat = to_earth.transform(*shapely.get_coordinates(edge).T)
            true = abs(ball.polygon_area_perimeter(lon, lat)[0]) / 1e6
            within = 3e-6 if transform.a != 90 else 5e-5  # groups of 11 × 11
            assert found[row, col] == pytest.approx(true, rel=within)


def test_one_raster_in_tiles_is_the_same(tmp_path, area):
    rng = np.random.default_rng(0)
    values = rng.random((60, 60))
    whole, _ = read(made.write(tmp_path / "whole.tif", values, DEGREES), area)
    parts = [
        made.write(tmp_path / f"{row}{col}.tif", values[row : row + 30, col : col + 30], Affine(
            DEGREES.a, 0, DEGREES.c + col * DEGREES.a, 0, DEGREES.e, DEGREES.f + row * DEGREES.e
        ))
        for row in (0, 30) for col in (0, 30)
    ]  # fmt: skip
    tiles, faults = read_amount(made.layer(*parts), "population", area, units="people")
    assert not faults
    assert np.allclose(tiles.by_state, whole.by_state, rtol=1e-12)
    assert np.allclose(tiles.values, whole.values, rtol=1e-12)
    twice, faults = read_amount(
        made.layer(*parts, tmp_path / "whole.tif"), "population", area, units="people"
    )
    assert twice is None
    assert len(faults) == 4
    assert "counted twice" in said(faults)


@pytest.mark.parametrize("crs", [4326, 3857])
def test_rasters_of_states_may_share_a_border_but_not_a_province(tmp_path, area, crs):
    # as WorldPop gives them: a file for each state, whose frames overlap
    whole = np.random.default_rng(3).random((60, 60)) + 1
    west, east = whole.copy(), whole.copy()
    west[:, 31:], east[:, :30] = -99, -99  # column 30 has people of both sides
    place = DEGREES if crs == 4326 else Affine(10030, 0, -300560, 0, -10030, 2000000)
    files = [
        made.write(tmp_path / name, part, place, crs, nodata=-99)
        for name, part in (("west.tif", west), ("east.tif", east))
    ]
    both, faults = read_amount(made.layer(*files), "population", area, units="people")
    assert not faults
    joined = np.where(west > 0, west, 0) + np.where(east > 0, east, 0)
    one, _ = read(made.write(tmp_path / "one.tif", joined, place, crs), area)
    assert both.by_state == pytest.approx(one.by_state, rel=1e-12)
    east[:, 20:30] = 1
    made.write(tmp_path / "east.tif", east, place, crs, nodata=-99)
    none, faults = read_amount(made.layer(*files), "population", area, units="people")
    assert none is None
    assert "counted twice" in said(faults)


def test_strips_and_tiles_are_the_same(tmp_path, area):
    values = np.random.default_rng(1).random((1300, 1300)).astype(np.float32)
    fine = Affine(0.0042, 0, -2.7, 0, -0.0042, 17.7)
    strips, faults = read(made.write(tmp_path / "s.tif", values, fine, blockysize=1), area)
    assert not faults
    tiled = made.write(tmp_path / "t.tif", values, fine, tiled=True, blockxsize=256, blockysize=256)
    tiles, _ = read(tiled, area)
    assert np.allclose(strips.by_state, tiles.by_state, rtol=1e-12)
    assert np.allclose(strips.values, tiles.values, rtol=1e-12)


def test_scale_offset_and_masks_are_heeded(tmp_path, area):
    import rasterio  # noqa: PLC0415

    path = made.write(tmp_path / "a.tif", np.full((60, 60), 4, np.int16), DEGREES)
    plain, _ = read(path, area)
    with rasterio.open(path, "r+") as data:
        data.scales, data.offsets = (0.5,), (1.0,)
    scaled, _ = read(path, area)
    assert np.allclose(scaled.by_state, plain.by_state * 3 / 4)
    masked = made.write(tmp_path / "b.tif", np.full((60, 60), 4, np.int16), DEGREES)
    with rasterio.open(masked, "r+") as data:
        mask = np.full((60, 60), 255, np.uint8)
        mask[at(-1, 15)] = 0
        data.write_mask(mask)
    some, _ = read(masked, area)
    assert some.by_state.sum() == pytest.approx(plain.by_state.sum() - 4)


def test_the_configs_nodata_joins_the_files(path, area):
    values = ONES.copy()
    values[at(-1, 15)], values[at(0.7, 15)] = -1, -99999
    made.write(path, values, DEGREES, nodata=-99999)
    assert "population.nodata = -1" in said(read(path, area)[1])
    amount, faults = read(path, area, nodata=-1)
    assert not faults
    assert amount.by_state.sum() > 0


# faults


def test_what_is_no_raster_is_said(path, area):
    path.write_bytes(b"II*\0 no")
    assert "can't be read as a raster" in said(read(path, area)[1])
    path.write_text("text")
    assert "can't be read as a raster" in said(read(path, area)[1])


@pytest.mark.parametrize(
    ("transform", "crs", "more", "found", "mend"),
    [
        (DEGREES, None, {}, "no coordinate system", 'population.crs = "EPSG:4326"'),
        (DEGREES, 4326, {"crs": "EPSG:99999999"}, "is no coordinate system", "EPSG:4326"),
        (DEGREES, 4326, {"crs": "EPSG:32631"}, "the config says", "leave population.crs out"),
        (DEGREES, 4326, {"band": 2}, "no band 2", "from 1 to 1"),
        (Affine.identity(), 4326, {}, "no geotransform", "gdalwarp"),
        (Affine(0.09, 0, 14, 0, -0.09, 2), 4326, {}, "does not meet", "swap its longitudes"),
        (Affine(0.09, 0, 80, 0, -0.09, 50), 4326, {}, "does not meet", "give one that covers"),
        (Affine(900, 0, 1e5, 0, -900, 1e6), 4326, {}, "in degrees", "name the right"),
        (Affine(0.09, 0, 357, 0, -0.09, 18), 4326, {}, "in degrees", "0 to 360"),
    ],
)
def test_faults_of_place(path, area, transform, crs, more, found, mend):
    made.write(path, ONES, transform, crs)
    layer = made.layer(path, **more)
    faults = raster_faults(layer, "population", area)
    assert len(faults) == 1
    assert found in faults[0].found
    assert mend in faults[0].mend
    assert faults[0].where == str(path)
    assert faults[0].place.startswith("population")
    assert read(path, area, **more) == (None, faults)


def test_a_crs_is_taken_from_the_config_where_the_file_has_none(path, area):
    made.write(path, ONES, DEGREES, None)
    amount, faults = read(path, area, crs="EPSG:4326")
    assert not faults
    assert amount.source.crs_in == "EPSG:4326"


@pytest.mark.parametrize(
    ("spoil", "more", "found", "mend"),
    [
        ({(-1, 15): -5}, {}, "1 negative values, the least -5", "population.nodata = -5"),
        ({(-1, 15): -5, (0, 15): -200}, {}, "2 negative values", "population.nodata = -200"),
        ({(-1, 15): np.inf}, {}, "1 values are infinite", "no data"),
        ({(-1, 15): 1e20}, {}, "1 values above 1e+15", "population.nodata"),
        ({(-1, 15): 1e11}, {}, "more than the world has", "units"),
        ({(-1, 15): 2e5}, {"values": "density"}, "200,000 people per km²", 'values = "count"'),
    ],
)
def test_faults_of_values(path, area, spoil, more, found, mend):
    values = ONES.copy()
    for place, value in spoil.items():
        values[at(*place)] = value
    amount, faults = read(made.write(path, values, DEGREES), area, **more)
    assert amount is None
    assert found in faults[0].found
    assert mend in faults[0].mend


def test_not_a_number_is_nothing_and_holes_over_members_are_said(path, area):
    values = ONES.copy()
    values[at(-1, 15)] = np.nan
    amount, faults = read(made.write(path, values, DEGREES), area)
    assert not faults
    values[:, 31:] = np.nan
    amount, faults = read(made.write(path, values, DEGREES), area)
    assert amount is None
    assert "of BBB" in said(faults)
    assert "no data on" in said(faults)


def test_a_member_with_nothing_is_said(path, area):
    values = ONES.copy()
    values[:, 30:] = 0
    _, faults = read(made.write(path, values, DEGREES), area)
    assert said(faults).count("nothing at all in BBB") == 1


def test_density_taken_for_counts_and_the_reverse(path, area):
    made.write(path, ONES, DEGREES)
    dense, _ = read(path, area, values="density")
    counts, _ = read(path, area)
    truth = dict(zip(area.order, dense.by_state, strict=True))
    _, faults = read(path, area, national=truth)
    assert "density taken for counts" in said(faults)
    assert faults[0].mend == 'values = "density"'
    assert not read(path, area, values="density", national=truth)[1]
    truth = dict(zip(area.order, counts.by_state, strict=True))
    _, faults = read(path, area, values="density", national=truth)
    assert "counts taken for density" in said(faults)
    # neither reading fits: which one is not ours to say, but these are not those people
    found = said(read(path, area, national={"AAA": 1.0})[1])
    assert "national figures are 1" in found
    assert "taken for" not in found
    half = {name: value / 2.5 for name, value in truth.items()}
    assert not read(path, area, national=half)[1]  # of another year


def test_complex_numbers_impossible_nodata_and_huge_blocks(tmp_path, area):
    import rasterio  # noqa: PLC0415

    path = made.write(tmp_path / "c.tif", ONES.astype(np.complex64), DEGREES)
    assert "complex" in said(read(path, area)[1])
    path = made.write(tmp_path / "n.tif", ONES.astype(np.uint8), DEGREES)
    assert "can't stand in a file of uint8" in said(read(path, area, nodata=-1)[1])
    with rasterio.open(
        tmp_path / "big.tif", "w", driver="GTiff", width=30_000, height=30_000, count=1,
        dtype="uint8", crs=4326, transform=Affine(0.0002, 0, -3, 0, -0.0002, 18),
        blockysize=30_000, SPARSE_OK=True,
    ):  # fmt: skip
        pass
    faults = raster_faults(made.layer(tmp_path / "big.tif"), "population", area)
    assert "TILED=YES" in said(faults) or "its header is broken" in said(faults)


# terrain


def heights(path, values, transform, crs=made.LAEA, **more):
    return RasterLayer(file=(made.write(path, values, transform, crs, **more),), **made.SAID)


def test_a_plane_has_its_slope_and_height(path, area):
    onto = Affine(4000, 0, -400_000, 0, -4000, 400_000)
    col, row = np.meshgrid(np.arange(200) + 0.5, np.arange(200) + 0.5)
    plane = (1000 + 0.003 * (col * 4000 - 400_000) + 0.0004 * (400_000 - row * 4000)).astype("f4")
    terrain, faults = read_terrain(heights(path, plane, onto), area)
    assert not faults
    land = area.state >= 0
    x, y = np.meshgrid(area.grid.x, area.grid.y)
    assert terrain.scale_m == 4000
    assert np.allclose(terrain.elevation_m[land], (1000 + 0.003 * x + 0.0004 * y)[land], atol=0.1)
    assert np.allclose(terrain.slope[land], np.hypot(0.003, 0.0004), rtol=1e-3)
    assert np.allclose(terrain.relief_m[land], 0.0034 * 2 * 10_000, rtol=0.35)
    assert (terrain.slope[~land] == 0).all()
    assert not terrain.relief_m.flags.writeable


def test_heights_in_feet_and_holes_are_said(path, area):
    onto = Affine(4000, 0, -400_000, 0, -4000, 400_000)
    values = np.full((200, 200), 500, np.float32)
    values[100, 100] = 20_000
    assert "feet" in said(read_terrain(heights(path, values, onto), area)[1])
    values[100, 100] = -32_768
    assert "elevation.nodata = -32768" in said(read_terrain(heights(path, values, onto), area)[1])
    two = heights(path, values, onto, nodata=-9999)
    two = two.model_copy(update={"nodata": -32_768.0})
    assert "the config -32768" in said(read_terrain(two, area)[1])
    values[:, 100:] = np.nan
    assert "of BBB" in said(read_terrain(heights(path, values, onto), area)[1])


def test_a_finer_raster_is_averaged_and_south_up_is_the_same(tmp_path, area):
    rng = np.random.default_rng(3)
    values = rng.random((1500, 1500)).astype(np.float32) * 100
    up = Affine(480, 0, -360_000, 0, -480, 360_000)
    down = Affine(480, 0, -360_000, 0, 480, -360_000)
    north, _ = read_terrain(heights(tmp_path / "n.tif", values, up), area)
    south, _ = read_terrain(heights(tmp_path / "s.tif", values[::-1], down), area)
    land = area.state >= 0
    assert north.scale_m == 20_000 / 32
    assert np.allclose(north.elevation_m[land], 50, atol=3)
    assert np.allclose(north.elevation_m, south.elevation_m, atol=0.2)


# land cover


def classes(path, values, legend, transform=DEGREES, **more):
    return ClassesLayer(
        file=(made.write(path, values.astype("uint8"), transform, **more),),
        legend=legend,
        **made.SAID,
    )


def test_kinds_of_forest_outweigh_one_water(tmp_path, area):
    fine = Affine(0.02, 0, -3, 0, -0.02, 18)
    values = np.full((300, 300), 1)
    values[::5], values[1::5], values[2::5] = 2, 3, 17
    values[3::5] = 17
    flat = np.zeros(area.grid.shape, np.float32)
    cover, faults = read_surface(
        classes(tmp_path / "c.tif", values, "igbp", fine), flat, None, area
    )
    assert not faults
    assert set(np.unique(cover.code[area.state >= 0])) == {3}
    assert (cover.code[area.state < 0] == 0).all()


def test_barren_is_rock_by_relief_and_lakes_are_water(path, area):
    relief = np.zeros(area.grid.shape, np.float32)
    relief[:15] = 84
    lake = gpd.GeoDataFrame(geometry=[shapely.box(-1, 14.5, -0.4, 15)], crs=4326)
    layer = classes(path, np.full((60, 60), 60), "worldcover")
    cover, faults = read_surface(layer, relief, lake, area)
    assert not faults
    land = area.state >= 0
    assert (cover.code[:15][land[:15]] == 2).sum() > 100
    assert set(np.unique(cover.code[15:][land[15:]])) == {1, 5}
    assert 8 <= (cover.code == 5).sum() <= 12  # 64 by 55 km in cells of 20 km


def test_water_by_the_sea_is_land_and_inland_is_water(path, area):
    values = np.full((60, 60), 10)
    values[:, :12] = 80  # the sea, and the westernmost cells
    values[at(-0.9, 15.3)[0] - 2 : at(-0.9, 15.3)[0] + 3, 18:24] = 80
    flat = np.zeros(area.grid.shape, np.float32)
    cover, _ = read_surface(classes(path, values, "worldcover"), flat, None, area)
    row, col, _ = area.grid.locate(*pyproj.Transformer.from_crs(4326, made.LAEA, always_xy=True)
                                   .transform(-0.8, 15.3))  # fmt: skip
    assert cover.code[row, col] == 5
    west = np.argmax(area.state >= 0, axis=1)[12:18]
    assert (cover.code[np.arange(12, 18), west] == 3).all()


def test_legends_strange_values_and_names(tmp_path, area):
    flat = np.zeros(area.grid.shape, np.float32)
    values = np.full((60, 60), 10)
    values[30:32] = 77
    path = tmp_path / "c.tif"
    found = said(read_surface(classes(path, values, "worldcover"), flat, None, area)[1])
    assert "77 (" in found
    assert "landcover.nodata = 77" in found
    found = said(read_surface(classes(path, values, "worldcovr"), flat, None, area)[1])
    assert "did you mean 'worldcover'?" in found
    found = said(read_surface(classes(path, values, "koppen"), flat, None, area)[1])
    assert "koppen-rubel or koppen-beck" in found
    own = tmp_path / "own.csv"
    own.write_text("value,surface,name\n10,sand,dune\n77,rock,hill\n", "utf-8")
    cover, faults = read_surface(classes(path, values, "own.csv"), flat, None, area)
    assert not faults
    assert set(np.unique(cover.code[area.state >= 0])) == {1, 2}
    own.write_text("value,surface\n10,snd\nx,rock\n10,soil\n10,rock\n", "utf-8")
    found = said(read_surface(classes(path, values, "own.csv"), flat, None, area)[1])
    assert "line 2" in found
    assert "did you mean 'sand'?" in found
    assert "'x' is no value" in found
    assert "10 stands twice" in found
    own.write_text("a,b\n1,2\n", "utf-8")
    assert "no column" in said(read_surface(classes(path, values, "own.csv"), flat, None, area)[1])
    assert "can't be read" in said(
        read_surface(classes(path, values, "none.csv"), flat, None, area)[1]
    )


def test_two_numberings_of_climate(path, area):
    rubel, _ = read_climate(classes(path, np.full((60, 60), 7), "koppen-rubel"), area)
    beck, _ = read_climate(classes(path, np.full((60, 60), 4), "koppen-beck"), area)
    land = area.state >= 0
    assert {CLIMATES[code] for code in np.unique(rubel.code[land])} == {"BWh"}
    assert np.array_equal(rubel.code, beck.code)
    values = np.full((60, 60), 32)
    values[20:40, 20:40] = 4
    near, _ = read_climate(classes(path, values, "koppen-rubel"), area)
    assert near is not None
    assert set(np.unique(near.code)) == {0, 4}
    assert (near.code[land] == 4).all()


def test_broken_and_missing_classes(path, area):
    layer = classes(path, np.full((60, 60), 7), "koppen-rubel", nodata=7)
    assert "no data on 100.0 % of AAA" in said(read_climate(layer, area)[1])
    path.write_bytes(path.read_bytes()[:-300])
    assert "can't be read" in said(read_climate(layer, area)[1])
    assert "can't be read" in said(read_terrain(layer, area)[1])
