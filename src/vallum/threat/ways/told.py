"""What is told of the ways: tables of shares by state, corridors, journeys on the grid."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from vallum.kernel.arrays import sum_by
from vallum.kernel.paths.edges import scattered
from vallum.threat.ways import corridors
from vallum.threat.ways.model import MAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from vallum.kernel.paths.edges import Edges
    from vallum.theatre import Theatre
    from vallum.threat.ways.journeys import Shares
    from vallum.threat.ways.laid import Laid
    from vallum.threat.ways.model import Case, Triple
    from vallum.threat.ways.routing import Routing
    from vallum.threat.ways.settings import PassageSettings

__all__ = ["by_zone", "corridors_of", "entering", "on_grid", "placed"]


def by_zone(
    theatre: Theatre,
    laid: Laid,
    each: list[NDArray[np.float64]],
    mid: NDArray[np.float64],
    triple: Callable[[NDArray[np.float64], float], Triple],
) -> pd.DataFrame:
    """Put shares by zone into a table, the largest first; zones that nobody asks are left out."""
    draws = np.stack(each)
    rows = []
    for n, code in enumerate(laid.on.zones):
        if np.isfinite(mid[n]):
            low, value, high = triple(draws[:, n], float(mid[n]))
            rows.append((str(theatre.countries.index[code]), low, value, high))
    table = pd.DataFrame(rows, columns=["iso3", "low", "mid", "high"])
    return table.sort_values(["mid", "iso3"], ascending=[False, True], ignore_index=True)


def entering(
    theatre: Theatre,
    each: list[Shares],
    mid: Shares,
    triple: Callable[[NDArray[np.float64], float], Triple],
) -> pd.DataFrame:
    """Put first entrances into a table by member and neighbour."""
    rows = []
    for code, at_mid in mid.entering.items():
        draws = np.stack([one.entering[code] for one in each])
        for side in np.flatnonzero(np.nan_to_num(at_mid) > 0):
            low, value, high = triple(draws[:, side], float(at_mid[side]))
            names = (str(theatre.countries.index[int(n)]) for n in (code, side))
            rows.append((*names, low, value, high))
    table = pd.DataFrame(rows, columns=["member", "neighbour", "low", "mid", "high"])
    order = ["member", "mid", "neighbour"]
    return table.sort_values(order, ascending=[True, False, True], ignore_index=True)


def on_grid(laid: Laid, visits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share the board's journeys among the theatre's passable cells: each takes about `times`."""
    return scattered(visits.reshape(laid.on.state.shape), laid.passable, laid.on.times)


def corridors_of(
    laid: Laid,
    solved: Mapping[Case, Routing],
    parts: Mapping[Case, float],
    journeys: NDArray[np.float64],
    settings: PassageSettings,
) -> gpd.GeoDataFrame:
    """Take the strongest corridors out of the mid's journeys, with ranges over the cases.

    Parameters
    ----------
    laid
        The board.
    solved
        Every case, each with all journeys.
    parts
        Share of each case in the journeys at the mid.
    journeys
        Per year and pair: shares are of all of them, also those within one block.
    settings
        Side of blocks, and how many corridors.
    """
    side = max(1, round(settings.block_km / laid.on.cell_km))
    shape = laid.on.state.shape

    def given(flow: NDArray[np.float64], edges: Edges) -> corridors.Streams:
        return corridors.streams(edges.tail, edges.head, flow, shape, side)

    some = next(iter(solved.values())).edges
    flow = sum(  # all cases have the same edges: a slope costs time, and closes none
        (part * solved[case].flow for case, part in parts.items()), start=np.zeros(len(some.tail))
    )
    total = float(journeys.sum())
    others = [given(case.flow, case.edges) for case in solved.values()]
    centres = _centres(laid, side)
    rows, lines = [], []
    for chain in corridors.chains(given(flow, some), settings.corridors):
        spread = [corridors.strength(chain, other) / total for other in others]
        share = chain.journeys / total
        rows.append(
            {
                "low": min(*spread, share),
                "mid": share,
                "high": max(*spread, share),
                **_told(laid, chain, solved, journeys, side),
            }
        )
        lines.append(corridors.line(chain, centres))
    columns = ["begins", "ends", "via", "low", "mid", "high", "hours_low", "hours", "hours_high"]
    table = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=columns), geometry=lines, crs=laid.theatre.grid.crs
    )
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    table["length_km"] = table.length / 1000.0
    return table


def _told(
    laid: Laid,
    chain: corridors.Chain,
    solved: Mapping[Case, Routing],
    journeys: NDArray[np.float64],
    side: int,
) -> dict[str, object]:
    """Name a corridor's ends and states, and give the hours between them by motorcycle."""
    cols = laid.on.state.shape[1]
    wide = -(-cols // side)

    def at(nodes: NDArray[np.int64], block: int) -> NDArray[np.int64]:
        """Find the ends that lie in a block."""
        return np.flatnonzero((nodes // cols // side) * wide + nodes % cols // side == block)

    start, end = at(laid.start, chain.blocks[0]), at(laid.end, chain.blocks[-1])
    first = start[np.argmax(journeys[start].sum(axis=1))]  # who sends and who draws most
    last = end[np.argmax(journeys[:, end].sum(axis=0))]
    hours = sorted(float(case.hours[first, last]) for key, case in solved.items() if key[0] == MAIN)
    usual = float(solved[MAIN, laid.season, "mid"].hours[first, last])
    state = laid.on.state
    via: list[str] = []
    for block in chain.blocks:
        row, col = (part * side for part in divmod(block, wide))
        inside = state[row : row + side, col : col + side]
        inside = inside[inside >= 0]
        name = str(laid.theatre.countries.index[int(np.bincount(inside).argmax())])
        if not via or via[-1] != name:
            via.append(name)
    return {
        "begins": str(laid.both.sources["name"].iloc[first]),
        "ends": str(laid.both.targets["name"].iloc[last]),
        "via": " → ".join(via),
        "hours_low": hours[0],
        "hours": usual,
        "hours_high": hours[-1],
    }


def _centres(laid: Laid, side: int) -> NDArray[np.float64]:
    """Give the middle of each block's passable ground, (x, y) in metres."""
    grid, side = laid.theatre.grid, side * laid.on.times
    wide = math.ceil(grid.cols / side)
    block = (np.arange(grid.rows) // side)[:, None] * wide + np.arange(grid.cols) // side
    count = int(block.max()) + 1
    cells = np.bincount(block[laid.passable], minlength=count)
    x, y = np.meshgrid(grid.x, grid.y)
    sums = [sum_by(block[laid.passable], part[laid.passable], count) for part in (x, y)]
    return np.stack(sums, axis=1) / np.maximum(cells, 1)[:, None]


def placed(theatre: Theatre, table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give rows the centres of their cells."""
    x, y = theatre.grid.x[table["col"]], theatre.grid.y[table["row"]]
    shown = table.drop(columns=["region_row", "share"], errors="ignore")
    return gpd.GeoDataFrame(shown, geometry=gpd.points_from_xy(x, y), crs=theatre.grid.crs)
