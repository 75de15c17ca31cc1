"""The exact frontier: every best territory, from the first worth holding to all of it, at once.

For a price of effort μ ≥ 0 the held land maximises `μ · benefit − holding − closure`, a minimum
cut. As μ grows the optima are nested, so the whole family is one raster: the step at which each
cell enters. Between two optima the price at which both are equally good is tried (Eisner &
Severance 1976); what that cut finds splits the piece between them into two smaller ones, in which
everything already decided is contracted away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from vallum.errors import CertificateError, Fault, InputError
from vallum.kernel.arccut import family_by_arcs
from vallum.kernel.arrays import frozen
from vallum.kernel.crofton import edge_weights
from vallum.kernel.gridfamily import family
from vallum.kernel.gridproof import Certificate, verify_flow
from vallum.kernel.ladder import ladder
from vallum.kernel.territory import Instance, Project, instance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from vallum.kernel.search import Proof

__all__ = ["Frontier", "Solver", "Verified", "frontier", "scale", "solve", "verify"]

TOLERANCE = 1e-7  # a proof is refused that leaves more open, rounding of its units included
LEAST = 1e-90  # USD/yr; where less than this can be earned or paid there is nothing to be wrong by
Solver: TypeAlias = Literal["vallum", "ortools"]


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
    proof
        One flow that proves every step (`verify`); None from OR-Tools, or without member cells.
    """

    entry: NDArray[np.int32]
    steps: pd.DataFrame
    certificate: pd.DataFrame
    total_benefit: float
    rounding_usd_yr: float
    unearnable: tuple[int, ...]
    proof: Certificate | None = None

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
    solver: Solver = "vallum",
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
    solver
        `vallum`, our own on the grid itself, or `ortools`, by lists of arcs.

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
    return solve(problem, step=step, at=at, solver=solver)


def solve(
    problem: Instance,
    *,
    step: float = 0.01,
    at: Sequence[float] = (),
    solver: Solver = "vallum",
) -> Frontier:
    """Find the frontier of a problem whose grids are already checked; see `frontier`."""
    faults: list[Fault] = []
    if not 0.0 <= step < 1.0:
        faults.append(Fault("frontier", "step", f"{step}", "give a share from 0 to below 1"))
    if any(not (math.isfinite(mu) and mu >= 0) for mu in at):
        faults.append(Fault("frontier", "at", f"{at}", "give finite prices of at least 0"))
    if solver not in get_args(Solver):
        mend = f"give one of {', '.join(get_args(Solver))}"
        faults.append(Fault("frontier", "solver", f"{solver!r}", mend))
    if faults:
        raise InputError(faults)

    entry = np.zeros(0, np.int32)
    prices: list[float] = []
    proofs: list[Proof] = []
    proof: Certificate | None = None
    finest = max(step, 2.0**-50)  # no smaller part of the benefit can be told in float64
    if problem.cells.size and solver == "vallum":
        entry, prices, proofs, proof = family(problem, step=finest, at=at)
    elif problem.cells.size:
        entry, prices, proofs = family_by_arcs(problem, step=finest, at=at)
    if prices:
        prices[-1] = math.inf
    raster = np.full(math.prod(problem.shape), -1, np.int32)
    raster[problem.cells] = entry
    kinds = {"mu": float, "value": float, "flow": np.int64, "rounding_usd_yr": float}
    certificate = pd.DataFrame(proofs, columns=list(kinds)).astype(kinds)
    steps = ladder(problem, entry, np.array(prices, float))
    return Frontier(
        entry=frozen(raster.reshape(problem.shape)),
        steps=steps,
        certificate=certificate,
        total_benefit=float(steps["benefit"].iloc[-1]) if prices else 0.0,
        rounding_usd_yr=float(certificate["rounding_usd_yr"].max()) if proofs else 0.0,
        unearnable=problem.unearnable,
        proof=proof,
    )


@dataclass(frozen=True, eq=False)
class Verified:
    """What a check of a certificate found.

    Attributes
    ----------
    steps
        The table of steps, counted anew from the certificate's raster and the problem.
    prices
        One row per price: `mu`, `value` (the best step's, USD/yr), `bound` (no territory is worth
        more) and `rounding` (what integers can hide in the bound).
    gap_usd_yr
        The greatest `bound + rounding − value`: at no price is the best step short of the best
        territory, nested or not, by more than this.
    """

    steps: pd.DataFrame
    prices: pd.DataFrame
    gap_usd_yr: float


def verify(certificate: Certificate, problem: Instance, *, mu: ArrayLike) -> Verified:
    """Check from a certificate and the problem alone that steps are optima; no solver runs.

    Takes one pass over the cells for the flow, and one for each price.

    Parameters
    ----------
    certificate
        `Frontier.proof`, or stored arrays by `Certificate.from_arrays`.
    problem
        From `vallum.kernel.territory.instance`.
    mu
        Prices to check, shape (prices,): those of `Frontier.certificate` are all proved, the
        finite ones of `Frontier.steps` among them.

    Returns
    -------
    Verified
        The steps, and at each price their value and the bound on any territory's.

    Raises
    ------
    CertificateError
        If the certificate does not fit the problem, breaks a capacity, or leaves a gap of more
        than `TOLERANCE` of all that can be earned and of the price of a line around every cell.
    """
    prices = np.asarray(mu, float).ravel()
    checked = verify_flow(problem, certificate, prices)
    steps = ladder(problem, certificate.entry, np.full(certificate.unit.size, math.nan))
    cost = (steps["holding"] + steps["closure"]).to_numpy()
    value = np.full(prices.size, -math.inf if problem.must.any() else 0.0)
    for benefit, spent in zip(steps["benefit"].tolist(), cost.tolist(), strict=True):
        value = np.maximum(value, prices * benefit - spent)
    table = pd.DataFrame(
        {"mu": prices, "value": value, "bound": checked.bound, "rounding": checked.rounding}
    )
    gap = (table["bound"] + table["rounding"] - table["value"]).to_numpy()
    slack = TOLERANCE * scale(problem, prices)
    if (gap > slack).any():
        at = int((gap - slack).argmax())
        found = f"{gap[at]:.3g} USD/yr more than the best step has"
        raise CertificateError(f"at the price {prices[at]:g} the certificate allows {found}")
    return Verified(steps.drop(columns="mu"), table, float(gap.max(initial=0.0)))


def scale(problem: Instance, mu: ArrayLike) -> NDArray[np.float64]:
    """Give what a gap is held against: all that can be earned, held and walled, USD/yr by price.

    Parameters
    ----------
    problem
        From `vallum.kernel.territory.instance`.
    mu
        Prices, shape (prices,).

    Returns
    -------
    NDArray
        `μ · benefit + holding + the price of a line around every cell`, shape (prices,).
    """
    earned = math.fsum([*problem.benefit.tolist(), *(value for value, _ in problem.projects)])
    lines = problem.closure[np.isfinite(problem.closure)].sum()
    around = sum(edge_weights(problem.cell_km).values())
    spent = float(problem.holding.sum()) + float(lines) * around
    return np.maximum(np.asarray(mu, float) * earned + spent, LEAST)
