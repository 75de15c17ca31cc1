"""A maximum flow on a piece of a grid: push–relabel, from any flow that is already there.

Goldberg & Tarjan 1988, highest label first, labels made exact again by a search from the deficits
(Cherkassky & Goldberg 1997). A node with excess is a source, one with a deficit a sink; so a flow
left over from another price is as good a start as none, and a better one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.gridcut import State

__all__ = ["maximise", "reach"]

FAR = 1 << 30  # further than any distance
PATIENCE = 2  # times that a node is relabelled before it has to wait for the next search
LITTLE = 50  # a search that leads to fewer relabellings than nodes / 50 was too dear: wait longer


@compiled
def maximise(state: State, nodes: NDArray[np.int32]) -> int:
    """Push all excess that can reach a deficit there; return the number of searches.

    Parameters
    ----------
    state
        The network, changed in place.
    nodes
        Of one piece.
    """
    searches, lost, patience = 0, 0, PATIENCE
    while True:
        searches += 1
        top, deepest, lost = _search(state, nodes, lost)
        if top < 0:
            return searches
        limit, work = deepest + 1, 0
        while top >= 0:
            node = state.bucket[top]
            if node < 0:
                top -= 1
                continue
            state.bucket[top] = state.chain[node]
            while state.excess[node] > 0 and state.side[node] <= patience:
                if node < state.first.size:
                    nearest = _push_cell(state, node)
                else:
                    nearest = _push_project(state, node)
                if state.excess[node] == 0:
                    break
                state.side[node] += 1
                work += 1
                state.distance[node] = min(nearest + 1, FAR)
                if state.distance[node] > limit:
                    break
                top = max(top, state.distance[node])
        patience = min(2 * patience, 128) if work < nodes.size // LITTLE else PATIENCE


@compiled
def _search(state: State, nodes: NDArray[np.int32], lost: int) -> tuple[int, int, int]:
    """Find distances to the deficits, and put what has excess into buckets.

    What has excess and can't reach a deficit never can again; so the search stops when all but
    the number `lost` before are found. What is further then counts as out of reach for now.

    Returns the highest bucket, −1 if all are empty, the greatest distance, and the number lost.
    """
    distance, queue = state.distance, state.queue
    for node in nodes:
        distance[node] = FAR
        state.side[node] = 0
    filled, wanted = 0, -lost
    for node in nodes:
        if state.excess[node] < 0:
            distance[node] = 0
            queue[filled] = node
            filled += 1
        elif state.excess[node] > 0:
            wanted += 1
    done = 0
    while done < filled and wanted > 0:
        node = queue[done]
        done += 1
        wanted -= state.excess[node] > 0
        if node < state.first.size:
            filled = _before_cell(state, node, filled)
        else:
            filled = _before_project(state, node, filled)
    top, deepest = _stack(state, filled)
    return top, deepest, lost + max(wanted, 0)


@compiled
def _stack(state: State, filled: int) -> tuple[int, int]:
    """Put what was found and has excess into buckets; return the highest and the last distance."""
    top, deepest = -1, 0
    if filled:
        deepest = state.distance[state.queue[filled - 1]]
    for far in range(deepest + 2):
        state.bucket[far] = -1
    for k in range(filled):
        node = state.queue[k]
        if state.excess[node] > 0:
            top = state.distance[node]
            state.chain[node] = state.bucket[top]
            state.bucket[top] = node
    return top, deepest


@compiled
def _before_cell(state: State, node: int, filled: int) -> int:
    """Queue the nodes that can push to a cell and are not found yet."""
    step = state.distance[node] + 1
    for d in range(16):
        other = node + state.offset[d]
        if state.distance[other] > step and (state.open_[other] >> (15 - d)) & 1:
            state.distance[other] = step
            state.queue[filled] = other
            filled += 1
    k = state.first[node]
    while k >= 0:
        other = state.owner[k]
        if state.distance[other] > step and state.label[other] == state.label[node]:
            state.distance[other] = step
            state.queue[filled] = other
            filled += 1
        k = state.following[k]
    return filled


@compiled
def _before_project(state: State, node: int, filled: int) -> int:
    """Queue the cells that can give flow back to a project and are not found yet."""
    step = state.distance[node] + 1
    project = node - state.first.size
    for k in range(state.start[project], state.start[project + 1]):
        other = state.part[k]
        same = state.label[other] == state.label[node]
        if same and state.flow[k] > 0 and state.distance[other] > step:
            state.distance[other] = step
            state.queue[filled] = other
            filled += 1
    return filled


@compiled
def _arrive(state: State, node: int, amount: int) -> None:
    """Add to a node's excess; a node that now has some waits in its bucket."""
    before = state.excess[node]
    state.excess[node] = before + amount
    if before <= 0 and before + amount > 0:
        far = state.distance[node]
        state.chain[node] = state.bucket[far]
        state.bucket[far] = node


