"""The world of a campaign: places, ways in, hours, by hand and on a small theatre."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import write_tiny
from tests.forts_world import HOW, SIDE, block, world

import vallum
from vallum.campaign import CampaignSettings
from vallum.campaign.harm_model import Harm
from vallum.campaign.world import build
from vallum.campaign.world_entries import Boundary, entries, parts, phase_ends
from vallum.campaign.world_hours import Field, hours
from vallum.campaign.world_places import bases, targets
from vallum.errors import CertificateError
from vallum.kernel.figures import Range
from vallum.line import Course, trace
from vallum.theatre import build_theatre
from vallum.threat import ThreatSettings, assess
from vallum.threat.movement import MovementSettings
from vallum.threat.ways import PassageSettings
from vallum.works import plain_ground, price
from vallum.worth import WorthSettings, value

HARM = Harm({"": 2.0, "MLI": 3.0}, {"": 5e6}, {"": 40.0})
SEARCH = SimpleNamespace(items={"road": SimpleNamespace(search=Range(0.05, 0.2, 0.5))})


def table(**columns):
    return pd.DataFrame(columns)


# ---- hours


def row_of_cells(lake=()):
    level = np.full((1, 5), 0.1)
    for col in lake:
        level[0, col] = np.inf
    return Field(level, None, None, 10.0)


ONE_EDGE = table(entry=[0], cell=[3], facing=[2], weight=[10.0])
ENDS = table(row=[0, 0], col=[1, 4], side=["outside", "held"])
HELD = np.array([[False, False, False, True, True]])


def test_a_way_through_an_entry_takes_as_long_as_the_way_without_a_boundary():
    start = table(row=[0], col=[0], inside=[False])
    times = hours(row_of_cells(), HELD, start, ENDS, ONE_EDGE, 1)
    assert times.direct.tolist() == [[1.0, np.inf]]
    assert times.out.tolist() == [[2.5]]
    assert times.into[0] == pytest.approx([np.inf, 1.5])
    assert times.out[0, 0] + times.into[0, 1] == 4.0  # four cells of 10 km at 10 km/h
    assert not times.out.flags.writeable


def test_a_base_inside_reaches_held_targets_alone_and_crosses_no_boundary():
    start = table(row=[0, 0], col=[3, 0], inside=[True, False])
    times = hours(row_of_cells(), HELD, start, ENDS, ONE_EDGE, 1)
    assert times.direct.tolist() == [[np.inf, 1.0], [1.0, np.inf]]
    assert times.out[:, 0].tolist() == [np.inf, 2.5]


@pytest.mark.parametrize("lake", [[2], [3]])
def test_nobody_enters_over_a_lake_on_either_side(lake):
    start = table(row=[0], col=[0], inside=[False])
    times = hours(row_of_cells(lake), HELD, start, ENDS, ONE_EDGE, 1)
    assert np.isinf(times.out).all()
    assert np.isinf(times.into).all()


def test_an_entry_lies_at_the_mean_of_its_open_edges_by_length():
    # held: the lower row; three edges above it at 0, 1 and 2 h from the base, the last one shut
    level = np.full((2, 3), 0.1)
    level[0, 2] = np.inf
    held = np.array([[False] * 3, [True] * 3])
    edges = table(entry=[0, 0, 0], cell=[3, 4, 5], facing=[0, 1, 2], weight=[3.0, 1.0, 8.0])
    start = table(row=[0], col=[0], inside=[False])
    end = table(row=[1], col=[0], side=["held"])
    times = hours(Field(level, None, None, 10.0), held, start, end, edges, 1)
    assert times.out[0, 0] == pytest.approx((3 * 0 + 1 * 1) / 4 + 0.5)
    assert times.into[0, 0] == pytest.approx((3 * 0 + 1 * 1) / 4 + 0.5)


# ---- entries


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0.5, 15.0), min_size=1, max_size=60),
    st.sampled_from([10.0, 25.0, 50.0, 1000.0]),
)
def test_parts_are_in_order_and_none_is_too_long_unless_it_is_one_edge(length, longest):
    km = np.array(length)
    part = parts(km, longest)
    assert part[0] == 0
    assert set(np.diff(part).tolist()) <= {0, 1}
    for number in range(part.max() + 1):
        own = km[part == number]
        assert own.sum() <= longest * (1 + 1e-8) or own.size == 1
    assert part.max() + 1 >= km.sum() / max(longest, km.max()) * (1 - 1e-9)


def test_phases_end_when_something_is_covered():
    assert phase_ends(np.array([0, 0])) == ()
    assert phase_ends(np.array([12, 6, 0, 12])) == (6, 12)
    assert phase_ends(np.array([1, 2, 3, 4, 5])) == (2, 3, 4, 5)
    assert phase_ends(np.arange(1, 9)) == (2, 4, 6, 8)


def laid(held, open_=None, roads=(), gates=None, *, drawn=True, **known):
    """Give a world of `forts_world` with roads and gates, and its entries."""
    it = world(held, fenced=open_)
    it.theatre.routes = gpd.GeoDataFrame(
        {"kind": ["road"] * len(roads)},
        geometry=[shapely.LineString(road) for road in roads],
        crs=it.theatre.grid.crs,
    )
    it.works = replace(it.works, gates=gates)
    flank = np.ones(held.shape) if open_ is None else open_.astype(float)
    sectors = it.line.sectors if drawn else None
    boundary = Boundary(
        held, flank, it.line.course, sectors, known.get("forts"), known.get("programme")
    )
    it.entries = entries(it.theatre, it.works, boundary, HOW, known.get("entry_km", 50.0))
    return it


def test_the_parts_of_the_line_add_up_and_stop_what_the_works_stop():
    it = laid(block(slice(4, 10), slice(3, 9)))
    found, edges = it.entries.table, it.entries.edges
    assert set(found["kind"]) == {"line"}
    assert found["length_km"].sum() == pytest.approx(240.0)
    assert found["length_km"].max() <= 50.0
    by_sector = found.groupby("sector")["length_km"].sum()
    assert by_sector.to_numpy() == pytest.approx(it.line.sectors["length_km"].to_numpy())
    stop = it.works.effectiveness.ravel()[edges["cell"]]
    own = edges["entry"] == 2
    assert found["stop"][2] == pytest.approx(np.average(stop[own], weights=edges["weight"][own]))
    low, mid, high = it.works.effect
    assert found["stop_low"][2] == pytest.approx(found["stop"][2] * low / mid)
    assert found["stop_high"][2] == pytest.approx(min(0.999, found["stop"][2] * high / mid))
    assert (found["covered_month"] == 0).all()
    # forts as the works space them, where none are placed
    spacing = np.array([choice.fort_km for choice in it.works.choices])
    assert found["forts"].sum() == pytest.approx(
        (edges["weight"] / spacing[it.works.priced_as.ravel()[edges["cell"]]]).sum()
    )
    # the north of the world is one state, the south another
    assert set(found["facing"]) == {"MRT", "MLI"}
    assert found["p_n"].between(0.5, 1.0).all()


def test_forts_and_months_are_those_of_the_sector():
    held = block(slice(4, 10), slice(3, 9))
    count = len(laid(held).line.sectors)
    assert count > 2
    forts = table(sector=[0, 0, 0, 1])
    programme = table(sector=[1, 0], covered_month=[7, 19])
    found = laid(held, forts=forts, programme=programme, entry_km=20.0).entries.table
    first = found[found["sector"] == 0]
    assert len(first) > 1
    assert first["forts"].sum() == pytest.approx(3.0)
    assert first["forts"].to_numpy() == pytest.approx(
        3.0 * first["length_km"].to_numpy() / first["length_km"].sum()
    )
    assert found.groupby("sector")["forts"].sum().tolist()[1:3] == [1.0, 0.0]
    assert found.groupby("sector")["covered_month"].max().tolist()[:3] == [19, 7, 0]


def test_without_sectors_the_line_is_cut_at_100_km_and_what_is_placed_is_not_read():
    held = block(slice(4, 10), slice(3, 9))
    forts = table(sector=[0] * 90)
    found = laid(held, drawn=False, forts=forts).entries.table
    by_sector = found.groupby("sector")["length_km"].sum()
    assert by_sector.sum() == pytest.approx(240.0)
    assert by_sector.between(50.0, 100.0).all()
    assert found["forts"].sum() < 50


def test_where_no_line_stands_are_flanks_by_whom_they_face():
    # nothing is needed towards the east; the two states there meet at row 8
    open_ = np.ones((SIDE, SIDE), bool)
    open_[:, 9:] = False
    found = laid(block(slice(6, 10), slice(3, 9)), open_).entries.table
    flank = found[found["kind"] == "flank"]
    assert flank["facing"].tolist() == ["MLI", "MRT"]
    assert flank["length_km"].sum() == pytest.approx(40.0, rel=0.1)
    assert (flank["sector"] == -1).all()
    assert (flank[["stop_low", "stop", "stop_high", "p_n", "forts"]] == 0).all(axis=None)
    assert (flank["col"] == 8).all()
    assert found.loc[found["kind"] == "line", "length_km"].sum() == pytest.approx(160.0)


def test_a_road_through_the_line_has_one_gate_a_sector():
    held = block(slice(4, 10), slice(3, 9))
    y = (SIDE - 7.5) * 10_000.0  # row 7, from west to east
    road = [(5_000.0, y), (155_000.0, y)]
    found = laid(held, roads=[road, road], gates=SEARCH).entries
    gates = found.table[found.table["kind"] == "gate"]
    assert sorted(gates["col"]) == [3, 8]
    assert (gates["row"] == 7).all()
    assert gates["sector"].nunique() == 2
    assert (gates["length_km"] == 1.0).all()
    assert (gates[["stop_low", "stop", "stop_high"]] == [0.05, 0.2, 0.5]).all(axis=None)
    assert (gates["forts"] == 0).all()
    own = found.edges[found.edges["entry"].isin(gates.index)]
    assert sorted(own["facing"] % SIDE) == [2, 9]
    # a road that stays inside has none, nor has one whose gates are closed or don't search
    inside = [(45_000.0, y), (75_000.0, y)]
    unsearched = SimpleNamespace(items={"road": SimpleNamespace(search=None)})
    for roads, gates in (
        ([inside], SEARCH),
        ([road], None),
        ([road], unsearched),
        ([road], SimpleNamespace(items={})),
    ):
        assert "gate" not in set(laid(held, roads=roads, gates=gates).entries.table["kind"])


# ---- places


def sources(**columns):
    frame = table(**columns)
    return SimpleNamespace(ways=SimpleNamespace(sources=frame))


def test_the_heaviest_bases_are_kept_and_grouped_by_state_and_side():
    held = np.array([[False, True, True]])
    threat = sources(
        name=list("abcd"), iso3=["BFA", "MLI", "MLI", "MLI"], region=["r"] * 4,
        kind=["events"] * 4, row=[0] * 4, col=[0, 1, 0, 2], events_yr=[3.0, 6.0, 1.0, 2.0],
    )  # fmt: skip
    found = bases(threat, held, 4)
    assert found["weight"].tolist() == pytest.approx([0.25, 0.5, 1 / 12, 1 / 6])
    assert found["inside"].tolist() == [False, True, False, True]
    assert found["group"].tolist() == [0, 2, 1, 2]
    few = bases(threat, held, 2)
    assert few["name"].tolist() == ["a", "b"]
    assert few["weight"].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert bases(SimpleNamespace(ways=None), held, 4).empty


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Two members and a state north of both, what threatens them, and works of few items."""
    config = write_tiny(tmp_path_factory.mktemp("campaign") / "tiny")
    theatre = vallum.load_theatre(str(build_theatre(config, config.parent / "out")), cell_km=10.0)
    passage = PassageSettings(draws=100, most_sources=20, most_targets=12)
    threat = assess(theatre, value(theatre, WorthSettings()), ThreatSettings(passage=passage))
    works = price(plain_ground(np.full(theatre.grid.shape, 3)), settings=HOW, states=["AAA", "BBB"])
    return SimpleNamespace(theatre=theatre, threat=threat, works=works)


