"""The roads as a graph, the attacks along them, and the way of least cost between two places."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.theatre.frame import carried
from vallum.threat.movement.table import load_movement

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from vallum.dividend.model import Land
    from vallum.theatre import Theatre
    from vallum.threat import Threat

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Network", "Way", "attacks", "network", "risk", "way", "zones"]

CLASSES = ("track", "primary", "trunk")
JOIN_KM = 15.0  # an end of a road this near to another road is taken to meet it
SAME_M = 100.0
DETOUR = 1.5  # a leg of a corridor is drawn straight where the roads known are longer than that
PIECE = 0.5  # of a cell: no edge is longer, so that each lies in about one cell
_LEG = 3  # a leg of a corridor that no route covers is taken for a trunk road


@dataclass(frozen=True, eq=False)
class Network:
    """Roads as a graph of short pieces.

    Attributes
    ----------
    x_m, y_m
        Of the nodes, in the theatre's projection, shape (N,).
    a, b
        Nodes at the ends of each edge, shape (E,); roads run both ways.
    km, hours
        Of each edge, shape (E,).
    road_class
        1 track, 2 primary, 3 trunk, shape (E,).
    row, col
        Cell in which the edge's middle lies, −1 beyond the grid, shape (E,).
    """

    x_m: Floats
    y_m: Floats
    a: Ints
    b: Ints
    km: Floats
    hours: Floats
    road_class: Ints
    row: Ints
    col: Ints


@dataclass(frozen=True, eq=False)
class Way:
    """The way of least cost between two places.

    Attributes
    ----------
    edges
        Numbers of edges, in order.
    km, hours
        Along it.
    cost
        What was made least.
    reached
        Whether there is a way at all; all else is then 0.
    """

    edges: Ints
    km: float
    hours: float
    cost: float
    reached: bool


def network(theatre: Theatre, *, table: Path | None = None) -> Network:
    """Make the graph of the theatre's roads, and of the legs of its corridors beyond them.

    Roads are cut into pieces of half a cell at most. Ends of roads join the nearest other road
    within 15 km. A leg of a corridor that the roads known do not cover, or only by a way half as
    long again as the straight line, is added straight, as a trunk road; it may run beyond the grid.

    Parameters
    ----------
    theatre
        Its routes of kind "road", and its corridors.
    table
        A table of speeds in place of the built-in one; the modes of the 4x4 on roads are used.

    Returns
    -------
    graph
        Without edges where the theatre has no roads.
    """
    speeds = load_movement(table).ways["four_by_four"].road_kmh
    kmh = np.array([0.0, *(float(speeds[name].mode) for name in CLASSES)])
    roads = theatre.routes[theatre.routes["kind"] == "road"]
    longest = theatre.grid.cell_m * PIECE
    lines = [_piece(line, longest) for line in roads.geometry]
    classes = [int(level) for level in roads["road_class"]]
    points, a, b, level = _joined(lines, classes)
    points, a, b, level = _met(points, a, b, level, lines)
    points, a, b, level = _legs(theatre, longest, points, a, b, level)
    return _made(theatre, kmh, points, a, b, level)


def _piece(line: shapely.LineString, longest: float) -> Floats:
    """Cut a line into pieces; shape (n, 2)."""
    return np.asarray(shapely.get_coordinates(shapely.segmentize(line, longest)), np.float64)


def _joined(lines: list[Floats], classes: list[int]) -> tuple[Floats, Ints, Ints, Ints]:
    """Give equal points one number, so that roads that share a place meet there."""
    if not lines:
        none = np.zeros(0, np.int64)
        return np.zeros((0, 2)), none, none, none
    every = np.concatenate(lines)
    _, first, number = np.unique(
        np.round(every / SAME_M), axis=0, return_index=True, return_inverse=True
    )
    number = number.reshape(-1)
    road = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    inner = np.flatnonzero((road[1:] == road[:-1]) & (number[1:] != number[:-1]))
    level = np.asarray(classes, np.int64)[road[inner]]
    return every[first], number[inner].astype(np.int64), number[inner + 1].astype(np.int64), level


def _met(
    points: Floats, a: Ints, b: Ints, level: Ints, lines: list[Floats]
) -> tuple[Floats, Ints, Ints, Ints]:
    """Join the ends of roads to the nearest node of another road within reach."""
    if not lines:
        return points, a, b, level
    tree = cKDTree(points)
    more: list[tuple[int, int]] = []
    for line in lines:
        own = set(tree.query(line)[1].tolist())
        for end in (line[0], line[-1]):
            here = int(tree.query(end)[1])
            near = [n for n in tree.query_ball_point(end, JOIN_KM * 1000.0) if n not in own]
            if near:
                gaps = np.linalg.norm(points[near] - end, axis=1)
                more.append((here, int(near[int(np.argmin(gaps))])))
    extra = np.array(more, np.int64).reshape(-1, 2)
    return (
        points,
        np.concatenate([a, extra[:, 0]]),
        np.concatenate([b, extra[:, 1]]),
        np.concatenate([level, np.full(len(extra), _LEG, np.int64)]),
    )


def _legs(
    theatre: Theatre, longest: float, points: Floats, a: Ints, b: Ints, level: Ints
) -> tuple[Floats, Ints, Ints, Ints]:
    """Add the legs of corridors that no road covers."""
    for _, part in theatre.corridors.groupby("corridor", sort=True):
        spots = place_xy(theatre, part.sort_values("seq"))
        for start, end in itertools.pairwise(spots):
            points, here = _spot(points, start)
            points, there = _spot(points, end)
            straight = float(np.linalg.norm(end - start))
            if here == there or _apart(points, a, b, here, there) <= DETOUR * straight:
                continue
            count = max(int(np.ceil(straight / longest)), 1)
            steps = np.linspace(0.0, 1.0, count + 1)[1:-1, None]
            inner = np.arange(len(points), len(points) + count - 1)
            points = np.concatenate([points, points[here] + steps * (points[there] - points[here])])
            chain = np.concatenate([[here], inner, [there]]).astype(np.int64)
            a, b = np.concatenate([a, chain[:-1]]), np.concatenate([b, chain[1:]])
            level = np.concatenate([level, np.full(count, _LEG, np.int64)])
    return points, a, b, level


def place_xy(theatre: Theatre, table: pd.DataFrame) -> Floats:
    """Give the places of a table with `lon` and `lat` in the theatre's projection, shape (n, 2)."""
    lon, lat = table["lon"].to_numpy(float), table["lat"].to_numpy(float)
    x, y = carried(lon, lat, 4326, theatre.grid.crs)
    return np.column_stack([x, y]).astype(np.float64)


