"""Sight: ground that is made up, where to look around an eye, cover by class of terrain."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr
from scipy import ndimage

import vallum
from vallum.errors import InputError
from vallum.kernel.grid import Grid
from vallum.kernel.viewshed import horizon_km
from vallum.works.sight import assumptions, cover
from vallum.works.sight import terrain as sight
from vallum.works.sight.rings import HIDDEN, RAYS, SECTORS, best_site, look_around, rings
from vallum.works.sight.texture import relief_of, step_of, texture

if TYPE_CHECKING:
    from vallum.theatre import Theatre

EAST, NORTH = 0, SECTORS // 4  # sectors that begin there


def laid(sahel: Theatre, cell_km, elevation, relief, state=None):
    """Lay a theatre of one's own ground."""
    layers = {
        "elevation_m": np.asarray(elevation, np.float32),
        "relief_m": np.asarray(relief, np.float32),
        "state": np.zeros(np.shape(elevation), np.int16) if state is None else state,
    }
    ground = xr.Dataset({name: (("y", "x"), values) for name, values in layers.items()})
    grid = Grid("EPSG:6933", 0.0, 0.0, cell_km, *np.shape(elevation))
    return dataclasses.replace(sahel, grid=grid, ground=ground)


@pytest.mark.parametrize("hurst", [0.3, 0.5, 0.8])
def test_heights_differ_by_the_power_of_the_distance(hurst):
    far = [2, 4, 8, 16]
    squares = np.zeros(len(far))
    for seed in range(8):
        ground = texture(np.random.default_rng(seed), hurst, 256)
        assert ground.mean() == pytest.approx(0, abs=1e-9)
        assert ground.std() == pytest.approx(1)
        squares += [((np.roll(ground, d, 0) - ground) ** 2).mean() for d in far]
    found = np.polyfit(np.log(far), np.log(squares) / 2, 1)[0]
    assert found == pytest.approx(hurst, abs=0.07)


def test_relief_and_step_as_their_definitions_say():
    ground = np.random.default_rng(0).normal(size=(12, 12))
    box = 3

    def mean(row, col):
        index = np.arange(-1, 2)
        return ground[np.ix_((row + index) % 12, (col + index) % 12)].mean()

    reliefs, squares = [], []
    for row in range(12):
        for col in range(12):
            near = [mean(row + a, col + b) for a in (-3, 0, 3) for b in (-3, 0, 3)]
            reliefs.append(max(near) - min(near))
            squares += [(mean(row + box, col) - mean(row, col)) ** 2]
            squares += [(mean(row, col + box) - mean(row, col)) ** 2]
    assert relief_of(ground, box) == pytest.approx(np.mean(reliefs))
    assert step_of(ground, box) == pytest.approx(math.sqrt(np.mean(squares)))


def test_a_tower_is_put_on_the_highest_ground_near():
    ground = np.zeros((9, 9))
    ground[4, 6], ground[3, 3], ground[6, 6] = 5.0, 4.0, 9.0  # 2, 1.4 and 2.8 cells away
    assert best_site(ground, 4, 4, 2.0) == (4, 6)
    assert best_site(ground, 4, 4, 1.5) == (3, 3)
    assert best_site(ground, 4, 4, 3.0) == (6, 6)


def test_samples_lie_where_they_should():
    around = rings((0.5, 1.0, 2.0), 250.0)
    assert around.row.shape == around.col.shape == (SECTORS, RAYS, 8)
    away = np.hypot(around.row, around.col) * 0.25
    assert np.abs(away - around.away_km).max() <= 0.25 * math.sqrt(0.5) + 1e-9
    # the distances 0.25 … 2 km; halves between 0.5, 1 and 2 km are 0.75 and 1.5
    assert around.ring.tolist() == [0, 0, 1, 1, 1, 2, 2, 2]
    assert around.reach == 8
    east, north = around.col[EAST, 0, -1], around.row[NORTH, 0, -1]
    assert (east, north) == (8, -8)


def test_a_plain_is_covered_to_the_horizon():
    km = (2.0, 10.0, 16.0, 20.0, 26.0)
    around = rings(km, 500.0)
    plain = np.zeros((2 * around.reach + 1,) * 2)
    seen, covered = look_around(
        plain, (around.reach, around.reach), 500.0, around, (5.0, 20.0), 2.0, 1 / 7
    )
    # rings end halfway between distances. From 5 m: 10 km (to 13 km) is seen, 20 (from 18) is not
    assert 13.5 < horizon_km(5.0, 2.0) < 17.5
    assert seen[0, [0, 1, 3, 4]].tolist() == [1, 1, 0, 0]
    # from 20 m: 16 km (to 18 km) is seen, 26 km (from 23) is not
    assert 18.5 < horizon_km(20.0, 2.0) < 22.9
    assert seen[1, :3].tolist() == [1, 1, 1]
    assert seen[1, 4] == pytest.approx(0, abs=0.02)
    assert (covered <= seen).all()
    assert covered[0, :2].tolist() == [1, 1]


