"""What a programme costs in which year, what it protects by when, and where it can be halted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from vallum.forces.calendar import MONTHS, month_of

if TYPE_CHECKING:
    from datetime import date

    from vallum.forces.programme_model import Plan, Problem

__all__ = ["cash_of", "pieces_table", "protected_of", "stops_of"]


def cash_of(problem: Problem, plan: Plan, running: list[float], first: date) -> pd.DataFrame:
    """Add up money by year and state.

    Parameters
    ----------
    problem, plan
        What is built when.
    running
        By job, what it costs a year once it is covered, USD.
    first
        First day of month 0.

    Returns
    -------
    pandas.DataFrame
        `year` (in which the programme's year begins; a purse's year), `state`, `capital_usd`
        (paid when a stage begins), `running_usd` (from covered on) and `usd`, their sum; up to the
        year in which all is covered.
    """
    covered = plan.covered(problem)
    years = (max(covered, default=1) - 1) // MONTHS + 1
    sums = {
        (year, state): [0.0, 0.0]
        for year in range(years)
        for state in sorted({job.state for job in problem.jobs})
    }
    for job, stages, begins, usd in zip(problem.jobs, plan.stages, covered, running, strict=True):
        for _, start in stages:
            sums[start // MONTHS, job.state][0] += job.capital
        for year in range(begins // MONTHS, years):
            months = MONTHS * (year + 1) - max(begins, MONTHS * year)
            sums[year, job.state][1] += usd * months / MONTHS
    rows = [
        (first.year + year, state, capital, run, capital + run)
        for (year, state), (capital, run) in sums.items()
    ]
    return pd.DataFrame(rows, columns=["year", "state", "capital_usd", "running_usd", "usd"])


def pieces_table(
    problem: Problem, plan: Plan, values: dict[str, float], first: date
) -> pd.DataFrame:
    """Say of each piece when it is begun and protected, and what the time between costs.

    Parameters
    ----------
    problem, plan
        What is built when.
    values
        By name of a piece, USD/yr.
    first
        First day of month 0.

    Returns
    -------
    pandas.DataFrame
        `piece`, `value_usd_yr`, `sectors`, `begun` and `protected` (dates), `loss_usd` (until it
        is protected, from month 0), `half_finished_usd` (the part of it after work on the piece
        began) and `capital_usd`.
    """
    rows = []
    for goal, until in zip(problem.goals, plan.dates(problem), strict=True):
        begun = min(start for job in goal.jobs for _, start in plan.stages[job])
        value = values[goal.name]
        capital = sum(problem.jobs[job].stages * problem.jobs[job].capital for job in goal.jobs)
        rows.append((goal.name, value, len(goal.jobs), month_of(first, begun),
                     month_of(first, until), value * until / MONTHS,
                     value * (until - begun) / MONTHS, float(capital)))  # fmt: skip
    return pd.DataFrame(
        rows,
        columns=["piece", "value_usd_yr", "sectors", "begun", "protected", "loss_usd",
                 "half_finished_usd", "capital_usd"],
    )  # fmt: skip


def protected_of(
    problem: Problem, plan: Plan, values: dict[str, float], first: date
) -> pd.DataFrame:
    """Say what is protected from which date on.

    Returns
    -------
    pandas.DataFrame
        `date`, `value_usd_yr` and `share`, from nothing on the first day; one row for each date at
        which it grows.
    """
    dates = plan.dates(problem)
    whole = sum(values[goal.name] for goal in problem.goals)
    rows = [(first, 0.0, 0.0)]
    for at in sorted(set(dates)):
        held = sum(
            values[goal.name]
            for goal, until in zip(problem.goals, dates, strict=True)
            if until <= at
        )
        rows.append((month_of(first, at), held, held / whole if whole > 0 else 0.0))
    return pd.DataFrame(rows, columns=["date", "value_usd_yr", "share"])


def stops_of(problem: Problem, plan: Plan, values: dict[str, float], first: date) -> pd.DataFrame:
    """Say at which dates the programme can be halted so that what stands holds something.

    Those are the dates at which a piece is covered all round; what was spent on others by then
    would be lost.

    Returns
    -------
    pandas.DataFrame
        `date`, `piece` (newly protected, joined by commas), `value_usd_yr` (protected in all),
        `spent_usd` (capital so far), `idle_usd` (the part of it in sectors of pieces that are not
        protected) and `clean` (no stage is under way at that date).
    """
    dates, rows = plan.dates(problem), []
    for at in sorted(set(dates)):
        done = [goal for goal, until in zip(problem.goals, dates, strict=True) if until <= at]
        held = {job for goal in done for job in goal.jobs}
        spent = idle = 0.0
        clean = True
        for number, (job, stages) in enumerate(zip(problem.jobs, plan.stages, strict=True)):
            paid = job.capital * sum(start < at for _, start in stages)
            spent, idle = spent + paid, idle + (0.0 if number in held else paid)
            clean &= all(
                start >= at or start + job.modes[mode].months <= at for mode, start in stages
            )
        new = [goal.name for goal, until in zip(problem.goals, dates, strict=True) if until == at]
        value = sum(values[goal.name] for goal in done)
        rows.append((month_of(first, at), ", ".join(new), value, spent, idle, clean))
    return pd.DataFrame(
        rows, columns=["date", "piece", "value_usd_yr", "spent_usd", "idle_usd", "clean"]
    )
