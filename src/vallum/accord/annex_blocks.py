"""What the annex is written in: pieces of text, each number with its key; and its trace.

Fixed wording carries no digit. Every digit of the draft stands in a piece of text with a key, so
that `trace` can say where it comes from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vallum.accord.annex_figures import AnnexFigures

__all__ = [
    "NUMBER",
    "Annex",
    "Block",
    "Heading",
    "Line",
    "Paragraph",
    "Piece",
    "Table",
    "keyed",
    "lines",
    "said",
    "trace",
]

# 1,234 and 0.5 and 2027-03-01 and 5/10/98 are one number each; a sign belongs to it
NUMBER = re.compile(r"(?:(?<!\w)[−-])?\d+(?:[.,:/–-]\d+)*")


@dataclass(frozen=True)
class Piece:
    """A run of text; with a key if it was taken from the figures, without if it is wording."""

    text: str
    key: str = ""


Line: TypeAlias = tuple[Piece, ...]


@dataclass(frozen=True)
class Heading:
    """A heading: level 0 the title, 1 an article, 2 a part of one."""

    level: int
    line: Line


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `item` if it is one of a list."""

    line: Line
    item: bool = False


@dataclass(frozen=True)
class Table:
    """A table: heads of columns, and rows of cells. `numeric` columns are set to the right."""

    heads: tuple[str, ...]
    cells: tuple[tuple[Line, ...], ...]
    numeric: tuple[bool, ...]


Block: TypeAlias = Heading | Paragraph | Table


@dataclass(frozen=True)
class Annex:
    """A draft.

    Attributes
    ----------
    title
        Of the document.
    figures
        What it was made of.
    blocks
        What it says, in order.
    """

    title: str
    figures: AnnexFigures
    blocks: tuple[Block, ...]


def said(text: str) -> Piece:
    """Make a piece of wording.

    Raises
    ------
    AssertionError
        If it holds a digit, which would have no origin.
    """
    if NUMBER.search(text):
        raise AssertionError(f"a number without a key in the annex: {text!r}")
    return Piece(text)


def keyed(text: str, key: str) -> Piece:
    """Make a piece that was taken from the figures; line breaks become spaces."""
    whole = " ".join(text.split())
    if not whole:
        raise AssertionError(f"a blank in the annex: {key}")
    return Piece(whole, key)


def trace(annex: Annex) -> tuple[tuple[str, str], ...]:
    """Say where each number of the draft comes from.

    Parameters
    ----------
    annex
        The draft.

    Returns
    -------
    tuple of (str, str)
        Each number as it is printed and the key of what it was taken from, in the order of the
        text. `vallum.accord.annex_figures.value_of` looks a key up.
    """
    return tuple(
        (number, piece.key)
        for block in annex.blocks
        for line in lines(block)
        for piece in line
        for number in NUMBER.findall(piece.text)
    )


def lines(block: Block) -> Iterator[Line]:
    """Give the lines of a block, in the order in which they are read."""
    if isinstance(block, Table):
        for head in block.heads:
            yield (said(head),)
        for row in block.cells:
            yield from row
    else:
        yield block.line
