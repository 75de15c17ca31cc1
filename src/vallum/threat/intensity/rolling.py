"""Forecasts one year ahead from what was known before it, by every model, with their scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from vallum.threat.intensity.counts import MODELS, WINDOW, Pairs, fit
from vallum.threat.intensity.history import parts
from vallum.threat.intensity.scores import crps, log_score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.threat.intensity.counts import Fit
    from vallum.threat.intensity.history import History

__all__ = ["PRIMARY", "Foretold", "foretell", "picks"]

PRIMARY = "shrinkage"  # until a model was scored often enough to be chosen


@dataclass(frozen=True, eq=False)
class Foretold:
    """One model's forecast of one year.

    Attributes
    ----------
    fitted
        On what was known before.
    mean, size
        Of the negative binomial by region, shape (regions scored,).
    seen
        What came, shape (regions scored,).
    log_score, crps, log_score_poisson
        By region, shape (regions scored,); the last with the same mean and no dispersion.
    """

    fitted: Fit
    mean: NDArray[np.float64]
    size: NDArray[np.float64]
    seen: NDArray[np.float64]
    log_score: NDArray[np.float64]
    crps: NDArray[np.float64]
    log_score_poisson: NDArray[np.float64]

    def bounds(self, interval: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the ends of the central interval of the count, by region."""
        tail = (1.0 - interval) / 2.0
        chance = self.size / (self.size + self.mean)
        low, high = (stats.nbinom.ppf(q, self.size, chance) for q in (tail, 1.0 - tail))
        return np.maximum(low, 0.0), np.asarray(high, np.float64)

    def inside(self, interval: float) -> NDArray[np.bool_]:
        """Say whether what came lies inside the interval, by region."""
        low, high = self.bounds(interval)
        return np.asarray((low <= self.seen) & (self.seen <= high))


def foretell(
    past: History, years: tuple[int, ...], keep: NDArray[np.bool_], *, spread: float
) -> dict[int, dict[str, Foretold]]:
    """Foretell years, each from what was known before it, by every model.

    Parameters
    ----------
    past
        The record.
    years
        To foretell.
    keep
        The regions that are fitted and scored, shape (regions,).
    spread
        Of the weak prior of the parameters.

    Returns
    -------
    told
        By year and key of `vallum.threat.intensity.counts.MODELS`.
    """
    seen = set(past.years)
    whole = [y for y in past.years if set(range(y - WINDOW, y)) <= seen]
    known = {y: parts(past, end=y - 1, known_to=y - 1)[:, :, keep] for y in whole}
    came = {y: past.counts[y].to_numpy(np.float64)[keep] for y in whole}
    told: dict[int, dict[str, Foretold]] = {}
    for year in years:
        before = [y for y in whole if y < year]
        pairs = Pairs(
            np.concatenate([known[y] for y in before], axis=2),
            np.concatenate([came[y] for y in before]),
        )
        told[year] = {
            key: _score(fit(key, pairs, spread=spread), known[year], came[year]) for key in MODELS
        }
    return told


def _score(fitted: Fit, known: NDArray[np.float64], seen: NDArray[np.float64]) -> Foretold:
    """Foretell and score one year."""
    mean = fitted.mean(known)
    size = fitted.size(mean)
    return Foretold(
        fitted=fitted,
        mean=mean,
        size=size,
        seen=seen,
        log_score=log_score(seen, mean, size),
        crps=crps(seen, mean, size),
        log_score_poisson=log_score(seen, mean, np.full(mean.size, np.inf)),
    )


def picks(told: dict[int, dict[str, Foretold]], least: int) -> dict[int, str]:
    """Choose a model for each year by the years before it alone.

    Parameters
    ----------
    told
        Of `foretell`.
    least
        Years that must have been scored before one is chosen; until then it is `PRIMARY`.

    Returns
    -------
    chosen
        By year: the key of the model with the best mean log score so far.
    """
    sums = dict.fromkeys(MODELS, 0.0)
    chosen = {}
    for n, (year, runs) in enumerate(told.items()):
        chosen[year] = PRIMARY if n < least else min(sums, key=sums.__getitem__)
        for key, run in runs.items():
            sums[key] += float(run.log_score.mean())
    return chosen
