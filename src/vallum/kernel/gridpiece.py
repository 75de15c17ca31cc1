"""What is asked of a piece of a grid: its sums, its proof, its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.kernel import exact
from vallum.kernel.gridcut import capacity, earning, settled
from vallum.kernel.gridflow import maximise, reach
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vallum.kernel.gridcut import State

__all__ = ["PROOF", "best", "mark_whole", "part", "prove", "sums", "totals"]

BLUR = 1 << 60  # a settled arc as dear as this is not counted to the unit
PROOF = {
    1: "a capacity is broken",
    2: "flow is not conserved",
    3: "the cut does not part what earns from what costs",
    4: "an arc over the cut is not full",
    5: "the flow is not the cut",
}


@compiled
def totals(state: State, nodes: NDArray[np.int32], sums: NDArray[np.int64]) -> None:
    """Add up a piece exactly: benefit, cost, amounts without their signs, line saved.

    Parameters
    ----------
    state, nodes
        The piece; its label must set it apart.
    sums
        Shape (4, limbs), from `vallum.kernel.exact.zero`.
    """
    for node in nodes:
        exact.add(sums[0], state.benefit[node])
        exact.add(sums[1], state.cost[node])
        exact.add(sums[2], state.cost[node])
        if node >= state.first.size:
            continue
        mine = state.label[node]
        for d in range(16):
            other = node + state.offset[d]
            label = state.label[other]
            if label > mine:
                price = state.closure[node] * state.weight[d]
                exact.add(sums[1], price)
                exact.add(sums[2], price)
            elif 0 <= label < mine:
                price = state.closure[other] * state.weight[d]
                exact.add(sums[1], -price)
                exact.add(sums[2], price)
                exact.add(sums[3], price)
    for k in range(4):
        exact.carry(sums[k])


@compiled
def sums(state: State, nodes: NDArray[np.int32]) -> tuple[float, float, float, float]:
    """Sum a piece's benefit, cost, amounts without their signs, and line saved, USD/yr."""
    limbs = exact.zero(4)
    totals(state, nodes, limbs)
    return (
        exact.rounded(limbs[0]),
        exact.rounded(limbs[1]),
        exact.rounded(limbs[2]),
        exact.rounded(limbs[3]),
    )


@compiled
def best(state: State, nodes: NDArray[np.int32], mu: float, unit: float) -> tuple[int, int, int]:
    """Find the smallest optimum at the price of a piece's excess, and prove it; see `prove`."""
    maximise(state, nodes)
    reach(state, nodes)
    return prove(state, nodes, mu, unit)


@compiled
def prove(state: State, nodes: NDArray[np.int32], mu: float, unit: float) -> tuple[int, int, int]:
    """Check that a piece's flow is feasible and equals the cut that `side` marks.

    Everything is counted anew from prices: what a node earns, what flows out of it, what the
    arcs over the cut can carry.

    Returns
    -------
    fault, flow, gain
        0, or a key of `PROOF`; the flow = the cut, and what the marked side earns, in units.
    """
    flow, cut, gain = 0, 0, 0
    for node in nodes:
        excess = state.excess[node]
        chosen = state.side[node] == 1
        if (chosen and excess < 0) or (not chosen and excess > 0):
            return 3, 0, 0
        own = earning(state.benefit[node], state.cost[node], mu, unit)
        if node < state.first.size:
            own -= settled(state, node, unit)
            fault, net, over = _leaves_cell(state, node, unit)
            back_fault, back = _leaves_to_projects(state, node)
            fault, net = max(fault, back_fault), net + back
        else:
            fault, net = _leaves_project(state, node)
            over = 0
        if fault:
            return fault, 0, 0
        if own > -BLUR and excess != own - net:
            return 2, 0, 0
        flow += max(own, 0)
        cut += over
        if chosen:
            gain += excess
            cut += max(-own, 0)
        else:
            cut += max(own, 0)
    return (0 if flow - gain == cut else 5), flow - gain, gain


@compiled
def _leaves_cell(state: State, node: int, unit: float) -> tuple[int, int, int]:
    """Check a cell's arcs: fault, net flow to its neighbours, capacity over the cut."""
    net, over = 0, 0
    chosen = state.side[node] == 1
    for d in range(16):
        other = node + state.offset[d]
        if state.label[other] != state.label[node]:
            continue
        out = capacity(state.closure[node] * state.weight[d], unit)
        into = capacity(state.closure[other] * state.weight[d], unit)
        left, back = state.residual[node, d], state.residual[other, 15 - d]
        if left < 0 or back < 0 or left + back != out + into:
            return 1, 0, 0
        net += out - left
        if chosen and state.side[other] == 0:
            if left != 0:
                return 4, 0, 0
            over += out
    return 0, net, over


@compiled
def _leaves_to_projects(state: State, node: int) -> tuple[int, int]:
    """Check a cell's flow from its projects: fault, net flow out of the cell."""
    net = 0
    k = state.first[node]
    while k >= 0:
        project = state.owner[k]
        if state.label[project] == state.label[node]:
            net -= state.flow[k]
            if state.flow[k] < 0:
                return 1, 0
            if state.side[node] == 1 and state.side[project] == 0 and state.flow[k] > 0:
                return 4, 0
        k = state.following[k]
    return 0, net


@compiled
def _leaves_project(state: State, node: int) -> tuple[int, int]:
    """Check a project's arcs, which the cut may not cross: fault, net flow out of it."""
    net = 0
    project = node - state.first.size
    for k in range(state.start[project], state.start[project + 1]):
        if state.label[state.part[k]] == state.label[node]:
            net += state.flow[k]
            if state.side[node] == 1 and state.side[state.part[k]] == 0:
                return 4, 0
    return 0, net


@compiled
def mark_whole(state: State, nodes: NDArray[np.int32]) -> int:
    """Mark the projects whose land is all marked, and no others; return how many nodes are."""
    marked = 0
    for node in nodes:
        if node >= state.first.size:
            whole = 1
            project = node - state.first.size
            for k in range(state.start[project], state.start[project + 1]):
                cell = state.part[k]
                if state.label[cell] == state.label[node] and state.side[cell] == 0:
                    whole = 0
            state.side[node] = whole
        marked += state.side[node]
    return marked


@compiled
def part(state: State, nodes: NDArray[np.int32]) -> None:
    """Order a piece's nodes in place: the marked first, each side in the order that it had."""
    kept, rest = 0, 0
    for node in nodes:
        if state.side[node] == 1:
            nodes[kept] = node
            kept += 1
        else:
            state.queue[rest] = node
            rest += 1
    for k in range(rest):
        nodes[kept + k] = state.queue[k]
