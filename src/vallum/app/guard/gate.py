"""The gate: everything that comes in passes here, before the page, the websocket and the API."""

from __future__ import annotations

import hmac
import logging
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vallum.app.guard.answers import TurnedAwayError, turn_away
from vallum.app.guard.basic import Basic
from vallum.app.guard.body import Counted, check_length
from vallum.app.guard.carried import HEADER, LANGUAGE, carried
from vallum.app.guard.cookies import Jar, secure_by
from vallum.app.guard.door import door_faults
from vallum.app.guard.dress import dressed
from vallum.app.guard.hosts import Names, names_of
from vallum.app.guard.logins import Found, Login, Nobody, Passwords
from vallum.app.guard.oidc_settings import DEFAULT, OidcOptions, oidc_login
from vallum.app.guard.sockets import Lasting, Sockets, check_token
from vallum.app.guard.users import Users
from vallum.app.guard.visit import Visit, visit_of
from vallum.app.pace import Pace
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from vallum.app.settings import AppSettings

__all__ = ["Limits", "check", "guard"]

_log = logging.getLogger("vallum.access")
_FORM_BYTES = 2_000_000  # the longest scenario, written as JSON
_UPLOADS = "/api/uploads/"  # what is read there is counted as it comes, and is no JSON
_PAGE_S = 600.0  # from a page to its websocket, whose token ends sooner
_SESSION = "bokeh_session_id"
_USER, _LANGUAGE = HEADER.lower().encode(), LANGUAGE.lower().encode()
_INNER = frozenset({_USER, _LANGUAGE, b"bokeh-session-id"})


@dataclass(frozen=True)
class Limits:
    """How many pages: judgements for a machine of two cores and 24 GiB.

    Attributes
    ----------
    user, all
        Open websockets of one user, and of all together.
    loads
        Pages that one user may load in a minute.
    """

    user: int = 20
    all: int = 200
    loads: int = 60


_LIMITS = Limits()


@dataclass(frozen=True, eq=False)
class _Gate:
    """What the gate knows: the app behind it, and by what it judges."""

    app: ASGIApp
    names: Names
    login: Login
    secret: bytes
    sockets: Sockets
    pace: Pace
    upload_bytes: int
    pages: frozenset[str]

    def most_bytes(self, path: str) -> int:
        """Say how much may be brought: a file where files are read, elsewhere a form.

        A little more than a file, so that the route says in its own words what is too large.
        """
        return _FORM_BYTES + (self.upload_bytes if path.startswith(_UPLOADS) else 0)


def check(settings: AppSettings, oidc: OidcOptions = DEFAULT) -> None:
    """Say what would keep a guard from being put up, before anything else is begun.

    Parameters
    ----------
    settings
        Of the service.
    oidc
        More on logins by OpenID.

    Raises
    ------
    InputError
        As `guard`.
    """
    _login(settings, names_of(settings), bytes(32), lambda *_: None, oidc)


def guard(
    app: ASGIApp,
    settings: AppSettings,
    *,
    secret: bytes,
    refused: Callable[[str, str], None],
    limits: Limits = _LIMITS,
    pages: tuple[str, ...] = ("/",),
    oidc: OidcOptions = DEFAULT,
) -> ASGIApp:
    """Put the guard before an app.

    Parameters
    ----------
    app
        Page, websocket and API.
    settings
        Of the service.
    secret
        32 random bytes or more (`ValueError`), the same that `carried.session_options` is given.
        All logins and open pages end when another is taken.
    refused
        Told of each failed login: the name, "(unknown)" where it is no user's, and the address.
        It is called in a thread.
    limits
        How many pages may be open.
    pages
        Paths of Panel's applications: each opens a websocket.
    oidc
        More on logins by OpenID.

    Returns
    -------
    ASGIApp
        To be served in its place.

    Raises
    ------
    InputError
        If it would not be safe to listen there (`door_faults`), the settings name no way to log
        in, or the users' file can't be read.
    """
    if len(secret) < 32:
        raise ValueError("a secret of 32 bytes or more signs cookies and tokens")
    names = names_of(settings)
    gate = _Gate(
        app=app,
        names=names,
        # a key of their own: Bokeh signs tokens by the secret itself
        login=_login(settings, names, hmac.digest(secret, b"cookies", "sha256"), refused, oidc),
        secret=secret,
        sockets=Sockets(limits.user, limits.all),
        pace=Pace(limits.loads),
        upload_bytes=settings.quotas.upload_bytes,
        pages=frozenset(pages),
    )

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _http(gate, scope, receive, send)
        elif scope["type"] == "websocket":
            await _socket(gate, scope, receive, send)
        else:
            await app(scope, receive, send)

    return guarded


