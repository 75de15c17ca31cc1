"""Civilians who cross where no gate is: how often they are challenged, and what it does to them.

    challenges = Σ_cells km · r · away · P_D        a year
    harmed     = challenges · harm                  people killed or injured a year

r is journeys per km and year, `away` the share of them that don't go by a gate, P_D the probability
that what stands there sees a crossing. These factors err by ratios, some of them by orders of
magnitude, and independently: so the ends multiply the mid by e to the power of the root of the sum
of squares of the logarithms of their ratios.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.works.people.figures import PeopleFigures
    from vallum.works.people.gates import Gates

__all__ = ["Ends", "challenges", "product"]


@dataclass(frozen=True)
class Ends:
    """A number with its ends.

    Attributes
    ----------
    low, mid, high
        low ≤ mid ≤ high.
    """

    low: float
    mid: float
    high: float


def product(base: float, factors: Sequence[tuple[float, float, float]]) -> Ends:
    """Multiply a number by factors that are known with their ends, each (low, mode, high) above 0.

    Examples
    --------
    >>> product(10.0, [(0.5, 1.0, 2.0)])
    Ends(low=5.0, mid=10.0, high=20.0)
    """
    mid = base * math.prod(mode for _, mode, _ in factors)
    down = math.sqrt(sum(math.log(mode / low) ** 2 for low, mode, _ in factors))
    up = math.sqrt(sum(math.log(high / mode) ** 2 for _, mode, high in factors))
    return Ends(mid * math.exp(-down), mid, mid * math.exp(up))


def challenges(
    length_km: NDArray[np.float64],
    gates: Gates,
    detection: NDArray[np.float64],
    figures: PeopleFigures,
    kind: str,
) -> tuple[Ends, Ends]:
    """Expect false challenges of one kind of people, and the harm of them.

    Parameters
    ----------
    length_km
        Length of the drawn line in each cell, 0 elsewhere, shape (rows, cols).
    gates
        From `vallum.works.people.gates.gate_density`.
    detection
        Probability that the composition there sees a crossing, shape (rows, cols).
    figures
        Shares that cross elsewhere, and harm per challenge.
    kind
        "road", "herders", "traders" or "fleeing".

    Returns
    -------
    challenged, harmed
        Journeys challenged, and people killed or injured, a year.
    """
    shut = kind in gates.closed
    away = (figures.away_closed if shut else figures.away_share)[kind]
    harm = figures.harm_per_challenge[kind]
    journeys = gates.crossed
    seen = float(np.sum(length_km * journeys.journeys[kind] * detection))
    factors = [
        (journeys.low[kind], 1.0, journeys.high[kind]),
        (away.low, away.mode, away.high),
    ]
    return product(seen, factors), product(seen, [*factors, (harm.low, harm.mode, harm.high)])
