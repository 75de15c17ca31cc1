"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import settings as hypothesis_settings
from tests.plans import Shelf, alone

import vallum
from vallum.brief import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vallum.plan import Plan
    from vallum.theatre import Theatre

ROOT = Path(__file__).parents[1]
os.environ.setdefault("VALLUM_PLAN_NICENESS", "0")  # tests wait for the plans of their services
# Files that take longest, longest first. Processes take a file at a time: begun late, one of these
# would keep the others waiting at the end.
LONG = (
    "tests/oracles/test_shared_two_km.py",
    "tests/test_tutorials.py",
    "tests/browser/test_app_service.py",
    "tests/test_docs.py",
    "tests/test_cli.py",
    "tests/oracles/test_shared_theatre.py",
    "tests/browser/test_brief_page.py",
    "tests/unit/test_brief_words.py",
    "tests/test_site.py",
    "tests/unit/test_brief_works.py",
    "tests/browser/test_app_page.py",
    "tests/unit/test_app_store.py",
    "tests/unit/test_app_jobs.py",
    "tests/test_big_raster.py",
    "tests/unit/test_forces_stage.py",
    "tests/unit/test_line.py",
    "tests/unit/test_bring_build.py",
    "tests/oracles/test_refine_oracles.py",
    "tests/oracles/test_sahel_sanity.py",
    "tests/unit/test_brief_page.py",
    "tests/laws/test_refine_laws.py",
    "tests/laws/test_campaign_laws.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first; within a file the order stays."""
    place = {ROOT / name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path, len(LONG)))


# machines are noisy: no test is timed, examples of laws among them
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of real data beside the project, or skip."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        if os.environ.get("VALLUM_REQUIRE_SHARED") == "1":
            pytest.fail("../shared is required here and absent")
        pytest.skip("../shared is absent")
    return folder


@pytest.fixture(scope="session")
def sahel() -> Theatre:
    """Give the built-in theatre at 25 km, for tests that need ground but not its detail."""
    return vallum.load_theatre("sahel", cell_km=25.0)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Give the plans of the built-in theatre that are made once for all files of this run."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # a worker's folder is within that of the run
        folder = folder.parent
    shelf = folder / "plans"
    shelf.mkdir(exist_ok=True)
    return Shelf(shelf)


@pytest.fixture(scope="module")
def stages_once(shelf: Shelf) -> Iterator[None]:
    """Run the first stages of the built-in theatre once for the same settings."""
    with shelf.once.shared():
        yield


@pytest.fixture(scope="module")
def plans_once(shelf: Shelf) -> Iterator[None]:
    """Run all stages of the built-in theatre once for the same settings."""
    with shelf.once.shared(later=True):
        yield


@pytest.fixture(scope="session")
def sahel_plan(shelf: Shelf) -> Plan:
    """Give the default plan of the built-in theatre."""
    # the draws that find the frontier anew are few here: they are tested by themselves
    return shelf.plan(vallum.Settings(robust={"draws": 4, "workers": 0}))


@pytest.fixture(scope="session")
def coarse_plan(shelf: Shelf) -> Plan:
    """Give a plan on cells of 40 km, for tests that look at what is made of any plan."""
    return shelf.plan(
        vallum.load_settings(
            assignments=[
                "theatre.cell_km=40", "robust.draws=0", "campaign.draws=10", "line.refine=0",
            ]
        )
    )  # fmt: skip


@pytest.fixture(scope="session")
def coarse_page(shelf: Shelf, coarse_plan: Plan) -> str:
    """Give the page of the coarse plan, drawn once for the processes of one run."""
    path = shelf.folder / "coarse.html"
    with alone(path.with_suffix(".lock")):
        if not path.exists():
            part = path.with_suffix(".part")
            part.write_text(page.render(coarse_plan), "utf-8")
            part.rename(path)
    return path.read_text("utf-8")


