"""The frontier's chart: cost across, benefit up, with its range; the page fills and moves it."""

from __future__ import annotations

import json
from typing import Any

from bokeh.models import ColumnDataSource, NumeralTickFormatter, PanTool, Range1d, TapTool, Toolbar
from bokeh.plotting import figure

from vallum.brief import look
from vallum.brief.language import current
from vallum.brief.page_bundle import figure_json

__all__ = ["drawing"]


def drawing() -> str:
    """Draw the empty chart.

    Returns
    -------
    str
        JSON for `Bokeh.embed.embed_item`. Sources `steps` (x, y, low, high), `exact`, `now`,
        `range`, `hand` and `even` are the page's to fill, and the axes' labels and ends too.
    """
    p = figure(
        height=230, sizing_mode="stretch_width", toolbar_location=None, tools=[], name="chart",
        x_range=Range1d(0, 1, name="cost-range"), y_range=Range1d(0, 1, name="gain-range"),
        border_fill_color=None, background_fill_color=look.SHEET, outline_line_color=None,
        output_backend="canvas",
    )  # fmt: skip
    steps = _source("steps", "x", "y", "low", "high")
    p.varea("x", "low", "high", source=steps, fill_color=look.fade(look.INSIDE, 0.2))
    even = _source("even", "x", "y")
    p.line("x", "y", source=even, line_color=look.QUIET, line_dash="4 4")
    p.line("x", "y", source=steps, line_color=look.INSIDE, line_width=look.STROKES["mid"])
    dots = p.scatter("x", "y", source=steps, size=5, fill_color=look.SHEET,
                     line_color=look.INSIDE)  # fmt: skip
    spread = _source("range", "xs", "ys")
    p.multi_line("xs", "ys", source=spread, line_color=look.INK, line_width=1.4)
    hand = _source("hand", "x", "y")
    p.scatter("x", "y", source=hand, size=14, marker="diamond", fill_color=look.OTHER,
              line_color=look.SHEET)  # fmt: skip
    now = _source("now", "x", "y")
    p.scatter("x", "y", source=now, size=13, fill_color=look.MARK, line_color=look.INK,
              line_width=1.5)  # fmt: skip
    p.toolbar = Toolbar(tools=[PanTool(name="drag"), TapTool(renderers=[dots])], logo=None,
                        active_drag=None)  # fmt: skip
    for axis, name in ((p.xaxis[0], "cost-axis"), (p.yaxis[0], "gain-axis")):
        axis.name = name
        axis.axis_label = " "
        axis.formatter = NumeralTickFormatter(format="0,0.[0]", language=current().code)
    look.axes(p)
    return json.dumps(figure_json(p, "chart"))


def _source(name: str, *columns: str) -> Any:  # noqa: ANN401  (Bokeh has no types)
    return ColumnDataSource({column: [] for column in columns}, name=name)
