"""Civilian crossings: expected journeys of herders, traders and people fleeing across every cell.

They have their own assumptions with ranges and are never mixed with the threat.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from scipy import ndimage
from scipy.spatial import cKDTree

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen, sum_by
from vallum.kernel.ledger import Assumption
from vallum.threat.blocks import held
from vallum.threat.civilians_demand import Demand
from vallum.threat.civilians_fleeing import flight
from vallum.threat.civilians_herders import herd_journeys
from vallum.threat.civilians_table import load_figures
from vallum.threat.civilians_traders import trade
from vallum.threat.movement import hours_per_km
from vallum.threat.movement_settings import MovementSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.civilians_settings import CiviliansSettings
    from vallum.worth import Worth

__all__ = ["Civilians", "Demand", "PassageBy", "PassageOf", "civilians", "demands", "reachable"]

RAREST = 1e-3  # journeys a year across a border: fewer are not listed
COLUMNS = ["from", "to", "kind", "low", "mid", "high"]


class PassageOf(Protocol):
    """What a passage gives: journeys per year by cell and by edge between cells."""

    @property
    def cells(self) -> NDArray[np.float64]:
        """Journeys that enter or start in each cell, shape (rows, cols)."""

    @property
    def tail(self) -> NDArray[np.int64]:
        """Cell that each edge leaves, numbered row by row on the grid that was solved."""

    @property
    def head(self) -> NDArray[np.int64]:
        """Cell that each edge enters, as `tail`."""

    @property
    def cost(self) -> NDArray[np.float64]:
        """Expected cost per pair, shape (S, T); inf without a way."""
        ...

    @property
    def aggregated(self) -> int:
        """Side of the cells that were solved, in cells of the grid given."""
        ...

    @property
    def flow(self) -> NDArray[np.float64]:
        """Journeys along each edge."""


class PassageBy(Protocol):
    """A function that lays journeys on the grid, as `vallum.kernel.paths.passage`."""

    def __call__(
        self,
        cost: NDArray[np.float64],
        sources: NDArray[np.int64],
        targets: NDArray[np.int64],
        *,
        theta: float,
        cell_km: float = ...,
        journeys: NDArray[np.float64] | None = ...,
    ) -> PassageOf:
        """Lay the journeys from sources to targets on the grid."""


@dataclass(frozen=True, eq=False)
class Civilians:
    """Expected civilian journeys, never mixed with the threat.

    Attributes
    ----------
    cells
        By kind, journeys per year that enter or start in each cell, shape (rows, cols); 0 where
        the kind is not modelled.
    crossings_of_borders
        Columns from and to (iso3), kind, low, mid, high: journeys per year across each border.
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
        As `demands` and `vallum.threat.movement.hours_per_km` do.
    """
    moving = MovementSettings() if movement is None else movement
    cells, left, crossed, used = {}, {}, [], demands(theatre, worth, settings)
    for demand in used:
        ground = hours_per_km(theatre, demand.mode, settings=moving, season=demand.season)
        hours = ground.hours_per_km
        sources, targets, journeys, lost = _placed(demand, hours, theatre, settings)
        left[demand.kind] = lost
        if not journeys.sum() > 0:
            cells[demand.kind] = frozen(np.zeros(theatre.grid.shape))
            continue
        median = float(np.median(hours[np.isfinite(hours)])) * theatre.grid.cell_km
        laid = passage(
            _near(hours, np.concatenate([sources, targets]), settings, theatre.grid.cell_km),
            sources,
            targets,
            theta=_keenness(demand, settings) / median,
            cell_km=theatre.grid.cell_km,
            journeys=journeys,
        )
        left[demand.kind] += float(journeys[~np.isfinite(laid.cost)].sum())
        cells[demand.kind] = frozen(np.array(laid.cells, np.float64))
        crossed.append(_crossings(theatre, demand, laid))
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


def reachable(
    hours: NDArray[np.float64], cells: NDArray[np.int64], reach: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Move cells to the nearest that the rest of the land can be reached from.

    Parameters
    ----------
    hours
        Shape (rows, cols), inf where nobody passes.
    cells
        (row, col), shape (n, 2).
    reach
        How far one may be moved, cells.

    Returns
    -------
    moved, found
        Shape (n, 2), the cell itself where it need not or can't be moved; and whether it can be
        reached, shape (n,).
    """
    label, _ = ndimage.label(np.isfinite(hours), structure=np.ones((3, 3)))
    sizes = np.bincount(label.ravel())
    if cells.size == 0 or sizes.size < 2:
        return cells, np.zeros(len(cells), np.bool_)
    sizes[0] = 0
    land = np.argwhere(label == int(sizes.argmax()))
    apart, at = cKDTree(land).query(cells)
    found = np.asarray(apart <= reach, np.bool_)
    return np.where(found[:, None], land[at], cells).astype(np.int64), found


