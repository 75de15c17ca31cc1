"""The land on which a search suffices, and a problem laid out for many searches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.kernel.gridcut import lay
from vallum.kernel.refine_room import Room
from vallum.kernel.refine_search import Search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.cut import Frontier
    from vallum.kernel.territory import Instance

__all__ = ["SMALL", "TINY", "Grounds", "Reach", "reach_of"]

SMALL = 400  # nodes of a room that branching alone is trusted with, in as many cuts as it takes
TINY = 40  # cells from which on branching alone is not trusted to find good plans
PLENTY = 2_000
NODES = 800_000  # nodes to cut in the search of a larger room
FEWEST, MOST = 20, 200  # cuts of it, however many the nodes, and however few
FREE = 2.0  # dearest price asked, as a multiple of the one at which the budget is reached


class Reach(NamedTuple):
    """Land on which a search suffices, by cell: that of the optimum at the price `cap`.

    `hidden` is what rounding can have cost that optimum, USD/yr.
    """

    land: NDArray[np.bool_]
    cap: float
    hidden: float


def reach_of(found: Frontier, cells: NDArray[np.int64], budget: float) -> Reach:
    """Choose the step of a frontier on whose land a search within a budget suffices.

    Let S be an optimum at the price κ. Decide only cells of S, and ask no price above κ. For any
    territory T that obeys the decisions so does T ∩ S, and since `μ B − C` is supermodular and B
    never falls, `μ B − C` of T ∩ S is no less than that of T at every μ ≤ κ. So the bound that a
    price gives on the land of S alone holds for all territories.

    Parameters
    ----------
    found
        The frontier.
    cells
        Flat grid index of each cell, shape (cells,).
    budget
        USD/yr.

    Returns
    -------
    Reach
        Its land by cell. All land where there is little, or where the budget lies
        near the frontier's end.
    """
    steps = found.steps
    cost = (steps["holding"] + steps["closure"]).to_numpy()
    prices = steps["mu"].to_numpy()
    after = np.flatnonzero(cost > budget)
    step = len(steps) - 1
    if after.size and cells.size > SMALL:
        free = np.flatnonzero(prices >= FREE * prices[after[0]])
        step = int(free[0]) if free.size else step
    entry = found.entry.ravel()[cells]
    cap = float(prices[step]) if step < len(steps) - 1 else math.inf
    return Reach((entry >= 0) & (entry <= step), cap, found.rounding_usd_yr)


class Grounds:
    """A problem laid out once, on which many searches run one after the other.

    Territories are by cell, shape (cells,).

    Parameters
    ----------
    problem
        From `vallum.kernel.territory.instance`.
    """

    def __init__(self, problem: Instance) -> None:
        self.problem = problem
        self.room = Room(*lay(problem))
        self.number = np.zeros(self.room.state.label.size, np.int64)
        self.number[self.room.order] = np.arange(self.room.order.size)

    def search(
        self,
        lower: NDArray[np.bool_],
        reach: Reach,
        budget: float,
        *,
        cuts: int | None = None,
        floor: float = -math.inf,
    ) -> tuple[NDArray[np.bool_] | None, Search]:
        """Search between two territories; neither may need a line that can't be.

        Parameters
        ----------
        lower
            Land that is held in any case.
        reach
            Land that may be.
        budget
            USD/yr.
        cuts
            Most cuts; by default as many as suit the land.
        floor
            As for `Search`.

        Returns
        -------
        held, search
            The best territory found, None if there is none; what the search says.
        """
        room = self.room
        room.enter(lower, reach.land)
        if cuts is None:
            cuts = min(max(NODES // max(room.root.size, 1), FEWEST), MOST)
            cuts = PLENTY if room.root.size <= SMALL else cuts
        search = Search(room, budget, cuts=cuts, floor=floor, cap=reach.cap, hidden=reach.hidden)
        search.run()
        if search.best is None:
            return None, search
        held = np.zeros(room.order.size, bool)
        held[: lower.size] = lower
        held[self.number[room.root[search.best.held]]] = True
        return held[: lower.size], search
