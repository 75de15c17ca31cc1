"""What the campaign stage says of itself in a notebook or a console. No single way is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.kernel.card import Card, Row, Table, ranged, rests_on
from vallum.kernel.card_figures import written

if TYPE_CHECKING:
    import pandas as pd

    from vallum.campaign.model import Campaign, Case

__all__ = ["campaign_card", "held_name"]

_WHAT = {
    "held": "attacks on held land", "outside": "attacks on members’ other land",
    "neighbours": "attacks on all neighbours", "all": "attacks on all, neighbours too",
    "deaths": "deaths, members",
    "lost_usd": "output lost, members (USD)", "displaced": "displaced, members",
}  # fmt: skip


def held_name(name: str) -> str:
    """Name a held land for people."""
    return {"plan": "the plan’s land", "half": "the first step with half of the output"}.get(
        name, name
    )


def campaign_card(found: Campaign) -> Card:
    """Say whether the line holds against those who go round, wait, or were inside all along."""
    rows = tuple(row for case in found.cases for row in _case(case))
    return Card(
        "Campaign",
        "Does it hold?",
        rows or (Row("Played", "nothing", how="see the warning", main=True),),
        warnings=() if found.status == "ok" else (f"Not played: {found.status}",),
        table=_change(found.cases[-1]) if found.cases else None,
        notes=(
            (
                "The other side and its choices are modelled: ranges hold the middle 90 % of the "
                "draws, and not all that can happen."
            ),
            rests_on(found.ledger),
        ),
    )


def _case(case: Case) -> tuple[Row, ...]:
    """Give the figures of one held land."""
    under = held_name(case.name)
    played, asked = case.played
    held = f"middle 90 % of {written(played)} draws"
    change = case.change[case.change["means"] == "line"].set_index("what")
    partly = () if played >= asked else (
        Row("Draws played", played, how=f"of {asked} asked for", under=under),
    )  # fmt: skip
    return (
        Row("Length of its line", case.line_km, "km", how="of the territory as drawn", under=under),
        *partly,
        ranged("Attacks that cross where the line stands", case.touchable, "share", held,
               under=under),
        ranged("Stopped of those who cross", case.stopped, "share", held, under=under),
        *(
            ranged(label, _ends(change, what), "share", held, main=main, under=under)
            for what, label, main in (
                ("held", "Change of attacks on held land", True),
                ("outside", "Change of attacks on members’ other land", False),
                ("all", "Change of attacks on all, neighbours too", True),
            )
            if what in change.index
        ),
        ranged("Spared attacks that strike elsewhere", case.displaced, "share", held, under=under),
    )  # fmt: skip


def _ends(change: pd.DataFrame, what: str) -> tuple[float, float, float]:
    row: Any = change.loc[what]
    return float(row["change_low"]), float(row["change"]), float(row["change_high"])


def _change(case: Case) -> Table:
    """Tabulate before and after under the line."""
    table: Any = case.change[case.change["means"] == "line"].set_index("what")
    rows = tuple(
        (name, float(table.loc[what, "before"]), float(table.loc[what, "after"]),
         _ends(table, what))
        for what, name in _WHAT.items()
        if what in table.index
    )  # fmt: skip
    heads = (("a year, last phase", ""), ("before", ""), ("after", ""), ("change", "share"))
    title = f"With the line, {held_name(case.name)}; ranges hold 90 % of {case.played[0]} draws"
    return Table(title, heads, rows)
