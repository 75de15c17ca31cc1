"""Why works stand where they do: every claim of an explanation computed again another way."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from vallum.brief import explained_record, explained_tables, explained_words
from vallum.brief.page_text import whole
from vallum.errors import InputError
from vallum.works import WorksSettings, explain, interruption, load_catalogue, plain_ground, price
from vallum.works.clash import fort_neutralisation
from vallum.works.compose import Composition, compositions
from vallum.works.cost import price_items
from vallum.works.ground import Ground, GroundClass
from vallum.works.law import barred
from vallum.works.sight import flat_cover
from vallum.works.tasks import Scene, crossing, paths, response_s

STATES = ["MLI", "MRT", "MAR"]
CATALOGUE = load_catalogue()
ITEMS = CATALOGUE.items
CHOSEN_ROLES = {"barrier", "sensor", "track", "fort"}
# sand, rock / soil, wetland / sea, water
CODES = [[1, 2], [3, 4], [0, 5]]
DEFAULT = WorksSettings()


@pytest.fixture(scope="module")
def plain():
    return price(plain_ground(CODES), states=STATES)


@pytest.fixture(scope="module", params=[(0, 0), (0, 1), (1, 0), (1, 1)])
def case(request, plain):
    """One cell of each surface: its works' scene, and what is said of it."""
    row, col = request.param
    land = plain.ground.classes[plain.ground.of[row, col]]
    scene = Scene(land, CATALOGUE, DEFAULT, plain.threat, plain.ground.cover)
    return plain, scene, explain(plain, row, col, DEFAULT, states=STATES)


def read(name):
    """A composition from its short name."""
    barriers, sensors, track, fort = [], [], "", ("", 0.0)
    for part in name.split("+"):
        key, _, km = part.partition("@")
        role = ITEMS[key].role
        if role == "barrier":
            barriers.append(key)
        elif role == "track":
            track = key
        elif role == "fort":
            fort = (key, float(km))
        else:
            sensors.append((key, float(km or 0)))
    return Composition(tuple(barriers), tuple(sensors), track, *fort)


def cost(works, scene):
    """Its price by the other way there is, that of many items at once with their ranges."""
    items = [ITEMS[key] for key in works.quantities]
    each = np.array([[*works.quantities.values()]])
    settings, ground = scene.settings, scene.ground
    return price_items(items, each, settings, ground=ground, catalogue=CATALOGUE).mode[0]


def stops(works, scene):
    """P_E by single crossings."""
    mean, deviation = response_s(works, scene)
    p_i = min(
        interruption(
            crossing(works, path, scene),
            communication=scene.settings.communication,
            response_s=mean,
            response_sd_s=deviation,
        )
        for path in paths(scene.threat, CATALOGUE)
    )
    return p_i * fort_neutralisation(ITEMS[works.fort], scene.threat, scene.settings)


def in_its_place(item, chosen, settings=DEFAULT):
    """Every composition like the chosen one with an item added, or in another's place."""
    forts = ITEMS[chosen.fort].spacing_km or settings.fort_spacings_km
    if item.role == "barrier":
        room = len(chosen.barriers) < settings.max_barriers
        kept = [chosen.barriers] if room else []
        if chosen.barriers:
            kept += itertools.combinations(chosen.barriers, len(chosen.barriers) - 1)
        return [replace(chosen, barriers=(*some, item.id)) for some in kept]
    if item.role == "track":
        return [replace(chosen, track=item.id)]
    if item.role == "fort":
        own = item.spacing_km or settings.fort_spacings_km
        return [replace(chosen, fort=item.id, fort_km=float(km)) for km in own]
    slot = item.slot or "tower"
    rest = tuple(one for one in chosen.sensors if (ITEMS[one[0]].slot or "tower") != slot)
    own = (0.0,) if slot == "line" else item.spacing_km or settings.sensor_spacings_km
    return [
        replace(chosen, sensors=(*rest, (item.id, float(km))), fort_km=float(fort_km))
        for km in own
        for fort_km in {chosen.fort_km, *forts}
    ]


def test_the_winner_is_what_the_works_have_there(plain):
    for (row, col), code in np.ndenumerate(plain.priced_as):
        found = explain(plain, row, col, DEFAULT, states=STATES)
        assert found.chosen.name == code
        assert found.chosen["composition"] == plain.compositions.loc[code, "composition"]
        assert (found.row, found.col) == (row, col)
        assert found.bank == (CODES[row][col] in (0, 5))
        assert found.ground["surface"] == plain.compositions.loc[code, "surface"]
        assert found.buildable
        assert math.isnan(found.at_stake_usd_km_yr)
        assert found.gates == {}


