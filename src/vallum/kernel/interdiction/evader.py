"""The evader's problem made small: pairs merged, arcs that cannot matter left out."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen
from vallum.kernel.interdiction.network import Arcs, arcs_of, distances, numbered, risk
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Evader", "Given", "evader", "nearest_way"]

# `−log` of what no float holds; reinforcement to 0 counts as this where a finite number is needed.
NEVER = 700.0


@dataclass(frozen=True, eq=False)
class Given:
    """Checked arguments of an evasion problem, as the public functions take them."""

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    plain: NDArray[np.float64]
    reinforced: NDArray[np.float64]
    candidates: NDArray[np.int64]
    origins: NDArray[np.int64]
    destinations: NDArray[np.int64]
    probability: NDArray[np.float64]

    def value(self, chosen: NDArray[np.int64]) -> float:
        """Score a plan, an expected probability of evasion: by Dijkstra, with no shortcuts."""
        chance = self.plain.copy()
        chance[chosen] = self.reinforced[chosen]
        (tail, head, start, end), nodes = numbered(
            self.tail, self.head, self.origins, self.destinations
        )
        arcs, cost, total = arcs_of(tail, head, nodes), risk(chance), 0.0
        for origin in np.unique(start):
            at = np.flatnonzero(start == origin)
            length = distances(arcs, cost, int(origin))[end[at]]
            total += float(self.probability[at] @ np.exp(-length))
        return total


@dataclass(frozen=True, eq=False)
class Evader:
    """An evasion problem in lengths (`−log` of probabilities), with all that cannot matter gone.

    Attributes
    ----------
    nodes
        Number of nodes.
    arcs
        By the node that they leave.
    tail
        Of each arc.
    plain
        Length of each arc, not reinforced.
    which
        Number of each arc's candidate, −1 for none.
    arc
        Index, in the arguments, of each candidate's arc.
    weight
        What reinforcement adds to a candidate's arc; inf where nobody passes then.
    start, end, goal
        Node, node and row of `togo` of each pair.
    togo
        Length from each node to each destination with nothing reinforced.
    best, worst
        Length of each pair's way with nothing and with everything reinforced.
    share
        Of each pair: probability × (evasion with nothing − with everything), scaled to sum 1.
    base, scale
        Expected evasion = `base` + `scale` × Σ share × s, with s in [0, 1] for each pair.
    """

    nodes: int
    arcs: Arcs
    tail: NDArray[np.int64]
    plain: NDArray[np.float64]
    which: NDArray[np.int64]
    arc: NDArray[np.int64]
    weight: NDArray[np.float64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    goal: NDArray[np.int64]
    togo: NDArray[np.float64]
    best: NDArray[np.float64]
    worst: NDArray[np.float64]
    share: NDArray[np.float64]
    base: float
    scale: float

    def evasion(self, chosen: NDArray[np.bool_]) -> float:
        """Score a plan, an expected probability of evasion."""
        extra = np.zeros(self.plain.size)
        on = self.which >= 0
        extra[on] = np.where(chosen, self.weight, 0.0)[self.which[on]]
        length = _answers(
            *(self.arcs.start, self.arcs.arc, self.arcs.far, self.plain, extra),
            *(self.togo, self.goal, self.start, self.end, self.worst),
        )
        top, floor = np.exp(-self.best), np.exp(-self.worst)
        return self.base + self.scale * float(
            self.share @ ((np.exp(-length) - floor) / (top - floor))
        )


def evader(given: Given) -> Evader:
    """Make the problem small.

    - Pairs of the same origin and destination become one; pairs that reinforcement can't touch
      become a constant.
    - An arc stays if it lies on a way, of some pair, that is better with nothing reinforced than
      that pair's best way with everything reinforced. No other is ever needed: the latter way is
      always there. The same holds within the search of each pair.
    - A candidate stays if its arc does and reinforcement changes it.
    """
    plain = risk(given.plain)
    extra = np.zeros(plain.size)
    at = given.candidates
    hard = plain.copy()
    hard[at] = np.maximum(risk(given.reinforced[at]), plain[at])
    can = at[np.isfinite(plain[at])]
    extra[can] = hard[can] - plain[can]
    (tail, head, start, end), nodes = numbered(
        given.tail, given.head, given.origins, given.destinations
    )
    pair, back = np.unique(np.stack([start, end]), axis=1, return_inverse=True)
    chance = np.bincount(back.ravel(), given.probability)
    start, end = pair.astype(np.int64)
    behind = arcs_of(head, tail, nodes)
    goals, goal = np.unique(end, return_inverse=True)
    togo = np.array([distances(behind, plain, int(t)) for t in goals])
    last = np.array([distances(behind, hard, int(t)) for t in goals])
    best, worst = togo[goal, start], last[goal, start]
    live = np.flatnonzero((chance > 0) & np.isfinite(best) & (np.exp(-worst) < np.exp(-best)))
    rest = np.setdiff1d(np.arange(chance.size), live)
    base = float(chance[rest] @ np.exp(-best[rest]))
    start, end, goal = start[live], end[live], goal[live].astype(np.int64)
    best, worst = best[live], worst[live]
    gain = chance[live] * (np.exp(-best) - np.exp(-worst))
    scale = float(gain.sum())
    kept = _useful(tail, head, plain, nodes, (start, goal, worst), togo)
    number = np.full(plain.size, -1, np.int64)
    arc = kept[extra[kept] > 0]
    number[arc] = np.arange(arc.size)
    return Evader(
        nodes=nodes,
        arcs=arcs_of(tail[kept], head[kept], nodes),
        tail=frozen(tail[kept]),
        plain=frozen(plain[kept]),
        which=frozen(number[kept]),
        arc=frozen(arc),
        weight=frozen(extra[arc]),
        start=frozen(start),
        end=frozen(end),
        goal=frozen(goal),
        togo=frozen(togo),
        best=frozen(best),
        worst=frozen(worst),
        share=frozen(gain / scale if scale > 0 else gain),
        base=base + float(chance[live] @ np.exp(-worst)),
        scale=scale,
    )


def _useful(
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    plain: NDArray[np.float64],
    nodes: int,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]],
    togo: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Find the arcs on ways shorter than the way that some pair always has."""
    start, goal, worst = pairs
    forward = arcs_of(tail, head, nodes)
    useful = np.zeros(plain.size, bool)
    for origin in np.unique(start):
        ahead = distances(forward, plain, int(origin))[tail] + plain
        for k in np.flatnonzero(start == origin):
            useful |= ahead + togo[goal[k]][head] < worst[k]
    return np.flatnonzero(useful & (tail != head))


