"""Who pays whom so that a rule's shares come true, and when a partner would leave."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from vallum.accord.game import exactly, joined, told
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Leaving", "Payment", "Transfers", "leaving", "transfers"]

_NEAR = 1e-9  # of the amounts: what counts as rounding


@dataclass(frozen=True)
class Payment:
    """What one pays another, above 0, in the unit of the values."""

    payer: str
    receiver: str
    amount: float


@dataclass(frozen=True)
class Transfers:
    """What realises shares.

    Attributes
    ----------
    net
        What each receives (above 0) or pays (below 0), names sorted; they sum to 0.
    payments
        Payments that do it, at most one fewer than there are players.
    """

    net: tuple[tuple[str, float], ...]
    payments: tuple[Payment, ...]


@dataclass(frozen=True)
class Leaving:
    """The first year in which a coalition does better by leaving for the rest of the time.

    Attributes
    ----------
    coalition
        Who leaves.
    year
        Counted from 0.
    gain
        Present value at that year of what it has more.
    """

    coalition: frozenset[str]
    year: int
    gain: float


def transfers(shares: Mapping[str, float], own: Mapping[str, float]) -> Transfers:
    """Find the payments that turn what falls to each into a rule's shares.

    Parameters
    ----------
    shares
        What each should have.
    own
        What falls to each by the joint plan before anybody pays: its own gain less its own cost.
        It sums to what the shares sum to.

    Returns
    -------
    Transfers
        The greatest payer pays the greatest receiver until one of them is done, and so on.

    Raises
    ------
    InputError
        If the players differ, an amount is no finite number, or the sums differ.

    Examples
    --------
    >>> transfers({"a": 5.0, "b": 5.0}, {"a": 8.0, "b": 2.0}).payments
    (Payment(payer='a', receiver='b', amount=3.0),)
    """
    faults = _amounts("own", own) + _amounts("shares", shares)
    if set(own) != set(shares):
        found = f"players {', '.join(sorted(own))}"
        faults.append(Fault("own", "", found, f"those of the shares: {', '.join(sorted(shares))}"))
    if faults:
        raise InputError(faults)
    size = max((abs(x) for x in (*own.values(), *shares.values())), default=0.0)
    missing = math.fsum(own.values()) - math.fsum(shares.values())
    if abs(missing) > _NEAR * size * max(len(own), 1):
        mend = "give what falls to each in the joint plan, all gains and all costs"
        found = f"sums to {told(missing)} more than the shares"
        raise InputError([Fault("own", "", found, mend)])
    net = {name: exactly(shares[name]) - exactly(own[name]) for name in sorted(own)}
    # what rounding leaves over goes to the one who moves most
    most = max(net, key=lambda name: (abs(net[name]), name))
    net[most] -= sum(net.values(), Fraction(0))
    pairs = tuple((name, float(amount)) for name, amount in net.items())
    return Transfers(pairs, _settle(net, exactly(_NEAR * size)))


def leaving(
    alone: Mapping[frozenset[str], Sequence[float]],
    stay: Mapping[str, Sequence[float]],
    rate: float,
) -> tuple[Leaving, ...]:
    """Find who would leave, and when.

    Parameters
    ----------
    alone
        What each coalition has by itself, year by year from the year it leaves; the amount of a
        year must not depend on when it left.
    stay
        What each player has in the accord, after payments, year by year.
    rate
        Discount rate per year, above −1.

    Returns
    -------
    tuple of Leaving
        A coalition leaves in the first year `t` with
        `Σ_{s ≥ t} (alone_s − stay_s) / (1 + rate)^(s − t) > 0`. The earliest first, then the
        greatest gain. Empty: nobody ever does better by leaving.

    Raises
    ------
    InputError
        If years differ in number, an amount is no finite number, a coalition names somebody
        unknown, or the rate is −1 or less.

    Examples
    --------
    >>> leaving({frozenset("a"): [1.0, 1.0, 1.0]}, {"a": [3.0, 1.0, 0.0]}, 0.0)
    (Leaving(coalition=frozenset({'a'}), year=1, gain=1.0),)
    """
    _check_years(alone, stay, rate)
    found = []
    for coalition, has in alone.items():
        more = 0.0
        gains = []
        for year in range(len(has) - 1, -1, -1):
            staying = math.fsum(stay[name][year] for name in coalition)
            more = has[year] - staying + more / (1.0 + rate)
            gains.append((year, more))
        size = max((abs(x) for x in has), default=0.0)
        size = max([size, *(abs(x) for name in coalition for x in stay[name])])
        first = [(year, gain) for year, gain in gains if gain > _NEAR * size]
        if first:
            found.append(Leaving(coalition, *first[-1]))
    return tuple(sorted(found, key=lambda one: (one.year, -one.gain, joined(one.coalition))))


def _settle(net: dict[str, Fraction], near: Fraction) -> tuple[Payment, ...]:
    """Let payers pay receivers, the greatest first."""
    left = dict(net)
    paid: list[Payment] = []
    while True:
        payer = min(left, key=lambda name: (left[name], name))
        receiver = max(left, key=lambda name: (left[name], name))
        amount = min(-left[payer], left[receiver])
        if amount <= near:
            return tuple(paid)
        paid.append(Payment(payer, receiver, float(amount)))
        left[payer] += amount
        left[receiver] -= amount


def _amounts(where: str, given: Mapping[str, float]) -> list[Fault]:
    """Find amounts that are no numbers."""
    faults = [] if given else [Fault(where, "", "no player", "give an amount for each")]
    return faults + [
        Fault(where, name, f"{amount!r}", "a finite number")
        for name, amount in given.items()
        if not math.isfinite(amount)
    ]


def _check_years(
    alone: Mapping[frozenset[str], Sequence[float]],
    stay: Mapping[str, Sequence[float]],
    rate: float,
) -> None:
    """Collect what is wrong with amounts by year."""
    faults = []
    if not (math.isfinite(rate) and rate > -1):
        faults.append(Fault("rate", "", f"{rate!r}", "a number above −1"))
    years = {len(has) for has in (*alone.values(), *stay.values())}
    if len(years) > 1:
        found = f"{', '.join(map(str, sorted(years)))} years"
        faults.append(Fault("alone, stay", "", found, "the same number of years for all"))
    for coalition, has in alone.items():
        unknown = sorted(set(coalition) - set(stay))
        faults.extend(
            Fault("alone", name, "not in the accord", "name a member") for name in unknown
        )
        if not all(map(math.isfinite, has)):
            faults.append(Fault("alone", joined(coalition), "no number", "finite numbers"))
    faults.extend(
        Fault("stay", name, "no number", "finite numbers")
        for name, has in stay.items()
        if not all(map(math.isfinite, has))
    )
    if faults:
        raise InputError(faults)
