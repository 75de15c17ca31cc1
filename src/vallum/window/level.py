"""A level that drifts from month to month, seen through events: filter, smoother, likelihood.

Every function takes many candidates of the two variances at once (the last axis), so that one
pass over the months serves the likelihood of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, ndtr

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["Filtered", "Fit", "Prior", "candidates", "fit", "kalman", "quantile", "smooth", "weigh"]

GRID = 16  # steps of each standard deviation: twice as many move no interval of the record by 0.01
HALVINGS = 40  # of an interval of some 20 points: ends are right to 1e-10
LEAST = 1e-3  # the least drift that the likelihood's peak is sought at: 0.001 a month is none


@dataclass(frozen=True)
class Prior:
    """What is held of a level before an event is seen, on Goldstein's scale.

    Attributes
    ----------
    mean, variance
        Of the first month's level; the default is as wide as a level anywhere on −10 to 10.
    event_sd
        Least and most of an event's standard deviation about the month's level.
    drift_sd
        Least and most of the level's standard deviation from one month to the next.
    """

    mean: float = 0.0
    variance: float = 20.0**2 / 12
    event_sd: tuple[float, float] = (0.5, 6.0)
    drift_sd: tuple[float, float] = (0.0, 1.5)


class Filtered(NamedTuple):
    """What the months up to each one say of its level, for each candidate.

    Attributes
    ----------
    ahead_mean, ahead_variance
        Before the month's own events; shape (months, candidates).
    mean, variance
        With them.
    log_density
        Of the month's mean weight given the months before; 0 without events.
    """

    ahead_mean: Floats
    ahead_variance: Floats
    mean: Floats
    variance: Floats
    log_density: Floats


class Fit(NamedTuple):
    """Where the likelihood of the two variances peaks.

    Attributes
    ----------
    event_variance
        Of one event about the level.
    drift_variance
        Of the level from one month to the next.
    log_likelihood
        There.
    """

    event_variance: float
    drift_variance: float
    log_likelihood: float


def candidates(prior: Prior, steps: int = GRID) -> tuple[Floats, Floats]:
    """Lay candidates of the two variances evenly over the ranges of their standard deviations.

    Parameters
    ----------
    prior
        Has the ranges.
    steps
        How many of each.

    Returns
    -------
    event, drift
        Variances, each of shape (steps²,).
    """
    middle = (np.arange(steps) + 0.5) / steps
    event, drift = (low + middle * (high - low) for low, high in (prior.event_sd, prior.drift_sd))
    both = np.meshgrid(event**2, drift**2, indexing="ij")
    return both[0].ravel(), both[1].ravel()


def kalman(
    means: Floats, counts: Floats, event: ArrayLike, drift: ArrayLike, prior: Prior
) -> Filtered:
    """Filter a series; months without events are missing observations.

    Parameters
    ----------
    means
        Mean weight of each month's events, shape (months,); not read where there are none.
    counts
        Events of each month.
    event, drift
        Candidates of the two variances, shape (candidates,).
    prior
        Of the first month's level.
    """
    event, drift = np.atleast_1d(np.asarray(event, float)), np.atleast_1d(np.asarray(drift, float))
    out = Filtered(*np.zeros((5, len(means), len(event))))
    mean, variance = np.full(len(event), prior.mean), np.full(len(event), prior.variance)
    for t, (seen, count) in enumerate(zip(means.tolist(), counts.tolist(), strict=True)):
        if t:
            variance = variance + drift
        out.ahead_mean[t], out.ahead_variance[t] = mean, variance
        if count > 0:
            total = variance + event / count
            error = seen - mean
            out.log_density[t] = -0.5 * (np.log(2 * np.pi * total) + error**2 / total)
            gain = variance / total
            mean, variance = mean + gain * error, variance * (event / count) / total
        out.mean[t], out.variance[t] = mean, variance
    return out


def smooth(filtered: Filtered) -> tuple[Floats, Floats]:
    """Give what all months say of each one's level (Rauch, Tung and Striebel).

    Parameters
    ----------
    filtered
        As `kalman` gives it.

    Returns
    -------
    mean, variance
        Shape (months, candidates).
    """
    mean, variance = filtered.mean.copy(), filtered.variance.copy()
    for t in range(len(mean) - 2, -1, -1):
        back = filtered.variance[t] / filtered.ahead_variance[t + 1]
        mean[t] += back * (mean[t + 1] - filtered.ahead_mean[t + 1])
        variance[t] += back**2 * (variance[t + 1] - filtered.ahead_variance[t + 1])
    return mean, variance


def weigh(filtered: Filtered) -> Floats:
    """Weigh candidates by the likelihood of the months up to each.

    Parameters
    ----------
    filtered
        Of candidates laid evenly, so that each stands for as much of the prior.

    Returns
    -------
    weights
        Shape (months, candidates); each row sums to 1.
    """
    total = np.cumsum(filtered.log_density, axis=0)
    return np.asarray(np.exp(total - logsumexp(total, axis=1, keepdims=True)), np.float64)


def fit(means: Floats, counts: Floats, prior: Prior) -> Fit:
    """Find the two variances at which the series is most likely, within the prior's ranges.

    The search starts from the best of a grid, so that it has one start and no chance in it.

    Parameters
    ----------
    means, counts
        As `kalman` takes them.
    prior
        Has the ranges.
    """
    event, drift = candidates(prior)
    best = int(np.argmax(kalman(means, counts, event, drift, prior).log_density.sum(axis=0)))
    bounds = [tuple(np.log(np.maximum(ends, LEAST))) for ends in (prior.event_sd, prior.drift_sd)]

    def cost(logs: Floats) -> float:
        """Give minus the log likelihood at the logarithms of the two standard deviations."""
        two = np.exp(2 * logs)
        return -float(kalman(means, counts, two[0], two[1], prior).log_density.sum())

    start = 0.5 * np.log([event[best], drift[best]])
    found = minimize(cost, start, method="L-BFGS-B", bounds=bounds)
    two = np.exp(2 * found.x)
    return Fit(float(two[0]), float(two[1]), -float(found.fun))


def quantile(mean: Floats, variance: Floats, weights: Floats, share: float) -> Floats:
    """Give a quantile of mixtures of normal laws, by halving.

    Parameters
    ----------
    mean, variance, weights
        Shape (rows, candidates); the weights of a row sum to 1.
    share
        Below the quantile.

    Returns
    -------
    values
        Shape (rows,).
    """
    sd = np.sqrt(variance)
    low, high = (mean - 9 * sd).min(axis=1), (mean + 9 * sd).max(axis=1)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = (weights * ndtr((middle[:, None] - mean) / sd)).sum(axis=1) < share
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2, np.float64)
