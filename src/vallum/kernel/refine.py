"""The refined chain: exact steps, and nested plans between those that lie far apart."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.errors import Fault, InfeasibleError, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.chain import Chain
from vallum.kernel.ladder import ladder
from vallum.kernel.refine_part import part
from vallum.kernel.refine_pool import CLOSE, Pool
from vallum.kernel.refine_reach import SMALL, TINY, Grounds, Reach, reach_of
from vallum.kernel.refine_within import (
    ENOUGH,
    Best,
    above,
    around,
    drawn_best,
    reaches_of,
    spread,
    within,
    within_each,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.kernel.cut import Frontier
    from vallum.kernel.territory import Instance

__all__ = ["Best", "refine", "within", "within_each"]

DEEPEST = 12  # times that one jump is parted
MOST = 12  # targets between two plans
LARGE = 300_000  # cells of a plan from which on nothing is searched: each frontier takes minutes
EFFORT = 0.1  # of a search for one budget, in filling a jump
WORTH = 0.05  # a jump of less benefit than this share of all is searched the less
PROOFS, MOST_CUTS = 100_000, 150  # nodes and cuts of the search for an un-nested bound
LANDS = 60  # territories by which a choice among costs is judged
SHORT = 100  # cuts by which a pool's best plan is bettered, where there is little land
ROUNDS = 3  # in which the best is looked around


@dataclass(frozen=True, eq=False)
class _Step:
    """A plan of the chain: its land by cell, its worth, its price (NaN where refined).

    `beyond` says what is known of the land up to the next step.
    """

    held: NDArray[np.bool_]
    benefit: float
    cost: float
    mu: float
    exact: bool
    beyond: str = ""


def refine(
    problem: Instance, found: Frontier, *, share: float = 0.05, at_cost: Sequence[float] = ()
) -> Chain:
    """Put the best nested plans between the steps of a frontier.

    Parameters
    ----------
    problem
        From `vallum.kernel.territory.instance`.
    found
        Its frontier, from `vallum.kernel.cut.solve`.
    share
        Neighbours are to differ by at most this share of what holding everything costs.
    at_cost
        Budgets, USD/yr, at each of which the chain is to have the best plan found. All are nested;
        where several fall between the same two steps, the first has the first choice.

    Returns
    -------
    Chain
        All exact steps as they are, and those found between them. `beyond` says of the land up to
        the next step: `near` (no further than `share`), `nothing` (proved: no plan between the two
        earns more than this one for less than the next), `limit` (the search found none).

    Raises
    ------
    InputError
        For a share outside (0, 1] and budgets that are no amounts.
    InfeasibleError
        For a budget below what the land that must be held costs.
    """
    faults = []
    if not 0.0 < share <= 1.0:
        faults.append(Fault("refine", "share", f"{share}", "give a share above 0 and up to 1"))
    if any(not (math.isfinite(cost) and cost >= 0.0) for cost in at_cost):
        mend = "give amounts of at least 0"
        faults.append(Fault("refine", "at_cost", f"{tuple(at_cost)}", mend))
    if faults:
        raise InputError(faults)
    steps = _exact(problem, found)
    if len(steps) == 1:
        return _table(problem, found, None, steps)
    must = bool(problem.must.any())
    if must and any(cost < steps[1].cost for cost in at_cost):
        text = f"the land that must be held costs {steps[1].cost:,.0f} USD/yr"
        raise InfeasibleError([Fault("refine", "at_cost", text, "give more, or hold less")])
    work = _Work(Grounds(problem), share * steps[-1].cost, found.total_benefit)
    chain = steps[:1]
    for upper in steps[1:]:
        if not (must and upper is steps[1]):  # nothing is allowed below what must be held
            wanted = [cost for cost in at_cost if chain[-1].cost <= cost < upper.cost]
            beyond, between = _jump(work, chain[-1], upper, wanted)
            chain[-1] = replace(chain[-1], beyond=beyond)
            chain += between
        chain.append(upper)
    return _table(problem, found, work, _rising(work, chain))


def _exact(problem: Instance, found: Frontier) -> list[_Step]:
    """Make the frontier's steps those of a chain, with the empty plan below them."""
    entry = found.entry.ravel()[problem.cells]
    steps = [_Step(np.zeros(entry.size, bool), 0.0, 0.0, math.nan, exact=False)]
    cost = (found.steps["holding"] + found.steps["closure"]).tolist()
    benefit, prices = found.steps["benefit"].tolist(), found.steps["mu"].tolist()
    for k, mu in enumerate(prices):
        held = (entry >= 0) & (entry <= k)
        steps.append(_Step(held, benefit[k], cost[k], mu, exact=True))
    return steps


