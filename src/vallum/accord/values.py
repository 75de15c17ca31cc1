"""The Shapley value, what each player adds, and whether joining ever loses."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from vallum.accord.game import Shares, exactly, named, read

if TYPE_CHECKING:
    from vallum.accord.game import Game, Values

__all__ = ["Clash", "burdens", "clashes", "shapley"]


@dataclass(frozen=True)
class Clash:
    """Two coalitions without a common member that have less together than apart.

    Attributes
    ----------
    first, second
        The two.
    lost
        What they have apart less what they have together, in the unit of the values.
    """

    first: frozenset[str]
    second: frozenset[str]
    lost: float


def shapley(value: Values) -> Shares:
    """Share by what each player adds, over all orders of joining.

    Parameters
    ----------
    value
        Amount by coalition; None or −inf where a coalition has no feasible plan.

    Returns
    -------
    Shares
        `phi_i = Σ_K |K|! (n − |K| − 1)! / n! · (v(K + i) − v(K))`, computed in fractions and
        rounded once. They sum to what all have together.

    Raises
    ------
    InputError
        If `value` is at fault (`vallum.accord.game.read`).
    InfeasibleError
        If all together have no feasible plan.

    Notes
    -----
    Shapley (1953), A value for n-person games.

    Examples
    --------
    >>> two = {frozenset("a"): 1.0, frozenset("b"): 2.0, frozenset("ab"): 4.0}
    >>> dict(shapley(two))
    {'a': 1.5, 'b': 2.5}
    """
    game = read(value)
    game.together()
    count = len(game.players)
    worth = [exactly(amount) for amount in game.worth]
    weights = [
        Fraction(factorial(size) * factorial(count - size - 1), factorial(count))
        for size in range(count)
    ]
    pairs = []
    for i, name in enumerate(game.players):
        added = [Fraction(0)] * count  # by the size of the coalition that is joined
        for c in range(1 << count):
            if not c >> i & 1:
                added[c.bit_count()] += worth[c | 1 << i] - worth[c]
        share = sum((w * a for w, a in zip(weights, added, strict=True)), Fraction(0))
        pairs.append((name, float(share)))
    return Shares("shapley", tuple(pairs), game.said)


def clashes(value: Values) -> tuple[Clash, ...]:
    """Find where the values are not superadditive.

    Parameters
    ----------
    value
        Amount by coalition.

    Returns
    -------
    tuple of Clash
        Pairs that lose by joining, the greatest loss first; empty if the game is superadditive.

    Raises
    ------
    InputError
        If `value` is at fault.
    """
    game = read(value)
    found = []
    for c in range(1, 1 << len(game.players)):
        first, part = c & -c, (c - 1) & c
        while part:
            if part & first:  # each split once: its first part holds the first player
                lost = float(game.worth[part] + game.worth[c ^ part] - game.worth[c])
                if lost > game.near:
                    found.append(Clash(named(game, part), named(game, c ^ part), lost))
            part = (part - 1) & c
    return tuple(sorted(found, key=lambda clash: (-clash.lost, sorted(clash.first))))


def burdens(game: Game) -> tuple[str, ...]:
    """Find the players who only lose: none gains by having them, and some coalition loses.

    A player alone is among them if it has less than 0 by itself, since it joins nobody.
    """
    found = []
    for i, name in enumerate(game.players):
        without = np.flatnonzero((np.arange(game.worth.size) >> i & 1) == 0)
        added = game.worth[without | 1 << i] - game.worth[without]
        added = added[~np.isnan(added)]
        if added.max() <= game.near and added.min() < -game.near:
            found.append(name)
    return tuple(found)
