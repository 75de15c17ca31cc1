"""Views and looks as a browser gets them: arrays in base64, and every figure as text too."""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.app.page import field_texts
from vallum.app.page.stage_words import spoken
from vallum.brief.accord_words import coalition_name
from vallum.brief.language import named, of_stage, say
from vallum.brief.page_text import (
    THIN,
    amount,
    area,
    between,
    capital,
    count,
    percent,
    plain,
    trimmed,
)
from vallum.brief.works_names import in_words, surface

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.app.live import Look, Scored, View

__all__ = ["look", "rows", "view"]


def view(found: View, names: Mapping[str, str]) -> dict[str, Any]:
    """Write a frontier as JSON, in the language of the block.

    Parameters
    ----------
    found
        To send; its coordinates become km.
    names
        Of states, by ISO3; English.

    Returns
    -------
    dict
        `entry` int16 row by row from the south, `place` of its cells together (west, south, width,
        height in km), `x` and `y` float32 of all lines one after the
        other, `ends` where each path ends, `steps_end` how many paths each step and those before
        it have.
    """
    paths = [path for step in found.lines for path in step]
    steps = [_step(row, found) for row in found.steps.to_dict("records")]
    high, wide = (float(count * found.cell_m / 1000.0) for count in found.entry.shape)
    return {
        "shape": list(found.entry.shape),
        "place": [found.left / 1000.0, found.top / 1000.0 - high, wide, high],
        "entry": _packed(found.entry[::-1], "<i2"),
        "x": _packed(_joined(paths, 0) / 1000.0, "<f4"),
        "y": _packed(_joined(paths, 1) / 1000.0, "<f4"),
        "ends": np.cumsum([len(p[0]) for p in paths]).tolist(),
        "steps_end": np.cumsum([len(step) for step in found.lines]).tolist(),
        "steps": steps,
        "step": int(found.step),
        "status": found.status,
        "mu": found.mu,
        "objective": found.objective,
        "effect": f"{percent(found.effect[1])} ({_shares(found.effect[0], found.effect[2])})",
        "works": rows(_works(found.works)),
        "scored": None if found.scored is None else _scored(found.scored, found),
        "said": [spoken(one, names) for one in found.said],
        "more": any(one["benefit_ends"] is None for one in steps) and found.objective == "output",
        "exact": bool(found.exact),
        "fingerprint": found.fingerprint[:12],
        "seconds": round(float(found.seconds), 2),
    }


def look(found: Look, names: Mapping[str, str], builders: str) -> dict[str, Any]:
    """Write a quick look as JSON: words and figures in the language of the block.

    Parameters
    ----------
    found
        To send.
    names
        Of states, by ISO3; English.
    builders
        The regime that is set (`forces.builders`).

    Returns
    -------
    dict
        Texts only.
    """
    accord = found.accord[[name for name in _ACCORD if name in found.accord]].copy()
    if "coalition" in accord:
        accord["coalition"] = [coalition_name(str(one), names) for one in accord["coalition"]]
    said = [spoken(one, names) for one in found.said]
    if "why" in accord:
        reasons = [
            (spoken(f"{who}: {why}", names) if why else None)
            for who, why in zip(found.accord["coalition"], accord["why"], strict=True)
        ]
        said += [one for one in dict.fromkeys(reasons) if one is not None and one not in said]
        accord["why"] = [say("yes") if one is None else say("no") for one in reasons]
    return {
        "step": int(found.step),
        "forces": _forces(found.forces, builders),
        "short": [spoken(one, names) for one in _refused(found.forces)],
        "campaign": [
            [name, _share(found, key) if key in _SHARES else _change(*found.campaign[key])]
            for key, name in _campaign().items()
            if key in found.campaign
        ],
        "accord": rows(accord),
        "shares": rows(_shares_by(found.shares, names)),
        "partner": _partner(found.partner),
        "said": said,
        "draws": int(found.draws),
        "seconds": round(float(found.seconds), 2),
    }


