"""Lengths of lines on a grid, by the Cauchy–Crofton formula on the 16-neighbourhood.

The number of times that a curve crosses the grid's edges, each weighted by `edge_weights`, tends
to the curve's length (Boykov & Kolmogorov 2003, "Computing geodesics and minimal surfaces via
graph cuts"). So the price of a cut is the price of a line, in km.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["OFFSETS", "RIM", "Rimmed", "Shift", "edge_weights", "rimmed", "shifted_pairs"]

Shift = tuple[int, int]
RIM = 2  # rows and columns that an edge reaches

# the 16 directed neighbours: all that can be reached within two cells without passing over another
OFFSETS: tuple[Shift, ...] = tuple(
    (dy, dx) for dy in range(-2, 3) for dx in range(-2, 3) if math.gcd(dy, dx) == 1
)


def edge_weights(cell_km: float) -> dict[Shift, float]:
    """Length in km that one crossed edge stands for, `cell_km · Δφ / (2 |e|)`.

    `Δφ` is the mean of the two angular gaps beside the edge's direction. Every unordered pair of
    cells is crossed once by a boundary that separates them, in one of its two directions.

    Parameters
    ----------
    cell_km
        Side of a cell in km.

    Returns
    -------
    dict
        Weight in km by (rows down, columns right).

    Examples
    --------
    >>> {e: round(w, 5) for e, w in edge_weights(1.0).items() if e in [(1, 0), (1, 1), (2, 1)]}
    {(1, 0): 0.23182, (1, 1): 0.11376, (2, 1): 0.08781}
    """
    # folded into one eighth of the circle, so that mirrored edges get the same bytes
    angles = [0.0, math.atan2(1, 2), math.pi / 4]
    gap_axis, gap_knight = (b - a for a, b in pairwise(angles))
    gaps = {1: gap_axis, 2: gap_knight, 5: (gap_axis + gap_knight) / 2}  # by squared length
    return {
        (dy, dx): cell_km * gaps[dy * dy + dx * dx] / (2 * math.sqrt(dy * dy + dx * dx))
        for dy, dx in OFFSETS
    }


class Rimmed(NamedTuple):
    """A flat grid with a rim of two cells around it, so that no neighbour leaves it.

    Attributes
    ----------
    size
        Number of its cells, the rim included.
    place
        Flat index of each cell asked for, shape (cells,).
    offset, weight
        Steps to the 16 neighbours, and km of a crossed edge, in the order of `OFFSETS`.
    """

    size: int
    place: NDArray[np.int64]
    offset: NDArray[np.int64]
    weight: NDArray[np.float64]


def rimmed(shape: tuple[int, int], cells: NDArray[np.int64], cell_km: float = 1.0) -> Rimmed:
    """Lay cells out in a grid with a rim.

    Parameters
    ----------
    shape
        Rows and columns of the grid without it.
    cells
        Flat indices in that grid.
    cell_km
        Side of a cell.

    Returns
    -------
    Rimmed
        Where they lie, and where their neighbours do.
    """
    rows, cols = shape
    width = cols + 2 * RIM
    row, col = np.divmod(cells, cols)
    return Rimmed(
        size=(rows + 2 * RIM) * width,
        place=(row + RIM) * width + col + RIM,
        offset=np.array([dy * width + dx for dy, dx in OFFSETS]),
        weight=np.array(list(edge_weights(cell_km).values())),
    )


def shifted_pairs(
    index: NDArray[np.int64], shift: Shift
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair every cell with its neighbour at `shift`; pairs that leave the grid are left out.

    Parameters
    ----------
    index
        Any label per cell, shape (rows, cols).
    shift
        (rows down, columns right).

    Returns
    -------
    here, there
        The labels of both cells of each pair, flat.
    """
    dy, dx = shift
    rows, cols = index.shape
    if abs(dy) >= rows or abs(dx) >= cols:
        return index[:0, 0], index[:0, 0]
    here = index[max(0, -dy) : rows - max(0, dy), max(0, -dx) : cols - max(0, dx)]
    there = index[max(0, dy) : rows - max(0, -dy), max(0, dx) : cols - max(0, -dx)]
    return here.ravel(), there.ravel()


def edges(
    index: NDArray[np.int64], cell_km: float
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], float]]:
    """Iterate over the 16 directions: labels here, labels there, weight in km."""
    for shift, weight in edge_weights(cell_km).items():
        here, there = shifted_pairs(index, shift)
        yield here, there, weight
