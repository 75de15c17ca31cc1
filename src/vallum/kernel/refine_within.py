"""Plans between the steps of the exact frontier: the best within a budget, nested in a chain.

The steps of a price have jumps, because a perimeter grows with the root of the area. Between two
of them no price finds anything; a search does (`vallum.kernel.refine_search`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InfeasibleError, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.gridcut import lay
from vallum.kernel.refine_room import Room
from vallum.kernel.refine_search import Search
from vallum.kernel.territory import Score, score

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from vallum.kernel.cut import Frontier
    from vallum.kernel.territory import Instance

__all__ = ["Best", "Grounds", "within"]

WORK = 400_000  # nodes that a search may cut in all, a cut of n nodes counted as n
FEWEST, MOST = 40, 600  # and its cuts, whatever the nodes


@dataclass(frozen=True, eq=False)
class Best:
    """The best territory found within a budget, and what none exceeds.

    Attributes
    ----------
    held
        The territory, shape (rows, cols), bool.
    score
        What it earns and costs.
    bound
        No territory between the same two and within the budget earns more, USD/yr.
    closed
        Whether `bound` is what it earns, but for rounding: it is then the best.
    cuts, nodes
        Minimum cuts made, and places that branch and bound looked at.
    """

    held: NDArray[np.bool_]
    score: Score
    bound: float
    closed: bool
    cuts: int
    nodes: int


class Grounds:
    """A problem laid out once, on which many searches run one after the other.

    Parameters
    ----------
    problem
        From `vallum.kernel.territory.instance`.
    """

    def __init__(self, problem: Instance) -> None:
        self.problem = problem
        self.room = Room(*lay(problem))

    def search(
        self,
        lower: NDArray[np.bool_],
        upper: NDArray[np.bool_],
        budget: float,
        *,
        cuts: int | None = None,
        floor: float = -math.inf,
    ) -> tuple[NDArray[np.bool_] | None, Search]:
        """Search between two territories, shape (cells,); neither may need a line that can't be.

        Parameters
        ----------
        lower, upper
            Land that is held in any case, and land that may be.
        budget
            USD/yr.
        cuts
            Most cuts; by default as many as fit into `WORK`.
        floor
            Benefit that is known to be had, USD/yr: only more is looked for.

        Returns
        -------
        held, search
            The best territory found, shape (cells,), None if there is none; what the search says.
        """
        room = self.room
        room.enter(lower, upper)
        limit = cuts
        if limit is None:
            limit = min(max(WORK // max(room.root.size, 1), FEWEST), MOST)
        search = Search(room, budget, cuts=limit, floor=floor)
        search.run()
        if search.best is None:
            return None, search
        held = lower.copy()
        chosen = np.zeros(room.state.label.size, bool)
        chosen[room.root[search.best.held]] = True
        held |= chosen[room.order[: lower.size]]
        return held, search


def within(
    problem: Instance,
    found: Frontier,
    budget: float,
    *,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    cuts: int | None = None,
) -> Best:
    """Find the best territory within a budget, between two territories.

    Parameters
    ----------
    problem
        From `vallum.kernel.territory.instance`.
    found
        Its frontier, whose ceiling is one more bound.
    budget
        USD/yr, of holding and closure together.
    lower, upper
        Land that must be held, and land that may be; bool, shape (rows, cols). By default what the
        problem says must be held, and all of its cells. Land that can't be left, or can't be
        held, since no line may stand there, is added and taken away.
    cuts
        Most minimum cuts that the search may make; by default as many as the land allows.

    Returns
    -------
    Best
        The territory, its score, and the bound.

    Raises
    ------
    InputError
        For a budget that is no amount, and masks of another shape or off the cells.
    InfeasibleError
        If nothing that holds `lower` is within the budget, or `lower` is not within `upper`.
    """
    least, most = _ends(problem, lower, upper)
    if math.isnan(budget) or budget < 0.0:
        mend = "give an amount of at least 0"
        raise InputError([Fault("within", "budget", f"{budget}", mend)])
    least, most = _sound(problem, least, most)
    held, search = Grounds(problem).search(least, most, budget, cuts=cuts)
    if held is None:
        text = f"no territory found within {budget:,.0f} USD/yr"
        mend = "hold less land, or spend more"
        raise InfeasibleError([Fault("within", "budget", text, mend)])
    mask = np.zeros(math.prod(problem.shape), bool)
    mask[problem.cells[held]] = True
    mask = mask.reshape(problem.shape)
    drawn = score(problem, mask)
    bound = max(min(search.bound, found.ceiling(budget)), drawn.benefit)
    return Best(frozen(mask), drawn, bound, search.closed, search.cuts, search.nodes)


def _ends(
    problem: Instance, lower: ArrayLike | None, upper: ArrayLike | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Check the masks and take them to the cells."""
    faults = []
    ends = []
    for name, mask, default in (
        ("lower", lower, problem.must),
        ("upper", upper, np.ones(problem.cells.size, bool)),
    ):
        if mask is None:
            ends.append(default.copy())
            continue
        grid = np.asarray(mask, bool)
        if grid.shape != problem.shape:
            mend = f"give shape {problem.shape}"
            faults.append(Fault("within", name, f"shape {grid.shape}", mend))
            continue
        chosen = grid.ravel()[problem.cells]
        if int(chosen.sum()) != int(grid.sum()):
            stray = int(grid.sum()) - int(chosen.sum())
            found = f"{stray} cells that can't be held"
            faults.append(Fault("within", name, found, "give cells of the problem only"))
        ends.append(chosen)
    if faults:
        raise InputError(faults)
    return ends[0] | problem.must, ends[1]


def _sound(
    problem: Instance, lower: NDArray[np.bool_], upper: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Add to the lower, and take from the upper, what no line may part from them."""
    if np.isinf(problem.closure).any():
        tail, head = problem.tail, problem.head
        rigid = np.isinf(problem.price)
        tail, head = tail[rigid], head[rigid]
        while not lower[head[lower[tail]]].all():
            lower[head[lower[tail]]] = True
        while not (upper[head] | ~upper[tail]).all():
            upper[tail[~upper[head]]] = False
    if (lower & ~upper).any():
        text = f"{int((lower & ~upper).sum())} cells that must be held can't be"
        raise InfeasibleError([Fault("within", "lower, upper", text, "allow what must be held")])
    return lower, upper
