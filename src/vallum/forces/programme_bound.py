"""What no programme can beat: a linear relaxation by month, solved by HiGHS.

Work is spread over months in fractions, `y[j, q, t]` of sector j by companies q in month t, within
what there is of everything each month. A piece's date is bounded from below in three ways.

* The mean month of its work, weighted by any resource ρ that limits it, plus δ: work on it can't
  all fall in its last month, and `δ` is how far the mean lies before the end when the last months
  are filled to the brim: `C_p ≥ Σ_t t Σ_j q_jρ / Q_pρ y_jt + δ_pρ + 1 + cover`.
* The same for money, by the year in which stages are paid for.
* The month in which all its work first fits at all, and the longest of its sectors.

With one resource and no seasons this is Smith's rule exactly. The value told is that of the dual
solution put together again in floating point: it holds however well HiGHS solved the problem.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from vallum.forces.calendar import MONTHS
from vallum.forces.programme_orders import by_orders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.forces.programme_model import Goal, Problem

__all__ = ["Relaxed", "bound", "relaxed", "soonest"]

_COLUMNS = 6_000  # months are joined until the relaxation has no more columns than this


class _Rows:
    """Rows of `A x ≤ b`, put together one by one."""

    def __init__(self) -> None:
        self.row: list[NDArray[np.int64]] = []
        self.col: list[NDArray[np.int64]] = []
        self.value: list[NDArray[np.float64]] = []
        self.right: list[float] = []

    def add(self, cols: NDArray[np.int64], values: NDArray[np.float64], right: float) -> None:
        """Add one row."""
        self.row.append(np.full(cols.size, len(self.right)))
        self.col.append(cols)
        self.value.append(values)
        self.right.append(right)

    def matrix(self, count: int) -> sparse.csr_matrix:
        """Give them as a matrix with so many columns."""
        if not self.right:
            return sparse.csr_matrix((0, count))
        data = np.concatenate(self.value), (np.concatenate(self.row), np.concatenate(self.col))
        return sparse.csr_matrix(data, shape=(len(self.right), count))


@dataclass(frozen=True)
class Relaxed:
    """What the relaxation says.

    Attributes
    ----------
    bound
        No plan loses less, USD; infinite where even the relaxation has no solution.
    due
        By goal, the month of the bound over orders; something to aim at.
    """

    bound: float
    due: tuple[float, ...] = ()


def bound(problem: Problem) -> float:
    """Bound the loss of every plan from below, USD; as `relaxed`."""
    return relaxed(problem).bound


def relaxed(problem: Problem) -> Relaxed:
    """Solve the relaxation.

    Parameters
    ----------
    problem
        What is to be scheduled; each job has a mode.

    Returns
    -------
    Relaxed
        The better of the linear relaxation and the bound over orders (`by_orders`).
    """
    if not problem.goals or not problem.jobs:
        return Relaxed(0.0)
    grid = _Grid(problem)
    rows, equal = _Rows(), _Rows()
    grid.whole(equal)
    grid.limits(rows)
    grid.money(rows, equal)
    least = grid.dates(rows)
    if not np.isfinite(rows.right).all() or (least > problem.months).any():
        return Relaxed(math.inf)
    count = grid.columns
    cost = np.zeros(count)
    cost[grid.date : grid.date + len(problem.goals)] = [goal.usd_month for goal in problem.goals]
    low, high = np.zeros(count), np.ones(count)
    low[grid.date :], high[grid.date :] = least, float(problem.months)
    solved = linprog(
        cost, A_ub=rows.matrix(count), b_ub=rows.right, A_eq=equal.matrix(count), b_eq=equal.right,
        bounds=np.stack([low, high], axis=1), method="highs",
    )  # fmt: skip
    if solved.status == 2:
        return Relaxed(math.inf)
    plain, due = by_orders(problem, soonest)
    if max(due) > problem.months:
        return Relaxed(math.inf)
    if solved.status != 0:
        return Relaxed(plain, due)
    dual_ub = np.minimum(solved.ineqlin.marginals, 0.0)
    dual_eq = solved.eqlin.marginals
    reduced = cost - rows.matrix(count).T @ dual_ub - equal.matrix(count).T @ dual_eq
    value = dual_ub @ np.array(rows.right) + dual_eq @ np.array(equal.right)
    value += float(np.where(reduced > 0, reduced * low, reduced * high).sum())
    return Relaxed(max(plain, float(value)), due)


class _Grid:
    """The columns of the relaxation, and its rows; made and used within `bound`."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.jobs = problem.jobs
        pools = [sorted({mode.pool for mode in job.modes}) for job in self.jobs]
        self.step = max(1, math.ceil(sum(map(len, pools)) * problem.months / _COLUMNS))
        self.periods = -(-problem.months // self.step)
        self.weight = np.array([job.stages * job.least for job in self.jobs], float)
        here = problem.pools > 0
        job_of, pool_of, period_of = [], [], []
        for number, job in enumerate(self.jobs):
            for pool in pools[number]:
                fit = (
                    np.add.reduceat(job.open & here[pool], self.step * np.arange(self.periods)) > 0
                )
                period = np.flatnonzero(fit)
                job_of.append(np.full(period.size, number))
                pool_of.append(np.full(period.size, pool))
                period_of.append(period)
        self.job, self.pool, self.period = (
            np.concatenate(part) for part in (job_of, pool_of, period_of)
        )
        self.years = -(-problem.months // MONTHS)
        self.paid = [number for number, job in enumerate(self.jobs) if job.purse >= 0]
        self.year0 = self.job.size  # columns of payments: job by year
        self.date = self.year0 + len(self.paid) * self.years
        self.columns = self.date + len(problem.goals)
        self.of_job = [np.flatnonzero(self.job == number) for number in range(len(self.jobs))]

    def whole(self, equal: _Rows) -> None:
        """All of each job is done."""
        for cols in self.of_job:
            equal.add(cols, np.ones(cols.size), 1.0)

    def limits(self, rows: _Rows) -> None:
        """Companies and materials in each period."""
        at = self.step * np.arange(self.periods)
        for pool, there in enumerate(self.problem.pools):
            right = np.add.reduceat(there, at)
            own = np.flatnonzero(self.pool == pool)
            self._each(rows, own, self.weight, right.astype(float))
        every = np.arange(self.job.size)
        spans = np.minimum(self.step, self.problem.months - at)
        for number, (_, cap) in enumerate(self.problem.materials):
            self._each(rows, every, self.material(number), cap * spans.astype(float))

    def material(self, number: int) -> NDArray[np.float64]:
        """Say what each job takes of a material, at least."""
        return np.array(
            [
                job.stages * min(mode.rates[number] * mode.months for mode in job.modes)
                for job in self.jobs
            ],
            float,
        )

    def _each(
        self,
        rows: _Rows,
        own: NDArray[np.int64],
        need: NDArray[np.float64],
        right: NDArray[np.float64],
    ) -> None:
        """Add one row for each period."""
        order = own[np.argsort(self.period[own], kind="stable")]
        cuts = np.searchsorted(self.period[order], np.arange(self.periods + 1))
        for period in range(self.periods):
            cols = order[cuts[period] : cuts[period + 1]]
            value = need[self.job[cols]]
            if value.sum() > right[period]:
                rows.add(cols, value, float(right[period]))

    def money(self, rows: _Rows, equal: _Rows) -> None:
        """Stages are paid for in the year in which they begin, so before the work."""
        for place, number in enumerate(self.paid):
            cols = self._payments(place)
            equal.add(cols, np.ones(self.years), 1.0)
            work = self.of_job[number]
            ends = (self.step * (self.period[work] + 1) - 1) // MONTHS  # a period's last year
            for year in range(self.years - 1):
                done = work[ends <= year]
                if done.size:
                    both = np.concatenate([done, cols[: year + 1]])
                    values = np.concatenate([np.ones(done.size), -np.ones(year + 1)])
                    rows.add(both, values, 0.0)
        for purse, cap in enumerate(self.problem.purses):
            own = [k for k, number in enumerate(self.paid) if self.jobs[number].purse == purse]
            need = np.array([self._capital(self.paid[k]) for k in own], float)
            for year in range(self.years):
                rows.add(
                    np.array([self._payments(k)[year] for k in own], np.int64), need, float(cap)
                )

    def _payments(self, place: int) -> NDArray[np.int64]:
        """Columns of one job's payments by year."""
        return self.year0 + place * self.years + np.arange(self.years)

    def _capital(self, number: int) -> float:
        """Say what a job costs, USD."""
        return float(self.jobs[number].stages * self.jobs[number].capital)

    def dates(self, rows: _Rows) -> NDArray[np.float64]:
        """Add what bounds each goal's date; give the least dates."""
        least = np.zeros(len(self.problem.goals))
        for number, goal in enumerate(self.problem.goals):
            least[number] = soonest(self.problem, goal)
            cover = min(self.jobs[job].cover for job in goal.jobs)
            for jobs in _groups(self.problem, goal):
                part = np.zeros(len(self.jobs))
                part[jobs] = self.weight[jobs]
                self._mean(rows, number, goal, part, _crews(self.problem, jobs), 1 + cover)
            for material, (_, cap) in enumerate(self.problem.materials):
                there = np.full(self.problem.months, float(cap))
                self._mean(rows, number, goal, self.material(material), there, 1 + cover)
            self._paid_mean(rows, number, goal, cover)
        return least

    def _mean(
        self,
        rows: _Rows,
        number: int,
        goal: Goal,
        need: NDArray[np.float64],
        there: NDArray[np.float64],
        more: int,
    ) -> None:
        """Bound a date by the mean month of what it takes of one resource."""
        jobs = np.array(goal.jobs)
        total = float(need[jobs].sum())
        if total <= 0:
            return
        cols = np.concatenate([self.of_job[job] for job in goal.jobs])
        values = self.step * self.period[cols] * need[self.job[cols]] / total
        right = -(_behind(total, there) + more)
        rows.add(np.append(cols, self.date + number), np.append(values, -1.0), right)

    def _paid_mean(self, rows: _Rows, number: int, goal: Goal, cover: int) -> None:
        """Bound a date by the mean year of its payments out of one purse."""
        for purse, cap in enumerate(self.problem.purses):
            own = [
                place
                for place, job in enumerate(self.paid)
                if job in goal.jobs and self.jobs[job].purse == purse
            ]
            need = np.array([self._capital(self.paid[place]) for place in own])
            total = float(need.sum())
            if total <= 0 or cap <= 0:
                continue
            cols = np.concatenate([self._payments(place) for place in own])
            values = np.outer(need / total, MONTHS * np.arange(self.years)).ravel()
            shortest = min(self.jobs[self.paid[place]].shortest for place in own)
            behind = MONTHS * _behind(total, np.full(self.years, float(cap)))
            right = -(behind + shortest + cover)
            rows.add(np.append(cols, self.date + number), np.append(values, -1.0), right)


def soonest(problem: Problem, goal: Goal) -> int:
    """Give the first month from which a goal could be protected if there were no other.

    Parameters
    ----------
    problem, goal
        One goal of a problem.

    Returns
    -------
    month
        At least; beyond the horizon where it can't be.
    """
    jobs = [problem.jobs[job] for job in goal.jobs]
    cover = min(job.cover for job in jobs)
    found = []
    for group in _groups(problem, goal):
        work = sum(problem.jobs[job].stages * problem.jobs[job].least for job in group)
        found.append(_filled(float(work), _crews(problem, group)) + cover)
    for number, (_, cap) in enumerate(problem.materials):
        need = sum(job.stages * min(m.rates[number] * m.months for m in job.modes) for job in jobs)
        found.append(_filled(float(need), np.full(problem.months, float(cap))) + cover)
    for purse, cap in enumerate(problem.purses):
        own = [job for job in jobs if job.purse == purse]
        if own and cap > 0:
            years = math.ceil(sum(job.stages * job.capital for job in own) / cap)
            found.append(MONTHS * max(0, years - 1) + min(job.shortest for job in own) + cover)
    for job in jobs:
        alone = np.where(job.open, 1.0, 0.0)
        found.append(_filled(float(job.stages * job.shortest), alone) + job.cover)
    return max(found)


def _groups(problem: Problem, goal: Goal) -> list[list[int]]:
    """List a goal's jobs: all, those with the same companies, the same season, and both."""
    keys: dict[tuple[object, ...], list[int]] = {}
    for number in goal.jobs:
        job = problem.jobs[number]
        pools, season = tuple(sorted({mode.pool for mode in job.modes})), job.open.tobytes()
        for key in ((), (pools,), (season,), (pools, season)):
            keys.setdefault(key, []).append(number)
    return [list(jobs) for jobs in dict.fromkeys(tuple(jobs) for jobs in keys.values())]


def _crews(problem: Problem, jobs: list[int]) -> NDArray[np.float64]:
    """Companies that can work on some jobs in each month, at most."""
    most = np.zeros(problem.months)
    pools: set[int] = set()
    for job in (problem.jobs[number] for number in jobs):
        most += job.open * float(max(mode.crew for mode in job.modes))
        pools |= {mode.pool for mode in job.modes}
    return np.asarray(np.minimum(most, problem.pools[sorted(pools)].sum(axis=0)), np.float64)


def _filled(amount: float, there: NDArray[np.float64]) -> int:
    """Months until an amount fits into what there is; one more than all where it never does."""
    return int(np.searchsorted(np.cumsum(there), amount - 1e-9)) + 1 if amount > 0 else 0


def _behind(amount: float, there: NDArray[np.float64]) -> float:
    """How far, at least, the mean of an amount lies before its last month, whichever that is.

    The last months are filled to the brim; of the ends that the calendar offers the least counts.
    """
    ends = range(max(0, there.size - MONTHS), there.size)
    return min(_behind_end(amount, there[: end + 1][::-1]) for end in ends)


def _behind_end(amount: float, back: NDArray[np.float64]) -> float:
    """Give the same for one end: months counted back from it."""
    filled = np.minimum(np.cumsum(back), amount)
    taken = np.diff(np.concatenate([[0.0], filled]))
    if filled[-1] < amount:
        return math.inf
    return float(taken @ np.arange(back.size)) / amount
