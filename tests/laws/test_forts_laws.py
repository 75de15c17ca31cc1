"""What must hold of forts on lines of any shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.forts_world import CELL_KM, HOW, SIDE, hold_in_time, world

from vallum.forces.forts import place
from vallum.forces.forts_settings import FortsSettings
from vallum.forces.forts_tables import COLUMNS


@st.composite
def lands(draw):
    """Hold a few blocks, and fence off all or one half of what lies round them."""
    held = np.zeros((SIDE, SIDE), bool)
    for _ in range(draw(st.integers(1, 3))):
        row, col = draw(st.integers(1, SIDE - 5)), draw(st.integers(1, SIDE - 5))
        held[row : row + draw(st.integers(1, 4)), col : col + draw(st.integers(1, 4))] = True
    fenced = np.ones((SIDE, SIDE), bool)
    fenced[draw(st.sampled_from([SIDE, SIDE // 2])) :] = False
    return held, fenced


@settings(max_examples=12, deadline=None)
@given(lands(), st.sampled_from([None, 1.0, 3.0]), st.sampled_from([0, 400]))
def test_lines_of_any_shape_are_reached_in_time(land, reaction_h, branch_pieces):
    held, fenced = land
    laid = world(held, fenced=fenced)
    how = FortsSettings(reaction_h=reaction_h, branch_pieces=branch_pieces, piece_km=5.0)
    forts = place(
        laid.theatre, laid.threat, laid.works, laid.line, how, how=HOW, man_usd_yr=10_000.0
    )
    assert tuple(forts.table.columns) == COLUMNS["forts"]
    if not len(laid.line.sectors):
        assert forts.status == "no line"
        return
    hours = laid.threat.crossing.cell_hours["four_by_four"] / CELL_KM
    hold_in_time(forts, laid, hours, HOW, how)
    assert forts.bound_usd_yr <= forts.cost_usd_yr * (1 + 1e-12)
    assert forts.pieces["length_km"].sum() == pytest.approx(laid.line.sectors["length_km"].sum())
    assert forts.table["served_km"].sum() == pytest.approx(forts.pieces["length_km"].sum())
    assert forts.by_sector["cost_usd_yr"].sum() == pytest.approx(forts.cost_usd_yr)
    history = forts.history
    assert (np.diff(history["cost_usd_yr"]) >= -1e-6).all()
    if history["p_e_short"].iloc[-1] <= 1e-6:
        assert history["response_gap_s"].iloc[-1] <= 1e-6
