"""Forecasts one year ahead: parts by hand, scores by brute force, splits, and the command."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import special, stats

from vallum.cli import main
from vallum.errors import InputError
from vallum.theatre import build_theatre, load
from vallum.threat import ThreatSettings
from vallum.threat.intensity.counts import MODELS, Fit, Pairs, fit
from vallum.threat.intensity.forecast import BASELINES, as_record, forecast, rated, scores, verdict
from vallum.threat.intensity.history import history, pairs, parts
from vallum.threat.intensity.neighbours import by_state, touching
from vallum.threat.intensity.rolling import foretell, picks
from vallum.threat.intensity.scores import crps, log_score
from vallum.threat.intensity.splits import day_of, targets, until

NAMES = pd.DataFrame({"iso3": ["A", "A", "B", "B"], "region": ["p", "q", "r", "s"]})
# p | q | r in a row, 500 m of bad drawing between q and r; s far away
SHAPES = gpd.GeoDataFrame(
    {"iso3": NAMES["iso3"], "name": NAMES["region"]},
    geometry=[
        shapely.box(0, 0, 1e4, 1e4),
        shapely.box(1e4, 0, 2e4, 1e4),
        shapely.box(2.05e4, 0, 3e4, 1e4),
        shapely.box(9e4, 0, 1e5, 1e4),
    ],
)
SETTINGS = ThreatSettings()


def record_of(counts: dict[str, list[float]], first: int = 2000):
    rows = [
        ("A" if region in "pq" else "B", region, first + n, events, 0.0)
        for region, values in counts.items()
        for n, events in enumerate(values)
    ]
    year = pd.DataFrame(rows, columns=["iso3", "region", "year", "events", "deaths"])
    deaths = pd.DataFrame({"iso3": ["A", "A"], "year": [first + 4, first + 6], "deaths": [1, 5]})
    return history(NAMES, year, deaths, SHAPES)


def test_neighbours_touch_across_borders_and_over_bad_drawing():
    near = touching(NAMES, SHAPES, 1000.0)
    # s touches none, so it takes its state's other region
    wanted = [[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    np.testing.assert_allclose(near, wanted)
    np.testing.assert_allclose(touching(NAMES, SHAPES, 100.0)[2], [0, 0, 0, 1])
    np.testing.assert_allclose(touching(NAMES.iloc[:1], SHAPES, 100.0), [[1.0]])
    np.testing.assert_allclose(by_state(NAMES)[3], [0, 0, 0.5, 0.5])


def test_the_parts_of_a_mean_by_hand():
    past = record_of({"p": [0, 1, 2, 9], "q": [4, 4, 4, 4], "r": [8, 0, 0, 0]})
    own, always, state, near = parts(past, end=2003, known_to=2003)
    np.testing.assert_allclose(own[:, 0], [9, 2, 1])  # the last year first
    np.testing.assert_allclose(always[:, 0], [3, 3, 3])
    np.testing.assert_allclose(state[0], [6.5, 6.5, 0, 0])
    np.testing.assert_allclose(near[0], [4, 4.5, 4, 0])
    # deaths: none known to 2003, so nothing grows; (5 + 0 ...) only where both ends are known
    np.testing.assert_allclose(parts(past, end=2003, known_to=2006)[0], own)


def test_counts_grow_with_their_states_deaths_only():
    past = record_of({"p": [2] * 5, "r": [2] * 5})
    grown = parts(past, end=2004, known_to=2006)[0][0]
    # A: mean deaths of 2004 and 2006 (the years known) is 3, and 1 to 2004: (3 + 1) / (1 + 1)
    np.testing.assert_allclose(grown, [4, 0, 2, 0])


@pytest.mark.parametrize(
    ("key", "wanted"),
    [("same_as_last_year", 9.0), ("mean_of_three_years", 4.0), ("regional_mean", 3.0)],
)
def test_the_simple_forecasts_are_what_their_names_say_and_a_floor(key, wanted):
    past = record_of({"p": [0, 1, 2, 9], "q": [4, 4, 4, 4], "r": [8, 0, 0, 0]})
    keep = np.ones(4, bool)
    found = fit(key, pairs(past, [(2003, 2002, 2002)], keep), spread=1.0)
    mean = found.mean(parts(past, end=2003, known_to=2003))
    assert mean[0] - found.floor_yr == pytest.approx(wanted)
    assert mean[3] == pytest.approx(found.floor_yr)


def test_decay_falls_with_the_count_and_the_mean_is_the_formula():
    found = Fit("shrinkage", (0.4, 0.3, 0.2, 0.1), 0.5, 10.0, 0.01, 0.1, 0.5, 1)
    past = record_of({"p": [0, 30, 0, 0], "q": [4, 4, 4, 4], "r": [8, 0, 0, 0]})
    mean = found.mean(parts(past, end=2003, known_to=2003))
    decay = 0.5 / 2.0  # of p: 10 events a year in its three years
    weights = np.array([1, decay, decay**2]) / (1 + decay + decay**2)
    own = weights @ [0, 0, 30]
    state = weights @ np.array([[0, 4], [0, 4], [30, 4]]).mean(axis=1)
    assert mean[0] == pytest.approx(0.4 * own + 0.3 * 7.5 + 0.2 * state + 0.1 * 4 + 0.01)
    assert found.size(np.array([4.0])) == pytest.approx(0.1 * 2.0)


def test_a_fit_finds_the_parameters_that_made_the_counts():
    rng = np.random.default_rng(5)
    own = rng.gamma(0.5, 20.0, 4000)
    values = np.stack([np.tile(own, (3, 1)), *np.zeros((3, 3, 4000))])
    size = 0.5 * (own + 0.1) ** 0.6
    seen = rng.negative_binomial(size, size / (size + own + 0.1)).astype(float)
    found = fit("same_as_last_year", Pairs(values, seen), spread=100.0)
    assert found.weight_yr == pytest.approx(0.5, rel=0.15)
    assert found.power == pytest.approx(0.6, abs=0.06)
    assert found.floor_yr == pytest.approx(0.1, rel=0.6)


def test_scores_against_scipy_a_closed_form_and_a_plain_sum():
    seen = np.array([0.0, 0.0, 3.0, 40.0, 7.0])
    mean = np.array([0.01, 2.0, 1.5, 12.0, 7.0])
    size = np.array([0.004, 0.3, 5.0, 0.9, 80.0])
    chance = size / (size + mean)
    np.testing.assert_allclose(
        log_score(seen, mean, size), -stats.nbinom.logpmf(seen, size, chance), rtol=1e-10
    )
    # Wei & Held 2014, doi 10.1007/s11749-014-0380-8, as scoringRules has it
    plain = seen * (2 * stats.nbinom.cdf(seen, size, chance) - 1)
    spread = size * (1 - chance) / chance**2
    under = stats.nbinom.cdf(seen - 1, size + 1, chance)
    form = special.hyp2f1(size + 1, 0.5, 2, -4 * (1 - chance) / chance**2)
    closed = plain - spread * (chance * (2 * under - 1) + form)
    np.testing.assert_allclose(crps(seen, mean, size), closed, rtol=1e-6)
    counts = np.arange(20_000)
    for n in range(5):
        steps = stats.nbinom.cdf(counts, size[n], chance[n]) - (counts >= seen[n])
        assert crps(seen, mean, size)[n] == pytest.approx((steps**2).sum(), rel=1e-9)


def test_no_dispersion_is_the_poisson():
    seen, mean = np.array([0.0, 5.0]), np.array([2.0, 3.0])
    bare, near = np.full(2, np.inf), np.full(2, 1e7)
    np.testing.assert_allclose(log_score(seen, mean, bare), -stats.poisson.logpmf(seen, mean))
    np.testing.assert_allclose(crps(seen, mean, bare), crps(seen, mean, near), rtol=1e-5)


def test_what_comes_later_changes_nothing_that_was_foretold_before():
    rng = np.random.default_rng(1)
    counts = {name: list(rng.poisson(4, 12)) for name in "pqrs"}
    changed = {name: [*values[:9], 99, 0, 50] for name, values in counts.items()}
    keep = np.ones(4, bool)
    one = foretell(record_of(counts), (2007, 2008), keep, spread=1.0)
    other = foretell(record_of(changed), (2007, 2008), keep, spread=1.0)
    for year in one:
        for key in MODELS:
            assert one[year][key].fitted == other[year][key].fitted
            np.testing.assert_array_equal(one[year][key].mean, other[year][key].mean)


def test_a_model_is_chosen_by_the_years_before_alone():
    rng = np.random.default_rng(2)
    told = foretell(
        record_of({name: list(rng.poisson(4, 12)) for name in "pqrs"}),
        tuple(range(2005, 2012)), np.ones(4, bool), spread=1.0,
    )  # fmt: skip
    chosen = picks(told, 2)
    assert (chosen[2005], chosen[2006]) == ("shrinkage", "shrinkage")
    years = list(told)
    for n in range(2, len(years)):
        past = {k: sum(told[y][k].log_score.mean() for y in years[:n]) for k in MODELS}
        assert past[chosen[years[n]]] == min(past.values())
    # steady counts: the mean of all years is best, and is found out
    assert picks(told, 1)[2011] != "same_as_last_year"


def test_years_that_can_be_scored():
    past = record_of({"p": [1] * 8})
    assert targets(past, SETTINGS.intensity) == (2005, 2006, 2007)
    gap = replace(past, counts=past.counts.drop(columns=[2002]))
    assert targets(gap, SETTINGS.intensity) == ()


@pytest.fixture
def six(tiny):
    """Give a theatre of six years of single events."""
    return load(str(build_theatre(tiny, tiny.parent / "out")))


def test_single_events_make_the_same_years_and_others(six):
    whole, years = until(six, day_of("2025-01-01"), SETTINGS.intensity)
    assert years == (2025,)
    shifted = pd.to_datetime(six.events["date"])
    middle, _ = until(six, day_of("2025-01-01"), SETTINGS.intensity)
    pd.testing.assert_frame_equal(whole.counts, middle.counts)
    settings = SETTINGS.intensity.model_copy(update={"first_train_yr": 4})
    past, spans = until(six, day_of("2024-07-01"), settings)
    assert spans == (2024,)
    for begin in (2020, 2024):
        inside = (shifted >= f"{begin}-07-01") & (shifted < f"{begin + 1}-07-01")
        assert past.counts[begin].sum() == inside.sum() > 0


def test_the_forecast_of_a_small_theatre(six):
    found = forecast(six, SETTINGS, "2024-12-31")  # the end of that year
    assert found.splits == ("2025-01-01",)
    assert set(found.table["model"]) == {"default", *MODELS}
    assert len(found.regions) == found.table["n"].iloc[0]
    assert found.regions["observed"].sum() == (six.events["year"] == 2025).sum()
    assert (found.regions["events_low"] <= found.regions["events_high"]).all()
    assert 0 <= found.coverage <= 1
    pd.testing.assert_frame_equal(found.table, forecast(six, SETTINGS, "2025-01-01").table)
    pd.testing.assert_frame_equal(found.against, forecast(six, SETTINGS).against)
    brief = scores(six, SETTINGS)
    assert brief is not None
    for model in ("default", *BASELINES):
        for score in ("log_score", "crps"):
            said = brief[model][score]
            assert said["low"] <= said["mid"] <= said["high"]
    assert json.loads(json.dumps(as_record(found)))["beats_all"] == found.beats_all


def test_a_default_that_loses_says_so(six):
    found = forecast(six, SETTINGS)
    won = found.against.assign(log_score=0.1, log_score_low=0.05, crps=0.1, crps_low=0.05)
    assert "beats all three" in verdict(replace(found, against=won))
    lost = won.assign(crps=[0.1, -0.2, 0.1])
    worse = replace(found, against=lost)
    assert not worse.beats_all
    assert worse.lost == ("crps: regional_mean",)
    assert "does not beat" in verdict(worse)
    assert "loses to *regional mean* by CRPS" in verdict(worse)
    unsure = replace(found, against=won.assign(log_score_low=[-0.01, 0.1, 0.1]))
    assert "may be chance" in verdict(unsure)


def test_too_few_years_are_refused_and_a_plan_goes_on_without_scores(six):
    short = replace(six, events_year=six.events_year[six.events_year["year"] > 2022])
    assert rated(short, SETTINGS) is None
    with pytest.raises(InputError, match="fewer than 5 in a row"):
        forecast(short, SETTINGS)
    none = replace(six, events_year=six.events_year.iloc[:0])
    assert scores(none, SETTINGS) is None
    with pytest.raises(InputError, match="no counts by year"):
        forecast(none, SETTINGS)


@pytest.mark.parametrize(
    ("split", "said"),
    [
        ("soon", "write year-month-day"),
        ("2019-02-30", "write year-month-day"),
        ("2018-08-01", "--split 2019-01-01"),
        ("2018-03-01", "--split 2018-01-01"),
        ("2013-01-01", "--split 2017-01-01"),
        ("2024-01-01", "--split 2020-01-01"),
    ],
)
def test_splits_that_cannot_be_are_refused_with_the_nearest_that_can(split, said, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["threat", "forecast", "sahel", "--split", split])
    assert stop.value.code == 2
    assert said in capsys.readouterr().err


def test_the_command_prints_tables_or_json(capsys):
    main(["threat", "forecast", "sahel", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["splits"] == ["2017-01-01", "2018-01-01", "2019-01-01", "2020-01-01"]
    assert {row["model"] for row in found["means"]} == {"default", *MODELS}
    main(["threat", "forecast", "sahel", "--split", "2020-01-01"])
    text = capsys.readouterr().out
    assert "Mopti" in text
    assert "The default (shrinkage over neighbours)" in text
