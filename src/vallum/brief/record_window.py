"""The window as plain values for `plan.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief.record_plain import plain_rows
from vallum.window.changes import Rule

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["record_window"]

_PARTS = ("climate", "change_points", "opening", "p_open_through_programme", "stability",
          "scenarios", "influence", "indicators", "outlook", "back_test",
          "one_left_out", "background", "agreement", "alarm", "pairs")  # fmt: skip


def record_window(plan: Plan) -> dict[str, Any]:
    """Put the window stage into plain values.

    Parameters
    ----------
    plan
        To record.

    Returns
    -------
    dict
        Keys as documented in docs/method/window.md; None where it was not asked for.
    """
    found = plan.window
    if found is None:
        return {**dict.fromkeys(_PARTS), "status": "not asked", "source": None, "events": 0}
    index = found.opening.index
    return {
        "climate": {
            pair: dict(zip(("low", "mid", "high"), level, strict=True))
            for pair, level in found.latest.items()
        },
        "change_points": plain_rows(found.changes),
        "opening": {
            "index": None
            if index is None
            else dict(zip(("low", "mid", "high"), index, strict=True)),
            "parts": {
                part.name: {
                    "title": part.title,
                    "series": part.series,
                    "weight": part.weight[1],
                    "score": None
                    if part.score is None
                    else dict(zip(("low", "mid", "high"), part.score, strict=True)),
                    "status": part.status or "ok",
                }
                for part in found.opening.parts
            },
            "p_open_now": found.opening.p_open_now,
            "months": found.opening.months,
        },
        "p_open_through_programme": found.opening.p_open_through,
        "stability": plain_rows(found.stability),
        "scenarios": plain_rows(found.scenarios),
        "influence": plain_rows(found.influence),
        "indicators": plain_rows(found.indicators),
        "outlook": plain_rows(found.outlook),
        "back_test": plain_rows(found.back_test),
        "one_left_out": plain_rows(found.one_left_out),
        "background": plain_rows(found.background),
        "agreement": plain_rows(found.agreement),
        "alarm": Rule().alarm,
        "pairs": 0 if found.climate is None else sum(not status for status in found.climate.status),
        "status": found.status,
        "source": found.source,
        "events": int(found.events["event"].nunique()),  # one among several states counts once
    }
