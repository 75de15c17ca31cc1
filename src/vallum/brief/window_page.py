"""The page's chapter on the window: is the opening real, and does it last."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vallum.brief import window_chart, window_words
from vallum.brief.dividend_words import money
from vallum.brief.language import named, of_stage, say
from vallum.brief.page_text import capital, listed, percent, plain
from vallum.brief.retold import retold

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
        `nothing` (a sentence, or no text), sentences (`turns`, `alarms`, `apart`,
        `stable`), pictures (`opening`, `lines`) and tables (`parts`, `influence`, `scenarios`,
        `indicators`).
    """
    said = window_words.nothing(plan)
    if said or plan.window is None:
        return {"nothing": said}
    found = plan.window
    names = {str(k): named(str(v)) for k, v in plan.theatre.countries["name"].items()}
    return {
        "nothing": "",
        "source": of_stage(found.source),
        "turns": window_words.turns(found, names),
        "alarms": window_words.alarms(found),
        "apart": window_words.apart(found, names),
        "stable": window_words.of_stability(found, names),
        "opening": window_chart.opening(found),
        "lines": window_chart.lines(found, names),
        "parts": _parts(found, names),
        "outlook": _outlook(found, names),
        "sources": _sources(found, names),
        "influence": _influence(found, names),
        "scenarios": _scenarios(found, names),
        "indicators": _indicators(found, names),
        "built_in": bool(len(found.agreement)),
    }


def _parts(found: Window, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Give a row per part of the opening."""
    return [
        {
            "title": window_words.titled(part.title, names),
            "series": retold(part.series, names)
            if part.name == "load"
            else window_words.couple(part.series, names),
            "weight": plain(part.weight[1]),
            "score": say("no data") if part.score is None else plain(part.score[1]),
            "range": "–"
            if part.score is None or part.score[0] == part.score[2]
            else _ends(plain(part.score[0]), plain(part.score[2])),
            "says": window_words.says(part),
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
                "range": _ends(
                    *(percent(float(by["index"][f"after_{end}"])) for end in ("low", "high"))
                ),
                "order": -after,
            }
        )
    return sorted(out, key=lambda row: (row["member"], row["order"]))


def _cell(row: Mapping[Any, Any] | None) -> str:
    """Write a share before and, where it changes, after."""
    if row is None or math.isnan(float(row["before"])):
        return say("no data")
    before, after = percent(float(row["before"])), percent(float(row["after"]))
    return before if before == after else f"{before} → {after}"


def _scenarios(found: Window, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give a row per scenario."""
    out = []
    for row in found.scenarios.to_dict("records"):
        own = found.stability[found.stability["scenario"] == row["scenario"]]
        keeps = [
            names.get(str(one["state"]), str(one["state"]))
            for one in own.to_dict("records")
            if one["keeps"]
        ]
        out.append(
            {
                "name": capital(of_stage(str(row["scenario"]))),
                "said": capital(of_stage(str(row["said"]))),
                "together": money(float(row["together_usd_yr"]), 3),
                "holds": _held(row),
                "subsidy": money(float(row["subsidy_usd_yr"]), 3),
                "range": _between(float(row["subsidy_low"]), float(row["subsidy_high"])),
                "keeps": listed(keeps) if keeps else say("nobody"),
                "clause": of_stage(str(row["clause"])) or "–",
            }
        )
    return out


def _held(row: Mapping[Any, Any]) -> str:
    """Say whether it holds, and whether that is so within all of the range."""
    either = bool(row["holds_low"]) != bool(row["holds_high"])
    if row["holds"]:
        return say("yes, or not, within the range") if either else say("yes")
    return say("no, or yes, within the range") if either else say("no")


def _between(low: float, high: float) -> str:
    """Write a range of dollars; a dash where it has no width."""
    return "–" if low == high else _ends(money(low, 3), money(high, 3))


def _ends(low: str, high: str) -> str:
    """Write two ends."""
    return say("{low} to {high}", low=low, high=high)


def _outlook(found: Window, names: Mapping[str, str]) -> dict[str, Any]:
    """Give a row per pair of the level ahead, and the months of its columns."""
    months = sorted({int(one) for one in found.outlook["ahead"]})
    rows = []
    for pair, own in found.outlook.groupby("pair", sort=False):
        by = {int(row["ahead"]): row for row in own.to_dict("records")}
        cells = [_ends(plain(by[n]["low"]), plain(by[n]["high"])) for n in months]
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
            "range": _ends(plain(float(row["low"])), plain(float(row["high"]))),
            "moved": str(row["moved_by"]),
        }
        for row in found.one_left_out.to_dict("records")
        if str(row["pair"]) in found.latest
    ]


def _indicators(found: Window, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give a row per early warning."""
    return [
        {
            "name": window_words.titled(str(row["name"]), names),
            "now": plain(float(row["now"])),
            "threshold": say("above {level}", level=plain(float(row["threshold"])))
            if row["side"] == "above"
            else say("below {level}", level=plain(float(row["threshold"]))),
            "passed": bool(row["passed"]),
        }
        for row in found.indicators.to_dict("records")
    ]
