"""A programme's problem in whole numbers: stages of sectors, the ways to build each, and limits.

All limits are whole numbers (companies, kilograms, tonne-km, dollars), needs rounded up and limits
down, so that what the solver, the bound and a check count is the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.forces.calendar import MONTHS, open_months

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from vallum.forces.packages_model import Piece
    from vallum.forces.programme_resources import Pool, Resources
    from vallum.forces.programme_settings import ProgrammeSettings

__all__ = ["Goal", "Job", "Mode", "Plan", "Problem", "goals_of", "made", "stretch"]

HAUL = "haul"
_KG = 1000


@dataclass(frozen=True)
class Mode:
    """One way to build a stage.

    Attributes
    ----------
    pool, crew, months
        Which companies, how many of them, for how long without a break.
    rates
        What it takes a month of each limited material, kg (of hauling, tonne-km).
    """

    pool: int
    crew: int
    months: int
    rates: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Job:
    """One sector: equal stages, one after the other.

    Attributes
    ----------
    sector, state
        Its number and its state.
    stages
        How many.
    modes
        Ways to build a stage.
    open
        Months in which its ground can be worked, shape (horizon,).
    capital
        Of a stage, USD; paid when the stage begins.
    purse
        Which pays; −1 none.
    after
        Places of the jobs that must be built before.
    cover
        Months from built to covered.
    work
        Companies times days of the whole sector.
    """

    sector: int
    state: str
    stages: int
    modes: tuple[Mode, ...]
    open: NDArray[np.bool_]
    capital: int
    purse: int
    after: tuple[int, ...]
    cover: int
    work: float

    @property
    def least(self) -> int:
        """Fewest company-months that a stage takes."""
        return min(mode.crew * mode.months for mode in self.modes)

    @property
    def shortest(self) -> int:
        """Fewest months that a stage takes."""
        return min(mode.months for mode in self.modes)


@dataclass(frozen=True)
class Goal:
    """Land that is protected from the month on in which all its jobs are covered.

    Attributes
    ----------
    name
        Of the piece.
    usd_month
        What a month without it costs.
    jobs
        Places in `Problem.jobs`.
    """

    name: str
    usd_month: float
    jobs: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be scheduled, with what.

    Attributes
    ----------
    jobs, goals
        Sectors, and what they protect.
    months
        The horizon: everything is covered by its end.
    pools
        Companies at work in each month, shape (pools, months).
    materials
        Names of the limited materials, with what there is of each a month.
    purses
        USD by purse and year.
    """

    jobs: tuple[Job, ...]
    goals: tuple[Goal, ...]
    months: int
    pools: NDArray[np.int64]
    materials: tuple[tuple[str, int], ...]
    purses: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """When each stage is begun, and how it is built.

    Attributes
    ----------
    stages
        By job, (mode, first month) of each of its stages.
    """

    stages: tuple[tuple[tuple[int, int], ...], ...]

    def built(self, problem: Problem) -> list[int]:
        """Month from which each job stands: the one after its last month of work."""
        return [
            max(start + job.modes[mode].months for mode, start in stages)
            for job, stages in zip(problem.jobs, self.stages, strict=True)
        ]

    def covered(self, problem: Problem) -> list[int]:
        """Month from which each job is covered."""
        return [
            built + job.cover for built, job in zip(self.built(problem), problem.jobs, strict=True)
        ]

    def dates(self, problem: Problem) -> list[int]:
        """Month from which each goal is protected."""
        covered = self.covered(problem)
        return [max(covered[job] for job in goal.jobs) for goal in problem.goals]

    def loss(self, problem: Problem) -> float:
        """Add up what is lost until all is protected, USD, from month 0 on."""
        dates = self.dates(problem)
        return math.fsum(
            goal.usd_month * date for goal, date in zip(problem.goals, dates, strict=True)
        )


