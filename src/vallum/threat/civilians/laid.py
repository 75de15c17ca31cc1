"""Civilian journeys laid on the grid, and counted across borders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from vallum.kernel.arrays import frozen, sum_by
from vallum.threat.blocks import held

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.civilians.demand import Demand
    from vallum.threat.civilians.settings import CiviliansSettings

__all__ = ["Laid", "PassageBy", "PassageOf", "lay", "reachable"]


class PassageOf(Protocol):
    """What a passage gives: journeys per year by cell and by edge between cells."""

    @property
    def cells(self) -> NDArray[np.float64]:
        """Journeys that enter or start in each cell, shape (rows, cols)."""

    @property
    def tail(self) -> NDArray[np.int64]:
        """Cell that each edge leaves, numbered row by row on the grid that was solved."""

    @property
    def head(self) -> NDArray[np.int64]:
        """Cell that each edge enters, as `tail`."""

    @property
    def cost(self) -> NDArray[np.float64]:
        """Expected cost per pair, shape (S, T); inf without a way."""
        ...

    @property
    def aggregated(self) -> int:
        """Side of the cells that were solved, in cells of the grid given."""
        ...

    @property
    def flow(self) -> NDArray[np.float64]:
        """Journeys along each edge."""


class PassageBy(Protocol):
    """A function that lays journeys on the grid, as `vallum.kernel.paths.passage`."""

    def __call__(
        self,
        cost: NDArray[np.float64],
        sources: NDArray[np.int64],
        targets: NDArray[np.int64],
        *,
        theta: float,
        cell_km: float = ...,
        journeys: NDArray[np.float64] | None = ...,
    ) -> PassageOf:
        """Lay the journeys from sources to targets on the grid."""


@dataclass(frozen=True, eq=False)
class Laid:
    """One kind of journeys on the grid.

    Attributes
    ----------
    cells
        Journeys per year that enter or start in each cell, shape (rows, cols).
    net, gross
        Journeys per year from state (row) to state (column) as numbered in `ground.state`: less
        those that come back, and every crossing counted.
    left_out
        Journeys per year that can't be made.
    """

    cells: NDArray[np.float64]
    net: NDArray[np.float64]
    gross: NDArray[np.float64]
    left_out: float


def lay(
    theatre: Theatre,
    demand: Demand,
    hours: NDArray[np.float64],
    settings: CiviliansSettings,
    passage: PassageBy,
) -> Laid:
    """Lay one kind of journeys on the grid.

    The journeys that start in each state are laid by themselves. What crosses a border and comes
    back, over all of them, is taken off `net`: way-finding along a border weaves over it, and does
    not make a journey abroad.

    Parameters
    ----------
    theatre
        The ground.
    demand
        The journeys.
    hours
        Per km, inf where nobody passes, shape (rows, cols).
    settings
        How far ends may be moved, margin and sharpness.
    passage
        The function that lays journeys, as `vallum.kernel.paths.passage`.

    Returns
    -------
    Laid
        Of zeros where no journey can be made.
    """
    state = theatre.ground["state"].to_numpy().astype(np.int64)
    count, cell_km = len(theatre.countries), theatre.grid.cell_km
    cells = np.zeros(theatre.grid.shape)
    net, gross = np.zeros((count, count)), np.zeros((count, count))
    sources, targets, journeys, lost = _placed(demand, hours, cell_km, settings)
    median = float(np.median(hours[np.isfinite(hours)])) if np.isfinite(hours).any() else 1.0
    origin = state[tuple(sources.T)]
    for code in np.unique(origin[journeys.sum(axis=1) > 0]):
        ours = origin == code
        laid = passage(
            _near(hours, np.concatenate([sources[ours], targets]), settings, cell_km),
            sources[ours],
            targets,
            theta=_keenness(demand, settings) / (median * cell_km),
            cell_km=cell_km,
            journeys=journeys[ours],
        )
        lost += float(journeys[ours][~np.isfinite(laid.cost)].sum())
        cells += laid.cells
        own = _across(state, count, laid)
        gross += own
        net += np.maximum(own - own.T, 0.0)
    if demand.returns:
        net, gross = (net + net.T) / 2, (gross + gross.T) / 2
    return Laid(frozen(cells), frozen(net), frozen(gross), lost)


def reachable(
    hours: NDArray[np.float64], cells: NDArray[np.int64], reach: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Move cells to the nearest that the rest of the land can be reached from.

    Parameters
    ----------
    hours
        Shape (rows, cols), inf where nobody passes.
    cells
        (row, col), shape (n, 2).
    reach
        How far one may be moved, cells.

    Returns
    -------
    moved, found
        Shape (n, 2), the cell itself where it need not or can't be moved; and whether it can be
        reached, shape (n,).
    """
    label, _ = ndimage.label(np.isfinite(hours), structure=np.ones((3, 3)))
    sizes = np.bincount(label.ravel())
    if cells.size == 0 or sizes.size < 2:
        return cells, np.zeros(len(cells), np.bool_)
    sizes[0] = 0
    land = np.argwhere(label == int(sizes.argmax()))
    apart, at = cKDTree(land).query(cells)
    found = np.asarray(apart <= reach, np.bool_)
    return np.where(found[:, None], land[at], cells).astype(np.int64), found


def _placed(
    demand: Demand, hours: NDArray[np.float64], cell_km: float, settings: CiviliansSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], float]:
    """Put sources and targets on ground that can be reached; with what is left out."""
    reach = settings.move_km / cell_km
    sources, starts = reachable(hours, demand.sources, reach)
    targets, ends = reachable(hours, demand.targets, reach)
    same = (sources[:, None, :] == targets[None, :, :]).all(axis=2)
    kept = starts[:, None] & ends[None, :] & ~same
    journeys = np.where(kept, demand.journeys, 0.0)[np.ix_(starts, ends)]
    lost = float(np.where(kept, 0.0, demand.journeys).sum())
    return sources[starts], targets[ends], journeys, lost


def _near(
    hours: NDArray[np.float64], ends: NDArray[np.int64], settings: CiviliansSettings, cell_km: float
) -> NDArray[np.float64]:
    """Leave out the ground farther than `margin_km` from the box of all starts and ends.

    No sensible way leads there, and what is left out need not be solved.
    """
    margin = int(np.ceil(settings.margin_km / cell_km))
    (top, left), (bottom, right) = ends.min(axis=0) - margin, ends.max(axis=0) + margin
    near = np.full_like(hours, np.inf)
    box = slice(max(0, int(top)), int(bottom) + 1), slice(max(0, int(left)), int(right) + 1)
    near[box] = hours[box]
    return near


def _across(state: NDArray[np.int64], count: int, laid: PassageOf) -> NDArray[np.float64]:
    """Every crossing from state to state, shape (count, count)."""
    solved = _states(state, laid.aggregated)
    out, into = solved[laid.tail], solved[laid.head]
    across = (out != into) & (out >= 0) & (into >= 0)
    pairs = out[across] * count + into[across]
    return sum_by(pairs, laid.flow[across], count**2).reshape(count, count)


def _states(state: NDArray[np.int64], times: int) -> NDArray[np.int64]:
    """State of each cell of the grid that was solved, in its numbering: that of most of it."""
    if times == 1:
        return state.ravel()
    counts = np.stack(
        [held((state == code).astype(np.float64), times) for code in range(int(state.max()) + 1)]
    )
    return np.where(counts.sum(axis=0) > 0, counts.argmax(axis=0), -1).astype(np.int64)


def _keenness(demand: Demand, settings: CiviliansSettings) -> float:
    return settings.sharpness_traders if demand.kind == "traders" else settings.sharpness
