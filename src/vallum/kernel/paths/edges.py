"""Directed edges of a grid: what a step costs, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen
from vallum.kernel.crofton import shifted_pairs

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from vallum.kernel.crofton import Shift
    from vallum.kernel.paths.slope import SlopeLaw

__all__ = ["EIGHT", "Edges", "averaged", "coarsened", "edges_of", "grid_edges", "scattered"]

EIGHT: tuple[Shift, ...] = tuple(
    (dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)
)


@dataclass(frozen=True, eq=False)
class Edges:
    """A directed network whose edges have a cost and a conductance.

    Attributes
    ----------
    nodes
        Number of nodes.
    tail, head
        Where each edge begins and ends, shape (edges,).
    cost
        Of going along it, not negative, finite.
    conductance
        How readily a walker without aim takes it, positive; 1 / cost unless told otherwise, so
        that such a walker is the current in a circuit whose resistances are the costs.
    """

    nodes: int
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    cost: NDArray[np.float64]
    conductance: NDArray[np.float64]


def edges_of(
    tail: ArrayLike,
    head: ArrayLike,
    cost: ArrayLike,
    *,
    nodes: int,
    conductance: ArrayLike | None = None,
) -> Edges:
    """Put edges together.

    Parameters
    ----------
    tail, head, cost
        Of each edge.
    nodes
        Number of nodes.
    conductance
        1 / cost if not given.
    """
    costs = np.asarray(cost, np.float64)
    drawn = 1.0 / costs if conductance is None else np.asarray(conductance, np.float64)
    return Edges(
        nodes=nodes,
        tail=frozen(np.asarray(tail, np.int64).copy()),
        head=frozen(np.asarray(head, np.int64).copy()),
        cost=frozen(costs.copy()),
        conductance=frozen(drawn.copy()),
    )


def grid_edges(
    cost: NDArray[np.float64],
    *,
    cell_km: float = 1.0,
    elevation: NDArray[np.float64] | None = None,
    law: SlopeLaw | None = None,
) -> Edges:
    """Join every passable cell to its passable neighbours among the 8 around it.

    A step costs the mean of both cells' cost times its length; where elevation is given, as the law
    of slopes has it.

    Parameters
    ----------
    cost
        Per km, shape (rows, cols), infinite where nobody passes.
    cell_km
        Side of a cell.
    elevation
        m, shape (rows, cols).
    law
        Of slopes; steps that it makes impossible are left out.

    Returns
    -------
    Edges
        Nodes are cells, numbered row by row; impassable cells are nodes without edges.
    """
    index = np.arange(cost.size, dtype=np.int64).reshape(cost.shape)
    flat = cost.ravel()
    height = None if elevation is None else np.asarray(elevation, np.float64).ravel()
    tails, heads, costs = [], [], []
    for shift in EIGHT:
        here, there = shifted_pairs(index, shift)
        open_ = np.isfinite(flat[here]) & np.isfinite(flat[there])
        here, there = here[open_], there[open_]
        length = cell_km * float(np.hypot(*shift))
        step = 0.5 * length * (flat[here] + flat[there])
        if height is not None and law is not None:
            step = law.hours(step, height[there] - height[here], 1000.0 * length)
            can = np.isfinite(step)
            here, there, step = here[can], there[can], step[can]
        tails.append(here)
        heads.append(there)
        costs.append(step)
    return edges_of(
        np.concatenate(tails), np.concatenate(heads), np.concatenate(costs), nodes=cost.size
    )


def coarsened(cost: NDArray[np.float64], times: int) -> NDArray[np.float64]:
    """Join blocks of cells: one over the mean of their speeds, an impassable cell's being zero.

    Parameters
    ----------
    cost
        Per km, shape (rows, cols), infinite where nobody passes.
    times
        Side of a block in cells; blocks at the south and east edges may be smaller.

    Returns
    -------
    cost
        Per km, shape (⌈rows/times⌉, ⌈cols/times⌉).

    Examples
    --------
    >>> coarsened(np.array([[1.0, 1.0], [2.0, np.inf]]), 2).round(3)
    array([[1.6]])
    """
    rows, cols = (-(-size // times) for size in cost.shape)
    wide = np.full((rows * times, cols * times), np.nan)
    wide[: cost.shape[0], : cost.shape[1]] = 1.0 / cost
    blocks = wide.reshape(rows, times, cols, times)
    cells = np.isfinite(blocks).sum(axis=(1, 3))
    speed = np.nansum(blocks, axis=(1, 3)) / cells
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / speed, np.float64)


def averaged(
    height: NDArray[np.float64], cost: NDArray[np.float64], times: int
) -> NDArray[np.float64]:
    """Give blocks of cells the mean elevation of their passable ones; 0 where there are none.

    Examples
    --------
    >>> averaged(np.array([[1.0, 3.0], [5.0, 9.0]]), np.array([[1, 1], [1, np.inf]]), 2)
    array([[3.]])
    """
    rows, cols = (-(-size // times) for size in cost.shape)
    wide = np.zeros((2, rows * times, cols * times))
    wide[:, : cost.shape[0], : cost.shape[1]] = np.where(
        np.isfinite(cost), [height, height * 0 + 1], 0
    )
    total, count = wide.reshape(2, rows, times, cols, times).sum(axis=(2, 4))
    return np.asarray(total / np.maximum(count, 1.0))


def scattered(
    visits: NDArray[np.float64], passable: NDArray[np.bool_], times: int
) -> NDArray[np.float64]:
    """Share the journeys of blocks among their passable cells: each takes about `times` of them.

    Parameters
    ----------
    visits
        Journeys across each block, shape (⌈rows/times⌉, ⌈cols/times⌉).
    passable
        Where anybody passes, shape (rows, cols).
    times
        Side of a block in cells.

    Returns
    -------
    visits
        Across each cell, shape (rows, cols).

    Examples
    --------
    >>> scattered(np.array([[3.0]]), np.array([[True, True], [True, False]]), 2)
    array([[2., 2.],
           [2., 0.]])
    """
    rows, cols = passable.shape
    wide = np.zeros((visits.shape[0] * times, visits.shape[1] * times), np.bool_)
    wide[:rows, :cols] = passable
    count = wide.reshape(visits.shape[0], times, visits.shape[1], times).sum(axis=(1, 3))
    share = visits * np.minimum(times, count) / np.maximum(count, 1)
    spread = np.repeat(np.repeat(share, times, axis=0), times, axis=1) * wide
    return spread[:rows, :cols].copy()
