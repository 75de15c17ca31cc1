"""A smaller line that could be built first, and given up when the whole one stands."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from vallum.forces.packages_amounts import amounts, pieces_on, sector_rows, sectors_of_line
from vallum.forces.packages_model import Inner, Piece
from vallum.line import trace
from vallum.line.course import follow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.forces.packages_model import Packages
    from vallum.forces.programme_settings import ProgrammeSettings
    from vallum.line import Course, Line
    from vallum.line.draw import Plans
    from vallum.theatre import Theatre
    from vallum.works import Works

__all__ = ["inner_lines", "values_of"]

SECTOR_KM = (50.0, 200.0)  # as `LineSettings.sector_km`: nothing is told more finely


def values_of(plans: Plans, held: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Spread what holding brings over the cells: a project's value evenly over its own.

    Parameters
    ----------
    plans
        Whose benefits and projects count.
    held
        Land held, shape (rows, cols).

    Returns
    -------
    values
        USD/yr, flat over the grid; projects that are not held whole bring nothing.
    """
    stakes = plans.stakes
    value = np.where(held & np.isfinite(stakes.benefit), stakes.benefit, 0.0).ravel()
    inside = held.ravel()
    for project in stakes.projects:
        if inside[project.cells].all():
            value[project.cells] += project.value / len(project.cells)
    return value


def inner_lines(
    theatre: Theatre,
    works: Works,
    line: Line,
    whole: Packages,
    settings: ProgrammeSettings,
    man_usd_yr: float,
) -> tuple[Inner, ...]:
    """Find smaller lines that could be built first: the largest pieces of smaller plans.

    Parameters
    ----------
    theatre, works, line
        Results of the earlier stages.
    whole
        The packages of the whole line.
    settings
        How many to look for.
    man_usd_yr
        Cost of one man on duty, rotation included.

    Returns
    -------
    tuple
        Only lines that enclose less than the piece in which they lie.
    """
    taken = int(whole.table["sector"].max()) + 1 if len(whole.table) else 0
    out: list[Inner] = []
    for step in _steps(line, settings.inner_lines):
        mask = _largest(line, step)
        home = pieces_on(line.held)
        outer = home[mask][0]
        if np.array_equal(mask, home == outer):
            continue
        course = follow(line.plans.problem, mask, line.plans.stakes.flank, theatre.grid)
        of_edge = _shared(course, line, first=taken)
        own = of_edge >= taken
        along = amounts(theatre, works, course, man_usd_yr=man_usd_yr)
        table = sector_rows(theatre, along[own].reset_index(drop=True), of_edge[own], settings)
        table["state"] = _states(theatre, along[own]["cell"].to_numpy(), of_edge[own])
        value = values_of(_usd(line), mask).sum()
        piece = Piece(f"inner {step}", float(value), tuple(int(n) for n in np.unique(of_edge)))
        running = float(table["running_usd_yr"].sum()) if len(table) else 0.0
        out.append(Inner(f"step {step}", table, piece, f"piece {outer}", running))
        taken = max(taken, int(of_edge.max()) + 1)
    return tuple(out)


def _usd(line: Line) -> Plans:
    """Take the plans whose benefits are in USD."""
    return line.other if line.plans.objective == "people" else line.plans


def _steps(line: Line, count: int) -> list[int]:
    """Choose smaller plans that keep much of the value for little of the cost.

    The score is the share of the benefit kept times the share of the cost saved; ties go to the
    smaller plan.
    """
    steps = line.plans.steps
    if count == 0 or line.step <= 0:
        return []
    benefit, cost = (steps[name].to_numpy()[: line.step + 1] for name in ("benefit", "cost_usd_yr"))
    if benefit[-1] <= 0 or cost[-1] <= 0:
        return []
    score = (benefit[:-1] / benefit[-1]) * (1.0 - cost[:-1] / cost[-1])
    return [int(step) for step in np.argsort(-score, kind="stable")[:count] if score[step] > 0]


def _largest(line: Line, step: int) -> NDArray[np.bool_]:
    """Mark the piece of a plan whose land is worth most; the first of equals."""
    held = (line.plans.entry >= 0) & (line.plans.entry <= step)
    piece = pieces_on(held)
    worth = np.bincount(piece[held], values_of(_usd(line), held)[held.ravel()])
    return np.asarray(piece == int(worth.argmax()))


def _shared(course: Course, line: Line, *, first: int) -> NDArray[np.int64]:
    """Give each edge of an inner line its sector: the whole line's where they run together.

    The rest is cut as the whole line is, and numbered from `first` on.
    """
    whole = line.course.table
    sector = sectors_of_line(line.course, line.sectors)
    known = dict(zip(zip(whole["cell"], whole["facing"], strict=True), sector, strict=True))
    out: list[int] = []
    for run, share in zip(course.runs, course.shares, strict=True):
        own = [known.get(edge, -1) for edge in zip(run.cells, run.facing, strict=True)]
        at = 0
        for free, group in groupby(own, key=lambda number: number < 0):
            found = [int(number) for number in group]
            if free:
                length = share.length_km[at : at + len(found)]
                for a, b in trace.sectors([("", "")] * len(found), length, SECTOR_KM):
                    found[a:b] = [first] * (b - a)
                    first += 1
            out += found
            at += len(found)
    return np.array(out, np.int64)


def _states(theatre: Theatre, cells: NDArray[np.int64], of_edge: NDArray[np.int64]) -> list[str]:
    """Name the state in which most of each sector lies."""
    code = theatre.ground["state"].to_numpy().ravel()[cells]
    names = [str(name) for name in theatre.countries.index]
    return [
        names[int(np.bincount(code[of_edge == number]).argmax())] for number in np.unique(of_edge)
    ]
