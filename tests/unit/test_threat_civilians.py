"""Civilian journeys: by hand on small grounds, and on the built-in theatre at 25 km."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from vallum.errors import InputError
from vallum.kernel.figures import Range
from vallum.kernel.paths import passage
from vallum.theatre import build_theatre, load
from vallum.threat.blocks import between_km, gather, held, side_cells
from vallum.threat.civilians import crossings as stage
from vallum.threat.civilians.demand import by_region, pair, spread
from vallum.threat.civilians.laid import reachable
from vallum.threat.civilians.settings import CiviliansSettings
from vallum.threat.civilians.table import load_figures
from vallum.worth import WorthSettings, value

if TYPE_CHECKING:
    from vallum.theatre import Theatre
    from vallum.threat.civilians.crossings import Civilians, Demand
    from vallum.worth import Worth

BUILT_IN = Path(stage.__file__).with_name("civilians.toml")
COARSE = CiviliansSettings(block_km=200.0, most_blocks=12, sharpness=2.0)


@pytest.fixture(name="worth", scope="module")
def _worth(sahel: Theatre) -> Worth:
    return value(sahel, WorthSettings())


@pytest.fixture(name="asked", scope="module")
def _asked(sahel: Theatre, worth: Worth) -> dict[str, Demand]:
    return {each.kind: each for each in stage.demands(sahel, worth, COARSE)}


@pytest.fixture(name="laid", scope="module")
def _laid(sahel: Theatre, worth: Worth) -> Civilians:
    return stage.civilians(sahel, worth, COARSE, passage=passage)


def test_blocks_hold_all_and_stand_where_most_is() -> None:
    amount = np.zeros((3, 5))
    amount[0, 1], amount[2, 0], amount[1, 4], amount[2, 4] = 3.0, 1.0, 2.0, 4.0
    np.testing.assert_array_equal(held(amount, 2), [3, 0, 2, 1, 0, 4])
    blocks = gather(amount, 2, 2)
    assert blocks.cells.tolist() == [[0, 1], [2, 4]]
    assert blocks.kept == pytest.approx(7 / 10)
    assert blocks.amounts == pytest.approx([30 / 7, 40 / 7])  # the ten are all carried
    assert gather(np.zeros((3, 5)), 2, 2).cells.shape == (0, 2)
    assert side_cells(100.0, 30.0) == 3
    assert side_cells(5.0, 30.0) == 1


def test_distances_between_cells() -> None:
    one, other = np.array([[0, 0]]), np.array([[3, 4], [0, 0]])
    assert between_km(one, other, 10.0).tolist() == [[50.0, 0.0]]


def test_pairs_follow_pull_and_keep_the_largest_places() -> None:
    places = np.array([[0, 0], [0, 1], [0, 2]])
    pull = np.array([[1.0, 1.0, 2.0], [0.0, 0.0, 5.0]])
    targets, journeys, lost = pair(np.array([40.0, 10.0]), places, pull, 2)
    # received: 10, 10, 20 + 10; the first of the equal ones stays, the other's ten are shared
    assert targets.tolist() == [[0, 0], [0, 2]]
    assert journeys == pytest.approx(np.array([[40 / 3, 80 / 3], [0.0, 10.0]]))
    assert lost == 0.0


def test_spread_of_independent_figures() -> None:
    low, high = spread((Range(1, 2, 4), Range(1, 2, 4)))
    assert math.log(low) == pytest.approx(-math.sqrt(2) * math.log(2))
    assert high == pytest.approx(1 / low)


def test_regions_take_their_share_and_the_rest_goes_elsewhere(sahel: Theatre) -> None:
    weight = np.where(sahel.state_mask("MRT"), 1.0, 0.0)
    out = by_region(sahel, "MRT", weight, {"Adrar": 0.6})
    names = list(zip(sahel.regions["iso3"], sahel.regions["name"], strict=True))
    inside = sahel.ground["region"].to_numpy() == names.index(("MRT", "Adrar"))
    assert out[inside].sum() == pytest.approx(0.6)
    assert out.sum() == pytest.approx(1.0)
    assert not out[weight == 0].any()


def test_ends_move_to_the_land_that_can_be_reached() -> None:
    hours = np.ones((3, 7))
    hours[:, 4] = np.inf  # a wall: the east is an island
    moved, found = reachable(hours, np.array([[1, 1], [1, 4], [1, 6]]), 1.0)
    assert found.tolist() == [True, True, False]
    assert moved.tolist() == [[1, 1], [1, 3], [1, 6]]
    _, none = reachable(np.full((2, 2), np.inf), np.array([[0, 0]]), 9.0)
    assert none.tolist() == [False]


def test_herds_are_those_of_the_table(sahel: Theatre, asked: dict[str, Demand]) -> None:
    herders = asked["herders"]
    expected = 2 * (29.34e6 * 0.45 + 46e6 * 0.3) / 90
    left = {row.key: row.value for row in herders.ledger}["threat.civilians.herders.left_out"]
    assert left is not None
    assert herders.journeys.sum() == pytest.approx(expected * (1 - left))
    state = sahel.ground["state"].to_numpy()
    codes = [sahel.code(iso3) for iso3 in sahel.members]
    assert np.isin(state[tuple(herders.sources.T)], codes).all()
    # half of Mauritania's leave it, as the table says
    ours = state[tuple(herders.sources.T)] == sahel.code("MRT")
    away = state[tuple(herders.targets.T)] != sahel.code("MRT")
    share = herders.journeys[ours][:, away].sum() / herders.journeys[ours].sum()
    assert share == pytest.approx(0.5, abs=1e-6)


def test_herds_go_to_wetter_land_within_reach(sahel: Theatre, asked: dict[str, Demand]) -> None:
    herders, climate = asked["herders"], sahel.ground["climate"].to_numpy()
    far = between_km(herders.sources, herders.targets, sahel.grid.cell_km)
    going = herders.journeys > 0
    assert ((far >= 50) & (far <= 500))[going].all()
    assert np.isin(climate[tuple(herders.sources.T)], (5, 6, 7, 8)).all()
    assert not np.isin(climate[tuple(herders.targets.T)], (7, 8))[
        sahel.ground["surface"].to_numpy()[tuple(herders.targets.T)] != 4
    ].any()


def test_trade_is_by_the_members_people(worth: Worth, asked: dict[str, Demand]) -> None:
    assert asked["traders"].journeys.sum() == pytest.approx(0.05 * worth.people.sum())


def test_flight_follows_deaths(sahel: Theatre, asked: dict[str, Demand]) -> None:
    table = sahel.deaths_year
    last = table[table["year"] > table["year"].max() - 3].groupby("iso3")["deaths"].sum() / 3
    # all of Mali's, and of Burkina Faso's the share that comes to Mali
    mali, burkina = 100 * last["MLI"], 100 * last["BFA"] * 66793 / (66793 + 2062534)
    mauritania = 100 * last["MRT"]
    assert asked["fleeing"].journeys.sum() == pytest.approx(mali + burkina + mauritania)
    assert not asked["fleeing"].returns


def test_every_range_holds_its_value(asked: dict[str, Demand]) -> None:
    for demand in asked.values():
        assert 0 < demand.low <= 1 <= demand.high
        assert len(demand.sources) <= COARSE.most_blocks
        assert len(demand.targets) <= COARSE.most_blocks
        assert {row.key.split(".")[2] for row in demand.ledger} == {demand.kind}
        for row in demand.ledger:
            assert row.source.strip()
            if row.low is not None and row.value is not None and row.high is not None:
                assert row.low <= row.value <= row.high


def test_nothing_of_civilians_is_named_like_the_threat(laid: Civilians) -> None:
    assert all(row.key.startswith("threat.civilians.") for row in laid.ledger)


def test_journeys_are_laid_and_none_is_lost(sahel: Theatre, laid: Civilians) -> None:
    land = sahel.ground["state"].to_numpy() >= 0
    for kind, demand in laid.demands.items():
        cells = laid.cells[kind]
        assert not cells.flags.writeable
        assert not cells[~land].any()
        # each journey is in its first and its last cell at least
        assert cells.sum() > 2 * (demand.journeys.sum() - laid.left_out[kind])
        assert laid.left_out[kind] < 0.01 * demand.journeys.sum()


def test_borders_are_crossed_as_often_as_journeys_end_beyond(
    sahel: Theatre, laid: Civilians
) -> None:
    state = sahel.ground["state"].to_numpy()
    table = laid.crossings_of_borders
    for kind, demand in laid.demands.items():
        own = table[table["kind"] == kind]
        code = sahel.code("MLI")
        starts = state[tuple(demand.sources.T)] == code
        ends = state[tuple(demand.targets.T)] == code
        out, into = demand.journeys[starts][:, ~ends].sum(), demand.journeys[~starts][:, ends].sum()
        net = own.loc[own["from"] == "MLI", "mid"].sum() + own.loc[own["to"] == "MLI", "mid"].sum()
        # journeys between two others that pass through come and go: twice each
        assert net >= (out + into) * (1 - 1e-6)
        assert (own["mid"] <= own["gross"] * (1 + 1e-9)).all()
        assert (own["low"] <= own["mid"]).all()
        assert (own["mid"] <= own["high"]).all()


def test_there_and_back_crosses_both_ways(laid: Civilians) -> None:
    table = laid.crossings_of_borders.set_index(["kind", "from", "to"])["mid"]
    for kind in ("herders", "traders"):
        assert table[kind, "MLI", "MRT"] == pytest.approx(table[kind, "MRT", "MLI"])
    assert table["fleeing", "MLI", "MRT"] > table["fleeing", "MRT", "MLI"]


def test_same_inputs_same_bytes(sahel: Theatre, worth: Worth, asked: dict[str, Demand]) -> None:
    for again in stage.demands(sahel, worth, COARSE):
        assert again.journeys.tobytes() == asked[again.kind].journeys.tobytes()


def test_peace_is_not_modelled_as_flight(sahel: Theatre, worth: Worth) -> None:
    quiet = dataclasses.replace(sahel, deaths_year=sahel.deaths_year.iloc[:0])
    demand = stage.demands(quiet, worth, COARSE)[2]
    assert demand.journeys.shape == (0, 0)
    assert demand.what.startswith("Not modelled")
    result = stage.civilians(quiet, worth, COARSE, passage=passage)
    assert not result.cells["fleeing"].any()
    assert "fleeing" not in set(result.crossings_of_borders["kind"])


def test_no_dry_land_no_transhumance(sahel: Theatre, worth: Worth) -> None:
    wet = sahel.ground.copy()
    wet["climate"] = wet["climate"].copy(data=np.full(sahel.grid.shape, 4, np.int8))
    demand = stage.demands(dataclasses.replace(sahel, ground=wet), worth, COARSE)[0]
    assert demand.what.startswith("Not modelled")


def test_states_without_figures_have_herds_by_country_people(
    sahel: Theatre, worth: Worth, tmp_path: Path
) -> None:
    text = BUILT_IN.read_text("utf-8")
    start, end = text.index("[herders.state.MRT]"), text.index("[traders]")
    path = tmp_path / "civilians.toml"
    path.write_text(text[:start] + text[end:], "utf-8")
    settings = COARSE.model_copy(update={"table": path})
    demand = stage.demands(sahel, worth, settings)[0]
    country = float((worth.people - worth.urban_people).sum())
    left = {row.key: row.value for row in demand.ledger}["threat.civilians.herders.left_out"]
    assert left is not None
    assert demand.journeys.sum() == pytest.approx(2 * 2.5 * country * 0.3 / 90 * (1 - left))
    assert "threat.civilians.herders.head_per_person" in {row.key for row in demand.ledger}


def test_a_theatre_of_ones_own_has_defaults_by_people(tiny: Path) -> None:
    theatre = load(str(build_theatre(tiny, tiny.parent / "out")))
    worth = value(theatre, WorthSettings())
    settings = CiviliansSettings(block_km=50.0)
    by_kind = {each.kind: each for each in stage.demands(theatre, worth, settings)}
    keys = {row.key for row in by_kind["fleeing"].ledger}
    assert "threat.civilians.fleeing.abroad_share" in keys  # no rows for this state
    assert "no layer of climate" in by_kind["herders"].what
    result = stage.civilians(theatre, worth, settings, passage=passage)
    for kind, demand in result.demands.items():
        assert demand.what.startswith("Not modelled") == (not result.cells[kind].any())


def test_worth_of_another_theatre_is_refused(sahel: Theatre, worth: Worth) -> None:
    other = dataclasses.replace(worth, fingerprint="0" * 64)
    with pytest.raises(InputError, match="worth"):
        stage.demands(sahel, other, COARSE)


def test_faults_of_a_table_are_all_said(tmp_path: Path) -> None:
    text = BUILT_IN.read_text("utf-8")
    text = text.replace("mode = 0.45, high = 0.6", "mode = 0.45, high = 1.6")
    text = text.replace('"Assaba" = 0.12', '"Assaba" = 0.92')
    text = text.replace("people = 260e3", 'people = "many"')
    text = text.replace("[traders]", "[trader]")
    path = tmp_path / "civilians.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        load_figures(path)
    assert [fault.place for fault in caught.value.faults] == [
        "trader",
        "herders.state.MRT.moving_share",
        "herders.state.MRT.regions",
        "traders",
        "fleeing.displaced[0].people",
    ]


def test_a_table_of_ones_own_is_used(sahel: Theatre, worth: Worth, tmp_path: Path) -> None:
    text = BUILT_IN.read_text("utf-8").replace("mode = 0.05, high", "mode = 0.1, high")
    path = tmp_path / "civilians.toml"
    path.write_text(text, "utf-8")
    settings = COARSE.model_copy(update={"table": path})
    demand = stage.demands(sahel, worth, settings)[1]
    assert demand.journeys.sum() == pytest.approx(0.1 * worth.people.sum())


def test_an_empty_list_of_crossings_has_its_columns() -> None:
    empty = stage._table([])  # noqa: SLF001  (the case of a theatre without civilian journeys)
    assert isinstance(empty, pd.DataFrame)
    assert list(empty.columns) == stage.COLUMNS
