"""Ground made up at random, as rough at every scale as the exponent says.

The folds that hide a man are smaller than the cells of most elevations. They are made up here:
self-affine ground, whose heights differ by `d^H` over a distance d (Hurst exponent H), from noise
whose spectrum falls with the wave number as `k^−(2H + 2)`. It repeats at its edges, so every cell
of it is as good as any other.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["relief_of", "step_of", "texture"]


def texture(rng: np.random.Generator, hurst: float, size: int) -> NDArray[np.float64]:
    """Make ground up: mean 0, standard deviation 1, shape (size, size), periodic.

    Parameters
    ----------
    rng
        Where chance comes from. The same draws with another exponent give the same hills, rougher
        or smoother.
    hurst
        Exponent, in (0, 1): the higher, the smoother at small scales.
    size
        Cells along a side.
    """
    noise = np.fft.rfft2(rng.standard_normal((size, size)))
    wave = np.hypot(np.fft.fftfreq(size)[:, np.newaxis], np.fft.rfftfreq(size)[np.newaxis])
    wave[0, 0] = math.inf  # no mean
    ground: NDArray[np.float64] = np.fft.irfft2(noise * wave ** -(hurst + 1), (size, size))
    return np.asarray(ground / ground.std())


def relief_of(ground: NDArray[np.float64], box: int) -> float:
    """Measure relief as the theatre does: highest less lowest of 3 × 3 boxes' means, on average.

    Parameters
    ----------
    ground
        Periodic, shape (size, size).
    box
        Cells along the side of a box.
    """
    means = ndimage.uniform_filter(ground, box, mode="wrap")
    shifts = [np.roll(means, (a, b), (0, 1)) for a in (-box, 0, box) for b in (-box, 0, box)]
    return float((np.max(shifts, axis=0) - np.min(shifts, axis=0)).mean())


def step_of(ground: NDArray[np.float64], box: int) -> float:
    """Measure the root mean square of the differences between neighbouring boxes' means.

    Parameters
    ----------
    ground
        Periodic, shape (size, size).
    box
        Cells along the side of a box.
    """
    means = ndimage.uniform_filter(ground, box, mode="wrap")
    squares = [((np.roll(means, box, axis) - means) ** 2).mean() for axis in (0, 1)]
    return math.sqrt(float(np.mean(squares)))
