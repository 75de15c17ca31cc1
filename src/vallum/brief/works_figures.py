"""Two figures: the frontier of cost and effect on the commonest ground, and ours beside real lines.

Places on their axes are given in per cent, so that the page can draw them at any width.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vallum.brief.language import current, of_stage, say
from vallum.brief.page_text import THIN, amount, between, linked, percent, plain
from vallum.brief.works_kinds import commonest, on_member_land
from vallum.brief.works_names import in_words, surface
from vallum.brief.works_tables import tells_places
from vallum.works.real_lines import load_real_lines

if TYPE_CHECKING:
    from vallum.plan import Plan
    from vallum.works.bill import Bill, Triple

__all__ = ["frontier", "real_lines"]

WIDTH, HEIGHT = 720.0, 350.0  # of the frontier's drawing, in its own units
_LEFT, _RIGHT, _TOP, _BOTTOM = 76.0, 26.0, 14.0, 42.0
_REACH = 2.5  # the cost axis ends at this many times the chosen cost, where the frontier goes on


def frontier(plan: Plan) -> dict[str, Any] | None:
    """Draw the frontier of the commonest ground.

    Parameters
    ----------
    plan
        To read.

    Returns
    -------
    dict or None
        None where it `tells_places`: with the cost of each kilometre it would be read for what
        that stops. Else `path` of the staircase, `points`, `chosen` (place and text), `standard`
        (height and text), ticks of both axes, `ground` in words, `share` of the members'
        land, `count` of compositions to choose from.
    """
    if tells_places(plan):
        return None
    of = commonest(plan)
    found = plan.works.frontiers.classes[of]
    share = on_member_land(plan)
    rows = [n for n, ground in enumerate(plan.works.ground_row) if ground == of]
    row = plan.works.compositions.iloc[max(rows, key=lambda n: share[n])]
    cost, p_e = found.cost_usd_km_yr / 1000.0, found.p_e
    here = float(row["cost_usd_km_yr"]) / 1000.0
    top = _round_up(min(float(cost[-1]), _REACH * here) if len(cost) > 1 else 2 * here)
    seen = cost <= top
    xs, ys = [_across(v, top) for v in cost[seen]], [_up(v) for v in p_e[seen]]
    stairs = f"M{xs[0]:.1f} {_up(0.0):.1f}V{ys[0]:.1f}" + "".join(
        f"H{x:.1f}V{y:.1f}" for x, y in zip(xs[1:], ys[1:], strict=True)
    )
    standard = plan.settings.works.standard
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": _LEFT,
        "right": WIDTH - _RIGHT,
        "bottom": HEIGHT - _BOTTOM,
        "path": f"{stairs}H{WIDTH - _RIGHT:.1f}" if bool(seen.all()) else stairs,
        "points": [(round(x, 1), round(y, 1)) for x, y in zip(xs, ys, strict=True)],
        "chosen": {
            "x": round(_across(here, top), 1),
            "y": round(_up(float(row["p_e"])), 1),
            "low": round(_up(float(row["p_e_low"])), 1),
            "high": round(_up(float(row["p_e_high"])), 1),
            "left": round(_across(float(row["cost_low_usd_km_yr"]) / 1000.0, top), 1),
            "right": round(
                min(_across(float(row["cost_high_usd_km_yr"]) / 1000.0, top), WIDTH - _RIGHT), 1
            ),
            "text": say(
                "{cost} USD/km/yr stop {share}",
                cost=amount(1000 * here),
                share=percent(float(row["p_e"])),
            ),
        },
        "standard": (round(_up(standard), 1), percent(standard)),
        "across": [(round(_across(v, top), 1), plain(v, 3)) for v in _ticks(top)],
        "up": [(round(_up(v), 1), f"{round(100 * v)}{THIN}%") for v in (0, 0.25, 0.5, 0.75, 1)],
        "ground": _ground(plan, of),
        "share": percent(float(share[rows].sum())),
        "count": plain(float(found.options.count), 3),
        "kept": len(found.compositions),
        "what": in_words(str(row["description"])),
    }


def real_lines(plan: Plan, every: list[Bill]) -> dict[str, Any]:
    """Set our line beside lines that were built.

    Parameters
    ----------
    plan
        To read.
    every
        The bills of all steps.

    Returns
    -------
    dict
        `panels`, title and ticks of each of three logarithmic axes; `rows`, ours first: name,
        `ours`, and for each panel None, or text and places in per cent.
    """
    first, last = plan.line.step, len(every) - 1
    rows: list[tuple[str, bool, str, list[Triple | None]]] = []
    for step in dict.fromkeys((first, last)):
        bill = every[step]
        km = max(bill.line_km, 1e-9)
        name = say("ours, step {step} ({km} km)", step=step, km=plain(bill.line_km, 3))
        low, mid, high = bill.totals["capital_usd"]
        capital = (low / km, mid / km, high / km)
        totals = bill.totals
        rows.append(
            (name, True, "", [totals["men_paid_per_km"], capital, totals["cost_usd_km_yr"]])
        )
    for line in load_real_lines():
        ends = (line.men_per_km, line.capital_usd_km, line.usd_km_yr)
        name = of_stage(line.text)
        length = "" if line.km is None else f" ({plain(line.km, 3)}{THIN}km)"
        rows.append((f"{name}{length}", False, of_stage(line.note), [*map(_triple, ends)]))
    panels = []
    titles = say("men per km"), say("USD to build a km"), say("USD per km and year")
    for n, title in enumerate(titles):
        known = [each for *_, figures in rows if (each := figures[n]) is not None]
        panels.append((title, _decades([end for each in known for end in each if end > 0])))
    return {
        "panels": [
            {"title": title, "ticks": [(_log(t, ends), _tick(t)) for t in _tens(ends)]}
            for title, ends in panels
        ],
        "rows": [
            {
                "name": name,
                "ours": ours,
                "note": note,
                "cells": [
                    None if each is None else _dot(each, ends)
                    for each, (_, ends) in zip(figures, panels, strict=True)
                ],
            }
            for name, ours, note, figures in rows
        ],
        "sources": [
            {"name": of_stage(line.text), "source": linked(line.source)}
            for line in load_real_lines()
        ],
    }


def _triple(ends: tuple[float, float] | None) -> Triple | None:
    """Take the middle of what was reported, on the scale that is drawn."""
    return None if ends is None else (ends[0], math.sqrt(ends[0] * ends[1]), ends[1])


def _dot(each: Triple, ends: tuple[float, float]) -> dict[str, Any]:
    """Place a figure and its range."""
    low, mid, high = (_log(value, ends) for value in each)
    one = amount(each[0]) == amount(each[2])
    return {
        "low": low,
        "mid": mid,
        "wide": round(high - low, 2),
        "text": amount(each[1]) if one else between(each[0], each[2]),
    }


def _decades(values: list[float]) -> tuple[float, float]:
    """Give the powers of ten around some values."""
    if not values:
        return 1.0, 10.0
    low = 10.0 ** math.floor(math.log10(min(values)) + 1e-9)
    high = 10.0 ** math.ceil(math.log10(max(values)) - 1e-9)
    return low, max(high, 10 * low)


def _tens(ends: tuple[float, float]) -> list[float]:
    first, last = (round(math.log10(end)) for end in ends)
    return [10.0**n for n in range(first, last + 1)]


def _tick(value: float) -> str:
    for unit, sign in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{sign}"
    return f"{value:g}".replace(".", current().decimal)


def _log(value: float, ends: tuple[float, float]) -> float:
    """Place a value on a logarithmic axis, per cent of its length."""
    inside = min(max(value, ends[0]), ends[1])
    return round(100 * math.log(inside / ends[0]) / math.log(ends[1] / ends[0]), 2)


def _across(value: float, top: float) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * value / top


def _up(share: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share


def _ticks(top: float) -> list[float]:
    return [top * n / 5 for n in range(6)]


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return float(next(n for n in (1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10) if n * power >= value)) * power


def _ground(plan: Plan, of: int) -> str:
    """Describe a class of ground."""
    land = plan.works.ground.classes[of]
    parts = [
        surface(land.surface),
        say("{count} wadis a km", count=plain(land.wadis_per_km)),
    ]
    if land.slope > 0:
        parts.append(say("slopes up to {share}", share=percent(land.slope)))
    if land.dunes > 0:
        parts.append(say("dunes over {share}", share=percent(land.dunes)))
    materials = plan.works.catalogue.materials
    hauled = [
        say(
            "{material} from {km} km",
            material=of_stage(materials[key].text.split(":")[0]),
            km=plain(km),
        )
        for key, km in land.haul_km.items()
        if 0 < km < math.inf
    ]
    return ", ".join([*parts, *hauled])
