"""From held cells to lines on a map: chains of boundary, smoothed, cut into sectors.

Lengths and costs are those of the cut (every edge that the cut crosses is given to the nearest
piece of boundary), so they add up to the plan's; the drawn geometry is for the eye.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from rasterio import features
from scipy.spatial import cKDTree
from shapely.geometry import LineString, shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = ["Chain", "Rim", "chains", "crossings", "lines", "sectors", "smooth", "territory"]


@dataclass(frozen=True, eq=False)
class Rim:
    """What of the cut each held cell carries, flat over the grid.

    Attributes
    ----------
    length_km, cost_usd_yr
        Shape (cells of the grid,).
    """

    length_km: NDArray[np.float64]
    cost_usd_yr: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Chain:
    """One unbroken run of boundary, land held on the left.

    Attributes
    ----------
    corners
        (row, col) of the cell corners passed, shape (n + 1, 2).
    cells
        Flat index of the held cell behind each of the n edges.
    facing
        Flat index of the cell in front of each edge.
    closed
        Whether the run goes on from its end to its beginning; one that only ends at the corner
        where it began, between two cells that touch there, does not.
    """

    corners: NDArray[np.int64]
    cells: NDArray[np.int64]
    facing: NDArray[np.int64]
    closed: bool


def chains(held: NDArray[np.bool_], fenced: NDArray[np.bool_]) -> tuple[Chain, ...]:
    """Link the edges between held land and land that must be fenced off into runs.

    Cells that touch only at a corner stay apart. Runs come in reading order of their first edge,
    open ones first.

    Parameters
    ----------
    held
        Shape (rows, cols).
    fenced
        Where a line is needed towards a cell that is not held (flank above 0), same shape.

    Returns
    -------
    chains
        Every such edge is in one of them.
    """
    edges = _edges(held, fenced)
    after = _next(edges, _touching(held))
    unused = np.ones(len(after), bool)
    begins = np.ones(len(after), bool)
    begins[after[after >= 0]] = False
    following = after.tolist()
    out = []
    for first in (*np.flatnonzero(begins).tolist(), *range(len(after))):
        if not unused[first]:
            continue
        run, way = [first], following[first]
        while way not in (-1, first):
            run.append(way)
            way = following[way]
        own = np.array(run)
        unused[own] = False
        out.append(
            Chain(
                corners=np.concatenate([edges.start[own[:1]], edges.end[own]]),
                cells=edges.cell[own],
                facing=edges.facing[own],
                closed=way == first,
            )
        )
    return tuple(out)


def _touching(held: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the corners at which two held cells touch and nothing else is held."""
    land = np.pad(held, 1)
    west, east = (land[:-1, :-1], land[1:, :-1]), (land[:-1, 1:], land[1:, 1:])
    falling = west[0] & east[1] & ~west[1] & ~east[0]
    rising = west[1] & east[0] & ~west[0] & ~east[1]
    return falling | rising


class _Edges(NamedTuple):
    """Unit edges between held cells and those in front, held land on the left, in reading order."""

    start: NDArray[np.int64]  # (row, col) of the corner, shape (edges, 2)
    end: NDArray[np.int64]
    cell: NDArray[np.int64]  # flat index
    facing: NDArray[np.int64]


def _edges(held: NDArray[np.bool_], fenced: NDArray[np.bool_]) -> _Edges:
    """Find all edges."""
    rows, cols = held.shape
    index = np.arange(held.size).reshape(held.shape)
    parts = []
    # side: shift to the cell in front, then the start and end corner seen from (row, col);
    # rows grow southward, so with held land on the left the north side is walked from east to west
    for (dy, dx), start, end in [
        ((-1, 0), (0, 1), (0, 0)),
        ((1, 0), (1, 0), (1, 1)),
        ((0, -1), (0, 0), (1, 0)),
        ((0, 1), (1, 1), (0, 1)),
    ]:
        here = (slice(max(0, -dy), rows - max(0, dy)), slice(max(0, -dx), cols - max(0, dx)))
        there = (slice(max(0, dy), rows - max(0, -dy)), slice(max(0, dx), cols - max(0, -dx)))
        edge = held[here] & ~held[there] & fenced[there]
        cell = index[here][edge]
        corner = np.stack(np.divmod(cell, cols), axis=1)
        front = index[there][edge]
        parts.append(_Edges(corner + np.array(start), corner + np.array(end), cell, front))
    every = _Edges(*(np.concatenate(one) for one in zip(*parts, strict=True)))
    order = np.lexsort((every.facing, every.cell))
    return _Edges(*(one[order] for one in every))


