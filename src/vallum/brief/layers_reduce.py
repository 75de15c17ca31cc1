"""A layer made small enough to draw: blocks of cells, each kind of layer by its own rule."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = ["block_any", "block_max", "block_mean", "block_mode", "factor"]

_WIDEST, _TALLEST = 520, 640


def factor(grid: Grid) -> int:
    """Say how many cells make one side of a block that is drawn; 1 draws every cell.

    Parameters
    ----------
    grid
        Of the layers.

    Returns
    -------
    int
        The least that keeps a map within 520 blocks across and 640 down.
    """
    return max(1, math.ceil(grid.cols / _WIDEST), math.ceil(grid.rows / _TALLEST))


def block_mean(values: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Average what is known of each block; NaN where nothing is.

    Parameters
    ----------
    values
        Shape (rows, cols); what is not finite is not known.
    side
        Cells on a block's side; blocks at the south and east edge may be cut short.

    Returns
    -------
    NDArray
        Shape (⌈rows/side⌉, ⌈cols/side⌉).

    Examples
    --------
    >>> block_mean(np.array([[1.0, 3.0, np.nan], [5.0, 7.0, np.nan]]), 2).tolist()
    [[4.0, nan]]
    """
    cells = _cells(values.astype(np.float64), side, np.nan)
    known = np.isfinite(cells)
    count = known.sum(axis=2)
    total = np.where(known, cells, 0.0).sum(axis=2)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def block_any(values: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """Mark the blocks of which any cell is marked.

    Examples
    --------
    >>> block_any(np.array([[False, True, False]]), 2).tolist()
    [[True, False]]
    """
    return np.asarray(_cells(values, side, fill=False).any(axis=2), np.bool_)


def block_max(values: NDArray[np.int64], side: int) -> NDArray[np.int64]:
    """Give the highest class of each block.

    Examples
    --------
    >>> block_max(np.array([[0, 2, -1], [1, 0, -1]]), 2).tolist()
    [[2, -1]]
    """
    highest: NDArray[np.int64] = _cells(values, side, np.iinfo(np.int64).min).max(axis=2)
    return highest


def block_mode(values: NDArray[np.int64], side: int) -> NDArray[np.int64]:
    """Give the most frequent class of each block; of equals, the one with the lowest number.

    Examples
    --------
    >>> block_mode(np.array([[3, 3, 1], [5, 4, 2]]), 2).tolist()
    [[3, 1]]
    """
    nothing = np.iinfo(np.int64).min  # stands in for cells beyond the edge, and never wins
    cells = np.sort(_cells(values, side, nothing), axis=2)
    best, most = cells[..., -1], np.zeros(cells.shape[:2], np.int64)
    run = np.zeros_like(most)
    for n in range(cells.shape[2]):
        same = cells[..., n] == cells[..., n - 1] if n else np.zeros(run.shape, np.bool_)
        run = np.where(same, run + 1, 1)
        better = (run > most) & (cells[..., n] != nothing)
        best, most = np.where(better, cells[..., n], best), np.where(better, run, most)
    return best


def _cells(values: NDArray[Any], side: int, fill: object) -> NDArray[Any]:
    """Gather the cells of each block along a third axis."""
    rows, cols = values.shape
    down, across = -(-rows // side), -(-cols // side)
    padded = np.full((down * side, across * side), fill, values.dtype)
    padded[:rows, :cols] = values
    parts = padded.reshape(down, side, across, side).swapaxes(1, 2)
    return parts.reshape(down, across, side * side)
