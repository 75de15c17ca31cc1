"""Places that journeys start and end in: amounts on the grid, gathered in square blocks.

No more blocks are told apart than are solved for; what the others hold is not lost but given to
those of the same part (a region, say), or thin land would seem to send nobody.
"""

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
    parts
        Part of the land that each block lies in, shape (n,).
    amounts
        What each block holds, shape (n,); together all that the parts with a block hold.
    kept
        Share of all that lay in these blocks before those left out were added to them.
    """

    cells: NDArray[np.int64]
    labels: NDArray[np.int64]
    parts: NDArray[np.int64]
    amounts: NDArray[np.float64]
    kept: float


def gather(
    amount: NDArray[np.float64], side: int, most: int, part: NDArray[np.int64] | None = None
) -> Blocks:
    """Gather an amount on the grid in square blocks: the largest of every part, then the largest.

    Parameters
    ----------
    amount
        Not negative, shape (rows, cols).
    side
        Side of a block, cells.
    most
        Greatest number of blocks; the amounts of the others are spread over those of their part in
        proportion.
    part
        Number of the part of the land that each cell lies in, −1 in none, where nothing is
        gathered; shape (rows, cols). A block that lies in several is cut by them. One part if not
        given.

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
    piece = np.zeros(amount.shape, np.int64) if part is None else part
    parts = int(piece.max(initial=0)) + 1
    live = np.flatnonzero((amount.ravel() > 0) & (piece.ravel() >= 0))
    value = amount.ravel()[live]
    label = (_labels(amount.shape, side) * parts + piece).ravel()[live]
    known, number = np.unique(label, return_inverse=True)
    sums = sum_by(number, value, known.size)
    order = np.lexsort((known, -sums))
    _, first = np.unique(known[order] % parts, return_index=True)  # the largest of each part
    later = np.ones(order.size, np.bool_)
    later[first] = False
    chosen = np.sort(order[np.argsort(later, kind="stable")][:most])
    best = np.lexsort((live, -value, number))
    at = live[best[np.searchsorted(number[best], chosen)]]
    cells = np.stack(np.unravel_index(at, amount.shape), axis=1).astype(np.int64)
    inside = known[chosen] % parts
    whole, held_in = (
        sum_by(known[some] % parts, sums[some], parts) for some in (np.arange(known.size), chosen)
    )
    total = float(sums.sum())
    return Blocks(
        cells=frozen(cells),
        labels=frozen((known[chosen] // parts).astype(np.int64)),
        parts=frozen(inside.astype(np.int64)),
        amounts=frozen(sums[chosen] * (whole[inside] / held_in[inside])),
        kept=float(sums[chosen].sum()) / total if total > 0 else 1.0,
    )


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
