"""Finds who somebody is: nobody has to say so, or by name and password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from vallum.app.guard.answers import TurnedAwayError, wait_for
from vallum.app.model import LOCAL, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Send

    from vallum.app.guard.basic import Basic
    from vallum.app.guard.cookies import Jar
    from vallum.app.guard.visit import Visit

__all__ = ["Found", "Login", "Nobody", "Passwords"]

_ASK = {"WWW-Authenticate": 'Basic realm="Vallum", charset="UTF-8"'}


@dataclass(frozen=True)
class Found:
    """Who somebody is.

    Attributes
    ----------
    user
        The user.
    holds
        Says whether the login still holds; None: it always does.
    kept
        Makes a cookie that a page's browser is to keep; None: there is none.
    """

    user: User
    holds: Callable[[], bool] | None = None
    kept: Callable[[], str] | None = None


class Login(Protocol):
    """One way to find it."""

    async def who(self, visit: Visit) -> Found:
        """Say who it is; raises `TurnedAwayError` where that can't be said."""

    async def own(self, visit: Visit, send: Send) -> bool:
        """Answer what is asked of the login itself; False where it is something else."""


class Nobody:
    """Nobody has to say who they are: all are the machine's own user."""

    async def who(self, visit: Visit) -> Found:  # noqa: ARG002
        """Give the machine's own."""
        return Found(LOCAL)

    async def own(self, visit: Visit, send: Send) -> bool:  # noqa: ARG002
        """Have no pages."""
        return False


class Passwords:
    """HTTP Basic.

    Parameters
    ----------
    basic
        Knows the passwords.
    admins
        Names.
    pages
        Cookie of a page that was opened. Safari sends a password with every request but that for
        a websocket, so there the page's cookie says who it is, and nowhere else.
    """

    def __init__(self, basic: Basic, admins: tuple[str, ...], pages: Jar) -> None:
        self._basic, self._admins, self._pages = basic, admins, pages

    async def who(self, visit: Visit) -> Found:
        """Say who it is, by name and password."""
        header = visit.headers.get("authorization", "")
        held = self._pages.read(visit) if visit.socket and not header else None
        if held is not None and held["mark"] == self._basic.mark(held["name"]):
            return self._found(held["name"])
        name = await self._basic.who(header, visit.address)
        if name is not None:
            return self._found(name)
        wait = self._basic.wait(header, visit.address)
        if wait > 0:
            raise wait_for(wait)
        raise TurnedAwayError(401, "give your name and your password", _ASK)

    async def own(self, visit: Visit, send: Send) -> bool:  # noqa: ARG002
        """Have no pages: the browser asks."""
        return False

    def _found(self, name: str) -> Found:
        mark = self._basic.mark(name)
        return Found(
            User(name, admin=name in self._admins),
            lambda: mark is not None and self._basic.mark(name) == mark,
            lambda: self._pages.fill({"name": name, "mark": mark or ""}),
        )
