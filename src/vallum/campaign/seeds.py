"""Random numbers by counting: each has its own address, so that nothing else moves it.

Two ways to spend money are played with the same numbers: what differs between them is then what the
money does, not chance.
"""

from __future__ import annotations

import math

import numpy as np

from vallum.kernel.jit import compiled

__all__ = ["key", "mixed", "poisson", "uniform"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53
_DIRECT = 600.0  # exp(-rate) is an ordinary number up to here
_WIDE = 40.0  # standard deviations beyond which nothing lies
_CERTAIN = 1.0 - 1e-12  # nearer to 1 the sum of masses is rounding


@compiled
def mixed(state: np.uint64, count: int) -> np.uint64:
    """Hash a state with a number: the output function of splitmix64.

    Parameters
    ----------
    state
        From a call before.
    count
        Any integer.

    Returns
    -------
    uint64
        Another state.
    """
    z = np.uint64(state) + (np.uint64(count) + np.uint64(1)) * _GOLDEN
    z = (z ^ (z >> _S30)) * _FIRST
    z = (z ^ (z >> _S27)) * _SECOND
    return z ^ (z >> _S31)


def key(*numbers: int) -> np.uint64:
    """Give the state that some numbers lead to.

    Parameters
    ----------
    numbers
        Seed of the campaign, number of the draw, and what else there is.

    Returns
    -------
    uint64
        State.
    """
    state = np.uint64(0)
    for number in numbers:  # a compiled function gives a plain integer back
        state = np.uint64(mixed(state, int(number)))
    return state


@compiled
def uniform(state: np.uint64, purpose: int) -> float:
    """Give the random number of a state for a purpose.

    Parameters
    ----------
    state
        The address so far.
    purpose
        What it is for.

    Returns
    -------
    float
        In [0, 1), a multiple of 2^-53.
    """
    return np.float64(mixed(state, purpose) >> _S11) * _UNIT


@compiled
def poisson(rate: float, chance: float) -> int:
    """Give the Poisson number that a uniform one stands for: it never falls as the rate rises.

    Parameters
    ----------
    rate
        Mean, 0 or more.
    chance
        In [0, 1).

    Returns
    -------
    int
        The least count at which the distribution function exceeds `chance`, or 1 − 1e-12.
    """
    if rate <= 0.0:
        return 0
    count = 0
    if rate < _DIRECT:
        mass = math.exp(-rate)
    else:  # below this count lies less than 1e-40
        count = int(rate - 14.0 * math.sqrt(rate))
        mass = math.exp(count * math.log(rate) - rate - math.lgamma(count + 1.0))
    most = int(rate + _WIDE * math.sqrt(rate) + 60.0)
    total = mass
    chance = min(chance, _CERTAIN)
    while total <= chance and count < most:
        count += 1
        mass *= rate / count
        total += mass
    return count
