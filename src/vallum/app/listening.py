"""Where the service listens, and how it is told to end."""

from __future__ import annotations

import ipaddress
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vallum.app.settings import AppSettings

__all__ = ["Server", "address", "bound", "until_told"]

# bytes: the longest scenario, escaped twice, with room; a page's files come by the API
MOST_FRAME = 2_000_000
_GRACE_S = 5  # that open pages and downloads have when the service is stopped


def address(settings: AppSettings, listening: socket.socket) -> str:
    """Say under which address people open the page.

    Parameters
    ----------
    settings
        How the service runs.
    listening
        From `bound`.

    Returns
    -------
    str
        With a slash at its end.
    """
    if settings.public_url is not None:
        return settings.public_url.rstrip("/") + "/"
    scheme = "http" if settings.tls_cert is None else "https"
    name = settings.host.strip("[]")
    if ipaddress.ip_address(listening.getsockname()[0]).is_unspecified:
        name = _own(listening.family)
    host = f"[{name}]" if ":" in name else name
    return f"{scheme}://{host}:{listening.getsockname()[1]}/"


def _own(family: int) -> str:
    """Find this machine's address as others see it, where it listens at all it has."""
    # the system chooses the address that it would send from; nothing is sent
    outside = ("2001:db8::1", 9) if family == socket.AF_INET6 else ("192.0.2.1", 9)
    with socket.socket(family, socket.SOCK_DGRAM) as looking:
        try:
            looking.connect(outside)
            return str(looking.getsockname()[0])
        except OSError:  # no network
            return "::1" if family == socket.AF_INET6 else "127.0.0.1"


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """Take the port, before anything else is begun.

    Parameters
    ----------
    host, port
        Where to listen; port 0 takes a free one.

    Yields
    ------
    socket
        Listening.

    Raises
    ------
    InputError
        If it can't be had.
    """
    name = host.strip("[]")
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((name, port))
            listening.listen(128)
        except OSError as error:
            mend = "take another port by --port, or end what listens there"
            raise InputError(
                [Fault("--port", str(port), f"{host}: {error.strerror or error}", mend)]
            ) from None
        yield listening
    finally:
        listening.close()


@contextmanager
def until_told() -> Iterator[None]:
    """Let SIGINT and SIGTERM end the server alone: uvicorn raises them anew when it has ended."""
    before = {}
    for sign in (signal.SIGINT, signal.SIGTERM):
        before[sign] = signal.signal(sign, lambda *_: None)
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


class Server(uvicorn.Server):
    """Serves an app, and says when it answers.

    Parameters
    ----------
    app
        ASGI application.
    settings
        How the service runs.
    ready
        Called once people can open it.
    """

    def __init__(
        self,
        app: Any,  # noqa: ANN401  (an ASGI app)
        settings: AppSettings,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(_config(app, settings))
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer."""
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()


def _config(app: Any, settings: AppSettings) -> uvicorn.Config:  # noqa: ANN401
    """Say how uvicorn serves."""
    behind = settings.public_url is not None
    return uvicorn.Config(
        app,
        log_config=None,  # the command line says where messages go
        access_log=False,
        server_header=False,
        # a proxy on this machine says from where a request came; nobody else is believed
        proxy_headers=behind,
        forwarded_allow_ips="127.0.0.1,::1" if behind else "",
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=_GRACE_S,
        ws_max_size=MOST_FRAME,
        h11_max_incomplete_event_size=64 * 1024,
    )
