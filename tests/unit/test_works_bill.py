"""The bill of a line of a few cells, worked by hand; its cost is the line's price."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vallum.plan
from vallum.kernel.territory import score
from vallum.line.course import follow
from vallum.settings import Settings
from vallum.works import WorksSettings, bill_of, price
from vallum.works.catalogue import Catalogue, Item, Material, Mode, Range
from vallum.works.cost import annuity
from vallum.works.ground import Ground, GroundClass
from vallum.works.people import gate_density, load_people
from vallum.works.people.crossings import Crossed
from vallum.works.sight import flat_cover

GROUND = frozenset({"sand", "soil"})
NONE = Range(0.0, 0.0, 0.0)
A = float(annuity(0.1, 10))
HAND = WorksSettings(
    standard=0.3,
    discount_rate=0.1,
    man_year_usd=10.0,
    haul_usd_tkm=0.2,
    rotation=2.0,
    communication=1.0,
    covered=False,
    depth_km=3.6,
    fort_spacings_km=(12.0,),
    max_barriers=1,
)


def sure(value):
    return Range(value, value, value, "judgement: by hand")


def made(key, role, unit, **more):
    values = {
        "text": key,
        "ground": GROUND,
        "capital_usd": sure(1000.0),
        "life_yr": sure(10.0),
        "upkeep_usd_yr": sure(50.0),
        "men": NONE,
    }
    return Item(id=key, role=role, unit=unit, **(values | more))


WALL = made(
    "wall",
    "barrier",
    "km",
    capital_usd=Range(500.0, 1000.0, 3000.0),
    delay_s=MappingProxyType({"car": sure(600.0)}),
    material=MappingProxyType({"stone": Range(80.0, 100.0, 150.0)}),
    wadi="culvert",
    burial=sure(3.0),
    build_days=Range(2.0, 4.0, 8.0),
)
CULVERT = made(
    "culvert",
    "fitting",
    "site",
    capital_usd=sure(200.0),
    upkeep_usd_yr=Range(2.0, 5.0, 10.0),
    burial=sure(2.0),
    material=MappingProxyType({"steel": sure(2.0)}),
    build_days=sure(0.5),
)
FORT = made(
    "fort",
    "fort",
    "site",
    capital_usd=sure(12_000.0),
    upkeep_usd_yr=sure(600.0),
    men=Range(12.0, 24.0, 36.0),
    end_usd=sure(120.0),
    detection=sure(0.9),
    sight_km=MappingProxyType({"car": sure(10.0)}),
    muster_s=sure(100.0),
    neutralisation=sure(0.8),
    rides="car",
)
GATE = made(
    "gate",
    "gate",
    "site",
    men=sure(3.0),
    serves=frozenset({"road", "herders", "traders", "fleeing"}),
    journeys_yr=sure(1e6),
    search=sure(0.1),
)
# on sand at 4 m/s a response from 6 km is there just as they get away: one time in two it catches
SPEEDS = MappingProxyType({"sand": sure(14.4), "soil": sure(36.0)})
CATALOGUE = Catalogue(
    MappingProxyType({item.id: item for item in (WALL, CULVERT, FORT, GATE)}),
    MappingProxyType({"car": Mode("car", "by car", SPEEDS)}),
    materials=MappingProxyType(
        {
            "stone": Material("stone", "stone", frozenset({"soil"}), "m3", sure(2.0)),
            "steel": Material("steel", "steel", frozenset(), "t", sure(1.0)),
        }
    ),
)
SAND = GroundClass(
    "sand",
    wadis_per_km=0.5,
    dunes=0.3,
    haul_km=MappingProxyType({"stone": 40.0, "steel": 300.0}),
)
LAND = Ground(
    (SAND, GroundClass("soil", haul_km=MappingProxyType({"steel": 100.0}))),
    np.array([[0, 0, 1], [0, 1, -1]], np.int32),  # the last is water beside soil
    flat_cover(),
)
ROADS = np.array([[0.1, 0.0, 0.2], [0.0, 0.5, 0.25]])


def gates(catalogue=CATALOGUE):
    none = np.zeros((2, 3))
    kinds = ("road", "herders", "traders", "fleeing")
    crossed = Crossed(
        journeys=dict.fromkeys(kinds, none),
        low=dict.fromkeys(kinds, 1.0),
        high=dict.fromkeys(kinds, 1.0),
        roads={1: ROADS, 2: none, 3: none},
    )
    return gate_density(crossed, catalogue, load_people(), HAND)


WORKS = price(LAND, settings=HAND, states=["MLI"], catalogue=CATALOGUE, gates=gates())
LENGTH = np.array([2.0, 3.0, 1.0, 0.0, 4.0, 2.0])
BUILT = np.array([2.0, 3.0, 1.0, 0.0, 2.0, 2.0])  # half of the fifth cell looks on a watched side
BILL = bill_of(WORKS, HAND, length_km=LENGTH, built_km=BUILT)


def test_the_same_works_on_both_grounds_stop_half_as_many_on_sand():
    table = WORKS.compositions.set_index("surface")
    assert table["composition"].tolist() == ["wall+fort@12"] * 2
    assert table["p_i"].tolist() == pytest.approx([0.45, 0.9])
    assert WORKS.priced_as.tolist() == [[0, 0, 1], [0, 1, 1]]


def test_quantities_by_hand():
    assert BILL.line_km == pytest.approx(12.0)
    assert BILL.built_km == pytest.approx(10.0)
    assert BILL.items.index.tolist() == ["wall", "culvert", "fort", "gate"]
    gate = 2 * 0.1 + 3 * 0.0 + 1 * 0.2 + 2 * 0.5 + 2 * 0.25
    assert BILL.items["quantity"].tolist() == pytest.approx([10.0, 5 * 0.5, 10 / 12, gate])
    assert BILL.items["unit"].tolist() == ["km", "site", "site", "site"]
    assert BILL.items["role"].tolist() == ["barrier", "fitting", "fort", "gate"]
    assert BILL.items["build_days"].tolist()[:2] == [40.0, 1.25]
    assert BILL.items["build_days"].isna().tolist() == [False, False, True, True]
    assert BILL.compositions["line_km"].tolist() == pytest.approx([5.0, 7.0])
    assert BILL.compositions["built_km"].tolist() == pytest.approx([5.0, 5.0])


def test_materials_by_hand():
    stone, steel = BILL.materials.loc["stone"], BILL.materials.loc["steel"]
    assert stone[["quantity_low", "quantity", "quantity_high"]].tolist() == [800.0, 1000.0, 1500.0]
    assert stone["tonnes"] == pytest.approx(2000.0)
    assert stone["hauled_tonnes"] == pytest.approx(5 * 100 * 2)  # on soil it is found
    assert stone["tonne_km"] == pytest.approx(5 * 100 * 2 * 40)
    assert (stone["unit"], steel["unit"]) == ("m3", "t")
    # culverts are on sand alone, where the wadis are
    assert steel["quantity"] == steel["tonnes"] == steel["hauled_tonnes"] == pytest.approx(5.0)
    assert steel["tonne_km"] == pytest.approx(5.0 * 300)


def ends(name, item):
    return tuple(BILL.items.loc[item, f"{name}_{end}"] for end in ("low", "mid", "high"))


def about(mid, *swings):
    """Low, mid and high, from the (low, high) change of each figure."""
    down = math.hypot(*(min(*each, 0.0) for each in swings))
    up = math.hypot(*(max(*each, 0.0) for each in swings))
    return pytest.approx((max(0.0, mid - down), mid, mid + up))


def test_money_and_men_by_hand():
    # 40,000 and 1,500 t-km; one costs 0.05 to 0.40 as the settings say, and haul is 0.3 to 1.6
    # times as far; a kilometre of wall takes 80 to 150 of stone, whose haul costs 80 a km
    wall = 10_000 + 0.2 * 40_000
    haul = (-6000, 8000), (-0.7 * 8000, 0.6 * 8000), (-0.2 * 8000, 0.5 * 8000)
    assert ends("capital_usd", "wall") == about(wall, (-5000, 20_000), *haul)
    # there may be 0.5 to 2.9 times as many wadis, and so culverts
    wadis = -0.5 * 800, 1.9 * 800
    steel = (-0.15 * 1500, 0.2 * 1500), (-0.7 * 300, 0.6 * 300)
    assert ends("capital_usd", "culvert") == about(500 + 300, *steel, wadis)
    assert ends("capital_usd", "fort") == about(10_000)
    # dunes over 0.3 of the sand, where a wall takes three times the upkeep and a culvert twice;
    # they may be half or twice as wide
    dunes = 50 * 5 * 2 * -0.15, 50 * 5 * 2 * 0.3
    assert ends("upkeep_usd_yr", "wall") == about(50 * (5 * 1.6 + 5), dunes)
    assert ends("upkeep_usd_yr", "culvert") == about(16.25, *CULVERTS)
    assert ends("men", "fort") == pytest.approx((10.0, 20.0, 30.0))
    assert ends("men", "gate") == pytest.approx((5.7,) * 3)
    # the rate is 0.05 to 0.12
    less, more = (float(annuity(rate, 10)) - A for rate in (0.05, 0.12))
    capital = [(low * A, high * A) for low, high in ((-5000, 20_000), *haul)]
    assert ends("cost_usd_yr", "wall") == about(
        wall * A + 650, *capital, (wall * less, wall * more), dunes
    )
    fund = A - 0.1
    fort = 10_000 * A + 500 + 20 * 2 * 10 + 100 * fund
    # annuity and sinking fund differ by the rate; rotation is 1.25 to 2.5, a man-year 10 to 26,500
    rate = 10_100 * less + 100 * 0.05, 10_100 * more - 100 * 0.02
    men = (-10 * 20, 10 * 20), (-0.75 * 200, 0.5 * 200), (0, 26_490 * 40)
    assert ends("cost_usd_yr", "fort") == about(fort, rate, *men)


CULVERTS = (
    (-3 * 2.5 * 1.3, 5 * 2.5 * 1.3),  # its own upkeep
    (5 * 2.5 * -0.15, 5 * 2.5 * 0.3),  # dunes
    (-0.5 * 16.25, 1.9 * 16.25),  # wadis
)


def test_totals_swing_a_figure_over_the_whole_line_by_hand():
    for name in ("capital_usd", "upkeep_usd_yr", "men", "cost_usd_yr"):
        parts = [ends(name, item) for item in BILL.items.index]
        assert BILL.totals[name][1] == pytest.approx(math.fsum(part[1] for part in parts))
    assert BILL.totals["capital_usd"][1] == pytest.approx(18_000 + 800 + 10_000 + 1900)
    # the same dunes are on walls and culverts
    own, dunes, wadis = CULVERTS
    both = (-75 + dunes[0], 150 + dunes[1])
    assert BILL.totals["upkeep_usd_yr"] == about(650 + 16.25 + 500 + 95, own, both, wadis)
    assert BILL.totals["men"] == pytest.approx((15.7, 25.7, 35.7))
    paid = about(51.4, (-20, 20), (-0.75 * 25.7, 0.5 * 25.7))
    assert BILL.totals["men_paid"] == paid
    assert BILL.totals["men_per_km"] == pytest.approx((15.7 / 12, 25.7 / 12, 35.7 / 12))
    for name, of in (("cost_usd_km_yr", "cost_usd_yr"), ("men_paid_per_km", "men_paid")):
        assert BILL.totals[name] == pytest.approx([end / 12 for end in BILL.totals[of]])


def swung():
    """Every figure at its ends, alone: works and settings, to be billed at the modes."""
    for key, item in CATALOGUE.items.items():
        for name in ("capital_usd", "life_yr", "upkeep_usd_yr", "men", "end_usd", "burial"):
            figure = getattr(item, name)
            yield [with_item(key, **{name: sure(end)}) for end in (figure.low, figure.high)]
        for stuff, figure in item.material.items():
            yield [
                with_item(key, material=MappingProxyType({stuff: sure(end)}))
                for end in (figure.low, figure.high)
            ]
    settings_ends = {"discount_rate": (0.05, 0.12), "man_year_usd": (10.0, 26_500.0),
                     "rotation": (1.25, 2.5), "haul_usd_tkm": (0.05, 0.40)}  # fmt: skip
    for name, pair in settings_ends.items():
        yield [(WORKS, HAND.model_copy(update={name: end})) for end in pair]
    of_ground = {"wadis_per_km": (0.5, 2.9), "dunes": (0.5, 2.0), "haul_km": (0.3, 1.6)}
    for name, pair in of_ground.items():
        yield [(with_ground(name, end), HAND) for end in pair]


def with_item(key, **changes):
    items = CATALOGUE.items | {key: replace(CATALOGUE.items[key], **changes)}
    return replace(WORKS, catalogue=replace(CATALOGUE, items=MappingProxyType(items))), HAND


def with_ground(name, times):
    def value(land):
        old = getattr(land, name)
        if name == "haul_km":
            return MappingProxyType({key: km * times for key, km in old.items()})
        return old * times

    classes = tuple(replace(land, **{name: value(land)}) for land in LAND.classes)
    return replace(WORKS, ground=replace(LAND, classes=classes))


def test_the_range_of_a_line_is_what_bills_at_the_ends_of_each_figure_give():
    """Billed anew with one figure changed everywhere: every total swings by what that says."""
    table = {name: [] for name in ("capital_usd", "upkeep_usd_yr", "men", "men_paid",
                                   "cost_usd_yr")}  # fmt: skip
    for pair in swung():
        bills = [bill_of(w, chosen, length_km=LENGTH, built_km=BUILT) for w, chosen in pair]
        for name, changes in table.items():
            mids = [bill.totals[name][1] - BILL.totals[name][1] for bill in bills]
            changes.append(tuple(mids))
    for name, changes in table.items():
        assert BILL.totals[name] == about(BILL.totals[name][1], *changes)


@pytest.mark.parametrize("cell", [1, 2])
def test_a_line_on_one_ground_has_the_range_of_its_composition(cell):
    works = price(LAND, settings=HAND, states=["MLI"], catalogue=CATALOGUE)
    length = 3.0 * np.eye(6)[cell]
    bill = bill_of(works, HAND, length_km=length, built_km=length)
    row = works.compositions.iloc[works.priced_as.ravel()[cell]]
    expected = [row[f"cost_{end}usd_km_yr"] for end in ("low_", "", "high_")]
    assert bill.totals["cost_usd_km_yr"] == pytest.approx(expected, rel=1e-9)
    alone = price(LAND, settings=HAND, states=["MLI"], catalogue=CATALOGUE,
                  where=np.eye(6)[cell].reshape(2, 3) > 0)  # fmt: skip
    low, mid, high = bill.totals["cost_usd_km_yr"]
    assert (low / mid, high / mid) == pytest.approx(alone.range, rel=1e-9)


def test_that_the_number_of_gates_is_not_known_is_in_the_range():
    """Herders of whom there may be half or three times as many, on ground that is all alike."""
    none = np.zeros((2, 3))
    kinds = ("road", "herders", "traders", "fleeing")
    crossed = Crossed(
        journeys=dict.fromkeys(kinds, none) | {"herders": none + 1.0},
        low=dict.fromkeys(kinds, 1.0) | {"herders": 0.5},
        high=dict.fromkeys(kinds, 1.0) | {"herders": 3.0},
        roads=dict.fromkeys((1, 2, 3), none),
    )
    counted = gate_density(crossed, CATALOGUE, load_people(), HAND)
    bill = bill_of(replace(WORKS, gates=counted), HAND, length_km=LENGTH, built_km=BUILT)
    low, mid, high = (bill.items.loc["gate", f"cost_usd_yr_{e}"] for e in ("low", "mid", "high"))
    assert mid == pytest.approx(10 * counted.mode[0, 0])
    assert low == pytest.approx(10 * counted.low[0, 0])
    assert high == pytest.approx(10 * counted.high[0, 0])
    # so are the men at them, whose number at one gate is sure
    men = [bill.items.loc["gate", f"men_{end}"] for end in ("low", "mid", "high")]
    assert men[0] < men[1] < men[2]


def test_effect_is_the_mean_along_the_line_and_the_weakest_is_said():
    assert BILL.totals["interruption"][1] == pytest.approx((5 * 0.45 + 7 * 0.9) / 12)
    assert BILL.totals["effect"][1] == pytest.approx((5 * 0.36 + 7 * 0.72) / 12)
    for name in ("interruption", "effect"):
        low, mid, high = BILL.totals[name]
        assert 0 <= low <= mid <= high <= 1
    assert BILL.weakest == pytest.approx((0.36, 5.0))
    soil = bill_of(WORKS, HAND, length_km=LENGTH * [0, 0, 1, 0, 1, 1], built_km=BUILT * 0)
    assert soil.weakest == pytest.approx((0.72, 7.0))


def test_its_cost_is_the_price_of_what_is_built():
    closure = WORKS.closure_usd_km_yr.ravel()
    assert BILL.totals["cost_usd_yr"][1] == pytest.approx(float(closure @ BUILT), rel=1e-12)


def test_a_line_that_is_nowhere_has_an_empty_bill():
    nothing = bill_of(WORKS, HAND, length_km=np.zeros(6), built_km=np.zeros(6))
    assert nothing.items.empty
    assert nothing.items.columns.tolist() == BILL.items.columns.tolist()
    assert nothing.materials.empty
    assert nothing.materials.columns.tolist() == BILL.materials.columns.tolist()
    assert nothing.line_km == nothing.built_km == 0.0
    assert set(nothing.totals) == set(BILL.totals)
    assert all(each == (0.0, 0.0, 0.0) for each in nothing.totals.values())
    assert nothing.weakest == (0.0, 0.0)


def test_what_is_used_nowhere_is_no_row_of_the_bill():
    """No road is cut in the second cell, and no wadi on soil."""
    sand = bill_of(
        WORKS, HAND, length_km=LENGTH * [0, 1, 0, 0, 0, 0], built_km=BUILT * np.eye(6)[1]
    )
    assert sand.items.index.tolist() == ["wall", "culvert", "fort"]
    soil = bill_of(
        WORKS, HAND, length_km=LENGTH * [0, 0, 1, 0, 0, 0], built_km=BUILT * np.eye(6)[2]
    )
    assert soil.items.index.tolist() == ["wall", "fort", "gate"]


def test_towards_a_neighbour_that_keeps_its_side_nothing_is_built_but_the_line_is_there():
    watched = bill_of(WORKS, HAND, length_km=LENGTH, built_km=np.zeros(6))
    assert watched.line_km == 12.0
    assert watched.built_km == 0.0
    assert watched.items.empty
    assert watched.totals["cost_usd_km_yr"] == (0.0, 0.0, 0.0)
    assert watched.totals["effect"] == BILL.totals["effect"]


def test_people_are_counted_along_the_line_where_gates_are():
    assert BILL.people is not None
    without = price(LAND, settings=HAND, states=["MLI"], catalogue=CATALOGUE)
    bill = bill_of(without, HAND, length_km=LENGTH, built_km=BUILT)
    assert bill.people is None
    assert bill.items.index.tolist() == ["wall", "culvert", "fort"]


@st.composite
def catalogues(draw):
    """The items of this page, each with figures of its own; gates too may be heavy and buried."""
    figures = st.floats(0, 1e5)
    changed = {
        key: replace(
            item,
            capital_usd=sure(draw(figures)),
            upkeep_usd_yr=sure(draw(figures)),
            life_yr=sure(draw(st.floats(0.5, 80))),
            end_usd=sure(draw(figures)),
            burial=sure(draw(st.floats(1, 20))),
            material=MappingProxyType({"stone": sure(draw(st.floats(0, 500)))}),
        )
        for key, item in CATALOGUE.items.items()
    }
    return replace(CATALOGUE, items=MappingProxyType(changed))


kilometres = st.lists(st.floats(0, 1e4, allow_subnormal=False), min_size=6, max_size=6).map(
    np.array
)


@settings(deadline=None, max_examples=25)
@given(catalogues(), kilometres, st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_whatever_is_built_costs_the_bill_what_it_costs_the_line(catalogue, length, part):
    works = price(LAND, settings=HAND, states=["MLI"], catalogue=catalogue, gates=gates(catalogue))
    built = length * part
    bill = bill_of(works, HAND, length_km=length, built_km=built)
    priced = float(works.closure_usd_km_yr.ravel() @ built)
    assert bill.totals["cost_usd_yr"][1] == pytest.approx(priced, rel=1e-9, abs=1e-6)
    assert bill.line_km == pytest.approx(length.sum())
    assert bill.built_km == pytest.approx(built.sum())
    tonnes = math.fsum(
        catalogue.items[key].material["stone"].mode * 2.0 * quantity
        for key, quantity in bill.items["quantity"].items()
    )
    assert bill.materials["tonnes"].sum() == pytest.approx(tonnes)
    for low, mid, high in bill.totals.values():
        assert 0 <= low <= mid + 1e-9
        assert mid <= high + 1e-9


@pytest.fixture(scope="module")
def coarse(stages_once):  # noqa: ARG001
    """The stages of the built-in theatre up to the bill, on large cells."""
    chosen = Settings(theatre={"cell_km": 50.0}, line={"flank": {"SEN": 0.5}})
    return chosen, vallum.plan.until("bill", "sahel", chosen)


def test_the_bill_of_a_drawn_line_is_its_price_in_the_cut(coarse):
    _, made_of = coarse
    line, bill = made_of["line"], made_of["bill"]
    assert line.score.closure > 0
    assert bill.totals["cost_usd_yr"][1] == pytest.approx(line.score.closure, rel=1e-9)
    assert bill.line_km == pytest.approx(line.score.line_km)
    assert 0 < bill.built_km <= bill.line_km
    items = made_of["works"].catalogue.items
    assert not any(items[key].role == "mine" for key in bill.items.index)
    assert bill.compositions["line_km"].sum() == pytest.approx(bill.line_km)


def test_so_it_is_for_a_territory_beside_a_watched_neighbour(coarse):
    """All of the members: much of that line looks on Senegal, that watches half of its side."""
    chosen, made_of = coarse
    line, works, ground = made_of["line"], made_of["works"], made_of["theatre"]
    held = np.zeros(ground.grid.shape, bool)
    held.ravel()[line.plans.problem.cells] = True
    drawn = score(line.plans.problem, held)
    if not np.isfinite(drawn.closure):
        pytest.fail("a line that can't be built was left in the problem")
    course = follow(line.plans.problem, held, line.plans.stakes.flank, ground.grid)
    bill = vallum.plan.bill_of(works, course, chosen.works)
    assert bill.totals["cost_usd_yr"][1] == pytest.approx(drawn.closure, rel=1e-9)
    assert bill.line_km == pytest.approx(drawn.line_km)
    assert bill.built_km < bill.line_km
