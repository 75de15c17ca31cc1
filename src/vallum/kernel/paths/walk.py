"""Randomized shortest paths: how walkers spread between the quickest way and a random walk.

A walker goes from cell to cell with the chances of a random walk whose conductances are given, and
each path is then made less likely by `exp(−θ · cost)` (Kivimäki, Shimbo & Saerens 2014,
"Developments in the theory of randomized shortest paths with a comparison of graph node
distances", Physica A 393; Panzacchi et al. 2016, Journal of Animal Ecology 85). With
`W = P ∘ exp(−θ C)`, `Z = (I − W)⁻¹`, a journey from s that ends when it first meets t goes

    n_ij = (z_si − z_st z_ti / z_tt) · w_ij · z_jt / z_st

times along the edge ij. θ → ∞ is the cheapest path, θ → 0 the current in a circuit.

One factorisation of `I − W` serves all pairs. Where its numbers would leave the range of floats (θ
large on a large map), the potential of the likeliest paths to the nearest target is taken out of W
first (a diagonal similarity, which changes no path's chance), for as many targets at once as that
serves. Where I − W is all but singular (θ near 0) each target gets a factorisation of its own, in
which walks end at it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from threadpoolctl import threadpool_limits

from vallum.errors import CertificateError, Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.paths.chances import (
    Entrances,
    RangeError,
    Solved,
    Task,
    TooLargeError,
    TooSmallError,
    entering,
    factorised,
    passing,
    units,
)  # fmt: skip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.paths.edges import Edges

__all__ = ["BALANCE", "Walk", "walk"]

BALANCE = 1e-9  # what may go missing at a node, as a share of all journeys
_SMALLEST = 1e-250  # chances below this could leave the range of floats in a product
_LARGEST = 1e250  # likewise
_PARTS = 14  # of a potential that are tried


@dataclass(frozen=True, eq=False)
class Walk:
    """Where journeys go.

    Attributes
    ----------
    flow
        Expected journeys along each edge, gross, in the order of the edges.
    visits
        Expected times that journeys leave each node, plus those that end there; shape (nodes,).
    cost
        Expected cost of a journey per pair, shape (sources, targets); infinite where there is no
        way.
    passing
        Chance that a journey touches each zone, shape (zones, sources, targets); 1 where it begins
        or ends there, NaN where there is no way.
    entering
        For each set of `Entrances`: chance that it is first entered from each side, shape (sides,
        sources, targets); NaN where a journey does not begin outside and end inside.
    imbalance
        The most that goes missing at any node, as a share of all journeys: at most `BALANCE`.
    factorisations
        How many there were of the whole network's matrix.
    """

    flow: NDArray[np.float64]
    visits: NDArray[np.float64]
    cost: NDArray[np.float64]
    passing: NDArray[np.float64]
    entering: tuple[NDArray[np.float64], ...]
    imbalance: float
    factorisations: int


def walk(
    edges: Edges,
    sources: NDArray[np.int64],
    targets: NDArray[np.int64],
    journeys: NDArray[np.float64],
    *,
    theta: float,
    zones: NDArray[np.bool_] | None = None,
    entrances: tuple[Entrances, ...] = (),
) -> Walk:
    """Send journeys from sources to targets by randomized shortest paths.

    Parameters
    ----------
    edges
        The network, no two edges between the same nodes in the same direction.
    sources, targets
        Nodes, shape (S,) and (T,).
    journeys
        Expected journeys per pair, shape (S, T), not negative. A pair whose two nodes are one
        makes no journey.
    theta
        Inverse temperature, one over the unit of cost; 0 is the random walk.
    zones
        Sets of nodes whose touching is asked for, shape (zones, nodes).
    entrances
        Sets of nodes whose first entering is asked for.

    Returns
    -------
    Walk
        Flows, costs and shares. Pairs without a way between them carry nothing.

    Raises
    ------
    CertificateError
        If more than `BALANCE` of the journeys goes missing anywhere.
    InputError
        If theta leads out of the range of floats on this network.
    """
    asked = np.zeros((0, edges.nodes), np.bool_) if zones is None else zones
    way = _ways(edges, sources, targets)
    task = Task(edges, sources, targets, journeys, way, asked, entrances)
    degree = np.bincount(edges.tail, edges.conductance, edges.nodes)
    chance = np.log(edges.conductance) - np.log(degree[edges.tail])
    with np.errstate(over="ignore"):  # what is too dear for floats is never taken
        action = np.maximum(theta * edges.cost - chance, 0.0)  # −log w
    # SuperLU's steps are too small to share among threads, which then wait for one another
    with threadpool_limits(limits=1, user_api="blas"):
        return _walked(task, action, theta)


def _walked(task: Task, action: NDArray[np.float64], theta: float) -> Walk:
    """Treat all targets together if the numbers allow it."""
    if theta > 0:
        try:
            return _together(task, np.exp(-action))
        except TooSmallError:
            return _grouped(task, action, theta)
        except (RangeError, CertificateError):
            pass  # each target alone is slower and always right
    return _joined([_alone(_only(task, n), action, theta) for n in range(len(task.targets))])


def _only(task: Task, *some: int) -> Task:
    """Leave some of the targets."""
    return replace(
        task, targets=task.targets[[*some]], journeys=task.journeys[:, some], way=task.way[:, some]
    )


def _joined(parts: list[Walk]) -> Walk:
    """Add up the walks to some targets each, in the order of the targets."""
    sides = range(len(parts[0].entering))
    return Walk(
        flow=frozen(np.sum([part.flow for part in parts], axis=0)),
        visits=frozen(np.sum([part.visits for part in parts], axis=0)),
        cost=frozen(np.concatenate([part.cost for part in parts], axis=1)),
        passing=frozen(np.concatenate([part.passing for part in parts], axis=2)),
        entering=tuple(
            frozen(np.concatenate([part.entering[k] for part in parts], axis=2)) for k in sides
        ),
        imbalance=max(part.imbalance for part in parts),
        factorisations=sum(part.factorisations for part in parts),
    )


def _grouped(task: Task, action: NDArray[np.float64], theta: float) -> Walk:
    """Treat targets together with the potential of the likeliest path to the nearest taken out.

    Where that is not enough they are halved: neighbours in the order given should lie near.
    """
    count = len(task.targets)
    if count == 1:
        return _alone(task, action, theta)
    live, drop = _drop(task.edges, task.targets, action)
    try:
        return _together(task, _without(drop, action, live))
    except (RangeError, CertificateError):
        halves = range(count // 2), range(count // 2, count)
        return _joined([_grouped(_only(task, *some), action, theta) for some in halves])


def _drop(
    edges: Edges, ends: NDArray[np.int64], action: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Say which edges lead to an end at last, and how much nearer by the likeliest path."""
    back = sparse.csr_matrix(
        (np.maximum(action, 1e-12), (edges.head, edges.tail)), shape=(edges.nodes, edges.nodes)
    )
    level = csgraph.dijkstra(back, indices=ends, min_only=True)
    live = np.isfinite(level[edges.tail]) & np.isfinite(level[edges.head])
    level = np.where(np.isfinite(level), level, 0.0)
    return live, level[edges.tail] - level[edges.head]


