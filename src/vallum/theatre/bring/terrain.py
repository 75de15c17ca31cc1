"""The shape of the land from a user's elevation raster: height, relief, slope."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from vallum.errors import Fault
from vallum.kernel.arrays import frozen
from vallum.theatre.bring.amount_faults import hole_faults
from vallum.theatre.bring.provenance import describe, share
from vallum.theatre.bring.raster_sheets import filled, make_sheet, member_holes, strips
from vallum.theatre.bring.raster_tiles import UnreadableError
from vallum.theatre.bring.rasters import open_tiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.raster_sheets import Sheet
    from vallum.theatre.bring.sections import RasterLayer
    from vallum.theatre.model import Source

__all__ = ["Terrain", "read_terrain"]

KEY = "elevation"
LOWEST_M, HIGHEST_M = -500.0, 9000.0  # the Dead Sea's shore lies at −430 m, Everest at 8,849 m
BOX_KM = 111.195 / 12  # 1/12° of latitude: the scale at which the built-in theatre measures relief


@dataclass(frozen=True, eq=False)
class Terrain:
    """The shape of the land on the grid.

    Attributes
    ----------
    elevation_m, relief_m, slope
        Mean height; highest less lowest of 3 × 3 boxes of about 9 km; mean rise over run. float32,
        shape (rows, cols), 0 off the states shown.
    scale_m
        Side of the sub-cells on which the slope is measured, metres.
    source
        Where it comes from.
    """

    elevation_m: NDArray[np.float32]
    relief_m: NDArray[np.float32]
    slope: NDArray[np.float32]
    scale_m: float
    source: Source


@dataclass(frozen=True, eq=False)
class _Sums:
    """What is gathered strip by strip: means of boxes and of slopes, and the range of heights."""

    boxes: NDArray[np.float32]
    slope: NDArray[np.float32]
    low: float
    high: float


def read_terrain(
    layer: RasterLayer, area: Area, *, progress: Callable[[str], None] | None = None
) -> tuple[Terrain | None, list[Fault]]:
    """Bring an elevation raster onto the grid.

    Each cell is cut into 1 to 32 sub-cells a side, as fine as the source; the slope is that of the
    sub-cells, `√((∂z/∂x)² + (∂z/∂y)²)`, by differences over two of them, and its mean over the
    cell. Relief is measured at the scale of the built-in theatre, whatever the source and the
    cell: heights are averaged over boxes of about 1/12° (9.3 km), and a box's relief is the highest
    less the lowest of the 3 × 3 boxes round it; so `vallum.theatre.surface.ROCK_RELIEF_M` means
    the same everywhere.

    Parameters
    ----------
    layer
        What the config says of the files.
    area
        The theatre's ground.
    progress
        Called with a few words now and then.

    Returns
    -------
    terrain, faults
        The terrain, or none and every fault found.
    """
    tiles, faults = open_tiles(layer, KEY, area)
    faults += [_two_nothings(tile.path, tile.nothing) for tile in tiles if len(tile.nothing) > 1]
    if faults:
        return None, faults
    sheet = make_sheet(tiles, area.grid, KEY, classes=False)
    try:
        sums = _gather(sheet, progress)
    except UnreadableError as error:
        return None, [error.fault]
    parts = sums.boxes.shape[0] // area.grid.rows
    mean = _cells(sums.boxes, parts)
    missing = np.isnan(mean)
    member = np.isin(area.state, [area.order.index(iso3) for iso3 in area.members])
    where = str(layer.file[0])
    faults = hole_faults(where, KEY, area, member_holes(missing, member))
    faults += _unit_faults(where, sums)
    if faults:
        return None, faults
    relief = _cells(_relief(sums.boxes, area.grid.cell_km / parts), parts)
    land = area.state >= 0
    elevation, rough, steep = (
        frozen(np.where(land, filled(values, np.isnan(values)), 0).astype(np.float32))
        for values in (mean, relief, sums.slope)
    )
    treatment = (
        f"mean; slope over {2 * sheet.cell_m:,.0f} m; relief of 3 × 3 boxes of about 9 km; "
        f"land without a value takes the nearest: {share((missing & land).sum(), land.sum())}"
    )
    source = describe(
        layer,
        KEY,
        crs_in="; ".join(dict.fromkeys(tile.crs.to_string() for tile in tiles)),
        crs_out=area.grid.crs,
        resampling=f"{sheet.method.name} onto {sheet.cuts} × {sheet.cuts} sub-cells of each cell",
        treatment=treatment,
    )
    return Terrain(elevation, rough, steep, sheet.cell_m, source), []


def _two_nothings(path: Path, nothing: tuple[float, ...]) -> Fault:
    """Refuse a file with two values for nothing: means and slopes would blend one of them in."""
    found = f"the file calls {nothing[0]:g} nothing, the config {nothing[1]:g}"
    mend = "leave one: gdal_translate -a_nodata, or gdalwarp -srcnodata with both"
    return Fault(str(path), f"{KEY}.nodata", found, mend)


def _gather(sheet: Sheet, progress: Callable[[str], None] | None) -> _Sums:
    """Read the sheet strip by strip."""
    grid = sheet.grid
    parts = _parts(sheet)
    boxes = np.full((grid.rows * parts, grid.cols * parts), np.nan, np.float32)
    slopes = np.full(grid.shape, np.nan, np.float32)
    low, high = np.inf, -np.inf
    for rows, values, inner in strips(sheet, halo=1, progress=progress):
        if np.isnan(values).all():
            continue
        low, high = min(low, float(np.nanmin(values))), max(high, float(np.nanmax(values)))
        if low < LOWEST_M or high > HIGHEST_M:  # no heights: refused, and not worth a slope
            continue
        known = values[inner]
        boxes[rows.start * parts : rows.stop * parts] = _means(known, sheet.cuts // parts)
        slopes[rows] = _means(_slope(values, sheet.cell_m)[inner], sheet.cuts)
    return _Sums(boxes, slopes, low, high)


def _parts(sheet: Sheet) -> int:
    """Choose into how many boxes a side a cell is cut, so that an odd number of them is 1/12°."""
    fits = [part for part in range(1, sheet.cuts + 1) if sheet.cuts % part == 0]

    def miss(part: int) -> float:
        side = sheet.grid.cell_km / part
        return abs(math.log(_odd(side) * side / BOX_KM)) + 0.01 * part  # fewer, if as good

    return min(fits, key=miss)


def _odd(side_km: float) -> int:
    """Give the odd number of boxes that comes nearest to 1/12°."""
    return 2 * max(round((BOX_KM / side_km - 1) / 2), 0) + 1


def _means(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Average squares of `side` × `side`, over what is there."""
    rows, cols = values.shape[0] // side, values.shape[1] // side
    known = ~np.isnan(values)
    squares = (rows, side, cols, side)
    total = np.where(known, values, 0).reshape(squares).sum(axis=(1, 3), dtype=np.float64)
    count = known.reshape(squares).sum(axis=(1, 3))
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return np.asarray(mean, dtype=np.float32)


