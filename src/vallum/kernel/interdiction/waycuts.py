"""Cuts: what a pair's evasion is at least, as a straight function of the reinforcement.

`s` is a pair's evasion scaled to 0 with everything reinforced and 1 with nothing. On a way of
plain length `c` it is at least `φ(c + Σ weight y)`, where `φ(z) = max(e^−z − floor, 0) / (top −
floor)` is convex and falling: a supermodular function of the set reinforced. A cut reads
`s ≥ right − Σ left y`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.interdiction.evader import NEVER
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.interdiction.evader import Evader
    from vallum.kernel.interdiction.waypool import WayPool

__all__ = ["separate"]

_FIRST, _SECOND, _CHORD = 1, 2, 3
_SMALL = 1e-8


def separate(
    problem: Evader,
    pool: WayPool,
    y: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Find for each pair the cut of its ways that is highest at a point.

    Parameters
    ----------
    problem, pool
        The problem, and the ways known.
    y
        The point, shape (candidates,).

    Returns
    -------
    pairs
        Those with a cut above 0 there.
    left, right
        Of their cuts, shapes (cuts, candidates) and (cuts,).
    """
    left, right, height = _cuts(
        y,
        np.minimum(problem.weight, NEVER),
        np.exp(-problem.best),
        np.exp(-problem.worst),
        pool.first,
        pool.following,
        pool.length,
        pool.begin,
        pool.member,
    )
    # HiGHS would leave out what is this small; the other side gives way, so that the cut holds
    small = left < _SMALL
    right -= np.where(small, left, 0.0).sum(axis=1)
    left[small] = 0.0
    pairs = np.flatnonzero(height > 0)
    return pairs, left[pairs], right[pairs]


@compiled
def _phi(length: float, top: float, floor: float) -> float:
    """Say a pair's scaled evasion where a way has this length."""
    return float(max(np.exp(-length) - floor, 0.0) / (top - floor))


