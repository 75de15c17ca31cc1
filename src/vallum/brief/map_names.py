"""Names on the map: states, the sea, rivers and settlements, placed for three widths of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from bokeh.models import ColumnDataSource, HoverTool, Text

from vallum.brief import look, map_borders, map_places
from vallum.brief.language import named, say
from vallum.brief.map_places import Box
from vallum.brief.page_text import count

if TYPE_CHECKING:
    from bokeh.plotting import figure

    from vallum.brief.map_borders import View
    from vallum.brief.map_graticule import Mark
    from vallum.theatre import Theatre

__all__ = ["draw", "spaced"]

_PHONE_PX = 500  # a map narrower than this has smaller and fewer names
_TOWNS = {340: 9, 520: 20, 660: 36}  # names of settlements at most, by width of the map
_LONG_RIVER_KM = 900.0  # from which a river is named
_STRAIGHT = 1.08  # a stretch this much longer than its chord still bears a name
# the halo of a name: where copies of it lie, in px
_HALO = tuple((1.3 * math.cos(n * math.pi / 4), 1.3 * math.sin(n * math.pi / 4)) for n in range(8))
_INKS = {"member": look.SOFT, "other": look.QUIET, "disputed": look.QUIET, "sea": look.SEA_INK}
_SIZES = {"member": 15.0, "other": 11.2, "disputed": 10.5, "sea": 12.0}
_SHIFTS = (0.0, 0.5, -0.5, 1.0, -1.0, 1.6, -1.6, 2.4, -2.4)  # lines up or down, tried in turn


def spaced(name: str) -> str:
    """Write a state's name in spaced capitals.

    Examples
    --------
    >>> spaced("Mali").replace("\u2009", "_")
    'M_A_L_I'
    """
    return "\u2009\u2009\u2009".join("\u2009".join(word) for word in name.upper().split(" "))


def draw(
    p: figure, theatre: Theatre, frame: View, marks: list[Mark], avoid: shapely.Geometry
) -> None:
    """Name states, the sea, rivers and settlements, for three widths of the map.

    Parameters
    ----------
    p
        The map, in km.
    theatre
        To name.
    frame
        What the map shows at first.
    marks
        Degrees at its rim, which take room.
    avoid
        Lines in km on which no town's name should lie.
    """
    seen = map_borders.names(theatre, frame)
    for width in map_places.WIDTHS:
        scale = width / (frame.east - frame.west)
        taken = [*_furniture(width, (frame.north - frame.south) * scale)]
        taken += [_rim(mark, frame, scale) for mark in marks]
        states = _states(seen, frame, scale, taken)
        towns = map_places.labels(theatre, frame, width, taken, most=_TOWNS[width], avoid=avoid)
        taken += [part for town in towns for part in (town.box, _dot(town, frame, scale))]
        rivers = _rivers(theatre, frame, scale, taken)
        for rows in (states, rivers, [_town(town) for town in towns]):
            _write(p, rows, width)
        _dots(p, towns, width)


def _furniture(width: int, height: float) -> list[Box]:
    """Give what the scale bar, the north arrow, the badge and the buttons take, in px."""
    return [
        Box(0, height - 44, 0.28 * width, height),
        Box(0, height - 90, 34, height),
        Box(0, 0, 330 if width > _PHONE_PX else 110, 40),
        Box(width - 50, 0, width, 124),
    ]


def _rim(mark: Mark, frame: View, scale: float) -> Box:
    x, y = (mark.x - frame.west) * scale, (frame.north - mark.y) * scale
    return Box(x, y - 16, x + 36, y + 2)


def _dot(town: map_places.Label, frame: View, scale: float) -> Box:
    x, y, r = (town.x - frame.west) * scale, (frame.north - town.y) * scale, 5.0
    return Box(x - r, y - r, x + r, y + r)


def _states(
    seen: list[dict[str, Any]], frame: View, scale: float, taken: list[Box]
) -> list[dict[str, Any]]:
    """Place the names of states and the sea where there is room, members' first."""
    width, height = ((frame.east - frame.west) * scale, (frame.north - frame.south) * scale)
    out = []
    for row in sorted(seen, key=lambda one: one["kind"] != "member"):
        kind = row["kind"]
        size = _SIZES[kind] * (0.78 if width < _PHONE_PX else 1.0)
        plain = [named(str(part)) for part in row["name"].split("\n")]
        lines = [spaced(part) if kind in ("member", "other") else part for part in plain]
        long = max(map_places.reach(part, size) for part in lines) + 2.0
        tall = size * 1.25 * len(lines)
        px, py = (row["x"] - frame.west) * scale, (frame.north - row["y"]) * scale
        px = min(max(px, long / 2 + 6), width - long / 2 - 6)
        most = {"member": 99.0, "disputed": 3.9}.get(kind, 3.0)
        if long > most * row["room"] * scale:
            continue
        for shift in _SHIFTS:
            y = py + shift * size
            if abs(shift) * size > 0.6 * row["room"] * scale:
                break
            spot = Box(px - long / 2, y - tall / 2, px + long / 2, y + tall / 2)
            if spot.within(width, height) and not any(spot.meets(other) for other in taken):
                taken.append(spot)
                out.append(
                    _row(
                        (px / scale + frame.west, frame.north - y / scale),
                        "\n".join(lines), size, _INKS[kind], italic=kind in ("sea", "disputed"),
                    )
                )  # fmt: skip
                break
    return out


