"""Prices worked by hand, and the table of composition by surface."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from vallum.errors import InfeasibleError, InputError
from vallum.works import WorksSettings, frontier, load_catalogue, plain_ground, price
from vallum.works.catalogue import SURFACES, Catalogue, Item, Mode, Range
from vallum.works.compose import Composition, compositions
from vallum.works.cost import annuity, price_items, sinking
from vallum.works.effect import effects
from vallum.works.ground import Ground, GroundClass
from vallum.works.opponent import opponent
from vallum.works.sight import flat_cover
from vallum.works.tasks import Path, Scene, crossing, response_s

ALL = np.array([[0, 1, 2], [3, 4, 5]], dtype=np.int8)
STATES = ["MLI", "MRT", "MAR"]
NO = Range(0.0, 0.0, 0.0)
SOIL = GroundClass("soil")


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
SCENE = Scene(SOIL, small(), HAND, opponent(HAND, ["car"]))


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
    works = Composition(("wall",), (), "", "fort", 12.0)
    tasks = crossing(works, Path("car", False, "car", "car"), SCENE)
    # sight 10 km, midway 6 km from each fort: 8 km ahead of the line at 10 m/s, found out at 4
    assert tasks == [
        (0.9, pytest.approx(400.0), 0.0, "begin"),
        (0.0, 600.0, 0.0, "begin"),
        (0.0, pytest.approx(360.0), 0.0, "begin"),
    ]
    assert response_s(works, SCENE) == (pytest.approx(100 + 600 + 360), 0.0)
    # 400 + 600 + 360 s left when seen, 1060 s needed: in time, so P_I = D and P_E = D · P_N
    found = effects([works], SCENE)
    assert found.p_i[0] == pytest.approx([0.9, 0.9])  # openly and, slower, by covered ways
    assert found.p_n[0] == 0.8
    bare = Composition((), (), "", "fort", 12.0)
    assert effects([bare], SCENE).p_i[0, 0] == 0.0


def test_choice_by_hand():
    catalogue = small()
    assert len(compositions(catalogue, HAND, SOIL, STATES)) == 2 * 2
    found = frontier(catalogue, [SOIL], SCENE.threat, settings=HAND, states=STATES)

    def choice(standard):
        picked = found.closure(standard)
        return found.classes[0].compositions[int(picked.point[0])].id, picked

    # at 16 km: sight 6 km ahead, 300 + 600 + 360 s left, 100 + 800 + 360 s needed: a tie, one half
    name, picked = choice(0.6)
    assert name == "wall+fort@12"
    assert picked.met[0]
    assert picked.p_e[0] == pytest.approx(0.72)
    assert choice(0.36)[0] == "wall+fort@16"
    name, picked = choice(0.73)
    assert not picked.met[0]
    assert name == "wall+fort@12"
    # and the stage does the same
    for standard, name in ((0.6, "wall+fort@12"), (0.36, "wall+fort@16")):
        asked = HAND.model_copy(update={"standard": standard})
        works = price(plain_ground([[3]]), settings=asked, states=STATES, catalogue=catalogue)
        assert list(works.compositions["composition"]) == [name]
        assert works.choices[0].id == name


def test_ground_without_a_fort_is_infeasible():
    with pytest.raises(InfeasibleError, match="rock"):
        price(plain_ground([[2]]), settings=HAND, states=STATES, catalogue=small())


def test_the_table_of_composition_by_surface_makes_sense():
    works = price(plain_ground(ALL), states=STATES)
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


def test_water_is_priced_as_the_nearest_bank():
    works = price(plain_ground([[0, 1, 2, 5], [5, 1, 2, 2]]), states=STATES)
    sand, rock = works.closure_usd_km_yr[0, 1:3]
    assert sand != rock
    assert works.closure_usd_km_yr == pytest.approx(np.array([[sand, sand, rock, rock]] * 2))
    assert (works.priced_as == works.composition[0, [1, 1, 2, 2]]).all()
    assert (works.composition == -1).tolist() == [[True, False, False, True], [True] + 3 * [False]]
    assert works.compositions["cells"].tolist() == [2, 3]


@pytest.mark.parametrize("code", [0, 5])
def test_water_alone_is_priced_as_a_bank_of_soil(code):
    bank = price(plain_ground([[3]]), states=STATES)
    works = price(plain_ground([[code, code]]), states=STATES)
    assert works.closure_usd_km_yr == pytest.approx(bank.closure_usd_km_yr[0, 0])
    assert (works.composition == -1).all()
    assert works.status == "ok"
    assert works.barred["equivalent"].tolist() == bank.barred["equivalent"].tolist()
    with pytest.raises(InfeasibleError, match="ask for at most"):
        price(plain_ground([[code]]), states=STATES, settings=WorksSettings(standard=0.99))


def test_result_is_whole_and_read_only():
    works = price(plain_ground(ALL), states=STATES)
    table = works.compositions
    for array in (
        works.closure_usd_km_yr,
        works.works_usd_km_yr,
        works.composition,
        works.priced_as,
        works.effectiveness,
        works.standard_met,
        works.buildable,
    ):
        assert array.shape == ALL.shape
        assert not array.flags.writeable
    assert works.composition.dtype == np.int16
    assert int(table["cells"].sum()) == (works.composition >= 0).sum() == 4
    row = table.loc[works.composition[1, 0]]
    assert works.closure_usd_km_yr[1, 0] == row["cost_usd_km_yr"]
    assert works.effectiveness[1, 0] == row["p_e"]
    rows = table.to_dict("records")
    assert [r["p_i"] * r["p_n"] for r in rows] == pytest.approx([r["p_e"] for r in rows])
    assert [r["men_paid_per_km"] for r in rows] == pytest.approx(
        [1.5 * r["men_per_km"] for r in rows]
    )
    assert [r["built_usd_km"] + r["cover_usd_km"] for r in rows] == pytest.approx(
        [r["capital_usd_km"] for r in rows]
    )
    assert (table["cost_low_usd_km_yr"] < table["cost_usd_km_yr"]).all()
    assert (table["cost_usd_km_yr"] < table["cost_high_usd_km_yr"]).all()
    for name in ("p_i", "p_e"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    assert 0 < works.range[0] < 1 < works.range[1]
    assert all(len(row.source) > 10 for row in works.ledger)
    keys = [row.key for row in works.ledger]
    assert len(keys) == len(set(keys))
    assert {"works.standard", "works.mine_ap.end_usd"} <= set(keys)


def test_every_row_says_what_its_frontier_and_its_crossings_say():
    """The table, the frontier and `effects` come by different ways to one P_E on one path."""
    works = price(plain_ground(ALL), states=STATES)
    for code, row in works.compositions.iterrows():
        here = works.frontiers.classes[row["ground"]]
        scene = Scene(here.ground, works.catalogue, WorksSettings(), works.threat)
        said = effects([works.choices[code]], scene)
        assert row["p_e"] == pytest.approx(said.p_e[0], abs=1e-12)
        assert row["worst_path"] == said.paths[said.worst[0]].describe(works.catalogue)
        assert row["response_s"] == response_s(works.choices[code], scene)[0]
        assert row["cost_usd_km_yr"] == pytest.approx(here.cost_usd_km_yr[row["point"]])
        assert row["candidates"] == len(
            compositions(works.catalogue, WorksSettings(), here.ground, STATES)
        )
        cheaper = here.p_e[: row["point"]]
        assert (cheaper < 0.67).all()


def test_where_nothing_meets_the_standard_no_line_stands_or_the_best_there_is():
    most = {
        found.ground.surface: found.p_e[-1]
        for found in price(plain_ground(ALL), states=STATES).frontiers.classes
    }
    worst, second = sorted(most.values())[:2]
    assert most["wetland"] == worst < second
    standard = (worst + second) / 2
    asked = WorksSettings(standard=standard)
    avoid = price(plain_ground(ALL), settings=asked, states=STATES)
    assert avoid.status.startswith(f"no lawful composition stops {standard:g} of crossings on 25 %")
    assert "wetland (stops 0." in avoid.status
    assert avoid.status.endswith("no line stands there")
    assert avoid.buildable.tolist() == avoid.standard_met.tolist()
    assert not avoid.buildable[1, 1]
    assert avoid.buildable[[0, 0, 1], [1, 2, 0]].all()
    use = price(
        plain_ground(ALL),
        settings=asked.model_copy(update={"where_short": "use"}),
        states=STATES,
    )
    assert use.buildable.all()
    assert use.standard_met.tolist() == avoid.standard_met.tolist()
    assert use.status.endswith("the one that stops most is used there")
    p_e = use.compositions.set_index("surface")["p_e"]
    assert use.effect[1] == p_e["wetland"] == p_e.min()
    assert avoid.effect[1] == p_e.drop("wetland").min() >= standard
    assert p_e["wetland"] == pytest.approx(worst, abs=1e-12)
    modest = WorksSettings(standard=0.3)
    assert price(plain_ground([[3]]), settings=modest, states=STATES).status == "ok"


def test_a_standard_that_is_met_nowhere_is_refused_with_the_most_that_could_be_asked():
    with pytest.raises(InfeasibleError, match=r"nothing lawful stops 0\.99") as caught:
        price(plain_ground(ALL), settings=WorksSettings(standard=0.99), states=STATES)
    most = float(str(caught.value).split("at most ")[1].split(",")[0])
    price(plain_ground(ALL), settings=WorksSettings(standard=most), states=STATES)
    with pytest.raises(InfeasibleError):
        price(plain_ground(ALL), settings=WorksSettings(standard=most + 0.001), states=STATES)


def test_only_where_a_line_may_stand_counts():
    ground = plain_ground([[1, 4], [3, 3]])
    everywhere = price(ground, states=STATES)
    where = np.array([[True, False], [False, True]])
    some = price(ground, states=STATES, where=where)
    assert some.compositions["cells"].tolist() == [1, 1, 0]
    assert some.closure_usd_km_yr.tolist() == everywhere.closure_usd_km_yr.tolist()
    assert some.effect[1] == some.effectiveness[where].min()
    low, high = (
        some.compositions[f"cost_{end}_usd_km_yr"].to_numpy()[some.priced_as[where]].sum()
        for end in ("low", "high")
    )
    total = some.closure_usd_km_yr[where].sum()
    assert some.range == pytest.approx((low / total, high / total))


def stake():
    """From nothing to more than any works are worth, on every surface."""
    return np.geomspace(1e4, 1e7, 6) * np.array([[1.0], [1.3], [1.7], [2.2]])


def test_at_least_cost_nothing_on_the_frontier_costs_less_with_the_loss_it_leaves():
    ground = plain_ground(np.repeat(np.arange(1, 5), 6).reshape(4, 6))
    at_stake = stake()
    works = price(
        ground,
        settings=WorksSettings(rule="least_cost"),
        states=STATES,
        at_stake_usd_km_yr=at_stake,
    )
    assert len(works.compositions) > 8
    for (row, col), loss in np.ndenumerate(at_stake):
        here = works.frontiers.classes[row]
        least = min(c + (1 - p) * loss for c, p in zip(here.cost_usd_km_yr, here.p_e, strict=True))
        ours = works.closure_usd_km_yr[row, col] + (1 - works.effectiveness[row, col]) * loss
        assert ours == pytest.approx(least, rel=1e-9)
    assert works.standard_met.all()
    assert works.buildable.all()
    assert works.status == "ok"
    # the line stops what is at stake, not what is nowhere
    mean = (works.effectiveness * at_stake).sum() / at_stake.sum()
    assert works.effect[1] == pytest.approx(mean)


def test_at_least_cost_needs_what_crossings_cost():
    with pytest.raises(InputError, match="journeys are not known"):
        price(plain_ground(ALL), settings=WorksSettings(rule="least_cost"), states=STATES)


def test_same_inputs_same_result_and_fingerprint():
    first, again = (price(plain_ground(ALL), states=STATES) for _ in range(2))
    assert first.fingerprint == again.fingerprint
    assert np.array_equal(first.closure_usd_km_yr, again.closure_usd_km_yr)
    assert first.compositions.equals(again.compositions)
    other = price(plain_ground(ALL), settings=WorksSettings(rotation=2), states=STATES)
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
        plain_ground(surface)


def test_plain_ground_has_a_class_per_surface_in_the_order_of_the_codes():
    ground = plain_ground([[4, 1, 0], [3, 5, 1]])
    assert ground.classes == (GroundClass("sand"), GroundClass("soil"), GroundClass("wetland"))
    assert ground.of.tolist() == [[2, 0, -1], [1, -1, 0]]


def test_unknown_names_are_refused_with_the_nearest():
    settings = WorksSettings(include=("fort_compny",), exclude=("dich",))
    with pytest.raises(InputError) as caught:
        price(plain_ground(ALL), settings=settings, states=STATES)
    assert [fault.mend for fault in caught.value.faults] == [
        "did you mean 'fort_company'?",
        "did you mean 'ditch'?",
    ]


def test_another_catalogue_is_read_from_the_settings(tmp_path):
    nowhere = WorksSettings(catalogue=tmp_path / "no.toml")
    with pytest.raises(InputError, match="can be read"):
        price(plain_ground(ALL), settings=nowhere, states=STATES)


def test_excluded_items_stay_out_and_neutralisation_can_be_set():
    settings = WorksSettings(exclude=("stone_wall",), neutralisation=0.9)
    works = price(plain_ground(ALL), settings=settings, states=STATES)
    assert not any("stone_wall" in items for items in works.compositions["items"])
    assert works.compositions["p_n"].to_numpy() == pytest.approx(0.9)
    assert any(row.key == "works.neutralisation" for row in works.ledger)


def test_stone_where_there_is_stone_sand_where_there_is_sand_whatever_the_road():
    """Beside the plain ground, on which all is at hand: what isn't found comes by a long road."""
    catalogue = load_catalogue()
    classes = tuple(
        GroundClass(
            name,
            haul_km=MappingProxyType(
                {
                    key: 0.0 if name in m.found_on else 300.0
                    for key, m in catalogue.materials.items()
                }
            ),
        )
        for name in SURFACES.values()
    )
    ground = Ground(classes, np.arange(4, dtype=np.int32).reshape(2, 2), flat_cover())
    table = price(ground, states=STATES).compositions.set_index("surface")
    plain = price(plain_ground([[1, 2], [3, 4]]), states=STATES).compositions
    assert (table["cost_usd_km_yr"].to_numpy() >= plain["cost_usd_km_yr"].to_numpy()).all()
    assert "stone_wall" in table.loc["rock", "items"]
    for surface in ("sand", "soil"):
        taken = {
            key
            for item in table.loc[surface, "items"]
            if catalogue.items[item].role == "barrier"
            for key in catalogue.items[item].material
        }
        assert "stone" not in taken


