"""Lets a page's session go once its websocket is closed."""

from __future__ import annotations

from typing import Any

from bokeh_fastapi.handler import WSHandler

__all__ = ["let_go"]


def let_go(handler: Any = WSHandler) -> None:  # noqa: ANN401  (bokeh-fastapi has no types)
    """Mend the handler of websockets, once.

    bokeh-fastapi 0.1.8 waits for an exception that Starlette does not raise when a browser goes.
    So it never tells that the connection is lost, and Bokeh keeps the session, with all that the
    page holds, for ever.

    Parameters
    ----------
    handler
        Bokeh's, on FastAPI.
    """
    connect = handler.ws_connect
    if getattr(connect, "lets_go", False):
        return

    async def ws_connect(self: Any, websocket: Any) -> None:  # noqa: ANN401
        try:
            await connect(self, websocket)
        finally:
            if self.connection is not None:
                self.application.client_lost(self.connection)

    ws_connect.lets_go = True  # type: ignore[attr-defined]
    handler.ws_connect = ws_connect
