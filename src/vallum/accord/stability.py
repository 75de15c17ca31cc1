"""The core: shares under which no coalition does better by leaving; and what it lacks if empty."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, SupportsFloat

import numpy as np

from vallum.accord.game import exactly, joined, matrix, named, read, told
from vallum.accord.linear import minimise, solve_exactly
from vallum.accord.nucleoli import decide, levels
from vallum.errors import CertificateError, Fault, InputError
from vallum.kernel.arrays import frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.accord.game import Game, Values

__all__ = ["DRAWN", "Core", "Objection", "core", "objections"]

DRAWN = 5  # players up to whom corners are found: 27,405 sets of constraints
_FLAT = 1e-9  # a determinant of 0 and 1 is a whole number, so this is 0


@dataclass(frozen=True)
class Objection:
    """A coalition that has more by leaving than its members are given.

    Attributes
    ----------
    coalition
        Who leaves.
    gain
        What they have more, in the unit of the values.
    """

    coalition: frozenset[str]
    gain: float


@dataclass(frozen=True, eq=False)
class Core:
    """The core, as a set: `shares in core`, and `bool(core)` says whether it holds any.

    Attributes
    ----------
    players
        Names, sorted: the order of columns.
    empty
        Whether no shares satisfy every coalition.
    least
        The least core: the smallest amount that every coalition must forgo so that some shares
        satisfy all. Above 0 the core is empty; below 0 it is how much all coalitions could have
        more. 0 for one player.
    subsidy
        The cost of stability: what an outsider must add to what all have together so that some
        shares satisfy every coalition; 0 if the core is not empty.
    proof
        Coalitions and positive weights that add up to 1 for each player. Their weighted values
        add up to what all have together plus `subsidy`, where the core is empty; else the
        weights prove `least`.
    corners
        Of the core, shape (corners, players); none if it is empty. For three players in order
        around it. None beyond `DRAWN` players.
    least_corners
        Of the least core, likewise.
    frame
        Corners of the shares that give nobody less than alone, shape (players, players); none if
        there are no such shares.
    said
        In words what a reader must know.
    """

    players: tuple[str, ...]
    empty: bool
    least: float
    subsidy: float
    proof: tuple[tuple[frozenset[str], float], ...]
    corners: NDArray[np.float64] | None
    least_corners: NDArray[np.float64] | None
    frame: NDArray[np.float64]
    said: tuple[str, ...]
    game: Game

    def __bool__(self) -> bool:
        return not self.empty

    def __contains__(self, shares: object) -> bool:
        amounts = _amounts(self.game, shares)
        same = abs(amounts.sum() - self.game.together()) <= len(amounts) * self.game.near
        return bool(same) and not self.empty and not _objections(self.game, amounts)


def core(value: Values) -> Core:
    """Find the core, whether it is empty, and what would fill it.

    Parameters
    ----------
    value
        Amount by coalition; None or −inf where a coalition has no feasible plan.

    Returns
    -------
    Core
        `{x: x(N) = v(N), x(K) ≥ v(K) for every K}`. `least` and `subsidy` are optima proven by
        `proof` (Bondareva 1963, Shapley 1967: a balanced collection).

    Raises
    ------
    InputError
        If `value` is at fault (`vallum.accord.game.read`).
    InfeasibleError
        If all together have no feasible plan.
    CertificateError
        If an optimum is not proven.

    Notes
    -----
    Least core: Maschler, Peleg & Shapley (1979). Cost of stability: Bachrach et al. (2009),
    https://ar5iv.labs.arxiv.org/html/0907.4385, here for amounts of either sign.

    Examples
    --------
    >>> three = {frozenset(k): float(len(k) > 1) for k in ("a", "b", "c", "ab", "ac", "bc", "abc")}
    >>> found = core(three)  # any two do as well as all three
    >>> found.empty, round(found.least, 9), round(found.subsidy, 9)
    (True, 0.333333333, 0.5)
    """
    game = read(value)
    game.together()
    shares = decide(game, at_least=False)  # the prenucleolus lies in the least core
    proof = levels(game, shares, at_least=False)
    least = proof[0].complaint if proof else 0.0
    empty = least > game.near
    weights = proof[0].weights if proof else ()
    subsidy = 0.0
    if empty:
        weights, subsidy = _subsidy(game)
    return Core(
        game.players,
        empty,
        least,
        subsidy,
        weights,
        _corners(game, 0.0) if not empty else frozen(np.zeros((0, len(game.players)))),
        _corners(game, least),
        _frame(game),
        game.said + _words(game, least, subsidy, weights),
        game,
    )


def objections(value: Values, shares: Mapping[str, float]) -> tuple[Objection, ...]:
    """Find the coalitions that would leave.

    Parameters
    ----------
    value
        Amount by coalition.
    shares
        Amount by player.

    Returns
    -------
    tuple of Objection
        The greatest gain first; empty if the shares lie in the core. All together are among them
        if the shares add up to less than they have.

    Raises
    ------
    InputError
        If `value` is at fault, or the shares name other players.
    """
    game = read(value)
    return tuple(_objections(game, _amounts(game, shares)))


def _amounts(game: Game, shares: object) -> NDArray[np.float64]:
    """Read shares in the order of players."""
    given = dict(shares.items()) if isinstance(shares, Mapping) else {}
    faults = [
        Fault("shares", str(name), f"{given.get(name)!r}", "a finite amount for each player")
        for name in game.players
        if not (isinstance(given.get(name), SupportsFloat) and math.isfinite(float(given[name])))
    ]
    faults += [
        Fault("shares", str(name), "no player", f"one of {', '.join(game.players)}")
        for name in given
        if name not in game.players
    ]
    if faults:
        raise InputError(faults)
    return np.array([float(given[name]) for name in game.players])


def _objections(game: Game, shares: NDArray[np.float64]) -> list[Objection]:
    """Find who objects, the greatest gain first.

    Shares that satisfy all but for rounding, moved so that nobody has less than alone, may miss a
    coalition by the rounding of every player.
    """
    near = 2 * len(game.players) * game.near
    gains = game.worth - matrix(len(game.players)) @ shares
    found = [Objection(named(game, int(c)), float(gains[c])) for c in np.flatnonzero(gains > near)]
    return sorted(found, key=lambda one: (-one.gain, joined(one.coalition)))


def _subsidy(game: Game) -> tuple[tuple[tuple[frozenset[str], float], ...], float]:
    """Find the least total that satisfies every coalition, less what there is."""
    count = len(game.players)
    alone = matrix(count) @ game.worth[1 << np.arange(count)]
    surplus = game.worth - alone  # amounts of one size for HiGHS
    most = float(np.abs(surplus).max())
    proper = np.arange(1, game.everybody)
    member = matrix(count)[proper]
    found = minimise(
        np.ones(count),
        (member, surplus[proper] / most),
        (np.zeros((0, count)), np.zeros(0)),
    )
    held = np.flatnonzero(found.weights > 1e-7)
    # the weights of a corner are determined: by them the subsidy is exact
    solved = solve_exactly(
        [tuple(map(int, member[held, i])) for i in range(count)], [exactly(1.0)] * count
    )
    if solved is None or min(solved) < 0:
        raise CertificateError("the coalitions that make the core empty are not balanced")
    coalitions = proper[held]
    total = sum(w * exactly(game.worth[c]) for w, c in zip(solved, coalitions, strict=True))
    weights = tuple(
        (named(game, int(c)), float(w)) for c, w in zip(coalitions, solved, strict=True)
    )
    return weights, float(total - exactly(game.together()))


def _corners(game: Game, slack: float) -> NDArray[np.float64] | None:
    """Find the corners of `{x: x(N) = v(N), x(K) ≥ v(K) − slack}`, by trying all."""
    count = len(game.players)
    if count > DRAWN:
        return None
    total = game.together()
    if count == 1:
        return frozen(np.array([[total]]))
    proper = np.arange(1, game.everybody)
    member = matrix(count)
    chosen = np.array(list(combinations(proper.tolist(), count - 1)))
    systems = np.concatenate([member[chosen], np.ones((len(chosen), 1, count))], axis=1)
    solid = np.abs(np.linalg.det(systems)) > 0.5  # whole numbers
    right = np.column_stack([game.worth[chosen] - slack, np.full(len(chosen), total)])
    points = np.linalg.solve(systems[solid], right[solid][..., None])[..., 0]
    good = (points @ member[proper].T >= game.worth[proper] - slack - game.near).all(axis=1)
    return frozen(_ordered(_distinct(points[good], 4 * game.near)))


def _distinct(points: NDArray[np.float64], near: float) -> NDArray[np.float64]:
    """Drop points that are the same but for rounding; the rest in lexicographic order."""
    kept: list[NDArray[np.float64]] = []
    for point in points[np.lexsort(np.round(points / max(near, 1e-300)).T[::-1])]:
        if all(np.abs(point - other).max() > near for other in kept):
            kept.append(point)
    return np.array(kept).reshape(len(kept), points.shape[1])


def _ordered(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put the corners of three players' core in order around it."""
    if points.shape[1] != 3 or len(points) < 3:
        return points
    flat = (points - points.mean(axis=0)) @ np.array([[-1.0, -1.0], [1.0, -1.0], [0.0, 2.0]])
    flat[:, 1] /= np.sqrt(3.0)
    turned = np.arctan2(flat[:, 1], flat[:, 0])
    return np.asarray(points[np.argsort(turned, kind="stable")])


def _frame(game: Game) -> NDArray[np.float64]:
    """Give the corners of the shares that give nobody less than alone."""
    alone = np.array([game.alone(i) for i in range(len(game.players))])
    left = game.together() - alone.sum()
    if left < -game.near:
        return frozen(np.zeros((0, len(alone))))
    return frozen(alone + np.eye(len(alone)) * max(left, 0.0))


def _words(
    game: Game, least: float, subsidy: float, weights: tuple[tuple[frozenset[str], float], ...]
) -> tuple[str, ...]:
    """Say what was found."""
    if least <= game.near:
        return ("the core is not empty: some shares satisfy every coalition",)
    who = ", ".join(f"{joined(coalition)} (weight {w:.3g})" for coalition, w in weights)
    why = f"since {who}, so weighted, have more than all together"
    return (
        f"the core is empty: whatever the shares, some coalition does better by leaving, {why}",
        f"each coalition would have to forgo {told(least)}, or an outsider to add {told(subsidy)}",
    )
