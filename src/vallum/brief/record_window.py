"""The window as plain values for `plan.json`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from vallum.plan import Plan

__all__ = ["record_window"]

_PARTS = ("climate", "change_points", "opening", "p_open_through_programme", "stability",
          "scenarios", "influence", "indicators", "outlook", "back_test",
          "one_left_out", "background")  # fmt: skip


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
        "change_points": _rows(found.changes),
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
        "stability": _rows(found.stability),
        "scenarios": _rows(found.scenarios),
        "influence": _rows(found.influence),
        "indicators": _rows(found.indicators),
        "outlook": _rows(found.outlook),
        "back_test": _rows(found.back_test),
        "one_left_out": _rows(found.one_left_out),
        "background": _rows(found.background),
        "status": found.status,
        "source": found.source,
        "events": len(found.events),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a table as a list of rows of plain values."""
    return [
        {str(key): _value(value) for key, value in row.items()} for row in table.to_dict("records")
    ]


def _value(value: object) -> object:
    """Give a plain value: NaN as None, numpy's numbers and booleans as Python's."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, str) or value is None:
        return value
    number = float(str(value))
    return None if math.isnan(number) else number
