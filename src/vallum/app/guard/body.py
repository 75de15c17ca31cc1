"""How much a request may bring: counted as it comes, since what it says of itself can be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.app.guard.answers import TurnedAwayError
from vallum.brief.page_text import whole

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from starlette.types import Receive, Send

__all__ = ["Counted", "check_length"]


def check_length(said: str | None, most: int) -> None:
    """Refuse a body by what its header says of its length.

    Parameters
    ----------
    said
        `Content-Length`; None where there is none.
    most
        Bytes.

    Raises
    ------
    TurnedAwayError
        413 where it is longer, 400 where it is no number.
    """
    if said is None:
        return
    if not said.isascii() or not said.isdigit() or len(said) > 15:
        raise TurnedAwayError(400, "Content-Length is no number")
    if int(said) > most:
        raise _too_long(most)


class Counted:
    """Counts a body as an app reads it, and keeps the app from answering once it is too long.

    Parameters
    ----------
    receive, send
        Of ASGI.
    most
        Bytes.
    """

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive, self._send, self._most = receive, send, most
        self._seen = 0
        self._started = False

    @property
    def over(self) -> bool:
        """Whether it was longer, and nothing has been answered yet."""
        return self._seen > self._most and not self._started

    def error(self) -> TurnedAwayError:
        """Give what is to be answered then."""
        return _too_long(self._most)

    async def receive(self) -> MutableMapping[str, Any]:
        """Give the next piece; raises `TurnedAwayError` once there is too much."""
        if self._seen > self._most:
            raise self.error()
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._most:
            raise self.error()
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Pass an answer on, but not what an app makes of a body that was cut off."""
        if self.over:
            return
        self._started = True
        await self._send(message)


def _too_long(most: int) -> TurnedAwayError:
    return TurnedAwayError(
        413, "the request is longer than {most} bytes: send less", {"Connection": "close"},
        most=whole(most),
    )  # fmt: skip
