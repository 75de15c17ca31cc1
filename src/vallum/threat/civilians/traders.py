"""Traders: vehicles of trade between towns, by gravity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.threat.blocks import between_km, gather, side_cells
from vallum.threat.civilians.demand import Demand, kept_row, left_row, nothing, pair, row_of, spread

if TYPE_CHECKING:
    from vallum.theatre import Theatre
    from vallum.threat.civilians.settings import CiviliansSettings
    from vallum.threat.civilians.table import Figures
    from vallum.worth import Worth

__all__ = ["trade"]


def trade(theatre: Theatre, worth: Worth, figures: Figures, settings: CiviliansSettings) -> Demand:
    """Trade journeys between the members' towns and all towns of the theatre, by gravity.

    `journeys per person · people of the members` journeys in all, shared in proportion to
    `townspeople of one · townspeople of the other / max(distance, nearest)^power`.
    """
    per = figures.traders
    rate, power, near = (per[k] for k in ("journeys_per_person_yr", "distance_power", "nearest_km"))
    rows = tuple(row_of("traders", key, per[key]) for key in per)
    side = side_cells(settings.block_km, theatre.grid.cell_km)
    source = gather(worth.urban_people, side, settings.most_blocks)
    towns = np.where(theatre.ground["state"].to_numpy() >= 0, theatre.ground["urban_people"], 0.0)
    market = gather(towns, side, towns.size)
    far = between_km(source.cells, market.cells, theatre.grid.cell_km)
    pull = market.amounts / np.maximum(far, near.mode) ** power.mode * (far > 0)
    weight = source.amounts * pull.sum(axis=1)
    if not weight.sum() > 0:
        return nothing("traders", "Not modelled: fewer than two towns.", "vehicle")
    total = rate.mode * float(worth.people.sum())
    targets, journeys, lost = pair(
        total * weight / weight.sum(), market.cells, pull, settings.most_blocks
    )
    low, high = spread((rate,))
    rows += (kept_row("traders", source.kept), left_row("traders", lost))
    return Demand(
        kind="traders",
        sources=source.cells,
        targets=targets,
        journeys=journeys,
        low=low,
        high=high,
        mode="four_by_four",
        season="dry",
        what="Vehicles of trade between the members' towns and all towns, there and back.",
        ledger=rows,
        unit="vehicle",
        returns=True,
    )
