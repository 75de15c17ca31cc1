"""Colours for numbers: a linear or logarithmic bar, and the level of each cell on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.brief import look
from vallum.brief.language import current, say
from vallum.brief.page_text import THIN, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Bar", "fixed", "linear", "logarithmic"]

_LEVELS = 96
_SPREAD = 1.5  # a highest value this many times the 99th percentile would leave the bar empty
_MOST_DECADES = 6


@dataclass(frozen=True, eq=False)
class Bar:
    """A colour bar and what it makes of the values.

    Attributes
    ----------
    colours
        From the lowest level to the highest.
    ticks
        Where on the bar, in per cent from its low end, and what stands there.
    unit
        Of the ticks, in words.
    labels
        What each level means, in words.
    level
        Of each value, −1 where it is not known, shape as given.
    """

    colours: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]
    unit: str
    labels: tuple[str, ...]
    level: NDArray[np.int16]


def linear(values: NDArray[np.float64], unit: str) -> Bar | None:
    """Lay values out evenly between the lowest and the highest, light to dark.

    Parameters
    ----------
    values
        Any shape; NaN is not known.
    unit
        In words.

    Returns
    -------
    Bar or None
        None where fewer than two values differ, so that there is nothing to compare. Few very high
        values share the last colour, which the last tick says.
    """
    known = values[np.isfinite(values)]
    if known.size == 0 or known.min() == known.max():
        return None
    low, high = float(known.min()), float(known.max())
    usual = float(np.percentile(known, 99.0))
    cut = usual > low and high - low > _SPREAD * (usual - low)
    if cut:
        high = usual
    step = _step((high - low) / 4.0)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step)))
    ticks = [((n * step - low) / (high - low), fixed(n * step, digits))
             for n in range(first, last + 1)]  # fmt: skip
    if cut and ticks:
        ticks = [tick for tick in ticks if tick[0] < 0.78]
        ticks.append((1.0, f"≥{THIN}{plain(high)}"))
    return _bar(values, _Axis(low, high, lambda v: v), ticks, unit, look.EARTH)


def logarithmic(values: NDArray[np.float64], unit: str) -> Bar | None:
    """Lay positive values out by their powers of ten, light to dark.

    Parameters
    ----------
    values
        Any shape; what is not positive and finite gets no level.
    unit
        In words.

    Returns
    -------
    Bar or None
        None where fewer than two values differ.
    """
    known = values[np.isfinite(values) & (values > 0)]
    if known.size == 0 or known.min() == known.max():
        return None
    top = math.ceil(math.log10(float(known.max())) - 1e-9)
    lowest = math.floor(math.log10(float(np.percentile(known, 1.0))) + 1e-9)
    bottom = min(max(lowest, top - _MOST_DECADES), top - 1)
    ticks = [((n - bottom) / (top - bottom), plain(10.0**n, 1)) for n in range(bottom, top + 1)]
    if float(known.min()) < 10.0**bottom:
        ticks[0] = (0.0, f"≤{THIN}{ticks[0][1]}")
    positive = np.where(np.isfinite(values) & (values > 0), values, np.nan)
    return _bar(positive, _Axis(float(bottom), float(top), np.log10), ticks, unit, look.BENEFIT)


@dataclass(frozen=True)
class _Axis:
    """The bar's two ends, on the scale that `onto` leads to."""

    low: float
    high: float
    onto: Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _bar(
    values: NDArray[np.float64],
    axis: _Axis,
    ticks: list[tuple[float, str]],
    unit: str,
    palette: tuple[str, ...],
) -> Bar:
    known = np.isfinite(values)
    place = (axis.onto(np.where(known, values, 1.0)) - axis.low) / (axis.high - axis.low)
    level = np.clip(np.floor(place * _LEVELS), 0, _LEVELS - 1).astype(np.int16)
    middles = axis.low + (np.arange(_LEVELS) + 0.5) * (axis.high - axis.low) / _LEVELS
    if axis.onto is np.log10:
        middles = 10.0**middles
    said = f"{THIN}{unit}" if unit else ""
    return Bar(
        colours=look.ramp(palette, _LEVELS),
        ticks=tuple((round(100.0 * at, 2), text) for at, text in ticks),
        unit=unit,
        labels=tuple(say("about {value}{unit}", value=plain(float(v)), unit=said) for v in middles),
        level=np.where(known, level, -1).astype(np.int16),
    )


def _step(rough: float) -> float:
    """Round a distance between ticks to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(n for n in (1.0, 2.0, 5.0, 10.0) if n * power >= rough * 0.75) * power


def fixed(value: float, digits: int) -> str:
    """Write a number with so many digits after the point.

    Examples
    --------
    >>> fixed(1234.56, 1).replace(THIN, " "), fixed(-0.04, 1)
    ('1 234.6', '0.0')
    """
    text = f"{abs(value):,.{digits}f}".replace(",", THIN).replace(".", current().decimal)
    return f"−{text}" if value < 0 and float(f"{abs(value):.{digits}f}") else text
