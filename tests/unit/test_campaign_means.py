"""What the same money would do otherwise, and what an attack costs, by hand."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from vallum.campaign import harm as harms
from vallum.campaign.harm import deaths_per_attack, displaced_per_attack, harm, lost_per_attack
from vallum.campaign.means import alternatives, bought, guarded, met
from vallum.campaign.means_figures import RANGES, MeansFigures, figures_at, ledger, men_per_1000
from vallum.campaign.model import World
from vallum.campaign.published import compare
from vallum.errors import InputError

MIDS = figures_at(None, None)
MONEY = {
    "cost_usd_yr": 1e6, "held_km2": 1000.0, "man_usd_yr": 10_000.0, "men_now_per_1000": 2.0,
}  # fmt: skip
NAMES = ["nothing", "line", "reserves", "policing", "towns", "development"]


def world(**entries):
    """Two bases, three targets (two held, one outside) and two ways in: a line and a flank."""
    bases = pd.DataFrame({"iso3": ["BBB", "AAA", "AAA"], "inside": [False, False, True]})
    targets = pd.DataFrame(
        {
            "iso3": ["AAA", "AAA", "AAA"], "side": ["held", "held", "outside"],
            "people": [40_000.0, 10_000.0, 5_000.0], "output_usd_yr": [8e6, 2e6, 1e6],
        }
    )  # fmt: skip
    ways = {
        "kind": ["line", "flank"], "p_n": [0.5, math.nan], "length_km": [50.0, 30.0],
        "forts": [3.0, 0.0],
    } | entries  # fmt: skip
    into = np.array([[10.0, 5.0, math.inf], [20.0, math.inf, math.inf]])
    return World(
        bases, targets, pd.DataFrame(ways), np.zeros((3, 3)), np.zeros((3, 2)), into, 1.0, (12,)
    )


def played(where=None, figures=MIDS, **money):
    means = alternatives(
        world() if where is None else where, **(MONEY | money),
        line_stop=np.array([0.6, 0.0]), line_phase=np.array([1, 2]), phases=2, figures=figures,
    )  # fmt: skip
    return {one.name: one for one in means}


def test_equal_cost_is_exact():
    for figures in (MIDS, figures_at(4, 2)):
        rows = bought(1_234_567.0, 17_136.0, figures)
        assert list(rows) == NAMES[2:]
        for row in rows.values():
            assert row.number * row.price_usd_yr == pytest.approx(1_234_567.0, rel=1e-12)


@pytest.mark.parametrize("men", [0.0, 30.0, 170.0, 200.0, 500.0, 12_345.0])
def test_garrisons_use_all_men(men):
    people = np.array([10_000.0, 40_000.0, 0.0])
    size = MIDS.garrison_men + MIDS.garrison_per_1000 * people / 1000
    assert (guarded(people, men, MIDS) * size).sum() == pytest.approx(men)


def test_the_largest_town_is_guarded_first():
    people = np.array([10_000.0, 40_000.0])  # garrisons of 130 and 160 men
    assert guarded(people, 160.0 + 65.0, MIDS).tolist() == [0.5, 1.0]
    assert guarded(people, 290.0 + 80.0, MIDS).tolist() == [1.0, 1.5]
    assert guarded(np.array([]), 5.0, MIDS).size == 0


def test_all_means_have_their_shapes_and_do_no_more_than_they_say():
    means = played()
    assert list(means) == NAMES
    for name, one in means.items():
        assert one.stop_way.shape == (2, 3)
        assert one.origin_factor.shape == (3,)
        assert one.resident_factor.shape == one.stop_target.shape == (3,)
        assert not one.stop_way.flags.writeable
        assert one.resident_factor[2] == 1.0  # land that is not held
        assert one.stop_target[2] == 0.0
        if name != "line":
            assert one.covered_phase.tolist() == [2, 2]
            assert not one.stop_entry.any()
            assert not one.forts.any()
    assert means["line"].stop_entry.tolist() == [0.6, 0.0]
    assert means["line"].covered_phase.tolist() == [1, 2]
    assert means["line"].forts.tolist() == [3.0, 0.0]
    assert not means["line"].stop_way.any()


def test_reserves_by_hand():
    figures = replace(
        MIDS, patrol_men=10.0, patrol_price=1.0, patrol_moving=0.5, sweep_km=2.0, patrol_kmh=10.0,
        resident_h=2.0, patrol_odds=0.8,
    )  # fmt: skip
    # 1e6 / (10 men x 10,000) = 10 patrols, 5 on the move, 100 km²/h of 1,000: 0.1 per hour
    got = played(figures=figures)["reserves"]
    odds = 0.8 * 0.5
    want = odds * (1 - math.exp(-1.0))
    assert got.stop_way[0, 0] == pytest.approx(want)
    assert got.stop_way[0, 1] == pytest.approx(odds * (1 - math.exp(-0.5)))
    assert got.stop_way[1, 0] == pytest.approx(odds * (1 - math.exp(-2.0)))
    assert got.stop_way[1, 1] == got.stop_way[0, 2] == 0.0  # no such way
    assert got.resident_factor[:2] == pytest.approx(1 - odds * (1 - math.exp(-0.2)))


def test_random_search_is_what_random_searchers_find():
    figures = replace(MIDS, patrol_moving=1.0, sweep_km=1.0, patrol_kmh=1.0)
    rng = np.random.default_rng(1)
    # 3 patrols look for 20 h at a random square km of 100 each hour
    seen = rng.integers(0, 100, (20_000, 60)) == 0
    assert met(3.0, np.array([20.0]), 100.0, figures)[0] == pytest.approx(
        seen.any(axis=1).mean(), abs=0.015
    )


def test_without_a_line_a_response_wins_as_the_figures_say():
    got = played(world(kind=["flank", "flank"]))["towns"]
    line = played(world(p_n=[MIDS.wins, 0.1]))["towns"]
    assert got.stop_target == pytest.approx(line.stop_target)


def test_policing_by_hand():
    figures = replace(MIDS, police_elasticity=0.5, police_outside=0.4)
    got = played(figures=figures)["policing"]  # 100 men to 50,000 people: 2 more per 1,000
    factor = 2.0**-0.5
    assert got.resident_factor == pytest.approx([factor, factor, 1.0])
    assert got.stop_target == pytest.approx([0.4 * (1 - factor)] * 2 + [0.0])
    none = played(figures=replace(figures, police_elasticity=0.0))["policing"]
    assert (none.resident_factor == 1.0).all()


def test_towns_by_hand():
    figures = replace(MIDS, garrison_men=10.0, garrison_per_1000=1.0, garrison_odds=0.8,
                      town_share=0.3)  # fmt: skip
    got = played(figures=figures)["towns"]  # 100 men: 50 and 20, and 30 of 50 in a second round
    first = 0.3 * (1 - 0.6**1.6)
    assert got.stop_target == pytest.approx([first, 0.3 * 0.4, 0.0])
    assert got.resident_factor == pytest.approx([1 - first, 0.88, 1.0])


def test_development_by_hand():
    figures = replace(MIDS, development_reaches=0.5, development_elasticity=2.0,
                      development_origin=0.25)  # fmt: skip
    got = played(figures=figures)["development"]  # half a million on 10 million: 5 %
    factor = 1.05**-2
    assert got.resident_factor == pytest.approx([factor, factor, 1.0])
    assert got.origin_factor == pytest.approx([1.0, 1 - 0.25 * (1 - factor), factor])
    harmful = played(figures=replace(figures, development_elasticity=-2.0))["development"]
    assert harmful.resident_factor[0] == pytest.approx(1.05**2)
    assert (played()["development"].resident_factor == 1.0).all()  # the mid


def test_money_beyond_what_studies_speak_of_changes_nothing_more():
    much, more = (played(cost_usd_yr=usd) for usd in (1e9, 2e9))
    figures = replace(MIDS, development_elasticity=-10.0)
    harmful = played(figures=figures, cost_usd_yr=1e9)["development"]
    assert much["policing"].resident_factor[0] == pytest.approx(3.0**-0.3)
    assert more["policing"].resident_factor[0] == much["policing"].resident_factor[0]
    assert harmful.resident_factor[0] == pytest.approx(1.05**10)


def test_no_money_does_nothing():
    means = played(cost_usd_yr=0.0)
    for name in NAMES[2:]:
        for field in fields(means[name])[3:]:
            got, none = getattr(means[name], field.name), getattr(means["nothing"], field.name)
            assert np.array_equal(got, none), (name, field.name)


def test_all_faults_are_told_at_once():
    with pytest.raises(InputError) as told:
        alternatives(
            world(), cost_usd_yr=-1.0, held_km2=0.0, man_usd_yr=math.nan, men_now_per_1000=0.0,
            line_stop=np.zeros(3), line_phase=np.zeros(1, np.int64), phases=0, figures=MIDS,
        )  # fmt: skip
    assert len(told.value.faults) == 7


def test_draws_keep_to_their_ranges_and_to_their_number():
    assert figures_at(7, 3) == figures_at(7, 3)
    assert figures_at(7, 3) != figures_at(7, 4)
    assert figures_at(8, 3) != figures_at(7, 3)
    assert {field.name for field in fields(MeansFigures)} == set(RANGES)
    drawn = [figures_at(7, number) for number in range(200)]
    for name, (_, one) in RANGES.items():
        values = np.array([getattr(figures, name) for figures in drawn])
        assert one.low <= values.min() < values.max() <= one.high
        assert values.mean() == pytest.approx(one.mean, abs=4 * one.sd / math.sqrt(200))


def test_the_ledger_names_its_sources():
    rows = ledger()
    assert [row.key for row in rows] == [f"campaign.means.{name}" for name in RANGES]
    for row in rows:
        assert row.low <= row.value <= row.high
        assert "judgement: " in row.source or "http" in row.source
    row = {row.key: row for row in rows}["campaign.means.police_elasticity"]
    assert row.low == 0.0  # it may do nothing
    row = {row.key: row for row in rows}["campaign.means.development_elasticity"]
    assert row.low < 0 == row.value < row.high  # it may do harm


def theatre(**tables):
    counts = pd.DataFrame(columns=["iso3", "region", "year", "month", "events", "deaths"])
    given = {
        "events_year": counts, "events_month": counts, "members": ("AAA", "BBB"),
        "forces": pd.DataFrame(
            {"state": ["AAA", "BBB", "AAA"], "item": ["men", "men", "medics"],
             "mode": [3000.0, 1000.0, 9.0]}
        ),
        "countries": pd.DataFrame(
            {"people": [1_000_000, 3_000_000, 50], "gdp_usd": [1e9, 6e9, math.nan]},
            index=["AAA", "BBB", "CCC"],
        ),
    } | tables  # fmt: skip
    return SimpleNamespace(**given)


def test_men_now_are_the_members_soldiers_per_1000():
    assert men_per_1000(theatre(), MIDS) == pytest.approx(1.0)
    assert men_per_1000(theatre(members=("AAA",)), MIDS) == pytest.approx(3.0)
    assert men_per_1000(theatre(members=("AAA", "CCC")), MIDS) == MIDS.men_now_per_1000


def rows(*counts):
    return pd.DataFrame(counts, columns=["iso3", "year", "events", "deaths"])


def test_deaths_are_pulled_to_the_pooled_mean():
    # pooled 300 / 100 = 3
    got, spread = deaths_per_attack(
        rows(("AAA", 2019, 60, 120.0), ("AAA", 2020, 20, 20.0), ("BBB", 2020, 20, 160.0))
    )
    assert got[""] == 3.0
    assert got["AAA"] == pytest.approx((140 + 20 * 3) / 100)
    assert got["BBB"] == pytest.approx((160 + 20 * 3) / 40)
    assert spread == pytest.approx((2 / 3, 1.0, 180 / 40 / 3))


def test_without_events_nothing_is_known_of_deaths():
    assert deaths_per_attack(rows()) == ({"": 0.0}, (0.5, 1.0, 2.0))


def test_displaced_is_the_published_count_over_events_of_the_same_year():
    got, spread = displaced_per_attack(rows(("BFA", 2019, 200, 0.0), ("MLI", 2013, 100, 0.0),
                                            ("BFA", 2021, 999, 0.0)))  # fmt: skip
    pooled = (513_000 + 123_000) / 300
    assert got[""] == pytest.approx(pooled)
    assert got["BFA"] == pytest.approx((513_000 + 20 * pooled) / 220)
    assert spread == pytest.approx((1230 / pooled, 1.0, 2565 / pooled))
    assert displaced_per_attack(rows(("AAA", 2019, 9, 9.0)))[0] == {"": harms.ELSEWHERE}


def test_harm_counts_a_month_only_where_its_year_is_not_counted():
    year = pd.DataFrame({"iso3": ["AAA"], "year": [2020], "events": [20], "deaths": [40.0]})
    month = pd.DataFrame(
        {"iso3": ["AAA", "AAA"], "year": [2020, 2026], "month": [1, 1], "events": [9, 20],
         "deaths": [999.0, 80.0]}
    )  # fmt: skip
    regions = pd.DataFrame({"iso3": ["AAA", "AAA"], "events_yr": [1.0, 3.0],
                            "lost_usd_per_event": [1000.0, 2000.0]})  # fmt: skip
    threat = SimpleNamespace(regions=regions, lost_per_event=(700.0, 3200.0, 9700.0))
    ground = theatre(events_year=year, events_month=month)
    made, told, ranges = harm(ground, threat)
    assert made.deaths == {"AAA": 3.0, "": 3.0}
    assert made.lost_usd["AAA"] == 1750.0  # as the threat stage has it
    assert made.lost_usd["BBB"] == pytest.approx(3200 * 2000)
    assert made.lost_usd["CCC"] == 0.0
    assert made.lost_usd[""] == pytest.approx(3200 * 7e9 / 4e6)
    assert ranges["lost_usd"] == pytest.approx((700 / 3200, 1.0, 9700 / 3200))
    assert set(ranges) == {"deaths", "lost_usd", "displaced"}
    by_key = {row.key: row for row in told}
    assert "CCC" in by_key["campaign.harm.lost_usd"].source
    for row in told:
        assert row.low <= row.value <= row.high
        assert row.key.startswith("campaign.harm.")
    assert lost_per_attack(ground, threat)[2] == ("CCC",)


FAR = {"held_arrived": (-0.8, -0.7, -0.5), "held": (-0.5, -0.4, -0.3), "outside": (0.2, 0.3, 0.4),
       "flank_share": (0.1, 0.3, 0.6), "rough_share": (0.1, 0.2, 0.3)}  # fmt: skip


def judged(**other):
    table = compare(**(FAR | other))
    assert list(table) == ["study", "says", "measure", "published", "low", "mid", "high",
                           "consistent", "why"]  # fmt: skip
    assert table["why"].str.endswith(".").all()
    assert not table["why"].str.contains("nan").any()
    return table


def test_a_strong_line_agrees_with_those_who_find_much():
    assert judged()["consistent"].tolist() == [True, True, True, True, False, True]
    assert judged()["published"].tolist()[:3] == [-0.67, -0.41, 0.34]


def test_a_weak_line_agrees_with_those_who_find_little():
    little = (-0.05, -0.02, 0.01)
    table = judged(held_arrived=little, held=little, outside=(0.0, 0.01, 0.02))
    assert table["consistent"].tolist() == [False, False, False, False, True, True]
    assert "ends and gates are open" in table["why"][0]
    closed = judged(held_arrived=little, held=little, flank_share=(0.0, 0.01, 0.02))
    assert "few of those who cross are stopped" in closed["why"][0]
    assert not closed["consistent"][5]


def test_why_says_that_attacks_start_inside_where_only_those_from_outside_fall():
    table = judged(held=(-0.2, -0.15, -0.1))
    assert not table["consistent"][1]
    assert "start inside" in table["why"][1]


def test_rough_ground_turns_the_terrain_study_round():
    assert not judged(rough_share=(0.6, 0.7, 0.8))["consistent"][3]
    assert judged(rough_share=(0.6, 0.7, 0.8), held_arrived=(-0.1, 0.0, 0.1))["consistent"][3]


def test_what_is_not_there_is_not_compared():
    none = (math.nan, math.nan, math.nan)
    table = judged(outside=none, flank_share=none, rough_share=none)
    assert table["consistent"].tolist() == [True, True, False, False, False, False]
    assert table["why"][2].startswith("There is nothing to compare")
