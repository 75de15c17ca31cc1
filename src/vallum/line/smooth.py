"""The drawn line: smoothed within a band in which no cell changes side, as long as the cut says.

Every edge of boundary has one vertex, on the straight way between the centres of the cell that is
held and the cell in front. These ways cross nothing but their own edge, and meet at centres only.
So wherever the vertices stand on them, short of the centres, held centres lie inside and others
outside, no line crosses itself or another, and pieces that touch at a corner stay apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from scipy import ndimage
from shapely.geometry import Polygon

from vallum.kernel.jit import compiled
from vallum.line import trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = ["BAND", "Drawn", "drawn", "paths_of"]

BAND = 0.49  # cells that a vertex may stand from the middle of its edge, towards either centre
ROUNDS = 400  # of smoothing, at most
CLOSE = 1e-12  # of a length
STILL = 1e-9  # cells: what moves less has come to rest


@dataclass(frozen=True, eq=False)
class Drawn:
    """Lines and land that share their vertices.

    Attributes
    ----------
    paths
        Coordinates of each run, m: a vertex per edge; closed runs return to the first, open ones
        have an end added on both sides.
    territory
        A polygon per connected piece of held land, largest first: `piece`, `area_km2` (of its
        cells, as the cut counts it), geometry.
    """

    paths: tuple[NDArray[np.float64], ...]
    territory: gpd.GeoDataFrame


@dataclass(frozen=True, eq=False)
class _Edges:
    """All edges of boundary, in order along their loops; (row, col) in cells."""

    key: NDArray[np.int64]
    middle: NDArray[np.float64]
    way: NDArray[np.float64]
    after: NDArray[np.int64]
    before: NDArray[np.int64]
    loops: tuple[NDArray[np.int64], ...]


def drawn(
    held: NDArray[np.bool_],
    runs: tuple[trace.Chain, ...],
    shares: tuple[trace.Rim, ...],
    grid: Grid,
) -> Drawn:
    """Draw the lines and the land of a territory.

    A run is smoothed, each vertex towards the mean of its neighbours, until it is as long as the
    cut says, and no further. Boundary without a line keeps the middles of its edges.

    Parameters
    ----------
    held
        Shape (rows, cols).
    runs, shares
        From `vallum.line.trace.chains` and `crossings`.
    grid
        For coordinates.

    Returns
    -------
    Drawn
        In the grid's coordinates.
    """
    paths, edges, spot, fenced = _relaxed_runs(held, runs, shares, grid)
    return Drawn(paths, _territory(held, edges, spot, fenced, grid))


def paths_of(
    held: NDArray[np.bool_],
    runs: tuple[trace.Chain, ...],
    shares: tuple[trace.Rim, ...],
    grid: Grid,
) -> tuple[NDArray[np.float64], ...]:
    """Draw the lines alone: `Drawn.paths`, of what `drawn` takes."""
    return _relaxed_runs(held, runs, shares, grid)[0]


def _relaxed_runs(
    held: NDArray[np.bool_],
    runs: tuple[trace.Chain, ...],
    shares: tuple[trace.Rim, ...],
    grid: Grid,
) -> tuple[tuple[NDArray[np.float64], ...], _Edges, NDArray[np.float64], NDArray[np.bool_]]:
    """Smooth every run; give the paths, all edges, their vertices and which have a line."""
    edges = _edges(held)
    spot = edges.middle.copy()
    fenced = np.zeros(edges.key.size, bool)
    number = []
    order = np.argsort(edges.key)
    for run in runs:
        key = run.cells * held.size + run.facing
        number.append(order[np.searchsorted(edges.key, key, sorter=order)])
        fenced[number[-1]] = True
    ends = []
    for own, run, share in zip(number, runs, shares, strict=True):
        anchors = _anchors(edges, own, run)
        goal = float(share.length_km.sum()) / grid.cell_km
        spot[own] = _relaxed(edges.middle[own], edges.way[own], anchors, run.closed, goal)
        ends.append(anchors)
    paths = []
    for own, run, anchors in zip(number, runs, ends, strict=True):
        points = spot[own]
        if run.closed:
            points = np.concatenate([points, points[:1]])
        else:
            first = (anchors[0] + points[0]) / 2.0
            points = np.concatenate([[first], points, [(anchors[1] + points[-1]) / 2.0]])
        paths.append(_metres(points, grid))
    return tuple(paths), edges, spot, fenced


def _edges(held: NDArray[np.bool_]) -> _Edges:
    """Find every edge of held land, fenced or not."""
    chains = trace.chains(held, np.ones(held.shape, bool))
    if not chains:
        none = np.zeros(0, np.int64)
        return _Edges(none, np.zeros((0, 2)), np.zeros((0, 2)), none, none, ())
    cells = np.concatenate([chain.cells for chain in chains])
    facing = np.concatenate([chain.facing for chain in chains])
    middle = np.concatenate([(c.corners[1:] + c.corners[:-1]) / 2.0 for c in chains])
    shape = held.shape
    way = np.stack(np.unravel_index(facing, shape), 1) - np.stack(np.unravel_index(cells, shape), 1)
    after = np.arange(1, cells.size + 1)
    before = np.arange(-1, cells.size - 1)
    loops, start = [], 0
    for chain in chains:
        end = start + chain.cells.size
        after[end - 1] = start if chain.closed else -1
        before[start] = end - 1 if chain.closed else -1
        loops.append(np.arange(start, end))
        start = end
    key = cells * held.size + facing
    return _Edges(key, middle, way.astype(float), after, before, tuple(loops))


def _anchors(edges: _Edges, own: NDArray[np.int64], run: trace.Chain) -> NDArray[np.float64]:
    """Give what an open run leads to: the next edges without a line, or the end of the grid."""
    first, last = int(edges.before[own[0]]), int(edges.after[own[-1]])
    return np.array(
        [
            edges.middle[first] if first >= 0 else run.corners[0],
            edges.middle[last] if last >= 0 else run.corners[-1],
        ],
        np.float64,
    )


@compiled
def _relaxed(
    middle: NDArray[np.float64],
    way: NDArray[np.float64],
    anchors: NDArray[np.float64],
    closed: bool,  # noqa: FBT001  (compiled code is called by place)
    goal: float,
) -> NDArray[np.float64]:
    """Smooth a run until it is no longer than the goal, in cells; give its vertices."""
    shift = np.zeros(len(middle))
    points, length = middle, _length(middle, anchors, closed)
    for _ in range(ROUNDS):
        if length <= goal * (1.0 + CLOSE):
            break
        new, most = np.empty(len(middle)), 0.0
        moved = np.empty(middle.shape)
        for n in range(len(middle)):
            row, col = _mean(points, anchors, closed, n)
            wanted = (row - middle[n, 0]) * way[n, 0] + (col - middle[n, 1]) * way[n, 1]
            # half the way there: all at once would swing to and fro
            new[n] = min(max(shift[n] + 0.5 * (wanted - shift[n]), -BAND), BAND)
            most = max(most, abs(new[n] - shift[n]))
            moved[n, 0] = middle[n, 0] + new[n] * way[n, 0]
            moved[n, 1] = middle[n, 1] + new[n] * way[n, 1]
        if most < STILL:
            break
        less = _length(moved, anchors, closed)
        if less < goal:
            return _between(points, moved, anchors, closed, goal)
        shift, points, length = new, moved, less
    return points


@compiled
def _between(
    points: NDArray[np.float64],
    moved: NDArray[np.float64],
    anchors: NDArray[np.float64],
    closed: bool,  # noqa: FBT001
    goal: float,
) -> NDArray[np.float64]:
    """Find the blend of two drawings that has the length asked for; the first is longer."""
    low, high = 0.0, 1.0
    for _ in range(60):
        part = (low + high) / 2.0
        if _length(points + part * (moved - points), anchors, closed) > goal:
            low = part
        else:
            high = part
    return points + high * (moved - points)


@compiled
def _mean(
    points: NDArray[np.float64],
    anchors: NDArray[np.float64],
    closed: bool,  # noqa: FBT001
    n: int,
) -> tuple[float, float]:
    """Give the mean of the two neighbours of a vertex, the nearer weighing more.

    With weights of one over the distance, the fixed point is the shortest line (Weiszfeld 1937).
    """
    last = len(points) - 1
    end = anchors[0], anchors[1]
    before = points[n - 1] if n > 0 else (points[last] if closed else end[0])
    after = points[n + 1] if n < last else (points[0] if closed else end[1])
    here = points[n]
    to = 1.0 / max(math.hypot(here[0] - before[0], here[1] - before[1]), 1e-6)
    on = 1.0 / max(math.hypot(after[0] - here[0], after[1] - here[1]), 1e-6)
    return (
        (before[0] * to + after[0] * on) / (to + on),
        (before[1] * to + after[1] * on) / (to + on),
    )


@compiled
def _length(
    points: NDArray[np.float64],
    anchors: NDArray[np.float64],
    closed: bool,  # noqa: FBT001
) -> float:
    """Measure a run in cells; of the way to what it leads to, half is its own."""
    steps = 0.0
    last = len(points) - 1
    for n in range(last):
        steps += math.hypot(points[n + 1, 0] - points[n, 0], points[n + 1, 1] - points[n, 1])
    if closed:
        return steps + math.hypot(points[0, 0] - points[last, 0], points[0, 1] - points[last, 1])
    ways = math.hypot(points[0, 0] - anchors[0, 0], points[0, 1] - anchors[0, 1])
    ways += math.hypot(points[last, 0] - anchors[1, 0], points[last, 1] - anchors[1, 1])
    return steps + ways / 2.0


def _territory(
    held: NDArray[np.bool_],
    edges: _Edges,
    spot: NDArray[np.float64],
    fenced: NDArray[np.bool_],
    grid: Grid,
) -> gpd.GeoDataFrame:
    """Make polygons of the loops; land that touches at a corner only is two pieces."""
    if any(edges.after[loop[-1]] < 0 for loop in edges.loops):
        return trace.territory(held, grid)  # it runs off the grid: drawn along the cells
    piece, count = ndimage.label(held)
    outer: dict[int, NDArray[np.float64]] = {}
    holes: dict[int, list[NDArray[np.float64]]] = {}
    for loop in edges.loops:
        ring = _metres(_ring(spot[loop], fenced[loop]), grid)
        number = int(piece.ravel()[edges.key[loop[0]] // held.size])
        if _area(ring) > 0:  # held land lies on the left
            outer[number] = ring
        else:
            holes.setdefault(number, []).append(ring)
    cells = np.bincount(piece.ravel(), minlength=count + 1)
    frame = gpd.GeoDataFrame(
        {"area_km2": [float(cells[n]) * grid.cell_km2 for n in outer]},
        geometry=[Polygon(ring, holes.get(n, [])) for n, ring in outer.items()],
        crs=grid.crs,
    )
    frame = frame.sort_values("area_km2", ascending=False, ignore_index=True, kind="stable")
    return frame.rename_axis("piece").reset_index()


def _ring(points: NDArray[np.float64], fenced: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Close a loop, with the ends of its lines among its vertices."""
    turns = np.flatnonzero(fenced != np.roll(fenced, -1))
    ends = (points[turns] + np.roll(points, -1, axis=0)[turns]) / 2.0
    return np.insert(points, turns + 1, ends, axis=0)


def _area(ring: NDArray[np.float64]) -> float:
    """Give the signed area of a ring, positive anticlockwise."""
    x, y = (ring - ring[0]).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2.0)


def _metres(points: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """Turn (row, col) of corners into coordinates."""
    x = grid.west_m + points[:, 1] * grid.cell_m
    y = grid.north_m - points[:, 0] * grid.cell_m
    return np.stack([x, y], axis=1)
