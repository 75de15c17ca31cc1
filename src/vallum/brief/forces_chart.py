"""The programme as a picture: work by sector, what is protected, and money by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pandas as pd
from markupsafe import Markup, escape

from vallum.brief import look
from vallum.brief.language import dated, named, say
from vallum.brief.page_text import amount, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from vallum.forces import Forces
    from vallum.forces.programme import Programme

__all__ = ["timeline"]

Place: TypeAlias = "Callable[[float], float]"

WIDTH, LEFT, RIGHT = 960, 150, 16
ROW, BAND = 17, 110  # px: a sector's row, and each of the two charts below
# Okabe and Ito's colours, told apart by the colour-blind; further builders repeat them
COLOURS = look.KINDS[:4]
COVER, MONEY, RUNNING = look.SURE[2], look.COST, look.fade(look.COST, 0.5)
TICKS = (1, 2, 5, 10)
_RULE = Markup('<path class="grid" d="M{} {}H{}"/><text class="label" x="{}" y="{}">{}</text>')
_YEAR = Markup('<path class="grid" d="M{0} {1}V{2}"/><text class="tick" x="{0}" y="{3}">{4}</text>')
_NAME = Markup('<text class="label" x="{}" y="{}">{}</text>')
_BAR = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"><title>{}</title></rect>')
MOST_TICKS = 14


def timeline(found: Forces, names: dict[str, str]) -> Markup | None:
    """Draw the programme.

    Parameters
    ----------
    found
        The stage's result.
    names
        Of states by ISO3.

    Returns
    -------
    Markup or None
        An SVG; None where nothing is built.
    """
    programme = found.programme
    if programme is None or not len(programme.table):
        return None
    first = programme.table["start_month"].min()
    last = int(programme.table["covered_month"].max())
    scale = (WIDTH - LEFT - RIGHT) / max(last - int(first) + 1, 1)

    def x(month: float) -> float:
        return round(LEFT + (month - int(first)) * scale, 1)

    rows = programme.table.reset_index(drop=True)
    top = 26
    gantt = top + ROW * len(rows)
    curve = gantt + 34 + BAND
    bottom = curve + 40 + BAND
    start = pd.Timestamp(str(rows["start"].iloc[0])) - pd.DateOffset(
        months=int(rows["start_month"].iloc[0])
    )
    parts = _years(start, int(first), last, x, top, bottom)
    parts += _bars(programme, rows, x, top, names)
    parts += _protected(programme, start, x, gantt + 34, last)
    parts += _money(programme, start, x, curve + 40, int(first), last)
    title = say("Programme of building: work by sector, share protected, money by year")
    return Markup(
        '<svg class="programme" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}'
        "</svg>"
    ).format(WIDTH, bottom + 24, title, title, Markup("").join(parts))


def _years(
    start: pd.Timestamp, first: int, last: int, x: Place, top: int, bottom: int
) -> list[Markup]:
    """Draw a line and a label for years."""
    begin = start + pd.DateOffset(months=first)
    years = range(begin.year + (begin.month > 1), (start + pd.DateOffset(months=last)).year + 2)
    every = next((step for step in TICKS if len(years) / step <= MOST_TICKS), TICKS[-1])
    out = []
    for year in years:
        if (year - years[0]) % every:
            continue
        month = (year - start.year) * 12 + 1 - start.month
        if month > last + 1:
            continue
        out.append(_YEAR.format(x(month), top - 6, bottom, top - 11, year))
    return out


def _bars(
    programme: Programme, rows: pd.DataFrame, x: Place, top: int, names: dict[str, str]
) -> list[Markup]:
    """Draw each sector's work, and the wait until it is covered."""
    pools = sorted({str(pool) for pool in programme.stages["pool"]})
    colour = {pool: COLOURS[n % len(COLOURS)] for n, pool in enumerate(pools)}
    out = []
    for n, row in enumerate(rows.to_dict("records")):
        y = top + ROW * n
        out.append(
            _NAME.format(
                LEFT - 8,
                y + 12,
                say(
                    "sector {number}, {state}",
                    number=row["sector"],
                    state=named(names.get(str(row["state"]), str(row["state"]))),
                ),
            )
        )
        built, covered = x(float(row["built_month"])), x(float(row["covered_month"]))
        out.append(
            _BAR.format(
                built, y + 5, round(covered - built, 1), 7, COVER, say("built, not yet covered")
            )
        )
        mine = programme.stages[programme.stages["sector"] == row["sector"]]
        for stage in mine.to_dict("records"):
            begin = x(float(stage["start_month"]))
            width = max(x(float(stage["start_month"] + stage["months"])) - begin, 1.0)
            told = say(
                "{companies} companies of {pool}, {start} to {end}",
                companies=stage["companies"],
                pool=named(names.get(str(stage["pool"]), str(stage["pool"]))),
                start=dated(pd.Timestamp(str(stage["start"])), "MMM y"),
                end=dated(pd.Timestamp(str(stage["end"])), "MMM y"),
            )
            out.append(
                _BAR.format(begin, y + 3, round(width, 1), 11, colour[str(stage["pool"])], told)
            )
        out.append(Markup('<path class="mark" d="M{0} {1}v13"/>').format(covered, y + 2))
    keys = [
        *(
            (c, say("engineers of {pool} at work", pool=named(names.get(p, p))))
            for p, c in colour.items()
        ),
        (COVER, say("built, not yet covered")),
    ]
    return [*out, _legend(keys)]


