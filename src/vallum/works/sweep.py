"""The cost–effect frontier of very many compositions, exactly, without looking at each.

A composition is a set of barriers and a *head*: sensors, a track, forts at a spacing. Barriers
enter a path only by the mean and the variance of their delay, so for a head the sets of barriers
are the leaves of a tree whose nodes know the least cost, the longest delay and the ends of the
variance below them. That bounds P_E from above: of a margin above 0 the normal probability is
largest at the least variance, of others at the greatest. Heads are taken from the cheapest; a node
is left out when something strictly cheaper stops as much as its bound, or as the bound of one path
alone. At a leaf the bound is the value itself.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.kernel.jit import compiled
from vallum.works.tree import barrier_tree

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TOLERANCE", "Board", "Stairs", "sweep"]

# of P_E: nothing is kept for stopping more than something cheaper by less than this
TOLERANCE = 1e-12

# paths whose bounds are taken at an inner node, those that last decided first; a leaf takes all
_TRIED = 2


class Board(NamedTuple):
    """All figures of one ground that the frontier depends on.

    Costs are USD per km and year. Options that are "none" have cost, reach and chance 0. Kinds of
    approach are ways of moving, direct or covered; K counts ways of breaching.

    Attributes
    ----------
    barrier_cost, delay, delay_var
        Of sets of barriers, shapes (sets,), (sets, K), (sets, K); s and s².
    tower_cost, tower_reach, tower_found
        Shapes (towers,), (towers, approaches), same; km and probability.
    air_cost, air_reach, air_found
        As for towers.
    line_cost, line_found, track_cost, track_found
        Shapes (lines,) and (tracks,).
    fort_cost, fort_reach, fort_found, p_n
        As for towers, and neutralisation, shape (forts,).
    response, response_var
        F and σ² by track and fort, s and s², shape (tracks, forts).
    pace, pace_sd
        Time per km by kind of approach, s/km.
    path_approach, path_breach, path_run, path_run_var
        By path: row of the kind of approach, row of K, time of the run in s and its variance.
    communication
        C.
    """

    barrier_cost: NDArray[np.float64]
    delay: NDArray[np.float64]
    delay_var: NDArray[np.float64]
    tower_cost: NDArray[np.float64]
    tower_reach: NDArray[np.float64]
    tower_found: NDArray[np.float64]
    line_cost: NDArray[np.float64]
    line_found: NDArray[np.float64]
    air_cost: NDArray[np.float64]
    air_reach: NDArray[np.float64]
    air_found: NDArray[np.float64]
    track_cost: NDArray[np.float64]
    track_found: NDArray[np.float64]
    fort_cost: NDArray[np.float64]
    fort_reach: NDArray[np.float64]
    fort_found: NDArray[np.float64]
    p_n: NDArray[np.float64]
    response: NDArray[np.float64]
    response_var: NDArray[np.float64]
    pace: NDArray[np.float64]
    pace_sd: NDArray[np.float64]
    path_approach: NDArray[np.int64]
    path_breach: NDArray[np.int64]
    path_run: NDArray[np.float64]
    path_run_var: NDArray[np.float64]
    communication: float


class Stairs(NamedTuple):
    """Compositions that nothing cheaper or as dear equals or beats, by rising cost and effect.

    Attributes
    ----------
    cost
        USD per km and year.
    p_i
        Interruption on the path that is worst for us.
    p_e
        P_I × P_N.
    number
        Place in the list of compositions.
    worst
        Number of that path; of equal ones the first.
    """

    cost: NDArray[np.float64]
    p_i: NDArray[np.float64]
    p_e: NDArray[np.float64]
    number: NDArray[np.int64]
    worst: NDArray[np.int64]


def sweep(board: Board) -> Stairs:
    """Find the frontier of one ground.

    Parameters
    ----------
    board
        Its figures.

    Returns
    -------
    Stairs
        Strictly rising in both. Of compositions of one cost and, within `TOLERANCE`, one effect
        the first in the list is given.
    """
    cost, p_e, number = _search(board)
    p_i, worst = _worst(board, number)
    keep, best = [], -1.0
    for n, p in enumerate(p_e):
        if p > best + TOLERANCE or n == 0:
            keep.append(n)
            best = p
    rows = np.array(keep, np.int64)
    return Stairs(cost[rows], p_i[rows], p_e[rows], number[rows], worst[rows])


@compiled
def _search(
    board: Board,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Cost, P_E and number along the frontier."""
    tree = barrier_tree(board.barrier_cost, board.delay, board.delay_var)
    least, leaf_of = tree[0], tree[4]
    size = len(least) // 2
    heads = _head_costs(board)
    sizes = (len(board.line_cost), len(board.air_cost), len(board.track_cost), len(board.fort_cost))
    tried = np.arange(len(board.path_approach))
    sights = np.empty((len(board.pace), 3, 4))
    known = np.empty(len(board.pace), np.bool_)
    cost, effect, number = np.empty(64), np.empty(64), np.empty(64, np.int64)
    steps = 0
    stack = np.empty(128, np.int64)
    for head in np.argsort(heads, kind="mergesort"):
        parts = _parts(head, sizes)
        most = board.communication * board.p_n[parts[4]]
        if most <= _enough(cost, effect, steps, heads[head] + least[1]):
            continue
        known[:] = False
        stack[0] = 1
        top = 0
        while top >= 0:
            node = stack[top]
            top -= 1
            here = heads[head] + least[node]
            if here == np.inf:  # no set of barriers at this leaf
                continue
            enough = _enough(cost, effect, steps, here)
            value = _bound(board, parts, node, tree, enough, (tried, known), sights)
            if value <= enough:
                continue
            if node < size:
                stack[top + 1] = 2 * node + 1
                stack[top + 2] = 2 * node
                top += 2
                continue
            if steps == len(cost):
                cost, effect = _longer(cost), _longer(effect)
                more = np.empty(2 * steps, np.int64)
                more[:steps] = number
                number = more
            name = leaf_of[node - size] * len(heads) + head
            steps = _put(cost, effect, number, steps, (here, value, name))
    return cost[:steps].copy(), effect[:steps].copy(), number[:steps].copy()