def _rivers(theatre: Theatre, frame: View, scale: float, taken: list[Box]) -> list[dict[str, Any]]:
    """Name the long rivers along their straightest free stretch."""
    size = 10.0
    out = []
    lengths = theatre.rivers.geometry.length.groupby(theatre.rivers["river"]).sum() / 1000.0
    for river in lengths[lengths >= _LONG_RIVER_KM].sort_values(ascending=False).index:
        name = named(str(river))
        long = (map_places.reach(name, size) + 8.0) / scale
        parts = theatre.rivers.geometry[theatre.rivers["river"] == river]
        run = map_borders.runs(parts.union_all(), frame.window.buffer(-40_000.0))
        best = None
        for xs, ys in zip(run.xs, run.ys, strict=True):
            line = shapely.LineString(np.column_stack([xs, ys]))
            for start in np.arange(0.0, max(line.length - long, 0.0), long / 4.0):
                ends = line.interpolate([start, start + long])
                chord = float(shapely.distance(*ends))
                if chord * _STRAIGHT < long:
                    continue
                box = _lying(ends, frame, scale, size)
                if any(box.meets(other) for other in taken):
                    continue
                if best is None or chord > best[0]:
                    best = (chord, ends, box)
        if best is not None:
            taken.append(best[2])
            out.append(_along(best[1], name, size))
    return out


def _lying(ends: Any, frame: View, scale: float, size: float) -> Box:  # noqa: ANN401
    """Give the upright rectangle round a name that lies along a stretch."""
    xs = [(end.x - frame.west) * scale for end in ends]
    ys = [(frame.north - end.y) * scale for end in ends]
    room = 1.6 * size
    return Box(min(xs) - 2, min(ys) - room, max(xs) + 2, max(ys) + 2)


def _along(ends: Any, name: str, size: float) -> dict[str, Any]:  # noqa: ANN401
    """Lay a name along a stretch, read from the left, above the water."""
    a, b = sorted(ends, key=lambda end: end.x)
    row = _row(((a.x + b.x) / 2, (a.y + b.y) / 2), name, size, look.SEA_INK, italic=True)
    angle = math.atan2(b.y - a.y, b.x - a.x)
    away = 0.75 * size
    return row | {
        "angle": round(angle, 3),
        "dx": round(-away * math.sin(angle), 1),
        "dy": round(-away * math.cos(angle), 1),
    }


def _town(town: map_places.Label) -> dict[str, Any]:
    ink = look.INK if town.member else look.QUIET
    row = _row((town.x, town.y), town.name, town.size, ink)
    return row | {"dx": town.dx, "dy": town.dy, "align": town.align, "base": town.baseline}


def _row(
    at: tuple[float, float], text: str, size: float, ink: str, *, italic: bool = False
) -> dict[str, Any]:
    return {
        "x": round(at[0], 1), "y": round(at[1], 1), "text": text, "size": f"{size:g}px",
        "ink": ink, "style": "italic" if italic else "normal", "dx": 0.0, "dy": 0.0,
        "align": "center", "base": "middle", "angle": 0.0,
    }  # fmt: skip


def _write(p: figure, rows: list[dict[str, Any]], width: int) -> None:
    """Write names: first the halo of all, then the names."""
    if not rows:
        return
    halo = [
        row | {"dx": round(row["dx"] + x, 1), "dy": round(row["dy"] + y, 1), "ink": look.SHEET}
        for row in rows
        for x, y in _HALO
    ]
    for some, strength in ((halo, 0.55), (rows, 1.0)):
        source = ColumnDataSource({key: [row[key] for row in some] for key in some[0]})
        p.add_glyph(
            source,
            Text(
                x="x", y="y", text="text", x_offset={"field": "dx"}, y_offset={"field": "dy"},
                angle={"field": "angle"}, text_font_size={"field": "size"},
                text_font={"value": look.FONT}, text_font_style={"field": "style"},
                text_align={"field": "align"}, text_baseline={"field": "base"},
                text_color={"field": "ink"}, text_alpha=strength, text_line_height=1.15,
            ),
            name=f"names-{width}",
            visible=width == map_places.WIDTHS[-1],
        )  # fmt: skip


def _dots(p: figure, towns: list[map_places.Label], width: int) -> None:
    dots = p.scatter(
        "x", "y",
        source=ColumnDataSource({
            "x": [round(s.x, 1) for s in towns], "y": [round(s.y, 1) for s in towns],
            "name": [s.name for s in towns],
            "people": [count(s.people) for s in towns],
            "size": [map_places.dot_px(s.people) for s in towns],
        }),
        size="size", fill_color=look.INK, line_color=look.SHEET, line_width=1,
        name=f"names-{width}", visible=width == map_places.WIDTHS[-1],
    )  # fmt: skip
    tips = [(say("Town"), "@name"), (say("People"), "@people")]
    p.add_tools(HoverTool(renderers=[dots], tooltips=tips, visible=False))
