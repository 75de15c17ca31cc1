"""The page as Panel serves it: a light template, and one channel each way to the session."""

from __future__ import annotations

import json
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import panel as pn
from bokeh.models import ColumnDataSource, CustomJS, Spacer
from markupsafe import Markup

from vallum.app.page import compare, frontier, plans, scenarios, session
from vallum.app.page.facts import facts_of
from vallum.brief import look
from vallum.brief.language import LANGUAGES, gettext, speaking
from vallum.brief.page_bundle import as_data

if TYPE_CHECKING:
    from vallum.app.desk import Asked
    from vallum.app.model import User
    from vallum.app.page.facts import Facts
    from vallum.app.settings import AppSettings

__all__ = ["build"]

_STYLES = ("page.css",)
_SCRIPTS = (
    "core.js", "map.js", "chart.js", "slider.js", "fields.js", "drawing.js", "look.js",
    "upload.js", "scenarios.js", "plans.js", "compare.js", "start.js",
)  # fmt: skip


def build(desk: Asked, settings: AppSettings, user: User, language: str) -> Any:  # noqa: ANN401  (Panel has no types)
    """Make the page of one person, in the session that Panel has opened.

    Parameters
    ----------
    desk
        Whom it asks.
    settings
        How the service runs.
    user
        Who looks at it.
    language
        One of `vallum.brief.language.LANGUAGES`.

    Returns
    -------
    panel.Template
        To be served by `panel.io.fastapi.add_applications`. Messages go as JSON through two
        sources; all drawing is the browser's.
    """
    facts = facts_of(settings, language)
    up, down = (ColumnDataSource({"text": []}, name=name) for name in ("up", "down"))
    with speaking(language):
        sheet = session.fresh(settings, facts)
    document: Any = pn.state.curdoc
    page = session.Session(
        desk=desk,
        settings=settings,
        user=user,
        facts=facts,
        send=_sender(document, down),
        verbs=frontier.VERBS | scenarios.VERBS | plans.VERBS | compare.VERBS,
        sheet=sheet,
        shown=sheet,
        language=language,
    )
    up.on_change("data", partial(_heard, page))
    pn.state.on_session_destroyed(lambda _: session.leave(page))
    for event, code in (
        ("document_ready", "vallumStart(up, down)"),
        ("connection_lost", "vallumLost()"),
    ):
        document.js_on_event(event, CustomJS(args={"up": up, "down": down}, code=code))
    template = pn.Template(_asset("page.html.j2"))
    for name, value in _variables(facts).items():
        template.add_variable(name, value)
    template.add_panel("channel", _pane(Spacer(width=1, height=1, tags=[up, down])))
    return template


def _pane(model: Any) -> Any:  # noqa: ANN401  (neither has types)
    make: Any = pn.pane.Bokeh
    return make(model)


def _heard(page: session.Session, _attr: str, _old: object, new: dict[str, Any]) -> None:
    """Hand what the browser said to the session."""
    for text in new.get("text", []):
        session.hear(page, str(text))


def _sender(document: Any, down: Any) -> Any:  # noqa: ANN401  (Bokeh has no types)
    """Make what sends messages: all that wait go at once, so that none is overtaken."""
    waiting: list[str] = []

    def flush() -> None:
        if waiting:
            texts, waiting[:] = list(waiting), []
            down.data = {"text": texts}

    def send(message: dict[str, Any]) -> None:
        waiting.append(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
        if len(waiting) == 1:
            document.add_next_tick_callback(flush)

    return send


def _variables(facts: Facts) -> dict[str, Any]:
    """Give the template its texts: styles, scripts, figures and legend."""

    def said(text: str) -> str:  # Panel renders the template later, outside any block
        with speaking(facts.language):
            return gettext(text)

    figures = {"map": json.loads(facts.map), "chart": json.loads(facts.chart)}
    signs, margin = facts.legend
    styles = [str(look.root()), *(_asset(name) for name in _STYLES)]
    return {
        "say": said,
        "lang": facts.language,
        "languages": LANGUAGES,
        "page_title": facts.title,
        "styles": _plain("\n".join(styles)),
        "scripts": _plain("\n".join(_asset(name) for name in _SCRIPTS)),
        "figures": as_data(figures),
        "texts": as_data(facts.texts),
        "signs": _plain(signs),
        "margin": _plain(margin),
    }


def _asset(name: str) -> str:
    return (files("vallum.app.page") / "assets" / name).read_text("utf-8")


def _plain(text: str) -> Markup:
    return Markup(text)  # noqa: S704  (our own files, and escaped where they were made)
