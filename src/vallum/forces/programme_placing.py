"""Stages placed one by one, as early or as late as there is room: the inner loop of the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from vallum.forces.calendar import MONTHS
from vallum.forces.programme_model import Plan
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.forces.programme_model import Problem

__all__ = ["Room", "earlier", "later", "place", "room"]

Ground: TypeAlias = (
    "tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]"
)
Left: TypeAlias = "tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]"


@dataclass(frozen=True, eq=False)
class Room:
    """A problem as plain arrays.

    Attributes
    ----------
    open
        Shape (jobs, months).
    jobs
        Columns capital, purse, cover, first and last + 1 mode, shape (jobs, 5).
    modes
        Columns pool, crew, months, then the rate of each material, shape (modes, 3 + materials).
    after
        Pairs (job, job that comes before it).
    pools, rates, purses
        What there is: by pool and month, by material and month, by purse and year.
    """

    open: NDArray[np.bool_]
    jobs: NDArray[np.int64]
    modes: NDArray[np.int64]
    after: NDArray[np.int64]
    pools: NDArray[np.int64]
    rates: NDArray[np.int64]
    purses: NDArray[np.int64]

    @property
    def ground(self) -> Ground:
        """What does not change while stages are placed."""
        return self.open, self.jobs, self.modes, self.after

    def left(self) -> Left:
        """Copy what there is, to take from."""
        return self.pools.copy(), self.rates.copy(), self.purses.copy()


def room(problem: Problem) -> Room:
    """Write a problem as plain arrays."""
    cuts = np.cumsum([0, *(len(job.modes) for job in problem.jobs)])
    months, years = problem.months, -(-problem.months // MONTHS)
    modes = [
        [mode.pool, mode.crew, mode.months, *mode.rates]
        for job in problem.jobs
        for mode in job.modes
    ]
    return Room(
        open=np.array([job.open for job in problem.jobs]).reshape(-1, months),
        jobs=np.array(
            [
                [job.capital, job.purse, job.cover, cuts[k], cuts[k + 1]]
                for k, job in enumerate(problem.jobs)
            ],
            np.int64,
        ).reshape(-1, 5),
        modes=np.array(modes, np.int64).reshape(-1, 3 + len(problem.materials)),
        after=np.array(
            [(k, before) for k, job in enumerate(problem.jobs) for before in job.after], np.int64
        ).reshape(-1, 2),
        pools=problem.pools,
        rates=np.array([[cap] * months for _, cap in problem.materials], np.int64).reshape(
            -1, months
        ),
        purses=np.array([[cap] * years for cap in problem.purses], np.int64).reshape(-1, years),
    )


@compiled
def _blocked(start: int, job: int, mode: int, ground: Ground, left: Left) -> int:
    """Last month in which a stage that begins in `start` has no room; −1 if it has."""
    opened, _, modes, _ = ground
    pools, rates, _ = left
    for month in range(start + modes[mode, 2] - 1, start - 1, -1):
        if not opened[job, month] or pools[modes[mode, 0], month] < modes[mode, 1]:
            return month
        for material in range(rates.shape[0]):
            if rates[material, month] < modes[mode, 3 + material]:
                return month
    return -1


@compiled
def _take(start: int, job: int, mode: int, ground: Ground, left: Left) -> None:
    """Take what a stage needs."""
    _, jobs, modes, _ = ground
    pools, rates, purses = left
    for month in range(start, start + modes[mode, 2]):
        pools[modes[mode, 0], month] -= modes[mode, 1]
        for material in range(rates.shape[0]):
            rates[material, month] -= modes[mode, 3 + material]
    if jobs[job, 1] >= 0:
        purses[jobs[job, 1], start // 12] -= jobs[job, 0]


@compiled
def _soonest(job: int, mode: int, span: tuple[int, int], ground: Ground, left: Left) -> int:
    """First month of a span (from, before which it ends) in which a stage can begin; −1 if none."""
    _, jobs, modes, _ = ground
    _, _, purses = left
    start = span[0]
    while start + modes[mode, 2] <= span[1]:
        if jobs[job, 1] >= 0 and purses[jobs[job, 1], start // 12] < jobs[job, 0]:
            start = (start // 12 + 1) * 12
            continue
        bad = _blocked(start, job, mode, ground, left)
        if bad < 0:
            return start
        start = bad + 1
    return -1


@compiled
def _forward(
    order: NDArray[np.int64], given: NDArray[np.int64], ground: Ground, left: Left
) -> NDArray[np.int64]:
    """Place stages in order, each where it ends first; (mode, start) by place, start −1 if none."""
    opened, jobs, modes, after = ground
    ends = np.zeros(jobs.shape[0], np.int64)
    out = np.full((order.size, 2), -1, np.int64)
    for at in range(order.size):
        job = order[at]
        ready = ends[job]
        for pair in range(after.shape[0]):
            if after[pair, 0] == job:
                ready = max(ready, ends[after[pair, 1]])
        best = opened.shape[1] - jobs[job, 2]
        least = -1
        for mode in range(jobs[job, 3], jobs[job, 4]):
            if given[at] >= 0 and mode != jobs[job, 3] + given[at]:
                continue
            start = _soonest(job, mode, (ready, best), ground, left)
            end, work = start + modes[mode, 2], modes[mode, 1] * modes[mode, 2]
            if start >= 0 and (end < best or least < 0 or work < least):
                best, least = end, work
                out[at, 0], out[at, 1] = mode - jobs[job, 3], start
        if least < 0:
            return out
        _take(out[at, 1], job, jobs[job, 3] + out[at, 0], ground, left)
        ends[job] = best
    return out


@compiled
def _backward(
    order: NDArray[np.int64],
    given: NDArray[np.int64],
    limit: NDArray[np.int64],
    ground: Ground,
    left: Left,
) -> NDArray[np.int64]:
    """Place stages in order, each as late as its limit lets it, modes given."""
    _, jobs, modes, after = ground
    _, _, purses = left
    out = np.full((order.size, 2), -1, np.int64)
    for at in range(order.size):
        job = order[at]
        mode = jobs[job, 3] + given[at]
        start = limit[job] - modes[mode, 2]
        while start >= 0:
            if jobs[job, 1] >= 0 and purses[jobs[job, 1], start // 12] < jobs[job, 0]:
                start = (start // 12) * 12 - 1
            elif _blocked(start, job, mode, ground, left) >= 0:
                start -= 1
            else:
                break
        if start < 0:
            return out
        out[at, 0], out[at, 1] = given[at], start
        _take(start, job, mode, ground, left)
        limit[job] = start
        for pair in range(after.shape[0]):
            if after[pair, 0] == job:
                limit[after[pair, 1]] = min(limit[after[pair, 1]], start)
    return out


def place(space: Room, order: Sequence[int], modes: Sequence[int] | None = None) -> Plan | None:
    """Place stages in order, each where it ends first.

    Parameters
    ----------
    space
        From `room`.
    order
        Jobs, each as often as it has stages, none before the jobs it comes after.
    modes
        The mode of each; where not given, the one that ends first (of those, the one with the least
        work, then the first).

    Returns
    -------
    Plan
        None where something doesn't fit within the horizon.
    """
    jobs = np.array(order, np.int64)
    given = np.full(jobs.size, -1, np.int64) if modes is None else np.array(modes, np.int64)
    out = _forward(jobs, given, space.ground, space.left())
    return _plan(space, jobs, out)


def earlier(space: Room, plan: Plan) -> Plan:
    """Move every stage as early as it goes, in the order in which they begin: none gets later."""
    begun = sorted(
        (start, job, number, mode)
        for job, stages in enumerate(plan.stages)
        for number, (mode, start) in enumerate(stages)
    )
    moved = place(space, [job for _, job, _, _ in begun], [mode for *_, mode in begun])
    if moved is None:
        raise AssertionError("a plan moved earlier in its own order fits")
    return moved


def later(space: Room, plan: Plan, limit: NDArray[np.int64]) -> Plan | None:
    """Move every stage as late as it goes, in the order in which they end, backwards.

    Parameters
    ----------
    space
        From `room`.
    plan
        What to move.
    limit
        By job, the month before which it must stand.

    Returns
    -------
    Plan
        None where a stage finds no room (a year's money may be taken by another).
    """
    ended = sorted(
        (
            (start + int(space.modes[space.jobs[job, 3] + mode, 2]), start, job, number, mode)
            for job, stages in enumerate(plan.stages)
            for number, (mode, start) in enumerate(stages)
        ),
        reverse=True,
    )
    jobs = np.array([job for _, _, job, _, _ in ended], np.int64)
    given = np.array([mode for *_, mode in ended], np.int64)
    out = _backward(jobs, given, limit.copy(), space.ground, space.left())
    return _plan(space, jobs, out)


def _plan(space: Room, jobs: NDArray[np.int64], out: NDArray[np.int64]) -> Plan | None:
    """Sort what was placed by job and month."""
    if (out[:, 1] < 0).any():
        return None
    stages: list[list[tuple[int, int]]] = [[] for _ in range(space.jobs.shape[0])]
    for job, (mode, start) in zip(jobs.tolist(), out.tolist(), strict=True):
        stages[job].append((mode, start))
    return Plan(tuple(tuple(sorted(own, key=lambda stage: stage[1])) for own in stages))
