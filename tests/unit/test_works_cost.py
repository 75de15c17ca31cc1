"""What an item costs on a class of ground, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from vallum.errors import InputError
from vallum.works import WorksSettings
from vallum.works.catalogue import Catalogue, Item, Material, Range
from vallum.works.cost import annuity, price_items, price_on, stands, unit_costs, unit_sums
from vallum.works.ground import GroundClass
from vallum.works.unit import gather, stacked, sums

SETTINGS = WorksSettings(discount_rate=0.1, man_year_usd=10.0, rotation=2.0, haul_usd_tkm=0.2)
A = 0.16274539488  # the annuity over ten years at a tenth
EVERYWHERE = frozenset({"sand", "rock", "soil", "wetland"})


def sure(value):
    return Range(value, value, value, "judgement: by hand")


def item(key, role, unit, **more):
    values = {
        "text": key,
        "ground": EVERYWHERE,
        "capital_usd": sure(1000.0),
        "life_yr": sure(10.0),
        "upkeep_usd_yr": sure(50.0),
        "men": sure(0.0),
    }
    return Item(id=key, role=role, unit=unit, **(values | more))


def catalogue(*extra):
    wall = item(
        "wall",
        "barrier",
        "km",
        ground=frozenset({"sand", "soil"}),
        slope_max=Range(0.1, 0.2, 0.4),
        wadi="culvert",
        burial=Range(1.0, 3.0, 5.0),
        material=MappingProxyType({"stone": Range(80.0, 100.0, 150.0)}),
        build_days=sure(4.0),
    )
    culvert = item(
        "culvert",
        "fitting",
        "site",
        capital_usd=sure(200.0),
        upkeep_usd_yr=sure(5.0),
        burial=sure(2.0),
        material=MappingProxyType({"steel": sure(2.0)}),
        build_days=sure(0.5),
        men=sure(0.1),
    )
    fort = item("fort", "fort", "site", men=sure(20.0), wadi="culvert", end_usd=sure(100.0))
    stone = Material("stone", "stone", frozenset({"rock"}), "m3", Range(1.5, 2.0, 2.5))
    steel = Material("steel", "steel", frozenset(), "t", sure(1.0))
    items = {each.id: each for each in (wall, culvert, fort, *extra)}
    return Catalogue(
        MappingProxyType(items),
        MappingProxyType({}),
        materials=MappingProxyType({"stone": stone, "steel": steel}),
    )


CATALOGUE = catalogue()
WALL, CULVERT, FORT = CATALOGUE.items.values()
PLAIN = GroundClass("soil")
HARD = GroundClass(
    "sand",
    slope=0.1,
    wadis_per_km=0.5,
    dunes=0.3,
    haul_km=MappingProxyType({"stone": 40.0, "steel": 300.0}),
)


def costs(classes, items=(WALL, CULVERT, FORT), known=CATALOGUE):
    return unit_costs(items, classes, known, SETTINGS)


def test_one_unit_by_hand():
    # the culvert: 200 and 2 t over 300 km at 0.2; upkeep 5, by 1 + 0.3 (2 - 1) where dunes move
    culvert = (200 + 2 * 300 * 0.2) * A + 5 * 1.3 + 0.1 * 2 * 10
    # the wall: 1000 and 100 m3 of 2 t over 40 km; upkeep 50 by 1 + 0.3 (3 - 1); half a culvert
    wall = (1000 + 100 * 2 * 40 * 0.2) * A + 50 * 1.6 + 0.5 * culvert
    # the fort is a site: no culverts; it is cleared at its end
    fort = 1000 * A + 100 * (A - 0.1) + 50 + 20 * 2 * 10
    assert costs([HARD])[0] == pytest.approx([wall, culvert, fort])
    plain = [1000 * A + 50, 200 * A + 5 + 2, fort]
    assert costs([PLAIN, HARD])[0] == pytest.approx(plain)


def test_what_cannot_stand_is_infinite():
    ground = [
        replace(PLAIN, surface="rock"),
        replace(PLAIN, slope=0.2),  # the mode of its limit, just so
        replace(PLAIN, slope=0.21),
        replace(PLAIN, haul_km={"stone": np.inf}),
        replace(PLAIN, haul_km={"steel": np.inf}),  # the culvert's, and there are no wadis
        replace(PLAIN, haul_km={"steel": np.inf}, wadis_per_km=0.1),
    ]
    expected = [
        [False, True, True],
        [True, True, True],
        [False, True, True],
        [False, True, True],
        [True, False, True],
        [False, False, True],
    ]
    assert np.isfinite(costs(ground)).tolist() == expected
    assert stands((WALL, CULVERT, FORT), ground, CATALOGUE).tolist() == expected
    cost = price_items(
        [WALL, FORT],
        np.array([[1.0, 0.1], [0.0, 0.1]]),
        SETTINGS,
        ground=ground[0],
        catalogue=CATALOGUE,
    )
    for end in (cost.low, cost.mode, cost.high):
        assert np.isinf(end).tolist() == [True, False]
    assert np.isfinite(cost.capital_usd).all()


def test_a_fitting_among_the_items_is_one_item():
    alone = costs([HARD], [WALL])
    beside = costs([HARD], [WALL, CULVERT])
    assert alone[0, 0] == beside[0, 0]
    assert costs([HARD], []).shape == (1, 0)
    assert costs([], [WALL]).shape == (0, 1)


def test_sums_per_km_by_hand():
    cost = price_items(
        [WALL, FORT],
        np.array([[1.0, 0.1]]),
        SETTINGS,
        ground=HARD,
        catalogue=CATALOGUE,
    )
    mode = {name: span.mode[0] for name, span in cost.spans.items()}
    assert mode["usd_yr"] == pytest.approx(costs([HARD])[0] @ [1.0, 0.0, 0.1])
    assert mode["built_usd"] == pytest.approx(1000 + 1600 + 0.5 * (200 + 120))
    assert mode["cover_usd"] == pytest.approx(100.0)
    assert mode["capital_usd"] == pytest.approx(mode["built_usd"] + mode["cover_usd"])
    assert mode["upkeep_usd_yr"] == pytest.approx(80 + 0.5 * 6.5 + 5)
    assert mode["men"] == pytest.approx(0.5 * 0.1 + 0.1 * 20)
    assert mode["engineer_days"] == pytest.approx(4 + 0.5 * 0.5)
    assert mode["material.stone"] == pytest.approx(100.0)
    assert mode["material.steel"] == pytest.approx(0.5 * 2.0)
    for span in cost.spans.values():
        assert span.low[0] <= span.mode[0] <= span.high[0]
    stone = cost.spans["material.stone"]
    assert (stone.low[0], stone.high[0]) == pytest.approx((80.0, 150.0))


def test_a_fitting_is_not_left_out_where_there_is_no_catalogue():
    wet = replace(PLAIN, wadis_per_km=1.0)
    with pytest.raises(InputError, match=r"wall\.wadi"):
        price_items([WALL], np.ones((1, 1)), SETTINGS, ground=wet)
    with pytest.raises(InputError, match="stone"):
        price_items([WALL], np.ones((1, 1)), SETTINGS, ground=HARD)
    dry = price_items([WALL], np.ones((1, 1)), SETTINGS, ground=PLAIN)
    assert dry.mode[0] == pytest.approx(1000 * A + 50)


def test_the_range_moves_one_figure_at_a_time():
    known = catalogue()
    ground = replace(PLAIN, haul_km={"stone": 40.0})
    cost = price_items(
        [replace(WALL, wadi="")],
        np.array([[1.0]]),
        SETTINGS,
        ground=ground,
        catalogue=known,
    )
    # to the high end: stone 100 to 150 m3, its weight 2 to 2.5 t, the price 0.2 to 0.4, the
    # distance by 1.6, the discount rate 0.1 to 0.12; man-year and rotation have no men to move
    haul = 100 * 2 * 40 * 0.2
    ups = [haul * 0.5 * A, haul * 0.25 * A, haul * 1.0 * A, haul * 0.6 * A]
    ups.append((1000 + haul) * (float(annuity(0.12, 10)) - A))
    assert cost.high[0] - cost.mode[0] == pytest.approx(np.sqrt(np.sum(np.square(ups))))
    downs = [haul * 0.2 * A, haul * 0.25 * A, haul * 0.75 * A, haul * 0.7 * A]
    downs.append((1000 + haul) * (A - float(annuity(0.05, 10))))
    assert cost.mode[0] - cost.low[0] == pytest.approx(np.sqrt(np.sum(np.square(downs))))


def test_figures_moved_together_are_each_moved_alone():
    every = [WALL, CULVERT, FORT]
    base, place = gather(every, [HARD, PLAIN], CATALOGUE, SETTINGS)
    free = replace(base, discount_rate=0.0)
    dear = replace(base, man_year_usd=9e4, capital_usd=base.capital_usd * [1.0, 3.0, 1.0])
    together = sums(stacked([base, free, dear]), place)
    for n, one in enumerate((base, free, dear)):
        assert np.array_equal(together[:, n], sums(one, place))


def test_the_ends_are_those_of_every_figure_moved_by_hand():
    """Whatever moves one item, its fitting with it, or several: each alone, squares added."""
    every, ground = [WALL, CULVERT, FORT], [HARD, PLAIN]
    amounts = [np.array([[1.0, 0.0, 0.05], [0.0, 2.0, 0.1]]), np.array([[1.0, 1.0, 0.0]])]
    found = price_on(every, amounts, SETTINGS, classes=ground, catalogue=CATALOGUE)
    unit = unit_sums(every, ground, SETTINGS, catalogue=CATALOGUE)
    for at, (cost, amount) in enumerate(zip(found, amounts, strict=True)):
        mode = unit.mode[0, at] @ amount.T
        assert cost.mode == pytest.approx(mode)
        down, up = np.zeros(len(amount)), np.zeros(len(amount))
        for swing in unit.swings.values():
            count = amount[:, swing.touched].T
            ends = np.stack([swing.low[0, at] @ count, swing.high[0, at] @ count, 0 * mode])
            down += ends.min(axis=0) ** 2
            up += ends.max(axis=0) ** 2
        assert cost.low == pytest.approx(np.maximum(mode - np.sqrt(down), 0.0))
        assert cost.high == pytest.approx(mode + np.sqrt(up))
    touched = {name: swing.touched.tolist() for name, swing in unit.swings.items()}
    assert touched["wall.burial"] == [0]
    assert touched["stone.t_per_unit"] == [0]
    assert touched["discount_rate"] == [0, 1, 2]


def test_plain_ground_asks_for_nothing():
    items, quantities = [WALL, FORT], np.array([[1.0, 0.1], [2.0, 0.0]])
    without = price_items(items, quantities, SETTINGS)
    on = price_items(items, quantities, SETTINGS, ground=PLAIN, catalogue=CATALOGUE)
    for name, span in without.spans.items():
        assert span.low == pytest.approx(on.spans[name].low), name
        assert span.mode == pytest.approx(on.spans[name].mode), name
        assert span.high == pytest.approx(on.spans[name].high), name


def test_faults_are_told_at_once():
    bad = [
        replace(WALL, wadi="culvrt"),
        replace(FORT, material={"ston": sure(1.0)}),
    ]
    ground = [
        GroundClass("soil", slope=-1.0, wadis_per_km=np.nan, dunes=1.5),
        GroundClass("soil", haul_km={"steel": -2.0, "stele": 3.0}),
    ]
    with pytest.raises(InputError) as caught:
        unit_costs(bad, ground, CATALOGUE, SETTINGS)
    assert [fault.place for fault in caught.value.faults] == [
        "wall.wadi",
        "fort.material",
        "classes[0].slope",
        "classes[0].wadis_per_km",
        "classes[0].dunes",
        "classes[1].haul_km.steel",
        "classes[1].haul_km",
    ]
    assert caught.value.faults[0].mend == "did you mean 'culvert'?"
