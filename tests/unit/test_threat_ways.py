"""The ways put together: small theatres of a user's own, odd settings, ends, shares and ranges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage
from scipy.sparse import csgraph, csr_matrix

import vallum
from vallum.errors import InputError
from vallum.kernel.paths.edges import grid_edges
from vallum.kernel.paths.walk import walk
from vallum.theatre import build_theatre
from vallum.threat import ThreatSettings, assess
from vallum.threat.blocks import gather
from vallum.threat.movement.settings import MovementSettings
from vallum.threat.ways import PassageSettings
from vallum.threat.ways.ends import rows_on_grid, vital_regions
from vallum.threat.ways.find import between
from vallum.threat.ways.routing import main_land, strayed
from vallum.worth import WorthSettings, value

QUICK = PassageSettings(draws=100, most_sources=20, most_targets=12)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Two members and a state north of both, each one region."""
    from tests.conftest import write_tiny  # noqa: PLC0415

    config = write_tiny(tmp_path_factory.mktemp("ways") / "tiny")
    return vallum.load_theatre(str(build_theatre(config, config.parent / "out")), cell_km=10.0)


def judged(theatre, passage=QUICK, seed=0, **other):
    worth = value(theatre, WorthSettings())
    return assess(theatre, worth, ThreatSettings(passage=passage, **other), seed=seed)


def test_vital_land_is_the_densest_that_make_up_the_share():
    output, km2 = np.array([1.0, 6.0, 3.0, 0.0]), np.array([9.0, 1.0, 1.0, 1.0])
    assert vital_regions(output, km2, 0.6).tolist() == [False, True, False, False]
    assert vital_regions(output, km2, 0.61).tolist() == [False, True, True, False]
    assert vital_regions(output, km2, 1.0).tolist() == [True, True, True, False]
    assert not vital_regions(np.zeros(2), np.ones(2), 0.5).any()


def test_no_part_is_unheard_while_there_is_a_block_for_it():
    # two parts share the first block; the thin part's 1 and 2 are told by its larger block alone
    amount = np.array([[5.0, 2.0, 9.0, 0.0, 1.0, 7.0]])
    part = np.array([[0, 1, 0, 0, 1, -1]])
    found = gather(amount, 2, 2, part)
    assert found.parts.tolist() == [1, 0]
    assert found.cells.tolist() == [[0, 1], [0, 2]]
    assert found.amounts.tolist() == [3.0, 14.0]
    assert found.kept == pytest.approx(11 / 17)
    assert gather(amount, 2, 9, part).amounts.tolist() == [5.0, 2.0, 9.0, 1.0]
    assert not len(gather(np.zeros((2, 2)), 1, 3, np.full((2, 2), -1)).cells)


def test_main_land_is_where_the_members_are_though_a_continent_lies_beside():
    hours = np.ones((4, 6))
    hours[:, 2] = np.inf
    members = np.zeros((4, 6), bool)
    members[:, :2] = True
    assert main_land(hours, members).sum() == 8
    assert not main_land(np.full((2, 2), np.inf), np.ones((2, 2), bool)).any()


@pytest.mark.parametrize("detour", [0.05, 0.25, 1.0])
def test_the_mean_detour_is_the_one_asked_for(detour):
    cost = np.exp(ndimage.gaussian_filter(np.random.default_rng(3).normal(size=(30, 40)), 2) * 4)
    edges = grid_edges(cost)
    start, end = np.array([0, 1160, 615]), np.array([39, 1199])
    journeys = np.array([[1.0, 2.0], [3.0, 0.5], [0.0, 4.0]])
    graph = csr_matrix((edges.cost, (edges.tail, edges.head)), (1200, 1200))
    quickest = csgraph.dijkstra(graph, indices=start)[:, end]
    theta = strayed(edges, start, end, journeys, quickest, detour)
    hours = walk(edges, start, end, journeys, theta=theta).cost
    mean = (journeys * hours).sum() / (journeys * quickest).sum() - 1
    assert mean == pytest.approx(detour, rel=0.1)


def test_ranges_hold_the_mid_whatever_the_draws():
    assert between(np.array([0.4, 0.5, np.nan]), 0.9, interval=0.9)[1:] == (0.9, 0.9)
    assert between(np.array([np.nan]), 0.2, interval=0.9) == (0.2, 0.2, 0.2)


def test_a_small_theatre_has_ways_that_add_up(small):
    threat = judged(small)
    ways = threat.ways
    for table in (ways.through, ways.claimed, ways.entering, ways.corridors):
        assert (table["low"] <= table["mid"]).all()
        assert (table["mid"] <= table["high"]).all()
        assert (table["high"] <= 1 + 1e-9).all()
    assert ways.entering.groupby("member")["mid"].sum().to_numpy() == pytest.approx(1.0)
    assert ways.corridors["mid"].sum() <= 1 + 1e-9
    assert ways.imbalance <= 1e-9
    assert ways.sources["outside"].any()
    assert not ways.sources["outside"].all()
    assert set(ways.targets["iso3"]) == {"AAA", "BBB"}
    assert ways.targets["output_share"].sum() == pytest.approx(1.0)
    assert ways.targets["people_share"].sum() == pytest.approx(1.0)
    # every region's events lie in its sanctuaries, and a fifth of all origins is not seen
    seen = ways.sources[ways.sources["kind"] == "events"]
    expected = threat.intensity_fit.table.set_index(["iso3", "region"])["events_yr"]
    held = seen.groupby(["iso3", "region"])["events_yr"].sum()
    assert held.to_numpy() == pytest.approx(expected[held.index].to_numpy())
    hidden = ways.sources["events_yr"][ways.sources["kind"] == "ground"].sum()
    assert hidden / ways.sources["events_yr"].sum() == pytest.approx(0.2)
    assert np.isfinite(threat.crossing.hours_from["motorcycle"]).any()


