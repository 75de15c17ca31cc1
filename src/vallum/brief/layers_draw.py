"""One map of the page of layers: a Bokeh figure of the whole grid, with borders and degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    Image,
    LinearColorMapper,
    MultiLine,
    Range1d,
    Text,
    Toolbar,
)
from bokeh.models.annotations import ScaleBar
from bokeh.plotting import figure

from vallum.brief import look, map_borders, map_graticule
from vallum.brief.map_places import Box

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from vallum.theatre import Theatre

__all__ = ["DISPUTED", "LAND", "MEMBER", "SEA", "Name", "finish", "names", "shared", "start"]

SEA, LAND, MEMBER, DISPUTED = look.SEA, look.NEIGHBOUR, look.MEMBER, look.DISPUTED
_INK, _FONT = look.INK, look.FONT
_WIDE, _NARROW = 560.0, 340.0  # widths of a map, in pixels, for which names are placed
# where a name may stand, in half widths and heights from its point: on it, or off a dot
_AROUND = ((0.0, 0.0), (0.0, 0.7), (0.0, -0.7), (0.4, 0.0), (-0.4, 0.0), (0.4, 0.9), (-0.4, -0.9))
_ABOVE = ((0.0, -0.75), (0.0, 0.75), (1.15, 0.0), (-1.15, 0.0))
_LINES: dict[str, dict[str, Any]] = {  # sources that the page fills for all maps at once
    "graticule": {"line_color": look.QUIET, "line_width": 0.7, "line_alpha": 0.35},
    "coast": {"line_color": look.COAST, "line_width": 0.8},
    "settled-halo": {"line_color": look.SHEET, "line_width": 2.4, "line_alpha": 0.6},
    "settled": {"line_color": _INK, "line_width": 0.8, "line_alpha": 0.75},
    "members-halo": {"line_color": look.SHEET, "line_width": 3.0, "line_alpha": 0.5},
    "members": {"line_color": _INK, "line_width": 1.7},
    "disputed-halo": {"line_color": look.SHEET, "line_width": 2.8, "line_alpha": 0.7},
    "disputed": {"line_color": _INK, "line_width": 1.4, "line_dash": [5, 4]},
}


@dataclass(frozen=True)
class Name:
    """A name on a map: where its middle is, in km; the first of a list are placed first."""

    x: float
    y: float
    text: str
    bold: bool = False
    size: float = 11.0
    dot: bool = False  # stands above a point, and not on it


@dataclass(frozen=True)
class _Placed:
    """A name, its size and how far it stands from its point, in pixels."""

    name: Name
    size: float
    dx: int
    dy: int


def start(theatre: Theatre, index: NDArray[np.uint8], colours: Iterable[str], side: int) -> figure:
    """Draw cells by the number of their colour, and borders over them.

    Parameters
    ----------
    theatre
        On whose grid.
    index
        A colour's number for each block, rows from the north.
    colours
        By number.
    side
        Cells on a block's side.

    Returns
    -------
    figure
        Whose sources of lines are empty until the page fills them from `shared`.
    """
    grid = theatre.grid
    west, south, east, north = (part / 1000.0 for part in grid.bounds)
    p = figure(
        x_axis_type=None,
        y_axis_type=None,
        x_range=Range1d(start=west, end=east),
        y_range=Range1d(start=south, end=north),
        aspect_ratio=(east - west) / (north - south),
        sizing_mode="stretch_width",
        toolbar_location=None,
        tools=[],
        background_fill_color=SEA,
        border_fill_color=None,
        outline_line_color=look.EDGE,
        min_border=0,
        output_backend="canvas",
        name="map",
    )
    p.toolbar = Toolbar(tools=[], logo=None)
    palette = list(colours)
    step = grid.cell_km * side
    rows, cols = index.shape
    p.add_glyph(
        ColumnDataSource({"image": [np.flipud(index).copy()]}),
        Image(
            image="image", x=west, y=north - rows * step, dw=cols * step, dh=rows * step,
            color_mapper=LinearColorMapper(palette=palette, low=-0.5, high=len(palette) - 0.5),
        ),
        name="cells",
        level="image",
    )  # fmt: skip
    empty: dict[str, Any] = {"xs": [], "ys": []}
    names_of = dict.fromkeys(name.removesuffix("-halo") for name in _LINES)
    sources = {name: ColumnDataSource(empty, name=name) for name in names_of}
    for name, how in _LINES.items():
        source = sources[name.removesuffix("-halo")]
        p.add_glyph(source, MultiLine(xs="xs", ys="ys", line_join="round", **how))
    return p


def finish(p: figure) -> figure:
    """Add the degrees at the rim, which the page fills, and a scale bar."""
    degrees = ColumnDataSource(
        {"x": [], "y": [], "text": [], "align": [], "base": [], "dx": [], "dy": []}, name="degrees"
    )
    for colour, outline in ((look.SHEET, look.SHEET), (look.QUIET, None)):
        glyph = Text(
            x="x", y="y", text="text", text_align={"field": "align"},
            text_baseline={"field": "base"}, x_offset={"field": "dx"}, y_offset={"field": "dy"},
            text_font={"value": _FONT}, text_font_size="10px", text_color=colour,
            text_outline_color=outline,
        )  # fmt: skip
        p.add_glyph(degrees, glyph)
    p.add_layout(
        ScaleBar(
            range=p.x_range, unit="km", bar_length=0.16, location="bottom_left",
            background_fill_color=look.SHEET, background_fill_alpha=0.75, border_line_color=None,
            bar_line_width=2, label_text_font=_FONT, label_text_font_size="10px", padding=5,
            margin=5,
        )
    )  # fmt: skip
    return p


def names(p: figure, theatre: Theatre, wanted: list[Name], *, colour: str = _INK) -> None:
    """Write names with a halo where they don't meet: once for wide maps, once for narrow ones."""
    west, south, east, north = (part / 1000.0 for part in theatre.grid.bounds)
    marks = _graticule(theatre)["degrees"]
    for kind, width in (("wide", _WIDE), ("narrow", _NARROW)):
        scale = width / (east - west)
        tall = (north - south) * scale
        taken = [Box(0, tall - 44, 0.26 * width, tall)]  # the scale bar
        taken += [Box(x, y, x + 34, y + 15) for x, y in _rim(marks, west, north, scale)]
        kept = []
        for name in wanted:
            size = name.size if kind == "wide" else max(8.5, 0.82 * name.size)
            half, up = 0.31 * size * len(name.text) + 2, 0.62 * size
            x, y = (name.x - west) * scale, (north - name.y) * scale
            shifts = _ABOVE if name.dot else _AROUND
            for dx, dy in ((a * half, b * 2 * up) for a, b in shifts):
                spot = Box(x + dx - half, y + dy - up, x + dx + half, y + dy + up)
                beyond = min(spot.left, spot.top) < 0 or spot.right > width or spot.bottom > tall
                if not beyond and not any(spot.meets(other) for other in taken):
                    taken.append(spot)
                    kept.append(_Placed(name, size, round(dx), round(dy)))
                    break
        for style in ("bold", "normal"):
            _write(p, [row for row in kept if row.name.bold == (style == "bold")], kind, colour)


