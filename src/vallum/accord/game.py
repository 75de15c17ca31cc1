"""The door for coalition values, and the shares that come out.

A coalition's value is its best net benefit against the status quo: doing nothing is worth 0. A
coalition whose plan is infeasible (None or −inf) can only do what its members do apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, SupportsFloat, TypeAlias

import numpy as np

from vallum.errors import Fault, InfeasibleError, InputError
from vallum.kernel.arrays import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = [
    "MOST",
    "Game",
    "Shares",
    "Values",
    "exactly",
    "joined",
    "matrix",
    "named",
    "read",
    "rounding",
    "told",
]

Values: TypeAlias = Mapping[frozenset[str], float | None]

MOST = 12  # players: 4096 coalitions, and a certificate for each answer in seconds
_SHOWN = 20  # missing coalitions named one by one
_JOIN = "+"  # between the names of a coalition in plan.json
_NEAR = 1e-9  # what counts as equal, as a part of what there is to share
_FULL = 1e5  # from which an amount is told without decimals
_ULP = float(np.finfo(np.float64).eps)


def told(amount: float) -> str:
    """Write an amount in a sentence: large ones in full, never as a power of ten.

    Examples
    --------
    >>> told(7_465_952.18), told(12.5), told(-1e5)
    ('7,465,952', '12.5', '-100,000')
    """
    return f"{amount:,.0f}" if abs(amount) >= _FULL else f"{amount:,.6g}"


@dataclass(frozen=True, eq=False)
class Game:
    """Coalition values that passed the door.

    Attributes
    ----------
    players
        Names, sorted.
    worth
        Value of each coalition, shape (2**players,): coalition `c` holds player `i` if bit `i` of
        `c` is set. Infeasible coalitions have what their members do apart; NaN for all together
        where that is infeasible.
    infeasible
        Coalitions without a plan.
    near
        Differences up to this are rounding, in the unit of `worth`.
    said
        What was put in the place of what, in words.
    """

    players: tuple[str, ...]
    worth: NDArray[np.float64]
    infeasible: tuple[frozenset[str], ...]
    near: float
    said: tuple[str, ...]

    @property
    def everybody(self) -> int:
        """The coalition of all, as bits."""
        return (1 << len(self.players)) - 1

    def alone(self, player: int) -> float:
        """Give what a player has by itself."""
        return float(self.worth[1 << player])

    def together(self) -> float:
        """Give what all have together.

        Raises
        ------
        InfeasibleError
            If all together have no plan: there is nothing to share.
        """
        total = float(self.worth[self.everybody])
        if math.isnan(total):
            raise InfeasibleError(
                [
                    Fault(
                        "value",
                        _JOIN.join(self.players),
                        "all members together have no feasible plan, so nothing can be shared",
                        "loosen what the joint plan must meet, or leave a member out",
                    )
                ]
            )
        return total


@dataclass(frozen=True, eq=False)
class Shares(Mapping[str, float]):
    """What each player gets under a rule: a mapping from name to amount.

    Attributes
    ----------
    rule
        The rule's name.
    pairs
        Name and amount, names sorted.
    said
        What a reader must know beside the numbers.
    """

    rule: str
    pairs: tuple[tuple[str, float], ...]
    said: tuple[str, ...] = ()

    def __getitem__(self, player: str) -> float:
        for name, amount in self.pairs:
            if name == player:
                return amount
        raise KeyError(player)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)


def named(game: Game, coalition: int) -> frozenset[str]:
    """Give the names behind a coalition's bits."""
    return frozenset(name for i, name in enumerate(game.players) if coalition >> i & 1)


def joined(coalition: frozenset[str]) -> str:
    """Join names as `plan.json` does, sorted.

    Examples
    --------
    >>> joined(frozenset({"MRT", "MLI"}))
    'MLI+MRT'
    """
    return _JOIN.join(sorted(coalition))


def matrix(players: int) -> NDArray[np.float64]:
    """Make the incidence of coalitions, shape (2**players, players): row `c`, 1 for members."""
    bits = np.arange(1 << players)[:, None] >> np.arange(players)
    return (bits & 1).astype(np.float64)


def read(value: Values) -> Game:
    """Check coalition values, and order them.

    Parameters
    ----------
    value
        Amount by coalition (frozenset of names), one for each coalition of the players; None or
        −inf: that coalition has no feasible plan. The empty coalition may be left out.

    Returns
    -------
    Game
        Infeasible coalitions have the best that their members do apart (`_apart`).

    Raises
    ------
    InputError
        With every fault: keys that are no frozensets of plain names, missing coalitions, amounts
        that are no finite numbers, an empty coalition with a value, no player or more than `MOST`.
    """
    if not isinstance(value, Mapping):  # a list of pairs, say, from a caller without types
        raise InputError([Fault("value", "", type(value).__name__, "a mapping by coalition")])
    loose: dict[object, object] = dict(value.items())
    faults = _keys(loose) + _amounts(loose)
    if faults:
        raise InputError(faults)
    players = tuple(sorted(frozenset().union(*value)))
    faults = _players(players) + ([] if len(players) > MOST else _missing(value, players))
    if faults:
        raise InputError(faults)
    order = [
        frozenset(name for i, name in enumerate(players) if c >> i & 1)
        for c in range(1 << len(players))
    ]
    given = [0.0] + [_number(value[coalition]) for coalition in order[1:]]
    lost = [c for c, amount in enumerate(given) if amount == -math.inf]
    worth = np.array(_apart(given))
    said = [
        f"{joined(order[c])} has no feasible plan: counted as "
        + (
            f"what its members do apart, {told(float(worth[c]))}"
            if c & (c - 1)
            else "doing nothing, 0"
        )
        for c in lost
    ]
    if lost and order[lost[-1]] == order[-1] and len(players) > 1:
        said[-1] = f"{joined(order[-1])} have no feasible plan together: nothing can be shared"
        worth[-1] = math.nan
    return Game(
        players,
        frozen(worth),
        tuple(order[c] for c in lost),
        _near(worth, len(players)),
        tuple(said),
    )


