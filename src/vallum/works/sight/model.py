"""How much of the ground is in sight, by distance and by height of the eye."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Cover", "flat_cover"]


@dataclass(frozen=True, eq=False)
class Cover:
    """Share of the ground in sight, for classes of terrain.

    Attributes
    ----------
    heights_m
        Heights of the eye above the ground, rising, shape (H,).
    km
        Distances from the eye, rising, shape (K,).
    seen
        Share of the ground at that distance that is in sight, the mean over places, shape
        (classes, H, K), in [0, 1].
    covered
        The same along the approaches that hide best (the tenth that is seen least), same shape;
        never above `seen`.
    """

    heights_m: NDArray[np.float64]
    km: NDArray[np.float64]
    seen: NDArray[np.float64]
    covered: NDArray[np.float64]

    def at(
        self, row: int, height_m: float, km: ArrayLike, *, covered: bool = False
    ) -> NDArray[np.float64]:
        """Give the share in sight at distances, linear in km and in the logarithm of height.

        Parameters
        ----------
        row
            Class of terrain.
        height_m
            Of the eye, m; beyond the ends of `heights_m` the end counts.
        km
            Distances; beyond the ends of `km` the end counts.
        covered
            Along the approaches that hide best, not the mean.
        """
        table = (self.covered if covered else self.seen)[row]
        where = np.interp(np.log(height_m), np.log(self.heights_m), np.arange(len(table)))
        low = int(where)
        high = min(low + 1, len(table) - 1)
        part = where - low
        curve = (1 - part) * table[low] + part * table[high]
        return np.asarray(np.interp(np.asarray(km, np.float64), self.km, curve))


def flat_cover() -> Cover:
    """Give ground on which everything is in sight, one class."""
    every = frozen(np.ones((1, 1, 1)))
    return Cover(frozen(np.array([10.0])), frozen(np.array([1.0])), every, every)
