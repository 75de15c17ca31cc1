"""The frontier's chart: every plan of the chain, the hull above them, the ranges as a band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    FixedTicker,
    HoverTool,
    Range1d,
    TapTool,
    Toolbar,
)
from bokeh.models.annotations import Label
from bokeh.plotting import figure

from vallum.brief import look
from vallum.brief.language import say
from vallum.brief.look import INSIDE, LINE, OTHER
from vallum.brief.page_text import trimmed
from vallum.brief.ticks import ticks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.line import Plans
    from vallum.plan import Plan

__all__ = ["draw", "draw_beside", "scale_of"]

HULL = look.QUIET
_FONT = look.FONT
_PARTS = 6  # of an axis, at most: labels fit on a phone


def scale_of(largest: float) -> tuple[float, str]:
    """Choose the unit of an axis: billions, millions or ones."""
    if largest >= 2e9:
        return 1e9, "billion"
    return (1e6, "million") if largest >= 1e6 else (1.0, "")


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
    plans = plan.line.plans
    ends = plan.ranges.steps[["averted_low", "averted_high"]].to_numpy()
    dollars = plans.objective != "people"
    axes = _Axes.of(plans, float(ends[:, 1].max()) if dollars else 0.0, 0.0)
    p = axes.frame()
    if dollars:
        _band(p, axes.cost / axes.cost_unit, ends / axes.gain_unit)
        _break_even(p, axes)
    _chain(p, axes)
    look.axes(p)
    return p


def draw_beside(plans: Plans, cost: float, benefit: float, ceiling: float) -> figure:
    """Draw the frontier with a territory that somebody drew.

    Parameters
    ----------
    plans
        The frontier.
    cost, benefit
        Of the territory, USD/yr (benefit: people, for the objective `people`).
    ceiling
        The most that any territory of that cost could earn.

    Returns
    -------
    figure
        A diamond for the territory, and a bar from it up to the ceiling.
    """
    axes = _Axes.of(plans, max(benefit, ceiling), cost)
    p = axes.frame()
    if plans.objective != "people":
        _break_even(p, axes)
    _chain(p, axes)
    x, y, top = cost / axes.cost_unit, benefit / axes.gain_unit, ceiling / axes.gain_unit
    p.line([x, x], [y, top], line_color=OTHER, line_width=2, line_dash="2 3", name="missed")
    p.scatter([x], [y], marker="diamond", size=17, fill_color=OTHER, line_color=look.SHEET,
              line_width=2, name="drawn")  # fmt: skip
    look.axes(p)
    return p


@dataclass(frozen=True, eq=False)
class _Axes:
    """What is drawn, nothing held included, and in which units."""

    cost: NDArray[np.float64]
    gain: NDArray[np.float64]
    exact: NDArray[np.bool_]
    right: float
    top: float
    cost_unit: float
    gain_unit: float
    names: tuple[str, str]

    @classmethod
    def of(cls, plans: Plans, highest: float, dearest: float) -> _Axes:
        table = plans.steps
        cost = np.concatenate([[0.0], table["cost_usd_yr"].to_numpy(np.float64)])
        gain = np.concatenate([[0.0], table["benefit"].to_numpy(np.float64)])
        exact = np.concatenate([[True], (table["kind"] == "exact").to_numpy()])
        cost_unit, cost_word = scale_of(float(cost.max()))
        gain_unit, gain_word = scale_of(float(gain.max()))
        gained = (
            _axis_people(gain_word) if plans.objective == "people" else _axis_averted(gain_word)
        )
        return cls(
            cost, gain, exact,
            right=max(float(cost.max()), dearest) * 1.04,
            top=max(float(gain.max()), highest) * 1.06,
            cost_unit=cost_unit, gain_unit=gain_unit,
            names=(_axis_cost(cost_word), gained),
        )  # fmt: skip

    def frame(self) -> figure:
        """Make an empty figure."""
        p = figure(
            x_range=Range1d(start=0.0, end=self.right / self.cost_unit),
            y_range=Range1d(start=0.0, end=self.top / self.gain_unit),
            sizing_mode="stretch_width",
            height=300,
            toolbar_location=None,
            tools=[],
            min_border_right=8,
            min_border_top=8,
            border_fill_color=None,
            background_fill_color=look.SHEET,
            outline_line_color=None,
            name="chart",
            x_axis_label=self.names[0],
            y_axis_label=self.names[1],
        )
        p.toolbar = Toolbar(logo=None, tools=[])
        for axis, end in ((p.xaxis, p.x_range.end), (p.yaxis, p.y_range.end)):
            # written here: the browser's own formatters know no other language, and a page that
            # runs no script made of text can be given none
            marks = ticks(0.0, end, _PARTS)
            axis.ticker = FixedTicker(ticks=marks)
            axis.major_label_overrides = {at: trimmed(at) for at in marks}
        return p


def _axis_cost(scale: str) -> str:
    names = {
        "billion": say("cost, billion USD a year"), "million": say("cost, million USD a year"),
    }  # fmt: skip
    return names.get(scale, say("cost, USD a year"))


def _axis_averted(scale: str) -> str:
    names = {
        "billion": say("losses averted, billion USD a year"),
        "million": say("losses averted, million USD a year"),
    }
    return names.get(scale, say("losses averted, USD a year"))


def _axis_people(scale: str) -> str:
    names = {"billion": say("people, billions"), "million": say("people, millions")}
    return names.get(scale, say("people"))


def _band(p: figure, cost: NDArray[np.float64], ends: NDArray[np.float64]) -> None:
    """Shade between the ends of the range of the losses averted."""
    low, high = (np.concatenate([[0.0], ends[:, k]]) for k in (0, 1))
    p.varea(x=cost.tolist(), y1=low.tolist(), y2=high.tolist(), fill_color=INSIDE, fill_alpha=0.13)


def _break_even(p: figure, axes: _Axes) -> None:
    """Draw where a dollar of cost averts a dollar of losses."""
    top, cost_unit, gain_unit = axes.top, axes.cost_unit, axes.gain_unit
    p.line(
        [0.0, top / cost_unit], [0.0, top / gain_unit],
        line_color=look.HIGHER, line_width=1.4, line_dash="2 3",
    )  # fmt: skip
    p.add_layout(
        Label(
            x=0.9 * top / cost_unit, y=0.9 * top / gain_unit, text=say("averted = cost (μ = 1)"),
            x_offset=7, text_font=_FONT, text_font_size="11px", text_color=look.HIGHER,
            text_baseline="middle",
        )
    )  # fmt: skip


def _chain(p: figure, axes: _Axes) -> None:
    """Draw the chain of plans, and the hull through the exact ones, above which none lies."""
    cost, gain = axes.cost / axes.cost_unit, axes.gain / axes.gain_unit
    p.line(
        cost[axes.exact].tolist(), gain[axes.exact].tolist(), line_color=HULL, line_width=1.2,
        line_dash="4 4", name="hull",
    )  # fmt: skip
    p.line(cost.tolist(), gain.tolist(), line_color=INSIDE, line_width=1.8, name="chain")
    _points(p, cost[1:], gain[1:], axes.exact[1:])


def _points(
    p: figure, cost: NDArray[np.float64], gain: NDArray[np.float64], exact: NDArray[np.bool_]
) -> None:
    """Draw the steps, a larger place to tap around each, and the current one."""
    points = {
        "x": cost.tolist(),
        "y": gain.tolist(),
        "fill": [INSIDE if yes else look.SHEET for yes in exact],
        "kind": [say("exact") if yes else say("refined") for yes in exact],
    }
    source = ColumnDataSource(points, name="steps")
    p.scatter("x", "y", source=source, size=6, fill_color="fill", line_color=INSIDE,
              nonselection_fill_alpha=1.0, nonselection_line_alpha=1.0)  # fmt: skip
    wide = p.scatter("x", "y", source=source, size=22, fill_alpha=0.0, line_alpha=0.0,
                     nonselection_fill_alpha=0.0, nonselection_line_alpha=0.0)  # fmt: skip
    current = ColumnDataSource({"x": [], "y": []}, name="current")
    p.scatter("x", "y", source=current, size=15, fill_color=look.MARK, line_color=LINE,
              line_width=2)  # fmt: skip
    p.add_tools(
        TapTool(renderers=[wide], mode="replace"),
        HoverTool(renderers=[wide], tooltips=[(say("Step"), "$index"), ("", "@kind")]),
    )
