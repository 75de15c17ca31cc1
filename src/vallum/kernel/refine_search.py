"""The best territory of a room within a budget: exchanges of land, then branch and bound.

Both rest on one step. At a price μ the cut gives the territory that maximises `μ B − C`, and with
it a bound on every other: `B ≤ (max (μ B − C) + budget) / μ`, least where the best below the budget
and the best above it are worth the same (Lagrange; Geoffrion 1974).
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.kernel.refine_region import regions
from vallum.kernel.refine_room import HELD, LEFT, OPEN, Worth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.refine_room import Room

__all__ = ["Search"]

PRICES = 16  # most prices tried in one place: by then what is left of a gap is rounding
SMALL = 40  # open nodes from which on branching alone is not trusted to find good plans
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
    """

    def __init__(self, room: Room, budget: float, *, cuts: int, floor: float = -math.inf) -> None:
        self.room, self.budget, self.limit = room, budget, cuts
        self.best: _Side | None = None
        self.floor = floor
        self.cuts = self.nodes = 0
        self.bound = math.inf
        self.closed = False
        self.dearest = math.inf

    def run(self) -> None:
        """Search until it is proved that nothing is better, or the cuts are spent.

        `best` is then the best territory found, None if there is none, `bound` what none exceeds.
        """
        room = self.room
        room.decide(())
        whole = room.weigh(whole=True)
        self.slack = SLACK * abs(whole.benefit)
        start = self._bracket(self._chord(whole), math.inf)
        if start is None:
            self._close()
            return
        self.bound = start.bound
        if room.root.size > SMALL:
            self._exchange(start, spare=self.limit // 4)
        self._branch(start)

    def _chord(self, whole: Worth) -> float:
        """Price at which all and nothing of the room are worth the same."""
        room = self.room
        nothing = room.weigh(whole=False)
        gained, spent = whole.benefit - nothing.benefit, whole.cost - nothing.cost
        return spent / gained if gained > 0.0 and spent > 0.0 else 0.0

    def _close(self) -> None:
        """Note that nothing is left to search."""
        self.closed = True
        self.bound = max(self.floor, self.best.worth.benefit if self.best else -math.inf)

    def _offer(self, side: _Side) -> None:
        """Keep a territory if it is within the budget and better than the best one."""
        worth = side.worth
        if worth.cost > self.budget:
            return
        best = self.best.worth if self.best else Worth(-math.inf, math.inf)
        if (worth.benefit, -worth.cost) > (best.benefit, -best.cost):
            self.best = side
            self.floor = max(self.floor, worth.benefit)

    def _bracket(self, mu: float, bound: float) -> _Bracket | None:
        """Find the best price of what is open; None if nothing better can be there."""
        room, budget = self.room, self.budget
        above = _Side(room.weigh(whole=True), room.held())
        self._offer(above)
        if above.worth.cost <= budget:
            return None  # benefit is never negative: all is the best
        below: _Side | None = _Side(room.weigh(whole=False), room.held())
        if below is not None and below.worth.cost > budget:
            below = None
        else:
            self._offer(below)
        bound = min(bound, above.worth.benefit)
        for _ in range(PRICES):
            if bound <= self.floor + self.slack or self.cuts >= self.limit:
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
            value = mu * side.worth.benefit - side.worth.cost + found.rounding
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
            if gained <= 0.0:
                return None  # `below` earns all that `above` does
            chord = (above.worth.cost - below.worth.cost) / gained
            if chord == mu or (mu > 0.0 and value - max(ends) <= 2.0 * found.rounding):
                break
            mu = chord
        if bound <= self.floor + self.slack:
            return None
        return _Bracket(bound, mu, below, above) if below else None

    def _cheapest(self) -> _Side | None:
        """Find the cheapest territory of what is open, if it is within the budget."""
        found = self.room.solve(0.0)
        side = _Side(found.worth, found.held)
        self._offer(side)
        return side if found.worth.cost - found.rounding <= self.budget else None

    def _exchange(self, start: _Bracket, *, spare: int) -> None:
        """Decide region after region of the best territory anew, until none gets better."""
        room = self.room
        everything = np.ones(room.root.size, bool)
        begun = [everything] if self.best is None else [self.best.held, everything]
        shapes = regions(room)
        while begun:
            held, before = begun.pop(0), self.best
            for region in shapes:
                if self.cuts + spare >= self.limit:
                    return
                room.free(held, region)
                self._bracket(start.mu, math.inf)
            if not begun and self.best is not None and self.best is not before:
                begun = [self.best.held]

    def _branch(self, start: _Bracket) -> None:
        """Split the room by projects, then by cells, best bound first."""
        room = self.room
        queue: list[tuple[float, int, tuple[tuple[int, int], ...], float]] = []
        heapq.heappush(queue, (-start.bound, 0, (), start.mu))
        born = 0
        while queue:
            bound, _, decisions, mu = queue[0]
            self.bound = max(self.floor, -bound)
            if -bound <= self.floor + self.slack:
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
            node = self._split(found)
            for label in (HELD, LEFT):
                born -= 1
                heapq.heappush(queue, (-found.bound, born, (*decisions, (node, label)), found.mu))
        self._close()

    def _split(self, found: _Bracket) -> int:
        """Choose what to decide next: the dearest project between both sides, else a cell."""
        room, state = self.room, self.room.state
        for land in (found.above.held & ~found.below.held, found.above.held, None):
            nodes = room.open if land is None else room.root[land]
            nodes = nodes[state.label[nodes] == OPEN]
            projects = nodes[nodes >= state.first.size]
            for some in (projects[state.benefit[projects] > 0.0], nodes[nodes < state.first.size]):
                if some.size:
                    return int(some[state.benefit[some].argmax()])
        return int(room.open[0])
