"""The opening: parts scored from 0 to 1, weighed, and followed through the programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.window.model import Opening, Part
from vallum.window.outlook import paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.window.climate import Climate

    Floats = NDArray[np.float64]

__all__ = ["Load", "Sought", "open_through", "opening", "score"]

SCALE = 10.0  # ends of Goldstein's scale
TAILS = (0.05, 0.95)


@dataclass(frozen=True)
class Sought:
    """What a part is made of.

    Attributes
    ----------
    name
        Of the part.
    pair
        Of states, as `DZA-MLI`; empty for a series.
    said
        For people.
    hostile
        Whether the part is open where the pair is hostile.
    """

    name: str
    pair: str
    said: str
    hostile: bool = False


@dataclass(frozen=True)
class Load:
    """A named yearly series of a state's own troubles.

    Attributes
    ----------
    said
        For people.
    title
        What it counts, and from where.
    now
        Share of the greatest of the last years that the last one has; None without data.
    year
        Of the last value.
    """

    said: str
    title: str
    now: float | None
    year: int | None


def score(level: Floats | float, *, hostile: bool) -> Floats:
    """Turn a level of relations into a score.

    Parameters
    ----------
    level
        On Goldstein's scale, −10 to 10; what lies beyond counts as its end.
    hostile
        Whether hostility opens.

    Returns
    -------
    score
        From 0 to 1: `(10 + x) / 20`, or `(10 − x) / 20`; 0.5 where relations are neutral.
    """
    x = np.clip(np.asarray(level, np.float64), -SCALE, SCALE)
    return np.asarray((SCALE - x if hostile else SCALE + x) / (2.0 * SCALE))


def opening(  # noqa: PLR0913 - what it is made of, and how it is drawn
    found: Climate,
    sought: Sequence[Sought],
    load: Load,
    weights: Mapping[str, tuple[float, float, float]],
    *,
    open_at: tuple[float, float, float],
    months: int,
    draws: int,
    rng: np.random.Generator,
) -> Opening:
    """Weigh the parts now, month by month, and through the programme.

    Parameters
    ----------
    found
        Levels by pair.
    sought
        The parts made of pairs.
    load
        The part made of a series.
    weights
        Low, value and high by part.
    open_at
        From which index on the window is called open; low, value, high.
    months
        Of the programme.
    draws, rng
        Of paths and weights; the load is taken to stay.

    Returns
    -------
    Opening
        Each draw has its own weights, threshold and paths. Parts without data have no weight.
    """
    scores = {one.name: _now(found, one) for one in sought}
    parts = [
        Part(one.name, one.said, one.pair, weights[one.name], scores[one.name], _why(found, one))
        for one in sought
    ]
    troubles = None if load.now is None else (load.now, load.now, load.now)
    why = "" if load.now is not None else "no data: the theatre has no such series"
    parts.append(Part("load", load.said, load.title, weights["load"], troubles, why))
    drawn = {
        name: rng.triangular(low, min(max(mid, low), high), high, draws)
        if low < high
        else np.full(draws, mid)
        for name, (low, mid, high) in weights.items()
    }
    bar = rng.triangular(*open_at, draws) if open_at[0] < open_at[2] else np.full(draws, open_at[1])
    walks = _walks(found, sought, max(months, 1), draws, rng)
    index = _weighed(sought, walks, load, drawn)  # (draws, 1 + months)
    if index is None:
        return Opening(
            None, tuple(parts), _history(found, sought, load, weights), None, None, months
        )
    low, high = (float(end) for end in np.quantile(index[:, 0], TAILS))
    mid = _middle(parts)
    return Opening(
        index=(min(low, mid), mid, max(high, mid)),
        parts=tuple(parts),
        by_month=_history(found, sought, load, weights),
        p_open_now=float((index[:, 0] >= bar).mean()),
        p_open_through=open_through(index, bar),
        months=months,
    )


def open_through(index: Floats, bar: Floats) -> float:
    """Give the share of paths that are open in every month.

    Parameters
    ----------
    index
        Shape (draws, months).
    bar
        From which each draw calls it open, shape (draws,).
    """
    return float((index >= bar[:, None]).all(axis=1).mean())


def _row(found: Climate, one: Sought) -> int | None:
    """Find a pair's row, where it has a climate."""
    if one.pair not in found.pairs:
        return None
    row = found.pairs.index(one.pair)
    return None if found.status[row] else row


