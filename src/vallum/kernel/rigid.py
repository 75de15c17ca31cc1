"""What ground where no line may stand forces: cells that can't be held, cells that come along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.crofton import RIM, rimmed
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["holdable", "spread"]


def holdable(
    member: NDArray[np.bool_], barred: NDArray[np.bool_], openness: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Mark the cells that can be held: members whose line never has to stand where none may.

    Parameters
    ----------
    member
        Land that may be held, shape (rows, cols).
    barred
        Where no line may stand, same shape.
    openness
        How open land is that isn't held, same shape: no line is needed towards 0, nor beyond the
        grid.

    Returns
    -------
    holdable
        Same shape.
    """
    rows, cols = member.shape
    grid = rimmed((rows, cols), np.flatnonzero(member & barred))
    inside = np.pad(member, RIM).ravel()
    _drop(inside, grid.place, np.pad(openness > 0, RIM).ravel(), grid.offset)
    kept: NDArray[np.bool_] = inside.reshape(-1, cols + 2 * RIM)
    return kept[RIM:-RIM, RIM:-RIM].copy()


def spread(
    shape: tuple[int, int],
    cells: NDArray[np.int64],
    barred: NDArray[np.bool_],
    must: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Add to what must be held what must be too, because no line may stand between.

    Parameters
    ----------
    shape
        Of the grid.
    cells
        Flat index of each member cell, shape (n,).
    barred
        Where no line may stand, shape (n,).
    must
        Cells that must be held, shape (n,).

    Returns
    -------
    must
        With what they draw along, shape (n,).
    """
    grid = rimmed(shape, cells)
    number = np.full(grid.size, -1)
    number[grid.place] = np.arange(cells.size)
    grown = must.copy()
    _grow(grown, grid.place, number, barred, grid.offset)
    return grown


@compiled
def _drop(
    inside: NDArray[np.bool_],
    barred: NDArray[np.int64],
    open_: NDArray[np.bool_],
    shifts: NDArray[np.int64],
) -> None:
    """Take out barred cells beside open land that is not held, until none is left."""
    lost = True
    while lost:
        lost = False
        for cell in barred:
            if not inside[cell]:
                continue
            for shift in shifts:
                if open_[cell + shift] and not inside[cell + shift]:
                    inside[cell] = False
                    lost = True
                    break


@compiled
def _grow(
    must: NDArray[np.bool_],
    place: NDArray[np.int64],
    number: NDArray[np.int64],
    barred: NDArray[np.bool_],
    shifts: NDArray[np.int64],
) -> None:
    """Draw along the neighbours of barred cells that must be held, and theirs."""
    waiting = np.flatnonzero(must & barred)
    queue = np.empty(place.size, np.int64)
    filled = waiting.size
    queue[:filled] = waiting
    done = 0
    while done < filled:
        cell = queue[done]
        done += 1
        for shift in shifts:
            other = number[place[cell] + shift]
            if other >= 0 and not must[other]:
                must[other] = True
                if barred[other]:
                    queue[filled] = other
                    filled += 1
