"""The nucleolus: the shares whose greatest complaint is least, then the next; with its proof.

A sequence of linear programs (Maschler, Peleg & Shapley 1979) finds which coalitions decide; the
shares then follow from them in fractions. Kohlberg's criterion proves every answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from vallum.accord.game import Shares, exactly, matrix, named, read, rounding, told
from vallum.accord.linear import minimise, solve_exactly
from vallum.errors import CertificateError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.accord.game import Game, Values

__all__ = ["Level", "levels", "nucleolus", "prenucleolus"]

_POSITIVE = 1e-7  # a dual weight that counts; the greatest of a level is at least 1 / (n + 1)
_NO_IMPUTATION = (
    "all together have less than each alone: no shares give everybody that much, and the "
    "prenucleolus stands for the nucleolus"
)
_SPAN = 1e-7  # how far from a span a coalition of 0 and 1 counts as outside


@dataclass(frozen=True, eq=False)
class Level:
    """A step of the proof that shares are the nucleolus.

    Attributes
    ----------
    complaint
        `v(K) − x(K)` of the coalitions that enter here, in the unit of the values.
    weights
        Coalition and weight of everything with this complaint or a greater one: positive, and
        each player's weights add up to 1, with those of `at_least`.
    at_least
        Players who get no more than alone, and their weights, not negative.
    """

    complaint: float
    weights: tuple[tuple[frozenset[str], float], ...]
    at_least: tuple[tuple[str, float], ...]


def nucleolus(value: Values) -> Shares:
    """Share so that the greatest complaint is least, then the second greatest, and so on.

    Parameters
    ----------
    value
        Amount by coalition; None or −inf where a coalition has no feasible plan. For a cost game
        give costs as negative amounts.

    Returns
    -------
    Shares
        The nucleolus among shares that give nobody less than alone. Where no such shares exist it
        is the prenucleolus (shares of any size), and `said` says so. They sum to what all have
        together; whenever the core is not empty they lie in it.

    Raises
    ------
    InputError
        If `value` is at fault (`vallum.accord.game.read`).
    InfeasibleError
        If all together have no feasible plan.
    CertificateError
        If Kohlberg's criterion does not hold for what was found.

    Notes
    -----
    Schmeidler (1969), The nucleolus of a characteristic function game; Kohlberg (1971), On the
    nucleolus of a characteristic function game.

    Examples
    --------
    >>> claims = {"a": 100.0, "b": 200.0, "c": 300.0}  # on an estate of 200 (Talmud)
    >>> from itertools import combinations
    >>> estate = {
    ...     frozenset(k): max(0.0, 200.0 - sum(claims[p] for p in claims if p not in k))
    ...     for size in (1, 2, 3) for k in combinations(claims, size)
    ... }
    >>> dict(nucleolus(estate))
    {'a': 50.0, 'b': 75.0, 'c': 75.0}
    """
    game = read(value)
    shares, at_least = best(game)
    levels(game, shares, at_least=at_least)
    said = game.said
    if not at_least:
        said += (_NO_IMPUTATION,)
    return Shares("nucleolus", _pairs(game, shares), said)


def prenucleolus(value: Values) -> Shares:
    """Share as `nucleolus` does, where a player may get less than alone.

    Parameters
    ----------
    value
        Amount by coalition.

    Returns
    -------
    Shares
        The prenucleolus; it lies in the least core.

    Raises
    ------
    InputError
        If `value` is at fault.
    InfeasibleError
        If all together have no feasible plan.
    CertificateError
        If Kohlberg's criterion does not hold for what was found.
    """
    game = read(value)
    shares = decide(game, at_least=False)
    levels(game, shares, at_least=False)
    return Shares("prenucleolus", _pairs(game, shares), game.said)


def best(game: Game) -> tuple[tuple[Fraction, ...], bool]:
    """Find the nucleolus, and whether it is one among shares that give nobody less than alone."""
    alone = sum(game.alone(i) for i in range(len(game.players)))
    at_least = alone <= game.together() + game.near
    return decide(game, at_least=at_least), at_least


def decide(game: Game, *, at_least: bool) -> tuple[Fraction, ...]:
    """Find the shares, in fractions.

    Parameters
    ----------
    game
        The game.
    at_least
        Whether nobody may get less than alone; only where all together have as much.

    Returns
    -------
    tuple of Fraction
        By player. They are exact for the coalitions that decide; `levels` proves which these are.
    """
    game.together()
    count = len(game.players)
    worth = _scaled(game)
    if at_least:  # rounding must not leave less than nothing to share
        worth[-1] = max(worth[-1], 0.0)
    member = matrix(count)
    free = np.arange(1, game.everybody)  # proper coalitions whose complaint is still open
    open_players = list(range(count)) if at_least else []
    fixed_rows, fixed_right = [member[-1]], [worth[-1]]
    deciding: list[list[int]] = []
    bound: list[int] = []
    while len(fixed_rows) < count:
        rows = np.zeros((free.size + len(open_players), count + 1))
        rows[: free.size, :count], rows[: free.size, count] = member[free], 1.0
        rows[free.size :, :count] = np.eye(count)[open_players]
        right = np.concatenate([worth[free], np.zeros(len(open_players))])
        equal = np.column_stack([np.array(fixed_rows), np.zeros(len(fixed_rows))])
        cost = np.append(np.zeros(count), 1.0)
        found = minimise(cost, (rows, right), (equal, np.array(fixed_right)))
        tight = free[found.weights[: free.size] > _POSITIVE].tolist()
        held = np.flatnonzero(found.weights[free.size :] > _POSITIVE)
        deciding.append(tight)
        bound += [open_players[k] for k in held.tolist()]
        complaint = float(found.point[count])
        new = [(member[c], worth[c] - complaint) for c in tight]
        new += [(np.eye(count)[open_players[k]], 0.0) for k in held.tolist()]
        for row, amount in new:
            if not _within(row[None], fixed_rows)[0]:
                fixed_rows.append(row)
                fixed_right.append(amount)
        free = free[~_within(member[free], fixed_rows)]
        inside = _within(np.eye(count), fixed_rows)
        open_players = [i for i in open_players if not inside[i]]
    return _in_fractions(game, deciding, bound)


def _in_fractions(game: Game, deciding: list[list[int]], bound: list[int]) -> tuple[Fraction, ...]:
    """Solve for shares and complaints from the coalitions that decide at each level."""
    count, depth = len(game.players), len(deciding)

    def row(coalition: int, level: int = -1) -> list[int]:
        """Give the members, and the complaint of the level."""
        members = [coalition >> i & 1 for i in range(count)]
        return members + [int(k == level) for k in range(depth)]

    rows = [row(game.everybody)] + [row(1 << i) for i in bound]
    coalitions = [game.everybody] + [1 << i for i in bound]
    for level, tight in enumerate(deciding):
        rows += [row(c, level) for c in tight]
        coalitions += tight
    solved = solve_exactly(rows, [exactly(game.worth[c]) for c in coalitions])
    if solved is None:
        raise CertificateError("the coalitions that decide do not determine the nucleolus")
    return solved[:count]


def levels(game: Game, shares: tuple[Fraction, ...], *, at_least: bool = True) -> tuple[Level, ...]:
    """Prove shares to be the nucleolus, by Kohlberg's criterion.

    Parameters
    ----------
    game
        The game.
    shares
        By player, exact.
    at_least
        Whether the claim is the nucleolus among shares that give nobody less than alone (else the
        prenucleolus).

    Returns
    -------
    tuple of Level
        The balanced collections. A level is checked where its coalitions add to the span of those
        before. Others need none: if `Σ w_K 1_K = 1` with `w > 0`, and `1_L = Σ a_K 1_K`, then
        `w − δ a > 0` for a small `δ`, and with weight `δ` on `L` the sum is 1 again.

    Raises
    ------
    CertificateError
        If the shares do not add up, give somebody less than alone, or a level is not balanced.
    """
    count = len(game.players)
    total = sum(shares, Fraction(0))
    if total != exactly(game.together()):
        raise CertificateError("shares do not add up to what all have together")
    complaints = _complaints(game, shares)
    less = np.array([float(shares[i] - exactly(game.alone(i))) for i in range(count)])
    if at_least and less.min() < -game.near:
        raise CertificateError("the nucleolus gives a player less than alone")
    low = np.flatnonzero(less <= game.near) if at_least else np.zeros(0, np.int64)
    member = matrix(count)
    proper = np.arange(1, game.everybody)
    order = proper[np.argsort(-complaints[proper], kind="stable")]
    proof: list[Level] = []
    spanned: list[NDArray[np.float64]] = []
    start = 0
    while start < order.size and len(spanned) < count:
        complaint = complaints[order[start]]
        stop = start + int(np.count_nonzero(complaints[order[start:]] >= complaint - game.near))
        before = len(spanned)
        for c in order[start:stop]:
            if not _within(member[c][None], spanned)[0]:
                spanned.append(member[c])
        if len(spanned) > before:
            proof.append(_balanced(game, order[:stop], low, float(complaint)))
        start = stop
    return tuple(proof)


def _balanced(
    game: Game, taken: NDArray[np.int64], low: NDArray[np.int64], complaint: float
) -> Level:
    """Find weights of a balanced collection, the least of them as great as can be."""
    count = len(game.players)
    member = np.vstack([matrix(count)[taken], np.eye(count)[low]])
    size, many = len(member), taken.size
    rows = np.zeros((size, size + 1))  # weight − least ≥ 0 for coalitions, weight ≥ 0 for players
    rows[:, :size] = np.eye(size)
    rows[:many, size] = -1.0
    equal = np.column_stack([member.T, np.zeros(count)])
    cost = np.append(np.zeros(size), -1.0)
    try:
        found = minimise(cost, (rows, np.zeros(size)), (equal, np.ones(count)))
    except CertificateError as error:
        raise CertificateError(f"no proof that these shares are the nucleolus: {error}") from error
    if -found.value < 1e-9:
        raise CertificateError(
            f"coalitions with a complaint of {told(complaint)} or more are not balanced, so these "
            "shares are not the nucleolus"
        )
    weights = found.point[:size].tolist()
    return Level(
        complaint,
        tuple((named(game, int(c)), w) for c, w in zip(taken, weights[:many], strict=True)),
        tuple((game.players[int(i)], w) for i, w in zip(low, weights[many:], strict=True)),
    )


def _complaints(game: Game, shares: tuple[Fraction, ...]) -> NDArray[np.float64]:
    """Give `v(K) − x(K)` of every coalition, differences taken in fractions."""
    return np.array(
        [
            float(
                exactly(amount) - sum((x for i, x in enumerate(shares) if c >> i & 1), Fraction())
            )
            for c, amount in enumerate(game.worth)
        ]
    )


def _scaled(game: Game) -> NDArray[np.float64]:
    """Take off what each has alone, and scale what is left to about 1.

    The nucleolus moves with both, so that HiGHS meets amounts of one size.
    """
    count = len(game.players)
    surplus = game.worth - matrix(count) @ game.worth[1 << np.arange(count)]
    most = float(np.abs(surplus).max())
    # where all of it is rounding there is nothing to share beyond what each has alone
    return np.asarray(surplus / most if most > rounding(game.worth, count) else 0.0 * surplus)


def _within(rows: NDArray[np.float64], spanning: list[NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Whether each row lies in a span, shape (rows,)."""
    if not spanning:
        return np.zeros(len(rows), bool)
    base, _ = np.linalg.qr(np.array(spanning).T)
    outside = rows - rows @ base @ base.T
    return np.asarray(np.abs(outside).max(axis=1, initial=0.0) < _SPAN)


def _pairs(game: Game, shares: tuple[Fraction, ...]) -> tuple[tuple[str, float], ...]:
    """Name shares, rounded once."""
    return tuple((name, float(x)) for name, x in zip(game.players, shares, strict=True))
