"""What must hold of movement and civilian journeys whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vallum.kernel.figures import Range
from vallum.threat.blocks import gather, held
from vallum.threat.civilians.demand import pair, spread
from vallum.threat.movement.hours import roughness, steepness

metres = arrays(np.float64, st.integers(1, 20), elements=st.floats(0, 5000))
slopes = arrays(np.float64, st.integers(1, 20), elements=st.floats(-2, 2))
amounts = arrays(
    np.float64,
    st.tuples(st.integers(1, 8), st.integers(1, 8)),
    elements=st.sampled_from([0.0, 0.25, 1.0, 3.0, 1e6]),
)


@given(metres, st.floats(0, 500), st.floats(1, 5000))
def test_rougher_ground_is_never_faster(relief: np.ndarray, free: float, half: float) -> None:
    share = roughness(np.sort(relief), free, half)
    assert ((share > 0) & (share <= 1)).all()
    assert (np.diff(share) <= 0).all()
    assert (share[np.sort(relief) <= free] == 1).all()


@given(slopes, st.floats(0.05, 1.5))
def test_steeper_ground_is_never_faster(slope: np.ndarray, limit: float) -> None:
    share = steepness(slope, limit)
    assert ((share >= 0) & (share <= 1)).all()
    assert (share[np.abs(slope) >= limit] == 0).all()
    np.testing.assert_array_equal(share, steepness(-slope, limit))
    assert (steepness(slope, None) == 1).all()


@given(amounts, st.integers(1, 5), st.integers(1, 70))
def test_blocks_carry_everything(amount: np.ndarray, side: int, most: int) -> None:
    blocks = gather(amount, side, most)
    assert blocks.amounts.sum() == pytest.approx(amount.sum())
    assert len(blocks.cells) <= most
    assert (amount[tuple(blocks.cells.T)] > 0).all()
    assert held(amount, side).sum() == pytest.approx(amount.sum())


@given(amounts, st.integers(1, 9), st.data())
def test_pairs_send_all_that_is_pulled(pull: np.ndarray, most: int, data: st.DataObject) -> None:
    # journeys a year: of amounts near the least float64 a share is nothing, and the law is of reals
    amount = st.just(0.0) | st.floats(1e-9, 1e6)
    leaving = np.array(data.draw(st.lists(amount, min_size=len(pull), max_size=len(pull))))
    places = np.stack([np.arange(pull.shape[1]), np.zeros(pull.shape[1], int)], axis=1)
    targets, journeys, lost = pair(leaving, places, pull, most)
    assert journeys.shape == (len(pull), len(targets))
    assert len(targets) <= most
    assert journeys.sum() == pytest.approx(leaving.sum() * (1 - lost), rel=1e-9, abs=1e-9)
    whole = journeys.sum(axis=1)
    assert ((np.abs(whole - leaving) <= 1e-9 * (1 + leaving)) | (whole == 0)).all()
    if most >= pull.shape[1]:
        np.testing.assert_allclose(whole, np.where(pull.sum(axis=1) > 0, leaving, 0.0))


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(1, 10), st.floats(10, 100)), max_size=5))
def test_a_spread_is_wider_than_each_and_narrower_than_all(
    ends: list[tuple[float, float, float]],
) -> None:
    figures = tuple(Range(*each) for each in ends)
    low, high = spread(figures)
    assert np.prod([f.low / f.mode for f in figures]) <= low * (1 + 1e-9)
    assert high <= np.prod([f.high / f.mode for f in figures]) * (1 + 1e-9)
    for figure in figures:
        assert low <= figure.low / figure.mode * (1 + 1e-9)
        assert high >= figure.high / figure.mode * (1 - 1e-9)
