"""Tiles of one raster that cover the same ground: what lies on both would be counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from scipy import ndimage

from vallum.errors import Fault
from vallum.theatre.bring.raster_tiles import at, blocks, opened, read_block, valued

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from vallum.theatre.bring.raster_tiles import Block, Tile

__all__ = ["overlap_faults"]

SIDE = 1024  # pixels of a block
SEAM = 2  # pixels: rasters cut along a border have both sides' people in the pixels on it


def overlap_faults(
    tiles: tuple[Tile, ...], outlines: list[shapely.Geometry], key: str
) -> list[Fault]:
    """Say which tiles hold amounts for the same ground.

    The frames of two states' rasters overlap, and along their border a pixel of each may hold its
    own side's people. It is a fault where both hold something over more than a seam of four pixels.

    Parameters
    ----------
    tiles
        Checked files.
    outlines
        Their edges, in longitude and latitude.
    key
        The layer's key in the config.
    """
    faults = []
    tree = shapely.STRtree(outlines)
    for first, outline in enumerate(outlines):
        for second in sorted(int(number) for number in tree.query(outline)):
            common = shapely.intersection(outline, outlines[second])
            if second <= first or shapely.area(common) == 0:
                continue
            if _both(tiles[first], tiles[second], key):
                found = f"it holds ground that '{tiles[second].path}' holds too"
                mend = "leave one out, or cut them apart: what lies on both is counted twice"
                faults.append(Fault(str(tiles[first].path), f"{key}.file", found, mend))
    return faults


def _both(one: Tile, other: Tile, key: str) -> bool:
    """Whether both tiles hold something over more than a seam."""
    if one.empty or other.empty:
        return False
    change = None
    if not one.crs.equals(other.crs, ignore_axis_order=True):
        change = pyproj.Transformer.from_crs(one.crs, other.crs, always_xy=True)
    with opened(one.path, key) as here, opened(other.path, key) as there:
        for block in blocks(one, SIDE):
            held = valued(here, one, block, read_block(here, one, block, key)) > 0
            if not held.any():
                continue
            shared = _held(there, other, _places(one, block, held, change, other), key)
            mask = np.zeros(held.shape, np.bool_)
            mask[held] = shared
            if ndimage.binary_erosion(mask, np.ones((3, 3)), iterations=SEAM).any():
                return True
    return False


def _places(
    one: Tile,
    block: Block,
    held: NDArray[np.bool_],
    change: pyproj.Transformer | None,
    other: Tile,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the rows and columns of the other tile that hold the centres of pixels."""
    row, col = np.nonzero(held)
    centre = (np.asarray(part, np.float64) + 0.5 for part in (col + block[2], row + block[0]))
    x, y = at(one.transform, *centre)
    if change is not None:
        x, y = (np.asarray(part) for part in change.transform(x, y))
    far = np.where(np.isfinite(x) & np.isfinite(y), 0.0, -1e9)
    over, down = at(
        ~other.transform, np.nan_to_num(x, posinf=0, neginf=0), np.nan_to_num(y, posinf=0, neginf=0)
    )
    return np.floor(down + far).astype(np.int64), np.floor(over + far).astype(np.int64)


def _held(
    data: Any,  # noqa: ANN401 - rasterio has no types
    tile: Tile,
    places: tuple[NDArray[np.int64], NDArray[np.int64]],
    key: str,
) -> NDArray[np.bool_]:
    """Whether a tile holds something at places given by row and column, inside or not."""
    row, col = places
    inside = (row >= 0) & (row < tile.shape[0]) & (col >= 0) & (col < tile.shape[1])
    out = np.zeros(row.shape, np.bool_)
    if not inside.any():
        return out
    up, across = row[inside], col[inside]
    hits = np.zeros(up.shape, np.bool_)
    # in bands, since a far finer file would have a window too large to hold
    for top in range(int(up.min()), int(up.max()) + 1, SIDE):
        own = (up >= top) & (up < top + SIDE)
        if not own.any():
            continue
        left, right = int(across[own].min()), int(across[own].max()) + 1
        part: Block = (top, min(top + SIDE, tile.shape[0]), left, right)
        values = valued(data, tile, part, read_block(data, tile, part, key))
        hits[own] = values[up[own] - top, across[own] - left] > 0
    out[inside] = hits
    return out
