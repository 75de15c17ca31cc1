"""Corridors: the strongest chains of blocks from sanctuaries to vital land.

Journeys are summed on blocks of 50 km and more, since nothing finer is told apart. The widest path
(the one whose narrowest crossing carries most) is taken off again and again: what it carries is a
corridor's share.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Chain", "Streams", "chains", "line", "streams", "strength"]

_LEAST = 0.01  # chains that carry a smaller share of all journeys are not told apart


@dataclass(frozen=True, eq=False)
class Streams:
    """Net journeys between blocks.

    Attributes
    ----------
    net
        Journeys/yr from block to block, by (tail, head), positive; blocks are numbered row by row.
    supply, demand
        Journeys/yr that begin, and that end, in each block, net of each other.
    cols
        Blocks in a row.
    """

    net: dict[tuple[int, int], float]
    supply: NDArray[np.float64]
    demand: NDArray[np.float64]
    cols: int


@dataclass(frozen=True)
class Chain:
    """One corridor.

    Attributes
    ----------
    blocks
        From the sanctuary to the target.
    journeys
        Per year.
    """

    blocks: tuple[int, ...]
    journeys: float


def streams(
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    flow: NDArray[np.float64],
    shape: tuple[int, int],
    side: int,
) -> Streams:
    """Sum journeys on the edges of a grid into net journeys between blocks of it.

    Parameters
    ----------
    tail, head
        Cells at the ends of each edge, numbered row by row.
    flow
        Journeys/yr along each edge.
    shape
        Rows and columns of the grid.
    side
        Side of a block in cells.
    """
    cols = -(-shape[1] // side)
    count = -(-shape[0] // side) * cols
    block = (np.arange(shape[0]) // side)[:, None] * cols + np.arange(shape[1]) // side
    start, end = block.ravel()[tail], block.ravel()[head]
    over = start != end
    key = start[over] * count + end[over]
    sums = np.bincount(np.searchsorted(np.unique(key), key), flow[over])
    gross = dict(zip(np.unique(key).tolist(), sums.tolist(), strict=True))
    net = {}
    for both, amount in gross.items():
        one, other = divmod(both, count)
        left = amount - gross.get(other * count + one, 0.0)
        if left > 0:
            net[one, other] = left
    born = np.zeros(count)
    for (one, other), amount in net.items():
        born[one] += amount
        born[other] -= amount
    return Streams(net, np.maximum(born, 0.0), np.maximum(-born, 0.0), cols)


def chains(given: Streams, most: int) -> list[Chain]:
    """Take off the widest chains one by one, the strongest first.

    Parameters
    ----------
    given
        Net journeys between blocks.
    most
        At most so many; chains of less than 1 % of all journeys are left.

    Returns
    -------
    list of Chain
        Their journeys add up to no more than all.
    """
    left, supply, demand = dict(given.net), given.supply.copy(), given.demand.copy()
    total = float(supply.sum())
    out: list[Chain] = []
    while len(out) < most:
        blocks, width = _widest(left, supply, demand)
        if len(blocks) < 2 or width < _LEAST * total:
            break
        out.append(Chain(tuple(blocks), width))
        supply[blocks[0]] -= width
        demand[blocks[-1]] -= width
        for step in pairwise(blocks):
            left[step] -= width
    return sorted(out, key=lambda chain: (-chain.journeys, chain.blocks))


def _widest(
    net: dict[tuple[int, int], float], supply: NDArray[np.float64], demand: NDArray[np.float64]
) -> tuple[list[int], float]:
    """Find the path from supply to demand whose narrowest part is widest."""
    after: dict[int, list[tuple[int, float]]] = {}
    for (one, other), amount in sorted(net.items()):
        if amount > 0:
            after.setdefault(one, []).append((other, amount))
    width = {int(n): float(supply[n]) for n in np.flatnonzero(supply > 0)}
    before: dict[int, int] = {}
    queue = [(-amount, n) for n, amount in width.items()]
    heapq.heapify(queue)
    done: set[int] = set()
    best, end = 0.0, -1
    while queue:
        negative, n = heapq.heappop(queue)
        if n in done:
            continue
        done.add(n)
        here = min(-negative, float(demand[n]))
        if here > best and n in before:
            best, end = here, n
        if -negative <= best:
            break
        for other, amount in after.get(n, []):
            wide = min(-negative, amount)
            if other not in done and wide > width.get(other, 0.0):
                width[other], before[other] = wide, n
                heapq.heappush(queue, (-wide, other))
    blocks = [end]
    while blocks[-1] in before:
        blocks.append(before[blocks[-1]])
    return blocks[::-1], best


def strength(chain: Chain, given: Streams) -> float:
    """Give what a chain would carry on other streams: its narrowest part, journeys/yr."""
    return min(given.net.get(step, 0.0) for step in pairwise(chain.blocks))


def line(chain: Chain, centres: NDArray[np.float64]) -> shapely.LineString:
    """Draw a chain through the centres of its blocks, corners cut twice (Chaikin).

    Parameters
    ----------
    chain
        The corridor.
    centres
        (x, y) of each block in metres, shape (blocks, 2).
    """
    points = centres[list(chain.blocks)]
    for _ in range(2):
        if len(points) < 3:
            break
        near = 0.75 * points[:-1] + 0.25 * points[1:]
        far = 0.25 * points[:-1] + 0.75 * points[1:]
        inner = np.stack([near, far], axis=1).reshape(-1, 2)
        points = np.concatenate([points[:1], inner[1:-1], points[-1:]])
    return shapely.LineString(points)
