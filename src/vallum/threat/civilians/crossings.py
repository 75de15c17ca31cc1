"""Civilian crossings: expected journeys of herders, traders and people fleeing across every cell.

They have their own assumptions with ranges and are never mixed with the threat.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.kernel.ledger import Assumption
from vallum.threat.civilians.demand import Demand
from vallum.threat.civilians.fleeing import flight
from vallum.threat.civilians.herders import herd_journeys
from vallum.threat.civilians.laid import lay
from vallum.threat.civilians.table import load_figures
from vallum.threat.civilians.traders import trade
from vallum.threat.movement.hours import hours_per_km
from vallum.threat.movement.settings import MovementSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.civilians.laid import Laid, PassageBy
    from vallum.threat.civilians.settings import CiviliansSettings
    from vallum.worth import Worth

__all__ = ["Civilians", "Demand", "civilians", "demands"]

RAREST = 1e-3  # journeys a year across a border: fewer are not listed
COLUMNS = ["from", "to", "kind", "low", "mid", "high", "gross"]


@dataclass(frozen=True, eq=False)
class Civilians:
    """Expected civilian journeys, never mixed with the threat.

    Attributes
    ----------
    cells
        By kind, journeys per year that enter or start in each cell, shape (rows, cols); 0 where
        the kind is not modelled.
    crossings_of_borders
        Columns from and to (iso3), kind, low, mid, high: journeys per year across each border,
        those of one state's people that cross and come back on the same journey taken off; and
        gross: every crossing counted, the likeliest.
    demands
        What was laid on the grid, by kind.
    left_out
        By kind, journeys per year that could not be laid: start or end can't be reached.
    ledger, fingerprint
        Assumptions; the theatre's mark.
    """

    cells: Mapping[str, NDArray[np.float64]]
    crossings_of_borders: pd.DataFrame
    demands: Mapping[str, Demand]
    left_out: Mapping[str, float]
    ledger: tuple[Assumption, ...]
    fingerprint: str


def civilians(
    theatre: Theatre,
    worth: Worth,
    settings: CiviliansSettings,
    *,
    passage: PassageBy,
    movement: MovementSettings | None = None,
) -> Civilians:
    """Lay the journeys of herders, traders and people fleeing on the grid.

    Parameters
    ----------
    theatre, worth
        The ground, and the people of the members.
    settings
        Blocks, table, and how strongly journeys keep to the quickest way.
    passage
        The function that lays journeys on the grid, as `vallum.kernel.paths.passage`; its `theta`
        is `sharpness / (median hours to cross a cell)`, or `sharpness_traders` for traders.
    movement
        The table of speeds; the built-in one where none is given.

    Returns
    -------
    Civilians
        By cell and by border.

    Raises
    ------
    InputError
        As `demands` and `vallum.threat.movement.hours.hours_per_km` do.
    """
    moving = MovementSettings() if movement is None else movement
    cells, left, crossed, used = {}, {}, [], demands(theatre, worth, settings)
    for demand in used:
        ground = hours_per_km(theatre, demand.mode, settings=moving, season=demand.season)
        laid = lay(theatre, demand, ground.hours_per_km, settings, passage)
        cells[demand.kind], left[demand.kind] = laid.cells, laid.left_out
        crossed.append(_listed(theatre, demand, laid))
    return Civilians(
        cells=MappingProxyType(cells),
        crossings_of_borders=_table(crossed),
        demands=MappingProxyType({demand.kind: demand for demand in used}),
        left_out=MappingProxyType(left),
        ledger=(*(row for demand in used for row in demand.ledger), *_sharpness(settings)),
        fingerprint=theatre.fingerprint,
    )


def demands(theatre: Theatre, worth: Worth, settings: CiviliansSettings) -> tuple[Demand, ...]:
    """Give the journeys of herders, traders and people fleeing that start or end in a member.

    Parameters
    ----------
    theatre
        The ground, people, climate, events and deaths.
    worth
        People of the members; made from the same theatre.
    settings
        Blocks and the table of figures.

    Returns
    -------
    demands
        Herders, traders, fleeing, in this order; without sources where one can't be modelled, and
        then `what` says why.

    Raises
    ------
    InputError
        If `worth` is of another theatre, or the table has faults.
    """
    if worth.fingerprint != theatre.fingerprint:
        found = f"worth of {worth.fingerprint[:8]}, theatre {theatre.fingerprint[:8]}"
        raise InputError([Fault("civilians", "worth", found, "value this theatre first")])
    figures = load_figures(settings.table)
    return (
        herd_journeys(theatre, worth, figures, settings),
        trade(theatre, worth, figures, settings),
        flight(theatre, figures, settings),
    )


def _listed(theatre: Theatre, demand: Demand, laid: Laid) -> pd.DataFrame:
    """List the crossings of borders, low, mid and high."""
    names = [str(name) for name in theatre.countries.index]
    rows = []
    for a, b in np.argwhere(laid.gross > RAREST):
        mid = float(laid.net[a, b])
        ends = (mid * demand.low, mid, mid * demand.high)
        rows.append((names[a], names[b], demand.kind, *ends, float(laid.gross[a, b])))
    return pd.DataFrame(rows, columns=COLUMNS)


def _table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    parts = [part for part in parts if not part.empty]
    if not parts:
        return pd.DataFrame({name: pd.Series([], dtype=object) for name in COLUMNS})
    return pd.concat(parts, ignore_index=True)


def _sharpness(settings: CiviliansSettings) -> tuple[Assumption, ...]:
    source = "judgement: people know their country, and keep to its quick ways"
    return tuple(
        Assumption(
            f"threat.civilians.{name}",
            float(getattr(settings, name)),
            settings.sharpness_low,
            settings.sharpness_high,
            "1/median cell",
            source,
        )
        for name in ("sharpness", "sharpness_traders")
    )
