"""Kernel density: by brute force, its mass, its edges, and how its bandwidth is chosen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from vallum.theatre import build_theatre, load
from vallum.threat import ThreatSettings, assess
from vallum.threat.intensity.bandwidth import choose, factors, folds_of
from vallum.threat.intensity.density import (
    intensity,
    kernel_mass,
    of_theatre,
    recency,
    recent,
    smooth,
)
from vallum.worth import WorthSettings, value

SETTINGS = ThreatSettings().intensity


def events_at(row, col, stamp=None, weight=1.0) -> pd.DataFrame:
    row = np.asarray(row)
    months = np.arange(row.size) * 12 if stamp is None else np.asarray(stamp)
    return pd.DataFrame({"row": row, "col": np.asarray(col), "stamp": months, "weight": weight})


def coast(rows: int = 30, cols: int = 40) -> np.ndarray:
    land = np.ones((rows, cols), bool)
    land[:, :8] = False
    land[20:, 25:] = False
    return land


def test_the_density_is_a_plain_sum_over_events_divided_by_their_mass_on_land():
    land, side, width = coast(), 2.0, 6.0
    rng = np.random.default_rng(0)
    row, col = rng.integers(0, 19, 25), rng.integers(8, 40, 25)
    found = intensity(
        events_at(row, col), land, side, bandwidths_km=(width,), years=25.0, interval=0.9
    )
    at = np.argwhere(land)
    total = np.zeros(land.shape)
    square = np.zeros(land.shape)
    assert not found.adaptive
    for r, c in zip(row, col, strict=True):
        apart = ((np.array([r, c]) - at) ** 2).sum(axis=1) * side**2
        kernel = np.exp(-apart / (2 * width**2))
        kernel /= kernel.sum()  # on the land alone
        total[tuple(at.T)] += kernel
        square[tuple(at.T)] += kernel**2
    total = np.where(land, total + 1 / land.sum(), 0)
    np.testing.assert_allclose(found.per_km2_yr, total / (25 * side**2), rtol=1e-5, atol=1e-12)
    variance = square[land] + 1 / land.sum() ** 2
    high = stats.gamma.ppf(0.95, total[land] ** 2 / variance, scale=variance / total[land])
    np.testing.assert_allclose(found.high[land], high / (25 * side**2), rtol=1e-4)


def test_nothing_leaks_off_the_land_and_ranges_hold_the_estimate():
    land = coast()
    rng = np.random.default_rng(3)
    made = events_at(rng.integers(0, 19, 200), rng.integers(8, 40, 200), np.arange(200) // 4)
    found = intensity(made, land, 5.0, bandwidths_km=(5.0, 10.0, 40.0), years=4.0, interval=0.9)
    assert found.per_km2_yr.sum() * 25.0 == pytest.approx(201 / 4.0, rel=1e-6)
    assert not found.per_km2_yr[~land].any()
    assert (found.low[land] < found.per_km2_yr[land]).all()
    assert (found.per_km2_yr[land] < found.high[land]).all()


def test_an_event_on_a_cell_that_is_not_land_is_kept():
    found = intensity(
        events_at([2, 2, 25], [12, 13, 35]), coast(), 5.0,
        bandwidths_km=(5.0,), years=1.0, interval=0.9,
    )  # fmt: skip
    assert found.per_km2_yr.sum() * 25.0 == pytest.approx(4.0, rel=1e-6)
    assert found.per_km2_yr[25, 35] > 0


def test_the_kernel_is_the_normal_law_away_from_edges():
    rng = np.random.default_rng(4)
    points = rng.normal(50, 6, (2, 60)).round()
    grid = np.zeros((101, 101))
    np.add.at(grid, tuple(points.astype(int)), 1.0)
    width = 4.0
    ours = smooth(grid, width) / 60
    at = np.stack(np.meshgrid(np.arange(101), np.arange(101), indexing="ij"), axis=-1)
    laws = [stats.multivariate_normal(point, width**2) for point in points.T]
    wanted = np.mean([law.pdf(at) for law in laws], axis=0)
    np.testing.assert_allclose(ours, wanted, atol=1e-9)


def test_a_straight_coast_halves_the_kernels_mass():
    land = np.zeros((81, 81), bool)
    land[:, 40:] = True
    mass = kernel_mass(land, 5.0)
    assert mass[40, 40] == pytest.approx(0.5 + 0.5 * stats.norm.pdf(0) / 5.0, abs=1e-3)
    assert mass[40, 60] == pytest.approx(1.0, abs=1e-3)  # 4 bandwidths from either edge


def test_duplicates_in_one_place_do_not_narrow_the_kernel():
    rng = np.random.default_rng(6)
    land = np.ones((40, 40), bool)
    row, col = rng.integers(0, 40, (2, 60))  # anywhere; each a raid of ten rows in one month
    stamp = np.arange(60) % 6 * 12
    many = events_at(np.repeat(row, 10), np.repeat(col, 10), np.repeat(stamp, 10))
    found = intensity(many, land, 10.0, bandwidths_km=(10.0, 30.0, 100.0), years=6.0, interval=0.9)
    assert found.bandwidth_km == 100.0
    # and the raid is one draw: its range is as wide as that of one event that counts ten
    single = events_at(row, col, stamp, weight=10.0)
    other = intensity(single, land, 10.0, bandwidths_km=(100.0,), years=6.0, interval=0.9)
    np.testing.assert_allclose(found.high, other.high, rtol=1e-9)


@pytest.mark.parametrize(("spread", "wanted"), [(1.0, {10.0, 20.0}), (8.0, {60.0, 100.0})])
def test_the_bandwidth_follows_the_events(spread, wanted):
    rng = np.random.default_rng(7)
    middle = np.array([[20, 20], [60, 55]])[np.arange(400) % 2]
    row, col = np.clip((middle + rng.normal(0, spread, (400, 2))).round(), 0, 79).astype(int).T
    found = intensity(
        events_at(row, col, np.arange(400) // 40 * 12), np.ones((80, 80), bool), 10.0,
        bandwidths_km=(10.0, 20.0, 60.0, 100.0), years=10.0, interval=0.9,
    )  # fmt: skip
    assert found.bandwidth_km in wanted
    best = found.scores["log_likelihood"].max()
    chosen = found.scores[
        (found.scores["bandwidth_km"] == found.bandwidth_km)
        & (found.scores["adaptive"] == found.adaptive)
    ]
    assert chosen["log_likelihood"].item() == best


def test_the_held_out_likelihood_by_hand():
    # two blocks with an event each, 3 km apart, on 100 km² of land; no edge
    apart, width = 3.0, 2.0
    table = choose(
        np.array([[0.0, 0.0], [apart, 0.0]]), np.eye(2),
        widths=np.array([width]), mass=np.ones((1, 2)), land_km2=100.0, least_km=width,
    )  # fmt: skip
    kernel = np.exp(-(apart**2) / (2 * width**2)) / (2 * np.pi * width**2)
    assert table["log_likelihood"][0] == pytest.approx(np.log((kernel + 0.01) / 2))


def test_adaptive_kernels_are_wider_where_events_are_few():
    places = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [80.0, 80.0]])
    factor = factors(places, np.array([5.0, 5.0, 5.0, 1.0]), 10.0, np.ones(4))
    assert factor[3] > 1.5
    assert factor[0] < 1.0


def test_blocks_keep_years_whole_and_fall_back_on_months():
    stamp = np.repeat(np.arange(2000, 2020) * 12, np.arange(1, 21))
    fold = folds_of(stamp)
    for year in np.unique(stamp):
        assert np.unique(fold[stamp == year]).size == 1
    assert fold.max() + 1 <= 8
    assert (np.diff(fold) >= 0).all()
    assert folds_of(np.array([24300, 24301, 24302]) // 12 * 12 + [0, 1, 2]).tolist() == [0, 1, 2]


def test_recent_events_and_recent_months_count_more_alike():
    months = np.arange(0, 48)
    weights, years = recency(months, months, 1.0)
    assert weights[-1] / weights[-13] == pytest.approx(2.0)
    assert weights.sum() / years == pytest.approx(12.0)  # one event a month, whatever the weights


@pytest.fixture
def built(tiny):
    return load(str(build_theatre(tiny, tiny.parent / "out")))


def test_a_theatres_events_set_the_pattern_within_regions_and_not_their_totals(built):
    worth = value(built, WorthSettings())
    threat = assess(built, worth, ThreatSettings())
    assert threat.density is not None
    table = threat.regions
    for n, total in enumerate(table["events_yr"]):
        inside = threat.region_of == n
        assert threat.intensity[inside].sum() * built.grid.cell_km2 == pytest.approx(total)
        pattern = threat.density.per_km2_yr[inside]
        share = threat.intensity[inside] / threat.intensity[inside].sum()
        np.testing.assert_allclose(share, pattern / pattern.sum())


def test_the_density_of_a_theatre_counts_each_event_and_year_once(built, sahel):
    found = of_theatre(built, SETTINGS, interval=0.9)
    assert found is not None
    assert (found.events, found.years) == (len(built.events), 6.0)
    now = recent(built, SETTINGS, interval=0.9)
    assert now is not None
    assert now.events < found.events
    assert now.events / now.years == pytest.approx(10.0, rel=0.3)  # ten events in each year
    assert of_theatre(sahel, SETTINGS, interval=0.9) is None


@pytest.mark.parametrize("wrong", [(), (0.0, 1.0), (20.0, 10.0)])
def test_bandwidths_that_are_none_are_refused(wrong):
    with pytest.raises(ValueError, match="bandwidths_km"):
        ThreatSettings.model_validate({"intensity": {"bandwidths_km": wrong}})
