"""Why a programme can't be carried out: what is short, by how much, and what would mend it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InfeasibleError
from vallum.forces.calendar import MONTHS
from vallum.forces.programme_greedy import by_rules
from vallum.forces.programme_model import HAUL, made

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from vallum.forces.packages_model import Piece
    from vallum.forces.programme_model import Job, Problem
    from vallum.forces.programme_resources import Pool, Resources
    from vallum.forces.programme_settings import ProgrammeSettings

__all__ = ["refuse", "too_long"]

_WHERE = "programme"
_DOUBLINGS = 10
Case = tuple["Resources", "ProgrammeSettings"]


def refuse(problem: Problem, resources: Resources, settings: ProgrammeSettings) -> None:
    """Refuse what no length of time would mend.

    Raises
    ------
    InfeasibleError
        With every sector that nobody can build (no companies, none there while its ground is open,
        none of a material), and every purse that can't pay its dearest stage; each says what is
        short and by how much.
    """
    alike: dict[tuple[str, bytes], list[Job]] = {}
    for job in problem.jobs:
        if not job.modes:
            season = job.open.tobytes() if _may(job.state, resources) else b""
            alike.setdefault((job.state, season), []).append(job)
    faults = [_nobody(jobs, problem, resources, settings) for jobs in alike.values()]
    for number, (purse, cap) in enumerate(zip(resources.purses, problem.purses, strict=True)):
        dearest = max((job.capital for job in problem.jobs if job.purse == number), default=0)
        if dearest > cap:
            found = f"USD {cap:,} a year; its dearest package takes {dearest:,}"
            mend = (
                f"short by USD {dearest - cap:,} a year: give {dearest:,}, the cheapest relaxation"
            )
            faults.append(Fault(_WHERE, f"purse {purse.name}", found, mend))
    if faults:
        raise InfeasibleError(faults)


def _may(state: str, resources: Resources) -> list[Pool]:
    """List the pools with companies that may work on a state's ground."""
    return [
        pool
        for pool in resources.pools
        if pool.at_work > 0 and (pool.states is None or state in pool.states)
    ]


def _nobody(
    jobs: list[Job], problem: Problem, resources: Resources, settings: ProgrammeSettings
) -> Fault:
    """Say why nobody can build some sectors of one state and one season."""
    state, work = jobs[0].state, sum(job.work for job in jobs)
    place = f"sectors {', '.join(str(job.sector) for job in jobs)} ({state})"
    usd = f"USD {settings.company_usd_yr:,.0f} a year"
    may = _may(state, resources)
    if not may:
        found = f"{work:,.0f} company-days to do and no company that may work there"
        return Fault(
            _WHERE, place, found, f"short by one company: {usd} is the cheapest relaxation"
        )
    none = [name for name, cap in problem.materials if cap == 0]
    there = sorted({month for pool in may for month in pool.months or range(1, MONTHS + 1)})
    first = settings.start.month - 1
    dry = sorted({(first + int(n)) % MONTHS + 1 for n in np.flatnonzero(jobs[0].open)})
    if not set(there) & set(dry):
        found = f"open in months {dry}, and companies are there in {there}"
        wanted = f"one company in month {dry[0]}" if dry else "ground that is open in some month"
        mend = f"short by {work:,.0f} company-days of the dry season: keep {wanted}, {usd}"
        return Fault(_WHERE, place, found, f"{mend}, is the cheapest relaxation")
    found = f"none a month of {', '.join(none)}" if none else "no stage fits its open months"
    return Fault(_WHERE, place, found, "give some of each" if none else "give more of each")


def too_long(
    table: pd.DataFrame,
    pieces: Sequence[Piece],
    resources: Resources,
    settings: ProgrammeSettings,
    *,
    proven: bool,
) -> InfeasibleError:
    """Make the refusal of a programme for which the horizon is too short.

    Each thing is relaxed by itself until the rules find a plan; what that costs over the horizon
    is compared. More time costs what is lost meanwhile.

    Parameters
    ----------
    table, pieces, resources, settings
        As for `vallum.forces.programme_model.made`.
    proven
        Whether there is no plan; or only that none was found.

    Returns
    -------
    InfeasibleError
        What is needed and there is of each resource; the cheapest relaxation first.
    """
    problem = made(table, pieces, resources, settings)
    faults = [
        Fault(_WHERE, name, f"needs {need:,.0f} {unit}, there is {there:,.0f}",
              f"short by {need - there:,.0f} {unit}")
        for name, unit, need, there in _sums(problem)
        if need > there
    ]  # fmt: skip
    ways = sorted(_ways(table, pieces, resources, settings), key=lambda way: way[1])
    told = "; or ".join(f"{text} (USD {usd:,.0f} in all)" for text, usd in ways)
    found = f"not all is covered within {settings.horizon_years} years"
    if not proven:
        found += ", as far as the rules and the search can tell"
    mend = f"the cheapest relaxation: {told}" if ways else "relax several things together"
    return InfeasibleError([Fault(_WHERE, "horizon_years", found, mend), *faults])