class _Work(NamedTuple):
    """What filling the chain goes by: the ground, how near is near, all that can be earned."""

    grounds: Grounds
    apart: float
    whole: float


def _jump(work: _Work, lower: _Step, upper: _Step, wanted: list[float]) -> tuple[str, list[_Step]]:
    """Fill one jump of the frontier: first at the budgets wanted, then until steps are near."""
    if not wanted and upper.cost - lower.cost <= work.apart:
        return "near", []
    if int(upper.held.sum()) > LARGE:
        return "limit", []
    pool = _pool(work, lower, upper)
    if pool is not None:
        spread(pool, effort=1.0 if wanted else EFFORT * _weight(work, lower, upper))
        for cost in wanted:
            around(pool, cost)
    inside = [lower, upper]
    for cost in wanted:
        k = max(n for n, step in enumerate(inside) if step.cost <= cost)
        if k + 1 < len(inside):
            found, _ = _between(work, (inside[k], inside[k + 1]), cost, pool, short=False)
            inside[k + 1 : k + 1] = [found] if found else []
    filled: list[_Step] = []
    for low, high in pairwise(inside):
        beyond, steps = _fill(work, low, high, pool)
        filled += [replace(low, beyond=beyond), *steps]
    return filled[0].beyond, filled[1:]


def _pool(work: _Work, lower: _Step, upper: _Step, parent: Pool | None = None) -> Pool | None:
    """Begin a pool of the land between two plans, with what another one has of it; None if little.

    Costs of lines are submodular: what two territories have in common and what they make together
    cost no more than both.
    """
    if int((upper.held & ~lower.held).sum()) <= TINY:
        return None
    pool = Pool(part(work.grounds.problem, lower.held, upper.held))
    index = pool.part.index
    if parent is not None:
        land = np.zeros(lower.held.size, bool)
        for held in parent.lands():
            land[:] = False
            land[parent.part.index[held]] = True
            pool.offer((land | lower.held)[index])
    return pool


def _fill(
    work: _Work, lower: _Step, upper: _Step, parent: Pool | None, depth: int = 0
) -> tuple[str, list[_Step]]:
    """Put plans between two, until none lies between or neighbours are near; lowest first.

    Returns
    -------
    beyond, steps
        What is known of the land above the lower plan, and the plans between the two.
    """
    if upper.cost - lower.cost <= work.apart or depth >= DEEPEST:
        near = upper.cost - lower.cost <= work.apart
        return "near" if near else "limit", []
    pool = _pool(work, lower, upper, parent)
    step, closed = _between(work, (lower, upper), _target(work, lower, upper, pool), pool)
    if step is None:
        less = math.nextafter(upper.cost, 0.0)
        step, closed = _between(work, (lower, upper), less, pool)
    if step is None:
        return "nothing" if closed else "limit", []
    beyond, below = _fill(work, lower, step, pool, depth + 1)
    after, over = _fill(work, step, upper, pool, depth + 1)
    return beyond, [*below, replace(step, beyond=after), *over]


