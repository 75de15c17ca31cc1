"""Docstrings are plain text with code between backticks: signs that reST would read are escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SIGNS = re.compile(r"([*|]|(?<=\w)_(?!\w))")


def escape(line: str) -> str:
    """Escape what reST would take for markup, code left as it is."""
    parts = line.split("`")
    return "`".join(
        SIGNS.sub(r"\\\1", part) if n % 2 == 0 else part for n, part in enumerate(parts)
    )


def escape_docstring(
    _app: Sphinx, _what: str, _name: str, _found: object, _options: object, lines: list[str]
) -> None:
    """Escape a docstring in place; literal blocks and doctests keep what they have."""
    literal = False
    for number, line in enumerate(lines):
        text = line.strip()
        if text.startswith(">>>"):
            literal = True
        elif not text:
            literal = False
        if not literal:
            lines[number] = escape(line)


def shorten_signature(
    _app: Sphinx, what: str, _name: str, found: object, _options: object, signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:  # fmt: skip
    """Leave out what settings are made with: the page of settings has every field."""
    if what == "class" and isinstance(found, type) and issubclass(found, BaseModel):
        return "(**settings)", None
    return signature, returns


def setup(app: Sphinx) -> dict[str, Any]:
    """Escape before numpydoc reads."""
    app.connect("autodoc-process-docstring", escape_docstring, priority=100)
    app.connect("autodoc-process-signature", shorten_signature)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
