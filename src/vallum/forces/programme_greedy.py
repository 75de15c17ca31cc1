"""A programme by rules: orders that are known to be good, and small changes while they pay."""

from __future__ import annotations

import itertools
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


def by_rules(
    problem: Problem,
    rng: np.random.Generator,
    *,
    tries: int,
    order: Sequence[int] = (),
) -> Plan | None:
    """Give the best of the plans that simple rules make, None where none fits.

    Pieces come by value per work (Smith's rule), by value alone, and as in the bound; within a piece the stages with
    the most work still behind them come first, sectors that flood before others or not. Then neighbouring pieces are exchanged, stages moved late and early again (justification), and the
    order is shaken, each for as long as it pays.

    Parameters
    ----------
    problem
        What is to be scheduled.
    rng
        Shakes the order.
    tries
        How often.
    order
        Of goals, to begin from (`vallum.forces.programme_bound.Relaxed`).

    Returns
    -------
    Plan
        No stage of it can begin earlier by itself.
    """
    space = room(problem)
    best: tuple[float, Plan] | None = None
    for way in itertools.product((1.0, 1.5, 3.0), (0, 1, 2, 4)):
        for given in _orders(problem, order):
            best = _better(problem, best, place(space, _stages(problem, given, way)))
        now = _orders(problem, order)[-1]
        for at in [*range(min(len(now), 12) - 1)] * 2:
            swapped = [*now[:at], now[at + 1], now[at], *now[at + 2 :]]
            found = _better(problem, best, place(space, _stages(problem, swapped, way)))
            if found is not best:
                best, now = found, swapped
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
    """Let jobs wait until those they come after are through, otherwise in order."""
    if not any(job.after for job in problem.jobs):
        return order
    left = [job.stages for job in problem.jobs]
    out: list[int] = []
    rest = list(order)
    while rest:
        waiting = []
        for job in rest:
            if any(left[before] for before in problem.jobs[job].after):
                waiting.append(job)
            else:
                out.append(job)
                left[job] -= 1
        rest = waiting
    return out


def _better(
    problem: Problem, best: tuple[float, Plan] | None, plan: Plan | None
) -> tuple[float, Plan] | None:
    """Keep the better of two; the first unless the second loses less."""
    if plan is None:
        return best
    loss = plan.loss(problem)
    return (loss, plan) if best is None or loss < best[0] - 1e-9 * abs(best[0]) else best


def _orders(problem: Problem, order: Sequence[int]) -> list[list[int]]:
    """Orders of goals to try."""
    work = [
        sum(problem.jobs[job].stages * problem.jobs[job].least for job in goal.jobs)
        for goal in problem.goals
    ]
    value = [goal.usd_month for goal in problem.goals]
    places = range(len(problem.goals))
    out = [
        sorted(places, key=lambda goal: -value[goal] / max(work[goal], 1)),
        sorted(places, key=lambda goal: -value[goal]),
    ]
    return [*out, list(order)] if order else out


def _stages(problem: Problem, order: Sequence[int], way: tuple[float, int]) -> list[int]:
    """List the jobs once for each stage, by goals in order.

    Within a goal those with the most months still before them come first, weighed by `way[0]` where
    the rains close them. Jobs that are never closed come `way[1]` goals later: the months of the
    rains are theirs anyhow.
    """
    weight, later_by = way
    rank = dict.fromkeys(range(len(problem.jobs)), len(order))
    for place_, goal in reversed(list(enumerate(order))):
        rank |= dict.fromkeys(problem.goals[goal].jobs, place_)
    keys = []
    for number, job in enumerate(problem.jobs):
        dry = bool(job.open.all())
        tail = job.shortest * (1.0 if dry else weight) / max(float(job.open.mean()), 1e-9)
        at = rank[number] + (later_by if dry else 0)
        keys += [(at, -(job.stages - stage) * tail, number, stage) for stage in range(job.stages)]
    return _after(problem, [number for _, _, number, _ in sorted(keys)])