def test_the_frontier_holds_it_and_is_one(case):
    works, scene, found = case
    front = found.frontier
    assert front["chosen"].sum() == 1
    row = front[front["chosen"]].iloc[0]
    assert row["composition"] == found.chosen["composition"]
    assert row["cost_usd_km_yr"] == pytest.approx(found.chosen["cost_usd_km_yr"])
    assert row["p_e"] == found.chosen["p_e"] >= 0.67
    assert (np.diff(front["cost_usd_km_yr"]) > 0).all()
    assert (np.diff(front["p_e"]) > 0).all()
    assert (front.loc[front.index < row.name, "p_e"] < 0.67).all()
    assert found.candidates == len(compositions(CATALOGUE, DEFAULT, scene.ground, STATES))
    for name, said_cost, said_p_e in front[["composition", "cost_usd_km_yr", "p_e"]].to_numpy():
        assert cost(read(name), scene) == pytest.approx(said_cost)
        assert stops(read(name), scene) == pytest.approx(said_p_e, abs=1e-9)
    assert works.choices[found.chosen.name].id == found.chosen["composition"]


def test_every_item_that_is_not_chosen_has_its_reason(case):
    _, scene, found = case
    said = set(found.others["item"])
    lawful = {key for key, item in ITEMS.items() if item.role in CHOSEN_ROLES}
    assert said == lawful - set(found.chosen["items"])
    assert (found.others["why"].str.len() > 0).all()
    for row in found.others.itertuples():
        item = ITEMS[row.item]
        if scene.ground.surface not in item.ground:
            assert row.why == f"can't stand on {scene.ground.surface}"
            assert row.composition == ""
            assert math.isnan(row.cost_usd_km_yr)
        else:
            assert row.why.startswith(("would do", "stops at most"))


def test_what_would_do_costs_as_much_more_as_is_said_and_what_falls_short_does(case):
    _, scene, found = case
    chosen = read(found.chosen["composition"])
    base = cost(chosen, scene)
    tried = 0
    for row in found.others[found.others["composition"] != ""].itertuples():
        tried += 1
        every = in_its_place(ITEMS[row.item], chosen)
        costs, p_e = [cost(w, scene) for w in every], [stops(w, scene) for w in every]
        named = read(row.composition)
        assert row.item in named.quantities
        assert cost(named, scene) == pytest.approx(row.cost_usd_km_yr)
        assert stops(named, scene) == pytest.approx(row.p_e, abs=1e-9)
        if any(p >= 0.67 for p in p_e):
            least = min(c for c, p in zip(costs, p_e, strict=True) if p >= 0.67)
            assert row.cost_usd_km_yr == pytest.approx(least)
            assert row.why == f"would do, for {least - base:,.0f} USD/km/yr more"
            assert least >= base - 1e-6
        else:
            assert row.p_e == pytest.approx(max(p_e), abs=1e-9)
            assert row.why == f"stops at most {max(p_e):.2f} in its place"
    assert tried > 3


def test_the_tasks_are_those_of_the_crossing_that_is_worst(case):
    _, scene, found = case
    works = read(found.chosen["composition"])
    mean, deviation = response_s(works, scene)
    assert found.response_s == (mean, deviation)
    tasks = list(
        found.tasks[["detection", "delay_s", "delay_sd_s", "detected"]].itertuples(index=False)
    )
    p_i = interruption(
        [tuple(task) for task in tasks],
        communication=DEFAULT.communication,
        response_s=mean,
        response_sd_s=deviation,
    )
    assert p_i == pytest.approx(found.chosen["p_i"], abs=1e-9)
    assert found.path == found.chosen["worst_path"]
    for key in works.barriers:
        named = found.tasks[found.tasks["task"] == key]
        assert len(named) == 1
        assert named["delay_s"].iloc[0] > 0
    assert found.tasks["task"].iloc[-1] == "run"


def test_what_mines_would_have_saved_and_the_rule_that_bars_them(case):
    _, scene, found = case
    assert found.barred["item"].tolist() == ["mine_ap", "mine_av"]
    for row in found.barred.itertuples():
        mine, rule = ITEMS[row.item], barred(ITEMS[row.item], STATES)
        assert row.rule == rule.name
        assert row.rule_text == rule.text
        plain_price = price_items([mine], np.ones((1, 1)), DEFAULT).mode[0]
        assert row.price_usd_km_yr == pytest.approx(plain_price)
        usable = [
            item for item in CATALOGUE.of_role("barrier") if scene.ground.surface in item.ground
        ]
        delays = {item.id: {m: d.mean for m, d in item.delay_s.items()} for item in usable}
        prices = {item.id: price_items([item], np.ones((1, 1)), DEFAULT).mode[0] for item in usable}
        enough = [
            sum(prices[key] for key in some)
            for count in range(5)
            for some in itertools.combinations(delays, count)
            if all(
                sum(delays[key][mode] for key in some) >= figure.mean
                for mode, figure in mine.delay_s.items()
            )
        ]
        if enough:
            assert row.short_s == 0
            assert row.equivalent_usd_km_yr == pytest.approx(min(enough))
        else:
            assert row.short_s > 0
        some = row.equivalent.split("+")
        assert row.equivalent_usd_km_yr == pytest.approx(sum(prices[key] for key in some))
        assert row.saved_usd_km_yr == pytest.approx(row.equivalent_usd_km_yr - plain_price)


def test_what_the_effect_hangs_on(case):
    _, _, found = case
    assert len(found.doubts) >= 6
    assert found.doubts[["low", "high"]].to_numpy().min() >= 0
    assert found.doubts[["low", "high"]].to_numpy().max() <= 1


