"""The best order of building, searched for by CP-SAT within a count of work.

Each stage is an interval with one of its modes; companies and materials are cumulative limits by
the month, money a cumulative limit by the year in which a stage is begun. A small problem is solved
whole. In a large one some stages are set free and the others stay where they are, again and again
(large neighbourhood search): first those that end last, then those around one that is drawn. One
worker searches, and stops at a count of its own steps: the same input gives the same plan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from ortools.sat.python import cp_model

from vallum.forces.calendar import MONTHS
from vallum.forces.programme_model import Plan
from vallum.forces.programme_placing import earlier, room

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.forces.programme_model import Job, Mode, Problem

__all__ = ["Found", "search"]

_SCALE = 10**9  # of the largest weight of a goal
_WHOLE = 40  # stages up to which a problem is solved whole
_FREE = 30  # stages set free at a time in a larger one
_PART = 0.1  # deterministic seconds for each time
_MOST = 20  # times per deterministic second of work


@dataclass(frozen=True)
class Found:
    """What the search found.

    Attributes
    ----------
    plan
        None if none was found.
    bound
        No plan loses less, USD; infinite where there is none.
    proven
        Whether the plan is the best (or that there is none).
    """

    plan: Plan | None
    bound: float
    proven: bool


@dataclass(frozen=True, eq=False)
class _Stage:
    """The variables of one stage."""

    start: Any
    end: Any
    year: Any
    taken: tuple[Any, ...]


def search(problem: Problem, hint: Plan | None, rng: np.random.Generator, *, work: float) -> Found:
    """Search for the best plan.

    Parameters
    ----------
    problem
        What is to be scheduled.
    hint
        A plan to begin from.
    rng
        Draws what is set free in a large problem.
    work
        Deterministic seconds of CP-SAT.

    Returns
    -------
    Found
        The bound is CP-SAT's own, whole numbers' rounding taken off; 0 for a large problem.
    """
    names = [(job, n) for job, own in enumerate(problem.jobs) for n in range(own.stages)]
    if hint is None or len(names) <= _WHOLE:
        return _solve(problem, hint, frozenset(names), work)[0]
    spent, plan, space, tries = 0.0, hint, room(problem), 0
    while spent < work and tries < _MOST * work:
        free = _around(problem, plan, names, None if tries % 4 == 0 else rng)
        found, used = _solve(problem, plan, free, min(_PART, work))
        if found.plan is not None:
            plan = earlier(space, found.plan)
        spent, tries = spent + used, tries + 1
    return Found(plan, 0.0, proven=False)


def _around(
    problem: Problem,
    plan: Plan,
    names: list[tuple[int, int]],
    rng: np.random.Generator | None,
) -> frozenset[tuple[int, int]]:
    """Choose stages to set free: those around the end of a piece, or around a drawn month."""
    begun = np.array([plan.stages[job][number][1] for job, number in names])
    if rng is None:
        costly = max(range(len(problem.goals)), key=lambda goal: problem.goals[goal].usd_month)
        centre = float(plan.dates(problem)[costly])
    else:
        centre = float(begun[int(rng.integers(begun.size))])
    near = np.argsort(np.abs(begun - centre), kind="stable")[:_FREE]
    return frozenset(names[int(place)] for place in near)


def _solve(
    problem: Problem, hint: Plan | None, free: frozenset[tuple[int, int]], work: float
) -> tuple[Found, float]:
    """Solve with some stages free and the others as in the hint; what was found, and work used."""
    model = cp_model.CpModel()
    stages = [_stages(model, problem, job, hint, free) for job in range(len(problem.jobs))]
    _limit(model, problem, stages, hint, free)
    for job, own in zip(problem.jobs, stages, strict=True):
        for before in job.after:
            model.add(own[0].start >= stages[before][-1].end)
    dates = [
        model.new_int_var(0, problem.months, f"date {number}")
        for number in range(len(problem.goals))
    ]
    for goal, date in zip(problem.goals, dates, strict=True):
        for place in goal.jobs:
            model.add(date >= stages[place][-1].end + problem.jobs[place].cover)
    weights, scale, slack = _weights(problem)
    model.minimize(cp_model.LinearExpr.weighted_sum(dates, weights))
    if hint is not None:
        _hint(model, problem, stages, hint, dates)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = work
    solver.parameters.random_seed = 0
    status = solver.solve(model)
    used = float(solver.response_proto.deterministic_time)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        plan = Plan(tuple(tuple(_read(solver, stage) for stage in own) for own in stages))
        bound = solver.best_objective_bound / scale - slack
        return Found(plan, bound, status == cp_model.OPTIMAL), used
    if status == cp_model.MODEL_INVALID:
        raise AssertionError(model.validate())
    return Found(None, math.inf, status == cp_model.INFEASIBLE), used


def _fixed(mode: int, start: int, job: Job) -> _Stage:
    """Give a stage that stays where it is."""
    end = start + job.modes[mode].months
    return _Stage(start, end, start // MONTHS, tuple(n == mode for n in range(len(job.modes))))


def _stages(
    model: cp_model.CpModel,
    problem: Problem,
    place: int,
    hint: Plan | None,
    free: frozenset[tuple[int, int]],
) -> list[_Stage]:
    """Make the variables of one job's stages, one after the other."""
    out: list[_Stage] = []
    job = problem.jobs[place]
    last = problem.months - job.cover
    for number in range(job.stages):
        if hint is not None and (place, number) not in free:
            out.append(_fixed(*hint.stages[place][number], job))
        else:
            out.append(_free(model, problem, job, last, f"{job.sector}.{number}"))
        if number and not isinstance(out[-1].start, int):
            model.add(out[-1].start >= out[-2].end)
        elif number and not isinstance(out[-2].end, int):
            model.add(out[-2].end <= out[-1].start)
    return out