@compiled
def _enough(
    cost: NDArray[np.float64], effect: NDArray[np.float64], steps: int, here: float
) -> float:
    """P_E up to which something strictly cheaper stops as much; below 0 where nothing is."""
    at = np.searchsorted(cost[:steps], here)
    return effect[at - 1] + TOLERANCE if at > 0 else -1.0


@compiled
def _put(
    cost: NDArray[np.float64],
    effect: NDArray[np.float64],
    number: NDArray[np.int64],
    steps: int,
    new: tuple[float, float, int],
) -> int:
    """Put a composition in its place, drop those it beats, and give the new number of steps."""
    here, value, name = new
    at = np.searchsorted(cost[:steps], here)
    end = at
    if at < steps and cost[at] == here:
        earlier = abs(value - effect[at]) <= TOLERANCE and name < number[at]
        if not earlier and value <= effect[at] + TOLERANCE:
            return steps
        end += 1
    while end < steps and effect[end] <= value:
        end += 1
    shift = at + 1 - end
    rest = range(end, steps) if shift < 0 else range(steps - 1, end - 1, -1)
    for n in rest:
        cost[n + shift], effect[n + shift], number[n + shift] = cost[n], effect[n], number[n]
    cost[at], effect[at], number[at] = here, value, name
    return int(steps + shift)


@compiled
def _bound(
    board: Board,
    parts: tuple[int, int, int, int, int],
    node: int,
    tree: tuple[
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.int64],
    ],
    enough: float,
    state: tuple[NDArray[np.int64], NDArray[np.bool_]],
    sights: NDArray[np.float64],
) -> float:
    """P_E that no set of barriers below a node exceeds; any path that shows enough ends it."""
    tried, known = state
    along = board.line_found[parts[1]], board.track_found[parts[3]]
    p_n = board.p_n[parts[4]]
    value = np.inf
    inner = node < len(tree[0]) // 2
    scale = board.communication * p_n
    limit = enough / scale if scale > 0 else -1.0
    # below by more than rounding, so that what ends early is left out; a leaf is never cut short
    ends = limit - 1e-12, limit + 1e-12 if inner else np.inf
    for n in range(min(_TRIED, len(tried)) if inner else len(tried)):
        path = tried[n]
        kind = board.path_approach[path]
        if not known[kind]:
            _look(board, parts, kind, sights[kind])
            known[kind] = True
        way = board.path_breach[path]
        barrier = (tree[1][node, way], tree[2][node, way], tree[3][node, way])
        rest = _rest(board, parts, path)
        chance = board.communication * _interrupted(sights[kind], barrier, rest, along, ends) * p_n
        value = min(value, chance)
        if value <= enough:
            for k in range(n, 0, -1):  # it is tried first the next time
                tried[k] = tried[k - 1]
            tried[0] = path
            break
    return value


