"""Shares of the ground in sight around an eye, by distance and direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen
from vallum.kernel.viewshed import viewshed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Rings", "best_site", "look_around", "rings"]

SECTORS = 40  # directions that an approach can come from, 9° each
RAYS = 3  # rays looked along in each
HIDDEN = SECTORS // 10  # of which the opponent takes those that hide best
RANKED_M, RANKED_KM = 50.0, 24.0  # what is hidden from: eyes up to here, this far out


@dataclass(frozen=True, eq=False)
class Rings:
    """Where to look around an eye.

    Attributes
    ----------
    km
        Distances, rising, shape (K,).
    row, col
        Steps from the eye's cell to the samples, shape (SECTORS, RAYS, N).
    ring
        Row of `km` of each sample along a ray, shape (N,).
    away_km
        Distance of each sample along a ray, shape (N,).
    reach
        Cells to the furthest sample.
    """

    km: NDArray[np.float64]
    row: NDArray[np.int64]
    col: NDArray[np.int64]
    ring: NDArray[np.int64]
    away_km: NDArray[np.float64]
    reach: int


def rings(km: Sequence[float], cell_m: float) -> Rings:
    """Lay samples along rays: one per cell, and at least one per distance.

    A distance stands for the ground from halfway to the one before to halfway to the next.

    Parameters
    ----------
    km
        Distances, rising, above 0.
    cell_m
        Side of a cell, m.
    """
    at = np.asarray(km, np.float64)
    steps = np.arange(1, int(at[-1] * 1000 / cell_m + 1e-9) + 1) * cell_m / 1000
    away = np.unique(np.concatenate([steps, at]))
    ring = np.searchsorted((at[1:] + at[:-1]) / 2, away, side="right")
    turn = 2 * np.pi * (np.arange(SECTORS * RAYS) + 0.5) / (SECTORS * RAYS)
    turn = turn.reshape(SECTORS, RAYS, 1)
    row = np.rint(-np.sin(turn) * away * 1000 / cell_m).astype(np.int64)
    col = np.rint(np.cos(turn) * away * 1000 / cell_m).astype(np.int64)
    reach = int(max(np.abs(row).max(), np.abs(col).max()))
    return Rings(frozen(at), frozen(row), frozen(col), frozen(ring), frozen(away), reach)


def best_site(ground: NDArray[np.float64], row: int, col: int, radius: float) -> tuple[int, int]:
    """Find the highest cell within so many cells of one: where a tower is put.

    Parameters
    ----------
    ground
        Heights, shape (rows, cols).
    row, col
        The cell around which is looked; the radius does not leave the grid.
    radius
        Cells.
    """
    reach = int(radius)
    window = ground[row - reach : row + reach + 1, col - reach : col + reach + 1]
    rows, cols = np.indices(window.shape) - reach
    near = np.where(rows**2 + cols**2 <= radius**2, window, -np.inf)
    r, c = divmod(int(near.argmax()), window.shape[1])
    return row - reach + r, col - reach + c


def look_around(
    ground: NDArray[np.float64],
    at: tuple[int, int],
    cell_m: float,
    around: Rings,
    heights_m: Sequence[float],
    target_m: float,
    refraction: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share in sight from a site, in the mean over directions and along those that hide best.

    The directions that hide best are the tenth that is seen least by eyes of up to 50 m within
    24 km; the same for every height, so that a higher eye never sees less.

    Parameters
    ----------
    ground
        Heights, m; holds all samples.
    at
        The eye's cell.
    cell_m
        Side of a cell, m.
    around
        Where to look.
    heights_m
        Of the eye, m.
    target_m
        Height of what is looked for, m.
    refraction
        As of `viewshed`.

    Returns
    -------
    seen, covered
        Shape (H, K).
    """
    row, col, reach = *at, around.reach
    window = ground[row - reach : row + reach + 1, col - reach : col + reach + 1]
    shown = np.stack(
        [
            viewshed(
                window, cell_m, row=reach, col=reach, observer_m=height, target_m=target_m,
                max_m=(reach + 1) * cell_m, refraction=refraction,
            )[around.row + reach, around.col + reach].mean(axis=1)
            for height in heights_m
        ]
    )  # fmt: skip
    low, near = np.asarray(heights_m) <= RANKED_M, around.away_km <= RANKED_KM
    order = np.argsort(shown[low][:, :, near].mean(axis=(0, 2)), kind="stable")
    by_ring = np.stack(
        [shown[:, :, around.ring == k].mean(axis=2) for k in range(len(around.km))], axis=2
    )
    seen = by_ring.mean(axis=1)
    return seen, np.minimum(by_ring[:, order[:HIDDEN]].mean(axis=1), seen)
