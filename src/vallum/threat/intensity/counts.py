"""Events per region foretold from earlier counts: a mixture of means, and how far it may be off.

One family holds the model that is used and those that it is measured against. The mean is a
weighted sum of four parts, with `w_rk ∝ δ_r^k` over the last three years (k = 0, 1, 2):

    M_r = a_own · Σ_k w_rk y_rk + a_always · (mean of all years) + a_state · (state's mean)
          + a_neighbours · (neighbours' mean) + floor,        Σ a = 1
    δ_r = δ · κ / (κ + mean of y_rk),   since a large count is less of an accident than a small one

and the count is a Poisson mixed by a gamma: a negative binomial of mean `M` and size `ν M^ρ`.
Parameters are the likeliest on the past, under a weak prior that holds them while it is short.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MODELS", "PARTS", "WINDOW", "Fit", "Model", "Pairs", "fit", "negative_log_likelihood"]

WINDOW = 3  # years whose recency is weighed
PARTS = ("own", "always", "state", "neighbours")
# bounds of what is fitted: logits of the parts and of the decay, logs of floor and weight, power
LOGIT = (-6.0, 6.0)
FLOOR = (np.log(1e-3), np.log(1.0))  # events a year: no region is thought immune
WEIGHT = (np.log(1e-3), np.log(1e2))
POWER = (0.0, 1.0)
HALVED = (np.log(0.1), np.log(1e4))
# the middle of the weak prior (judgement: equal shares; a quarter of an event a year in a quiet
# region; a prior worth one month of observation; decay halved at ten events a year), and where the
# search begins
MIDDLE_FLOOR, MIDDLE_WEIGHT, MIDDLE_POWER, MIDDLE_HALVED = 0.25, 1.0 / 12.0, 0.5, 10.0


@dataclass(frozen=True)
class Model:
    """A member of the family: what of it is fitted, and what is held fixed.

    Attributes
    ----------
    name
        For people.
    parts
        The parts of the mean that may have weight.
    decay
        Held at this in all regions; None to fit it, and how it falls with the count.
    """

    name: str
    parts: tuple[str, ...]
    decay: float | None


MODELS = {
    "shrinkage": Model("shrinkage over neighbours", PARTS, None),
    "same_as_last_year": Model("same as last year", ("own",), 0.0),
    "regional_mean": Model("regional mean", ("always",), 1.0),
    "mean_of_three_years": Model("no change from the mean of three years", ("own",), 1.0),
}


@dataclass(frozen=True, eq=False)
class Pairs:
    """What was known, and what came.

    Attributes
    ----------
    parts
        The parts of the mean by year back, events/yr, shape (4, `WINDOW`, n): `PARTS`, and the
        last year first. A part that is not by year is the same in all.
    seen
        Events in the year foretold, shape (n,); empty where it is not known.
    """

    parts: NDArray[np.float64]
    seen: NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A model with its likeliest parameters.

    Attributes
    ----------
    model
        Key of `MODELS`.
    share
        Weight of each of `PARTS`; they sum to 1.
    decay
        `δ`: weight of a year relative to the year after it, in [0, 1], in a quiet region.
    halved_at_yr
        `κ`: events a year at which the decay is half of that; infinite if it is the same in all.
    floor_yr
        Events a year added to every region.
    weight_yr
        `ν`: years of observation that the prior is worth at a mean of one event a year.
    power
        `ρ`: 1 if the variance grows as the mean, 0 if as its square.
    pairs
        Number of region-years that it was fitted on; 0 if it is a guess.
    """

    model: str
    share: tuple[float, float, float, float]
    decay: float
    halved_at_yr: float
    floor_yr: float
    weight_yr: float
    power: float
    pairs: int

    @property
    def pull(self) -> float:
        """Weight of other regions in a region's expected count."""
        return self.share[2] + self.share[3]

    def mean(self, parts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Expect events/yr, shape (n,), from parts of shape (4, `WINDOW`, n)."""
        steady = _steady(parts, self.halved_at_yr)
        back = _recency(self.decay * steady)[0]
        mean = np.array(self.share) @ np.einsum("kn,pkn->pn", back, parts) + self.floor_yr
        return np.asarray(mean, np.float64)

    def size(self, mean: NDArray[np.float64]) -> NDArray[np.float64]:
        """Size of the negative binomial (shape of the gamma) at these means."""
        return np.asarray(self.weight_yr * mean**self.power, np.float64)


def fit(key: str, pairs: Pairs, *, spread: float) -> Fit:
    """Fit a model by penalised maximum likelihood.

    Parameters
    ----------
    key
        Of `MODELS`.
    pairs
        The past; where it holds no event the middle of the prior is returned.
    spread
        Standard deviation of the weak prior.

    Returns
    -------
    Fit
        The likeliest parameters within their bounds.
    """
    model = MODELS[key]
    middle = _middle(model)
    if not pairs.seen.any():
        return _unpack(middle, key, 0)
    bounds = [LOGIT] * (len(model.parts) - 1)
    bounds += [LOGIT, HALVED] if model.decay is None else []
    found = optimize.minimize(
        negative_log_likelihood,
        middle,
        args=(pairs, model, spread),
        jac=True,
        # truncated Newton: as exact, and without threaded linear algebra on a dozen numbers, which
        # costs more than the rest where processors are shared
        method="TNC",
        bounds=[*bounds, FLOOR, WEIGHT, POWER],
        options={"maxfun": 5000},
    )
    return _unpack(found.x, key, pairs.seen.size)


def negative_log_likelihood(
    free: NDArray[np.float64], pairs: Pairs, model: Model, spread: float
) -> tuple[float, NDArray[np.float64]]:
    """Give what `fit` minimises, and its gradient.

    Parameters
    ----------
    free
        Logits of the shares but the first part's, logit of the decay and log of `κ` (only where
        they are fitted), log of the floor, log of `ν`, `ρ`.
    pairs, model, spread
        As in `fit`.

    Returns
    -------
    loss, gradient
        Nats, the prior's part included, without the terms that no parameter moves; shape of `free`.
    """
    share, (decay, halved) = _shares(free, model), _decay(free, model)
    floor, weight, power = np.exp(free[-3]), np.exp(free[-2]), free[-1]
    steady = _steady(pairs.parts, halved)
    back, turn = _recency(decay * steady)
    by_part = np.einsum("kn,pkn->pn", back, pairs.parts)
    mean = share @ by_part + floor
    size = weight * mean**power
    both = size + mean
    some = pairs.seen > 0  # most regions are quiet: the costly terms are theirs that aren't
    count, of = pairs.seen[some], size[some]
    logs = size * np.log(size / both)
    loss = -float(logs.sum())
    loss -= float((special.gammaln(count + of) - special.gammaln(of)).sum())
    loss -= float((count * np.log(mean[some] / both[some])).sum())
    to_mean = -(pairs.seen + size) / both
    to_mean[some] += count / mean[some]
    to_size = np.log(size / both) + 1.0 - (size + pairs.seen) / both
    to_size[some] += special.digamma(count + of) - special.digamma(of)
    at_mean = to_mean + to_size * power * size / mean
    slope = by_part @ at_mean  # by share
    gradient = [share[n] * (slope[n] - share @ slope) for n in _loose(model)]
    if model.decay is None:
        by_year = np.tensordot(share, pairs.parts, axes=1)
        at_decay = (by_year * turn).sum(axis=0) * at_mean * decay * steady
        gradient += [(1.0 - decay) * at_decay.sum(), at_decay @ (1.0 - steady)]
    gradient += [
        floor * at_mean.sum(),
        float(to_size @ size),
        float((to_size * size) @ np.log(mean)),
    ]
    off = (free - _middle(model)) / spread
    return loss + 0.5 * float(off @ off), off / spread - np.array(gradient, np.float64)


def _steady(parts: NDArray[np.float64], halved: float) -> NDArray[np.float64]:
    """Factor of the decay by region: 1 where nothing happens, 1/2 at `halved` events a year."""
    recent = parts[PARTS.index("own")].mean(axis=0)
    return np.asarray(1.0 / (1.0 + recent / halved), np.float64)


def _recency(
    decay: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weigh the last years, the last first, and say how the weights turn with the decay.

    Both of shape (`WINDOW`, n) for n decays.
    """
    back = np.arange(WINDOW)[:, None]
    raw = np.power(decay, back)
    rise = back * np.power(decay, np.maximum(back - 1, 0))
    whole = raw.sum(axis=0)
    weights = raw / whole
    return weights, (rise - weights * rise.sum(axis=0)) / whole


