"""Which paths are answered: ours, and not whatever a library adds beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.app.guard.answers import TurnedAwayError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["only_ours"]

_PAGES = frozenset({"/", "/ws", "/api"})
_FOLDERS = ("/api/", "/static/")


def only_ours(app: ASGIApp) -> ASGIApp:
    """Answer the page, its websocket and files, and the API; nothing else.

    Panel adds `/components/…`, which imports whatever module a path names, and bokeh_fastapi
    scripts and metadata for pages that embed ours.

    Parameters
    ----------
    app
        Of Panel and FastAPI.

    Returns
    -------
    ASGI application
        To stand behind the guard, which says in words that there is nothing.
    """

    async def ours(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            path = scope["path"]
            if path not in _PAGES and not path.startswith(_FOLDERS):
                raise TurnedAwayError(404, "there is nothing at this address")
        await app(scope, receive, send)

    return ours
