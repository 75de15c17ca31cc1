"""What a plan, and a territory judged, say of themselves in a notebook or a console."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vallum.kernel.card import Card, Row, gathered
from vallum.line.card import held_map, judgement_card, line_card

if TYPE_CHECKING:
    from vallum.plan.asked import Judged
    from vallum.plan.stages import Plan

__all__ = ["judged_card", "plan_card"]


def plan_card(plan: Plan) -> Card:
    """Gather the main figures of all stages, in the order of the argument."""
    chosen = line_card(plan.line, plan.ranges)
    parts = [plan.worth.card(), plan.threat.card(), chosen, plan.works.card(), plan.bill.card(),
             plan.forces.card()]  # fmt: skip
    later = (plan.campaign, plan.dividend, plan.accord, plan.window)
    parts += [found.card() for found in later if found is not None]
    made = f"Cells of {plan.theatre.grid.cell_km:g} km, seed {plan.settings.seed}."
    notes = (
        f"{made} Each stage has a card of its own, as `plan.line` has.",
        "`vallum.brief.write(plan, folder)` writes the brief, the tables and the ledger.",
    )
    return gathered("Plan", plan.theatre.title, parts, picture=chosen.picture, notes=notes)


def judged_card(judged: Judged) -> Card:
    """Say what a territory is worth beside the best of its cost, and where it lies."""
    unit = "people" if judged.plans.objective == "people" else "USD/yr"
    found = judgement_card(judged.found, unit)
    held = (("People held", judged.worth.people), ("Output held", judged.worth.output))
    rows = tuple(
        Row(label, float(of[judged.held].sum() / of.sum()), "share", how="of the cells drawn")
        for label, of in held
    )
    picture = held_map(judged.held, judged.theatre.member_mask)
    return replace(found, name="Judged", rows=(*found.rows, *rows), picture=picture)
