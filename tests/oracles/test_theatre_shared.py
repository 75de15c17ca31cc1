"""The ground beside independent data: population, land cover, elevation, rivers, roads.

Each test prints what it measures. Nothing in the theatre was fitted to these layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.warp import Resampling, reproject
from scipy.stats import spearmanr

from vallum.theatre import Theatre, load

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def sahel() -> Theatre:
    return load("sahel")


def on_grid(path: Path, theatre: Theatre, resampling: Resampling) -> NDArray[np.float32]:
    """Bring a raster of the shared folder onto the theatre's grid; NaN where it has nothing."""
    with rasterio.open(path) as file:
        values, place = file.read(1).astype(np.float32), file.transform
        if file.nodata is not None:
            values[values == file.nodata] = np.nan
    out = np.full(theatre.grid.shape, np.nan, np.float32)
    reproject(
        values,
        out,
        src_transform=place,
        src_crs="EPSG:4326",
        src_nodata=np.nan,
        dst_transform=theatre.grid.transform,
        dst_crs=theatre.grid.crs,
        dst_nodata=np.nan,
        resampling=resampling,
    )
    return out


def blocks(values: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    rows, cols = (size // side for size in values.shape)
    whole = values[: rows * side, : cols * side]
    return whole.reshape(rows, side, cols, side).sum((1, 3))


def test_people_beside_worldpop_at_50_km(sahel: Theatre, shared: Path) -> None:
    """Compare people on the member cells of every block of 50 km that has any.

    The floor of 0.8 is what issue 2 aims at. Mauritania's plain correlation has a lower one: it
    hangs on where the two maps put Nouakchott, whose people WorldPop's cells of 18 km smear over
    the neighbouring block.
    """
    path = shared / "data" / "worldpop2020_density_10arcmin.tif"
    density = on_grid(path, sahel, Resampling.nearest)
    known = np.isfinite(density) & (density >= 0)
    people = sahel.ground["people"].to_numpy()
    floors = {"both": 0.8, "MLI": 0.8, "MRT": 0.7}
    for name, floor in floors.items():
        own = (sahel.member_mask if name == "both" else sahel.state_mask(name)) & known
        ours = blocks(np.where(own, people, 0.0), 5)
        theirs = blocks(np.where(own, density * sahel.grid.cell_km2, 0.0), 5)
        full = blocks(own.astype(float), 5) > 0
        one, two = ours[full], theirs[full]
        plain = np.corrcoef(one, two)[0, 1]
        logs = np.corrcoef(np.log1p(one), np.log1p(two))[0, 1]
        rank = spearmanr(one, two)[0]
        moved = 0.5 * np.abs(one / one.sum() - two / two.sum()).sum()
        print(
            f"people vs WorldPop 2020, {name}, {full.sum()} blocks of 50 km: Pearson {plain:.3f}, "
            f"of log1p {logs:.3f}, Spearman {rank:.3f}, share placed elsewhere {moved:.2f}"
        )
        assert plain > floor
        assert logs > 0.8
        assert rank > 0.7


def test_surface_beside_modis_land_cover(sahel: Theatre, shared: Path) -> None:
    cover = on_grid(shared / "data" / "modis_landcover2019_10arcmin.tif", sahel, Resampling.nearest)
    surface = sahel.ground["surface"].to_numpy()
    known = sahel.member_mask & (cover > 0)
    barren = cover == 16
    bare = (surface == 1) | (surface == 2)
    agreement = (barren == bare)[known].mean()
    print(f"sand or rock vs MODIS barren: agreement {agreement:.3f} of {known.sum()} cells")
    for code, name in enumerate(sahel.ground["surface"].attrs["flag_meanings"].split()):
        own = known & (surface == code)
        if own.any():
            share = {
                int(k): round(float((cover[own] == k).mean()), 3) for k in np.unique(cover[own])
            }
            print(f"  {name}: {own.sum()} cells, MODIS classes {share}")
    assert agreement > 0.85
    assert (surface[known & (cover == 11)] == 4).mean() >= 0.5, "permanent wetland"


def test_elevation_beside_srtm30(sahel: Theatre, shared: Path) -> None:
    path = shared / "data" / "dem_srtm30_1over48deg.tif"
    height = on_grid(path, sahel, Resampling.average)
    own = sahel.member_mask & np.isfinite(height)
    ours = sahel.ground["elevation_m"].to_numpy()[own]
    error = ours - height[own]
    correlation = np.corrcoef(ours, height[own])[0, 1]
    print(
        f"elevation vs SRTM30: correlation {correlation:.4f}, mean error {error.mean():.1f} m, "
        f"mean absolute {np.abs(error).mean():.1f} m"
    )
    assert correlation > 0.98
    assert np.abs(error).mean() < 15
    mirrored = np.corrcoef(ours, height[::-1][own[::-1]][: len(ours)])[0, 1]
    assert mirrored < 0.9, "rows run from north to south"


def along(line: shapely.Geometry, step_m: float) -> NDArray[np.object_]:
    pieces = [
        shapely.line_interpolate_point(part, np.arange(0, part.length, step_m))
        for part in shapely.get_parts(line)
    ]
    return np.concatenate(pieces)


def test_rivers_beside_natural_earth(sahel: Theatre, shared: Path) -> None:
    """Each river within 5 km of the layer; the Faleme, which it lacks, beside its towns instead."""
    layer = gpd.read_file(
        shared / "data" / "ne_physical_cultural_10m.gpkg", layer="rivers_lake_centerlines"
    ).to_crs(sahel.grid.crs)
    reference = shapely.union_all(layer.geometry.to_numpy())
    for river, part in sahel.rivers.groupby("river"):
        line = shapely.union_all(part.geometry.to_numpy())
        away = shapely.distance(along(line, 1000.0), reference) / 1000
        near = (away <= 5).mean()
        print(f"river {river}: {line.length / 1000:.0f} km, {near:.3f} within 5 km")
        if river != "Faleme":
            assert near == 1
    lines = shapely.union_all(sahel.rivers.geometry.to_numpy())
    towns = {
        "Kayes": 2455518, "Ségou": 2451478, "Bamako": 2460596, "Gao": 2457163, "Mopti": 2453348,
        "Rosso": 2376898, "Kaédi": 2378736, "Koulikoro": 2454530,
    }  # fmt: skip
    for name, number in towns.items():
        point = sahel.settlements.geometry[sahel.settlements["geonameid"] == number].iloc[0]
        print(f"town on a river, {name}: {point.distance(lines) / 1000:.1f} km")
        assert point.distance(lines) < 5000


def test_roads_beside_the_network_of_openstreetmap(sahel: Theatre, shared: Path) -> None:
    """Routes that the layer has lie within 10 km of it for 90 % of their length at least."""
    path = shared / "data" / "roads_network_africa.gpkg"
    frames = [
        gpd.read_file(path, layer=layer).to_crs(sahel.grid.crs)[["geometry"]]
        for layer in ("graph_edges", "routes_osm_smoothed")
    ]
    network = shapely.union_all(pd.concat(frames).geometry.to_numpy())
    shapely.prepare(network)
    checked = 0
    for _, route in sahel.routes.iterrows():
        away = shapely.distance(along(route.geometry, 2000.0), network) / 1000
        near = (away <= 10).mean()
        print(
            f"route {route['route_id']}: {route.geometry.length / 1000:.0f} km, "
            f"{near:.2f} within 10 km, median {np.median(away):.1f}, largest {away.max():.1f}"
        )
        if route["kind"] == "road" and np.median(away) <= 5 and away.max() <= 15:
            checked += 1
            assert near >= 0.9
    print(f"routes that the layer has: {checked} of {len(sahel.routes)}")
    assert checked >= 15
    named = [
        "MR-N2-NKC-ROSSO", "MR-N3-ESPOIR", "MRML-AYOUN-NIORO-BAMAKO", "ML-KAYES-DIEMA",
        "ML-RN6-BAMAKO-SEVARE", "ML-RN16-SEVARE-GAO", "ML-RN7-BAMAKO-ZEGOUA", "MR-N2-NDB-NKC",
    ]  # fmt: skip
    for name in named:  # the routes that issue 2 names, but for the railway, which it lacks
        line = sahel.routes.geometry[sahel.routes["route_id"] == name].iloc[0]
        away = shapely.distance(along(line, 2000.0), network) / 1000
        assert away.max() <= 10, name
