"""The line that a held cell needs towards land that is never held, whatever else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.crofton import edge_weights
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["borders"]


def borders(
    cells: NDArray[np.int64],
    member: NDArray[np.bool_],
    openness: NDArray[np.float64],
    closure: NDArray[np.float64],
    cell_km: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum up each cell's line towards land that is never held.

    Parameters
    ----------
    cells
        Flat grid indices, shape (cells,).
    member
        Land that may be held, shape (rows, cols).
    openness
        How open other land is, in [0, 1]; no line is needed towards 0, at any price.
    closure
        USD/km/yr of a line that stands on a cell.
    cell_km
        Side of a cell.

    Returns
    -------
    price, length
        USD/yr and km, shape (cells,).
    """
    shifts = edge_weights(cell_km)
    width = member.shape[1] + 4
    row, col = np.divmod(cells, member.shape[1])
    price, length = np.zeros(cells.size), np.zeros(cells.size)
    _add_borders(
        (row + 2) * width + col + 2,
        closure.ravel()[cells],
        np.pad(np.where(member, 0.0, openness), 2).ravel(),  # nothing is paid beyond the grid
        np.array([dy * width + dx for dy, dx in shifts]),
        np.array(list(shifts.values())),
        price,
        length,
    )
    return price, length


@compiled
def _add_borders(
    place: NDArray[np.int64],
    closure: NDArray[np.float64],
    openness: NDArray[np.float64],
    offset: NDArray[np.int64],
    weight: NDArray[np.float64],
    price: NDArray[np.float64],
    length: NDArray[np.float64],
) -> None:
    """Sum each cell's fences from the smallest up, so that turned grids give the same bytes."""
    prices, lengths = np.zeros(16), np.zeros(16)
    for i in range(place.size):
        count = 0
        for d in range(16):
            open_ = openness[place[i] + offset[d]]
            if open_ > 0.0:
                prices[count] = closure[i] * open_ * weight[d]
                lengths[count] = weight[d]
                count += 1
        if count:
            for amount in np.sort(prices[:count]):
                price[i] += amount
            for amount in np.sort(lengths[:count]):
                length[i] += amount