def places(small, held, most=120, harm=HARM):
    return targets(small.theatre, small.threat, held, np.ones(held.shape, bool), harm, most)


def corner(theatre, rows, cols):
    held = np.zeros(theatre.grid.shape, bool)
    held[rows, cols] = True
    return held & theatre.member_mask


@pytest.mark.parametrize("most", [1, 4, 120])
def test_the_attacks_of_each_side_are_those_of_the_threat(small, most):
    theatre, cells = small.theatre, small.threat.cells
    held = corner(theatre, slice(20, 30), slice(10, 30))
    assert held.any()
    found = places(small, held, most)
    state = theatre.ground["state"].to_numpy()
    shown = found.groupby("side")[["attacks_yr", "people"]].sum()
    for side, there in {
        "held": held,
        "outside": theatre.member_mask & ~held,
        "neighbour": (state >= 0) & ~theatre.member_mask,
    }.items():
        assert shown.loc[side, "attacks_yr"] == pytest.approx(cells[there].sum(), rel=1e-9)
        people = theatre.ground["people"].to_numpy()[there].sum()
        assert shown.loc[side, "people"] == pytest.approx(people, rel=1e-9)
    assert len(found) <= max(3, most)
    where = found.groupby("side")["output_usd_yr"].sum()
    assert where["neighbour"] == 0
    assert where.sum() == pytest.approx(small.threat.regions["output_usd_yr"].sum())
    assert (found["resident"] == 1 - small.threat.reach[1]).all()
    assert held[found["row"], found["col"]].tolist() == (found["side"] == "held").tolist()


