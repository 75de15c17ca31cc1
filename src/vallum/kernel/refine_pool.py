"""Many territories between two, at all costs at once: whole frontiers of problems that are bent.

Between two steps of a price nothing is found, since what is gained grows faster than what it costs
until all of it is held. A penalty that grows with the distance from somewhere bends that back: the
frontier of the bent problem has steps where the true one jumps, and each is a territory that the
true problem scores. One such frontier costs little more than a cut.
"""

from __future__ import annotations

import bisect
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import distance_transform_edt

from vallum.kernel.arrays import sum_by
from vallum.kernel.cut import solve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vallum.kernel.refine_part import Part

__all__ = ["Pool"]

STEEP = (0.5, 2.0, 0.2, 1.0, 4.0)  # of all the part's cost, that a penalty comes to
CLOSE = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # of a cell's mean worth, by cell of distance
PLACES = 24
NUDGE = 0.1  # as CLOSE, while one place is favoured or not
REACH = (8.0, 16.0)  # cells
STEP = 0.003  # resolution of a bent frontier


class Pool:
    """Territories of a part of which none both costs less and earns as much as another.

    Parameters
    ----------
    part
        From `vallum.kernel.refine_part.part`.
    """

    def __init__(self, part: Part) -> None:
        self.part = part
        self.cost: list[float] = []
        self.benefit: list[float] = []
        self._bits: list[NDArray[np.uint8]] = []
        row, col = np.divmod(part.problem.cells, part.problem.shape[1])
        self._row, self._col = row, col
        owned = [cells for _, cells in part.problem.projects]
        self._value = np.array([value for value, _ in part.problem.projects], float)
        self._owned = np.concatenate([np.zeros(0, np.int64), *owned]).astype(np.int64)
        self._first = np.cumsum([0, *(cells.size for cells in owned)])[:-1]
        self._shape = (int(np.ptp(row)) + 1, int(np.ptp(col)) + 1)
        self._flat = (row - row.min()) * self._shape[1] + (col - col.min())
        self.bend(part.problem.holding, part.problem.benefit)

    def best(self, budget: float) -> int:
        """Find the number of the best territory within a budget; −1 if none is."""
        return bisect.bisect_right(self.cost, budget) - 1

    def held(self, number: int) -> NDArray[np.bool_]:
        """Give the land of a territory, by cell of the part."""
        cells = self.part.problem.cells.size
        return np.unpackbits(self._bits[number], count=cells).astype(bool)

    def lands(self) -> Iterator[NDArray[np.bool_]]:
        """Give the land of all its territories, the cheapest first, by cell of the part."""
        for number in range(len(self.cost)):
            yield self.held(number)

    def bend(self, holding: NDArray[np.float64], benefit: NDArray[np.float64]) -> None:
        """Add the steps of the frontier with other holding costs and benefits by cell."""
        true = self.part.problem
        found = solve(replace(true, holding=holding, benefit=benefit), step=STEP)
        entry = found.entry.ravel()[true.cells]
        in_, count = entry >= 0, len(found.steps)
        spent = (found.steps["holding"] + found.steps["closure"]).to_numpy()
        more = sum_by(entry[in_], (holding - true.holding)[in_], count)
        extra = sum_by(entry[in_], (benefit - true.benefit)[in_], count)
        cost = spent - np.cumsum(more)
        earned = found.steps["benefit"].to_numpy() - np.cumsum(extra)
        for step in range(count):
            at = self._place(float(cost[step]), float(earned[step]))
            if at is not None:
                self._put(at, float(cost[step]), float(earned[step]), in_ & (entry <= step))

    def offer(self, held: NDArray[np.bool_]) -> None:
        """Add a territory, by cell of the part, none of whose line is barred."""
        cost, earned = self.weigh(held)
        at = self._place(cost, earned)
        if at is not None:
            self._put(at, cost, earned, held)

    def weigh(self, held: NDArray[np.bool_]) -> tuple[float, float]:
        """Sum what a territory costs and earns, by cell of the part; rounded."""
        problem = self.part.problem
        crossed = held[problem.tail] & ~held[problem.head]
        cost = problem.holding[held].sum() + problem.border[held].sum()
        earned = problem.benefit[held].sum()
        if self._value.size:
            whole = np.logical_and.reduceat(held[self._owned], self._first)
            earned += sum(self._value[whole].tolist())
        return float(cost + problem.price[crossed].sum()), float(earned)

    def spread(self, families: int) -> None:
        """Bend by distances: from what must be held, and from places spread over the land.

        Parameters
        ----------
        families
            How many frontiers to find, at most.
        """
        problem = self.part.problem
        fields = self._fields()
        done = 0
        for shift in range(len(STEEP)):
            for number, field in enumerate(fields):
                total = float(field.sum())
                if done >= families:
                    return
                if total > 0.0:
                    steep = STEEP[(number + shift) % len(STEEP)]
                    done += 1
                    holding = problem.holding + field * (steep * self._whole / total)
                    self.bend(holding, problem.benefit)

    def near(self, budget: float, families: int) -> bool:
        """Bend such that land near the best territory of a budget is favoured; whether it helped.

        What is far outside costs more and what is deep inside earns more, so that steps of the
        bent frontier differ from that territory a little, and all of them are tried at once.
        """
        before = self._mark(budget)
        for close in CLOSE[:families]:
            bent = self._around(budget, close)
            if bent is not None:
                self.bend(*bent)
        return self._mark(budget) != before

    def nudge(self, budget: float, families: int) -> bool:
        """Favour or burden one place after the other, near the best territory; whether it helped.

        Parameters
        ----------
        budget
            USD/yr.
        families
            How many frontiers to find, at most.
        """
        before = self._mark(budget)
        done = 0
        for place in self._places(PLACES):
            for reach in REACH:
                for favour in (True, False):
                    bent = self._around(budget, NUDGE)
                    if done >= families or bent is None:
                        return self._mark(budget) != before
                    done += 1
                    about = np.exp(-((self._from(place) / reach) ** 2))
                    holding, benefit = bent
                    cost, earned = self._means(budget)
                    if favour:
                        self.bend(holding, benefit + 0.7 * earned * about)
                    else:
                        self.bend(holding + 0.7 * cost * about, benefit)
        return self._mark(budget) != before

    def _fields(self) -> list[NDArray[np.float64]]:
        """Measure distances: from what is held, from one place, from one of two, from several."""
        fields = [self._away(self.part.problem.must)] if self.part.problem.must.any() else []
        ways = [self._from(place) for place in self._places(PLACES)]
        for number, way in enumerate(ways):
            fields.append(way)
            if number:
                fields.append(np.minimum(ways[0], way))
            if number > 1:
                fields.append(np.min(ways[: number + 1], axis=0))
        return fields

    @property
    def _whole(self) -> float:
        """What all of the part costs more than what must be held."""
        return self.cost[-1] - self.cost[0] if self._bits else 0.0

    def _place(self, cost: float, benefit: float) -> tuple[int, int] | None:
        """Say whom a territory replaces (from, to); None if one that is there is as good."""
        last = bisect.bisect_right(self.cost, cost)
        if last and self.benefit[last - 1] >= benefit:
            return None
        first = bisect.bisect_left(self.cost, cost)
        while last < len(self.cost) and self.benefit[last] <= benefit:
            last += 1
        return first, last

    def _put(
        self, at: tuple[int, int], cost: float, benefit: float, held: NDArray[np.bool_]
    ) -> None:
        """Keep a territory in the place of those that it beats."""
        own = slice(*at)
        self.cost[own], self.benefit[own] = [cost], [benefit]
        self._bits[own] = [np.packbits(held)]

    def _mark(self, budget: float) -> float:
        """Say what the best territory of a budget earns."""
        number = self.best(budget)
        return self.benefit[number] if number >= 0 else -math.inf

    def _means(self, budget: float) -> tuple[float, float]:
        """Cost and benefit of the best territory, by cell of it."""
        number = self.best(budget)
        cells = max(int(self.held(number).sum()), 1)
        return self.cost[number] / cells, self.benefit[number] / cells

    def _around(
        self, budget: float, close: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Bend holding and benefit towards the best territory; None if that is none, or all."""
        number = self.best(budget)
        if number < 0:
            return None
        held = self.held(number)
        if held.all() or not held.any():
            return None
        cost, earned = self._means(budget)
        problem = self.part.problem
        holding = problem.holding + close * cost * self._away(held)
        return holding, problem.benefit + close * earned * self._deep(held)

    def _away(self, land: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Distance from some of the part's land, in cells; 0 on it."""
        grid = np.ones(math.prod(self._shape), bool)
        grid[self._flat[land]] = False
        away: NDArray[np.float64] = distance_transform_edt(grid.reshape(self._shape))
        flat: NDArray[np.float64] = away.ravel()[self._flat]
        return flat

    def _deep(self, land: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Distance from all else, in cells; 0 off the land."""
        grid = np.zeros(math.prod(self._shape), bool)
        grid[self._flat[land]] = True
        deep: NDArray[np.float64] = distance_transform_edt(grid.reshape(self._shape))
        flat: NDArray[np.float64] = deep.ravel()[self._flat]
        return flat

    def _from(self, place: int) -> NDArray[np.float64]:
        """Distance from a cell, in cells."""
        row, col = self._row - self._row[place], self._col - self._col[place]
        away: NDArray[np.float64] = np.hypot(row, col)
        return away

    def _places(self, count: int) -> list[int]:
        """Choose cells to begin from: the one that earns most, then such as are far and rich."""
        problem = self.part.problem
        worth = problem.benefit.copy()
        for value, cells in problem.projects:
            worth[cells] += value / len(cells)
        worth[problem.must] = 0.0
        if not worth.any():
            return []
        places = [int(worth.argmax())]
        far = self._from(places[0])
        while len(places) < count:
            rank = far * np.sqrt(worth)
            place = int(rank.argmax())
            if rank[place] <= 0.0:
                break
            places.append(place)
            far = np.minimum(far, self._from(place))
        return places
