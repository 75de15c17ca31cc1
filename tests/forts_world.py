"""A small world for tests of forts, and travel times worked out another way."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import xarray as xr
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from vallum.forces.response import assumed
from vallum.forces.sites import cut
from vallum.kernel.grid import Grid
from vallum.line import Course, trace
from vallum.works import Works, WorksSettings, plain_ground, price

SIDE, CELL_KM = 16, 10.0
ROAD_H, PLAIN_H = 1 / 50.0, 1 / 30.0
HOW = WorksSettings(
    where_short="use",
    fort_spacings_km=(10, 20),
    sensor_spacings_km=(10,),
    max_barriers=1,
    include=(
        "fort_platoon", "fort_company", "reaction_base", "track", "berm_high", "tower_radar",
        "beam_chain",
    ),
)  # fmt: skip
KNIGHTS = [(a, b) for a in (-2, -1, 1, 2) for b in (-2, -1, 1, 2) if abs(a) != abs(b)]
KING = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0)]


@cache
def _priced(surface: tuple[int, ...]) -> Works:
    """Price the works once for all worlds."""
    return price(plain_ground(np.array([surface] * SIDE)), settings=HOW, states=["MLI", "MRT"])


def world(held: np.ndarray, *, fenced: np.ndarray | None = None) -> SimpleNamespace:
    """Lay out land of sand and soil, a road, a river, two towns, and the line round what is held.

    Parameters
    ----------
    held
        Shape (SIDE, SIDE).
    fenced
        Where a line is needed towards land that isn't held; everywhere if not given.
    """
    grid = Grid("EPSG:6933", 0.0, SIDE * CELL_KM * 1000, CELL_KM, SIDE, SIDE)
    surface = np.where(np.arange(SIDE) < SIDE // 2, 3, 1) * np.ones((SIDE, 1), int)
    state = (np.arange(SIDE)[:, None] >= SIDE // 2) * np.ones((1, SIDE), int)
    road = np.zeros((SIDE, SIDE), int)
    road[SIDE // 2] = 2
    river = np.zeros((SIDE, SIDE), bool)
    river[:, 3] = True
    works = _priced(tuple(surface[0].tolist()))
    runs = trace.chains(held, np.ones_like(held) if fenced is None else fenced)
    each = [np.full(run.cells.size, CELL_KM) for run in runs]
    shares = tuple(trace.Rim(length_km=km, cost_usd_yr=km * 1e5) for km in each)
    labels = pd.DataFrame(
        {
            "state": np.array(["MRT", "MLI"])[state.ravel()],
            "composition": works.compositions["composition"].to_numpy()[works.priced_as.ravel()],
            "surface": surface.ravel().astype(str),
        }
    )
    line, sectors = trace.lines(runs, list(shares), labels, grid, sector_km=(20.0, 60.0))
    ground = xr.Dataset(
        {
            name: (("y", "x"), layer)
            for name, layer in (("state", state), ("road", road), ("river", river))
        }
    )
    towns = pd.DataFrame(
        {"iso3": ["MRT", "MLI"], "row": [2, SIDE // 2], "col": [6, SIDE - 2],
         "people": [8_000.0, 30_000.0]}
    )  # fmt: skip
    hours = np.where(road > 0, ROAD_H, PLAIN_H)
    return SimpleNamespace(
        theatre=SimpleNamespace(
            grid=grid,
            ground=ground,
            settlements=towns,
            countries=pd.DataFrame({"role": ["member", "member"]}, index=["MRT", "MLI"]),
        ),
        threat=SimpleNamespace(
            crossing=SimpleNamespace(cell_hours={"four_by_four": hours * CELL_KM})
        ),
        works=works,
        line=SimpleNamespace(
            course=Course(runs, shares, trace.Rim(np.zeros(0), np.zeros(0))),
            sectors=sectors,
            line=line,
            held=held,
        ),
    )


def block(rows: slice, cols: slice) -> np.ndarray:
    """Hold a rectangle."""
    held = np.zeros((SIDE, SIDE), bool)
    held[rows, cols] = True
    return held


def hours_by_graph(nodes, pieces, table, grid, hours_per_km, pace):
    """Hours from forts to the nodes of the line, by Dijkstra over one network of all ways.

    Nodes of the line and middles of cells are one network: steps between cells as on the ground,
    pieces of line ridden along, and a way from each node to the middle of its cell. So it knows
    ways that the program does not look for, and none of its times may be shorter.

    Returns
    -------
    hours
        Shape (forts, nodes).
    """
    rows, cols = hours_per_km.shape
    count = len(nodes)
    index = np.arange(rows * cols).reshape(rows, cols)
    joins = []
    for dy, dx in KING + KNIGHTS:
        y, x = (a.ravel() for a in np.indices((rows, cols)))
        inside = (y + dy >= 0) & (y + dy < rows) & (x + dx >= 0) & (x + dx < cols)
        y, x = y[inside], x[inside]
        over = [(0, 0), (dy, dx)]
        if (dy, dx) in KNIGHTS:
            over += [(int(dy / 2), int(dx / 2)), (int(np.sign(dy)), int(np.sign(dx)))]
        mean = np.mean([hours_per_km[y + a, x + b] for a, b in over], axis=0)
        step = np.hypot(dy, dx) * grid.cell_km * mean
        joins.append((count + index[y, x], count + index[y + dy, x + dx], step))
    ride = pieces["length_km"].to_numpy() * pace[pieces["row"].to_numpy()]
    joins.append((pieces["first"].to_numpy(), pieces["last"].to_numpy(), ride))
    row, col = np.divmod(nodes["cell"].to_numpy(), cols)
    away = np.hypot(nodes["x"].to_numpy() - grid.x[col], nodes["y"].to_numpy() - grid.y[row])
    access = away / 1000 * pace[nodes["row"].to_numpy()]
    joins.append((np.arange(count), count + nodes["cell"].to_numpy(), access))
    begin, end, length = (np.concatenate(part) for part in zip(*joins, strict=True))
    kept = np.isfinite(length)
    size = count + rows * cols
    # two ways between the same two ends (a closed line of two pieces): the shorter
    graph = pd.DataFrame({"a": begin[kept], "b": end[kept], "h": length[kept]})
    graph = graph.groupby(["a", "b"], as_index=False)["h"].min()
    network = sparse.csr_array((graph["h"], (graph["a"], graph["b"])), shape=(size, size))
    where = nodes.assign(node=np.arange(count)).set_index(["line", "km"])["node"]
    starts = [
        count + f.row * cols + f.col if f.behind else where[(f.line, f.km)]
        for f in table.itertuples()
    ]
    return dijkstra(network, directed=False, indices=starts)[:, :count]


def recomputed(forts, laid, hours_per_km, how, settings):
    """Give the response of every fort to every piece, and its ride and muster alone.

    Parameters
    ----------
    forts
        What was placed.
    laid
        `theatre`, `works` and `line`.
    hours_per_km
        Of the ground, before the track is counted.
    how, settings
        Of the works and the forts.

    Returns
    -------
    response_s, reaction_h
        Shape (forts, pieces).
    """
    grid = laid.theatre.grid
    pieces = cut(
        laid.line,
        laid.works,
        grid,
        piece_km=settings.piece_km,
        most_pieces=settings.most_pieces,
    )
    table = pieces.table
    row, cell = table["row"].to_numpy(), table["cell"].to_numpy()
    by_row = assumed(laid.works, how, row)
    pace = by_row["pace_h_km"].reindex(range(len(laid.works.choices))).to_numpy()
    track = by_row["track"].loc[row].to_numpy(bool)
    hours = hours_per_km.copy()
    np.minimum.at(hours.ravel(), cell[track], pace[row[track]])
    ways = hours_by_graph(pieces.nodes, table, forts.table, grid, hours, pace)
    ends = np.minimum(ways[:, table["first"].to_numpy()], ways[:, table["last"].to_numpy()])
    items = laid.works.catalogue.items
    muster = np.array([items[name].muster_s.mean for name in forts.table["fort_class"]])
    reaction = ends + table["length_km"].to_numpy() * pace[row] + muster[:, None] / 3600
    return 3600 * reaction + by_row["follow_s"].loc[row].to_numpy(), reaction


def hold_in_time(forts, laid, hours_per_km, how, settings):
    """Assert that every kilometre is reached in time, by ways that the program did not find."""
    response, reaction = recomputed(forts, laid, hours_per_km, how, settings)
    table = forts.pieces
    every = np.arange(len(table))
    assert (response.min(axis=0) <= table["response_s_assumed"] + 1e-6).all()
    assert (table["response_s"] <= table["response_s_assumed"] + 1e-6).all()
    # no time of the program is shorter than the quickest way there is
    assert (table["response_s"] >= response[table["fort"].to_numpy(), every] - 1e-6).all()
    base = forts.table["base"].to_numpy()
    if settings.reaction_h is not None and "no base" not in forts.status:
        assert (reaction[base].min(axis=0) <= settings.reaction_h + 1e-9).all()
        assert (table["reaction_h"] <= settings.reaction_h + 1e-9).all()
