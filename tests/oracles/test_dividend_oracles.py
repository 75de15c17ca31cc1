"""Dividend: against levels solved by bisection, autarky's closed form, and known Sobol indices.

The trade model is solved here in levels (technology, labour, costs), which `vallum` never sees:
two equilibria, and their ratio. A published example of few places with all its digits was not
found; the published formula for closing a border (Arkolakis, Costinot & Rodriguez-Clare 2012) is.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import root
from scipy.stats import qmc

from vallum.dividend import sobol_indices, switch_values, trade_in_changes
from vallum.kernel.ledger import Assumption


def level_flows(wages, skill, labour, tau, theta, lent):
    """Flows of an Armington world in levels, cell by cell; `lent` is what each spends beyond."""
    n = len(wages)
    flows = np.zeros((n, n))
    for j in range(n):
        appeal = [skill[i] * (wages[i] * tau[i][j]) ** -theta for i in range(n)]
        for i in range(n):
            flows[i, j] = appeal[i] / sum(appeal) * (wages[j] * labour[j] + lent[j])
    return flows


def two_places(skill, labour, tau, theta, lent):
    """Halve the interval of place 0's share of world output (held at 1) until it clears."""
    low, high = 1e-9, 1 - 1e-9
    for _ in range(200):
        share = (low + high) / 2
        wages = [share / labour[0], (1 - share) / labour[1]]
        flows = level_flows(wages, skill, labour, tau, theta, lent)
        low, high = (share, high) if flows[0].sum() > share else (low, share)
    return np.array(wages), flows


@pytest.mark.parametrize("lent", [0.0, 0.03])
@pytest.mark.parametrize("theta", [1.0, 4.0, 7.5])
def test_two_places_in_levels_by_bisection(theta, lent):
    skill, labour, gap = [1.0, 3.0], [5.0, 2.0], [lent, -lent]
    before, flows = two_places(skill, labour, [[1, 1.9], [1.6, 1]], theta, gap)
    after, new = two_places(skill, labour, [[1, 1.3], [1.5, 1]], theta, gap)
    made = trade_in_changes(flows, [[1, 1.3 / 1.9], [1.5 / 1.6, 1]], theta)
    np.testing.assert_allclose(made.flows, new, rtol=1e-6)
    np.testing.assert_allclose(made.income_hat, after / before, rtol=1e-6)


def test_four_places_in_levels_by_scipy():
    rng = np.random.default_rng(11)
    skill, labour = rng.uniform(0.5, 2, 4), rng.uniform(1, 9, 4)
    tau, theta, lent = rng.uniform(1.1, 2.5, (4, 4)), 5.0, np.zeros(4)
    np.fill_diagonal(tau, 1.0)
    new = tau.copy()
    new[0, 1] = new[1, 0] = 1.05

    def solved(costs):
        def gaps(logs):
            wages = np.exp(logs)
            flows = level_flows(wages, skill, labour, costs, theta, lent)
            over = flows.sum(1) - wages * labour
            over[0] = wages @ labour - 1.0  # Walras: one market is told by the others
            return over

        wages = np.exp(root(gaps, -np.log(labour * 4), tol=1e-14).x)
        return wages, level_flows(wages, skill, labour, costs, theta, lent)

    (w0, x0), (w1, x1) = solved(tau), solved(new)

    def price(wages, costs):
        return (skill[:, None] * (wages[:, None] * costs) ** -theta).sum(0) ** (-1 / theta)

    made = trade_in_changes(x0, new / tau, theta)
    np.testing.assert_allclose(made.flows, x1, rtol=1e-6)
    np.testing.assert_allclose(made.price_hat, price(w1, new) / price(w0, tau), rtol=1e-6)
    welfare = (w1 / price(w1, new)) / (w0 / price(w0, tau))
    np.testing.assert_allclose(made.welfare_hat, welfare, rtol=1e-6)


@pytest.mark.parametrize("theta", [2.0, 5.0])
def test_even_places_in_closed_form(theta):
    # n even places: only the share bought at home matters, whatever n
    n, home, factor = 5, 0.7, 0.8
    flows = np.full((n, n), (1 - home) / (n - 1))
    np.fill_diagonal(flows, home)
    cost = np.full((n, n), factor)
    np.fill_diagonal(cost, 1.0)
    weight = home + (1 - home) * factor**-theta
    made = trade_in_changes(flows, cost, theta)
    np.testing.assert_allclose(np.diag(made.flows), home / weight, rtol=1e-10)
    np.testing.assert_allclose(made.welfare_hat, weight ** (1 / theta), rtol=1e-10)


