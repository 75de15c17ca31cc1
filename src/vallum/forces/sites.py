"""The line in pieces that must be reached, and the sites from which they can be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from vallum.kernel.grid import Grid
    from vallum.line import Line
    from vallum.works import Works

__all__ = ["Pieces", "cut", "sector_of_edges"]

_PARTS = 8  # pieces at least between two forts as they were assumed
_NONE = 1e-9  # km: an edge that carries less of the line is no piece of it


@dataclass(frozen=True, eq=False)
class Pieces:
    """The line cut small.

    Attributes
    ----------
    table
        A row per piece, in order along each line: `line`, `sector`, `row` (of
        `Works.compositions`: what stands there), `cell` (flat index of the held cell behind its
        middle), `first` and `last` (the nodes at its ends), `length_km`, which add up to the
        line's.
    nodes
        A row per end of a piece, where a fort may stand: `line`, `km` (from the start of its
        line), `cell`, `row`, `sector` (of the piece that begins there), `x`, `y` (m on the map).
        On a closed line the last piece ends at the first node.
    closed
        By line.
    """

    table: pd.DataFrame
    nodes: pd.DataFrame
    closed: tuple[bool, ...]


class _Edges(NamedTuple):
    """The edges of one line that carry some of it, in order."""

    km: NDArray[np.float64]  # at the ends, one more than edges
    cell: NDArray[np.int64]
    row: NDArray[np.int64]
    sector: NDArray[np.int64]
    start: NDArray[np.float64]  # map coordinates of both ends, m
    end: NDArray[np.float64]


def sector_of_edges(table: pd.DataFrame, sectors: pd.DataFrame) -> NDArray[np.int64]:
    """Give the sector of each edge of the course: sectors are cut at edges, in their order.

    Parameters
    ----------
    table
        `Course.table`.
    sectors
        `Line.sectors`.

    Returns
    -------
    sector
        Shape (edges,).
    """
    out = np.zeros(len(table), np.int64)
    for number, run in table.groupby("line", sort=False):
        own = sectors[sectors["line"] == number]
        ends = np.cumsum(own["length_km"].to_numpy(np.float64))
        place = np.searchsorted(ends, run["km"].to_numpy(np.float64))
        out[run.index] = own["sector"].to_numpy(np.int64)[np.minimum(place, len(own) - 1)]
    return out


def cut(line: Line, works: Works, grid: Grid, *, piece_km: float, most_pieces: int) -> Pieces:
    """Cut a line into pieces of one composition and sector.

    Parameters
    ----------
    line
        The line.
    works
        What stands along it.
    grid
        For coordinates.
    piece_km, most_pieces
        As in `FortsSettings`.

    Returns
    -------
    Pieces
        In order along each line; none without a line.
    """
    course = line.course.table
    course["sector"] = sector_of_edges(course, line.sectors)
    course["row"] = works.priced_as.ravel()[course["cell"].to_numpy(np.int64)].astype(np.int64)
    longest = max(piece_km, float(course["length_km"].sum()) / most_pieces)
    spacing = np.array([choice.fort_km for choice in works.choices])
    tables, nodes = [_frame(_PIECES, [])], [_frame(_NODES, [])]
    before = 0
    for number, run in enumerate(line.course.runs):
        edges = _edges(run.corners, course[course["line"] == number], grid)
        if edges.cell.size:
            km = np.array(list(_marks(edges, longest, spacing)))
            table, ends = _run(number, edges, km, closed=run.closed)
            tables.append(table.assign(first=table["first"] + before, last=table["last"] + before))
            nodes.append(ends)
            before += len(ends)
    return Pieces(
        table=pd.concat(tables, ignore_index=True),
        nodes=pd.concat(nodes, ignore_index=True),
        closed=tuple(bool(run.closed) for run in line.course.runs),
    )


def _run(
    number: int, edges: _Edges, km: NDArray[np.float64], *, closed: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the pieces and the nodes of one line, cut at some distances; nodes count from 0."""
    at = km[:-1] if closed else km
    first, last = np.arange(km.size - 1), np.arange(1, km.size) % at.size
    here, behind = _at(edges, (km[1:] + km[:-1]) / 2), _at(edges, at)
    what = [edges.sector[here], edges.row[here], edges.cell[here]]
    place = [edges.cell[behind], edges.row[behind], edges.sector[behind]]
    return (
        _frame(_PIECES, [number, *what, first, last, np.diff(km)]),
        _frame(_NODES, [number, at, *place, *_where(edges, at, behind).T]),
    )


_PIECES = {"line": "int64", "sector": "int64", "row": "int64", "cell": "int64", "first": "int64",
           "last": "int64", "length_km": "float64"}  # fmt: skip
_NODES = {"line": "int64", "km": "float64", "cell": "int64", "row": "int64", "sector": "int64",
          "x": "float64", "y": "float64"}  # fmt: skip


def _frame(kinds: Mapping[str, str], columns: Sequence[ArrayLike]) -> pd.DataFrame:
    """Make a table of columns, numbers standing for a column of themselves."""
    wide = np.broadcast_arrays(*columns) if columns else [np.zeros(0)] * len(kinds)
    return pd.DataFrame(
        {
            name: np.array(column, kind)
            for (name, kind), column in zip(kinds.items(), wide, strict=True)
        }
    )


def _edges(corners: NDArray[np.int64], course: pd.DataFrame, grid: Grid) -> _Edges:
    """Take the edges of one line."""
    length = course["length_km"].to_numpy(np.float64)
    kept = length > _NONE
    x = grid.west_m + corners[:, 1] * grid.cell_m
    y = grid.north_m - corners[:, 0] * grid.cell_m
    at = np.stack([x, y], axis=1)
    return _Edges(
        km=np.concatenate([[0.0], np.cumsum(length[kept])]),
        cell=course["cell"].to_numpy(np.int64)[kept],
        row=course["row"].to_numpy(np.int64)[kept],
        sector=course["sector"].to_numpy(np.int64)[kept],
        start=at[:-1][kept],
        end=at[1:][kept],
    )


def _marks(edges: _Edges, piece_km: float, spacing: NDArray[np.float64]) -> Iterator[float]:
    """List the distances of the ends of the pieces: evenly within each stretch of one kind."""
    yield 0.0
    last = 0
    keys = zip(edges.row.tolist(), edges.sector.tolist(), strict=True)
    for (row, _), group in groupby(keys):
        first, last = last, last + len(list(group))
        begin, end = edges.km[first], edges.km[last]
        longest = min(piece_km, float(spacing[row]) / _PARTS)
        count = math.ceil((end - begin) / longest - 1e-9)
        yield from (begin + (end - begin) * np.arange(1, count + 1) / count).tolist()


def _at(edges: _Edges, km: NDArray[np.float64]) -> NDArray[np.int64]:
    """Find the edge at a distance; at a corner the one that begins there, if any does."""
    place = np.searchsorted(edges.km, km + _NONE, side="right") - 1
    return np.clip(place, 0, edges.cell.size - 1)


def _where(edges: _Edges, km: NDArray[np.float64], place: NDArray[np.int64]) -> NDArray[np.float64]:
    """Find map coordinates at distances along the edges."""
    long = edges.km[place + 1] - edges.km[place]
    share = np.clip((km - edges.km[place]) / long, 0.0, 1.0)[:, None]
    return np.asarray(edges.start[place] + (edges.end[place] - edges.start[place]) * share)