def made(
    table: pd.DataFrame,
    pieces: Sequence[Piece],
    resources: Resources,
    settings: ProgrammeSettings,
) -> Problem:
    """Make the problem of some packages.

    Parameters
    ----------
    table, pieces
        As in `vallum.forces.packages_model.Packages`, checked.
    resources
        Checked.
    settings
        Start, horizon, how stages are cut.

    Returns
    -------
    Problem
        A sector that nobody can build has no modes (`vallum.forces.programme_short` says why).
    """
    months = settings.months
    present = [open_months(_absent(pool), settings.start, months) for pool in resources.pools]
    limits = tuple(
        (name, math.floor(_KG * tonnes))
        for name, tonnes in sorted(resources.materials_t_month.items())
        if f"t_{name}" in table and math.isfinite(tonnes)
    )
    if "haul_tkm" in table and math.isfinite(resources.haul_tkm_month):
        limits += ((HAUL, math.floor(resources.haul_tkm_month)),)
    place = {int(sector): number for number, sector in enumerate(table["sector"])}
    jobs = tuple(
        _job(row, resources, settings, present, limits, place)
        for row in table.to_dict(orient="records")
    )
    return Problem(
        jobs=jobs,
        goals=goals_of(pieces, place),
        months=months,
        pools=np.array(
            [pool.at_work * here for pool, here in zip(resources.pools, present, strict=True)],
            np.int64,
        ).reshape(len(resources.pools), months),
        materials=limits,
        purses=tuple(math.floor(purse.usd_yr) for purse in resources.purses),
    )


def goals_of(pieces: Sequence[Piece], place: dict[int, int]) -> tuple[Goal, ...]:
    """Turn pieces into goals: their value by the month, their sectors by place."""
    return tuple(
        Goal(
            piece.name,
            piece.value_usd_yr / MONTHS,
            tuple(sorted({place[sector] for sector in piece.sectors})),
        )
        for piece in pieces
        if piece.sectors
    )


def stretch(workable: NDArray[np.bool_]) -> int:
    """Length of the longest run of months without a break.

    Examples
    --------
    >>> stretch(np.array([True, True, False, True]))
    2
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], workable.astype(np.int8), [0]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _absent(pool: Pool) -> tuple[int, ...]:
    """Months of the year in which a pool is away."""
    return () if pool.months is None else tuple({*range(1, MONTHS + 1)} - {*pool.months})


def _job(
    row: dict[Hashable, Any],
    resources: Resources,
    settings: ProgrammeSettings,
    present: list[NDArray[np.bool_]],
    limits: tuple[tuple[str, int], ...],
    place: dict[int, int],
) -> Job:
    """Cut one sector into stages and list the ways to build each."""
    state, work = str(row["state"]), float(row["company_days"])
    closed = tuple(row.get("rains") or ()) if row.get("floods") else ()
    workable = open_months(closed, settings.start, settings.months)
    needs = [
        float(row["haul_tkm"]) if name == HAUL else _KG * float(row[f"t_{name}"])
        for name, _ in limits
    ]
    may = [
        (number, min(settings.sector_companies, pool.at_work), stretch(workable & present[number]))
        for number, pool in enumerate(resources.pools)
        if pool.at_work > 0 and (pool.states is None or state in pool.states)
    ]
    slow = max((need / cap for need, (_, cap) in zip(needs, limits, strict=True) if cap), default=0)
    parts = [
        max(work / (crew * settings.days_per_month), slow) / min(run, settings.stage_months)
        for _, crew, run in may
        if run > 0
    ]
    stages = max(1, math.ceil(min(parts, default=1.0) - 1e-9))
    each = [(need / stages, cap) for need, (_, cap) in zip(needs, limits, strict=True)]
    months = work / stages / settings.days_per_month
    purses = [
        number
        for number, purse in enumerate(resources.purses)
        if purse.states is None or state in purse.states
    ]
    return Job(
        sector=int(row["sector"]),
        state=state,
        stages=stages,
        modes=tuple(mode for of in may for mode in _modes(of, months, each)),
        open=workable,
        capital=math.ceil(float(row["capital_usd"]) / stages),
        purse=purses[0] if purses else -1,
        after=tuple(place[int(sector)] for sector in row.get("after") or ()),
        cover=settings.cover_months,
        work=work,
    )


def _modes(of: tuple[int, int, int], work: float, needs: list[tuple[float, int]]) -> list[Mode]:
    """List the ways for one pool to build a stage: a larger crew only where it is faster."""
    pool, most, run = of
    slow = max((math.ceil(need / cap) if cap else run + 1 for need, cap in needs if need > 0),
               default=0)  # fmt: skip
    out: list[Mode] = []
    for crew in range(1, most + 1):
        months = max(1, math.ceil(work / crew - 1e-9), slow)
        if months <= run and (not out or months < out[-1].months):
            rates = tuple(math.ceil(need / months) for need, _ in needs)
            out.append(Mode(pool, crew, months, rates))
    return out
