"""How long the ways take: from bases to targets and entries, and from entries on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen, sum_by
from vallum.kernel.paths import travel_time
from vallum.threat.movement import hours_per_km
from vallum.threat.ways.model import MAIN

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.movement import MovementSettings

__all__ = ["Field", "Hours", "field", "hours"]


@dataclass(frozen=True, eq=False)
class Field:
    """What it takes to cross each cell.

    Attributes
    ----------
    hours_per_km
        Shape (rows, cols); inf where it can't be entered.
    height_m
        Elevation where slopes count, likewise; else None.
    law
        Of slopes, or None.
    cell_km
        Side of a cell.
    """

    hours_per_km: NDArray[np.float64]
    height_m: NDArray[np.float64] | None
    law: str | None
    cell_km: float


@dataclass(frozen=True, eq=False)
class Hours:
    """Hours of the ways: `direct` (S, T), `out` (S, K), `into` (K, T), as `World` says."""

    direct: NDArray[np.float64]
    out: NDArray[np.float64]
    into: NDArray[np.float64]


def field(theatre: Theatre, movement: MovementSettings) -> Field:
    """Give the hours by motorcycle; where it crawls, riders push it, no slower than on foot.

    Parameters
    ----------
    theatre
        The ground.
    movement
        Season and speeds.

    Returns
    -------
    Field
        The same that the threat's ways of motorcycles go by.
    """
    riding = hours_per_km(theatre, MAIN, settings=movement)
    walking = hours_per_km(theatre, "foot", settings=movement)
    height = theatre.ground["elevation_m"].to_numpy().astype(np.float64)
    return Field(
        hours_per_km=frozen(np.minimum(riding.hours_per_km, walking.hours_per_km)),
        height_m=None if riding.law is None else height,
        law=riding.law,
        cell_km=theatre.grid.cell_km,
    )


def hours(
    over: Field,
    held: NDArray[np.bool_],
    bases: pd.DataFrame,
    targets: pd.DataFrame,
    edges: pd.DataFrame,
    count: int,
) -> Hours:
    """Time all ways.

    Over land that is not held, from each base; over held land, to each held target. The boundary
    lies midway between two cells: half a step is outside it, half inside. To an entry the mean over
    its edges counts that can be passed, by their length, so that cutting finer brings nothing
    nearer.

    Parameters
    ----------
    over
        The ground.
    held
        Shape (rows, cols).
    bases, targets
        As `World` has them: `row`, `col`, `inside` and `side` are read.
    edges
        A row per edge of an entry: `entry`, `cell` and `facing` (flat), `weight` (above 0).
    count
        Number of entries, K.

    Returns
    -------
    Hours
        inf where there is no way.
    """
    level = over.hours_per_km
    outside, inside = np.where(held, np.inf, level), np.where(held, level, np.inf)
    cell, facing = (edges[name].to_numpy(np.int64) for name in ("cell", "facing"))
    steps = level.ravel()[cell], level.ravel()[facing]
    shut = np.where(np.isfinite(steps[0] + steps[1]), 0.0, np.inf)
    half = [step * over.cell_km / 2.0 + shut for step in steps]
    label, weight = edges["entry"].to_numpy(np.int64), edges["weight"].to_numpy(np.float64)
    start, end = (table[["row", "col"]].to_numpy(np.int64) for table in (bases, targets))
    own = bases["inside"].to_numpy(bool)
    is_held = (targets["side"] == "held").to_numpy(bool)
    direct = np.full((len(bases), len(targets)), np.inf)
    out = np.full((len(bases), count), np.inf)
    into = np.full((count, len(targets)), np.inf)
    for s in np.flatnonzero(~own):
        way = _times(over, outside, start[s])
        direct[s, ~is_held] = way[end[~is_held, 0], end[~is_held, 1]]
        out[s] = _mean(way.ravel()[facing] + half[1], label, weight, count)
    for t in np.flatnonzero(is_held):
        way = _times(over, inside, end[t], reverse=True)
        direct[own, t] = way[start[own, 0], start[own, 1]]
        into[:, t] = _mean(way.ravel()[cell] + half[0], label, weight, count)
    return Hours(frozen(direct), frozen(out), frozen(into))


def _times(
    over: Field, level: NDArray[np.float64], at: NDArray[np.int64], *, reverse: bool = False
) -> NDArray[np.float64]:
    """Hours from a cell, or to it; inf everywhere where it can't be entered."""
    if not np.isfinite(level[at[0], at[1]]):
        return np.full(level.shape, np.inf)
    return travel_time(
        level,
        at[None, :],
        cell_km=over.cell_km,
        elevation=over.height_m,
        law=over.law,
        reverse=reverse,
    )


def _mean(
    time: NDArray[np.float64], label: NDArray[np.int64], weight: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """Mean by entry over the edges that a way leads to; inf where none does."""
    open_ = np.isfinite(time)
    sums = sum_by(label[open_], weight[open_] * time[open_], count)
    whole = sum_by(label[open_], weight[open_], count)
    return np.where(whole > 0, sums / np.where(whole > 0, whole, 1.0), np.inf)
