"""The map: a Bokeh figure in equal-area kilometres, whose held land and line the page redraws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bokeh.models import (
    ColumnDataSource,
    HoverTool,
    ImageURL,
    MultiPolygons,
    PanTool,
    Range1d,
    Text,
    Toolbar,
)
from bokeh.models.annotations import ScaleBar
from bokeh.plotting import figure
from shapely.geometry import box

from vallum.brief import map_borders, map_ground, map_places
from vallum.brief.page_text import between, percent, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from vallum.brief.map_borders import Lines, View
    from vallum.plan import Plan
    from vallum.theatre import Theatre

__all__ = ["EVENTS", "HELD", "LINE", "LOSS", "OTHER", "Scale", "draw", "ground"]

HELD, LINE, OTHER = "#0072b2", "#14213d", "#a2246b"
_FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"
_RIVER, _ROAD, _BORDER = "#4f8fb8", "#7d6b58", "#55504a"
_YELLOW_TO_BROWN = ("#fff7d6", "#fee391", "#fec44f", "#f08c2e", "#c4500f", "#7f2704")
Scale = tuple[tuple[float, ...], tuple[str, ...]]
LOSS: Scale = ((0.005, 0.02, 0.05, 0.1, 0.25), _YELLOW_TO_BROWN)  # share of output a year
EVENTS: Scale = ((1.0, 10.0, 25.0, 50.0, 100.0), _YELLOW_TO_BROWN)  # events a year


def draw(plan: Plan) -> figure:
    """Draw the map.

    Parameters
    ----------
    plan
        To draw. Held land, the line and the other objective's line are left empty: the page fills
        the sources named `held`, `line`, `other` and `ring`.

    Returns
    -------
    figure
        Named models for the page's script: layers `loss` and `events`, and `names-WIDTH`.
    """

    def land(p: figure) -> None:
        _threat(p, plan)
        _changing(p, fill=True)

    return ground(plan.theatre, land, lambda p: _changing(p, fill=False))


def ground(
    theatre: Theatre, below: Callable[[figure], None], above: Callable[[figure], None]
) -> figure:
    """Draw a theatre's ground, with something on the land and something over its roads.

    Parameters
    ----------
    theatre
        To draw: relief, rivers, main roads, borders, names.
    below, above
        Draw on the figure, in kilometres: areas under the roads, lines over them.

    Returns
    -------
    figure
        Without axes.
    """
    frame = map_borders.view(theatre)
    p = _frame(frame)
    grid = theatre.grid
    west, south, east, north = (part / 1000.0 for part in grid.bounds)
    p.add_glyph(
        ColumnDataSource(
            {"url": [map_ground.picture(theatre)], "x": [west], "y": [north],
             "w": [east - west], "h": [north - south]}
        ),
        ImageURL(url="url", x="x", y="y", w="w", h="h"),
    )  # fmt: skip
    below(p)
    _ways(p, theatre)
    above(p)
    _names(p, theatre, frame)
    _scale_bar(p)
    return p


def _frame(frame: View) -> figure:
    """Make an empty figure: no axes, no margins, so its frame has the aspect of the land."""
    p = figure(
        x_range=Range1d(start=frame.west, end=frame.east),
        y_range=Range1d(start=frame.south, end=frame.north),
        aspect_ratio=frame.aspect,
        match_aspect=True,
        sizing_mode="stretch_width",
        toolbar_location=None,
        tools=[],
        background_fill_color="#d6e2ea",
        border_fill_color=None,
        outline_line_color="#b9b4aa",
        min_border=0,
        output_backend="canvas",
        name="map",
    )
    p.axis.visible = False
    p.grid.visible = False
    # the page's own buttons zoom; a mouse may drag (the page switches this tool on)
    p.toolbar = Toolbar(tools=[PanTool(name="drag")], logo=None, active_drag=None)
    return p


def _threat(p: figure, plan: Plan) -> None:
    """Colour the members' regions by loss rate and by events, one layer shown at a time."""
    theatre, table = plan.theatre, plan.threat.regions
    own = theatre.regions[theatre.regions["iso3"].isin(theatre.members)].reset_index(drop=True)
    xs, ys, rows = map_borders.areas(own, theatre)
    by_name = {(row["iso3"], row["region"]): row for row in table.to_dict("records")}
    found = [by_name[(own["iso3"].iloc[n], own["name"].iloc[n])] for n in rows]
    data: dict[str, Any] = {
        "xs": xs,
        "ys": ys,
        "region": [str(row["region"]) for row in found],
        "loss": [f"{percent(row['loss_rate'])} of output a year "
                 f"({between(100 * row['loss_rate_low'], 100 * row['loss_rate_high'])}\u202f%)"
                 for row in found],
        "events": [f"{plain(row['events_yr'])} a year "
                   f"({between(row['events_low'], row['events_high'])})" for row in found],
        "loss_colour": [colour(row["loss_rate"], LOSS) for row in found],
        "events_colour": [colour(row["events_yr"], EVENTS) for row in found],
    }  # fmt: skip
    source = ColumnDataSource(data)
    for name in ("loss", "events"):
        layer = p.add_glyph(
            source,
            MultiPolygons(
                xs="xs", ys="ys", fill_color=f"{name}_colour", fill_alpha=0.55,
                line_color="#8d7b62", line_alpha=0.7, line_width=0.6,
            ),
            name=name,
            visible=name == "loss",
        )  # fmt: skip
        tips = [("Region", "@region"), ("Losses", "@loss"), ("Events", "@events")]
        p.add_tools(HoverTool(renderers=[layer], tooltips=tips, visible=False))


