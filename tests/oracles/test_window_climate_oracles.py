"""Climate against independent answers: dense conditioning, every segmentation, known worlds."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import binom, binomtest, multivariate_normal, norm

from vallum.window.changes import Rule, calibrate, changes, gains
from vallum.window.level import Prior, candidates, fit, kalman, quantile, smooth, weigh
from vallum.window.outlook import back_test, outlook, paths

PRIOR = Prior()
STRICT = 1e-3  # of a pooled test; the seeds were fixed before the tests were first run


def seen(level, event_sd, rate, rng):
    counts = rng.poisson(rate, len(level)).astype(float)
    noise = rng.normal(0, event_sd, len(level)) / np.sqrt(np.maximum(counts, 1))
    return np.where(counts > 0, level + noise, np.nan), counts


def world(rng, months=48, ahead=12):
    """Draw a world from the prior itself: level of every month, and what is seen of it."""
    event_sd, drift_sd = rng.uniform(*PRIOR.event_sd), rng.uniform(*PRIOR.drift_sd)
    first = rng.normal(PRIOR.mean, np.sqrt(PRIOR.variance))
    steps = np.concatenate([[0.0], rng.normal(0, drift_sd, months + ahead - 1)])
    level = first + np.cumsum(steps)
    return (level, *seen(level[:months], event_sd, 1.5, rng))


@pytest.mark.parametrize(("event", "drift", "rate"), [(4.0, 0.3, 0.7), (1.0, 2.0, 3.0), (9, 0, 1)])
def test_smoother_and_likelihood_are_those_of_the_joint_law(event, drift, rate):
    rng = np.random.default_rng(11)
    months = np.arange(40)
    means, counts = seen(np.cumsum(rng.normal(0, 1, 40)), 2.0, rate, rng)
    at = np.flatnonzero(counts > 0)
    assert 10 < len(at) <= 40
    joint = PRIOR.variance + drift * np.minimum.outer(months, months)
    noisy = joint[np.ix_(at, at)] + np.diag(event / counts[at])
    gain = np.linalg.solve(noisy, joint[at]).T
    want_mean = PRIOR.mean + gain @ (means[at] - PRIOR.mean)
    want_variance = np.diag(joint - gain @ joint[at])
    filtered = kalman(means, counts, event, drift, PRIOR)
    mean, variance = smooth(filtered)
    assert np.abs(mean[:, 0] - want_mean).max() < 1e-8
    assert np.abs(variance[:, 0] - want_variance).max() < 1e-8
    law = multivariate_normal(np.full(len(at), PRIOR.mean), noisy)
    assert filtered.log_density.sum() == pytest.approx(law.logpdf(means[at]), abs=1e-8)
    last = [len(at[at <= t]) for t in months]
    for t in (0, 17, 39):  # the filter knows only the months up to its own
        some = at[: last[t]]
        part = np.linalg.solve(noisy[: last[t], : last[t]], joint[some, t])
        assert filtered.mean[t, 0] == pytest.approx(part @ (means[some] - PRIOR.mean), abs=1e-8)


def test_the_peak_is_no_lower_than_any_candidate_of_a_fine_grid():
    rng = np.random.default_rng(12)
    for _ in range(5):
        _, means, counts = world(rng)
        peak = fit(means, counts, PRIOR)
        fine = kalman(means, counts, *candidates(PRIOR, 40), PRIOR).log_density.sum(axis=0)
        assert peak.log_likelihood >= fine.max() - 1e-6
        again = kalman(means, counts, peak.event_variance, peak.drift_variance, PRIOR)
        assert again.log_density.sum() == pytest.approx(peak.log_likelihood, abs=1e-9)


def test_intervals_of_level_and_outlook_cover_at_their_rate():
    rng = np.random.default_rng(13)
    worlds, inside = 300, np.zeros(2, int)
    event, drift = candidates(PRIOR)
    for _ in range(worlds):
        level, means, counts = world(rng)
        filtered = kalman(means, counts, event, drift, PRIOR)
        mean, variance = smooth(filtered)
        weights, month = weigh(filtered)[-1], int(rng.integers(len(means)))
        below = weights @ ndtr((level[month] - mean[month]) / np.sqrt(variance[month]))
        inside[0] += 0.05 <= below <= 0.95
        ahead = outlook(means, counts, [12])
        inside[1] += ahead.low[0] <= level[len(means) + 11] <= ahead.high[0]
    for count in inside:
        assert binomtest(int(count), worlds, 0.9).pvalue > STRICT


def test_paths_have_the_law_of_the_closed_form():
    _, means, counts = world(np.random.default_rng(14))
    ahead = outlook(means, counts, [1, 6, 24])
    drawn = paths(means, counts, 24, 20_000, np.random.default_rng(15))[:, [0, 5, 23]]
    for k in range(3):
        for end, share in ((ahead.low, 0.05), (ahead.high, 0.95)):
            below = int((drawn[:, k] < end[k]).sum())
            assert binomtest(below, len(drawn), share).pvalue > STRICT
    assert np.allclose(drawn.mean(axis=0), ahead.mid, atol=0.15)


def test_back_test_is_the_outlook_of_the_months_until_then():
    _, means, counts = world(np.random.default_rng(16))
    table = back_test(means, counts, [6, 9])
    assert set(table["ahead"]) == {6, 9}
    for row in table.iloc[[0, 7, -1]].itertuples():
        until = int(row.origin) + 1
        known = outlook(means[:until], counts[:until], [int(row.ahead)])
        assert row.mid == pytest.approx(known.mid[0], abs=1e-9)
        assert row.low < known.low[0] < known.high[0] < row.high  # its events add their own spread
        assert row.seen == means[until - 1 + int(row.ahead)]
        assert row.no_change == means[until - 1]
        event, drift = candidates(PRIOR)
        past = kalman(means[:until], counts[:until], event, drift, PRIOR)
        spread = past.variance[-1] + row.ahead * drift + event / counts[until - 1 + int(row.ahead)]
        density = weigh(past)[-1] @ norm.pdf(row.seen, past.mean[-1], np.sqrt(spread))
        assert row.log_score == pytest.approx(np.log(density), abs=1e-9)
        held = counts[:until]
        assert row.mean_so_far == pytest.approx(np.nansum(held * means[:until]) / held.sum())


def test_quantile_of_one_normal_is_its_own():
    one = quantile(np.array([[2.0]]), np.array([[9.0]]), np.array([[1.0]]), 0.975)
    assert one[0] == pytest.approx(2 + 3 * 1.959963984540054, abs=1e-8)


def test_gains_are_the_best_of_every_segmentation():
    rng, rule = np.random.default_rng(17), Rule(most=3, segment=2)
    for _ in range(10):
        counts = rng.integers(1, 5, 11).astype(float)
        means = rng.normal(0, 1, 11)
        noise = np.mean(np.diff(means) ** 2 / (1 / counts[1:] + 1 / counts[:-1]))

        def cost(starts, means=means, counts=counts):
            ends = [0, *starts, 11]
            parts = [slice(a, b) for a, b in pairwise(ends)]
            return sum(
                counts[p] @ (means[p] - np.average(means[p], weights=counts[p])) ** 2 for p in parts
            )

        best = max(
            (cost(()) - cost(starts)) / k
            for k in (1, 2, 3)
            for starts in combinations(range(1, 11), k)
            if min(np.diff([0, *starts, 11])) >= 2
        )
        assert gains(means[None], counts, rule)[0] == pytest.approx(best / noise, rel=1e-9)


def test_false_alarms_come_at_the_stated_rate():
    rng, rule = np.random.default_rng(18), Rule(alarm=0.1, draws=399)
    alarms, tried = 0, 0
    for _ in range(40):  # each with its own penalty: by rank, each alarm's chance is just 0.1
        counts = rng.poisson(2, 30).astype(float)
        counts = counts[counts > 0]
        penalty = calibrate(counts, rule, rng)[359]
        series = 3.0 + 2.5 * rng.standard_normal((10, len(counts))) / np.sqrt(counts)
        alarms += int((gains(series, counts, rule) > penalty).sum())
        tried += 10
    assert binomtest(alarms, tried, rule.alarm).pvalue > STRICT


def test_known_changes_are_found_within_two_months_and_lie_in_their_intervals():
    rng, rule = np.random.default_rng(19), Rule(draws=199)
    months = np.datetime64("2020-01") + np.arange(60)
    worlds, near, single, inside = 60, 0, 0, 0
    for _ in range(worlds):
        at = int(rng.integers(15, 46))
        means, counts = seen(np.where(np.arange(60) >= at, 0.0, 3.0), 2.0, 3.0, rng)
        found = changes(months, means, counts, rng, rule).found
        near += any(abs(int((one.month - months[at]).astype(int))) <= 2 for one in found)
        if len(found) == 1:
            single += 1
            inside += found[0].low <= months[at] <= found[0].high
    assert binom.cdf(near, worlds, 0.9) > STRICT  # the page states a power of 0.9
    assert single > worlds // 2
    assert binom.cdf(inside, single, rule.share) > STRICT


def test_a_path_sets_out_from_the_level_of_its_own_last_month():
    _, means, counts = world(np.random.default_rng(20))
    with_last = paths(means, counts, 6, 4000, np.random.default_rng(21), with_last=True)
    apart = paths(means, counts, 6, 4000, np.random.default_rng(21))
    assert np.array_equal(with_last[:, 1:], apart)
    steps = np.diff(with_last, axis=1)  # all of one law, the first among them
    assert steps[:, 0].std() == pytest.approx(steps[:, 1:].std(), rel=0.1)
