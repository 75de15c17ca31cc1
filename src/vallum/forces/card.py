"""What the forces stage says of itself in a notebook or a console. No fort has a place here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.kernel.card import Card, Row, Table, rests_on

if TYPE_CHECKING:
    from vallum.forces.forts_model import Forts
    from vallum.forces.model import Forces
    from vallum.forces.programme import Programme

__all__ = ["forces_card"]

_REGIMES = {
    "alone": "each state alone", "joint": "all members together",
    "joint_with_partner": "all members, with the partner",
}  # fmt: skip


def forces_card(found: Forces) -> Card:
    """Say how many men and forts it takes, who gives them, and when the line is covered."""
    return Card(
        "Forces",
        "Who does what?",
        (*_forts(found.forts), *_programme(found.programme)),
        warnings=tuple(f"Not done: {said}" for said in found.refused),
        table=_regimes(found),
        notes=(
            "Where single forts stand is restricted, and not shown.",
            rests_on(found.ledger),
        ),
    )


def _forts(found: Forts | None) -> tuple[Row, ...]:
    """Count forts and men."""
    if found is None:
        return (Row("Forts", None, how="no placement meets the response times", main=True),)
    return (
        Row("Forts and bases", len(found.table), how="placed by an exact covering", main=True),
        Row("of them reaction bases", int(found.table["base"].sum()), how="counted"),
        Row("Men on duty in them", found.men_on_duty, "men", how="follows from the placement"),
        Row("Men paid for that, rotation included", found.men_paid, "men",
            how="follows from the placement", main=True),
        Row("Cost of forts and garrisons", found.cost_usd_yr, "USD/yr",
            how="at the ledger’s own values", main=True),
        Row("Another placement could save, at most", found.gap, "share", how="a bound, proved"),
    )  # fmt: skip


def _programme(found: Programme | None) -> tuple[Row, ...]:
    """Say when it is built."""
    label = "All of the line is covered"
    if found is None:
        return (Row(label, "not as asked", how="no programme", main=True),)
    first, last = (None if day is None else str(day) for day in
                   (found.first_covered, found.all_covered))  # fmt: skip
    proof = "proved the best order" if found.gap == 0 else "the best order found"
    return (
        Row("First sector covered", first, how=proof),
        Row(label, last, how=proof, main=True),
        Row("Losses while it is built", found.loss_usd, "USD", how="follows from the programme"),
        Row("Another order could save, at most", found.gap, "share", how="a bound, proved"),
    )


def _regimes(found: Forces) -> Table | None:
    """Tabulate who pays under each regime."""
    if found.tasks is None:
        return None
    rows = tuple(
        (_REGIMES.get(str(row["regime"]), str(row["regime"])), str(row["status"]),
         float(row["men"]), float(row["cost_usd_yr"]), float(row["partner_usd_yr"]),
         float(row["gap"]))
        for row in found.tasks.regimes.to_dict("records")
    )  # fmt: skip
    heads = (("roles are shared", ""), ("solution", ""), ("men paid", ""), ("cost", "USD/yr"),
             ("of it the partner’s", "USD/yr"), ("could be less by", "share"))  # fmt: skip
    return Table("Tasks under three regimes", heads, rows)
