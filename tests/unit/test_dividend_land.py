"""Projects, farming, herding and people left outside, by hand on a strip of nine cells."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests import tourism_world as strip

from vallum.dividend import land as bears
from vallum.dividend.land import farming, herding, journeys_cut, output_secured
from vallum.dividend.outside import outside
from vallum.dividend.projects import held_share, level, projects, worked
from vallum.errors import Fault, InputError
from vallum.theatre import economy

BOTH = frozenset({"AAA", "BBB"})
PEOPLE = np.array([[10.0, 20, 30, 40, 50, 60, 70, 80, 90]])  # 210 in AAA, 240 in BBB
ECONOMY = (
    ("AAA", "services_usd_person", 50.0, 100.0, 150.0),
    ("BBB", "services_usd_person", 20.0, 40.0, 60.0),
    ("AAA", "livestock_usd_head", 100.0, 200.0, 300.0),
    ("AAA", "livestock_head", 1e6, 2e6, 3e6),
    ("AAA", "herding_share", 0.5, 0.6, 0.7),
)
ROAD = (
    ("road", "Road", "r1", "AAA", "capital_usd", 50.0, 100.0, 200.0),
    ("road", "Road", "r1", "BBB", "benefit_usd_yr", 10.0, 20.0, 40.0),
    ("road", "Road", "r1", "all", "build_yr", 1.0, 2.0, 3.0),
    ("road", "Road", "r1", "all", "life_yr", 2.0, 3.0, 4.0),
    ("road", "Road", "r1", "all", "line_share", 0.1, 0.5, 0.9),
)


def world(rows=ROAD, figures=ECONOMY):
    """Make the strip with a road over all nine cells and a river over the last three."""
    made = strip.theatre(visits=[], economy=figures)
    west, y = made.grid.west_m, float(made.grid.y[0])
    x = [west + 50_000.0 * at for at in (0.1, 8.9, 6.1)]
    routes = gpd.GeoDataFrame(
        {"route_id": ["r1"]}, geometry=[shapely.LineString([(x[0], y), (x[1], y)])]
    )
    rivers = gpd.GeoDataFrame(
        {"river": ["Run"]}, geometry=[shapely.LineString([(x[2], y), (x[1], y)])]
    )
    names = ["project", "name", "way", "state", "figure", "low", "mode", "high"]
    table = pd.DataFrame(rows, columns=names).assign(unit="", source="judgement: test")
    made.ground["region"] = (("y", "x"), np.array([[0, 0, 0, 1, 1, 1, 2, 2, 2]]))
    regions = pd.DataFrame({"iso3": ["AAA", "AAA", "BBB"], "name": ["West", "East", "All"]})
    return replace(made, routes=routes, rivers=rivers, projects=table, regions=regions)


def worth():
    """Give each cell 100 of output: 30 by town, 20 by its site where it has a mine."""
    mine = np.array([[0.0, 0, 0, 0, 0, 0, 0, 20, 0]])
    return SimpleNamespace(
        people=PEOPLE, output=np.full((1, 9), 100.0), urban_output=np.full((1, 9), 30.0),
        site_output=mine,
    )  # fmt: skip


def works(closed=(), journeys=None):
    """Let ten herds a year cross a km of line in each cell."""
    each = np.full((1, 9), 10.0) if journeys is None else journeys
    crossed = SimpleNamespace(
        journeys={"herders": each}, low={"herders": 0.5}, high={"herders": 2.0}
    )
    return SimpleNamespace(gates=SimpleNamespace(crossed=crossed, closed=closed))


def holding(held, covered=(0.0, 1.0, 1.0), line_km=0.0, targets=None):
    """Hold columns of the strip."""
    made = strip.land(held, covered=covered)
    object.__setattr__(made, "line_km", line_km)
    if targets is not None:
        object.__setattr__(made, "targets", targets)
    return made


def put(stream, **given_):
    """Give the assumptions' own values, some of them set by the end of their keys."""
    out = strip.own(stream)
    for end, value in given_.items():
        at = [n for n, one in enumerate(stream.assumptions) if one.key.endswith(end)]
        assert len(at) == 1, end
        out[0, at[0]] = value
    return out


