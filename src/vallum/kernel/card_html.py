"""Cards in a notebook: one block of HTML, without a script and without anything from outside.

Text takes the colour and the font of the notebook's theme, light or dark; what has a colour of its
own keeps it, and is told apart without full colour vision. Every figure stands in a `data` element
whose value is the figure itself, of which the text shows a few digits.
"""

from __future__ import annotations

import re
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Final

from vallum.kernel.card_figures import between, capital, written
from vallum.kernel.card_picture import coarse, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vallum.kernel.card import Card, Cell, Picture, Row, Table

__all__ = ["COLOURS", "html"]

# by what they mean, as in `vallum.brief.look`, which names them all: a test holds them together
COLOURS: Final = {
    "held": "#0072b2", "rest": "#9b958a", "neighbour": "#ddd8ce", "partner": "#5aae61",
    "disputed": "#b9b3a8", "loss": "#c4500f", "warn": "#dd9a55",
    "harm-1": "#fee391", "harm-2": "#fec44f", "harm-3": "#f08c2e", "harm-4": "#c4500f",
    "harm-5": "#7f2704",
    "early-1": "#0a4f78", "early-2": "#2a84a0", "early-3": "#5cb4a6", "early-4": "#a0d6b4",
    "kind-1": "#0072b2", "kind-2": "#e69f00", "kind-3": "#009e73", "kind-4": "#cc79a7",
    "kind-5": "#d55e00", "kind-6": "#56b4e9", "kind-7": "#f0e442", "kind-8": "#5b2d84",
}  # fmt: skip
_CODE = re.compile(r"`([^`]+)`")
_GREY = "rgba(128,128,128,.35)"
_BROAD, _HIGH = 64, 12  # of a whisker, px
_CARD = ".vallum-card.vallum-card"  # said twice: a notebook's own style of tables gives way
STYLE: Final = (
    f"{_CARD}{{max-width:56rem;margin:.4em 0;padding:.7em 1em;border:1px solid {_GREY};"
    f"border-left:4px solid {COLOURS['held']};border-radius:4px;line-height:1.4;font-size:.93em}}"
    f"{_CARD} p{{margin:.45em 0 0}}"
    f"{_CARD} .head{{font-size:1.1em}}{_CARD} .head b{{margin-right:.5em}}"
    f"{_CARD} .quiet{{opacity:.75}}"
    f"{_CARD} .warn{{border-left:4px solid {COLOURS['warn']};padding:.1em .6em}}"
    f"{_CARD} .body{{display:flex;flex-wrap:wrap;gap:.6em 1.4em;align-items:flex-start}}"
    f"{_CARD} .body>*{{margin:.5em 0 0}}{_CARD} .rows{{flex:1 1 32em;overflow-x:auto}}"
    f"{_CARD} figure{{flex:0 0 auto}}"
    f"{_CARD} table{{border-collapse:collapse;border:0;margin:0;font-size:1em;width:auto}}"
    f"{_CARD} caption{{text-align:left;caption-side:top;color:inherit;padding:.3em 0;opacity:.75}}"
    f"{_CARD} tbody tr,{_CARD} tbody tr:nth-child(odd),{_CARD} tbody tr:hover,"
    f"{_CARD} thead tr{{background:none;border:0}}"
    f"{_CARD} th,{_CARD} td{{border:0;border-top:1px solid {_GREY};background:none;"
    "color:inherit;padding:.22em 1.1em .22em 0;text-align:left;vertical-align:top;"
    "font-weight:normal;white-space:normal;max-width:24em}"
    f"{_CARD} thead th{{border-top:0;opacity:.75;vertical-align:bottom}}"
    f"{_CARD} .under th{{font-weight:bold;padding-top:.75em}}"
    f"{_CARD} td.figure,{_CARD} th.figure{{text-align:right;white-space:nowrap;"
    "font-variant-numeric:tabular-nums}"
    f"{_CARD} .ends{{white-space:nowrap;font-variant-numeric:tabular-nums}}"
    f"{_CARD} .ends svg{{vertical-align:middle;margin-right:.5em}}"
    f"{_CARD} small{{display:block;font-size:.86em;opacity:.72;line-height:1.3}}"
    f"{_CARD} code{{font-size:.95em;background:none;color:inherit;padding:0}}"
    f"{_CARD} .rows th{{width:18em}}{_CARD} .figure>*{{white-space:nowrap}}"
    f"@media(max-width:600px){{{_CARD} .ends svg{{display:none}}{_CARD} .rows th{{width:auto}}"
    f"{_CARD} th,{_CARD} td{{padding-right:.6em}}{_CARD} td.figure{{white-space:normal}}}}"
    f"{_CARD} .more{{margin-top:.7em;overflow-x:auto}}"
    f"{_CARD} figcaption{{font-size:.92em;max-width:17em}}"
    f"{_CARD} .key{{display:inline-block;white-space:nowrap;margin-right:.9em}}"
    f"{_CARD} .key svg{{vertical-align:-1px;margin-right:.35em}}"
)


