"""Raster files in windows: opened with little memory, read block by block, shown on other grids."""

from __future__ import annotations

import contextlib
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError, ShapeSkipWarning
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from vallum.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyproj
    from affine import Affine
    from numpy.typing import NDArray

__all__ = [
    "Block",
    "Tile",
    "UnreadableError",
    "at",
    "blocks",
    "guarded",
    "opened",
    "project",
    "read_block",
    "valued",
    "warped",
]

CACHE_MB = 64  # of GDAL's cache of blocks
EQUATOR_M = 6_378_137.0  # radius of the earth at the equator
HUGE = 1e30  # beyond it a float that stands for nothing may have lost its last digits
# what GDAL, and rasterio over it, raise at files that are not what they claim
BROKEN = (RasterioError, OSError, ValueError, ArithmeticError, TypeError, KeyError, MemoryError)

Block = tuple[int, int, int, int]  # first row, row after the last, first column, column after


class UnreadableError(Exception):
    """Raised inside `bring` when a raster can't be read; holds the fault, which readers return."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


@dataclass(frozen=True)
class Tile:
    """One raster file, checked and ready to be read.

    Attributes
    ----------
    path, band
        The file and its band, from 1.
    crs
        Its coordinate system, horizontal part.
    transform
        From (column, row) to (x, y); south-up and rotated ones are taken as they are.
    shape
        Rows and columns of the whole file.
    nothing
        Values that stand for nothing: the file's and the config's.
    masked
        Whether a mask or an alpha band says where there is something.
    scale, offset
        A stored number times scale plus offset is the value.
    window
        The part that covers the theatre, its margin included; empty where the two don't meet.
    block
        Rows and columns of the blocks in which the file is laid out.
    """

    path: Path
    band: int
    crs: pyproj.CRS
    transform: Affine
    shape: tuple[int, int]
    nothing: tuple[float, ...]
    masked: bool
    scale: float
    offset: float
    window: Block
    block: tuple[int, int]

    @property
    def empty(self) -> bool:
        """Whether the file doesn't meet the theatre."""
        top, bottom, left, right = self.window
        return top >= bottom or left >= right

    @property
    def pixel_km(self) -> float:
        """Longer side of a pixel in km; degrees are taken at the equator."""
        unit = self.crs.axis_info[0].unit_conversion_factor
        metres = unit * EQUATOR_M if self.crs.is_geographic else unit
        a, b, _, d, e, _ = self.transform[:6]
        return float(max(math.hypot(a, d), math.hypot(b, e)) * metres / 1000.0)


def at(
    transform: Affine, col: NDArray[np.float64], row: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Apply a transform to arrays of columns and rows; gives x and y."""
    a, b, c, d, e, f = transform[:6]
    return a * col + b * row + c, d * col + e * row + f


def project(
    transformer: pyproj.Transformer, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transform points; old versions of pyproj take an array of one for a number."""
    if x.size != 1:
        first, second = transformer.transform(x, y)
        return np.asarray(first), np.asarray(second)
    first, second = transformer.transform(np.repeat(x, 2), np.repeat(y, 2))
    return np.asarray(first[:1]), np.asarray(second[:1])


@contextlib.contextmanager
def guarded(path: Path, key: str) -> Iterator[None]:
    """Turn what GDAL raises at a broken file into a fault.

    Raises
    ------
    UnreadableError
        Where the file is broken.
    """
    try:
        yield
    except BROKEN as error:
        raise UnreadableError(_unreadable(path, key, error)) from None


@contextlib.contextmanager
def opened(path: Path, key: str) -> Iterator[Any]:
    """Open a raster, with GDAL's memory kept small and its warnings quiet.

    Raises
    ------
    UnreadableError
        If it can't be opened.
    """
    with rasterio.Env(GDAL_CACHEMAX=CACHE_MB), warnings.catch_warnings():
        for kind in (NotGeoreferencedWarning, ShapeSkipWarning):
            warnings.simplefilter("ignore", kind)  # each has a check of its own here
        with guarded(path, key):
            data = rasterio.open(path)
        with data:
            yield data


def _unreadable(path: Path, key: str, error: Exception) -> Fault:
    """Say that a file can't be read, in GDAL's words."""
    cause = error.__cause__ or error
    why = " ".join(str(cause).split())[:200] or type(error).__name__
    mend = "give a raster that GDAL can read (try `gdalinfo`); fetch it anew if it is cut short"
    return Fault(str(path), key, f"it can't be read as a raster ({why})", mend)


def blocks(tile: Tile, side: int) -> Iterator[Block]:
    """Cut a tile's window into blocks that share the edges of a raster of such blocks.

    They are squares; in a file laid out in long strips, flat oblongs of the same size, so that no
    strip is read twice.
    """
    top, bottom, left, right = tile.window
    wide = max(side, tile.block[1])
    high = max(side * side // wide, 1)
    for row in range(top - top % high, bottom, high):
        for col in range(left - left % wide, right, wide):
            yield (max(row, top), min(row + high, bottom), max(col, left), min(col + wide, right))


def read_block(
    data: Any,  # noqa: ANN401 - rasterio has no types
    tile: Tile,
    block: Block,
    key: str,
) -> NDArray[Any]:
    """Read a block as the file stores it.

    Raises
    ------
    UnreadableError
        Where the file is broken.
    """
    top, bottom, left, right = block
    with guarded(tile.path, key):
        window = Window.from_slices((top, bottom), (left, right))
        return np.asarray(data.read(tile.band, window=window))


def valued(
    data: Any,  # noqa: ANN401 - rasterio has no types
    tile: Tile,
    block: Block,
    raw: NDArray[Any],
) -> NDArray[np.float64]:
    """Turn stored numbers into values, NaN where there is nothing."""
    with np.errstate(all="ignore"):  # damaged files hold numbers that are none
        values = raw.astype(np.float64)
        for nothing in tile.nothing:
            if math.isnan(nothing):
                continue
            same = raw == raw.dtype.type(nothing)
            if abs(nothing) > HUGE:
                same |= values * math.copysign(1.0, nothing) > HUGE
            values[same] = np.nan
    if tile.masked:
        top, bottom, left, right = block
        window = Window.from_slices((top, bottom), (left, right))
        with guarded(tile.path, ""):
            values[data.read_masks(tile.band, window=window) == 0] = np.nan
    if (tile.scale, tile.offset) != (1.0, 0.0):
        with np.errstate(all="ignore"):
            values = values * tile.scale + tile.offset
    return values


@contextlib.contextmanager
def warped(data: Any, tile: Tile, **onto: Any) -> Iterator[Any]:  # noqa: ANN401 - rasterio has no types
    """Show a file on another raster; NaN where there is nothing."""
    own = tile.nothing[-1] if tile.nothing else None
    with WarpedVRT(
        data,
        src_crs=tile.crs.to_wkt(),
        src_transform=tile.transform,
        src_nodata=own,
        nodata=math.nan,
        dtype="float32",
        warp_mem_limit=CACHE_MB,
        **onto,
    ) as view:
        yield view
