"""Forts of the built-in theatre: every kilometre is reached, by travel times worked out anew."""

from __future__ import annotations

import numpy as np
import pytest
from tests.forts_world import hold_in_time

from vallum.forces.forts import place
from vallum.forces.forts_settings import FortsSettings

AROUND = 25  # cells round the line, further than anyone rides in time


@pytest.mark.slow
def test_every_kilometre_of_the_sahel_is_reached_in_time(sahel_plan):
    plan, how, settings = sahel_plan, sahel_plan.settings.works, FortsSettings()
    forts = place(
        plan.theatre, plan.threat, plan.works, plan.line, how=how, man_usd_yr=how.man_year_usd
    )
    grid = plan.theatre.grid
    hours = plan.threat.crossing.cell_hours["four_by_four"] / grid.cell_km
    row, col = np.divmod(forts.pieces["cell"].to_numpy(), grid.cols)
    near_row = np.abs(np.arange(grid.rows)[:, None] - row).min(axis=1) <= AROUND
    near_col = np.abs(np.arange(grid.cols)[:, None] - col).min(axis=1) <= AROUND
    hours = np.where(near_row[:, None] & near_col, hours, np.inf)
    hold_in_time(forts, plan, hours, how, settings)
    assert forts.status == "ok"
    assert forts.gap == 0
    assert (forts.pieces["p_e"] >= forts.pieces["p_e_assumed"] - 1e-6).all()
    assert forts.pieces["length_km"].sum() == pytest.approx(plan.line.sectors["length_km"].sum())