def _free(model: cp_model.CpModel, problem: Problem, job: Job, last: int, name: str) -> _Stage:
    """Make the variables of one stage."""
    start = model.new_int_var(0, last, f"start {name}")
    end = model.new_int_var(0, last, f"end {name}")
    taken = tuple(model.new_bool_var(f"mode {name}.{mode}") for mode in range(len(job.modes)))
    model.add_exactly_one(taken)
    for mode, literal in zip(job.modes, taken, strict=True):
        model.add(end == start + mode.months).only_enforce_if(literal)
        allowed = _starts(problem, job, mode)
        model.add_linear_expression_in_domain(start, allowed).only_enforce_if(literal)
    year: Any = 0
    if job.purse >= 0 and job.capital:
        year = model.new_int_var(0, problem.months // MONTHS, f"year {name}")
        month = model.new_int_var(0, MONTHS - 1, f"month {name}")
        model.add(start == MONTHS * year + month)
    return _Stage(start, end, year, taken)


def _starts(problem: Problem, job: Job, mode: Mode) -> cp_model.Domain:
    """Months in which a stage can begin so that its ground is open and its companies are there."""
    fit = job.open & (problem.pools[mode.pool] >= mode.crew)
    bad = np.concatenate([[0], np.cumsum(~fit)])
    starts = np.arange(max(0, problem.months - job.cover - mode.months + 1))
    good: NDArray[np.int64] = starts[bad[starts + mode.months] == bad[starts]]
    return cp_model.Domain.from_values([int(start) for start in good])


def _limit(
    model: cp_model.CpModel,
    problem: Problem,
    stages: list[list[_Stage]],
    hint: Plan | None,
    free: frozenset[tuple[int, int]],
) -> None:
    """Keep within companies, materials and money; what stays where it is has taken its part."""
    left = room(problem)
    pools, rates, purses = left.pools.copy(), left.rates.copy(), left.purses.copy()
    crews: list[list[tuple[Any, int]]] = [[] for _ in pools]
    needs: list[list[tuple[Any, int]]] = [[] for _ in rates]
    spent: list[list[tuple[Any, int]]] = [[] for _ in purses]
    for place, (job, own) in enumerate(zip(problem.jobs, stages, strict=True)):
        for number, stage in enumerate(own):
            if hint is not None and (place, number) not in free:
                _taken(job, hint.stages[place][number], (pools, rates, purses))
                continue
            for way, literal in zip(job.modes, stage.taken, strict=True):
                interval = model.new_optional_fixed_size_interval_var(
                    stage.start, way.months, literal, ""
                )
                crews[way.pool].append((interval, way.crew))
                for use, rate in zip(needs, way.rates, strict=True):
                    use.append((interval, rate))
            if job.purse >= 0 and job.capital:
                year = model.new_fixed_size_interval_var(stage.year, 1, "")
                spent[job.purse].append((year, job.capital))
    for all_use, all_there in ((crews, pools), (needs, rates), (spent, purses)):
        for use, there in zip(all_use, all_there, strict=True):
            _cumulative(model, [each for each in use if each[1]], there)


def _taken(
    job: Job,
    stage: tuple[int, int],
    left: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
) -> None:
    """Take from what there is what a stage that stays where it is needs."""
    (at, start), (pools, rates, purses) = stage, left
    mode = job.modes[at]
    span = slice(start, start + mode.months)
    pools[mode.pool, span] -= mode.crew
    for rate, there in zip(mode.rates, rates, strict=True):
        there[span] -= rate
    if job.purse >= 0:
        purses[job.purse, start // MONTHS] -= job.capital


def _cumulative(
    model: cp_model.CpModel, use: list[tuple[Any, int]], there: NDArray[np.int64]
) -> None:
    """Add a limit that changes with time, unless all together stay within it."""
    if sum(amount for _, amount in use) <= int(there.min(initial=0)):
        return
    cap = int(there.max(initial=0))
    edges = np.flatnonzero(np.diff(there)) + 1
    spans, amounts = [span for span, _ in use], [amount for _, amount in use]
    for first, last in pairwise([0, *edges.tolist(), there.size]):
        if there[first] < cap:
            spans.append(model.new_fixed_size_interval_var(first, last - first, ""))
            amounts.append(cap - int(there[first]))
    model.add_cumulative(spans, amounts, cap)


def _weights(problem: Problem) -> tuple[list[int], float, float]:
    """Turn what a month costs into whole numbers; their scale, and what rounding may hide, USD."""
    value = [goal.usd_month for goal in problem.goals]
    scale = _SCALE / (max(value, default=0.0) or 1.0)
    weights = [round(scale * each) for each in value]
    lost = sum(abs(each - weight / scale) for each, weight in zip(value, weights, strict=True))
    return weights, scale, lost * problem.months


def _hint(
    model: cp_model.CpModel,
    problem: Problem,
    stages: list[list[_Stage]],
    hint: Plan,
    dates: list[Any],
) -> None:
    """Begin from a plan."""
    for job, own, given in zip(problem.jobs, stages, hint.stages, strict=True):
        for stage, (mode, start) in zip(own, given, strict=True):
            if isinstance(stage.start, int):
                continue
            model.add_hint(stage.start, start)
            model.add_hint(stage.end, start + job.modes[mode].months)
            if not isinstance(stage.year, int):
                model.add_hint(stage.year, start // MONTHS)
            for number, literal in enumerate(stage.taken):
                model.add_hint(literal, number == mode)
    for date, at in zip(dates, hint.dates(problem), strict=True):
        model.add_hint(date, at)


def _read(solver: cp_model.CpSolver, stage: _Stage) -> tuple[int, int]:
    """Read mode and start of a stage."""
    if isinstance(stage.start, int):
        return stage.taken.index(True), stage.start
    mode = next(number for number, literal in enumerate(stage.taken) if solver.value(literal))
    return mode, int(solver.value(stage.start))
