"""The works of the chosen line as a part of the plan's record."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from vallum.brief.record_works_land import record_land

if TYPE_CHECKING:
    from vallum.plan import Plan
    from vallum.works.people.line import PeopleAtLine

__all__ = ["record_works"]

_TOTALS = ("capital_usd", "upkeep_usd_yr", "men", "men_paid", "men_per_km", "men_paid_per_km",
           "cost_usd_yr", "cost_usd_km_yr", "interruption", "effect")  # fmt: skip
_PEOPLE = ("people", "people_cut_off", "challenges", "harmed")
_MONEY = ("capital_usd", "upkeep_usd_yr", "men", "cost_usd_yr")


def record_works(plan: Plan) -> dict[str, Any]:
    """Record what the chosen line is made of.

    Parameters
    ----------
    plan
        To record.

    Returns
    -------
    dict
        Keys as documented in docs/method/brief.md.
    """
    works, bill = plan.works, plan.bill
    return {
        "standard": plan.settings.works.standard if plan.settings.works.rule == "one" else None,
        "rule": plan.settings.works.rule,
        "status": works.status,
        "land": record_land(plan),
        "line_km": bill.line_km,
        "built_km": bill.built_km,
        **{name: _triple(bill.totals[name]) for name in _TOTALS},
        "bill": {str(key): _item(row) for key, row in _rows(bill.items)},
        "materials": {
            str(key): {
                "unit": str(row["unit"]),
                "quantity": {
                    "low": float(row["quantity_low"]),
                    "mid": float(row["quantity"]),
                    "high": float(row["quantity_high"]),
                },
                "tonnes": float(row["tonnes"]),
                "hauled_tonnes": float(row["hauled_tonnes"]),
                "tonne_km": float(row["tonne_km"]),
            }
            for key, row in _rows(bill.materials)
        },
        "roads_cut": _roads(bill.roads),
        "people": _people(bill.people),
        "barred": {str(key): str(rule) for key, rule in works.barred["rule"].items()},
    }


def _roads(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Record the roads and railways that are cut: names and counts, and no places."""
    if table is None:
        return []
    return [
        {
            "name": None if pd.isna(row["name"]) else str(row["name"]),
            "kind": str(row["kind"]),
            "class": int(row["road_class"]),
            "cuts": int(row["cuts"]),
        }
        for row in table.to_dict("records")
    ]


def _people(found: PeopleAtLine | None) -> dict[str, Any] | None:
    """Record a year's people at the line, over all kinds; None where no journeys are known."""
    if found is None:
        return None
    return {
        "gates": float(found.gates["gates"].sum()),
        **{
            name: {end: float(found.table[f"{name}_{end}"].sum()) for end in ("low", "mid", "high")}
            for name in _PEOPLE
        },
    }


def _item(row: dict[str, Any]) -> dict[str, Any]:
    """Record one item of the bill."""
    days = float(row["build_days"])
    return {
        "quantity": float(row["quantity"]),
        "unit": str(row["unit"]),
        "text": str(row["text"]),
        "role": str(row["role"]),
        **{
            name: {end: float(row[f"{name}_{end}"]) for end in ("low", "mid", "high")}
            for name in _MONEY
        },
        "company_days": None if math.isnan(days) else days,
    }


def _rows(table: pd.DataFrame) -> list[tuple[str, dict[str, Any]]]:
    return [
        (str(key), {str(name): value for name, value in row.items()})
        for key, row in zip(table.index, table.to_dict("records"), strict=True)
    ]


def _triple(ends: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("low", "mid", "high"), ends, strict=True))