def test_a_closed_border_costs_what_the_published_formula_says():
    # Arkolakis, Costinot & Rodriguez-Clare (2012): home share ** (1 / elasticity)
    flows = np.array([[80.0, 12.0, 8.0], [15.0, 60.0, 5.0], [5.0, 8.0, 50.0]])
    assert np.allclose(flows.sum(0), flows.sum(1))
    cost = np.full((3, 3), 1e3)
    np.fill_diagonal(cost, 1.0)
    made = trade_in_changes(flows, cost, 3.0)
    home = np.diag(flows) / flows.sum(0)
    np.testing.assert_allclose(made.welfare_hat, home ** (1 / 3.0), rtol=1e-6)


class Saltelli:
    """Saltelli's design and the estimators of Saltelli (2010) and Jansen (1999), for tests only."""

    def __init__(self, draws):
        self.draws = draws

    def sample(self, lows, highs):
        self.k = len(lows)
        unit = qmc.Sobol(2 * self.k, scramble=True, rng=3).random(self.draws)
        a, b = unit[:, : self.k], unit[:, self.k :]
        mixed = [np.where(np.arange(self.k) == i, b, a) for i in range(self.k)]
        return lows + np.concatenate([a, b, *mixed]) * (highs - lows)

    def indices(self, values):
        a, b, *mixed = values.reshape(self.k + 2, self.draws)
        spread = np.var(np.concatenate([a, b]))
        first = [np.mean(b * (m - a)) / spread for m in mixed]
        total = [np.mean((a - m) ** 2) / 2 / spread for m in mixed]
        return np.array(first), np.array(total)


def some(*ranges):
    return [
        Assumption(f"x{n}", (low + high) / 2, low, high, "1", "judgement: a test")
        for n, (low, high) in enumerate(ranges)
    ]


def test_ishigami():
    # a = 7, b = 0.1: the variances are known in closed form
    pi, a, b = np.pi, 7.0, 0.1
    v1 = 0.5 * (1 + b * pi**4 / 5) ** 2
    v2, v13 = a**2 / 8, b**2 * pi**8 * (1 / 18 - 1 / 50)
    all_ = v1 + v2 + v13

    def answer(x):
        return np.sin(x[:, 0]) * (1 + b * x[:, 2] ** 4) + a * np.sin(x[:, 1]) ** 2

    made = sobol_indices(answer, some(*[(-pi, pi)] * 3), Saltelli(2**13)).set_index("key")
    made = made.loc[["x0", "x1", "x2"]]
    np.testing.assert_allclose(made["first"], np.array([v1, v2, 0]) / all_, atol=0.02)
    np.testing.assert_allclose(made["total"], np.array([v1 + v13, v2, v13]) / all_, atol=0.02)


def test_what_moves_the_size_need_not_decide_the_sign():
    # x0 scales the answer from 1 to 100, and x1 alone turns it
    made = sobol_indices(
        lambda x: x[:, 0] * (x[:, 1] + 2.0 * (x[:, 1] > 0)),
        some((1, 100), (-1, 1)),
        Saltelli(2**12),
    ).set_index("key")
    assert made["total"]["x0"] > 0.1
    assert made["sign_total"]["x0"] == pytest.approx(0.0, abs=1e-12)
    assert made["sign_first"]["x1"] == pytest.approx(1.0, abs=0.02)
    assert made.attrs["pays_share"] == pytest.approx(0.5, abs=0.02)


def test_switch_values_against_a_fine_sweep():
    def answer(x):
        return 3.0 * x[:, 0] ** 2 - np.exp(x[:, 1] / 4) - 2.0

    ranges = some((0.5, 2.5), (0, 4))
    table = switch_values(answer, ranges).set_index("key")
    mids = np.array([1.5, 2.0])
    for n, (key, reach) in enumerate({"x0": 10.0, "x1": 20.0}.items()):
        grid = mids[n] + np.linspace(-min(reach, mids[n]), reach, 2_000_001)
        x = np.tile(mids, (len(grid), 1))
        x[:, n] = grid
        sign = answer(x) > 0
        turns = grid[1:][sign[1:] != sign[:-1]]
        nearest = turns[np.abs(turns - mids[n]).argmin()]
        assert table["switch"][key] == pytest.approx(nearest, abs=2e-5)