def shared(theatre: Theatre) -> dict[str, dict[str, list[Any]]]:
    """Give what is the same on every map: borders, coast, degrees; by the name of its source."""
    settled, disputed, coast = map_borders.borders(theatre)
    members = map_borders.members(theatre)
    drawn = {"settled": settled, "disputed": disputed, "coast": coast, "members": members}
    out: dict[str, dict[str, list[Any]]] = {
        name: {"xs": part.xs, "ys": part.ys} for name, part in drawn.items()
    }
    return out | _graticule(theatre)


def _graticule(theatre: Theatre) -> dict[str, dict[str, list[Any]]]:
    """Give meridians and parallels, and the degrees at the rim, as the page holds them."""
    west, south, east, north = (part / 1000.0 for part in theatre.grid.bounds)
    frame = map_borders.View(west, south, east, north)
    lines, marks = map_graticule.graticule(theatre.grid.crs, frame)
    return {
        "graticule": {"xs": lines.xs, "ys": lines.ys},
        "degrees": {
            "x": [mark.x for mark in marks],
            "y": [mark.y for mark in marks],
            "text": [mark.text for mark in marks],
            "align": ["left"] * len(marks),
            "base": ["bottom"] * len(marks),
            "dx": [3] * len(marks),
            "dy": [-2] * len(marks),
        },
    }


def _rim(
    marks: dict[str, list[Any]], west: float, north: float, scale: float
) -> list[tuple[float, float]]:
    """Give the upper left corners of the degrees at the rim, in pixels."""
    rows = zip(marks["x"], marks["y"], marks["base"], strict=True)
    return [
        ((x - west) * scale, (north - y) * scale - (0 if base == "top" else 15))
        for x, y, base in rows
    ]


def _write(p: figure, rows: list[_Placed], kind: str, colour: str) -> None:
    if not rows:
        return
    data: dict[str, Any] = {
        "x": [round(row.name.x, 1) for row in rows],
        "y": [round(row.name.y, 1) for row in rows],
        "text": [row.name.text for row in rows],
        "size": [f"{row.size:g}px" for row in rows],
        "dx": [row.dx for row in rows],
        "dy": [row.dy for row in rows],
    }
    source = ColumnDataSource(data)
    for ink, outline in ((look.SHEET, look.SHEET), (colour, None)):  # the halo below, then the name
        glyph = Text(
            x="x", y="y", text="text", x_offset={"field": "dx"}, y_offset={"field": "dy"},
            text_font_size={"field": "size"}, text_font={"value": _FONT}, text_align="center",
            text_baseline="middle", text_font_style="bold" if rows[0].name.bold else "normal",
            text_color=ink, text_outline_color=outline,
        )  # fmt: skip
        p.add_glyph(source, glyph, name=f"names-{kind}", visible=kind == "wide")
