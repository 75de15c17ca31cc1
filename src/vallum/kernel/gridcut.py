"""The grid of a problem as a network that is cut in place: no lists of arcs.

Cells lie in a box with a rim of two, so that a neighbour is found by adding a constant; a project
is a node after the cells. Every node has an integer *excess*: what it earns at the price of its
piece, less what flows out of it. Nodes of one piece carry one label; labels rise from what is held
first to what is held last, so a label also says on which side of a piece another one lies. Arcs
between pieces are settled: full from lower to higher, empty back (`docs/method/cut.md`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.kernel.crofton import OFFSETS, rimmed
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.territory import Instance

__all__ = ["NEVER", "State", "advance", "capacity", "earning", "fresh", "lay", "settle", "settled"]

_NUMBERS = np.arange(1 << len(OFFSETS))
LOWEST = np.log2(np.maximum(_NUMBERS & -_NUMBERS, 1)).astype(np.uint8)  # bit of every number
NEVER = 1 << 61  # capacity of an arc that is never cut; no flow reaches half of it


class State(NamedTuple):
    """A network in work; all arrays by node unless said otherwise, changed in place.

    Attributes
    ----------
    residual
        Left capacity towards the 16 neighbours, shape (cells of the box, 16), in units.
    open_
        The same as bits: 1 where something is left, towards a neighbour of the same piece.
    excess
        In units.
    label
        Of the piece; −1 where no member lies.
    benefit, cost
        USD/yr that a node earns per price, and costs whatever else is held.
    closure
        USD/km/yr of a cell, shape (cells of the box,).
    offset, weight
        Step to a neighbour in the box, and km of line that its edge stands for, shape (16,).
    lowest
        The lowest bit of every number below 2^16.
    first
        The first membership of a cell in a project, −1 none, shape (cells of the box,).
    following
        The next membership of the same cell, −1 none, shape (memberships,).
    owner, part, flow
        Project node, cell, and flow from one to the other, shape (memberships,).
    start
        Range of a project's memberships, shape (projects + 1,).
    distance, queue, bucket, chain, side
        Room to work in.
    """

    residual: NDArray[np.int64]
    open_: NDArray[np.uint16]
    excess: NDArray[np.int64]
    label: NDArray[np.int32]
    benefit: NDArray[np.float64]
    cost: NDArray[np.float64]
    closure: NDArray[np.float64]
    offset: NDArray[np.int64]
    weight: NDArray[np.float64]
    lowest: NDArray[np.uint8]
    first: NDArray[np.int32]
    following: NDArray[np.int32]
    owner: NDArray[np.int32]
    part: NDArray[np.int32]
    flow: NDArray[np.int64]
    start: NDArray[np.int32]
    distance: NDArray[np.int32]
    queue: NDArray[np.int32]
    bucket: NDArray[np.int32]
    chain: NDArray[np.int32]
    side: NDArray[np.uint8]


def lay(problem: Instance) -> tuple[State, NDArray[np.int32]]:
    """Lay out the network of a problem; nothing flows yet, and no capacity is set.

    Parameters
    ----------
    problem
        From `vallum.kernel.territory.instance`.

    Returns
    -------
    state, nodes
        The network, and its nodes: the member cells in reading order, then the projects.
    """
    grid = rimmed(problem.shape, problem.cells, problem.cell_km)
    box, place = grid.size, grid.place.astype(np.int32)
    projects = np.arange(box, box + len(problem.projects), dtype=np.int32)
    count = box + projects.size
    nodes = np.concatenate([place, projects]).astype(np.int32)
    benefit, cost, closure = np.zeros(count), np.zeros(count), np.zeros(box)
    benefit[place], cost[place] = problem.benefit, problem.holding + problem.border
    benefit[projects] = [value for value, _ in problem.projects]
    closure[place] = problem.closure

    sizes = [cells.size for _, cells in problem.projects]
    owned = [place[cells] for _, cells in problem.projects]
    part = np.concatenate([np.zeros(0, np.int32), *owned]).astype(np.int32)
    first, following = np.full(box, -1, np.int32), np.full(part.size, -1, np.int32)
    for k in reversed(range(part.size)):
        following[k], first[part[k]] = first[part[k]], k
    label = np.full(count, -1, np.int32)
    label[nodes] = 0
    state = State(
        residual=np.empty((box, len(OFFSETS)), np.int64),
        open_=np.zeros(box, np.uint16),
        excess=np.zeros(count, np.int64),
        label=label,
        benefit=benefit,
        cost=cost,
        closure=closure,
        offset=grid.offset,
        weight=grid.weight,
        lowest=LOWEST,
        first=first,
        following=following,
        owner=np.repeat(projects, sizes).astype(np.int32),
        part=part,
        flow=np.zeros(part.size, np.int64),
        start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        distance=np.zeros(count, np.int32),
        queue=np.zeros(count, np.int32),
        bucket=np.zeros(count + 2, np.int32),
        chain=np.zeros(count, np.int32),
        side=np.zeros(count, np.uint8),
    )
    return state, nodes


@compiled
def capacity(price: float, unit: float) -> int:
    """Units of a price, to the nearest; `NEVER` where it is as dear as that."""
    units = price / unit
    return NEVER if units >= NEVER else int(np.rint(units))


@compiled
def earning(benefit: float, cost: float, mu: float, unit: float) -> int:
    """Units of what a node earns at a price, whatever else is held; at most `NEVER` either way."""
    units = (mu * benefit - cost) / unit
    if abs(units) >= NEVER:
        return NEVER if units > 0.0 else -NEVER
    return int(np.rint(units))


@compiled
def settled(state: State, node: int, unit: float) -> int:
    """Units that flow out of a cell over its settled arcs, at most `NEVER`."""
    paid, saved = 0, 0
    mine = state.label[node]
    for d in range(16):
        other = node + state.offset[d]
        label = state.label[other]
        if label > mine:
            more = capacity(state.closure[node] * state.weight[d], unit)
            paid = min(paid + more, NEVER)
        elif 0 <= label < mine:  # never dear beside what is at stake, or it would not be settled
            saved += capacity(state.closure[other] * state.weight[d], unit)
    return paid - saved


@compiled
def fresh(state: State, nodes: NDArray[np.int32], mu: float, unit: float) -> None:
    """Set a piece's capacities in a unit and empty it of flow."""
    for node in nodes:
        excess = earning(state.benefit[node], state.cost[node], mu, unit)
        if node < state.first.size:
            excess -= settled(state, node, unit)
            bits = 0
            for d in range(16):
                room = 0
                if state.label[node + state.offset[d]] == state.label[node]:
                    room = capacity(state.closure[node] * state.weight[d], unit)
                    if room > 0:
                        bits |= 1 << d
                state.residual[node, d] = room
            state.open_[node] = bits
        else:
            project = node - state.first.size
            for k in range(state.start[project], state.start[project + 1]):
                state.flow[k] = 0
        state.excess[node] = excess


@compiled
def advance(state: State, nodes: NDArray[np.int32], before: float, mu: float, unit: float) -> float:
    """Change the price of a piece; return the sum of what is then positive, in units."""
    over = 0.0
    for node in nodes:
        benefit, cost = state.benefit[node], state.cost[node]
        was = earning(benefit, cost, before, unit)
        excess = state.excess[node] + (earning(benefit, cost, mu, unit) - was)
        state.excess[node] = excess
        if excess > 0:
            over += excess
    return over


@compiled
def settle(state: State, nodes: NDArray[np.int32], label: int) -> None:
    """Give nodes a label of their own, and close what leads to other pieces."""
    for node in nodes:
        state.label[node] = label
    for node in nodes:
        if node < state.first.size:
            bits = np.int64(state.open_[node])
            left = bits
            while left:
                d = state.lowest[left]
                left &= left - 1
                if state.label[node + state.offset[d]] != label:
                    bits &= ~(np.int64(1) << d)
            state.open_[node] = bits
