"""The refined chain: exact steps, and nested plans between those that lie far apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InfeasibleError, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.chain import Chain
from vallum.kernel.ladder import ladder
from vallum.kernel.refine_within import Best, Grounds, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.kernel.cut import Frontier
    from vallum.kernel.territory import Instance

__all__ = ["Best", "refine", "within"]

DEEPEST = 12  # times that one jump is halved
PROOFS = 200_000  # nodes that the search for an un-nested bound may cut


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
        All exact steps as they are, and those found between them. `next` says of the land up to
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
        return _table(problem, found, None, steps, {})
    must = bool(problem.must.any())
    if must and any(cost < steps[1].cost for cost in at_cost):
        text = f"the land that must be held costs {steps[1].cost:,.0f} USD/yr"
        raise InfeasibleError([Fault("refine", "at_cost", text, "give more, or hold less")])
    grounds = Grounds(problem)
    for cost in at_cost:
        k = max(n for n, step in enumerate(steps) if step.cost <= cost)
        if k + 1 < len(steps):
            more = _between(grounds, steps[k], steps[k + 1], cost)[0]
            steps[k + 1 : k + 1] = [more] if more else []
    why: dict[int, str] = {}
    apart = share * steps[-1].cost
    chain = steps[:1]
    for upper in steps[1:]:
        if not (must and upper is steps[1]):  # nothing is allowed below what must be held
            chain += _fill(grounds, chain[-1], upper, apart, why)
        chain.append(upper)
    return _table(problem, found, grounds, _rising(chain), why)


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


def _between(
    grounds: Grounds, lower: _Step, upper: _Step, budget: float
) -> tuple[_Step | None, bool]:
    """Find a plan that earns more than the lower one within a budget; whether all was searched."""
    held, search = grounds.search(lower.held, upper.held, budget)
    if held is None or search.best is None:
        return None, search.closed
    benefit, cost = search.best.worth
    if benefit <= lower.benefit or cost >= upper.cost or np.array_equal(held, upper.held):
        return None, search.closed
    return _Step(held, benefit, cost, math.nan, exact=False), search.closed


def _fill(
    grounds: Grounds,
    lower: _Step,
    upper: _Step,
    apart: float,
    why: dict[int, str],
    depth: int = 0,
) -> list[_Step]:
    """Put plans between two, until none lies between or neighbours are near; lowest first."""
    key = id(lower)
    if upper.cost - lower.cost <= apart:
        why[key] = "near"
        return []
    if depth >= DEEPEST:
        why[key] = "limit"
        return []
    if int(upper.held.sum()) - int(lower.held.sum()) <= 1:
        why[key] = "nothing"
        return []
    middle = (lower.cost + upper.cost) / 2.0
    step, _ = _between(grounds, lower, upper, middle)
    closed = True
    if step is None:
        step, closed = _between(grounds, lower, upper, math.nextafter(upper.cost, 0.0))
    if step is None:
        why[key] = "nothing" if closed else "limit"
        return []
    below = _fill(grounds, lower, step, apart, why, depth + 1)
    above = _fill(grounds, step, upper, apart, why, depth + 1)
    return [*below, step, *above]


def _rising(chain: list[_Step]) -> list[_Step]:
    """Leave out refined plans that cost no less than a later one."""
    kept: list[_Step] = []
    least = math.inf
    for step in reversed(chain):
        if step.exact or step.cost < least or step is chain[0]:
            kept.append(step)
            least = min(least, step.cost)
    return kept[::-1]


def _table(
    problem: Instance,
    found: Frontier,
    grounds: Grounds | None,
    chain: list[_Step],
    why: dict[int, str],
) -> Chain:
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
    for k, step in enumerate(plans):
        if not step.exact and grounds is not None:
            bound[k] = min(bound[k], _proved(grounds, step, cost[k]))
    bound = np.maximum(bound, benefit)
    raster = np.full(math.prod(problem.shape), -1, np.int32)
    raster[problem.cells] = entry
    table = steps.assign(
        kind=["exact" if step.exact else "refined" for step in plans],
        ceiling=ceiling,
        bound=bound,
        regret=bound - benefit,
        next=[why.get(id(step), "") for step in plans],
    )
    return Chain(frozen(raster.reshape(problem.shape)), table)


def _proved(grounds: Grounds, step: _Step, cost: float) -> float:
    """Bound what any territory of a plan's cost could earn, nested or not."""
    problem = grounds.problem
    everything = np.ones(problem.cells.size, bool)
    cuts = min(PROOFS // max(problem.cells.size, 1), 400)
    if cuts == 0:
        return math.inf
    _, search = grounds.search(problem.must.copy(), everything, cost, cuts=cuts, floor=step.benefit)
    return search.bound
