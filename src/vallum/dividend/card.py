"""What the dividend stage says of itself in a notebook or a console."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vallum.campaign.card import held_name
from vallum.kernel.card import Card, Row, Table, ranged, rests_on
from vallum.kernel.card_figures import written

if TYPE_CHECKING:
    from vallum.dividend.model import Dividend, DividendCase

__all__ = ["dividend_card"]

_SHOWN = 6


def dividend_card(found: Dividend) -> Card:
    """Say what the line buys against everything that it costs."""
    rows = tuple(row for case in found.cases for row in _case(case, found.draws))
    return Card(
        "Dividend",
        "What does it buy, and who gains?",
        rows or (Row("Reckoned", "nothing", how="see the warning", main=True),),
        warnings=() if found.status == "ok" else (f"Not reckoned: {found.status}",),
        table=_parties(found.cases[-1], found.draws) if found.cases else None,
        notes=(rests_on(found.ledger),),
    )


def _case(case: DividendCase, draws: int) -> tuple[Row, ...]:
    """Give the figures of one held land."""
    under = held_name(case.name)
    held = f"5 to 95 % of {written(draws)} joint draws"
    together: Any = case.ranges.set_index("party").loc["all"]
    years = together["payback_yr"]
    decisive = [str(key) for key in case.decisive["key"].head(3)]
    return (
        ranged("Net present value, neighbours too", (
            float(together["npv_low"]), float(together["npv_usd"]), float(together["npv_high"])),
            "USD", held, main=True, under=under),
        _ratio(together, held, under),
        Row("Draws in which it pays", float(together["pays_share"]), "share",
            how=f"of {written(draws)} joint draws", main=True, under=under),
        Row("It pays back", "never" if _none(years) else f"after {float(years):g} years",
            how="at the assumptions’ own values", under=under),
        Row("Members’ people left outside", case.people_left_outside, "people",
            how="counted, not priced", under=under),
        Row("What decides most", ", ".join(decisive) or "nothing drawn", how="keys of the ledger",
            under=under),
    )  # fmt: skip


def _ratio(together: Any, held: str, under: str) -> Row:  # noqa: ANN401  (a row of a frame)
    """Give benefit over cost; ends that there are not, where a draw costs nothing, are left out."""
    low, value, high = (together[key] for key in ("bcr_low", "bcr", "bcr_high"))
    label = "Benefit over cost"
    if _none(value):
        return Row(label, None, how="nothing is paid", under=under)
    if _none(low) or _none(high):
        return Row(label, float(value), how="its range is open", under=under)
    return ranged(label, (float(low), float(value), float(high)), "", held, under=under)


def _parties(case: DividendCase, draws: int) -> Table:
    """Tabulate who gains and who loses most."""
    table = case.ranges[case.ranges["party"] != "all"]
    order = table["npv_usd"].abs().sort_values(ascending=False, kind="stable").index
    rows = tuple(
        (str(row["party"]), (float(row["npv_low"]), float(row["npv_usd"]), float(row["npv_high"])),
         float(row["pays_share"]))
        for row in table.loc[order].head(_SHOWN).to_dict("records")
    )  # fmt: skip
    heads = (("party", ""), ("net present value", "USD"), ("draws in which it gains", "share"))
    title = (
        f"The {len(rows)} of {len(table)} parties with most at stake, {held_name(case.name)}; "
        f"ranges hold 5 to 95 % of {written(draws)} draws"
    )
    return Table(title, heads, rows)


def _none(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
