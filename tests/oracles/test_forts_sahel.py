"""Forts of the built-in theatre: every kilometre is reached, by travel times worked out anew."""

from __future__ import annotations

import numpy as np
import pytest
from tests.forts_world import hours_by_graph

from vallum.forces.forts import place
from vallum.forces.forts_settings import FortsSettings
from vallum.forces.response import assumed
from vallum.forces.sites import cut


@pytest.mark.slow
def test_every_kilometre_of_the_sahel_is_reached_in_time(sahel_plan):
    plan, how = sahel_plan, sahel_plan.settings.works
    forts = place(
        plan.theatre, plan.threat, plan.works, plan.line, how=how, man_usd_yr=how.man_year_usd
    )
    settings, grid = FortsSettings(), plan.theatre.grid
    pieces = cut(
        plan.line,
        plan.works,
        grid,
        piece_km=settings.piece_km,
        most_pieces=settings.most_pieces,
    )
    row = pieces.table["row"].to_numpy()
    by_row = assumed(plan.works, how, row)
    pace = by_row["pace_h_km"].reindex(range(len(plan.works.choices))).to_numpy()
    hours = plan.threat.crossing.cell_hours["four_by_four"] / grid.cell_km
    # the part of the land round the line that could matter within a few hours
    middle = np.divmod(pieces.table["cell"].to_numpy(), grid.cols)
    own = np.zeros(grid.shape, bool)
    for cells, side in zip(middle, (0, 1), strict=True):
        near = np.abs(np.arange(grid.shape[side])[:, None] - cells).min(axis=1) <= 25
        own |= ~(near[:, None] if side == 0 else near[None, :])
    hours = np.where(own, np.inf, hours)
    track = by_row["track"].loc[row].to_numpy(bool)
    np.minimum.at(hours.ravel(), pieces.table["cell"].to_numpy()[track], pace[row[track]])
    ways = hours_by_graph(pieces.nodes, pieces.table, forts.table, grid, hours, pace)
    table = forts.pieces
    ends = np.minimum(ways[:, table["first"].to_numpy()], ways[:, table["last"].to_numpy()])
    ride = 3600 * (ends + table["length_km"].to_numpy() * pace[row])
    items = plan.works.catalogue.items
    muster = np.array([items[name].muster_s.mean for name in forts.table["fort_class"]])
    response = ride + muster[:, None] + by_row["follow_s"].loc[row].to_numpy()
    every = np.arange(len(table))
    assert (response.min(axis=0) <= table["response_s_assumed"] + 1e-6).all()
    assert (table["response_s"] >= response[table["fort"].to_numpy(), every] - 1e-6).all()
    assert (table["p_e"] >= table["p_e_assumed"] - 1e-6).all()
    assert table["length_km"].sum() == pytest.approx(plan.line.sectors["length_km"].sum())
    # without any one of them some piece is reached too late, by whoever is left
    for n in range(len(forts.table)):
        others = np.delete(response, n, axis=0).min(axis=0, initial=np.inf)
        base = forts.table["base"].iloc[n]
        assert base or (others > table["response_s_assumed"]).any()
    assert forts.status == "ok"
    assert forts.gap == 0
