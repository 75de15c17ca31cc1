"""Who goes where before anything is built: journeys fitted to what sets out and what arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from vallum.errors import CertificateError
from vallum.kernel.arrays import frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.campaign.model import Chosen, World

__all__ = ["Gravity", "Ways", "before", "fit", "ways"]

_EXACT = 1e-10  # of each sum, at most
_SWEEPS = 20_000
_SMALL = 1e-100  # of the largest scale


@dataclass(frozen=True, eq=False)
class Ways:
    """The ways in before anything is built.

    Attributes
    ----------
    cost
        C: hours from base to target, over all ways, shape (S, T); inf where there is none.
    by_entry
        Whether a way needs an entry, shape (S, T).
    share
        Of each entry in the journeys from a base to a target, shape (S, K, T); 0 where none is
        needed.
    """

    cost: NDArray[np.float64]
    by_entry: NDArray[np.bool_]
    share: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Gravity:
    """Journeys before anything is built.

    Attributes
    ----------
    journeys
        T_st: a year, shape (S, T).
    origin
        O_s: a year, shape (S,).
    resident
        Attacks a year that start at the target itself, shape (T,): the share `1 − reach`, and all
        of those on targets that no base reaches.
    cut_off
        Attacks a year on targets that no base reaches, which were taken to be journeys otherwise.
    moved
        Share of the journeys that had to set out from another base than in proportion to the
        bases' weights, as there is no way from some bases to enough targets.
    """

    journeys: NDArray[np.float64]
    origin: NDArray[np.float64]
    resident: NDArray[np.float64]
    cut_off: float
    moved: float


def ways(world: World) -> Ways:
    """Give the hours of all ways together, and how journeys are shared among entries.

    Parameters
    ----------
    world
        Places and ways.

    Returns
    -------
    Ways
        `C_st = −(1/θ) log Σ_k ω_k exp(−θ H_stk)`; the hours of the direct way where there is one.
    """
    direct = np.asarray(world.direct, np.float64)
    near = np.isfinite(direct)
    sources, targets, doors = *direct.shape, len(world.entries)
    length = world.entries["length_km"].to_numpy(np.float64)
    if doors == 0 or not length.sum() > 0:
        share = np.zeros((sources, doors, targets))
        return Ways(frozen(direct.copy()), frozen(np.zeros_like(near)), frozen(share))
    with np.errstate(divide="ignore"):
        weight = np.log(length / length.sum())
    hours = world.out[:, :, None] + world.into[None, :, :]
    score = weight[None, :, None] - world.theta * hours
    best = score.max(axis=1)
    open_ = np.isfinite(best) & ~near
    share = np.exp(score - np.where(np.isfinite(best), best, 0.0)[:, None, :])
    total = share.sum(axis=1)
    share = np.where(open_[:, None, :], share / np.where(open_, total, 1.0)[:, None, :], 0.0)
    with np.errstate(divide="ignore"):
        round_about = -(best + np.log(total)) / world.theta
    cost = np.where(near, direct, np.where(open_, round_about, np.inf))
    return Ways(frozen(cost), frozen(open_), frozen(share))


def before(world: World, chosen: Chosen, known: Ways | None = None) -> Gravity:
    """Share the journeys of the threat among the bases.

    Parameters
    ----------
    world
        Places and ways.
    chosen
        Of which `reach` and `range_h` are used.
    known
        From `ways`, where that was done already.

    Returns
    -------
    Gravity
        Bases on held land send none: what starts there is resident.
    """
    known = ways(world) if known is None else known
    attacks = world.targets["attacks_yr"].to_numpy(np.float64)
    local = world.targets["resident"].to_numpy(np.float64) >= 1.0  # said to be so, whatever reach
    journeys = np.where(local, 0.0, chosen.reach * attacks)
    weight = world.bases["weight"].to_numpy(np.float64)
    weight = np.where(world.bases["inside"].to_numpy(bool), 0.0, weight)
    made = fit(known.cost, journeys, weight, chosen.range_h)
    resident = np.where(made.journeys.any(axis=0), attacks - journeys, attacks)
    return Gravity(
        made.journeys,
        made.origin,
        frozen(resident),
        made.cut_off,
        made.moved,
    )


def fit(
    cost: NDArray[np.float64],
    journeys: NDArray[np.float64],
    weight: NDArray[np.float64],
    range_h: float,
) -> Gravity:
    """Fit journeys to what arrives at each target and what sets out from each base.

    Parameters
    ----------
    cost
        Hours, shape (S, T); inf where there is no way.
    journeys
        M_t: that arrive at each target a year, shape (T,).
    weight
        Of each base, shape (S,): they set out in proportion to it.
    range_h
        D, hours.

    Returns
    -------
    Gravity
        With `resident` holding the journeys of targets that no base reaches.

    Raises
    ------
    CertificateError
        If the sums are not met to 1e-10 of each.
    """
    sends = weight > 0
    kernel = np.zeros_like(cost)
    floor = np.where(np.isfinite(cost), cost, np.inf).min(axis=1, initial=np.inf)
    floor = np.where(np.isfinite(floor), floor, 0.0)
    kernel[sends] = np.exp(-(cost[sends] - floor[sends, None]) / range_h)
    reached = kernel.any(axis=0) & (journeys > 0)
    size = float(journeys.max(initial=0.0)) or 1.0  # fitted as parts of the most: none is too small
    arrive = np.where(reached, journeys / size, 0.0)
    kernel[:, ~reached] = 0.0
    asked = _in_proportion(kernel, arrive, weight)
    send, draw = _balance(kernel, asked, arrive)
    found = send[:, None] * kernel * draw[None, :]
    origin = _set_out(found, asked, kernel)
    _check(found, origin, arrive)
    found, origin, arrive = found * size, origin * size, arrive * size
    even = arrive.sum() * np.where(sends, weight, 0.0) / max(weight[sends].sum(), 1e-300)
    moved = 0.5 * float(np.abs(origin - even).sum()) / max(float(arrive.sum()), 1e-300)
    cut_off = float(journeys[~reached].sum())
    resident = np.where(reached, 0.0, journeys)
    return Gravity(
        frozen(found),
        frozen(origin),
        frozen(resident),
        cut_off,
        moved if moved > _EXACT else 0.0,
    )


def _in_proportion(
    kernel: NDArray[np.float64], arrive: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Say what sets out from each base, within each set of places that ways join."""
    sources, targets = kernel.shape
    row, col = np.nonzero(kernel)
    links = coo_array((np.ones(row.size), (row, col + sources)), shape=(sources + targets,) * 2)
    _, label = connected_components(links, directed=False)
    used = np.where(kernel.any(axis=1), weight, 0.0)
    sets = int(label.max(initial=-1)) + 1
    of_set = np.bincount(label[:sources], used, sets)
    due = np.bincount(label[sources:], arrive, sets)
    rate = np.divide(due, of_set, out=np.zeros(sets), where=of_set > 0)
    return np.asarray(used * rate[label[:sources]], np.float64)


