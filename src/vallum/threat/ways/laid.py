"""Both ends of journeys and the networks between them, laid on one board."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from vallum.kernel.arrays import frozen
from vallum.threat.movement.hours import MODES, hours_per_km
from vallum.threat.movement.table import SEASONS, load_movement
from vallum.threat.ways import routing
from vallum.threat.ways.ends import ends, rows_on_grid
from vallum.threat.ways.journeys import States, Weights
from vallum.threat.ways.model import MAIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.paths.edges import Edges
    from vallum.theatre import Theatre
    from vallum.threat.movement.hours import Ground
    from vallum.threat.movement.settings import MovementSettings, Season
    from vallum.threat.ways.ends import Ends
    from vallum.threat.ways.model import Likely
    from vallum.threat.ways.routing import Board
    from vallum.threat.ways.settings import PassageSettings
    from vallum.worth import Worth

__all__ = ["Laid", "lay", "origins"]


@dataclass(frozen=True, eq=False)
class Laid:
    """The ground with both ends of journeys on it.

    Attributes
    ----------
    theatre, on, passable
        The ground, the board, and where journeys can go: shape (rows, cols) of the theatre.
    networks
        By way of moving and season; costs in hours.
    both
        Sanctuaries and targets.
    start, end
        Their nodes on the board.
    states, weights
        Where they lie, and what they weigh.
    season
        The one in which the hours between them are counted.
    wet
        Share of the year that the rains last.
    """

    theatre: Theatre
    on: Board
    passable: NDArray[np.bool_]
    networks: dict[tuple[str, Season], Edges]
    both: Ends
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    states: States
    weights: Weights
    season: Season
    wet: float


def lay(
    theatre: Theatre,
    worth: Worth,
    likely: Likely,
    movement: MovementSettings,
    settings: PassageSettings,
    *,
    full: bool,
) -> Laid | None:
    """Lay both ends of journeys and the networks on one board.

    Parameters
    ----------
    theatre, worth, likely
        The ground, what is vital, and the events expected.
    movement, settings
        Assumptions.
    full
        Whether the board is the finer one.

    Returns
    -------
    Laid
        None where there is no sanctuary, or no target.

    Raises
    ------
    InputError
        As `vallum.threat.ways.find` does.
    """
    fields = _fields(theatre, movement)
    open_ = np.logical_and.reduce([np.isfinite(field.hours_per_km) for field in fields.values()])
    passable = routing.main_land(np.where(open_, 1.0, np.inf), theatre.member_mask)
    both = ends(theatre, worth, likely.cells, likely.regions, likely.own, passable, settings)
    if both.sources.empty or both.targets.empty:
        return None
    most = settings.most_cells_full if full else settings.most_cells
    on = routing.board(theatre, passable, most)
    height = theatre.ground["elevation_m"].to_numpy().astype(np.float64)
    networks = {key: routing.network(on, field, passable, height) for key, field in fields.items()}
    start, end = (on.node(part[["row", "col"]].to_numpy()) for part in (both.sources, both.targets))
    main = networks[MAIN, movement.season]
    graph = sparse.csr_matrix((main.cost, (main.tail, main.head)), (main.nodes, main.nodes))
    hours = csgraph.dijkstra(graph, indices=start)[:, end]
    events = origins(both, likely.regions["events_yr"].to_numpy(), settings.unseen)
    code = theatre.ground["state"].to_numpy()
    spots = (both.sources, both.targets)
    source, target = (code[part["row"], part["col"]].astype(np.int64) for part in spots)
    lying = on.state.ravel()[end]
    return Laid(
        theatre=theatre,
        on=on,
        passable=passable,
        networks=networks,
        both=both,
        start=start,
        end=end,
        states=States(
            zones=on.zones,
            # one that lies on a cell of the board that is mostly another state's: of neither
            asked=np.stack([(target != code) & (lying != code) for code in on.zones]),
            members=tuple(theatre.code(iso3) for iso3 in theatre.members),
            source=source,
            target=target,
            claimed=likely.claimed[both.targets["region_row"].to_numpy()],
            own_row=rows_on_grid(theatre, likely.own)[both.sources["row"], both.sources["col"]],
            target_row=both.targets["region_row"].to_numpy(),
        ),
        weights=Weights(
            events=events,
            output=both.targets["output_share"].to_numpy(float),
            people=both.targets["people_share"].to_numpy(float),
            hours=hours,
        ),
        season=movement.season,
        wet=len(load_movement(movement.table).months) / 12.0,
    )


def _fields(theatre: Theatre, movement: MovementSettings) -> dict[tuple[str, Season], Ground]:
    """Give the hours by way of moving and season; nobody is slower than on foot.

    Where a vehicle can't go or crawls, riders push it or leave it.
    """
    out = {}
    for season in SEASONS:
        walking = hours_per_km(theatre, "foot", settings=movement, season=season)
        for mode in MODES:
            ground = (
                walking
                if mode == "foot"
                else hours_per_km(theatre, mode, settings=movement, season=season)
            )
            hours = np.minimum(ground.hours_per_km, walking.hours_per_km)
            out[mode, season] = replace(ground, hours_per_km=frozen(hours))
    return out


def origins(both: Ends, rates: NDArray[np.float64], unseen: float) -> NDArray[np.float64]:
    """Weigh the sanctuaries: by events of their region, and by ground for what is not seen."""
    kind, rows = both.sources["kind"], both.sources["region_row"].to_numpy()
    share = both.sources["share"].to_numpy(float)
    seen = np.where(kind == "events", share * rates[np.maximum(rows, 0)], 0.0)
    seen = np.where(kind == "given", share, seen)
    hidden = np.where(kind == "ground", share, 0.0)
    return seen + hidden * float(seen.sum()) * unseen / (1.0 - unseen)
