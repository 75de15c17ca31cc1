"""Networks of arcs, and the shortest and most reliable ways through them."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen
from vallum.kernel.interdiction.door import Door
from vallum.kernel.interdiction.model import Way
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Arcs", "arcs_of", "distances", "lengths", "numbered", "reliable_way"]


@dataclass(frozen=True, eq=False)
class Arcs:
    """The arcs of a network by the node that they leave (or enter).

    Attributes
    ----------
    start
        Where a node's arcs begin in `arc` and `far`, shape (nodes + 1,).
    arc
        Indices of arcs, shape (arcs,).
    far
        The node at the other end of each, shape (arcs,).
    """

    start: NDArray[np.int64]
    arc: NDArray[np.int64]
    far: NDArray[np.int64]


def arcs_of(near: NDArray[np.int64], far: NDArray[np.int64], nodes: int) -> Arcs:
    """List arcs by their `near` node, in the order given."""
    order = np.argsort(near, kind="stable")
    start = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(near, minlength=nodes), out=start[1:])
    return Arcs(frozen(start), frozen(order), frozen(far[order]))


def numbered(*labels: ArrayLike) -> tuple[list[NDArray[np.int64]], int]:
    """Give nodes numbers from 0 in the order of their labels; say how many there are."""
    lines = [np.atleast_1d(np.asarray(line, np.int64)) for line in labels]
    known, number = np.unique(np.concatenate(lines), return_inverse=True)
    parts = np.split(number.astype(np.int64), np.cumsum([line.size for line in lines])[:-1])
    return parts, int(known.size)


@compiled
def lengths(
    start: NDArray[np.int64],
    arc: NDArray[np.int64],
    far: NDArray[np.int64],
    cost: NDArray[np.float64],
    sources: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Find the length of the shortest way from any source to each node (Dijkstra).

    Also the arc by which each node is reached; −1 for sources and where no way leads.
    """
    found = np.full(start.size - 1, np.inf)
    via = np.full(start.size - 1, -1)
    heap = [(0.0, np.int64(0)) for _ in range(0)]
    for source in sources:
        found[source] = 0.0
        heapq.heappush(heap, (0.0, source))
    while len(heap) > 0:
        length, node = heapq.heappop(heap)
        if length > found[node]:
            continue
        for k in range(start[node], start[node + 1]):
            longer = length + cost[arc[k]]
            if longer < found[far[k]]:
                found[far[k]] = longer
                via[far[k]] = arc[k]
                heapq.heappush(heap, (longer, far[k]))
    return found, via


def distances(arcs: Arcs, cost: NDArray[np.float64], *sources: int) -> NDArray[np.float64]:
    """Length of the shortest way from any of the sources to each node; inf where none leads."""
    return lengths(arcs.start, arcs.arc, arcs.far, cost, np.array(sources, np.int64))[0]


def way_to(node: int, via: NDArray[np.int64], tail: NDArray[np.int64]) -> tuple[int, ...]:
    """Arcs of the way that `lengths` found to a node, in order."""
    way: list[int] = []
    while via[node] >= 0:
        way.append(int(via[node]))
        node = int(tail[way[-1]])
    return tuple(reversed(way))


def reliable_way(
    tail: ArrayLike, head: ArrayLike, plain: ArrayLike, origin: int, destination: int
) -> Way:
    """Find the way on which the probability of getting through unseen is greatest.

    The least-risk way: the shortest one by `−log` of each arc's probability.

    Parameters
    ----------
    tail, head
        Labels of the nodes that each arc leaves and enters, any integers, shape (arcs,).
    plain
        Probability of passing each arc unseen, in [0, 1], shape (arcs,).
    origin, destination
        Labels of nodes. A label that no arc has is a node without ways.

    Returns
    -------
    Way
        Its value is 1 where origin and destination are one, 0 where no way leads.

    Raises
    ------
    InputError
        If the arguments can't be used.

    Examples
    --------
    >>> reliable_way([1, 1, 2], [5, 2, 5], [0.5, 0.9, 0.8], 1, 5)
    Way(value=0.7200000000000001, arcs=(1, 2))
    """
    door = Door()
    tails = door.labels("tail", tail)
    heads = door.labels("head", head, tails.size)
    chance = door.amounts("plain", plain, tails.size, most=1.0)
    start, end = door.label("origin", origin), door.label("destination", destination)
    door.close()
    (near, far, first, last), nodes = numbered(tails, heads, start, end)
    arcs = arcs_of(near, far, nodes)
    found, via = lengths(arcs.start, arcs.arc, arcs.far, risk(chance), first)
    if not np.isfinite(found[last[0]]):
        return Way(0.0, ())
    way = way_to(int(last[0]), via, near)
    return Way(float(np.prod(chance[list(way)])) if way else 1.0, way)


def risk(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Say `−log` of probabilities; inf for those of 0."""
    with np.errstate(divide="ignore"):
        return np.maximum(-np.log(chance), 0.0)
