"""What is built when: the order of sectors that brings protection soonest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import InfeasibleError
from vallum.forces.calendar import month_of
from vallum.forces.cashflow import cash_of, pieces_table, protected_of, stops_of
from vallum.forces.packages_model import Packages, Piece
from vallum.forces.programme_bound import relaxed
from vallum.forces.programme_door import check as check_packages
from vallum.forces.programme_greedy import by_rules
from vallum.forces.programme_model import made
from vallum.forces.programme_placing import earlier, room
from vallum.forces.programme_resources import check as check_resources
from vallum.forces.programme_search import search
from vallum.forces.programme_settings import ProgrammeSettings, ledger
from vallum.forces.programme_short import refuse, too_long

if TYPE_CHECKING:
    from datetime import date

    from vallum.forces.packages_model import Inner
    from vallum.forces.programme_model import Plan, Problem
    from vallum.forces.programme_resources import Resources
    from vallum.kernel.ledger import Assumption

__all__ = ["Programme", "schedule"]


@dataclass(frozen=True, eq=False)
class Programme:
    """What is built when.

    Attributes
    ----------
    table
        One row per sector, in the order in which they are begun: `sector`, `state`, `start`,
        `built` (the earthwork stands) and `covered` (men and sensors are in place), each as a date,
        with `start_month`, `built_month` and `covered_month` counted from the start; `stages`,
        `companies` (the most at once), `company_days`, `money_usd` (capital), `temporary` (only an
        inner line that is given up later needs it).
    stages
        One row per stage of a sector, for a Gantt: `sector`, `stage`, `pool` (whose companies),
        `companies`, `start_month`, `months`, `start`, `end` (dates) and `money_usd`.
    cash
        By year and state: `capital_usd`, `running_usd`, `usd`.
    protected
        `date`, `value_usd_yr` and `share` protected from then on.
    pieces
        By piece: begun, protected, what is lost until then, and half-finished.
    stops
        Dates at which the programme can be halted so that what stands holds something.
    tried
        The arrangements that were compared, with `loss_usd`, `bound_usd` and `outcome`.
    first_covered, all_covered
        Dates from which the first piece, and everything, is protected; None where there is nothing
        to build.
    loss_usd
        What is lost until all is protected, from the start on, with the capital of an inner line.
    bound
        No programme loses less, USD.
    gap
        How much less it could be at most, as a share of `loss_usd`.
    inner
        The inner line that is built first; empty: none.
    status
        `optimal`, or `within gap`; `nothing to build`.
    ledger
        The assumptions.
    """

    table: pd.DataFrame
    stages: pd.DataFrame
    cash: pd.DataFrame
    protected: pd.DataFrame
    pieces: pd.DataFrame
    stops: pd.DataFrame
    tried: pd.DataFrame
    first_covered: date | None
    all_covered: date | None
    loss_usd: float
    bound: float
    gap: float
    inner: str
    status: str
    ledger: tuple[Assumption, ...]


@dataclass(frozen=True, eq=False)
class _Arrangement:
    """Packages with or without an inner line, and what they cost beside time."""

    name: str
    table: pd.DataFrame
    pieces: tuple[Piece, ...]
    values: dict[str, float]
    extra_usd: float
    temporary: frozenset[int]


@dataclass(frozen=True, eq=False)
class _Result:
    """The best plan found for one arrangement."""

    of: _Arrangement
    problem: Problem
    plan: Plan
    loss: float
    bound: float


def schedule(packages: Packages, resources: Resources, settings: ProgrammeSettings) -> Programme:
    """Find the order of building that brings protection soonest.

    What is made least is `Σ value × time until protected`, USD from the start on. A piece counts as
    protected only from the month in which its whole enclosing line is covered. Rules make a plan
    (`by_rules`), CP-SAT betters it (`search`), and a linear relaxation says how much better any
    plan could be (`vallum.forces.programme_bound.bound`). An inner line is tried where it protects
    more a year than it costs to run; its capital counts against it.

    Parameters
    ----------
    packages
        From `vallum.forces.packages.packages_of`, or made by hand.
    resources
        Companies, money, materials, hauling.
    settings
        Start, horizon, work.

    Returns
    -------
    Programme
        With its bound. The same arguments give the same programme.

    Raises
    ------
    InputError
        For packages and resources that make no sense.
    InfeasibleError
        Where not all can be covered within the horizon: what is short, by how much, and the
        cheapest relaxation.
    """
    check_packages(packages)
    check_resources(resources)
    if not len(packages.table):
        return _nothing(settings)
    plain = _plain(packages)
    best = _solved(plain, resources, settings)
    tried: list[tuple[str, float, float, str]] = [("whole line", best.loss, best.bound, "")]
    bounds = [best.bound]
    for inner in packages.inner:
        if inner.running_usd_yr >= inner.piece.value_usd_yr:
            why = "costs more a year than it protects"
            tried.append((inner.name, float("nan"), float("nan"), why))
            continue
        arrangement = _with(packages, inner)
        problem = made(arrangement.table, arrangement.pieces, resources, settings)
        refuse(problem, resources, settings)
        least = relaxed(problem).bound + arrangement.extra_usd
        if least >= best.loss:
            tried.append((inner.name, float("nan"), least, "can't be better"))
            continue
        try:
            found = _solved(arrangement, resources, settings)
        except InfeasibleError:
            bounds.append(least)
            tried.append((inner.name, float("nan"), least, "no plan within the horizon"))
            continue
        bounds.append(found.bound)
        tried.append((inner.name, found.loss, found.bound, ""))
        if found.loss < best.loss:
            best = found
    names = [pool.name for pool in resources.pools]
    return _told(best, min(bounds), tried, names, settings)


def _plain(packages: Packages) -> _Arrangement:
    """Take the whole line alone."""
    values = {piece.name: piece.value_usd_yr for piece in packages.pieces}
    return _Arrangement("", packages.table, packages.pieces, values, 0.0, frozenset())


def _with(packages: Packages, inner: Inner) -> _Arrangement:
    """Add an inner line: its land is protected sooner, and it runs until it is relieved."""
    pieces, values = [], {inner.piece.name: inner.piece.value_usd_yr}
    for piece in packages.pieces:
        less = inner.piece.value_usd_yr if piece.name == inner.within else 0.0
        runs = inner.running_usd_yr if piece.name == inner.within else 0.0
        values[piece.name] = piece.value_usd_yr - less
        pieces.append(Piece(piece.name, piece.value_usd_yr - less + runs, piece.sectors))
    saved = inner.piece.value_usd_yr - inner.running_usd_yr
    pieces.append(Piece(inner.piece.name, saved, inner.piece.sectors))
    return _Arrangement(
        inner.name,
        pd.concat([packages.table, inner.table], ignore_index=True),
        tuple(pieces),
        values,
        float(inner.table["capital_usd"].sum()),
        frozenset(int(sector) for sector in inner.table["sector"]),
    )


def _solved(of: _Arrangement, resources: Resources, settings: ProgrammeSettings) -> _Result:
    """Find a plan for one arrangement, and its bound."""
    problem = made(of.table, of.pieces, resources, settings)
    refuse(problem, resources, settings)
    guide = relaxed(problem)
    least = guide.bound
    if least == float("inf"):
        raise too_long(of.table, of.pieces, resources, settings, proven=True)
    rng = np.random.default_rng(settings.seed)
    plan = by_rules(problem, rng, tries=settings.tries, due=guide.due)
    if plan is None or plan.loss(problem) > least * (1 + 1e-9):
        found = search(problem, plan, rng, work=settings.work)
        if found.plan is None:
            raise too_long(of.table, of.pieces, resources, settings, proven=found.proven)
        plan, least = earlier(room(problem), found.plan), max(least, found.bound)
    loss = plan.loss(problem)
    return _Result(of, problem, plan, loss + of.extra_usd, min(least, loss) + of.extra_usd)


def _told(
    best: _Result,
    bound: float,
    tried: list[tuple[str, float, float, str]],
    pools: list[str],
    settings: ProgrammeSettings,
) -> Programme:
    """Put the result together."""
    problem, plan, of, first = best.problem, best.plan, best.of, settings.start
    running = [float(usd) for usd in of.table.get("running_usd_yr", [0.0] * len(of.table))]
    dates = plan.dates(problem)
    all_covered = max(plan.covered(problem))
    gap = max(0.0, (best.loss - bound) / best.loss) if best.loss > 0 else 0.0
    tried_table = pd.DataFrame(tried, columns=["arrangement", "loss_usd", "bound_usd", "outcome"])
    return Programme(
        table=_table(best, first),
        stages=_stages(best, pools, first),
        cash=cash_of(problem, plan, running, first),
        protected=protected_of(problem, plan, of.values, first),
        pieces=pieces_table(problem, plan, of.values, first),
        stops=stops_of(problem, plan, of.values, first),
        tried=tried_table,
        first_covered=month_of(first, min(dates)) if dates else None,
        all_covered=month_of(first, all_covered),
        loss_usd=best.loss,
        bound=min(bound, best.loss),
        gap=gap,
        inner=of.name,
        status="optimal" if gap <= 1e-6 else "within gap",
        ledger=ledger(settings),
    )


def _table(best: _Result, first: date) -> pd.DataFrame:
    """Tell the dates of each sector."""
    problem, plan = best.problem, best.plan
    capital = best.of.table["capital_usd"].to_numpy()
    rows = []
    for job, stages, built, covered, usd in zip(
        problem.jobs, plan.stages, plan.built(problem), plan.covered(problem), capital, strict=True
    ):
        start = min(at for _, at in stages)
        crew = max(job.modes[mode].crew for mode, _ in stages)
        dates = (month_of(first, at) for at in (start, built, covered))
        rows.append((job.sector, job.state, *dates, start, built, covered, job.stages, crew,
                     job.work, float(usd), job.sector in best.of.temporary))  # fmt: skip
    frame = pd.DataFrame(
        rows,
        columns=["sector", "state", "start", "built", "covered", "start_month", "built_month",
                 "covered_month", "stages", "companies", "company_days", "money_usd", "temporary"],
    )  # fmt: skip
    return frame.sort_values(["start_month", "covered_month", "sector"], ignore_index=True)


def _stages(best: _Result, pools: list[str], first: date) -> pd.DataFrame:
    """Tell the dates of each stage."""
    rows = []
    for job, stages in zip(best.problem.jobs, best.plan.stages, strict=True):
        for number, (at, start) in enumerate(stages):
            mode = job.modes[at]
            rows.append((job.sector, number, pools[mode.pool], mode.crew, start, mode.months,
                         month_of(first, start), month_of(first, start + mode.months),
                         float(job.capital)))  # fmt: skip
    frame = pd.DataFrame(
        rows,
        columns=["sector", "stage", "pool", "companies", "start_month", "months", "start", "end",
                 "money_usd"],
    )  # fmt: skip
    return frame.sort_values(["start_month", "sector", "stage"], ignore_index=True)


def _nothing(settings: ProgrammeSettings) -> Programme:
    """Tell that there is nothing to build."""
    none = pd.DataFrame()
    tried = pd.DataFrame(columns=["arrangement", "loss_usd", "bound_usd", "outcome"])
    return Programme(
        table=none, stages=none, cash=none, protected=none, pieces=none, stops=none, tried=tried,
        first_covered=None, all_covered=None, loss_usd=0.0, bound=0.0, gap=0.0, inner="",
        status="nothing to build", ledger=ledger(settings),
    )  # fmt: skip
