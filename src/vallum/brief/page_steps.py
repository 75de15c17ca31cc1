"""Every step of the frontier as the page needs it: raw numbers, and the same as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.brief.language import say
from vallum.brief.page_text import THIN, amount, area, between, count, percent, plain
from vallum.kernel.crofton import edges

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.line import Plans
    from vallum.plan import Plan

__all__ = [
    "at_equal_cost",
    "facing_km",
    "marks",
    "proof",
    "regions_inside",
    "step_with",
    "steps",
    "towns",
    "unit_of",
]


def unit_of(plan: Plan) -> str:
    """Give the unit of the benefit: USD/yr, or people."""
    return "people" if plan.line.plans.objective == "people" else "USD/yr"


def steps(plan: Plan) -> list[dict[str, Any]]:
    """List the steps: the numbers of the table, and `text` for the page.

    Parameters
    ----------
    plan
        To read.

    Returns
    -------
    list of dict
        `cells`, `people`, `line_km`, `cost`, `benefit` as numbers; `text` by field of the panel.
    """
    table = plan.line.plans.steps.join(plan.ranges.steps)
    total_people = float(plan.worth.people.sum())
    member_km2 = float(plan.theatre.member_mask.sum()) * plan.theatre.grid.cell_km2
    rate = plan.settings.line.usd_per_person_yr
    people = plan.line.plans.objective == "people"
    out = []
    for row in table.to_dict("records"):
        outside = total_people - row["people_held"]
        text = {
            "held": area(row["held_km2"]),
            "held_share": percent(row["held_km2"] / member_km2),
            "people": count(row["people_held"]),
            "people_share": percent(row["people_share"]),
            "output_share": percent(row["output_share"]),
            "line": f"{plain(row['line_km'], 3)}{THIN}km",
            "cost": f"{amount(row['cost_usd_yr'])}{say(' USD a year')}",
            "cost_usd": f"{amount(row['cost_usd_yr'])}{say(' USD')}",
            "cost_range": between(row["cost_low"], row["cost_high"], scale=row["cost_usd_yr"]),
            "outside": count(max(outside, 0.0)),
            "outside_share": percent(max(outside, 0.0) / total_people),
            "proof": proof(row, float(table["benefit"].iloc[-1])),
        }
        if people:
            text["ratio"] = (
                f"{amount(row['cost_usd_yr'] / max(row['benefit'], 1e-9))}{say(' USD a year')}"
            )
            if rate is not None:
                text["stated"] = f"{amount(row['benefit'] * rate)}{say(' USD a year')}"
        else:
            text |= {
                "averted": f"{amount(row['averted_usd_yr'])}{say(' USD a year')}",
                "averted_usd": f"{amount(row['averted_usd_yr'])}{say(' USD')}",
                "averted_range": between(row["averted_low"], row["averted_high"]),
                "ratio": plain(row["averted_usd_yr"] / max(row["cost_usd_yr"], 1e-9)),
                "pays": percent(row["pays_share"]) if row["pays_share"] > 0 else say("none"),
                "growth": percent(row["break_even_growth"]),
            }
            if plan.line.plans.objective == "mix" or row["benefit"] > 1.001 * row["averted_usd_yr"]:
                text["benefit"] = f"{amount(row['benefit'])}{say(' USD a year')}"
        out.append(
            {
                "cells": int(row["cells"]),
                "people": float(row["people_held"]),
                "line_km": float(row["line_km"]),
                "cost": float(row["cost_usd_yr"]),
                "benefit": float(row["benefit"]),
                "text": text,
            }
        )
    return out


def proof(row: Mapping[Any, Any], total: float) -> str:
    """Say how good a step is known to be.

    Parameters
    ----------
    row
        Of the table of steps.
    total
        What holding everything earns.
    """
    if row["kind"] == "exact":
        return say("exact: no plan of this cost earns more")
    missed = max(row["regret"], 0.0) / max(total, 1e-300)
    return say(
        "refined: no plan of this cost earns more than {share} of all benefit beyond",
        share=percent(missed),
    )


def marks(plan: Plan) -> list[dict[str, Any]]:
    """List the steps that have a button: chosen, best ratio, half and four fifths of the people."""
    table = plan.line.plans.steps
    ratio = table["benefit"] / table["cost_usd_yr"].clip(lower=1e-9)
    shares = table["people_share"].to_numpy()
    chosen = say("shown first", context="step") if plan.line.status != "ok" else say("chosen plan")
    counts_people = unit_of(plan) == "people"
    most = say("most people per dollar") if counts_people else say("most benefit per dollar")
    found = [(plan.line.step, chosen), (int(ratio.to_numpy().argmax()), most)]
    for share in (0.5, 0.8):
        at = np.flatnonzero(shares >= share)
        if at.size:
            text = say("{share} of the people", share=percent(share))
            found.append((int(at[0]), text))
    found.append((len(table) - 1, say("all that can be held")))
    merged: dict[int, str] = {}
    for step, name in found:
        merged[step] = f"{merged[step]}, {name}" if step in merged else name
    return [{"step": step, "name": name} for step, name in merged.items()]


def at_equal_cost(plans: Plans, other: Plans) -> list[int]:
    """Give for each step the dearest step of the other objective that costs no more; −1 if none."""
    costs = other.steps["cost_usd_yr"].to_numpy()
    return [
        int(np.searchsorted(costs, cost, side="right")) - 1
        for cost in plans.steps["cost_usd_yr"].to_numpy()
    ]


def facing_km(plan: Plan) -> tuple[list[str], NDArray[np.float64]]:
    """Measure the boundary of every step by what it faces, in km, as the cut counts it.

    Parameters
    ----------
    plan
        To read.

    Returns
    -------
    names, table
        ISO3 codes of the states, members' own land as "own" and the sea (and beyond the states
        shown) as "sea"; shape (steps, names). What has flank 0 is boundary without a line.
    """
    entry = plan.line.plans.entry
    count_of = len(plan.line.plans.steps)
    states = [str(iso3) for iso3 in plan.theatre.countries.index]
    foreign = [iso3 for iso3 in states if iso3 not in plan.theatre.members]
    names = ["own", *foreign, "sea"]
    number = {iso3: names.index(iso3) if iso3 in foreign else 0 for iso3 in states}
    code = plan.theatre.ground["state"].to_numpy()
    group = np.array([*(number[iso3] for iso3 in states), names.index("sea")])[code].ravel()
    when = entry.astype(np.int64).ravel()
    when = np.where(when < 0, count_of, when)
    table = np.zeros((count_of + 1, len(names)))
    index = np.arange(entry.size, dtype=np.int64).reshape(entry.shape)
    for here, there, weight in edges(index, plan.theatre.grid.cell_km):
        rise = when[here] < when[there]
        np.add.at(table, (when[here[rise]], group[there[rise]]), weight)
        np.add.at(table, (when[there[rise]], group[there[rise]]), -weight)
    return names, np.cumsum(table[:count_of], axis=0)


def regions_inside(plan: Plan) -> NDArray[np.float64]:
    """Count the people inside by region, shape (regions of the threat stage, steps)."""
    entry, region = plan.line.plans.entry, plan.threat.region_of
    table = np.zeros((len(plan.threat.regions), len(plan.line.plans.steps)))
    inside = (entry >= 0) & (region >= 0)
    np.add.at(table, (region[inside], entry[inside]), plan.worth.people[inside])
    return np.cumsum(table, axis=1)


def step_with(plan: Plan, share: float, of: str = "people") -> int | None:
    """Find the first step that holds a share of the people, or of the output."""
    at = np.flatnonzero(plan.line.plans.steps[f"{of}_share"].to_numpy() >= share)
    return int(at[0]) if at.size else None


def towns(plan: Plan, step: int, *, inside: bool = True, most: int = 6) -> list[str]:
    """Name the members' largest settlements inside (or outside) a step, largest first."""
    table = plan.theatre.settlements
    own = table[table["iso3"].isin(plan.theatre.members)].sort_values(
        ["people", "geonameid"], ascending=[False, True]
    )
    entry = plan.line.plans.entry[own["row"].to_numpy(), own["col"].to_numpy()]
    held = (entry >= 0) & (entry <= step)
    return [str(name) for name in own["name"][held if inside else ~held].head(most)]
