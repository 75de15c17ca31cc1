"""The refined chain: exact steps, and nested plans between those that lie far apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.errors import Fault, InfeasibleError, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.chain import Chain
from vallum.kernel.ladder import ladder
from vallum.kernel.refine_within import PLENTY, Best, Grounds, above, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.kernel.cut import Frontier
    from vallum.kernel.territory import Instance

__all__ = ["Best", "refine", "within"]

DEEPEST = 12  # times that one jump is halved
ENOUGH = 0.001  # of all that can be earned: land is exchanged only where more may be gained
WORTH = 0.05  # a jump of less benefit than this share of all is swept the less
MOST = 150  # cuts in one search
PROOFS = 100_000  # nodes that the search for an un-nested bound may cut


@dataclass(frozen=True, eq=False)
class _Step:
    """A plan of the chain: its land by cell, its worth, its price; NaN where refined."""

    held: NDArray[np.bool_]
    benefit: float
    cost: float
    mu: float
    exact: bool


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
    work = _Work(Grounds(problem), share * steps[-1].cost, found.total_benefit, set())
    chain = steps[:1]
    for upper in steps[1:]:
        if not (must and upper is steps[1]):  # nothing is allowed below what must be held
            wanted = [cost for cost in at_cost if chain[-1].cost <= cost < upper.cost]
            chain += _jump(work, chain[-1], upper, wanted)
        chain.append(upper)
    return _table(problem, found, work, _rising(chain))


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
    proved: set[int]  # plans above which nothing lies before the next, by id


def _jump(work: _Work, lower: _Step, upper: _Step, wanted: list[float]) -> list[_Step]:
    """Fill one jump of the frontier: first at the budgets wanted, then until steps are near."""
    if not wanted and upper.cost - lower.cost <= work.apart:
        return []
    # the chord is the greatest that can be gained halfway; where it is little, so is the search
    effort = min(1.0, (upper.benefit - lower.benefit) / (WORTH * work.whole or 1.0))
    seeds = work.grounds.seeds(lower.held, upper.held, effort=effort)
    inside = [lower, upper]
    for cost in wanted:
        k = max(n for n, step in enumerate(inside) if step.cost <= cost)
        if k + 1 < len(inside):
            found, _ = _between(work, (inside[k], inside[k + 1]), cost, seeds, PLENTY)
            inside[k + 1 : k + 1] = [found] if found else []
    filled = []
    for low, high in pairwise(inside):
        filled += [low, *_fill(work, low, high, seeds)]
    return filled[1:]


def _between(
    work: _Work,
    ends: tuple[_Step, _Step],
    budget: float,
    seeds: list[NDArray[np.uint8]],
    most: int = MOST,
) -> tuple[_Step | None, bool]:
    """Find a plan that earns more than the lower end within a budget; whether all was searched."""
    lower, upper = ends
    enough = ENOUGH * work.whole if most == MOST else 0.0
    held, search = work.grounds.search(
        lower.held, upper.held, budget, most=most, enough=enough, seeds=seeds
    )
    if held is None or search.best is None:
        return None, search.closed
    benefit, cost = search.best.worth
    if benefit <= lower.benefit or cost >= upper.cost or np.array_equal(held, upper.held):
        return None, search.closed
    return _Step(held, benefit, cost, math.nan, exact=False), search.closed


def _fill(
    work: _Work, lower: _Step, upper: _Step, seeds: list[NDArray[np.uint8]], depth: int = 0
) -> list[_Step]:
    """Put plans between two, until none lies between or neighbours are near; lowest first."""
    if upper.cost - lower.cost <= work.apart or depth >= DEEPEST:
        return []
    middle = (lower.cost + upper.cost) / 2.0
    step, _ = _between(work, (lower, upper), middle, seeds)
    if step is None:
        less = math.nextafter(upper.cost, 0.0)
        step, closed = _between(work, (lower, upper), less, seeds)
        if step is None and closed:
            work.proved.add(id(lower))
    if step is None:
        return []
    below = _fill(work, lower, step, seeds, depth + 1)
    return [*below, step, *_fill(work, step, upper, seeds, depth + 1)]


def _rising(chain: list[_Step]) -> list[_Step]:
    """Leave out refined plans that cost no less than a later one."""
    kept: list[_Step] = []
    least = math.inf
    for step in reversed(chain):
        if step.exact or step.cost < least or step is chain[0]:
            kept.append(step)
            least = min(least, step.cost)
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
            bound[k] = above(min(bound[k], _proved(work.grounds, step, cost[k])), benefit[k])
        if k + 1 < len(plans):
            near = cost[k + 1] - cost[k] <= work.apart
            beyond[k] = "near" if near else "nothing" if id(step) in work.proved else "limit"
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


def _proved(grounds: Grounds, step: _Step, cost: float) -> float:
    """Bound what any territory of a plan's cost could earn, nested or not."""
    problem = grounds.problem
    everything = np.ones(problem.cells.size, bool)
    cuts = min(PROOFS // max(problem.cells.size, 1), MOST)
    if cuts == 0:
        return math.inf
    _, search = grounds.search(problem.must.copy(), everything, cost, cuts=cuts, floor=step.benefit)
    return search.bound
