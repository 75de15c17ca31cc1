"""Where the proposal fails, in words, as far as this version computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.brief.answer import Answer
from vallum.brief.page_text import THIN, between, count, listed, percent
from vallum.brief.threat_words import shares

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["fails"]


def fails(plan: Plan) -> tuple[Answer, ...]:
    """Say where the proposal fails, as far as this version computes it.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    tuple of Answer
        Inside, around, outside.
    """
    low, mid, high = plan.threat.reach
    effect = plan.line.plans.stakes.effect
    weak, _, strong = plan.works.effect
    held = float(plan.line.plans.steps["people_held"].iloc[plan.line.step])
    outside = float(plan.worth.people.sum()) - held
    return (
        Answer(
            "Attacks that start inside",
            f"{percent(1 - mid)} of losses ({between(100 * (1 - high), 100 * (1 - low))}{THIN}%) "
            "are assumed to start inside the land held, and no line can touch them.",
            (
                (
                    f"Of the rest, the works stop {percent(effect)} "
                    f"({between(100 * weak, 100 * strong)}{THIN}%) {_where(plan)}. Together "
                    f"a line averts at most {percent(mid * effect)} of the losses on the land it "
                    "holds. How losses split between inside and outside is a judgement, not a "
                    f"measurement.{_by_geography(plan)}"
                ),
            ),
        ),
        _around(plan),
        Answer(
            "People left outside",
            f"In the step shown first, {count(outside)} people "
            f"({percent(outside / float(plan.worth.people.sum()))}) are outside the line.",
            (
                (
                    "Nothing is computed yet of what happens to them: whether attacks move there, "
                    "where they would go, or what it costs. The table below follows the slider."
                ),
            ),
        ),
    )


def _where(plan: Plan) -> str:
    """Say of which ground the works' effect is."""
    one = plan.settings.works.rule == "one"
    return "on the weakest ground" if one else "along the line, the mean by what is at stake"


def _by_geography(plan: Plan) -> str:
    """Set what the model's own geography gives beside the share assumed."""
    ways = plan.threat.ways
    if ways is None:
        return ""
    return (
        f" The model's own geography would give {shares(*ways.from_outside)} from outside vital "
        "land; that is no measurement either."
    )


def _around(plan: Plan) -> Answer:
    """Say which neighbours are taken to be open, watched or trusted."""
    flank = plan.line.plans.stakes.flank
    code = plan.theatre.ground["state"].to_numpy()
    groups: dict[str, list[str]] = {"open": [], "watched": [], "trusted": []}
    for n, iso3 in enumerate(plan.theatre.countries.index):
        if iso3 in plan.theatre.members or not (code == n).any():
            continue
        value = float(np.median(flank[code == n]))
        name = str(plan.theatre.countries.loc[iso3, "name"])
        kind = "open" if value >= 1 else "trusted" if value <= 0 else "watched"
        groups[kind].append(name)
    need = "need" if groups["trusted"] else "needs"
    return Answer(
        "Attackers who go round",
        f"{listed(['The sea', *groups['trusted']])} {need} no line: guarded, as is assumed; "
        f"{listed(groups['watched'])} is taken to be watched and priced in part; all other "
        "neighbours count as open.",
        (
            (
                "The table gives the kilometres of boundary by neighbour, as the cut counts them. "
                "Whether attackers go round by a trusted or watched side is not computed yet, and "
                "losses averted assume that they do not. By whose ground they come today, on the "
                "model's assumptions, is told under Who comes."
            ),
        ),
    )
