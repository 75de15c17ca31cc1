"""Ways that an evader has, found as they are needed and kept for cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.interdiction.evader import NEVER, Evader, nearest_way
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["WayPool"]


class WayPool:
    """The ways found so far: of each, its plain length and the candidates that it meets.

    Of ways of a pair that meet the same candidates only the shortest is kept.

    Attributes
    ----------
    first, following
        The way found last of each pair, and the one before each way; −1 for none.
    length
        Plain length of each way.
    begin, member
        A way's candidates, rising, are `member[begin[w] : begin[w + 1]]`.
    count
        Number of ways, and of members.
    """

    def __init__(self, problem: Evader) -> None:
        self._problem = problem
        pairs = problem.start.size
        self.first = np.full(pairs, -1, np.int64)
        self.following = np.empty(pairs, np.int64)
        self.length = np.empty(pairs)
        self.begin = np.zeros(pairs + 1, np.int64)
        self.member = np.empty(4 * pairs, np.int64)
        self.count = np.zeros(2, np.int64)

    def search(self, y: NDArray[np.float64], factor: float | None = None) -> int:
        """Find for each pair the way of least plain length + reinforcement, and keep new ones.

        Parameters
        ----------
        y
            How far each candidate is reinforced, in [0, 1], shape (candidates,).
        factor
            What a whole reinforcement adds, in parts of the pair's range of lengths; None for what
            it really adds. Small factors find short ways, large ones ways with little on them.

        Returns
        -------
        added
            Number of new ways.
        """
        problem = self._problem
        pairs, longest = problem.start.size, min(problem.nodes, problem.arc.size)
        self.following = _room(self.following, int(self.count[0]) + pairs)
        self.length = _room(self.length, int(self.count[0]) + pairs)
        self.begin = _room(self.begin, int(self.count[0]) + pairs + 1)
        self.member = _room(self.member, int(self.count[1]) + pairs * longest)
        each = y if factor is not None else y * np.minimum(problem.weight, NEVER)
        extra = np.zeros(problem.plain.size)
        on = problem.which >= 0
        extra[on] = each[problem.which[on]]
        span = np.minimum(problem.worst - problem.best, 5.0)
        factors = np.ones(pairs) if factor is None else factor * span
        arcs = problem.arcs
        return int(
            _search(
                *(arcs.start, arcs.arc, arcs.far, problem.tail, problem.plain, problem.which),
                *(extra, factors, problem.togo, problem.goal, problem.start, problem.end),
                *(problem.worst, self.first, self.following, self.length),
                *(self.begin, self.member, self.count),
            )
        )


def _room(array: NDArray[np.generic], size: int) -> NDArray:  # type: ignore[type-arg]
    """Give an array that holds so many, doubling it where it must grow."""
    if array.size >= size:
        return array
    grown = np.empty(max(size, 2 * array.size), array.dtype)
    grown[: array.size] = array
    return grown


@compiled
def _search(  # noqa: PLR0913, PLR0917 (compiled code takes arrays one by one)
    out: NDArray[np.int64],
    arc: NDArray[np.int64],
    far: NDArray[np.int64],
    tail: NDArray[np.int64],
    plain: NDArray[np.float64],
    which: NDArray[np.int64],
    extra: NDArray[np.float64],
    factors: NDArray[np.float64],
    togo: NDArray[np.float64],
    goal: NDArray[np.int64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    worst: NDArray[np.float64],
    first: NDArray[np.int64],
    following: NDArray[np.int64],
    lengths: NDArray[np.float64],
    begin: NDArray[np.int64],
    member: NDArray[np.int64],
    count: NDArray[np.int64],
) -> int:
    """Search a way for each pair and keep it if its candidates are new; return how many were."""
    nodes, added = out.size - 1, 0
    length, short = np.full(nodes, np.inf), np.empty(nodes)
    via, touched = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    met = np.empty(nodes, np.int64)
    for k in range(start.size):
        reached = nearest_way(
            *(out, arc, far, plain, extra, factors[k], togo[goal[k]], start[k], end[k], worst[k]),
            *(length, short, via, touched),
        )
        if length[end[k]] < np.inf:
            size, node = 0, end[k]
            while via[node] >= 0:
                if which[via[node]] >= 0:
                    met[size] = which[via[node]]
                    size += 1
                node = tail[via[node]]
            met[:size].sort()
            known = _known(met[:size], first[k], following, begin, member)
            if known >= 0:
                lengths[known] = min(lengths[known], short[end[k]])
            else:
                way = count[0]
                lengths[way] = short[end[k]]
                member[count[1] : count[1] + size] = met[:size]
                count[0] += 1
                count[1] += size
                begin[way + 1] = count[1]
                following[way] = first[k]
                first[k] = way
                added += 1
        for i in range(reached):
            length[touched[i]] = np.inf
    return added


@compiled
def _known(
    met: NDArray[np.int64],
    way: int,
    following: NDArray[np.int64],
    begin: NDArray[np.int64],
    member: NDArray[np.int64],
) -> int:
    """Find the way that meets just these candidates; −1 for none."""
    while way >= 0:
        size = begin[way + 1] - begin[way]
        if size == met.size:
            same = True
            for i in range(size):
                if member[begin[way] + i] != met[i]:
                    same = False
                    break
            if same:
                return way
        way = following[way]
    return -1
