"""Two scenarios side by side: both frontiers, and what they assume differently."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vallum.app.page import encode
from vallum.app.page.fields import values
from vallum.app.page.frontier import names_of, sheet_of, without_budget
from vallum.app.page.session import sheet_in, text_of
from vallum.app.page.when import told
from vallum.brief.language import say
from vallum.brief.page_text import trimmed, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.app.page.fields import Field
    from vallum.app.page.session import Session, Verb
    from vallum.app.sheet import Sheet

__all__ = ["VERBS"]

_SIDES = ("left", "right")
NOW = "now"  # what is on the page, rather than the id of a kept scenario
_PLAN = "plan:"  # before the id of a plan, whose frontier is found again from its settings


async def _compare(session: Session, message: Mapping[str, Any]) -> None:
    """Find both frontiers at once, and send them with the assumptions in which they differ."""
    pair = [await _sheet(session, message, side) for side in _SIDES]
    session.send({"is": "comparing"})
    found = await asyncio.gather(
        *(session.desk.view(session.user, without_budget(one)) for one in pair)
    )
    left, right = (values(one.settings, session.facts.asked) for one in pair)
    differing = [
        [one.label, _shown(one, left[one.key]), _shown(one, right[one.key])]
        for one in session.facts.asked
        if left[one.key] != right[one.key]
    ]
    session.send(
        {
            "is": "compared",
            "names": [_name(message, side, one) for side, one in zip(_SIDES, pair, strict=True)],
            "views": [encode.view(one, names_of(session)) for one in found],
            "differing": differing,
            "together": len({one.settings.theatre.coalition for one in pair}) == 1,
        }
    )


async def _sheet(session: Session, message: Mapping[str, Any], side: str) -> Sheet:
    """Give one side's scenario."""
    which = text_of(message, side, most=64)
    if which == NOW:
        return sheet_of(session, message)
    if which.startswith(_PLAN):
        plan = await asyncio.to_thread(session.desk.plan, session.user, which.removeprefix(_PLAN))
        sheet = sheet_in(session, plan.text, plan.theatre)
        name = say("{name}, plan of {day}", name=sheet.name, day=told(plan.asked))
        return replace(sheet, name=name)
    kept = await asyncio.to_thread(session.desk.scenario, session.user, which)
    return sheet_in(session, kept.text, kept.theatre)


def _name(message: Mapping[str, Any], side: str, sheet: Sheet) -> str:
    return (
        say("{name}, as it was on the page", name=sheet.name)
        if message.get(side) == NOW
        else sheet.name
    )


def _shown(field: Field, value: Any) -> str:  # noqa: ANN401  (JSON)
    """Write a value as the page's own fields show it."""
    if value is None:
        return say("all", context="states") if field.kind == "members" else say("none")
    if isinstance(value, list):
        return ", ".join(dict(field.choices).get(str(one), str(one)) for one in value) or say(
            "none"
        )
    if field.kind == "choice":
        return dict(field.choices).get(str(value), str(value))
    amount = round(float(value), 6)
    number = whole(amount) if abs(amount) >= 1000 else trimmed(amount)
    bare = field.kind != "number" or field.most == 1.0 or field.key == "works.standard"
    return number if bare else f"{number} {field.unit}"


VERBS: dict[str, Verb] = {"compare": _compare}
