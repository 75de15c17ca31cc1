"""Exact sums of float64 in compiled code: the same bytes in any order, at a few ns a term.

A sum is kept as an integer of 70 limbs of 32 bits, wide enough for every float64 (a small
superaccumulator; Neal 2015, "Fast exact summation using small and large superaccumulators").
`math.fsum` gives the same value; this one can be continued, so that nested sets are summed once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LIMBS", "add", "carry", "rounded", "zero"]

LIMBS = 72
_SHIFT = 1140  # the smallest float64 is 2^-1074, and its 53 bits are taken whole


def zero(count: int = 1) -> NDArray[np.int64]:
    """Make empty sums, shape (count, limbs)."""
    return np.zeros((count, LIMBS), np.int64)


@compiled
def add(limbs: NDArray[np.int64], amount: float) -> None:
    """Add a finite number to a sum; carry it at least once every 2^29 terms.

    Parameters
    ----------
    limbs
        The sum, shape (limbs,), changed in place.
    amount
        What to add, of any sign.
    """
    if amount == 0.0:
        return
    mantissa, exponent = math.frexp(abs(amount))
    whole = np.int64(math.ldexp(mantissa, 53))
    place = exponent - 53 + 1140
    limb, shift = place >> 5, place & 31
    low = (whole & 0xFFFFFFFF) << shift
    high = (whole >> 32) << shift
    if amount > 0.0:
        limbs[limb] += low & 0xFFFFFFFF
        limbs[limb + 1] += (low >> 32) + (high & 0xFFFFFFFF)
        limbs[limb + 2] += high >> 32
    else:
        limbs[limb] -= low & 0xFFFFFFFF
        limbs[limb + 1] -= (low >> 32) + (high & 0xFFFFFFFF)
        limbs[limb + 2] -= high >> 32


@compiled
def carry(limbs: NDArray[np.int64]) -> None:
    """Bring every limb but the last back below 2^32, shape (limbs,)."""
    for k in range(limbs.size - 1):
        over = limbs[k] >> 32
        limbs[k] -= over << 32
        limbs[k + 1] += over


def rounded(limbs: NDArray[np.int64]) -> float:
    """Round a sum to the nearest float64.

    Examples
    --------
    >>> sums = zero()
    >>> for amount in (1e18, 1.0, -1e18):
    ...     add(sums[0], amount)
    >>> rounded(sums[0])
    1.0
    """
    whole = 0
    for limb in reversed(limbs.tolist()):
        whole = (whole << 32) + limb
    return whole / (1 << _SHIFT)
