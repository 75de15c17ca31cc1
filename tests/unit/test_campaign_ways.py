"""Single ways in: they are quickest on the ground, and only restricted files have them."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from tests.exact_world import small_world

from vallum.campaign.exact_ways import least_hours, way_of
from vallum.campaign.world_hours import Field
from vallum.kernel.paths import travel_time


def ground(seed, *, sloped):
    draw = np.random.default_rng(seed)
    level = draw.uniform(0.1, 1.0, (9, 11))
    level[draw.random(level.shape) < 0.2] = np.inf
    level[[0, -1], [0, -1]] = 0.5
    height = draw.uniform(0.0, 500.0, level.shape) if sloped else None
    return Field(level, height, "tobler" if sloped else None, 10.0)


def hours(over, level, start):
    return travel_time(level, np.array([start]), cell_km=over.cell_km, elevation=over.height_m,
                       law=over.law)  # fmt: skip


def step_hours(over, one, other):
    """Time one step on a ground that has nothing but its two cells."""
    bare = np.full(over.hours_per_km.shape, np.inf)
    for cell in (one, other):
        bare[tuple(cell)] = over.hours_per_km[tuple(cell)]
    return hours(over, bare, one)[tuple(other)]


@pytest.mark.parametrize("sloped", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_steps_of_a_traced_way_take_the_hours_of_the_quickest(seed, sloped):
    over = ground(seed, sloped=sloped)
    start, end = np.array([0, 0]), np.array([8, 10])
    times = hours(over, over.hours_per_km, start)
    if not np.isfinite(times[8, 10]):
        times = hours(over, np.nan_to_num(over.hours_per_km, posinf=2.0), start)
        over = Field(np.nan_to_num(over.hours_per_km, posinf=2.0), over.height_m, over.law, 10.0)
    way = least_hours(over, over.hours_per_km, times, start, end)
    assert way[0].tolist() == [0, 0]
    assert way[-1].tolist() == [8, 10]
    assert (np.abs(np.diff(way, axis=0)).max(axis=1) == 1).all()
    taken = sum(step_hours(over, *pair) for pair in pairwise(way))
    assert taken == pytest.approx(times[8, 10], rel=1e-9)


def by_hand(entry_col=2):
    """Give a row of five cells of 1 h/km and 10 km, the last three held; base 0, target 4."""
    world = small_world([("line", 0, "XXX", 60.0, 0.5)])
    return (
        world.bases.assign(row=0, col=0),
        world.targets.assign(row=0, col=4),
        world.entries.assign(row=0, col=entry_col),
        np.array([[False, False, True, True, True]]),
        Field(np.ones((1, 5)), None, None, 10.0),
    )


def test_a_way_by_hand_runs_over_the_entry():
    bases, targets, entries, held, over = by_hand()
    world = dataclasses.replace(
        small_world([("line", 0, "XXX", 60.0, 0.5)]), bases=bases, targets=targets, entries=entries
    )
    row = pd.Series({"base": 0, "entry": 0, "target": 0})
    cells, taken = way_of(world, row, over, held)
    assert cells.tolist() == [[0, 0], [0, 1], [0, 2], [0, 3], [0, 4]]
    assert taken == pytest.approx(40.0)
    walled = dataclasses.replace(world, entries=entries.assign(col=3))
    assert way_of(walled, row, over, held) is None  # nothing in front of it but held land