def test_the_opponent_comes_from_behind_the_wall():
    around = rings((1.0, 5.0, 9.0), 250.0)
    reach = around.reach
    ground = np.zeros((2 * reach + 1,) * 2)
    ground[:, reach + 12] = 60.0  # 3 km to the east, from end to end
    seen, covered = look_around(ground, (reach, reach), 250.0, around, (10.0,), 2.0, 1 / 7)
    assert seen[0, 0] == covered[0, 0] == 1
    # straight to the east all is hidden from 3 km on; to ±65° it is at 7 km, where the ring of 9 km
    # begins; that is more than a tenth of the directions. The ring of 5 km has the wall in it.
    assert covered[0, 2] == 0
    assert covered[0, 1] < 0.2
    assert seen[0, 2] == pytest.approx(1 - 2 * math.degrees(math.acos(3 / 8)) / 360, abs=0.05)
    assert HIDDEN == SECTORS // 10


def test_made_up_ground_of_no_relief_is_a_plain():
    seen, covered = sight.made_up(sight.Measure(0.0), sites=1)
    horizon = np.array([horizon_km(height, 2.0) for height in sight.HEIGHTS_M])
    edges = (np.array(sight.KM)[1:] + np.array(sight.KM)[:-1]) / 2
    last, first = np.append(edges, 40.0), np.insert(edges, 0, 0.0)
    assert (seen[horizon[:, np.newaxis] > last + 0.5] == 1).all()
    assert (seen[horizon[:, np.newaxis] < first - 0.5] == 0).all()
    assert (np.diff(seen, axis=1) <= 0).all()
    assert (covered <= seen).all()


@pytest.mark.parametrize("measure", [sight.Measure(30.0), sight.Measure(5.0, 8)])
def test_a_higher_eye_sees_no_less_and_the_hidden_ways_are_seen_less(measure):
    seen, covered = sight.made_up(measure, seed=3)
    for share in (seen, covered):
        assert (np.diff(share, axis=0) >= 0).all()
        assert share.min() >= 0
        assert share.max() <= 1
    assert (covered <= seen).all()
    assert covered[2:5].mean() < seen[2:5].mean() - 0.1
    # further away less is seen, but for chance from one distance to the next
    near, far = seen[:, :5].mean(axis=1), seen[:, -5:].mean(axis=1)
    assert (near >= far).all()
    assert (near[:5] > far[:5] + 0.2).all()


def test_rough_ground_hides_more_than_smooth():
    tower = slice(2, 5)
    by_relief = [sight.made_up(sight.Measure(m))[0][tower].mean() for m in (10.0, 60.0, 300.0)]
    assert by_relief[0] > by_relief[1] + 0.1 > by_relief[2] + 0.2
    low, mode, high = (
        sight.made_up(sight.Measure(60.0), level=level)[0][tower].mean()
        for level in ("low", "mode", "high")
    )
    assert low < mode < high


def test_radar_sees_further_than_light():
    light, radar = (
        sight.made_up(sight.Measure(10.0), refraction=part, sites=1)[0] for part in (1 / 7, 0.25)
    )
    assert (radar >= light).all()
    assert radar.sum() > light.sum() + 0.1


def made_up(metres, boxes=None):
    return sight.made_up(sight.Measure(metres, boxes), sites=1)[0]


def test_classes_are_by_relief_and_the_sea_is_in_the_first(sahel):
    relief = [[0.0, 13.9, 14.0, 83.9, 84.0, 1000.0, 0.0]]
    state = np.array([[0, 0, 0, 0, 0, 0, -1]], np.int16)
    theatre = laid(sahel, 10.0, np.zeros((1, 7)), relief, state)
    assert sight.classes(theatre).tolist() == [[0, 0, 1, 2, 3, 6, 0]]
    got, row = cover(theatre, sites=1)
    assert row.tolist() == [[0, 0, 1, 2, 3, 4, 0]]
    assert row.dtype == np.int32
    assert got.seen.shape == got.covered.shape == (5, len(sight.HEIGHTS_M), len(sight.KM))
    # a class is as rough as its cells: those of class 1 have 14 m
    assert got.seen[1] == pytest.approx(made_up(14.0))
    # 0 and 13.9 m make 6.95 m, which is below the floor
    assert got.seen[0] == pytest.approx(made_up(sight.FLOOR_M.mode))
    assert got.seen[4] == pytest.approx(made_up(1000.0))
    with pytest.raises(ValueError, match="read-only"):
        got.seen[0, 0, 0] = 0


def test_only_classes_that_are_there_have_rows(sahel):
    theatre = laid(sahel, 10.0, np.zeros((1, 3)), [[0.0, 200.0, 50.0]], np.array([[-1, 0, 0]]))
    got, row = cover(theatre, sites=1)
    assert row.tolist() == [[0, 1, 0]]
    assert got.seen[1] == pytest.approx(made_up(200.0))
    got, row = cover(laid(sahel, 10.0, [[0.0]], [[0.0]], np.array([[-1]])), sites=1)
    assert (len(got.seen), row.tolist()) == (1, [[0]])


