"""Frontiers by hand: three forts, a wall, and what is asked of them."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

import vallum.works
from vallum.errors import BarredError, InfeasibleError, InputError
from vallum.works import Opponent, WorksSettings, frontier, load_catalogue
from vallum.works.catalogue import Catalogue, Item, Mode, Range
from vallum.works.ground.model import Ground, GroundClass
from vallum.works.menu import Frontiers
from vallum.works.sight.model import flat_cover
from vallum.works.sweep import Board, sweep


def sure(value):
    return Range(value, value, value)


def post(key, p_n, upkeep):
    """See every one on foot who passes within 10 km; the response is there at once."""
    return Item(
        id=key, text=key, role="fort", unit="site", ground=frozenset({"sand", "soil"}),
        capital_usd=sure(0.0), life_yr=sure(10.0), upkeep_usd_yr=sure(upkeep), men=sure(0.0),
        detection=sure(1.0), sight_km=MappingProxyType({"foot": sure(10.0)}),
        muster_s=sure(0.0), neutralisation=sure(p_n), rides="foot", spacing_km=(1.0,),
    )  # fmt: skip


def of(*items):
    modes = {"foot": Mode("foot", "on foot", {"sand": sure(4.0), "soil": sure(4.0)})}
    return Catalogue(MappingProxyType({i.id: i for i in items}), MappingProxyType(modes))


FOUR = of(
    post("weak", 0.2, 10), post("fair", 0.5, 20), post("poor", 0.4, 25), post("good", 0.8, 80)
)
ON_FOOT = Opponent(modes=("foot",), covered=False)
SURE = WorksSettings(communication=1, depth_km=1)
SAND = [GroundClass("sand")]


def test_the_beaten_are_dropped_and_the_rest_stand_by_cost():
    found = frontier(FOUR, SAND, ON_FOOT, settings=SURE)
    one = found.classes[0]
    assert [works.id for works in one.compositions] == ["weak@1", "fair@1", "good@1"]
    assert one.cost_usd_km_yr.tolist() == [10, 20, 80]
    assert one.p_e.tolist() == pytest.approx([0.2, 0.5, 0.8])
    assert one.p_i.tolist() == [1, 1, 1]
    assert one.p_n.tolist() == [0.2, 0.5, 0.8]
    assert one.worst.tolist() == [0, 0, 0]
    assert one.options.count == 4


def test_of_equals_the_first_in_the_catalogue_stands():
    twins = of(post("b", 0.5, 20), post("a", 0.5, 20), post("c", 0.5, 20))
    one = frontier(twins, SAND, ON_FOOT, settings=SURE).classes[0]
    assert [works.id for works in one.compositions] == ["b@1"]


def test_a_hair_more_effect_is_worth_no_dollar():
    noise = of(post("a", 0.5, 20), post("b", 0.5 + 1e-14, 30))
    one = frontier(noise, SAND, ON_FOOT, settings=SURE).classes[0]
    assert [works.id for works in one.compositions] == ["a@1"]


def test_closure_is_a_lookup_for_any_shape():
    found = frontier(FOUR, [*SAND, GroundClass("soil")], ON_FOOT, settings=SURE)
    picked = found.closure([[0.1, 0.2], [0.5, 0.9]], [[0, 1], [0, 1]])
    assert picked.point.tolist() == [[0, 0], [1, 2]]
    assert picked.cost_usd_km_yr.tolist() == [[10, 10], [20, 80]]
    assert picked.met.tolist() == [[True, True], [True, False]]
    assert found.closure(0.3).of.tolist() == [0, 1]
    assert found.closure([0.3, 0.6]).point.tolist() == [1, 2]


def test_least_takes_the_lower_hull_and_the_cheaper_of_equals():
    """From weak to fair 10 USD for 0.3: worth it above 33.3. To good 60 for 0.3: above 200."""
    found = frontier(FOUR, SAND, ON_FOOT, settings=SURE)
    losses = np.array([0.0, 33.0, 34.0, 199.0, 201.0, 1e9])
    assert found.least(losses, 0).point.tolist() == [0, 0, 1, 1, 2, 2]
    # fair now lies above the chord from weak to good, and is never the least
    dear = of(post("weak", 0.2, 10), post("fair", 0.5, 60), post("good", 0.8, 80))
    hull = frontier(dear, SAND, ON_FOOT, settings=SURE)
    assert len(hull.classes[0].compositions) == 3
    assert set(hull.least(np.linspace(0, 1e4, 101), 0).point.tolist()) == {0, 2}


def test_what_is_asked_is_checked():
    found = frontier(FOUR, SAND, ON_FOOT, settings=SURE)
    with pytest.raises(InputError, match="shares from 0 to 1"):
        found.closure([0.5, 1.2], 0)
    with pytest.raises(InputError, match="shares from 0 to 1"):
        found.closure(np.nan)
    with pytest.raises(InputError, match="USD from 0 up"):
        found.least(-1.0)
    with pytest.raises(InputError, match="rows of the classes"):
        found.closure(0.5, [1])
    with pytest.raises(InputError, match="rows of the classes"):
        found.closure(0.5, [0.0])


def test_results_are_read_only():
    one = frontier(FOUR, SAND, ON_FOOT, settings=SURE).classes[0]
    with pytest.raises(ValueError, match="read-only"):
        one.p_e[0] = 1


def test_a_ground_brings_its_cover_and_bare_classes_are_open():
    covered = replace(flat_cover(), seen=np.full((1, 1, 1), 0.5), covered=np.full((1, 1, 1), 0.5))
    high = replace(FOUR.items["good"], height_m=sure(10.0))
    seeing = of(high)
    ground = Ground(tuple(SAND), np.zeros((1, 1), np.int32), covered)
    assert frontier(seeing, ground, ON_FOOT, settings=SURE).classes[0].p_e[0] == pytest.approx(0.4)
    bare = [GroundClass("sand", cover=7)]
    assert frontier(seeing, bare, ON_FOOT, settings=SURE).classes[0].p_e[0] == pytest.approx(0.8)


def test_refusals():
    with pytest.raises(InputError, match="no classes"):
        frontier(FOUR, [], ON_FOOT)
    with pytest.raises(InfeasibleError, match="no fort"):
        frontier(FOUR, [GroundClass("rock")], ON_FOOT)
    with pytest.raises(InputError, match="not in the catalogue"):
        frontier(FOUR, SAND, ON_FOOT, settings=WorksSettings(include=("good", "gut")))
    with pytest.raises(InputError, match="ISO 3166"):
        frontier(FOUR, SAND, ON_FOOT, states=["Mali"])
    mined = WorksSettings(include=("mine_ap", "fort_company"))
    with pytest.raises(BarredError, match="mbc_1"):
        frontier(load_catalogue(), SAND, Opponent(), settings=mined, states=["MLI"])


def test_it_is_public():
    assert vallum.works.frontier is frontier
    assert vallum.works.Frontiers is Frontiers


def test_more_steps_than_it_first_makes_room_for():
    """A thousand forts, each dearer and better: all stand."""
    count = 1000
    none, one = np.zeros(1), np.zeros((1, 1))
    board = Board(
        barrier_cost=none, delay=one, delay_var=one,
        tower_cost=none, tower_reach=one, tower_found=one,
        line_cost=none, line_found=none,
        air_cost=none, air_reach=one, air_found=one,
        track_cost=none, track_found=none,
        fort_cost=np.arange(count)[::-1] + 1.0,
        fort_reach=np.ones((count, 1)), fort_found=np.ones((count, 1)),
        p_n=(np.arange(count)[::-1] + 1.0) / count,
        response=np.zeros((1, count)), response_var=np.zeros((1, count)),
        pace=np.ones(1), pace_sd=none,
        path_approach=np.zeros(1, np.int64), path_breach=np.zeros(1, np.int64),
        path_run=np.ones(1), path_run_var=none,
        communication=1.0,
    )  # fmt: skip
    found = sweep(board)
    assert found.number.tolist() == list(range(count))[::-1]
    assert found.p_e == pytest.approx((np.arange(count) + 1) / count)
