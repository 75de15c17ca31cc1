"""What chance alone would give: p-values over several windows, and ranges of a ratio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Case", "Detect", "Row", "largest", "ratio_range"]


@dataclass(frozen=True)
class Row:
    """What was found of one zone.

    Attributes
    ----------
    zone
        Its name.
    events
        Events in it that could be precursors.
    pairs, pairs_after
        Pairs of an arrival and an event of the zone before it, and after it, in the main window.
    expected
        Pairs before it to be expected by chance.
    ratio, ratio_low, ratio_high
        pairs / expected, with its range; NaN where nothing is expected.
    p
        Over all windows; NaN where it was not tested.
    """

    zone: str
    events: int
    pairs: float
    pairs_after: float
    expected: float
    ratio: float
    ratio_low: float
    ratio_high: float
    p: float


class Detect(Protocol):
    """How often a test finds a planted spread."""

    def __call__(
        self, zone: int, rate: float, generator: np.random.Generator, *, whole: bool = False
    ) -> float:
        """Give the share of simulations; `whole`: as if the record had no gap."""
        ...


@dataclass(frozen=True, eq=False)
class Case:
    """One test of all zones, whatever its data.

    Attributes
    ----------
    kind
        `located` or `counts`.
    arrivals
        How many arrivals were tested.
    rows
        One per zone, in the order of the zones' names, then others.
    detect
        Share of simulations in which the test finds a spread from zone number `zone`, when each
        arrival has a recorded precursor with probability `rate`; of (zone, rate, generator).
    notes
        What limits the test.
    gap
        Whether the record has one, since the first arrival.
    seen
        For each arrival, the share of the first zone's precursors in the main window that could
        have been recorded: known days, and land of the zone near enough. Shape (arrivals,).
    """

    kind: str
    arrivals: int
    rows: tuple[Row, ...]
    detect: Detect
    notes: tuple[str, ...]
    gap: bool
    seen: NDArray[np.float64]


def largest(observed: NDArray[np.float64], null: NDArray[np.float64]) -> float:
    """P-value of the largest of several standardised statistics (max-T; Westfall & Young).

    Each statistic is standardised by the mean and the standard deviation of observed and null
    values together, so that they are exchangeable under the null and the p-value is exact.

    Parameters
    ----------
    observed
        One value per window, shape (windows,).
    null
        The same under the null, drawn jointly, shape (permutations, windows).

    Returns
    -------
    p
        In (0, 1]; 1 if no statistic varies.

    Examples
    --------
    >>> import numpy as np
    >>> largest(np.array([5.0]), np.zeros((19, 1)))
    0.05
    """
    every = np.vstack([observed[None, :], null]).astype(np.float64)
    spread = every.std(axis=0)
    live = spread > 0.0
    if not live.any():
        return 1.0
    top = ((every[:, live] - every[:, live].mean(axis=0)) / spread[live]).max(axis=1)
    return float((top >= top[0] - 1e-9).sum() / len(top))


def ratio_range(
    pairs: NDArray[np.float64],
    expected: NDArray[np.float64],
    interval: float,
    generator: np.random.Generator,
    draws: int = 999,
) -> tuple[float, float, float]:
    """Ratio of pairs to what chance gives, with the wider of two ranges.

    One range is the bootstrap over arrivals, which sees that pairs come in bunches; the other
    the exact Poisson range, which sees that few pairs are few.

    Parameters
    ----------
    pairs, expected
        Per arrival, shape (arrivals,).
    interval
        Probability inside the range.
    generator
        Of the bootstrap.
    draws
        Of the bootstrap.

    Returns
    -------
    ratio, low, high
        NaN if nothing is expected.
    """
    total, chance = float(pairs.sum()), float(expected.sum())
    if chance <= 0.0:
        return (float("nan"),) * 3
    tail = (1.0 - interval) / 2.0
    exact_low = float(stats.gamma.ppf(tail, total)) if total > 0 else 0.0
    exact_high = float(stats.gamma.ppf(1.0 - tail, total + 1.0))
    often = generator.multinomial(len(pairs), np.full(len(pairs), 1.0 / len(pairs)), size=draws)
    above, below = often @ pairs, often @ expected
    drawn = above[below > 0.0] / below[below > 0.0]
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    return (
        total / chance,
        min(float(low), exact_low / chance),
        max(float(high), exact_high / chance),
    )
