"""What must always hold of forecasts of counts and of their scores."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from vallum.threat.intensity.bandwidth import folds_of
from vallum.threat.intensity.counts import MODELS, Pairs, fit, negative_log_likelihood
from vallum.threat.intensity.density import kernel_mass, smooth
from vallum.threat.intensity.scores import crps, log_score

means = st.floats(1e-3, 300.0)
sizes = st.floats(1e-2, 1e3)


@given(st.integers(0, 10**9), st.sampled_from(sorted(MODELS)))
@settings(max_examples=40, deadline=None)
def test_the_gradient_is_that_of_the_loss(seed, key):
    rng = np.random.default_rng(seed)
    pairs = Pairs(rng.gamma(0.5, 8.0, (4, 3, 30)), rng.poisson(3.0, 30).astype(float))
    count = len(MODELS[key].parts) - 1 + 2 * (MODELS[key].decay is None)
    free = np.concatenate([rng.normal(0, 1, count), rng.normal([-2.0, -1.0, 0.5], 0.2)])
    at = (pairs, MODELS[key], 1.0)
    wanted = optimize.approx_fprime(free, lambda x: negative_log_likelihood(x, *at)[0], 1e-6)
    np.testing.assert_allclose(negative_log_likelihood(free, *at)[1], wanted, rtol=1e-3, atol=1e-3)


@given(st.integers(0, 10**9), st.sampled_from(sorted(MODELS)))
@settings(max_examples=25, deadline=None)
def test_a_fit_is_no_worse_than_where_it_began_and_stays_in_its_bounds(seed, key):
    rng = np.random.default_rng(seed)
    pairs = Pairs(rng.gamma(0.3, 5.0, (4, 3, 40)), rng.poisson(2.0, 40).astype(float))
    found = fit(key, pairs, spread=1.0)
    assert np.isclose(sum(found.share), 1.0)
    assert min(found.share) >= 0
    assert 0 <= found.decay <= 1
    assert 0 <= found.power <= 1
    mean = found.mean(pairs.parts)
    assert (mean > 0).all()
    assert np.isfinite(log_score(np.zeros(40), mean, found.size(mean))).all()
    # with others' parts at nought and no decay a simple one is what it says
    if key == "same_as_last_year":
        np.testing.assert_allclose(mean, pairs.parts[0, 0] + found.floor_yr)


@given(st.integers(0, 400), means, sizes)
@settings(deadline=None)
def test_scores_are_not_negative_and_finite(seen, mean, size):
    count, m, n = np.array([float(seen)]), np.array([mean]), np.array([size])
    for score in (log_score(count, m, n)[0], crps(count, m, n)[0]):
        assert np.isfinite(score)
        assert score >= -1e-9


@given(st.floats(0.2, 20.0), st.floats(0.1, 50.0), st.floats(0.2, 20.0), st.floats(0.1, 50.0))
@settings(max_examples=20, deadline=None)
def test_the_true_law_has_the_best_expected_score(mean, size, other_mean, other_size):
    counts = np.arange(int(stats.nbinom.isf(1e-10, size, size / (size + mean))) + 1.0)
    weight = stats.nbinom.pmf(counts, size, size / (size + mean))

    def expected(score, m, n):
        return float(weight @ score(counts, np.full(counts.size, m), np.full(counts.size, n)))

    for score in (log_score, crps):
        assert expected(score, mean, size) <= expected(score, other_mean, other_size) + 1e-6


@given(st.integers(0, 10**9), st.floats(1.0, 12.0))
@settings(max_examples=30, deadline=None)
def test_smoothing_divided_by_mass_conserves_what_it_spreads(seed, width):
    rng = np.random.default_rng(seed)
    land = rng.random((17, 23)) < 0.7
    land[5, 5] = True
    values = np.where(land, rng.poisson(0.3, land.shape), 0).astype(float)
    spread = np.where(land, smooth(values / kernel_mass(land, width), width), 0.0)
    np.testing.assert_allclose(spread.sum(), values.sum(), rtol=1e-9, atol=1e-9)
    assert (spread >= 0).all()


@given(st.lists(st.integers(20000, 24400), min_size=1, max_size=200), st.integers(2, 9))
def test_blocks_of_years_rise_with_time_and_are_numbered_without_gaps(stamps, most):
    stamp = np.sort(np.array(stamps))
    fold = folds_of(stamp, most)
    assert (np.diff(fold) >= 0).all()
    assert set(fold.tolist()) == set(range(int(fold.max()) + 1))
    assert fold.max() < most
