"""What a source's client hands on: files, terms, and the tables of CONFIG.toml for them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vallum.theatre.fetch.cache import Kept

__all__ = ["Gathered", "Layer", "snippet"]


@dataclass(frozen=True)
class Layer:
    """One table of CONFIG.toml.

    Attributes
    ----------
    table
        Its name; with brackets of its own where it may stand several times.
    files
        Their names.
    address
        Where they were read: one address, or the folder of several.
    licence, date
        Of this layer.
    keys
        What else the layer must say.
    """

    table: str
    files: tuple[str, ...]
    address: str
    licence: str
    date: str
    keys: Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Gathered:
    """All that a source gave.

    Attributes
    ----------
    kept
        The files, in the cache.
    licence, source, date
        As in `model.Fetched`.
    layers
        For CONFIG.toml.
    notes
        What the user should know of them, one line each.
    """

    kept: tuple[Kept, ...]
    licence: str
    source: str
    date: str
    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()


def snippet(gathered: Gathered) -> str:
    """Write the layers as TOML, to be pasted into a theatre's CONFIG.toml."""
    lines = [f"# {note}" for note in gathered.notes]
    for layer in gathered.layers:
        lines += [
            "",
            f"[{layer.table}]",
            f"file = {_quoted(layer.files)}",
            f"source = {_quoted(gathered.source)}",
            f"licence = {_quoted(layer.licence)}",
            f"address = {_quoted(layer.address)}",
            f"date = {_quoted(layer.date)}",
            *(f"{key} = {_quoted(value)}" for key, value in layer.keys.items()),
        ]
    return "\n".join(lines).lstrip("\n") + "\n"


def _quoted(value: str | Sequence[str]) -> str:
    """Write a text or a list of texts as TOML: JSON's strings are TOML's, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