def test_a_project_by_hand():
    # three of nine cells of its way held, half of its benefit hangs on the land: a sixth of it all
    stream = projects(world(), holding((0, 1, 2), (0.0, 1.0, 1.0, 1.0, 0.5)), joined=BOTH)
    money = stream.yearly(strip.own(stream))
    # begun in year 1, built in two years, 2 of its 3 years of life within the five counted
    np.testing.assert_allclose(money[0, 0], [0, -50 * 2 / 3 / 6, -50 * 2 / 3 / 6, 0, 0])
    np.testing.assert_allclose(money[0, 1], [0, 0, 0, 20 / 6, 0.5 * 20 / 6])
    assert stream.parties == ("AAA", "BBB")
    assert stream.tables["projects"]["held_share"].tolist() == pytest.approx([1 / 3] * 2)


def test_what_moves_a_project():
    stream = projects(world(), holding(range(9), (1.0,) * 8), joined=BOTH)
    money = stream.yearly(
        put(stream, project_capital=1.0, project_benefit=-1.0, project_build=-1.0)
    )
    np.testing.assert_allclose(money[0, 0], [-100, 0, 0, 0, 0, 0, 0, 0])  # 200 · 0.5 in one year
    np.testing.assert_allclose(money[0, 1], [0, 5, 5, 5, 0, 0, 0, 0])  # 10 · 0.5 for three years
    half = stream.yearly(put(stream, project_build=-0.5))[0]  # a year and a half
    np.testing.assert_allclose(half[0, :3], [-50 / 1.5, -25 / 1.5, 0])
    np.testing.assert_allclose(half[1, :6], [0, 5, 10, 10, 5, 0])
    with pytest.raises(InputError, match="years"):
        stream.yearly(put(stream, project_life=-10.0))


def test_a_project_counts_only_if_all_join():
    alone = projects(world(), holding((0, 1, 2)), joined=frozenset({"AAA"}))
    assert not alone.yearly(strip.own(alone)).any()
    assert alone.assumptions == ()
    assert "not joined by BBB" in alone.tables["projects"]["why_not"].iloc[0]


def test_a_project_without_a_figure_or_a_held_way_says_so():
    lame = projects(world(rows=ROAD[:-1]), holding((0, 1)), joined=BOTH)
    assert "no figure of line_share" in lame.tables["projects"]["why_not"].iloc[0]
    run = [(*row[:2], "Run", *row[3:]) for row in ROAD]
    off = projects(world(rows=run), holding((0, 1)), joined=BOTH)
    assert "none of its way" in " ".join(off.said)
    assert not off.yearly(strip.own(off)).any()
    none = projects(world(rows=[]), holding((0, 1)), joined=BOTH)
    assert none.said == ("The theatre has no joint projects.",)
    assert none.yearly(np.zeros((2, 0))).shape == (2, 2, 3)


def test_the_share_of_a_way_is_of_members_land():
    theatre = world()
    mask = np.zeros((1, 9), bool)
    mask[0, 6] = True
    assert held_share(theatre, "Run", mask) == pytest.approx(1 / 3)
    assert held_share(theatre, "mine", mask) == 0
    assert held_share(theatre, "mine; Run", mask) == pytest.approx(
        1 / 3
    )  # the mine is on the river
    theatre.countries.loc["BBB"] = "flank"
    assert held_share(theatre, "r1", np.ones((1, 9), bool)) == 1.0  # BBB's part is not asked for
    assert held_share(theatre, "Run", np.ones((1, 9), bool)) == 0.0


def test_places_in_a_range_and_years():
    ends = np.array([[1.0], [2.0], [4.0]])
    assert level(np.array([-1.0, -0.5, 0, 0.5, 1]), ends)[:, 0].tolist() == [1, 1.5, 2, 3, 4]
    got = worked(np.array([0.5]), np.array([2.0]), 4)
    assert got.tolist() == [[0.5, 1.0, 0.5, 0.0]]


