"""What every column, layer, band, array and key of a plan's files means: `dictionary.csv`.

The rows are those of `data/dictionary.csv`; those of the settings are the docstrings of their
classes. That nothing is written without a row, and no row is of nothing, is tested.
"""

from __future__ import annotations

import csv
import itertools
import re
from dataclasses import astuple, dataclass, fields
from importlib.resources import files
from typing import TYPE_CHECKING

import pandas as pd

from vallum.brief.dictionary_settings import described

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["NAME", "Entry", "columns_of", "dictionary", "write_dictionary"]

NAME = "dictionary.csv"
RECORD = "plan.json"
_LATER = ("tables.xlsx", "certificate.npz")  # they are made of what is written before
_METHOD = "docs/method/{}.md"
_CHOICE = re.compile(r"\{([^{}]*\|[^{}]*)\}")


@dataclass(frozen=True)
class Entry:
    """One row of the dictionary.

    Attributes
    ----------
    file
        Name of the file.
    layer
        Of a GeoPackage; empty else.
    name
        Column, band, array or path of keys; empty for a document as a whole. In paths and bands
        `[]` is any item of a list, `{x}` any key, `{a|b}` one of these, `[.x]` a part that may be
        there or not.
    type, unit, meaning
        "text", "integer", "number", "true or false", "date", a kind of geometry, or "document" for
        a file that people read; empty without a unit; in words.
    range
        "exact"; "mid" and where its range is; "end" of a range; "low, mid, high", where all three
        are there; "no range".
    when
        When it is there, or filled; empty: always.
    page
        Of the method.
    """

    file: str
    layer: str
    name: str
    type: str
    unit: str
    meaning: str
    range: str
    when: str
    page: str


def dictionary() -> tuple[Entry, ...]:
    """Give all rows, of whatever a plan may write.

    Returns
    -------
    tuple of Entry
        Columns of tables and layers one by one; keys of `plan.json` as patterns.
    """
    text = files("vallum.brief").joinpath("data/dictionary.csv").read_text("utf-8")
    rows = [entry for row in csv.DictReader(text.splitlines()) for entry in _entries(row)]
    settings = [
        Entry(RECORD, "", *found, "exact", "", _METHOD.format("brief")) for found in described()
    ]
    return (*rows, *settings)


def columns_of(file: str, layer: str = "") -> Mapping[str, Entry]:
    """Give the rows of one table or layer, by column."""
    return {row.name: row for row in dictionary() if (row.file, row.layer) == (file, layer)}


def write_dictionary(folder: Path, later: Iterable[str] = ()) -> None:
    """Write `dictionary.csv`: the rows of the files that are in the folder, and of some others.

    Parameters
    ----------
    folder
        Of the plan.
    later
        Names of files that are yet to be written, besides those that every folder holds.
    """
    there = {path.name for path in folder.iterdir()} | {NAME, *_LATER, *later}
    rows = [astuple(row) for row in dictionary() if row.file in there]
    table = pd.DataFrame(rows, columns=[field.name for field in fields(Entry)])
    table.to_csv(folder / NAME, index=False)


def _entries(row: Mapping[str, str]) -> Iterator[Entry]:
    """Lay out one row of the data: it may be of several tables, and of several columns."""
    for where in row["tables"].split():
        file, _, within = where.partition("/")
        path = file == RECORD
        names = [".".join(filter(None, (within, row["name"])))] if path else _each(row["name"])
        for name in names:
            yield Entry(
                file, "" if path else within, name, row["type"], row["unit"], row["meaning"],
                row["range"], row["when"], _METHOD.format(row["page"]),
            )  # fmt: skip


def _each(name: str) -> list[str]:
    """Write out the choices in a name.

    Examples
    --------
    >>> _each("men_{low|high}")
    ['men_low', 'men_high']
    """
    parts = _CHOICE.split(name)  # what stands between choices, and choices, in turn
    options = [part.split("|") if n % 2 else [part] for n, part in enumerate(parts)]
    return ["".join(chosen) for chosen in itertools.product(*options)]
