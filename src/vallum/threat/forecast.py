"""Forecasts one year ahead, scored against three simple ones that get the same chances.

Every forecast is a negative binomial by region. Each model is fitted anew on what was known
before each split, dispersion and floor included, so the simple ones are as well calibrated as the
past allows. *Default* is what `vallum.threat.intensity.estimate` would use: at each split the
model that had the best mean log score over the splits before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from vallum.threat.counts import MODELS, Pairs, fit
from vallum.threat.history import parts
from vallum.threat.scores import crps, log_score
from vallum.threat.splits import day_of, until

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.counts import Fit
    from vallum.threat.history import History
    from vallum.threat.settings import ThreatSettings

__all__ = ["BASELINES", "Forecast", "Foretold", "forecast", "foretell"]

BASELINES = ("same_as_last_year", "regional_mean", "mean_of_three_years")
PRIMARY = "shrinkage"  # until a model was scored often enough to be chosen
SCORES = ("log_score", "crps")


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


@dataclass(frozen=True, eq=False)
class Forecast:
    """How well violence was foretold one year ahead.

    Attributes
    ----------
    table
        A row per split and model: split (first day foretold), model (`default`, and the keys of
        `vallum.threat.counts.MODELS`), fitted (the model used), log_score (nats), crps (events),
        log_score_poisson (the same mean as plain Poisson), inside (share of regions inside the
        interval), n (regions).
    means
        A row per model: log_score and crps, their means over the splits, each with _low and _high.
    against
        A row per simple forecast: how much larger its log_score and crps are than the default's,
        each with _low and _high, and on how many splits the default won (log_score_won, crps_won).
    regions
        The last split by region: iso3, region, events_yr (mean), events_low and events_high (of
        the count), observed, model.
    states
        Whose regions are scored: those with an event anywhere in the table.
    interval
        Probability inside the ranges.
    coverage, coverage_busy
        Share of region-years of the default inside the interval; and of those in which at least
        one event was expected (NaN if there were none).
    best
        The model with the best mean log score over these splits: what to use next.
    """

    table: pd.DataFrame
    means: pd.DataFrame
    against: pd.DataFrame
    regions: pd.DataFrame
    states: tuple[str, ...]
    interval: float
    coverage: float
    coverage_busy: float
    best: str

    @property
    def splits(self) -> tuple[str, ...]:
        """First days foretold, rising."""
        return tuple(self.table["split"].unique())

    @property
    def beats_all(self) -> bool:
        """Whether the default's means of both scores are better than all three simple ones'."""
        return not self.lost

    @property
    def lost(self) -> tuple[str, ...]:
        """What the default lost, as `log_score: regional_mean`."""
        rows = self.against.set_index("model")
        return tuple(
            f"{score}: {model}" for score in SCORES for model in rows.index[rows[score] <= 0]
        )


def forecast(theatre: Theatre, settings: ThreatSettings, split: str | None = None) -> Forecast:
    """Foretell the twelve months after a split, or after every split there can be, and score it.

    Parameters
    ----------
    theatre
        With counts by year, or dated events.
    settings
        Of the threat.
    split
        ISO date; all the years' ends if None.

    Returns
    -------
    Forecast
        Scores, smaller is better, with intervals by bootstrap: over the splits, or over the
        regions of a single one.

    Raises
    ------
    InputError
        As `vallum.threat.splits.until` and `day_of` do.
    """
    inner = settings.intensity
    day = None if split is None else day_of(split)
    past, years = until(theatre, day, inner)
    happened = past.counts.groupby(level="iso3").sum().sum(axis=1) > 0
    states = tuple(str(iso3) for iso3 in happened.index[happened])
    keep = past.names["iso3"].isin(states).to_numpy()
    told = foretell(past, years, keep, spread=inner.spread)
    picks = _picks(told, inner.least_splits)
    shown = years if day is None else years[-1:]
    runs = {y: {"default": told[y][picks[y]], **told[y]} for y in shown}
    names = {y: _name(day, y) for y in shown}
    tail = (1.0 - settings.interval) / 2.0
    table = pd.DataFrame([
        {"split": names[y], "model": key, **_row(run, tail)}
        for y in shown
        for key, run in runs[y].items()
    ])
    rng = np.random.default_rng(inner.seed)
    means, against = _compare(runs, rng, inner.resamples, settings.interval)
    mains = [runs[y]["default"] for y in shown]
    inside = np.concatenate([_inside(run, tail) for run in mains])
    busy = inside[np.concatenate([run.mean for run in mains]) >= 1.0]
    own = means[means["model"] != "default"].reset_index(drop=True)
    return Forecast(
        table=table,
        means=means,
        against=against,
        regions=_regions(past.names[keep], mains[-1], tail),
        states=states,
        interval=settings.interval,
        coverage=float(inside.mean()),
        coverage_busy=float(busy.mean()) if busy.size else float("nan"),
        best=str(own["model"][own["log_score"].idxmin()]),
    )


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
        By year and key of `vallum.threat.counts.MODELS`.
    """
    seen = set(past.years)
    whole = [y for y in past.years if {y - 1, y - 2, y - 3} <= seen]  # the window's three years
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


