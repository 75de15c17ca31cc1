"""The annex as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vallum.accord.annex_blocks import Heading, Paragraph, Table

if TYPE_CHECKING:
    from vallum.accord.annex_blocks import Annex, Block, Line

__all__ = ["to_markdown"]

_MARKS = re.compile(r"([\\`*\[\]<>|])")  # what would be read as a mark; _ inside words is none


def to_markdown(annex: Annex) -> str:
    """Set the annex as Markdown (CommonMark with tables).

    Parameters
    ----------
    annex
        The draft.

    Returns
    -------
    str
        The same bytes for the same draft; ends in a line break.
    """
    parts: list[str] = []
    item = False
    for block in annex.blocks:
        now = isinstance(block, Paragraph) and block.item
        if parts:
            parts.append("\n" if item and now else "\n\n")
        parts.append(_set(block))
        item = now
    return "".join(parts) + "\n"


def _set(block: Block) -> str:
    """Set a block."""
    if isinstance(block, Heading):
        return f"{'#' * (block.level + 1)} {_line(block.line)}"
    if isinstance(block, Table):
        rule = ["---:" if numeric else "---" for numeric in block.numeric]
        rows = [[_escaped(head) for head in block.heads], rule]
        rows += [[_line(cell) for cell in row] for row in block.cells]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return ("- " if block.item else "") + _line(block.line)


def _line(line: Line) -> str:
    """Set the pieces of a line."""
    return "".join(_escaped(piece.text) for piece in line)


def _escaped(text: str) -> str:
    """Keep marks from being read as such."""
    return _MARKS.sub(r"\\\1", text)
