"""The whole service: page, websocket and API on one port, behind one guard."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import bokeh.settings
import panel as pn
from panel.io.fastapi import add_applications

from vallum.app.api import create_api
from vallum.app.coalitions import other_coalitions
from vallum.app.desk_room import Desk
from vallum.app.guard.carried import page_language, page_user, session_options
from vallum.app.guard.gate import check, guard
from vallum.app.guard.oidc_settings import OidcOptions
from vallum.app.guard.paths import only_ours
from vallum.app.jobs.crew import open_crew
from vallum.app.limits import refused
from vallum.app.listening import Server, address, bound, until_told
from vallum.app.page import build
from vallum.app.page.facts import facts_of
from vallum.app.sheet import read
from vallum.app.sockets import add_socket
from vallum.app.store import open_store
from vallum.brief.language import LANGUAGES
from vallum.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vallum.app.settings import AppSettings

__all__ = ["create_app", "run"]

_CHECK_MS = 15_000
_TITLE = "Vallum"


def create_app(settings: AppSettings, desk: Desk) -> Any:  # noqa: ANN401  (an ASGI app)
    """Put page, websocket and API behind the guard.

    Parameters
    ----------
    settings
        How the service runs.
    desk
        Asked for everything.

    Returns
    -------
    ASGI application
        To be served on one port.

    Raises
    ------
    InputError
        If what it needs to know people by can't be read.
    """
    # scripts and styles come from this service alone, whatever the environment says
    bokeh.settings.settings.resources = "server"
    # made now, so that the first page and the first upload needn't wait for the ground
    facts = {language: facts_of(settings, language) for language in sorted(LANGUAGES)}
    grid = facts["en"].theatre.grid
    key = secrets.token_bytes(32)
    lifetime = round(settings.come_back_s * 1000)
    api = create_api(desk, theatre=settings.theatre, quotas=settings.quotas, grid=lambda: grid)

    def page() -> Any:  # noqa: ANN401  (Panel has no types)
        told = pn.state.headers
        return build(desk, settings, page_user(told), page_language(told))

    served = add_applications(
        {"/": page},
        app=api,
        title=_TITLE,
        unused_session_lifetime_milliseconds=lifetime,
        check_unused_sessions_milliseconds=min(lifetime, _CHECK_MS),
        **session_options(key),
    )
    add_socket(api, served)
    ours = only_ours(api)
    return guard(ours, settings, secret=key, refused=desk.refused_login, oidc=_oidc(settings))


def _oidc(settings: AppSettings) -> OidcOptions:
    """Say more on logins by OpenID."""
    return OidcOptions(claim=settings.oidc_claim)


def run(settings: AppSettings, ready: Callable[[str], None] = lambda _: None) -> None:
    """Serve until the process is told to end.

    Parameters
    ----------
    settings
        How the service runs.
    ready
        Called with the address once people can open it.

    Raises
    ------
    InputError
        If it may not listen there, the port is taken, or a setting won't do.
    OutputError
        If the store can't be reached.
    """
    check(settings, _oidc(settings))
    opened = read(settings.opened, theatre=settings.theatre).settings
    if faults := refused(opened, settings):  # every page would begin with them
        raise InputError(faults)
    with ExitStack() as open_things:
        listening = open_things.enter_context(bound(settings.host, settings.port))
        store = open_store(settings.store)
        open_things.callback(store.close)
        crew = open_crew(settings, store)
        open_things.callback(crew.close)
        desk = Desk(store, crew, settings)
        desk.recover()
        app = create_app(settings, desk)
        for sheet in other_coalitions(settings, facts_of(settings, "en")):
            crew.ahead(sheet)
        with until_told():
            server = Server(app, settings, lambda: ready(address(settings, listening)))
            server.run(sockets=[listening])
