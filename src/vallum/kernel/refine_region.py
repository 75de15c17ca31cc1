"""Regions of a room in which land is exchanged: half planes and discs, by share of the land."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.refine_room import Room

__all__ = ["regions"]

DIRECTIONS = 16
SHARES = (0.2, 0.4, 0.6, 0.8)  # of the land that a region takes
CENTRES = 10
DISCS = (0.1, 0.25, 0.5)


def regions(room: Room) -> list[NDArray[np.bool_]]:
    """Lay regions over the cells of a room's root.

    Parameters
    ----------
    room
        A room that was entered.

    Returns
    -------
    list
        By region, the nodes of the root in it, shape (nodes,), bool; projects are in none.
    """
    nodes = room.root
    cells = nodes < room.state.first.size
    width = int(room.state.offset[-1] - 1) // 2  # the last neighbour is two rows down, one right
    row, col = np.divmod(nodes.astype(np.int64), width)
    found: list[NDArray[np.bool_]] = []
    for turn in range(DIRECTIONS):
        angle = 2.0 * math.pi * turn / DIRECTIONS
        along = math.sin(angle) * row + math.cos(angle) * col
        found += [cells & (along <= np.quantile(along[cells], share)) for share in SHARES]
    nearest = np.full(nodes.size, np.inf)
    centre = int(np.flatnonzero(cells)[room.state.benefit[nodes[cells]].argmax()])
    for _ in range(CENTRES):
        distance = np.hypot(row - row[centre], col - col[centre])
        found += [cells & (distance <= np.quantile(distance[cells], share)) for share in DISCS]
        nearest = np.minimum(nearest, distance)
        centre = int(np.where(cells, nearest, -1.0).argmax())
    return found
