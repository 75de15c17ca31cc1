"""Events per region and year by Poisson–gamma shrinkage (empirical Bayes).

The last counts by region and year may be years old, and fresher ones may cover a single month.
The old ones make a gamma prior for each region; how much it is worth (its weight in years) and
how far regions are drawn towards their state's mean is fitted on the past: how well would counts
of the same age have foretold later years? The fresh months then update it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import optimize, stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Intensity", "Prior", "estimate", "fit_prior"]

WINDOW = 3  # years of counts behind a forecast
LAGS = (5, 6, 7)  # years between the window's end and the year foretold, unless told otherwise
KNOWN_LAG = 2  # years between the last deaths known and the year foretold
FLOOR_YR = 0.25  # events a year added to every region, so that none is thought immune
GROWTH_LIMIT = 5.0  # a state's violence is not taken to grow or fall by more than this factor


@dataclass(frozen=True)
class Prior:
    """How the past is used.

    Attributes
    ----------
    pull
        Weight of the state's mean in a region's expected count, in [0, 1].
    weight_yr
        Years of observation that the prior is worth.
    pairs
        Number of region-years that it was fitted on; 0 if there were none.
    """

    pull: float
    weight_yr: float
    pairs: int


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
    prior: Prior


def estimate(
    regions: pd.DataFrame,
    events_year: pd.DataFrame,
    events_month: pd.DataFrame,
    deaths_year: pd.DataFrame,
    *,
    coverage: float,
    interval: float,
) -> Intensity:
    """Estimate events per region and year, now.

    Parameters
    ----------
    regions
        All regions: iso3, region. A region that a table does not name had no events.
    events_year
        iso3, region, year, events, deaths.
    events_month
        iso3, region, year, month, events: fresher months, after the years.
    deaths_year
        iso3, year, deaths: the whole record by state, for growth since the region table ends.
    coverage
        Share of a state's deaths that its region table must hold to enter the fit.
    interval
        Probability inside the range.

    Returns
    -------
    Intensity
        Posterior by region, in the order of `regions`.
    """
    counts = _counts(regions, events_year)
    deaths = deaths_year.pivot_table(
        index="iso3", columns="year", values="deaths", aggfunc="sum", fill_value=0
    )
    if counts.empty:
        prior = Prior(pull=0.5, weight_yr=1.0 / 12.0, pairs=0)
        mean = np.full(len(counts), FLOOR_YR)
    else:
        last = int(counts.columns[-1])
        latest = int(deaths.columns.max()) if len(deaths.columns) else last
        fresh_yr = int(events_month["year"].max()) if len(events_month) else latest + 1
        now = max(fresh_yr, latest + 1, last + 1)
        prior = fit_prior(
            counts,
            deaths,
            covered=_covered(events_year, deaths, coverage),
            lags=tuple(sorted({max(1, now - last + step) for step in (-1, 0, 1)})),
            known_lag=now - latest,
        )
        mean = _expected(counts, deaths, prior.pull, end=last, known_to=latest)
    months = events_month[["year", "month"]].drop_duplicates()
    observed_yr = len(months) / 12.0
    fresh = events_month.groupby(["iso3", "region"])["events"].sum()
    seen = fresh.reindex(counts.index, fill_value=0).to_numpy(np.float64)
    shape = prior.weight_yr * mean + seen
    rate = np.full(shape.size, prior.weight_yr + observed_yr)
    tail = (1.0 - interval) / 2.0
    table = counts.index.to_frame(index=False).assign(
        prior_events_yr=mean,
        observed_events=seen,
        observed_yr=observed_yr,
        events_yr=shape / rate,
        events_low=_quantile(tail, shape, rate),
        events_high=_quantile(1.0 - tail, shape, rate),
    )
    return Intensity(table=table, shape=shape, rate_yr=rate, prior=prior)


def fit_prior(
    counts: pd.DataFrame,
    deaths: pd.DataFrame,
    *,
    covered: frozenset[str],
    lags: tuple[int, ...] = LAGS,
    known_lag: int = KNOWN_LAG,
) -> Prior:
    """Fit how far old counts foretell later ones, by the likelihood of what came.

    Parameters
    ----------
    counts
        Events, index (iso3, region), one column per year.
    deaths
        Deaths, index iso3, one column per year.
    covered
        The states whose table is complete enough.
    lags
        Years between the window's end and the year foretold: about as many as lie between the
        last year of counts and now.
    known_lag
        Years between the last deaths known and the year foretold.

    Returns
    -------
    Prior
        The likeliest pull and weight; a weak default (pull 0.5, a month) where nothing can be
        fitted.
    """
    known = counts[counts.index.get_level_values("iso3").isin(sorted(covered))]
    years = [int(year) for year in counts.columns]
    pairs = [
        (year, year - lag)
        for year in years
        for lag in lags
        if set(range(year - lag - WINDOW + 1, year - lag + 1)) <= set(years)
    ]
    if known.empty or not pairs or known.to_numpy().sum() == 0:
        return Prior(pull=0.5, weight_yr=1.0 / 12.0, pairs=0)

    parts = [
        (year, _parts(known, deaths, end=end, known_to=year - known_lag)) for year, end in pairs
    ]
    seen = np.stack([known[year].to_numpy() for year, _ in parts])
    own, state, growth = (np.stack([part[n] for _, part in parts]) for n in range(3))

    def loss(parameters: NDArray[np.float64]) -> float:
        pull = 1.0 / (1.0 + np.exp(-parameters[0]))
        weight = np.exp(parameters[1])
        mean = ((1.0 - pull) * own + pull * state) * growth
        size = np.maximum(weight * mean, 1e-9)  # a negative binomial: Poisson mixed by gamma
        # a sum per pair first, then over the pairs
        logs = stats.nbinom.logpmf(seen, size, weight / (weight + 1.0)).sum(axis=1)
        return -float(logs.sum())

    best = optimize.minimize(
        loss,
        np.array([0.0, np.log(0.1)]),
        method="L-BFGS-B",
        bounds=[(-5.0, 5.0), (np.log(1e-3), np.log(10.0))],
    )
    return Prior(
        pull=float(1.0 / (1.0 + np.exp(-best.x[0]))),
        weight_yr=float(np.exp(best.x[1])),
        pairs=len(pairs) * len(known),
    )


def _counts(regions: pd.DataFrame, events_year: pd.DataFrame) -> pd.DataFrame:
    """Events by region (all of them) and year (those observed: a year without a row was not)."""
    index = pd.MultiIndex.from_frame(regions[["iso3", "region"]])
    if events_year.empty:
        return pd.DataFrame(index=index)
    years = sorted(events_year["year"].astype(int).unique())
    table = events_year.pivot_table(
        index=["iso3", "region"], columns="year", values="events", aggfunc="sum", fill_value=0
    )
    return table.reindex(index=index, columns=list(years), fill_value=0).astype(float)


def _covered(events_year: pd.DataFrame, deaths: pd.DataFrame, coverage: float) -> frozenset[str]:
    """Find the states whose region table holds most of their recorded deaths."""
    held = events_year.groupby("iso3")["deaths"].sum()
    first, last = events_year["year"].min(), events_year["year"].max()
    whole = deaths.loc[:, first:last].sum(axis=1)
    share = (held / whole.reindex(held.index)).fillna(0.0)
    return frozenset(str(iso3) for iso3 in share.index[share >= coverage])


def _expected(
    counts: pd.DataFrame, deaths: pd.DataFrame, pull: float, *, end: int, known_to: int
) -> NDArray[np.float64]:
    """Expect events a year from the window ending with a year, grown with the state's deaths."""
    own, state, growth = _parts(counts, deaths, end=end, known_to=known_to)
    expected: NDArray[np.float64] = ((1.0 - pull) * own + pull * state) * growth
    return expected


def _parts(
    counts: pd.DataFrame, deaths: pd.DataFrame, *, end: int, known_to: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give what an expectation is made of: a region's window, its state's mean, the growth.

    A quarter of an event a year is added to every region.
    """
    window = counts.loc[:, end - WINDOW + 1 : end].mean(axis=1) + FLOOR_YR
    state = window.groupby(level="iso3").transform("mean")
    own, mean = window.to_numpy(np.float64), state.to_numpy(np.float64)
    if not len(deaths.columns):
        return own, mean, np.ones(len(own))
    then = deaths.loc[:, end - WINDOW + 1 : end].mean(axis=1)
    now = deaths.loc[:, known_to - WINDOW + 1 : known_to].mean(axis=1)
    growth = ((now + 1.0) / (then + 1.0)).clip(1.0 / GROWTH_LIMIT, GROWTH_LIMIT)
    factor = growth.reindex(counts.index.get_level_values("iso3")).fillna(1.0)
    return own, mean, factor.to_numpy(np.float64)


def _quantile(
    probability: float, shape: NDArray[np.float64], rate: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.asarray(stats.gamma.ppf(probability, shape, scale=1.0 / rate), dtype=np.float64)
