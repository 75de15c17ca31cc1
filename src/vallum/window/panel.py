"""From events to months: duplicates left out, counts and weights by pair, held against volume.

News grows and shrinks, and so do counts made of it. So weights are shown per event of the pair
(its own volume) and counts per 100,000 events of the whole source (news volume); neither is the
truth, and both are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.window.scales import QUADS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["deduplicate", "monthly", "pairs"]

SAME = ("date", "actor", "target", "code", "plover")
PER = 100_000  # events of news to which counts are held
SHORT = {quad: quad.replace(" ", "_") for quad in QUADS}


def deduplicate(frame: pd.DataFrame, *, same: Sequence[str] = SAME) -> tuple[pd.DataFrame, int]:
    """Leave one event for one day, pair, direction and code; mentions are added up.

    One act is told by many papers, and machines code each. The first row stays, by event_id. An
    identifier that comes twice for a pair (two exports joined) is dropped without adding.

    Parameters
    ----------
    frame
        As `readers.Dyads.frame`.
    same
        Columns that must agree.

    Returns
    -------
    frame
        Sorted as it was.
    dropped
        How many rows were duplicates.
    """
    again = frame.duplicated(["event_id", "actor", "target"]) & (frame["event_id"] != "")
    once = frame[~again]
    keys = list(same)
    total = once.groupby(keys, sort=False, dropna=False)["mentions"].transform("sum", min_count=1)
    kept = once.assign(mentions=total).drop_duplicates(keys).reset_index(drop=True)
    return kept, len(frame) - len(kept)


def pairs(frame: pd.DataFrame) -> pd.Series[str]:
    """Name the pair of each event without direction, as `DZA-MLI`.

    Parameters
    ----------
    frame
        With actor and target.
    """
    ends = np.sort(frame[["actor", "target"]].to_numpy(str), axis=1)
    return pd.Series([f"{a}-{b}" for a, b in ends], frame.index, dtype=object)


def monthly(
    frame: pd.DataFrame, *, volume: pd.Series[int] | None = None, directed: bool = False
) -> pd.DataFrame:
    """Count and weigh events by pair and month; months without events are rows of noughts.

    Parameters
    ----------
    frame
        As `readers.Dyads.frame`, duplicates left out.
    volume
        Events of the whole source by month (`readers.Dyads.volume`).
    directed
        Keep `MLI>DZA` and `DZA>MLI` apart.

    Returns
    -------
    months
        pair, month (datetime64[s]), events, a count for each quad, goldstein_sum,
        goldstein_mean (per event with a weight: held to the pair's own volume; NaN without),
        conflict_share (of the pair's events; NaN without), news (events of the source),
        per_news (events per 100,000 of news), goldstein_per_news; the last three NaN where no
        volume is given or the source has none that month.

    Raises
    ------
    InputError
        If the volume is less than the events of a month.
    """
    if frame.empty:
        raise AssertionError("no events: nothing to count")
    if directed:
        pair = frame["actor"].astype(str) + ">" + frame["target"].astype(str)
    else:
        pair = pairs(frame)
    month = frame["date"].to_numpy("datetime64[M]")
    index = pd.MultiIndex.from_product(
        [sorted(pair.unique()), np.arange(month.min(), month.max() + 1)], names=["pair", "month"]
    )
    keyed = frame.assign(pair=pair.to_numpy(), month=month)
    grouped = keyed.groupby(["pair", "month"])
    out = pd.DataFrame(index=index)
    out["events"] = grouped.size().reindex(index, fill_value=0)
    for quad, name in SHORT.items():
        out[name] = keyed[keyed["quad"] == quad].groupby(["pair", "month"]).size()
    out[list(SHORT.values())] = out[list(SHORT.values())].fillna(0).astype(int)
    out["goldstein_sum"] = grouped["goldstein"].sum().reindex(index, fill_value=0.0)
    weighted = grouped["goldstein"].count().reindex(index, fill_value=0)
    out["goldstein_mean"] = out["goldstein_sum"] / weighted.where(weighted > 0)
    conflict = out[SHORT["verbal conflict"]] + out[SHORT["material conflict"]]
    out["conflict_share"] = conflict / out["events"].where(out["events"] > 0)
    out = out.reset_index()
    out["month"] = out["month"].astype("datetime64[s]")
    return _against_news(out, volume)


def _against_news(out: pd.DataFrame, volume: pd.Series[int] | None) -> pd.DataFrame:
    """Hold counts and weights to the volume of the source."""
    out["news"] = np.nan if volume is None else out["month"].map(volume.astype(float))
    less = out[out["events"] > out["news"]]
    if len(less):
        row = less.iloc[0]
        found = f"{row['news']:.0f} events of news in {row['month']:%Y-%m}, {row['events']} of one"
        raise InputError([Fault("volume", row["pair"], found, "give the volume of that source")])
    news = out["news"].where(out["news"] > 0)
    out["per_news"] = out["events"] / news * PER
    out["goldstein_per_news"] = out["goldstein_sum"] / news * PER
    return out