@compiled
def _cuts(  # noqa: PLR0913, PLR0917 (compiled code takes arrays one by one)
    y: NDArray[np.float64],
    weight: NDArray[np.float64],
    top: NDArray[np.float64],
    floor: NDArray[np.float64],
    first: NDArray[np.int64],
    following: NDArray[np.int64],
    length: NDArray[np.float64],
    begin: NDArray[np.int64],
    member: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Make each pair's highest cut at `y`; return `left`, `right` and the heights."""
    pairs = first.size
    left, right, height = np.zeros((pairs, y.size)), np.zeros(pairs), np.zeros(pairs)
    for k in range(pairs):
        ways, steps, way = 0, 0, first[k]
        while way >= 0:
            ways += 1
            steps += begin[way + 1] - begin[way] + 1
            way = following[way]
        # of each way: its candidates, most reinforced first; of each step: see `_steps`
        order, edge, plain = np.empty(steps, np.int64), np.zeros(ways + 1, np.int64), np.empty(ways)
        step = np.empty((steps, 2)), np.empty((steps, 2), np.int64)
        count, best, kind, at, split = 0, 0.0, 0, 0, 0
        way = first[k]
        for w in range(ways):
            plain[w] = length[way]
            met = member[begin[way] : begin[way + 1]]
            edge[w + 1] = edge[w] + met.size
            ordered = order[edge[w] : edge[w + 1]]
            ordered[:] = met[np.argsort(-y[met], kind="mergesort")]
            count = _steps(y, weight, ordered, (plain[w], top[k], floor[k]), w, step, count)
            tried, found, part = _way_cut(y, weight, ordered, (plain[w], top[k], floor[k]))
            if tried > best:
                best, kind, at, split = tried, found, w, part
            way = following[way]
        rank = np.argsort(-step[0][:count, 0], kind="mergesort")
        stairs = _stairs(step, rank, order, edge, left[k])
        if stairs[0] >= best - 1e-12:
            height[k], right[k] = stairs
        elif kind:
            left[k] = 0.0
            ordered = order[edge[at] : edge[at + 1]]
            way_of = (plain[at], top[k], floor[k])
            height[k] = best
            right[k] = _write(weight, ordered, way_of, kind, split, left[k])
    return left, right, height


@compiled
def _steps(
    y: NDArray[np.float64],
    weight: NDArray[np.float64],
    ordered: NDArray[np.int64],
    way: tuple[float, float, float],
    number: int,
    step: tuple[NDArray[np.float64], NDArray[np.int64]],
    count: int,
) -> int:
    """List the levels below which a way keeps `s`, unless one of some candidates is reinforced.

    With the `j` most reinforced candidates given up, `s ≥ φ(c + their weights)` unless one of the
    others is reinforced: an indicator of at least `1 − Σ_others y`.
    """
    length, top, floor = way
    rest = 0.0
    for e in ordered:
        rest += y[e]
    for j in range(ordered.size + 1):
        if rest < 1 - 1e-9:
            level = _phi(length, top, floor)
            if level <= 1e-12:
                break
            step[0][count, 0], step[0][count, 1] = level, 1 - max(rest, 0.0)
            step[1][count, 0], step[1][count, 1] = number, j
            count += 1
        if j < ordered.size:
            rest -= y[ordered[j]]
            length += weight[ordered[j]]
    return count


@compiled
def _stairs(
    step: tuple[NDArray[np.float64], NDArray[np.int64]],
    rank: NDArray[np.int64],
    order: NDArray[np.int64],
    edge: NDArray[np.int64],
    left: NDArray[np.float64],
) -> tuple[float, float]:
    """Add up, level by level, the best indicator known at or above (a mixing inequality)."""
    height, right, run, held = 0.0, 0.0, 0.0, -1
    for r in range(rank.size):
        i = rank[r]
        if step[0][i, 1] > run:
            run, held = step[0][i, 1], i
        below = step[0][rank[r + 1], 0] if r + 1 < rank.size else 0.0
        rise = step[0][i, 0] - below
        if held >= 0 and rise > 0:
            height += run * rise
            right += rise
            way, given_up = step[1][held, 0], step[1][held, 1]
            for e in order[edge[way] + given_up : edge[way + 1]]:
                left[e] += rise
    return height, right


@compiled
def _way_cut(
    y: NDArray[np.float64],
    weight: NDArray[np.float64],
    ordered: NDArray[np.int64],
    way: tuple[float, float, float],
) -> tuple[float, int, int]:
    """Try one way's cuts, with its `j` most reinforced candidates as the set; say the highest.

    The two families of a supermodular function (Nemhauser, Wolsey and Fisher 1978), and where all
    weights are equal the chord between two numbers of reinforced candidates.
    """
    length, top, floor = way
    size = ordered.size
    best, kind, split = 0.0, 0, 0
    if size == 0:
        return best, kind, split
    full, total = length + weight[ordered].sum(), y[ordered].sum()
    alike = weight[ordered].max() - weight[ordered].min() <= 1e-12
    none, every, given_up = _phi(length, top, floor), _phi(full, top, floor), length
    for j in range(size + 1):
        here = _phi(given_up, top, floor)
        one, two = here, here
        for i in range(size):
            e = ordered[i]
            if i < j:
                one += (_phi(full - weight[e], top, floor) - every) * (1 - y[e])
                two += (_phi(given_up - weight[e], top, floor) - here) * (1 - y[e])
            else:
                one -= (here - _phi(given_up + weight[e], top, floor)) * y[e]
                two -= (none - _phi(length + weight[e], top, floor)) * y[e]
        if one > best + 1e-12:
            best, kind, split = one, _FIRST, j
        if two > best + 1e-12:
            best, kind, split = two, _SECOND, j
        if j < size:
            given_up += weight[ordered[j]]
    j = int(np.floor(total))
    if alike and j < size:
        low = _phi(length + j * weight[ordered[0]], top, floor)
        high = _phi(length + (j + 1) * weight[ordered[0]], top, floor)
        chord = low + (high - low) * (total - j)
        if chord > best + 1e-12:
            best, kind, split = chord, _CHORD, j
    return best, kind, split


@compiled
def _write(
    weight: NDArray[np.float64],
    ordered: NDArray[np.int64],
    way: tuple[float, float, float],
    kind: int,
    split: int,
    left: NDArray[np.float64],
) -> float:
    """Write the cut that `_way_cut` chose into `left`; return its right side."""
    length, top, floor = way
    if kind == _CHORD:
        low = _phi(length + split * weight[ordered[0]], top, floor)
        fall = low - _phi(length + (split + 1) * weight[ordered[0]], top, floor)
        for e in ordered:
            left[e] = fall
        return low + fall * split
    full, given_up = length, length
    for i in range(ordered.size):
        full += weight[ordered[i]]
        if i < split:
            given_up += weight[ordered[i]]
    here, every = _phi(given_up, top, floor), _phi(full, top, floor)
    none, right = _phi(length, top, floor), here
    for i in range(ordered.size):
        e = ordered[i]
        if i < split:
            if kind == _FIRST:
                left[e] = _phi(full - weight[e], top, floor) - every
            else:
                left[e] = _phi(given_up - weight[e], top, floor) - here
            right += left[e]
        elif kind == _FIRST:
            left[e] = here - _phi(given_up + weight[e], top, floor)
        else:
            left[e] = none - _phi(length + weight[e], top, floor)
    return right
