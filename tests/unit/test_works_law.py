"""Mines are listed, priced and never placed; the refusal names the rule."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from pydantic import ValidationError

from vallum.errors import BarredError, InputError
from vallum.works import Opponent, WorksSettings, frontier, load_catalogue, plain_ground, price
from vallum.works.catalogue import Range
from vallum.works.compose import compositions, lawful
from vallum.works.cost import unit_costs
from vallum.works.equivalent import closer_forts, lawful_equivalent
from vallum.works.ground import GroundClass
from vallum.works.law import barred, bound, load_law, refuse
from vallum.works.tasks import Scene, response_s

SOIL = plain_ground([[3]])
ITEMS = load_catalogue().items


def test_anti_personnel_mines_are_barred_by_treaty_where_one_state_is_party():
    rule = barred(ITEMS["mine_ap"], ["MAR", "MLI"])
    assert rule is not None
    assert rule.id == "mbc_1"
    assert rule.source.startswith("https://")


def test_a_state_that_is_not_a_party_changes_nothing():
    rule = barred(ITEMS["mine_ap"], ["MAR"])
    assert rule is not None
    assert rule.id == "vallum_no_mines"
    assert "Policy of this project" in rule.name


@pytest.mark.parametrize("states", [[], ["MAR"], ["MLI", "MRT", "MAR"], ["USA"]])
def test_anti_vehicle_mines_are_barred_by_policy_everywhere(states):
    rule = barred(ITEMS["mine_av"], states)
    assert rule is not None
    assert rule.id == "vallum_no_mines"


def test_works_are_lawful():
    for item in ITEMS.values():
        if item.role != "mine":
            assert barred(item, ["MLI", "MRT"]) is None


def test_a_weapon_slipped_past_the_door_is_still_never_placed():
    """Even a catalogue made in memory, that calls mines a barrier and makes them free."""
    free = Range(0.0, 0.0, 0.0)
    slipped = replace(
        ITEMS["mine_ap"], id="gravel", text="gravel", role="barrier", capital_usd=free, men=free
    )
    catalogue = replace(load_catalogue(), items=MappingProxyType({**ITEMS, "gravel": slipped}))
    assert slipped not in lawful(catalogue, ["MAR"])
    settings, ground = WorksSettings(), GroundClass("soil")
    every = compositions(catalogue, settings.model_copy(update={"max_barriers": 1}), ground, [])
    assert not any("gravel" in works.quantities for works in every)
    found = frontier(catalogue, [ground], Opponent(), settings=settings, states=["MAR"])
    assert not any("gravel" in works.quantities for works in found.classes[0].compositions)
    assert not any("gravel" in some for some in found.classes[0].options.barriers)
    assert price(SOIL, states=["MAR"], catalogue=catalogue).barred.loc["gravel", "rule"]


def test_status_of_the_states():
    law = load_law()
    assert str(law.status["MLI"].mine_ban) == "1999-03-01"
    assert str(law.status["MRT"].mine_ban) == "2001-01-01"
    assert law.status["MAR"].mine_ban is None
    assert bound(["MAR", "SEN", "SAH", "XXX"]) == ("SEN",)
    assert all(state.source.startswith("http") for state in law.status.values())
    assert {rule.applies for rule in law.restrictions} == {"restricts"}


@pytest.mark.parametrize("asked", [("mine_ap",), ("fort_company", "mine_av"), ("mine_ap", "typo")])
def test_asking_for_mines_is_refused_by_name_of_the_rule(asked):
    with pytest.raises(BarredError) as caught:
        price(SOIL, settings=WorksSettings(include=asked), states=["MLI", "MAR"])
    assert any(rule in str(caught.value) for rule in ("mbc_1", "vallum_no_mines"))
    assert "lawful works" in str(caught.value)


def test_no_setting_allows_mines():
    assert not [name for name in WorksSettings.model_fields if "mine" in name or "law" in name]
    with pytest.raises(ValidationError):
        WorksSettings(allow_mines=True)


def test_codes_of_states_are_checked():
    with pytest.raises(InputError, match="alpha-3"):
        refuse([], ["Mali"], where="include")
    with pytest.raises(InputError, match="alpha-3"):
        price(SOIL, states="MLI")


def test_the_price_had_it_been_allowed_and_what_stands_in_for_it():
    works = price(SOIL, states=["MLI", "MRT", "MAR"])
    table = works.barred
    assert list(table.index) == ["mine_ap", "mine_av"]
    assert list(table["rule"]) == ["mbc_1", "vallum_no_mines"]
    assert table.loc["mine_ap", "states_bound"] == "MLI, MRT"
    ends = table[["price_low_usd_km_yr", "price_usd_km_yr", "price_high_usd_km_yr"]].to_numpy(float)
    assert (np.diff(ends, axis=1) > 0).all()
    assert table.loc["mine_ap", "harm"]
    for key in table.index:
        mine, row = ITEMS[key], table.loc[key]
        assert row["price_usd_km_yr"] == pytest.approx(
            unit_costs([mine], [GroundClass("soil")], load_catalogue(), WorksSettings())[0, 0]
        )
        assert bool(row["equivalent_met"])
        for mode, delay in mine.delay_s.items():
            ours = sum(ITEMS[b].delay_s[mode].mean for b in row["equivalent"].split("+"))
            assert ours >= delay.mean - row["short_s"] - 1e-9
    # a low bank alone holds a vehicle longer than the belt would, and costs less
    assert table.loc["mine_av", "equivalent"] == "berm_low"
    assert table.loc["mine_av", "equivalent_usd_km_yr"] < table.loc["mine_av", "price_usd_km_yr"]
    assert len(works.equivalents) == 2
    assert bool(works.equivalents["equivalent_met"].all())


def test_where_barriers_fall_short_closer_forts_make_it_good():
    works = price(plain_ground([[1, 4]]), states=["MLI"])
    row = works.equivalents.set_index(["item", "surface"]).loc[("mine_ap", "wetland")]
    built = works.compositions.set_index("surface").loc["wetland"]
    assert row["short_s"] > 0
    assert row["fort_spacing_km"] < built["fort_spacing_km"]
    scene = Scene(GroundClass("wetland"), works.catalogue, WorksSettings(), works.threat)
    chosen = works.choices[works.composition[0, 1]]
    near = replace(chosen, fort_km=row["fort_spacing_km"])
    gained = built["response_s"] - response_s(near, scene)[0]
    assert gained == pytest.approx(row["short_s"])
    ids, barriers, short = lawful_equivalent(
        ITEMS["mine_ap"], scene.ground, works.catalogue, scene.settings, ["MLI"]
    )
    assert "+".join(ids) == row["equivalent"]
    assert short == row["short_s"]
    fort = unit_costs([ITEMS[chosen.fort]], [scene.ground], works.catalogue, scene.settings)[0, 0]
    closer = fort * (1 / near.fort_km - 1 / chosen.fort_km)
    assert row["equivalent_usd_km_yr"] == pytest.approx(barriers + closer)
    assert closer_forts(1e9, near, scene) == (0.0, float("inf"))


@pytest.mark.parametrize("surface", ["sand", "rock", "soil", "wetland"])
def test_the_equivalent_delays_as_long_or_says_by_how_much_it_falls_short(surface):
    catalogue, ground = load_catalogue(), GroundClass(surface, slope=0.05, wadis_per_km=0.5)
    for key in ("mine_ap", "mine_av"):
        mine = catalogue.items[key]
        ids, cost, short = lawful_equivalent(mine, ground, catalogue, WorksSettings(), ["MLI"])
        delays = [sum(catalogue.items[b].delay_s[m].mean for b in ids) for m in catalogue.modes]
        needed = [mine.delay_s[m].mean for m in catalogue.modes]
        worst = max(n - d for n, d in zip(needed, delays, strict=True))
        assert short == pytest.approx(max(0.0, worst))
        items = [catalogue.items[b] for b in ids]
        each = unit_costs(items, [ground], catalogue, WorksSettings())
        assert cost == pytest.approx(each.sum())
        assert cost > 0
        assert all(surface in item.ground for item in items)