def _without(
    drop: NDArray[np.float64], action: NDArray[np.float64], live: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Weigh edges with a potential taken out; it drops by no more than an edge's action."""
    with np.errstate(over="ignore"):
        return np.where(live, np.exp(np.minimum(drop - action, 0.0)), 0.0)


def _alone(task: Task, action: NDArray[np.float64], theta: float) -> Walk:
    """Treat one target, with a part of the potential of the likeliest path to it taken out.

    All of it is right for large θ, where one path is as likely as all, and none for small θ, where
    almost every walk gets there. Between, the number of paths makes up for a part of it: the part
    is halved towards the side on which numbers stay in range.
    """
    live, drop = _drop(task.edges, task.targets, action)
    live &= task.edges.tail != task.targets[0]  # walks end at the target
    low, high, part = 0.0, 1.0, 1.0 if theta > 0 else 0.0
    for n in range(_PARTS):
        try:
            return _together(task, _without(part * drop, action, live))
        except TooLargeError:
            high = max(part, low)
        except (RangeError, CertificateError):
            low = min(part, high) if n else 0.0
        part = 0.5 * (low + high) if n else 0.0
    mend = "choose a smaller or a larger theta, or larger cells"
    raise InputError(
        [Fault("passage", "theta", f"{theta:g}: chances leave the range of floats", mend)]
    )


def _together(task: Task, weight: NDArray[np.float64]) -> Walk:
    """Treat all pairs with one factorisation of I − W, and check what comes out."""
    edges, nodes, ends = task.edges, task.edges.nodes, np.arange(len(task.targets))
    weights = sparse.csc_matrix((weight, (edges.tail, edges.head)), shape=(nodes, nodes))
    whole = factorised(weights)
    to_end = whole.solve(units(task.targets, nodes))  # z_·t
    pair = np.where(task.way, to_end[task.sources], 1.0)
    _in_range(to_end, pair)
    from_start = whole.solve(units(task.sources, nodes), "T")  # z_s·
    from_end = whole.solve(units(task.targets, nodes), "T")  # z_t·
    _in_range(from_start, pair)
    _in_range(from_end, pair)
    own = to_end[task.targets, ends]
    scale = np.where(task.way, task.journeys / pair, 0.0)
    scale[task.sources[:, None] == task.targets[None, :]] = 0.0
    sent = (scale * pair).sum(axis=0)
    leaving = from_start @ scale - from_end * (sent / own)
    leaving[task.targets, ends] = 0.0
    flow = np.zeros(len(weight))
    for t in ends:  # edge by edge for one target at a time: all at once would not fit
        flow += leaving[edges.tail, t] * to_end[edges.head, t]
    flow = np.maximum(flow * weight, 0.0)  # below 0 by rounding only; the balance is checked
    solved = Solved(weights, to_end, own, pair)
    once = sparse.csc_matrix((weight * edges.cost, (edges.tail, edges.head)), weights.shape)
    return _checked(
        task,
        Walk(
            flow=frozen(flow),
            visits=frozen(np.bincount(edges.tail, flow, nodes) + _at(task.targets, sent, nodes)),
            cost=frozen(_costs(task, solved, whole.solve(once @ to_end))),
            passing=frozen(passing(task, solved)),
            entering=tuple(frozen(entering(task, solved, e)) for e in task.entrances),
            imbalance=0.0,
            factorisations=1,
        ),
    )


def _in_range(sums: NDArray[np.float64], pair: NDArray[np.float64]) -> None:
    """Refuse sums over paths whose products could leave the range of floats."""
    if not (np.isfinite(sums).all() and np.abs(sums).max(initial=0.0) <= _LARGEST):
        raise TooLargeError
    if pair.min(initial=1.0) < _SMALLEST:
        raise TooSmallError


def _checked(task: Task, found: Walk) -> Walk:
    """Hold what leaves each node against what comes, and entrances against one."""
    edges, nodes = task.edges, task.edges.nodes
    going = np.where(task.way & (task.sources[:, None] != task.targets), task.journeys, 0.0)
    born = _at(task.sources, going.sum(axis=1), nodes) - _at(task.targets, going.sum(axis=0), nodes)
    out = np.bincount(edges.tail, found.flow, nodes) - np.bincount(edges.head, found.flow, nodes)
    missing = float(np.abs(out - born).max(initial=0.0)) / max(float(going.sum()), 1e-300)
    for shares in found.entering:
        total = shares.sum(axis=0)
        gap = np.abs(total[np.isfinite(total)] - 1.0)
        missing = max(missing, float(gap.max(initial=0.0)))
    if not missing <= BALANCE:
        raise CertificateError(f"journeys are not conserved: {missing:.1e} of them go missing")
    return replace(found, imbalance=missing)


def _costs(task: Task, solved: Solved, once: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the expected cost per pair, −∂ log(z_st / z_tt) / ∂θ; `once` is Z (W ∘ C) Z e_t."""
    ends = np.arange(len(task.targets))
    cost = once[task.sources] / solved.pair - once[task.targets, ends] / solved.own
    return np.where(task.way, np.maximum(cost, 0.0), np.inf)


def _at(nodes: NDArray[np.int64], amounts: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Put amounts at nodes."""
    return np.bincount(nodes, amounts, size).astype(np.float64)


def _ways(
    edges: Edges, sources: NDArray[np.int64], targets: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say between which sources and targets there is a way, shape (S, T)."""
    links = sparse.csr_matrix(
        (np.ones(len(edges.tail)), (edges.head, edges.tail)), shape=(edges.nodes, edges.nodes)
    )  # backwards
    _, part = csgraph.connected_components(links, directed=True, connection="strong")
    out = np.asarray(part[sources][:, None] == part[targets][None, :], np.bool_)
    for n in np.flatnonzero(~out.all(axis=0)):
        reached = csgraph.breadth_first_order(links, int(targets[n]), return_predecessors=False)
        out[:, n] = np.isin(sources, reached)
    return out
