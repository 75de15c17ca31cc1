"""Costs shared by use: who needs a stretch shares it evenly, as planes share a runway."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

from vallum.accord.game import MOST, Shares, exactly
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["airport", "by_use", "use_values"]


def by_use(costs: Mapping[str, float], users: Mapping[str, frozenset[str]]) -> Shares:
    """Share the cost of each stretch evenly among those who use it.

    Parameters
    ----------
    costs
        Cost of each stretch, not negative.
    users
        Those whom each stretch serves, at least one.

    Returns
    -------
    Shares
        Cost by player. It is the Shapley value of the game in which a coalition pays for every
        stretch that one of its members uses.

    Raises
    ------
    InputError
        If a cost is negative or no number, or a stretch lacks its cost or its users.

    Notes
    -----
    Littlechild & Owen (1973), A simple expression for the Shapley value in a special case.

    Examples
    --------
    >>> dict(by_use({"shared": 10.0, "own": 3.0},
    ...             {"shared": frozenset({"MLI", "MRT"}), "own": frozenset({"MLI"})}))
    {'MLI': 8.0, 'MRT': 5.0}
    """
    _check(costs, users)
    owed = dict.fromkeys(sorted(frozenset().union(*users.values())), Fraction(0))
    for stretch, cost in costs.items():
        for name in users[stretch]:
            owed[name] += exactly(cost) / len(users[stretch])
    return Shares("use", tuple((name, float(cost)) for name, cost in owed.items()))


def airport(needs: Mapping[str, float]) -> Shares:
    """Share the cost of the longest need, each step of it among those who need as much.

    Parameters
    ----------
    needs
        What it costs to serve each player alone, not negative; it serves all who need less too.

    Returns
    -------
    Shares
        Cost by player; they sum to the greatest need.

    Raises
    ------
    InputError
        If a need is negative or no number, or there is none.

    Examples
    --------
    >>> dict(airport({"a": 8.0, "b": 11.0, "c": 13.0, "d": 18.0}))
    {'a': 2.0, 'b': 3.0, 'c': 4.0, 'd': 9.0}
    """
    _check(needs, {name: frozenset({name}) for name in needs})
    owed, last, share = dict.fromkeys(sorted(needs), Fraction(0)), Fraction(0), Fraction(0)
    order = sorted(needs, key=lambda name: (needs[name], name))
    for k, name in enumerate(order):
        share += (exactly(needs[name]) - last) / (len(order) - k)
        owed[name], last = share, exactly(needs[name])
    return Shares("airport", tuple((name, float(cost)) for name, cost in owed.items()))


def use_values(
    costs: Mapping[str, float], users: Mapping[str, frozenset[str]]
) -> dict[frozenset[str], float]:
    """Make the game of costs: minus the cost of all stretches that a coalition uses.

    Parameters
    ----------
    costs, users
        As for `by_use`.

    Returns
    -------
    dict
        Amount by coalition, not positive.

    Raises
    ------
    InputError
        As `by_use`, or with more than `vallum.accord.game.MOST` players.
    """
    _check(costs, users)
    names = sorted(frozenset().union(*users.values()))
    if len(names) > MOST:
        raise InputError([Fault("users", "", f"{len(names)} players", f"at most {MOST}")])
    return {
        frozenset(some): -math.fsum(c for s, c in costs.items() if users[s] & frozenset(some))
        for size in range(1, len(names) + 1)
        for some in combinations(names, size)
    }


def _check(costs: Mapping[str, float], users: Mapping[str, frozenset[str]]) -> None:
    """Collect what is wrong with costs and users."""
    faults = []
    if not costs:
        faults.append(Fault("costs", "", "nothing", "give at least one"))
    for stretch, cost in costs.items():
        if not (math.isfinite(cost) and cost >= 0):
            faults.append(Fault("costs", stretch, f"{cost!r}", "a number, 0 or above"))
        if not users.get(stretch):
            faults.append(Fault("users", stretch, "nobody uses it", "name at least one player"))
    faults.extend(
        Fault("users", stretch, "a stretch without cost", "give its cost, or leave it out")
        for stretch in users
        if stretch not in costs
    )
    if faults:
        raise InputError(faults)
