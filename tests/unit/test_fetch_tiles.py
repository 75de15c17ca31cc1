"""Names of tiles: whatever the bounds, all of them is covered, and nothing beyond."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vallum.theatre.fetch.tiles import corners, tile_name

LON = st.floats(-180, 180, allow_subnormal=False)
LAT = st.floats(-90, 90, allow_subnormal=False)


@given(
    lon=st.tuples(LON, LON), lat=st.tuples(LAT, LAT), step=st.sampled_from([1, 3]), data=st.data()
)
def test_every_place_within_bounds_has_its_tile(lon, lat, step, data):
    (west, east), (south, north) = sorted(lon), sorted(lat)
    if west == east or south == north or (east - west) * (north - south) > 4000:
        return
    tiles = corners((west, south, east, north), step)
    assert len(set(tiles)) == len(tiles)
    x = data.draw(st.floats(west, east))
    y = data.draw(st.floats(south, north))
    assert any(row <= y <= row + step and column <= x <= column + step for row, column in tiles)
    for row, column in tiles:  # each shares more than an edge with the bounds
        assert row < north
        assert row + step > south
        assert column < east
        assert column + step > west
        assert row % step == column % step == 0


@given(lat=st.integers(-90, 89), lon=st.integers(-180, 179))
def test_a_name_says_its_corner(lat, lon):
    row, column = tile_name(lat, lon)
    found = re.fullmatch(r"([NS])(\d\d)", row), re.fullmatch(r"([EW])(\d\d\d)", column)
    assert all(found)
    assert int(found[0][2]) * (1 if found[0][1] == "N" else -1) == lat
    assert int(found[1][2]) * (1 if found[1][1] == "E" else -1) == lon


@pytest.mark.parametrize(
    ("bounds", "step", "names"),
    [
        ((-12.0, 15.0, -11.0, 16.0), 1, ["N15W012"]),
        ((-12.0, 15.0, -9.0, 18.0), 3, ["N15W012"]),
        ((-0.5, -0.5, 0.5, 0.5), 1, ["N00W001", "N00E000", "S01W001", "S01E000"]),
        ((-0.5, -0.5, 0.5, 0.5), 3, ["N00W003", "N00E000", "S03W003", "S03E000"]),
        ((179.5, 89.5, 180.0, 90.0), 1, ["N89E179"]),
        ((-180.0, -90.0, -179.5, -89.5), 1, ["S90W180"]),
    ],
)
def test_tiles_by_hand(bounds, step, names):
    assert ["".join(tile_name(*corner)) for corner in corners(bounds, step)] == names