@compiled
def nearest_way(  # noqa: PLR0913, PLR0917 (compiled code takes arrays one by one)
    first: NDArray[np.int64],
    arc: NDArray[np.int64],
    far: NDArray[np.int64],
    plain: NDArray[np.float64],
    extra: NDArray[np.float64],
    factor: float,
    togo: NDArray[np.float64],
    start: int,
    end: int,
    worst: float,
    length: NDArray[np.float64],
    short: NDArray[np.float64],
    via: NDArray[np.int64],
    touched: NDArray[np.int64],
) -> int:
    """Find the way of least `plain + factor × extra` (A*), leaving out those of `worst` or more.

    Writes `length`, `short` (of the same way by `plain` alone) and `via` of the nodes reached,
    which it lists in `touched`; `length` must be inf before, and the caller puts it back.
    """
    count = 1
    length[start] = 0.0
    short[start] = 0.0
    via[start] = -1
    touched[0] = start
    heap = [(togo[start], start)]
    while len(heap) > 0:
        reach, node = heapq.heappop(heap)
        if node == end:
            break
        if reach > length[node] + togo[node]:
            continue
        for k in range(first[node], first[node + 1]):
            a, there = arc[k], far[k]
            plainly = short[node] + plain[a]
            if not plainly + togo[there] < worst:
                continue
            longer = length[node] + plain[a] + factor * extra[a]
            if longer < length[there]:
                if length[there] == np.inf:
                    touched[count] = there
                    count += 1
                length[there] = longer
                short[there] = plainly
                via[there] = a
                heapq.heappush(heap, (longer + togo[there], there))
    return count


@compiled
def _answers(  # noqa: PLR0913, PLR0917 (compiled code takes arrays one by one)
    first: NDArray[np.int64],
    arc: NDArray[np.int64],
    far: NDArray[np.int64],
    plain: NDArray[np.float64],
    extra: NDArray[np.float64],
    togo: NDArray[np.float64],
    goal: NDArray[np.int64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    worst: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Find the length of each pair's best way, at most `worst`."""
    nodes = first.size - 1
    length, short = np.full(nodes, np.inf), np.empty(nodes)
    via, touched = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    found = np.empty(start.size)
    for k in range(start.size):
        count = nearest_way(
            *(first, arc, far, plain, extra, 1.0, togo[goal[k]], start[k], end[k], worst[k]),
            *(length, short, via, touched),
        )
        found[k] = min(length[end[k]], worst[k])
        for i in range(count):
            length[touched[i]] = np.inf
    return found