def html(card: Card) -> str:
    """Write a card.

    Parameters
    ----------
    card
        To write; its texts may hold anything.

    Returns
    -------
    str
        One `div`, with its own style in it.
    """
    figure = "" if card.picture is None else _picture(card.picture)
    told = "".join(f'<p class="warn">{_said(said)}</p>' for said in card.warnings)
    table = "" if card.table is None else _table(card.table)
    notes = "".join(f'<p class="quiet">{_said(said)}</p>' for said in card.notes)
    return (
        f'<div class="vallum-card"><style>{STYLE}</style>'
        f'<div class="head"><b>{escape(card.name)}</b>{escape(card.title)}</div>{told}'
        f'<div class="body"><div class="rows">{_rows(card.rows)}</div>{figure}</div>'
        f"{table}{notes}</div>"
    )


def _said(text: str) -> str:
    """Write a text; what stands between backticks is code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _rows(rows: Sequence[Row]) -> str:
    """Write the figures of a card."""
    out = []
    for under, some in groupby(rows, key=lambda row: row.under):
        if under:
            head = escape(capital(under))
            out.append(f'<tr class="under"><th colspan="3" scope="rowgroup">{head}</th></tr>')
        out += [_row(row) for row in some]
    return f"<table><tbody>{''.join(out)}</tbody></table>"


def _row(row: Row) -> str:
    """Write a figure: its label, itself, its range, and how sure it is."""
    how = f"<small>{_said(row.how)}</small>" if row.how else ""
    label = f'<th scope="row">{escape(row.label)}{how}</th>'
    if isinstance(row.value, str):  # a sentence has all the room
        return f'<tr>{label}<td colspan="2">{escape(row.value)}</td></tr>'
    value = f'<td class="figure">{_data(row.value, row.unit)}</td>'
    return f"<tr>{label}{value}<td>{_ends(row)}</td></tr>"


def _data(value: float | None, unit: str) -> str:
    """Write a figure with its own value beside what is seen of it."""
    shown = escape(written(value, unit))
    return shown if value is None else f'<data value="{_exactly(value)}">{shown}</data>'


def _exactly(value: float) -> str:
    """Write a figure so that it can be read back, whatever kind of number it is."""
    return repr(value) if isinstance(value, bool | int) else repr(float(value))


def _ends(row: Row) -> str:
    """Write the ends of a range, with a whisker where there is something to draw."""
    if row.low is None or row.high is None:
        return ""
    beside = None if isinstance(row.value, str) else row.value
    said = escape(between(row.low, row.high, row.unit, beside=beside))
    return (
        f'<span class="ends" data-low="{_exactly(row.low)}" data-high="{_exactly(row.high)}">'
        f"{_whisker(row)}{said}</span>"
    )


def _whisker(row: Row) -> str:
    """Draw a range from 0 on, and the value on it."""
    if row.low is None or row.high is None or isinstance(row.value, str | None):
        return ""
    ends = (row.low, row.value, row.high)
    least = min(0.0, *ends)
    most = max(0.0, *ends)
    if row.unit == "share" and least >= 0.0 and most <= 1.0:
        most = 1.0  # how much of all
    if not 0.0 < most - least < float("inf"):
        return ""
    low, at, high, zero = (
        1.0 + (_BROAD - 2) * (one - least) / (most - least) for one in (*ends, 0.0)
    )
    middle = _HIGH / 2
    return (
        f'<svg width="{_BROAD}" height="{_HIGH}" viewBox="0 0 {_BROAD} {_HIGH}" aria-hidden="true">'
        f'<path d="M1 {middle:g}H{_BROAD - 1}M{zero:.1f} 1V{_HIGH - 1}" stroke="{_GREY}"/>'
        f'<rect x="{low:.1f}" y="{middle - 2:g}" width="{max(high - low, 1.0):.1f}" height="4" '
        f'fill="{COLOURS["held"]}" fill-opacity=".8"/>'
        f'<path d="M{at:.1f} 1V{_HIGH - 1}" stroke="currentColor" stroke-width="2"/></svg>'
    )


def _table(table: Table) -> str:
    """Write a few rows of a table; a column of figures is set to the right."""
    texts = [all(isinstance(row[n], str) for row in table.rows) for n in range(len(table.heads))]
    heads = "".join(
        f'<th scope="col"{"" if text else _FIGURE}>{escape(name)}'
        f"{f'<br>{escape(unit)}' if unit not in {'', 'share'} else ''}</th>"
        for (name, unit), text in zip(table.heads, texts, strict=True)
    )
    body = "".join(f"<tr>{_cells(row, table.heads, texts)}</tr>" for row in table.rows)
    return (
        f'<div class="more"><table><caption>{escape(table.title)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


_FIGURE = ' class="figure"'


def _cells(row: Iterable[Cell], heads: Sequence[tuple[str, str]], texts: Sequence[bool]) -> str:
    """Write the cells of a row."""
    out = []
    for number, (cell, (_, unit), text) in enumerate(zip(row, heads, texts, strict=True)):
        tag, scope = ("th", ' scope="row"') if number == 0 else ("td", "")
        out.append(f"<{tag}{scope}{'' if text else _FIGURE}>{_cell(cell, unit)}</{tag}>")
    return "".join(out)


def _cell(cell: Cell, unit: str) -> str:
    """Write a cell; a figure with a range has it behind it."""
    if isinstance(cell, str):
        return escape(cell)
    bare = unit if unit in {"share", "people", "men"} else "-"
    if isinstance(cell, tuple):
        low, value, high = cell
        ends = escape(between(low, high, bare, beside=value))
        return (
            f'{_bare(value, bare)} <span class="quiet" data-low="{_exactly(low)}" '
            f'data-high="{_exactly(high)}">({ends})</span>'
        )
    return "–" if cell is None else _bare(cell, bare)


def _bare(value: float, unit: str) -> str:
    """Write a figure whose unit stands in the head of its column."""
    kept = unit if unit == "share" else ""
    shown = written(value, unit).removesuffix(f" {unit}") if kept == "" else written(value, unit)
    return f'<data value="{_exactly(value)}">{escape(shown)}</data>'


def _picture(picture: Picture) -> str:
    """Draw a map with its key."""
    codes = coarse(picture.codes)
    rows, cols = codes.shape
    drawn = [n for n in range(len(picture.classes)) if (codes == n).any()]
    if not drawn:
        return ""
    across = round(210 * min(1.0, cols / rows))
    side = max(1, round(5 * cols / across))  # of the hatch, in cells: five pixels or so
    paths = "".join(
        f'<path fill="{_fill(picture.classes[n][1], side)}" d="{runs(codes, n)}"/>' for n in drawn
    )
    keys = "".join(
        f'<span class="key"><svg width="11" height="11" aria-hidden="true"><rect width="11" '
        f'height="11" fill="{_fill(colour, 4)}"/></svg>{escape(name)}</span> '
        for name, colour in (picture.classes[n] for n in drawn)
    )
    title = escape(picture.title)
    hatch = _hatch(side)
    return (
        f'<figure><svg width="{across}" height="{round(across * rows / cols)}" '
        f'viewBox="0 0 {cols} {rows}" shape-rendering="crispEdges" role="img" '
        f'aria-label="{title}"><defs>{hatch}</defs>{paths}</svg>'
        f"<figcaption>{title}<br>{keys}</figcaption></figure>"
    )


def _fill(colour: str, side: int) -> str:
    """Give the fill of a class: disputed land is hatched on every map."""
    return f"url(#vallum-hatch-{side})" if colour == "disputed" else COLOURS[colour]


def _hatch(side: int) -> str:
    """Draw the hatch of disputed land, on the map and in its key; the same wherever it is drawn."""
    return "".join(
        f'<pattern id="vallum-hatch-{n}" width="{n}" height="{n}" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="{n / 2:g}" height="{n}" '
        f'fill="{COLOURS["disputed"]}"/></pattern>'
        for n in sorted({side, 4})
    )
