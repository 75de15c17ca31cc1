"""Shares as the threat's texts and tables write them, and the chapter's answer as plain text."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from vallum.brief.figures import Reading
from vallum.brief.page_text import THIN, percent
from vallum.brief.record_threat import record_threat
from vallum.brief.threat_head import answer

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["shares", "statement"]

_LEAST = 0.001  # shares below are "under 0.1 %"


def shares(low: float, mid: float, high: float) -> str:
    """Write a share with its range, tiny ones as "under 0.1 %".

    Examples
    --------
    >>> shares(0.0211, 0.0384, 0.161).replace(THIN, " ")
    '3.8 % (2.1–16 %)'
    >>> shares(1e-5, 0.0024, 0.011).replace(THIN, " "), shares(0.0, 1e-7, 1e-4).replace(THIN, " ")
    ('0.24 % (under 0.1–1.1 %)', 'under 0.1 %')
    """
    if high < _LEAST:
        return percent(_LEAST / 2.0)
    if percent(low) == percent(mid) == percent(high):
        return percent(mid)
    start = percent(low).removesuffix(f"{THIN}%")
    return f"{percent(mid)} ({start}–{percent(high)})"


def statement(plan: Plan) -> str:
    """Say in one sentence, without marks, who comes and by which way.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    str
        `vallum.brief.threat_head.answer` of the plan's record.
    """
    reading = Reading(
        {
            "members": list(plan.theatre.members),
            "names": {str(k): str(v) for k, v in plan.theatre.countries["name"].items()},
            "threat": record_threat(plan),
            "settings": plan.settings.model_dump(mode="json"),
        }
    )
    return unescape(re.sub(r"<[^>]+>", "", str(answer(reading))))