def _balance(
    kernel: NDArray[np.float64], asked: NDArray[np.float64], arrive: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scale rows and columns in turn until both sums hold; columns are scaled last."""
    send, draw = np.zeros(asked.size), (arrive > 0).astype(np.float64)
    rows, cols = asked > 0, arrive > 0
    part = np.ascontiguousarray(kernel[np.ix_(rows, cols)])
    out, into, by = asked[rows], arrive[cols], draw[cols]
    scale = np.ones(out.size)
    for sweep in range(_SWEEPS if out.size else 0):
        total = part @ by
        if sweep and (np.abs(scale * total - out) <= 0.1 * _EXACT * out).all():
            break
        tried = out / total
        tried /= tried.max()
        if tried.min() < _SMALL:  # some ways die out, as the sums can't both be met
            break
        scale = tried
        by = into / (scale @ part)
    send[rows], draw[cols] = scale, by
    return send, draw


def _set_out(
    found: NDArray[np.float64], asked: NDArray[np.float64], kernel: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give what sets out: as asked, or the nearest that the ways there are allow."""
    sums = np.asarray(found.sum(axis=1), np.float64)
    some = asked > 0
    gaps = (kernel[some][:, kernel.any(axis=0)] == 0).any() if some.any() else False
    return sums if gaps and (np.abs(sums - asked) > _EXACT * asked).any() else asked


def _check(
    found: NDArray[np.float64], origin: NDArray[np.float64], arrive: NDArray[np.float64]
) -> None:
    """Check both sums.

    Raises
    ------
    CertificateError
        If one is off by more than 1e-10 of itself.
    """
    off_rows = np.abs(found.sum(axis=1) - origin) > _EXACT * origin
    off_cols = np.abs(found.sum(axis=0) - arrive) > _EXACT * arrive
    if off_rows.any() or off_cols.any() or not np.isfinite(found).all():
        wrong = f"{int(off_rows.sum())} bases and {int(off_cols.sum())} targets"
        raise CertificateError(f"the journeys of {wrong} do not add up to what was asked")
