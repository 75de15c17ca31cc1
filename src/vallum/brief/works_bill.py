"""The bill of quantities of every step, as rows of text and as bars."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vallum.brief.language import of_stage, say
from vallum.brief.page_text import THIN, amount, between, percent, plain
from vallum.brief.works_names import roles, short
from vallum.brief.works_strips import courses
from vallum.kernel.once import once
from vallum.plan import bill_of
from vallum.works import priced

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

    from vallum.plan import Plan
    from vallum.works.bill import Bill, Triple

__all__ = ["bills", "named", "rows", "spread"]

_LEAST = 0.005  # what is less than that of one is left out
_SECTOR_KM = 50.0  # nothing finer than a sector is told
_UNITS = {"m3": "m³", "t": "t"}
Cell = tuple[str, str]  # the figure, and its range


@once
def bills(plan: Plan) -> list[Bill]:
    """Add up what the line of every step is made of.

    Parameters
    ----------
    plan
        To read; its own bill is taken for the step shown first.

    Returns
    -------
    list
        By step.
    """
    prices = priced(plan.works, plan.settings.works)
    return [
        plan.bill
        if step == plan.line.step
        else bill_of(plan.works, course, plan.settings.works, prices=prices)
        for step, course in enumerate(courses(plan))
    ]


def named(every: list[Bill]) -> tuple[list[str], list[list[str]]]:
    """List the items of all bills: their ids, and text, part of the bill and brief name of each.

    Parameters
    ----------
    every
        The bills of all steps.
    """
    found: dict[str, list[str]] = {}
    for role, title in roles().items():
        for bill in every:
            if bill.items.empty:  # a step that needs no line
                continue
            table = bill.items[bill.items["role"] == role]
            found |= {
                str(key): [of_stage(str(text)), title, short(str(key))]
                for key, text in table["text"].items()
                if key not in found
            }
    return list(found), list(found.values())


def rows(bill: Bill, ids: list[str]) -> dict[str, Any]:
    """Write a bill as text.

    Parameters
    ----------
    bill
        Of one step.
    ids
        From `named`; items are given by their place in it.

    Returns
    -------
    dict
        `items`, but for what there is next to nothing of: place, quantity, and pairs of figure and
        range for capital, upkeep, men, company-days and yearly cost; `total`: the same without the
        place; `materials`: name and pairs for quantity, tonnes, tonnes hauled, tonne-km; `said`:
        sentences; `bars`: place and low, mid and high of the yearly cost in USD, the dearest first.
    """
    place = {key: n for n, key in enumerate(ids)}
    table = bill.items.loc[sorted(bill.items.index, key=lambda key: place[str(key)])]
    return {
        "items": [
            _item(place[str(key)], row)
            for key, row in zip(table.index, table.to_dict("records"), strict=True)
            if row["quantity"] >= _LEAST
        ],
        "total": _total(bill),
        "materials": _materials(bill.materials),
        "said": _said(bill),
        "bars": _bars(bill.items, place),
    }


def _item(n: int, row: Mapping[Hashable, Any]) -> list[Any]:
    """Write one item."""
    days = float(row["build_days"])
    return [
        n,
        _quantity(float(row["quantity"]), str(row["unit"])),
        _cell(_ends(row, "capital_usd")),
        _cell(_ends(row, "upkeep_usd_yr")),
        _cell(_ends(row, "men")),
        ("–" if math.isnan(days) else plain(days), ""),
        _cell(_ends(row, "cost_usd_yr")),
    ]


def spread(low: float, mid: float, high: float) -> Cell:
    """Write a figure and its range; no range where the ends are no wider than the figure.

    Examples
    --------
    >>> spread(1.0e6, 2.0e6, 3.5e6)[1].replace(THIN, " "), spread(2.0, 2.0, 2.0)
    ('1.0–3.5 million', ('2.0', ''))
    """
    if amount(low) == amount(mid) == amount(high):
        return amount(mid), ""
    return amount(mid), between(low, high)


def _cell(ends: Triple) -> Cell:
    low, mid, high = ends
    return spread(low, mid, high) if high > 0 else ("0", "")


def _ends(row: Mapping[Hashable, Any], name: str) -> Triple:
    return float(row[f"{name}_low"]), float(row[f"{name}_mid"]), float(row[f"{name}_high"])


def _quantity(number: float, unit: str) -> str:
    """Write a quantity with its unit: kilometres, or how many."""
    text = amount(number, 3) if number >= 100 else plain(number)
    return f"{text}{THIN}km" if unit == "km" else text


def _total(bill: Bill) -> list[Any]:
    """Write the last row."""
    days = float(bill.items["build_days"].sum()) if len(bill.items) else 0.0
    cells = [_cell(bill.totals[name]) for name in ("capital_usd", "upkeep_usd_yr", "men")]
    cost = _cell(bill.totals["cost_usd_yr"])
    return [_quantity(bill.line_km, "km"), *cells, (plain(days), ""), cost]


def _materials(table: pd.DataFrame) -> list[list[Any]]:
    """Write the bulk materials."""
    return [
        [
            of_stage(str(row["text"]).split(":")[0]),
            (
                f"{amount(row['quantity'])} {_UNITS.get(row['unit'], row['unit'])}",
                between(row["quantity_low"], row["quantity_high"]),
            ),
            *((amount(row[name]), "") for name in ("tonnes", "hauled_tonnes", "tonne_km")),
        ]
        for row in table.to_dict("records")
    ]


def _said(bill: Bill) -> list[str]:
    """Say the bill's totals in sentences."""
    men, paid = bill.totals["men"], bill.totals["men_paid"]
    per, cost = bill.totals["men_paid_per_km"], bill.totals["cost_usd_km_yr"]
    effect = bill.totals["effect"]
    out = [
        say(
            "{km} km of line: {cost} USD per km and year ({cost_range}), and {per} men paid per km "
            "({per_range}): {men} on duty ({men_range}), {paid} paid with their rotation "
            "({paid_range}).",
            km=plain(bill.line_km, 3),
            cost=amount(cost[1]),
            cost_range=between(cost[0], cost[2]),
            per=plain(per[1]),
            per_range=between(per[0], per[2]),
            men=amount(men[1]),
            men_range=between(men[0], men[2]),
            paid=amount(paid[1]),
            paid_range=between(paid[0], paid[2]),
        )
    ]
    if bill.built_km < 0.995 * bill.line_km:
        out.append(
            say(
                "{km} km of it need not be paid for: something stands there already, or a "
                "neighbour is taken to watch its side; kilometres there count in part.",
                km=plain(bill.line_km - bill.built_km, 3),
            )
        )
    stops = percent(effect[1])
    ends = f"{plain(100 * effect[0])}–{plain(100 * effect[2])}{THIN}%"
    return [*out, _stops(bill, stops, ends)]