def _why(found: Climate, one: Sought) -> str:
    """Say why a part has no data; empty where it has."""
    if one.pair not in found.pairs:
        return "no data: no event between them"
    return found.status[found.pairs.index(one.pair)]


def _now(found: Climate, one: Sought) -> tuple[float, float, float] | None:
    """Score a part in the last month."""
    row = _row(found, one)
    if row is None:
        return None
    ends = [float(score(level[row, -1], hostile=one.hostile))
            for level in (found.low, found.mid, found.high)]  # fmt: skip
    low, mid, high = sorted(ends)
    return low, mid, high


def _middle(parts: Sequence[Part]) -> float:
    """Give the index at the parts' mids and the weights' own values."""
    known = [(part.weight[1], part.score[1]) for part in parts if part.score is not None]
    total = sum(weight for weight, _ in known)
    if total <= 0.0:
        return float(np.mean([mid for _, mid in known])) if known else 0.5
    return sum(weight * mid for weight, mid in known) / total


def _walks(
    found: Climate, sought: Sequence[Sought], months: int, draws: int, rng: np.random.Generator
) -> dict[str, Floats]:
    """Draw scores of each part that has data, now and in each month ahead.

    What a draw has now is where its own path sets out: drawn apart, a path could be closed now and
    open next month by no more than our not knowing the level.
    """
    out = {}
    for one in sought:
        if _row(found, one) is None:
            continue
        means, counts = found.series(one.pair)
        walk = paths(means, counts, months, draws, rng, with_last=True)
        out[one.name] = score(walk, hostile=one.hostile)
    return out


def _weighed(
    sought: Sequence[Sought], walks: Mapping[str, Floats], load: Load, drawn: Mapping[str, Floats]
) -> Floats | None:
    """Weigh the parts of each draw; None where none has data."""
    total: Floats | float = 0.0
    weight: Floats | float = 0.0
    for one in sought:
        if one.name in walks:
            total = total + drawn[one.name][:, None] * walks[one.name]
            weight = weight + drawn[one.name][:, None]
    if load.now is not None:
        total = total + drawn["load"][:, None] * load.now
        weight = weight + drawn["load"][:, None]
    if not walks:
        return None
    return np.asarray(total / np.maximum(weight, 1e-12), np.float64)


def _history(
    found: Climate,
    sought: Sequence[Sought],
    load: Load,
    weights: Mapping[str, tuple[float, float, float]],
) -> pd.DataFrame:
    """Follow the index month by month, at the weights' own values; ends are those of the parts."""
    table = pd.DataFrame({"month": found.months.astype("datetime64[s]")})
    ends = {end: np.zeros(len(table)) for end in ("low", "mid", "high")}
    total = 0.0
    for one in sought:
        row = _row(found, one)
        if row is None:
            table[one.name] = np.nan
            continue
        levels = [score(level[row], hostile=one.hostile)
                  for level in (found.low, found.mid, found.high)]  # fmt: skip
        own = np.sort(np.array(levels), axis=0)
        table[one.name] = own[1]
        total += weights[one.name][1]
        for end, values in zip(ends, own, strict=True):
            ends[end] = ends[end] + weights[one.name][1] * values
    table["load"] = np.nan if load.now is None else load.now
    if load.now is not None:
        total += weights["load"][1]
    for end, values in ends.items():
        more = 0.0 if load.now is None else weights["load"][1] * load.now
        table[end] = (values + more) / total if total > 0 else np.nan
    return table
