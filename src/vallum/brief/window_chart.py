"""Time lines of relations with their events, and the opening by month, as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from vallum.brief import look
from vallum.brief.language import current, dated, of_stage, say
from vallum.brief.page_text import trimmed
from vallum.brief.window_words import couple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.window import Window

    Floats = NDArray[np.float64]

__all__ = ["lines", "opening"]

WIDTH, HEIGHT = 960.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 950.0, 14.0, 128.0
GOOD, BAD, BAND = look.INSIDE, look.LOSS, look.fade(look.INSIDE, 0.2)
SCALE = 10.0
_TEXT = Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>')
_LINE = Markup('<path class="{}" d="{}"/>')
_DOT = Markup('<circle class="event" cx="{}" cy="{}" r="4" fill="{}"><title{}>{}</title></circle>')
_ENGLISH = Markup(' lang="en"')  # an event of a record that no file of texts knows


def lines(found: Window, names: Mapping[str, str]) -> list[tuple[str, Markup]]:
    """Draw each pair that has a climate: level, band, events on hover, turns.

    Parameters
    ----------
    found
        The stage's result.
    names
        Of states by ISO3.

    Returns
    -------
    list
        Title and SVG, the pairs of the opening first.
    """
    climate = found.climate
    if climate is None:
        return []
    wanted = [part.series for part in found.opening.parts]
    pairs = [pair for row, pair in enumerate(climate.pairs) if not climate.status[row]]
    order = sorted(pairs, key=lambda pair: (wanted.index(pair) if pair in wanted else 99, pair))
    out = []
    for pair in order:
        row = climate.pairs.index(pair)
        events = found.events[found.events["pair"] == pair]
        turned = found.changes[found.changes["pair"] == pair]
        levels = (climate.low[row], climate.mid[row], climate.high[row])
        title = couple(pair, names)
        out.append((title, _frame(climate.months, levels, events, turned, title)))
    return out


def opening(found: Window) -> Markup | None:
    """Draw the opening by month, with its range; None without data."""
    table = found.opening.by_month
    if found.opening.index is None or not len(table):
        return None
    months = table["month"].to_numpy("datetime64[M]")
    x = _across(months)

    def y(value: Floats) -> Floats:
        return BOTTOM - (BOTTOM - TOP) * np.asarray(value, np.float64)

    ends = [table[name].to_numpy(np.float64) for name in ("low", "mid", "high")]
    parts = [_band(x, y(ends[0]), y(ends[2])), _LINE.format("level", _path(x, y(ends[1])))]
    for value in (0.0, 0.5, 1.0):
        at = float(y(np.array(value)))
        parts.append(_LINE.format("rule", f"M{LEFT} {at:.1f}H{RIGHT}"))
        parts.append(_TEXT.format("tick", LEFT - 6, f"{at + 4:.1f}", "end", trimmed(value)))
    parts += _years(months, x)
    return _svg(say("The opening by month, from 0, closed, to 1, open"), parts)


def _frame(
    months: NDArray[np.datetime64],
    levels: tuple[Floats, Floats, Floats],
    events: pd.DataFrame,
    turned: pd.DataFrame,
    title: str,
) -> Markup:
    """Draw one pair."""
    x = _across(months)

    def y(value: Floats) -> Floats:
        part = (np.clip(np.asarray(value, np.float64), -SCALE, SCALE) + SCALE) / (2 * SCALE)
        return BOTTOM - (BOTTOM - TOP) * part

    low, mid, high = levels
    parts = [_band(x, y(low), y(high))]
    for value in (-10.0, 0.0, 10.0):
        at = float(y(np.array(value)))
        parts.append(_LINE.format("rule", f"M{LEFT} {at:.1f}H{RIGHT}"))
        said = trimmed(value)
        parts.append(_TEXT.format("tick", LEFT - 6, f"{at + 4:.1f}", "end", said))
    for told, at in ((say("friendly"), TOP + 12.0), (say("hostile"), BOTTOM - 5.0)):
        parts.append(_TEXT.format("tick", LEFT + 6, f"{at:.1f}", "start", told))
    parts.append(_LINE.format("level", _path(x, y(mid))))
    for row in turned.to_dict("records"):
        at = _at(months, x, str(row["month"]))
        parts.append(_LINE.format("turn", f"M{at:.1f} {TOP}V{BOTTOM}"))
    for row in events.to_dict("records"):
        at = _at(months, x, str(row["date"])[:7])
        weight = float(row["goldstein"])
        if np.isnan(weight):
            continue
        text = of_stage(str(row["text"]))
        told = say(
            "{day}: {event} (weight {weight})", day=_day(row), event=text, weight=trimmed(weight)
        )
        colour = GOOD if weight >= 0 else BAD
        foreign = _ENGLISH if current().code != "en" and text == str(row["text"]) else ""
        level = f"{float(y(np.array(weight))):.1f}"
        parts.append(_DOT.format(f"{at:.1f}", level, colour, foreign, told))
    parts += _years(months, x)
    return _svg(say("{pair}: level of relations by month, with its events", pair=title), parts)


def _day(row: Mapping[Any, Any]) -> str:
    """Write an event's date, no finer than it is known."""
    day = pd.Timestamp(str(row["date"])).date()
    return dated(day, "MMMM y") if row.get("date_precision") == "month" else dated(day)


def _across(months: NDArray[np.datetime64]) -> Floats:
    """Place the months."""
    return np.linspace(LEFT, RIGHT, max(len(months), 2))[: len(months)]


def _at(months: NDArray[np.datetime64], x: Floats, text: str) -> float:
    """Place one month."""
    place = int((np.datetime64(text, "M") - months[0]).astype(np.int64))
    return float(x[min(max(place, 0), len(x) - 1)])


def _path(x: Floats, y: Floats) -> str:
    """Write a line."""
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))


def _band(x: Floats, low: Floats, high: Floats) -> Markup:
    """Draw what lies between two lines."""
    there = _path(x, low)
    back = _path(x[::-1], high[::-1]).replace("M", "L", 1)
    return _LINE.format("band", f"{there}{back}Z")


def _years(months: NDArray[np.datetime64], x: Floats) -> list[Markup]:
    """Name the years."""
    return [
        _TEXT.format("tick", f"{at:.1f}", BOTTOM + 16, "middle", str(month)[:4])
        for month, at in zip(months, x, strict=True)
        if str(month).endswith("-01")
    ]


def _svg(title: str, parts: list[Markup]) -> Markup:
    """Put a picture together."""
    return Markup(
        '<svg class="timeline" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}'
        "</svg>"
    ).format(WIDTH, HEIGHT, title, title, Markup("").join(parts))