def _sums(problem: Problem) -> list[tuple[str, str, float, float]]:
    """Give need and supply of each resource over the whole horizon."""
    jobs = problem.jobs
    out = [("companies", "company-months", float(sum(job.stages * job.least for job in jobs)),
            float(problem.pools.sum()))]  # fmt: skip
    for number, (name, cap) in enumerate(problem.materials):
        need = sum(job.stages * min(m.rates[number] * m.months for m in job.modes) for job in jobs)
        unit, per = ("tonne-km", 1.0) if name == HAUL else ("t", 1000.0)
        out.append((name, unit, need / per, cap * problem.months / per))
    for number, cap in enumerate(problem.purses):
        need = sum(job.stages * job.capital for job in jobs if job.purse == number)
        out.append((f"purse {number}", "USD", float(need), float(cap * problem.months // MONTHS)))
    return out


def _ways(
    table: pd.DataFrame,
    pieces: Sequence[Piece],
    resources: Resources,
    settings: ProgrammeSettings,
) -> list[tuple[str, float]]:
    """Find what mends it by itself, with its price, USD."""
    years = settings.horizon_years
    companies = sum(pool.companies for pool in resources.pools)
    money = sum(purse.usd_yr for purse in resources.purses)
    value = sum(piece.value_usd_yr for piece in pieces)

    def more_companies(part: float) -> Case:
        pools = tuple(
            replace(pool, companies=_more(pool.companies, part),
                    plant=None if pool.plant is None else _more(pool.plant, part))
            for pool in resources.pools
        )  # fmt: skip
        return replace(resources, pools=pools), settings

    def more_money(part: float) -> Case:
        purses = tuple(replace(each, usd_yr=each.usd_yr * (1 + part)) for each in resources.purses)
        return replace(resources, purses=purses), settings

    def more_years(part: float) -> Case:
        longer = min(60, _more(years, part))
        return resources, settings.model_copy(update={"horizon_years": longer})

    out = []
    for relax, text in (
        (more_companies, "companies"), (more_money, "money"), (more_years, "years")
    ):  # fmt: skip
        part = _least(lambda case: _fits(table, pieces, *case), relax)
        if part is None or (text == "money" and not resources.purses):
            continue
        if text == "companies":
            more = sum(pool.companies for pool in relax(part)[0].pools) - companies
            out.append((f"{more} more companies", more * settings.company_usd_yr * years))
        elif text == "money":
            out.append((f"USD {money * part:,.0f} more a year", money * part * years))
        else:
            more = relax(part)[1].horizon_years - years
            out.append((f"{more} more years", value * more))
    return out


def _more(count: int, part: float) -> int:
    """Raise a count by a part, rounded up."""
    return int(np.ceil(count * (1 + part) - 1e-9))


def _fits(
    table: pd.DataFrame,
    pieces: Sequence[Piece],
    resources: Resources,
    settings: ProgrammeSettings,
) -> bool:
    """Tell whether the rules find a plan."""
    problem = made(table, pieces, resources, settings)
    if not all(job.modes for job in problem.jobs):
        return False
    return by_rules(problem, np.random.default_rng(0), tries=0) is not None


def _least(fits: Callable[[Case], bool], relax: Callable[[float], Case]) -> float | None:
    """Find about the least part by which to relax, None where ever more does not help."""
    high = next((2.0**k / 16 for k in range(_DOUBLINGS) if fits(relax(2.0**k / 16))), None)
    if high is None:
        return None
    low = 0.0 if high <= 1 / 16 else high / 2
    for _ in range(5):
        middle = (low + high) / 2
        low, high = (low, middle) if fits(relax(middle)) else (middle, high)
    return high
