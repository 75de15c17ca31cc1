"""Frontiers over draws of the assumptions: probabilities by hand, and what must not change them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import vallum
from vallum.brief.record_robust import record_robust
from vallum.brief.robust_page import chapter
from vallum.brief.tables import tables
from vallum.kernel.pool import Pool
from vallum.line import draw
from vallum.line.constraints import Constraints, Wish
from vallum.line.robust import Drawn, pool_for, robust, shares_held, shown_steps
from vallum.line.robust_settings import RobustSettings
from vallum.line.robust_stretches import near_boundary, pieces

FEW = RobustSettings(draws=3, workers=0)


@pytest.fixture(scope="module")
def plan(shelf):
    """A coarse plan with a resolution as that of the draws."""
    line = {"step": 0.02, "refine": 0}
    settings = vallum.Settings(
        theatre={"cell_km": 50},
        line=line,
        draws=100,
        robust={"draws": 3, "workers": 0},
        campaign={"draws": 10},
        dividend={"draws": 400, "sobol": 32},
    )
    return shelf.plan(settings)


def again(plan, how=FEW, pool=None, settings=None, **changed):
    """Draw again."""
    parts = {name: changed.get(name, getattr(plan, name)) for name in ("threat", "works", "line")}
    man = plan.settings.works.man_year_usd * plan.settings.works.rotation
    return robust(
        plan.theatre, plan.worth, *parts.values(), settings or plan.settings.line,
        how=how, seed=0, man_usd_yr=man, pool=pool or Pool(),
    )  # fmt: skip


def same(one, other):
    """Whether two results are the same to the last bit."""
    return (
        one.inside.tobytes() == other.inside.tobytes()
        and one.stretches.equals(other.stretches)
        and one.steps.equals(other.steps)
    )


def test_between_two_exact_plans_the_land_of_the_dearer_one_counts_in_part():
    one = Drawn(np.array([0, 1, -1], np.int32), np.array([10.0, 30.0]))
    two = Drawn(np.array([-1, 0, 0], np.int32), np.array([20.0]))
    budgets = np.array([5.0, 10.0, 20.0, 99.0])
    first = [[0.5, 0, 0], [1, 0, 0], [1, 0.5, 0], [1, 1, 0]]
    second = [[0, 0.25, 0.25], [0, 0.5, 0.5], [0, 1, 1], [0, 1, 1]]
    assert shares_held([one], budgets, must=False).tolist() == first
    both = shares_held([one, two], budgets, must=False)
    assert both.tolist() == ((np.array(first) + second) / 2).tolist()
    # land that every plan holds is inside whatever the budget
    assert shares_held([one], budgets, must=True)[0].tolist() == [1, 0, 0]


def test_near_a_line_are_the_held_cells_on_it_and_those_around():
    held = np.zeros((7, 9), bool)
    held[2:5, 1:5] = True
    near = near_boundary(held, np.ones((7, 9), bool))
    assert near[1:6, :6].all()
    assert near.sum() == 30
    sea = np.ones((7, 9), bool)
    sea[:, 5:] = False  # no line stands towards it
    assert not near_boundary(held[2:5, 2:], sea[2:5, 2:]).any()


def test_a_line_is_cut_where_it_ceases_to_be_sure_and_short_stretches_are_not():
    sure = np.array([True, False, True, True, False])
    km = np.array([9.0, 5.0, 5.0, 5.0, 3.0])
    assert pieces(sure, km) == [(0, 2, False), (2, 4, True), (4, 5, False)]
    assert pieces(sure[:0], km[:0]) == []


def test_the_chosen_step_is_among_at_most_twelve_that_are_shown():
    cost = np.arange(1.0, 101.0)
    shown = shown_steps(cost, 3)
    assert 3 in shown
    assert len(shown) <= 12
    assert shown[0] == 0
    assert shown[-1] == 99


@pytest.mark.parametrize("limits", [{}, {"connected_to_capital": True, "min_width_km": 100}])
def test_without_ranges_all_draws_are_the_plan(plan, limits):
    settings = plan.settings.line.model_copy(update=limits)

    def sure(ledger):
        return tuple(replace(a, low=a.value, high=a.value) for a in ledger)

    threat = replace(plan.threat, uniform=True, ledger=sure(plan.threat.ledger))
    effect = plan.line.plans.stakes.effect
    works = replace(
        plan.works, range=(1.0, 1.0), effect=(effect,) * 3, ledger=sure(plan.works.ledger)
    )
    man = plan.settings.works.man_year_usd * plan.settings.works.rotation
    drawn = draw(plan.theatre, plan.worth, threat, works, settings, man_usd_yr=man)
    line = replace(drawn, ledger=sure(drawn.ledger))
    found = again(plan, threat=threat, works=works, line=line, settings=settings)
    assert found.void == 0
    entry = line.plans.entry
    assert bool(limits) == (entry != plan.line.plans.entry).any()  # the limits do take land away
    for step in found.which:
        held = (entry >= 0) & (entry <= step)
        assert found.inside_at(step).tolist() == (100 * held).tolist()
    assert found.stretches["no_regret"].all()
    assert found.stretches["share"].to_numpy() == pytest.approx(1.0)
    assert found.steps["kept_share"].to_numpy() == pytest.approx(1.0)


def test_a_draw_in_which_what_is_fixed_cannot_be_holds_nothing(plan):
    member = plan.theatre.member_mask
    hold = np.zeros_like(member)
    hold.ravel()[np.flatnonzero(member)[0]] = True
    wish = Wish("line.must_hold", "a place", np.flatnonzero(hold))
    fixed = Constraints(hold, np.zeros_like(hold), np.ones_like(hold), np.ones(hold.shape), (wish,))
    found = again(plan, line=replace(plan.line, constraints=fixed))
    assert found.void == found.draws == 3
    assert not found.inside.any()
    assert not found.stretches["share"].any()


def test_the_result_is_the_same_bytes_in_another_process_and_the_draws_differ(plan):
    here = plan.robust
    assert same(here, again(plan))
    assert same(here, again(plan, pool=Pool(1)))
    assert len(np.unique(here.inside)) > 2  # the draws do not all agree
    assert not same(here, again(plan, RobustSettings(draws=4, workers=0)))


def test_the_stretches_of_a_line_add_up_to_it(plan):
    km = plan.robust.stretches.groupby("step")["length_km"].sum()
    steps = plan.line.plans.steps["line_km"]
    for step in plan.robust.shown:
        assert km[step] == pytest.approx(steps[step])
    sure = plan.robust.stretches.query("no_regret")
    assert (sure["least"] >= FEW.share - 1e-9).all()
    assert (sure["length_km"] >= 10.0 - 1e-9).all()


def test_it_is_recorded_and_shown_and_without_draws_left_out(plan):
    record = record_robust(plan)
    assert record["draws"] == 3
    assert record["chosen"] == record["steps"][plan.line.step]
    page = chapter(plan)
    assert [each.step for each in page["shown"]] == list(plan.robust.shown)
    assert page["shown"][page["first"]].step == plan.line.step
    none = replace(plan, robust=None)
    assert record_robust(none) is None
    assert chapter(none) is None
    assert tables("robust", {"robust": None}).empty
    assert not tables("robust", {"robust": plan.robust}).empty


def test_processes_are_started_where_that_is_faster_or_asked_for():
    assert pool_for(RobustSettings(draws=3), 1000) == Pool(0)
    assert pool_for(RobustSettings(workers=5), 10, "tcp://a:1") == Pool(5, "tcp://a:1")
