"""The map of a card as SVG: cells of a class run together, few enough for a thumb."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["coarse", "runs"]

MOST = 120  # cells on the longer side


def coarse(codes: NDArray[np.int8], most: int = MOST) -> NDArray[np.int8]:
    """Leave out the empty margin, and put cells together until few enough are left.

    Parameters
    ----------
    codes
        Class per cell, −1 for none; shape (rows, cols).
    most
        Cells on the longer side.

    Returns
    -------
    ndarray
        The highest class of the cells that fall together; shape (0, 0) where there is no class.

    Examples
    --------
    >>> coarse(np.array([[-1, -1, -1], [-1, 0, 1]], np.int8))
    array([[0, 1]], dtype=int8)
    """
    rows, cols = (np.flatnonzero((codes >= 0).any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return np.empty((0, 0), np.int8)
    inner = codes[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    side = max(1, math.ceil(max(inner.shape) / most))
    height, width = (math.ceil(length / side) for length in inner.shape)
    whole = np.full((height * side, width * side), -1, np.int8)
    whole[: inner.shape[0], : inner.shape[1]] = inner
    blocks = whole.reshape(height, side, width, side)
    return np.asarray(blocks.max(axis=(1, 3)))


def runs(codes: NDArray[np.int8], code: int) -> str:
    """Write the cells of a class as a path, a cell a unit, row 0 on top.

    Parameters
    ----------
    codes
        Class per cell, shape (rows, cols).
    code
        Of the class.

    Returns
    -------
    str
        The `d` of an SVG path.

    Examples
    --------
    >>> runs(np.array([[1, 1, 0], [0, 0, 1]], np.int8), 1)
    'M0 0h2v1h-2zM2 1h1v1h-1z'
    """
    marked = np.pad(codes == code, ((0, 0), (1, 1))).astype(np.int8)
    steps = np.diff(marked, axis=1)
    begins, ends = np.argwhere(steps == 1), np.argwhere(steps == -1)
    return "".join(
        f"M{col} {row}h{end - col}v1h-{end - col}z"
        for (row, col), (_, end) in zip(begins.tolist(), ends.tolist(), strict=True)
    )
