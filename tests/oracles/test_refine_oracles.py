"""The search within a budget against all territories, and all sets of projects, of small worlds."""

from __future__ import annotations

from itertools import compress, product

import numpy as np
import pytest

from vallum.errors import InfeasibleError
from vallum.kernel.cut import solve
from vallum.kernel.maxflow import Network, minimum_cut
from vallum.kernel.refine import refine, within, within_each
from vallum.kernel.refine_reach import Grounds, Reach, reach_of
from vallum.kernel.territory import instance, score


def tiny_world(seed):
    """Make eleven cells or fewer with benefits of their own, projects, bars and fixed land."""
    rng = np.random.default_rng(seed)
    benefit = np.full((5, 6), np.nan)
    inside = rng.choice(20, 11, replace=False)
    place = (inside // 5) * 6 + inside % 5
    benefit.ravel()[place] = rng.uniform(0, 3, 11) * (rng.random(11) < 0.7)
    closure = rng.uniform(0.2, 2.0, (5, 6))
    if seed % 3 == 0:
        closure[rng.random((5, 6)) < 0.15] = np.inf
    must = np.zeros((5, 6), bool)
    must.ravel()[place[: int(seed % 4 == 1)]] = True
    return instance(
        benefit,
        rng.uniform(0, 1, (5, 6)) * rng.integers(0, 2),
        closure,
        cell_km=1.0,
        flank=rng.choice([0.0, 0.5, 1.0], (5, 6)),
        projects=[
            (float(rng.uniform(0, 6)), rng.choice(place, rng.integers(1, 4), replace=False))
            for _ in range(rng.integers(0, 4))
        ],
        must_hold=must,
    )


def all_worths(problem):
    """Benefit and cost of all territories that hold what must be held, shape (territories, 2)."""
    found = []
    for chosen in product([False, True], repeat=problem.cells.size):
        held = np.array(chosen, bool)
        crossed = problem.price[held[problem.tail] & ~held[problem.head]]
        if (problem.must & ~held).any() or np.isinf(crossed).any():
            continue
        earned = sum(value for value, cells in problem.projects if held[cells].all())
        cost = problem.holding[held].sum() + problem.border[held].sum() + crossed.sum()
        found.append((problem.benefit[held].sum() + earned, cost))
    return np.array(found)


@pytest.mark.parametrize("seed", range(10))
def test_within_is_the_best_of_all_territories(seed):
    """Cells with benefits of their own: every set of cells, at five budgets, nested or not."""
    try:
        problem = tiny_world(seed)
    except InfeasibleError:
        pytest.skip("this world can't hold what it must")
    benefit, cost = all_worths(problem).T
    found = solve(problem, step=0.0)
    for part in (0.0, 0.15, 0.4, 0.6, 0.85):
        budget = cost.min() + part * (cost.max() - cost.min()) + 1e-9
        best = within(problem, found, budget)
        truth = benefit[cost <= budget].max()
        assert best.closed
        assert best.score.benefit == pytest.approx(truth)
        assert truth - 1e-9 <= best.bound <= truth + 1e-6
    steps = refine(problem, found).steps
    spent = (steps["holding"] + steps["closure"]).to_numpy()
    for bound, most in zip(steps["bound"], spent, strict=True):
        assert bound >= benefit[cost <= most + 1e-9].max() - 1e-9


def town_world(seed, count):
    """Make 15 × 15 cells that earn nothing but by projects: towns, and roads between them."""
    rng = np.random.default_rng(seed)
    inside = np.zeros((15, 15), bool)
    inside[2:13, 2:13] = True
    benefit = np.where(inside, 0.0, np.nan)
    y, x = np.mgrid[:15, :15]
    hilly = 1.0 + np.sin(y / 3.0 + seed) ** 2 + rng.uniform(0, 0.3, (15, 15))
    towns = rng.choice(np.flatnonzero(inside), count, replace=False)
    projects = []
    for k, town in enumerate(towns):
        row, col = divmod(int(town), 15)
        if k % 3 == 2:  # a road along a row and a column, to the town before
            r, c = divmod(int(towns[k - 1]), 15)
            there = [row * 15 + q for q in range(min(col, c), max(col, c) + 1)]
            there += [q * 15 + c for q in range(min(row, r), max(row, r) + 1)]
        else:
            there = [int(n) for n in np.flatnonzero(np.hypot(y - row, x - col) <= 1.0)]
            there = [n for n in there if inside.flat[n]]
        projects.append((float(rng.uniform(1, 6)), sorted(set(there))))
    return instance(benefit, 0.02 * hilly, hilly, cell_km=1.0, projects=projects)


def cheapest(problem, wanted):
    """Cost of the cheapest territory that holds the land of some projects, by one OR-Tools cut."""
    forced = np.zeros(problem.cells.size, bool)
    for _, cells in compress(problem.projects, wanted):
        forced[cells] = True
    cost = problem.holding + problem.border
    prize = 4.0 * (cost.sum() + problem.price.sum())
    gain = np.where(forced, prize, 0.0) - cost
    held = minimum_cut(Network(gain, problem.tail, problem.head, problem.price)).chosen
    assert (held >= forced).all()
    return float(cost[held].sum() + problem.price[held[problem.tail] & ~held[problem.head]].sum())


@pytest.mark.parametrize(("seed", "count"), [(0, 6), (1, 8), (2, 12)])
def test_within_is_the_best_of_all_sets_of_projects(seed, count):
    """One OR-Tools cut for each subset of the projects."""
    problem = town_world(seed, count)
    values = np.array([value for value, _ in problem.projects])
    sets = np.array(list(product([False, True], repeat=count)))
    cost = np.array([cheapest(problem, wanted) for wanted in sets])
    benefit = sets @ values
    found = solve(problem, step=0.0)
    for part in (0.1, 0.3, 0.5, 0.7, 0.9):
        budget = part * cost.max()
        best = within(problem, found, budget)
        assert best.closed
        assert best.score.benefit == pytest.approx(benefit[cost <= budget].max())
        assert best.bound == pytest.approx(best.score.benefit)
    chain = refine(problem, found)
    assert (chain.steps["kind"] == "refined").any()
    for step, row in chain.steps.iterrows():
        drawn = score(problem, (chain.entry >= 0) & (chain.entry <= step))
        assert drawn.benefit == row["benefit"]
        assert row["bound"] >= benefit[cost <= drawn.cost + 1e-9].max() - 1e-6


def test_a_budget_is_searched_on_the_land_of_a_dearer_optimum():
    """Bounds proved on the land that `reach_of` chooses hold on all land, by searches of that."""
    rng = np.random.default_rng(5)
    rows, cols = np.mgrid[:24, :24]
    rich = np.exp(-np.hypot(rows - 8, cols - 9) / 3) + np.exp(-np.hypot(rows - 17, cols - 15) / 2)
    benefit = rich**2 + 1e-4 * rng.random((24, 24))
    benefit[[0, -1]] = benefit[:, [0, -1]] = np.nan
    problem = instance(benefit, np.full((24, 24), 0.01), np.full((24, 24), 0.3), cell_km=1.0)
    found = solve(problem, step=0.0)
    grounds = Grounds(problem)
    spent = (found.steps["holding"] + found.steps["closure"]).to_numpy()
    everything = Reach(np.ones(problem.cells.size, bool), np.inf, 0.0)
    smaller = 0
    for part in (0.1, 0.25, 0.4):
        budget = part * spent[-1]
        reach = reach_of(found, problem.cells, budget)
        smaller += reach.land.sum() < problem.cells.size
        _, near = grounds.search(problem.must.copy(), reach, budget, cuts=60)
        held, far = grounds.search(problem.must.copy(), everything, budget, cuts=200)
        assert held is not None
        assert near.bound >= far.best.worth.benefit  # no territory anywhere beats the bound
        assert near.bound <= found.ceiling(budget) * (1 + 1e-9)
    assert smaller  # the land was cut down in one case at least


def test_the_hardest_budgets_of_the_sahel_are_within_three_percent(sahel_plan):
    """Those of 20 even ones (`benchmarks/budgets.py`) whose plans lie furthest below the hull."""
    plans = sahel_plan.line.plans
    found, steps = plans.frontier, plans.frontier.steps
    cost = (steps["holding"] + steps["closure"]).to_numpy()
    budgets = [float(cost[-1]) * k / 20 for k in (2, 3, 6)]
    whole = found.total_benefit
    for budget, best in zip(budgets, within_each(plans.problem, found, budgets), strict=True):
        earned = best.score.benefit
        assert best.score.cost <= budget
        assert steps["benefit"].to_numpy()[cost <= budget].max() <= earned <= best.bound
        assert best.bound <= found.ceiling(budget) * (1 + 1e-9)
        assert best.bound - earned <= 0.03 * whole
        assert found.ceiling(budget) - earned > 0.03 * whole  # the hull alone would not show it
