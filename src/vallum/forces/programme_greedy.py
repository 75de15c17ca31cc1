"""A programme by rules: orders that are known to be good, and small changes while they pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.forces.programme_placing import earlier, later, place, room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.forces.programme_model import Plan, Problem
    from vallum.forces.programme_placing import Room

__all__ = ["by_rules"]

_SHAKE = (1.0, 3.0, 9.0)  # months


def by_rules(problem: Problem, rng: np.random.Generator, *, tries: int) -> Plan | None:
    """Give the best of the plans that simple rules make, None where none fits.

    Pieces come by value per work (Smith's rule) and by value alone; within a piece the stages with
    the most work still behind them come first, sectors that flood before others or not. Then
    neighbouring pieces are exchanged, stages moved late and early again (justification), and the
    order is shaken, each for as long as it pays.

    Parameters
    ----------
    problem
        What is to be scheduled.
    rng
        Shakes the order.
    tries
        How often.

    Returns
    -------
    Plan
        No stage of it can begin earlier by itself.
    """
    space = room(problem)
    best: tuple[float, Plan] | None = None
    for floods in (1.0, 1.5, 3.0):
        tails = _tails(problem, floods)
        for order in _orders(problem):
            best = _better(problem, best, place(space, _stages(problem, order, tails)))
        order = _orders(problem)[0]
        for at in [*range(min(len(order), 12) - 1)] * 3:
            swapped = [*order[:at], order[at + 1], order[at], *order[at + 2 :]]
            found = _better(problem, best, place(space, _stages(problem, swapped, tails)))
            if found is not best:
                best, order = found, swapped
    if best is None:
        return None
    plan = _justified(problem, space, best[1])
    for _ in range(tries):
        shaken = _shaken(problem, space, plan, rng)
        if shaken is not None:
            shaken = _justified(problem, space, shaken)
            if shaken.loss(problem) <= plan.loss(problem):  # an equal one may lead further
                plan = shaken
    return earlier(space, plan)


def _justified(problem: Problem, space: Room, plan: Plan) -> Plan:
    """Move stages late within the dates reached, and early again, for as long as it pays."""
    while True:
        limit = np.array([problem.months - job.cover for job in problem.jobs], np.int64)
        for goal, date in zip(problem.goals, plan.dates(problem), strict=True):
            for job in goal.jobs:
                limit[job] = min(limit[job], date - problem.jobs[job].cover)
        late = later(space, plan, limit)
        if late is None:
            return plan
        found = place(space, _begun(late))
        early = earlier(space, late)
        if found is None or early.loss(problem) <= found.loss(problem):
            found = early
        if found.loss(problem) >= plan.loss(problem):
            return min(found, plan, key=lambda each: each.loss(problem))
        plan = found


def _shaken(problem: Problem, space: Room, plan: Plan, rng: np.random.Generator) -> Plan | None:
    """Place once more in an order a little different."""
    reach = _SHAKE[int(rng.integers(len(_SHAKE)))]
    begun = []
    for job, stages in enumerate(plan.stages):
        noise = np.sort(rng.normal(0.0, reach, len(stages))) + rng.normal(0.0, reach)
        begun += [(start + more, job) for (_, start), more in zip(stages, noise, strict=True)]
    return place(space, _after(problem, [job for _, job in sorted(begun)]))


def _begun(plan: Plan) -> list[int]:
    """List the jobs, once for each stage, as they begin."""
    starts = [(start, job) for job, stages in enumerate(plan.stages) for _, start in stages]
    return [job for _, job in sorted(starts)]


def _after(problem: Problem, order: list[int]) -> list[int]:
    """Put jobs behind those they come after, otherwise in order."""
    if not any(job.after for job in problem.jobs):
        return order
    depth = _depths(problem, list(range(len(problem.jobs))))
    return sorted(order, key=lambda job: depth[job])


def _better(
    problem: Problem, best: tuple[float, Plan] | None, plan: Plan | None
) -> tuple[float, Plan] | None:
    """Keep the better of two; the first unless the second loses less."""
    if plan is None:
        return best
    loss = plan.loss(problem)
    return (loss, plan) if best is None or loss < best[0] - 1e-9 * abs(best[0]) else best


def _orders(problem: Problem) -> list[list[int]]:
    """Orders of goals to try."""
    work = [
        sum(problem.jobs[job].stages * problem.jobs[job].least for job in goal.jobs)
        for goal in problem.goals
    ]
    value = [goal.usd_month for goal in problem.goals]
    places = range(len(problem.goals))
    return [
        sorted(places, key=lambda goal: -value[goal] / max(work[goal], 1)),
        sorted(places, key=lambda goal: -value[goal]),
    ]


def _tails(problem: Problem, floods: float) -> NDArray[np.float64]:
    """Months of work in one stage of each job, weighed up where the rains close it."""
    return np.array(
        [
            job.shortest * (1.0 if job.open.all() else floods) / max(job.open.mean(), 1e-9)
            for job in problem.jobs
        ]
    )


def _stages(problem: Problem, order: Sequence[int], tails: NDArray[np.float64]) -> list[int]:
    """List the jobs once for each stage, by goals in order, those that come before others first."""
    seen: set[int] = set()
    out: list[int] = []
    rest = list(range(len(problem.jobs)))
    for group in [*(problem.goals[goal].jobs for goal in order), rest]:
        fresh = _closure(problem, [job for job in group if job not in seen], seen)
        seen.update(fresh)
        depth = _depths(problem, fresh)
        stages = [
            (depth[job], -(problem.jobs[job].stages - number) * tails[job], job, number)
            for job in fresh
            for number in range(problem.jobs[job].stages)
        ]
        out += [job for _, _, job, _ in sorted(stages)]
    return out


def _closure(problem: Problem, jobs: list[int], seen: set[int]) -> list[int]:
    """Add the jobs that must come before."""
    found, open_ = set(jobs), list(jobs)
    while open_:
        for before in problem.jobs[open_.pop()].after:
            if before not in found and before not in seen:
                found.add(before)
                open_.append(before)
    return sorted(found)


def _depths(problem: Problem, jobs: list[int]) -> dict[int, int]:
    """Say how many jobs among some must follow one another before each."""
    depth = dict.fromkeys(jobs, 0)
    for _ in jobs:
        for job in jobs:
            before = [depth[other] + 1 for other in problem.jobs[job].after if other in depth]
            depth[job] = max([depth[job], *before])
    return depth
