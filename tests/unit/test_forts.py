"""Forts by hand, on small worlds."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.forts_world import CELL_KM, HOW, PLAIN_H, SIDE, block, hold_in_time, world

from vallum.errors import InfeasibleError, InputError
from vallum.forces import forts as module
from vallum.forces.forts import place
from vallum.forces.forts_settings import FortsSettings, assumptions
from vallum.forces.forts_tables import COLUMNS
from vallum.forces.garrison import carried, fort_classes, supply_hours
from vallum.forces.response import assumed, effect, responders_needed
from vallum.forces.sites import cut, sector_of_edges
from vallum.forces.sites_choice import choice_of, covers
from vallum.forces.sites_times import along_km, between_cells, ridden
from vallum.kernel.paths import travel_time
from vallum.works import Opponent
from vallum.works.clash import neutralisation

MAN = 10_000.0


def placed(laid, **settings):
    return place(
        laid.theatre, laid.threat, laid.works, laid.line, FortsSettings(**settings),
        how=HOW, man_usd_yr=MAN,
    )  # fmt: skip


@pytest.fixture(scope="module")
def ring():
    """Give a world whose line closes round a rectangle of both grounds and both states."""
    return world(block(slice(4, 12), slice(4, 12)))


@pytest.fixture(scope="module")
def open_line():
    """Give one whose line runs along one side only, on soil."""
    fenced = np.zeros((SIDE, SIDE), bool)
    fenced[3, :7] = True
    return world(block(slice(4, 9), slice(0, 7)), fenced=fenced)


@pytest.fixture(scope="module")
def ring_forts(ring):
    return placed(ring)


def cut_of(laid, piece_km=2.5):
    return cut(laid.line, laid.works, laid.theatre.grid, piece_km=piece_km, most_pieces=3_000)


def test_pieces_add_up_to_the_line_and_keep_to_their_sectors(ring):
    pieces = cut_of(ring)
    table, nodes = pieces.table, pieces.nodes
    assert table["length_km"].sum() == pytest.approx(32 * CELL_KM)
    assert table["length_km"].max() <= 2.5
    assert len(nodes) == len(table)  # it closes
    assert table["last"].iloc[-1] == table["first"].iloc[0] == 0
    by_sector = table.groupby("sector")["length_km"].sum()
    expected = ring.line.sectors.set_index("sector")["length_km"]
    assert by_sector.to_numpy() == pytest.approx(expected.to_numpy())
    # every node lies on the boundary of the rectangle, in metres of the map
    x, y = nodes["x"] / 1e4, nodes["y"] / 1e4
    on_side = np.isclose(x, 4) | np.isclose(x, 12) | np.isclose(y, 4) | np.isclose(y, 12)
    assert on_side.all()


def test_an_open_line_has_a_node_more_than_pieces(open_line):
    pieces = cut_of(open_line)
    assert len(pieces.nodes) == len(pieces.table) + 1
    assert pieces.closed == (False,)
    assert pieces.nodes["km"].iloc[-1] == pytest.approx(70.0)


def test_pieces_are_an_eighth_of_close_forts(open_line):
    choices = tuple(replace(choice, fort_km=4.0) for choice in open_line.works.choices)
    close = replace(open_line.works, choices=choices)
    pieces = cut(open_line.line, close, open_line.theatre.grid, piece_km=2.5, most_pieces=3_000)
    assert pieces.table["length_km"].max() <= 0.5 + 1e-9


def test_edges_know_their_sector(ring):
    course = ring.line.course.table
    sector = sector_of_edges(course, ring.line.sectors)
    assert (np.diff(sector) >= 0).all()
    km = pd.Series(course["length_km"].to_numpy()).groupby(sector).sum()
    assert km.to_numpy() == pytest.approx(ring.line.sectors["length_km"].to_numpy())


def test_kilometres_along_are_the_shorter_way_round(ring):
    pieces = cut_of(ring)
    km = along_km(pieces, np.array([0]))[0]
    ends = np.cumsum(pieces.table["length_km"])
    starts = ends - pieces.table["length_km"]
    assert km == pytest.approx(np.minimum(ends, 320.0 - starts).to_numpy())


def test_the_works_assumed_what_they_say(ring):
    made = ring.works.compositions
    found = assumed(ring.works, HOW, np.arange(len(made)))
    assert found["response_s"].to_numpy() == pytest.approx(made["response_s"].to_numpy())
    assert found["p_e"].to_numpy() == pytest.approx(made["p_e"].to_numpy())
    parts = found["muster_s"] + found["ride_s"] + found["follow_s"]
    assert parts.to_numpy() == pytest.approx(found["response_s"].to_numpy())


def test_a_slower_response_stops_less_and_far_forts_see_nothing(ring):
    row = np.zeros(3, np.int64)
    own = assumed(ring.works, HOW, row).iloc[0]
    spacing = np.array([own["fort_km"], own["fort_km"], np.inf])
    mean = own["response_s"] * np.array([1.0, 1.5, 1.0])
    deviation = np.full(3, own["response_sd_s"])
    p_e = effect(ring.works, HOW, row, spacing, (mean, deviation), np.full(3, own["p_n"]))
    assert p_e[0] == pytest.approx(own["p_e"])
    assert p_e[1] < p_e[0]
    assert p_e[2] <= p_e[0]


def test_windows_lose_no_time_within_the_limit():
    rng = np.random.default_rng(3)
    hours = rng.uniform(0.02, 0.3, (30, 30))
    hours[rng.random((30, 30)) < 0.1] = np.inf
    cells = np.flatnonzero(np.isfinite(hours))
    sources = cells[[5, 200, 700]]
    found = between_cells(hours, sources, cells, cell_km=5.0, limit_h=1.5)
    for n, source in enumerate(sources):
        whole = travel_time(hours, [divmod(int(source), 30)], cell_km=5.0, neighbours=16)
        whole = whole.ravel()[cells]
        near = whole <= 1.5
        assert near.sum() > 5
        assert found[n, near] == pytest.approx(whole[near])
        assert np.isinf(found[n, ~near]).all()


def test_the_line_opens_ground_that_is_shut(ring):
    pieces = cut_of(ring)
    by_row = assumed(ring.works, HOW, pieces.table["row"].to_numpy())
    shut = np.full((SIDE, SIDE), np.inf)
    hours = ridden(shut, pieces, by_row)
    cells = np.unique(pieces.table["cell"])
    assert np.isfinite(hours.ravel()[cells]).all()
    assert np.isinf(hours).sum() == SIDE**2 - cells.size


def test_every_kilometre_is_reached_in_time_by_other_reckoning(ring, ring_forts):
    hours = ring.threat.crossing.cell_hours["four_by_four"] / CELL_KM
    assert ring_forts.table["base"].any()
    hold_in_time(ring_forts, ring, hours, HOW, FortsSettings())


@pytest.mark.parametrize("reaction_h", [None, 2.0])
def test_no_fort_can_be_left_out(ring, reaction_h):
    settings = FortsSettings(reaction_h=reaction_h)
    laid = ring
    choice = choice_of(laid.theatre, laid.threat, laid.works, laid.line, settings, HOW, MAN)
    reach = covers(choice, choice.expected["response_s"].to_numpy())
    late = module._reaction(choice, settings)  # noqa: SLF001  (what bases must reach)
    both = np.concatenate([reach, late], axis=1)
    found = module._cheapest(choice, reach, late, settings)  # noqa: SLF001  (as above)
    assert both[found.chosen].any(axis=0).all()
    for site in found.chosen:
        assert not both[np.setdiff1d(found.chosen, site)].any(axis=0).all()


def test_the_placement_is_the_cheapest_of_all():
    # one cell, 40 km round: few enough pieces to try every set of up to four forts
    laid = world(block(slice(5, 6), slice(5, 6)))
    settings = FortsSettings(reaction_h=None, piece_km=5.0)
    choice = choice_of(laid.theatre, laid.threat, laid.works, laid.line, settings, HOW, MAN)
    reach = covers(choice, choice.expected["response_s"].to_numpy())
    cost = choice.sites["cost_usd_yr"].to_numpy()
    best = min(
        cost[list(some)].sum()
        for count in range(1, 4)
        for some in itertools.combinations(range(cost.size), count)
        if reach[list(some)].any(axis=0).all()
    )
    forts = placed(laid, reaction_h=None, piece_km=5.0)
    assert forts.cost_usd_yr == pytest.approx(best)
    assert forts.bound_usd_yr == pytest.approx(best)
    assert forts.gap == 0


def test_response_and_interruption_agree(ring_forts):
    history, pieces = ring_forts.history, ring_forts.pieces
    assert ring_forts.status == "ok"
    assert history["solved"].tolist() == [True] + [False] * (len(history) - 1)
    assert history["response_gap_s"].iloc[0] > 0
    assert history["response_gap_s"].iloc[-1] < 1e-6
    assert (pieces["p_e"] >= pieces["p_e_assumed"] - 1e-6).all()


def test_where_the_found_response_stops_less_it_is_tightened_and_what_is_left_is_told(
    ring, monkeypatch
):
    real, asked = module.effect, []

    def weaker(works, how, row, spacing_km, response, p_n):
        asked.append(response[0].copy())
        return real(works, how, row, spacing_km, response, p_n) * 0.5

    monkeypatch.setattr(module, "effect", weaker)
    forts = placed(ring, reaction_h=None, rounds=3)
    assert "P_E falls short of what the works assumed by up to" in forts.status
    assert len(forts.history) == 3
    assert forts.history["solved"].all()
    assert forts.history["cost_usd_yr"].is_monotonic_increasing
    assert asked[-1].mean() < asked[0].mean()
    assert forts.by_sector["p_e_short"].max() == pytest.approx(forts.history["p_e_short"].iloc[-1])


def test_in_turn_costs_no_less_than_the_bound_nor_than_together(ring, ring_forts):
    in_turn = placed(ring, branch_pieces=0)
    assert in_turn.bound_usd_yr <= ring_forts.cost_usd_yr * (1 + 1e-9)
    assert ring_forts.cost_usd_yr <= in_turn.cost_usd_yr * (1 + 1e-9)
    assert ring_forts.gap == 0
    if in_turn.gap:
        assert "forts could cost" in in_turn.status


def test_tables_add_up(ring, ring_forts):
    forts = ring_forts
    for name, table in (
        ("forts", forts.table),
        ("sectors", forts.by_sector),
        ("states", forts.by_state),
        ("pieces", forts.pieces),
        ("history", forts.history),
    ):
        assert tuple(table.columns) == COLUMNS[name]
        assert not table.drop(columns="response_s", errors="ignore").isna().any(axis=None)
    parts = ["built_usd_yr", "men_usd_yr", "water_usd_yr", "fuel_usd_yr", "food_usd_yr"]
    assert forts.table[parts].sum(axis=1).to_numpy() == pytest.approx(
        forts.table["cost_usd_yr"].to_numpy()
    )
    for table in (forts.by_sector, forts.by_state):
        assert table["cost_usd_yr"].sum() == pytest.approx(forts.cost_usd_yr)
        assert table["men_paid"].sum() == pytest.approx(forts.men_paid)
        assert table["bases"].sum() == forts.table["base"].sum()
    assert set(forts.by_state["state"]) == {"MRT", "MLI"}
    assert forts.table["served_km"].sum() == pytest.approx(320.0)
    assert forts.by_sector["length_km"].sum() == pytest.approx(320.0)
    assert (forts.table["men_usd_yr"] / forts.table["men_paid"]).to_numpy() == pytest.approx(MAN)
    assert (forts.by_sector["state"] == ring.line.sectors["state"]).all()


def test_the_same_world_gives_the_same_forts(ring, ring_forts):
    again = placed(ring)
    pd.testing.assert_frame_equal(again.table, ring_forts.table, check_exact=True)
    pd.testing.assert_frame_equal(again.pieces, ring_forts.pieces, check_exact=True)


def test_without_bases_none_are_placed(ring):
    forts = placed(ring, reaction_h=None)
    assert not forts.table["base"].any()
    assert np.isinf(forts.pieces["reaction_h"]).all()
    assert forts.status == "ok"


def test_what_no_base_reaches_is_told(ring):
    forts = placed(ring, reaction_h=0.3)
    assert "no base could reach" in forts.status


def test_a_base_stands_behind_where_that_saves_one(ring):
    # from the road through the middle both sides are reached in three hours
    forts = placed(ring, reaction_h=3.0)
    base = forts.table[forts.table["base"]]
    assert len(base) == 1
    assert base["behind"].all()
    assert (base["row"] == SIDE // 2).all()
    assert 4 < base["col"].iloc[0] < 11
    near = placed(ring, reaction_h=3.0, base_behind_km=0)
    assert near.table["base"].sum() == 2
    assert not near.table["behind"].any()


def test_a_ring_of_twenty_kilometres_each_needs_what_the_works_assumed(ring):
    # 320 km at 20 km: sixteen posts, none to spare, and the time of each is used up
    forts = placed(ring, reaction_h=None)
    assert len(forts.table) == 16
    assert forts.by_sector["forts_assumed"].sum() == pytest.approx(16)
    assert forts.table["served_km"].max() <= 20 + 1e-9


def test_without_a_line_there_are_no_forts(open_line):
    laid = world(np.zeros((SIDE, SIDE), bool))
    forts = placed(laid)
    assert (forts.cost_usd_yr, forts.bound_usd_yr, forts.gap, forts.men_paid) == (0, 0, 0, 0)
    assert forts.status == "no line"
    assert tuple(forts.table.columns) == COLUMNS["forts"]
    assert len(placed(open_line).table) > 0


@pytest.mark.parametrize("money", [-1.0, np.nan, np.inf])
def test_a_cost_that_is_none_is_refused(ring, money):
    with pytest.raises(InputError, match="man_usd_yr"):
        place(ring.theatre, ring.threat, ring.works, ring.line, how=HOW, man_usd_yr=money)


def test_a_way_of_riding_that_is_not_timed_is_refused(ring):
    slow = {"foot": ring.threat.crossing.cell_hours["four_by_four"]}
    threat = SimpleNamespace(crossing=SimpleNamespace(cell_hours=slow))
    with pytest.raises(InputError, match="rides: four_by_four"):
        place(ring.theatre, threat, ring.works, ring.line, how=HOW, man_usd_yr=MAN)


def test_pieces_that_no_fort_reaches_are_named(ring, monkeypatch):
    real = module.covers

    def nobody(choice, limits_s):
        reach = real(choice, limits_s)
        reach[:, :20] = False
        return reach

    monkeypatch.setattr(module, "covers", nobody)
    with pytest.raises(InfeasibleError, match=r"line 0 at km 0, .* and 8 more"):
        placed(ring)


def test_paid_men_are_those_on_duty_and_those_who_are_away():
    assert FortsSettings().paid_per_man == pytest.approx(1.25 / (320 / 365 * 0.95))
    assert FortsSettings().paid_per_man == pytest.approx(1.5, abs=0.01)  # the works' rotation
    assert FortsSettings(relief=1, leave_days_yr=0, sick_share=0).paid_per_man == 1


def test_supplies_by_hand():
    settings = FortsSettings(
        water_l_man_day=20, water_carried=0.5, food_kg_man_day=2, fuel_l_man_day=1, fuel_usd_l=1,
        carriage_usd_th=10,
    )  # fmt: skip
    water, fuel, food = carried(np.array([100.0]), np.array([5.0]), np.array([2.0]), settings)
    assert water == pytest.approx(365 * 2.0 * 0.5 * 20)  # 2 t a day, half carried, 2 h
    assert fuel == pytest.approx(36_500 + 36.5 * 0.84 * 50)
    assert food == pytest.approx(73 * 50)


def test_supplies_come_from_towns_and_water_from_rivers_too(ring):
    hours = np.full((SIDE, SIDE), PLAIN_H)
    supply = supply_hours(ring.theatre, hours, FortsSettings(town_people=10_000))
    assert supply.town_h[SIDE // 2, SIDE - 2] == 0
    assert supply.town_h[2, 6] > 0  # too small a town
    assert supply.town_h[SIDE // 2, SIDE - 4] == pytest.approx(20 * PLAIN_H)
    assert (supply.water_h[:, 3] == 0).all()
    both = supply_hours(ring.theatre, hours, FortsSettings(town_people=1_000))
    assert both.town_h[2, 6] == 0
    # where none is large enough the largest counts; and no more hours than are to be counted
    far = supply_hours(ring.theatre, hours, FortsSettings(town_people=1e9, most_supply_h=0.5))
    assert far.town_h[SIDE // 2, SIDE - 2] == 0
    assert far.town_h.max() == 0.5
    with pytest.raises(InfeasibleError, match="no settlement to supply from"):
        supply_hours(ring.theatre, np.full((SIDE, SIDE), np.inf), FortsSettings())


def test_a_longer_road_costs_more(ring, ring_forts):
    by_class = ring_forts.table.groupby("fort_class")
    for _, same in by_class:
        order = same.sort_values("supply_h")
        assert order["food_usd_yr"].is_monotonic_increasing
    classes = fort_classes(ring.works, HOW, ["MLI", "MRT"])
    assert classes.names == ("fort_platoon", "fort_company", "reaction_base")
    # an annuity of 750,000 over 20 years at 10 %, and 87,000 a year of upkeep; soil is no dune
    assert classes.yearly_usd[0, 0] == pytest.approx(750e3 * 0.117460 + 87e3, rel=0.03)


def test_the_fewest_responders_are_just_enough():
    threat = Opponent()

    def chance(men):
        return neutralisation(
            men, threat.men.mode, exchange=threat.exchange.mode, breaks_at=threat.breaks_at.mode
        )

    for p_n in (0.2, 0.5, 0.9):
        men = responders_needed(p_n, threat)
        assert chance(men) >= p_n > chance(men - 1)
    assert responders_needed(0.0, threat) == 0


def test_every_assumption_has_its_source_and_range():
    rows = assumptions(FortsSettings())
    assert len({row.key for row in rows}) == len(rows)
    for row in rows:
        assert row.source.startswith("judgement") or "http" in row.source or "[D]" in row.source
        assert row.low <= row.value <= row.high
    none = next(r for r in assumptions(FortsSettings(reaction_h=None)) if "reaction" in r.key)
    assert none.value is None