def _legend(keys: list[tuple[str, str]]) -> Markup:
    """Draw a legend above the picture's first row."""
    at, parts = LEFT, []
    for colour, text in keys:
        parts.append(
            Markup('<tspan x="{}" fill="{}">■</tspan><tspan dx="4">{}</tspan>').format(
                at, colour, escape(text)
            )
        )
        at += 24 + int(6.6 * len(text))
    return Markup('<text class="key" y="0" dy="-1">{}</text>').format(Markup("").join(parts))


def _protected(
    programme: Programme, start: pd.Timestamp, x: Place, top: int, last: int
) -> list[Markup]:
    """Draw the share of the value that is protected, as it steps up."""
    points = []
    high = 0.0
    for row in programme.protected.to_dict("records"):
        day = pd.Timestamp(str(row["date"]))
        at = x((day.year - start.year) * 12 + day.month - start.month)
        points += [f"{at} {_y(top, high)}"]
        high = float(row["share"])
        points += [f"{at} {_y(top, high)}"]
    points.append(f"{x(float(last))} {_y(top, high)}")
    lines = [
        _RULE.format(
            LEFT, _y(top, share), WIDTH - RIGHT, LEFT - 8, _y(top, share) + 4, percent(share)
        )
        for share in (0.0, 0.5, 1.0)
    ]
    return [
        Markup('<text class="head" x="{}" y="{}">{}</text>').format(
            LEFT, top - 6, say("Share of the value protected")
        ),
        *lines,
        Markup('<path class="curve" d="M{}"/>').format("L".join(points)),
    ]


def _y(top: int, share: float) -> float:
    return round(top + BAND * (1.0 - share), 1)


def _money(
    programme: Programme, start: pd.Timestamp, x: Place, top: int, first: int, last: int
) -> list[Markup]:
    """Draw capital and running costs by year, of all states together."""
    by_year = programme.cash.groupby("year")[["capital_usd", "running_usd"]].sum()
    most = float(by_year.sum(axis=1).max()) or 1.0
    out = [
        Markup(
            '<text class="head" x="{}" y="{}">{} <tspan fill="{}">■</tspan> {} '
            '<tspan fill="{}">■</tspan> {}</text>'
        ).format(
            LEFT,
            top - 6,
            say("Money by year, USD:"),
            MONEY,
            say("capital"),
            RUNNING,
            say("running the line"),
        )
    ]
    out += [
        _RULE.format(
            LEFT, _y(top, share), WIDTH - RIGHT, LEFT - 8, _y(top, share) + 4, amount(share * most)
        )
        for share in (0.0, 0.5, 1.0)
    ]
    for year, row in by_year.iterrows():
        begin = (int(str(year)) - start.year) * 12 + 1 - start.month
        left = x(float(max(begin, first)))
        width = x(float(min(begin + 12, last + 1))) - left
        if width <= 0:
            continue
        base = 0.0
        for name, colour in (("capital_usd", MONEY), ("running_usd", RUNNING)):
            share = float(row[name]) / most
            out.append(
                _BAR.format(
                    round(left + 1, 1),
                    _y(top, base + share),
                    round(max(width - 2, 1.0), 1),
                    round(BAND * share, 1),
                    colour,
                    say("{name}: {what}", name=year, what=f"{amount(float(row[name]))} USD"),
                )
            )
            base += share
    return out
