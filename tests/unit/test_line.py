"""The line stage on the built-in ground: choices, constraints, projects, scores."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from vallum.errors import InfeasibleError, InputError
from vallum.kernel.territory import score
from vallum.line import draw, judge
from vallum.line.constraints import resolve
from vallum.plan import until
from vallum.settings import load_settings

pytestmark = pytest.mark.usefixtures("stages_once")
# plans between exact steps, which take longest to find, where only exact ones are looked at
EXACT = "line.refine=0"


@cache
def before_the_line(*assignments):
    """Results of the stages up to the works, which don't read the line's settings."""
    return until("works", "sahel", load_settings(None, ["theatre.cell_km=25", *assignments]))


def line_at_25_km(*assignments):
    settings = load_settings(None, ["theatre.cell_km=25", *assignments])
    early = before_the_line(*(one for one in assignments if not one.startswith("line.")))
    parts = [early[stage] for stage in ("theatre", "worth", "threat", "works")]
    man_usd_yr = settings.works.man_year_usd * settings.works.rotation
    return {**early, "line": draw(*parts, settings.line, man_usd_yr=man_usd_yr)}


@pytest.fixture(scope="module")
def default():
    return line_at_25_km()


@pytest.fixture(scope="module")
def everywhere():
    """A line may stand on all ground, so that all land can be held."""
    return line_at_25_km("works.where_short=use", EXACT)


def test_the_chosen_plan_is_the_row_of_its_step(default):
    line = default["line"]
    row = line.plans.steps.iloc[line.step]
    assert row["benefit"] == line.score.benefit
    assert row["cost_usd_yr"] == pytest.approx(line.score.cost)
    assert row["held_km2"] == line.held.sum() * 625
    assert row["people_held"] == pytest.approx(default["worth"].people[line.held].sum())
    assert line.line["length_km"].sum() == pytest.approx(line.score.line_km)
    assert line.sectors["cost_usd_yr"].sum() == pytest.approx(line.score.closure)
    assert 0 <= line.bound_gap < 1e-6


def test_benefit_is_losses_averted_recounted_by_hand(everywhere):
    line, worth, threat = everywhere["line"], everywhere["worth"], everywhere["threat"]
    held = (line.plans.entry >= 0) & (line.plans.entry <= len(line.plans.steps))
    effect = line.plans.stakes.effect
    losses = (worth.output * threat.loss_rate)[held].sum() * threat.reach[1] * effect
    total = line.plans.steps["benefit"].iloc[-1]
    assert total == pytest.approx(losses, rel=1e-9)  # roads carry a part of it, and add nothing
    roads = line.projects[line.projects["kind"] == "road"]["value"].sum()
    assert line.plans.stakes.road_share == pytest.approx(roads / total)


def test_nothing_worth_holding_is_said_and_illustrated_by_the_best_ratio(default):
    line = default["line"]
    best = line.plans.frontier.best_at(1.0)
    if best < 0:
        assert line.status == "nothing worth holding"
        ratio = line.plans.steps["benefit"] / line.plans.steps["cost_usd_yr"]
        assert line.step == int(ratio.argmax())
    else:
        assert line.status == "ok"
        assert line.step == best


def test_a_budget_buys_the_most_it_can_and_says_what_the_least_costs(default):
    steps = default["line"].plans.steps
    budget = float(steps["cost_usd_yr"].iloc[len(steps) // 2]) + 1.0
    bought = line_at_25_km(f"line.budget_usd_yr={budget}")["line"]
    assert bought.score.cost <= budget
    assert bought.score.benefit == pytest.approx(steps["benefit"].iloc[len(steps) // 2])
    with pytest.raises(InputError, match="the first step costs"):
        line_at_25_km("line.budget_usd_yr=1", EXACT)


def test_people_are_counted_and_not_priced():
    line = line_at_25_km("line.objective=people", "line.mu=300", EXACT)["line"]
    row = line.plans.steps.iloc[line.step]
    assert row["benefit"] == pytest.approx(row["people_held"])
    assert line.other.objective == "output"


def test_a_line_drawn_without_the_other_objective_is_the_same(everywhere):
    parts = [everywhere[stage] for stage in ("theatre", "worth", "threat", "works")]
    settings = load_settings(None, ["theatre.cell_km=25", "works.where_short=use", EXACT])
    man = settings.works.man_year_usd * settings.works.rotation
    alone = draw(*parts, settings.line, man_usd_yr=man, compare=False)
    assert np.array_equal(alone.held, everywhere["line"].held)
    assert alone.plans.steps.equals(everywhere["line"].plans.steps)
    assert alone.line.equals(everywhere["line"].line)
    assert (alone.compared, alone.other_step) == (None, -1)
    with pytest.raises(AssertionError, match="one objective alone"):
        _ = alone.other


def test_a_mix_is_output_plus_the_stated_rate(everywhere):
    mixed = ("line.objective=mix", "line.usd_per_person_yr=10", "works.where_short=use", EXACT)
    parts = line_at_25_km(*mixed)
    total = parts["line"].plans.steps["benefit"].iloc[-1]
    plain = everywhere["line"].plans.steps["benefit"].iloc[-1]
    assert total == pytest.approx(plain + 10 * parts["worth"].people.sum(), rel=1e-9)


def test_must_hold_must_leave_and_no_build_are_kept():
    parts = line_at_25_km(
        'line.must_hold=["Bamako", "-13.9,18.0"]',
        'line.must_leave=["Kidal"]',
        'line.no_build=["Ségou"]',
    )
    line = parts["line"]
    fixed = line.constraints
    assert line.held[fixed.must_hold].all()
    entry = line.plans.entry
    assert (entry[fixed.must_leave] == -1).all()
    assert (entry[fixed.must_hold] == 0).all()
    for step in range(len(line.plans.steps)):
        held = (entry >= 0) & (entry <= step)
        assert np.isfinite(score(line.plans.problem, held).cost)
    # nothing pays and some land must be held: the least loss is chosen
    steps = line.plans.steps
    value = line.mu * steps["benefit"] - steps["cost_usd_yr"]
    assert (line.status, line.step) == ("ok", int(value.to_numpy().argmax()))
    # what leaves out land that must be held is compared with nothing
    some = line.held & ~fixed.must_hold
    assert np.isnan(judge(line.plans, some).ceiling)
    assert judge(line.plans, line.held).ceiling > 0


def test_with_land_that_must_be_held_the_best_step_at_a_price_is_chosen():
    line = line_at_25_km('line.must_hold=["Kidal"]', "line.mu=3.0")["line"]
    value = 3.0 * line.plans.steps["benefit"] - line.plans.steps["cost_usd_yr"]
    assert value.max() < 0
    assert line.step == int(value.to_numpy().argmax()) > 0


@pytest.mark.parametrize(
    ("assignment", "error", "says"),
    [
        ('line.must_hold=["Dakar"]', InfeasibleError, "Dakar"),
        ('line.must_hold=["Kayes", "Dakar", "Thiès"]', InfeasibleError, "Thiès"),
        ('line.must_hold=["Bamko"]', InputError, "did you mean 'Bamako'"),
        ('line.must_leave=["x,y"]', InputError, "lon,lat"),
        ('line.no_build=["12.65,-80"]', InputError, "off the theatre"),
        ("line.flank.XXX=1", InputError, "XXX"),
        ("line.flank.MLI=1", InputError, "MLI"),
    ],
)
def test_impossible_wishes_are_named(assignment, error, says):
    with pytest.raises(error, match=says):
        line_at_25_km(assignment, EXACT)


def test_held_and_left_at_once_is_infeasible(sahel):
    settings = load_settings(None, ['line.must_hold=["Bamako"]', 'line.must_leave=["Bamako"]'])
    with pytest.raises(InfeasibleError, match="must be left too"):
        resolve(sahel, settings.line)


def test_projects_pay_only_whole(default):
    line = default["line"]
    entry = line.plans.entry.ravel()
    for project, row in zip(line.plans.stakes.projects, line.projects.itertuples(), strict=True):
        whole = entry[project.cells].max() if (entry[project.cells] >= 0).all() else -1
        assert row.entry == whole
    assert set(line.projects["kind"]) == {"town", "road"}


def test_an_open_neighbour_never_makes_a_plan_cheaper(default):
    closed = line_at_25_km("line.flank_other=0.0", EXACT)["line"].plans.frontier
    opened = default["line"].plans.frontier
    for mu in (5.0, 10.0, 30.0):
        best = [
            max(0.0, (mu * f.steps["benefit"] - f.steps["holding"] - f.steps["closure"]).max())
            for f in (closed, opened)
        ]
        assert best[0] >= best[1] * (1 - 0.02)  # both are resolved to 1 % of total benefit


def test_a_drawn_territory_never_lies_above_the_ceiling(default):
    line, worth = default["line"], default["worth"]
    rng = np.random.default_rng(1)
    members = ~np.isnan(line.plans.stakes.benefit)
    rich = worth.output > np.quantile(worth.output[members], 0.8)
    for held in (rich & members, members, rng.random(members.shape) < 0.5):
        found = judge(line.plans, held & members)
        drawn, ceiling = found.score, found.ceiling
        assert drawn.benefit <= ceiling * (1 + 1e-9)
    found = judge(line.plans, line.held)
    own, ceiling = found.score, found.ceiling
    assert own.benefit == pytest.approx(ceiling, rel=1e-6)


def test_what_no_plan_can_hold_is_left_out_of_a_drawn_one(default):
    line, works = default["line"], default["works"]
    assert not works.buildable[default["theatre"].member_mask].all()
    assert np.isinf(line.plans.stakes.closure[~works.buildable]).all()
    members = ~np.isnan(line.plans.stakes.benefit)
    drawn = judge(line.plans, members).score
    assert drawn.cells == line.plans.problem.cells.size < members.sum()
    assert drawn.benefit == pytest.approx(line.plans.steps["benefit"].iloc[-1])
