"""How many journeys each pair of a sanctuary and a target makes, and shares over joint draws.

The events of vital land are journeys that arrived. Those from outside, `reach · E`, are shared
among the pairs by `a_s · m_t · exp(−d_st / D)`: the events at the sanctuary, the worth of the
target, and the hours between them by motorcycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Chances", "Draw", "Shares", "States", "Weights", "outside", "pull", "shares"]


@dataclass(frozen=True, eq=False)
class States:
    """Which state is which.

    Attributes
    ----------
    zones
        Codes of the states whose touching is asked for.
    asked
        Whether each target lies outside each zone: whether it is asked if its journeys touch it;
        shape (zones, T).
    members
        Codes of the members.
    source, target
        Code of the state of each sanctuary and target.
    claimed
        Which targets lie in the claimed regions.
    own_row
        The members' region that each sanctuary lies in, −1 outside the members.
    target_row
        The members' region that each target lies in.
    """

    zones: tuple[int, ...]
    asked: NDArray[np.bool_]
    members: tuple[int, ...]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    claimed: NDArray[np.bool_]
    own_row: NDArray[np.int64]
    target_row: NDArray[np.int64]

    def enters(self, member: int) -> NDArray[np.bool_]:
        """Mark the pairs that begin outside a member (its code) and end in it, shape (S, T)."""
        return np.asarray((self.source != member)[:, None] & (self.target == member)[None, :])


@dataclass(frozen=True, eq=False)
class Chances:
    """What each case (a way of moving, a season and a straying) gives per pair.

    Attributes
    ----------
    passing
        Chance that a journey touches each zone, shape (cases, zones, sources, targets); 0 for
        targets of which it is not asked.
    entering
        By member: chance of entering it first from each state, shape (cases, states, sources,
        targets); 0 for pairs that do not enter it.
    """

    passing: NDArray[np.float64]
    entering: Mapping[int, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Weights:
    """What the pairs are weighted by.

    Attributes
    ----------
    events
        Of each sanctuary a year, shape (S,).
    output, people
        Share of the members' in each target, shape (T,).
    hours
        The quickest way by motorcycle, shape (S, T), infinite without one.
    """

    events: NDArray[np.float64]
    output: NDArray[np.float64]
    people: NDArray[np.float64]
    hours: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Draw:
    """One joint draw of the assumptions, or their mids.

    Attributes
    ----------
    events
        Of each sanctuary a year.
    vital
        Which of the members' regions are vital land.
    range_h
        D: hours within which journeys fall e times.
    people_mix
        Share of targets' pull that follows people.
    parts
        Share of each case in journeys, shape (cases,); they add up to 1.
    """

    events: NDArray[np.float64]
    vital: NDArray[np.bool_]
    range_h: float
    people_mix: float
    parts: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shares:
    """What one draw gives.

    Attributes
    ----------
    from_outside
        Of the pull on vital land, the share of sanctuaries outside it.
    through
        By zone: of journeys from outside to vital land of other states, the share that touches it.
        One that sets out there touches it too.
    claimed
        The same for the targets in the claimed regions.
    entering
        By member: share of each state among the first entrances of journeys from outside vital
        land that begin outside the member, shape (states,).
    """

    from_outside: float
    through: NDArray[np.float64]
    claimed: NDArray[np.float64]
    entering: Mapping[int, NDArray[np.float64]]


def pull(weights: Weights, draw: Draw, states: States) -> NDArray[np.float64]:
    """Weigh the pairs by `a_s · m_t · exp(−d_st / D)`, targets in vital land only.

    Parameters
    ----------
    weights
        Hours, output and people.
    draw
        Events, range, mix and what is vital.
    states
        Where the targets lie.

    Returns
    -------
    weight
        Shape (S, T); 0 where there is no way.
    """
    worth = (1.0 - draw.people_mix) * weights.output + draw.people_mix * weights.people
    worth = np.where(draw.vital[states.target_row], worth, 0.0)
    return np.asarray(draw.events[:, None] * worth * np.exp(-weights.hours / draw.range_h))


def outside(draw: Draw, own_row: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the sanctuaries outside vital land; `own_row` is the members' region of each, or −1."""
    return (own_row < 0) | ~draw.vital[np.maximum(own_row, 0)]


def shares(chances: Chances, weights: Weights, draw: Draw, states: States) -> Shares:
    """Sum the pairs of one draw into shares.

    Parameters
    ----------
    chances
        What each way of moving, season and straying gives.
    weights, draw, states
        As for `pull`.

    Returns
    -------
    Shares
        NaN where no journey is made.
    """
    every = pull(weights, draw, states)
    weight = np.where(outside(draw, states.own_row)[:, None], every, 0.0)
    pairs = np.stack([weight, weight * states.claimed], axis=-1)
    live = np.flatnonzero(draw.parts)  # three cases of many

    def over_cases(chance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum chances times weights over pairs, and over cases by their parts: all, claimed."""
        flat = pairs.reshape(-1, 2)
        each = [draw.parts[n] * (chance[n].reshape(-1, len(flat)) @ flat) for n in live]
        return np.asarray(np.sum(each, axis=0))

    touching = over_cases(chances.passing)
    whole = states.asked.astype(np.float64) @ pairs.sum(axis=0)
    through, claimed = _ratio(touching, whole).T
    return Shares(
        from_outside=float(_ratio(weight.sum(), every.sum())),
        through=frozen(through.copy()),
        claimed=frozen(claimed.copy()),
        entering={
            code: frozen(_share(over_cases(chances.entering[code])[:, 0]))
            for code in states.members
        },
    )


def _share(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide amounts by their sum; NaN where that is 0."""
    return _ratio(amounts, amounts.sum())


def _ratio(part: ArrayLike, whole: ArrayLike) -> NDArray[np.float64]:
    """Divide; NaN where nothing is divided by."""
    below = np.asarray(whole, np.float64)
    return np.where(below > 0, np.asarray(part) / np.where(below > 0, below, 1.0), np.nan)
