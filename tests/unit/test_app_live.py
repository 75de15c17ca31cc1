"""The explorer's quick frontiers are those of the plan, and say what they leave out."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import vallum
from vallum import plan as plans
from vallum.app import live
from vallum.app.page import encode
from vallum.app.sheet import Drawn, Sheet, read, write
from vallum.errors import InputError

pytestmark = pytest.mark.usefixtures("stages_once")
COARSE = ("theatre.cell_km=40", "line.refine=0")


def sheet(*changes, drawn=()):
    return Sheet("A", "sahel", vallum.load_settings(assignments=[*COARSE, *changes]), drawn)


@pytest.fixture(scope="module")
def base():
    return live.prepare("sahel", sheet().settings)


@pytest.mark.parametrize(
    "changes",
    [
        (),
        ("threat.reach_share=0.4", "threat.lost_per_event=2000.0"),
        ("works.standard=0.6", "works.man_year_usd=25000", "line.flank.SEN=0.3"),
    ],
)
def test_a_view_is_the_plans_own_frontier(base, changes):
    asked = sheet(*changes)
    assert live.base_key("sahel", asked.settings) == base.key  # what changes needs no new base
    seen = live.view(base, asked)
    line = plans.until("line", "sahel", asked.settings)["line"]
    assert_frame_equal(seen.steps[line.plans.steps.columns], line.plans.steps)
    inside = seen.entry > -2
    assert np.array_equal(seen.entry[inside], line.plans.entry[inside])
    assert (seen.step, seen.status) == (line.step, line.status)
    lengths = [
        sum(float(np.hypot(np.diff(x), np.diff(y)).sum()) for x, y in paths) / 1000.0
        for paths in seen.lines
    ]
    assert lengths == pytest.approx(seen.steps["line_km"].to_numpy(), rel=0.02)
    assert len(pickle.dumps(seen)) < 1_000_000


def test_what_a_change_leaves_is_not_found_again(base):
    asked = sheet("line.flank.SEN=0.3", 'line.must_hold=["Bamako"]')
    priced = live.price(base, sheet().settings)
    assert priced.key == live.price_key(base.key, asked.settings)
    again, anew = live.view(base, asked, priced), live.view(base, asked)
    assert_frame_equal(again.steps, anew.steps)
    assert again.fingerprint == anew.fingerprint
    assert live.price_key(base.key, sheet("works.standard=0.5").settings) != priced.key
    other = sheet('theatre.coalition=["MLI"]').settings
    assert live.base_key("sahel", other) != base.key


def test_what_was_drawn_is_scored_by_the_frontier(base):
    square = Drawn(((-9.0, 12.0), (-5.0, 12.0), (-5.0, 15.0), (-9.0, 15.0)), closed=True)
    scored = live.view(base, sheet(drawn=(square,))).scored
    assert scored is not None
    assert 0 < scored.benefit <= scored.ceiling * (1 + 1e-9)
    assert scored.people == pytest.approx(float(base.worth.people[scored.held].sum()))
    stroke = Drawn(((-7.0, 8.0), (-7.0, 27.0)), closed=False)
    parted = live.view(base, sheet(drawn=(stroke,))).scored
    assert parted is not None
    assert 0 < parted.held.sum() < base.theatre.member_mask.sum()
    east = Drawn(stroke.points, closed=False, holding=((-3.0, 14.5),))  # Gao's side, not Bamako's
    other = live.view(base, sheet(drawn=(east,)), live.price(base, sheet().settings)).scored
    assert other is not None
    assert other.held.any()
    assert not (other.held & parted.held).any()
    with pytest.raises(InputError, match="an area of two points"):
        live.view(base, sheet(drawn=(Drawn(((-9.0, 12.0), (-5.0, 12.0)), closed=True),)))
    with pytest.raises(InputError, match="parts nothing"):
        live.view(base, sheet(drawn=(Drawn(((-9.0, 13.0), (-8.0, 13.0)), closed=False),)))


@pytest.mark.parametrize(
    ("change", "ends", "more"),
    [(None, True, False), ("line.development_share=0.02", False, True),
     ('line.objective="mix"', False, False), ("line.objective=people", False, False)],
)  # fmt: skip
def test_only_losses_have_the_range_of_losses(base, change, ends, more):
    changes = () if change is None else (change, "line.usd_per_person_yr=1000")
    budget = ("line.budget_usd_yr=1e9",) if change and "people" in change else ()
    seen = live.view(base, sheet(*changes, *budget))
    sent = encode.view(seen, {})
    assert all((step["benefit_ends"] is not None) == ends for step in sent["steps"])
    assert sent["more"] == more
    assert sent["steps"][-1]["text"]["mu"] == "any that is high enough"
    assert len(str(seen.card())) > 100


def test_a_rule_that_takes_a_plan_is_refused(base):
    with pytest.raises(InputError, match="ask for a plan"):
        live.view(base, sheet("works.rule=least_cost"))


def test_a_look_tells_forces_campaign_and_accord(base):
    asked = sheet()
    step = len(live.view(base, asked).steps) // 2
    seen = live.look(base, asked, step)
    assert seen.step == step
    assert set(seen.forces["regimes"]) == {"alone", "joint", "joint_with_partner"}
    low, mid, high = seen.campaign["held_change"]
    assert -1 <= low <= mid <= high
    assert set(seen.accord["coalition"]) == {"MLI", "MRT", "MLI+MRT"}
    whole = seen.shares.groupby("rule")["usd_yr"].sum()
    assert whole.to_numpy() == pytest.approx(np.full(len(whole), whole.iloc[0]), rel=1e-6)
    assert "rough" in " ".join(seen.said)
    parts = seen.partner.set_index("part")
    assert list(parts.index) == ["cost", "trade", "security", "influence"]
    assert 0 < parts.loc["cost", "low"] <= parts.loc["cost", "value"] <= parts.loc["cost", "high"]
    assert not parts.loc["influence"].any()
    again = live.look(base, sheet("accord.influence_usd_yr=[1e6, 2e6, 3e6]"), step).partner
    assert again.set_index("part").loc["influence"].tolist() == [1e6, 2e6, 3e6]
    assert isinstance(seen.shares, pd.DataFrame)


def test_a_look_is_at_the_land_of_its_own_step(base):
    steps = live.view(base, sheet()).steps
    half = int(np.flatnonzero(steps["output_share"] >= 0.5)[0])
    assert half > 0
    joint = [
        live.look(base, sheet(), step).accord.set_index("coalition").loc["MLI+MRT"]
        for step in (0, half)
    ]
    for one, step in zip(joint, (0, half), strict=True):
        row = steps.iloc[step]
        if one["how"] == "its own best line":  # not the land enclosed anew
            assert one["cost_usd_yr"] == pytest.approx(row["cost_usd_yr"])
            assert one["held_km2"] == pytest.approx(row["held_km2"])
    assert joint[0]["held_km2"] < joint[1]["held_km2"]


def test_coalitions_are_compared_in_losses_whatever_is_sought(base):
    changes = ('line.objective="mix"', "line.usd_per_person_yr=1000")
    step = len(live.view(base, sheet(*changes)).steps) - 1
    seen = live.look(base, sheet(*changes), step)
    rows = seen.accord.set_index("coalition")["benefit_usd_yr"]
    most = live.view(base, sheet()).steps["benefit"].iloc[-1]  # of losses alone
    assert (rows <= most * (1 + 1e-9)).all()
    assert any("by the output that they hold" in one for one in seen.said)


def test_a_scenario_is_read_as_it_was_written():
    square = Drawn(((-9.0, 12.0), (-5.5, 12.25), (-5.0, 15.0)), closed=True)
    changes = ("line.flank.SEN=0.5", "line.mu=1.5", 'theatre.coalition=["MLI"]')
    asked = Sheet(
        "Côte « nord »", "sahel", vallum.load_settings(assignments=[*COARSE, *changes]),
        (square,), "a note\nin two lines",
    )  # fmt: skip
    assert read(write(asked)) == asked
    assert read("").settings == vallum.Settings()


def test_every_fault_of_a_scenario_is_told_at_once():
    text = '[scenario]\nname = ""\nextra = 1\n[[scenario.drawn]]\npoints = [[0, 99]]\n[lime]\n'
    with pytest.raises(InputError) as caught:
        read(text + "[line]\nmu = -1\n")
    told = [fault.place for fault in caught.value.faults]
    assert {"scenario.name", "scenario.extra", "lime", "line.mu"} <= set(told)
    assert any(place.startswith("scenario.drawn.0.points") for place in told)
    with pytest.raises(InputError, match="mend the TOML"):
        read("[scenario")
    with pytest.raises(InputError, match="characters"):
        read("#" * 200_001)
