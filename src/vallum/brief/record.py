"""The plan as one record (`plan.json`) and its ledger of assumptions."""

from __future__ import annotations

import json
import math
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from vallum.brief.record_accord import record_accord
from vallum.brief.record_campaign import record_campaign
from vallum.brief.record_dividend import record_dividend
from vallum.brief.record_forces import record_forces
from vallum.brief.record_marks import record_marks
from vallum.brief.record_robust import record_robust
from vallum.brief.record_threat import record_threat
from vallum.brief.record_window import record_window
from vallum.brief.record_works import record_works
from vallum.brief.record_worth import record_worth

if TYPE_CHECKING:
    from vallum.kernel.ledger import Assumption
    from vallum.line import LineSettings
    from vallum.plan import Plan

__all__ = [
    "as_json",
    "assumptions",
    "frontier",
    "in_dollars",
    "ledger",
    "matters",
    "record",
    "versions",
]

_LIBRARIES = (
    "vallum",
    "numpy",
    "scipy",
    "numba",
    "pandas",
    "shapely",
    "pyproj",
    "ortools",
    "highspy",
    "distributed",
    "bokeh",
    "SALib",
)


def record(plan: Plan) -> dict[str, Any]:
    """Put the plan into one record of plain values.

    Parameters
    ----------
    plan
        To record.

    Returns
    -------
    dict
        Keys as documented in docs/method/brief.md; `benefit_usd_yr` is None where benefit counts
        people.
    """
    line, step = plan.line, plan.line.step
    row = line.plans.steps.iloc[step]
    sure = plan.ranges.steps.iloc[step]
    dollars = line.plans.objective != "people"  # people have no break-even
    return {
        "status": line.status,
        "illustration": line.status != "ok",
        "theatre": plan.theatre.name,
        "title": plan.theatre.title,
        "members": list(plan.theatre.members),
        "names": {str(k): str(v) for k, v in plan.theatre.countries["name"].items()},
        "parties": list(plan.theatre.parties),
        "partners": [str(k) for k, v in plan.theatre.countries["role"].items() if v == "partner"],
        "objective": line.plans.objective,
        "mu": line.mu,
        "budget_usd_yr": plan.settings.line.budget_usd_yr,
        "step": step,
        "held_km2": float(row["held_km2"]),
        "held_share": float(row["held_km2"] / line.plans.steps["held_km2"].iloc[-1]),
        "people_held": float(row["people_held"]),
        "people_share": float(row["people_share"]),
        "output_share": float(row["output_share"]),
        "line_km": line.score.line_km,
        "cost_usd_yr": line.score.cost,
        "holding_usd_yr": line.score.holding,
        "closure_usd_yr": line.score.closure,
        "benefit_usd_yr": in_dollars(line.score.benefit, plan.settings.line),
        "averted_usd_yr": float(sure["averted_usd_yr"]),
        "bound_gap": line.bound_gap,
        "ranges": {
            "averted_usd_yr": _range(sure, "averted_low", "averted_usd_yr", "averted_high"),
            "cost_usd_yr": {
                "low": float(sure["cost_low"]),
                "mid": line.score.cost,
                "high": float(sure["cost_high"]),
            },
            "pays_share": float(sure["pays_share"]) if dollars else None,
            "break_even_growth": float(sure["break_even_growth"]) if dollars else None,
            "draws": plan.ranges.draws,
        },
        "worth": record_worth(plan),
        "forces": record_forces(plan),
        "robust": record_robust(plan),
        "campaign": record_campaign(plan),
        "dividend": record_dividend(plan),
        "accord": record_accord(plan),
        "window": record_window(plan),
        "people_left_outside": float(plan.worth.people.sum() - row["people_held"]),
        "people_left_outside_share": 1.0 - float(row["people_share"]),
        "at_equal_cost": _other(plan),
        "threat": record_threat(plan),
        "works": record_works(plan),
        "standard": plan.works.status,
        "barred": {str(key): str(rule) for key, rule in plan.works.barred["rule"].items()},
        "rounding_usd_yr": line.plans.frontier.rounding_usd_yr,
        "marks": record_marks(plan),
        "frontier": frontier(plan),
        "seed": plan.settings.seed,
        "depth": plan.settings.depth,
        "settings": plan.settings.model_dump(mode="json"),
        "versions": versions(),
        "fingerprint": plan.theatre.fingerprint,
        "cell_km": plan.theatre.grid.cell_km,
    }


