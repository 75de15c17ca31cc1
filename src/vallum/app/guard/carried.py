"""How the apps behind the guard learn who asks, and in which language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from vallum.app.model import User
from vallum.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HEADER", "LANGUAGE", "carried", "page_language", "page_user", "session_options"]

# Tornado, which Bokeh reads headers by, writes them so, and compares by letter
HEADER = "X-Vallum-User"
LANGUAGE = "X-Vallum-Language"
_ADMIN = ";admin"


def carried(user: User) -> str:
    """Write a user as a header's value.

    Parameters
    ----------
    user
        Who was let in.

    Returns
    -------
    str
        The name, percent-encoded, and whether the user is an admin.
    """
    return quote(user.name, safe="") + (_ADMIN if user.admin else "")


def page_user(source: Any) -> User:  # noqa: ANN401  (Bokeh has no types)
    """Say whose page it is.

    Parameters
    ----------
    source
        Bokeh's session context (`curdoc.session_context`), its request, or the headers
        themselves (`pn.state.headers`). They come from the session's signed token.

    Returns
    -------
    User
        Whom the guard let in.

    Raises
    ------
    RefusedError
        If the guard let nobody in: there is no default.
    """
    value = _told(source, HEADER)
    if not value:
        raise RefusedError("the guard let nobody in here: load the page again")
    return User(unquote(value.removesuffix(_ADMIN)), admin=value.endswith(_ADMIN))


def page_language(source: Any) -> str:  # noqa: ANN401  (Bokeh has no types)
    """Say which language a page is to speak.

    Parameters
    ----------
    source
        As `page_user`.

    Returns
    -------
    str
        One of `vallum.brief.language.LANGUAGES`, as the guard read it (`Visit.language`).
    """
    return _told(source, LANGUAGE) or "en"


def session_options(secret: bytes) -> dict[str, Any]:
    """Give what `panel.io.fastapi.add_applications` has to be told.

    Parameters
    ----------
    secret
        The same as the guard's.

    Returns
    -------
    dict
        Sessions are signed, and carry the user and the language and nothing else of the
        request's headers: no password, no cookie.
    """
    return {
        "secret_key": secret,
        "sign_sessions": True,
        "include_headers": [HEADER, LANGUAGE],
        "include_cookies": [],
    }


def _told(source: Any, wanted: str) -> str:  # noqa: ANN401  (Bokeh has no types)
    """Read a header of the guard's own; empty where there is none."""
    headers: Mapping[str, Any] = getattr(getattr(source, "request", source), "headers", source)
    for name, value in headers.items():
        if name.lower() == wanted.lower() and isinstance(value, str):
            return value
    return ""
