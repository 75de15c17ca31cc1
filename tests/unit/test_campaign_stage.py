"""The campaign stage as a whole, and its tables, worked by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vallum.campaign import CampaignSettings, tally
from vallum.campaign.draws import mids
from vallum.campaign.model import World
from vallum.campaign.spending import phases_of
from vallum.plan import until
from vallum.settings import load_settings

TRIPLES = {
    "reach": (0.1, 0.3, 0.5), "range_h": (12.0, 24.0, 72.0), "effect": (0.5, 1.0, 1.1),
    "lost": (0.2, 0.4, 0.7), "deaths": (0.5, 2.0, 2.0), "lost_usd": (1.0, 1.0, 1.0),
    "displaced": (1.0, 1.0, 1.0),
}  # fmt: skip


@pytest.fixture(scope="module")
def coarse(stages_once):  # noqa: ARG001
    """The stages up to the campaign on cells of 50 km, few draws."""
    chosen = load_settings(
        assignments=[
            "theatre.cell_km=50", "line.refine=0", "robust.draws=0", "draws=100",
            "campaign.draws=20", "campaign.years=2",
        ]
    )  # fmt: skip
    return until("campaign", "sahel", chosen)


def small() -> World:
    """Two targets, two ways in."""
    targets = pd.DataFrame(
        {
            "iso3": ["AAA", "AAA", "BBB"],
            "side": ["held", "outside", "neighbour"],
            "deaths_per_attack": [1.0, 2.0, 3.0],
            "lost_usd_per_attack": [10.0, 10.0, 10.0],
            "displaced_per_attack": [5.0, 5.0, 5.0],
        }
    )
    entries = pd.DataFrame({"kind": ["line", "flank"], "covered_month": [5, 0]})
    none = np.zeros((0, 3))
    return World(pd.DataFrame(), targets, entries, none, none, none, 1.0, (6, 12))


def stack(**given):
    """Arrays of two draws and one phase."""
    zero = np.zeros((2, 1))
    base = {
        "arrived": np.array([[[1.0, 2.0, 3.0]], [[3.0, 2.0, 1.0]]]),
        "resident": np.array([[[1.0, 1.0, 1.0]], [[1.0, 1.0, 1.0]]]),
        "tried": np.array([[[4.0, 1.0]], [[2.0, 1.0]]]),
        "stopped": np.array([[[3.0, 0.0]], [[1.0, 0.0]]]),
        "through": np.array([[[1.0, 1.0]], [[1.0, 1.0]]]),
        "forts_attacked": np.zeros((2, 1, 2)),
        "ended": np.array([[3.0], [1.0]]),
        "waited": zero,
    }
    return {**base, **given}


def test_outcomes_add_up_by_side_and_state():
    chosen = [mids(CampaignSettings(), TRIPLES)] * 2
    found = tally.outcomes(small(), stack(), chosen)
    assert found["held"].ravel().tolist() == [2.0, 4.0]
    assert found["held_arrived"].ravel().tolist() == [1.0, 3.0]
    assert found["outside"].ravel().tolist() == [3.0, 3.0]
    assert found["BBB"].ravel().tolist() == found["neighbours"].ravel().tolist() == [4.0, 2.0]
    assert found["all"].ravel().tolist() == [9.0, 9.0]
    # twice (2·1 + 3·2), and the neighbours' own beside
    assert found["deaths"].ravel().tolist() == [16.0, 20.0]
    assert found["deaths_neighbours"].ravel().tolist() == [24.0, 12.0]


def test_changes_are_paired_by_draw():
    before = {"held": np.array([[10.0], [20.0]])}
    after = {"held": np.array([[5.0], [20.0]])}
    table = tally.changes({"nothing": before, "line": after}).set_index("means")
    row = table.loc["line"]
    assert row["before"] == 15.0
    assert row["change"] == pytest.approx(-5 / 30)
    # the draws changed by −50 % and 0: their middle 90 %
    assert row["change_low"] == pytest.approx(-0.475)
    assert row["change_high"] == pytest.approx(-0.025)
    assert table.loc["nothing", "change"] == 0.0


def test_shares_that_a_line_touches_stops_and_moves():
    world, chosen = small(), [mids(CampaignSettings(), TRIPLES)] * 2
    found = tally.outcomes(world, stack(), chosen)
    # one of five, and one of seven, attacks on the members comes over the line
    low, mid, high = tally.touchable(world, stack(), found)
    assert mid == pytest.approx(2 / 12)
    assert low >= 1 / 7 - 1e-9
    assert high <= 1 / 5 + 1e-9
    # three of four bands end there, and one of two
    assert tally.stopped(world, stack())[1] == pytest.approx(4 / 6)
    nobody = stack(through=np.zeros((2, 1, 2)), ended=np.zeros((2, 1)))
    assert math.isnan(tally.stopped(world, nobody)[1])  # and not: nobody is stopped
    after = dict(found, held=found["held"] - 2.0, outside=found["outside"] + 1.0)
    assert tally.displaced(found, after)[1] == pytest.approx(0.5)
    assert math.isnan(tally.displaced(found, found)[1])


def test_entries_count_from_the_phase_after_they_are_covered():
    world = small()
    assert phases_of(world).tolist() == [1, 1]
    late = replace(world, entries=world.entries.assign(covered_month=[7, 12]))
    assert phases_of(late).tolist() == [2, 2]
    assert phases_of(replace(world, months=())).tolist() == [0, 0]


def test_the_whole_stage_agrees_with_the_threat(coarse):
    campaign, threat = coarse["campaign"], coarse["threat"]
    assert campaign.status == "ok"
    assert campaign.cases[0].name == "plan"
    known = coarse["theatre"].ground["state"].to_numpy() >= 0
    for case in campaign.cases:
        every = case.world.targets["attacks_yr"].sum()
        assert every == pytest.approx(threat.cells[known].sum(), rel=1e-9)
        rows = case.change.set_index(["means", "what"])
        # what is played before anything is built is what the threat expects
        mean = rows.loc[("nothing", "all"), "before"]
        error = case.totals.query("means == 'nothing' and what == 'all'")["error"].max()
        assert abs(mean - every) < 3 * error + 1e-9
        assert (rows.loc["nothing"]["change"].dropna() == 0.0).all()
        assert rows.loc[("line", "held_arrived"), "change"] < 0
        parts = case.leaks[case.leaks["kind"] == "line"]
        assert len(parts) == 1 or parts["length_km"].min() >= 50.0
        assert set(case.change["means"]) == {
            "nothing", "line", "reserves", "policing", "towns", "development",
        }  # fmt: skip


def test_what_money_buys_is_drawn_too(coarse):
    rows = coarse["campaign"].cases[-1].change.set_index(["means", "what"])
    low, high = rows.loc[("development", "held"), ["change_low", "change_high"]]
    assert low < 0 < high  # the evidence goes both ways
