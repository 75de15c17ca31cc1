"""How deep the keys of a TOML text go: Python's reader takes the square of that in time."""

from __future__ import annotations

import re

__all__ = ["MOST_PARTS", "too_deep"]

MOST_PARTS = 32  # of a dotted key; the deepest of a scenario has five
# possessive, and begun at a key's first sign only, so that the search itself takes no square
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_DEEP = re.compile(rf"""(?<![A-Za-z0-9_"'\\-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MOST_PARTS}}}""")


def too_deep(text: str) -> int | None:
    """Find a key of more parts than any scenario has.

    Parameters
    ----------
    text
        TOML; words in strings are taken for keys too, which no text of ours comes near.

    Returns
    -------
    int or None
        Number of the line where it begins, from 1; None where there is none.
    """
    found = _DEEP.search(text)
    return None if found is None else text.count("\n", 0, found.start()) + 1
