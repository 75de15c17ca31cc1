"""The best plan within a budget, between two territories, and what none exceeds.

The steps of a price have jumps, because a perimeter grows with the root of the area. Between two
of them no price finds anything. Two things do: frontiers of bent problems find territories
(`vallum.kernel.refine_pool`), and branch and bound proves how much better any could be
(`vallum.kernel.refine_search`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import CertificateError, Fault, InfeasibleError, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.cut import solve
from vallum.kernel.refine_part import part
from vallum.kernel.refine_pool import Pool
from vallum.kernel.refine_reach import TINY, Grounds, Reach, reach_of
from vallum.kernel.territory import Score, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from vallum.kernel.cut import Frontier
    from vallum.kernel.territory import Instance

__all__ = ["ENOUGH", "Best", "above", "around", "drawn_best", "reaches_of", "spread", "within",
           "within_each"]  # fmt: skip

WIDE = 500_000  # nodes of the frontiers that bend around places
LOCAL = 100_000  # and of those that bend around the best of one budget
FEW, MANY = 6, 144  # and how many such frontiers, however large the part
BESIDE = (0.9, 1.1)  # of a budget: what is good there is near what is good here
ROUNDS = 6  # in which the best is looked around
ENOUGH = 0.001  # of all that can be earned: what may be missing without a search
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


def spread(pool: Pool, *, effort: float = 1.0) -> None:
    """Fill a pool from many places.

    Parameters
    ----------
    pool
        To which territories are added.
    effort
        A share of the usual number of frontiers.
    """
    count = int(effort * WIDE) // max(pool.part.problem.cells.size, 1)
    pool.spread(min(max(count, FEW), max(math.ceil(effort * MANY), FEW)))


def around(pool: Pool, budget: float) -> None:
    """Look around the best of a budget, and of those beside it, until it gets no better.

    Parameters
    ----------
    pool
        To which territories are added.
    budget
        USD/yr.
    """
    count = min(max(LOCAL // max(pool.part.problem.cells.size, 1), FEW), MANY)
    for part_of_it in BESIDE:
        pool.near(budget * part_of_it, count)
    for _ in range(ROUNDS):
        if not pool.near(budget, count):
            break
    if pool.nudge(budget, count):
        pool.near(budget, count)


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
        Most minimum cuts that branch and bound may make; by default as many as the land allows.

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
    return within_each(problem, found, [budget], lower=lower, upper=upper, cuts=cuts)[0]


def within_each(
    problem: Instance,
    found: Frontier,
    budgets: Sequence[float],
    *,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    cuts: int | None = None,
) -> list[Best]:
    """Find the best territory within each of several budgets; what one meets serves all.

    Parameters
    ----------
    problem, found, lower, upper, cuts
        As for `within`.
    budgets
        USD/yr each.

    Returns
    -------
    list of Best
        In the order of the budgets.

    Raises
    ------
    InputError, InfeasibleError
        As `within` does.
    """
    least, most = _ends(problem, lower, upper)
    mend = "give an amount of at least 0"
    wrong = [budget for budget in budgets if math.isnan(budget) or budget < 0.0]
    if wrong:
        raise InputError([Fault("within", "budget", f"{budget}", mend) for budget in wrong])
    least, most = _sound(problem, least, most)
    whole = found if lower is None and upper is None else None
    reaches = reaches_of(problem, least, most, budgets, whole=whole)
    pools = _pools(problem, found, least, reaches, budgets) if cuts is None else {}
    grounds = Grounds(problem)
    return [
        _best(grounds, found, least, reach, budget, pools.get(reach.land.tobytes()), cuts)
        for reach, budget in zip(reaches, budgets, strict=True)
    ]


def reaches_of(
    problem: Instance,
    lower: NDArray[np.bool_],
    upper: NDArray[np.bool_],
    budgets: Sequence[float],
    *,
    whole: Frontier | None = None,
) -> list[Reach]:
    """Say for each budget on which land between two territories a search suffices.

    Parameters
    ----------
    problem, budgets
        As for `within_each`.
    lower, upper
        Land that is held and that may be, by cell; neither may need a line that can't be.
    whole
        The problem's own frontier, where all of it may be held; that of the land between the two
        is found otherwise.
    """
    if not upper.any():
        return [Reach(upper, math.inf, 0.0) for _ in budgets]
    index, inner = np.arange(upper.size), whole
    if inner is None:
        between = part(problem, lower, upper)
        index, inner = between.index, solve(between.problem)
    reaches = []
    for budget in budgets:
        near = reach_of(inner, problem.cells[index], budget)
        land = np.zeros(upper.size, bool)
        land[index[near.land]] = True
        reaches.append(Reach(land, near.cap, near.hidden))
    return reaches


def _pools(
    problem: Instance,
    found: Frontier,
    lower: NDArray[np.bool_],
    reaches: list[Reach],
    budgets: Sequence[float],
) -> dict[bytes, Pool]:
    """Fill a pool for each land that is too large for branching, where a budget asks for it."""
    pools: dict[bytes, Pool] = {}
    spread_out = set()
    for reach, budget in zip(reaches, budgets, strict=True):
        if int((reach.land & ~lower).sum()) <= TINY:
            continue
        key = reach.land.tobytes()
        if key not in pools:
            pools[key] = Pool(part(problem, lower, reach.land))
        pool = pools[key]
        if _missing(pool, found, budget) and key not in spread_out:
            spread(pool)
            spread_out.add(key)
        if _missing(pool, found, budget):
            around(pool, budget)
    return pools


def _missing(pool: Pool, found: Frontier, budget: float) -> bool:
    """Say whether the best of a budget may miss anything worth looking for."""
    number = pool.best(budget)
    had = pool.benefit[number] if number >= 0 else 0.0
    return found.ceiling(budget) - had > ENOUGH * found.total_benefit


def _best(
    grounds: Grounds,
    found: Frontier,
    lower: NDArray[np.bool_],
    reach: Reach,
    budget: float,
    pool: Pool | None,
    cuts: int | None,
) -> Best:
    """Take the best of a pool, and prove how much better any could be."""
    problem = grounds.problem
    held, floor = None, -math.inf
    least = _drawn(problem, lower)
    if least.cost <= budget:  # maybe by the last digit, which other sums miss
        held, floor = lower, least.benefit
    pooled = None if pool is None else drawn_best(problem, pool, budget)
    if pooled is not None and pooled[1].benefit > floor:
        held, floor = pooled[0], pooled[1].benefit
    better, search = grounds.search(lower, reach, budget, cuts=cuts, floor=floor)
    if better is not None and search.best is not None and search.best.worth.benefit > floor:
        held = better
    if held is None:
        text = f"no territory found within {budget:,.0f} USD/yr"
        mend = "hold less land, or spend more"
        raise InfeasibleError([Fault("within", "budget", text, mend)])
    drawn = _drawn(problem, held)
    bound = above(min(search.bound, found.ceiling(budget)), drawn.benefit)
    mask = frozen(_mask(problem, held))
    return Best(mask, drawn, bound, search.closed, search.cuts, search.nodes)


def drawn_best(
    problem: Instance, pool: Pool, budget: float
) -> tuple[NDArray[np.bool_], Score] | None:
    """Find the best of a pool within a budget by the frontier's own yardstick.

    The pool's sums are rounded; here they are not.

    Parameters
    ----------
    problem
        The whole, of which the pool's land is a part.
    pool, budget
        Territories, and USD/yr.

    Returns
    -------
    held, score
        By cell of the whole; None if none is within the budget.
    """
    number = pool.best(budget)
    while number >= 0:
        held = np.zeros(problem.cells.size, bool)
        held[pool.part.index[pool.held(number)]] = True
        drawn = _drawn(problem, held)
        if drawn.cost <= budget:
            return held, drawn
        number -= 1
    return None


def _mask(problem: Instance, held: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Draw a territory on the grid."""
    mask = np.zeros(math.prod(problem.shape), bool)
    mask[problem.cells[held]] = True
    return mask.reshape(problem.shape)


def _drawn(problem: Instance, held: NDArray[np.bool_]) -> Score:
    """Score a territory by the yardstick of the frontier."""
    return score(problem, _mask(problem, held))


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
