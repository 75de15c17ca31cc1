"""Events per region and year, now, by Poisson–gamma shrinkage (empirical Bayes).

The last counts by region and year may be years old, and fresher ones may cover a single month.
The old ones make a gamma prior for each region, from its own past, its state and its neighbours;
how, and how much it is worth, is fitted on the past: how well would counts of the same age have
foretold later years? The fresh months then update it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from vallum.threat.intensity.counts import WINDOW, Fit, Pairs, fit
from vallum.threat.intensity.history import pairs, parts

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.threat.intensity.history import History

__all__ = ["Intensity", "covered", "estimate", "fit_prior"]


@dataclass(frozen=True, eq=False)
class Intensity:
    """Posterior of the event rate by region: gamma with `shape` and `rate_yr`.

    Attributes
    ----------
    table
        One row per region: iso3, region, prior_events_yr, observed_events, observed_yr,
        events_yr (mean), events_low, events_high.
    shape, rate_yr
        Parameters of the gamma distribution of events per year, shape (regions,).
    prior
        What was fitted.
    """

    table: pd.DataFrame
    shape: NDArray[np.float64]
    rate_yr: NDArray[np.float64]
    prior: Fit


def estimate(
    past: History,
    events_month: pd.DataFrame,
    *,
    trusted: frozenset[str] | None = None,
    interval: float = 0.9,
    model: str = "shrinkage",
    spread: float = 1.0,
) -> Intensity:
    """Estimate events per region and year, now.

    Parameters
    ----------
    past
        Counts by region and year, and deaths by state and year.
    events_month
        iso3, region, year, month, events: fresher months, after the years.
    trusted
        States whose counts enter the fit, as `covered` finds them; all if None.
    interval
        Probability inside the range.
    model
        Key of `vallum.threat.intensity.counts.MODELS`.
    spread
        Of the weak prior of the parameters.

    Returns
    -------
    Intensity
        Posterior by region, in the order of `past.names`.
    """
    prior, mean = _prior(past, events_month, trusted, model, spread)
    months = events_month[["year", "month"]].drop_duplicates()
    observed_yr = len(months) / 12.0
    fresh = events_month.groupby(["iso3", "region"])["events"].sum()
    seen = fresh.reindex(past.counts.index, fill_value=0).to_numpy(np.float64)
    size = prior.size(mean)
    shape = size + seen
    rate = size / mean + observed_yr
    tail = (1.0 - interval) / 2.0
    table = past.names[["iso3", "region"]].assign(
        prior_events_yr=mean,
        observed_events=seen,
        observed_yr=observed_yr,
        events_yr=shape / rate,
        events_low=_quantile(tail, shape, rate),
        events_high=_quantile(1.0 - tail, shape, rate),
    )
    return Intensity(table=table, shape=shape, rate_yr=rate, prior=prior)


def fit_prior(
    past: History,
    *,
    trusted: frozenset[str] | None,
    lags: tuple[int, ...],
    known_lag: int,
    model: str = "shrinkage",
    spread: float = 1.0,
) -> Fit:
    """Fit how counts as old as ours foretell later ones, by the likelihood of what came.

    Parameters
    ----------
    past
        The record.
    trusted
        The states whose counts are complete enough; all if None.
    lags
        Years between the last year of counts and the year foretold: about as many as lie between
        the last year of counts and now.
    known_lag
        Years between the last deaths known and the year foretold.
    model, spread
        As in `estimate`.

    Returns
    -------
    Fit
        The likeliest; the middle of the weak prior, with `pairs` 0, where nothing can be fitted.
    """
    years = set(past.years)
    when = [
        (year, year - lag, year - known_lag)
        for year in past.years
        for lag in lags
        if set(range(year - lag - WINDOW + 1, year - lag + 1)) <= years
    ]
    keep = np.ones(len(past.names), np.bool_)
    if trusted is not None:
        keep = past.names["iso3"].isin(sorted(trusted)).to_numpy()
    return fit(model, pairs(past, when, keep), spread=spread)


def covered(past: History, events_year: pd.DataFrame, coverage: float) -> frozenset[str]:
    """Find the states whose region table holds most of their recorded deaths.

    Parameters
    ----------
    past
        The record, with deaths by state.
    events_year
        iso3, year, deaths (of the region table).
    coverage
        Least share.

    Returns
    -------
    states
        Their iso3.
    """
    if events_year.empty:
        return frozenset()
    held = events_year.groupby("iso3")["deaths"].sum()
    first, last = events_year["year"].min(), events_year["year"].max()
    whole = past.deaths.loc[:, first:last].sum(axis=1)
    share = (held / whole.reindex(held.index)).fillna(0.0)
    return frozenset(str(iso3) for iso3 in share.index[share >= coverage])


def _prior(
    past: History,
    events_month: pd.DataFrame,
    trusted: frozenset[str] | None,
    model: str,
    spread: float,
) -> tuple[Fit, NDArray[np.float64]]:
    """Fit the prior and expect events a year by region."""
    if not past.years:
        prior = fit(model, Pairs(np.zeros((4, WINDOW, 0)), np.zeros(0)), spread=spread)
        return prior, np.full(len(past.names), prior.floor_yr)
    last = past.years[-1]
    latest = int(past.deaths.columns.max()) if len(past.deaths.columns) else last
    fresh = int(events_month["year"].max()) if len(events_month) else latest + 1
    now = max(fresh, latest + 1, last + 1)
    prior = fit_prior(
        past,
        trusted=trusted,
        lags=tuple(sorted({max(1, now - last + step) for step in (-1, 0, 1)})),
        known_lag=now - latest,
        model=model,
        spread=spread,
    )
    return prior, prior.mean(parts(past, end=last, known_to=latest))


def _quantile(
    probability: float, shape: NDArray[np.float64], rate: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.asarray(stats.gamma.ppf(probability, shape, scale=1.0 / rate), dtype=np.float64)