def _spot(points: Floats, xy: Floats) -> tuple[Floats, int]:
    """Find the node of a place, or make one."""
    if len(points):
        gaps = np.linalg.norm(points - xy, axis=1)
        if gaps.min() <= JOIN_KM * 1000.0:
            return points, int(np.argmin(gaps))
    return np.concatenate([points, xy[None]]), len(points)


def _apart(points: Floats, a: Ints, b: Ints, here: int, there: int) -> float:
    """Metres by the roads known so far; inf where there is no way."""
    if max(here, there) >= len(points) or not len(a):
        return float("inf")
    metres = np.linalg.norm(points[a] - points[b], axis=1)
    graph = _graph(a, b, np.maximum(metres, 1e-6), len(points))[0]
    return float(dijkstra(graph, directed=False, indices=here)[there])


def _made(theatre: Theatre, kmh: Floats, points: Floats, a: Ints, b: Ints, level: Ints) -> Network:
    """Measure the edges and lay them on the grid."""
    km = np.linalg.norm(points[a] - points[b], axis=1) / 1000.0
    middle = (points[a] + points[b]) / 2.0
    row, col, inside = theatre.grid.locate(middle[:, 0], middle[:, 1])
    return Network(
        x_m=frozen(points[:, 0].copy()),
        y_m=frozen(points[:, 1].copy()),
        a=frozen(a),
        b=frozen(b),
        km=frozen(km),
        hours=frozen(km / kmh[level]),
        road_class=frozen(level),
        row=frozen(np.where(inside, row, -1).astype(np.int64)),
        col=frozen(np.where(inside, col, -1).astype(np.int64)),
    )


def _graph(
    a: Ints, b: Ints, cost: Floats, nodes: int
) -> tuple[csr_array, dict[tuple[int, int], int]]:
    """Make the matrix of least costs between neighbours, and say which edge each is."""
    order = np.argsort(-cost, kind="stable")  # the cheapest of parallel edges is written last
    ends = np.sort(np.column_stack([a, b]), axis=1)
    edge = {(int(ends[k, 0]), int(ends[k, 1])): int(k) for k in order}
    kept = np.fromiter(edge.values(), np.int64, len(edge))
    pairs = ends[kept]
    matrix = csr_array((cost[kept], (pairs[:, 0], pairs[:, 1])), shape=(nodes, nodes))
    return matrix, edge


