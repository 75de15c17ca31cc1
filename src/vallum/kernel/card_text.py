"""Cards in a console: in one line, or as lines of text."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from vallum.kernel.card_figures import between, capital, written

if TYPE_CHECKING:
    from vallum.kernel.card import Card, Row

__all__ = ["line", "text"]

WIDTH = 100
_MOST = 160  # characters of the figures of a line
_LABEL = 44


def line(card: Card) -> str:
    """Write a card as one line: its type, its title, and its main figures as long as they fit.

    Parameters
    ----------
    card
        To write.

    Returns
    -------
    str
        Between angle brackets, as Python names what it can't spell out.
    """
    told: list[str] = []
    for row in card.rows:
        said = f"{row.label}: {written(row.value, row.unit)}"
        if row.main and sum(map(len, told)) + len(said) < _MOST:
            told.append(said)
    return f"<{card.name} “{card.title}”{'; ' if told else ''}{'; '.join(told)}>"


def text(card: Card) -> str:
    """Write a card as lines of text, its table and its picture left out.

    Parameters
    ----------
    card
        To write.

    Returns
    -------
    str
        Without a line end at its end.
    """
    out = [f"{card.name}: {card.title}", *(_wrapped(f"! {said}") for said in card.warnings)]
    broad = min(max((len(row.label) for row in card.rows), default=0), _LABEL)
    for under, rows in groupby(card.rows, key=lambda row: row.under):
        if under:
            out.append(f"  {capital(under)}")
        out += [_row(row, broad) for row in rows]
    return "\n".join([*out, *(_wrapped(said) for said in card.notes)])


def _row(row: Row, broad: int) -> str:
    """Write a figure with its range, and how sure it is: behind it, or in the next line."""
    said = written(row.value, row.unit)
    if row.low is not None and row.high is not None:
        beside = None if isinstance(row.value, str) else row.value
        said += f" ({between(row.low, row.high, row.unit, beside=beside)})"
    figure = textwrap.fill(
        f"    {row.label:<{broad}}  {said}", WIDTH, subsequent_indent=" " * (broad + 6)
    )
    if not row.how:
        return figure
    if len(figure) + len(row.how) + 4 <= WIDTH:
        return f"{figure}  [{row.how}]"
    return f"{figure}\n{' ' * 6}[{row.how}]"


def _wrapped(said: str) -> str:
    return textwrap.fill(said, WIDTH, initial_indent="  ", subsequent_indent="    ")
