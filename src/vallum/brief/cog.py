"""Rasters as Cloud-Optimised GeoTIFFs: the same values, the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import rasterio

from vallum.brief.crs import named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = ["BLOCK", "Band", "write_cog"]

BLOCK = 128  # pixels of a tile's side: grids are a few hundred cells wide


@dataclass(frozen=True, eq=False)
class Band:
    """One band of a raster.

    Attributes
    ----------
    name
        What it shows, with its unit, as programs list it.
    unit
        Of its values; "" where they have none.
    values
        Shape (rows, cols).
    """

    name: str
    unit: str
    values: NDArray[np.generic]


def write_cog(
    path: Path,
    grid: Grid,
    bands: Sequence[Band],
    nodata: float,
    overviews: Literal["nearest", "average"],
    place: str = "",
) -> None:
    """Write bands on the plan's grid as a Cloud-Optimised GeoTIFF.

    Parameters
    ----------
    path
        The file.
    grid
        Of the theatre.
    bands
        One data type for all.
    nodata
        What stands where there is no data.
    overviews
        How the coarser copies are made: "nearest" for classes, whose means are none; "average" for
        amounts per cell.
    place
        Of the theatre, for the name of a projection that has none.

    Notes
    -----
    Laid out by GDAL's COG driver (tiles of `BLOCK` pixels, the directories of all copies before
    any data, coarser copies first): https://gdal.org/en/stable/drivers/raster/cog.html
    """
    with rasterio.open(
        path,
        "w",
        driver="COG",
        width=grid.cols,
        height=grid.rows,
        count=len(bands),
        dtype=np.dtype(bands[0].values.dtype).name,
        crs=named(grid.crs, place).to_wkt(),
        transform=grid.transform,
        nodata=nodata,
        compress="deflate",
        blocksize=BLOCK,
        overview_resampling=overviews,
    ) as file:
        for number, band in enumerate(bands, start=1):
            file.write(band.values, number)
            file.set_band_description(number, band.name)
            if band.unit:
                file.set_band_unit(number, band.unit)
