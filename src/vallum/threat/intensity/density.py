"""Where located events happen: a kernel density, its bandwidth by held-out likelihood.

A Gaussian kernel of bandwidth `h` km stands on each event, divided by its mass inside the land
(Jones 1993, https://doi.org/10.1007/BF00147776; Diggle 1985), so that no event leaks into the sea:

    λ(x) = [Σ_i w_i K_h(x − x_i) / e_h(x_i) + 1 / A] / T,     e_h(x) = ∫_land K_h(x − u) du

`T` is the time observed, weighted as the events are, and one event is spread over all the land, of
area `A`: no place is immune, and an event where none was before has a likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import signal, stats

from vallum.kernel.arrays import frozen
from vallum.threat.intensity.bandwidth import choose, factors, folds_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.intensity.settings import IntensitySettings

__all__ = ["Density", "intensity", "kernel_mass", "of_theatre", "recency", "recent", "smooth"]

REACH = 6.0  # bandwidths at which the kernel ends: what lies beyond is 1e-8 of it
PACE = 2.0**0.5  # an adaptive kernel's own bandwidths are rounded to powers of this


@dataclass(frozen=True, eq=False)
class Density:
    """Events by place.

    Attributes
    ----------
    bandwidth_km
        Of the kernel; of its geometric mean if it is adaptive.
    adaptive
        Whether kernels are wider where events are few: only where that foretold better.
    scores
        A row per bandwidth tried: bandwidth_km, adaptive, log_likelihood (nats per held-out event,
        density in 1/km²).
    events, years
        Number of events, and years observed, both weighted by recency if that was asked.
    per_km2_yr, low, high
        Events/km²/yr with the ends of its range, shape (rows, cols); 0 off the land.
    """

    bandwidth_km: float
    adaptive: bool
    scores: pd.DataFrame
    events: float
    years: float
    per_km2_yr: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def of_theatre(
    theatre: Theatre,
    settings: IntensitySettings,
    *,
    interval: float,
    half_life_yr: float | None = None,
) -> Density | None:
    """Smooth a theatre's single events over its land.

    Parameters
    ----------
    theatre
        With or without single events.
    settings
        Bandwidths to try.
    interval
        Probability inside the range.
    half_life_yr
        An event that old counts half, before the end of the last month observed; None to count
        all alike.

    Returns
    -------
    density
        None if the theatre has no single events.
    """
    months = _observed(theatre)
    events = theatre.events[theatre.events["year"].notna()]
    stamp = events["year"].astype(int) * 12 + events["month"].fillna(7).astype(int) - 1
    # years that are only partly observed would count events without their time
    events = events[stamp.isin(months)]
    if events.empty:
        return None
    land = theatre.ground["state"].to_numpy() >= 0
    when = np.asarray(stamp[stamp.isin(months)], np.int64)
    weights, years = recency(when, months, half_life_yr)
    return intensity(
        events.assign(weight=weights, stamp=when),
        land,
        theatre.grid.cell_km,
        bandwidths_km=settings.bandwidths_km,
        years=years,
        interval=interval,
    )


def recent(theatre: Theatre, settings: IntensitySettings, *, interval: float) -> Density | None:
    """Smooth a theatre's events, those of `half_life_yr` ago counting half; as `of_theatre`."""
    return of_theatre(theatre, settings, interval=interval, half_life_yr=settings.half_life_yr)


def recency(
    stamp: NDArray[np.int64], months: NDArray[np.int64], half_life_yr: float | None
) -> tuple[NDArray[np.float64], float]:
    """Weigh events by age, and the time observed in the same way.

    Parameters
    ----------
    stamp
        Month of each event, counted from the year 0, shape (events,).
    months
        The months observed, rising.
    half_life_yr
        Age at which an event counts half; None to count all alike.

    Returns
    -------
    weights, years
        Shape (events,); and the years observed, weighted.

    Examples
    --------
    >>> weights, years = recency(np.array([0, 12]), np.arange(24), None)
    >>> (weights.tolist(), years)
    ([1.0, 1.0], 2.0)
    """
    if half_life_yr is None:
        return np.ones(stamp.size), months.size / 12.0
    now = int(months[-1]) + 1
    fall = np.log(2.0) / (12.0 * half_life_yr)
    years = float(np.exp(-fall * (now - months - 0.5)).sum()) / 12.0
    return np.exp(-fall * (now - stamp - 0.5)), years


