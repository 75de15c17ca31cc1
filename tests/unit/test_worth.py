"""Output and people: totals conserved, and each part where it belongs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vallum.errors import InputError
from vallum.worth import WorthSettings, value


def test_every_states_output_is_its_gdp(sahel):
    worth = value(sahel, WorthSettings())
    for iso3 in sahel.members:
        total = worth.output[sahel.state_mask(iso3)].sum()
        assert total == pytest.approx(sahel.countries.loc[iso3, "gdp_usd"], rel=1e-9)
        people = worth.people[sahel.state_mask(iso3)].sum()
        assert people == pytest.approx(sahel.countries.loc[iso3, "people"], rel=1e-9)
    assert worth.output[~sahel.member_mask].sum() == 0


def test_parts_are_parts(sahel):
    worth = value(sahel, WorthSettings())
    assert (worth.urban_output >= 0).all()
    assert (worth.site_output >= 0).all()
    rest = worth.output - worth.urban_output - worth.site_output
    assert rest.min() > -1e-6 * worth.output.max()
    assert (worth.urban_output[worth.urban_people == 0] == 0).all()


def test_a_premium_moves_output_to_towns_and_keeps_the_total(sahel):
    low, high = (value(sahel, WorthSettings(urban_premium=p)) for p in (1.0, 4.0))
    assert high.urban_output.sum() > low.urban_output.sum()
    assert high.output.sum() == pytest.approx(low.output.sum(), rel=1e-12)


def test_mines_sit_at_mines(sahel):
    worth = value(sahel, WorthSettings(value_added_share=0.5))
    mine = sahel.sites[sahel.sites["id"] == "tasiast_gold"].iloc[0]
    at = worth.site_output[int(mine["row"]), int(mine["col"])]
    assert at >= 0.5 * mine["output_usd_yr"] * (1 - 1e-9)


def test_sites_never_make_more_than_their_sector(sahel):
    rich = sahel.sites.assign(output_usd_yr=sahel.sites["output_usd_yr"] * 100)
    worth = value(replace(sahel, sites=rich), WorthSettings())
    for iso3 in sahel.members:
        mask = sahel.state_mask(iso3)
        assert worth.output[mask].sum() == pytest.approx(worth.gdp[iso3], rel=1e-9)
        assert worth.output[mask].min() >= 0


def test_missing_national_figures_are_all_named(sahel):
    countries = sahel.countries.copy()
    countries.loc["MLI", "gdp_usd"] = np.nan
    countries.loc["MRT", "agriculture_share"] = -1.0
    with pytest.raises(InputError) as caught:
        value(replace(sahel, countries=countries), WorthSettings())
    assert {fault.place for fault in caught.value.faults} == {
        "MLI, gdp_usd",
        "MRT, agriculture_share",
    }
