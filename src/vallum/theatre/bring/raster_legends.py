"""What the numbers of a raster of classes mean: the legends in use, or the user's own."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, nearest
from vallum.theatre.surface import CLIMATES, SURFACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.theatre.bring.sections import ClassesLayer

__all__ = ["BARREN", "GROUPS", "LEGENDS", "Legend", "climate_legend", "surface_legend"]

LEGENDS = ("worldcover", "igbp", "koppen-rubel", "koppen-beck")
# the first wins a draw; barren becomes rock or sand by relief
GROUPS = ("soil", "barren", "sand", "rock", "wetland", "water")
BARREN = "barren"
GROUND = tuple(name for name in SURFACES if name != "sea")
MOST = 1 << 20  # largest value of a class


@dataclass(frozen=True)
class Legend:
    """The meaning of the values of a raster.

    Attributes
    ----------
    name
        Of the legend.
    codes
        Number of the group of each value.
    groups
        How many groups there are.
    """

    name: str
    codes: Mapping[int, int]
    groups: int

    def group(self, values: NDArray[np.float32]) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
        """Give each value its group: −1 for nothing, −2 for a value that the legend lacks.

        Returns
        -------
        group
            Of the shape of the values.
        strange
            The values that the legend lacks, one per place.
        """
        table = np.full(max(self.codes) + 2, -2, np.int16)
        for value, code in self.codes.items():
            table[value] = code
        known = np.isfinite(values)
        number = np.where(known, values, 0.0)
        whole = (number == np.floor(number)) & (number >= 0) & (number < len(table) - 1)
        group = table[np.where(whole, number, len(table) - 1).astype(np.int64)]
        group = np.where(known, group, np.int16(-1)).astype(np.int16)
        return group, values[group == -2]


def surface_legend(layer: ClassesLayer, key: str) -> tuple[Legend | None, list[Fault]]:
    """Read what ground each value is, as an index into `GROUPS`."""
    return _legend(layer, key, "surface", {name: number for number, name in enumerate(GROUPS)})


def climate_legend(layer: ClassesLayer, key: str) -> tuple[Legend | None, list[Fault]]:
    """Read what Köppen class each value is, as an index into `CLIMATES`."""
    return _legend(layer, key, "name", {name: number for number, name in enumerate(CLIMATES)})


def _legend(
    layer: ClassesLayer, key: str, column: str, known: Mapping[str, int]
) -> tuple[Legend | None, list[Fault]]:
    """Read a legend and check it."""
    place = f"{key}.legend"
    text, where, fault = _text(layer, place)
    if fault is not None:
        return None, [fault]
    try:
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error as error:
        return None, [Fault(where, place, f"it is no CSV ({error})", "mend it")]
    names = set(rows[0]) if rows else set()
    absent = [name for name in ("value", column) if name not in names]
    if absent:
        mend = "give the columns value, name, surface"
        return None, [Fault(where, place, f"no column {', '.join(absent)}, or no rows", mend)]
    codes: dict[int, int] = {}
    faults: list[Fault] = []
    for line, row in enumerate(rows, start=2):
        found, mend = _row_fault(row, column, known, codes)
        if found:
            faults.append(Fault(where, f"{place}, line {line}", found, mend))
        else:
            codes[int(row["value"])] = known[row[column].strip()]
    if faults:
        return None, faults
    name = layer.legend
    if name not in LEGENDS:  # the file decides every class, so its digest goes with the layer
        digest = hashlib.sha256(text.encode()).hexdigest()
        name = f"{Path(name).name} (SHA-256 {digest})"
    return Legend(name, codes, len(known)), []


def _row_fault(
    row: Mapping[str, str | None], column: str, known: Mapping[str, int], codes: Mapping[int, int]
) -> tuple[str, str]:
    """Say what is wrong with a row; empty if nothing is."""
    value, name = (row["value"] or "").strip(), (row[column] or "").strip()
    if not value.isdecimal() or len(value) > len(str(MOST)) or int(value) > MOST:
        return f"'{value[:20]}' is no value of a class", f"give a whole number from 0 to {MOST:,}"
    if int(value) in codes:
        return f"{value} stands twice", "leave one out"
    if name not in known:
        return f"no {column} '{name}'", nearest(name, list(known))
    return "", ""


def _text(layer: ClassesLayer, place: str) -> tuple[str, str, Fault | None]:
    """Find a legend by name or path; a path is absolute, or relative to the raster's folder."""
    if layer.legend in LEGENDS:
        folder = resources.files("vallum.theatre.bring").joinpath("legends")
        return folder.joinpath(f"{layer.legend}.csv").read_text("utf-8"), layer.legend, None
    where = str(layer.file[0])
    near = [name for name in LEGENDS if name.startswith(layer.legend)]
    if not layer.legend.endswith(".csv"):
        mend = f"say which: {' or '.join(near)}" if near else nearest(layer.legend, LEGENDS)
        found = f"no legend '{layer.legend}'"
        return "", where, Fault(where, place, found, f"{mend}; or give the path of a CSV")
    path = layer.file[0].parent / Path(layer.legend)
    try:
        return path.read_text("utf-8-sig"), str(path), None
    except (OSError, UnicodeDecodeError) as error:
        mend = "give the path of a CSV in UTF-8, absolute or relative to the raster's folder"
        return "", where, Fault(where, place, f"'{layer.legend}' can't be read ({error})", mend)
