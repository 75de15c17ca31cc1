"""Blocks of the docs' pages, and how they are run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ROOT", "Block", "blocks", "name", "run_python"]

ROOT = Path(__file__).parents[1]


class Block(NamedTuple):
    """A fenced block of a page, and where it begins."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """Find the fenced blocks of a page."""
    text = page.read_text("utf-8")
    for found in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield Block(found[1], found[2], text.count("\n", 0, found.start()) + 1)


def name(path: Path) -> str:
    """Name a page from the project's folder."""
    return str(path.relative_to(ROOT))


def run_python(block: Block, page: Path, namespace: dict[str, object]) -> None:
    """Run a block of Python in a namespace; a traceback names the page's own lines."""
    code = compile("\n" * block.line + block.text, str(page), "exec")
    exec(code, namespace)  # noqa: S102  (the docs' own code is what is tested)
