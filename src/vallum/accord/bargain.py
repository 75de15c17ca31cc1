"""Nash's bargaining solution, with what each can walk away to."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from vallum.accord.game import Shares, exactly, joined, read, told
from vallum.errors import CertificateError, Fault, InfeasibleError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.accord.game import Game, Values

__all__ = ["bargain"]


def bargain(
    value: Values,
    *,
    fallback: Mapping[str, float] | None = None,
    outside: Mapping[str, float] | None = None,
    power: Mapping[str, float] | None = None,
) -> Shares:
    """Share as all together would bargain.

    Parameters
    ----------
    value
        Amount by coalition; only that of all, and of each alone, is used.
    fallback
        What each has while there is no accord, by player; what each has alone, if left out.
    outside
        What each can have by walking away for good, by player; what each has alone, if left out.
    power
        Bargaining power by player, above 0; equal if left out.

    Returns
    -------
    Shares
        The `x` that maximises `Π (x_i − fallback_i)^power_i` with `x(N) = v(N)` and
        `x_i ≥ outside_i`: `x_i = max(outside_i, fallback_i + λ power_i)`. An outside option that
        is less than the bargain changes nothing. Computed in fractions, and checked: the sum, and
        one `λ` for all who are not held at their outside option.

    Raises
    ------
    InputError
        If an argument is at fault.
    InfeasibleError
        If all together have no plan, or less than their outside options, or less than their
        fallbacks: there is nothing to bargain over.

    Notes
    -----
    Nash (1950), The bargaining problem; outside options bind only where they are better than the
    bargain: Binmore, Shaked & Sutton (1989), An outside option experiment. With two players and
    nothing given it is the Shapley value.

    Examples
    --------
    >>> two = {frozenset("a"): 0.0, frozenset("b"): 6.0, frozenset("ab"): 10.0}
    >>> dict(bargain(two))
    {'a': 2.0, 'b': 8.0}
    >>> dict(bargain(two, fallback={"a": 0.0, "b": 0.0}))  # b only threatens to leave
    {'a': 4.0, 'b': 6.0}
    """
    game = read(value)
    total = exactly(game.together())
    alone = {name: game.alone(i) for i, name in enumerate(game.players)}
    even = dict.fromkeys(game.players, 1.0)
    said = {"fallback": fallback, "outside": outside, "power": power}
    faults = [fault for where, given in said.items() for fault in _faults(game, where, given)]
    if faults:
        raise InputError(faults)
    first = [exactly((alone if fallback is None else fallback)[name]) for name in game.players]
    least = [exactly((alone if outside is None else outside)[name]) for name in game.players]
    weight = [exactly((even if power is None else power)[name]) for name in game.players]
    for what, amounts in (("outside options", least), ("fallbacks", first)):
        short = sum(amounts, Fraction(0)) - total
        if short > exactly(game.near):
            raise InfeasibleError([_nothing(game, what, float(short))])
    shares = _pour(total, first, least, weight)
    _check(total, shares, (first, least, weight))
    pairs = tuple((n, float(x)) for n, x in zip(game.players, shares, strict=True))
    return Shares("bargain", pairs, game.said)


def _pour(
    total: Fraction, first: list[Fraction], least: list[Fraction], weight: list[Fraction]
) -> list[Fraction]:
    """Raise `λ` until `Σ max(least, first + λ weight)` is the total."""
    # a player leaves its outside option at this λ
    lifts = [(low - x) / w for x, low, w in zip(first, least, weight, strict=True)]
    order = sorted(range(len(lifts)), key=lambda i: lifts[i])
    for taken in range(len(order), 0, -1):
        free = order[:taken]
        left = total - sum((least[i] for i in order[taken:]), Fraction(0))
        height = (left - sum(first[i] for i in free)) / sum(weight[i] for i in free)
        if height >= lifts[free[-1]]:
            return [
                first[i] + height * weight[i] if i in free else least[i] for i in range(len(order))
            ]
    # outside options take all, to within rounding: the difference goes to the first to be lifted
    shares = list(least)
    shares[order[0]] += total - sum(least, Fraction(0))
    return shares


def _check(
    total: Fraction,
    shares: list[Fraction],
    given: tuple[list[Fraction], list[Fraction], list[Fraction]],
) -> None:
    """Hold shares against the conditions of the optimum."""
    first, least, weight = given
    heights = [(x - d) / w for x, d, w in zip(shares, first, weight, strict=True)]
    free = [h for h, x, low in zip(heights, shares, least, strict=True) if x > low]
    level = min(free, default=min(heights))
    right = (
        sum(shares, Fraction(0)) == total
        and len(set(free)) <= 1
        and all(x > low or h >= level for h, x, low in zip(heights, shares, least, strict=True))
    )
    if not right:
        raise CertificateError("shares of the bargain do not meet the conditions of an optimum")


def _faults(game: Game, where: str, given: Mapping[str, float] | None) -> list[Fault]:
    """Find what is wrong with amounts by player."""
    if given is None:
        return []
    faults = [
        Fault(where, name, "no amount", "give one for each player")
        for name in game.players
        if name not in given
    ]
    for name, amount in given.items():
        if name not in game.players:
            faults.append(Fault(where, str(name), "no player", f"one of {', '.join(game.players)}"))
        elif not math.isfinite(amount) or (where == "power" and amount <= 0):
            mend = "a number above 0" if where == "power" else "a finite number"
            faults.append(Fault(where, name, f"{amount!r}", mend))
    return faults


def _nothing(game: Game, what: str, short: float) -> Fault:
    """Say that there is nothing to bargain over."""
    return Fault(
        "value",
        joined(frozenset(game.players)),
        f"all together have {told(short)} less than their {what}: there is nothing to bargain over",
        "no shares satisfy all; leave a member out, or add a subsidy",
    )
