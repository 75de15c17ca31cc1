"""A request or a websocket as it comes in, before anybody knows whose it is."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from vallum.app.guard.answers import TurnedAwayError
from vallum.brief.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

__all__ = ["Visit", "visit_of"]

# of these a second one would let two readers of a request see two different things
_ONCE = frozenset({
    "host", "origin", "authorization", "content-length", "content-type", "x-vallum-request",
    "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest",
})  # fmt: skip

# one entry of Accept-Language (RFC 9110, 12.5.4): its first part, and its weight
_WANTED = re.compile(
    r"\s*([a-z]{1,8}|\*)(?:-[a-z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, eq=False)
class Visit:
    """What the guard looks at.

    Attributes
    ----------
    socket
        Whether it is a websocket.
    method
        Of HTTP; `GET` for a websocket.
    path
        Decoded, without the query.
    query
        Decoded names and values.
    headers
        By name, lower case; several of one name are joined by a comma, cookies by a semicolon.
    scheme
        "http" or "https"; a websocket's too.
    address
        Whence: an IPv4 address, or the network of 64 bits of an IPv6 one, since whoever has one
        address of it has them all.
    """

    socket: bool
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    scheme: str
    address: str

    @property
    def host(self) -> str:
        """The name under which it was asked for, with its port."""
        return self.headers.get("host", "")

    @property
    def reads_pages(self) -> bool:
        """Whether a person waits for a page, and not a program for an answer."""
        api = self.path == "/api" or self.path.startswith("/api/")
        return not api and "text/html" in self.headers.get("accept", "")

    @property
    def language(self) -> str:
        """The language a person wants: that of the address, else the browser's, else English."""
        asked = self.asked("lang") or ""
        return asked if asked in LANGUAGES else _preferred(self.headers.get("accept-language", ""))

    def asked(self, name: str) -> str | None:
        """Give a value of the query; None where there is none, or more than one."""
        found = [value for one, value in self.query if one == name]
        return found[0] if len(found) == 1 else None


def visit_of(scope: MutableMapping[str, Any]) -> Visit:
    """Read a visit from an ASGI scope of HTTP or of a websocket.

    Parameters
    ----------
    scope
        As the server gives it.

    Returns
    -------
    Visit
        What came.

    Raises
    ------
    TurnedAwayError
        If a header that may come once comes twice.
    """
    headers: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, said = raw.decode("latin-1").lower(), value.decode("latin-1")
        if name in headers:
            if name in _ONCE:
                raise TurnedAwayError(400, "there are two headers {name}: send one", name=name)
            said = headers[name] + ("; " if name == "cookie" else ", ") + said
        headers[name] = said
    scheme = str(scope.get("scheme", "http"))
    query = scope.get("query_string", b"").decode("latin-1")
    return Visit(
        socket=scope["type"] == "websocket",
        method=str(scope.get("method", "GET")).upper(),
        path=str(scope["path"]),
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        headers=headers,
        scheme={"ws": "http", "wss": "https"}.get(scheme, scheme),
        address=_place(scope.get("client")),
    )


def _preferred(header: str) -> str:
    """Give the first of our languages that a browser takes, by its weights; English where none is.

    What can't be read in the header counts for nothing.
    """
    read = map(_WANTED.fullmatch, header.split(","))
    found = [(float(one[2] or 1.0), one[1].lower()) for one in read if one]
    for weight, code in sorted(found, key=lambda one: -one[0]):
        if code in LANGUAGES and weight > 0.0:
            return code
        if code == "*":
            break
    return "en"


def _place(client: tuple[str, int] | None) -> str:
    """Say whence something comes."""
    if not client:
        return "unknown"
    try:
        found = ipaddress.ip_address(client[0].partition("%")[0])
    except ValueError:
        return client[0][:80]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
