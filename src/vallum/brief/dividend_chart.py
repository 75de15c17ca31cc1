"""Costs and benefits as falling steps, and what decides, as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from vallum.brief import look
from vallum.brief.dividend_words import KINDS, called, kind_name, money, span
from vallum.brief.language import say
from vallum.brief.page_text import percent, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vallum.dividend import DividendCase

__all__ = ["tornado", "waterfall", "years"]

WIDTH = 960.0
ROW, HEAD, FOOT, TALL = 30.0, 34.0, 34.0, 110.0
LEFT, RIGHT, WIDEST = 190.0, 800.0, 420.0  # px: of the bars
LETTER = 6.9  # px, of the names' type on average; none is cut in either language
GAIN, COST, SUM = look.INSIDE, look.COST, look.SOFT
FIRST, TOTAL = look.INSIDE, look.SURE[2]
ORDER = tuple(KINDS)
_BAR = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"><title>{}</title></rect>')
_SPAN = Markup('<path class="whisker" d="M{} {}H{}M{} {}v8M{} {}v8"/>')
_TEXT = Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>')
_LINE = Markup('<path class="grid" d="M{} {}V{}"/>')
_FRAME = Markup(
    '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}</svg>'
)


def waterfall(case: DividendCase, parties: Sequence[str], title: str) -> Markup | None:
    """Draw what a party gains and pays, stream by stream, down to the sum.

    Parameters
    ----------
    case
        To draw.
    parties
        Whose streams are added up, ISO3.
    title
        Of the picture.

    Returns
    -------
    Markup or None
        An SVG; None where nothing moves.
    """
    table = case.streams[case.streams["party"].isin(list(parties)) & case.streams["counted"]]
    by = table.groupby("kind")[["npv_usd", "npv_low", "npv_high"]].sum()
    by = by[(by["npv_low"] != 0) | (by["npv_high"] != 0)]
    if not len(by):
        return None
    kinds = sorted(by.index, key=lambda kind: ORDER.index(kind) if kind in ORDER else len(ORDER))
    rows, at = [], 0.0
    for kind in kinds:
        mid, low, high = (float(by[name][kind]) for name in ("npv_usd", "npv_low", "npv_high"))
        rows.append((kind_name(kind), at, at + mid, (at + low, at + high), (low, mid, high)))
        at += mid
    own = case.draws[[one for one in parties if one in case.draws]].sum(axis=1)
    low, high = (float(end) for end in own.quantile([0.05, 0.95]))
    rows.append((say("together"), 0.0, at, (low, high), (low, at, high)))
    ends = [end for row in rows for end in (row[1], row[2], *row[3])]
    begin = _left([row[0] for row in rows])
    x = _scale(begin, min([*ends, 0.0]), max([*ends, 0.0]))
    bottom = HEAD + ROW * len(rows)
    parts = [
        _LINE.format(x(0.0), HEAD - 6, bottom + 2),
        _TEXT.format("tick", x(0.0), HEAD - 12, "middle", "0"),
    ]
    for n, (name, start, end, (least, most), (low, mid, high)) in enumerate(rows):
        y = HEAD + n * ROW
        colour = SUM if n == len(rows) - 1 else GAIN if mid >= 0 else COST
        said = say("{name}: {sum} USD ({range})", name=name, sum=money(mid), range=span(low, high))
        left, right = sorted((x(start), x(end)))
        parts += [
            _name(begin - 12, y + 19, name),
            _BAR.format(left, y + 5, round(max(right - left, 1.0), 1), ROW - 10, colour, said),
            _SPAN.format(x(least), y + ROW / 2, x(most), x(least), y + ROW / 2 - 4, x(most),
                         y + ROW / 2 - 4),
            _TEXT.format("figure", WIDTH - 2, y + 19, "end", money(mid)),
        ]  # fmt: skip
    note = say(
        "present worth, USD; bar: at the assumptions’ own values; whisker: nine draws in ten"
    )
    parts.append(_TEXT.format("note", begin, bottom + 22, "start", note))
    return _FRAME.format(WIDTH, bottom + FOOT, title, title, Markup("").join(parts))


def tornado(case: DividendCase, most: int = 8) -> Markup | None:
    """Draw the share of the variance that each assumption brings, alone and in all.

    Parameters
    ----------
    case
        With its indices.
    most
        Assumptions shown.

    Returns
    -------
    Markup or None
        An SVG; None without indices.
    """
    table = case.decisive
    if not len(table) or "total" not in table or not (table["total"].astype(float) > 0).any():
        return None
    rows = table.sort_values("total", ascending=False).head(most).to_dict("records")
    top = max(float(row["total"]) for row in rows)
    names = [called(str(row["key"])) for row in rows]
    left, right = max(_left(names), 340.0), RIGHT
    unit = (right - left) / max(top, 1e-12)
    parts = []
    for n, (name, row) in enumerate(zip(names, rows, strict=True)):
        y = HEAD + n * ROW
        first, total = max(float(row["first"]), 0.0), max(float(row["total"]), 0.0)
        said = say(
            "{key}: {alone} of the variance alone, {total} with its interplay; value {value}, "
            "range {low} to {high}",
            key=row["key"],
            alone=percent(first),
            total=percent(total),
            value=plain(float(row["value"]), 3),
            low=plain(float(row["low"]), 3),
            high=plain(float(row["high"]), 3),
        )
        parts += [
            _name(left - 12, y + 19, name),
            _BAR.format(left, y + 5, round(total * unit, 1), ROW - 10, TOTAL, said),
            _BAR.format(left, y + 5, round(first * unit, 1), ROW - 10, FIRST, said),
            _TEXT.format("figure", WIDTH - 2, y + 19, "end", f"{percent(total)}"),
        ]
    bottom = HEAD + ROW * len(rows)
    note = say(
        "share of the variance of the net present worth: dark, alone; light, with its interplay"
    )
    parts.append(_TEXT.format("note", left, bottom + 22, "start", note))
    title = say("What decides how much the line is worth")
    return _FRAME.format(WIDTH, bottom + FOOT, title, title, Markup("").join(parts))


def years(case: DividendCase, parties: Sequence[tuple[str, str]]) -> Markup | None:
    """Draw the net money of each year, party by party, with nine draws in ten.

    Parameters
    ----------
    case
        With its table of years.
    parties
        ISO3 and name of each that is drawn.

    Returns
    -------
    Markup or None
        An SVG; None without years.
    """
    if not len(case.years):
        return None
    tables = [
        (name, own.sort_values("year"))
        for party, name in parties
        if len(own := case.years[case.years["party"] == party])
    ]
    ends = ["low", "mid", "high"]
    sizes = [float(own[ends].abs().to_numpy().max()) for _, own in tables]
    if not any(size > 0 for size in sizes):
        return None
    count = max(len(own) for _, own in tables)
    step, parts = (RIGHT - LEFT) / max(count - 1, 1), []
    for n, ((name, own), size) in enumerate(zip(tables, sizes, strict=True)):
        most = size or 1.0
        unit = TALL / 2 / most
        middle = HEAD + n * (TALL + 14) + TALL / 2
        places = {
            end: [
                f"{LEFT + step * row['year']:.1f} {middle - float(row[end]) * unit:.1f}"
                for row in own.to_dict("records")
            ]
            for end in ends
        }
        band = "L".join([*places["low"], *reversed(places["high"])])
        parts += [
            Markup('<path class="band" d="M{}Z"/>').format(band),
            Markup('<path class="grid" d="M{} {}H{}"/>').format(LEFT, middle, RIGHT),
            Markup('<path class="yearly" d="M{}"/>').format("L".join(places["mid"])),
            _TEXT.format("name", LEFT - 12, middle + 4, "end", name),
            _TEXT.format("tick", RIGHT + 8, middle + 4, "start", "0"),
            _TEXT.format("tick", RIGHT + 8, middle - TALL / 2 + 8, "start", money(most)),
            _TEXT.format("tick", RIGHT + 8, middle + TALL / 2, "start", money(-most)),
        ]
    bottom = HEAD + len(tables) * (TALL + 14)
    note = say(
        "year 0 to {last}; USD of the year, each on its own scale; band: nine draws in ten",
        last=count - 1,
    )
    parts.append(_TEXT.format("note", LEFT, bottom + 8, "start", note))
    title = say("Net money by year")
    return _FRAME.format(WIDTH, bottom + 16, title, title, Markup("").join(parts))


def _left(names: Sequence[str]) -> float:
    """Give where the bars begin, px: beyond the longest name, as far as there is room."""
    return min(max([LEFT, *(12 + 4 + LETTER * len(name) for name in names)]), WIDEST)


def _name(right: float, y: float, name: str) -> Markup:
    """Write a bar's name so that it ends at a place, px; on two lines where one is too short."""
    if LETTER * len(name) <= right:
        return _TEXT.format("name", right, y, "end", name)
    words = name.split(" ")
    cut = min(range(1, len(words) + 1), key=lambda n: abs(len(" ".join(words[:n])) - len(name) / 2))
    lines = (" ".join(words[:cut]), " ".join(words[cut:]))
    return Markup("").join(
        _TEXT.format("name", right, y + shift, "end", line)
        for line, shift in zip(lines, (-7, 7), strict=True)
        if line
    )


def _scale(left: float, low: float, high: float) -> Callable[[float], float]:
    """Give the place of an amount across the picture, whose bars begin at a place, px."""
    unit = (RIGHT - left) / max(high - low, 1e-12)
    return lambda value: round(left + (value - low) * unit, 1)
