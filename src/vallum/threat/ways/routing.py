"""By which ways armed groups' journeys come: shares by state, borders and corridors, with ranges.

Journeys run from sanctuaries to vital land. How many each pair makes follows from the events at the
one end, the worth at the other and the hours between (`vallum.threat.ways.journeys`); where they go
follows from randomized shortest paths over the hours that the ground takes
(`vallum.kernel.paths.walk`). Every share is found for each way of moving, season and straying, and
then over joint draws of all assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from vallum.kernel.arrays import frozen
from vallum.kernel.paths.chances import Entrances
from vallum.kernel.paths.edges import averaged, coarsened, grid_edges
from vallum.kernel.paths.slope import LAWS
from vallum.kernel.paths.walk import walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.kernel.paths.edges import Edges
    from vallum.theatre import Theatre
    from vallum.threat.movement.hours import Ground

__all__ = ["Board", "Routing", "board", "main_land", "network", "route", "strayed"]

LOOSEST, TIGHTEST = 1e-2, 30.0  # θ times the hours of a typical step
_TRIES, _NEAR = 8, 0.1  # the detour is met to a tenth of itself


@dataclass(frozen=True, eq=False)
class Board:
    """The cells on which journeys are solved.

    Attributes
    ----------
    times
        Side of such a cell in cells of the theatre.
    cell_km
        Side of such a cell.
    state
        The state that most of a cell's passable ground belongs to (its code), −1 none; shape
        (rows, cols).
    zones
        Codes of the states whose touching is asked for: the members and their neighbours.
    """

    times: int
    cell_km: float
    state: NDArray[np.int64]
    zones: tuple[int, ...]

    def node(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the number of the cell that holds each (row, col) of the theatre, shape (n, 2)."""
        row, col = (cells // self.times).T
        return np.asarray(row * self.state.shape[1] + col, np.int64)


@dataclass(frozen=True, eq=False)
class Routing:
    """Where journeys go for one way of moving, one season and one straying.

    Attributes
    ----------
    edges
        The network of the board; costs in hours.
    flow
        Journeys/yr along each edge.
    visits
        Journeys/yr across each cell of the board, flat.
    hours
        Expected hours per pair, shape (sources, targets), infinite without a way.
    passing
        By zone of the board: chance that a journey touches it, shape (zones, sources, targets).
    entering
        By member (its code): chance that it is first entered from each state, shape (states,
        sources, targets).
    theta
        Inverse temperature, 1/h.
    imbalance
        The largest share of journeys that goes missing at a cell.
    """

    edges: Edges
    flow: NDArray[np.float64]
    visits: NDArray[np.float64]
    hours: NDArray[np.float64]
    passing: NDArray[np.float64]
    entering: Mapping[int, NDArray[np.float64]]
    theta: float
    imbalance: float


def main_land(hours_per_km: NDArray[np.float64], wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the part of the passable ground, joined by 8 neighbours, that holds most of what counts.

    Parameters
    ----------
    hours_per_km
        Infinite where nobody passes, shape (rows, cols).
    wanted
        The cells that count: the members', whose land may be the smaller part beside a continent.

    Returns
    -------
    land
        None of it where no wanted cell is passable.
    """
    parts, count = ndimage.label(np.isfinite(hours_per_km), np.ones((3, 3)))
    sizes = np.bincount(parts[wanted], minlength=count + 1)
    sizes[0] = 0
    if not sizes.any():
        return np.zeros(hours_per_km.shape, np.bool_)
    return np.asarray(parts == int(sizes.argmax()), np.bool_)


def board(theatre: Theatre, passable: NDArray[np.bool_], most_cells: int) -> Board:
    """Choose the cells on which journeys are solved.

    Parameters
    ----------
    theatre
        The ground.
    passable
        Where journeys can go, shape (rows, cols).
    most_cells
        At most so many passable cells.

    Returns
    -------
    Board
        The finest that keeps to that.
    """
    code = np.where(passable, theatre.ground["state"].to_numpy(), -1).astype(np.int64)
    times, state = 1, code
    while (state >= 0).sum() > most_cells:
        times += 1
        state = _most(code, times, len(theatre.countries))
    members = [theatre.code(iso3) for iso3 in theatre.members]
    near = ndimage.binary_dilation(np.isin(state, members), np.ones((3, 3)), iterations=2)
    zones = {*members, *(int(c) for c in np.unique(state[near & (state >= 0)]))}
    return Board(
        times=times,
        cell_km=theatre.grid.cell_km * times,
        state=frozen(state),
        zones=tuple(sorted(zones)),
    )


def _most(code: NDArray[np.int64], times: int, states: int) -> NDArray[np.int64]:
    """Give each block of cells the code that most of it has; −1 only where all of it has that."""
    rows, cols = (-(-size // times) for size in code.shape)
    wide = np.full((rows * times, cols * times), -1, np.int64)
    wide[: code.shape[0], : code.shape[1]] = code
    blocks = wide.reshape(rows, times, cols, times)
    count = np.stack([(blocks == n).sum(axis=(1, 3)) for n in range(states)])
    return np.where(count.max(axis=0) > 0, count.argmax(axis=0), -1).astype(np.int64)


def network(
    on: Board,
    ground: Ground,
    passable: NDArray[np.bool_],
    elevation_m: NDArray[np.float64],
) -> Edges:
    """Join the passable cells of the board; costs in hours, slopes by the ground's own law."""
    open_ = np.where(passable, ground.hours_per_km, np.inf)
    law = None if ground.law is None else LAWS[ground.law]
    height = averaged(elevation_m, open_, on.times)
    field = coarsened(open_, on.times)
    return grid_edges(field, cell_km=on.cell_km, elevation=height, law=law)


def strayed(
    edges: Edges,
    sources: NDArray[np.int64],
    targets: NDArray[np.int64],
    journeys: NDArray[np.float64],
    quickest: NDArray[np.float64],
    detour: float,
) -> float:
    """Find the θ at which journeys take so much longer than the quickest way.

    Parameters
    ----------
    edges
        The network.
    sources, targets
        Nodes.
    journeys
        Weights of the pairs, shape (S, T).
    quickest
        Hours by the quickest way, shape (S, T).
    detour
        What the mean journey takes more, as a share of the quickest.

    Returns
    -------
    float
        θ in 1/h: the detour is met to a tenth of itself, or as nearly as θ may go (`LOOSEST`,
        `TIGHTEST` over the hours of a typical step).
    """
    step = float(np.median(edges.cost))
    weight = np.where(np.isfinite(quickest), journeys, 0.0)
    least = float((weight * np.where(np.isfinite(quickest), quickest, 0.0)).sum())
    low, high = LOOSEST / step, TIGHTEST / step
    theta = min(max(0.6 / (detour * step), low), high)
    if least <= 0:
        return theta
    for _ in range(_TRIES):  # the detour falls about as 1 / θ: each try lands much nearer
        hours = walk(edges, sources, targets, journeys, theta=theta).cost
        mean = float((weight * np.where(weight > 0, hours, 0.0)).sum())
        off = max(mean / least - 1.0, 1e-9) / detour
        nearer = min(max(theta * off, low), high)
        if abs(off - 1.0) <= _NEAR or nearer == theta:
            break
        theta = nearer
    return theta


def route(
    on: Board,
    edges: Edges,
    sources: NDArray[np.int64],
    targets: NDArray[np.int64],
    journeys: NDArray[np.float64],
    *,
    theta: float,
    members: tuple[int, ...],
) -> Routing:
    """Solve one way of moving, one season and one straying.

    Parameters
    ----------
    on
        The board.
    edges
        Its network.
    sources, targets
        Nodes.
    journeys
        Per year and pair, shape (S, T).
    theta
        1/h.
    members
        Codes of the states whose entering is asked for.

    Returns
    -------
    Routing
        Flows and shares.
    """
    state = on.state.ravel()
    zones = np.stack([state == code for code in on.zones])
    sides = int(state.max()) + 1
    gates = tuple(Entrances(state == code, np.maximum(state, 0), sides) for code in members)
    found = walk(edges, sources, targets, journeys, theta=theta, zones=zones, entrances=gates)
    return Routing(
        edges=edges,
        flow=found.flow,
        visits=found.visits,
        hours=found.cost,
        passing=found.passing,
        entering=dict(zip(members, found.entering, strict=True)),
        theta=theta,
        imbalance=found.imbalance,
    )
