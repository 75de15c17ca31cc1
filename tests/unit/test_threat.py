"""Intensity and loss rate: shrinkage by hand, ranges that hold, and the closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vallum.threat import ThreatSettings, assess
from vallum.threat.intensity.history import history
from vallum.threat.intensity.posterior import Intensity, covered, estimate, fit_prior
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


def estimated(
    rate_p: float, rate_q: float, month: int, interval: float = 0.9, spread: float = 1.0
) -> Intensity:
    made = tables(rate_p, rate_q, month)
    past = history(REGIONS, made["events_year"], made["deaths_year"])
    trusted = covered(past, made["events_year"], 0.8)
    return estimate(past, made["events_month"], trusted=trusted, interval=interval, spread=spread)


def test_a_steady_past_is_trusted_and_a_fresh_month_moves_it_a_little():
    steady, burst = estimated(60.0, 4.0, 5), estimated(60.0, 4.0, 50)
    assert steady.prior.pairs > 0
    # six region-years alone: by plain likelihood the past is all, a weak prior holds it back
    plain = estimated(60.0, 4.0, 5, spread=100.0).prior
    assert plain.pull < steady.prior.pull < 0.2
    assert plain.weight_yr > 1.0 > steady.prior.weight_yr > 1.0 / 12.0
    assert steady.table["events_yr"][0] == pytest.approx(60.0, rel=0.1)
    assert burst.table["events_yr"][0] > steady.table["events_yr"][0]
    assert burst.table["events_yr"][0] < 12 * 50


def test_the_posterior_is_the_gamma_that_it_says():
    found = estimated(10.0, 0.0, 3, interval=0.8)
    prior, row = found.prior, found.table.iloc[0]
    size = prior.weight_yr * row["prior_events_yr"] ** prior.power
    rate = size / row["prior_events_yr"] + 1 / 12
    assert found.shape[0] == pytest.approx(size + 3)
    assert row["events_yr"] == pytest.approx((size + 3) / rate)
    low, high = stats.gamma.interval(0.8, size + 3, scale=1 / rate)
    assert (row["events_low"], row["events_high"]) == pytest.approx((low, high))


def test_a_region_that_no_table_names_had_no_events_and_is_still_not_immune():
    row = estimated(10.0, 0.0, 3).table.iloc[2]
    assert row["observed_events"] == 0
    assert 0 < row["events_yr"] < 1


def test_nothing_to_fit_on_gives_the_weak_prior_itself():
    quiet = history(REGIONS, tables(0.0, 0.0, 0)["events_year"], tables(0.0, 0.0, 0)["deaths_year"])
    found = fit_prior(quiet, trusted=None, lags=(5, 6, 7), known_lag=2)
    assert found.pairs == 0
    assert found.share == (0.25, 0.25, 0.25, 0.25)
    untrusted = history(REGIONS, tables(9.0, 9.0, 0)["events_year"], pd.DataFrame(
        {"iso3": [], "year": [], "deaths": []}
    ))  # fmt: skip
    assert fit_prior(untrusted, trusted=frozenset(), lags=(1,), known_lag=1).pairs == 0


def test_states_are_trusted_whose_table_holds_most_of_their_deaths():
    made = tables(6.0, 2.0, 0)
    past = history(REGIONS, made["events_year"], made["deaths_year"])
    assert covered(past, made["events_year"], 1.0) == {"A"}
    half = made["events_year"].assign(deaths=made["events_year"]["deaths"] / 2)
    assert covered(past, half, 0.6) == frozenset()


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
    assert threat.density is None  # no single events: events follow people
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


def test_a_theatre_without_events_takes_a_uniform_rate_and_a_guess_of_its_events(sahel):
    names = ("events_year", "events_month", "deaths_year")
    silent = replace(sahel, **{name: getattr(sahel, name).iloc[:0] for name in names})
    worth = value(silent, WorthSettings())
    threat = assess(silent, worth, ThreatSettings(uniform_loss_rate=0.02))
    assert threat.forecast is None
    assert threat.intensity_fit.prior.pairs == 0
    assert (threat.regions["events_yr"] == threat.intensity_fit.prior.floor_yr).all()
    fresh = replace(sahel, events_year=sahel.events_year.iloc[:0])  # a month and deaths alone
    assert (assess(fresh, worth, ThreatSettings()).regions["events_yr"] > 0).all()
