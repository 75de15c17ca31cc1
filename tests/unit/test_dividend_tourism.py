"""Tourism by hand, on a strip of nine cells of 50 km with a trunk road all along."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from tests import tourism_world as strip

from vallum.dividend import tourism_access
from vallum.dividend.model import Timing
from vallum.dividend.tourism import attacks_near, regained_share, tourism, trips_of
from vallum.dividend.tourism_access import access
from vallum.errors import InputError
from vallum.threat.movement import MovementSettings, hours_per_km


def made(held=(3, 4, 5), **given):
    return tourism(strip.theatre(), strip.threat(), strip.land(held, **given))


def row(stream, site):
    return stream.tables["sites"].set_index("site").loc[site]


def test_ways_hours_and_held_share():
    theatre = strip.theatre()
    found = access(theatre, strip.threat(), strip.land((3, 4, 5)))
    table = found.sites.set_index("site")
    pace = hours_per_km(theatre, "four_by_four", settings=MovementSettings()).hours_per_km[0, 0]
    assert table["airport"].to_dict() == {
        "near": "door", "far": "door", "bare": "door", "beta": "Town",
    }  # fmt: skip
    assert table["way_km"].to_dict() == {"near": 100, "far": 250, "bare": 50, "beta": 100}
    np.testing.assert_allclose(table["hours"], table["way_km"] * pace)
    assert table.loc["far", "held_share"] == pytest.approx(125 / 250)  # 25 + 50 + 50 of its km
    assert table.loc["near", "held_share"] == 0


def test_the_worst_hundred_kilometres():
    # attacks per 100 km are twice a cell's: 0, 2, 1, 4, 0, 8, 6, 2, 0
    stream = made()
    assert row(stream, "near")["attacks_before"] == pytest.approx((25 * 1 + 50 * 2) / 100)
    # to "far": 25 km of 8, 50 of 0, 50 of 4: the first 125 km are the worst
    assert row(stream, "far")["attacks_before"] == pytest.approx(400 / 125)
    assert row(stream, "far")["attacks_after"] == pytest.approx(200 / 125)
    # to "beta", by its largest town: 25 km of 6, 50 of 2, 25 of 0, none of it held
    assert row(stream, "beta")["attacks_before"] == pytest.approx(2.5)
    assert row(stream, "beta")["attacks_after"] == pytest.approx(2.5)
    assert row(stream, "beta")["cut_needed"] == pytest.approx(1 - 2 / 2.5)


def test_another_stretch_may_be_the_worst_once_the_worst_is_held():
    held, outside = np.array([[8.0, 0.0]]), np.array([[0.0, 3.0]])
    found = attacks_near(held, outside, np.array([[0.0, 1.0]]), np.array([[1.0, 1.0], [0.25, 2.0]]))
    assert found.tolist() == [[8.0], [7.0]]  # 8 against 4; then 2 against 6 + 1


def test_money_of_a_site_that_opens():
    stream = made()
    assert (stream.kind, stream.parties) == ("tourism", ("AAA", "BBB"))
    money = stream.yearly(strip.own(stream))
    assert money.shape == (1, 2, 3)
    # 0.6 of 1000 at the peak, less 100 of late: 500 journeys of 100 USD, half of which stays
    back = 1 - 10 ** (-np.array([0.5, 1.5]) / 8)
    np.testing.assert_allclose(money[0, 0], [0, *(500 * 100 * 0.5 * back)])
    assert not money[0, 1].any()
    table = stream.tables["sites"].set_index("site")
    assert table.loc["far", "gain_usd_yr"] == pytest.approx(money[0, 0, -1])
    assert table["gain_usd_yr"].sum() == pytest.approx(money[0, :, -1].sum())


def test_why_a_site_brings_nothing_is_said():
    stream = made()
    why = stream.tables["sites"].set_index("site")["why_not"]
    assert why["far"] == ""
    assert "already" in why["near"]
    assert "already" in why["bare"]  # before it is asked for a peak
    assert "more attacks" in why["beta"]
    text = " ".join(stream.said)
    assert "It opens Far." in text
    assert "Without a documented peak, and so worth nothing here: Bare." in text
    assert "3 of 4" not in text
    assert "2 of 4 heritage sites and parks can be reached safely today, and 3 with" in text


def test_no_peak_no_way_and_no_price():
    some = [one for one in strip.VISITS if one[0] != "far"]
    quiet = tourism(strip.theatre(visits=some), strip.threat(), strip.land((3, 4, 5)))
    assert row(quiet, "far")["why_not"] == "no documented peak"
    dear = [one for one in strip.ECONOMY if one[0] != "AAA"]
    free = tourism(strip.theatre(economy=dear), strip.threat(), strip.land((3, 4, 5)))
    assert "spending" in row(free, "far")["why_not"]
    theatre = strip.theatre()
    theatre.ground["state"][0, 4] = 2  # a third state lies across the way
    theatre.countries.loc["CCC"] = "flank"
    cut = tourism(theatre, strip.threat(), strip.land((3, 5)))
    assert "no way" in row(cut, "far")["why_not"]
    assert np.isnan(row(cut, "far")["hours"])
    for stream in (quiet, free, cut):
        assert not stream.yearly(strip.own(stream)).any()


def test_a_theatre_without_figures_brings_nothing_and_says_so():
    bare = tourism(strip.theatre(visits=[], economy=[]), strip.threat(), strip.land((3, 4, 5)))
    assert not bare.yearly(strip.own(bare)).any()
    assert any("Without a documented peak" in one for one in bare.said)
    none = tourism(strip.theatre(sites=strip.SITES[:1]), strip.threat(), strip.land((3, 4, 5)))
    assert none.yearly(strip.own(none)).shape == (1, 2, 3)
    assert none.said == ("The theatre has no heritage sites or parks on members' land.",)


def test_recent_visitors_that_nobody_counted_fall_as_the_state():
    # BBB has a tenth of its peak: 40 of beta's 400; all of its way is held now
    stream = made(held=(6, 7, 8))
    assert row(stream, "beta")["recent"] == pytest.approx(40)
    money = stream.yearly(strip.own(stream))[0, 1]
    assert money[2] == pytest.approx((240 - 40) * 200 * 0.25 * (1 - 10 ** (-1.5 / 8)))


def test_a_state_regains_no_more_than_its_documented_total():
    few = [one for one in strip.VISITS if one[0] != "all"]
    few += [("all", "AAA", "peak_visitors", 90.0, 90.0, 90.0)]
    stream = tourism(strip.theatre(visits=few), strip.threat(), strip.land((3, 4, 5)))
    money = stream.yearly(strip.own(stream))[0, 0]
    assert money[2] == pytest.approx(90 * 100 * 0.5 * (1 - 10 ** (-1.5 / 8)))


def test_attacks_that_move_may_close_a_way():
    # "far" has 3.2 today; with 3.5 borne and twice the attacks outside, it closes
    stream = made(held=(8,), outside=2.0)
    values = strip.put(stream, strip.own(stream), access_attacks=3.5)
    money = stream.yearly(values)[0, 0]
    # 100 visitors of late are lost as soon as the line works
    np.testing.assert_allclose(money, [0.0, -100 * 100 * 0.5, -100 * 100 * 0.5])


def test_neighbours_attacks_are_kept_apart():
    theatre = strip.theatre()
    theatre.countries.loc["BBB"] = "flank"
    change = strip.land((5,)).change.assign(BBB_before=1.0, BBB_after=3.0)
    held = strip.land((5,))
    object.__setattr__(held, "change", change)
    found = access(theatre, strip.threat(), held)
    assert not found.neighbours.any()  # cells of 50 km: none of BBB's is near the way
    fine = tourism_access._near(np.array([[0.0, 0.0, 9.0, 0.0]]), 20.0)  # noqa: SLF001
    # 9 attacks in a cell of 400 km²; of five cells of the disc, three lie on a grid of one row
    np.testing.assert_allclose(fine[0, 1:], 9 / (3 * 400) * 5000 * np.array([1, 1, 1.5]))
    assert fine[0, 0] == 0


def test_journeys_are_fewer_than_visits():
    gap = np.array([[40.0, 30.0, 20.0, 7.0]])
    party = np.array([0, 0, 0, 1])
    most = np.array([np.inf, np.inf, np.inf])
    assert trips_of(gap, party, np.array([2.0]), most).tolist() == [[45.0, 7.0, 0.0]]
    assert trips_of(gap, party, np.array([5.0]), most).tolist() == [[40.0, 7.0, 0.0]]
    assert trips_of(gap, party, np.array([1.0]), np.array([50.0, 5.0, 1.0])).tolist() == [
        [50.0, 5.0, 0.0]
    ]


def test_recovery_by_hand():
    got = regained_share(Timing(4, np.array([0.5, 1.0, 1.0, 0.25])), np.array([2.0]))[0]
    q = 10 ** (-1 / 2)
    halves = [1 - q**0.5, 1 - q**1.5, 1 - q**2.5]
    want = [0.5 * halves[0], 0.5 * (halves[0] + halves[1]), 0.5 * (halves[1] + halves[2]), 0.25]
    np.testing.assert_allclose(got, want)
    # nine tenths after the years asked for
    long = regained_share(Timing(9, np.ones(9)), np.array([8.0, 1e-12]))
    assert long[0, 8] == pytest.approx(1 - 10 ** (-8.5 / 8))
    np.testing.assert_allclose(long[1], 1.0)


def test_values_of_a_wrong_shape_are_refused():
    stream = made()
    with pytest.raises(InputError, match="columns"):
        stream.yearly(np.ones((3, 2)))


def test_assumptions_have_ranges_and_sources():
    stream = made()
    keys = [one.key for one in stream.assumptions]
    assert "dividend.tourism_value_share_BBB" not in keys  # no range: nothing to draw
    assert "dividend.tourism_outside_change" not in keys
    for one in stream.assumptions:
        assert one.key.startswith("dividend.tourism_")
        assert one.low < one.high
        assert one.low <= one.value <= one.high
        assert one.source.startswith(("judgement: ", "http"))


def test_the_way_is_the_one_that_the_hours_are_of():
    rng = np.random.default_rng(7)
    ground = rng.uniform(0.01, 0.1, (9, 11))
    ground[rng.random(ground.shape) < 0.2] = np.inf
    ground[0, 0] = ground[8, 10] = 0.05
    hours = tourism_access.travel_time(ground, np.array([[0, 0]]), cell_km=10.0)
    for place in zip(*np.nonzero(np.isfinite(hours)), strict=True):
        way = tourism_access._traced(hours, ground, (int(place[0]), int(place[1])), 10.0)  # noqa: SLF001
        cells = np.array(np.unravel_index(way.cells, ground.shape)).T
        steps = np.hypot(*np.diff(cells, axis=0).T) * 10.0
        pace = ground[tuple(cells.T)]
        took = (steps * (pace[1:] + pace[:-1]) / 2).sum()
        assert took == pytest.approx(hours[place])
        assert tuple(cells[-1]) == (0, 0)
        if steps.size:
            assert way.km.sum() == pytest.approx(steps.sum())


def test_the_sahels_sites(sahel):
    held = np.zeros(sahel.grid.shape, bool)
    rows = np.full(sahel.grid.shape, 0.001)
    land = strip.land(())
    for name, value in (("held", held), ("outside", sahel.member_mask)):
        object.__setattr__(land, name, value)
    stream = tourism(sahel, SimpleNamespace(cells=rows), land)
    table = stream.tables["sites"]
    assert set(stream.parties) == {"MRT", "MLI"}
    assert table["airport"].ne("").all()
    assert table["hours"].between(0, 48).all()
    known = set(table.loc[table["peak"].notna(), "site"])
    assert known == {"timbuktu", "djenne", "bandiagara", "adrar_atar"}
    assert (table["recent"].dropna() < table["peak"][table["recent"].notna()]).all()
    assert not stream.yearly(strip.own(stream)).any()
