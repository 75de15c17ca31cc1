"""Round values along an axis, and how each language writes them."""

from __future__ import annotations

import itertools

import pytest
from bokeh.models import FixedTicker
from hypothesis import given
from hypothesis import strategies as st

from vallum.brief import page_chart
from vallum.brief.language import speaking
from vallum.brief.ticks import ticks


@given(
    low=st.floats(-1e9, 1e9), span=st.floats(1e-3, 1e9), parts=st.integers(2, 8)
)  # fmt: skip
def test_ticks_are_round_even_and_within_the_ends(low, span, parts) -> None:
    high = low + span
    found = ticks(low, high, parts)
    assert 1 <= len(found) <= parts + 1 or span * parts < 1e-6 * abs(low)
    slack = 1e-8 * span + 1e-9 * abs(low)
    assert all(low - slack <= at <= high + slack for at in found)
    steps = {f"{b - a:.3g}" for a, b in itertools.pairwise(found)}
    if abs(low) < 1e4 * span:
        assert len(steps) <= 1
        assert all(float(step) / 10 ** _power(float(step)) in {1.0, 2.0, 5.0} for step in steps)


def _power(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


def test_one_value_is_its_own_tick() -> None:
    assert ticks(0.0, 0.0) == [0.0]


@pytest.mark.parametrize(("language", "sign"), [("en", "."), ("fr", ",")])
def test_the_chart_writes_its_numbers_as_the_language_does(coarse_plan, language, sign) -> None:
    with speaking(language):
        chart = page_chart.draw(coarse_plan)
    for axis, ends in ((chart.xaxis, chart.x_range), (chart.yaxis, chart.y_range)):
        ticker, labels = axis[0].ticker, axis[0].major_label_overrides
        assert isinstance(ticker, FixedTicker)
        assert 3 <= len(ticker.ticks) <= 7
        assert set(ticker.ticks) == set(labels)
        assert ends.start <= min(ticker.ticks)
        assert max(ticker.ticks) <= ends.end
        for at, text in labels.items():
            assert float(text.replace(sign, ".").replace("\u202f", "")) == at
    halves = [text for axis in chart.axis for text in axis.major_label_overrides.values()]
    assert any(sign in text for text in halves)
