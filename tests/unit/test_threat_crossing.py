"""Hours that the ground takes, and from the nearest sanctuary."""

from __future__ import annotations

import numpy as np
import pytest

from vallum.kernel.paths import travel_time
from vallum.threat.crossing import cross
from vallum.threat.movement.hours import MODES, hours_per_km
from vallum.threat.movement.settings import MovementSettings

DRY = MovementSettings()


@pytest.fixture(scope="module")
def starts(sahel):
    open_ = np.logical_and.reduce(
        [np.isfinite(hours_per_km(sahel, mode, settings=DRY).hours_per_km) for mode in MODES]
    )
    some = np.argwhere(open_)
    return some[[len(some) // 3, len(some) // 2]]


def test_a_cell_takes_its_pace_times_its_side(sahel, starts):
    found = cross(sahel, DRY, starts)
    assert set(found.cell_hours) == set(found.hours_from) == set(MODES)
    for mode in MODES:
        pace = hours_per_km(sahel, mode, settings=DRY).hours_per_km
        assert (found.cell_hours[mode] == pace * sahel.grid.cell_km).all()
        assert not found.cell_hours[mode].flags.writeable


def test_the_nearest_of_two_sanctuaries_counts(sahel, starts):
    both, one, two = (cross(sahel, DRY, some) for some in (starts, starts[:1], starts[1:]))
    for mode in MODES:
        nearest = np.minimum(one.hours_from[mode], two.hours_from[mode])
        assert (both.hours_from[mode] == nearest).all()
        assert both.hours_from[mode][tuple(starts.T)].tolist() == [0.0, 0.0]
    # by car there is no law of slopes here: the solver on the bare pace
    bare = travel_time(both.cell_hours["four_by_four"], starts, cell_km=1.0)
    assert both.hours_from["four_by_four"] == pytest.approx(bare)


def test_the_rains_make_nobody_sooner(sahel, starts):
    dry, wet = cross(sahel, DRY, starts), cross(sahel, MovementSettings(season="rains"), starts)
    assert wet.season == "rains"
    for mode in MODES:
        assert (wet.hours_from[mode] >= dry.hours_from[mode] * (1 - 1e-12)).all()
        assert (wet.hours_from[mode] > dry.hours_from[mode]).any()


def test_without_a_sanctuary_nobody_comes(sahel):
    found = cross(sahel, DRY, np.zeros((0, 2), np.int64))
    assert all(np.isinf(hours).all() for hours in found.hours_from.values())


def test_a_sanctuary_where_a_way_of_moving_can_not_go_is_left_out_of_it(sahel, starts):
    pace = hours_per_km(sahel, "foot", settings=DRY).hours_per_km
    closed = np.argwhere(np.isinf(pace))[:1]
    alone = cross(sahel, DRY, closed)
    assert np.isinf(alone.hours_from["foot"]).all()
    more = cross(sahel, DRY, np.concatenate([closed, starts]))
    assert (more.hours_from["foot"] == cross(sahel, DRY, starts).hours_from["foot"]).all()