def _login(
    settings: AppSettings,
    names: Names,
    secret: bytes,
    refused: Callable[[str, str], None],
    oidc: OidcOptions,
) -> Login:
    """Choose how people log in, where it is safe to listen."""
    if faults := door_faults(settings):
        raise InputError(faults)
    if settings.auth == "none":
        return Nobody()
    if settings.auth == "basic":
        if settings.users is None:
            mend = "name the file of users: --users FILE"
            raise InputError([Fault("--users", "", "no file for --auth basic", mend)])
        pages = Jar("vallum-page", secret, _PAGE_S, secure_by(settings))
        return Passwords(Basic(Users(settings.users), refused), settings.admins, pages)
    return oidc_login(settings, names, secret, refused, oidc)


async def _http(gate: _Gate, scope: Scope, receive: Receive, send: Send) -> None:
    """Let a request in, or say why not."""
    began = time.monotonic()
    dress = dressed(send, scope["path"])
    status, name, visit = 0, "-", None
    kept: Callable[[], str] | None = None

    async def watched(message: Any) -> None:  # noqa: ANN401  (ASGI)
        nonlocal status
        status = message.get("status", status)
        if kept is not None and message["type"] == "http.response.start":
            cookie = (b"set-cookie", kept().encode())
            message = {**message, "headers": [*message.get("headers", []), cookie]}
        await dress(message)

    try:
        visit = visit_of(scope)
        _check(gate, visit)
        if await gate.login.own(visit, watched):
            return
        found = await gate.login.who(visit)
        name = found.user.name
        if visit.path in gate.pages:
            _page(gate, found)
            kept = found.kept
        await _bounded(gate, visit, _known(scope, visit, found), receive, watched)
    except TurnedAwayError as error:
        if status:  # half an answer is out already: the server can but cut it off
            raise
        page = visit.language if visit is not None and visit.reads_pages else None
        await turn_away(scope, receive, watched, error, page=page)
    finally:
        _note(scope, name, status, time.monotonic() - began)


def _page(gate: _Gate, found: Found) -> None:
    """Say it before a page is built, and not by a page that stays dead."""
    gate.sockets.check(found.user)
    wait = gate.pace.wait(found.user.name, time.monotonic())
    if wait > 0:
        raise TurnedAwayError(
            429, "you load pages faster than they can be built: wait a little",
            {"Retry-After": str(math.ceil(wait))},
        )  # fmt: skip


async def _bounded(gate: _Gate, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
    """Hand a request on, counting what it brings."""
    most = gate.most_bytes(visit.path)
    check_length(visit.headers.get("content-length"), most)
    counted = Counted(receive, send, most)
    try:
        await gate.app(scope, counted.receive, counted.send)
    except Exception:
        if not counted.over:
            raise
    if counted.over:
        raise counted.error()


async def _socket(gate: _Gate, scope: Scope, receive: Receive, send: Send) -> None:
    """Let a websocket in, or say why not."""
    name, status = "-", 101
    began = time.monotonic()
    try:
        visit = visit_of(scope)
        _check(gate, visit)
        found = await gate.login.who(visit)
        name = found.user.name
        check_token(scope.get("subprotocols") or (), found.user, gate.secret)
        with gate.sockets.held(found.user):
            lasting = Lasting(receive, send, found.holds)
            try:
                await gate.app(_known(scope, visit, found), lasting.receive, lasting.send)
            finally:
                lasting.leave()
    except TurnedAwayError as error:
        status = error.status
        await turn_away(scope, receive, send, error, page=None)
    finally:
        _note(scope, name, status, time.monotonic() - began)


def _check(gate: _Gate, visit: Visit) -> None:
    """Hold a visit to what needs no login; raises `TurnedAwayError`."""
    if not gate.names.ours(visit.host):
        raise TurnedAwayError(
            400, "this service does not go by that name: start it with --public-url, or use its own"
        )
    if any(name.lower() == _SESSION for name, _ in visit.query):
        raise TurnedAwayError(400, "{name} is refused: a page's session is its own", name=_SESSION)
    if visit.socket:
        # a browser always names the page's origin; programs have the API
        if not gate.names.own_page(visit.headers.get("origin", ""), visit.host, visit.scheme):
            raise TurnedAwayError(403, "a page of another origin may not open a websocket here")
        return
    if not gate.names.may_change(visit.method, visit.headers, visit.scheme):
        raise TurnedAwayError(
            403,
            "a page of another origin may change nothing here; a program sends X-Vallum-Request",
        )
    if not gate.names.may_read(visit.headers):
        raise TurnedAwayError(403, "a page of another origin may load nothing from here")


def _known(scope: Scope, visit: Visit, found: Found) -> Scope:
    """Say in the scope whom the guard let in, and take away what says so from outside.

    The language is told too, so that the page follows the same rule as the guard.
    """
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in _INNER]
    kept += [(_USER, carried(found.user).encode()), (_LANGUAGE, visit.language.encode())]
    return {**scope, "headers": kept, "state": {**(scope.get("state") or {}), "user": found.user}}


def _note(scope: Scope, name: str, status: int, seconds: float) -> None:
    """Write the access log: no query and no header, since both hold credentials."""
    path = quote(scope["path"][:500], safe="/")
    kind = scope.get("method", "WEBSOCKET")
    _log.info("%s %s %s %d %.3f", quote(name), kind, path, status, seconds)
