"""The accord stage: games by hand, what each says plainly, and the annex of the Sahel."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from vallum.accord.annex import draft, to_markdown, trace
from vallum.accord.annex_plan import figures, files_of
from vallum.accord.choice import Joint
from vallum.accord.coalitions import Able, Ends, aimed, coalitions_of
from vallum.accord.games import game
from vallum.accord.model import Redrawn
from vallum.accord.partner import Partner, Ranged
from vallum.accord.served import users_of
from vallum.brief import accord_page, accord_words
from vallum.brief.accord_chart import core_picture
from vallum.brief.record import as_json
from vallum.brief.record_accord import record_accord
from vallum.plan.coalitions import dated, only

A, B = frozenset({"A"}), frozenset({"B"})
BOTH = A | B
EVEN = Ends(0.5, 2.0, 0.8, 1.5)


class _Steps:
    """A frontier with one step, as a game asks for it."""

    def __init__(self, benefit: float, cost: float) -> None:
        self.steps = pd.DataFrame(
            {"benefit": [benefit], "cost_usd_yr": [cost], "line_km": [10.0], "held_km2": [5.0],
             "people_held": [7.0]}
        )  # fmt: skip


class _Line:
    """A line with such a frontier."""

    def __init__(self, benefit: float, cost: float) -> None:
        self.plans = _Steps(benefit, cost)


def able(members, benefit, cost, *, why="", saved=0.0, paid=0.0):
    km, men = 10.0 * len(members), 100.0 * len(members)
    return Able(frozenset(members), "its own best line", why, benefit, cost, saved, paid, km, men,
                50.0, 1000.0 * len(members))  # fmt: skip


def redrawn(benefit, cost):
    return Redrawn(_Line(benefit, cost), cost, 10.0, None)


def helper(*, gain=0.0, cost=4.0):
    nothing = Ranged(0.0, 0.0, 0.0, "made by the test")
    return Partner("P", Ranged(cost, cost, cost, "test"), Ranged(gain, gain, gain, "test"),
                   nothing, nothing)  # fmt: skip


def world(one, two, both, *, partner=None, extras=None):
    """Make what a game needs of (benefit, cost) for A, B and both."""
    saved = {True: 6.0, False: 0.0}[partner is not None]
    paid = partner.cost.mid if partner else 0.0
    made = {A: redrawn(*one), B: redrawn(*two), BOTH: redrawn(*both)}
    do = {
        A: able("A", *one, saved=saved / 3, paid=paid / 4),
        B: able("B", *two, saved=saved / 3, paid=paid / 4),
        BOTH: able("AB", *both, saved=saved, paid=paid),
    }
    extras = extras or {"A": (0.0, 0.0, 0.0), "B": (0.0, 0.0, 0.0)}
    joint = Joint(
        held=np.ones((2, 2), bool),
        own={"A": (both[0] / 2, both[1] / 4, 3.0), "B": (both[0] / 2, 3 * both[1] / 4, 9.0)},
        extras=extras,
        use={"A": both[1] / 2, "B": both[1] / 2},
        ends=EVEN,
        helper=partner,
    )
    return made, do, joint


def played(name, *args, **kw):
    made, do, joint = world(*args, **kw)
    return game(name, ("A", "B"), made, do, joint)


def shares(found, rule):
    return next(dict(one.shares) for one in found.settlement.rules if one.name == rule)


def test_two_members_without_a_partner_share_what_joining_saves():
    # alone each loses 10; together 12: joining saves 8, half of it for each
    found = played("aim", (5.0, 15.0), (5.0, 15.0), (10.0, 22.0))
    assert found.value == {A: -10.0, B: -10.0, BOTH: -12.0}
    for rule in ("shapley", "nucleolus", "bargain"):
        assert shares(found, rule) == pytest.approx({"A": -6.0, "B": -6.0})
    assert not found.settlement.core.empty
    assert found.needed_usd_yr is None
    row = found.saved.set_index("what").loc["cost_usd_yr"]
    assert (row["alone"], row["joint"], row["saved"]) == (30.0, 22.0, 8.0)


def test_what_falls_to_each_adds_up_to_what_all_have():
    for partner in (None, helper(gain=2.0)):
        found = played("aim", (5.0, 15.0), (5.0, 15.0), (10.0, 22.0), partner=partner,
                       extras={"A": (0.0, 1.0, 2.0), "B": (0.0, 2.0, 4.0)})  # fmt: skip
        whole = max(found.value, key=len)
        assert math.fsum(found.own.values()) == pytest.approx(found.value[whole], abs=1e-9)
        for rule in found.settlement.rules:
            assert math.fsum(rule.shares.values()) == pytest.approx(found.value[whole], abs=1e-9)
            net = math.fsum(amount for _, amount in rule.transfers.net)
            assert net == pytest.approx(0.0, abs=1e-9)
    # benefit 10, extras 3, cost 22 less 6 saved; the partner gains 2 and pays 4
    assert found.value[whole] == pytest.approx(10.0 + 3.0 - 22.0 + 6.0 + 2.0 - 4.0)


def test_who_may_do_nothing_does_nothing_and_lacks_nothing():
    found = played("best", (5.0, 15.0), (5.0, 15.0), (10.0, 22.0))
    assert set(found.value.values()) == {0.0}
    assert set(found.coalitions["how"]) == {"nothing"}
    assert found.coalitions["feasible"].all()
    assert not any(found.own.values())
    paying = played("best", (5.0, 15.0), (5.0, 15.0), (30.0, 22.0))
    assert paying.value[BOTH] == pytest.approx(8.0)
    assert paying.value_low[BOTH] == 0.0  # at the low ends it does not pay


def test_nobody_is_helped_where_help_costs_more_than_it_brings():
    # help saves 6 and costs 14: in "best" it is declined, and the partner harms nobody by joining
    found = played("best", (5.0, 15.0), (5.0, 15.0), (30.0, 22.0), partner=helper(cost=14.0))
    every = BOTH | {"P"}
    assert found.value[BOTH] == found.value[every] == pytest.approx(8.0)
    assert not found.settlement.core.empty
    assert not found.settlement_high.core.empty
    assert found.own["P"] == found.cost["P"] == 0.0
    assert math.fsum(found.own.values()) == pytest.approx(8.0)
    row = found.coalitions.set_index("coalition").loc["A+B"]
    assert (row["helped_usd_yr"], row["partner_usd_yr"]) == (22.0, 0.0)


def test_help_may_make_worth_doing_what_nobody_would_do_alone():
    # both lose 2 by themselves; help saves 6 and costs 1
    found = played("best", (5.0, 15.0), (5.0, 15.0), (20.0, 22.0), partner=helper(cost=1.0))
    assert found.value[BOTH] == 0.0
    assert found.value[BOTH | {"P"}] == pytest.approx(20.0 - 22.0 + 6.0 - 1.0)
    assert math.fsum(found.own.values()) == pytest.approx(3.0)
    assert found.own["P"] == pytest.approx(-1.0)
    assert found.needed_usd_yr == pytest.approx(1.0)
    assert found.needed_paid_usd_yr == 0.0  # what it saves the members would pay for it


def test_a_coalition_pays_for_all_of_its_own_help():
    # alone A needs more help than both do together: 5 against 4
    made, do, joint = world((5.0, 15.0), (5.0, 15.0), (10.0, 22.0), partner=helper(gain=2.0))
    do[A] = able("A", 5.0, 15.0, saved=2.0, paid=5.0)
    found = game("aim", ("A", "B"), made, do, joint)
    assert found.value[A | {"P"}] == pytest.approx(5.0 - 15.0 + 2.0 + 2.0 - 5.0)


def test_what_help_costs_and_saves_has_the_range_of_costs():
    found = played("aim", (5.0, 15.0), (5.0, 15.0), (10.0, 22.0), partner=helper(gain=2.0))
    every = BOTH | {"P"}
    gain = 2.0
    assert found.value_low[every] == pytest.approx(10 * 0.5 - (22 - 6) * 1.5 + gain - 4 * 1.5)
    assert found.value_high[every] == pytest.approx(10 * 2.0 - (22 - 6) * 0.8 + gain - 4 * 0.8)
    for end in (found.settlement_low, found.settlement_high):
        assert {rule.name for rule in end.rules} == {"shapley", "nucleolus", "bargain", "use"}


def test_the_members_core_is_found_apart():
    # joining saves the two 8; the partner's help costs 8 more than it saves
    found = played("aim", (5.0, 15.0), (5.0, 15.0), (10.0, 22.0), partner=helper(cost=14.0))
    assert found.settlement.core.empty
    assert not found.members.core.empty
    for rule in ("shapley", "nucleolus", "bargain"):
        assert dict(found.members.rule(rule).shares) == pytest.approx({"A": -6.0, "B": -6.0})
    assert found.needed_paid_usd_yr == pytest.approx(8.0)
    apart = played("aim", (5.0, 15.0), (5.0, 15.0), (10.0, 32.0), partner=helper())
    assert apart.members.core.empty
    assert apart.members.core.subsidy == pytest.approx(2.0)
    assert played("aim", (5.0, 15.0), (5.0, 15.0), (10.0, 32.0)).members is None


def test_together_they_can_do_what_each_does_apart():
    # the joint chain holds no step as good as A's own: 20 for 15
    found = played("best", (20.0, 15.0), (5.0, 15.0), (22.0, 22.0))
    assert found.value == {A: 5.0, B: 0.0, BOTH: 5.0}
    assert not found.settlement.clashes
    assert not found.settlement.core.empty
    row = found.coalitions.set_index("coalition").loc["A+B"]
    assert row["how"] == "what its members do each by itself"
    assert (row["benefit_usd_yr"], row["cost_usd_yr"]) == (20.0, 15.0)
    assert math.fsum(found.own.values()) == pytest.approx(5.0)
    aim = played("aim", (20.0, 15.0), (5.0, 15.0), (22.0, 22.0))
    assert aim.value[BOTH] == 0.0


def test_land_enclosed_by_itself_counts_its_own_benefit_and_cost():
    line = SimpleNamespace(
        score=SimpleNamespace(cost=9.0, benefit=3.0, line_km=30.0, holding=2.0),
        plans=SimpleNamespace(steps=pd.DataFrame({"held_km2": [500.0], "people_held": [70.0]})),
        step=0,
    )

    def set_out(part_cost, *, enough):
        made = Redrawn(line, part_cost, 20.0, None, part_benefit_usd_yr=2.0, enough=enough)
        return aimed(A, made, held_km2=400.0, people=60.0, man_usd_yr=1.0)

    dear = set_out(11.0, enough=True)
    assert (dear.cost_usd_yr, dear.benefit_usd_yr, dear.line_km, dear.people) == (
        9.0,
        3.0,
        30.0,
        70.0,
    )
    cheap = set_out(8.0, enough=True)
    assert (cheap.cost_usd_yr, cheap.benefit_usd_yr, cheap.line_km, cheap.people) == (
        8.0,
        2.0,
        20.0,
        60.0,
    )
    # a line that holds less is no answer, however cheap it is
    short = set_out(11.0, enough=False)
    assert (short.cost_usd_yr, short.benefit_usd_yr, short.held_km2) == (11.0, 2.0, 400.0)


def test_ends_are_ordered():
    found = played("aim", (5.0, 15.0), (5.0, 15.0), (10.0, 22.0))
    for one, mid in found.value.items():
        assert found.value_low[one] <= mid <= found.value_high[one]
    assert found.value_low[A] == pytest.approx(5.0 * 0.5 - 15.0 * 1.5)


def test_a_partner_that_pays_more_than_it_gains_empties_the_core():
    found = played("aim", (5.0, 15.0), (5.0, 15.0), (10.0, 22.0), partner=helper(cost=14.0))
    # it saves the two 6 and costs 14: together all have 8 less than the two with the third apart
    assert found.settlement.core.empty
    assert found.needed_usd_yr == pytest.approx(14.0)
    assert "P only loses" in " ".join(accord_words.losers(found, {}))
    assert "No shares keep everybody in" in accord_words.of_core(found, {})
    assert "worth 14 USD a year" in " ".join(accord_words.of_partner(found, {}))
    glad = played("aim", (5.0, 15.0), (5.0, 15.0), (10.0, 22.0), partner=helper(gain=20.0))
    assert not glad.settlement.core.empty
    assert glad.needed_usd_yr == 0.0


def test_a_coalition_without_a_line_is_said():
    made, do, joint = world((5.0, 15.0), (5.0, 15.0), (10.0, 22.0))
    made[A] = "no land of its own can be held"
    del do[A]
    found = game("aim", ("A", "B"), made, do, joint)
    assert found.value[A] is None
    row = found.coalitions.set_index("coalition").loc["A"]
    assert not row["feasible"]
    assert row["why"] == "no land of its own can be held"
    assert any("A" in text for text in found.settlement.said)
    assert not len(found.saved)


def test_a_line_serves_whoever_has_land_behind_it():
    held = np.array([[1, 1, 0, 1]], bool)
    states = {"A": np.array([[1, 0, 0, 0]], bool), "B": np.array([[0, 1, 1, 1]], bool)}
    costs, users = users_of(held, np.array([3.0, 4.0, 0.0, 5.0]), states)
    assert sorted(costs.values()) == [5.0, 7.0]
    assert {users[name] for name, cost in costs.items() if cost == 7.0} == {BOTH}
    assert {users[name] for name, cost in costs.items() if cost == 5.0} == {B}


def test_coalitions_are_listed_smallest_first():
    assert coalitions_of(["B", "A"]) == (A, B, BOTH)


def test_the_picture_has_every_rule_and_follows_the_numbers():
    found = played("aim", (5.0, 15.0), (5.0, 15.0), (10.0, 22.0), partner=helper())
    picture = str(core_picture(found.settlement, {"A": "Aland"}))
    for name in ("Shapley", "Nucleolus", "Bargain", "By use"):
        assert name in picture
    assert "Aland" in picture
    two = str(core_picture(found.members, {}))
    assert "the core, shares" in two


# --- on the Sahel ---------------------------------------------------------------------------------


@pytest.fixture
def plan(coarse_plan):
    return coarse_plan


def test_every_coalition_with_and_without_the_partner(plan):
    found = plan.accord
    names = {"+".join(sorted(one)) for one in found.game("aim").value}
    assert names == {"MLI", "MRT", "MLI+MRT", "MAR", "MAR+MLI", "MAR+MRT", "MAR+MLI+MRT"}
    rows = found.game("aim").coalitions.set_index("coalition")
    part = rows.loc[["MLI", "MRT"], "people"].sum()
    assert part >= rows.loc["MLI+MRT", "people"] * 0.5
    assert (rows["cost_low"] <= rows["cost_usd_yr"]).all()
    assert (rows["cost_usd_yr"] <= rows["cost_high"]).all()
    assert found.game("aim").saved["saved"].notna().all()


def test_only_the_coalition_are_members(plan):
    alone = only(plan.theatre, frozenset({"MLI"}))
    assert alone.members == ("MLI",)
    assert alone.countries.loc["MRT", "role"] == "flank"
    assert plan.theatre.members == ("MRT", "MLI")


def test_the_annex_is_whole_and_every_number_is_traced(plan):
    annex = plan.accord.annex
    assert annex is not None
    text = to_markdown(annex)
    assert not re.search(r"\bnan\b|None|\binf\b", text)
    assert len(trace(annex)) > 500
    assert {row.table for row in annex.figures.origins} == set(files_of())
    members = sum(row.men_on_duty for row in annex.figures.states if row.part == "member")
    assert members > 0
    assert annex.figures.as_of == dated(plan.theatre)
    mine = [row for row in annex.figures.law if row.kind == "bars"]
    assert mine


def test_without_forces_there_is_no_annex_and_it_is_said(plan):
    bare = replace(plan.accord, joint=replace(plan.accord.joint, forces=None))
    said = figures(plan.theatre, plan.works, bare, None, rotation=1.5, as_of=date(2026, 1, 1))
    assert said == "no annex can be drafted: forces were not deployed (accord.forces is off)"


def test_without_a_campaign_only_money_is_measured(plan):
    made = figures(
        plan.theatre, plan.works, plan.accord, None, rotation=1.5, as_of=date(2026, 1, 1)
    )
    assert {row.id for row in made.indicators} == {"cost"}
    assert draft(made).figures is made


def test_the_record_is_plain_and_adds_up(plan):
    record = json.loads(as_json(record_accord(plan)))
    assert record["game"] in record["games"]
    whole = record["value"]["MAR+MLI+MRT"]
    for rule in ("shapley", "nucleolus"):
        assert math.fsum(record[rule].values()) == pytest.approx(whole, rel=1e-9)
    assert isinstance(record["core_empty"], bool)
    assert set(record["transfers"]) >= {"shapley", "nucleolus"}


def test_the_chapter_says_the_results_numbers(plan):
    shown = accord_page.chapter(plan)
    assert shown["annex"]
    game_told = plan.accord.game(plan.accord.told)
    changed = replace(
        plan.accord,
        games=tuple(
            replace(one, saved=one.saved.assign(saved=123_456.0)) if one is game_told else one
            for one in plan.accord.games
        ),
    )
    before = " ".join(accord_words.findings(plan.accord, {}))
    after = " ".join(accord_words.findings(changed, {}))
    assert "123\u202f000 men" in after
    assert "123\u202f000 men" not in before


def test_who_would_leave_and_when_follows_the_money_of_each_year(plan):
    text = accord_words.of_leaving(plan.accord, {"MLI": "Mali"})
    for one in plan.accord.leaving:
        assert one.gain > 0
        assert one.coalition <= set(plan.theatre.members)
    nobody = accord_words.of_leaving(replace(plan.accord, leaving=()), {})
    assert nobody.startswith("By the money of each year no member would leave")
    assert ("at once" in text) == any(one.year == 0 for one in plan.accord.leaving)
