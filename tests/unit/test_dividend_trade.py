"""Trade on safer roads, by hand: one road, two states, and the rest of the world."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from tests.trade_world import GRID, land, theatre, threat

from vallum.dividend.commerce import ASSUMPTIONS, costs, trade
from vallum.dividend.corridors import corridors
from vallum.dividend.roads import attacks, network, risk, way
from vallum.dividend.tradeuses import uses_of
from vallum.dividend.tradeworld import flows_of, real_income, surrogate
from vallum.errors import InputError

MIDS = np.array([[one.value for one in ASSUMPTIONS]])


def test_the_road_is_as_long_and_as_slow_as_it_is():
    roads = network(theatre())
    made = way(roads, np.array([-150e3, 5e3]), np.array([150e3, 5e3]), roads.hours)
    assert made.reached
    assert made.km == pytest.approx(300.0)
    assert made.hours == pytest.approx(300.0 / 65.0)  # a trunk road: 65 km/h in movement.toml
    assert roads.km.max() <= GRID.cell_km / 2 + 1e-9


def test_a_corridor_without_a_road_runs_straight():
    roads = network(theatre(road=False))
    assert roads.km.sum() == pytest.approx(300.0, rel=1e-6)


def test_no_roads_no_way():
    roads = network(theatre(road=False, corridor=False))
    assert not len(roads.km)
    assert not way(roads, np.zeros(2), np.ones(2), roads.hours).reached


def test_costs_that_do_not_fit_are_refused():
    roads = network(theatre())
    with pytest.raises(InputError, match="cost"):
        way(roads, np.zeros(2), np.ones(2), np.ones(1))
    with pytest.raises(InputError, match="cost"):
        way(roads, np.zeros(2), np.ones(2), -np.ones_like(roads.km))


def test_the_least_cost_way_turns_from_danger():
    world = theatre(level=3)
    north = world.routes.iloc[[0]].copy()
    points = [(-150e3, 5e3), (-150e3, 45e3), (150e3, 45e3), (150e3, 5e3)]
    north.geometry = [shapely.LineString(points)]
    world.routes = gpd.GeoDataFrame(pd.concat([world.routes, north]), crs=world.routes.crs)
    roads = network(world)
    ends = np.array([-150e3, 5e3]), np.array([150e3, 5e3])
    assert way(roads, *ends, roads.hours).km == pytest.approx(300.0)
    cells = np.zeros(GRID.shape)
    cells[4] = 10.0  # the straight road's row
    danger = attacks(roads, cells, GRID.cell_km)
    assert way(roads, *ends, roads.hours + danger).km == pytest.approx(380.0)


def test_attacks_fall_on_held_land_only():
    before, after = risk(theatre(), threat(), land(0.5))
    assert np.all(before == 0.5)
    assert np.all(after[:, 2:8] == 0.25)
    assert np.all(after[:, :2] == 0.5)
    assert np.all(after[:, 8:] == 0.5)


def test_attacks_of_single_draws():
    some = land(0.5)
    some.change.loc[1, "held_after"] = 0.0
    _, after = risk(theatre(), threat(), some, np.array([0, 1]))
    assert after.shape == (2, *GRID.shape)
    assert after[0, 0, 3] == 0.25
    assert after[1, 0, 3] == 0.0


def test_attacks_along_the_corridor():
    (one,) = corridors(theatre(), threat(), land(0.5))
    assert one.km == pytest.approx(300.0)
    # half an attack a year per 20 km: 7.5; held from x = -150 to -40 km: 2.75 of them
    assert one.attacks.sum() == pytest.approx(7.5)
    assert one.attacks[0] == pytest.approx(2.75)
    assert one.held_share == pytest.approx(110 / 300)
    assert one.gates == 1
    assert one.freight_t_yr == 100_000.0
    assert one.usd_tkm == pytest.approx(0.15)  # AAA's 0.2 and 0.1 where there is no figure


def test_costs_by_hand():
    (one,) = corridors(theatre(), threat(), land(0.5))
    factor = np.ones((1, len(one.attacks)))
    factor[0, 0] = 0.5  # 7.5 attacks become 6.125
    made = costs((one,), factor, MIDS)[0, 0]
    freight = 0.175 * 0.3 * 0.1 * (6.125 / 7.5 - 1.0) / 1.1  # the corridor is the mean danger
    lost = 0.2 * (6.125 - 7.5) * 25.0 / 100_000.0
    waited = 2.0 / 24.0 * 0.0145
    assert made == pytest.approx(freight + lost + waited)


def test_no_change_of_danger_changes_nothing():
    stream = trade(theatre(), threat(), land(1.0, held_from=0, held_to=0))
    values = np.array([[one.value for one in stream.assumptions]])
    assert np.all(stream.yearly(values) == 0.0)


def test_the_stream():
    stream = trade(theatre(), threat(), land(0.0, held_from=0, held_to=10))
    assert stream.kind == "trade"
    assert stream.parties == ("AAA", "BBB")
    values = np.array([[one.value for one in stream.assumptions]] * 3)
    values[:, 5] = 0.0  # no wait at gates
    values[1, 0] = 1.0
    money = stream.yearly(values)
    assert money.shape == (3, 2, 4)
    assert np.all(money[:, :, 0] == 0.0)
    assert np.all(money[0, :, 1] * 2 == money[0, :, 2])  # half the line covered
    assert np.all(money[0, :, 2] > 0)
    assert set(stream.tables) == {"corridors", "pairs", "states"}
    table = stream.tables["corridors"]
    assert table["risk_after"].iloc[0] < table["risk_before"].iloc[0]
    assert table["usd_t_before"].iloc[0] == pytest.approx(45.0)  # 0.15 USD/t/km over 300 km


def test_the_line_may_cost_more_than_it_saves():
    stream = trade(theatre(), threat(1e-6), land(0.5))
    values = np.array([[one.value for one in stream.assumptions]])
    assert np.all(stream.yearly(values)[0, :, -1] < 0)


def test_goods_beyond_the_neighbours_use_the_corridor_to_the_coast():
    world = theatre()
    states, flows = flows_of(world)
    laid = corridors(world, threat(), land())
    uses, shares = uses_of(world, states, flows, laid)
    assert [one.name for one in uses] == ["AAA-BBB", "AAA export", "AAA import"]
    assert [one.key for one in shares] == [
        "dividend.trade_road_share",
        "dividend.trade_export_share_aaa",
        "dividend.trade_import_share_aaa",
    ]
    assert np.argwhere(uses[1].mask).tolist() == [[0, 2]]
    assert np.argwhere(uses[2].mask).tolist() == [[2, 0]]
    both = theatre(coasts=("AAA", "BBB"))
    assert [one.name for one in uses_of(both, states, flows, laid)[0]] == ["AAA-BBB"]


def test_a_corridor_that_leaves_the_grid_leads_to_a_port():
    world = theatre(coasts=())
    states, flows = flows_of(world)
    laid = corridors(world, threat(), land())
    assert [one.name for one in uses_of(world, states, flows, laid)[0]] == ["AAA-BBB"]
    world.corridors.loc[1, "lon"] += 2.0  # 200 km further east, beyond the grid's edge
    names = [one.name for one in uses_of(world, states, flows, laid)[0]]
    assert names == ["AAA-BBB", "AAA export", "AAA import"]


def test_sales_at_home_follow_from_shares():
    states, flows = flows_of(theatre())
    assert states == ("AAA", "BBB", "ROW")
    assert flows[0, 0] == pytest.approx(400e6 * 0.7 / 0.3)
    assert flows[1, 1] == pytest.approx(500e6 * 4.0)  # 0.8 where there is no figure


@pytest.mark.parametrize("what", ["trade", "corridors", "draws"])
def test_what_is_lacking_is_said(what):
    world, some = theatre(corridor=what != "corridors"), land()
    if what == "trade":
        world.trade = world.trade.iloc[:0]
    if what == "draws":
        some = land(draws=0)
    stream = trade(world, threat(), some)
    assert stream.said
    assert stream.assumptions == ()
    assert not stream.yearly(np.zeros((2, 0))).any()


def test_the_stand_in_is_within_one_percent():
    _, flows = flows_of(theatre())
    masks = [np.zeros_like(flows) for _ in range(2)]
    masks[0][0, 1] = masks[0][1, 0] = 1.0
    masks[1][0, 2] = masks[1][2, 0] = 1.0
    made = surrogate(flows, masks, 4.0, 8.0)
    rng = np.random.default_rng(3)
    for change in (0.01, 0.03):
        moved = rng.uniform(-change, change, (40, 2))
        elasticity = rng.uniform(4.0, 8.0, 40)
        told = made.at(elasticity, moved)
        true = np.array(
            [real_income(flows, masks, e, row) for e, row in zip(elasticity, moved, strict=True)]
        )
        assert np.abs(told - true).max() <= 0.01 * np.abs(true).max()


def test_twenty_thousand_draws_take_seconds():
    stream = trade(theatre(), threat(), land())
    values = np.array([[one.value for one in stream.assumptions]] * 20_000)
    assert stream.yearly(values).shape == (20_000, 2, 4)
    assert np.array_equal(stream.yearly(values[:3]), stream.yearly(values)[:3])
