"""What every session of one theatre shares: made once, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import panel as pn

from vallum import theatre as theatres
from vallum.app import sheet as sheets
from vallum.app.page import chart, ground
from vallum.app.page.fields import Field, fields
from vallum.app.page.texts import of_scripts
from vallum.brief.language import of_stage, speaking

if TYPE_CHECKING:
    from vallum.app.settings import AppSettings
    from vallum.settings import Settings
    from vallum.theatre import Theatre

__all__ = ["Facts", "facts_of"]


@dataclass(frozen=True, eq=False)
class Facts:
    """A theatre as the page shows it.

    Attributes
    ----------
    language
        In which all of this is said.
    theatre, opened
        The ground, and the settings that the page starts with.
    title
        Of the theatre.
    asked
        Assumptions on the page.
    map, chart
        JSON of the figures.
    legend
        HTML of the signs and of the margin.
    towns
        Names that the list of places completes.
    texts
        Of the scripts, by key.
    """

    language: str
    theatre: Theatre
    opened: Settings
    title: str
    asked: tuple[Field, ...]
    map: str
    chart: str
    legend: tuple[str, str]
    towns: tuple[str, ...]
    texts: dict[str, str]


def facts_of(settings: AppSettings, language: str) -> Facts:
    """Give the facts of the theatre that is opened, made once for a process and a language.

    Parameters
    ----------
    settings
        How the service runs.
    language
        One of `vallum.brief.language.LANGUAGES`.

    Returns
    -------
    Facts
        The same object each time.
    """
    key = f"vallum:{language}:{settings.theatre}:{settings.opened}"
    found: Facts = pn.state.as_cached(key, partial(_made, settings, language))
    return found


def _made(settings: AppSettings, language: str) -> Facts:
    key = f"vallum:{settings.theatre}:{settings.opened}"
    opened, theatre = pn.state.as_cached(key, partial(_read, settings))
    with speaking(language):
        return Facts(
            language=language,
            theatre=theatre,
            opened=opened,
            title=of_stage(theatre.title),
            asked=fields(theatre),
            map=ground.drawing(theatre),
            chart=chart.drawing(),
            legend=ground.legend(theatre),
            towns=ground.towns(theatre),
            texts=of_scripts(),
        )


def _read(settings: AppSettings) -> tuple[Settings, Theatre]:
    """Read what no language changes."""
    opened = sheets.read(settings.opened, theatre=settings.theatre).settings
    return opened, theatres.load(settings.theatre, cell_km=opened.theatre.cell_km)