def way(roads: Network, start: Floats, end: Floats, cost: Floats) -> Way:
    """Find the way of least cost between two places.

    Parameters
    ----------
    roads
        The graph.
    start, end
        x and y in the theatre's projection, m, shape (2,); the nearest node is taken.
    cost
        Of each edge, above 0, shape (E,): hours, or money for time and risk together.

    Returns
    -------
    way
        The way; `reached` is False where the graph does not join the two.

    Raises
    ------
    InputError
        If the costs don't fit the edges or are not above 0.
    """
    if cost.shape != roads.km.shape or not (np.isfinite(cost).all() and (cost >= 0).all()):
        found = f"shape {cost.shape}, or values below 0"
        raise InputError([Fault("cost", "", found, f"give {roads.km.shape} numbers of 0 or more")])
    nothing = Way(np.zeros(0, np.int64), 0.0, 0.0, 0.0, reached=False)
    if not len(roads.km):
        return nothing
    nodes = np.column_stack([roads.x_m, roads.y_m])
    here, there = (int(np.argmin(np.linalg.norm(nodes - xy, axis=1))) for xy in (start, end))
    matrix, edge = _graph(roads.a, roads.b, np.maximum(cost, 1e-12), len(nodes))
    far, before = dijkstra(matrix, directed=False, indices=here, return_predecessors=True)
    if not np.isfinite(far[there]):
        return nothing
    taken: list[int] = []
    node = there
    while node != here:
        last = int(before[node])
        taken.append(edge[min(last, node), max(last, node)])
        node = last
    edges = np.array(taken[::-1], np.int64)
    km, hours = float(roads.km[edges].sum()), float(roads.hours[edges].sum())
    return Way(edges, km, hours, float(far[there]), reached=True)


def zones(theatre: Theatre, land: Land) -> tuple[tuple[str, ...], Ints]:
    """Give cells whose attacks change alike the same number.

    Returns
    -------
    names
        "held", "outside", then the iso3 of each neighbour that the campaign speaks of.
    zone
        Number of the name, −1 where the campaign says nothing, shape (rows, cols).
    """
    told = {str(name).removesuffix("_before") for name in land.change if "_before" in str(name)}
    near = [str(i) for i in theatre.countries.index if str(i) in told]
    zone = np.full(theatre.grid.shape, -1, np.int64)
    for number, iso3 in enumerate(near):
        zone[theatre.state_mask(iso3)] = number + 2
    zone[land.outside] = 1
    zone[land.held] = 0
    return ("held", "outside", *near), zone


def factors(land: Land, names: tuple[str, ...], draws: Ints | None = None) -> Floats:
    """Say what attacks are multiplied by in each zone: after by before.

    Parameters
    ----------
    land
        Its paired draws.
    names
        Of the zones.
    draws
        Rows of `land.change` to give one by one; None: the median of the paired ratios.

    Returns
    -------
    factors
        Shape (Z,), or (draws, Z). 1 where there was nothing before, or nothing was played.
    """
    count = len(land.change)
    out = np.ones((max(count, 1), len(names)))
    for number, name in enumerate(names):
        if count and f"{name}_before" in land.change:
            before = land.change[f"{name}_before"].to_numpy(np.float64)
            after = land.change[f"{name}_after"].to_numpy(np.float64)
            out[:, number] = np.divide(after, before, out=np.ones(count), where=before > 0)
    if draws is None:
        return np.asarray(np.median(out, axis=0), np.float64)
    return np.asarray(out[draws], np.float64)


def risk(
    theatre: Theatre, threat: Threat, land: Land, draws: Ints | None = None
) -> tuple[Floats, Floats]:
    """Say how many attacks each cell has a year before and after the line.

    Parameters
    ----------
    theatre, threat, land
        The ground, what is to be expected on it, and what the campaign found.
    draws
        As in `factors`.

    Returns
    -------
    before
        Attacks/yr, shape (rows, cols).
    after
        The same with the line, shape (rows, cols), or (draws, rows, cols).
    """
    names, zone = zones(theatre, land)
    by_zone = np.asarray(factors(land, names, draws))
    padded = np.concatenate([by_zone, np.ones((*by_zone.shape[:-1], 1))], axis=-1)  # −1: no change
    before = np.nan_to_num(np.asarray(threat.cells, np.float64))
    return before, np.asarray(before * padded[..., zone], np.float64)


def attacks(roads: Network, cells: Floats, across_km: float) -> Floats:
    """Say how many attacks a year lie on each edge: those of its cell, by the length in it.

    Parameters
    ----------
    roads
        The graph.
    cells
        Attacks/yr, shape (..., rows, cols).
    across_km
        Length of road over which the attacks of a cell are spread, km: a cell's width.

    Returns
    -------
    attacks
        Shape (..., E); 0 beyond the grid, where nothing is known.
    """
    here = cells[..., np.maximum(roads.row, 0), np.maximum(roads.col, 0)]
    return np.asarray(np.where(roads.row >= 0, here, 0.0) * roads.km / across_km, np.float64)