def test_events_of_every_region_lie_on_its_cells(small):
    threat = judged(small)
    region = rows_on_grid(small, threat.intensity_fit.table)
    for row, events in enumerate(threat.intensity_fit.table["events_yr"]):
        if (region == row).any():
            assert threat.cells[region == row].sum() == pytest.approx(events)
    inside = threat.region_of >= 0
    assert threat.intensity[inside] * small.grid.cell_km2 == pytest.approx(threat.cells[inside])


def test_the_same_seed_gives_the_same_bytes_and_another_only_other_ranges(small):
    one, two, other = (judged(small, seed=seed).ways for seed in (4, 4, 5))
    assert one.cells.tobytes() == two.cells.tobytes()
    assert one.through.equals(two.through)
    assert one.corridors.drop(columns="geometry").equals(two.corridors.drop(columns="geometry"))
    assert (one.through["mid"] == other.through["mid"]).all()
    assert not (one.through["low"] == other.through["low"]).all()


def test_the_order_of_regions_does_not_matter(small):
    # states' regions in another order: all is found by name, nothing by row
    order = np.arange(len(small.regions))[::-1]
    code = small.ground["region"].to_numpy()
    place = np.append(np.argsort(order), -1)
    ground = small.ground.copy()
    ground["region"] = (ground["region"].dims, place[code].astype(code.dtype))
    turned = replace(small, ground=ground, regions=small.regions.iloc[order].reset_index(drop=True))
    one, two = judged(small), judged(turned)
    assert two.ways.through["mid"].to_numpy() == pytest.approx(one.ways.through["mid"].to_numpy())
    assert two.ways.cells == pytest.approx(one.ways.cells)
    assert two.ways.journeys_yr[1] == pytest.approx(one.ways.journeys_yr[1])
    # draws are other numbers, of the same law: ends of ranges by 100 draws
    assert two.ways.journeys_yr[2] == pytest.approx(one.ways.journeys_yr[2], rel=0.5)


def test_without_events_a_uniform_rate_has_ways_from_the_guess(small):
    names = ("events", "events_year", "events_month", "deaths_year")
    silent = replace(small, **{name: getattr(small, name).iloc[:0] for name in names})
    threat = judged(silent, uniform_loss_rate=0.02)
    assert threat.ways is not None
    assert threat.uniform


def test_where_no_journey_comes_from_outside_there_are_no_ways(small):
    # all land is vital, no state beside has people or events, and no ground is empty
    passage = QUICK.model_copy(
        update={"vital_share": 1.0, "vital_high": 1.0, "empty_per_km2": 0.0, "sanctuaries": ()}
    )
    state = small.ground["state"].to_numpy()
    ground = small.ground.copy()
    ground["state"] = (ground["state"].dims, np.where(small.member_mask, state, -1))
    threat = judged(replace(small, ground=ground), passage)
    assert threat.ways is None
    assert np.isinf(threat.crossing.hours_from["foot"]).all()


def test_sanctuaries_of_the_users_and_all_their_faults(small):
    good = {"name": "north", "lon": 2.0, "lat": 12.2, "radius_km": 40.0, "weight": 2.0}
    also = {**good, "name": "west", "lon": 0.5, "radius_km": 4.0, "weight": 1.0}
    passage = PassageSettings.model_validate(
        {**QUICK.model_dump(), "sanctuaries": [good, also], "vital_share": 0.6, "vital_low": 0.5}
    )
    ways = judged(small, passage).ways
    assert set(ways.sources["kind"]) == {"given"}
    assert ways.sources.groupby("name")["events_yr"].sum().to_dict() == pytest.approx(
        {"north": 2.0, "west": 1.0}
    )
    assert "threat.passage.unseen" not in {row.key for row in ways.ledger}
    bad = [{**good, "name": "sea", "lon": -60.0}, good, {**good, "name": "swapped", "lat": -50.0}]
    wrong = PassageSettings.model_validate({**QUICK.model_dump(), "sanctuaries": bad})
    with pytest.raises(InputError) as caught:
        judged(small, wrong)
    assert [fault.place.split()[0] for fault in caught.value.faults] == ["sea", "swapped"]


@pytest.mark.parametrize(
    "odd",
    [
        {"most_targets": 1, "corridors": 1},
        {"block_km": 500.0},
        {"range_h": 1.0, "range_low": 1.0, "range_high": 1.0},
        {"detour": 5.0, "detour_high": 5.0, "detour_low": 0.001},
        {"unseen": 0.0, "unseen_low": 0.0, "unseen_high": 0.0},
        {"unseen": 0.99, "unseen_high": 0.99},
        {"vital_share": 0.01, "vital_low": 0.01, "vital_high": 0.01},
    ],
)
def test_odd_but_legal_settings_do_not_fail(small, odd):
    ways = judged(small, PassageSettings.model_validate({**QUICK.model_dump(), **odd})).ways
    assert ways is not None
    assert ways.imbalance <= 1e-9


def test_the_rains_are_timed_in_the_rains(small):
    # the detour is measured against the quickest way of the same season: the dry's would be sooner
    wet = judged(small, movement=MovementSettings(season="rains")).ways
    dry = judged(small).ways
    assert wet.corridors["hours"].max() >= dry.corridors["hours"].max() * 0.9
    assert (wet.corridors["hours"] <= wet.corridors["hours_high"]).all()
    assert (wet.corridors["hours_low"] <= wet.corridors["hours"]).all()