def in_dollars(benefit: float, settings: LineSettings) -> float | None:
    """Give a benefit in USD/yr; people are worth dollars only at a rate that the user states."""
    if settings.objective != "people":
        return benefit
    rate = settings.usd_per_person_yr
    return None if rate is None else rate * benefit


def frontier(plan: Plan) -> list[dict[str, Any]]:
    """List the steps of the frontier as plain numbers, with their ranges."""
    table = plan.line.plans.steps.join(plan.ranges.steps)
    rows = []
    for number, row in enumerate(table.to_dict("records")):
        plain = {
            str(key): value if isinstance(value, str) else float(value)
            for key, value in row.items()
        }
        rows.append({"step": number, **plain, "cells": int(row["cells"])})
    return rows


def ledger(plan: Plan) -> pd.DataFrame:
    """List every assumption: key, value, low, high, unit, source, and how much it matters."""
    weights = matters(plan)
    return pd.DataFrame(
        [
            (row.key, row.value, row.low, row.high, row.unit, row.source, weights.get(row.key))
            for row in assumptions(plan)
        ],
        columns=["key", "value", "low", "high", "unit", "source", "matters"],
    )


def matters(plan: Plan) -> dict[str, float]:
    """Say how much assumptions matter: the total Sobol index of each for the net present value.

    Parameters
    ----------
    plan
        To read; of its dividend the last case, which is the line that holds half of the output
        where the plan's own is an illustration.

    Returns
    -------
    dict
        Share of the variance, 0 to 1, by key; empty without a dividend. What is not drawn there
        has none, which does not say that it is nothing.
    """
    if plan.dividend is None or not plan.dividend.cases:
        return {}
    table = plan.dividend.cases[-1].decisive
    return {str(r["key"]): max(float(r["total"]), 0.0) for r in table.to_dict("records")}


def assumptions(plan: Plan) -> tuple[Assumption, ...]:
    """Give the assumptions of all stages, in their order.

    Those about people at the line, who are counted once it is drawn, stand behind the works'.
    """
    people = () if plan.bill.people is None else plan.bill.people.ledger
    played = () if plan.campaign is None else plan.campaign.ledger
    bought = () if plan.dividend is None else plan.dividend.ledger
    agreed = () if plan.accord is None else plan.accord.ledger
    opened = () if plan.window is None else plan.window.ledger
    return (
        *plan.worth.ledger, *plan.threat.ledger, *plan.works.ledger, *people, *plan.line.ledger,
        *plan.forces.ledger, *played, *bought, *agreed, *opened,
    )  # fmt: skip


def versions() -> dict[str, str]:
    """Say which versions made the plan."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def as_json(content: object) -> str:
    """Write JSON; an infinite number as 1e999, which is valid JSON and reads as infinity."""
    text = json.dumps(_marked(content), indent=1, ensure_ascii=False)
    return text.replace(f'"{_INFINITY}"', "1e999") + "\n"


_INFINITY = "<infinity: see as_json>"


def _marked(content: object) -> object:
    """Mark infinite numbers, which json would write as no JSON; NaN becomes null."""
    if isinstance(content, dict):
        return {key: _marked(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_marked(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return None if math.isnan(content) or content < 0 else _INFINITY
    return content


def _range(row: pd.Series[float], low: str, mid: str, high: str) -> dict[str, float]:
    return {"low": float(row[low]), "mid": float(row[mid]), "high": float(row[high])}


def _other(plan: Plan) -> dict[str, Any] | None:
    """Say what the other objective would hold at no more than this cost."""
    line = plan.line
    if line.other_step < 0:
        return None
    row = line.other.steps.iloc[line.other_step]
    inside = line.other.entry
    other = (inside >= 0) & (inside <= line.other_step)
    return {
        "objective": line.other.objective,
        "cost_usd_yr": float(row["cost_usd_yr"]),
        "held_km2": float(row["held_km2"]),
        "people_share": float(row["people_share"]),
        "output_share": float(row["output_share"]),
        "line_km": float(row["line_km"]),
        "land_in_both_share": float((other & line.held).sum() / max((other | line.held).sum(), 1)),
    }
