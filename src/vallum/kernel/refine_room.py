"""The land between two territories, as a piece of the grid's network on which a search decides.

What is decided carries the label 0 (held) or 2 (left), the rest 1; a cut then sees the rest alone,
with every line towards what is decided paid or saved (`docs/method/cut.md`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.errors import CertificateError
from vallum.kernel import exact
from vallum.kernel.gridcut import advance, fresh
from vallum.kernel.gridpiece import PROOF, best, sums
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.kernel.gridcut import State

__all__ = ["HELD", "LEFT", "OPEN", "Optimum", "Room", "Worth"]

HELD, OPEN, LEFT = 0, 1, 2
BITS, FINE, WIDE = 56, 48, 58  # units of a cut, as in `vallum.kernel.gridfamily`


class Worth(NamedTuple):
    """What a territory earns and costs, USD/yr, rounded once from exact sums."""

    benefit: float
    cost: float


@dataclass(frozen=True, eq=False)
class Optimum:
    """The best territory of a room at a price: its land, its worth, what rounding can hide."""

    held: NDArray[np.bool_]
    worth: Worth
    rounding: float


class Room:
    """The undecided land between two territories, on a network that is used again and again.

    Parameters
    ----------
    state, order
        From `vallum.kernel.gridcut.lay`; changed in place.
    """

    def __init__(self, state: State, order: NDArray[np.int32]) -> None:
        self.state, self.order = state, order
        self.stand = np.full(state.label.size, -1, np.int8)  # 0 below, 1 in the room, 2 above
        self.mark = np.zeros(state.label.size, np.uint8)  # what is held, when weighed
        self.root = order[:0]
        self.open = order[:0]
        self.base = exact.zero(2)
        self.below = Worth(0.0, 0.0)
        self.unit = self.now = self.stakes = self.saved = self.size = 0.0

    def enter(self, lower: NDArray[np.bool_], upper: NDArray[np.bool_]) -> None:
        """Open the land of `upper` that is not of `lower`, both by node of `order`.

        Projects need land of `upper` only, or they are left.
        """
        state, order = self.state, self.order
        cells = int((order < state.first.size).sum())
        self.stand[order] = OPEN
        state.label[order] = LEFT
        state.label[order[:cells][lower[:cells]]] = HELD
        self.base = exact.zero(2)
        _mark(state, order[:cells], self.mark)  # what stands below stays marked
        _mark_whole(state, order[cells:], self.mark)
        _weigh(state, order, self.stand, self.mark, self.base)
        self.below = Worth(exact.rounded(self.base[0]), exact.rounded(self.base[1]))
        level = np.where(lower[:cells], HELD, np.where(upper[:cells], OPEN, LEFT))
        state.label[order[:cells]] = level
        _stand_projects(state, order[cells:])
        self.stand[order] = state.label[order]
        self.root = order[state.label[order] == OPEN]
        self.open = self.root
        state.open_[:] = 0  # a search goes by these bits alone, and must not leave the room
        self.unit = 0.0

    def decide(self, decisions: Sequence[tuple[int, int]]) -> bool:
        """Set the room back to its root, and decide nodes anew; False if that can't be."""
        state = self.state
        state.label[self.root] = OPEN
        state.open_[self.root[self.root < state.first.size]] = 0
        self.unit = 0.0
        for node, label in decisions:
            if not _force(state, node, label):
                return False
        self._begin()
        return True

    def _begin(self) -> None:
        """Take stock of what is open."""
        self.open = self.root[self.state.label[self.root] == OPEN]
        self.stakes, _, self.size, self.saved = sums(self.state, self.open)

    def weigh(self, *, whole: bool | None = None) -> Worth:
        """Weigh what is held: below, decided, and what `side` marks (all or none, if given).

        Projects that were left are not counted. Sums are compensated: they err by a few units in
        the last place.
        """
        if whole is not None:
            self.state.side[self.open] = whole
        _mark(self.state, self.root, self.mark)
        benefit, cost = _weigh_fast(self.state, self.root, self.stand, self.mark)
        return Worth(self.below.benefit + benefit, self.below.cost + cost)

    def weigh_exactly(self, held: NDArray[np.bool_]) -> Worth:
        """Weigh a territory, by node of the root, rounded once, with all that it earns."""
        cells = self.root < self.state.first.size
        self.mark[self.root[cells]] = held[cells]
        _mark_whole(self.state, self.root[~cells], self.mark)
        limbs = self.base.copy()
        _weigh(self.state, self.root, self.stand, self.mark, limbs)
        return Worth(exact.rounded(limbs[0]), exact.rounded(limbs[1]))

    def held(self) -> NDArray[np.bool_]:
        """Say which nodes of the room's root are held: decided, or marked by `side`."""
        _mark(self.state, self.root, self.mark)
        marked: NDArray[np.bool_] = self.mark[self.root].astype(bool)
        return marked

    def solve(self, mu: float) -> Optimum:
        """Find the territory that maximises `mu · benefit − cost`, the smallest of them; checked.

        Raises
        ------
        CertificateError
            If the cut does not pass its check.
        """
        state, nodes = self.state, self.open
        stake = mu * self.stakes + self.saved
        fits = self.unit > 0.0 and (stake == 0.0 or 2.0**FINE <= stake / self.unit <= 2.0**WIDE)
        if fits:
            fits = advance(state, nodes, self.now, mu, self.unit) < 2.0 ** (WIDE + 2)
        if not fits:
            self.unit = 2.0 ** (math.frexp(stake or self.size or 1.0)[1] - BITS)
            fresh(state, nodes, mu, self.unit)
        self.now = mu
        fault, _, _ = best(state, nodes, mu, self.unit)
        if fault:
            raise CertificateError(f"the minimum cut failed its check: {PROOF[fault]}")
        rounding = (0.5 * 18 * nodes.size + 16.0) * self.unit
        worth = self.weigh()
        amounts = self.size + abs(worth.cost) + mu * (self.stakes + worth.benefit)
        return Optimum(self.held(), worth, rounding + 2.0**-48 * amounts)


