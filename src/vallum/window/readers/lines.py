"""Tab-separated files by whole lines: which have the right number of fields, and where those lie.

A line is a line: these formats don't quote, and a stray quote in a name must not swallow the rest
of the file. So the bytes are cut at line ends and tabs, and every line is kept or counted.
"""

from __future__ import annotations

import contextlib
import zipfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

from vallum.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Piece", "header", "opened", "pieces", "reach"]

PIECE = 1 << 24  # bytes looked at together
LONGEST = 1 << 22  # bytes of one line
TAB, LINE, RETURN = 9, 10, 13


@dataclass(frozen=True, eq=False)
class Piece:
    """Whole lines of a file, cut into fields.

    Attributes
    ----------
    data
        Bytes.
    edges
        (lines, fields + 1): the place before each field and after the last; lines of the right
        number of fields only.
    number
        (lines,): their number in the file, from 1.
    bad
        Numbers of the lines that have too few or too many fields; blank lines are no lines.
    """

    data: NDArray[np.uint8]
    edges: NDArray[np.int64]
    number: NDArray[np.int64]
    bad: NDArray[np.int64]

    def text(self, column: int, rows: NDArray[np.bool_] | None = None) -> list[str]:
        """Give a field of each line as text, or of the lines that are wanted."""
        edges = self.edges if rows is None else self.edges[rows]
        raw = self.data.tobytes() if len(edges) else b""
        return [
            raw[start + 1 : stop].decode("utf-8", "replace")
            for start, stop in edges[:, column : column + 2].tolist()
        ]

    def fixed(self, column: int, width: int) -> NDArray[np.bytes_]:
        """Give a field that is `width` bytes wide; empty where it is narrower or wider."""
        start, stop = self.edges[:, column] + 1, self.edges[:, column + 1]
        fits = stop - start == width
        spots = np.where(fits, start, 0)[:, None] + np.arange(width)
        out = np.minimum(spots, max(len(self.data) - 1, 0))
        words = np.ascontiguousarray(self.data[out]).view(f"S{width}")[:, 0]
        return np.where(fits, words, b"")


def reach(path: Path) -> list[Fault]:
    """Say why a file can't be opened, if it can't."""
    where = str(path)
    if not path.is_file():
        return [Fault(where, "", "no such file", "correct the path")]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            inside = len(archive.namelist())
        if inside != 1:
            return [Fault(where, "", f"a zip of {inside} files", "unpack it, and give one file")]
    return []


@contextlib.contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, or the one file in a zip."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as file:
            yield file
    else:
        with path.open("rb") as file:
            yield file


def header(path: Path) -> list[str]:
    """Read the first line as the names of the columns."""
    with opened(path) as file:
        line = file.readline(LONGEST)
    return line.decode("utf-8-sig", "replace").rstrip("\r\n").split("\t")


def pieces(path: Path, fields: int, *, skip: int = 0) -> Iterator[Piece]:
    """Read a file piece by piece; memory doesn't grow with the file.

    Parameters
    ----------
    path
        A file, or a zip of one.
    fields
        How many a line has.
    skip
        Lines of header.
    """
    number, rest = 0, b""
    with opened(path) as file:
        while block := file.read(PIECE):
            block = rest + block
            cut = block.rfind(b"\n") + 1
            rest = block[cut:]
            if cut:
                piece = _cut(block[:cut], fields, number, skip)
                number += block.count(b"\n", 0, cut)
                yield piece
        if rest.strip():
            yield _cut(rest + b"\n", fields, number, skip)


def _cut(block: bytes, fields: int, before: int, skip: int) -> Piece:
    """Cut whole lines into fields."""
    data = np.frombuffer(block, np.uint8)
    marks = np.flatnonzero((data == TAB) | (data == LINE))
    ends = np.flatnonzero(data[marks] == LINE)  # among the marks
    first = np.concatenate([[0], ends[:-1] + 1])
    start = np.concatenate([[-1], marks[ends[:-1]]])
    stop = marks[ends]
    stop = stop - ((stop > start + 1) & (data[np.maximum(stop - 1, 0)] == RETURN))
    number = before + 1 + np.arange(len(ends))
    told = (number > skip) & (stop > start + 1)
    good = told & (ends - first == fields - 1)
    inner = marks[first[good, None] + np.arange(fields - 1)]
    edges = np.hstack([start[good, None], inner, stop[good, None]])
    return Piece(data, edges, number[good], number[told & ~good])
