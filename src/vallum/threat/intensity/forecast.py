"""Forecasts one year ahead, scored against three simple ones that get the same chances.

Every forecast is a negative binomial by region. Each model is fitted anew on what was known
before each split, dispersion and floor included, so the simple ones are as well calibrated as the
past allows. *Default* is what `vallum.threat.intensity.posterior.estimate` would use: at each split
the model that had the best mean log score over the splits before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.threat.intensity.counts import MODELS
from vallum.threat.intensity.rolling import PRIMARY, foretell, picks
from vallum.threat.intensity.splits import day_of, until

if TYPE_CHECKING:
    import datetime as dt

    from vallum.theatre import Theatre
    from vallum.threat.intensity.rolling import Foretold
    from vallum.threat.settings import ThreatSettings

__all__ = [
    "BASELINES",
    "Forecast",
    "as_record",
    "forecast",
    "rated",
    "scores",
    "summary",
    "verdict",
]

BASELINES = ("same_as_last_year", "regional_mean", "mean_of_three_years")
SCORES = ("log_score", "crps")
SHOWN = {"log_score": "log score", "crps": "CRPS"}


@dataclass(frozen=True, eq=False)
class Forecast:
    """How well violence was foretold one year ahead.

    Attributes
    ----------
    table
        A row per split and model: split (first day foretold), model (`default`, and the keys of
        `vallum.threat.intensity.counts.MODELS`), fitted (the model used), log_score (nats), crps
        (events), log_score_poisson (the same mean as plain Poisson), inside (share of regions
        inside the interval), n (regions).
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
        What to use next: the model with the best mean log score over all splits to the last, or
        the shrinkage while there are fewer than `least_splits`.
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
        As `vallum.threat.intensity.splits.until` and `day_of` do.
    """
    inner = settings.intensity
    day = None if split is None else day_of(split)
    past, years = until(theatre, day, inner)
    happened = past.counts.groupby(level="iso3").sum().sum(axis=1) > 0
    states = tuple(str(iso3) for iso3 in happened.index[happened])
    keep = past.names["iso3"].isin(states).to_numpy()
    told = foretell(past, years, keep, spread=inner.spread)
    chosen = picks(told, inner.least_splits)
    shown = years if day is None else years[-1:]
    runs = {y: {"default": told[y][chosen[y]], **told[y]} for y in shown}
    names = {y: _name(day, y) for y in shown}
    table = pd.DataFrame(
        [
            {"split": names[y], "model": key, **_row(run, settings.interval)}
            for y in shown
            for key, run in runs[y].items()
        ]
    )
    rng = np.random.default_rng(inner.seed)
    means, against = _compare(runs, rng, inner.resamples, settings.interval)
    mains = [runs[y]["default"] for y in shown]
    inside = np.concatenate([run.inside(settings.interval) for run in mains])
    busy = inside[np.concatenate([run.mean for run in mains]) >= 1.0]
    logs = {key: sum(float(told[y][key].log_score.mean()) for y in years) for key in MODELS}
    enough = len(years) >= inner.least_splits
    return Forecast(
        table=table,
        means=means,
        against=against,
        regions=_regions(past.names[keep], mains[-1], settings.interval),
        states=states,
        interval=settings.interval,
        coverage=float(inside.mean()),
        coverage_busy=float(busy.mean()) if busy.size else float("nan"),
        best=min(logs, key=logs.__getitem__) if enough else PRIMARY,
    )


def verdict(found: Forecast) -> str:
    """Say in a sentence or two whether the default beat the simple forecasts, and how surely."""
    count = len(found.splits)
    over = f"over {count} splits" if count > 1 else f"on the split at {found.splits[0]}"
    used = sorted(set(found.table.loc[found.table["model"] == "default", "fitted"]))
    named = " or ".join(_words(MODELS[key].name) for key in used)
    rows = found.against.set_index("model")
    unsure = [
        f"{_words(MODELS[key].name)} by {SHOWN[score]}"
        for score in SCORES
        for key in BASELINES
        if rows[score][key] > 0 >= rows[f"{score}_low"][key]
    ]
    lost = [
        f"{_words(MODELS[key].name)} by {SHOWN[score]}"
        for score in SCORES
        for key in BASELINES
        if rows[score][key] <= 0
    ]
    said = f"The default ({named}) "
    if not lost:
        said += f"beats all three simple forecasts {over}, by mean log score and CRPS."
    else:
        said += f"does not beat all three simple forecasts {over}: it loses to {_list(lost)}."
    if unsure:
        said += (
            f" Its lead over {_list(unsure)} is within the {100 * found.interval:.0f} % interval: "
            "it may be chance."
        )
    return said + f" What is used next: {_words(MODELS[found.best].name)}."


def summary(found: Forecast) -> dict[str, Any]:
    """Give the scores in brief, for plan.json.

    Returns
    -------
    scores
        Per model `log_score` (nats) and `crps` (events) as {low, mid, high}: means over the
        splits, smaller is better; `beats_all`, `splits` (their number), `coverage`, `verdict`.
    """
    models: dict[str, Any] = {
        str(row["model"]): {
            score: {"low": row[f"{score}_low"], "mid": row[score], "high": row[f"{score}_high"]}
            for score in SCORES
        }
        for row in found.means.to_dict("records")
        if row["model"] in {"default", *BASELINES}
    }
    return {
        **models,
        "beats_all": found.beats_all,
        "splits": len(found.splits),
        "coverage": found.coverage,
        "verdict": verdict(found),
    }


def scores(theatre: Theatre, settings: ThreatSettings) -> dict[str, Any] | None:
    """Score a theatre's forecasts over every split there can be, for plan.json.

    Returns
    -------
    scores
        As `summary`; None where there are too few years of counts to score any.
    """
    found = rated(theatre, settings)
    return None if found is None else summary(found)


def rated(theatre: Theatre, settings: ThreatSettings) -> Forecast | None:
    """Forecast over every split there can be; None where there are too few years of counts."""
    if theatre.events_year.empty:
        return None
    years = sorted(theatre.events_year["year"].astype(int).unique())
    before = settings.intensity.first_train_yr
    if not any(set(range(year - before, year)) <= set(years) for year in years):
        return None
    return forecast(theatre, settings)


def as_record(found: Forecast) -> dict[str, Any]:
    """Give all of a forecast as plain values, for JSON."""
    return {
        "verdict": verdict(found),
        "beats_all": found.beats_all,
        "best": found.best,
        "lost": list(found.lost),
        "splits": list(found.splits),
        "states": list(found.states),
        "interval": found.interval,
        "coverage": found.coverage,
        "coverage_busy": None if np.isnan(found.coverage_busy) else found.coverage_busy,
        "means": found.means.to_dict("records"),
        "against": found.against.to_dict("records"),
        "table": found.table.to_dict("records"),
        "regions": found.regions.to_dict("records"),
    }


def _words(name: str) -> str:
    """Name a model in a sentence."""
    return f"*{name}*" if name in {MODELS[key].name for key in BASELINES} else name


def _list(parts: list[str]) -> str:
    """Join for a sentence."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _name(day: dt.date | None, year: int) -> str:
    """Name a split by the first day foretold."""
    return f"{year:04d}-01-01" if day is None else day.isoformat()


def _row(run: Foretold, interval: float) -> dict[str, object]:
    """One split of one model."""
    return {
        "fitted": run.fitted.model,
        "log_score": float(run.log_score.mean()),
        "crps": float(run.crps.mean()),
        "log_score_poisson": float(run.log_score_poisson.mean()),
        "inside": float(run.inside(interval).mean()),
        "n": run.seen.size,
    }


def _regions(names: pd.DataFrame, run: Foretold, interval: float) -> pd.DataFrame:
    """One split by region."""
    low, high = run.bounds(interval)
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
        score: np.array(
            [[getattr(run[key], score) for key in models] for run in runs.values()]
        )  # (splits, models, regions)
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
