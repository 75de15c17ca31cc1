"""Views and looks as a browser gets them: arrays in base64, and every figure as text too."""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.brief.page_text import THIN, amount, area, between, count, percent, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.app.live import Look, Scored, View

__all__ = ["look", "rows", "view"]

_EVEN = "where a dollar buys a dollar"


def view(found: View) -> dict[str, Any]:
    """Write a frontier as JSON.

    Parameters
    ----------
    found
        To send; its coordinates become km.

    Returns
    -------
    dict
        `entry` int16 row by row from the south, `x` and `y` float32 of all lines one after the
        other, `ends` where each path ends, `steps_end` how many paths each step and those before
        it have.
    """
    paths = [path for step in found.lines for path in step]
    return {
        "shape": list(found.entry.shape),
        "entry": _packed(found.entry[::-1], "<i2"),
        "x": _packed(np.concatenate([p[0] for p in paths] or [[]]) / 1000.0, "<f4"),
        "y": _packed(np.concatenate([p[1] for p in paths] or [[]]) / 1000.0, "<f4"),
        "ends": np.cumsum([len(p[0]) for p in paths]).tolist(),
        "steps_end": np.cumsum([len(step) for step in found.lines]).tolist(),
        "steps": [_step(row, found) for row in found.steps.to_dict("records")],
        "step": int(found.step),
        "status": found.status,
        "mu": found.mu,
        "objective": found.objective,
        "cost_range": list(found.cost_range),
        "benefit_range": list(found.benefit_range),
        "effect": f"{percent(found.effect[1])} ({_shares(found.effect[0], found.effect[2])})",
        "works": rows(found.works),
        "scored": None if found.scored is None else _scored(found.scored, found),
        "said": list(found.said),
        "exact": bool(found.exact),
        "fingerprint": found.fingerprint[:12],
        "seconds": round(float(found.seconds), 2),
    }


def look(found: Look) -> dict[str, Any]:
    """Write a quick look as JSON: pairs of words and figures, tables, and what is left out."""
    forces = found.forces
    pairs = []
    for key, name in (
        ("men", "Men on duty"), ("men_paid", "Men paid"), ("forts", "Forts"),
        ("cost_usd_yr", "Cost of men and forts"),
    ):  # fmt: skip
        value = forces.get(key)
        if isinstance(value, int | float):
            money = key == "cost_usd_yr"
            pairs.append([name, f"{amount(value)} USD a year" if money else count(value)])
    states = forces.get("states")
    short = forces.get("short")
    return {
        "step": int(found.step),
        "forces": pairs,
        "states": rows(states) if isinstance(states, pd.DataFrame) else None,
        "short": [str(one) for one in short] if isinstance(short, list | tuple) else [],
        "campaign": [
            [name, _change(*found.campaign[key]) if key != "stopped" else _share(found, key)]
            for key, name in (
                ("stopped", "Crossings stopped"),
                ("outside_change", "Attacks from outside"),
                ("all_change", "All attacks"),
            )
            if key in found.campaign
        ],
        "accord": rows(found.accord),
        "shares": rows(found.shares),
        "said": list(found.said),
        "draws": int(found.draws),
        "seconds": round(float(found.seconds), 2),
    }


def rows(table: pd.DataFrame) -> dict[str, Any]:
    """Write a table as text: names of columns, and cells."""
    columns = [str(name) for name in table.columns]
    return {
        "columns": [_named(name) for name in columns],
        "rows": [
            [_cell(name, value) for name, value in zip(columns, record, strict=True)]
            for record in table.itertuples(index=False, name=None)
        ],
    }


