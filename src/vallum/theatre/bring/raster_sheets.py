"""Rasters shown on the theatre's own grid, strip by strip, each cell cut into sub-cells."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
from affine import Affine
from rasterio.enums import Resampling
from rasterio.windows import Window
from scipy import ndimage

from vallum.theatre.bring.raster_tiles import at, guarded, opened, warped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.theatre.bring.raster_tiles import Tile

__all__ = ["Sheet", "filled", "make_sheet", "member_holes", "strips"]

MOST = 32  # sub-cells of a cell each way
STRIP = 4_000_000  # sub-cells held at once
EDGE = 21  # points along a tile's edge, to find the rows that it covers


@dataclass(frozen=True)
class Sheet:
    """The tiles of one raster on the grid's sub-cells.

    Attributes
    ----------
    tiles
        The first wins where two overlap.
    grid
        The grid.
    cuts
        Sub-cells of a cell each way.
    method
        How a sub-cell takes its value.
    key
        The layer's key in the config.
    """

    tiles: tuple[Tile, ...]
    grid: Grid
    cuts: int
    method: Resampling
    key: str

    @property
    def cell_m(self) -> float:
        """Side of a sub-cell in metres."""
        return self.grid.cell_m / self.cuts


def make_sheet(tiles: tuple[Tile, ...], grid: Grid, key: str, *, classes: bool) -> Sheet:
    """Lay the sub-cells: as many as the finest pixel asks for, from 1 to 32 a side.

    A sub-cell larger than a pixel takes the mean of its pixels, a smaller one is interpolated;
    of classes it takes the one at its centre.
    """
    finest = min(_pixel_km(tile, grid) for tile in tiles)
    wanted = math.ceil(grid.cell_km / finest - 1e-6)
    method = Resampling.bilinear if wanted <= MOST else Resampling.average
    return Sheet(
        tiles, grid, min(max(wanted, 1), MOST), Resampling.nearest if classes else method, key
    )


def _pixel_km(tile: Tile, grid: Grid) -> float:
    """Measure a pixel in the middle of what covers the theatre: the root of its area there, km."""
    top, bottom, left, right = tile.window
    row, col = (top + bottom) / 2, (left + right) / 2
    to_grid = pyproj.Transformer.from_crs(tile.crs, grid.crs, always_xy=True)
    cols, rows = np.array([col, col + 1, col]), np.array([row, row, row + 1])
    x, y = to_grid.transform(*at(tile.transform, cols, rows))
    area = abs((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]))
    return math.sqrt(area) / 1000.0 if math.isfinite(area) and area > 0 else tile.pixel_km


def _rows(tile: Tile, grid: Grid) -> tuple[float, float]:
    """Find the northern and southern edge of a tile on the grid's map, metres, with a margin."""
    top, bottom, left, right = tile.window
    row, col = np.linspace(top, bottom, EDGE), np.linspace(left, right, EDGE)
    cols, rows = np.meshgrid(col, row)
    to_grid = pyproj.Transformer.from_crs(tile.crs, grid.crs, always_xy=True)
    _, y = to_grid.transform(*at(tile.transform, cols.ravel(), rows.ravel()))
    if not np.isfinite(y).all():
        return math.inf, -math.inf
    margin = (y.max() - y.min()) / (EDGE - 1) + 2 * grid.cell_m
    return float(y.max() + margin), float(y.min() - margin)


def strips(
    sheet: Sheet, *, halo: int, progress: Callable[[str], None] | None = None
) -> Iterator[tuple[slice, NDArray[np.float32], slice]]:
    """Read the sheet from north to south.

    Parameters
    ----------
    sheet
        The sheet.
    halo
        Rows of sub-cells wanted on either side, where there are.
    progress
        Called with a few words now and then.

    Yields
    ------
    rows, values, inner
        Rows of cells; their sub-cells, NaN where there is nothing; and which rows of these are
        not halo.
    """
    grid, cuts = sheet.grid, sheet.cuts
    step = max(STRIP // (grid.cols * cuts**2), 1)
    spans = [_rows(tile, grid) for tile in sheet.tiles]
    for first in range(0, grid.rows, step):
        if progress:
            progress(f"{sheet.key}: {100 * first // grid.rows} %")
        last = min(first + step, grid.rows)
        top, bottom = max(first * cuts - halo, 0), min(last * cuts + halo, grid.rows * cuts)
        north, south = (grid.north_m - row * sheet.cell_m for row in (top, bottom))
        values = np.full((bottom - top, grid.cols * cuts), np.nan, np.float32)
        for tile, (high, low) in zip(sheet.tiles, spans, strict=True):
            if low <= north and high >= south and np.isnan(values).any():
                found = _read(sheet, tile, top, bottom)
                values = np.where(np.isnan(values), found, values)
        inner = slice(first * cuts - top, last * cuts - top)
        yield slice(first, last), values, inner


def _read(sheet: Sheet, tile: Tile, top: int, bottom: int) -> NDArray[np.float32]:
    """Read rows of sub-cells from one tile; a broken file is a fault."""
    grid, cuts = sheet.grid, sheet.cuts
    onto: dict[str, Any] = {
        "crs": grid.crs,
        "transform": Affine(sheet.cell_m, 0, grid.west_m, 0, -sheet.cell_m, grid.north_m),
        "width": grid.cols * cuts,
        "height": grid.rows * cuts,
        "resampling": sheet.method,
    }
    with contextlib.ExitStack() as stack:
        data = stack.enter_context(opened(tile.path, sheet.key))
        stack.enter_context(guarded(tile.path, sheet.key))
        view = stack.enter_context(warped(data, tile, **onto))
        window = Window(0, top, grid.cols * cuts, bottom - top)
        values = np.asarray(view.read(tile.band, window=window), dtype=np.float32)
    for nothing in tile.nothing[:-1]:
        values[values == np.float32(nothing)] = np.nan
    if (tile.scale, tile.offset) != (1.0, 0.0) and sheet.method != Resampling.nearest:
        values = values * np.float32(tile.scale) + np.float32(tile.offset)
    return values


def filled(values: NDArray[Any], missing: NDArray[np.bool_]) -> NDArray[Any]:
    """Give cells without a value that of the nearest that has one."""
    if not missing.any() or missing.all():
        return values
    row, col = ndimage.distance_transform_edt(missing, return_distances=False, return_indices=True)
    return np.asarray(values[row, col])


def member_holes(missing: NDArray[np.bool_], member: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say of each cell of a member, in the order of the flat grid, whether it has a value."""
    return np.asarray(~missing[member])