def _loose(model: Model) -> list[int]:
    """Rows of the parts whose share is free; the first part takes what is left."""
    return [PARTS.index(part) for part in model.parts[1:]]


def _shares(free: NDArray[np.float64], model: Model) -> NDArray[np.float64]:
    loose = _loose(model)
    logits = np.full(len(PARTS), -np.inf)
    logits[PARTS.index(model.parts[0])] = 0.0
    logits[loose] = free[: len(loose)]
    return np.asarray(special.softmax(logits), np.float64)


def _decay(free: NDArray[np.float64], model: Model) -> tuple[float, float]:
    """Give `δ` and `κ`."""
    if model.decay is not None:
        return model.decay, float("inf")
    first = len(model.parts) - 1
    return float(special.expit(free[first])), float(np.exp(free[first + 1]))


def _middle(model: Model) -> NDArray[np.float64]:
    """Middle of the weak prior, on the scale of what is fitted."""
    logits = [0.0] * (len(model.parts) - 1)
    decay = [] if model.decay is not None else [0.0, np.log(MIDDLE_HALVED)]
    return np.array([*logits, *decay, np.log(MIDDLE_FLOOR), np.log(MIDDLE_WEIGHT), MIDDLE_POWER])


def _unpack(free: NDArray[np.float64], key: str, pairs: int) -> Fit:
    """Turn what was fitted into the parameters that it stands for."""
    model = MODELS[key]
    own, always, state, neighbours = (float(share) for share in _shares(free, model))
    decay, halved = _decay(free, model)
    return Fit(
        model=key,
        share=(own, always, state, neighbours),
        decay=decay,
        halved_at_yr=halved,
        floor_yr=float(np.exp(free[-3])),
        weight_yr=float(np.exp(free[-2])),
        power=float(free[-1]),
        pairs=pairs,
    )
