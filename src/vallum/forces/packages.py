"""Work packages: what each sector of a line takes to build, and what land it encloses with others.

A held piece is protected only when its whole enclosing line is covered, so what counts for order is
not a sector's own worth but that of the pieces it belongs to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vallum.forces.packages_amounts import amounts, pieces_on, sector_rows, sectors_of_line
from vallum.forces.packages_inner import inner_lines, values_of
from vallum.forces.packages_model import Packages, Piece

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.forces.programme_settings import ProgrammeSettings
    from vallum.line import Course, Line
    from vallum.theatre import Theatre
    from vallum.works import Works

__all__ = ["packages_of"]


def packages_of(
    theatre: Theatre,
    works: Works,
    line: Line,
    settings: ProgrammeSettings,
    *,
    man_usd_yr: float,
) -> Packages:
    """Derive the packages of a line from its sectors and what they are made of.

    Kilometres, capital, company days and tonnes are those of the line's bill, shared out by where
    the line stands. Whose climate counts, and whether ground floods, is judged by the length of the
    sector (`vallum.forces.packages_amounts.floods`).

    Parameters
    ----------
    theatre, works, line
        Results of the earlier stages.
    settings
        Of the programme.
    man_usd_yr
        Cost of one man on duty, rotation included.

    Returns
    -------
    Packages
        Values are losses averted and projects, USD/yr, whatever the line was drawn for.
    """
    course = line.course
    along = amounts(theatre, works, course, man_usd_yr=man_usd_yr)
    of_edge = sectors_of_line(course, line.sectors)
    table = sector_rows(theatre, along, of_edge, settings)
    table["state"] = line.sectors["state"].to_numpy()[table["sector"].to_numpy()]
    plans = line.other if line.plans.objective == "people" else line.plans
    values = values_of(plans, line.held)
    pieces = _pieces(course, of_edge, pieces_on(line.held).ravel(), values)
    whole = Packages(table, pieces)
    return replace(whole, inner=inner_lines(theatre, works, line, whole, settings, man_usd_yr))


def _pieces(
    course: Course,
    of_edge: NDArray[np.int64],
    piece: NDArray[np.int64],
    values: NDArray[np.float64],
) -> tuple[Piece, ...]:
    """Give each connected piece of land the sectors of all lines around it."""
    if not course.runs:
        return ()
    of_piece = piece[np.concatenate([run.cells for run in course.runs])]
    return tuple(
        Piece(
            f"piece {number}",
            float(values[piece == number].sum()),
            tuple(int(sector) for sector in np.unique(of_edge[of_piece == number])),
        )
        for number in np.unique(of_piece)
    )
