"""Login by an OpenID provider: a code with PKCE for people, ID tokens for programs."""

from __future__ import annotations

import asyncio
import hmac
import html
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from vallum.app.guard.answers import TurnedAwayError, show, wait_for
from vallum.app.guard.basic import UNKNOWN, Tries
from vallum.app.guard.logins import Found
from vallum.app.guard.provider import Provider, ProviderError, TokenError, private
from vallum.app.model import User
from vallum.brief.language import say, speaking

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import Send

    from vallum.app.guard.cookies import Jar
    from vallum.app.guard.visit import Visit

__all__ = ["LOGIN_S", "SESSION_S", "Oidc", "inside"]

SESSION_S = 8 * 3600.0  # a working day: a judgement
LOGIN_S = 600.0  # to log in at the provider
_BEARER = {"WWW-Authenticate": 'Bearer realm="Vallum"'}
_SCOPES = {"sub": "openid", "email": "openid email"}


@dataclass(eq=False)
class Oidc:
    """Finds who somebody is.

    Attributes
    ----------
    provider
        Whom it asks.
    session, started
        Cookies: of who is logged in, and of a login that was begun.
    origin
        Of the public address; None: that under which it is asked for.
    admins
        Names.
    refused
        Told of each failure.
    claim
        Which claim is a user's name. Only `sub` is never given to another one (OpenID Connect
        Core, 5.7); an address counts only where the provider has verified it.
    tries
        Counts failures.
    left
        Logins that were ended: until when they would have lasted, by id.
    """

    provider: Provider
    session: Jar
    started: Jar
    origin: str | None
    admins: tuple[str, ...]
    refused: Callable[[str, str], None]
    claim: str = "sub"
    tries: Tries = field(default_factory=lambda: Tries(most_name=20))
    left: dict[str, float] = field(default_factory=dict)

    async def who(self, visit: Visit) -> Found:
        """Say who it is: by a program's ID token, or a browser's cookie."""
        kind, _, token = visit.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return await self._bearer(visit, token.strip())
        held = self._held(visit)
        if held is not None:
            return Found(self._user(held["name"]), lambda: self._held(visit) is not None)
        if visit.reads_pages and not visit.socket and visit.method == "GET":
            asked = quote(visit.path) + ("?" + urlencode(visit.query) if visit.query else "")
            to = {"Location": "/login?" + urlencode({"next": asked})}
            raise TurnedAwayError(303, "log in first", to)
        raise TurnedAwayError(401, "log in, or send an ID token as a bearer", _BEARER)

    async def own(self, visit: Visit, send: Send) -> bool:
        """Answer what is asked of the login itself."""
        pages = {
            ("GET", "/login"): self._begin,
            ("GET", "/callback"): self._end,
            ("GET", "/logout"): self._ask,
            ("POST", "/logout"): self._leave,
        }
        page = pages.get((visit.method, visit.path))
        if page is None or visit.socket:
            return False
        with speaking(visit.language):
            await page(visit, send)
        return True

    async def _bearer(self, visit: Visit, token: str) -> Found:
        """Take a program's ID token."""
        try:
            claims = await self.provider.claims(token)
            user, ends = self._user(self._name(claims)), float(claims["exp"])
        except TokenError:
            await self._failed(visit)
            raise TurnedAwayError(401, "the token is not good here", _BEARER) from None
        return Found(user, lambda: ends > self.session.clock())

    async def _begin(self, visit: Visit, send: Send) -> None:
        """Send a browser to the provider."""
        state = secrets.token_urlsafe(32)
        # what the provider will ask for is found again from the state: it leaves us only then
        url = await self.provider.login_url(
            self._back(visit), state, self.started.derived(f"nonce:{state}"),
            self.started.derived(f"verifier:{state}"), _SCOPES.get(self.claim, "openid profile"),
        )  # fmt: skip
        kept = self.started.fill({"state": state, "next": inside(visit.asked("next"))})
        await self._lead(send, url, kept)

    async def _end(self, visit: Visit, send: Send) -> None:
        """Take a browser back from the provider."""
        held = self.started.read(visit)
        state = visit.asked("state") or ""
        if held is None or not hmac.compare_digest(held["state"].encode(), state.encode()):
            # the one that was begun goes on: a foreign link must not end it
            said = say("This login was not begun in this browser, or too long ago.")
            await self._no(send, 400, said, {})
            return
        wait = self.tries.wait("", visit.address)
        if wait > 0:
            raise wait_for(wait)
        gone = {"Set-Cookie": self.started.empty()}
        code = visit.asked("code")
        if not code or visit.asked("iss") not in {None, self.provider.issuer}:
            await self._no(send, 403, say("The provider did not let you in."), gone)
            return
        try:
            claims = await self.provider.redeem(
                code, self._back(visit), self.started.derived(f"verifier:{state}"),
                self.started.derived(f"nonce:{state}"),
            )  # fmt: skip
            name = self._name(claims)
        except TokenError:
            await self._failed(visit)
            await self._no(send, 403, say("The provider’s answer is not good here."), gone)
            return
        kept = self.session.fill({"name": name, "id": secrets.token_urlsafe(16)})
        await self._lead(send, held["next"], kept, self.started.empty())

    async def _ask(self, visit: Visit, send: Send) -> None:  # noqa: ARG002
        """Ask whether somebody wants to leave: a link alone must not do it."""
        # without an action it goes to its own address, which may ask for a language
        form = f'<form method="post"><button>{html.escape(say("Log out"))}</button></form>'
        # with no referrer a browser would send the form with no origin either
        await show(send, 200, say("Log out?"), (form,), {"Referrer-Policy": "same-origin"})

    async def _leave(self, visit: Visit, send: Send) -> None:
        """End a login, here: what a browser may have copied of it is void too."""
        held = self._held(visit)
        now = self.session.clock()
        for id, ends in list(self.left.items()):  # noqa: A001
            if ends <= now:
                del self.left[id]
        if held is not None:
            self.left[held["id"]] = held["ends"]
        words = [_again()]
        try:
            there = (await self.provider.said()).get("end_session_endpoint")
        except ProviderError:
            there = None
        if private(there):
            words.append(_link(str(there), say("Log out at the provider too")))
        cookie = {"Set-Cookie": self.session.empty()}
        await show(send, 200, say("You are logged out."), tuple(words), cookie)

    def _held(self, visit: Visit) -> Mapping[str, Any] | None:
        """Give the login of a browser; None where it has ended."""
        held = self.session.read(visit)
        return None if held is None or held["id"] in self.left else held

    def _user(self, name: str) -> User:
        return User(name, admin=name in self.admins)

    def _name(self, claims: Mapping[str, Any]) -> str:
        """Read a user's name; raises `TokenError` where there is none to rely on."""
        name = claims.get(self.claim)
        if self.claim == "email" and claims.get("email_verified") is not True:
            raise TokenError("the provider has not verified the address")
        if not isinstance(name, str) or not 0 < len(name) <= 255 or not name.isprintable():
            raise TokenError(f"there is no name in its claim {self.claim}")
        return name

    def _back(self, visit: Visit) -> str:
        return (self.origin or f"{visit.scheme}://{visit.host}") + "/callback"

    async def _failed(self, visit: Visit) -> None:
        """Count a failure; raises `TurnedAwayError` where there were too many: none is told of."""
        wait = self.tries.wait("", visit.address)
        if wait > 0:
            raise wait_for(wait)
        self.tries.failed("", visit.address)
        await asyncio.to_thread(self.refused, UNKNOWN, visit.address)

    async def _no(self, send: Send, status: int, said: str, headers: Mapping[str, str]) -> None:
        await show(send, status, say("Not logged in"), (html.escape(said), _again()), headers)

    async def _lead(self, send: Send, url: str, *cookies: str) -> None:
        """Send a browser elsewhere; it keeps cookies."""
        lines = [("location", url), *(("set-cookie", one) for one in cookies)]
        raw = [(name.encode(), value.encode("latin-1")) for name, value in lines]
        await send({"type": "http.response.start", "status": 303, "headers": raw})
        await send({"type": "http.response.body", "body": b""})


def _again() -> str:
    return _link("/login", say("Log in again"))


def _link(address: str, text: str) -> str:
    return f'<a href="{html.escape(address)}">{html.escape(text)}</a>.'


def inside(wanted: str | None) -> str:
    r"""Give a path of this service to go on to; its first page where another was wanted.

    Parameters
    ----------
    wanted
        As a link says it, from anywhere.

    Returns
    -------
    str
        Begins with one slash. Backslashes and signs that browsers drop are not taken: `/\\host`
        and `/<tab>/host` would lead elsewhere.
    """
    if wanted is None or not wanted.startswith("/") or wanted.startswith("//"):
        return "/"
    if len(wanted) > 2_000 or "\\" in wanted or not all("!" <= sign <= "~" for sign in wanted):
        return "/"
    return "/" if wanted.partition("?")[0] in {"/login", "/callback", "/logout"} else wanted
