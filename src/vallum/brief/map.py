"""The map: a Bokeh figure in equal-area kilometres, whose held land and line the page redraws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from affine import Affine
from bokeh.models import (
    ColumnDataSource,
    HoverTool,
    ImageURL,
    MultiPolygons,
    PanTool,
    Range1d,
    Toolbar,
)
from bokeh.plotting import figure
from rasterio import features

from vallum.brief import look, map_borders, map_ground, map_names, map_rim, map_ways
from vallum.brief.language import named, say
from vallum.brief.page_text import between, percent, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from vallum.brief.map_borders import View
    from vallum.plan import Plan
    from vallum.theatre import Theatre

__all__ = ["EVENTS", "HELD", "LINE", "LOSS", "OTHER", "Scale", "draw", "ground"]

HELD, LINE, OTHER = look.INSIDE, look.LINE, look.OTHER
Scale = tuple[tuple[float, ...], tuple[str, ...]]
LOSS: Scale = ((0.005, 0.02, 0.05, 0.1, 0.25), look.HARM)  # share of output a year
_PARTS = 4  # of the chain, whose lines names keep clear of
EVENTS: Scale = ((1.0, 10.0, 25.0, 50.0, 100.0), look.HARM)  # events a year


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

    return ground(plan.theatre, land, lambda p: _changing(p, fill=False), _lines(plan))


def ground(
    theatre: Theatre,
    below: Callable[[figure], None],
    above: Callable[[figure], None],
    avoid: shapely.Geometry | None = None,
) -> figure:
    """Draw a theatre's ground, with something on the land and something over its roads.

    Parameters
    ----------
    theatre
        To draw: relief, rivers, main roads, borders, names.
    below, above
        Draw on the figure, in kilometres: areas under the roads, lines over them.
    avoid
        Lines in kilometres on which no name should lie; borders and rivers are avoided anyway.

    Returns
    -------
    figure
        Without axes.
    """
    frame = map_borders.view(theatre)
    p = _frame(frame)
    _picture(p, theatre, map_ground.tints(theatre))
    below(p)
    _picture(p, theatre, map_ground.relief(theatre))
    marks = map_rim.degrees(p, theatre, frame)
    drawn = map_ways.draw(p, theatre)
    above(p)
    map_names.draw(p, theatre, frame, marks, shapely.union_all([drawn, avoid]))
    map_rim.number(p, marks)
    map_rim.furnish(p, theatre, frame)
    return p


def _picture(p: figure, theatre: Theatre, url: str) -> None:
    """Lay a picture over the whole grid."""
    west, south, east, north = (part / 1000.0 for part in theatre.grid.bounds)
    p.add_glyph(
        ColumnDataSource(
            {"url": [url], "x": [west], "y": [north], "w": [east - west], "h": [north - south]}
        ),
        ImageURL(url="url", x="x", y="y", w="w", h="h"),
    )


def _lines(plan: Plan) -> shapely.Geometry:
    """Give the lines of some steps from first to last, in km: where a line may come to lie."""
    grid, entry = plan.theatre.grid, plan.line.plans.entry
    to_km = Affine(
        grid.cell_km, 0.0, grid.west_m / 1000.0, 0.0, -grid.cell_km, grid.north_m / 1000.0
    )
    last = max(int(entry.max()), 0)
    rims = []
    some = {round(last * part / _PARTS) for part in range(1, _PARTS + 1)}
    for step in sorted({plan.line.step, *some}):
        held = (entry >= 0) & (entry <= step)
        found = features.shapes(held.astype(np.uint8), mask=held, transform=to_km)
        rims += [shapely.geometry.shape(area).boundary for area, _ in found]
    return shapely.union_all(rims)


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
        background_fill_color=look.SEA,
        border_fill_color=None,
        outline_line_color=look.INK,
        outline_line_width=look.STROKES["mid"],
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
        "region": [named(str(row["region"])) for row in found],
        "loss": [say("{rate} of output a year ({range}\u202f%)", rate=percent(row["loss_rate"]),
                     range=between(100 * row["loss_rate_low"], 100 * row["loss_rate_high"]))
                 for row in found],
        "events": [say("{events} a year ({range})", events=plain(row["events_yr"]),
                       range=between(row["events_low"], row["events_high"])) for row in found],
        "loss_colour": [colour(row["loss_rate"], LOSS) for row in found],
        "events_colour": [colour(row["events_yr"], EVENTS) for row in found],
    }  # fmt: skip
    source = ColumnDataSource(data)
    for name in ("loss", "events"):
        layer = p.add_glyph(
            source,
            MultiPolygons(
                xs="xs", ys="ys", fill_color=f"{name}_colour", fill_alpha=0.64,
                line_color=look.SHEET, line_alpha=0.75, line_width=look.STROKES["thin"],
            ),
            name=name,
            visible=name == "loss",
        )  # fmt: skip
        tips = [(say("Region"), "@region"), (say("Losses"), "@loss"), (say("Events"), "@events")]
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
            fill_color=HELD, fill_alpha=0.1, line_color=HELD, line_alpha=0.6,
            line_width=look.STROKES["thin"], hatch_pattern="right_diagonal_line",
            hatch_color=HELD, hatch_alpha=0.55, hatch_weight=1.0, hatch_scale=10,
        )  # fmt: skip
        return
    other = ColumnDataSource({"xs": [], "ys": []}, name="other")
    p.multi_line("xs", "ys", source=other, line_color=look.SHEET, line_width=4.5, line_alpha=0.8)
    p.multi_line("xs", "ys", source=other, line_color=OTHER, line_width=2.2, line_dash="7 4")
    line = ColumnDataSource({"xs": [], "ys": []}, name="line")
    p.multi_line(
        "xs", "ys", source=line, line_color=look.SHEET, line_alpha=0.9,
        line_width=look.STROKES["casing"],
        line_join="round", line_cap="round",
    )  # fmt: skip
    p.multi_line(
        "xs", "ys", source=line, line_color=LINE, line_width=look.STROKES["line"],
        line_join="round",
        line_cap="round",
    )  # fmt: skip
    ring = ColumnDataSource({"x": [], "y": []}, name="ring")
    p.scatter(
        "x", "y", source=ring, size=20, fill_color=None, line_color=look.SHEET, line_width=4.5
    )
    p.scatter("x", "y", source=ring, size=20, fill_color=None, line_color=LINE, line_width=2)
