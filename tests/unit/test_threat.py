"""Intensity and loss rate: shrinkage by hand, ranges that hold, and the closed form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vallum.threat import ThreatSettings, assess
from vallum.threat.intensity import estimate, fit_prior
from vallum.threat.loss import loss_rate
from vallum.worth import WorthSettings, value

REGIONS = pd.DataFrame({"iso3": ["A", "A", "B"], "region": ["p", "q", "r"]})
YEARS = range(2012, 2021)


def tables(rate_p: float, rate_q: float, month: int) -> dict[str, pd.DataFrame]:
    year = pd.DataFrame(
        [
            ("A", region, y, rate, rate)
            for y in YEARS
            for region, rate in [("p", rate_p), ("q", rate_q)]
        ],
        columns=["iso3", "region", "year", "events", "deaths"],
    )
    deaths = pd.DataFrame(
        [("A", y, rate_p + rate_q) for y in range(2005, 2025)], columns=["iso3", "year", "deaths"]
    )
    fresh = pd.DataFrame(
        [("A", "p", 2026, 1, month, 0)],
        columns=["iso3", "region", "year", "month", "events", "deaths"],
    )
    return {"events_year": year, "events_month": fresh, "deaths_year": deaths}


def test_a_steady_past_is_trusted_and_a_fresh_month_moves_it_a_little():
    steady = estimate(REGIONS, **tables(60.0, 4.0, 5), coverage=0.8, interval=0.9)
    burst = estimate(REGIONS, **tables(60.0, 4.0, 50), coverage=0.8, interval=0.9)
    assert steady.prior.pairs > 0
    assert steady.prior.pull < 0.1
    assert steady.prior.weight_yr > 1.0
    assert steady.table["events_yr"][0] == pytest.approx(60.0, rel=0.1)
    assert burst.table["events_yr"][0] > steady.table["events_yr"][0]
    assert burst.table["events_yr"][0] < 12 * 50


def test_the_posterior_is_the_gamma_that_it_says():
    found = estimate(REGIONS, **tables(10.0, 0.0, 3), coverage=0.8, interval=0.8)
    weight = found.prior.weight_yr
    row = found.table.iloc[0]
    shape = weight * row["prior_events_yr"] + 3
    assert found.shape[0] == pytest.approx(shape)
    assert row["events_yr"] == pytest.approx(shape / (weight + 1 / 12))
    low, high = stats.gamma.interval(0.8, shape, scale=1 / (weight + 1 / 12))
    assert (row["events_low"], row["events_high"]) == pytest.approx((low, high))


def test_a_region_that_no_table_names_had_no_events_and_is_still_not_immune():
    found = estimate(REGIONS, **tables(10.0, 0.0, 3), coverage=0.8, interval=0.9)
    row = found.table.iloc[2]
    assert row["observed_events"] == 0
    assert 0 < row["events_yr"] < 1


def test_nothing_to_fit_on_gives_a_weak_prior():
    counts = pd.DataFrame(
        np.zeros((3, 9)), index=pd.MultiIndex.from_frame(REGIONS), columns=list(YEARS)
    )
    assert fit_prior(counts, pd.DataFrame(), covered=frozenset()).pairs == 0


@given(st.floats(0, 1e4), st.floats(0, 1e8), st.floats(1.0, 1e11))
def test_loss_rate_is_a_share_and_about_events_times_loss(events, lost, output):
    rate = float(loss_rate(np.array([events]), lost, np.array([output]))[0])
    assert 0 <= rate <= 1
    assert rate <= events * lost / output * (1 + 1e-12) + 1e-300
    assert float(loss_rate(np.array([events]), lost, np.array([0.0]))[0]) == 0


def test_the_sahels_threat_has_ordered_ranges_and_conserves_events(sahel):
    worth = value(sahel, WorthSettings())
    threat = assess(sahel, worth, ThreatSettings())
    table = threat.regions
    assert set(table["iso3"]) == set(sahel.members)
    assert (table["events_low"] <= table["events_yr"]).all()
    assert (table["events_yr"] <= table["events_high"]).all()
    assert (threat.loss_rate_low <= threat.loss_rate).all()
    assert (threat.loss_rate <= threat.loss_rate_high).all()
    assert threat.loss_rate.max() < 1
    on_grid = threat.intensity.sum() * sahel.grid.cell_km2
    peopled = table[table["people"] > 0]
    assert on_grid == pytest.approx(peopled["events_yr"].sum(), rel=1e-6)


def test_a_uniform_rate_is_used_as_given(sahel):
    worth = value(sahel, WorthSettings())
    threat = assess(sahel, worth, ThreatSettings(uniform_loss_rate=0.04))
    assert threat.uniform
    assert set(np.unique(threat.loss_rate[sahel.member_mask])) == {0.04}


@pytest.mark.parametrize("wrong", [{"reach_share": 0.9}, {"lost_per_event": 1.0}, {"reach": 0.1}])
def test_settings_outside_their_own_range_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ThreatSettings(**wrong)
