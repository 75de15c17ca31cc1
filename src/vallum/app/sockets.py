"""The page's websocket: Bokeh's, and a session that ends with its connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bokeh_fastapi.handler import WSHandler
from panel.io.document import extra_socket_handlers
from panel.io.fastapi import dispatch_fastapi
from starlette.routing import WebSocketRoute

if TYPE_CHECKING:
    from bokeh_fastapi import BokehFastAPI
    from fastapi import FastAPI

__all__ = ["add_socket"]


class _Socket(WSHandler):  # type: ignore[misc]  # bokeh_fastapi has no types
    """bokeh_fastapi 0.1 never says that a client left, so that each page would be kept for ever."""

    async def _receive_loop(self) -> None:
        try:
            await super()._receive_loop()
        finally:
            self.application.client_lost(self.connection)


def add_socket(app: FastAPI, served: BokehFastAPI, path: str = "/") -> None:
    """Answer the websocket of a page that Panel has added.

    Parameters
    ----------
    app
        To which the page was added.
    served
        What `panel.io.fastapi.add_applications` gave.
    path
        Of the page.
    """
    context: Any = served._applications[path]  # noqa: SLF001  (it gives no other way)
    route = WebSocketRoute(f"{path.rstrip('/')}/ws", _Socket.create_factory(served, context))
    app.router.routes.insert(0, route)  # before theirs
    extra_socket_handlers[_Socket] = dispatch_fastapi
