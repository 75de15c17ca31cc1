"""The frontier's chart: every plan of the chain, the hull above them, the ranges as a band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    HoverTool,
    Range1d,
    TapTool,
    Toolbar,
)
from bokeh.models.annotations import Label
from bokeh.plotting import figure

from vallum.brief.map import HELD, LINE
from vallum.brief.page_steps import unit_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.plan import Plan

__all__ = ["draw", "scale_of"]

HULL = "#6b665e"
_FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"


def scale_of(largest: float) -> tuple[float, str]:
    """Choose the unit of an axis: billions, millions or ones."""
    if largest >= 2e9:
        return 1e9, "billion "
    return (1e6, "million ") if largest >= 1e6 else (1.0, "")


def draw(plan: Plan) -> figure:
    """Draw the chart.

    Parameters
    ----------
    plan
        To draw.

    Returns
    -------
    figure
        Its sources `steps` (whose selection chooses a step) and `current` are for the page.
    """
    table = plan.line.plans.steps
    dollars = unit_of(plan) != "people"
    cost = np.concatenate([[0.0], table["cost_usd_yr"].to_numpy(np.float64)])
    gain = np.concatenate([[0.0], table["benefit"].to_numpy(np.float64)])
    sure = plan.ranges.steps
    top = float(max(gain.max(), sure["averted_high"].max() if dollars else 0.0)) * 1.06
    cost_unit, cost_word = scale_of(float(cost.max()))
    gain_unit, gain_word = scale_of(float(gain.max()))
    p = figure(
        x_range=Range1d(start=0.0, end=float(cost.max()) * 1.04 / cost_unit),
        y_range=Range1d(start=0.0, end=top / gain_unit),
        sizing_mode="stretch_width",
        height=300,
        toolbar_location=None,
        tools=[],
        min_border_right=8,
        min_border_top=8,
        border_fill_color=None,
        background_fill_color="#ffffff",
        outline_line_color=None,
        name="chart",
        x_axis_label=f"cost, {cost_word}USD/yr",
        y_axis_label=f"losses averted, {gain_word}USD/yr" if dollars else f"people, {gain_word}",
    )
    p.toolbar = Toolbar(logo=None, tools=[])
    if dollars:
        _band(p, cost / cost_unit, sure[["averted_low", "averted_high"]].to_numpy() / gain_unit)
        _break_even(p, top, cost_unit, gain_unit)
    exact = (table["kind"] == "exact").to_numpy()
    _hull(p, cost / cost_unit, gain / gain_unit, exact)
    _points(p, cost[1:] / cost_unit, gain[1:] / gain_unit, exact)
    _style(p)
    return p


def _band(p: figure, cost: NDArray[np.float64], ends: NDArray[np.float64]) -> None:
    """Shade between the ends of the range of the losses averted."""
    low, high = (np.concatenate([[0.0], ends[:, k]]) for k in (0, 1))
    p.varea(x=cost.tolist(), y1=low.tolist(), y2=high.tolist(), fill_color=HELD, fill_alpha=0.13)


def _break_even(p: figure, top: float, cost_unit: float, gain_unit: float) -> None:
    """Draw where a dollar of cost averts a dollar of losses."""
    p.line(
        [0.0, top / cost_unit], [0.0, top / gain_unit],
        line_color="#b3261e", line_width=1.4, line_dash="2 3",
    )  # fmt: skip
    p.add_layout(
        Label(
            x=0.9 * top / cost_unit, y=0.9 * top / gain_unit, text="averted = cost (μ = 1)",
            x_offset=7, text_font=_FONT, text_font_size="11px", text_color="#b3261e",
            text_baseline="middle",
        )
    )  # fmt: skip


def _hull(
    p: figure, cost: NDArray[np.float64], gain: NDArray[np.float64], exact: NDArray[np.bool_]
) -> None:
    """Draw the chain of plans, and the hull through the exact ones, above which none lies."""
    corner = np.concatenate([[True], exact])
    p.line(
        cost[corner].tolist(), gain[corner].tolist(), line_color=HULL, line_width=1.2,
        line_dash="4 4", name="hull",
    )  # fmt: skip
    p.line(cost.tolist(), gain.tolist(), line_color=HELD, line_width=1.8, name="chain")


def _points(
    p: figure, cost: NDArray[np.float64], gain: NDArray[np.float64], exact: NDArray[np.bool_]
) -> None:
    """Draw the steps, a larger place to tap around each, and the current one."""
    look = {
        "x": cost.tolist(),
        "y": gain.tolist(),
        "fill": [HELD if yes else "#ffffff" for yes in exact],
        "kind": ["exact" if yes else "refined" for yes in exact],
    }
    source = ColumnDataSource(look, name="steps")
    p.scatter("x", "y", source=source, size=6, fill_color="fill", line_color=HELD,
              nonselection_fill_alpha=1.0, nonselection_line_alpha=1.0)  # fmt: skip
    wide = p.scatter("x", "y", source=source, size=22, fill_alpha=0.0, line_alpha=0.0,
                     nonselection_fill_alpha=0.0, nonselection_line_alpha=0.0)  # fmt: skip
    current = ColumnDataSource({"x": [], "y": []}, name="current")
    p.scatter("x", "y", source=current, size=15, fill_color="#f5b335", line_color=LINE,
              line_width=2)  # fmt: skip
    p.add_tools(
        TapTool(renderers=[wide], mode="replace"),
        HoverTool(renderers=[wide], tooltips=[("Step", "$index"), ("", "@kind")]),
    )


def _style(p: figure) -> None:
    for axis in (*p.xaxis, *p.yaxis):
        axis.axis_label_text_font = _FONT
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font_size = "12px"
        axis.major_label_text_font = _FONT
        axis.major_label_text_font_size = "11px"
        axis.axis_line_color = "#8a857d"
        axis.major_tick_line_color = "#8a857d"
        axis.minor_tick_line_color = None
    p.grid.grid_line_color = "#e8e5df"