def colour(value: float, scale: Scale) -> str:
    """Give the colour of a value's class."""
    bounds, colours = scale
    return colours[sum(value >= bound for bound in bounds)]


def _changing(p: figure, *, fill: bool) -> None:
    """Add what the page's script fills: held land below, lines above."""
    if fill:
        p.patch(
            "xs", "ys", source=ColumnDataSource({"xs": [], "ys": []}, name="held"),
            fill_color=HELD, fill_alpha=0.2, line_color=HELD, line_alpha=0.6, line_width=1.0,
            hatch_pattern="right_diagonal_line", hatch_color=HELD, hatch_alpha=0.55,
            hatch_weight=1.0, hatch_scale=13,
        )  # fmt: skip
        return
    other = ColumnDataSource({"xs": [], "ys": []}, name="other")
    p.multi_line("xs", "ys", source=other, line_color="#ffffff", line_width=4.5, line_alpha=0.8)
    p.multi_line("xs", "ys", source=other, line_color=OTHER, line_width=2.2, line_dash="7 4")
    line = ColumnDataSource({"xs": [], "ys": []}, name="line")
    p.multi_line(
        "xs", "ys", source=line, line_color="#ffffff", line_width=6.5, line_alpha=0.9,
        line_join="round", line_cap="round",
    )  # fmt: skip
    p.multi_line(
        "xs", "ys", source=line, line_color=LINE, line_width=3.4, line_join="round",
        line_cap="round",
    )  # fmt: skip
    ring = ColumnDataSource({"x": [], "y": []}, name="ring")
    p.scatter("x", "y", source=ring, size=20, fill_color=None, line_color="#ffffff", line_width=4.5)
    p.scatter("x", "y", source=ring, size=20, fill_color=None, line_color=LINE, line_width=2)


def _ways(p: figure, theatre: Theatre) -> None:
    """Draw rivers, main roads and borders."""
    window = box(*theatre.grid.bounds)

    def add(lines: Lines, **look: Any) -> None:  # noqa: ANN401  (Bokeh's own properties)
        p.multi_line(xs=lines.xs, ys=lines.ys, line_join="round", **look)

    rivers = map_borders.runs(theatre.rivers.geometry.union_all(), window)
    add(rivers, line_color=_RIVER, line_width=1.5, line_alpha=0.95)
    roads = theatre.routes[(theatre.routes["kind"] == "road") & (theatre.routes["road_class"] >= 2)]
    main = map_borders.runs(roads.geometry.union_all(), window)
    add(main, line_color=_ROAD, line_width=0.9, line_alpha=0.75)
    settled, disputed, coast = map_borders.borders(theatre)
    add(coast, line_color="#7f95a3", line_width=0.9)
    add(settled, line_color="#ffffff", line_width=2.6, line_alpha=0.55)
    add(settled, line_color=_BORDER, line_width=1.1)
    add(disputed, line_color=_BORDER, line_width=1.2, line_dash="5 4")


