"""Paths of keys in a plan's record, and patterns of them as the dictionary writes them."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["leaves", "patterns", "says"]


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give every value that holds no others, by its path; "[]" is any item of a list."""
    if isinstance(value, dict) and value:
        for key, within in value.items():
            yield from leaves(within, (*path, key))
    elif isinstance(value, list) and value:
        for within in value:
            yield from leaves(within, (*path, "[]"))
    else:
        yield path, value


def patterns(name: str) -> list[tuple[re.Pattern[str], ...]]:
    """Give the patterns of a name, an expression for each part of a path."""
    pieces = re.split(r"\[(\.[^\]]+)\]", name)  # what may be there or not, at odd places
    options = [(piece, "") if n % 2 else (piece,) for n, piece in enumerate(pieces)]
    return [_parts("".join(chosen)) for chosen in itertools.product(*options)]


def _parts(name: str) -> tuple[re.Pattern[str], ...]:
    parts = []
    for each in name.split("."):
        bare = each.replace("[]", "")
        parts += [*([bare] if bare else []), *(["[]"] * each.count("[]"))]
    return tuple(re.compile(_expression(part)) for part in parts)


def _expression(part: str) -> str:
    """Turn `{a|b}` into a choice, `{x}` into anything."""
    out = ""
    for piece in re.split(r"(\{[^{}]*\})", part):
        if piece.startswith("{"):
            out += f"(?:{piece[1:-1]})" if "|" in piece else ".+"
        else:
            out += re.escape(piece)
    return out


def says(pattern: tuple[re.Pattern[str], ...], path: tuple[str, ...], value: Any) -> bool:
    """Whether a pattern is of a path; of one that holds nothing, also what would be within."""
    empty = value is None or value in ([], {})
    if len(path) > len(pattern) or (len(path) < len(pattern) and not empty):
        return False
    return all(one.fullmatch(key) for one, key in zip(pattern, path, strict=False))
