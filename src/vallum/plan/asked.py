"""What is asked of the stages beside a plan: a drawn line, places to hold, one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vallum import line, works
from vallum.errors import Fault, InputError
from vallum.kernel.card import Shown
from vallum.line.constraints import resolve
from vallum.plan.card import judged_card
from vallum.plan.stages import STAGES, bound, run, until
from vallum.settings import Settings
from vallum.theatre.drawn import read_drawn
from vallum.theatre.place import cell_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from vallum import theatre, worth
    from vallum.kernel.card import Card

__all__ = ["Judged", "enclose", "explain_at", "score_line"]


def _say_nothing(_stage: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, eq=False, repr=False)
class Judged(Shown):
    """A territory that somebody drew, beside the frontier.

    Attributes
    ----------
    found
        What it earns and costs, and the most that its cost could earn.
    held
        Its cells, shape (rows, cols), bool.
    theatre, plans, worth
        The ground, and the frontier and the worth that it is judged by.
    settings
        Of the line: what the benefit counts.
    """

    found: line.Judgement
    held: NDArray[np.bool_]
    theatre: theatre.Theatre
    plans: line.Plans
    worth: worth.Worth
    settings: line.LineSettings

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return judged_card(self)


def score_line(
    path: Path | str,
    name: str,
    settings: Settings | None = None,
    *,
    holding: Sequence[tuple[float, float]] = (),
    progress: Callable[[str], None] = _say_nothing,
) -> Judged:
    """Judge a territory or line that anyone drew, by the frontier's own yardstick.

    Parameters
    ----------
    path
        Vector file of polygons or lines.
    name, settings, progress
        As for `make`.
    holding
        (lon, lat) of places that a drawn line is to hold; the members' largest towns if not given.

    Returns
    -------
    Judged
        Its score, and the most that its cost could earn.

    Raises
    ------
    VallumError
        As the stages and `vallum.theatre.drawn.read_drawn` do.
    """
    chosen = settings or Settings()
    results = until("line", name, chosen, progress=progress)
    plans = results["line"].plans
    ground = results["theatre"]
    held = read_drawn(path, ground, holding=holding)
    return Judged(line.judge(plans, held), held, ground, plans, results["worth"], chosen.line)


def enclose(
    places: Sequence[str],
    name: str,
    settings: Settings | None = None,
    *,
    progress: Callable[[str], None] = _say_nothing,
) -> line.Enclosed:
    """Find the cheapest line around places: one cut, certified.

    Parameters
    ----------
    places
        Names of settlements, regions or members, "lon,lat", or "file:" and the path of polygons.
    name, settings, progress
        As for `make`.

    Returns
    -------
    Enclosed
        The territory that costs least, and its line.

    Raises
    ------
    VallumError
        As the stages and `vallum.line.enclose` do.
    """
    chosen = settings or Settings()
    results: dict[str, Any] = {}
    progress(STAGES[0])
    for stage, found in run(name, chosen):
        if stage == "theatre":  # the places are asked for before the long work
            resolve(found, chosen.line, places)
        results[stage] = found
        if stage == "works":
            break
        progress(STAGES[len(results)])
    progress("line")
    return line.enclose(
        results["theatre"],
        results["worth"],
        results["threat"],
        results["works"],
        chosen.line,
        places=places,
        man_usd_yr=chosen.works.man_year_usd * chosen.works.rotation,
    )


def explain_at(
    place: str,
    name: str,
    settings: Settings | None = None,
    *,
    progress: Callable[[str], None] = _say_nothing,
) -> works.Explanation:
    """Explain what would be built at a place, and why.

    Parameters
    ----------
    place
        "lon,lat" in degrees.
    name, settings, progress
        As for `make`.

    Returns
    -------
    Explanation
        The ground, the candidates, the winner and why the others lost.

    Raises
    ------
    InputError
        For a place that is none, or off the theatre.
    VallumError
        As the stages do.
    """
    chosen = settings or Settings()
    progress(STAGES[0])
    for number, (stage, found) in enumerate(run(name, chosen), start=1):
        if stage == "theatre":  # the place is asked for before the long work
            states, (row, col) = bound(found), _on_land(found, place)
        if stage == "works":
            return works.explain(found, row, col, chosen.works, states=states)
        progress(STAGES[number])
    raise AssertionError("the stages end before the works")


def _on_land(ground: theatre.Theatre, place: str) -> tuple[int, int]:
    """Find the cell of a place on the land of the states shown."""
    row, col = cell_at(ground, place, where="--at")
    if ground.ground["state"].to_numpy()[row, col] < 0:
        mend = "give a place on the land of the states shown"
        raise InputError([Fault("--at", place, "no land of this theatre", mend)])
    return row, col
