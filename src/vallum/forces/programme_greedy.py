"""A programme by rules: orders that are known to be good, and small changes while they pay.

Pieces come by value per work (Smith's rule) and by value alone; within a piece the stages with the
most work still behind them come first, sectors that flood before others or not. Another order is by
how pressing a stage is: how late it can begin for its piece to be in time. Then neighbouring pieces
are exchanged, the months that are aimed at moved, stages put late and early again (justification),
and the order is shaken, each for as long as it pays.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vallum.forces.programme_placing import earlier, later, place, room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vallum.forces.programme_model import Job, Plan, Problem
    from vallum.forces.programme_placing import Room

__all__ = ["by_rules"]


_SHAKE = (1.0, 3.0, 9.0)  # months
_REACH = (0.03, 0.1, 0.3)  # of the months aimed at, as a share


def by_rules(
    problem: Problem,
    rng: np.random.Generator,
    *,
    tries: int,
    due: Sequence[float] = (),
) -> Plan | None:
    """Give the best of the plans that simple rules make, None where none fits.

    Parameters
    ----------
    problem
        What is to be scheduled.
    rng
        Shakes the order.
    tries
        How often.
    due
        By goal, the month to aim at (`vallum.forces.programme_bound.Relaxed`).

    Returns
    -------
    Plan
        No stage of it can begin earlier by itself.
    """
    space = room(problem)
    best: tuple[float, Plan] | None = None
    for order in _orders(problem):
        for way in itertools.product((1.0, 1.5, 3.0), (0, 1, 2)):
            best = _better(problem, best, place(space, _stages(problem, order, way)))
        for at in [*range(min(len(order), 12) - 1)] * 2:
            swapped = [*order[:at], order[at + 1], order[at], *order[at + 2 :]]
            found = _better(problem, best, place(space, _stages(problem, swapped, (1.0, 0))))
            if found is not best:
                best, order = found, swapped  # noqa: PLW2901  (the better order is gone on with)
    aims = due or [float(problem.months)] * len(problem.goals)
    best = _aimed(problem, space, best, _Aim(tuple(aims), 1.0, 0.0), rng, tries)
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


@dataclass(frozen=True)
class _Aim:
    """Months to aim at by goal, how much the months still before a stage count, and slack."""

    due: tuple[float, ...]
    weight: float
    longer: float


def _aimed(
    problem: Problem,
    space: Room,
    best: tuple[float, Plan] | None,
    aim: _Aim,
    rng: np.random.Generator,
    tries: int,
) -> tuple[float, Plan] | None:
    """Place by how pressing stages are, and move what is aimed at for as long as it pays."""
    aims = [
        replace(aim, weight=weight, longer=longer)
        for weight in (0.5, 1.0, 1.5, 2.0)
        for longer in (0.0, 6.0, 12.0)
    ]
    found = [(place(space, _pressing(problem, each)), each) for each in aims]
    fit = [(plan.loss(problem), number) for number, (plan, _) in enumerate(found) if plan]
    if not fit:
        return best
    least, number = min(fit)
    best, aim = _better(problem, best, found[number][0]), found[number][1]
    for _ in range(tries):
        reach = _REACH[int(rng.integers(len(_REACH)))]
        due = np.array(aim.due) * np.exp(rng.normal(0.0, reach, len(aim.due)))
        moved = _Aim(
            tuple(due.tolist()),
            aim.weight * float(np.exp(rng.normal(0.0, reach))),
            aim.longer + float(rng.normal(0.0, 12.0 * reach)),
        )
        plan = place(space, _pressing(problem, moved))
        if plan is not None and plan.loss(problem) <= least:
            least, aim = plan.loss(problem), moved
            best = _better(problem, best, plan)
    return best


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


def _stages(problem: Problem, order: Sequence[int], way: tuple[float, int]) -> list[int]:
    """List the jobs once for each stage, by goals in order.

    Within a goal those with the most months still before them come first, weighed by `way[0]` where
    the rains close them. Jobs that are never closed come `way[1]` goals later: the months of the
    rains are theirs anyhow.
    """
    weight, later_by = way
    rank = dict.fromkeys(range(len(problem.jobs)), len(order))
    for at, goal in reversed(list(enumerate(order))):
        rank |= dict.fromkeys(problem.goals[goal].jobs, at)
    keys = []
    for number, job in enumerate(problem.jobs):
        dry = bool(job.open.all())
        tail = _months(job) * (1.0 if dry else weight)
        at = rank[number] + (later_by if dry else 0)
        keys += [(at, -(job.stages - stage) * tail, number, stage) for stage in range(job.stages)]
    return _after(problem, [number for _, _, number, _ in sorted(keys)])


def _pressing(problem: Problem, aim: _Aim) -> list[int]:
    """List the jobs once for each stage, by the last month in which it can begin to be in time.

    That is the month its goal is due, less the months of the stages still before it (`weight` times
    them). Jobs that are never closed may wait `longer` months more.
    """
    last = dict.fromkeys(range(len(problem.jobs)), float(problem.months))
    for goal, month in zip(problem.goals, aim.due, strict=True):
        for own in goal.jobs:
            last[own] = min(last[own], month)
    keys = []
    for number, job in enumerate(problem.jobs):
        until = last[number] + (aim.longer if job.open.all() else 0.0)
        tail = aim.weight * _months(job)
        keys += [(until - (job.stages - n) * tail, number) for n in range(job.stages)]
    return _after(problem, [number for _, number in sorted(keys)])


def _months(job: Job) -> float:
    """Say how long a stage takes of the calendar, months, its season counted."""
    return job.shortest / max(float(job.open.mean()), 1e-9)
