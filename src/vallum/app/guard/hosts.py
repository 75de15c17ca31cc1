"""Under which names the service answers, and which pages may speak to it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vallum.app.guard.door import loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.app.settings import AppSettings

__all__ = ["Names", "names_of"]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FRAMES = frozenset({"iframe", "frame", "embed", "object"})
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Names:
    """Names and origins that are ours.

    Attributes
    ----------
    hosts
        Names, lower case, without ports.
    origin
        That of the public address; None where there is none.
    outside
        Whether it is reached from outside this machine. Then any address in numbers is ours too:
        DNS rebinding needs a name.
    """

    hosts: frozenset[str]
    origin: str | None
    outside: bool

    def ours(self, host: str) -> bool:
        """Whether a `Host` header means this service (against DNS rebinding)."""
        name = _name(host)
        if name is None:
            return False
        if name in self.hosts or (loopback(name) and not self.outside):
            return True
        return self.outside and _in_numbers(name)

    def own_page(self, origin: str, host: str, scheme: str) -> bool:
        """Whether an `Origin` header names a page of this service."""
        given = _origin(origin)
        plain = {"ws": "http", "wss": "https"}.get(scheme, scheme)
        own = _origin(f"{plain}://{host}")
        return given is not None and given in {own, _origin(self.origin or "")}

    def may_change(self, method: str, headers: Mapping[str, str], scheme: str) -> bool:
        """Whether a request may change something, seen from where it comes (against CSRF).

        A browser sends an origin with every request that changes something, and sends what it
        knows of logins by itself: Basic passwords and cookies are ambient. Without an origin
        only those come who show that no foreign page made them: a bearer token is never
        ambient, and a header of our own name needs a preflight, which is never granted.
        """
        if method in _SAFE:
            return True
        if "origin" in headers:
            return self.own_page(headers["origin"], headers.get("host", ""), scheme)
        if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            return False
        bearer = headers.get("authorization", "").lower().startswith("bearer ")
        return bearer or "x-vallum-request" in headers

    def may_read(self, headers: Mapping[str, str]) -> bool:
        """Whether a request may be answered, seen from where a browser says that it comes.

        A foreign page may lead people here, and do no more: it can't read an answer, but each
        page that it made us build would cost.
        """
        if headers.get("sec-fetch-site", "none") in {"none", "same-origin"}:
            return True
        led = headers.get("sec-fetch-mode") == "navigate"
        return led and headers.get("sec-fetch-dest", "document") not in _FRAMES


def names_of(settings: AppSettings) -> Names:
    """Find under which names the service answers.

    Parameters
    ----------
    settings
        Of the service.

    Returns
    -------
    Names
        The host it listens at, and the public address. Where nobody has to log in there is no
        public address: only this machine's own names count.
    """
    hosts = {settings.host.strip("[]").lower()}
    public = urlsplit((settings.public_url or "") if settings.auth != "none" else "")
    if public.hostname:
        hosts.add(public.hostname.lower())
    origin = f"{public.scheme}://{public.netloc}" if public.hostname else None
    return Names(frozenset(hosts), origin, outside=not loopback(settings.host))


def _name(host: str) -> str | None:
    """Give the name of a `Host` header; None where it is none."""
    if not host or any(sign in host for sign in "/@\\?# \t,"):
        return None
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return (parts.hostname or "").lower() or None


def _in_numbers(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _origin(text: str) -> tuple[str, str, int] | None:
    """Take an origin apart: scheme, name, port; None where it is none (as `null`)."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        return None
    return parts.scheme, parts.hostname.lower(), port or _PORTS[parts.scheme]
