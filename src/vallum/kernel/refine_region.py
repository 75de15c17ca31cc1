"""Regions of a room in which land is exchanged: half planes and discs, by share of the land."""

from __future__ import annotations

import math
from itertools import islice, product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.refine_room import Room, Worth

__all__ = ["shapes", "sweep"]

DIRECTIONS = 16
CENTRES = 10
SHARES = (0.5, 0.3, 0.7, 0.15, 0.85)  # of the land, that a region takes
FACTORS = (1.0, 1.6)  # of the price at which both ends are worth the same


def shapes(room: Room, *, discs: int = 0) -> list[NDArray[np.float64]]:
    """Order the cells of a room from one side, and from places spread over it.

    Parameters
    ----------
    room
        A room that was entered.
    discs
        Number of places; 0 for directions too, and as many places as suit them.

    Returns
    -------
    list
        By direction or place, the share of the cells that lie no further than a node of the root,
        shape (nodes,); projects lie beyond all.
    """
    nodes = room.root
    cells = np.flatnonzero(nodes < room.state.first.size)
    width = int(room.state.offset[-1] - 1) // 2  # the last neighbour is two rows down, one right
    row, col = np.divmod(nodes[cells].astype(np.int64), width)
    fields = []
    for turn in range(0 if discs else DIRECTIONS):
        angle = 2.0 * math.pi * turn / DIRECTIONS
        fields.append(math.sin(angle) * row + math.cos(angle) * col)
    nearest = np.full(cells.size, np.inf)
    centre = int(room.state.benefit[nodes[cells]].argmax())
    for _ in range(discs or CENTRES):
        distance = np.hypot(row - row[centre], col - col[centre])
        fields.append(distance)
        nearest = np.minimum(nearest, distance)
        centre = int(nearest.argmax())
    return [_shares(field, cells, nodes.size) for field in fields]


def _shares(field: NDArray[np.float64], cells: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Replace distances by the share of cells that lie no further."""
    shares = np.full(size, np.inf)
    shares[cells] = np.searchsorted(np.sort(field), field, side="right") / cells.size
    return shares


def sweep(room: Room, cuts: int) -> list[NDArray[np.bool_]]:
    """Find territories between the ends of a room, by cuts that see one region only.

    At the price at which both ends of a jump are worth the same nothing lies between them. If only
    one region is open, and all else is as in the lower end or as in the upper one, much does.

    Parameters
    ----------
    room
        A room that was entered.
    cuts
        Most cuts.

    Returns
    -------
    list
        Territories by node of the root, each once.
    """
    room.decide(())
    whole, nothing = room.weigh(whole=True), room.weigh(whole=False)
    gained, spent = whole.benefit - nothing.benefit, whole.cost - nothing.cost
    if gained <= 0.0 or spent <= 0.0:
        return []
    found: dict[Worth, NDArray[np.bool_]] = {}
    fields = shapes(room)
    ends = [np.zeros(room.root.size, bool), np.ones(room.root.size, bool)]
    todo = product(FACTORS, SHARES, fields, ends)
    for factor, share, field, held in islice(todo, cuts):
        room.free(held, field <= share)
        best = room.solve(factor * spent / gained)
        found.setdefault(best.worth, best.held)
    return list(found.values())
