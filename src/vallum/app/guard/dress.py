"""Headers that keep a browser from doing with our pages what others would have it do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from starlette.types import Send

__all__ = ["dressed"]

# Panel compiles templates and callbacks in the browser, and writes styles and scripts into its
# page, and looks by a script in a blob for what the browser can do: hence 'unsafe-inline',
# 'unsafe-eval' and blob:. What is left holds scripts to this origin, and lets nothing leave for
# another one. A websocket of the same origin is 'self' too (CSP 3).
_PAGES = (
    "default-src 'none'; script-src 'self' blob: 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_DATA = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_FRAMES = "frame-ancestors 'none'"
_EVERY = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
_OF_PANEL = "/static/"


def dressed(send: Send, path: str) -> Send:
    """Add headers to every answer.

    A file of a plan comes with a policy of its own (`sandbox allow-scripts`): it opens in an
    origin of its own and can use nobody's login. It keeps that policy, and one that forbids
    frames is added: a browser holds a page to both.

    Parameters
    ----------
    send
        Of ASGI.
    path
        That was asked for.

    Returns
    -------
    Send
        To be used in its place.
    """
    data = path == "/api" or path.startswith("/api/")
    # what Panel brings is the same for all, but only for those who are let in
    kept = b"private, no-cache" if path.startswith(_OF_PANEL) else b"no-store"

    async def dress(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = [(name.lower(), value) for name, value in message.get("headers", [])]
            names = {name for name, _ in given}
            wanted = _EVERY | {b"cache-control": kept}
            added = [(name, value) for name, value in wanted.items() if name not in names]
            own = b"content-security-policy" in names
            policy = _FRAMES if own else _DATA if data else _PAGES
            added.append((b"content-security-policy", policy.encode()))
            message = {**message, "headers": [*given, *added]}
        await send(message)

    return dress