TINY = """
name = "tiny"
title = "Two squares"
as_of = "2026-01-31"
members = ["AAA", "BBB"]
cell_km = 10

[grid]
margin_km = 40

[borders]
file = "borders.geojson"
{said}

[population]
file = "people.tif"
values = "count"
{said}

[elevation]
file = "height.tif"
{said}

[landcover]
file = "cover.tif"
legend = "igbp"
{said}

[settlements]
file = "towns.csv"
name = "name"
people = "people"
lon = "lon"
lat = "lat"
{said}

[[sites]]
file = "sites.csv"
name = "name"
kind = "mine"
lon = "lon"
lat = "lat"
output_usd_yr = "sales"
{said}

[[roads]]
file = "roads.geojson"
highway = "highway"
name = ["ref"]
{said}

[[events]]
file = "events.csv"
format = "csv"
covers = ["2020-01", "2025-12"]
{said}
[events.columns]
id = "id"
date = "date"
lon = "lon"
lat = "lat"
deaths = "deaths"

[states.AAA]
gdp_usd = 1e9
agriculture_share = 0.3
source = "made by the test"

[states.BBB]
gdp_usd = 2e9
agriculture_share = 0.4
source = "made by the test"
"""
SAID = 'source = "made by the test"\nlicence = "none"\naddress = "tests/conftest.py"\ndate = "2026"'


def _write_raster(path: Path, values: np.ndarray, nodata: float) -> None:
    """Write 60 × 80 pixels of 0.1° from 2° W, 14° N."""
    profile = {
        "driver": "GTiff", "count": 1, "height": 60, "width": 80, "dtype": values.dtype.name,
        "crs": "EPSG:4326", "transform": Affine(0.1, 0, -2, 0, -0.1, 14), "nodata": nodata,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)


def write_tiny(folder: Path) -> Path:
    """Write a small theatre's files (two squares, a third beside them) and its config."""
    folder.mkdir(parents=True, exist_ok=True)
    squares = {"AAA": (0, 10, 2, 12), "BBB": (2, 10, 4, 12), "CCC": (0, 12, 4, 13.5)}
    borders = gpd.GeoDataFrame(
        {"ISO_A3": list(squares), "NAME": ["Aland", "Béland", "Ceeland"]},
        geometry=[shapely.box(*box) for box in squares.values()],
        crs=4326,
    )
    borders.to_file(folder / "borders.geojson")
    roads = gpd.GeoDataFrame(
        {"highway": ["trunk", "trunk", "footway"], "ref": ["N1", "N1", None]},
        geometry=[
            shapely.LineString([(0.2, 11), (2, 11)]),
            shapely.LineString([(2, 11), (3.8, 11)]),
            shapely.LineString([(1, 10.5), (1, 10.6)]),
        ],
        crs=4326,
    )
    roads.to_file(folder / "roads.geojson")
    rng = np.random.default_rng(1)
    people = np.full((60, 80), -1.0)
    people[5:40, 20:60] = rng.uniform(10, 500, (35, 40)).round(3)
    people[24, 26] = 200_000.0  # Aton
    _write_raster(folder / "people.tif", people, -1.0)
    height = (200 + 100 * rng.random((60, 80))).astype(np.float32)
    _write_raster(folder / "height.tif", height, -9999.0)
    cover = np.full((60, 80), 10, np.uint8)  # grassland
    cover[:15] = 16  # barren
    _write_raster(folder / "cover.tif", cover, 255)
    towns = "name,people,lon,lat\nAton,55000,0.65,11.55\nBéton,9000,3.3,10.7\n"
    (folder / "towns.csv").write_text(towns, "utf-8")
    sites = "name,lon,lat,sales\nPit,1.2,10.4,50000000\n"
    (folder / "sites.csv").write_text(sites, "utf-8")
    rows = [
        f"e{n},{2020 + n % 6}-{n % 12 + 1:02d}-{n % 27 + 1:02d},"
        f"{rng.uniform(0.1, 3.9):.4f},{rng.uniform(10.1, 11.9):.4f},{n % 5}"
        for n in range(60)
    ]
    text = "id,date,lon,lat,deaths\n" + "\n".join(rows) + "\n"
    (folder / "events.csv").write_text(text, "utf-8")
    (folder / "CONFIG.toml").write_text(TINY.format(said=SAID), "utf-8")
    return folder / "CONFIG.toml"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Give the config of a small theatre of one's own, with all its files beside it."""
    return write_tiny(tmp_path / "tiny")
