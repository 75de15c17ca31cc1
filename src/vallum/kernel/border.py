"""The line that a cell carries when it is held: towards land that is never held, and in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.crofton import RIM, rimmed
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.territory import Instance

__all__ = ["borders", "standing"]


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
    rows, cols = member.shape
    grid = rimmed((rows, cols), cells, cell_km)
    price, length = np.zeros(cells.size), np.zeros(cells.size)
    _add_borders(
        grid.place,
        closure.ravel()[cells],
        np.pad(np.where(member, 0.0, openness), RIM).ravel(),  # nothing is paid beyond the grid
        grid.offset,
        grid.weight,
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


def standing(
    problem: Instance, chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the line of a territory by the held cell that carries it.

    Parameters
    ----------
    problem
        Whose prices and lengths it is.
    chosen
        Member cells held, shape (cells,).

    Returns
    -------
    length, price
        km and USD/yr, shape (cells,); what no held cell carries is 0.
    """
    grid = rimmed(problem.shape, problem.cells, problem.cell_km)
    state = np.zeros(grid.size, np.int8)
    state[grid.place] = np.where(chosen, 2, 1)
    length = np.where(chosen, problem.border_km, 0.0)
    price = np.where(chosen, problem.border, 0.0)
    _add_standing(
        grid.place,
        state,
        problem.closure,
        grid.offset,
        grid.weight,
        length,
        price,
    )
    return length, price


@compiled
def _add_standing(
    place: NDArray[np.int64],
    state: NDArray[np.int8],
    closure: NDArray[np.float64],
    offset: NDArray[np.int64],
    weight: NDArray[np.float64],
    length: NDArray[np.float64],
    price: NDArray[np.float64],
) -> None:
    """Add each held cell's line towards members that are not held."""
    for i in range(place.size):
        if state[place[i]] != 2:
            continue
        for d in range(16):
            if state[place[i] + offset[d]] == 1:
                length[i] += weight[d]
                price[i] += closure[i] * weight[d]
