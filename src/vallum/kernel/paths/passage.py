"""Journeys across a grid, by randomized shortest paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.paths.edges import averaged, coarsened, grid_edges, scattered
from vallum.kernel.paths.slope import chosen_law
from vallum.kernel.paths.walk import walk

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from vallum.kernel.paths.slope import SlopeLaw

__all__ = ["MOST_CELLS", "Passage", "passage"]

MOST_CELLS = 300_000  # what one factorisation takes in about 3 s and 2 GB


@dataclass(frozen=True, eq=False)
class Passage:
    """Expected journeys across a grid.

    Attributes
    ----------
    cells
        Journeys that begin in or enter each cell, shape (rows, cols); a journey that comes twice
        counts twice.
    tail, head
        Cells at the ends of each edge, numbered row by row on a grid of `grid_shape`.
    flow
        Journeys along each edge, gross.
    cost
        Expected cost of a journey per pair, shape (sources, targets); infinite without a way.
    grid_shape
        Rows and columns of the grid that was solved.
    aggregated
        Side of its cells in cells of the grid given: 1 unless that had too many.
    imbalance
        The largest share of all journeys that goes missing at a cell.
    factorisations
        Of the whole matrix: one, or one per target.
    """

    cells: NDArray[np.float64]
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    flow: NDArray[np.float64]
    cost: NDArray[np.float64]
    grid_shape: tuple[int, int]
    aggregated: int
    imbalance: float
    factorisations: int


def passage(  # noqa: PLR0913  (all but the first three are optional, and named)
    cost: ArrayLike,
    sources: ArrayLike,
    targets: ArrayLike,
    *,
    theta: float,
    cell_km: float = 1.0,
    journeys: ArrayLike | None = None,
    elevation: ArrayLike | None = None,
    law: SlopeLaw | str | None = None,
    most_cells: int = MOST_CELLS,
) -> Passage:
    """Send journeys from sources to targets by randomized shortest paths on 8 neighbours.

    A step costs the mean of both cells' cost times its length. A walker without aim takes it with
    a chance in proportion to one over that, so that θ = 0 is the current in a circuit whose
    resistances are the costs; θ → ∞ is the cheapest path. A grid of more passable cells than
    `most_cells` is joined to larger ones first (`vallum.kernel.paths.edges.coarsened`).

    Parameters
    ----------
    cost
        Per km, positive, infinite where nobody passes; shape (rows, cols).
    sources, targets
        (row, col) of each, shape (S, 2) and (T, 2).
    theta
        Inverse temperature, one over the unit of cost, not negative.
    cell_km
        Side of a cell.
    journeys
        Expected journeys per pair, shape (S, T); one each if not given. A pair whose source is its
        target makes none, and one without a way between them carries none.
    elevation
        m, shape (rows, cols). Where given, slopes count, and a step may cost more than its return.
    law
        As for `vallum.kernel.paths.travel_time`: "tobler" where only elevation is given.
    most_cells
        The most passable cells that are solved as they are.

    Returns
    -------
    Passage
        Journeys across every cell and edge.

    Raises
    ------
    InputError
        With every fault of the arguments.
    CertificateError
        If more than 1e-9 of the journeys goes missing anywhere.

    Examples
    --------
    A corridor: every journey takes every cell.

    >>> passage(np.ones((1, 4)), [(0, 0)], [(0, 3)], theta=1e3).cells.round(6)
    array([[1., 1., 1., 1.]])
    """
    given = np.asarray(cost, np.float64)
    starts, ends = _pairs(sources, "sources", given), _pairs(targets, "targets", given)
    amounts = np.ones((len(starts), len(ends))) if journeys is None else np.asarray(journeys, float)
    height = None if elevation is None else np.asarray(elevation, np.float64)
    faults: list[Fault] = []
    slopes = chosen_law(law, faults, sloped=height is not None)
    faults = [
        *faults,
        *_faults_of_cost(given),
        *_faults_of_height(height, given),
        *_faults_of_numbers(theta, cell_km, amounts, (len(starts), len(ends))),
    ]
    if faults:
        raise InputError(faults)
    times = 1
    field = given
    while np.isfinite(field).sum() > most_cells:
        times += 1
        field = coarsened(given, times)
    if height is not None and times > 1:
        height = averaged(height, given, times)
    edges = grid_edges(field, cell_km=cell_km * times, elevation=height, law=slopes)
    if len(edges.cost) and float(edges.cost.min()) <= 0:
        what = "some step costs nothing or less"
        raise InputError([Fault("passage", "law", what, "choose a law that takes time downhill")])
    cols = field.shape[1]
    start, end = ((at[:, 0] // times) * cols + at[:, 1] // times for at in (starts, ends))
    found = walk(edges, start, end, amounts, theta=theta)
    return Passage(
        cells=frozen(scattered(found.visits.reshape(field.shape), np.isfinite(given), times)),
        tail=edges.tail,
        head=edges.head,
        flow=found.flow,
        cost=found.cost,
        grid_shape=(field.shape[0], cols),
        aggregated=times,
        imbalance=found.imbalance,
        factorisations=found.factorisations,
    )


def _pairs(given: ArrayLike, name: str, cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """Read (row, col) pairs that lie on passable cells."""
    pairs = np.atleast_2d(np.asarray(given))
    where = f"passage: {name}"
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not len(pairs):
        found = f"an array of shape {np.shape(given)}"
        raise InputError([Fault(where, "", found, "give at least one pair (row, col)")])
    whole = np.asarray(pairs, np.int64)
    faults = []
    for n, (row, col) in enumerate(whole.tolist()):
        if not (pairs[n] == whole[n]).all():
            found = f"{tuple(pairs[n])} is no pair of whole numbers"
            faults.append(Fault(where, f"pair {n}", found, "give (row, col) as whole numbers"))
        elif not (0 <= row < cost.shape[0] and 0 <= col < cost.shape[-1]):
            found = f"({row}, {col}) lies off the grid of {cost.shape}"
            faults.append(Fault(where, f"pair {n}", found, "rows count from the north, from 0"))
        elif not np.isfinite(cost[row, col]):
            found = f"({row}, {col}) is a cell that nobody passes"
            faults.append(Fault(where, f"pair {n}", found, "choose a passable cell"))
    if faults:
        raise InputError(faults)
    return whole


def _faults_of_cost(cost: NDArray[np.float64]) -> list[Fault]:
    """Refuse what is no cost per km."""
    out = []
    if cost.ndim != 2:
        return [Fault("passage: cost", "", f"{cost.ndim} dimensions", "give (rows, cols)")]
    for wrong, what in [(np.isnan(cost), "not a number"), (cost <= 0, "not positive")]:
        if wrong.any():
            row, col = (int(part) for part in np.argwhere(wrong)[0])
            found = f"{int(wrong.sum())} cells are {what}"
            mend = "give a positive cost per km, infinite where nobody passes"
            out.append(Fault("passage: cost", f"({row}, {col})", found, mend))
    return out


def _faults_of_height(height: NDArray[np.float64] | None, cost: NDArray[np.float64]) -> list[Fault]:
    """Refuse elevations that do not lie on the grid, or are missing on passable ground."""
    if height is None:
        return []
    if height.shape != cost.shape:
        found = f"shape {height.shape}, and cost has {cost.shape}"
        return [Fault("passage: elevation", "", found, "give both on one grid")]
    missing = ~np.isfinite(height) & np.isfinite(cost)
    if not missing.any():
        return []
    row, col = (int(part) for part in np.argwhere(missing)[0])
    found = f"{int(missing.sum())} passable cells have no elevation"
    return [Fault("passage: elevation", f"({row}, {col})", found, "fill them, or close them")]


def _faults_of_numbers(
    theta: float, cell_km: float, journeys: NDArray[np.float64], shape: tuple[int, int]
) -> list[Fault]:
    """Refuse numbers that mean nothing."""
    out = []
    if not (np.isfinite(theta) and theta >= 0):
        out.append(Fault("passage", "theta", f"{theta}", "give a number from 0 up"))
    if not (np.isfinite(cell_km) and cell_km > 0):
        out.append(Fault("passage", "cell_km", f"{cell_km}", "give a side in km"))
    if journeys.shape != shape:
        mend = f"give one number per pair, shape {shape}"
        out.append(Fault("passage", "journeys", f"shape {journeys.shape}", mend))
    elif not (np.isfinite(journeys).all() and (journeys >= 0).all()):
        out.append(Fault("passage", "journeys", "numbers below 0 or none", "give numbers from 0"))
    return out