@compiled
def _longer(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice as long, with the same beginning."""
    out = np.empty(2 * len(values))
    out[: len(values)] = values
    return out


@compiled
def _worst(
    board: Board, number: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Interruption on the worst path of some compositions, and which it is."""
    sizes = (len(board.line_cost), len(board.air_cost), len(board.track_cost), len(board.fort_cost))
    heads = len(board.tower_cost) * sizes[0] * sizes[1] * sizes[2] * sizes[3]
    p_i = np.full(len(number), np.inf)
    worst = np.zeros(len(number), np.int64)
    sights = np.empty((3, 4))
    for n in range(len(number)):
        parts = _parts(number[n] % heads, sizes)
        barrier = number[n] // heads
        for path in range(len(board.path_approach)):
            _look(board, parts, board.path_approach[path], sights)
            way = board.path_breach[path]
            variance = board.delay_var[barrier, way]
            barriers = (board.delay[barrier, way], variance, variance)
            along = board.line_found[parts[1]], board.track_found[parts[3]]
            rest = _rest(board, parts, path)
            all_of_it = (-1.0, np.inf)
            chance = board.communication * _interrupted(sights, barriers, rest, along, all_of_it)
            if chance < p_i[n]:
                p_i[n], worst[n] = chance, path
    return p_i, worst


@compiled
def _head_costs(board: Board) -> NDArray[np.float64]:
    """Cost of every head, in the list's order."""
    out = np.empty(
        len(board.tower_cost) * len(board.line_cost) * len(board.air_cost)
        * len(board.track_cost) * len(board.fort_cost)
    )  # fmt: skip
    n = 0
    for tower in board.tower_cost:
        for line in board.line_cost:
            for air in board.air_cost:
                for track in board.track_cost:
                    for fort in board.fort_cost:
                        out[n] = tower + line + air + track + fort
                        n += 1
    return out


@compiled
def _parts(head: int, sizes: tuple[int, int, int, int]) -> tuple[int, int, int, int, int]:
    """Rows of tower, line, air, track and fort of a head."""
    fort = head % sizes[3]
    head //= sizes[3]
    track = head % sizes[2]
    head //= sizes[2]
    air = head % sizes[1]
    head //= sizes[1]
    return head // sizes[0], head % sizes[0], air, track, fort


@compiled
def _look(
    board: Board, parts: tuple[int, int, int, int, int], kind: int, out: NDArray[np.float64]
) -> None:
    """Tower, air and fort, the furthest first: chance, reach, time left to the line, variance.

    Each finds out in the middle of its own reach, whatever else watches.
    """
    tower, _, air, _, fort = parts
    out[0, 0], out[0, 1] = board.tower_found[tower, kind], board.tower_reach[tower, kind]
    out[1, 0], out[1, 1] = board.air_found[air, kind], board.air_reach[air, kind]
    out[2, 0], out[2, 1] = board.fort_found[fort, kind], board.fort_reach[fort, kind]
    for first, second in ((0, 1), (1, 2), (0, 1)):
        if out[second, 1] > out[first, 1]:
            for column in range(2):
                kept = out[first, column]
                out[first, column] = out[second, column]
                out[second, column] = kept
    for n in range(3):
        middle = 0.5 * out[n, 1]
        out[n, 2] = middle * board.pace[kind]
        out[n, 3] = (middle * board.pace_sd[kind]) ** 2


@compiled
def _interrupted(
    sights: NDArray[np.float64],
    barrier: tuple[float, float, float],
    rest: tuple[float, float],
    along: tuple[float, float],
    ends: tuple[float, float],
) -> float:
    """P_I / C on one path behind barriers of a delay and a least and greatest variance.

    `rest` is the time of the run less the response's, and the variance of both; `along` the chances
    of the sensor along the line and of the track. `ends` are two values: where it can no longer
    exceed the first, some bound that does not either is given; as soon as it exceeds the second,
    what it is by then.
    """
    delay, low_var, high_var = barrier
    margin, spread = rest
    total, unseen = 0.0, 1.0
    for n in range(3):
        found = sights[n, 0]
        if found > 0:
            ahead = margin + delay + sights[n, 2]
            variance = spread + sights[n, 3] + (low_var if ahead > 0 else high_var)
            total += found * unseen * _normal(ahead, variance)
            unseen *= 1 - found
            if total + unseen <= ends[0]:
                return float(total + unseen)
            if total > ends[1]:
                return float(total)
    if along[0] > 0:
        ahead = margin + delay
        variance = spread + (low_var if ahead > 0 else high_var)
        total += along[0] * unseen * _normal(ahead, variance)
        unseen *= 1 - along[0]
    if along[1] > 0:
        total += along[1] * unseen * _normal(margin, spread)
    return min(total, 1.0)


@compiled
def _rest(board: Board, parts: tuple[int, int, int, int, int], path: int) -> tuple[float, float]:
    """Time of the run less that of the response, and the variance of both."""
    margin = board.path_run[path] - board.response[parts[3], parts[4]]
    return margin, board.path_run_var[path] + board.response_var[parts[3], parts[4]]


@compiled
def _normal(margin: float, variance: float) -> float:
    """Φ of a margin over its deviation, with its limits where nothing is random."""
    if variance > 0:
        return 0.5 * math.erfc(-margin / math.sqrt(2 * variance))
    if margin == 0:
        return 0.5
    return 1.0 if margin > 0 else 0.0