def test_harm_is_that_of_the_state_or_of_those_not_named(small):
    held = corner(small.theatre, slice(20, 30), slice(10, 30))
    harm = Harm({"": 2.0, "AAA": 3.0}, {"": 5e6}, {"BBB": 7.0, "": 40.0})
    found = places(small, held, harm=harm)
    deaths = dict(zip(found["iso3"], found["deaths_per_attack"], strict=True))
    assert deaths == {"AAA": 3.0, "BBB": 2.0, "CCC": 2.0}
    assert (found["lost_usd_per_attack"] == 5e6).all()
    assert set(found.loc[found["iso3"] == "BBB", "displaced_per_attack"]) == {7.0}


def test_a_target_stands_where_one_can_go(small):
    held = corner(small.theatre, slice(20, 30), slice(10, 30))
    free = places(small, held)
    passable = np.ones(held.shape, bool)
    passable[free["row"], free["col"]] = False
    moved = targets(small.theatre, small.threat, held, passable, HARM, 120)
    assert passable[moved["row"], moved["col"]].all()
    assert moved["attacks_yr"].equals(free["attacks_yr"])
    assert held[moved["row"], moved["col"]].tolist() == (moved["side"] == "held").tolist()


def test_attacks_that_go_missing_are_noticed(small, monkeypatch):
    from vallum.campaign import world_places  # noqa: PLC0415

    def short(*given):
        blocks = gather(*given)
        return replace(blocks, amounts=blocks.amounts * 0.999)

    gather = world_places.gather
    monkeypatch.setattr(world_places, "gather", short)
    with pytest.raises(CertificateError, match="attacks a year"):
        places(small, corner(small.theatre, slice(20, 30), slice(10, 30)))


