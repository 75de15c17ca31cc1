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
    theatre, opened
        The ground, and the settings that the page starts with.
    asked
        Assumptions on the page.
    map, chart
        JSON of the figures.
    legend
        HTML of the signs and of the margin.
    towns
        Names that the list of places completes.
    """

    theatre: Theatre
    opened: Settings
    asked: tuple[Field, ...]
    map: str
    chart: str
    legend: tuple[str, str]
    towns: tuple[str, ...]


def facts_of(settings: AppSettings) -> Facts:
    """Give the facts of the theatre that is opened; the first session of a process makes them."""
    key = f"vallum:{settings.theatre}:{settings.opened}"
    found: Facts = pn.state.as_cached(key, partial(_made, settings))
    return found


def _made(settings: AppSettings) -> Facts:
    opened = sheets.read(settings.opened, theatre=settings.theatre).settings
    theatre = theatres.load(settings.theatre, cell_km=opened.theatre.cell_km)
    return Facts(
        theatre=theatre,
        opened=opened,
        asked=fields(theatre),
        map=ground.drawing(theatre),
        chart=chart.drawing(),
        legend=ground.legend(theatre),
        towns=ground.towns(theatre),
    )