def _placed(
    demand: Demand, hours: NDArray[np.float64], theatre: Theatre, settings: CiviliansSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], float]:
    """Put sources and targets on ground that can be reached; with what is left out."""
    reach = settings.move_km / theatre.grid.cell_km
    sources, starts = reachable(hours, demand.sources, reach)
    targets, ends = reachable(hours, demand.targets, reach)
    kept = demand.journeys[np.ix_(starts, ends)].copy()
    sources, targets = sources[starts], targets[ends]
    kept[(sources[:, None, :] == targets[None, :, :]).all(axis=2)] = 0.0
    return sources, targets, kept, float(demand.journeys.sum() - kept.sum())


def _near(
    hours: NDArray[np.float64], ends: NDArray[np.int64], settings: CiviliansSettings, cell_km: float
) -> NDArray[np.float64]:
    """Leave out the ground farther than `margin_km` from the box of all starts and ends.

    No sensible way leads there, and what is left out need not be solved.
    """
    margin = int(np.ceil(settings.margin_km / cell_km))
    (top, left), (bottom, right) = ends.min(axis=0) - margin, ends.max(axis=0) + margin
    near = np.full_like(hours, np.inf)
    box = slice(max(0, int(top)), int(bottom) + 1), slice(max(0, int(left)), int(right) + 1)
    near[box] = hours[box]
    return near


def _crossings(theatre: Theatre, demand: Demand, laid: PassageOf) -> pd.DataFrame:
    """Journeys per year across each border, low, mid and high.

    Every crossing counts, so that a journey that crosses and comes back counts twice.
    """
    names = [str(name) for name in theatre.countries.index]
    state = _states(theatre.ground["state"].to_numpy().astype(np.int64), laid.aggregated)
    out, into = state[laid.tail], state[laid.head]
    across = (out != into) & (out >= 0) & (into >= 0)
    pairs = out[across] * len(names) + into[across]
    count = len(names)
    mid = sum_by(pairs, laid.flow[across], count**2).reshape(count, count)
    if demand.returns:
        mid = (mid + mid.T) / 2
    rows = []
    for a, b in np.argwhere(mid > RAREST):
        journeys = float(mid[a, b])
        ends = (journeys * demand.low, journeys, journeys * demand.high)
        rows.append((names[a], names[b], demand.kind, *ends))
    return pd.DataFrame(rows, columns=COLUMNS)


def _states(state: NDArray[np.int64], times: int) -> NDArray[np.int64]:
    """State of each cell of the grid that was solved, in its numbering: that of most of it."""
    if times == 1:
        return state.ravel()
    counts = np.stack(
        [held((state == code).astype(np.float64), times) for code in range(int(state.max()) + 1)]
    )
    return np.where(counts.sum(axis=0) > 0, counts.argmax(axis=0), -1).astype(np.int64)


def _table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    parts = [part for part in parts if not part.empty]
    if not parts:
        return pd.DataFrame({name: pd.Series([], dtype=object) for name in COLUMNS})
    return pd.concat(parts, ignore_index=True)


def _keenness(demand: Demand, settings: CiviliansSettings) -> float:
    return settings.sharpness_traders if demand.kind == "traders" else settings.sharpness


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
