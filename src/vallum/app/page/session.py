"""One person's open page: what it is told by the browser, and what it answers."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vallum.app.sheet import Drawn, Sheet
from vallum.errors import Fault, InputError, VallumError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from vallum.app.desk import Asked
    from vallum.app.model import Scenario, User
    from vallum.app.page.facts import Facts
    from vallum.app.settings import AppSettings

    Verb = Callable[["Session", Mapping[str, Any]], Awaitable[None]]

__all__ = ["Session", "fresh", "hear", "leave", "text_of"]

_log = logging.getLogger(__name__)
_OURS = "something went wrong here, not with what you entered; it is in the server’s log"
# one of each at a time: a newer one ends the older
_ALONE = {"change": "view", "open": "view", "load": "view", "hello": "view", "reset": "view",
          "look": "look", "compare": "compare"}  # fmt: skip


@dataclass(eq=False)
class Session:
    """What one open page knows.

    Attributes
    ----------
    desk, settings, user, facts
        Whom it asks, how the service runs, who looks at it, and the theatre.
    send
        Sends a message to the browser; may be called from the event loop alone.
    verbs
        What a browser may ask, by name.
    sheet
        The scenario as it now stands on the page.
    shown
        The scenario whose frontier is on the page.
    scenario
        The kept version that it came from; None where it was never kept.
    running
        What is being asked for, by kind.
    """

    desk: Asked
    settings: AppSettings
    user: User
    facts: Facts
    send: Callable[[dict[str, Any]], None]
    verbs: Mapping[str, Verb]
    sheet: Sheet
    shown: Sheet
    scenario: Scenario | None = None
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)


def fresh(settings: AppSettings, facts: Facts) -> Sheet:
    """Make the scenario that a page begins with."""
    return Sheet("A new scenario", settings.theatre, facts.opened)


def hear(session: Session, text: str) -> asyncio.Task[None] | None:
    """Take a message of the browser, and answer it in the background.

    Parameters
    ----------
    session
        Whose page it is.
    text
        JSON: an object with the verb under `do`.

    Returns
    -------
    asyncio.Task or None
        What answers; None where the message is to end another, or none at all.
    """
    try:
        message = json.loads(text)
    except ValueError:
        message = None
    if not isinstance(message, dict) or not isinstance(message.get("do"), str):
        _log.warning("a page sent what is no message")
        return None
    name = message["do"]
    if name == "cancel":
        stop(session, str(message.get("what")))
        return None
    kind = _ALONE.get(name)
    if kind is not None:
        stop(session, kind)
    task = asyncio.get_running_loop().create_task(_answer(session, name, message))
    key = kind or f"{name}:{id(task)}"
    session.running[key] = task
    task.add_done_callback(lambda done: _gone(session, key, done))
    return task


def stop(session: Session, kind: str) -> None:
    """End what is being asked for, if anything is."""
    task = session.running.pop(kind, None)
    if task is not None:
        task.cancel()


def leave(session: Session) -> None:
    """End all of it: the page was closed."""
    for kind in list(session.running):
        stop(session, kind)


def text_of(message: Mapping[str, Any], key: str, *, most: int) -> str:
    """Read a text from a message.

    Raises
    ------
    InputError
        If there is none, or it is too long.
    """
    found = message.get(key, "")
    if not isinstance(found, str) or len(found) > most:
        raise InputError([Fault("page", key, "no text, or too long", f"at most {most:,} signs")])
    return found


def drawn_of(points: Any, *, closed: bool) -> Drawn:  # noqa: ANN401  (a browser's JSON)
    """Make a drawn line or area of (lon, lat); raises InputError where there are too few."""
    least = 3 if closed else 2
    if len(points) < least:
        found = f"{len(points)} points"
        mend = f"put at least {least} points on the map"
        raise InputError([Fault("page", "drawn", found, mend)])
    return Drawn(tuple(points), closed)


async def _answer(session: Session, name: str, message: Mapping[str, Any]) -> None:
    """Do what is asked; a fault is told in words, beside what it belongs to."""
    n = message.get("n")
    try:
        verb = session.verbs.get(name)
        await (_strange if verb is None else verb)(session, message)
    except asyncio.CancelledError:
        session.send({"is": "ended", "of": name, "n": n})
        raise
    except InputError as error:
        faults = [
            {"place": one.place, "found": one.found, "mend": one.mend, "where": one.where}
            for one in error.faults
        ]
        session.send({"is": "faults", "of": name, "n": n, "faults": faults})
    except VallumError as error:
        session.send({"is": "trouble", "of": name, "n": n, "said": str(error)})
    except Exception:  # noqa: BLE001  (no traceback reaches a person)
        _log.exception("a page asked for %s", name)
        session.send({"is": "trouble", "of": name, "n": n, "said": _OURS})


async def _strange(_session: Session, message: Mapping[str, Any]) -> None:
    found = f"no verb {str(message['do'])[:40]!r}"
    raise InputError([Fault("page", "do", found, "load the page again")])


def _gone(session: Session, key: str, task: asyncio.Task[None]) -> None:
    if session.running.get(key) is task:
        del session.running[key]
