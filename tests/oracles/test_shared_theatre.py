"""The open data beside the project as a theatre of its own, at 10, 5 and 2 km.

The totals are compared with a zonal sum that shares no code with ours. A plan at 2 km takes minutes
and is in a file of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from rasterio import features
from tests.oracles.memory import plan_within

import vallum
from vallum import brief
from vallum.theatre import check_config, load

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.shared, pytest.mark.slow]
MEMBERS = ("MRT", "MLI")
PARTS = 19  # sub-pixels a side: under 1 km, as docs/method/bring-rasters.md says
A, E2 = 6378137.0, 0.0066943799901413165  # of WGS84, m and 1


@pytest.fixture(scope="module")
def built(shared_at) -> dict[int, Path]:
    return {km: shared_at(km) for km in (10, 5, 2)}


def band_area_km2(south: np.ndarray, north: np.ndarray, width: float) -> np.ndarray:
    """Area between two parallels, per `width` degrees of longitude: numerically, on WGS84."""
    nodes, weights = np.polynomial.legendre.leggauss(5)
    middle, half = np.radians(south + north) / 2, np.radians(north - south) / 2
    lat = middle[:, None] + half[:, None] * nodes
    per_radian = A**2 * (1 - E2) * np.cos(lat) / (1 - E2 * np.sin(lat) ** 2) ** 2
    return (per_radian * weights).sum(axis=1) * half * np.radians(width) / 1e6


@pytest.fixture(scope="module")
def wanted(shared) -> dict[str, float]:
    """People of each member in the source: sub-pixels by state, shared among those on land."""
    with rasterio.open(shared / "data" / "worldpop2020_density_10arcmin.tif") as file:
        density = file.read(1).astype(float)
        transform, shape = file.transform, file.shape
    density[density < 0] = 0.0
    states = gpd.read_file(shared / "data" / "ne_admin0_10m.gpkg", layer="countries_full_geometry")
    t = transform
    fine = Affine(t.a / PARTS, 0, t.c, 0, t.e / PARTS, t.f)
    size = (shape[0] * PARTS, shape[1] * PARTS)
    code = features.rasterize(
        [(geometry, number) for number, geometry in enumerate(states.geometry, 1)],
        size,
        transform=fine,
        fill=0,
        dtype="uint8",
    )
    rows = np.arange(size[0])
    north = fine.f + fine.e * rows
    area = band_area_km2(north + fine.e, north, fine.a)
    blocks = code.reshape(shape[0], PARTS, shape[1], PARTS)
    full = area.reshape(shape[0], PARTS).sum(axis=1) * PARTS  # km² of a pixel; parts are equal
    # pixels without land, at most 10 km off it: to the nearest state, by distance on the map
    sea = np.argwhere(((blocks > 0).sum(axis=(1, 3)) == 0) & (density > 0))
    centres = gpd.points_from_xy(
        transform.c + (sea[:, 1] + 0.5) * transform.a, transform.f + (sea[:, 0] + 0.5) * transform.e
    )
    laea = "+proj=laea +lat_0=18.5 +lon_0=-6.5 +datum=WGS84 +units=m"
    points = gpd.GeoDataFrame(
        {"people": density[tuple(sea.T)] * full[sea[:, 0]]}, geometry=centres, crs=4326
    ).to_crs(laea)
    half = 0.5 * np.sqrt(full[sea[:, 0]]).mean() * 1000
    near = points.sjoin_nearest(
        states[["ADM0_A3", "geometry"]].to_crs(laea), max_distance=10_000 + half
    )
    out = {iso3: float(near.loc[near["ADM0_A3"] == iso3, "people"].sum()) for iso3 in MEMBERS}
    for iso3 in MEMBERS:
        number = int(np.flatnonzero(states["ADM0_A3"] == iso3)[0]) + 1
        own = (blocks == number).sum(axis=(1, 3))
        land = (blocks > 0).sum(axis=(1, 3))
        whole = density * full[:, None] * land / PARTS**2
        out[iso3] += float((whole * np.where(land > 0, own / np.maximum(land, 1), 0)).sum())
    return out


def test_no_fault_is_found_in_the_shared_data(root, shared):
    assert shared
    assert check_config(root / "tests" / "theatres" / "shared_10km.toml") == []


@pytest.mark.parametrize("km", [10, 5, 2])
def test_people_of_each_member_are_the_sources_at_every_size(built, wanted, km):
    theatre = load(str(built[km]))
    assert theatre.grid.cell_km == km
    people = theatre.ground["people"].to_numpy()
    for iso3 in MEMBERS:
        held = float(people[theatre.state_mask(iso3)].sum())
        print(f"{km} km, {iso3}: {held:,.1f} people; zonal sum {wanted[iso3]:,.1f}")
        assert held == pytest.approx(wanted[iso3], rel=1e-9)
        assert held == pytest.approx(theatre.countries.loc[iso3, "people"], rel=1e-9)


def test_totals_do_not_depend_on_the_cell_size(built):
    tables = [load(str(folder)).countries for folder in built.values()]
    for other in tables[1:]:
        for iso3 in MEMBERS:
            assert other.loc[iso3, "people"] == pytest.approx(
                tables[0].loc[iso3, "people"], rel=1e-9
            )


def test_each_cell_has_one_state_and_each_region_its_state(built):
    for folder in built.values():
        theatre = load(str(folder))
        state, region = (theatre.ground[name].to_numpy() for name in ("state", "region"))
        assert ((state >= 0) == (region >= 0)).all()
        owner = np.array([theatre.code(iso3) for iso3 in theatre.regions["iso3"]])
        assert (owner[region[region >= 0]] == state[region >= 0]).all()
        area = [(state == code).sum() * theatre.grid.cell_km2 for code in (0, 1)]
        true = theatre.borders.geometry.area.to_numpy()[:2] / 1e6
        assert area == pytest.approx(true.tolist(), rel=0.005)


def test_western_sahara_is_a_unit_of_its_own(built):
    theatre = load(str(built[10]))
    assert theatre.countries.loc["SAH", "role"] == "disputed"
    land = theatre.borders.set_index("iso3").to_crs(4326).geometry
    assert land["MAR"].bounds[1] > 27.66
    assert shapely.Point(-13.2, 27.15).within(land["SAH"])  # Laayoune


def test_events_are_those_of_the_tables(built, shared):
    theatre = load(str(built[10]))
    fresh = pd.read_csv(shared / "data" / "ucdp_ged_candidate_26_0_1_jan2026_aoi.csv")
    for iso3, name in (("MLI", "Mali"), ("BFA", "Burkina Faso")):
        held = theatre.events[(theatre.events["iso3"] == iso3) & (theatre.events["year"] == 2026)]
        given = fresh[(fresh["country"] == name) & (fresh["where_prec"] <= 5)]
        print(f"January 2026, {name}: {len(held)} events of {len(given)}")
        # by coordinates and not by the name in the table: a few lie across a border
        assert len(held) == pytest.approx(len(given), abs=3)
    assert theatre.events_month["events"].sum() == (theatre.events["year"] == 2026).sum()


def test_every_stage_and_the_brief_at_ten_km(built, tmp_path):
    plan = vallum.make_plan(
        str(built[10]),
        vallum.Settings(
            robust={"draws": 4, "workers": 0},
            line={"refine": 0.0},
            campaign={"draws": 10},
            dividend={"draws": 400, "sobol": 32},
        ),
    )
    page = brief.write(plan, tmp_path / "plan").read_text("utf-8")
    assert "Mauritania" in page
    assert plan.worth.output.sum() == pytest.approx(plan.theatre.countries["gdp_usd"][:2].sum())


def test_every_stage_at_five_km_within_its_memory(built, tmp_path):
    plan_within(built[5], tmp_path / "plan", 1.5)