def _stops(bill: Bill, stops: str, ends: str) -> str:
    """Say what the line stops, and where it is weakest where that is no less than a sector."""
    least, km = bill.weakest
    if km >= 0.995 * bill.line_km:
        return say(
            "It stops {stops} of those who try ({range}), the mean along the line; every "
            "kilometre about as much.",
            stops=stops,
            range=ends,
        )
    if km < _SECTOR_KM:
        return say(
            "It stops {stops} of those who try ({range}), the mean along the line; {least} where "
            "it is weakest.",
            stops=stops,
            range=ends,
            least=percent(least),
        )
    return say(
        "It stops {stops} of those who try ({range}), the mean along the line; {least} where it "
        "is weakest ({km} km).",
        stops=stops,
        range=ends,
        least=percent(least),
        km=plain(km),
    )


def _bars(items: pd.DataFrame, place: dict[str, int]) -> list[list[float]]:
    """Give what each item costs a year, the dearest first."""
    if items.empty:
        return []
    table = items.sort_values("cost_usd_yr_mid", ascending=False, kind="stable")
    return [
        [place[str(key)], *(float(f"{end:.4g}") for end in _ends(row, "cost_usd_yr"))]
        for key, row in zip(table.index, table.to_dict("records"), strict=True)
        if row["quantity"] >= _LEAST and row["cost_usd_yr_high"] > 0
    ]
