"""The search between exact steps by hand: a plan that the hull jumps over, budgets, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vallum.errors import InfeasibleError, InputError
from vallum.kernel.chain import exact_chain
from vallum.kernel.cut import solve
from vallum.kernel.refine import refine, within
from vallum.kernel.territory import instance


def jump(*, closure=(0.0, 0.0, 0.0), must=None, first=5.0):
    """Make three cells at 10, 20 and 70 USD/yr: a town on the first, a road over the first two.

    The town alone earns 5 for 10, both 20 for 30: of all prices none chooses the town alone.
    """
    return instance(
        np.array([[0.0, 0.0, 1.0]]),
        np.array([[10.0, 20.0, 70.0]]),
        np.array([closure]),
        cell_km=1.0,
        projects=[(first, [0]), (15.0, [0, 1])],
        must_hold=must,
    )


def test_a_plan_that_the_hull_jumps_over_is_found():
    """Within 12 USD/yr the town is the best plan, though no price chooses it."""
    problem = jump()
    found = solve(problem, step=0.0)
    assert found.entry.tolist() == [[0, 0, 1]]
    best = within(problem, found, 12.0)
    assert best.held.tolist() == [[True, False, False]]
    assert (best.score.benefit, best.score.cost, best.closed) == (5.0, 10.0, True)
    assert best.bound == pytest.approx(5.0)

    chain = refine(problem, found)
    assert chain.entry.tolist() == [[0, 1, 2]]
    assert chain.steps["kind"].tolist() == ["refined", "exact", "exact"]
    assert chain.steps["beyond"].tolist() == ["nothing", "nothing", ""]
    town = chain.steps.iloc[0]
    assert math.isnan(town["mu"])
    assert (town["benefit"], town["holding"], town["cells"]) == (5.0, 10.0, 1)
    assert town["ceiling"] == pytest.approx(20 / 3)  # a third of the way to both
    assert town["bound"] == pytest.approx(5.0)  # the search proved more
    assert town["regret"] == pytest.approx(0.0, abs=1e-9)


def test_exact_steps_are_left_as_they_are():
    """With room for no more, the chain is the frontier."""
    problem = jump()
    found = solve(problem, step=0.0)
    chain, exact = refine(problem, found, share=1.0), exact_chain(found)
    assert chain.entry.tolist() == exact.entry.tolist()
    names = ["mu", "benefit", "holding", "closure", "line_km", "cells", "kind", "ceiling", "regret"]
    assert chain.steps[names].equals(exact.steps[names])
    assert chain.steps["beyond"].tolist() == ["near", ""]


@pytest.mark.parametrize(
    ("budget", "cells"), [(0.0, 0), (9.99, 0), (10.0, 1), (29.99, 1), (30.0, 2), (1e9, 3)]
)
def test_a_budget_buys_what_it_covers(budget, cells):
    """Costs of 10, 30 and 100, to the cent."""
    problem = jump()
    best = within(problem, solve(problem), budget)
    assert best.score.cells == cells
    assert best.closed
    assert best.bound == pytest.approx(best.score.benefit)


def test_a_budget_asked_for_is_in_the_chain():
    """`at_cost` puts the plan in, however near the steps may be."""
    problem = jump()
    chain = refine(problem, solve(problem), share=1.0, at_cost=(15.0,))
    assert chain.steps["cells"].tolist() == [1, 2, 3]
    assert chain.steps["beyond"].tolist() == ["near", "near", ""]


def test_land_that_must_be_held_is_the_least_plan():
    """The last cell must be held: every plan costs 70 at least, and the chain begins there."""
    must = np.array([[False, False, True]])
    problem = jump(must=must)
    found = solve(problem, step=0.0)
    chain = refine(problem, found)
    assert chain.entry.tolist() == [[1, 2, 0]]
    assert chain.steps["kind"].tolist() == ["exact", "refined", "exact"]
    assert within(problem, found, 85.0).held.tolist() == [[True, False, True]]
    with pytest.raises(InfeasibleError, match="no territory found"):
        within(problem, found, 69.0)
    with pytest.raises(InfeasibleError, match="must be held costs 70"):
        refine(problem, found, at_cost=(69.0,))


def test_where_no_line_may_stand_land_comes_together():
    """The first cell can't be held without its neighbours: within 12 USD/yr there is nothing."""
    problem = jump(closure=(math.inf, 0.0, 0.0))
    found = solve(problem, step=0.0)
    assert within(problem, found, 12.0).score.cells == 0
    first = np.array([[True, False, False]])
    assert within(problem, found, 200.0, lower=first, upper=~first | first).score.cells == 3
    with pytest.raises(InfeasibleError, match="must be held can't be"):
        within(problem, found, 200.0, lower=first, upper=first)


def test_a_town_without_worth_is_no_step():
    """What earns nothing more than the step below is not put in."""
    problem = jump(first=0.0)
    chain = refine(problem, solve(problem, step=0.0))
    assert chain.steps["kind"].tolist() == ["exact", "exact"]


def test_a_search_that_is_cut_short_says_so():
    """Without a cut nothing is known but the price of all, and the bound stays open."""
    rng = np.random.default_rng(3)
    problem = instance(rng.random((6, 6)), rng.random((6, 6)), rng.random((6, 6)), cell_km=1.0)
    found = solve(problem, step=0.0)
    steps = found.steps
    budget = 0.37 * float((steps["holding"] + steps["closure"]).iloc[-1])
    short, full = (within(problem, found, budget, cuts=cuts) for cuts in (0, None))
    assert not short.closed
    assert short.cuts == 0
    assert short.bound >= full.bound >= full.score.benefit > short.score.benefit


def test_wrong_arguments_are_refused():
    """Every fault is named."""
    problem = jump()
    found = solve(problem)
    for budget in (-1.0, math.nan):
        with pytest.raises(InputError, match="budget"):
            within(problem, found, budget)
    with pytest.raises(InputError, match=r"(?s)lower.*upper"):
        within(problem, found, 1.0, lower=np.zeros((2, 2)), upper=np.zeros(3))
    for share in (0.0, 1.5, math.nan):
        with pytest.raises(InputError, match="share"):
            refine(problem, found, share=share)
    with pytest.raises(InputError, match="at_cost"):
        refine(problem, found, at_cost=(math.inf,))


def test_a_problem_without_cells_has_no_steps():
    """Nothing can be held, so nothing is."""
    nothing = np.full((3, 3), np.nan)
    problem = instance(nothing, np.ones((3, 3)), np.ones((3, 3)), cell_km=1.0)
    found = solve(problem)
    assert refine(problem, found).steps.empty
    assert within(problem, found, 5.0).score.cells == 0