def _step(row: dict[Any, Any], found: View) -> dict[str, Any]:
    """Write one step: raw numbers, and texts by the name of their place on the page."""
    cost, benefit = float(row["cost_usd_yr"]), float(row["benefit"])
    people = found.objective == "people"
    mu = float(row["mu"]) if row["mu"] is not None else math.nan
    low, high = found.cost_range
    worst, best = found.benefit_range
    gain = count(benefit) if people else f"{amount(benefit)} USD a year"
    ends = (benefit * worst, benefit * best)
    return {
        "cost": cost,
        "benefit": benefit,
        "mu": mu if math.isfinite(mu) else None,
        "line_km": float(row["line_km"]),
        "held_km2": float(row["held_km2"]),
        "people": float(row["people_held"]),
        "people_share": float(row["people_share"]),
        "output_share": float(row["output_share"]),
        "exact": str(row["kind"]) == "exact",
        "text": {
            "cost": f"{amount(cost)} USD a year",
            "cost_range": between(cost * low, cost * high),
            "benefit": f"{gain} people" if people else gain,
            "benefit_range": between(*ends),
            "ratio": plain(benefit / max(cost, 1e-9)) if not people
            else f"{amount(cost / max(benefit, 1e-9))} USD a person and year",
            "line_km": f"{plain(float(row['line_km']), 3)}{THIN}km",
            "held": area(float(row["held_km2"])),
            "people": count(float(row["people_held"])),
            "people_share": percent(float(row["people_share"])),
            "output_share": percent(float(row["output_share"])),
            "mu": plain(mu, 3) if math.isfinite(mu) else "between exact plans",
        },
    }  # fmt: skip


def _scored(found: Scored, beside: View) -> dict[str, Any]:
    """Write what was drawn by hand, beside the most that its cost could earn."""
    people = beside.objective == "people"

    def earns(value: float) -> str:
        return f"{count(value)} people" if people else f"{amount(value)} USD a year"

    barred = found.barred_km > 0
    pairs = [
        ["Its line", f"{plain(found.line_km, 3)}{THIN}km"],
        ["Cost" if not barred else "Cost of what can be built",
         f"{amount(found.buildable_usd_yr)} USD a year"],
        ["It earns", earns(found.benefit)],
        ["People inside", f"{count(found.people)} ({percent(found.people_share)})"],
        ["Output inside", percent(found.output_share)],
    ]  # fmt: skip
    if barred:
        text = (
            f"{plain(found.barred_km, 3)} km of this line would stand where none may, or where "
            "nothing lawful is enough: it can’t be built as drawn."
        )
    else:
        pairs.insert(3, ["The most that this cost could earn", earns(found.ceiling)])
        text = (
            f"What you drew earns {percent(found.benefit / max(found.ceiling, 1e-300))} of the most "
            "that any territory of its cost could."
        )
    return {
        "held": _packed(found.held[::-1], "<i2"),
        "said": text,
        "rows": pairs,
        "cost": None if barred else found.cost_usd_yr,
        "benefit": found.benefit,
    }


def _packed(array: NDArray[Any], kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode("ascii")


def _shares(low: float, high: float) -> str:
    return f"{plain(100.0 * low)}–{plain(100.0 * high)}{THIN}%"


def _share(found: Look, key: str) -> str:
    low, value, high = found.campaign[key]
    return f"{percent(value)} ({_shares(low, high)})"


def _change(low: float, value: float, high: float) -> str:
    """Write a change with its range, as in −12 % (−30 to +2 %)."""
    ends = [f"{100.0 * end:+.0f}".replace("-", "−") for end in (low, high)]
    return f"{100.0 * value:+.0f}{THIN}% ({ends[0]} to {ends[1]}{THIN}%)".replace("-", "−")


_NAMES = {
    "composition": "Works", "description": "What it is", "km": "Length", "usd_km_yr": "Cost of a km",
    "state": "State", "role": "Role", "coalition": "Coalition", "cost_usd_yr": "Cost a year",
    "line_km": "Line", "value_usd_yr": "Worth a year", "why": "Why not", "asked": "Asked",
    "had": "Had", "pays_usd_yr": "Pays a year",
}  # fmt: skip


def _named(column: str) -> str:
    words = column.replace("_usd_yr", " (USD a year)").replace("_", " ")
    return _NAMES.get(column, words[:1].upper() + words[1:])


def _cell(name: str, value: Any) -> str:  # noqa: ANN401  (whatever stands in a table)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | float | np.integer | np.floating):
        number = float(value)
        if "usd" in name:
            return f"{amount(number)} USD"
        if name.endswith("km"):
            return f"{plain(number, 3)}{THIN}km"
        return plain(number, 3)
    return str(value)
