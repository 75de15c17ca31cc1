"""How long the response takes from every site to every point of the line.

Along the line it rides as the works stage has it: on the patrol track where there is one, else on
the ground beside it. Across the ground it takes the quickest way over the cells, their roads and
rivers (`vallum.kernel.paths.travel_time`), and may go on along the line from wherever it meets it.
A point of the line is as far from the middle of its own cell as it lies, at the pace of the ground
there: a road in a cell does not run along the line. Ways that first follow the line and then leave
it are not looked for, so times are never too short.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.paths import travel_time

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.forces.sites import Pieces
    from vallum.kernel.grid import Grid

__all__ = ["along_km", "between_cells", "ridden", "to_nodes", "to_pieces"]

_NEIGHBOURS = 16


def ridden(
    hours_per_km: NDArray[np.float64], pieces: Pieces, assumed: pd.DataFrame
) -> NDArray[np.float64]:
    """Give the hours per km of each cell to those who ride to the line.

    Parameters
    ----------
    hours_per_km
        Of the ground, shape (rows, cols); inf where it can't be entered.
    pieces
        The line. Its cells have no slower pace than its track; where the ground can't be entered
        (a bank seen as water), they have the pace that the works assumed.
    assumed
        `pace_h_km` and `track` by row of the compositions (`vallum.forces.response.assumed`).

    Returns
    -------
    hours_per_km
        Shape (rows, cols).
    """
    hours = hours_per_km.ravel().copy()
    where = np.concatenate([pieces.table["cell"], pieces.nodes["cell"]])
    row = np.concatenate([pieces.table["row"], pieces.nodes["row"]])
    pace = assumed["pace_h_km"].loc[row].to_numpy(np.float64)
    better = assumed["track"].loc[row].to_numpy(bool) | np.isinf(hours[where])
    np.minimum.at(hours, where[better], pace[better])
    return hours.reshape(hours_per_km.shape)


def between_cells(
    hours_per_km: NDArray[np.float64],
    sources: NDArray[np.int64],
    targets: NDArray[np.int64],
    *,
    cell_km: float,
    limit_h: float,
) -> NDArray[np.float64]:
    """Hours from each source to each target, between the middles of cells.

    Parameters
    ----------
    hours_per_km
        Shape (rows, cols).
    sources, targets
        Flat indices of cells; sources can be entered.
    cell_km
        Side of a cell.
    limit_h
        Times above it are not wanted: they are given as inf. Nothing that is reached within it
        lies outside the window in which ways are looked for.

    Returns
    -------
    hours
        Shape (sources, targets).
    """
    rows, cols = hours_per_km.shape
    out = np.full((sources.size, targets.size), np.inf)
    passable = hours_per_km[np.isfinite(hours_per_km)]
    least = float(passable.min()) if passable.size else 1.0
    cells = limit_h / (least * cell_km) if least > 0 else math.inf
    reach = int(min(max(rows, cols), math.ceil(cells) + 1))
    target_row, target_col = np.divmod(targets, cols)
    for n, source in enumerate(sources.tolist()):
        row, col = divmod(source, cols)
        top, left = max(0, row - reach), max(0, col - reach)
        window = hours_per_km[top : row + reach + 1, left : col + reach + 1]
        found = travel_time(
            window, [(row - top, col - left)], cell_km=cell_km, neighbours=_NEIGHBOURS
        )
        own_row, own_col = target_row - top, target_col - left
        inside = (own_row >= 0) & (own_row < found.shape[0])
        inside &= (own_col >= 0) & (own_col < found.shape[1])
        out[n, inside] = found[own_row[inside], own_col[inside]]
    out[out > limit_h] = np.inf
    return out


def to_nodes(
    pieces: Pieces,
    behind: NDArray[np.int64],
    hours_per_km: NDArray[np.float64],
    pace_h_km: NDArray[np.float64],
    *,
    grid: Grid,
    limit_h: float,
) -> NDArray[np.float64]:
    """Hours from each site to each node of the line.

    Parameters
    ----------
    pieces
        The line; every node of it is a site.
    behind
        Flat indices of the cells whose middles are sites too.
    hours_per_km
        From `ridden`.
    pace_h_km
        Of the ride along the line, by row of the compositions, shape (compositions,).
    grid
        For distances.
    limit_h
        Times above it need not be found.

    Returns
    -------
    hours
        Shape (nodes + behind, nodes): nodes first.
    """
    nodes, table = pieces.nodes, pieces.table
    cell = nodes["cell"].to_numpy(np.int64)
    targets, of_target = np.unique(cell, return_inverse=True)
    sources = np.unique(np.concatenate([targets, behind]))
    across = between_cells(hours_per_km, sources, targets, cell_km=grid.cell_km, limit_h=limit_h)
    row, col = np.divmod(cell, grid.cols)
    away_m = np.hypot(nodes["x"].to_numpy() - grid.x[col], nodes["y"].to_numpy() - grid.y[row])
    access = away_m / 1000.0 * pace_h_km[nodes["row"].to_numpy(np.int64)]
    from_node = access[:, None] + across[np.searchsorted(sources, cell)][:, of_target]
    from_cell = across[np.searchsorted(sources, behind)][:, of_target]
    hours = np.concatenate([from_node, from_cell]) + access
    own = np.arange(len(nodes))
    hours[own, own] = 0.0
    ride = table["length_km"].to_numpy(np.float64) * pace_h_km[table["row"].to_numpy(np.int64)]
    for number in np.unique(nodes["line"].to_numpy()).tolist():
        part = np.flatnonzero(nodes["line"].to_numpy() == number)
        rides = ride[table["line"].to_numpy() == number]
        hours[:, part] = _along(hours[:, part], rides, closed=pieces.closed[number])
    return np.asarray(hours, np.float64)


def to_pieces(
    hours: NDArray[np.float64], pieces: Pieces, pace_h_km: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Hours from each site to the furthest point of each piece.

    Parameters
    ----------
    hours
        From `to_nodes`.
    pieces, pace_h_km
        As for `to_nodes`.

    Returns
    -------
    hours
        Shape (sites, pieces): to the nearer end, and through the piece.
    """
    table = pieces.table
    through = table["length_km"].to_numpy() * pace_h_km[table["row"].to_numpy(np.int64)]
    ends = np.minimum(hours[:, table["first"].to_numpy()], hours[:, table["last"].to_numpy()])
    return np.asarray(ends + through)


