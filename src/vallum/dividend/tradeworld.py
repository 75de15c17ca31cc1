"""The trading world of a theatre: flows with sales at home, and a fast stand-in for its model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import BarycentricInterpolator
from scipy.sparse.csgraph import connected_components

from vallum.dividend.trade import trade_in_changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.theatre import Theatre

    Floats = NDArray[np.float64]

__all__ = ["Surrogate", "flows_of", "real_income", "surrogate"]

ELSEWHERE = 0.8  # share of spending at home where no figure is known; judgement
STEP = 0.005  # change of cost by which slopes and curvature are measured
KNOTS = 6


@dataclass(frozen=True, eq=False)
class Surrogate:
    """Change of real income as a polynomial: of degree 2 in costs, of degree 5 in elasticity.

    Costs and incomes are taken by their logarithms, in which the model is nearer to straight.

    Attributes
    ----------
    low, high
        Elasticities between which it holds.
    slope
        By knot, use and state, shape (K, U, N).
    bend
        Second derivatives, shape (K, U, U, N).
    knots
        Elasticities, shape (K,).
    """

    low: float
    high: float
    slope: Floats
    bend: Floats
    knots: Floats

    def at(self, elasticity: Floats, change: Floats) -> Floats:
        """Give the relative change of real income.

        Parameters
        ----------
        elasticity
            Shape (n,), between `low` and `high`.
        change
            Of delivered cost by use, as a share, shape (n, U).

        Returns
        -------
        gain
            Shape (n, N).
        """
        logs = np.log1p(change)
        by_knot = np.einsum("nu,kui->kni", logs, self.slope)
        by_knot += 0.5 * np.einsum("nu,nv,kuvi->kni", logs, logs, self.bend, optimize=True)
        weights = BarycentricInterpolator(self.knots, np.eye(len(self.knots)))(elasticity)
        return np.asarray(np.expm1(np.einsum("nk,kni->ni", weights, by_knot)), np.float64)


def flows_of(theatre: Theatre) -> tuple[tuple[str, ...], Floats]:
    """Make the table of flows, with sales at home on its diagonal.

    A state's sales at home are what its spending shares say: `s / (1 - s)` of its imports.

    Returns
    -------
    states
        Names; theatre's own states first, members leading; states that do not trade both ways
        with the rest are left out.
    flows
        USD/yr from row to column, shape (N, N).
    """
    table = theatre.trade
    seen = {*map(str, table["origin"]), *map(str, table["destination"])}
    shown = [str(name) for name in theatre.countries.index]
    order = [*theatre.members, *(name for name in shown if name not in theatre.members)]
    states = [name for name in order if name in seen] + sorted(seen - set(order))
    place = {name: number for number, name in enumerate(states)}
    flows = np.zeros((len(states), len(states)))
    for origin, destination, usd in zip(
        table["origin"], table["destination"], table["mode"], strict=True
    ):
        flows[place[str(origin)], place[str(destination)]] = float(usd)
    _, group = connected_components(flows > 0, connection="strong")
    most = np.argmax(np.bincount(group)) if len(states) else 0
    kept = np.flatnonzero(group == most)
    states = [states[number] for number in kept]
    flows = flows[np.ix_(kept, kept)]
    home = np.array([_home(theatre, name) for name in states])
    flows[np.diag_indices_from(flows)] = flows.sum(0) * home / (1.0 - home)
    return tuple(states), flows


def _home(theatre: Theatre, state: str) -> float:
    """Share of its spending that a state buys at home."""
    table = theatre.economy
    mine = table[(table["state"] == state) & (table["item"] == "home_sales_share")]
    return float(mine["mode"].iloc[0]) if len(mine) else ELSEWHERE


def real_income(
    flows: Floats, masks: Sequence[Floats], elasticity: float, change: Floats
) -> Floats:
    """Say by the whole model how real incomes change when uses of the roads cost more or less.

    Parameters
    ----------
    flows
        Shape (N, N), USD/yr.
    masks
        By use: share of each flow that it carries, shape (N, N).
    elasticity
        Of trade to cost.
    change
        Of cost by use, as a share, shape (U,).

    Returns
    -------
    gain
        Relative change of real income, shape (N,).
    """
    cost = np.ones_like(flows)
    for mask, share in zip(masks, change, strict=True):
        cost = cost + mask * share
    return trade_in_changes(flows, cost, elasticity).welfare_hat - 1.0


def surrogate(flows: Floats, masks: Sequence[Floats], low: float, high: float) -> Surrogate:
    """Measure slopes and curvature of real incomes at some elasticities.

    Parameters
    ----------
    flows, masks
        As in `real_income`.
    low, high
        Ends of the elasticity's range.

    Returns
    -------
    stand_in
        Its error is tested against the whole model: below 1 % for costs that change by up to 3 %.
    """
    angles = (2 * np.arange(KNOTS) + 1) / (2 * KNOTS)
    knots = (low + high) / 2.0 - (high - low) / 2.0 * np.cos(np.pi * angles)
    count = len(masks)
    slope = np.zeros((KNOTS, count, len(flows)))
    bend = np.zeros((KNOTS, count, count, len(flows)))
    unit = np.eye(count) * STEP
    for knot, elasticity in enumerate(knots):

        def at(logs: Floats, elasticity: float = elasticity) -> Floats:
            gain = real_income(flows, masks, elasticity, np.expm1(logs))
            return np.asarray(np.log1p(gain), np.float64)

        up, down = [at(row) for row in unit], [at(-row) for row in unit]
        for u in range(count):
            slope[knot, u] = (up[u] - down[u]) / (2 * STEP)
            bend[knot, u, u] = (up[u] + down[u]) / STEP**2
            for v in range(u):
                mixed = (up[u] + down[v] - at(unit[u] - unit[v])) / STEP**2
                bend[knot, u, v] = bend[knot, v, u] = mixed
    return Surrogate(low, high, slope, bend, np.asarray(knots, np.float64))
