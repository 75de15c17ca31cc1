"""The bandwidth of a kernel by held-out likelihood, over blocks of whole years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["choose", "factors", "folds_of"]

FOLDS = 8  # at most
LIMIT = 4.0  # an adaptive bandwidth is within this factor of the mean one
CHUNK = 2048  # cells at once


def folds_of(stamp: NDArray[np.int64], most: int = FOLDS) -> NDArray[np.int64]:
    """Put events in blocks of neighbouring years with about as many events each.

    Where all are of one year the blocks are of months.

    Parameters
    ----------
    stamp
        Month of each event, counted from the year 0, shape (events,).
    most
        Number of blocks, at most.

    Returns
    -------
    fold
        From 0, shape (events,).

    Examples
    --------
    >>> folds_of(np.array([0, 1, 12, 13, 24]), most=2).tolist()
    [0, 0, 1, 1, 1]
    """
    unit = stamp // 12
    if np.unique(unit).size == 1:
        unit = stamp
    units, counts = np.unique(unit, return_counts=True)
    middle = np.cumsum(counts) - counts / 2.0
    block = np.minimum((middle * most / counts.sum()).astype(np.int64), most - 1)
    _, block = np.unique(block, return_inverse=True)
    fold: NDArray[np.int64] = block[np.searchsorted(units, unit)].astype(np.int64)
    return fold


def choose(
    places_km: NDArray[np.float64],
    by_fold: NDArray[np.float64],
    *,
    widths: NDArray[np.float64],
    mass: NDArray[np.float64],
    land_km2: float,
    least_km: float,
) -> pd.DataFrame:
    """Score bandwidths, fixed and adaptive, by the likelihood of the blocks left out.

    Parameters
    ----------
    places_km
        Cells with events, shape (cells, 2).
    by_fold
        Weight of events by cell and block, shape (cells, blocks).
    widths
        Bandwidths to try, km, shape (widths,).
    mass
        Mass of the kernel of each bandwidth inside the land, shape (widths, cells).
    land_km2
        Area of the land, over which one event is spread.
    least_km
        No adaptive kernel is narrower: a cell's side, below which a cell's centre does not stand
        for the cell.

    Returns
    -------
    scores
        A row per bandwidth and kind: bandwidth_km, adaptive, log_likelihood (nats per event,
        density in 1/km²). With a single block there is nothing to learn from: only the widest, at
        minus infinity.
    """
    blocks = by_fold.shape[1]
    if blocks < 2:
        worst = {"bandwidth_km": [float(widths[-1])], "adaptive": [False]}
        return pd.DataFrame({**worst, "log_likelihood": [-np.inf]})
    left = by_fold.sum(axis=1, keepdims=True) - by_fold  # what is learnt from, by block left out
    rows = []
    for n, width in enumerate(widths):
        whole = np.full(len(left), width)
        fixed = _sums(places_km, places_km, left / mass[n][:, None], whole)
        rows.append((float(width), False, _likelihood(fixed, left, by_fold, land_km2)))
        loose = np.zeros_like(left)
        for block in range(blocks):
            own = np.maximum(width * _ratios(fixed[:, block], left[:, block]), least_km)
            inside = _mass_at(own, widths, mass)
            told = by_fold[:, block] > 0  # the block left out is foretold at its own cells alone
            height = (left[:, block] / inside)[:, None]
            loose[told, block] = _sums(places_km[told], places_km, height, own)[:, 0]
        rows.append((float(width), True, _likelihood(loose, left, by_fold, land_km2)))
    return pd.DataFrame(rows, columns=["bandwidth_km", "adaptive", "log_likelihood"])


def factors(
    places_km: NDArray[np.float64],
    weight: NDArray[np.float64],
    width: float,
    mass: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Give each cell's bandwidth as a multiple of the mean one (Abramson 1982): `(g / f)^½`.

    `f` is the density by the fixed kernel at the cell, `g` its geometric mean over the events
    (https://doi.org/10.1214/aos/1176345986).

    Parameters
    ----------
    places_km
        Cells with events, shape (cells, 2).
    weight
        Of their events, shape (cells,).
    width
        Of the fixed kernel, km.
    mass
        Of the fixed kernel inside the land, shape (cells,).

    Returns
    -------
    factor
        Within 1/`LIMIT` and `LIMIT`, shape (cells,).
    """
    whole = np.full(len(weight), width)
    pilot = _sums(places_km, places_km, (weight / mass)[:, None], whole)[:, 0]
    return _ratios(pilot, weight)


def _ratios(pilot: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn a density at cells into multiples of the bandwidth."""
    logs = np.log(np.maximum(pilot, 1e-300))
    middle = float(weight @ logs) / max(float(weight.sum()), 1e-300)
    ratio = np.exp(np.clip(0.5 * (middle - logs), -np.log(LIMIT), np.log(LIMIT)))
    return np.asarray(ratio, np.float64)


def _sums(
    at_km: NDArray[np.float64],
    places_km: NDArray[np.float64],
    weight: NDArray[np.float64],
    width: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Sum the kernels of all cells (weight (cells, blocks), width (cells,)) at places, 1/km²."""
    height = weight / (2.0 * np.pi * width**2)[:, None]
    found = np.empty((len(at_km), weight.shape[1]))
    for rows in _chunks(len(at_km)):
        square = np.zeros((rows.stop - rows.start, len(places_km)))
        for here, there in zip(at_km.T, places_km.T, strict=True):
            square += np.subtract.outer(here[rows], there) ** 2
        square *= -0.5 / width**2
        found[rows] = np.exp(square, out=square) @ height
    return found


def _chunks(count: int) -> Iterator[slice]:
    """Cut a count into slices, so that no matrix grows without bound."""
    for first in range(0, count, CHUNK):
        yield slice(first, min(first + CHUNK, count))


def _likelihood(
    sums: NDArray[np.float64],
    left: NDArray[np.float64],
    by_fold: NDArray[np.float64],
    land_km2: float,
) -> float:
    """Mean log density of the events left out, one event spread over all the land."""
    density = (sums + 1.0 / land_km2) / (left.sum(axis=0) + 1.0)
    return float((by_fold * np.log(density)).sum() / by_fold.sum())


def _mass_at(
    own: NDArray[np.float64], widths: NDArray[np.float64], mass: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mass inside the land of kernels of any bandwidth, between those that are known."""
    if len(widths) == 1:
        return np.asarray(mass[0], np.float64)
    logs = np.log(widths)
    at = np.clip(np.log(own), logs[0], logs[-1])
    above = np.clip(np.searchsorted(logs, at), 1, len(widths) - 1)
    share = (at - logs[above - 1]) / (logs[above] - logs[above - 1])
    cell = np.arange(len(own))
    found: NDArray[np.float64] = (1.0 - share) * mass[above - 1, cell] + share * mass[above, cell]
    return found
