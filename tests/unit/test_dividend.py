"""The dividend's mathematics, by hand: a worked account, trade of two places, switch values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vallum.dividend import (
    annuity,
    evaluate,
    partial_trade,
    sobol_indices,
    switch_values,
    trade_in_changes,
)
from vallum.errors import CertificateError, InfeasibleError, InputError
from vallum.kernel.ledger import Assumption
from vallum.works.cost import annuity as works_annuity


def stream(*rows):
    return pd.DataFrame(rows, columns=["year", "party", "kind", "usd"])


@pytest.fixture
def worked(root):
    """The sheet: 10 % a year, years 0 to 3; `present` was filled in from `factor` by hand."""
    return pd.read_csv(root / "tests/data/dividend_worked.csv")


def test_the_sheet_worked_by_hand(worked):
    made = evaluate(worked, 0.1, 4)
    a, b = made.parties["A"], made.parties["B"]
    # A: 363.636363636 + 413.223140496 + 450.788880541 against 1000 + 45.45 + 41.32 + 37.57
    assert a.benefit_usd == pytest.approx(1227.648384673)
    assert a.cost_usd == pytest.approx(1124.342599549)
    assert a.npv_usd == pytest.approx(103.305785124)
    assert a.bcr == pytest.approx(1.0918810912)
    # running: -1000, -650, -200, 350; discounted: -1000, -681.8, -309.9, 103.3
    assert (a.payback_yr, a.payback_discounted_yr) == (3, 3)
    # B: exactly even when discounted (100 + 100 - 200); plain: -200, -200, -79, 54.1
    assert b.npv_usd == pytest.approx(0.0, abs=1e-9)
    assert b.bcr == pytest.approx(1.0)
    assert b.payback_yr == 3
    assert made.total.npv_usd == pytest.approx(103.305785124)
    assert made.total.bcr == pytest.approx(1427.648384673 / 1324.342599549)


def test_the_sheets_own_column_of_present_worth(worked):
    streams = evaluate(worked, 0.1, 4).streams.set_index(["party", "kind"])["npv_usd"]
    by_hand = worked.groupby(["party", "kind"])["present"].sum()
    np.testing.assert_allclose(streams, by_hand, rtol=1e-9)


def test_discounting_can_undo_payback():
    made = evaluate(stream((0, "A", "c", -100.0), (1, "A", "b", 60.0), (2, "A", "b", 50.0)), 0.1, 3)
    assert made.total.payback_yr == 2  # -100, -40, 10
    assert made.total.payback_discounted_yr is None  # -100, -45.5, -4.1


def test_payback_is_kept_to_the_end():
    rows = stream((0, "A", "c", -1.0), (1, "A", "b", 2.0), (2, "A", "c", -3.0), (3, "A", "b", 2.0))
    assert evaluate(rows, 0.0, 4).total.payback_yr == 3  # -1, 1, -2, 0
    assert evaluate(rows, 0.0, 3).total.payback_yr is None


def test_no_benefit_is_a_ratio_of_0_and_no_cost_is_none():
    assert evaluate(stream((0, "A", "c", -5.0)), 0.1, 1).total.bcr == 0.0
    free = evaluate(stream((0, "A", "b", 5.0)), 0.1, 1).total
    assert free.bcr is None
    assert free.payback_yr == 0
    assert evaluate(stream(), 0.1, 2).total.bcr == 0.0


def test_years_after_the_horizon_are_said_and_left_out():
    made = evaluate(stream((0, "A", "b", 5.0), (2, "A", "b", 7.0)), 0.0, 2)
    assert (made.total.npv_usd, made.beyond_usd) == (5.0, 7.0)
    assert made.years["year"].tolist() == [0, 1]
    assert made.years["running_usd"].tolist() == [5.0, 5.0]


def test_all_faults_of_the_table_at_once():
    with pytest.raises(InputError) as caught:
        evaluate(stream((-1, "A", None, np.nan)), -0.1, 0)
    assert {fault.place or fault.where for fault in caught.value.faults} == {
        "rate",
        "years",
        "year",
        "usd",
        "kind",
    }
    with pytest.raises(InputError, match="no such column"):
        evaluate(pd.DataFrame({"years": [0]}), 0.1, 1)


def test_sums_that_are_off_are_refused(monkeypatch):
    monkeypatch.setattr("vallum.dividend.cashflow.TOLERANCE", -1.0)
    with pytest.raises(CertificateError, match="by party"):
        evaluate(stream((0, "A", "b", 5.0)), 0.1, 1)


def test_annuity_pays_back_by_hand():
    share = annuity(0.1, 2)
    assert share / 1.1 + share / 1.21 == pytest.approx(1.0)
    assert annuity(0.0, 4) == 0.25
    assert annuity(0.07, 30) == pytest.approx(float(works_annuity(0.07, 30)))
    with pytest.raises(InputError):
        annuity(-0.1, 0)


def test_partial_trade_by_hand():
    made = partial_trade([[8.0, 2.0], [2.0, 8.0]], [[1.0, 0.5], [0.5, 1.0]], 2.0)
    np.testing.assert_allclose(made.flows, [[8, 8], [8, 8]])
    assert made.income_hat.tolist() == [1.0, 1.0]
    assert made.residual == pytest.approx(0.6)  # 16 sold where 10 are earned


def test_even_places_by_hand():
    # shares 0.8 and 0.2; cost halved at elasticity 1: weights 0.8 and 0.4, so 2/3 and 1/3
    made = trade_in_changes([[8.0, 2.0], [2.0, 8.0]], [[1.0, 0.5], [0.5, 1.0]], 1.0)
    np.testing.assert_allclose(made.flows, np.array([[20, 10], [10, 20]]) / 3)
    np.testing.assert_allclose(made.welfare_hat, 1.2)
    np.testing.assert_allclose(made.price_hat, 1 / 1.2)
    assert made.residual <= 1e-12
    with pytest.raises(ValueError, match="read-only"):
        made.flows[0, 0] = 1.0


def test_where_nothing_was_sold_nothing_is():
    flows = [[8.0, 2.0, 0.0], [1.0, 8.0, 1.0], [1.0, 0.0, 3.0]]
    made = trade_in_changes(flows, np.full((3, 3), 0.7), 4.0)
    assert made.flows[0, 2] == 0.0
    assert made.flows_hat[0, 2] == 1.0


def test_faults_of_trade_are_collected():
    with pytest.raises(InputError) as caught:
        trade_in_changes([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]], 0.0)
    assert [fault.where for fault in caught.value.faults] == ["flows", "cost_hat", "elasticity"]
    with pytest.raises(InputError, match="square"):
        trade_in_changes([1.0], [1.0], 2.0)
    with pytest.raises(InputError, match="deficits"):
        trade_in_changes([[1.0]], [[1.0]], 2.0, deficits="some")


def test_a_surplus_that_can_not_be_kept_is_refused():
    # 0 lends half of what it sells; its goods then cost a thousand times more to bring out
    with pytest.raises(InfeasibleError, match="zero"):
        trade_in_changes([[1.0, 9.0], [0.1, 1.0]], [[1.0, 1e3], [1.0, 1.0]], 9.0)


def test_markets_that_do_not_clear_are_refused(monkeypatch):
    monkeypatch.setattr(
        "vallum.dividend.trade._solved", lambda world: (np.ones(len(world.output)), 0)
    )
    with pytest.raises(CertificateError, match="don't clear"):
        trade_in_changes([[8.0, 2.0], [2.0, 8.0]], [[1.0, 0.5], [1.0, 1.0]], 3.0)


def rows(*ranges):
    return [
        Assumption(f"x{n}", value, low, high, "1", "judgement: a test")
        for n, (value, low, high) in enumerate(ranges)
    ]


def test_switch_values_by_hand():
    def answer(x):  # 10 at the values
        return x[:, 0] * x[:, 1] - 50.0 + 0.0 * x[:, 2]

    ranges = rows((6.0, 4.0, 8.0), (10.0, 9.0, 11.0), (1.0, 0.0, 2.0))
    table = switch_values(answer, ranges).set_index("key")
    assert table.loc["x0", "switch"] == pytest.approx(5.0)
    assert table.loc["x0", "move"] == pytest.approx(-0.5)  # half-way to the low end
    assert table.loc["x1", "switch"] == pytest.approx(25 / 3)
    assert table["within"].tolist() == [True, False, False]
    assert table.loc["x2", "switch"] is None
    assert table.loc["x2", "move"] is None


def test_a_range_of_0_or_more_is_not_left_below_0():
    table = switch_values(lambda x: x[:, 0] + 1.0, rows((1.0, 0.5, 2.0)))
    assert table["switch"].tolist() == [None]
    table = switch_values(lambda x: x[:, 0] + 1.0, rows((1.0, -0.5, 2.0)))
    assert table["switch"].tolist() == [pytest.approx(-1.0)]


def test_faults_of_assumptions_and_answers():
    lacking = [Assumption("a", 1.0, None, 2.0, "1", "judgement: a test"), *rows((3.0, 1.0, 2.0))]
    with pytest.raises(InputError) as caught:
        switch_values(lambda x: x[:, 0], lacking)
    assert [fault.place for fault in caught.value.faults] == ["a", "x0"]
    with pytest.raises(InputError, match="at least one"):
        switch_values(lambda x: x[:, 0], [])
    with pytest.raises(InputError, match="not finite"):
        switch_values(lambda x: x[:, 0] * np.nan, rows((1.0, 0.0, 2.0)))
    with pytest.raises(InputError, match="reach"):
        switch_values(lambda x: x[:, 0], rows((1.0, 0.0, 2.0)), reach=0.0)


class Fixed:
    """A design of two rows, whose estimator must not be asked for what does not vary."""

    def sample(self, lows, highs):
        return np.array([lows, highs])

    def indices(self, values):
        assert np.ptp(values) > 0
        return np.array([0.1, 0.9]), np.array([0.2, 0.8])


def test_no_assumption_decides_a_sign_that_never_turns():
    table = sobol_indices(lambda x: x.sum(1), rows((2.0, 1.0, 3.0), (2.0, 1.0, 3.0)), Fixed())
    assert table["key"].tolist() == ["x1", "x0"]
    assert table["sign_total"].tolist() == [0.0, 0.0]
    assert table["total"].tolist() == [0.8, 0.2]
    assert table.attrs["pays_share"] == 1.0
