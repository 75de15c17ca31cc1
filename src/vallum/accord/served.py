"""Which members each piece of the joint line serves: those with land behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy import ndimage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["users_of"]


def users_of(
    held: NDArray[np.bool_],
    closure: NDArray[np.float64],
    states: Mapping[str, NDArray[np.bool_]],
) -> tuple[dict[str, float], dict[str, frozenset[str]]]:
    """Split the line's cost by piece of held land, and name the members each piece serves.

    Whoever holds land in a piece is served by all of the line round that piece: a gap anywhere lets
    in those who then move freely behind it.

    Parameters
    ----------
    held
        Shape (rows, cols).
    closure
        Cost of the line by the held cell that carries it, flat, USD/yr.
    states
        By member, its cells.

    Returns
    -------
    costs, users
        By piece, as `vallum.accord.airport.by_use` takes them; pieces without a line are left out.
    """
    labels, count = ndimage.label(held)
    flat = labels.ravel()
    costs, users = {}, {}
    for piece in range(1, count + 1):
        cost = float(closure[flat == piece].sum())
        served = frozenset(
            name for name, cells in states.items() if (cells & (labels == piece)).any()
        )
        if cost > 0.0 and served:
            costs[f"piece {piece}"], users[f"piece {piece}"] = cost, served
    return costs, users
