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

from vallum.kernel.refine_region import shapes
from vallum.kernel.refine_room import HELD, LEFT, OPEN, Worth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from vallum.kernel.refine_room import Room

__all__ = ["Search"]

PRICES = 16  # most prices tried in one place: by then what is left of a gap is rounding
SMALL = 40  # open nodes from which on branching alone is not trusted to find good plans
ROUNDS = 3  # in which the best is joined with every seed
SPARE = 10  # cuts that are left to branching
SIZES = (0.1, 0.3)
DISCS = 16
NEAR = 1e-12  # of a sum: what compensated sums may err by, and more
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
    enough
        Land is exchanged only while more than this may be gained, USD/yr.
    seeds
        Territories to begin with, by node of the root; none may have a line where none may stand.
    """

    def __init__(
        self,
        room: Room,
        budget: float,
        *,
        cuts: int,
        floor: float = -math.inf,
        enough: float = 0.0,
        seeds: Iterable[NDArray[np.bool_]] = (),
    ) -> None:
        self.room, self.budget, self.limit = room, budget, cuts
        self.best: _Side | None = None
        self.floor, self.enough, self.seeds = floor, enough, seeds
        self.trail: dict[Worth, NDArray[np.uint8]] = {}  # all territories met, as bits
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
            self._grow(start)
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
        if above.worth.cost <= budget:
            return None  # benefit is never negative: all is the best
        nothing = _Side(room.weigh(whole=False), room.held())
        self._offer(nothing)
        below = nothing if nothing.worth.cost <= budget else None
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
            if room.root.size > SMALL:
                self.trail.setdefault(found.worth, np.packbits(found.held))
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

    def _grow(self, start: _Bracket) -> None:
        """Try the seeds, what they have in common with the best or add to it, then exchanges.

        Costs of lines are submodular: of two territories, union and intersection together cost no
        more than both.
        """
        seeds = list(self.seeds)
        cheapest, over = math.inf, None
        for held in seeds:
            side = self._try(held)
            if self.budget < side.worth.cost < cheapest:
                cheapest, over = side.worth.cost, side.held
        for _ in range(ROUNDS):
            before = self.best
            if before is None or start.bound <= self.floor + self.enough:
                break
            for held in seeds:
                self._try(before.held | held)
                self._try(before.held & held)
            if self.best is before:
                break
        if start.bound > self.floor + self.enough:
            self._exchange(start.mu, over)

    def _try(self, held: NDArray[np.bool_]) -> _Side:
        """Weigh a territory and offer it."""
        side = _Side(self.room.weigh_land(held), self.room.held())
        self._offer(side)
        return side

    def _exchange(self, mu: float, over: NDArray[np.bool_] | None) -> None:
        """Decide region after region of the best territory anew, until none gets better.

        One that costs too much is tried as well.
        """
        room = self.room
        regions = [field <= size for size in SIZES for field in shapes(room, discs=DISCS)]
        starts = [] if over is None else [over]
        before = None
        while True:
            if self.best is not None and self.best is not before:
                before = self.best
                held = self.best.held
            elif starts:
                held = starts.pop()
            else:
                return
            for region in regions:
                if self.cuts + SPARE >= self.limit:
                    return
                room.free(held, region)
                self._bracket(mu, math.inf)

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
