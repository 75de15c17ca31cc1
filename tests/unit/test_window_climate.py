"""Climate, changes and outlook by hand; and that they run on the built-in record."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vallum.errors import InputError
from vallum.window.changes import Rule, changes
from vallum.window.climate import climate
from vallum.window.level import Prior, kalman, smooth
from vallum.window.outlook import back_test, outlook, paths, summary
from vallum.window.panel import monthly
from vallum.window.record import record
from vallum.window.scales import plover_quads

MONTHS = np.datetime64("2020-01") + np.arange(24)


def table(**columns):
    base = {
        "pair": ["A-B"] * 24, "month": MONTHS.astype("datetime64[s]"), "events": [1] * 24,
        "goldstein_mean": np.tile([1.0, 2.0, -1.0], 8),
    }  # fmt: skip
    return pd.DataFrame({**base, **columns})


def test_two_months_by_hand_with_a_gap_between():
    prior = Prior(mean=0.0, variance=2.0)
    means, counts = np.array([3.0, np.nan, 0.0]), np.array([2.0, 0.0, 1.0])
    out = kalman(means, counts, 4.0, 0.5, prior)  # the first month: variance 4/2 = 2, gain 1/2
    assert out.mean[:, 0] == pytest.approx([1.5, 1.5, 1.5 * (1 - 2 / 6)])
    assert out.variance[:, 0] == pytest.approx([1.0, 1.5, 2 * 4 / 6])
    assert out.log_density[1, 0] == 0
    mean, variance = smooth(out)
    assert mean[-1, 0] == out.mean[-1, 0]
    assert mean[1, 0] == pytest.approx(1.5 + 1.5 / 2 * (1.0 - 1.5))
    assert variance[1, 0] == pytest.approx(1.5 + (1.5 / 2) ** 2 * (4 / 3 - 2))


def test_more_events_make_a_narrower_interval_and_a_gap_a_wider_one():
    few, many = (climate(table(events=[n] * 24)) for n in (1, 9))
    width = few.high[0] - few.low[0]
    assert (many.high[0] - many.low[0] < width).all()
    gap = table()
    gap.loc[8:15, ["events", "goldstein_mean"]] = [0, np.nan]
    out = climate(gap)
    assert (out.high[0] - out.low[0])[11] > (out.high[0] - out.low[0])[4]
    assert out.low[0, 11] < out.mid[0, 11] < out.high[0, 11]


def test_a_pair_with_too_few_months_says_no_data_and_the_arrays_are_read_only():
    short = table(pair=["A-B"] * 20 + ["A-C"] * 4)
    out = climate(short)
    assert out.status == ("", "no data: 4 months with events of 8")
    assert np.isnan(out.mid[1]).all()
    assert np.isnan(out.log_likelihood[1])
    assert np.isfinite(out.mid[0]).all()
    assert not out.mid.flags.writeable
    with pytest.raises(InputError, match="no such pair"):
        out.series("B-C")


def test_all_faults_of_a_table_are_told_at_once():
    wrong = table(events=[-1] + [1] * 23)
    wrong.loc[5, "goldstein_mean"] = np.inf
    wrong.loc[7, "month"] = wrong.loc[6, "month"]
    with pytest.raises(InputError) as told:
        climate(wrong)
    assert len(told.value.faults) == 3
    with pytest.raises(InputError, match="no column events"):
        climate(table().drop(columns="events"))
    with pytest.raises(InputError, match="no rows"):
        climate(table().iloc[:0])


def test_a_plain_change_over_a_gap_is_dated_by_the_whole_gap():
    rng = np.random.default_rng(3)
    means = np.where(np.arange(24) < 12, 5.0, -5.0) + rng.normal(0, 0.5, 24)
    counts = np.ones(24)
    counts[9:14] = 0
    out = changes(MONTHS, np.where(counts > 0, means, np.nan), counts, rng)
    assert [one.month for one in out.found] == [MONTHS[14]]
    assert (out.found[0].low, out.found[0].high) == (MONTHS[9], MONTHS[14])
    assert out.found[0].before > 4 > -4 > out.found[0].after
    assert out.p <= 0.05
    assert out.status == ""


def test_changes_are_not_sought_where_nothing_can_be_said():
    rng = np.random.default_rng(4)
    few = changes(MONTHS[:5], np.arange(5.0), np.ones(5), rng)
    assert (few.found, few.status) == ((), "no data: 5 months with events of 8")
    flat = changes(MONTHS, np.ones(24), np.ones(24), rng)
    assert (flat.found, flat.status) == ((), "no data: all months have one weight")
    with pytest.raises(InputError, match="draw more"):
        changes(MONTHS, np.arange(24.0), np.ones(24), rng, Rule(alarm=0.001, draws=99))


def test_an_outlook_widens_and_keeps_its_middle():
    out = outlook(table()["goldstein_mean"].to_numpy(), np.ones(24))
    assert (np.diff(out.high - out.low) > 0).all()
    assert np.ptp(out.mid) < 1e-12
    with pytest.raises(InputError, match="no data"):
        outlook(np.full(3, np.nan), np.zeros(3))
    with pytest.raises(InputError, match="1 or more"):
        paths(np.ones(3), np.ones(3), 0, 5, np.random.default_rng(1))


def test_the_summary_of_a_back_test_by_hand():
    rows = pd.DataFrame(
        {
            "ahead": [6, 6], "seen": [1.0, 3.0], "mid": [0.0, 3.5], "low": [-1.0, 3.2],
            "high": [2.0, 4.0], "log_score": [-1.0, -2.0], "no_change": [3.0, 0.0],
            "no_change_log_score": [-3.0, -3.0], "mean_so_far": [1.0, 2.0],
        }
    )  # fmt: skip
    row = summary(rows).loc[6]
    assert row.tolist() == [2, 0.75, 2.5, 0.5, -1.5, -3.0, 0.5]
    assert back_test(np.ones(8), np.ones(8), [6]).empty


def test_it_runs_for_every_pair_of_the_record_and_says_no_data_else():
    frame = record()
    months = monthly(frame.assign(quad=plover_quads(frame["plover"])))
    out = climate(months)
    again = climate(months)
    assert out.mid.tobytes() == again.mid.tobytes()
    for pair, mid, status in zip(out.pairs, out.mid, out.status, strict=True):
        means, counts = out.series(pair)
        enough = (counts > 0).sum() >= 8
        assert enough == (status == "") == np.isfinite(mid).all()
        turned = changes(out.months, means, counts, np.random.default_rng(5), Rule(draws=99))
        assert (turned.status == "") == enough
        assert enough or turned.status.startswith("no data: ")
        if enough:
            assert np.isfinite(outlook(means, counts).mid).all()
