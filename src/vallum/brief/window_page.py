"""The page's chapter on the window: is the opening real, and does it last."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vallum.brief import window_chart, window_words
from vallum.brief.dividend_words import money
from vallum.brief.page_text import percent, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.plan import Plan
    from vallum.window import Window

__all__ = ["chapter"]

PARTS = ("trade", "agreements", "transit", "security", "index")
LEAST = 0.02  # of a member's ties, below which an outside state is not told


def chapter(plan: Plan) -> dict[str, Any]:
    """Gather what the chapter prints.

    Parameters
    ----------
    plan
        To show.

    Returns
    -------
    dict
        `nothing` (a sentence, or no text), sentences (`claim`, `headline`, `turns`, `sure`,
        `stable`), pictures (`opening`, `lines`) and tables (`parts`, `influence`, `scenarios`,
        `indicators`).
    """
    said = window_words.nothing(plan)
    if said or plan.window is None:
        return {"nothing": said}
    found = plan.window
    names = {str(k): str(v) for k, v in plan.theatre.countries["name"].items()}
    return {
        "nothing": "",
        "claim": window_words.CLAIM,
        "source": found.source,
        "headline": window_words.headline(found),
        "claims": window_words.claims(found),
        "turns": window_words.turns(found, names),
        "sure": window_words.how_sure(found),
        "alarms": window_words.alarms(found),
        "apart": window_words.apart(found, names),
        "stable": window_words.of_stability(found, names),
        "opening": window_chart.opening(found),
        "lines": window_chart.lines(found, names),
        "parts": _parts(found, names),
        "outlook": _outlook(found, names),
        "sources": _sources(found, names),
        "influence": _influence(found, names),
        "gains": window_words.gains(found, plan.theatre.countries),
        "scenarios": _scenarios(found),
        "indicators": _indicators(found),
        "built_in": bool(len(found.agreement)),
    }


def _parts(found: Window, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Give a row per part of the opening."""
    return [
        {
            "title": part.title,
            "series": part.series
            if part.name == "load"
            else window_words.couple(part.series, names),
            "weight": plain(part.weight[1]),
            "score": "no data" if part.score is None else plain(part.score[1]),
            "range": ""
            if part.score is None
            else f"{plain(part.score[0])} to {plain(part.score[2])}",
            "status": part.status,
        }
        for part in found.opening.parts
    ]


def _influence(found: Window, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give a row per member and outside state that has some part in it."""
    out = []
    for (member, state), rows in found.influence.groupby(["member", "state"], sort=False):
        by = {str(row["part"]): row for row in rows.to_dict("records")}
        after = float(by["index"]["after"]) if "index" in by else math.nan
        if math.isnan(after) or after < LEAST:
            continue
        out.append(
            {
                "member": names.get(str(member), str(member)),
                "state": names.get(str(state), str(state)),
                "cells": [_cell(by.get(part)) for part in PARTS],
                "range": f"{percent(float(by['index']['after_low']))} to "
                f"{percent(float(by['index']['after_high']))}",
                "order": -after,
            }
        )
    return sorted(out, key=lambda row: (row["member"], row["order"]))


def _cell(row: Mapping[Any, Any] | None) -> str:
    """Write a share before and, where it changes, after."""
    if row is None or math.isnan(float(row["before"])):
        return "no data"
    before, after = percent(float(row["before"])), percent(float(row["after"]))
    return before if before == after else f"{before} → {after}"


def _scenarios(found: Window) -> list[dict[str, Any]]:
    """Give a row per scenario."""
    out = []
    for row in found.scenarios.to_dict("records"):
        own = found.stability[found.stability["scenario"] == row["scenario"]]
        keeps = [str(one["state"]) for one in own.to_dict("records") if one["keeps"]]
        out.append(
            {
                "name": str(row["scenario"]),
                "said": str(row["said"]),
                "together": money(float(row["together_usd_yr"]), 3),
                "holds": bool(row["holds"]),
                "subsidy": money(float(row["subsidy_usd_yr"]), 3),
                "range": _between(float(row["subsidy_low"]), float(row["subsidy_high"])),
                "open": bool(row["holds_low"]) != bool(row["holds_high"]),
                "keeps": ", ".join(keeps) or "nobody",
                "clause": str(row["clause"]) or "–",
            }
        )
    return out


def _between(low: float, high: float) -> str:
    """Write a range of dollars; a dash where it has no width."""
    return "–" if low == high else f"{money(low, 3)} to {money(high, 3)}"


def _outlook(found: Window, names: Mapping[str, str]) -> dict[str, Any]:
    """Give a row per pair of the level ahead, and the months of its columns."""
    months = sorted({int(one) for one in found.outlook["ahead"]})
    rows = []
    for pair, own in found.outlook.groupby("pair", sort=False):
        by = {int(row["ahead"]): row for row in own.to_dict("records")}
        cells = [f"{plain(by[n]['low'])} to {plain(by[n]['high'])}" for n in months]
        mid = plain(float(own["mid"].iloc[0]))
        rows.append({"name": window_words.couple(str(pair), names), "mid": mid, "cells": cells})
    return {"months": months, "rows": rows}


def _sources(found: Window, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Give a row per pair with a climate: its mean weight, and what any one source does to it."""
    if not len(found.one_left_out):
        return []
    return [
        {
            "name": window_words.couple(str(row["pair"]), names),
            "events": str(row["events"]),
            "sources": str(row["sources"]),
            "mean": plain(float(row["mean"])),
            "range": f"{plain(float(row['low']))} to {plain(float(row['high']))}",
            "moved": str(row["moved_by"]),
        }
        for row in found.one_left_out.to_dict("records")
        if str(row["pair"]) in found.latest
    ]


def _indicators(found: Window) -> list[dict[str, Any]]:
    """Give a row per early warning."""
    return [
        {
            "name": str(row["name"]),
            "now": plain(float(row["now"])),
            "threshold": f"{row['side']} {plain(float(row['threshold']))}",
            "passed": bool(row["passed"]),
        }
        for row in found.indicators.to_dict("records")
    ]