def steep():
    """Soil too steep for most walls, with wadis and a haul, beside level sand."""
    haul = MappingProxyType({"stone": 150.0, "steel": 120.0})
    hill = GroundClass("soil", slope=0.45, wadis_per_km=0.7, haul_km=haul)
    return Ground((hill, GroundClass("sand")), np.array([[0, 0, 1]], np.int32), flat_cover())


def test_what_is_left_out_and_what_is_too_steep_is_said():
    asked = WorksSettings(exclude=("fence", "aerostat"), where_short="use", standard=0.3)
    works = price(steep(), settings=asked, states=STATES)
    found = explain(works, 0, 0, asked, states=STATES)
    why = found.others.set_index("item")["why"]
    assert why["fence"] == why["aerostat"] == "left out by the settings"
    limited = [
        item
        for item in ITEMS.values()
        if item.role in CHOSEN_ROLES
        and item.slope_max is not None
        and item.slope_max.mode < 0.45
        and "soil" in item.ground
        and item.id not in asked.exclude
    ]
    assert len(limited) > 2
    for item in limited:
        assert why[item.id] == f"too steep: 0.45 over {item.slope_max.mode:.2f}"
    assert found.ground["slope, rise over run"] == "0.450"
    assert found.ground["wadis that a km of line crosses"] == "0.7"
    assert found.ground["haul of stone, km"] == "150"


def test_an_item_whose_material_no_road_brings_says_so():
    haul = MappingProxyType({"stone": math.inf, "steel": 10.0})
    ground = Ground((GroundClass("soil", haul_km=haul),), np.zeros((1, 1), np.int32), flat_cover())
    works = price(ground, states=STATES)
    found = explain(works, 0, 0, DEFAULT, states=STATES)
    why = found.others.set_index("item")["why"]
    assert why["stone_wall"].startswith("no road brings its material")
    assert "stone_wall" not in found.chosen["items"]
    assert found.ground["haul of stone, km"] == "no road"


def test_water_is_explained_as_the_nearest_bank(plain):
    for row, col, bank in ((2, 0, (1, 0)), (2, 1, (1, 1))):
        found = explain(plain, row, col, DEFAULT, states=STATES)
        on_land = explain(plain, *bank, DEFAULT, states=STATES)
        assert found.bank
        assert not on_land.bank
        assert found.frontier.equals(on_land.frontier)
        assert found.others.equals(on_land.others)
        assert "nearest bank" in explained_words(found)
        assert "nearest bank" not in explained_words(on_land)


@pytest.mark.parametrize("cell", [(-1, 0), (0, -1), (3, 0), (0, 2)])
def test_a_cell_off_the_grid_is_refused(plain, cell):
    with pytest.raises(InputError, match="give a cell of the grid"):
        explain(plain, *cell, DEFAULT, states=STATES)


def test_words_tables_and_record_say_the_same(plain):
    found = explain(plain, 1, 0, DEFAULT, states=STATES)
    words = explained_words(found)
    assert f"{whole(found.candidates)} lawful compositions" in words
    assert "meets the standard" in words
    assert words.count("never placed") == 2
    assert "Mines would have saved" in words or "Mines would have cost" in words
    for rule in found.barred["rule"]:
        assert rule in words
    record = explained_record(found)
    assert record["chosen"]["composition"] == found.chosen["composition"]
    assert record["rule"] == "one"
    assert {row["item"] for row in record["barred"]} == {"mine_ap", "mine_av"}
    tables = explained_tables(found)
    shown = next(table for title, table in tables.items() if title.startswith("cost and effect"))
    assert shown["chosen"].sum() == 1


def test_words_where_the_standard_is_not_met():
    asked = WorksSettings(standard=0.9, include=("fence", "tower_radar", "fort_company", "wire"))
    use = price(
        plain_ground([[1]]), settings=asked.model_copy(update={"where_short": "use"}), states=STATES
    )
    assert use.status != "ok"
    found = explain(use, 0, 0, asked, states=STATES)
    words = explained_words(found)
    assert "meets the standard; this one stops most" in words
    assert "no line stands there" not in words
    assert found.frontier["chosen"].to_numpy()[-1]
    none = explain(replace(use, buildable=np.zeros((1, 1), bool)), 0, 0, asked, states=STATES)
    assert "no line stands there" in explained_words(none)


def test_words_of_least_cost_speak_of_what_is_at_stake():
    asked = WorksSettings(rule="least_cost")
    works = price(
        plain_ground([[3]]), settings=asked, states=STATES, at_stake_usd_km_yr=np.full((1, 1), 9e5)
    )
    found = explain(works, 0, 0, asked, states=STATES)
    assert found.at_stake_usd_km_yr == 9e5
    words = explained_words(found)
    assert "costs least together with the losses that still come through" in words
    assert "standard" not in words
    front = found.frontier
    total = front["cost_usd_km_yr"] + (1 - front["p_e"]) * 9e5
    assert front.loc[total.idxmin(), "chosen"]
