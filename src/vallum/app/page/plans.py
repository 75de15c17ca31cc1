"""Full plans on the page: ask for one, see how far it has come, fetch its files."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from vallum.app import sheet as sheets
from vallum.app.page.frontier import sheet_of
from vallum.app.page.scenarios import ident
from vallum.app.page.session import refused
from vallum.app.page.when import told
from vallum.brief.language import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.app.model import StoredPlan
    from vallum.app.page.session import Session, Verb

__all__ = ["VERBS"]

_SHOWN = 50


async def _submit(session: Session, message: Mapping[str, Any]) -> None:
    """Ask for the full plan of what is on the page."""
    language = message.get("language", "en")
    if language not in LANGUAGES:
        raise refused("language", repr(language), say("choose en or fr"))
    session.sheet = sheet = sheet_of(session, message)
    kept = session.scenario
    if kept is not None and sheets.read(kept.text, theatre=kept.theatre) != sheet:
        kept = None  # it is of what was changed since, a budget by the slider too
    plan = await asyncio.to_thread(
        lambda: session.desk.submit(session.user, sheet, language=language, scenario=kept)
    )
    session.send({"is": "submitted", "id": plan.id, "n": message.get("n")})
    await _list(session, message)


async def _list(session: Session, _: Mapping[str, Any]) -> None:
    rows = await asyncio.to_thread(_rows, session)
    session.send({"is": "plans", "rows": rows})


async def _cancel(session: Session, message: Mapping[str, Any]) -> None:
    await asyncio.to_thread(session.desk.cancel, session.user, ident(message))
    await _list(session, message)


async def _resume(session: Session, message: Mapping[str, Any]) -> None:
    await asyncio.to_thread(session.desk.resume, session.user, ident(message))
    await _list(session, message)


async def _delete(session: Session, message: Mapping[str, Any]) -> None:
    await asyncio.to_thread(session.desk.delete_plan, session.user, ident(message))
    await _list(session, message)


async def _share(session: Session, message: Mapping[str, Any]) -> None:
    shared = bool(message.get("shared"))
    await asyncio.to_thread(
        lambda: session.desk.share_plan(session.user, ident(message), shared=shared)
    )
    await _list(session, message)


def _rows(session: Session) -> list[dict[str, Any]]:
    return [_row(session, plan) for plan in session.desk.plans(session.user)[:_SHOWN]]


def _row(session: Session, plan: StoredPlan) -> dict[str, Any]:
    """Describe a plan; the files' names are as the API serves them."""
    own = plan.owner == session.user.name
    far = session.desk.progress(session.user, plan.id) if plan.status == "running" else None
    return {
        "id": plan.id,
        "own": own,
        "owner": plan.owner,
        "shared": plan.shared,
        "language": plan.language,
        "status": plan.status,
        "stage": _stage(plan.stage if far is None else far.stage),
        "done": None if far is None else far.done,
        "stages": None if far is None else far.stages,
        "seconds": None if far is None else round(far.seconds),
        "asked": told(plan.asked),
        "said": plan.said,
        "lang": None if session.language == "en" else "en",
        "files": [
            {"name": one.name, "size": one.size}
            for one in plan.files
            if "restricted" not in one.name.lower()  # the API never gives these
        ],
    }


def _stage(name: str | None) -> str:
    """Name a stage; nothing where none has begun."""
    known = {
        "theatre": say("ground", context="stage"), "worth": say("what is vital", context="stage"),
        "threat": say("threat", context="stage"), "works": say("works", context="stage"),
        "line": say("line", context="stage"), "bill": say("bill", context="stage"),
        "forces": say("forces", context="stage"), "ranges": say("ranges", context="stage"),
        "robust": say("frontier of each draw", context="stage"),
        "campaign": say("campaign", context="stage"),
        "dividend": say("dividend", context="stage"), "accord": say("accord", context="stage"),
        "window": say("window", context="stage"), "brief": say("brief", context="stage"),
    }  # fmt: skip
    return known.get(name or "", name or "")


VERBS: dict[str, Verb] = {
    "submit": _submit, "plans": _list, "cancel_plan": _cancel, "resume_plan": _resume,
    "delete_plan": _delete, "share_plan": _share,
}  # fmt: skip