def test_the_same_seed_gives_the_same_bytes(sahel):
    theatre = laid(sahel, 10.0, np.zeros((1, 1)), [[40.0]])
    first, again, other = (cover(theatre, seed=seed, sites=2)[0] for seed in (5, 5, 6))
    assert first.seen.tobytes() == again.seen.tobytes()
    assert first.covered.tobytes() == again.covered.tobytes()
    assert first.seen.tobytes() != other.seen.tobytes()


def test_faults_of_a_cover_are_named_together(sahel):
    with pytest.raises(InputError) as caught:
        cover(laid(sahel, 10.0, [[0.0]], [[0.0]]), level="mid", sites=0)
    assert [fault.where for fault in caught.value.faults] == ["level", "sites"]


def test_an_interpolated_elevation_does_not_pass_for_a_fine_one(sahel):
    fine = 30 * texture(np.random.default_rng(2), 0.64, 256)[:120, :120]
    coarse = ndimage.zoom(fine[::6, ::6], 6, order=1)
    relief = np.full(fine.shape, 60.0)
    assert sight.resolved(laid(sahel, 2.0, fine, relief))
    interpolated = laid(sahel, 2.0, coarse, relief)
    assert not sight.resolved(interpolated)
    assert not sight.resolved(laid(sahel, 2.0, np.zeros((9, 9)), np.zeros((9, 9))))
    # and then only the relief counts
    assert cover(interpolated, sites=1)[0].seen[0] == pytest.approx(made_up(60.0))


def test_finer_cells_say_how_rough_the_ground_is_between_them(sahel):
    # cells of 3 km whose neighbours differ by 12 m in the root mean square, whatever the relief
    ground = texture(np.random.default_rng(2), 0.6, 128)
    squares = [np.diff(ground, axis=axis) ** 2 for axis in (0, 1)]
    step = math.sqrt(np.mean([*squares[0].ravel(), *squares[1].ravel()]))
    theatre = laid(sahel, 3.0, ground * 12 / step, np.full(ground.shape, 100.0))
    assert cover(theatre, sites=1)[0].seen[0] == pytest.approx(made_up(12.0, 10), abs=1e-3)


def test_a_fine_elevation_is_looked_at_directly(sahel):
    # one cell of 100 m relief; the highest within a kilometre is its neighbour to the east
    ground = (20 * np.random.default_rng(4).random((30, 40))).astype(np.float32)
    ground[12, 21], ground[13, 21] = 25.0, 30.0
    relief = np.full(ground.shape, 30.0)
    relief[12, 20] = 100.0
    theatre = laid(sahel, 1.0, ground, relief)
    assert sight.resolved(theatre)
    got, row = cover(theatre, sites=1)
    assert np.argwhere(row == 1).tolist() == [[12, 20]]
    # beyond its edges the map goes on as its mirror, as often as 40 km need
    index = [
        np.abs(
            (np.arange(-60, size + 60) // size % 2) * (size - 1) - np.arange(-60, size + 60) % size
        )
        for size in ground.shape
    ]
    wide = ground[np.ix_(*index)].astype(np.float64)
    assert wide[72, 81] == 25.0
    around = rings(sight.KM, 1000.0)
    seen, covered = look_around(wide, (72, 81), 1000.0, around, sight.HEIGHTS_M, 2.0, 1 / 7)
    assert got.seen[1] == pytest.approx(seen)
    assert got.covered[1] == pytest.approx(covered)
    assert (got.covered <= got.seen).all()


def test_every_assumption_has_its_source():
    rows = assumptions()
    assert {row.key for row in rows} >= {"works.sight.hurst", "works.sight.floor_m"}
    for row in rows:
        assert row.source.startswith("judgement: ") or "http" in row.source or "SRTM" in row.source
        if row.low is not None:
            assert row.low <= row.value <= row.high


def test_the_table_of_the_page_is_the_programs(root):
    page = (root / "docs/method/works-sight.md").read_text("utf-8")
    lines = page.split("### Towers' cover of the approach")[1].splitlines()
    table = [line.split("|")[1:-1] for line in lines if line.startswith("|")]
    km = [float(cell.removesuffix(" km")) for cell in map(str.strip, table[0][2:])]
    theatre = vallum.load_theatre("sahel")
    found, row = cover(theatre)
    land = theatre.ground["state"].to_numpy() >= 0
    assert len(found.seen) == len(table) - 2 == 7
    for each, cells in enumerate(table[2:]):
        assert float(cells[1]) == pytest.approx((row[land] == each).mean(), abs=0.006)
        said = np.array([[float(part) for part in cell.split("/")] for cell in cells[2:]])
        shares = [found.at(each, 20.0, km, covered=covered) for covered in (False, True)]
        assert said == pytest.approx(np.transpose(shares), abs=0.006)