def test_ways_that_no_table_knows_are_faults():
    tables = {
        "routes": pd.DataFrame({"route_id": ["r1"]}),
        "sites": pd.DataFrame({"id": ["mine"]}),
        "rivers": pd.DataFrame({"river": ["Run"]}),
    }
    table = pd.DataFrame({
        "project": ["a", "b", "b"], "way": ["r1; mine", "Rum", "Run"],
        "state": ["all", "AAA", "all"], "figure": ["capital_usd", "capital_usd", "build_yr"],
    })  # fmt: skip
    found = economy.faults("projects", table, tables)
    assert [one.found for one in found] == [
        "unknown part 'Rum'", "money of all states together", "2 ways",
    ]  # fmt: skip
    assert isinstance(found[0], Fault)
    assert not economy.faults("projects", world().projects, tables)


def test_output_secured_by_hand():
    held = np.zeros((1, 9), bool)
    held[0, [0, 1, 7]] = True
    table = output_secured(world(), worth(), held).set_index("state")
    # two cells of AAA: 70 each by countrymen, 0.6 of it herding
    np.testing.assert_allclose(table.loc["AAA"], [200, 2 * 70 * 0.4, 2 * 70 * 0.6, 0])
    # BBB has no herding share: 50 of farming beside 20 of the mine
    np.testing.assert_allclose(table.loc["BBB"], [100, 50, 0, 20])


def test_farming_is_a_part_of_the_losses(monkeypatch):
    monkeypatch.setattr(bears, "harm", lambda *_: (None, (), {"lost_usd": (0.5, 1.0, 2.0)}))
    targets = pd.DataFrame({
        "iso3": ["AAA", "AAA", "BBB"], "side": ["held", "outside", "held"],
        "before": [4.0, 9.0, 2.0], "after": [1.0, 1.0, 2.5], "lost_usd_per_attack": [10.0, 10, 10],
    })  # fmt: skip
    stream = farming(world(), worth(), None, holding((0, 1, 7), targets=targets))
    assert not stream.counted
    money = stream.yearly(np.array([[1.0], [2.0]]))
    np.testing.assert_allclose(money[0, 0], [0, 30 * 0.7, 30 * 0.7])  # 70 of 100 of the output
    np.testing.assert_allclose(money[1, 1], [0, -2 * 5 * 0.7, -2 * 5 * 0.7])
    table = stream.tables["secured"].set_index(["state", "sort"])
    assert table.loc[("AAA", "herding"), "averted_usd_yr"] == pytest.approx(30 * 0.42)
    assert table.loc[("AAA", "herding"), "low_usd_yr"] == pytest.approx(70)
    assert table["averted_usd_yr"].sum() == pytest.approx(money[0, :, -1].sum())
    assert "not added again" in stream.said[0]
    none = farming(world(), worth(), None, holding((), targets=targets))
    assert not none.yearly(np.ones((1, 1))).any()


def test_journeys_cut_by_hand():
    # cells 4, 5, 6 held: one side in AAA (cell 4), one in BBB (cell 6)
    each = np.arange(9.0)[None, :]
    cut = journeys_cut(world(), works(journeys=each), holding((4, 5, 6), line_km=100.0))
    assert cut.tolist() == [50 * 4.0, 50 * 6.0]
    assert journeys_cut(world(), works(), holding(range(9), line_km=100.0)).tolist() == [0, 0]
    none = SimpleNamespace(gates=None)
    assert journeys_cut(world(), none, holding((4,), line_km=100.0)).tolist() == [0, 0]


def test_herding_by_hand():
    stream = herding(world(), works(), holding((4, 5, 6), line_km=100.0))
    money = stream.yearly(
        put(stream, herding_head=50.0, days=2.0, day_loss=0.01, turned=0.25, season_loss=0.1)
    )
    # 500 journeys of 50 head of 200 USD: three quarters lose 2 %, a quarter 10 %
    lost = 500 * 50 * 200 * (0.75 * 0.02 + 0.25 * 0.1)
    np.testing.assert_allclose(money[0, 0], [0, -lost, -lost])
    assert not money[0, 1].any()  # BBB's herds have no price
    table = stream.tables["herds"].set_index("state")
    assert table.loc["AAA", "head_passes_yr"] == 500 * 90
    assert np.isnan(table.loc["BBB", "livestock_head"])
    shut = herding(world(), works(closed=("herders",)), holding((4, 5, 6), line_km=100.0))
    money = shut.yearly(put(shut, herding_head=50.0, season_loss=0.1, turned=0.0))
    np.testing.assert_allclose(money[0, 0, -1], -500 * 50 * 200 * 0.1)
    assert "every journey is lost" in " ".join(shut.said)


