"""The page's card on robustness: what of the line stands under other assumptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.brief import look, threat_maps
from vallum.brief.language import named, say
from vallum.brief.map_borders import Lines
from vallum.brief.page_text import amount, area, count, percent, plain
from vallum.brief.threat_sheet import layer
from vallum.line import trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.brief.threat_sheet import Layer, Sheet
    from vallum.line.robust import Robust
    from vallum.plan import Plan

__all__ = ["Shown", "chapter"]

_COLOURS = look.ramp(look.SURE, 7)
_BOUNDS = (0.5, 10.0, 30.0, 50.0, 70.0, 90.0)  # per cent; the last class is what is nearly sure
_BEYOND = look.NOTHING  # no member's land


@dataclass(frozen=True)
class Shown:
    """One step of the card.

    Attributes
    ----------
    step, budget
        The step and its cost, in words.
    text
        What stands at that cost, in a sentence.
    layer
        The probability of being inside.
    line
        The step's own line, as the path of an SVG.
    rows
        No-regret stretches: near, state, km, share.
    """

    step: int
    budget: str
    text: str
    layer: Layer
    line: str
    rows: list[tuple[str, str, str, str]]


def chapter(plan: Plan) -> dict[str, Any] | None:
    """Gather what the card prints.

    Parameters
    ----------
    plan
        To show.

    Returns
    -------
    dict or None
        `shown` (a map, a sentence and a table for each of some steps), `nearest` (which of them is
        nearest in cost, by step), `first`, `draws`, `share`, `classes`; None without draws.
    """
    found = plan.robust
    if found is None:
        return None
    paper = threat_maps.on(plan)
    cost = plan.line.plans.steps["cost_usd_yr"].to_numpy(np.float64)
    nearest = np.abs(cost[:, None] - cost[list(found.shown)]).argmin(axis=1).tolist()
    return {
        "shown": [_shown(plan, found, step, paper) for step in found.shown],
        "nearest": nearest,
        "first": nearest[plan.line.step],
        "draws": found.draws,
        "share": percent(found.share),
        "classes": list(zip(_COLOURS, _names(), strict=True)),
    }


def _shown(plan: Plan, found: Robust, step: int, paper: Sheet) -> Shown:
    """Draw one step's map, and list its stretches."""
    member, entry = plan.theatre.member_mask, plan.line.plans.entry
    values = np.where(member, found.inside_at(step), -1.0)
    drawn = layer(values, ((-0.5, *_BOUNDS), (_BEYOND, *_COLOURS)), paper, plan.theatre)
    names = plan.theatre.countries["name"]
    mine = found.stretches[(found.stretches["step"] == step) & found.stretches["no_regret"]]
    mine = mine.sort_values(["length_km", "share"], ascending=False, kind="stable")
    return Shown(
        step,
        f"{amount(float(plan.line.plans.steps['cost_usd_yr'].iloc[step]))}{say(' USD a year')}",
        _sentence(found, step),
        drawn,
        _line(plan, (entry >= 0) & (entry <= step), paper),
        [
            (
                named(str(row["near"])),
                named(str(names[str(row["state"])])),
                plain(float(row["length_km"]), 2),
                percent(float(row["share"])),
            )
            for row in mine.to_dict("records")
        ],
    )


def _names() -> tuple[str, ...]:
    """Name the classes, in per cent."""
    return (
        say("none", context="land"), say("under {least}", least="10"), "10–30", "30–50", "50–70",
        "70–90", say("{most} and more", most="90"),
    )  # fmt: skip


def _line(plan: Plan, held: NDArray[np.bool_], paper: Sheet) -> str:
    """Draw the line of a territory."""
    grid = plan.theatre.grid
    runs = [
        trace.smooth(run, grid) / 1000.0
        for run in trace.chains(held, plan.line.plans.stakes.flank > 0)
    ]
    return paper.path(Lines([r[:, 0].tolist() for r in runs], [r[:, 1].tolist() for r in runs]))


def _sentence(found: Robust, step: int) -> str:
    """Say what stands at a step's cost."""
    row = found.steps.iloc[found.which.index(step)].to_dict()
    share = percent(found.share)
    texts = []
    if row["core_km2"] > 0:
        texts.append(
            say(
                "For this money {land} with {people} people are inside in at least {share} of the "
                "draws.",
                land=area(float(row["core_km2"])),
                people=count(float(row["core_people"])),
                share=share,
            )
        )
    else:
        texts.append(
            say("For this money no land is inside in at least {share} of the draws.", share=share)
        )
    if row["no_regret_km"] > 0:
        texts.append(
            say(
                "Of this step’s line of {line} km, {kept} km would be drawn there, to within a "
                "cell, in at least {share} of the draws: no-regret stretches.",
                line=plain(float(row["line_km"]), 3),
                kept=plain(float(row["no_regret_km"]), 3),
                share=share,
            )
        )
    else:
        texts.append(
            say(
                "No stretch of this step’s line stands in at least {share} of the draws: none is "
                "no-regret.",
                share=share,
            )
        )
    return " ".join(texts)
