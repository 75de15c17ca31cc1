"""The best territory of a room within a budget, by branch and bound.

It rests on one step. At a price μ the cut gives the territory that maximises `μ B − C`, and with
it a bound on every other: `B ≤ (max (μ B − C) + budget) / μ`, least where the best below the budget
and the best above it are worth the same (Lagrange; Geoffrion 1974).
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.kernel.refine_room import HELD, LEFT, OPEN, Worth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.kernel.refine_room import Room

__all__ = ["Search"]

PRICES = 16  # most prices tried in one place: by then what is left of a gap is rounding
NEAR = 1e-12  # of a sum: what compensated sums may err by, and more
FAR = 8.0  # cells
SLACK = 1e-12  # of what can be earned: a gap as narrow as that is none


class _Side(NamedTuple):
    """A territory on one side of the budget: its worth and its land."""

    worth: Worth
    held: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Bracket:
    """What prices told of a place: no territory of it has more than `bound` within the budget.

    `below` and `above` are the best territories found on either side of the budget, at `mu`.
    """

    bound: float
    mu: float
    below: _Side
    above: _Side


class Search:
    """A search in a room that was entered, for the most benefit within a budget.

    Parameters
    ----------
    room
        Where it searches.
    budget
        USD/yr, of holding and closure of all that is held, what stands below included.
    cuts
        Most cuts that it may make.
    floor
        Benefit that is known to be had; less is not looked for, USD/yr.
    cap, hidden
        The room may be less than the land that may be held: the land of the optimum at this price
        (`docs/method/refine.md`). Then no dearer price is asked, and a value may miss so much that
        rounding hides, USD/yr.
    """

    def __init__(
        self,
        room: Room,
        budget: float,
        *,
        cuts: int,
        floor: float = -math.inf,
        cap: float = math.inf,
        hidden: float = 0.0,
    ) -> None:
        self.room, self.budget, self.limit = room, budget, cuts
        self.best: _Side | None = None
        self.floor, self.cap, self.hidden = floor, cap, hidden
        self.rest = -math.inf  # what land beyond the room might add where the room is exhausted
        self.cuts = self.nodes = 0
        self.bound = math.inf
        self.closed = False

    def run(self) -> None:
        """Search until it is proved that nothing is better, or the cuts are spent.

        `best` is then the best territory found, None if there is none, `bound` what none exceeds.
        """
        room = self.room
        room.decide(())
        whole = room.weigh(whole=True)
        self.slack = SLACK * abs(whole.benefit)
        start = self._bracket(min(self._chord(whole), self.cap), math.inf)
        if start is None:
            self._close()
            return
        self.bound = start.bound
        self._branch(start)

    def _chord(self, whole: Worth) -> float:
        """Price at which all and nothing of the room are worth the same."""
        room = self.room
        nothing = room.weigh(whole=False)
        gained, spent = whole.benefit - nothing.benefit, whole.cost - nothing.cost
        return spent / gained if gained > 0.0 and spent > 0.0 else 0.0

    def _close(self) -> None:
        """Note that nothing is left to search."""
        had = max(self.floor, self.best.worth.benefit if self.best else -math.inf)
        self.closed = self.rest <= had + self.slack
        self.bound = had if self.closed else self.rest

    def _offer(self, side: _Side) -> None:
        """Keep a territory if it is within the budget and better than the best one."""
        best = self.best.worth if self.best else Worth(-math.inf, math.inf)
        worth = side.worth
        near = NEAR * abs(self.budget)
        if worth.cost > self.budget + near or worth.benefit < best.benefit * (1.0 - NEAR):
            return
        worth = self.room.weigh_exactly(side.held)
        side = _Side(worth, side.held)
        if worth.cost <= self.budget and (worth.benefit, -worth.cost) > (best.benefit, -best.cost):
            self.best = side
            self.floor = max(self.floor, worth.benefit)

    def _bracket(  # noqa: C901, PLR0912  (one bracketing, told in order)
        self, mu: float, bound: float
    ) -> _Bracket | None:
        """Find the best price of what is open; None if nothing better can be there."""
        room, budget = self.room, self.budget
        above = _Side(room.weigh(whole=True), room.held())
        self._offer(above)
        if above.worth.cost <= budget:  # benefit is never negative: all of the room is the best
            self._exhausted(bound)
            return None
        nothing = _Side(room.weigh(whole=False), room.held())
        self._offer(nothing)
        below = nothing if nothing.worth.cost <= budget else None
        if math.isinf(self.cap):
            bound = min(bound, above.worth.benefit)
        for _ in range(PRICES):
            if bound <= self._known() or self.cuts >= self.limit:
                break
            if below is None and mu > 0.0:
                self.cuts += 1
                cheapest = self._cheapest()
                if cheapest is None:
                    return None
                below = cheapest
            found = room.solve(mu)
            self.cuts += 1
            side = _Side(found.worth, found.held)
            self._offer(side)
            value = mu * side.worth.benefit - side.worth.cost + found.rounding + self.hidden
            if mu > 0.0:
                bound = min(bound, (value + budget) / mu)
            ends = [mu * end.worth.benefit - end.worth.cost for end in (below, above) if end]
            if side.worth.cost <= budget:
                below = side
            else:
                above = side
            if below is None:
                return None
            gained = above.worth.benefit - below.worth.benefit
            if gained <= 0.0:  # `below` earns all that `above` does
                self._exhausted(bound)
                return None
            chord = min((above.worth.cost - below.worth.cost) / gained, self.cap)
            if chord == mu or (mu > 0.0 and value - max(ends) <= 2.0 * found.rounding):
                break
            mu = chord
        if bound <= self._known():
            return None
        return _Bracket(bound, mu, below or nothing, above)

    def _known(self) -> float:
        """Give the bound below which a place need not be looked at."""
        return max(self.floor + self.slack, self.rest)

    def _exhausted(self, bound: float) -> None:
        """Bound what land beyond the room can add to a place that is at its best within it."""
        if math.isinf(self.cap):
            return
        found = self.room.solve(self.cap)
        self.cuts += 1
        value = self.cap * found.worth.benefit - found.worth.cost + found.rounding + self.hidden
        self.rest = max(self.rest, min(bound, (value + self.budget) / self.cap))

    def _cheapest(self) -> _Side | None:
        """Find the cheapest territory of what is open, if it is within the budget."""
        found = self.room.solve(0.0)
        side = _Side(found.worth, found.held)
        self._offer(side)
        return side if found.worth.cost - found.rounding <= self.budget else None

    def _branch(self, start: _Bracket) -> None:
        """Split the room, best bound first."""
        room = self.room
        queue: list[tuple[float, int, tuple[tuple[int, int], ...], float]] = []
        heapq.heappush(queue, (-start.bound, 0, (), start.mu))
        born = 0
        while queue:
            bound, _, decisions, mu = queue[0]
            self.bound = max(self.floor, self.rest, -bound)
            if -bound <= self._known():
                break
            if self.cuts >= self.limit:
                return
            heapq.heappop(queue)
            self.nodes += 1
            if not room.decide(decisions):
                continue
            found = self._bracket(mu, -bound)
            if found is None:
                continue
            node = self._split(found, decisions)
            for label in (HELD, LEFT):
                born -= 1
                heapq.heappush(queue, (-found.bound, born, (*decisions, (node, label)), found.mu))
        self._close()

    def _split(self, found: _Bracket, decisions: Sequence[tuple[int, int]]) -> int:
        """Choose what to decide next, between both sides.

        First cells on which no line may stand, for both ways of deciding one drag others along;
        then the dearest project; then cells. To hold one alone costs the line around it; to leave
        it alone costs the line of a hole, and what it earns: where the line is dear both branches
        lose by it, and so they do by cells that lie apart from those decided.
        """
        room, state = self.room, self.room.state
        for land in (found.above.held & ~found.below.held, found.above.held, None):
            nodes = room.open if land is None else room.root[land]
            nodes = nodes[state.label[nodes] == OPEN]
            cells = nodes[nodes < state.first.size]
            barred = cells[np.isinf(state.closure[cells])]
            if barred.size:
                return int(barred[self._apart(barred, decisions).argmax()])
            projects = nodes[nodes >= state.first.size]
            projects = projects[state.benefit[projects] > 0.0]
            if projects.size:
                return int(projects[state.benefit[projects].argmax()])
            if cells.size:
                alone = state.weight.sum() * state.closure[cells] + state.cost[cells]
                loss = alone - found.mu * state.benefit[cells]
                loss = np.where(loss > 0.0, loss * self._apart(cells, decisions), loss)
                return int(cells[loss.argmax()])
        return int(room.open[0])

    def _apart(
        self, place: NDArray[np.int32], decisions: Sequence[tuple[int, int]]
    ) -> NDArray[np.float64]:
        """Measure how far cells lie from the nearest that was decided, in cells, up to FAR."""
        state = self.room.state
        known = np.array([node for node, _ in decisions if node < state.first.size], np.int64)
        far = np.full(place.size, FAR)
        width = int(state.offset[-1] - 1) // 2  # the last neighbour is two rows down, one right
        row, col = np.divmod(place.astype(np.int64), width)
        for node in known.tolist():
            far = np.minimum(far, np.hypot(row - node // width, col - node % width))
        return far
