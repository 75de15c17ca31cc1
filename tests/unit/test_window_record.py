"""The built-in record: what a row must have, its rules, and the agreement of its codings."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vallum.window import coding, panel, record, scales

KINDS = {
    "visit", "agreement", "recall", "airspace", "border", "commission", "exercise", "aid",
    "statement", "incident",
}  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return record.record()


def test_at_least_120_events_each_with_states_kind_line_and_address(rows):
    assert rows["event"].nunique() >= 120
    assert rows[["actor", "target"]].isin(record.STATES).all(axis=None)
    assert (rows["actor"] != rows["target"]).all()
    assert set(rows["kind"]) == KINDS
    assert rows["text"].str.len().between(20, 200).all()
    assert rows["source"].str.fullmatch(r"https?://[^\s/]+/\S+").all()
    assert not rows.duplicated(["event", "actor", "target"]).any()


def test_dates_lie_in_the_years_of_the_record_and_say_how_exact_they_are(rows):
    assert rows["date"].between("2020-01-01", "2026-12-31").all()
    assert set(rows["date_precision"]) == {"day", "month"}
    assert (rows.loc[rows["date_precision"] == "month", "date"].dt.day == 1).all()
    assert rows["date"].is_monotonic_increasing


def test_weights_are_those_of_the_codes(rows):
    assert scales.is_cameo(rows["cameo"]).all()
    assert (rows["cameo_root"] == rows["cameo"].str[:2]).all()
    np.testing.assert_array_equal(rows["goldstein"], scales.goldstein(rows["cameo"]))
    assert rows["plover"].isin(scales.PLOVER_QUADS).all()


def test_the_second_coding_is_what_the_rules_give_from_the_lines_alone(rows):
    again = pd.DataFrame(coding.code_all(rows["text"]), columns=["cameo", "plover"])
    assert (rows["cameo_second"] == again["cameo"]).all()
    assert (rows["plover_second"] == again["plover"]).all()


def test_own_events_of_a_pair_and_year_keep_to_the_quota(rows):
    alone = rows[rows.groupby("event")["event"].transform("size") == 1]
    counts = record.quota(alone)
    most = pd.Series([6 if pair in record.CORE else 2 for pair in counts.index], counts.index)
    assert counts.le(most, axis=0).all(axis=None)
    assert len(counts) == 21


def test_the_first_rule_whose_words_a_line_has_decides():
    assert coding.code("A signed a treaty on aid with B") == ("057", "SUPPORT")
    assert coding.code("A condemned that B signed it") == ("111", "DISAPPROVE")
    assert coding.code("A RECALLED its ambassador from B") == ("161", "SANCTION")
    assert coding.code("A said a word") == ("010", "CONSULT")


def test_agreement_by_hand():
    first = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    second = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1, 0])
    # 8 of 10 agree; by chance 0.4 * 0.4 + 0.6 * 0.6 = 0.52
    assert record._kappa(first, second, 2) == pytest.approx((0.8 - 0.52) / 0.48)  # noqa: SLF001
    # 8 noughts and 12 ones: expected disagreement 2 * 8 * 12 / (20 * 19)
    assert record._alpha(first, second, 2) == pytest.approx(1 - 0.2 / (192 / 380))  # noqa: SLF001


def test_agreement_of_the_record_is_reported_with_its_interval_and_repeats(rows):
    one = record.agreement(rows, np.random.default_rng(3))
    assert one == record.agreement(rows, np.random.default_rng(3))
    for by in one:
        print(f"{by.by}: κ {by.kappa:.2f} ({by.low:.2f} to {by.high:.2f}), α {by.alpha:.2f}")
        assert by.low < by.kappa < by.high
        assert by.kappa < by.share
    assert [by.by for by in one] == ["root", "quad"]


def test_the_page_shows_the_counts_and_the_agreement_of_the_record(rows):
    page = (Path(__file__).parents[2] / "docs/method/record.md").read_text("utf-8")
    for pair, counts in record.quota(rows).iterrows():
        assert f"| {pair} | {' | '.join(map(str, counts))} | {counts.sum()} |" in page
    for by in record.agreement(rows, np.random.default_rng(0)):
        name = {"root": "CAMEO root", "quad": "quad"}[by.by]
        shown = f"| {name} | {by.events} | {by.share:.0%} | {by.kappa:.2f} ({by.low:.2f} to "
        shown = shown.replace("%", " %") + f"{by.high:.2f}) | {by.alpha:.2f} | "
        assert shown + f"{by.kappa_fitted:.2f} |" in page


def test_leaving_a_source_out_by_hand():
    frame = pd.DataFrame(
        {
            "actor": ["MLI", "DZA", "MLI", "MAR"],
            "target": ["DZA", "MLI", "DZA", "NER"],
            "goldstein": [-4.0, -8.0, 6.0, 1.0],
            "source": [f"https://{h}/x" for h in ("www.a.org", "a.org", "b.org", "b.org")],
        }
    )
    out = record.leave_one_out(frame).set_index("pair")
    row = out.loc["DZA-MLI"]
    assert (row["mean"], row["low"], row["high"]) == (-2, -6, 6)
    assert (row["moved_by"], row["moves"], row["sources"]) == ("a.org", 8, 2)
    assert math.isnan(out.loc["MAR-NER", "low"])


def test_months_by_hand():
    day = dt.datetime(2024, 1, 5)  # noqa: DTZ001  (days without a zone)
    frame = pd.DataFrame(
        {
            "event_id": ["1", "2", "3", "1", "4"],
            "date": pd.to_datetime([day, day, day, day, dt.datetime(2024, 3, 1)]),  # noqa: DTZ001
            "actor": ["MLI", "MLI", "DZA", "MLI", "MLI"],
            "target": ["DZA", "DZA", "MLI", "DZA", "DZA"],
            "code": ["042", "042", "163", "042", "190"],
            "plover": "",
            "quad": [scales.QUADS[n] for n in (0, 0, 3, 0, 3)],
            "goldstein": [1.0, 1.0, -8.0, 1.0, np.nan],
            "mentions": [2.0, 3.0, 1.0, 2.0, np.nan],
            "source": "",
        }
    )
    once, dropped = panel.deduplicate(frame)
    assert dropped == 2
    assert once["mentions"].fillna(-1).tolist() == [5, 1, -1]
    news = pd.Series([1000, 10], pd.to_datetime(["2024-01-01", "2024-03-01"]))
    out = panel.monthly(once, volume=news).set_index("month")
    assert out["events"].tolist() == [2, 0, 1]
    assert out["goldstein_mean"].fillna(99).tolist() == [-3.5, 99, 99]
    assert out["conflict_share"].fillna(99).tolist() == [0.5, 99, 1]
    assert out["per_news"].fillna(99).tolist() == [200, 99, 10_000]
    assert out["goldstein_per_news"].iloc[0] == -700
    both = panel.monthly(once, directed=True)
    assert set(both["pair"]) == {"MLI>DZA", "DZA>MLI"}
    with pytest.raises(ValueError, match="one") as told:
        panel.monthly(once, volume=news // 1000)
    assert told.value.faults[0].where == "volume"


def test_scales_by_hand():
    codes = pd.Series(["057", "0571", "05", "163", "0874", "087", "20", "20x", None, "57"])
    weights = scales.goldstein(codes)
    assert weights[:7].tolist() == [8, 8, 3.5, -8, 10, 5, -10]
    assert np.isnan(weights[7:]).all()
    quads = scales.cameo_quads(pd.Series(["01", "051", "06", "10", "145", "15", "99"]))
    names = {quad: number for number, quad in enumerate(scales.QUADS)}
    assert [names.get(quad) for quad in quads] == [0, 0, 1, 2, 2, 3, None]
    assert scales.plover_quads(pd.Series(["SANCTION"]))[0] == "verbal conflict"
    assert scales.plover_quads(pd.Series(["SANCTION"]), polecat=True)[0] == "material conflict"
    assert scales.lost_nought(pd.Series(["43", "10", "043", "7"])).tolist() == [
        True, False, False, True,
    ]  # fmt: skip
