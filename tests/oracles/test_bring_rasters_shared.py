"""Real rasters against a plain zonal sum, and against one another."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from vallum.kernel.grid import Grid
from vallum.theatre.bring.amounts import read_amount
from vallum.theatre.bring.area import Area
from vallum.theatre.bring.landcover import read_climate, read_surface
from vallum.theatre.bring.sections import AmountLayer, ClassesLayer, RasterLayer
from vallum.theatre.bring.terrain import read_terrain
from vallum.theatre.states import states

pytestmark = pytest.mark.shared
LAEA = "+proj=laea +lat_0=18.5 +lon_0=-6.5 +datum=WGS84 +units=m +no_defs"
ORDER = ("MLI", "MRT", "MAR", "SAH", "DZA", "SEN", "BFA", "NER", "GIN", "CIV", "GMB", "GNB")
SAID = {"source": "s", "licence": "l", "address": "a", "date": "d"}
DENSITIES = {"worldpop2020_density_10arcmin.tif": 19, "gpw4_2020_density_15arcmin.tif": 28}


@pytest.fixture(scope="module")
def land(shared):
    path = shared / "data" / "ne_admin0_10m.gpkg"
    frame = gpd.read_file(path, layer="countries_full_geometry")
    frame = frame.rename(columns={"ADM0_A3": "iso3", "NAME": "name"})[["iso3", "name", "geometry"]]
    shown = frame.set_index("iso3").loc[list(ORDER)].reset_index()
    both = [shown, frame[~frame["iso3"].isin(ORDER)]]
    return gpd.GeoDataFrame(pd.concat(both, ignore_index=True), crs=4326)


@pytest.fixture(scope="module")
def areas(land):
    def lay(cell_km):
        grid = Grid(LAEA, -1.3e6, 1.125e6, cell_km, round(2200 / cell_km), round(2600 / cell_km))
        shown = land.iloc[: len(ORDER)].segmentize(0.1).to_crs(LAEA)
        west, south, east, north = grid.bounds
        edge = cell_km * 1000
        x = np.linspace(west - edge, east + edge, 41)
        y = np.linspace(south - edge, north + edge, 41)
        to_earth = pyproj.Transformer.from_crs(LAEA, 4326, always_xy=True)
        lon, lat = to_earth.transform(*np.meshgrid(x, y))
        none = gpd.GeoDataFrame({"iso3": [], "name": []}, geometry=[], crs=4326)
        return Area(
            grid, (lon.min(), lat.min(), lon.max(), lat.max()), ORDER, ("MLI", "MRT"), land,
            states(shown, grid), none, np.full(grid.shape, -1, np.int16), dt.date(2026, 1, 1),
        )  # fmt: skip

    return {cell: lay(cell) for cell in (10.0, 5.0, 2.0)}


def zonal(path, cuts, land):
    """Sum a density over the states on the grid, in plain steps over the whole raster."""
    with rasterio.open(path) as data:
        values, place = data.read(1).astype(float), data.transform
        values[values == data.nodata] = 0
    rows, cols = values.shape
    fine = Affine(place.a / cuts, 0, place.c, 0, place.e / cuts, place.f)
    turn = [*range(len(ORDER), len(land)), *range(len(ORDER))]
    near = land.intersects(shapely.box(-25, 0, 15, 45))
    shapes = [(land.geometry.iloc[n], min(n, len(ORDER))) for n in turn if near.iloc[n]]
    label = rasterize(shapes, (rows * cuts, cols * cuts), fill=-1, transform=fine, dtype="int16")
    ball = pyproj.Geod(ellps="WGS84")
    km2 = np.empty(rows)
    for row in range(rows):
        north, south = place.f + row * place.e, place.f + (row + 1) * place.e
        lon = np.linspace(0, place.a, 400)  # a parallel is no geodesic: many short steps
        ring = [*zip(lon, [north] * 400, strict=True), *zip(lon[::-1], [south] * 400, strict=True)]
        km2[row] = abs(ball.polygon_area_perimeter(*zip(*ring, strict=True))[0]) / 1e6
    a2, e2 = 6378.137**2, 0.00669437999014132  # and the same by the series of the element
    phi = np.radians(place.f + place.e * (np.arange(rows * 200) + 0.5) / 200)
    element = a2 * (1 - e2) * np.cos(phi) / (1 - e2 * np.sin(phi) ** 2) ** 2
    exact = element.reshape(rows, 200).mean(1) * np.radians(place.a) * np.radians(-place.e)
    assert np.allclose(exact, km2, rtol=1e-6)
    each = np.repeat(np.repeat(values * exact[:, None] / cuts**2, cuts, 0), cuts, 1)
    row, col = np.mgrid[0 : rows * cuts, 0 : cols * cuts]
    x, y = pyproj.Transformer.from_crs(4326, LAEA, always_xy=True).transform(
        fine.c + (col + 0.5) * fine.a, fine.f + (row + 0.5) * fine.e
    )
    inside = (x >= -1.3e6) & (x < 1.3e6) & (y > -1.075e6) & (y <= 1.125e6)
    return np.array([each[inside & (label == code)].sum() for code in range(len(ORDER))])


@pytest.mark.parametrize("name", DENSITIES)
def test_people_are_those_of_a_plain_zonal_sum(shared, land, areas, name):
    path = shared / "data" / name
    # people on pixels without any land have no place in the plain sum
    layer = AmountLayer(file=(path,), values="density", ashore_km=0, **SAID)
    found = {}
    for cell, area in areas.items():
        amount, faults = read_amount(layer, "population", area, units="people")
        assert not faults
        found[cell] = amount.by_state
        assert np.isclose(np.sum(amount.values), np.sum(amount.by_state), rtol=1e-12)
    plain = zonal(path, DENSITIES[name], land)
    print(f"\n{name}", dict(zip(ORDER, np.round(plain / 1e6, 2), strict=True)), "million")
    assert np.allclose(found[10.0], plain, rtol=1e-9)
    assert np.allclose(found[10.0], found[5.0], rtol=1e-12)
    assert np.allclose(found[10.0], found[2.0], rtol=1e-12)


def test_ground_and_climate_agree_with_the_built_in_theatre(shared, areas):
    import vallum  # noqa: PLC0415

    area, data = areas[10.0], shared / "data"
    built = vallum.load_theatre("sahel", cell_km=10.0).ground
    member = np.isin(area.state, [0, 1])
    terrain, faults = read_terrain(
        RasterLayer(file=(data / "dem_srtm30_1over48deg.tif",), **SAID), area
    )
    assert not faults
    high, rough = (built[name].to_numpy()[member] for name in ("elevation_m", "relief_m"))
    likeness = np.corrcoef(terrain.elevation_m[member], high)[0, 1]
    rock = (terrain.relief_m[member] >= 84) == (rough >= 84)
    igbp = ClassesLayer(file=(data / "modis_landcover2019_10arcmin.tif",), legend="igbp", **SAID)
    cover, faults = read_surface(igbp, terrain.relief_m, None, area)
    assert not faults
    same = cover.code[member] == built["surface"].to_numpy()[member]
    koppen = ClassesLayer(
        file=(data / "koppen_geiger_100arcsec.tif",), legend="koppen-rubel", **SAID
    )
    climate, faults = read_climate(koppen, area)
    assert not faults
    zone = climate.code[member] == built["climate"].to_numpy()[member]
    print(
        f"\nelevation r {likeness:.4f}; relief above 84 m agrees on {rock.mean():.3f}, "
        f"slope over {2 * terrain.scale_m:g} m {terrain.slope[member].mean():.4f}; "
        f"surface {same.mean():.3f}; climate {zone.mean():.3f}"
    )
    assert likeness > 0.99
    assert rock.mean() > 0.95
    assert same.mean() > 0.85
    assert zone.mean() > 0.99