@compiled
def _stand_projects(state: State, projects: NDArray[np.int32]) -> None:
    """Label projects: held if all of their land is, left if any of it is, else open."""
    for node in projects:
        project = node - state.first.size
        highest = 0
        for k in range(state.start[project], state.start[project + 1]):
            highest = max(highest, state.label[state.part[k]])
        state.label[node] = highest


@compiled
def _mark(state: State, nodes: NDArray[np.int32], mark: NDArray[np.uint8]) -> None:
    """Mark nodes that are held: cells decided, or open and chosen; projects with all their land.

    A project that was left counts for nothing, whatever is held; so a branch without it has a bound
    of its own. Every cell comes before every project in `nodes`.
    """
    label, side = state.label, state.side
    for node in nodes:
        if node < state.first.size:
            mark[node] = label[node] == 0 or (label[node] == 1 and side[node] == 1)
        else:
            project = node - state.first.size
            mark[node] = label[node] != 2
            for k in range(state.start[project], state.start[project + 1]):
                if mark[state.part[k]] == 0:
                    mark[node] = 0
                    break


@compiled
def _mark_whole(state: State, projects: NDArray[np.int32], mark: NDArray[np.uint8]) -> None:
    """Mark the projects all of whose land is marked, whatever was decided."""
    for node in projects:
        project = node - state.first.size
        mark[node] = 1
        for k in range(state.start[project], state.start[project + 1]):
            if mark[state.part[k]] == 0:
                mark[node] = 0
                break


@compiled
def _weigh_fast(
    state: State, nodes: NDArray[np.int32], stand: NDArray[np.int8], mark: NDArray[np.uint8]
) -> tuple[float, float]:
    """Sum benefit and cost of the marked nodes over what stands below; compensated (Neumaier)."""
    benefit, cost, closure = state.benefit, state.cost, state.closure
    offset, weight, cells = state.offset, state.weight, state.first.size
    earned, lost, spent, missed = 0.0, 0.0, 0.0, 0.0
    for node in nodes:
        if mark[node] == 0:
            continue
        amount = benefit[node]
        total = earned + amount
        lost += (earned - total) + amount if earned >= amount else (amount - total) + earned
        earned = total
        if node >= cells:
            continue
        for d in range(-1, 16):
            if d < 0:
                amount = cost[node]
            else:
                other = node + offset[d]
                if stand[other] == 0:
                    amount = -closure[other] * weight[d]
                elif stand[other] > 0 and mark[other] == 0:
                    amount = closure[node] * weight[d]
                else:
                    continue
            total = spent + amount
            if abs(spent) >= abs(amount):
                missed += (spent - total) + amount
            else:
                missed += (amount - total) + spent
            spent = total
    return earned + lost, spent + missed


@compiled
def _weigh(
    state: State,
    nodes: NDArray[np.int32],
    stand: NDArray[np.int8],
    mark: NDArray[np.uint8],
    limbs: NDArray[np.int64],
) -> None:
    """Add benefit and cost of the marked nodes, over what stands below, to exact sums."""
    benefit, cost, closure = state.benefit, state.cost, state.closure
    offset, weight, cells = state.offset, state.weight, state.first.size
    for node in nodes:
        if mark[node] == 0:
            continue
        exact.add(limbs[0], benefit[node])
        if node >= cells:
            continue
        exact.add(limbs[1], cost[node])
        for d in range(16):
            other = node + offset[d]
            if stand[other] == 0:
                exact.add(limbs[1], -closure[other] * weight[d])
            elif stand[other] > 0 and mark[other] == 0:
                exact.add(limbs[1], closure[node] * weight[d])
    exact.carry(limbs[0])
    exact.carry(limbs[1])


@compiled
def _force(  # noqa: C901, PLR0912  (one loop, which numba compiles)
    state: State, begin: int, label: int
) -> bool:
    """Decide a node and what it drags along; False if it was decided otherwise.

    A held cell drags the neighbours towards which no line may stand; a held project its land. A
    left cell drags its projects, and the neighbours that would need a line towards it.
    """
    if state.label[begin] != 1:
        return bool(state.label[begin] == label)
    state.label[begin] = label
    state.queue[0] = begin
    done, filled = 0, 1
    while done < filled:
        node = state.queue[done]
        done += 1
        if node >= state.first.size:
            if label == 0:
                project = node - state.first.size
                for k in range(state.start[project], state.start[project + 1]):
                    cell = state.part[k]
                    if state.label[cell] == 2:
                        return False
                    if state.label[cell] == 1:
                        state.label[cell] = label
                        state.queue[filled] = cell
                        filled += 1
            continue
        for d in range(16):
            other = node + state.offset[d]
            if state.label[other] < 0:
                continue
            barred = state.closure[node] if label == 0 else state.closure[other]
            if np.isinf(barred):
                if state.label[other] == 2 - label:
                    return False
                if state.label[other] == 1:
                    state.label[other] = label
                    state.queue[filled] = other
                    filled += 1
        if label == 2:
            k = state.first[node]
            while k >= 0:
                if state.label[state.owner[k]] == 0:
                    return False
                state.label[state.owner[k]] = 2
                k = state.following[k]
    return True
