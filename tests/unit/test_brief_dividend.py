"""The chapter on the dividend: its numbers are the stage's, and change with them."""

from __future__ import annotations

from types import MappingProxyType, SimpleNamespace

import pandas as pd
import pytest

from vallum.brief import dividend_page, dividend_words
from vallum.brief.dividend_chart import tornado, waterfall
from vallum.dividend import evaluate
from vallum.dividend.model import Dividend, DividendCase

MEMBERS = ("AAA", "BBB")


def case(*, averted: float = 40.0, within: bool = False) -> DividendCase:
    streams = pd.DataFrame(
        [
            ("losses", "losses averted", "AAA", True, averted, averted / 2, averted * 2, 4.0),
            ("losses", "losses averted", "CCC", True, -1.0, -2.0, -0.5, -0.1),
            ("men", "men", "AAA", True, -60.0, -90.0, -50.0, -6.0),
            ("men", "men", "BBB", True, -10.0, -20.0, -5.0, -1.0),
            ("farming", "farms", "AAA", False, 99.0, 90.0, 110.0, 9.0),
        ],
        columns=[
            "kind", "title", "party", "counted", "npv_usd", "npv_low", "npv_high", "usd_yr",
        ],
    )  # fmt: skip
    rows = pd.DataFrame(
        [(0, party, kind, npv) for kind, _, party, counted, npv, *_ in
         streams.itertuples(index=False) if counted],
        columns=["year", "party", "kind", "usd"],
    )  # fmt: skip
    made = evaluate(rows, 0.1, 10)
    net = {"AAA": averted - 60.0, "BBB": -10.0, "CCC": -1.0}
    net["all"] = sum(net.values())
    ranges = pd.DataFrame(
        [
            (party, npv, npv - 30.0, npv + 30.0, 0.5, 0.2, 0.9, None, None, None,
             0.02 if party == "CCC" else 0.4)
            for party, npv in net.items()
        ],
        columns=["party", "npv_usd", "npv_low", "npv_high", "bcr", "bcr_low", "bcr_high",
                 "payback_yr", "payback_low", "payback_high", "pays_share"],
    )  # fmt: skip
    draws = pd.DataFrame({party: [npv - 30.0, npv, npv + 30.0] for party, npv in net.items()})
    decisive = pd.DataFrame(
        [
            ("works.rotation", 0.6, 0.7, 0.5, 0.6, 1.5, 1.25, 2.5, 1.1, -1.6, within, 10.0),
            ("threat.x", 0.1, 0.2, 0.1, 0.2, 1.0, 0.5, 2.0, None, None, False, 10.0),
        ],
        columns=["key", "first", "total", "sign_first", "sign_total", "value", "low", "high",
                 "switch", "move", "within", "looked"],
    )  # fmt: skip
    return DividendCase(
        name="half", step=3, line_km=100.0, evaluation=made, streams=streams, ranges=ranges,
        draws=draws, years=pd.DataFrame(), decisive=decisive, people_left_outside=1_234_567.0,
        tables=MappingProxyType({}), said=(("losses", "Lives have no price here."),),
    )  # fmt: skip


def test_the_verdict_follows_the_numbers():
    said = dividend_words.verdict(case(), 3, MEMBERS)
    assert "does not pay the members" in said
    assert "−30 USD" in said
    assert "of 3 joint draws" in said
    better = dividend_words.verdict(case(averted=200.0), 3, MEMBERS)
    assert "half of the output pays the members" in better
    assert "130 USD" in better
    assert "100" in better  # per cent of the draws


def test_who_gains_and_who_loses_is_named():
    names = {"AAA": "Aland", "BBB": "Beland", "CCC": "Celand"}
    text = " ".join(dividend_words.who(case(), names, MEMBERS))
    assert text.startswith("Aland: −20 USD")
    assert "Lose in nearly every draw: Celand." in text


def test_what_would_turn_it():
    assert "No assumption alone" in dividend_words.would_flip(case())
    assert "men paid for each on duty" in dividend_words.would_flip(case())
    inside = dividend_words.would_flip(case(within=True))
    assert (
        inside == "Of all parties, neighbours too: it would pay with any one of men paid for each "
        "on duty at 1.10 instead of 1.50."
    )


def test_the_waterfall_leaves_out_what_is_not_counted_and_ends_at_the_sum():
    picture = str(waterfall(case(), MEMBERS, "title"))
    assert "farms" not in picture
    assert "together: −30 USD" in picture
    assert waterfall(case(), ("DDD",), "title") is None


def test_the_tornado_shows_the_greatest_first():
    picture = str(tornado(case()))
    assert picture.index("men paid for each on duty") < picture.index("threat.x")
    assert "70" in picture


@pytest.mark.parametrize(("found", "said"), [
    (None, "not asked"),
    (Dividend((), 0, 0, "nobody comes", (), "x"), "nobody comes"),
])  # fmt: skip
def test_without_a_dividend_it_says_so(found, said):
    chapter = dividend_page.chapter(SimpleNamespace(dividend=found))
    assert said in chapter["nothing"]
    assert chapter["cases"] == []
