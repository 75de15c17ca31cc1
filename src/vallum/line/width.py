"""How wide held land is: what of it a disc of a given width fits into."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["disc", "opened", "widened"]


def disc(width_km: float, cell_km: float) -> NDArray[np.bool_]:
    """Cells of a disc: as many across as a width needs, those whose centre lies in it.

    Parameters
    ----------
    width_km, cell_km
        Its diameter, and the side of a cell.

    Returns
    -------
    cells
        Bool, square; a single cell where the width is no more than a cell's.
    """
    across = max(1, math.ceil(width_km / cell_km - 1e-9))
    at = np.arange(across) - (across - 1) / 2.0
    return np.asarray(at[:, None] ** 2 + at[None, :] ** 2 <= (across / 2.0) ** 2)


def opened(
    held: NDArray[np.bool_], calm: NDArray[np.bool_], width_km: float, cell_km: float
) -> NDArray[np.bool_]:
    """Keep of held land what a disc covers that lies in it whole (a morphological opening).

    Parameters
    ----------
    held
        Shape (rows, cols), bool.
    calm
        Land and sea from which nothing comes, same shape: a disc may lie on it too, since land is
        not narrow for its coast.
    width_km, cell_km
        Diameter of the disc, and side of a cell.

    Returns
    -------
    kept
        Part of `held`. Of more held land never less is kept, so nested land stays nested.
    """
    shape = disc(width_km, cell_km)
    if shape.size == 1:
        return held
    return np.asarray(_all_of(_fits(held | calm, shape), shape) & held)


def widened(
    must: NDArray[np.bool_],
    holdable: NDArray[np.bool_],
    calm: NDArray[np.bool_],
    width_km: float,
    cell_km: float,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Add to land that must be held what makes it wide enough.

    Parameters
    ----------
    must
        Shape (rows, cols), bool.
    holdable, calm
        Land that can be held, and from which nothing comes; same shape.
    width_km, cell_km
        The width, and the side of a cell.

    Returns
    -------
    must, narrow
        The land with a disc about each cell of it that was too narrow, the most central that fits;
        and the cells about which none does.
    """
    shape = disc(width_km, cell_km)
    short = must & ~opened(must, calm, width_km, cell_km)
    if not short.any():
        return must, short
    fits = _fits(holdable | calm, shape)
    half = shape.shape[0] // 2
    cells = np.argwhere(shape) - half
    order = np.lexsort((cells[:, 1], cells[:, 0], (cells**2).sum(axis=1)))
    centres = np.zeros(must.shape, bool)
    for down, right in cells[order].tolist():
        # a disc about c covers c + (down, right): take it for cells that have none yet
        at = np.argwhere(short) - (down, right)
        inside = ((at >= 0) & (at < must.shape)).all(axis=1)
        at = at[inside]
        at = at[fits[at[:, 0], at[:, 1]]]
        centres[at[:, 0], at[:, 1]] = True
        short[at[:, 0] + down, at[:, 1] + right] = False
    return (must | _all_of(centres, shape)) & holdable, short


def _fits(land: NDArray[np.bool_], shape: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Places of the disc at which it lies on the land whole."""
    return np.asarray(ndimage.binary_erosion(land, shape))


def _all_of(centres: NDArray[np.bool_], shape: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """All that discs at these places cover."""
    return np.asarray(ndimage.binary_dilation(centres, shape))
