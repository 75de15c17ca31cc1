"""The plan: every stage in order, readable as prose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vallum import forces, line, theatre, threat, works, worth
from vallum.errors import Fault, InputError, nearest
from vallum.line.billed import bill_of
from vallum.line.constraints import resolve
from vallum.line.ranges import Ranges, ranges
from vallum.line.robust import Robust, pool_for, robust
from vallum.settings import Settings
from vallum.theatre.drawn import read_drawn
from vallum.theatre.place import cell_at
from vallum.works.assess import standard_by_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from vallum.campaign.model import Campaign
    from vallum.works import Bill

__all__ = [
    "STAGES",
    "Judged",
    "Plan",
    "bill_of",
    "enclose",
    "explain_at",
    "make",
    "run",
    "score_line",
    "until",
]

MOST_DRAWN = 6  # times that the line is drawn until its effect settles
SETTLED = 1e-3  # of the effect
LEAST_EFFECT = 1e-6

STAGES = ("theatre", "worth", "threat", "works", "line", "bill", "forces", "ranges", "robust")


def _say_nothing(_stage: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What every stage found.

    Attributes
    ----------
    settings
        All of them.
    theatre, worth, threat, works, line
        The stages' results.
    bill
        What the chosen line is made of.
    forces
        Who mans it, who does what, and what is built when.
    ranges
        Benefit and cost of every step over joint draws.
    robust
        What of it stands when the frontier is found again for each draw; None without such draws.
    campaign
        Whether it holds against those who adapt; None where it was not played.
    """

    settings: Settings
    theatre: theatre.Theatre
    worth: worth.Worth
    threat: threat.Threat
    works: works.Works
    line: line.Line
    bill: Bill
    forces: forces.Forces
    ranges: Ranges
    robust: Robust | None = None
    campaign: Campaign | None = None


@dataclass(frozen=True, eq=False)
class Judged:
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


def run(
    name: str, settings: Settings, *, scheduler: str | None = None
) -> Iterator[tuple[str, Any]]:
    """Run the stages in order; each yields its name and result.

    Parameters
    ----------
    name
        A built-in theatre.
    settings
        Of all stages.
    scheduler
        Address of a dask scheduler for the draws of `robust`; no setting, for it changes nothing.

    Yields
    ------
    stage, result
        In the order of `STAGES`.
    """
    ground = theatre.load(name, cell_km=settings.theatre.cell_km)
    works.check(settings.works, _bound(ground))  # what is barred is refused before the long work
    standard_by_cell(ground, settings.works)
    yield "theatre", ground

    vital = worth.value(ground, settings.worth)
    yield "worth", vital

    full = settings.depth == "full"
    danger = threat.assess(ground, vital, settings.threat, seed=settings.seed, full=full)
    yield "threat", danger

    built = works.assess(
        ground,
        vital,
        danger,
        settings.works,
        states=_bound(ground),
        seed=settings.seed,
        full=full,
    )
    yield "works", built

    man_usd_yr = settings.works.man_year_usd * settings.works.rotation

    def draw(priced: works.Works) -> line.Line:
        return line.draw(ground, vital, danger, priced, settings.line, man_usd_yr=man_usd_yr)

    drawn = draw(built)
    if settings.works.rule == "least_cost":
        built, drawn = _settled(built, drawn, draw)
        yield "works", built  # with the effect of the line that was drawn
    yield "line", drawn

    cut = works.roads_cut(drawn.line.geometry, ground.routes)
    yield "bill", bill_of(built, drawn.course, settings.works, roads=cut)

    yield (
        "forces",
        forces.deploy(ground, danger, built, drawn, settings.forces, how=settings.works, full=full),
    )

    yield (
        "ranges",
        ranges(ground, vital, danger, built, drawn, draws=settings.draws, seed=settings.seed),
    )

    found = None
    cells = int(ground.member_mask.sum())
    if settings.robust.draws_at(cells):
        found = robust(
            ground,
            vital,
            danger,
            built,
            drawn,
            settings.line,
            how=settings.robust,
            seed=settings.seed,
            man_usd_yr=man_usd_yr,
            pool=pool_for(settings.robust, cells, scheduler),
        )
    yield "robust", found


def _settled(
    built: works.Works, drawn: line.Line, draw: Callable[[works.Works], line.Line]
) -> tuple[works.Works, line.Line]:
    """Draw again with the effect of the line that was drawn, until both agree.

    A change of the effect scales all losses averted alike, so the family of plans stays and only
    the choice among them moves. Where it goes to and fro, the least effect seen is kept, and said.
    """
    seen = []
    for _ in range(MOST_DRAWN):
        ends = works.effect_along(built, drawn.course.by_cell.length_km)
        # with no effect at all every plan but none is as good as any: there is no best to draw
        low, mid, high = (max(end, LEAST_EFFECT) for end in ends)
        along = (low, mid, high)
        if abs(along[1] - built.effect[1]) <= SETTLED:
            return built, drawn
        seen.append(along)
        built = replace(built, effect=along)
        drawn = draw(built)
    least = min(seen, key=lambda ends: ends[1])
    told = "" if built.status == "ok" else f"{built.status}; "
    text = f"{told}the effect of the line and the line did not settle; the least effect is taken"
    built = replace(built, effect=least, status=text)
    return built, draw(built)


def make(
    name: str,
    settings: Settings | None = None,
    *,
    progress: Callable[[str], None] = _say_nothing,
    scheduler: str | None = None,
) -> Plan:
    """Make a plan for a theatre.

    Parameters
    ----------
    name
        A built-in theatre.
    settings
        The defaults if not given.
    progress
        Called with the name of each stage as it begins.
    scheduler
        Address of a dask scheduler for the draws of `robust`; processes of this machine if not
        given. The plan is the same.

    Returns
    -------
    Plan
        The results of all stages.

    Raises
    ------
    VallumError
        As the stages do.
    """
    chosen = settings or Settings()
    found = until(STAGES[-1], name, chosen, progress=progress, scheduler=scheduler)
    return Plan(settings=chosen, **found)


def until(
    last: str,
    name: str,
    settings: Settings,
    *,
    progress: Callable[[str], None] = _say_nothing,
    scheduler: str | None = None,
) -> dict[str, Any]:
    """Run the stages up to one of them.

    Parameters
    ----------
    last
        One of `STAGES`.
    name, settings, progress, scheduler
        As for `make`.

    Returns
    -------
    results
        By name of the stage, in order.

    Raises
    ------
    InputError
        For a stage that there is not.
    """
    if last not in STAGES:
        raise InputError([Fault("stage", last, "no such stage", nearest(last, STAGES))])
    results: dict[str, Any] = {}
    progress(STAGES[0])
    for stage, result in run(name, settings, scheduler=scheduler):
        results[stage] = result
        if stage == last:
            break
        progress(STAGES[len(results)])
    return results


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
            states, (row, col) = _bound(found), _on_land(found, place)
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


def _bound(ground: theatre.Theatre) -> list[str]:
    """Name the states whose law binds what is built: members, and partners who may not help."""
    roles = ground.countries["role"]
    return [str(iso3) for iso3 in ground.countries.index[roles.isin(["member", "partner"])]]
