"""The climate of the months ahead, and how such outlooks would have done in the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.window.level import Prior, candidates, kalman, quantile, weigh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["HORIZONS", "Outlook", "back_test", "outlook", "paths", "summary"]

HORIZONS = (6, 12, 18, 24)
LEVEL = 0.9  # what intervals hold
FIRST = 8  # months with events before the first origin of a back-test


@dataclass(frozen=True, eq=False)
class Outlook:
    """A level ahead.

    Attributes
    ----------
    ahead
        Months from the last of the series, shape (horizons,).
    mid, low, high
        Mean and interval of the level.
    share
        Of the belief that an interval holds.
    """

    ahead: NDArray[np.int64]
    mid: Floats
    low: Floats
    high: Floats
    share: float


def _checked(counts: Floats, ahead: Sequence[int]) -> NDArray[np.int64]:
    """Give the months ahead, or say what is wrong."""
    months = np.asarray(ahead, np.int64)
    faults = []
    if not len(months) or (months < 1).any():
        faults.append(Fault("outlook", "ahead", str(list(ahead)), "give months of 1 or more"))
    if not (counts > 0).any():
        faults.append(Fault("outlook", "counts", "no data: no month with events", "leave it out"))
    if faults:
        raise InputError(faults)
    return months


def outlook(
    means: Floats,
    counts: Floats,
    ahead: Sequence[int] = HORIZONS,
    *,
    prior: Prior | None = None,
    share: float = LEVEL,
) -> Outlook:
    """Give the level some months after the series' end, in closed form.

    Parameters
    ----------
    means, counts
        As `climate.Climate.series` gives them.
    ahead
        Months from the last.
    prior
        Of the first level and the ranges of the two variances.
    share
        Of the belief that an interval holds.

    Raises
    ------
    InputError
        If no month has events, or a month ahead is below 1.
    """
    prior = Prior() if prior is None else prior
    months = _checked(counts, ahead)
    event, drift = candidates(prior)
    filtered = kalman(means, counts, event, drift, prior)
    shape = (len(months), len(event))
    weights = np.broadcast_to(weigh(filtered)[-1], shape)
    mean = np.broadcast_to(filtered.mean[-1], shape)
    variance = filtered.variance[-1] + months[:, None] * drift
    low, high = (quantile(mean, variance, weights, (1 + side * share) / 2) for side in (-1, 1))
    mid = (weights * mean).sum(axis=1)
    return Outlook(frozen(months), frozen(mid), frozen(low), frozen(high), share)


def paths(
    means: Floats,
    counts: Floats,
    ahead: int,
    draws: int,
    rng: np.random.Generator,
    *,
    prior: Prior | None = None,
    with_last: bool = False,
) -> Floats:
    """Draw levels of every month ahead, each path with variances drawn by their likelihood.

    Parameters
    ----------
    means, counts
        As `climate.Climate.series` gives them.
    ahead
        Months from the last.
    draws
        How many paths.
    rng
        For the paths.
    prior
        Of the first level and the ranges of the two variances.
    with_last
        Whether the level of the series' last month, from which the path sets out, comes first.

    Returns
    -------
    levels
        Shape (draws, ahead), or (draws, 1 + ahead) with the last month.

    Raises
    ------
    InputError
        If no month has events, or `ahead` is below 1.
    """
    prior = Prior() if prior is None else prior
    _checked(counts, [ahead])
    event, drift = candidates(prior)
    filtered = kalman(means, counts, event, drift, prior)
    chosen = rng.choice(len(event), draws, p=weigh(filtered)[-1])
    start = rng.normal(filtered.mean[-1, chosen], np.sqrt(filtered.variance[-1, chosen]))
    steps = rng.standard_normal((draws, ahead)) * np.sqrt(drift[chosen])[:, None]
    walk = np.asarray(start[:, None] + np.cumsum(steps, axis=1), np.float64)
    return np.column_stack([start, walk]) if with_last else walk


def back_test(
    means: Floats,
    counts: Floats,
    ahead: Sequence[int] = HORIZONS,
    *,
    prior: Prior | None = None,
    share: float = LEVEL,
) -> pd.DataFrame:
    """Forecast each month with events from every earlier one, with what was known by then.

    What is forecast is the mean weight of the month's events, given how many they were. *No
    change* says the last mean weight again, with the spread that such forecasts had until then;
    *mean so far* says the mean of all events until then.

    Parameters
    ----------
    means, counts
        As `climate.Climate.series` gives them.
    ahead
        Months from each origin. An origin is a month with events, from the eighth of them on.
    prior
        Of the first level and the ranges of the two variances.
    share
        Of the belief that an interval holds.

    Returns
    -------
    forecasts
        A row for each origin and horizon whose month has events: origin (index), ahead, seen,
        mid, low, high, log_score (log density of what was seen), no_change, no_change_log_score,
        mean_so_far.

    Raises
    ------
    InputError
        If no month has events, or a month ahead is below 1.
    """
    prior = Prior() if prior is None else prior
    months = _checked(counts, ahead)
    event, drift = candidates(prior)
    filtered = kalman(means, counts, event, drift, prior)
    at = np.flatnonzero(counts > 0)
    later = [(int(t), int(h)) for t in at[FIRST - 1 :] for h in months
             if t + h < len(counts) and counts[t + h] > 0]  # fmt: skip
    columns = ["origin", "ahead", "seen", "mid", "low", "high", "log_score", "no_change",
               "no_change_log_score", "mean_so_far"]  # fmt: skip
    if not later:
        return pd.DataFrame(columns=columns, dtype=np.float64)
    origin, gap = np.array(later).T
    seen = means[origin + gap]
    mean = filtered.mean[origin]
    variance = (
        filtered.variance[origin] + gap[:, None] * drift + event / counts[origin + gap][:, None]
    )
    weights = weigh(filtered)[origin]
    low, high = (quantile(mean, variance, weights, (1 + side * share) / 2) for side in (-1, 1))
    error = (seen[:, None] - mean) ** 2 / variance
    believed = np.log(np.maximum(weights, np.finfo(float).tiny))
    density = logsumexp(believed - 0.5 * (np.log(2 * np.pi * variance) + error), axis=1)
    rival, so_far = _rivals(means, counts, at, origin)
    spread = 0.5 * (np.log(2 * np.pi * rival) + (seen - means[origin]) ** 2 / rival)
    table = [origin, gap, seen, (weights * mean).sum(axis=1), low, high, density, means[origin],
             -spread, so_far]  # fmt: skip
    return pd.DataFrame(dict(zip(columns, table, strict=True)))


def _rivals(
    means: Floats, counts: Floats, at: NDArray[np.intp], origin: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Give what no change errs by (variance), and the mean of all events, up to each origin."""
    rank = np.searchsorted(at, origin)
    squares = np.cumsum(np.diff(means[at]) ** 2)
    floor = np.finfo(float).eps  # where all months until then are alike
    mass, total = np.cumsum(counts[at]), np.cumsum(counts[at] * means[at])
    return np.maximum(squares[rank - 1] / rank, floor), total[rank] / mass[rank]


def summary(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Sum a back-test up by horizon.

    Forecasts of one series overlap, so a horizon's count says more than they do.

    Parameters
    ----------
    forecasts
        As `back_test`; those of several series may be joined.

    Returns
    -------
    scores
        By ahead: forecasts, mae, mae_no_change, mae_mean_so_far, log_score,
        log_score_no_change (higher is better) and coverage.
    """
    seen = forecasts["seen"]
    rows = pd.DataFrame(
        {
            "ahead": forecasts["ahead"].astype(int),
            "mae": (seen - forecasts["mid"]).abs(),
            "mae_no_change": (seen - forecasts["no_change"]).abs(),
            "mae_mean_so_far": (seen - forecasts["mean_so_far"]).abs(),
            "log_score": forecasts["log_score"],
            "log_score_no_change": forecasts["no_change_log_score"],
            "coverage": seen.between(forecasts["low"], forecasts["high"]).astype(float),
        }
    )
    grouped = rows.groupby("ahead")
    out = grouped.mean()
    out.insert(0, "forecasts", grouped.size())
    return out