def test_people_left_outside_by_hand():
    stream = outside(world(), worth(), holding((0, 1, 2, 3)))
    table = stream.tables["people"].set_index(["state", "region"])
    assert table.loc[("AAA", "East")].tolist() == [150, 40, 110]
    assert table.loc[("BBB", "All")].tolist() == [240, 0, 240]
    money = stream.yearly(put(stream, withdrawn=0.5))
    # 100 of AAA's 210 are held: of 110 outside so much of half of 100 USD is withdrawn
    np.testing.assert_allclose(money[0, 0], [0, *[-110 * 0.5 * 100 * 100 / 210] * 2])
    assert not money[0, 1].any()  # BBB holds nobody and withdraws nothing
    assert "110 of 210 people in AAA" in stream.said[0]
    bare = outside(world(figures=[]), worth(), holding((0, 7)))
    assert not bare.yearly(strip.own(bare)).any()
    assert "no money: AAA, BBB" in bare.said[-1]


def every(held, covered=(0.0, 0.5, 1.0)):
    """Make the streams that need no harm."""
    where = holding(held, covered, line_km=100.0 * bool(len(held)))
    return (
        projects(world(), where, joined=BOTH),
        herding(world(), works(), where),
        outside(world(), worth(), where),
    )


def test_no_line_is_worth_nothing():
    for stream in every(()):
        assert not stream.yearly(strip.own(stream)).any()
        assert "No land is held" in stream.said[0]


def test_nothing_covered_is_worth_nothing():
    for stream in every((3, 4, 5), covered=(0.0, 0.0)):
        assert not stream.yearly(strip.own(stream)).any()


@given(st.sets(st.integers(0, 8)), st.integers(0, 8))
def test_more_held_leaves_no_more_people_outside(held, more):
    one, two = (
        outside(world(), worth(), holding(sorted(each))).tables["people"]
        for each in (held, held | {more})
    )
    assert (two["outside"] <= one["outside"]).all()
    for table in (one, two):
        assert table["people"].sum() == pytest.approx(PEOPLE.sum())
        np.testing.assert_allclose(table["held"] + table["outside"], table["people"])


@given(st.sets(st.integers(0, 8), min_size=1), st.integers(0, 2**32 - 1))
def test_signs_and_rows_of_values(held, seed):
    rng = np.random.default_rng(seed)
    for stream in every(sorted(held)):
        low, high = (
            np.array([getattr(one, end) for one in stream.assumptions]) for end in ("low", "high")
        )
        values = low + rng.random((4, len(low))) * (high - low)
        money = stream.yearly(values)
        assert money.shape == (4, 2, 3)
        assert np.isfinite(money).all()
        if stream.kind != "projects":
            assert (money <= 0).all()
        # each row stands for itself, and the same values give the same money
        np.testing.assert_array_equal(money[1:2], stream.yearly(values[1:2]))


def test_assumptions_have_ranges_and_sources():
    for stream in every((3, 4, 5)):
        for one in stream.assumptions:
            assert one.key.startswith(
                ("dividend.project_", "dividend.herding_", "dividend.outside_")
            )
            assert one.low <= one.value <= one.high


def test_the_sahels_projects(sahel):
    held = holding(())
    object.__setattr__(held, "held", sahel.member_mask)
    stream = projects(sahel, held, joined=frozenset(sahel.members))
    table = stream.tables["projects"]
    assert (table["why_not"] == "").all()
    assert table["held_share"].to_numpy() == pytest.approx(1.0)
    assert set(stream.parties) == {"MRT", "MLI"}
    for one in stream.assumptions:
        assert one.source.startswith(("judgement: ", "http"))
