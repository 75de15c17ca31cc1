"""Scores of forecasts of counts: log score and CRPS of the negative binomial; smaller is better.

Gneiting & Raftery 2007 (https://doi.org/10.1198/016214506000001437) define both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["crps", "log_score"]

# the sum of the CRPS stops where the chance of more is below this; what is left out is its square
TAIL = 1e-7


def log_score(
    seen: NDArray[np.float64], mean: NDArray[np.float64], size: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Logarithmic score: minus the log of the probability that was given to what came.

    Parameters
    ----------
    seen
        Counts, shape (n,).
    mean, size
        Of the negative binomial (variance `mean + mean²/size`), positive; an infinite size is the
        Poisson.

    Returns
    -------
    score
        Nats, shape (n,), not negative.

    Examples
    --------
    >>> import numpy as np
    >>> log_score(np.array([0.0]), np.array([2.0]), np.array([np.inf]))
    array([2.])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        mixed = -(
            special.gammaln(seen + size)
            - special.gammaln(size)
            - special.gammaln(seen + 1.0)
            - size * np.log1p(mean / size)
            + special.xlogy(seen, mean / (mean + size))
        )
    plain = mean - special.xlogy(seen, mean) + special.gammaln(seen + 1.0)
    return np.asarray(np.where(np.isinf(size), plain, mixed), np.float64)


def crps(
    seen: NDArray[np.float64], mean: NDArray[np.float64], size: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Continuous ranked probability score of a count, `Σ_k (F(k) − 1[k ≥ y])²`, by summation.

    Parameters
    ----------
    seen, mean, size
        As in `log_score`.

    Returns
    -------
    score
        Events, shape (n,), not negative; to about 1e-12.

    Examples
    --------
    >>> import numpy as np
    >>> crps(np.array([0.0]), np.array([1.0]), np.array([1.0])).round(6)  # Σ 4^−(k+1)
    array([0.333333])
    """
    cases = np.column_stack([seen, mean, size])
    unique, back = np.unique(cases, axis=0, return_inverse=True)
    scores = np.array([_crps_of(count, m, s) for count, m, s in unique], np.float64)
    return scores[back.ravel()]


def _crps_of(seen: float, mean: float, size: float) -> float:
    """Sum one forecast's score, from nought to where hardly anything is left."""
    plain = np.isinf(size)
    law, given = (stats.poisson, (mean,)) if plain else (stats.nbinom, (size, size / (size + mean)))
    counts = np.arange(int(max(law.isf(TAIL, *given), seen)) + 1)
    under = law.cdf(counts, *given)
    return float(((under - (counts >= seen)) ** 2).sum())
