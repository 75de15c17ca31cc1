"""Trade when it costs more or less to cross: gravity in changes, by exact hat algebra.

The model is that of Dekle, Eaton & Kortum (2007): each place sells one good of its own, buyers
spend by a constant elasticity, and incomes adjust until what each place sells is what it earns.
Only flows, changes of cost and one elasticity are needed; levels of cost are not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.sparse.csgraph import connected_components

from vallum.errors import CertificateError, Fault, InfeasibleError, InputError
from vallum.kernel.arrays import frozen

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["TradeChange", "partial_trade", "trade_in_changes"]

TOLERANCE = 1e-12
MOST_STEPS = 300
PARTS = (1, 8, 64, 512)  # in how many the deficits are brought in
HALVINGS = 12


@dataclass(frozen=True, eq=False)
class TradeChange:
    """Trade after a change of costs, as ratios to before (`_hat`) and in money.

    Attributes
    ----------
    before
        Shape (N, N), USD/yr: what the change is taken from, from place i (row) to place j
        (column). With deficits "zero" it is the balanced world, not the flows given.
    flows_hat
        Shape (N, N): new flow by old; 1 where there was none.
    flows
        Shape (N, N), USD/yr: after.
    income_hat
        Shape (N,): what each place sells, at home and abroad, after by before. World output is the
        unit of account, so the incomes' sum does not change.
    price_hat
        Shape (N,): the price of what each place buys.
    welfare_hat
        Shape (N,): what each place spends, by its prices: real expenditure.
    iterations
        Steps taken (0 where nothing was to be solved).
    residual
        Greatest gap between what a place sells and what it earns, as a share of what it earns.
    """

    before: Floats
    flows_hat: Floats
    flows: Floats
    income_hat: Floats
    price_hat: Floats
    welfare_hat: Floats
    iterations: int
    residual: float


@dataclass(frozen=True, eq=False)
class _World:
    """What the equilibrium is solved on: shares of world output."""

    shares: Floats  # (N, N): of j's spending, what goes to i; columns add up to 1
    output: Floats  # (N,)
    deficits: Floats  # (N,): what is spent beyond what is earned; adds up to 0
    pull: Floats  # (N, N): cost_hat ** -elasticity
    elasticity: float

    def at(self, income: Floats) -> tuple[Floats, Floats, Floats]:
        """Say flows, expenditure and sum of weighted costs (before the root) at some incomes."""
        weights = self.shares * self.pull * income[:, None] ** -self.elasticity
        total = weights.sum(0)
        spent = income * self.output + self.deficits
        return weights / total * spent, spent, total


def trade_in_changes(
    flows: ArrayLike,
    cost_hat: ArrayLike,
    elasticity: float,
    *,
    deficits: Literal["kept", "zero"] = "kept",
) -> TradeChange:
    """Solve for all flows, incomes and prices after a change of trade costs.

    Parameters
    ----------
    flows
        Shape (N, N), USD/yr: from i (row) to j (column), sales at home on the diagonal.
    cost_hat
        Shape (N, N): delivered cost after by before, above 0.
    elasticity
        Of trade to cost, above 0 (a cost of 1% more lowers a flow by about this many percent).
    deficits
        "kept": each place goes on spending as much beyond its income as before (in units of world
        output). "zero": the flows are balanced first at unchanged costs, and the change is taken
        from there.

    Returns
    -------
    change
        Certified: markets clear to 1e-12 and world output is conserved.

    Raises
    ------
    InputError
        If the arrays don't fit, or not all places trade with one another, directly or by others.
    InfeasibleError
        If no incomes are found with the deficits kept: a place then has nothing to spend.
    CertificateError
        If the markets don't clear.
    """
    sold, cost = _checked(flows, cost_hat, elasticity)
    if deficits not in ("kept", "zero"):
        raise InputError(
            [Fault("deficits", "", f"found {deficits!r}", 'use one of: "kept", "zero"')]
        )
    unit = float(sold.sum())
    before, steps = sold / unit, 0
    if deficits == "zero":
        level = _world(before, np.ones_like(before), elasticity, kept=False)
        income, steps = _solved(level)
        before = level.at(income)[0]
    world = _world(before, cost**-elasticity, elasticity, kept=deficits == "kept")
    income, more = _solved(world)
    after, spent, total = world.at(income)
    price = total ** (-1.0 / elasticity)
    return TradeChange(
        before=frozen(before * unit),
        flows_hat=_ratio(after, before),
        flows=frozen(after * unit),
        income_hat=frozen(income),
        price_hat=frozen(price),
        welfare_hat=frozen(spent / before.sum(0) / price),
        iterations=steps + more,
        residual=_certified(world, income),
    )


def partial_trade(flows: ArrayLike, cost_hat: ArrayLike, elasticity: float) -> TradeChange:
    """Say what flows become if neither incomes nor prices answer (Head & Mayer's "PTI").

    Parameters
    ----------
    flows, cost_hat, elasticity
        As in `trade_in_changes`.

    Returns
    -------
    change
        Each flow by `cost_hat ** -elasticity`; incomes, prices and welfare stay. The markets need
        not clear: `residual` says by how much they don't.
    """
    sold, cost = _checked(flows, cost_hat, elasticity)
    after = sold * cost**-elasticity
    ones = np.ones(len(sold))
    gap = np.abs(after.sum(1) / sold.sum(1) - 1.0)
    return TradeChange(
        before=frozen(sold),
        flows_hat=_ratio(after, sold),
        flows=frozen(after),
        income_hat=frozen(ones),
        price_hat=frozen(ones.copy()),
        welfare_hat=frozen(ones.copy()),
        iterations=0,
        residual=float(gap.max()),
    )


def _ratio(after: Floats, before: Floats) -> Floats:
    """Divide flows; where there was no flow, there is none after, and the ratio is 1."""
    return frozen(np.divide(after, before, out=np.ones_like(before), where=before > 0))


def _checked(flows: ArrayLike, cost_hat: ArrayLike, elasticity: float) -> tuple[Floats, Floats]:
    """Copy both arrays, or say all that is wrong with them."""
    sold, cost = np.array(flows, np.float64), np.array(cost_hat, np.float64)
    faults = []
    square = sold.ndim == 2 and sold.shape[0] == sold.shape[1] and sold.size > 0
    if not square:
        faults.append(Fault("flows", "", f"shape {sold.shape}", "give a square table"))
    elif not (np.isfinite(sold).all() and (sold >= 0).all()):
        faults.append(Fault("flows", "", "below 0 or not a number", "give USD/yr of 0 or more"))
    elif connected_components(sold > 0, connection="strong")[0] > 1 or sold.sum() <= 0:
        faults.append(
            Fault("flows", "", "places that don't trade with the rest, both ways", "leave them out")
        )
    if cost.shape != sold.shape:
        faults.append(Fault("cost_hat", "", f"shape {cost.shape}", f"give {sold.shape}"))
    elif not (np.isfinite(cost).all() and (cost > 0).all()):
        faults.append(Fault("cost_hat", "", "not all above 0", "give ratios above 0"))
    if not (np.isfinite(elasticity) and elasticity > 0):
        faults.append(Fault("elasticity", "", f"{elasticity}", "give a number above 0"))
    if faults:
        raise InputError(faults)
    return sold, cost


def _world(flows: Floats, pull: Floats, elasticity: float, *, kept: bool) -> _World:
    """Read shares, outputs and deficits from the flows."""
    spent, output = flows.sum(0), flows.sum(1)
    gaps = spent - output if kept else np.zeros_like(output)
    return _World(flows / spent, output, gaps, pull, elasticity)


def _solved(world: _World) -> tuple[Floats, int]:
    """Find the incomes; where they aren't found at once, bring the deficits in by parts.

    Without deficits there is one solution and every way leads to it; with large ones beside
    little trade the way from there must be short.
    """
    steps = 0
    for parts in PARTS:
        income: Floats | None = np.ones(len(world.output))
        for part in np.linspace(0.0, 1.0, parts + 1)[parts == 1 :]:
            now = replace(world, deficits=world.deficits * part)
            income, more = (None, 0) if income is None else _walked(now, income)
            steps += more
        if income is not None:
            return income, steps
    raise InfeasibleError(
        [
            Fault(
                "deficits",
                "kept",
                "no incomes found that clear the markets with the deficits as they were",
                'use deficits="zero"',
            )
        ]
    )


def _walked(world: _World, income: Floats) -> tuple[Floats | None, int]:
    """Walk to the incomes that clear: Newton's step where it helps, else a damped one.

    The damped step is monotone and of degree 1 where deficits are 0, so it converges from any
    start; it is slow where places sell mostly at home, and there Newton's step is quick.
    """
    gap = _gap(world, income)
    for step in range(MOST_STEPS):
        if gap <= TOLERANCE / 10:
            return income, step
        tried = _newton(world, income)
        better = _gap(world, tried)
        if not better < gap:
            if gap <= TOLERANCE:  # rounding: no step makes it less
                return income, step
            tried = _damped(world, income)
            better = _gap(world, tried)
        income, gap = tried, better
        if not np.isfinite(gap):
            return None, step
    return None, MOST_STEPS


def _gap(world: _World, income: Floats) -> float:
    """Say how far sales are from incomes, as a share; infinite where someone can't spend."""
    if not (np.isfinite(income).all() and (income > 0).all()):
        return float("inf")
    sales, spent, _ = world.at(income)
    if not (np.isfinite(sales).all() and (spent > 0).all()):
        return float("inf")
    return float(np.abs(sales.sum(1) / (income * world.output) - 1.0).max())


def _scaled(world: _World, income: Floats) -> Floats:
    """Keep world output as the unit of account."""
    scale = float(world.output.sum() / np.sum(income * world.output))
    return np.asarray(income * scale, np.float64)


def _damped(world: _World, income: Floats) -> Floats:
    """Raise the incomes of those who sell more than they earn, by the root that can't overshoot."""
    sales = world.at(income)[0].sum(1)
    ratio = np.maximum(sales / (income * world.output), 1e-6)
    return _scaled(world, income * ratio ** (1.0 / (1.0 + world.elasticity)))


def _newton(world: _World, income: Floats) -> Floats:
    """Step along the tangent, in logarithms of incomes, world output held; half it until it helps.

    It is a way down for the gap, so some part of it helps wherever the tangent is not flat.
    """
    sales, spent, _ = world.at(income)
    earned = income * world.output
    bought = sales / spent  # shares of spending
    ratio = sales.sum(1) / earned
    slope = (world.elasticity * (sales @ bought.T) + bought * earned) / earned[:, None]
    slope[np.diag_indices_from(slope)] -= (world.elasticity + 1.0) * ratio
    rows = np.vstack([slope, earned])
    step = np.linalg.lstsq(rows, np.append(1.0 - ratio, 0.0), rcond=None)[0]
    step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
    gap, tried = _gap(world, income), income
    for _ in range(HALVINGS):
        tried = _scaled(world, income * np.exp(step))
        if _gap(world, tried) < gap:
            break
        step = step / 2.0
    return tried


def _certified(world: _World, income: Floats) -> float:
    """Check the markets afresh, from the flows alone; return the residual."""
    sales, spent, _ = world.at(income)
    earned = income * world.output
    gaps = np.abs(sales.sum(1) - earned) / earned
    budget = np.abs(sales.sum(0) - spent) / spent
    world_gap = abs(earned.sum() - world.output.sum()) / world.output.sum()
    residual = float(gaps.max())
    if not max(residual, float(budget.max()), world_gap) <= TOLERANCE:
        raise CertificateError(
            f"trade: markets don't clear: sales {residual:.2e}, spending {budget.max():.2e}, "
            f"world output {world_gap:.2e}"
        )
    return residual
