"""How outcomes are spread over the draws: attacks on held land, and the change draw by draw."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from vallum.brief import look
from vallum.brief.campaign_names import change_range, signed, yearly
from vallum.brief.language import say, say_n
from vallum.brief.page_text import whole
from vallum.brief.ticks import rounded_up, ticks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from vallum.campaign.model import Case

__all__ = ["paired", "spread"]

WIDTH, HEIGHT = 960.0, 250.0
TOP, BOTTOM = 46.0, 206.0  # px: of the bars
PANELS = ((12.0, 452.0), (508.0, 948.0))  # px: left and right edges
BINS = 24
BEFORE, FEWER, MORE = look.OUTSIDE, look.INSIDE, look.LOSS
_BAR = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"{}><title>{}</title></rect>')
_STEP = Markup('<path class="before" d="{}"/>')
_TICK = Markup('<path class="grid" d="M{0} {1}v5"/><text class="tick" x="{0}" y="{2}">{3}</text>')
_HEAD = Markup('<text class="head" x="{}" y="{}">{}</text>')
_NOTE = Markup('<text class="note" x="{}" y="{}">{}</text>')
_RULE = Markup('<path class="grid" d="M{} {}H{}"/>')
_MARK = Markup('<path class="mark" d="M{} {}V{}"/>')


def paired(case: Case) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give attacks a year on held land by draw, with nothing and with the line.

    Parameters
    ----------
    case
        To look at.

    Returns
    -------
    nothing, line
        Of the draws that both have, in their order; empty where there are none.
    """
    table = case.draws.pivot_table(index="draw", columns="means", values="held")
    if "nothing" not in table or "line" not in table:
        return np.zeros(0), np.zeros(0)
    both = table[["nothing", "line"]].dropna()
    return both["nothing"].to_numpy(np.float64), both["line"].to_numpy(np.float64)


def spread(case: Case) -> Markup | None:
    """Draw both histograms.

    Parameters
    ----------
    case
        To draw.

    Returns
    -------
    Markup or None
        An SVG; None with fewer than two draws.
    """
    before, after = paired(case)
    if len(before) < 2 or not before.max() > 0:
        return None
    change = np.divide(after - before, before, out=np.zeros_like(before), where=before > 0)
    title = say(
        "Attacks on held land over the draws: with nothing and with the line, and the change"
    )
    return Markup(
        '<svg class="spread" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}{}'
        "</svg>"
    ).format(WIDTH, HEIGHT, title, title, _levels(before, after), _changes(change))


def _levels(before: NDArray[np.float64], after: NDArray[np.float64]) -> Markup:
    """Draw the yearly attacks: bars with the line, an outline with nothing."""
    left, right = PANELS[0]
    edges = _edges(np.concatenate([before, after]))
    old, _ = np.histogram(before, edges)
    new, _ = np.histogram(after, edges)
    x, most = _scale(edges, left, right), max(int(old.max()), int(new.max()))

    def y(number: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * number / most, 1)

    parts = [_HEAD.format(left, 14, say("Attacks a year on the held land"))]
    parts.append(
        _NOTE.format(
            left,
            31,
            Markup('<tspan fill="{}">■</tspan> {}<tspan dx="16" fill="{}">□</tspan> {}').format(
                FEWER,
                say("with the line, mean {attacks}", attacks=yearly(float(after.mean()))),
                BEFORE,
                say("with nothing, mean {attacks}", attacks=yearly(float(before.mean()))),
            ),
        )
    )
    for n, number in enumerate(new.tolist()):
        if number:
            told = say(
                "{draws}: {low} to {high} a year",
                draws=_draws(number),
                low=yearly(edges[n]),
                high=yearly(edges[n + 1]),
            )
            parts.append(_bar(x(edges[n]), x(edges[n + 1]), y(number), FEWER, told))
    path = f"M{x(edges[0])} {BOTTOM:g}" + "".join(
        f"V{y(number)}H{x(edges[n + 1])}" for n, number in enumerate(old.tolist())
    )
    parts += [_STEP.format(f"{path}V{BOTTOM:g}"), _RULE.format(left, BOTTOM, right)]
    parts += [
        _TICK.format(x(tick), BOTTOM, BOTTOM + 19, yearly(tick))
        for tick in ticks(edges[0], edges[-1])
    ]
    parts.append(_NOTE.format(left, BOTTOM + 38, say("attacks a year; height: draws")))
    return Markup("").join(parts)


def _changes(change: NDArray[np.float64]) -> Markup:
    """Draw the change of each draw: fewer in blue, more in orange."""
    left, right = PANELS[1]
    edges = _edges(np.append(change, 0.0))
    number, _ = np.histogram(change, edges)
    x, most = _scale(edges, left, right), int(number.max())
    low, high = np.percentile(change, (5.0, 95.0))
    worse = int((change > 0).sum())
    ends = change_range(float(low), float(high))
    told = say(
        "nine draws in ten: {ends}; more attacks in {worse} of {draws}",
        ends=ends,
        worse=whole(worse),
        draws=_draws(len(change)),
    )
    parts = [
        _HEAD.format(left, 14, say("Change in the same draw, the line against nothing")),
        _NOTE.format(left, 31, told),
    ]
    for n, count in enumerate(number.tolist()):
        if count:
            colour = FEWER if edges[n + 1] <= 1e-12 else MORE
            span = change_range(edges[n], edges[n + 1])
            text = say("{name}: {what}", name=_draws(count), what=span)
            top = BOTTOM - (BOTTOM - TOP) * count / most
            parts.append(_bar(x(edges[n]), x(edges[n + 1]), round(top, 1), colour, text))
    parts += [_RULE.format(left, BOTTOM, right), _MARK.format(x(0.0), TOP - 4, BOTTOM)]
    parts += [
        _TICK.format(x(tick), BOTTOM, BOTTOM + 19, signed(tick))
        for tick in ticks(edges[0], edges[-1])
    ]
    text = say("change of attacks on the held land; height: draws")
    parts.append(_NOTE.format(left, BOTTOM + 38, text))
    return Markup("").join(parts)


def _bar(begin: float, end: float, top: float, colour: str, told: str) -> Markup:
    width = round(max(end - begin - 1.0, 0.5), 1)
    return _BAR.format(begin, top, width, round(BOTTOM - top, 1), colour, "", told)


def _edges(values: NDArray[np.float64]) -> list[float]:
    """Edges of bins of a round width over all values; 0 is one of them where it lies within."""
    low, high = float(values.min()), float(values.max())
    width = rounded_up((high - low) / BINS) if high > low else max(abs(high), 1.0) / BINS
    first = math.floor(low / width + 1e-9)
    last = max(math.ceil(high / width - 1e-9), first + 1)
    return [n * width for n in range(first, last + 1)]


def _scale(edges: list[float], left: float, right: float) -> Callable[[float], float]:
    unit = (right - left - 24.0) / (edges[-1] - edges[0])
    return lambda value: round(left + 12.0 + (value - edges[0]) * unit, 1)


def _draws(number: int) -> str:
    return say_n("{n}\u202fdraw", "{n}\u202fdraws", number, n=whole(number))