# ---- the whole


def whole(small, held, flank=None, **other):
    theatre = small.theatre
    open_ = np.ones(held.shape) if flank is None else flank
    runs = trace.chains(held, open_ > 0)
    shares = tuple(
        trace.Rim(np.full(run.cells.size, 10.0), np.full(run.cells.size, 1e6)) for run in runs
    )
    course = Course(runs, shares, trace.Rim(np.zeros(0), np.zeros(0)))
    given = {"sectors": None, "forts": None, "programme": None, **other}
    threat = given.pop("threat", small.threat)
    asked = given.pop("settings", CampaignSettings())
    return build(
        theatre, threat, small.works, held, asked, flank=open_, how=HOW, course=course, harm=HARM,
        movement=MovementSettings(), **given,
    )  # fmt: skip


def test_every_place_of_a_small_theatre_is_reached(small):
    held = corner(small.theatre, slice(20, 30), slice(10, 30))
    found = whole(small, held)
    count = len(found.bases), len(found.targets), len(found.entries)
    assert found.direct.shape == (count[0], count[1])
    assert found.out.shape == (count[0], count[2])
    assert found.into.shape == (count[2], count[1])
    assert found.bases["weight"].sum() == pytest.approx(1.0)
    own, inside = (found.targets["side"] == "held").to_numpy(), found.bases["inside"].to_numpy()
    assert inside.any()
    assert not inside.all()
    assert np.isinf(found.direct[~inside][:, own]).all()
    assert np.isfinite(found.direct[~inside][:, ~own]).all()
    assert np.isfinite(found.direct[inside][:, own]).all()
    assert np.isinf(found.direct[inside][:, ~own]).all()
    assert np.isinf(found.out[inside]).all()
    assert np.isfinite(found.out).any(axis=0).all()
    assert np.isfinite(found.into[:, own]).all()
    assert np.isinf(found.into[:, ~own]).all()
    assert found.theta == small.threat.ways.theta
    assert found.months == ()


