"""What no order of pieces can beat: a bound over all orders at once.

Pieces are protected in some order. Whichever it is, the k-th can't be before the first month in
which all the work of the first k fits into what there is: `T(S)` for their union S. So

    loss ≥ min over orders of Σ_k v_k T(S_k),   f(S) = min_{p∈S} f(S−p) + v_p T(S),

over all sets of pieces. `T(S)` is by Hall's theorem: work of any kinds (by companies that may do
it, and season) needs as much room in the months and companies open to at least one of them.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from vallum.forces.calendar import MONTHS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from vallum.forces.programme_model import Goal, Job, Problem

__all__ = ["by_orders"]

_GOALS = 12  # pieces whose orders are counted; others by themselves
_KINDS = 6  # kinds of work whose unions are all looked at


def by_orders(
    problem: Problem, alone: Callable[[Problem, Goal], int]
) -> tuple[float, tuple[float, ...]]:
    """Bound the loss of every plan from below.

    Parameters
    ----------
    problem
        What is to be scheduled.
    alone
        First month from which a goal could be protected if there were no other
        (`vallum.forces.programme_bound.soonest`).

    Returns
    -------
    bound, due
        USD; and by goal the month in the order that gives it, for those left out the last.
    """
    goals = problem.goals
    first = [alone(problem, goal) for goal in goals]
    largest = sorted(range(len(goals)), key=lambda goal: -goals[goal].usd_month * first[goal])
    counted, others = sorted(largest[:_GOALS]), largest[_GOALS:]
    dates = _dates(problem, [goals[goal] for goal in counted], [first[goal] for goal in counted])
    least = np.full(dates.size, np.inf)
    last = np.zeros(dates.size, np.int64)
    least[0] = 0.0
    for members in range(1, dates.size):
        for place, goal in enumerate(counted):
            if members >> place & 1:
                loss = least[members ^ (1 << place)] + goals[goal].usd_month * dates[members]
                if loss < least[members]:
                    least[members], last[members] = loss, place
    due = np.full(len(goals), dates[-1])
    members = dates.size - 1
    while members:
        due[counted[last[members]]] = dates[members]
        members ^= 1 << int(last[members])
    rest = math.fsum(goals[goal].usd_month * first[goal] for goal in others)
    return float(least[-1]) + rest, tuple(float(month) for month in due)


def _dates(problem: Problem, goals: list[Goal], first: list[int]) -> NDArray[np.float64]:
    """Give the first month in which all of each set of goals could be protected, by bit mask."""
    sets = np.arange(1 << len(goals))
    needed = np.zeros((len(problem.jobs), sets.size), bool)
    for place, goal in enumerate(goals):
        needed[list(goal.jobs)] |= (sets >> place & 1).astype(bool)
    cover = min(job.cover for job in problem.jobs)
    out = np.zeros(sets.size)
    for place, month in enumerate(first):
        out = np.maximum(out, np.where(sets >> place & 1, month, 0))
    for jobs, room in _rooms(problem):
        weight = np.array([problem.jobs[job].stages * problem.jobs[job].least for job in jobs])
        work = weight @ needed[jobs]
        fits = np.searchsorted(np.cumsum(room), work - 1e-9) + 1
        out = np.maximum(out, np.where(work > 0, fits + cover, 0))
    for number, (_, cap) in enumerate(problem.materials):
        need = np.array([_material(job, number) for job in problem.jobs], float) @ needed
        if cap > 0:
            out = np.maximum(out, np.where(need > 0, np.ceil(need / cap - 1e-9) + cover, 0))
    for purse, cap in enumerate(problem.purses):
        own = np.array([job.stages * job.capital * (job.purse == purse) for job in problem.jobs])
        need = own.astype(float) @ needed
        if cap > 0:
            years = np.maximum(np.ceil(need / cap - 1e-12) - 1, 0)
            out = np.maximum(out, np.where(need > 0, MONTHS * years + 1 + cover, 0))
    return out


def _material(job: Job, number: int) -> int:
    """Say what a job takes of a material, at least."""
    return job.stages * min(mode.rates[number] * mode.months for mode in job.modes)


def _rooms(problem: Problem) -> list[tuple[list[int], NDArray[np.int64]]]:
    """List kinds of work put together, with the companies open to any of them by month."""
    kinds: dict[tuple[tuple[int, ...], bytes], list[int]] = {}
    for number, job in enumerate(problem.jobs):
        pools = tuple(sorted({mode.pool for mode in job.modes}))
        kinds.setdefault((pools, job.open.tobytes()), []).append(number)
    groups = [*kinds.items()]
    sizes = range(1, len(groups) + 1) if len(groups) <= _KINDS else (1, 2, len(groups))
    out = []
    for size in sizes:
        for chosen in combinations(groups, size):
            usable = np.zeros(problem.pools.shape, bool)
            for (pools, season), _ in chosen:
                usable[list(pools)] |= np.frombuffer(season, bool)
            jobs = [job for _, own in chosen for job in own]
            out.append((jobs, (problem.pools * usable).sum(axis=0)))
    return out