def _slope(values: NDArray[np.float32], cell_m: float) -> NDArray[np.float32]:
    """Measure rise over run: central differences, one-sided beside a hole; NaN in one."""
    return np.asarray(np.hypot(_difference(values), _difference(values.T).T) / np.float32(cell_m))


def _difference(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Difference per sub-cell along the rows; 0 where both neighbours are missing."""
    padded = np.pad(values, ((0, 0), (1, 1)), constant_values=np.nan)
    after, before = padded[:, 2:] - values, values - padded[:, :-2]
    both = (after + before) / 2
    one = np.where(np.isnan(after), before, after)
    known = np.where(np.isnan(both), one, both)
    return np.where(np.isnan(known) & ~np.isnan(values), np.float32(0), known)


def _relief(boxes: NDArray[np.float32], side_km: float) -> NDArray[np.float32]:
    """Measure the highest less the lowest of 3 × 3 boxes of about 9 km round each box."""
    wide = _odd(side_km)
    if wide > 1:
        known = (~np.isnan(boxes)).astype(np.float64)
        total = ndimage.uniform_filter(
            np.nan_to_num(boxes).astype(np.float64), wide, mode="constant"
        )
        count = ndimage.uniform_filter(known, wide, mode="constant")
        mean = np.divide(total, count, out=np.zeros_like(total), where=count > 1e-9)
        boxes = np.where(known > 0, mean, np.nan).astype(np.float32)
    window = 2 * max(round(BOX_KM / side_km), 1) + 1
    high = ndimage.maximum_filter(np.where(np.isnan(boxes), -np.inf, boxes), window)
    low = ndimage.minimum_filter(np.where(np.isnan(boxes), np.inf, boxes), window)
    with np.errstate(invalid="ignore"):
        return np.where(np.isnan(boxes), np.nan, high - low).astype(np.float32)


def _cells(boxes: NDArray[np.float32], parts: int) -> NDArray[np.float32]:
    """Average the boxes of each cell."""
    return boxes if parts == 1 else _means(boxes, parts)


def _unit_faults(where: str, sums: _Sums) -> list[Fault]:
    """Say whether heights are in something else than metres."""
    if sums.low >= LOWEST_M and sums.high <= HIGHEST_M:
        return []
    found = f"heights from {sums.low:,.0f} to {sums.high:,.0f} m"
    mend = "give metres: feet times 0.3048, decimetres times 0.1"
    if sums.low < LOWEST_M:
        mend = f"say which value stands for nothing, as {KEY}.nodata = {sums.low:g}; or {mend}"
    return [Fault(where, KEY, found, mend)]
