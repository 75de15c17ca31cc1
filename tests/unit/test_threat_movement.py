"""Movement: hours per km by hand, on a strip of cells of which each is one case."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr
from pydantic import ValidationError

from vallum.errors import InputError
from vallum.kernel.grid import Grid
from vallum.threat.movement import hours as movement
from vallum.threat.movement.settings import MovementSettings
from vallum.threat.movement.table import load_movement
from vallum.works.catalogue import load_catalogue

if TYPE_CHECKING:
    from vallum.theatre import Theatre

BUILT_IN = Path(movement.__file__).with_name("movement.toml")
SAND, ROCK, SOIL, WETLAND, WATER = range(1, 6)
CELL_KM = 10.0
# column by column: what is there
CASES = {
    "beyond": {"state": -1},
    "soil": {},
    "sand": {"surface": SAND},
    "rock": {"surface": ROCK},
    "wetland": {"surface": WETLAND},
    "water": {"surface": WATER},
    "bridge": {"surface": WATER, "road": 2},
    "track": {"road": 1},
    "trunk": {"road": 3, "river": True},
    "river": {"river": True},
    "rough": {"relief_m": 84.0 + 600.0},
    "steep": {"slope": 0.7},
    "slope": {"slope": 0.175},
    "pass": {"slope": 0.7, "road": 1},
}
PLAIN = {"state": 0, "surface": SOIL, "road": 0, "river": False, "relief_m": 0.0, "slope": 0.0}
KINDS = {"state": "int16", "surface": "int8", "road": "int8", "river": "bool"}


@pytest.fixture(name="strip")
def _strip(sahel: Theatre) -> Theatre:
    """One row of cells, a case each."""
    layers = {
        name: (("y", "x"), np.array([[(PLAIN | case)[name] for case in CASES.values()]],
                                    KINDS.get(name, "float32")))
        for name in PLAIN
    }  # fmt: skip
    grid = Grid("EPSG:6933", 0.0, 0.0, CELL_KM, 1, len(CASES))
    return dataclasses.replace(sahel, grid=grid, ground=xr.Dataset(layers))


def _hours(strip: Theatre, mode: str, **options: str) -> dict[str, float]:
    ground = movement.hours_per_km(strip, mode, settings=MovementSettings(), **options)  # type: ignore[arg-type]
    assert not ground.hours_per_km.flags.writeable
    return dict(zip(CASES, ground.hours_per_km[0].tolist(), strict=True))


def test_foot_dry(strip: Theatre) -> None:
    hours = _hours(strip, "foot", season="dry")
    assert hours["soil"] == pytest.approx(1 / 3.0)
    assert hours["sand"] == hours["rock"] == pytest.approx(1 / 2.2)
    assert hours["wetland"] == pytest.approx(1 / 1.5)
    assert hours["track"] == hours["trunk"] == pytest.approx(1 / 4.0)  # a bridge on the road
    assert hours["river"] == pytest.approx(1 / 3.0 + 0.5 / CELL_KM)
    assert hours["rough"] == pytest.approx((1 + 600 / 3000) / 3.0)
    assert hours["steep"] == pytest.approx(1 / 3.0)  # Tobler's law is the solver's
    assert [name for name, value in hours.items() if math.isinf(value)] == ["beyond", "water"]


def test_motorcycle_slopes_relief_and_roads(strip: Theatre) -> None:
    hours = _hours(strip, "motorcycle", season="dry")
    assert hours["soil"] == pytest.approx(1 / 30)
    assert hours["rough"] == pytest.approx(2 / 30)  # 600 m beyond the free relief halve it
    assert hours["slope"] == pytest.approx(2 / 30)  # half of the limit of 0.35
    assert hours["pass"] == pytest.approx(1 / 30)  # a track leads over
    assert hours["bridge"] == pytest.approx(1 / 45)
    assert [name for name, value in hours.items() if math.isinf(value)] == [
        "beyond",
        "water",
        "steep",
    ]


def test_rains_slow_ground_and_swell_rivers(strip: Theatre) -> None:
    dry, rains = (_hours(strip, "four_by_four", season=season) for season in ("dry", "rains"))
    assert rains["soil"] == pytest.approx(dry["soil"] / 0.4)
    assert rains["trunk"] == pytest.approx(dry["trunk"] / 0.9)
    assert rains["river"] == pytest.approx(1 / (35 * 0.4) + 8.0 / CELL_KM)
    assert rains["sand"] == dry["sand"]  # wet sand is firm
    slow = _hours(strip, "four_by_four", season="rains", level="low")
    assert math.isinf(slow["wetland"])  # flooded


def test_season_of_the_settings_is_used(strip: Theatre) -> None:
    rains = MovementSettings(season="rains")
    ground = movement.hours_per_km(strip, "foot", settings=rains)
    assert ground.season == "rains"
    expected = movement.hours_per_km(strip, "foot", settings=rains, season="rains")
    np.testing.assert_array_equal(ground.hours_per_km, expected.hours_per_km)


@pytest.mark.parametrize("mode", movement.MODES)
@pytest.mark.parametrize("season", ["dry", "rains"])
def test_low_is_slow_and_high_is_fast(strip: Theatre, mode: str, season: str) -> None:
    slow, mid, fast = (
        _hours(strip, mode, season=season, level=level) for level in ("low", "mode", "high")
    )
    for case in CASES:
        assert slow[case] >= mid[case] >= fast[case] > 0


def test_off_the_roads_as_the_catalogue_of_works() -> None:
    table, modes = load_movement(), load_catalogue().modes
    for ours, theirs in (("foot", "foot"), ("motorcycle", "motorcycle"), ("four_by_four", "4x4")):
        for surface, speed in modes[theirs].speed_kmh.items():
            own = table.ways[ours].surface_kmh[surface]
            assert (own.low, own.mode, own.high) == (speed.low, speed.mode, speed.high)


def test_every_figure_is_in_the_ledger() -> None:
    rows = movement.ledger(MovementSettings())
    assert len({row.key for row in rows}) == len(rows)
    # per mode 3 roads twice, 6 surfaces, 4 of them in the rains, 2 seasons of rivers, the relief;
    # two limits of slope, the free relief, three shares
    assert len(rows) == 3 * (3 + 3 + 6 + 4 + 2 + 1) + 2 + 1 + 3
    for row in rows:
        assert row.low is not None
        assert row.value is not None
        assert row.high is not None
        assert row.low <= row.value <= row.high
        assert row.source.strip()


def test_unknown_names_are_refused_together(strip: Theatre) -> None:
    with pytest.raises(InputError) as caught:
        movement.hours_per_km(
            strip,
            "motorcicle",
            settings=MovementSettings(),
            season="rain",  # type: ignore[arg-type]
            level="mid",  # type: ignore[arg-type]
        )
    assert [fault.place for fault in caught.value.faults] == ["mode", "season", "level"]
    assert "motorcycle" in caught.value.faults[0].mend


def test_faults_of_a_table_are_all_said(tmp_path: Path) -> None:
    text = BUILT_IN.read_text("utf-8")
    text = text.replace("months = [7, 8, 9]", "months = [7, 13]")
    text = text.replace('law = "tobler"', 'law = "naismith"')
    text = text.replace("track = { low = 20,", "track = { low = 0,", 1)
    text = text.replace("trunk = { low = 35, mode = 55", "trunk = { low = 35, mode = 95")
    text = text.replace("[mode.four_by_four.river_h]", "[mode.four_by_four.rivers]")
    path = tmp_path / "movement.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        load_movement(path)
    assert [fault.place for fault in caught.value.faults] == [
        "rains.months",
        "mode.foot.law",
        "mode.motorcycle.road_kmh.track",
        "mode.motorcycle.road_kmh.trunk",
        "mode.four_by_four.rivers",
        "mode.four_by_four.river_h",
    ]


def test_a_table_of_ones_own_is_used(strip: Theatre, tmp_path: Path) -> None:
    text = BUILT_IN.read_text("utf-8")
    text = text.replace("soil = { low = 2.5, mode = 3.0", "soil = { low = 2.5, mode = 4.0")
    path = tmp_path / "movement.toml"
    path.write_text(text, "utf-8")
    ground = movement.hours_per_km(strip, "foot", settings=MovementSettings(table=path))
    assert ground.hours_per_km[0, list(CASES).index("soil")] == pytest.approx(1 / 4)


def test_shares_must_add_up_and_lie_in_their_ranges() -> None:
    with pytest.raises(ValidationError, match=r"add up to 1\.1"):
        MovementSettings(foot_share=0.2)
    with pytest.raises(ValidationError, match="outside its range"):
        MovementSettings(foot_share=0.3, motorcycle_share=0.55)


def test_nothing_beyond_the_states_is_passable(sahel: Theatre) -> None:
    land = sahel.ground["state"].to_numpy() >= 0
    for mode in movement.MODES:
        hours = movement.hours_per_km(sahel, mode, settings=MovementSettings()).hours_per_km
        assert np.isinf(hours[~land]).all()
        assert np.isfinite(hours[land]).mean() > 0.99  # the Sahara has no walls
