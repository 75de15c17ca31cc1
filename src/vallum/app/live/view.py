"""The frontier of one scenario, as a map with a slider shows it."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Transformer

from vallum import line as lines
from vallum import works as all_works
from vallum.app.live.model import Scored, View
from vallum.errors import Fault, InputError
from vallum.line import smooth
from vallum.line.billed import bill_of
from vallum.line.course import follow
from vallum.line.ranges import ranges
from vallum.theatre.drawn import held_by
from vallum.threat import restated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.app.live.base import Base
    from vallum.app.sheet import Drawn, Sheet
    from vallum.line import Line, LineSettings
    from vallum.settings import Settings
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works import Works

__all__ = ["Found", "Priced", "exact_only", "find", "price", "price_key", "view"]

_WORKS = ("composition", "description", "surface", "cost_usd_km_yr")
DRAWS = 400  # behind the ranges of a view; a plan makes those that are set
SAID = (
    "Exact steps only: a plan looks for others between them, and has more steps.",
    "A change of what an attack costs, or of the share from outside, leaves the ways as they are.",
)


@dataclass(frozen=True, eq=False)
class Found:
    """The stages behind a view, for those that look further.

    Attributes
    ----------
    threat, works, line
        As in a plan, with the frontier's exact steps only.
    """

    threat: Threat
    works: Works
    line: Line


@dataclass(frozen=True, eq=False)
class Priced:
    """Threat and works of a scenario: what a change of the line alone leaves as it is.

    Attributes
    ----------
    threat, works
        As in a plan.
    key
        What they depend on (`price_key`).
    """

    threat: Threat
    works: Works
    key: str


def price_key(base: str, settings: Settings) -> str:
    """Name what threat and works depend on: 64 hexadecimal digits.

    Parameters
    ----------
    base
        The settings' own `base_key`.
    settings
        Of the scenario.
    """
    parts = (base, settings.threat.model_dump_json(), settings.works.model_dump_json())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def price(base: Base, settings: Settings) -> Priced:
    """State the threat, and choose and price the works.

    Parameters
    ----------
    base
        Of the settings' own `base_key`.
    settings
        Of the scenario.

    Returns
    -------
    Priced
        For every scenario of the same `price_key`.

    Raises
    ------
    VallumError
        As the stages do.
    """
    ground = base.theatre
    states = list(ground.parties)
    all_works.check(settings.works, states)
    danger = restated(ground, base.worth, base.threat, settings.threat)
    built = all_works.assess(
        ground, base.worth, danger, settings.works,
        states=states, seed=settings.seed, full=settings.depth == "full", seen=base.seen,
    )  # fmt: skip
    return Priced(danger, built, price_key(base.key, settings))


def find(
    base: Base, settings: Settings, priced: Priced | None = None, *, compare: bool = False
) -> Found:
    """Find the frontier.

    Parameters
    ----------
    base, settings, priced
        As for `view`.
    compare
        As for `vallum.line.draw`.

    Returns
    -------
    Found
        Threat, works and line.

    Raises
    ------
    InputError
        For the rule "least_cost", which draws the line several times over: it takes a plan.
    VallumError
        As the stages do.
    """
    if settings.works.rule == "least_cost":
        mend = "ask for a plan, or choose the rule 'one' here"
        found = "'least_cost' settles works and line in several rounds"
        raise InputError([Fault("scenario", "works.rule", found, mend)])
    at = price(base, settings) if priced is None else priced
    drawn = lines.draw(
        base.theatre, base.worth, at.threat, at.works, exact_only(settings.line),
        man_usd_yr=_man(settings), compare=compare,
    )  # fmt: skip
    return Found(at.threat, at.works, drawn)


def view(base: Base, sheet: Sheet, priced: Priced | None = None) -> View:
    """Find the frontier of a scenario, and score what was drawn by hand.

    Parameters
    ----------
    base
        Of the scenario's own `base_key`.
    sheet
        The scenario.
    priced
        Threat and works of the scenario's own `price_key`; found here if not given.

    Returns
    -------
    View
        See there.

    Raises
    ------
    VallumError
        As the stages do; `InputError` for lines that part nothing.
    """
    began = time.perf_counter()
    settings, ground = sheet.settings, base.theatre
    found = find(base, settings, priced)
    drawn, plans = found.line, found.line.plans
    sure = ranges(
        ground, base.worth, found.threat, found.works, drawn, draws=DRAWS, seed=settings.seed
    ).steps
    cut = all_works.roads_cut(drawn.line.geometry, ground.routes)
    bill = bill_of(found.works, drawn.course, settings.works, roads=cut)
    steps = plans.steps.assign(
        **{name: sure[name] for name in ("averted_usd_yr", "averted_low", "averted_high")},
        cost_low=sure["cost_low"], cost_high=sure["cost_high"], pays_share=sure["pays_share"],
    )  # fmt: skip
    corner = ground.grid.transform
    entry = np.where(ground.member_mask, plans.entry, -2).astype(np.int16)
    return View(
        crs=ground.grid.crs,
        left=float(corner.c),
        top=float(corner.f),
        cell_m=ground.grid.cell_km * 1000.0,
        entry=entry,
        steps=steps,
        lines=tuple(_paths(drawn, step, ground) for step in range(len(steps))),
        step=drawn.step,
        status=drawn.status,
        mu=drawn.mu,
        objective=plans.objective,
        effect=found.works.effect,
        works=found.works.compositions.loc[bill.compositions.index, list(_WORKS)].assign(
            line_km=bill.compositions["line_km"]
        ),
        scored=_scored(found, base, sheet.drawn) if sheet.drawn else None,
        said=_said(found),
        exact=True,
        fingerprint=fingerprint(base, sheet),
        seconds=time.perf_counter() - began,
    )


def fingerprint(base: Base, sheet: Sheet) -> str:
    """Name what a view depends on."""
    text = f"{base.theatre.fingerprint}\n{sheet.settings.model_dump_json()}\n{sheet.drawn!r}"
    return hashlib.sha256(text.encode()).hexdigest()


def exact_only(settings: LineSettings) -> LineSettings:
    """Leave out the search for steps between the exact ones, which takes most of the time."""
    return settings.model_copy(update={"refine": 0.0})


def _man(settings: Settings) -> float:
    return settings.works.man_year_usd * settings.works.rotation


def _said(found: Found) -> tuple[str, ...]:
    """Say what belongs beside the map."""
    said = list(SAID)
    if found.works.status != "ok":
        said.append(found.works.status)
    return tuple(said)


def _paths(
    drawn: Line, step: int, ground: Theatre
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]:
    """Draw a step's line as the plan does, in metres."""
    plans = drawn.plans
    held = (plans.entry >= 0) & (plans.entry <= step)
    course = follow(plans.problem, held, plans.stakes.flank, ground.grid)
    paths = smooth.paths_of(held, course.runs, course.shares, ground.grid)
    return tuple((path[:, 0].round(), path[:, 1].round()) for path in paths if len(path) > 1)


