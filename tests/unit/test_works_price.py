"""Prices worked by hand, and the table of composition by surface."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest

from vallum.errors import InfeasibleError, InputError
from vallum.works import WorksSettings, load_catalogue, price
from vallum.works.catalogue import Catalogue, Item, Mode, Range
from vallum.works.compose import Composition, compositions, crossing, effects, response_s
from vallum.works.cost import annuity, price_items, sinking
from vallum.works.price import choose

ALL = np.array([[0, 1, 2], [3, 4, 5]], dtype=np.int8)
STATES = ["MLI", "MRT", "MAR"]
NO = Range(0.0, 0.0, 0.0)


def sure(value):
    return Range(value, value, value, "judgement: by hand")


def small():
    """One way of moving at 36 km/h, one wall, one fort that always sees within 10 km."""
    everywhere = dict.fromkeys(("sand", "rock", "soil", "wetland"), sure(36.0))
    common = {"life_yr": sure(10.0), "ground": frozenset({"soil", "sand"})}
    wall = Item(
        id="wall",
        text="wall",
        role="barrier",
        unit="km",
        capital_usd=Range(500.0, 1000.0, 3000.0),
        upkeep_usd_yr=sure(50.0),
        men=NO,
        delay_s=MappingProxyType({"car": sure(600.0)}),
        **common,
    )
    fort = Item(
        id="fort",
        text="fort",
        role="fort",
        unit="site",
        capital_usd=sure(10_000.0),
        upkeep_usd_yr=sure(400.0),
        men=sure(20.0),
        detection=sure(0.9),
        sight_km=MappingProxyType({"car": sure(10.0)}),
        muster_s=sure(100.0),
        neutralisation=sure(0.8),
        rides="car",
        **common,
    )
    modes = {"car": Mode("car", "by car", MappingProxyType(everywhere))}
    return Catalogue(MappingProxyType({"wall": wall, "fort": fort}), MappingProxyType(modes))


HAND = WorksSettings(
    standard=0.6,
    discount_rate=0.1,
    man_year_usd=10.0,
    rotation=2.0,
    communication=1.0,
    depth_km=3.6,
    fort_spacings_km=(12.0, 16.0),
)


def test_annuity_and_sinking_fund():
    assert annuity(0.1, 10) == pytest.approx(0.16274539488)
    assert annuity(0.0, 8) == sinking(0.0, 8) == 0.125
    assert sinking(0.1, 10) == pytest.approx(0.16274539488 - 0.1)
    present = sum(float(annuity(0.07, 5)) / 1.07**year for year in range(1, 6))
    assert present == pytest.approx(1.0)


def test_cost_by_hand():
    catalogue = small()
    items = [catalogue.items["wall"], catalogue.items["fort"]]
    cost = price_items(items, np.array([[1.0, 1 / 16]]), HAND)
    a = 0.16274539488
    wall = 1000 * a + 50
    fort = (10_000 * a + 400 + 20 * 2 * 10) / 16
    assert cost.mode[0] == pytest.approx(wall + fort)
    assert cost.capital_usd[0] == pytest.approx(1000 + 10_000 / 16)
    assert cost.men[0] == pytest.approx(20 / 16)
    assert cost.upkeep_usd_yr[0] == pytest.approx(50 + 400 / 16)
    # swings: the wall's capital, the rate, the man-year's price and the rotation
    rate = sum(1000 * q for q in (1.0, 10 / 16)) * (float(annuity(0.12, 10)) - a)
    men = 20 / 16 * 2 * (26_500 - 10)
    rotation = 20 / 16 * 0.5 * 10
    up = ((2000 * a) ** 2 + rate**2 + men**2 + rotation**2) ** 0.5
    assert cost.high[0] == pytest.approx(cost.mode[0] + up)
    assert cost.low[0] < cost.mode[0]


def test_crossing_and_response_by_hand():
    catalogue = small()
    works = Composition(("wall",), "", float("inf"), "", "fort", 12.0)
    tasks = crossing(works, "car", "soil", catalogue, HAND)
    # sight 10 km, midway 6 km from each fort: 8 km ahead of the line at 10 m/s
    assert tasks == [
        (0.9, pytest.approx(800.0), 0.0, "middle"),
        (0.0, 600.0, 0.0, "begin"),
        (0.0, pytest.approx(360.0), 0.0, "begin"),
    ]
    assert response_s(works, "soil", catalogue, HAND) == (pytest.approx(100 + 600 + 360), 0.0)
    # 400 + 600 + 360 s left when seen, 1060 s needed: in time, so P_I = D and P_E = D · P_N
    p_i, p_n = effects([works], "soil", catalogue, HAND)
    assert p_i[0, 0] == pytest.approx(0.9)
    assert p_n[0] == 0.8
    bare = Composition((), "", float("inf"), "", "fort", 12.0)
    assert effects([bare], "soil", catalogue, HAND)[0][0, 0] == 0.0


def test_choice_by_hand():
    catalogue = small()
    assert len(compositions(catalogue, HAND, "soil", STATES)) == 2 * 2
    chosen = choose("soil", catalogue, HAND, STATES)
    # at 16 km: sight 6 km ahead, 300 + 600 + 360 s left, 100 + 800 + 360 s needed: a tie, one half
    assert chosen.choices[chosen.best].id == "wall+fort@12"
    assert chosen.met
    assert chosen.p_e[chosen.best] == pytest.approx(0.72)
    lower = choose("soil", catalogue, HAND.model_copy(update={"standard": 0.36}), STATES)
    assert lower.choices[lower.best].id == "wall+fort@16"
    higher = choose("soil", catalogue, HAND.model_copy(update={"standard": 0.73}), STATES)
    assert not higher.met
    assert higher.choices[higher.best].id == "wall+fort@12"


def test_ground_without_a_fort_is_infeasible():
    with pytest.raises(InfeasibleError, match="rock"):
        price(np.array([[2]]), settings=HAND, states=STATES, catalogue=small())


def test_the_table_of_composition_by_surface_makes_sense():
    works = price(ALL, states=STATES)
    table = works.compositions.set_index("surface")
    print(table[["composition", "cost_usd_km_yr", "men_per_km", "p_e"]].to_string())
    assert "sand_wall" in table.loc["sand", "items"]
    assert "stone_wall" in table.loc["rock", "items"]
    assert "stone_wall" not in {*table.loc["sand", "items"], *table.loc["wetland", "items"]}
    assert not {"ditch", "sand_wall", "track"} & {*table.loc["wetland", "items"]}
    catalogue = load_catalogue()
    for surface, items in table["items"].items():
        assert all(surface in catalogue.items[key].ground for key in items)
    assert (works.composition[[0, 1], [0, 2]] == -1).all()
    assert works.closure_usd_km_yr[0, 0] == works.closure_usd_km_yr[1, 2]
    assert works.closure_usd_km_yr[0, 0] == works.closure_usd_km_yr[1, 0]


def test_result_is_whole_and_read_only():
    works = price(ALL, states=STATES)
    table = works.compositions
    for array in (
        works.closure_usd_km_yr,
        works.composition,
        works.effectiveness,
        works.standard_met,
    ):
        assert array.shape == ALL.shape
        assert not array.flags.writeable
    assert works.composition.dtype == np.int16
    assert int(table["cells"].sum()) == ALL.size
    row = table.loc[works.composition[1, 0]]
    assert works.closure_usd_km_yr[1, 0] == row["cost_usd_km_yr"]
    assert works.effectiveness[1, 0] == row["p_e"]
    assert row["p_i"] == min(row["p_i_foot"], row["p_i_motorcycle"], row["p_i_4x4"])
    assert row["p_i"] * row["p_n"] == pytest.approx(row["p_e"])
    assert row["men_paid_per_km"] == pytest.approx(1.5 * row["men_per_km"])
    assert (table["cost_low_usd_km_yr"] < table["cost_usd_km_yr"]).all()
    assert (table["cost_usd_km_yr"] < table["cost_high_usd_km_yr"]).all()
    assert (table["p_e_low"] <= table["p_e"]).all()
    assert (table["p_e"] <= table["p_e_high"]).all()
    assert 0 < works.range[0] < 1 < works.range[1]
    assert all(len(row.source) > 10 for row in works.ledger)
    keys = [row.key for row in works.ledger]
    assert len(keys) == len(set(keys))
    assert {"works.standard", "works.mine_ap.end_usd"} <= set(keys)


def test_a_standard_that_cannot_be_met_is_said():
    works = price(ALL, settings=WorksSettings(standard=0.95), states=STATES)
    assert not works.standard_met.any()
    assert works.status.startswith("no lawful composition stops 0.95")
    assert "soil (stops 0." in works.status
    modest = WorksSettings(standard=0.3)
    assert price(np.array([[3]]), settings=modest, states=STATES).status == "ok"


def test_same_inputs_same_result_and_fingerprint():
    first, again = (price(ALL, states=STATES) for _ in range(2))
    assert first.fingerprint == again.fingerprint
    assert np.array_equal(first.closure_usd_km_yr, again.closure_usd_km_yr)
    other = price(ALL, settings=WorksSettings(rotation=2), states=STATES)
    assert other.fingerprint != first.fingerprint
    changed = {row.key: row.source for row in other.ledger}["works.rotation"]
    assert changed.startswith("set to 2; default 1.5")


@pytest.mark.parametrize(
    "surface",
    [
        np.array([1, 2, 3]),
        np.array([[1.0, 2.0]]),
        np.array([[7]]),
        np.array([[-1]]),
        np.zeros((0, 3), int),
    ],
)
def test_bad_surfaces_are_refused(surface):
    with pytest.raises(InputError, match="surface"):
        price(surface, states=STATES)


def test_unknown_names_are_refused_with_the_nearest():
    settings = WorksSettings(include=("fort_compny",), exclude=("dich",))
    with pytest.raises(InputError) as caught:
        price(ALL, settings=settings, states=STATES)
    assert [fault.mend for fault in caught.value.faults] == [
        "did you mean 'fort_company'?",
        "did you mean 'ditch'?",
    ]


def test_another_catalogue_is_read_from_the_settings(tmp_path):
    with pytest.raises(InputError, match="can be read"):
        price(ALL, settings=WorksSettings(catalogue=tmp_path / "no.toml"), states=STATES)


def test_excluded_items_stay_out_and_neutralisation_can_be_set():
    settings = WorksSettings(exclude=("fence",), neutralisation=0.9)
    works = price(ALL, settings=settings, states=STATES)
    assert not any("fence" in items for items in works.compositions["items"])
    assert works.compositions["p_n"].to_numpy() == pytest.approx(0.9)
    assert any(row.key == "works.neutralisation" for row in works.ledger)


def test_the_prices_in_the_docs_are_the_programs(root):
    lines = (root / "docs" / "method" / "works.md").read_text(encoding="utf-8").splitlines()
    table = price(np.array([[1, 2, 3, 4]]), states=STATES).compositions
    for row in table.itertuples():
        line = (
            f"| {row.surface} | `{row.composition}` | {row.cost_low_usd_km_yr / 1e3:.0f}k "
            f"| {row.cost_usd_km_yr / 1e3:.0f}k | {row.cost_high_usd_km_yr / 1e3:.0f}k "
            f"| {row.capital_usd_km / 1e3:.0f}k | {row.men_per_km:.1f} "
            f"| {row.men_paid_per_km:.1f} | {row.p_e:.2f} ({row.p_e_low:.2f}–{row.p_e_high:.2f}) |"
        )
        assert line in lines, line
