"""The page of a theatre's layers: one self-contained HTML file, a map for each layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyproj

from vallum.brief import layers_draw, layers_events, layers_ground, layers_tables
from vallum.brief.language import named, of_stage, say, speaking
from vallum.brief.layers_words import done, foreign, km
from vallum.brief.onefile import write_page
from vallum.brief.page_bundle import as_data, assets, bokeh_script, figure_json
from vallum.brief.page_text import linked, listed, whole

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.brief.layers_card import Card
    from vallum.theatre import Theatre

__all__ = ["layers_page", "write_layers"]


def write_layers(theatre: Theatre, path: Path | str, *, language: str = "en") -> Path:
    """Write a page with a map of each layer of a theatre.

    Parameters
    ----------
    theatre
        To show.
    path
        The file; an older one there is replaced, at the end and at once.
    language
        A code of `vallum.brief.LANGUAGES`.

    Returns
    -------
    Path
        The same, absolute.

    Raises
    ------
    OutputError
        If the file can't be written.
    """
    with speaking(language):
        return write_page(path, lambda: layers_page(theatre))


def layers_page(theatre: Theatre) -> str:
    """Draw the page.

    Parameters
    ----------
    theatre
        To show; layers that are not known here are drawn by what they say of themselves.

    Returns
    -------
    str
        HTML that asks the network for nothing, in the language of the block; the same bytes for
        the same theatre.
    """
    templates, own = assets("page.css", "layers.css", "layers.js")
    ground = [layers_ground.card(theatre, str(name)) for name in theatre.ground.data_vars]
    tables = _tables(theatre)
    return templates.get_template("layers.html.j2").render(
        css=own["page.css"] + own["layers.css"],
        scripts=(bokeh_script(), own["layers.js"]),
        data=as_data(_data(theatre, [*ground, *tables])),
        title=of_stage(theatre.title),
        facts=_facts(theatre),
        sections=(
            ("ground", say("The ground"), say("One map for each layer of the grid."), ground),
            ("on-it", say("What lies on it"), say("One map for each table of places."), tables),
        ),
        sources=[
            (s, linked(of_stage(s.address)), done(s), foreign(s.treatment)) for s in theatre.sources
        ],
        disputed=[named(str(n)) for n in theatre.borders["name"][theatre.borders["disputed"]]],
    )


def _tables(theatre: Theatre) -> list[Card]:
    """Draw the tables, and single events where the theatre holds them."""
    cards = [
        layers_tables.settlements(theatre),
        layers_tables.sites(theatre),
        layers_tables.routes(theatre),
        layers_tables.rivers(theatre),
        layers_tables.crossings(theatre),
        layers_events.by_region(theatre),
    ]
    events = getattr(theatre, "events", None)
    return (
        cards
        if events is None or len(events) == 0
        else [*cards, layers_events.by_block(theatre, events)]
    )


def _data(theatre: Theatre, cards: list[Card]) -> dict[str, Any]:
    """Gather what the page's script reads."""
    return {
        "shared": layers_draw.shared(theatre),
        "maps": [
            {
                "id": f"map-{card.name}",
                "labels": card.labels,
                "figure": figure_json(card.figure, f"map-{card.name}"),
            }
            for card in cards
        ],
    }


def _facts(theatre: Theatre) -> list[tuple[str, str]]:
    """Say what the theatre is and on which grid."""
    grid, called = theatre.grid, theatre.countries["name"]
    crs = pyproj.CRS.from_user_input(grid.crs)
    operation = crs.coordinate_operation
    method = operation.method_name if operation is not None else crs.name
    own = whole(theatre.member_mask.sum())
    names = [named(str(called.get(iso3, iso3))) for iso3 in theatre.members]
    cells = say("{side} km across, {area} km² each", side=km(grid.cell_km), area=km(grid.cell_km2))
    rows = say(
        "{rows} rows × {columns} columns; {own} cells are the members’",
        rows=grid.rows,
        columns=grid.cols,
        own=own,
    )
    return [
        (say("Members"), listed(names, most=99)),
        (say("Cells"), cells),
        (say("Grid"), rows),
        (say("Projection"), f"{of_stage(method)} ({grid.crs})"),
        (say("Fingerprint of the data"), theatre.fingerprint),
    ]
