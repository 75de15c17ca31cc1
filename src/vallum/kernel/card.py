"""Cards: what a result says of itself in a notebook or a console, its arrays left out.

A stage says which figures of its result tell most (`Shown.card`); how a card looks is said in
`vallum.kernel.card_html` and `vallum.kernel.card_text`, and nowhere else. It stands in the kernel
so that every result can have one: a card knows no states, and no stage.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vallum.kernel import card_html, card_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vallum.kernel.ledger import Assumption

__all__ = ["Card", "Cell", "Picture", "Row", "Shown", "Table", "gathered", "ranged", "rests_on"]

Cell = str | float | None | tuple[float, float, float]  # a text, a figure, or low, value and high


@dataclass(frozen=True)
class Row:
    """A figure of a card.

    Attributes
    ----------
    label
        What it is.
    value
        The figure, or a text; None where it is not known.
    unit
        Of the figure: "USD/yr", "km", "share" (written in per cent), "people" and so on.
    low, high
        Ends of its range; None where it has none.
    how
        How sure it is: "exact", what the range holds, or that it is a judgement.
    main
        Whether it is among the few that stand for the result, in a line or on the card of a plan.
    under
        Heading that it stands under; empty for none.
    """

    label: str
    value: float | str | None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    how: str = ""
    main: bool = False
    under: str = ""


@dataclass(frozen=True)
class Table:
    """A few rows of a result's table.

    Attributes
    ----------
    title
        What the rows are, which of how many are shown, and what their ranges hold.
    heads
        Name and unit of each column; the first names the row.
    rows
        As many cells as heads.
    """

    title: str
    heads: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, eq=False)
class Picture:
    """A map the size of a thumb.

    Attributes
    ----------
    title
        What it shows.
    codes
        Row of `classes` per cell, −1 for what is not drawn; shape (rows, cols). Where it is drawn
        with fewer cells, the highest code of those that fall together is what is seen.
    classes
        Name for people, and name of the colour in `vallum.kernel.card_html.COLOURS`.
    """

    title: str
    codes: NDArray[np.int8]
    classes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Card:
    """What a result says of itself.

    Attributes
    ----------
    name
        Of its type.
    title
        Which question it answers, or what it is of.
    rows
        Its figures.
    warnings
        What a reader must not miss: that it is an illustration, that a standard is not met.
    table, picture
        None where there is none.
    notes
        What the figures rest on and leave out.
    """

    name: str
    title: str
    rows: tuple[Row, ...]
    warnings: tuple[str, ...] = ()
    table: Table | None = None
    picture: Picture | None = None
    notes: tuple[str, ...] = ()


class Shown:
    """A result that shows itself: in a line where it is named, and as a card where it is looked at.

    A dataclass that is one is declared with `repr=False`: its own would write out every array.
    """

    __slots__ = ()

    def card(self) -> Card:
        """Say in short what was found; every figure is a field of the result or follows from it."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return card_text.line(self.card())

    def __str__(self) -> str:
        return card_text.text(self.card())

    def _repr_html_(self) -> str:
        """Give the card that a notebook shows."""
        return card_html.html(self.card())


def gathered(
    name: str,
    title: str,
    parts: Iterable[Card],
    *,
    picture: Picture | None = None,
    notes: Sequence[str] = (),
) -> Card:
    """Gather the main figures of several cards, each under its own title.

    A heading that a figure stood under is put behind that title.

    Parameters
    ----------
    name, title, picture, notes
        Of the card to be made.
    parts
        Those to gather from, in the order wanted. What they warn of is kept, once.

    Returns
    -------
    Card
        Without tables.
    """
    cards = tuple(parts)
    return Card(
        name,
        title,
        tuple(
            replace(row, under=f"{card.title}{f' ({row.under})' * bool(row.under)}")
            for card in cards
            for row in card.rows
            if row.main
        ),
        warnings=tuple(dict.fromkeys(said for card in cards for said in card.warnings)),
        picture=picture,
        notes=tuple(notes),
    )


def ranged(
    label: str,
    ends: tuple[float, float, float] | None,
    unit: str = "",
    how: str = "",
    *,
    main: bool = False,
    under: str = "",
) -> Row:
    """Make a row of low, value and high; None where they are not known."""
    if ends is None or any(math.isnan(end) for end in ends):
        return Row(label, None, unit, how=how, main=main, under=under)
    low, value, high = (float(end) for end in ends)
    return Row(label, value, unit, low, high, how, main=main, under=under)


def rests_on(ledger: Sequence[Assumption]) -> str:
    """Say how many assumptions a result rests on, and how many of them are judgements.

    Examples
    --------
    >>> from vallum.kernel.ledger import Assumption
    >>> rests_on([Assumption("a.b", 1.0, None, None, "", "judgement: a guess")])
    'Rests on 1 assumption, a judgement in whole or in part; `ledger` has its range and source.'
    """
    count, judged = len(ledger), sum("judgement" in each.source for each in ledger)
    if count == 1:
        told = "a judgement in whole or in part" if judged else "read in a source"
        return f"Rests on 1 assumption, {told}; `ledger` has its range and source."
    told = {0: "none", count: "all"}.get(judged, f"{judged}")
    return (
        f"Rests on {count} assumptions, {told} of them judgements in whole or in part; "
        "`ledger` has their ranges and sources."
    )
