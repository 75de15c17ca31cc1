"""The built-in record: public events among seven states, how two codings of it agree."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from vallum.window.panel import pairs
from vallum.window.scales import plover_quads

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CORE", "STATES", "Agreement", "agreement", "leave_one_out", "quota", "record"]

STATES = ("BFA", "DZA", "MAR", "MLI", "MRT", "NER", "SEN")
CORE = ("DZA-MLI", "MAR-MRT", "MLI-MRT", "MAR-MLI", "DZA-MAR")
YEARS = range(2020, 2027)
DRAWS = 2_000  # resamples of events: the interval's ends are stable to about 0.01


@dataclass(frozen=True)
class Agreement:
    """How far two codings agree.

    Attributes
    ----------
    by
        What was compared: `root` (CAMEO) or `quad` (PLOVER).
    events
        How many.
    share
        Of them with the same code.
    kappa
        Cohen's κ: (share − chance) / (1 − chance), chance from each coder's own frequencies.
    low, high
        95 % interval of κ, by resampling events.
    alpha
        Krippendorff's α for names: 1 − observed / expected disagreement.
    fitted
        Share of the events for which a word rule of the second coding fits.
    kappa_fitted
        κ among those.
    """

    by: str
    events: int
    share: float
    kappa: float
    low: float
    high: float
    alpha: float
    fitted: float
    kappa_fitted: float


def record() -> pd.DataFrame:
    """Load the record: one row per event and pair.

    Returns
    -------
    frame
        event (int), date (datetime64[s], the first day of the month where only that is known),
        date_precision (day, month), actor, target, mutual (bool), kind, cameo_root, cameo,
        plover, goldstein, cameo_second, plover_second, text, source (address), disagree (empty
        where no disagreement was met).
    """
    file = resources.files("vallum.window") / "data/events_2020_2026.csv"
    with resources.as_file(file) as path:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame["event"] = frame["event"].astype(int)
    frame["date"] = pd.to_datetime(frame["date"], format="%Y-%m-%d").astype("datetime64[s]")
    frame["mutual"] = frame["mutual"] == "true"
    frame["goldstein"] = frame["goldstein"].astype(float)
    return frame


def _kappa(first: NDArray[np.int64], second: NDArray[np.int64], kinds: int) -> float:
    """Give Cohen's κ; NaN where chance alone explains everything."""
    share = float(np.mean(first == second))
    ours = np.bincount(first, minlength=kinds) / len(first)
    theirs = np.bincount(second, minlength=kinds) / len(second)
    chance = float(ours @ theirs)
    return (share - chance) / (1 - chance) if chance < 1 else float("nan")


def _alpha(first: NDArray[np.int64], second: NDArray[np.int64], kinds: int) -> float:
    """Give Krippendorff's α of two coders for names."""
    counts = np.bincount(np.concatenate([first, second]), minlength=kinds)
    total = counts.sum()
    expected = 1 - (counts * (counts - 1)).sum() / (total * (total - 1))
    return float(1 - np.mean(first != second) / expected) if expected else float("nan")


def agreement(frame: pd.DataFrame, rng: np.random.Generator) -> tuple[Agreement, ...]:
    """Say how the two codings of a record agree, by CAMEO root and by quad.

    Parameters
    ----------
    frame
        As `record` gives it; each event counts once.
    rng
        For the intervals.
    """
    events = frame.drop_duplicates("event")
    fits = (events["cameo_second"] != "010").to_numpy()
    columns = {
        "root": (events["cameo"].str[:2], events["cameo_second"].str[:2]),
        "quad": (
            pd.Series(plover_quads(events["plover"])),
            pd.Series(plover_quads(events["plover_second"])),
        ),
    }
    out = []
    for by, (one, other) in columns.items():
        codes, kinds = pd.factorize(pd.concat([one, other], ignore_index=True))
        first, second = codes[: len(one)], codes[len(one) :]
        draws = rng.integers(0, len(first), (DRAWS, len(first)))
        spread = [_kappa(first[draw], second[draw], len(kinds)) for draw in draws]
        low, high = np.nanquantile(spread, [0.025, 0.975])
        out.append(
            Agreement(
                by, len(first), float(np.mean(first == second)),
                _kappa(first, second, len(kinds)), float(low), float(high),
                _alpha(first, second, len(kinds)), float(fits.mean()),
                _kappa(first[fits], second[fits], len(kinds)),
            )
        )  # fmt: skip
    return tuple(out)


def quota(frame: pd.DataFrame) -> pd.DataFrame:
    """Count the events of each pair and year; pairs without any are shown too.

    Parameters
    ----------
    frame
        As `record` gives it.

    Returns
    -------
    counts
        Index pair (all 21), a column per year from 2020 to 2026.
    """
    every = [f"{a}-{b}" for n, a in enumerate(STATES) for b in STATES[n + 1 :]]
    counts = pd.crosstab(pairs(frame).rename("pair"), frame["date"].dt.year.rename("year"))
    return counts.reindex(index=every, columns=list(YEARS), fill_value=0)


def leave_one_out(frame: pd.DataFrame) -> pd.DataFrame:
    """Show what each pair's mean weight would be without any one source.

    A source is a host (`telquel.ma`). If one host carries a pair's picture, its range is wide.

    Parameters
    ----------
    frame
        As `record` gives it.

    Returns
    -------
    table
        pair, events, sources, mean (Goldstein), low, high (means with one source left out),
        moved_by (the host whose absence moves the mean most), moves (by how much); a pair of one
        source has NaN and that source.
    """
    host = frame["source"].map(lambda address: urlsplit(address).netloc.removeprefix("www."))
    rows = []
    for pair, own in frame.assign(host=host).groupby(pairs(frame).rename("pair")):
        mean = own["goldstein"].mean()
        without = pd.Series(
            {name: own.loc[own["host"] != name, "goldstein"].mean() for name in own["host"]}
        )
        shift = without - mean
        most = str(shift.abs().fillna(np.inf).idxmax())
        rows.append(
            (pair, len(own), len(without), mean, without.min(), without.max(), most, shift[most])
        )
    names = ["pair", "events", "sources", "mean", "low", "high", "moved_by", "moves"]
    return pd.DataFrame(rows, columns=names)
