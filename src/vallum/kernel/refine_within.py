"""Plans between the steps of the exact frontier: the best within a budget, nested in a chain.

The steps of a price have jumps, because a perimeter grows with the root of the area. Between two
of them no price finds anything; a search does (`vallum.kernel.refine_search`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import CertificateError, Fault, InfeasibleError, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.gridcut import lay
from vallum.kernel.refine_region import sweep
from vallum.kernel.refine_room import Room
from vallum.kernel.refine_search import Search
from vallum.kernel.territory import Score, score

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from vallum.kernel.cut import Frontier
    from vallum.kernel.territory import Instance

__all__ = ["PLENTY", "Best", "Grounds", "above", "within"]

SEARCH, SWEEP = 400_000, 1_200_000  # nodes to cut, in one search and in looking for its seeds
FEWEST = 30  # cuts of either, however many the nodes
MOST, SWEEPS = 200, 520  # and however few
SMALL = 400  # nodes of a room in which branching may get far, with as many cuts as it takes
PLENTY = 4_000
ROUNDING = 1e-9  # of a benefit: what its bound may miss it by


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

    Territories are by cell, shape (cells,), and as bits where many are kept.

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

    def seeds(
        self, lower: NDArray[np.bool_], upper: NDArray[np.bool_], *, effort: float = 1.0
    ) -> list[NDArray[np.uint8]]:
        """Find territories between two to begin searches with; none if there is little land.

        `effort` is a share of the usual number of cuts.
        """
        room = self.room
        room.enter(lower, upper)
        if room.root.size <= SMALL:
            return []
        cuts = min(max(int(effort * SWEEP) // room.root.size, FEWEST), SWEEPS)
        return [np.packbits(self._land(lower, held)) for held in sweep(room, cuts)]

    def search(  # noqa: PLR0913  (the ends, the budget, and each limit of the search, named)
        self,
        lower: NDArray[np.bool_],
        upper: NDArray[np.bool_],
        budget: float,
        *,
        cuts: int | None = None,
        most: int = PLENTY,
        floor: float = -math.inf,
        enough: float = 0.0,
        seeds: list[NDArray[np.uint8]] | None = None,
    ) -> tuple[NDArray[np.bool_] | None, Search]:
        """Search between two territories; neither may need a line that can't be.

        Parameters
        ----------
        lower, upper
            Land that is held in any case, and land that may be.
        budget
            USD/yr.
        cuts, most
            Most cuts; by default as many as suit the land, and no more than `most`.
        floor, enough
            As for `Search`.
        seeds
            Territories to begin with; what lies outside the ends is left out. What the search
            meets is added.

        Returns
        -------
        held, search
            The best territory found, None if there is none; what the search says.
        """
        room = self.room
        room.enter(lower, upper)
        if cuts is None:
            cuts = min(max(SEARCH // max(room.root.size, 1), FEWEST), MOST)
            cuts = min(PLENTY if room.root.size <= SMALL else cuts, most)
        number, count = self.number[room.root], self.room.order.size
        begin = (np.unpackbits(seed, count=count)[number] == 1 for seed in seeds or ())
        search = Search(room, budget, cuts=cuts, floor=floor, enough=enough, seeds=begin)
        search.run()
        if seeds is not None:
            for bits in search.trail.values():
                held = np.unpackbits(bits, count=room.root.size).astype(bool)
                seeds.append(np.packbits(self._land(lower, held)))
        if search.best is None:
            return None, search
        return self._land(lower, search.best.held)[: lower.size], search

    def _land(self, lower: NDArray[np.bool_], held: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Take a territory from nodes of the root to all nodes in order, what is below included."""
        land = np.zeros(self.room.order.size, bool)
        land[: lower.size] = lower
        land[self.number[self.room.root[held]]] = True
        return land


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
    grounds = Grounds(problem)
    seeds = grounds.seeds(least, most) if cuts is None else None
    held, search = grounds.search(least, most, budget, cuts=cuts, seeds=seeds)
    if held is None:
        text = f"no territory found within {budget:,.0f} USD/yr"
        mend = "hold less land, or spend more"
        raise InfeasibleError([Fault("within", "budget", text, mend)])
    mask = np.zeros(math.prod(problem.shape), bool)
    mask[problem.cells[held]] = True
    mask = mask.reshape(problem.shape)
    drawn = score(problem, mask)
    bound = above(min(search.bound, found.ceiling(budget)), drawn.benefit)
    return Best(frozen(mask), drawn, bound, search.closed, search.cuts, search.nodes)


def above(bound: float, benefit: float) -> float:
    """Lift a bound over what rounding hides.

    Raises
    ------
    CertificateError
        If the benefit is more than that beyond it: then one of the two is wrong.
    """
    if benefit > bound + ROUNDING * abs(benefit):
        raise CertificateError(f"a plan earns {benefit!r}, more than its bound {bound!r}")
    return float(max(bound, benefit))


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
