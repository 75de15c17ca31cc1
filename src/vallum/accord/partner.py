"""The partner as a player: what its help costs it, and what it gains, each with its range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vallum.accord.game import joined
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.accord.game import Values

__all__ = ["End", "Partner", "Ranged", "with_partner"]

End = Literal["low", "mid", "high"]


@dataclass(frozen=True)
class Ranged:
    """An amount with its range, USD/yr, and where it comes from."""

    low: float
    mid: float
    high: float
    source: str


@dataclass(frozen=True)
class Partner:
    """A state that helps without land of its own in the accord.

    Attributes
    ----------
    name
        Its name as a player.
    cost
        What its help costs it, not negative.
    trade, security, influence
        What it gains if all members take part: from trade, from stability nearby, from standing.
    """

    name: str
    cost: Ranged
    trade: Ranged
    security: Ranged
    influence: Ranged

    def gain(self, end: End) -> float:
        """Add up its gains at one end of their ranges."""
        return math.fsum(getattr(part, end) for part in (self.trade, self.security, self.influence))


def with_partner(
    alone: Values,
    helped: Values,
    partner: Partner,
    part: Mapping[frozenset[str], float],
    end: End = "mid",
    *,
    paid: Mapping[frozenset[str], float] | None = None,
) -> dict[frozenset[str], float | None]:
    """Make the game with the partner as a player.

    Parameters
    ----------
    alone
        Value of each coalition of members without the partner, None where infeasible.
    helped
        Value of the same coalitions with the partner's help, its cost not counted.
    partner
        The partner.
    part
        For each coalition of members, which part of the partner's gain comes about, in [0, 1]; for
        instance the protected people among all.
    end
        Which end of the ranges. The low end is the partner's worst: low gains with the high
        cost; the high end its best.
    paid
        For each coalition of members, what its help to that one costs the partner at that end,
        USD/yr, not negative; by default that part of the cost. A coalition alone may need more help
        than all together do.

    Returns
    -------
    dict
        `v(K) = alone(K)`, `v({partner}) = 0`, and with the partner
        `v(K + partner) = helped(K) + part(K) gain − paid(K)`.

    Raises
    ------
    InputError
        If the coalitions differ, a range is out of order or without source, a part is outside
        [0, 1], or an amount paid is negative.

    Examples
    --------
    >>> gift = Ranged(1.0, 2.0, 3.0, "judgement: an example")
    >>> nothing = Ranged(0.0, 0.0, 0.0, "judgement: an example")
    >>> state = frozenset({"MLI"})
    >>> game = with_partner(
    ...     {state: 1.0}, {state: 5.0}, Partner("MAR", gift, nothing, gift, nothing), {state: 1.0}
    ... )
    >>> game[frozenset({"MAR", "MLI"})]
    5.0
    """
    cost = {"low": partner.cost.high, "mid": partner.cost.mid, "high": partner.cost.low}[end]
    paid = {k: share * cost for k, share in part.items()} if paid is None else paid
    _check(alone, helped, partner, part, paid)
    gain = partner.gain(end)
    game: dict[frozenset[str], float | None] = {k: v for k, v in alone.items() if k}
    game[frozenset({partner.name})] = 0.0
    for coalition, amount in helped.items():
        if coalition:
            void = amount is None or amount == -math.inf
            game[coalition | {partner.name}] = (
                None
                if void or amount is None
                else amount + part[coalition] * gain - paid[coalition]
            )
    return game


def _check(
    alone: Values,
    helped: Values,
    partner: Partner,
    part: Mapping[frozenset[str], float],
    paid: Mapping[frozenset[str], float],
) -> None:
    """Collect what is wrong with the partner and the two games."""
    faults: list[Fault] = []
    members = {k for k in alone if k}
    for where, given in (("helped", set(helped)), ("part", set(part)), ("paid", set(paid))):
        faults.extend(
            Fault(where, joined(k), "missing, or not in `alone`", "give the same coalitions")
            for k in sorted(members ^ {k for k in given if k}, key=joined)
        )
    faults.extend(
        Fault("part", joined(k), f"{share!r}", "a number in [0, 1]")
        for k, share in part.items()
        if not 0 <= share <= 1
    )
    faults.extend(
        Fault("paid", joined(k), f"{amount!r}", "a finite amount, 0 or above")
        for k, amount in paid.items()
        if not 0 <= amount < math.inf
    )
    if any(partner.name in k for k in alone):
        faults.append(Fault("partner", partner.name, "is a member", "another name"))
    for name in ("cost", "trade", "security", "influence"):
        ranged: Ranged = getattr(partner, name)
        ends = (ranged.low, ranged.mid, ranged.high)
        if not all(map(math.isfinite, ends)) or list(ends) != sorted(ends):
            faults.append(Fault("partner", name, f"{ends}", "low ≤ mid ≤ high"))
        elif name == "cost" and ranged.low < 0:
            faults.append(Fault("partner", name, f"{ranged.low}", "0 or above"))
        if not ranged.source.strip():
            faults.append(Fault("partner", name, "no source", "an address, or judgement: reason"))
    if faults:
        raise InputError(faults)
