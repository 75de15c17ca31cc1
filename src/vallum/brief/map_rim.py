"""What frames the map: degrees, scale bar, north arrow, and the note on projection and sources."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bokeh.models import ColumnDataSource, Label, Text
from bokeh.models.annotations import ScaleBar
from markupsafe import Markup, escape
from pyproj import CRS

from vallum.brief import look, map_borders, map_graticule, map_places
from vallum.brief.language import current, of_stage, say
from vallum.brief.page_text import amount, percent, plain

if TYPE_CHECKING:
    from bokeh.plotting import figure

    from vallum.brief.map_borders import View
    from vallum.brief.map_graticule import Mark
    from vallum.theatre import Theatre

__all__ = ["degrees", "furnish", "north_of", "note", "number", "signs"]

_BAR = 0.16  # length of the scale bar at most, in widths of the map
_ROADS: dict[int, tuple[float, str]] = {3: (1.8, ""), 2: (1.0, ""), 1: (1.0, "4 3")}


def degrees(p: figure, theatre: Theatre, frame: View) -> list[Mark]:
    """Draw meridians and parallels; give the numbers that belong at the rim."""
    lines, marks = map_graticule.graticule(theatre.grid.crs, frame)
    if lines.xs:
        p.multi_line(
            xs=lines.xs, ys=lines.ys, line_color=look.QUIET, line_alpha=0.4,
            line_width=look.STROKES["hair"],
        )  # fmt: skip
    return marks


def number(p: figure, marks: list[Mark]) -> None:
    """Write the degrees at the rim, above all lines."""
    source = ColumnDataSource(
        {
            "x": [mark.x for mark in marks],
            "y": [mark.y for mark in marks],
            "text": [mark.text for mark in marks],
        }
    )
    for ink, outline in ((look.SHEET, look.SHEET), (look.SHEET, look.SHEET), (look.SOFT, None)):
        glyph = Text(
            x="x", y="y", text="text", text_baseline="bottom", x_offset=3, y_offset=-2,
            text_font={"value": look.FONT}, text_font_size="9.5px", text_color=ink,
            text_outline_color=outline,
        )  # fmt: skip
        p.add_glyph(source, glyph)


def furnish(p: figure, theatre: Theatre, frame: View) -> None:
    """Add a scale bar in kilometres, and an arrow to true north where it stands."""
    p.add_layout(
        ScaleBar(
            range=p.x_range, unit="km", bar_length=_BAR, location="bottom_left",
            background_fill_color=look.SHEET, background_fill_alpha=0.8, border_line_color=None,
            bar_line_color=look.INK, bar_line_width=2, label_text_font=look.FONT,
            label_text_font_size=f"{look.SIZES[0]:g}px", padding=6, margin=8,
        )
    )  # fmt: skip
    turn = -math.radians(north_of(theatre, frame))
    for text, size, up in (("\u25b2", 15, 20), (say("N", context="compass"), 11, 38)):
        p.add_layout(
            Label(
                x=14, y=up + 36, x_units="screen", y_units="screen", text=text, angle=turn,
                text_align="center", text_baseline="middle", text_font=look.FONT,
                text_font_size=f"{size}px", text_color=look.INK, x_offset=6,
            )
        )  # fmt: skip


def north_of(theatre: Theatre, frame: View) -> float:
    """Say where true north is at the corner in which the arrow stands, in degrees."""
    return map_graticule.north(theatre.grid.crs, frame.west + 40.0, frame.south + 60.0)


def signs() -> Markup:
    """Draw the signs of towns, ways, water and borders, and say what each means."""
    larger, least = map_places.CLASSES
    towns = (
        (larger, say("{people} people and more", people=amount(float(larger), 1))),
        (least, say("{people} and more", people=amount(float(least), 1))),
        (0, say("fewer people")),
    )
    roads = ((3, say("trunk road")), (2, say("main road")), (1, say("track")))
    drawn = [_dot(map_places.dot_px(people)) + escape(text) for people, text in towns]
    drawn += [_stroke(look.ROAD, *_ROADS[kind]) + escape(text) for kind, text in roads]
    drawn += [
        _stroke(look.RAIL, 3.0, "1 3") + escape(say("railway")),
        _stroke(look.RIVER, 1.9) + escape(say("river")),
        _stroke(look.QUIET, 1.3, "4 3") + escape(say("disputed border")),
    ]
    return Markup(" ").join(Markup('<span class="class">{}</span>').format(sign) for sign in drawn)


def note(theatre: Theatre) -> Markup:
    """Write the map's margin: projection, scale, north and the sources of what is drawn.

    Parameters
    ----------
    theatre
        That the map shows.

    Returns
    -------
    Markup
        Sentences; what sources are called is marked as not to be translated.
    """
    frame = map_borders.view(theatre)
    said = " ".join(part for part in _projection(theatre, frame) if part)
    return Markup('{} <span translate="no">{}</span>').format(said, _sources(theatre))


def _dot(size: float) -> Markup:
    return Markup(
        '<svg width="12" height="12" aria-hidden="true"><circle cx="6" cy="6" r="{}"/></svg>'
    ).format(size / 2)


def _stroke(colour: str, wide: float, dash: str = "") -> Markup:
    return Markup(
        '<svg width="24" height="8" aria-hidden="true"><path d="M0 4H24" fill="none" '
        'stroke="{}" stroke-width="{}" stroke-dasharray="{}"/></svg>'
    ).format(colour, wide, dash or "none")


def _projection(theatre: Theatre, frame: View) -> list[str]:
    """Name the projection, and say how true lengths and the arrow are."""
    out = []
    operation = CRS(theatre.grid.crs).coordinate_operation
    if operation is not None:
        at = {part.name: part.value for part in operation.params}
        lat, lon = (
            next((v for k, v in at.items() if k.startswith(word)), None)
            for word in ("Latitude of natural", "Longitude of natural")
        )
        name = of_stage(operation.method_name)
        if lat is None or lon is None:
            out.append(say("Projection: {name}.", name=name))
        else:
            where = f"{_degree(float(lat), 'N', 'S')} {_degree(float(lon), 'E', 'W')}"
            out.append(say("Projection: {name}, centred on {where}.", name=name, where=where))
    worst = map_graticule.untrue(theatre.grid.crs, frame)
    if math.isfinite(worst):
        out.append(say("Lengths are true to {share} or better.", share=percent(worst)))
    turn = north_of(theatre, frame)
    if math.isfinite(turn):
        out.append(
            say(
                "True north runs along the meridians; the arrow shows it where it stands, "
                "{turn}° from upright.",
                turn=plain(abs(turn)),
            )
        )
    return out


def _degree(value: float, plus: str, minus: str) -> str:
    side = {
        "N": say("N", context="compass"), "S": say("S", context="compass"),
        "E": say("E", context="compass"), "W": say("W", context="compass"),
    }[plus if value >= 0 else minus]  # fmt: skip
    return f"{abs(value):g}°\u202f{side}".replace(".", current().decimal)


def _sources(theatre: Theatre) -> str:
    """Name the sources of what is drawn."""
    drawn = {
        "borders": say("borders"), "rivers": say("rivers"), "routes": say("roads"),
        "settlements": say("towns"), "elevation": say("heights"),
    }  # fmt: skip
    parts = []
    for source in theatre.sources:
        name = drawn.get(source.layer.split(".")[0])
        if name:
            told = of_stage(source.source.split(", by ")[0])
            parts.append(
                say("{what}: {source}", what=name, source=told) if told[:1].isupper() else told
            )
    return say("Sources: {sources}.", sources=say("; ").join(parts)) if parts else ""
