"""The whole nested family of minimum cuts of a grid, by divide and conquer on one network.

The search is that of `vallum.kernel.cut`; what is new is that nothing is copied. A piece is a
range of a list of nodes and a label on them, its flow stays where it is when the piece is split,
and the next price is tried from there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.errors import CertificateError
from vallum.kernel.gridcut import advance, fresh, lay, settle
from vallum.kernel.gridpiece import PROOF, best, mark_whole, part, sums
from vallum.kernel.gridproof import gather
from vallum.kernel.jit import compiled
from vallum.kernel.search import price_to_try

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.kernel.gridcut import State
    from vallum.kernel.gridproof import Certificate
    from vallum.kernel.search import Proof
    from vallum.kernel.territory import Instance

__all__ = ["family"]

BITS = 56  # what can be earned at a price is below 2^56 units when a piece is laid anew
FINE = 48  # a piece worth less than 2^48 units is laid anew in finer ones
NOTHING = 2.0**-900  # USD/yr: where nothing is earned or paid, nothing is what rounding may hide
ROOM = 58  # and one worth more than 2^58, or with more to push than 2^60, in coarser ones


class _Piece(NamedTuple):
    """The land between two optima: nodes `start` to `stop` of the list.

    `benefit`, `cost`, `size` and `saved` are its sums (`vallum.kernel.gridpiece.sums`). `forced`
    are prices still to be tried; the lower end is an optimum at `low`, the upper one at `mu`.
    Its flow is in `unit` (0: none yet), its excess at the price `now`. A `rough` piece's flow was
    begun anew within it, and does not prove its upper end.
    """

    start: int
    stop: int
    benefit: float
    cost: float
    size: float
    saved: float
    forced: tuple[float, ...]
    low: float = 0.0
    mu: float = math.inf
    unit: float = 0.0
    now: float = 0.0
    rough: bool = False


class _Work(NamedTuple):
    """The network, and the list of its nodes that pieces are ranges of."""

    state: State
    nodes: NDArray[np.int32]


class _Found(NamedTuple):
    """The smallest optimum of a piece: nodes marked, gain over its lower end, flow, rounding."""

    marked: int
    gain: float
    flow: int
    rounding: float


def family(
    problem: Instance, *, step: float, at: Sequence[float]
) -> tuple[NDArray[np.int32], list[float], list[Proof], Certificate]:
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
    entry, prices, proofs, certificate
        Step by cell, shape (cells,); price by step; one row per solve; the flow that proves all.

    Raises
    ------
    CertificateError
        If a solve does not pass its check.
    """
    state, order = lay(problem)
    nodes = order.copy()
    work = _Work(state, nodes)
    entry = np.full(state.label.size, -1, np.int32)
    done: list[_Piece] = []
    proofs: list[Proof] = []
    unresolved_from = step * sums(state, nodes)[0]
    earned = spent = 0.0  # by the steps found so far
    base, stack = _start(work, problem, at)
    if base:
        stack.append(base)
    while stack:
        piece = stack.pop()  # the lowest piece that is left
        parts: list[_Piece] = []
        mu = None
        if piece is not base:
            mu = price_to_try(
                piece.forced, piece.benefit, piece.cost, unresolved_from=unresolved_from
            )
        if mu is not None:
            piece, found = _solve(work, piece, mu)
            proofs.append((mu, mu * earned - spent + found.gain, found.flow, found.rounding))
            between = 0 < found.marked < piece.stop - piece.start
            if piece.forced or (between and found.gain > found.rounding):
                parts = _parts(work, piece, found.marked)
            else:  # nothing lies between the ends, and both are optima at this price
                piece = piece._replace(low=mu, mu=min(piece.mu, mu))
        if parts:
            stack += reversed(parts)
            continue
        if piece is not base:
            piece = _calm(work, piece)
        entry[nodes[piece.start : piece.stop]] = len(done)
        done.append(piece)
        earned, spent = earned + piece.benefit, spent + piece.cost
    units = np.array([piece.unit for piece in done])
    certificate = gather(state, order, entry[order], units, problem.must)
    cells = order[: problem.cells.size]
    return entry[cells], [piece.mu for piece in done], proofs, certificate


