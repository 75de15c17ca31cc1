"""Shortest-path interdiction: which arcs to delay so that the shortest way is longest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from vallum.errors import CertificateError
from vallum.kernel.arrays import frozen
from vallum.kernel.interdiction.door import Door
from vallum.kernel.interdiction.model import Interdiction
from vallum.kernel.interdiction.network import arcs_of, distances, numbered
from vallum.kernel.interdiction.program import Program, solve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["shortest_path", "shortest_path_value"]

# The bound is held off by more than HiGHS's tolerance, within which its presolve calls programmes
# infeasible whose rows all but meet.
_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class _Problem:
    """A checked problem with nodes from 0."""

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    cost: NDArray[np.float64]
    delay: NDArray[np.float64]
    source: int
    target: int
    nodes: int
    budget: int

    def length(self, chosen: NDArray[np.int64]) -> float:
        """Length of the shortest way where the chosen arcs are delayed."""
        cost = self.cost.copy()
        cost[chosen] += self.delay[chosen]
        arcs = arcs_of(self.tail, self.head, self.nodes)
        return float(distances(arcs, cost, self.source)[self.target])


def shortest_path(  # noqa: PLR0913 (its arguments are the public contract)
    tail: ArrayLike,
    head: ArrayLike,
    cost: ArrayLike,
    delay: ArrayLike,
    source: int,
    target: int,
    budget: int,
    *,
    limit: int = 1_000_000,
) -> Interdiction:
    """Choose the arcs to interdict so that the attacker's shortest way is as long as can be.

    `max_y min_P Σ_{a∈P} (cost_a + delay_a y_a)` with at most `budget` arcs, by the dual of the
    shortest path as one programme with integers (Israeli and Wood 2002, "Shortest-path network
    interdiction"):

        max π_t,  π_s = 0,  π_j ≤ π_i + cost_a + delay_a y_a  for each arc a from i to j

    Delays are cut down to what can matter before: no way longer than a bound on the optimum does.

    Parameters
    ----------
    tail, head
        Labels of the nodes that each arc leaves and enters, any integers, shape (arcs,).
    cost
        Length of each arc, ≥ 0 (inf: no arc), in any one unit, shape (arcs,).
    delay
        What interdiction adds to it, ≥ 0 (inf: the arc is closed), shape (arcs,).
    source, target
        Labels of nodes. A label that no arc has is a node without ways.
    budget
        Most arcs to interdict.
    limit
        Most nodes of branch and bound.

    Returns
    -------
    Interdiction
        Its value is the length of the shortest way, inf where source and target are parted. No
        arcs are chosen that change nothing.

    Raises
    ------
    InputError
        If the arguments can't be used.

    Examples
    --------
    >>> shortest_path([1, 1, 2], [2, 3, 3], [1, 5, 1], [2, 2, 9], 1, 3, 1).value
    5.0
    """
    door = Door()
    network = (tail, head, cost, delay)
    problem = _checked(door, network, source, target, door.budget("budget", budget))
    nodes_most = door.budget("limit", limit)
    door.close()
    none = np.zeros(0, np.int64)
    plain = problem.length(none)
    if plain in (0.0, np.inf) and (problem.source == problem.target or plain == np.inf):
        return Interdiction(plain, plain, frozen(none), 0)
    closed = _parting(problem)
    if closed is not None:
        return Interdiction(np.inf, np.inf, frozen(closed), 1)
    return _longest(problem, plain, nodes_most)


def shortest_path_value(
    tail: ArrayLike,
    head: ArrayLike,
    cost: ArrayLike,
    delay: ArrayLike,
    source: int,
    target: int,
    chosen: ArrayLike,
) -> float:
    """Score any plan: the length of the shortest way with the chosen arcs interdicted.

    Parameters
    ----------
    tail, head, cost, delay, source, target
        As `shortest_path` takes them.
    chosen
        Indices of the arcs interdicted, each once.

    Returns
    -------
    float
        In the unit of cost; inf where no way leads.

    Raises
    ------
    InputError
        If the arguments can't be used.
    """
    door = Door()
    problem = _checked(door, (tail, head, cost, delay), source, target, 0)
    arcs = door.indices("chosen", chosen, problem.tail.size)
    door.close()
    return problem.length(arcs)


def _checked(
    door: Door,
    network: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike],
    source: int,
    target: int,
    budget: int,
) -> _Problem:
    """Check the arguments and number the nodes; faults are left at the door."""
    tails = door.labels("tail", network[0])
    heads = door.labels("head", network[1], tails.size)
    costs = door.amounts("cost", network[2], tails.size)
    delays = door.amounts("delay", network[3], tails.size)
    first, last = door.label("source", source), door.label("target", target)
    (near, far, start, end), nodes = numbered(tails, heads, first, last)
    return _Problem(near, far, costs, delays, int(start[0]), int(end[0]), nodes, budget)


def _parting(problem: _Problem) -> NDArray[np.int64] | None:
    """Find arcs within the budget that part source and target when closed, if there are any."""
    real = np.isfinite(problem.cost) & (problem.tail != problem.head)
    closes = np.isinf(problem.delay) & real
    room = np.where(closes, 1, problem.budget + 1)[real].astype(np.int32)
    shape = (problem.nodes, problem.nodes)
    graph = sparse.csr_matrix((room, (problem.tail[real], problem.head[real])), shape)
    graph.sum_duplicates()
    flow = maximum_flow(graph, problem.source, problem.target)
    if flow.flow_value > problem.budget:
        return None
    left = graph - flow.flow
    left.data[left.data < 0] = 0
    left.eliminate_zeros()
    reached = np.zeros(problem.nodes, bool)
    reached[breadth_first_order(left, problem.source, return_predecessors=False)] = True
    return np.flatnonzero(closes & reached[problem.tail] & ~reached[problem.head])


def _ceiling(problem: _Problem, plain: float) -> float:
    """Bound the optimum by `budget + 1` ways.

    A unit of flow may take an arc once at its cost, and any number of times as if interdicted. At
    least one of `budget + 1` ways meets no arc that is interdicted and that it took at its cost;
    the others are at least as long as the shortest.
    """
    arcs = np.flatnonzero(np.isfinite(problem.cost) & (problem.tail != problem.head))
    again = arcs[np.isfinite(problem.delay[arcs])]
    column = np.concatenate([arcs, again])
    cost = np.concatenate([problem.cost[arcs], (problem.cost + problem.delay)[again]])
    ways = problem.budget + 1.0
    upper = np.concatenate([np.ones(arcs.size), np.full(again.size, ways)])
    net = np.zeros(problem.nodes)
    net[problem.source], net[problem.target] = ways, -ways
    number = np.arange(column.size)
    unit = max(float(cost.max()), 1e-300)
    solved = solve(
        Program(
            cost=cost / unit,
            lower=np.zeros(column.size),
            upper=upper,
            whole=np.zeros(column.size, bool),
            row=np.concatenate([problem.tail[column], problem.head[column]]),
            column=np.concatenate([number, number]),
            entry=np.concatenate([np.ones(column.size), -np.ones(column.size)]),
            row_lower=net,
            row_upper=net,
        )
    )
    if solved.x is None:
        raise AssertionError("no parting set within the budget, so there are as many ways")
    return max(solved.value * unit - problem.budget * plain, plain) * (1 + _SLACK)


def _longest(problem: _Problem, plain: float, limit: int) -> Interdiction:
    """Solve a problem in which the shortest way stays finite."""
    ceiling = _ceiling(problem, plain)
    ahead = distances(
        arcs_of(problem.tail, problem.head, problem.nodes), problem.cost, problem.source
    )
    behind = distances(
        arcs_of(problem.head, problem.tail, problem.nodes), problem.cost, problem.target
    )
    through = ahead[problem.tail] + problem.cost + behind[problem.head]
    kept = np.flatnonzero((through <= ceiling) & (problem.tail != problem.head))
    delay = np.minimum(problem.delay[kept], ceiling - through[kept])
    none = np.zeros(0, np.int64)
    if not (ceiling > plain * (1 + 2 * _SLACK)) or not (delay > 0).any() or not problem.budget:
        return Interdiction(plain, plain, frozen(none), 1)
    can = np.flatnonzero(delay > 0)
    solved = solve(_dual(problem, kept, delay, can, ceiling), nodes=limit)
    if not solved.feasible:
        raise CertificateError("HiGHS finds no potentials, but those of the plain network are some")
    chosen = none
    if solved.x is not None:
        wanted = solved.x[problem.nodes :] > 0.5
        chosen = kept[can[wanted]]
    value = problem.length(chosen)
    if value <= plain:
        value, chosen = plain, none
    for arc in chosen.tolist():  # arcs that change nothing
        fewer = chosen[chosen != arc]
        if problem.length(fewer) >= value:
            chosen = fewer
    bound = max(min(-solved.bound * ceiling, ceiling), value)
    return Interdiction(value, bound, frozen(np.sort(chosen)), solved.nodes + 2)


def _dual(
    problem: _Problem,
    kept: NDArray[np.int64],
    delay: NDArray[np.float64],
    can: NDArray[np.int64],
    ceiling: float,
) -> Program:
    """Write the programme: potentials of the nodes, in units of the ceiling, then choices."""
    nodes, count = problem.nodes, kept.size
    number = np.arange(count)
    upper = np.append(np.full(nodes, 2.0), np.ones(can.size))
    upper[problem.source] = 0.0
    cost = np.zeros(nodes + can.size)
    cost[problem.target] = -1.0
    whole = np.zeros(nodes + can.size, bool)
    whole[nodes:] = True
    return Program(
        cost=cost,
        lower=np.zeros(nodes + can.size),
        upper=upper,
        whole=whole,
        row=np.concatenate([number, number, can, np.full(can.size, count)]),
        column=np.concatenate(
            [problem.head[kept], problem.tail[kept], *[nodes + np.arange(can.size)] * 2]
        ),
        entry=np.concatenate(
            [np.ones(count), -np.ones(count), -delay[can] / ceiling, np.ones(can.size)]
        ),
        row_lower=np.full(count + 1, -np.inf),
        row_upper=np.append(problem.cost[kept] / ceiling, float(problem.budget)),
    )
