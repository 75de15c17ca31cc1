"""Scenarios on the page: keep, list, open, share, delete, and TOML in and out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from vallum.app import sheet as sheets
from vallum.app.page.frontier import described, sheet_of, show
from vallum.app.page.session import sheet_in, text_of
from vallum.app.page.when import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.app.model import Scenario
    from vallum.app.page.session import Session, Verb

__all__ = ["VERBS", "ident"]


def ident(message: Mapping[str, Any], key: str = "id") -> str:
    """Read the id of a scenario or plan from a message."""
    return text_of(message, key, most=64)


async def _save(session: Session, message: Mapping[str, Any]) -> None:
    """Keep what is on the page: the next version of the own scenario, or a new one."""
    session.sheet = sheet_of(session, message)
    before = session.scenario
    again = before is not None and before.owner == session.user.name and not message.get("new")
    session.scenario = await asyncio.to_thread(
        session.desk.save,
        session.user,
        session.sheet,
        id=before.id if again and before is not None else None,
        seen=before.version if again and before is not None else None,
    )
    session.send({"is": "saved", "sheet": described(session)})
    await _list(session, message)


async def _list(session: Session, _: Mapping[str, Any]) -> None:
    found = await asyncio.to_thread(session.desk.scenarios, session.user)
    session.send({"is": "scenarios", "rows": [_row(session, one) for one in found]})


async def _open(session: Session, message: Mapping[str, Any]) -> None:
    version = message.get("version")
    kept = await asyncio.to_thread(
        session.desk.scenario,
        session.user,
        ident(message),
        version if isinstance(version, int) else None,
    )
    session.sheet = sheet_in(session, kept.text, kept.theatre)
    session.scenario = kept
    session.send({"is": "sheet", "sheet": described(session)})
    await show(session, message.get("n"))


async def _history(session: Session, message: Mapping[str, Any]) -> None:
    found = await asyncio.to_thread(session.desk.versions, session.user, ident(message))
    rows = [_row(session, one) for one in reversed(found)]
    session.send({"is": "history", "id": ident(message), "rows": rows})


async def _share(session: Session, message: Mapping[str, Any]) -> None:
    shared = bool(message.get("shared"))
    kept = await asyncio.to_thread(
        lambda: session.desk.share(session.user, ident(message), shared=shared)
    )
    mine = session.scenario
    # the latest may be another's change: then what is on the page is still of the one before
    if mine is not None and mine.id == kept.id and mine.text == kept.text:
        session.scenario = kept
        session.send({"is": "saved", "sheet": described(session), "dirty": message.get("dirty")})
    await _list(session, message)


async def _delete(session: Session, message: Mapping[str, Any]) -> None:
    gone = ident(message)
    await asyncio.to_thread(session.desk.delete, session.user, gone)
    if session.scenario is not None and session.scenario.id == gone:
        session.scenario = None
        session.send({"is": "saved", "sheet": described(session)})
    await _list(session, message)


async def _text(session: Session, message: Mapping[str, Any]) -> None:
    """Write what is on the page as TOML, for the browser to keep as a file or for another page."""
    to = text_of(message, "to", most=100) or None
    session.send({"is": "text", "text": sheets.write(sheet_of(session, message)), "to": to})


async def _load(session: Session, message: Mapping[str, Any]) -> None:
    """Read a scenario from TOML; it is nobody's until it is kept."""
    most = session.settings.quotas.upload_bytes
    session.sheet = sheet_in(session, text_of(message, "text", most=most))
    session.scenario = None
    session.send({"is": "sheet", "sheet": described(session)})
    await show(session, message.get("n"))


def _row(session: Session, one: Scenario) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "owner": one.owner,
        "own": one.owner == session.user.name,
        "shared": one.shared,
        "version": one.version,
        "changed": told(one.changed),
        "by": one.changed_by,
    }


VERBS: dict[str, Verb] = {
    "save": _save, "scenarios": _list, "open": _open, "history": _history, "share": _share,
    "delete": _delete, "text": _text, "load": _load,
}  # fmt: skip