@compiled
def _push_cell(state: State, node: int) -> int:
    """Push a cell's excess to nodes one nearer; return how near any open neighbour is."""
    distance, residual, open_ = state.distance, state.residual, state.open_
    nearest = FAR
    wanted = distance[node] - 1
    left = np.int64(open_[node])
    excess = state.excess[node]
    while left:
        d = state.lowest[left]
        left &= left - 1
        other = node + state.offset[d]
        far = distance[other]
        if far == wanted:
            room = residual[node, d]
            back = 15 - d
            if room > excess:
                amount = excess
                residual[node, d] = room - amount
                nearest = far
            else:
                amount = room
                residual[node, d] = 0
                open_[node] &= ~(1 << d)
            residual[other, back] += amount
            open_[other] |= 1 << back
            excess -= amount
            _arrive(state, other, amount)
            if excess == 0:
                break
        elif far < nearest:
            nearest = far
    state.excess[node] = excess
    k = state.first[node]
    while k >= 0 and state.excess[node] > 0:
        other = state.owner[k]
        if state.flow[k] > 0 and state.label[other] == state.label[node]:
            if distance[other] == wanted:
                amount = min(state.excess[node], state.flow[k])
                state.flow[k] -= amount
                state.excess[node] -= amount
                _arrive(state, other, amount)
            elif distance[other] < nearest:
                nearest = distance[other]
        k = state.following[k]
    return nearest


@compiled
def _push_project(state: State, node: int) -> int:
    """Push a project's excess to a cell one nearer; return how near any of its cells is."""
    nearest = FAR
    project = node - state.first.size
    for k in range(state.start[project], state.start[project + 1]):
        other = state.part[k]
        if state.label[other] == state.label[node]:
            nearest = min(nearest, state.distance[other])
            if state.distance[other] == state.distance[node] - 1:
                amount = state.excess[node]
                state.flow[k] += amount
                state.excess[node] = 0
                _arrive(state, other, amount)
                break
    return nearest


@compiled
def reach(state: State, nodes: NDArray[np.int32]) -> int:
    """Mark in `side` what excess still reaches, the smallest optimum; return how many nodes."""
    side, queue = state.side, state.queue
    filled = 0
    for node in nodes:
        side[node] = 0
        if state.excess[node] > 0:
            side[node] = 1
            queue[filled] = node
            filled += 1
    done = 0
    while done < filled:
        node = queue[done]
        done += 1
        if node < state.first.size:
            filled = _after_cell(state, node, filled)
        else:
            filled = _after_project(state, node, filled)
    return filled


@compiled
def _after_cell(state: State, node: int, filled: int) -> int:
    """Queue the nodes that a cell can push to and that are not marked yet."""
    left = np.int64(state.open_[node])
    while left:
        d = state.lowest[left]
        left &= left - 1
        other = node + state.offset[d]
        if state.side[other] == 0:
            state.side[other] = 1
            state.queue[filled] = other
            filled += 1
    k = state.first[node]
    while k >= 0:
        other = state.owner[k]
        same = state.label[other] == state.label[node]
        if same and state.flow[k] > 0 and state.side[other] == 0:
            state.side[other] = 1
            state.queue[filled] = other
            filled += 1
        k = state.following[k]
    return filled


@compiled
def _after_project(state: State, node: int, filled: int) -> int:
    """Queue the cells of a project that are not marked yet."""
    project = node - state.first.size
    for k in range(state.start[project], state.start[project + 1]):
        other = state.part[k]
        if state.side[other] == 0 and state.label[other] == state.label[node]:
            state.side[other] = 1
            state.queue[filled] = other
            filled += 1
    return filled
