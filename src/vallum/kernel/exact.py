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
_WORD = 32  # bits of a limb


@compiled
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
    place = exponent - 53 + _SHIFT
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


@compiled
def rounded(limbs: NDArray[np.int64]) -> float:
    """Round a sum to the nearest float64; of two that are as near, to the even one.

    Raises
    ------
    OverflowError
        If the sum is larger than any float64.

    Examples
    --------
    >>> sums = zero()
    >>> for amount in (1e18, 1.0, -1e18):
    ...     add(sums[0], amount)
    >>> rounded(sums[0])
    1.0
    """
    whole = limbs.copy()
    carry(whole)
    sign = -1.0 if whole[-1] < 0 else 1.0
    if sign < 0.0:
        whole = -whole
        carry(whole)
    top = whole.size - 1
    while top >= 0 and whole[top] == 0:
        top -= 1
    if top < 0:
        return 0.0
    if whole[top] >> 32:
        raise OverflowError
    high, bits = whole[top], 0
    while high >> bits:
        bits += 1
    # the highest 62 bits of the sum, and whether any below them is set
    second = whole[top - 1] if top > 0 else 0
    third = whole[top - 2] if top > 1 else 0
    room = 62 - bits
    kept = high << room
    if room >= _WORD:
        cut = 64 - room
        kept |= (second << (room - 32)) | (third >> cut)
        more = third & ((1 << cut) - 1) != 0
    else:
        cut = 32 - room
        kept |= second >> cut
        more = second & ((1 << cut) - 1) != 0 or third != 0
    for k in range(top - 2):
        more = more or whole[k] != 0
    mantissa, rest = kept >> 9, kept & 511  # the 53 bits of a float64, and the 9 behind them
    half = 256
    if rest > half or (rest == half and (more or mantissa & 1)):
        mantissa += 1
    amount = math.ldexp(float(mantissa), 32 * top - room + 9 - _SHIFT)
    if math.isinf(amount):
        raise OverflowError
    return sign * amount
