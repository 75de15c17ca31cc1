"""The nested family of minimum cuts by explicit lists of arcs and OR-Tools: the oracle.

The search is that of `vallum.kernel.cut`. What it finds splits the piece between two optima into
two smaller ones, in which everything already decided is contracted away; each piece is a network of
its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import sum_by
from vallum.kernel.maxflow import Network, minimum_cut
from vallum.kernel.search import Proof, price_to_try
from vallum.kernel.territory import Instance, total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["family_by_arcs"]


@dataclass(frozen=True, eq=False)
class _Found:
    """The optimum of a piece: chosen cells, gain over its lower end, flow, bound on rounding."""

    chosen: NDArray[np.bool_]
    gain: float
    flow: int
    rounding: float


@dataclass(frozen=True, eq=False)
class _Piece:
    """The land between two optima, with all else contracted away.

    `cost` is what a cell adds to the lower optimum by itself: its holding, plus the line it needs
    towards land that is surely not held, less the line it saves towards land that surely is.
    `forced` are prices still to be tried; `mu` is a price at which the upper end is an optimum.
    A `settled` piece is not searched.
    """

    cells: NDArray[np.int64]
    cost: NDArray[np.float64]
    arcs: NDArray[np.int64]
    projects: tuple[tuple[float, NDArray[np.int64]], ...]
    forced: tuple[float, ...]
    mu: float
    settled: bool = False


def family_by_arcs(
    problem: Instance, *, step: float, at: Sequence[float]
) -> tuple[NDArray[np.int32], list[float], list[Proof]]:
    """Find every optimum of a problem, down to a resolution.

    Parameters
    ----------
    problem
        With at least one cell.
    step
        A piece with no more benefit than this share of all is not searched.
    at
        Prices that must be tried.

    Returns
    -------
    entry, prices, proofs
        Step by cell, shape (cells,); price by step; one row per solve.

    Raises
    ------
    CertificateError
        If a solve does not pass its check.
    """
    whole = total(problem.benefit, [value for value, _ in problem.projects])
    entry = np.full(problem.cells.size, -1, np.int32)
    prices: list[float] = []
    proofs: list[Proof] = []
    below = (0.0, 0.0)  # benefit and cost of the steps found so far
    stack = _start(problem, at)
    while stack:
        piece = stack.pop()  # the lowest piece that is left
        benefit = total(problem.benefit[piece.cells], [v for v, _ in piece.projects])
        cost = total(piece.cost)
        parts: list[_Piece] = []
        mu = None
        if not piece.settled:
            mu = price_to_try(piece.forced, benefit, cost, unresolved_from=step * whole)
        if mu is not None:
            found = _solve_piece(problem, piece, mu)
            value = mu * below[0] - below[1] + found.gain
            proofs.append((mu, value, found.flow, found.rounding))
            between = found.chosen.any() and not found.chosen.all()
            if piece.forced or (between and found.gain > found.rounding):
                parts = _parts(problem, piece, found.chosen, mu)
            else:  # nothing lies between the ends, and both are optima at this price
                piece = replace(piece, mu=min(piece.mu, mu))
        if parts:
            stack += reversed(parts)
        else:
            entry[piece.cells] = len(prices)
            prices.append(piece.mu)
            below = (below[0] + benefit, below[1] + cost)
    return entry, prices, proofs


def _start(problem: Instance, at: Sequence[float]) -> list[_Piece]:
    """Make the first pieces: from nothing to all that can be held, what must be held set apart."""
    whole = _Piece(
        cells=np.arange(problem.cells.size),
        cost=problem.holding + problem.border,
        arcs=np.arange(problem.tail.size),
        projects=problem.projects,
        forced=tuple(sorted(set(at))),
        mu=math.inf,
    )
    base = problem.must.copy()
    if not base.any():
        return [whole]
    if not base.all():  # what else does it pay to hold, at no price at all, once this is held?
        _, rest = _parts(problem, whole, base, 0.0)
        base[rest.cells[_solve_piece(problem, rest, 0.0).chosen]] = True
    if base.all():
        return [replace(whole, settled=True)]
    lower, upper = _parts(problem, whole, base, 0.0)
    return [replace(upper, forced=whole.forced), replace(lower, settled=True)]


def _local(piece: _Piece, count: int) -> NDArray[np.int64]:
    """Give the cells of a piece the numbers 0, 1, …; −1 elsewhere."""
    number = np.full(count, -1)
    number[piece.cells] = np.arange(piece.cells.size)
    return number


def _solve_piece(problem: Instance, piece: _Piece, mu: float) -> _Found:
    """Find the best territory of a piece at a price."""
    size = piece.cells.size
    number = _local(piece, problem.cells.size)
    values = np.array([value for value, _ in piece.projects])
    owned = [number[cells] for _, cells in piece.projects]
    parts = np.repeat(np.arange(size, size + len(owned)), [cells.size for cells in owned])
    tail, head = number[problem.tail[piece.arcs]], number[problem.head[piece.arcs]]
    price = problem.price[piece.arcs]
    network = Network(
        gain=np.concatenate([mu * problem.benefit[piece.cells] - piece.cost, mu * values]),
        tail=np.concatenate([tail, parts]),
        head=np.concatenate([head, *owned]),
        price=np.concatenate([price, np.full(parts.size, np.inf)]),
    )
    cut = minimum_cut(network)
    chosen = cut.chosen[:size]
    earned = [v for v, cells in zip(values.tolist(), owned, strict=True) if chosen[cells].all()]
    gain = mu * total(problem.benefit[piece.cells[chosen]], earned) - total(
        piece.cost[chosen], price[chosen[tail] & ~chosen[head]]
    )
    # what float64 itself may lose in `mu · b − cost`, which is small where both ends are equal
    earning = total(problem.benefit[piece.cells], values)
    floating = 2.0**-51 * (total(np.abs(piece.cost)) + mu * earning)
    return _Found(chosen, gain, cut.flow, cut.rounding + floating)


def _parts(problem: Instance, piece: _Piece, chosen: NDArray[np.bool_], mu: float) -> list[_Piece]:
    """Split a piece at an optimum found in it: what lies below, what lies above.

    The boundary between the two is settled: it is paid by the lower side and saved by the upper
    one. An optimum at one of the piece's own ends leaves the piece whole, with one price less to
    try.
    """
    less = tuple(m for m in piece.forced if m < mu)
    more = tuple(m for m in piece.forced if m > mu)
    if not chosen.any():
        return [replace(piece, forced=more)]
    if chosen.all():
        return [replace(piece, forced=less, mu=min(piece.mu, mu))]
    size = piece.cells.size
    number = _local(piece, problem.cells.size)
    tail, head = number[problem.tail[piece.arcs]], number[problem.head[piece.arcs]]
    price = problem.price[piece.arcs]
    crossed = chosen[tail] & ~chosen[head]
    paid = sum_by(tail[crossed], price[crossed], size, ordered=True)
    saved = sum_by(head[crossed], price[crossed], size, ordered=True)
    owned = [(value, number[cells]) for value, cells in piece.projects]
    lower = _Piece(
        cells=piece.cells[chosen],
        cost=(piece.cost + paid)[chosen],
        arcs=piece.arcs[chosen[tail] & chosen[head]],
        projects=tuple((v, piece.cells[c]) for v, c in owned if chosen[c].all()),
        forced=less,
        mu=mu,
    )
    upper = _Piece(
        cells=piece.cells[~chosen],
        cost=(piece.cost - saved)[~chosen],
        arcs=piece.arcs[~chosen[tail] & ~chosen[head]],
        projects=tuple((v, piece.cells[c[~chosen[c]]]) for v, c in owned if not chosen[c].all()),
        forced=more,
        mu=piece.mu,
    )
    return [lower, upper]
