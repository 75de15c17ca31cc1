"""The climate between two states by month: a level with its uncertainty, or 'no data'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.ledger import Assumption
from vallum.window.level import Prior, candidates, fit, kalman, quantile, smooth, weigh

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["LEAST_MONTHS", "NO_DATA", "Climate", "climate", "ledger"]

NO_DATA = "no data"
LEAST_MONTHS = 8  # months with events, below which a pair has no climate
LEVEL = 0.9  # what intervals hold
NEEDED = ("pair", "month", "events", "goldstein_mean")


@dataclass(frozen=True, eq=False)
class Climate:
    """Levels of relations, by pair and month.

    Attributes
    ----------
    pairs
        As `DZA-MLI`.
    months
        Every month from the first to the last of the table, datetime64[M].
    mid, low, high
        Mean and interval of the level, shape (pairs, months), on the scale of the weights; NaN
        for a pair without data.
    means, counts
        What was seen: mean weight (NaN without events) and number of events.
    event_variance, drift_variance
        Of one event about the level, and of the level from month to month, where the likelihood
        peaks; shape (pairs,), NaN without data.
    log_likelihood
        There.
    status
        For each pair, empty or why there is no climate: `no data: 3 months with events of 8`.
    share
        Of the belief that an interval holds.
    ledger
        The assumptions.
    """

    pairs: tuple[str, ...]
    months: NDArray[np.datetime64]
    mid: Floats
    low: Floats
    high: Floats
    means: Floats
    counts: Floats
    event_variance: Floats
    drift_variance: Floats
    log_likelihood: Floats
    status: tuple[str, ...]
    share: float
    ledger: tuple[Assumption, ...]

    def series(self, pair: str) -> tuple[Floats, Floats]:
        """Give a pair's mean weights and counts, shape (months,).

        Raises
        ------
        InputError
            If the table has no such pair.
        """
        if pair not in self.pairs:
            raise InputError([Fault("climate", pair, "no such pair", "use one of the table's")])
        row = self.pairs.index(pair)
        return self.means[row], self.counts[row]


def ledger(prior: Prior, least: int = LEAST_MONTHS) -> tuple[Assumption, ...]:
    """Say what the climate rests on.

    Parameters
    ----------
    prior
        Of the level and its variances.
    least
        Months with events that a pair needs.
    """
    rows = []
    for name, ends, why in (
        ("event_sd", prior.event_sd, "single acts differ by a step of the scale or by most of it"),
        ("drift_sd", prior.drift_sd, "1.5 a month is 5 a year: half the scale's width of one sign"),
    ):
        source = f"judgement: {why}; the likelihood weighs what is between"
        rows.append(Assumption(f"window.climate.{name}", None, *ends, "weight", source))
    wide = "judgement: as wide as a level anywhere on the scale of −10 to 10"
    few = "judgement: two variances and a level can't be told from fewer"
    return (
        *rows,
        Assumption("window.climate.first_variance", prior.variance, None, None, "weight²", wide),
        Assumption("window.climate.least_months", least, None, None, "months", few),
    )


def climate(
    months: pd.DataFrame,
    *,
    prior: Prior | None = None,
    least: int = LEAST_MONTHS,
    share: float = LEVEL,
) -> Climate:
    """Estimate the level of each pair in each month from its events.

    Variances are reported where the likelihood peaks. Level and interval don't rest on that
    point alone: they are averaged over both variances by likelihood, since a peak taken for the
    truth makes intervals of short series too narrow.

    Parameters
    ----------
    months
        As `panel.monthly`: pair, month, events, goldstein_mean.
    prior
        Of the first level and the ranges of the two variances.
    least
        Months with events that a pair needs.
    share
        Of the belief that an interval holds.

    Raises
    ------
    InputError
        If columns lack, a pair has a month twice, or a count or a mean is no finite number.
    """
    prior = Prior() if prior is None else prior
    pairs, span, means, counts = _table(months)
    shape = means.shape
    mid, low, high = (np.full(shape, np.nan) for _ in range(3))
    peaks = np.full((3, len(pairs)), np.nan)
    status = []
    for row, (seen, count) in enumerate(zip(means, counts, strict=True)):
        months_seen = int((count > 0).sum())
        if months_seen < max(least, 1):
            status.append(f"{NO_DATA}: {months_seen} months with events of {least}")
            continue
        status.append("")
        mid[row], low[row], high[row] = _levels(seen, count, prior, share)
        peaks[:, row] = fit(seen, count, prior)
    event, drift, peak = (frozen(row) for row in peaks)
    return Climate(
        pairs, frozen(span), frozen(mid), frozen(low), frozen(high), frozen(means), frozen(counts),
        event, drift, peak, tuple(status), share, ledger(prior, least),
    )  # fmt: skip


def _levels(
    means: Floats, counts: Floats, prior: Prior, share: float
) -> tuple[Floats, Floats, Floats]:
    """Give mean and interval of each month's level, averaged over the variances."""
    filtered = kalman(means, counts, *candidates(prior), prior)
    mean, variance = smooth(filtered)
    weights = np.broadcast_to(weigh(filtered)[-1], mean.shape)
    low, high = (quantile(mean, variance, weights, (1 + side * share) / 2) for side in (-1, 1))
    return (mean * weights).sum(axis=1), low, high


def _table(
    months: pd.DataFrame,
) -> tuple[tuple[str, ...], NDArray[np.datetime64], Floats, Floats]:
    """Lay a table of pairs and months out as arrays, or say all that is wrong with it."""
    lacking = [name for name in NEEDED if name not in months]
    if lacking or months.empty:
        found = f"no column {', '.join(lacking)}" if lacking else "no rows"
        raise InputError([Fault("climate", "months", found, "give what panel.monthly gives")])
    month = months["month"].to_numpy("datetime64[M]")
    count, mean = (months[name].to_numpy(np.float64) for name in NEEDED[2:])
    twice = months.assign(month=month.astype("datetime64[s]")).duplicated(["pair", "month"])
    faults = [
        Fault("climate", f"{months['pair'].iloc[k]} {month[k]}", found, mend)
        for wrong, found, mend in (
            (twice.to_numpy(bool), "the month comes twice", "give one row for each"),
            (~(count >= 0), "the number of events is no count", "give 0 or more"),
            (np.isinf(mean), "the mean weight is not finite", "leave it empty, or give a number"),
        )
        for k in np.flatnonzero(wrong)
    ]
    if faults:
        raise InputError(faults)
    pairs = tuple(sorted(set(months["pair"].astype(str))))
    span = np.arange(month.min(), month.max() + 1)
    rows = np.searchsorted(pairs, months["pair"].astype(str).to_numpy(str))
    means, counts = np.full((len(pairs), len(span)), np.nan), np.zeros((len(pairs), len(span)))
    columns = (month - span[0]).astype(np.int64)
    with_weight = (count > 0) & ~np.isnan(mean)  # events without a weight tell nothing of the level
    means[rows[with_weight], columns[with_weight]] = mean[with_weight]
    counts[rows[with_weight], columns[with_weight]] = count[with_weight]
    return pairs, span, means, counts