def _names(p: figure, theatre: Theatre, frame: View) -> None:
    """Name states, the sea and settlements, for three widths of the map."""
    states = map_borders.names(theatre, frame)
    for width in map_places.WIDTHS:
        scale = width / (frame.east - frame.west)
        low = (frame.north - frame.south) * scale
        taken = [  # the scale bar, the page's badge and its buttons
            map_places.Box(0, low - 46, 0.3 * width, low),
            map_places.Box(0, 0, 330 if width > 500 else 110, 38),
            map_places.Box(width - 50, 0, width, 120),
        ]
        big: list[dict[str, Any]] = []
        for row in states:
            size = (15 if row["kind"] == "member" else 11) * (0.8 if width < 500 else 1.0)
            text = row["name"].upper() if row["kind"] in ("member", "other") else row["name"]
            lines = text.split("\n")
            long = max(len(part) for part in lines) * size * 0.72
            tall = size * 1.3 * len(lines)
            px, py = (row["x"] - frame.west) * scale, (frame.north - row["y"]) * scale
            px = min(max(px, long / 2 + 3), width - long / 2 - 3)
            spot = map_places.Box(px - long / 2, py - tall / 2, px + long / 2, py + tall / 2)
            most = {"member": 99.0, "disputed": 3.7}.get(row["kind"], 2.9)
            crowded = long > most * row["room"] * scale
            if crowded or any(spot.meets(other) for other in taken):
                continue
            taken.append(spot)
            big.append(row | {"text": text, "size": f"{size:g}px", "x": frame.west + px / scale})
        shown = map_places.labels(theatre, frame, width, taken, most=8 if width < 500 else 40)
        _state_names(p, big, width)
        _place_names(p, shown, width)


def _state_names(p: figure, rows: list[dict[str, Any]], width: int) -> None:
    colours = {"member": "#4a3f30", "other": "#77736c", "disputed": "#77736c", "sea": "#4a7896"}
    source = ColumnDataSource(
        {
            "x": [row["x"] for row in rows],
            "y": [row["y"] for row in rows],
            "text": [row["text"] for row in rows],
            "size": [row["size"] for row in rows],
            "colour": [colours[row["kind"]] for row in rows],
        }
    )  # fmt: skip
    p.add_glyph(
        source,
        Text(
            x="x", y="y", text="text", text_font_size={"field": "size"}, text_color="colour",
            text_font_style="normal", text_font={"value": _FONT}, text_align="center",
            text_baseline="middle", text_alpha=0.85, text_line_height=1.15,
        ),
        name=f"names-{width}",
        visible=width == map_places.WIDTHS[-1],
    )  # fmt: skip


def _place_names(p: figure, shown: list[map_places.Label], width: int) -> None:
    """Draw settlements' dots and names, the names with a halo."""
    visible = width == map_places.WIDTHS[-1]
    for align in ("left", "right", "center"):
        for baseline in ("middle", "bottom", "top"):
            group = [s for s in shown if (s.align, s.baseline) == (align, baseline)]
            if not group:
                continue
            for hx, hy, halo in (
                *((x, y, True) for x in (-1.5, 0, 1.5) for y in (-1.5, 0, 1.5) if (x, y) != (0, 0)),
                (0, 0, False),
            ):
                p.text(
                    x=[s.x for s in group],
                    y=[s.y for s in group],
                    text=[s.name for s in group],
                    x_offset=group[0].dx + hx,
                    y_offset=group[0].dy + hy,
                    text_align=align,
                    text_baseline=baseline,
                    text_font={"value": _FONT},
                    text_font_size="11px",
                    text_color="#ffffff" if halo else "#1d1d1b",
                    text_alpha=0.75 if halo else 1.0,
                    name=f"names-{width}",
                    visible=visible,
                )
    dots = p.scatter(
        "x", "y",
        source=ColumnDataSource({
            "x": [s.x for s in shown], "y": [s.y for s in shown],
            "name": [s.name for s in shown],
            "people": [f"{s.people:,}".replace(",", "\u202f") for s in shown],
            "size": [7.5 if s.people >= 1_000_000 else 5.5 if s.people >= 100_000 else 4.0
                     for s in shown],
        }),
        size="size", fill_color="#1d1d1b", line_color="#ffffff", line_width=1,
        name=f"names-{width}", visible=visible,
    )  # fmt: skip
    tips = [("Town", "@name"), ("People", "@people")]
    p.add_tools(HoverTool(renderers=[dots], tooltips=tips, visible=False))


def _scale_bar(p: figure) -> None:
    """Add a bar in kilometres, true everywhere on an equal-area map of this size to about 1 %."""
    p.add_layout(
        ScaleBar(
            range=p.x_range, unit="km", bar_length=0.14, location="bottom_left",
            background_fill_color="#ffffff", background_fill_alpha=0.7, border_line_color=None,
            bar_line_width=2, label_text_font=_FONT, label_text_font_size="11px", padding=6,
            margin=6,
        )
    )  # fmt: skip