def along_km(pieces: Pieces, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Kilometres along the line from some of its nodes to the furthest point of each piece.

    Parameters
    ----------
    pieces
        The line.
    at
        Nodes, shape (n,).

    Returns
    -------
    km
        Shape (n, pieces); inf on another line.
    """
    nodes, table = pieces.nodes, pieces.table
    km = np.full((at.size, len(nodes)), np.inf)
    km[np.arange(at.size), at] = 0.0
    length = table["length_km"].to_numpy(np.float64)
    for number in np.unique(nodes["line"].to_numpy()[at]).tolist():
        part = np.flatnonzero(nodes["line"].to_numpy() == number)
        own = length[table["line"].to_numpy() == number]
        km[:, part] = _along(km[:, part], own, closed=pieces.closed[number])
    ends = np.minimum(km[:, table["first"].to_numpy()], km[:, table["last"].to_numpy()])
    return np.asarray(ends + length)


def _along(
    hours: NDArray[np.float64], rides: NDArray[np.float64], *, closed: bool
) -> NDArray[np.float64]:
    """Let those who have met a line ride on along it, both ways."""
    count = hours.shape[1]
    at = np.concatenate([[0.0], np.cumsum(rides)])
    place = at[:count]
    if closed:  # once round and once more, so that no way is cut at the beginning
        hours = np.concatenate([hours, hours], axis=1)
        place = np.concatenate([place, at[-1] + place])
    onward = np.minimum.accumulate(hours - place, axis=1) + place
    back = np.minimum.accumulate((hours + place)[:, ::-1], axis=1)[:, ::-1] - place
    found = np.minimum(onward[:, -count:], back[:, :count])
    return np.asarray(np.maximum(np.minimum(found, hours[:, :count]), 0.0))
