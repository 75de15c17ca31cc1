"""Places that journeys start and end in: amounts on the grid, gathered in square blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen, sum_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Blocks", "between_km", "gather", "held", "side_cells"]


@dataclass(frozen=True, eq=False)
class Blocks:
    """Blocks of cells, each stood for by the cell that holds most of it.

    Attributes
    ----------
    cells
        (row, col) of that cell, shape (n, 2).
    labels
        Number of each block, as `held` counts them, shape (n,).
    amounts
        What each block holds, shape (n,); together all that was gathered.
    kept
        Share of it that lay in these blocks before those left out were added to them.
    """

    cells: NDArray[np.int64]
    labels: NDArray[np.int64]
    amounts: NDArray[np.float64]
    kept: float


def gather(amount: NDArray[np.float64], side: int, most: int) -> Blocks:
    """Gather an amount on the grid in square blocks, the largest `most` of them.

    Parameters
    ----------
    amount
        Not negative, shape (rows, cols).
    side
        Side of a block, cells.
    most
        Greatest number of blocks; the amounts of the others are spread over these in proportion.

    Returns
    -------
    Blocks
        In the order of the grid; none where there is no amount.

    Examples
    --------
    >>> import numpy as np
    >>> blocks = gather(np.array([[1.0, 3.0, 0.0, 6.0]]), 2, 2)
    >>> blocks.cells.tolist(), blocks.amounts.tolist(), blocks.kept
    ([[0, 1], [0, 3]], [4.0, 6.0], 1.0)
    """
    label, sums = _labels(amount.shape, side).ravel(), held(amount, side)
    order = np.lexsort((np.arange(sums.size), -sums))[:most]
    chosen = np.sort(order[sums[order] > 0]).astype(np.int64)
    best = np.lexsort((np.arange(amount.size), -amount.ravel(), label))
    first = np.searchsorted(label[best], chosen)
    cells = np.stack(np.unravel_index(best[first], amount.shape), axis=1).astype(np.int64)
    total, inside = float(sums.sum()), float(sums[chosen].sum())
    kept = inside / total if total > 0 else 1.0
    return Blocks(frozen(cells), frozen(chosen), frozen(sums[chosen] / kept), kept)


def held(amount: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Sum an amount on the grid by block, row by row of blocks.

    Examples
    --------
    >>> import numpy as np
    >>> held(np.array([[1.0, 3.0, 0.0, 6.0, 1.0]]), 2)
    array([4., 6., 1.])
    """
    label = _labels(amount.shape, side)
    return sum_by(label, amount, int(label[-1, -1]) + 1)


def _labels(shape: tuple[int, ...], side: int) -> NDArray[np.int64]:
    """Give each cell the number of its block, shape (rows, cols)."""
    rows, cols = shape
    wide = -(-cols // side)
    return (np.arange(rows) // side)[:, None] * wide + np.arange(cols) // side


def between_km(
    one: NDArray[np.int64], other: NDArray[np.int64], cell_km: float
) -> NDArray[np.float64]:
    """Give the straight distances between cells, km.

    Parameters
    ----------
    one, other
        (row, col), shapes (n, 2) and (m, 2).
    cell_km
        Side of a cell.

    Returns
    -------
    distance
        Shape (n, m).
    """
    apart = (one[:, None, :] - other[None, :, :]).astype(np.float64)
    return np.asarray(np.hypot(apart[..., 0], apart[..., 1]) * cell_km)


def side_cells(block_km: float, cell_km: float) -> int:
    """Give the side of a block in cells, at least 1."""
    return max(1, round(block_km / cell_km))
