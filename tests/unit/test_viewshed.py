"""Viewsheds, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vallum.errors import InputError
from vallum.kernel.viewshed import EARTH_M, RADAR, horizon_km, viewshed

FLAT = {"earth": math.inf, "observer_m": 10.0, "target_m": 0.0}


def line(heights, **kept):
    """See along one row from its first cell; cells of 100 m."""
    return viewshed([heights], 100.0, row=0, col=0, **(FLAT | kept))[0].tolist()


def test_a_wall_hides_what_is_behind_it():
    ground = np.zeros((7, 9))
    ground[:, 4] = 20.0
    seen = viewshed(ground, 100.0, row=3, col=1, **FLAT)
    assert seen[:, :5].all()
    assert not seen[:, 5:].any()


def test_what_is_behind_a_wall_is_seen_over_it():
    # the eye at 10 m sees the wall's top (20 m) 300 m away: a rise of 1 in 30. 600 m away the
    # line of sight passes at 30 m.
    assert line([0, 0, 0, 20, 0, 0, 29.9]) == [True, True, True, True, False, False, False]
    assert line([0, 0, 0, 20, 0, 0, 30.1]) == [True, True, True, True, False, False, True]
    assert line([0, 0, 0, 20, 0, 0, 20], target_m=10.1)[-1]


def test_a_wall_with_a_gap_is_seen_through_along_the_gap():
    ground = np.zeros((9, 9))
    ground[:, 4] = 50.0
    ground[4, 4] = 0.0
    seen = viewshed(ground, 100.0, row=4, col=0, **FLAT)
    # corners of the gap are at the mean of four cells, 25 m, so it shows its middle only
    assert seen[4].all()
    assert not seen[:4, 5:].any()
    assert not seen[5:, 5:].any()


def test_the_wall_turned_about_is_the_same():
    ground = np.zeros((15, 15))
    ground[3, 2:9] = 30.0
    ground[9:12, 11] = 12.0
    ground[12, 3] = 90.0
    keep = {"cell_m": 100.0, "row": 7, "col": 7} | FLAT
    seen = viewshed(ground, **keep)
    assert 0 < (~seen).sum() < seen.size / 2
    for turn in (np.rot90, np.flipud, np.fliplr, np.transpose):
        assert (viewshed(turn(ground), **keep) == turn(seen)).all()


@pytest.mark.parametrize("refraction", [0.0, 1 / 7, RADAR])
def test_a_plain_is_seen_to_the_horizon(refraction):
    cell, here = 250.0, 120
    seen = viewshed(
        np.zeros((2 * here + 1, 2 * here + 1)),
        cell,
        row=here,
        col=here,
        observer_m=10.0,
        target_m=2.0,
        refraction=refraction,
    )
    away = np.hypot(*(np.indices(seen.shape) - here)) * cell / 1000
    horizon = horizon_km(10.0, 2.0, refraction=refraction)
    # the ground is in cells, so the line may graze it half a cell beside its lowest point
    assert seen[away < horizon - 0.25].all()
    assert not seen[away > horizon + 0.25].any()


def test_the_radar_horizon_is_that_of_the_handbook():
    # 4.12 (√h₁ + √h₂) km on an earth of 4/3: √(2 · 4/3 · 6,371 km · 1 m) = 4.122 km
    expected = 4.12 * (math.sqrt(25) + math.sqrt(4))
    assert horizon_km(25.0, 4.0, refraction=RADAR) == pytest.approx(expected, rel=1e-3)
    assert horizon_km(1.0, 0.0, refraction=0.0) == pytest.approx(
        math.sqrt(2 * EARTH_M) / 1000, rel=1e-12
    )


def test_equal_heights_see_each_other_or_not_alike():
    # along rows and diagonals the line of sight crosses the same middles and corners both ways
    rng = np.random.default_rng(3)
    heights = 30 * rng.random(12)
    ground = np.where(np.eye(12, dtype=bool), heights[:, np.newaxis], 0.0)
    row = np.tile(heights, (3, 1))
    found = set()
    for one in range(12):
        for other in range(12):
            keep = {"cell_m": 500.0, "observer_m": 3.0, "target_m": 3.0}
            for grid, a, b in (
                (row, (1, one), (1, other)),
                (ground, (one, one), (other, other)),
            ):
                there = viewshed(grid, row=a[0], col=a[1], **keep)[b]
                assert there == viewshed(grid, row=b[0], col=b[1], **keep)[a]
                found.add(bool(there))
    assert found == {True, False}


def test_nothing_is_seen_beyond_the_limit():
    seen = viewshed(np.zeros((9, 9)), 100.0, row=4, col=4, max_m=300.0, **FLAT)
    away = np.hypot(*(np.indices(seen.shape) - 4)) * 100
    assert (seen == (away <= 300)).all()


def test_from_high_above_a_plain_its_middle_is_seen_last_of_all():
    # 3 km above a plain with a ridge: the eye is above everything, and the pass may not end early
    ground = np.zeros((1, 400))
    ground[0, 100] = 100.0
    seen = viewshed(ground, 500.0, row=0, col=0, observer_m=3000.0, target_m=0.0, earth=math.inf)
    # behind the ridge's top, 100 m at 50 km, the line of sight comes down at 50 · 3000 / 2900 km
    hidden = np.flatnonzero(~seen[0]) * 0.5
    assert hidden.tolist() == [50.5, 51.0, 51.5]


def test_one_cell_sees_itself():
    assert viewshed([[5.0]], 1.0, row=0, col=0, observer_m=0, target_m=0).tolist() == [[True]]


def test_every_fault_is_named_at_once():
    with pytest.raises(InputError) as caught:
        viewshed(
            [[0.0, math.nan]],
            0.0,
            row=0,
            col=0,
            observer_m=-1.0,
            target_m=math.inf,
            max_m=-5.0,
            earth=0.0,
            refraction=1.5,
        )
    said = {fault.where for fault in caught.value.faults}
    assert said == {
        "elevation", "cell_m", "observer_m", "target_m", "max_m", "earth", "refraction",
    }  # fmt: skip
    with pytest.raises(InputError) as caught:
        viewshed([[0.0, 1.0]], 1.0, row=1, col=0.5, observer_m=0, target_m=0)
    assert [fault.where for fault in caught.value.faults] == ["row", "col"]


@pytest.mark.parametrize(
    "ground", [[], [1.0, 2.0], [["a"]], np.ma.masked_equal([[0.0, 1.0]], 0.0), [[math.inf]]]
)
def test_what_is_no_elevation_is_refused(ground):
    with pytest.raises(InputError, match="elevation"):
        viewshed(ground, 1.0, row=0, col=0, observer_m=0, target_m=0)