def _target(work: _Work, lower: _Step, upper: _Step, pool: Pool | None) -> float:
    """Choose a cost at which to put a plan between two.

    A plan binds all that are nested in it or around it. So of the costs that part the way evenly,
    that one is chosen whose plan leaves most for the others: what they have in common with it
    where they cost less, what they make with it where they cost more.
    """
    costs = _even(work, lower, upper)
    if pool is None or len(costs) <= 1:
        return (lower.cost + upper.cost) / 2.0
    thin = max(len(pool.cost) // LANDS, 1)
    lands = list(pool.lands())[::thin]
    left = []
    for cost in costs:
        number = pool.best(cost)
        if number < 0:
            continue
        own = pool.held(number)
        inner = [pool.weigh(own & land) for land in lands]
        outer = [pool.weigh(own | land) for land in lands]
        earned = pool.benefit[number]
        for other in costs:
            had = [lower.benefit if other < cost else pool.benefit[number]]
            had += [gain for paid, gain in (inner if other < cost else outer) if paid <= other]
            earned += max(had) if other != cost else 0.0
        left.append((earned, -cost))
    return -max(left)[1] if left else costs[len(costs) // 2]


def _weight(work: _Work, lower: _Step, upper: _Step) -> float:
    """Say how much of a search the land between two plans is worth, up to all of it.

    The chord is the greatest that can be gained halfway; where it is little, so is the search.
    """
    return min(1.0, (upper.benefit - lower.benefit) / (WORTH * work.whole or 1.0))


def _even(work: _Work, lower: _Step, upper: _Step) -> list[float]:
    """Part the way between two plans evenly, such that neighbours are near."""
    parts = min(math.ceil((upper.cost - lower.cost) / work.apart), MOST)
    return [lower.cost + (upper.cost - lower.cost) * k / parts for k in range(1, parts)]


def _between(
    work: _Work,
    ends: tuple[_Step, _Step],
    budget: float,
    pool: Pool | None,
    *,
    short: bool = True,
) -> tuple[_Step | None, bool]:
    """Find a plan that earns more than the lower end within a budget; whether all was searched."""
    lower, upper = ends
    problem = work.grounds.problem
    best: tuple[NDArray[np.bool_], float, float] | None = None
    closed = False
    if pool is not None:
        weight = _weight(work, lower, upper)
        for _ in range(math.ceil(weight * ROUNDS)):
            if not pool.near(budget, math.ceil(weight * len(CLOSE))):
                break
        drawn = drawn_best(problem, pool, budget)
        if drawn is not None:
            best = drawn[0], drawn[1].benefit, drawn[1].cost
    open_ = int((upper.held & ~lower.held).sum())
    if open_ <= SMALL:
        floor = -math.inf if best is None else best[1]
        # a budget that was asked for is searched as `within` does, to the same end
        reach = (
            Reach(upper.held, math.inf, 0.0)
            if short
            else reaches_of(problem, lower.held, upper.held, [budget])[0]
        )
        cuts = SHORT if short and open_ > TINY else None
        held, search = work.grounds.search(lower.held, reach, budget, cuts=cuts, floor=floor)
        closed = search.closed
        if held is not None and search.best is not None and search.best.worth.benefit > floor:
            best = held, *search.best.worth
    if best is None:
        return None, closed
    step = _Step(*best, mu=math.nan, exact=False)
    if (
        step.benefit <= lower.benefit
        or not lower.cost < step.cost < upper.cost
        or np.array_equal(step.held, upper.held)
    ):
        return None, closed
    return step, closed


def _rising(work: _Work, chain: list[_Step]) -> list[_Step]:
    """Leave out refined plans that cost no less than a later one."""
    kept: list[_Step] = []
    least = math.inf
    dropped = False
    for step in reversed(chain):
        if step.exact or step.cost < least or step is chain[0]:
            near = bool(kept) and kept[-1].cost - step.cost <= work.apart
            told = "near" if near else "limit"
            kept.append(replace(step, beyond=told) if dropped else step)
            least = min(least, step.cost)
            dropped = False
        else:
            dropped = True
    return kept[::-1]


def _table(problem: Instance, found: Frontier, work: _Work | None, chain: list[_Step]) -> Chain:
    """Count every step anew from the raster alone, and add what bounds it."""
    plans = chain[1:]  # the empty plan is no step
    entry = np.full(problem.cells.size, -1, np.int32)
    for k, step in reversed(list(enumerate(plans))):
        entry[step.held] = k
    steps = ladder(problem, entry, np.array([step.mu for step in plans], float))
    benefit = steps["benefit"].to_numpy(float)
    cost = (steps["holding"] + steps["closure"]).to_numpy(float)
    ceiling = np.array([found.ceiling(spent) for spent in cost.tolist()], float)
    ceiling = np.maximum(ceiling, benefit)  # rounding
    bound = ceiling.copy()
    beyond = [""] * len(plans)
    for k, step in enumerate(plans):
        if work is None:
            continue
        if not step.exact and ceiling[k] - benefit[k] > ENOUGH * work.whole:
            bound[k] = above(min(bound[k], _proved(work, found, step, cost[k])), benefit[k])
        if k + 1 < len(plans):
            beyond[k] = step.beyond
    raster = np.full(math.prod(problem.shape), -1, np.int32)
    raster[problem.cells] = entry
    table = steps.assign(
        kind=["exact" if step.exact else "refined" for step in plans],
        ceiling=ceiling,
        bound=bound,
        regret=bound - benefit,
        beyond=beyond,
    )
    return Chain(frozen(raster.reshape(problem.shape)), table)


def _proved(work: _Work, found: Frontier, step: _Step, cost: float) -> float:
    """Bound what any territory of a plan's cost could earn, nested or not."""
    problem = work.grounds.problem
    reach = reach_of(found, problem.cells, cost)
    cuts = min(PROOFS // max(int(reach.land.sum()), 1), MOST_CUTS)
    if cuts == 0:
        return math.inf
    _, search = work.grounds.search(problem.must, reach, cost, cuts=cuts, floor=step.benefit)
    return search.bound
