"""Laws of the refined chain, on random theatres."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vallum.errors import InfeasibleError
from vallum.kernel.cut import solve
from vallum.kernel.refine import refine, within
from vallum.kernel.territory import instance, score


def world(seed):
    """Make a random theatre of up to 10 × 10: hills, towns, roads, bars, fixed land."""
    rng = np.random.default_rng(seed)
    rows, cols = rng.integers(4, 11, 2)
    benefit = rng.lognormal(0, 1.5, (rows, cols)) * (rng.random((rows, cols)) < 0.6)
    benefit[rng.random((rows, cols)) < 0.1] = np.nan
    closure = rng.lognormal(1, 0.5, (rows, cols))
    closure[rng.random((rows, cols)) < rng.choice([0.0, 0.03])] = np.inf
    member = np.flatnonzero(~np.isnan(benefit))
    projects = []
    for _ in range(rng.integers(0, 6)):
        start = int(rng.integers(member.size))
        land = member[start : start + int(rng.integers(1, 9))]
        projects.append((float(rng.choice([0.0, rng.lognormal(2, 1)])), land))
    must = np.zeros((rows, cols), bool)
    if rng.random() < 0.3:
        must.ravel()[rng.choice(member, 2)] = True
    return instance(
        benefit,
        rng.lognormal(-1, 1, (rows, cols)) * rng.integers(0, 2),
        closure,
        cell_km=1.0,
        flank=rng.choice([0.0, 1.0], (rows, cols)),
        projects=projects,
        must_hold=must,
    )


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6), share=st.sampled_from([0.05, 0.2]))
def test_the_chain_keeps_its_laws(seed, share):
    """Nested, dearer and better step by step, below the ceiling; exact steps as they were."""
    try:
        problem = world(seed)
    except InfeasibleError:
        return
    found = solve(problem)
    chain = refine(problem, found, share=share)
    steps = chain.steps
    cost = (steps["holding"] + steps["closure"]).to_numpy()
    assert ((chain.entry >= 0) == (found.entry >= 0)).all()
    assert (np.diff(cost) > 0).all() or problem.must.any()
    assert (np.diff(steps["benefit"]) >= 0).all()
    for step, row in steps.iterrows():
        held = (chain.entry >= 0) & (chain.entry <= step)
        drawn = score(problem, held)
        assert not (problem.must & ~held.ravel()[problem.cells]).any()
        assert vars(drawn) == {name: row[name] for name in vars(drawn)}
    assert (steps["benefit"] <= steps["bound"]).all()
    assert (steps["bound"] <= steps["ceiling"]).all()
    assert (steps["regret"] == steps["bound"] - steps["benefit"]).all()
    exact = steps[steps["kind"] == "exact"]
    assert exact["mu"].tolist() == found.steps["mu"].tolist()
    for number, step in enumerate(exact.index):
        assert (
            ((chain.entry >= 0) & (chain.entry <= step))
            == ((found.entry >= 0) & (found.entry <= number))
        ).all()
    assert steps.loc[steps["kind"] == "refined", "mu"].isna().all()
    far = np.flatnonzero(np.diff(cost) > share * cost[-1])
    assert set(steps["beyond"].iloc[far]) <= {"nothing", "limit"}


def test_the_same_inputs_give_the_same_bytes():
    """No clock and no chance is in the search."""
    problem = world(7)
    found = solve(problem)
    one, two = (refine(problem, found) for _ in range(2))
    assert one.entry.tobytes() == two.entry.tobytes()
    assert one.steps.equals(two.steps)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), part=st.floats(0.0, 1.0))
@example(seed=23902, part=0.5)  # the order of branching decides whether the search ends
def test_a_budget_is_kept_and_its_bound_holds(seed, part):
    """Between two steps: within the budget, no worse than the step below, nested in the chain."""
    try:
        problem = world(seed)
    except InfeasibleError:
        return
    found = solve(problem)
    costs = (found.steps["holding"] + found.steps["closure"]).tolist()
    budget = costs[0] + part * (costs[-1] - costs[0])
    below = max(k for k, cost in enumerate(costs) if cost <= budget)
    lower, upper = (
        (found.entry >= 0) & (found.entry <= k) for k in (below, min(below + 1, len(costs) - 1))
    )
    best = within(problem, found, budget, lower=lower, upper=upper)
    assert best.score.cost <= budget
    assert found.steps["benefit"].iloc[below] <= best.score.benefit <= best.bound
    assert best.bound <= max(found.ceiling(budget), best.score.benefit)
    assert (lower <= best.held).all()
    assert (best.held <= upper).all()
    assert vars(score(problem, best.held)) == vars(best.score)
    if not best.closed:
        return
    chain = refine(problem, found, share=1.0, at_cost=(budget,))
    spent = (chain.steps["holding"] + chain.steps["closure"]).to_numpy()
    assert chain.steps["benefit"].to_numpy()[spent <= budget].max() >= best.score.benefit * (
        1 - 1e-12
    )