def _score(
    fitted: Fit, known: NDArray[np.float64], seen: NDArray[np.float64]
) -> Foretold:
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


def _picks(told: dict[int, dict[str, Foretold]], least: int) -> dict[int, str]:
    """Choose a model for each year by the years before it: the best mean log score."""
    years = list(told)
    by_model = {key: [told[y][key].log_score.mean() for y in years] for key in MODELS}
    return {
        year: PRIMARY if n < least else min(MODELS, key=lambda key: sum(by_model[key][:n]))  # noqa: B023 - called at once
        for n, year in enumerate(years)
    }


def _name(day: dt.date | None, year: int) -> str:
    """Name a split by the first day foretold."""
    return f"{year:04d}-01-01" if day is None else day.isoformat()


def _bounds(run: Foretold, tail: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ends of the central interval of the count."""
    chance = run.size / (run.size + run.mean)
    low, high = (stats.nbinom.ppf(q, run.size, chance) for q in (tail, 1.0 - tail))
    return np.maximum(low, 0.0), high


def _inside(run: Foretold, tail: float) -> NDArray[np.bool_]:
    """Whether what came lies inside the interval."""
    low, high = _bounds(run, tail)
    return np.asarray((low <= run.seen) & (run.seen <= high))


def _row(run: Foretold, tail: float) -> dict[str, object]:
    """One split of one model."""
    return {
        "fitted": run.fitted.model,
        "log_score": float(run.log_score.mean()),
        "crps": float(run.crps.mean()),
        "log_score_poisson": float(run.log_score_poisson.mean()),
        "inside": float(_inside(run, tail).mean()),
        "n": run.seen.size,
    }


def _regions(names: pd.DataFrame, run: Foretold, tail: float) -> pd.DataFrame:
    """One split by region."""
    low, high = _bounds(run, tail)
    return names.reset_index(drop=True).assign(
        events_yr=run.mean, events_low=low, events_high=high, observed=run.seen,
        model=run.fitted.model,
    )  # fmt: skip


def _compare(
    runs: dict[int, dict[str, Foretold]], rng: np.random.Generator, count: int, interval: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare means, with intervals: years are drawn again whole, or the regions of a single one.

    A year's regions stay together, since what drives them is the same.
    """
    models = list(next(iter(runs.values())))
    blocks = {
        score: np.array([
            [getattr(run[key], score) for key in models] for run in runs.values()
        ])  # (splits, models, regions)
        for score in SCORES
    }
    means = pd.DataFrame({"model": models})
    against = pd.DataFrame({"model": list(BASELINES)})
    splits, _, regions = blocks["crps"].shape
    units = splits if splits > 1 else regions
    drawn = rng.integers(0, units, (count, units))
    ends = [(1.0 - interval) / 2.0, (1.0 + interval) / 2.0]
    for score, block in blocks.items():
        by_unit = block.mean(axis=2) if splits > 1 else block[0].T  # (units, models)
        again = np.stack([by_unit[rows].mean(axis=0) for rows in drawn])  # (count, models)
        means[score] = by_unit.mean(axis=0)
        means[f"{score}_low"], means[f"{score}_high"] = np.quantile(again, ends, axis=0)
        rows = [models.index(key) for key in BASELINES]
        main = models.index("default")
        gain = by_unit[:, rows] - by_unit[:, [main]]
        spread = again[:, rows] - again[:, [main]]
        against[score] = gain.mean(axis=0)
        against[f"{score}_low"], against[f"{score}_high"] = np.quantile(spread, ends, axis=0)
        per_split = block.mean(axis=2)
        against[f"{score}_won"] = (per_split[:, rows] > per_split[:, [main]]).sum(axis=0)
    return means, against