def _keys(value: dict[object, object]) -> list[Fault]:
    """Find keys that are no coalitions."""
    faults = []
    for key in value:
        if not isinstance(key, frozenset):
            faults.append(
                Fault("value", repr(key), "a coalition that is no frozenset", "frozenset of names")
            )
            continue
        bad = [name for name in key if not isinstance(name, str) or not name or _JOIN in name]
        faults.extend(
            Fault("value", repr(name), "no name", f"a text that isn't empty, without {_JOIN}")
            for name in sorted(bad, key=repr)
        )
    return faults


def _amounts(value: dict[object, object]) -> list[Fault]:
    """Find amounts that can't be used."""
    faults = []
    for key, amount in value.items():
        place = "+".join(sorted(map(str, key))) if isinstance(key, frozenset) else repr(key)
        if key == frozenset():
            if amount != 0:
                mend = "nobody earns 0: leave it out"
                faults.append(Fault("value", "empty coalition", f"{amount!r}", mend))
        elif not (amount is None or amount == -math.inf or _finite(amount)):
            mend = "a finite number, or None where infeasible"
            faults.append(Fault("value", place, f"{amount!r}", mend))
    return faults


def _finite(amount: object) -> bool:
    """Whether it is a finite number, numpy's too; True and False are none."""
    if isinstance(amount, bool | np.bool_) or not isinstance(amount, SupportsFloat):
        return False
    return not isinstance(amount, np.ndarray) and math.isfinite(float(amount))


def _players(players: tuple[str, ...]) -> list[Fault]:
    """Find too few or too many."""
    if not players:
        return [Fault("value", "", "no player", "name at least one member")]
    if len(players) > MOST:
        return [
            Fault("value", "", f"{len(players)} players", f"at most {MOST}: join some to blocks")
        ]
    return []


def _missing(value: Values, players: tuple[str, ...]) -> list[Fault]:
    """Find coalitions without a value."""
    wanted = (
        frozenset(name for i, name in enumerate(players) if c >> i & 1)
        for c in range(1, 1 << len(players))
    )
    missing = [joined(coalition) for coalition in wanted if coalition not in value]
    faults = [
        Fault("value", name, "no value for this coalition", "give it, or None where infeasible")
        for name in missing[:_SHOWN]
    ]
    if len(missing) > _SHOWN:
        faults.append(
            Fault("value", "", f"{len(missing) - _SHOWN} more without value", "give each a value")
        )
    return faults


def _number(amount: float | None) -> float:
    """Read infeasible as −inf."""
    return -math.inf if amount is None else float(amount)


def _apart(given: list[float]) -> list[float]:
    """Put in the place of each infeasible coalition the best that its members do apart.

    A single player without a plan does nothing, which is worth 0. Others split in the partition
    into feasible parts that is worth most.
    """
    best = [0.0] * len(given)  # of the members of each coalition, together or apart
    worth = list(given)
    for c in range(1, len(given)):
        if c & (c - 1) == 0:  # one player
            worth[c] = best[c] = 0.0 if given[c] == -math.inf else given[c]
            continue
        first, apart, part = c & -c, -math.inf, (c - 1) & c
        while part:
            if part & first:  # each split once: its first part holds the first player
                apart = max(apart, best[part] + best[c ^ part])
            part = (part - 1) & c
        best[c] = max(apart, given[c])
        if given[c] == -math.inf:
            worth[c] = apart
    return worth


def _near(worth: NDArray[np.float64], players: int) -> float:
    """Say how far apart two amounts may be and still count as equal.

    A billionth of what there is to share, or what rounding of the amounts can have cost.
    """
    amounts = np.nan_to_num(worth)
    surplus = amounts - matrix(players) @ amounts[1 << np.arange(players)]
    return max(_NEAR * float(np.abs(surplus).max()), rounding(amounts, players))


def rounding(worth: NDArray[np.float64], players: int) -> float:
    """Say what rounding of the amounts, and of sums of them, can have cost."""
    return float(64 * players * _ULP * np.abs(worth).max())


def exactly(amount: float) -> Fraction:
    """Read a float as the fraction that it is."""
    return Fraction(float(amount))