def _start(
    work: _Work, problem: Instance, at: Sequence[float]
) -> tuple[_Piece | None, list[_Piece]]:
    """Make the first pieces: what must be held with what then pays by itself, and the rest."""
    state, nodes = work
    prices, count = tuple(sorted(set(at))), nodes.size
    if not problem.must.any():
        return None, [_Piece(0, count, *sums(state, nodes), prices)]
    state.side[nodes[: problem.cells.size]] = problem.must
    must = mark_whole(state, nodes)
    part(state, nodes)
    if must == count:
        return _Piece(0, count, *sums(state, nodes), (), unit=1.0), []
    settle(state, nodes[must:], must)
    first = sums(state, nodes[:must])
    rest = _Piece(must, count, *sums(state, nodes[must:]), ())
    rest, found = _solve(work, rest, 0.0)
    if 0 < found.marked < count - must:
        free, rest = _parts(work, rest, found.marked)
    elif found.marked:
        free, rest = rest, rest._replace(start=count)
    else:
        free = rest._replace(stop=must, benefit=0.0, cost=0.0, size=0.0, saved=0.0)
    earned, spent = math.fsum([first[0], free.benefit]), math.fsum([first[1], free.cost])
    alone = rest.start == count
    base = free._replace(start=0, benefit=earned, cost=spent, mu=math.inf if alone else 0.0)
    return base, [] if alone else [rest._replace(forced=prices, mu=math.inf)]


def _solve(work: _Work, piece: _Piece, mu: float, *, keep: bool = False) -> tuple[_Piece, _Found]:
    """Find the best territory of a piece at a price, from the flow that it has where that fits.

    To `keep` is not to begin anew.
    """
    state, nodes = work
    mine = nodes[piece.start : piece.stop]
    worth = mu * piece.benefit + piece.saved
    fits = piece.unit > 0.0
    if fits and not keep and worth > 0.0:
        fits = 2.0**FINE <= worth / piece.unit <= 2.0**ROOM
    if fits:
        fits = advance(state, mine, piece.now, mu, piece.unit) < 2.0 ** (ROOM + 2)
    if fits:
        piece = piece._replace(now=mu)
    else:
        unit = 2.0 ** (math.frexp(worth or piece.size or NOTHING)[1] - BITS)
        fresh(state, mine, mu, unit)
        piece = piece._replace(unit=unit, now=mu, rough=True)
    fault, flow, gain, marked = _cut(state, mine, mu, piece.unit)
    if fault:
        raise CertificateError(f"the minimum cut failed its check: {PROOF[fault]}")
    # each capacity is off by half a unit at most; so is what each node earns
    rounding = (0.5 * 18 * mine.size + 16.0) * piece.unit
    floating = 2.0**-51 * (piece.size + mu * piece.benefit)
    return piece, _Found(marked, float(gain) * piece.unit, int(flow), rounding + floating)


@compiled
def _cut(
    state: State, nodes: NDArray[np.int32], mu: float, unit: float
) -> tuple[int, int, int, int]:
    """Find and prove the smallest optimum of a piece; mark it, and count what is marked."""
    fault, flow, gain = best(state, nodes, mu, unit)
    return fault, flow, gain, mark_whole(state, nodes)


def _parts(work: _Work, piece: _Piece, marked: int) -> list[_Piece]:
    """Split a piece at the optimum marked in it: what lies below, what lies above.

    The boundary between the two is settled: it is paid by the lower side and saved by the upper
    one. An optimum at one of the piece's own ends leaves the piece whole, with one price less to
    try.
    """
    state, nodes = work
    mu, middle = piece.now, piece.start + marked
    less = tuple(m for m in piece.forced if m < mu)
    more = tuple(m for m in piece.forced if m > mu)
    if middle == piece.start:
        return [piece._replace(forced=more, low=mu)]
    if middle == piece.stop:
        return [piece._replace(forced=less, mu=min(piece.mu, mu), rough=False)]
    mine = nodes[piece.start : piece.stop]
    below, above = _divide(state, mine, marked, piece.start)
    unit = piece.unit
    return [
        _Piece(piece.start, middle, *below, less, low=piece.low, mu=mu, unit=unit, now=mu),
        _Piece(middle, piece.stop, *above, more, mu, piece.mu, unit, mu, piece.rough),
    ]


@compiled
def _divide(
    state: State, nodes: NDArray[np.int32], marked: int, start: int
) -> tuple[tuple[float, float, float, float], tuple[float, float, float, float]]:
    """Order nodes by what is marked, settle the boundary, and sum either side."""
    part(state, nodes)
    below, above = nodes[:marked], nodes[marked:]
    settle(state, above, start + marked)
    settle(state, below, start)
    return sums(state, below), sums(state, above)


def _calm(work: _Work, piece: _Piece) -> _Piece:
    """Make a finished piece's flow prove both of its ends at once.

    At the upper end's price no node may be short, at the lower end's none may have more than
    flows out. Pushing at one price never spoils the other: it takes from nodes that have excess,
    and fills nodes that are short, up to nothing.
    """
    if piece.rough and piece.low < piece.mu < math.inf and piece.now != piece.mu:
        piece, _ = _solve(work, piece, piece.mu, keep=True)
    if piece.now != piece.low or piece.unit == 0.0:
        piece, _ = _solve(work, piece, piece.low, keep=True)
    return piece
