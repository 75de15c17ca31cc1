"""Websockets: whose page they belong to, how many are open, and until when."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bokeh.util.token import (
    check_session_id_signature,
    check_token_signature,
    get_token_payload,
)

from vallum.app.guard.answers import TurnedAwayError
from vallum.app.guard.carried import HEADER, carried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping, Sequence

    from starlette.types import Receive, Send

    from vallum.app.model import User

__all__ = ["Lasting", "Sockets", "check_token"]

_LONGEST = 16_384  # of a token: ours have some hundred characters
_ENDED = "your login has ended: load the page again"
_A_MINUTE = 8_000_000  # signs that a page may send; it sends some thousand
_UNWANTED = "only texts come from our pages, and not so many"


class Sockets:
    """Counts open websockets.

    Parameters
    ----------
    most_user, most_all
        Of one user, and of all together.
    """

    def __init__(self, most_user: int, most_all: int) -> None:
        self._most_user, self._most_all = most_user, most_all
        self._open: Counter[str] = Counter()

    def check(self, user: User) -> None:
        """Raise `TurnedAwayError` (429, 503) where no further one may be opened."""
        if self._open[user.name] >= self._most_user:
            raise TurnedAwayError(
                429, "{most} of your pages are open: close one, then load this again",
                {"Retry-After": "20"}, most=self._most_user,
            )  # fmt: skip
        if self._open.total() >= self._most_all:
            raise TurnedAwayError(
                503,
                "{most} pages are open, which is all that this server keeps: try again in a while",
                {"Retry-After": "60"}, most=self._most_all,
            )  # fmt: skip

    @contextmanager
    def held(self, user: User) -> Iterator[None]:
        """Count one while it is open; raises as `check` does."""
        self.check(user)
        self._open[user.name] += 1
        try:
            yield
        finally:
            self._open[user.name] -= 1
            if not self._open[user.name]:
                del self._open[user.name]


def check_token(
    offered: Sequence[str],
    user: User,
    secret: bytes,
    clock: Callable[[], float] = time.time,
) -> None:
    """Hold a websocket to the page that it says it belongs to.

    Parameters
    ----------
    offered
        Subprotocols: "bokeh", and the token that the page was given.
    user
        Who opens it.
    secret
        With which pages' tokens are signed.
    clock
        Tells the time, s since 1970.

    Raises
    ------
    TurnedAwayError
        403 where the token is none, not signed by us, another's, or older than it may be.
    """
    if len(offered) != 2 or offered[0] != "bokeh" or len(offered[1]) > _LONGEST:
        raise TurnedAwayError(403, "a websocket needs the token of a page: load the page again")
    # first the signature, over the text as it is: what is not ours is never unpacked
    ours = offered[1].isascii() and check_session_id_signature(offered[1], secret, signed=True)
    if not ours or not check_token_signature(offered[1], secret, signed=True):
        raise TurnedAwayError(403, "the page's token is not of this server: load the page again")
    payload: dict[str, Any] = get_token_payload(offered[1])
    if payload.get("headers", {}).get(HEADER) != carried(user):
        raise TurnedAwayError(403, "the page is somebody else's: load the page again")
    if float(payload.get("session_expiry", 0)) <= clock():
        raise TurnedAwayError(403, "the page was opened too long ago: load the page again")


class Lasting:
    """Lets a websocket last as long as its user's login, and as it brings what our pages send.

    Parameters
    ----------
    receive, send
        Of ASGI.
    holds
        Whether the login still does; None: always.
    every
        How often it is asked, s.
    """

    def __init__(
        self,
        receive: Receive,
        send: Send,
        holds: Callable[[], bool] | None,
        every: float = 10.0,
    ) -> None:
        self._receive, self._send = receive, send
        self._holds, self._every = holds, every
        self._waiting: asyncio.Task[MutableMapping[str, Any]] | None = None
        self._ended = False
        self._came, self._since = 0, time.monotonic()

    async def receive(self) -> MutableMapping[str, Any]:
        """Give the next message; that the browser has gone, once the login has ended."""
        if self._holds is None:
            return await self._wanted(await self._receive())
        while self._holds():
            if self._waiting is None:
                self._waiting = asyncio.ensure_future(self._next())
            done, _ = await asyncio.wait({self._waiting}, timeout=self._every)
            if done:
                task, self._waiting = self._waiting, None
                return await self._wanted(task.result())
        return await self._over(_ENDED)

    async def _over(self, why: str) -> MutableMapping[str, Any]:
        """Close it, and say that the browser has gone."""
        if not self._ended:
            self._ended = True
            await self._send({"type": "websocket.close", "code": 1008, "reason": why})
        return {"type": "websocket.disconnect", "code": 1008, "reason": why}

    async def _wanted(self, message: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Pass on what a page of ours may send: what is kept until all of it is there is texts."""
        now = time.monotonic()
        if now - self._since > 60.0:
            self._came, self._since = 0, now
        self._came += len(message.get("text") or "")
        if message.get("bytes") or self._came > _A_MINUTE:
            return await self._over(_UNWANTED)
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Pass a message on; raises `OSError` once it was closed, as a server does."""
        if self._ended:
            raise OSError(_ENDED)
        await self._send(message)

    def leave(self) -> None:
        """Wait for nothing any more."""
        if self._waiting is not None:
            self._waiting.cancel()

    async def _next(self) -> MutableMapping[str, Any]:
        return await self._receive()