def test_what_no_base_reaches_is_left_out(small):
    # land beyond the states shown lies south of the members, and nobody comes from there
    theatre = small.theatre
    state = theatre.ground["state"].to_numpy()
    last = int(np.nonzero(theatre.member_mask.any(axis=1))[0][-1])
    held = corner(theatre, slice(last - 5, last + 1), slice(10, 30))
    flank = np.where(state >= 0, 1.0, 0.0)
    found = whole(small, held, flank)
    assert "sea" not in set(found.entries["facing"])
    assert "flank" not in set(found.entries["kind"])
    # a neighbour towards whom nothing is built is gone round by
    first = int(np.nonzero(theatre.member_mask.any(axis=1))[0][0])
    held = corner(theatre, slice(first - 2, first + 5), slice(10, 30))
    flank = np.where(theatre.member_mask, 1.0, 0.0)
    found = whole(small, held, flank)
    kinds = found.entries.groupby("kind")["facing"].agg(set)
    assert kinds["flank"] == {"CCC"}
    assert kinds["line"] <= {"AAA", "BBB"}


def test_a_target_that_nobody_reaches_has_the_ways_of_the_nearest_of_its_side(small):
    # a held cell in the sea that touches land that is not held at a corner alone
    theatre = small.theatre
    held = corner(theatre, slice(20, 26), slice(10, 16))
    far = corner(theatre, slice(24, 25), slice(24, 25))
    assert far.any()
    state = theatre.ground["state"].to_numpy().copy()
    state[22:27, 22:27] = -1
    corners = [22, 23, 24]
    state[corners, corners] = theatre.ground["state"].to_numpy()[corners, corners]
    ground = theatre.ground.copy()
    ground["state"] = (ground["state"].dims, state)
    alone = SimpleNamespace(
        theatre=replace(theatre, ground=ground), threat=small.threat, works=small.works
    )
    found = whole(alone, held | far)
    own = (found.targets["side"] == "held").to_numpy()
    assert own.sum() > 1
    assert np.isfinite(found.into[:, own]).any(axis=0).all()
    assert found.targets.loc[own, ["row", "col"]].duplicated().sum() == 1
    assert not far[found.targets["row"], found.targets["col"]].any()
    expected = small.threat.cells[(held | far)].sum()
    assert found.targets.loc[own, "attacks_yr"].sum() == pytest.approx(expected)


def test_without_ways_there_are_no_bases_and_all_entries_stay(small):
    held = corner(small.theatre, slice(20, 30), slice(10, 30))
    quiet = whole(small, held, threat=replace(small.threat, ways=None))
    assert quiet.bases.empty
    assert quiet.direct.shape == (0, len(quiet.targets))
    assert quiet.out.shape == (0, len(quiet.entries))
    assert len(quiet.entries) > 0


def test_the_same_land_gives_the_same_world_and_fewer_bases_weigh_the_same(small):
    held = corner(small.theatre, slice(20, 30), slice(10, 30))
    one, two = whole(small, held), whole(small, held)
    assert one.out.tobytes() == two.out.tobytes()
    assert one.entries.equals(two.entries)
    few = whole(small, held, settings=CampaignSettings(most_bases=3))
    assert len(few.bases) == 3
    assert few.bases["weight"].sum() == pytest.approx(1.0)
    # no line stands towards land beyond the states shown, where nobody comes from
    flank = np.where(small.theatre.ground["state"].to_numpy() >= 0, 1.0, 0.0)
    one = whole(small, held, flank)
    finer = whole(small, held, flank, settings=CampaignSettings(entry_km=10.0))
    assert len(finer.entries) > len(one.entries)
    assert finer.entries["length_km"].sum() == pytest.approx(one.entries["length_km"].sum())