def _scored(found: Found, base: Base, drawn: Sequence[Drawn]) -> Scored:
    """Score land or a line that somebody drew."""
    held = held_by(
        shapes_of(drawn, base.theatre), base.theatre, where="scenario.drawn",
        holding=[at for one in drawn for at in one.holding],
    )  # fmt: skip
    judged = lines.judge(found.line.plans, held)
    people, output = base.worth.people, base.worth.output
    return Scored(
        held=held,
        benefit=judged.score.benefit,
        ceiling=judged.ceiling,
        cost_usd_yr=judged.score.cost,
        line_km=judged.score.line_km,
        barred_km=judged.barred_km,
        buildable_usd_yr=judged.buildable_usd_yr,
        people=float(people[held].sum()),
        people_share=float(people[held].sum() / people.sum()),
        output_share=float(output[held].sum() / output.sum()),
    )


def shapes_of(drawn: Sequence[Drawn], theatre: Theatre) -> list[shapely.Geometry]:
    """Make geometries in the grid's coordinates of what was drawn.

    Raises
    ------
    InputError
        For an area of fewer than three points.
    """
    over = Transformer.from_crs("EPSG:4326", theatre.grid.crs, always_xy=True)
    shapes: list[shapely.Geometry] = []
    faults = []
    for number, one in enumerate(drawn):
        if one.closed and len(one.points) < 3:
            place = f"scenario.drawn.{number}"
            faults.append(Fault("scenario", place, "an area of two points", "give three or more"))
            continue
        xs, ys = over.transform(*np.array(one.points, np.float64).T)
        points = np.column_stack([xs, ys])
        shapes.append(shapely.Polygon(points) if one.closed else shapely.LineString(points))
    if faults:
        raise InputError(faults)
    return shapes
