"""One person's open page: what it is told by the browser, and what it answers."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vallum.app import sheet as sheets
from vallum.app.sheet import Drawn, Sheet
from vallum.brief.language import say, say_n, speaking
from vallum.brief.page_text import whole
from vallum.errors import Fault, InputError, VallumError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from vallum.app.desk import Asked
    from vallum.app.model import Scenario, User
    from vallum.app.page.facts import Facts
    from vallum.app.settings import AppSettings

    Verb = Callable[["Session", Mapping[str, Any]], Awaitable[None]]

__all__ = [
    "RefusedError", "Session", "drawn_of", "fresh", "hear", "leave", "refused", "sheet_in",
    "text_of",
]  # fmt: skip

_log = logging.getLogger(__name__)
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
    language
        In which the page speaks.
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
    language: str
    scenario: Scenario | None = None
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)


class RefusedError(InputError):
    """What the page itself refuses: its faults are in the page's language, and not in English."""


def refused(place: str, found: str, mend: str) -> RefusedError:
    """Make the refusal of one thing that a page sent, in words of the page's language."""
    return RefusedError([Fault("page", place, found, mend)])


def fresh(settings: AppSettings, facts: Facts) -> Sheet:
    """Make the scenario that a page begins with."""
    return Sheet(say("A new scenario"), settings.theatre, facts.opened)


def sheet_in(session: Session, text: str, theatre: str | None = None) -> Sheet:
    """Read a scenario of the theatre that the page shows.

    Parameters
    ----------
    session
        Whose page it is.
    text
        TOML.
    theatre
        Where the text names none; that of the page if not given.

    Returns
    -------
    Sheet
        Checked.

    Raises
    ------
    InputError
        With every fault of the text, and for a scenario of another theatre: its land would be
        painted on this one's map.
    """
    own = session.settings.theatre
    found = sheets.read(text, theatre=theatre or own)
    if found.theatre != own:
        mend = say("open the service with that theatre, or say theatre = {theatre}",
                   theatre=repr(own))  # fmt: skip
        raise refused("scenario.theatre", repr(found.theatre), mend)
    return found


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
        mend = say("at most {n} signs", n=whole(most))
        raise refused(key, say("no text, or too long"), mend)
    return found


def drawn_of(points: Any, *, closed: bool, holding: Any = ()) -> Drawn:  # noqa: ANN401
    """Make a drawn line or area of (lon, lat); raises InputError where there are too few."""
    least = 3 if closed else 2
    if len(points) < least:
        found = say_n("{n} point", "{n} points", len(points), n=len(points))
        raise refused("drawn", found, say("put at least {n} points on the map", n=least))
    return Drawn(tuple(points), closed, tuple(holding))


async def _answer(session: Session, name: str, message: Mapping[str, Any]) -> None:
    """Do what is asked in the page's language; a fault is told beside what it belongs to."""
    with speaking(session.language):
        await _do(session, name, message)


async def _do(session: Session, name: str, message: Mapping[str, Any]) -> None:
    n = message.get("n")
    english = None if session.language == "en" else "en"  # what stages and the desk say is English
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
        lang = None if isinstance(error, RefusedError) else english
        session.send({"is": "faults", "of": name, "n": n, "faults": faults, "lang": lang})
    except VallumError as error:
        session.send({"is": "trouble", "of": name, "n": n, "said": str(error), "lang": english})
    except Exception:  # noqa: BLE001  (no traceback reaches a person)
        _log.exception("a page asked for %s", name)
        ours = say(
            "something went wrong here, not with what you entered; it is in the server’s log"
        )
        session.send({"is": "trouble", "of": name, "n": n, "said": ours, "lang": None})


async def _strange(_session: Session, message: Mapping[str, Any]) -> None:
    raise refused("do", repr(str(message["do"])[:40]), say("load the page again"))


def _gone(session: Session, key: str, task: asyncio.Task[None]) -> None:
    if session.running.get(key) is task:
        del session.running[key]