def _next(edges: _Edges, touching: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give the edge that goes on where each ends; −1 where none does.

    Where two held cells touch at a corner, the edges of each meet there apart from the other's.
    """

    def node(corner: NDArray[np.int64]) -> NDArray[np.int64]:
        row, col = corner.T
        apart = np.where(touching[row, col], edges.cell + 1, 0)
        return np.asarray((row * touching.shape[1] + col) * (touching.size + 1) + apart)

    leaving, arriving = node(edges.start), node(edges.end)
    order = np.argsort(leaving)
    at = np.searchsorted(leaving, arriving, sorter=order)
    found = order[np.minimum(at, max(0, len(order) - 1))]
    return np.where(leaving[found] == arriving, found, -1)


def crossings(runs: tuple[Chain, ...], carried: Rim, grid: Grid) -> list[Rim]:
    """Share what each cell carries among the nearest edges of the runs.

    Parameters
    ----------
    runs
        From `chains`.
    carried
        By cell.
    grid
        For distances.

    Returns
    -------
    shares
        For each run the length and cost of each of its edges; together they sum to `carried`.
    """
    if not runs:
        return []
    owner = np.concatenate([run.cells for run in runs])
    middles = np.concatenate([(run.corners[1:] + run.corners[:-1]) / 2.0 for run in runs])
    number = np.bincount(owner, minlength=grid.rows * grid.cols)
    length, cost = np.zeros(owner.size), np.zeros(owner.size)
    own = number[owner]
    length += carried.length_km[owner] / own
    cost += carried.cost_usd_yr[owner] / own
    # cells of the second row, whose edges reach past their neighbour
    other = np.flatnonzero((carried.length_km > 0) & (number == 0))
    if other.size:
        centre = np.stack(np.divmod(other, grid.cols), axis=1) + 0.5
        _, nearest = cKDTree(middles).query(centre)
        np.add.at(length, nearest, carried.length_km[other])
        np.add.at(cost, nearest, carried.cost_usd_yr[other])
    cuts = np.cumsum([run.cells.size for run in runs])[:-1]
    return [
        Rim(length_km=a, cost_usd_yr=b)
        for a, b in zip(np.split(length, cuts), np.split(cost, cuts), strict=True)
    ]


def territory(held: NDArray[np.bool_], grid: Grid) -> gpd.GeoDataFrame:
    """Draw held land as polygons along cell edges, one row per connected piece, largest first."""
    pieces = [
        shape(geometry)
        for geometry, value in features.shapes(
            held.astype(np.uint8), mask=held, connectivity=4, transform=grid.transform
        )
        if value
    ]
    frame = gpd.GeoDataFrame(
        {"area_km2": [piece.area / 1e6 for piece in pieces]}, geometry=pieces, crs=grid.crs
    )
    frame = frame.sort_values("area_km2", ascending=False, ignore_index=True)
    return frame.rename_axis("piece").reset_index()


def smooth(run: Chain, grid: Grid, *, reach: int = 2) -> NDArray[np.float64]:
    """Coordinates in metres of a run: the means of nearby edge middles, ends kept.

    The line stays within about a cell of the boundary.
    """
    middles = (run.corners[1:] + run.corners[:-1]) / 2.0
    count = len(middles)
    reach = min(reach, max(0, (count - 2) // 4))
    if run.closed:
        padded = np.concatenate([middles[count - reach :], middles, middles[:reach]])
    else:
        padded = np.concatenate(
            [np.repeat(run.corners[:1], reach, 0), middles, np.repeat(run.corners[-1:], reach, 0)]
        )
    kernel = np.ones(2 * reach + 1) / (2 * reach + 1)
    means = np.stack([np.convolve(padded[:, k], kernel, mode="valid") for k in (0, 1)], axis=1)
    if run.closed:
        means = np.concatenate([means, means[:1]])
    else:
        means = np.concatenate([run.corners[:1], means, run.corners[-1:]])
    x = grid.west_m + means[:, 1] * grid.cell_m
    y = grid.north_m - means[:, 0] * grid.cell_m
    return np.stack([x, y], axis=1)


def lines(
    runs: tuple[Chain, ...],
    shares: list[Rim],
    labels: pd.DataFrame,
    grid: Grid,
    *,
    sector_km: tuple[float, float],
    paths: tuple[NDArray[np.float64], ...] | None = None,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Make the tables of lines and sectors.

    Parameters
    ----------
    runs, shares
        From `chains` and `crossings`.
    labels
        What may change along a line, one row per flat cell: `state`, `composition`, `surface`.
    grid
        For coordinates.
    sector_km
        Shortest and longest sector: runs of one label that are shorter are joined to a
        neighbour, longer ones cut evenly. A whole run may be shorter; a sector may be longer
        where no edge to cut at leaves the shortest on both sides.
    paths
        Coordinates of each run (`vallum.line.smooth.drawn`); by `smooth` if not given.

    Returns
    -------
    line, sectors
        One row per run, and one per sector, with length_km and cost_usd_yr, which are the cut's;
        for runs also traced_km, the length of what is drawn.
    """
    line_rows: list[dict[str, object]] = []
    sector_rows: list[dict[str, object]] = []
    for n, (run, share) in enumerate(zip(runs, shares, strict=True)):
        path = smooth(run, grid) if paths is None else paths[n]
        line_rows.append(
            {
                "line": n,
                "length_km": float(share.length_km.sum()),
                "traced_km": LineString(path).length / 1000.0,
                "cost_usd_yr": float(share.cost_usd_yr.sum()),
                "closed": run.closed,
                "geometry": LineString(path),
            }
        )
        offset = 0 if run.closed else 1
        along = labels.iloc[run.cells]
        keys = list(zip(along["state"], along["composition"], strict=True))
        for first, last in sectors(keys, share.length_km, sector_km):
            own = slice(first, last)
            length = share.length_km[own]
            weight = along.iloc[own].assign(km=length)
            main = weight.groupby(["state", "composition", "surface"])["km"].sum()
            state, composition, surface = main.index[int(main.to_numpy().argmax())]
            part = path[max(0, first + offset - (first > 0)) : last + 2 * offset + (1 - offset)]
            sector_rows.append(
                {
                    "line": n,
                    "sector": len(sector_rows),
                    "length_km": float(length.sum()),
                    "cost_usd_yr": float(share.cost_usd_yr[own].sum()),
                    "state": state,
                    "composition": composition,
                    "surface": surface,
                    "composition_share": float(main.max() / max(length.sum(), 1e-12)),
                    "geometry": LineString(part if len(part) > 1 else path[:2]),
                }
            )
    columns = ["line", "length_km", "traced_km", "cost_usd_yr", "closed", "geometry"]
    more = ["line", "sector", "length_km", "cost_usd_yr", "state", "composition", "surface",
            "composition_share", "geometry"]  # fmt: skip
    return (
        gpd.GeoDataFrame(
            pd.DataFrame(line_rows, columns=columns), geometry="geometry", crs=grid.crs
        ),
        gpd.GeoDataFrame(
            pd.DataFrame(sector_rows, columns=more), geometry="geometry", crs=grid.crs
        ),
    )


def sectors(
    keys: list[tuple[str, str]], length: NDArray[np.float64], limits: tuple[float, float]
) -> list[tuple[int, int]]:
    """Cut a run where its label changes, join what is too short, cut what is too long.

    Parameters
    ----------
    keys
        Label of each edge.
    length
        km of each edge.
    limits
        Shortest and longest sector, km.

    Returns
    -------
    bounds
        First and one past the last edge of each sector. None is shorter than the shortest, unless
        the whole run is: what a line stops must not be told more finely. For that a sector may be
        longer than the longest, where cutting it at an edge would leave too short a part.
    """
    shortest, longest = limits
    bounds = [0]
    for _, group in groupby(keys):
        bounds.append(bounds[-1] + len(list(group)))
    at = np.concatenate([[0.0], np.cumsum(length)])
    while len(bounds) > 2:
        km = np.diff(at[bounds])
        n = int(km.argmin())
        if km[n] >= shortest:
            break
        # join the shortest piece to its shorter neighbour
        left = km[n - 1] if n > 0 else np.inf
        right = km[n + 1] if n + 1 < km.size else np.inf
        del bounds[n if left <= right else n + 1]
    out: list[tuple[int, int]] = []
    for first, last in pairwise(bounds):
        parts = max(1, int(np.ceil((at[last] - at[first]) / longest)))
        marks = _evenly(at, first, last, parts)
        while parts > 1 and np.diff(at[marks]).min() < shortest:
            parts -= 1
            marks = _evenly(at, first, last, parts)
        out += pairwise(marks)
    return out


def _evenly(at: NDArray[np.float64], first: int, last: int, parts: int) -> list[int]:
    """Cut a stretch into parts as even as its edges allow; fewer where edges are too long."""
    goals = at[first] + (at[last] - at[first]) * np.arange(1, parts) / parts
    after = np.searchsorted(at, goals)
    nearer = np.where(goals - at[after - 1] < at[after] - goals, after - 1, after)
    return sorted({first, *(int(k) for k in nearer if first < k < last), last})
