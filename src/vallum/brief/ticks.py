"""Round values along an axis."""

from __future__ import annotations

import math

__all__ = ["rounded_up", "ticks"]


def rounded_up(rough: float) -> float:
    """Round up to 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> rounded_up(0.3), rounded_up(5.0), rounded_up(71.0)
    (0.5, 5.0, 100.0)
    """
    power = 10.0 ** math.floor(math.log10(rough))
    return next(n for n in (1.0, 2.0, 5.0, 10.0) if n * power >= rough * 0.999) * power


def ticks(low: float, high: float, parts: int = 4) -> list[float]:
    """Choose round values within two ends.

    Parameters
    ----------
    low, high
        The ends; where they are the same, that value is all there is.
    parts
        Into how many parts they are to divide what lies between, at most.

    Returns
    -------
    list of float
        Increasing.

    Examples
    --------
    >>> ticks(0.0, 2.3)
    [0.0, 1.0, 2.0]
    >>> ticks(-0.25, 0.4, 5)
    [-0.2, 0.0, 0.2, 0.4]
    """
    if high <= low:
        return [low]
    step = rounded_up((high - low) / parts)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    # three steps of 0.2 are not 0.6000000000000001 to whoever looks their label up
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]
