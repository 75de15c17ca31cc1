"""What the guard says itself, in words: to people as a page, to programs as a problem.

A page is in the language that its visitor wants; problems and what closes a websocket are English.
"""

from __future__ import annotations

import html
import json
import math
from http import HTTPStatus
from typing import TYPE_CHECKING

from vallum.brief.language import current, gettext, say, speaking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

__all__ = ["TurnedAwayError", "Words", "show", "turn_away", "wait_for"]

_PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Vallum</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root{{color-scheme:light dark}}body{{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;
margin:15vh auto;padding:0 1rem}}h1{{font-size:1.25rem}}button{{font:inherit;padding:.4rem 1rem}}
</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"""
Words = tuple[str, ...]  # paragraphs of HTML


class TurnedAwayError(Exception):
    """Raised where somebody is not let in.

    Parameters
    ----------
    status
        Of HTTP.
    said
        Why, and what to do, in plain text: English, with the names of values in braces; written
        out where it is raised, so that it can be gathered for translation.
    headers
        To be sent with it.
    values
        By name.
    """

    def __init__(
        self,
        status: int,
        said: str,
        headers: Mapping[str, str] | None = None,
        /,
        **values: object,
    ) -> None:
        super().__init__(said)
        self.status = status
        self.headers = dict(headers or {})
        self._said, self._values = said, values

    def __str__(self) -> str:
        """Say why, in the language of the block."""
        return gettext(self._said).format(**self._values)


def wait_for(seconds: float) -> TurnedAwayError:
    """Give what is said after too many failures.

    Parameters
    ----------
    seconds
        For how long nothing is tried.
    """
    whole = math.ceil(seconds)
    return TurnedAwayError(
        429, "too many failed logins from here: wait {seconds} seconds, then try again",
        {"Retry-After": str(whole)}, seconds=whole,
    )  # fmt: skip


async def turn_away(
    scope: Scope, receive: Receive, send: Send, error: TurnedAwayError, *, page: str | None
) -> None:
    """Answer somebody who is not let in.

    Parameters
    ----------
    scope, receive, send
        Of ASGI.
    error
        Why.
    page
        Language of the page that a person waits for; None: a program asked.
    """
    if scope["type"] == "websocket":
        await _close(scope, receive, send, error)
        return
    if page is not None:
        with speaking(page):
            words = (html.escape(str(error)),)
            await show(send, error.status, _title(error.status), words, error.headers)
        return
    problem = {"type": "about:blank", "title": HTTPStatus(error.status).phrase,
               "status": error.status, "detail": str(error), "faults": []}  # fmt: skip
    await _send(send, error.status, "application/problem+json", json.dumps(problem), error.headers)


async def show(
    send: Send, status: int, title: str, words: Words, headers: Mapping[str, str] | None = None
) -> None:
    """Answer with a page of the guard's own, in the language of the block.

    Parameters
    ----------
    send
        Of ASGI.
    status
        Of HTTP.
    title
        Plain text.
    words
        Paragraphs, HTML: whoever gives them has escaped them.
    headers
        To be sent with it.
    """
    body = "".join(f"<p>{one}</p>" for one in words)
    text = _PAGE.format(lang=current().code, title=html.escape(title), body=body)
    await _send(send, status, "text/html; charset=utf-8", text, headers or {})


def _title(status: int) -> str:
    """Name a status to people, for whom HTTP's own phrases were not made."""
    titles = {
        303: say("Log in first"),
        400: say("This request can’t be answered"),
        401: say("Log in first"),
        404: say("Nothing is here"),
        413: say("Too long"),
        429: say("Too many requests"),
        502: say("Logging in does not work now"),
        503: say("All pages are taken"),
    }
    return titles.get(status) or say("Not allowed")


async def _send(send: Send, status: int, kind: str, text: str, headers: Mapping[str, str]) -> None:
    body = text.encode()
    every = {"Content-Type": kind, "Content-Length": str(len(body)), **headers}
    raw = [(name.lower().encode("latin-1"), one.encode("latin-1")) for name, one in every.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _close(scope: Scope, receive: Receive, send: Send, error: TurnedAwayError) -> None:
    """Refuse a websocket before it is open; with the words, where the server can send them."""
    await receive()  # websocket.connect
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1008, "reason": str(error)[:120]})
        return
    body = str(error).encode()
    every = {"Content-Type": "text/plain; charset=utf-8", **error.headers}
    raw = [(name.lower().encode("latin-1"), one.encode("latin-1")) for name, one in every.items()]
    await send({"type": "websocket.http.response.start", "status": error.status, "headers": raw})
    await send({"type": "websocket.http.response.body", "body": body})
