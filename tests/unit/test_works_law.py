"""Mines are listed, priced and never placed; the refusal names the rule."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from pydantic import ValidationError

from vallum.errors import BarredError, InputError
from vallum.works import WorksSettings, load_catalogue, price
from vallum.works.catalogue import Range
from vallum.works.compose import lawful, response_s
from vallum.works.equivalent import closer_forts, lawful_equivalent
from vallum.works.law import barred, bound, load_law, refuse
from vallum.works.price import choose

SOIL = np.array([[3]], dtype=np.int8)
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
    chosen = choose("soil", catalogue, WorksSettings(), ["MAR"])
    assert not any("gravel" in works.quantities for works in chosen.choices)
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
    assert bool(table.loc["mine_av", "equivalent_met"])
    assert table.loc["mine_av", "equivalent"] == "ditch"
    assert len(works.equivalents) == 2
    assert bool(works.equivalents["equivalent_met"].all())


def test_where_barriers_fall_short_closer_forts_make_it_good():
    works = price(np.array([[1, 4]], dtype=np.int8), states=["MLI"])
    row = works.equivalents.set_index(["item", "surface"]).loc[("mine_ap", "sand")]
    built = works.compositions.set_index("surface").loc["sand"]
    assert row["short_s"] > 0
    assert row["fort_spacing_km"] < built["fort_spacing_km"]
    catalogue, settings = load_catalogue(), WorksSettings()
    chosen = choose("sand", catalogue, settings, ["MLI"])
    near = replace(chosen.choices[chosen.best], fort_km=row["fort_spacing_km"])
    gained = built["response_s"] - response_s(near, "sand", catalogue, settings)[0]
    assert gained == pytest.approx(row["short_s"])
    _, barriers, _ = lawful_equivalent(
        catalogue.items["mine_ap"], "sand", catalogue, settings, ["MLI"]
    )
    assert row["equivalent_usd_km_yr"] > barriers
    assert closer_forts(1e9, near, "sand", catalogue, settings) == (0.0, float("inf"))


def test_the_equivalent_delays_as_long_or_says_by_how_much_it_falls_short():
    catalogue = load_catalogue()
    settings = WorksSettings()
    for surface in ("sand", "rock", "soil", "wetland"):
        for key in ("mine_ap", "mine_av"):
            mine = catalogue.items[key]
            ids, cost, short = lawful_equivalent(mine, surface, catalogue, settings, ["MLI"])
            delays = [sum(catalogue.items[b].delay_s[m].mean for b in ids) for m in catalogue.modes]
            needed = [mine.delay_s[m].mean for m in catalogue.modes]
            worst = max(n - d for n, d in zip(needed, delays, strict=True))
            assert short == pytest.approx(max(0.0, worst))
            assert cost > 0
            assert all(surface in catalogue.items[b].ground for b in ids)
