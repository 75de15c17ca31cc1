"""What a view and a look say of themselves in a notebook or a console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.kernel.card import Card, Row, Table, ranged
from vallum.kernel.card_figures import capital, written
from vallum.line.card import ILLUSTRATION, held_map

if TYPE_CHECKING:
    from vallum.app.live.model import Look, Scored, View

__all__ = ["look_card", "view_card"]

_QUESTION = "Where would the line go, and is it worth its cost?"
_HELPER, _RANGES = "The partner’s help", "ends of the ledger’s ranges"
_HELP = {"cost": "Costs it", "trade": "Brings it by trade",
         "security": "Brings it by losses spared",
         "influence": "Brings it by its standing"}  # fmt: skip
_DRAWN = "of the territory as drawn"
_CHANGES = {
    "held_change": "Change of attacks on held land",
    "outside_change": "Change of attacks on members’ other land",
    "all_change": "Change of attacks on all, neighbours too",
    "stopped": "Stopped of those who cross",
}


def view_card(found: View) -> Card:
    """Say what the chosen step holds, earns and costs, and what was drawn by hand."""
    step: Any = found.steps.iloc[found.step]
    money = found.objective != "people"
    # more may count as benefit than losses, of which the range is
    losses = money and bool(np.isclose(step["benefit"], step["averted_usd_yr"]))
    held = "5 to 95 % of joint draws, fewer than a plan makes"
    benefit = (
        ranged("Losses averted", (
            float(step["averted_low"]), float(step["benefit"]), float(step["averted_high"])),
            "USD/yr", held, main=True)
        if losses else
        Row("All that counts as benefit" if money else "People who count as benefit",
            float(step["benefit"]), "USD/yr" if money else "people", main=True)
    )  # fmt: skip
    inside = (found.entry >= 0) & (found.entry <= found.step)
    return Card(
        "View",
        _QUESTION,
        (
            Row("Status", found.status, how=f"step {found.step} of {len(found.steps)}, from 0"),
            Row("Length of the line", float(step["line_km"]), "km", how=_DRAWN, main=True),
            Row("Land held", float(step["held_km2"]), "km²", how=_DRAWN),
            Row("People held", float(step["people_share"]), "share", how=_DRAWN, main=True),
            Row("Output held", float(step["output_share"]), "share", how=_DRAWN),
            benefit,
            ranged("Cost", (
                float(step["cost_low"]), float(step["cost_usd_yr"]), float(step["cost_high"])),
                "USD/yr", held, main=True),
            ranged("Crossings that the line stops", found.effect, "share",
                   _RANGES),
            *(() if found.scored is None else _scored(found.scored, money=money)),
        ),
        warnings=() if found.status == "ok" else (ILLUSTRATION,),
        picture=held_map(inside, np.asarray(found.entry > -2)),
        notes=(
            "Every step is exact: proved by a flow equal to its cut." if found.exact else
            "Not every step is exact.",
            *found.said,
        ),
    )  # fmt: skip


def _scored(found: Scored, *, money: bool) -> tuple[Row, ...]:
    """Give what was drawn by hand, by the same yardstick."""
    unit, under = "USD/yr" if money else "people", "drawn by hand"
    barred = found.barred_km > 0
    return (
        Row("It earns", found.benefit, unit, under=under),
        Row("The most that its cost could earn",
            None if np.isnan(found.ceiling) else found.ceiling, unit,
            how="it leaves out land that plans must hold" if np.isnan(found.ceiling)
            else "proved for every territory", under=under),
        Row("It costs", found.buildable_usd_yr, "USD/yr",
            how="the part that may stand" if barred else "at the assumptions’ own values",
            under=under),
        Row("Length of its line", found.line_km, "km", how="of the cells drawn", under=under),
        Row("of it where no line may stand", found.barred_km, "km", how="of the cells drawn",
            under=under),
        Row("People held", found.people_share, "share", how="of the cells drawn", under=under),
    )  # fmt: skip


def look_card(found: Look) -> Card:
    """Say what the later stages say of a step, and what this leaves out."""
    held = f"middle 90 % of {written(found.draws)} draws: a quick look"
    forces: dict[str, Any] = dict(found.forces)
    joint: dict[str, Any] = forces.get("regimes", {}).get("joint", {})
    placed, shared = "placed by an exact covering", "roles shared by all members"
    return Card(
        "Look",
        f"What the later stages say of step {found.step}",
        (
            Row("Forts and bases", forces.get("forts"), how=placed, main=True),
            Row("Men paid", joint.get("men"), "men", how=shared, main=True),
            Row("Cost of the tasks", joint.get("cost_usd_yr"), "USD/yr", how=shared),
            *(ranged(label, found.campaign.get(key), "share", held, main=True)
              for key, label in _CHANGES.items()),
            *(ranged(_HELP[part], (low, value, high), "USD/yr", _RANGES, under=_HELPER)
              for part, low, value, high in found.partner.itertuples(index=False, name=None)),
        ),
        table=_coalitions(found),
        notes=tuple(f"{capital(said).removesuffix('.')}." for said in found.said),
    )  # fmt: skip


def _coalitions(found: Look) -> Table | None:
    """Tabulate what each coalition of members can do."""
    rows = tuple(
        (str(row["coalition"]), str(row["how"]) if row["feasible"] else "can’t",
         float(row["line_km"]),
         (float(row["cost_low"]), float(row["cost_usd_yr"]), float(row["cost_high"])),
         float(row["benefit_usd_yr"]) + float(row["joint_usd_yr"]))
        for row in found.accord.to_dict("records")
    )  # fmt: skip
    heads = (("coalition", ""), ("what it does", ""), ("line", "km"), ("cost", "USD/yr"),
             ("benefit", "USD/yr"))  # fmt: skip
    title = "What each coalition of members can do; ranges by the ledger’s ends"
    return Table(title, heads, rows) if rows else None