def intensity(
    events: pd.DataFrame,
    land: NDArray[np.bool_],
    cell_km: float,
    *,
    bandwidths_km: tuple[float, ...],
    years: float,
    interval: float,
) -> Density:
    """Estimate events/km²/yr on a grid.

    The bandwidth, and whether it adapts, are those with the best held-out likelihood: blocks of
    whole years are left out in turn. Single events left out would be foretold best by others of
    the same raid, day and village, and the bandwidth would fall to nothing.

    Parameters
    ----------
    events
        row, col, stamp (month, counted from the year 0) and weight, at least one row.
    land
        Cells that are observed, shape (rows, cols); those of events are added.
    cell_km
        Side of a cell; narrower bandwidths are not tried.
    bandwidths_km
        To try, rising.
    years
        Time observed, weighted as the events are.
    interval
        Probability inside the range, of a gamma with the estimate's mean and variance. Events of
        one cell and month are one draw, so that a raid in many rows is not taken for many.

    Returns
    -------
    Density
        On the grid. Its sum over the land is (sum of weights + 1) / years.
    """
    land = land.copy()
    row, col = events["row"].to_numpy(np.int64), events["col"].to_numpy(np.int64)
    land[row, col] = True
    weight = events["weight"].to_numpy(np.float64)
    widths = [h for h in bandwidths_km if h >= cell_km] or [cell_km]
    masses = np.stack([kernel_mass(land, h / cell_km) for h in widths])
    cells, of = np.unique(np.stack([row, col]), axis=1, return_inverse=True)
    folds = folds_of(events["stamp"].to_numpy(np.int64))
    by_fold = np.zeros((cells.shape[1], int(folds.max()) + 1))
    np.add.at(by_fold, (of.ravel(), folds), weight)
    scores = choose(
        cells.T * cell_km,
        by_fold,
        widths=np.array(widths),
        mass=masses[:, cells[0], cells[1]],
        land_km2=float(land.sum()) * cell_km**2,
        least_km=cell_km,
    )
    best = scores.iloc[int(scores["log_likelihood"].to_numpy().argmax())]
    width, adaptive = float(best["bandwidth_km"]), bool(best["adaptive"])
    total = np.zeros(land.shape)
    np.add.at(total, (row, col), weight)
    draws = pd.DataFrame({"row": row, "col": col, "stamp": events["stamp"], "weight": weight})
    draw = draws.groupby(["row", "col", "stamp"], as_index=False)["weight"].sum()
    square = np.zeros(land.shape)
    np.add.at(square, (draw["row"].to_numpy(), draw["col"].to_numpy()), draw["weight"] ** 2)
    scale = np.ones(cells.shape[1])
    if adaptive:
        at = masses[widths.index(width)][cells[0], cells[1]]
        scale = factors(cells.T * cell_km, by_fold.sum(axis=1), width, at)
        scale = np.maximum(scale, cell_km / width)
    mean, variance = _spread(total, square, land, width / cell_km, _on_grid(land, cells, scale))
    area = float(land.sum())
    mean = np.where(land, mean + 1.0 / area, 0.0)
    variance += 1.0 / area**2
    low, high = _range(mean, variance, land, interval)
    per = years * cell_km**2
    return Density(
        bandwidth_km=width,
        adaptive=adaptive,
        scores=scores,
        events=float(weight.sum()),
        years=years,
        per_km2_yr=frozen(mean / per),
        low=frozen(low / per),
        high=frozen(high / per),
    )


def kernel_mass(land: NDArray[np.bool_], width: float) -> NDArray[np.float64]:
    """Mass of the kernel on each cell that lies on land, in (0, 1], shape (rows, cols).

    Parameters
    ----------
    land
        Shape (rows, cols).
    width
        Bandwidth in cells.
    """
    inside = smooth(land.astype(np.float64), width)
    return np.asarray(np.where(land, np.clip(inside, 1e-12, 1.0), 1.0), np.float64)


def smooth(
    values: NDArray[np.float64], width: float, *, squared: bool = False
) -> NDArray[np.float64]:
    """Spread values by a Gaussian kernel; what leaves the grid is lost.

    Parameters
    ----------
    values
        Not negative, shape (rows, cols).
    width
        Bandwidth in cells.
    squared
        Spread by the square of the kernel, for variances.

    Returns
    -------
    spread
        Shape (rows, cols), not negative. The kernel sums to 1 before it is squared.
    """
    reach = int(np.ceil(REACH * width))
    line = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    line /= line.sum()
    if squared:
        line = line**2
    along = signal.fftconvolve(values, line[:, None], mode="same", axes=0)
    both = signal.fftconvolve(along, line[None, :], mode="same", axes=1)
    return np.asarray(np.maximum(both, 0.0), np.float64)


def _spread(
    total: NDArray[np.float64],
    square: NDArray[np.float64],
    land: NDArray[np.bool_],
    width: float,
    scale: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Spread events, and the variance of what they make, each by its own bandwidth."""
    step = np.round(np.log(scale) / np.log(PACE))
    mean, variance = np.zeros(land.shape), np.zeros(land.shape)
    for level in np.unique(step[total > 0]):
        own = (step == level) & (total > 0)
        wide = width * PACE**level
        mass = kernel_mass(land, wide)
        mean += smooth(np.where(own, total / mass, 0.0), wide)
        variance += smooth(np.where(own, square / mass**2, 0.0), wide, squared=True)
    return mean, variance


def _on_grid(
    land: NDArray[np.bool_], cells: NDArray[np.int64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Put values of cells on the grid, 1 elsewhere."""
    grid = np.ones(land.shape)
    grid[cells[0], cells[1]] = values
    return grid


def _range(
    mean: NDArray[np.float64],
    variance: NDArray[np.float64],
    land: NDArray[np.bool_],
    interval: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the ends of the central interval of a gamma of that mean and variance."""
    low, high = np.zeros(land.shape), np.zeros(land.shape)
    shape, scale = mean[land] ** 2 / variance[land], variance[land] / mean[land]
    tail = (1.0 - interval) / 2.0
    low[land] = stats.gamma.ppf(tail, shape, scale=scale)
    high[land] = stats.gamma.ppf(1.0 - tail, shape, scale=scale)
    return low, high


def _observed(theatre: Theatre) -> NDArray[np.int64]:
    """Months observed, counted from the year 0: those of complete years and the fresh ones."""
    years = theatre.events_year["year"].astype(int).unique()
    fresh = theatre.events_month[["year", "month"]].astype(int)
    whole = (np.asarray(years, np.int64)[:, None] * 12 + np.arange(12)).ravel()
    single = (fresh["year"] * 12 + fresh["month"] - 1).to_numpy(np.int64)
    return np.unique(np.concatenate([whole, single]))
