"""Websockets: whose page they belong to, how many are open, and until when."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bokeh.util.token import check_token_signature, get_token_payload

from vallum.app.guard.answers import TurnedAwayError
from vallum.app.guard.carried import HEADER, carried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping, Sequence

    from starlette.types import Receive, Send

    from vallum.app.model import User

__all__ = ["Sockets", "check_token", "until"]

_LONGEST = 16_384  # of a token: ours have some hundred characters
_AGAIN = "load the page again"


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
            said = f"{self._most_user} of your pages are open: close one, then load this again"
            raise TurnedAwayError(429, said, {"Retry-After": "20"})
        if self._open.total() >= self._most_all:
            said = f"{self._most_all} pages are open, which is all that this server keeps: "
            raise TurnedAwayError(503, said + "try again in a while", {"Retry-After": "60"})

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
        raise TurnedAwayError(403, f"a websocket needs the token of a page: {_AGAIN}")
    try:
        # first the signature: what is not ours is not unpacked
        ours = check_token_signature(offered[1], secret_key=secret, signed=True)
        payload: dict[str, Any] = get_token_payload(offered[1]) if ours else {}
    except (ValueError, KeyError, TypeError, AssertionError):  # it is no token at all
        ours, payload = False, {}
    if not ours:
        raise TurnedAwayError(403, f"the page's token is not of this server: {_AGAIN}")
    if payload.get("headers", {}).get(HEADER) != carried(user):
        raise TurnedAwayError(403, f"the page is somebody else's: {_AGAIN}")
    if float(payload.get("session_expiry", 0)) <= clock():
        raise TurnedAwayError(403, f"the page was opened too long ago: {_AGAIN}")


def until(receive: Receive, send: Send, ends: float | None) -> Receive:
    """End a websocket when its user's login ends.

    Parameters
    ----------
    receive, send
        Of ASGI.
    ends
        When, s since 1970; None: never.

    Returns
    -------
    Receive
        To be used in its place.
    """
    if ends is None:
        return receive

    async def receive_until() -> MutableMapping[str, Any]:
        try:
            return await asyncio.wait_for(receive(), max(ends - time.time(), 0.0))
        except TimeoutError:
            reason = "your login has ended: load the page again"
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
            return {"type": "websocket.disconnect", "code": 1008, "reason": reason}

    return receive_until