def rows(table: pd.DataFrame) -> dict[str, Any]:
    """Write a table as text: names of columns, and cells; columns without anything are left out."""
    said = [name for name in table.columns if not table[name].isin(["", None]).all()]
    table = table[said]
    columns, called = [str(name) for name in said], _names()
    return {
        "columns": [called.get(name) or capital(name.replace("_", " ")) for name in columns],
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
    losses = float(row["averted_usd_yr"])
    averted = not people and math.isclose(benefit, losses, rel_tol=1e-6, abs_tol=1.0)
    ends = (float(row["averted_low"]), float(row["averted_high"])) if averted else None
    spent = (float(row["cost_low"]), float(row["cost_high"]))
    return {
        "cost": cost,
        "benefit": benefit,
        "cost_ends": spent,
        "benefit_ends": ends,
        "mu": mu if math.isfinite(mu) else None,
        "line_km": float(row["line_km"]),
        "held_km2": float(row["held_km2"]),
        "people": float(row["people_held"]),
        "people_share": float(row["people_share"]),
        "output_share": float(row["output_share"]),
        "exact": str(row["kind"]) == "exact",
        "text": {
            "cost": _usd(cost),
            "cost_short": amount(cost),
            "benefit_short": count(benefit) if people else amount(benefit),
            "cost_range": between(*spent),
            "benefit_range": "" if ends is None else between(*ends),
            "ratio": plain(benefit / max(cost, 1e-9)) if not people
            else amount(cost / max(benefit, 1e-9)),
            "line_km": f"{plain(float(row['line_km']), 3)}{THIN}km",
            "held": area(float(row["held_km2"])),
            "people": count(float(row["people_held"])),
            "people_share": percent(float(row["people_share"])),
            "output_share": percent(float(row["output_share"])),
            "mu": _price(str(row["kind"]), mu),
        },
    }  # fmt: skip


def _price(kind: str, mu: float) -> str:
    """Say at which price a step is best."""
    if math.isfinite(mu):
        return plain(mu, 3)
    return say("any that is high enough") if kind == "exact" else say("between exact plans")


def _scored(found: Scored, beside: View) -> dict[str, Any]:
    """Write what was drawn by hand, beside the most that its cost could earn."""
    people = beside.objective == "people"

    def earns(value: float) -> str:
        return say("{n} people", n=count(value)) if people else _usd(value)

    barred = found.barred_km > 0
    pairs = [
        [say("Its line"), f"{plain(found.line_km, 3)}{THIN}km"],
        [say("Cost of what can be built") if barred else say("Cost"), _usd(found.buildable_usd_yr)],
        [say("It earns"), earns(found.benefit)],
        [say("People inside"), f"{count(found.people)} ({percent(found.people_share)})"],
        [say("Output inside"), percent(found.output_share)],
    ]  # fmt: skip
    if barred:
        text = say(
            "{km} km of this line would stand where none may, or where nothing lawful is enough: "
            "it can’t be built as drawn.",
            km=plain(found.barred_km, 3),
        )
    elif math.isnan(found.ceiling):
        text = say(
            "What was drawn leaves out land that every plan must hold: no plan can be compared "
            "with it."
        )
    else:
        pairs.insert(3, [say("The most that this cost could earn"), earns(found.ceiling)])
        text = say(
            "What you drew earns {share} of the most that any territory of its cost could.",
            share=percent(found.benefit / max(found.ceiling, 1e-300)),
        )
    return {
        "held": _packed(found.held[::-1], "<i2"),
        "said": text,
        "rows": pairs,
        "cost": None if barred else found.cost_usd_yr,
        "benefit": found.benefit,
    }


def _usd(value: float) -> str:
    return say("{amount} USD a year", amount=amount(value))


def _packed(array: NDArray[Any], kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode("ascii")


def _shares(low: float, high: float) -> str:
    return f"{plain(100.0 * low)}–{plain(100.0 * high)}{THIN}%"


def _share(found: Look, key: str) -> str:
    low, value, high = found.campaign[key]
    return percent(value) if low == high else f"{percent(value)} ({_shares(low, high)})"


def _change(low: float, value: float, high: float) -> str:
    """Write a change with its range, as in −12 % (−30 to +2 %)."""
    if max(abs(low), abs(value), abs(high)) < _NOTHING:
        return percent(_NOTHING)
    least, mid, most = (_signed(100.0 * one) for one in (low, value, high))
    return say("{value} ({low} to {high})", value=f"{mid}{THIN}%", low=least, high=f"{most}{THIN}%")


def _signed(value: float) -> str:
    """Write a change in per cent: whole, or with a tenth where it is under one."""
    rounded = round(value, 0 if abs(value) >= 1.0 else 1)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{trimmed(abs(rounded))}"


def _joined(
    paths: list[tuple[NDArray[np.float64], NDArray[np.float64]]], axis: int
) -> NDArray[np.float64]:
    return np.concatenate([np.zeros(0), *(path[axis] for path in paths)])


def _forces(found: Mapping[str, Any], builders: str) -> list[list[str]]:
    """Give forts, and men and cost of the regime that is set."""
    pairs = []
    if found.get("forts") is not None:
        pairs.append([say("Forts"), count(float(found["forts"]))])
    regime = dict(found.get("regimes", {})).get(builders)
    if regime is not None:
        asked = next(one for one in field_texts.choices() if one.key == "forces.builders")
        pairs += [
            [asked.label, dict(asked.choices)[builders]],
            [say("Men"), count(float(regime["men"]))],
            [say("Cost of the tasks"), _usd(float(regime["cost_usd_yr"]))],
            [say("Whether they can be had"), _had(str(regime["status"]))],
        ]
    return pairs


def _refused(found: Mapping[str, Any]) -> list[str]:
    return [str(one) for one in found.get("refused", ())]


def _had(status: str) -> str:
    """Say whether men can be had; a solver's own words stay as they are."""
    known = {
        "short": say("no: men or companies are lacking"),
        "optimal": say("yes"),
        "feasible": say("yes"),
    }
    return known.get(status) or of_stage(status)


def _shares_by(found: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Put what each party has in the end into a column per rule."""
    if found.empty:
        return pd.DataFrame()
    wide = found.pivot_table(index="party", columns="rule", values="usd_yr", sort=False)
    wide.columns = [f"{rule}_usd" for rule in wide.columns]
    wide.insert(0, "party", [named(names.get(str(iso3), str(iso3))) for iso3 in wide.index])
    return wide.reset_index(drop=True)


def _partner(found: pd.DataFrame) -> list[list[str]]:
    """Say what the partner's help costs it and brings it, and what its standing would have to."""
    if found.empty:
        return []
    parts = found.set_index("part")[["low", "value", "high"]]
    names = {"cost": say("Costs it"), "trade": say("Brings it by trade"),
             "security": say("By losses that it is spared"),
             "influence": say("By its standing")}  # fmt: skip
    pairs = [[name, _ends(*parts.loc[part])] for part, name in names.items()]
    gain, cost = parts.drop("cost").sum(), parts.loc["cost"]
    left = (gain["low"] - cost["high"], gain["value"] - cost["value"], gain["high"] - cost["low"])
    lacks = cost["value"] - gain["value"] + parts.loc["influence", "value"]
    return [
        *pairs,
        [say("Left to it"), _ends(*left)],
        [say("Its standing would have to be worth"), amount(max(lacks, 0.0))],
    ]


def _ends(low: float, value: float, high: float) -> str:
    """Write an amount with its range, as in −12 million (−20 to +3 million)."""
    if low == high:
        return amount(value)
    if low >= 0.0:
        return f"{amount(value)} ({between(low, high)})"
    return say("{value} ({low} to {high})", value=amount(value), low=amount(low), high=amount(high))


def _works(found: pd.DataFrame) -> pd.DataFrame:
    """Say what works are made of, and where they stand."""
    table = found[[name for name in _WORKS if name in found]].copy()
    for name, said in (("description", in_words), ("surface", surface)):
        if name in table:
            table[name] = [capital(said(str(one))) for one in table[name]]
    return table


_WORKS = ("description", "surface", "line_km", "cost_usd_km_yr")
_ACCORD = ("coalition", "benefit_usd_yr", "cost_usd_yr", "line_km", "why")
_NOTHING = 5e-4  # a change that is under a tenth of a per cent
_SHARES = frozenset({"touchable", "stopped"})


def _campaign() -> dict[str, str]:
    return {
        "stopped": say("Crossings stopped"), "touchable": say("Attacks that a line can touch"),
        "held_change": say("Attacks on held land"),
        "outside_change": say("Attacks on members’ other land"),
        "all_change": say("All attacks"),
    }  # fmt: skip


def _names() -> dict[str, str]:
    """Name the columns of tables."""
    return {
        "description": say("What it is"), "surface": say("Ground"), "line_km": say("Line"),
        "cost_usd_km_yr": say("USD per km a year"), "coalition": say("Coalition"),
        "cost_usd_yr": say("Cost"), "benefit_usd_yr": say("Averts"),
        "why": say("Possible"), "party": say("In the end has"),
        "shapley_usd": say("Shapley"), "nucleolus_usd": say("Nucleolus"),
        "bargain_usd": say("Bargain"), "use_usd": say("By use"),
    }  # fmt: skip


def _cell(name: str, value: Any) -> str:  # noqa: ANN401  (whatever stands in a table)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if not isinstance(value, int | float | np.integer | np.floating) or isinstance(value, bool):
        return str(value) or "–"
    number = float(value)
    if "usd" in name:
        return amount(number)  # the column's name says that it is USD
    if name in {"men", "people"}:
        return count(number)
    return f"{plain(number, 3)}{THIN}km" if name.endswith("km") else plain(number, 3)