def docs_row(row):
    """One line of the page's table of prices."""
    return (
        f"| {row.surface} | `{row.composition}` | {row.cost_low_usd_km_yr / 1e3:.0f}k "
        f"| {row.cost_usd_km_yr / 1e3:.0f}k | {row.cost_high_usd_km_yr / 1e3:.0f}k "
        f"| {row.capital_usd_km / 1e3:.0f}k | {row.men_per_km:.1f} "
        f"| {row.men_paid_per_km:.1f} | {row.p_e:.2f} ({row.p_e_low:.2f}–{row.p_e_high:.2f}) |"
    )


def test_the_prices_in_the_docs_are_the_programs(root):
    lines = (root / "docs" / "method" / "works.md").read_text(encoding="utf-8").splitlines()
    table = price(plain_ground([[1, 2, 3, 4]]), states=STATES).compositions
    wanted = [docs_row(row) for row in table.itertuples()]
    missing = [line for line in wanted if line not in lines]
    assert not missing, "put these into docs/method/works.md:\n" + "\n".join(wanted)


def test_a_dearer_wall_is_left_for_forts_that_stand_closer():
    """Two ways to one standard: with the wall at any price the frontier keeps both ends right."""
    catalogue = small()
    dear = replace(catalogue.items["wall"], capital_usd=sure(1e9))
    costly = replace(catalogue, items=MappingProxyType({**catalogue.items, "wall": dear}))
    asked = HAND.model_copy(update={"standard": 0.3, "fort_spacings_km": (2.0, 12.0, 16.0)})
    cheap = price(plain_ground([[3]]), settings=asked, states=STATES, catalogue=catalogue)
    other = price(plain_ground([[3]]), settings=asked, states=STATES, catalogue=costly)
    # at 2 km without a wall: 9.95 km ahead, half of it 497 s, 200 s to be there
    assert cheap.choices[0].id == "wall+fort@16"
    assert other.choices[0].id == "fort@2"
    assert other.compositions["p_e"].iloc[0] == pytest.approx(0.72)


def test_ground_where_no_post_can_stand_bears_no_line_and_is_told():
    cliff = GroundClass("rock", slope=5.0)
    of = np.array([[0, 1, -1]], np.int32)
    works = price(
        Ground((cliff, GroundClass("soil")), of, flat_cover()),
        settings=WorksSettings(standard=0.5),
        states=STATES,
    )
    assert works.buildable.tolist() == [[False, True, True]]
    assert works.standard_met.tolist() == [[False, True, True]]
    assert works.composition.tolist() == [[-1, 0, -1]]
    assert works.ground.classes == (GroundClass("soil"),)
    assert "50 % of the land no post can stand" in works.status
    with pytest.raises(InfeasibleError, match="no fort"):
        price(Ground((cliff,), np.zeros((1, 1), np.int32), flat_cover()), states=STATES)
