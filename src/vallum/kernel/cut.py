"""The exact frontier: every best territory, from the first worth holding to all of it, at once.

For a price of effort μ ≥ 0 the held land maximises `μ · benefit − holding − closure`, a minimum
cut. As μ grows the optima are nested, so the whole family is one raster: the step at which each
cell enters. Between two optima the price at which both are equally good is tried (Eisner &
Severance 1976); what that cut finds splits the piece between them into two smaller ones, in which
everything already decided is contracted away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen, sum_by
from vallum.kernel.maxflow import Network, minimum_cut
from vallum.kernel.territory import Instance, Project, instance, total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Frontier", "frontier", "solve"]


@dataclass(frozen=True, eq=False)
class Frontier:
    """All best territories of one problem.

    Attributes
    ----------
    entry
        The step, counted from 0, at which a cell enters; −1 never. Shape (rows, cols), int.
    steps
        One row per step: `mu` (a price at which it is an optimum, as low as was proved; inf for
        the last, all that can be held), `benefit`, `holding`, `closure` (USD/yr), `line_km`
        (boundary that is not flank 0) and `cells`.
    certificate
        One row per solve: `mu`, `value` (the greatest `mu · benefit − holding − closure` over all
        territories, USD/yr), `flow` (= cut, checked, in units of capacity) and `rounding_usd_yr`.
    total_benefit
        What holding everything earns, USD/yr.
    rounding_usd_yr
        Greatest bound over the solves on what rounding can have cost.
    unearnable
        Numbers of the projects that need land outside the members, and so never pay.
    """

    entry: NDArray[np.int32]
    steps: pd.DataFrame
    certificate: pd.DataFrame
    total_benefit: float
    rounding_usd_yr: float
    unearnable: tuple[int, ...]

    def best_at(self, mu: float) -> int:
        """Step that is best at a price among the steps, or −1 if nothing is worth holding."""
        steps = self.steps
        value = mu * steps["benefit"] - steps["holding"] - steps["closure"]
        return int(value.to_numpy().argmax()) if value.max() > 0 else -1

    def ceiling(self, cost_usd_yr: float) -> float:
        """Upper bound on the benefit of any territory, nested or not, of at most this cost.

        Every solve proves `mu · B − C ≤ value` for all territories, so
        `B ≤ (value + rounding + cost) / mu`.
        """
        proof = self.certificate[self.certificate["mu"] > 0]
        over = proof["value"] + proof["rounding_usd_yr"] + cost_usd_yr
        return float(min([self.total_benefit, *(over / proof["mu"])]))


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


def frontier(  # noqa: PLR0913  (the grids of one problem, named in its specification)
    benefit: ArrayLike,
    holding: ArrayLike,
    closure: ArrayLike,
    *,
    cell_km: float,
    flank: ArrayLike | None = None,
    projects: Sequence[Project] = (),
    step: float = 0.01,
    at: Sequence[float] = (),
    must_hold: ArrayLike | None = None,
) -> Frontier:
    """Find the nested family of best territories.

    The line stands on the held side: an edge from a held cell i to a cell j that is not held
    costs `closure_i · flank_j ·` its Cauchy–Crofton length, with flank 1 on member cells; an edge
    to beyond the grid costs nothing.

    Parameters
    ----------
    benefit, holding
        USD/yr per cell, shape (rows, cols); NaN benefit marks land outside the members, where
        holding and closure are ignored.
    closure
        USD/km/yr per cell; inf where no line may stand.
    cell_km
        Side of a cell in km.
    flank
        How open outside cells are, in [0, 1], shape (rows, cols): sea or trusted 0, watched
        between, open 1. Default 1.
    projects
        (value in USD/yr, flat cell indices) each; earned only if all its cells are held.
    step
        Resolution: neighbouring steps differ by at most this share of the total benefit, or no
        other optimum lies between them; 0 finds every one. Optima that tie at one price enter
        together, so that turned and mirrored problems give turned and mirrored answers.
    at
        Prices at which the optimum must be among the steps.
    must_hold
        Cells that every territory holds, bool, shape (rows, cols). Step 0 is then the cheapest
        territory that holds them.

    Returns
    -------
    Frontier
        The entry raster and the table of steps, each a certified optimum.

    Raises
    ------
    InputError
        With every fault of the arguments: negative or NaN values, shapes, indices off the grid.
    InfeasibleError
        If a cell that must be held can't be.
    CertificateError
        If a solve fails its check (never for a sound installation).

    Examples
    --------
    Two rich cells and two poor ones in open land; the line costs 1 USD/km/yr, a cell 1 USD/yr:

    >>> import numpy as np
    >>> benefit = np.full((3, 6), np.nan)
    >>> benefit[1, 1:5] = [0.1, 9, 9, 0.1]
    >>> plan = frontier(benefit, np.ones((3, 6)), np.ones((3, 6)), cell_km=1)
    >>> plan.entry[1]
    array([-1,  1,  0,  0,  1, -1], dtype=int32)
    """
    problem = instance(
        benefit,
        holding,
        closure,
        cell_km=cell_km,
        flank=flank,
        projects=projects,
        must_hold=must_hold,
    )
    return solve(problem, step=step, at=at)


def solve(problem: Instance, *, step: float = 0.01, at: Sequence[float] = ()) -> Frontier:
    """Find the frontier of a problem whose grids are already checked; see `frontier`."""
    faults: list[Fault] = []
    if not 0.0 <= step < 1.0:
        faults.append(Fault("frontier", "step", f"{step}", "give a share from 0 to below 1"))
    if any(not (math.isfinite(mu) and mu >= 0) for mu in at):
        faults.append(Fault("frontier", "at", f"{at}", "give finite prices of at least 0"))
    if faults:
        raise InputError(faults)

    count = problem.cells.size
    whole = total(problem.benefit, [value for value, _ in problem.projects])
    finest = max(step, 2.0**-50)  # no smaller part of the benefit can be told in float64
    entry = np.full(count, -1, np.int32)
    prices: list[float] = []
    proofs: list[tuple[float, float, int, float]] = []
    below = (0.0, 0.0)  # benefit and cost of the steps found so far
    stack = _start(problem, at) if count else []
    while stack:
        piece = stack.pop()  # the lowest piece that is left
        benefit = total(problem.benefit[piece.cells], [v for v, _ in piece.projects])
        cost = total(piece.cost)
        parts: list[_Piece] = []
        mu = _price_to_try(piece, benefit, cost, unresolved_from=finest * whole)
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

    if prices:
        prices[-1] = math.inf
    raster = np.full(math.prod(problem.shape), -1, np.int32)
    raster[problem.cells] = entry
    certificate = pd.DataFrame(proofs, columns=["mu", "value", "flow", "rounding_usd_yr"])
    return Frontier(
        entry=frozen(raster.reshape(problem.shape)),
        steps=_steps(problem, entry, np.array(prices, float)),
        certificate=certificate,
        total_benefit=whole,
        rounding_usd_yr=float(certificate["rounding_usd_yr"].max()) if proofs else 0.0,
        unearnable=problem.unearnable,
    )


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


def _price_to_try(
    piece: _Piece, benefit: float, cost: float, *, unresolved_from: float
) -> float | None:
    """Say the price at which a piece must be searched, if any: asked for, or equal at both ends."""
    if piece.settled:
        return None
    if piece.forced:
        return piece.forced[len(piece.forced) // 2]
    if benefit <= unresolved_from or benefit == 0:
        return None
    return cost / benefit


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


def _steps(
    problem: Instance, entry: NDArray[np.int32], prices: NDArray[np.float64]
) -> pd.DataFrame:
    """Table of the steps, from the raster alone."""
    earned = np.array([entry[cells].max() for _, cells in problem.projects], int)
    values = np.array([value for value, _ in problem.projects], float)
    before, after = entry[problem.tail], entry[problem.head]
    rise = np.flatnonzero(before < after)  # a line stands between from `before` to `after`
    before, after = before[rise], after[rise]
    rows = []
    for step, mu in enumerate(prices.tolist()):
        held, line = entry <= step, rise[(before <= step) & (step < after)]
        rows.append(
            {
                "mu": mu,
                "benefit": total(problem.benefit[held], values[earned <= step]),
                "holding": total(problem.holding[held]),
                "closure": total(problem.border[held], problem.price[line]),
                "line_km": total(problem.border_km[held], problem.length_km[line]),
                "cells": int(held.sum()),
            }
        )
    columns = ["mu", "benefit", "holding", "closure", "line_km"]
    kinds = {**dict.fromkeys(columns, float), "cells": int}
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)
