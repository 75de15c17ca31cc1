"""The ways in: the boundary of held land, cut into parts of line, gates and flanks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from vallum.forces.sites import sector_of_edges
from vallum.kernel.arrays import sum_by
from vallum.line import trace
from vallum.works.clash import fort_neutralisation

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.line.course import Course
    from vallum.theatre import Theatre
    from vallum.works import Works, WorksSettings

__all__ = ["MOST_STOP", "Boundary", "Entries", "effect_ends", "entries", "parts", "phase_ends"]

MOST_STOP = 0.999  # nobody is stopped for certain
PSEUDO_KM = (50.0, 100.0)  # shortest and longest sector where the plan has drawn none
_NONE = 1e-9  # km: an edge that carries less of the line is no part of it
_COLUMNS = ("kind", "sector", "facing", "length_km", "stop_low", "stop", "stop_high", "p_n",
            "forts", "covered_month", "row", "col")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Boundary:
    """The boundary of held land, and what is known of the line on it.

    Attributes
    ----------
    held, flank
        Held land, and how open the land outside is, shape (rows, cols).
    course
        Of the line.
    sectors
        `Line.sectors`, or None: the line is cut at 100 km then, and the next two are not read.
    forts, programme
        Tables of `Forts` and `Programme`, or None.
    """

    held: NDArray[np.bool_]
    flank: NDArray[np.float64]
    course: Course
    sectors: gpd.GeoDataFrame | None
    forts: pd.DataFrame | None
    programme: pd.DataFrame | None


@dataclass(frozen=True, eq=False)
class Entries:
    """The ways in, and the edges that each is made of.

    Attributes
    ----------
    table
        As `World.entries` says.
    edges
        A row per edge of an entry: `entry` (row of `table`), `cell` (flat, held), `facing` (flat,
        in front), `weight` (km; 1 for a gate's).
    """

    table: pd.DataFrame
    edges: pd.DataFrame


def entries(
    theatre: Theatre, works: Works, boundary: Boundary, how: WorksSettings, entry_km: float
) -> Entries:
    """Cut the boundary into ways in.

    Parameters
    ----------
    theatre
        Its states and roads.
    works
        What the line stops where.
    boundary
        Held land and its line.
    how
        The settings that the works were priced with.
    entry_km
        Longest part, km; a single edge may be longer.

    Returns
    -------
    Entries
        Parts of the line in their order along it, then gates, then flanks.
    """
    along = _line_edges(boundary)
    line = _cut(along, ["line", "sector"], entry_km)
    gates = _gate_edges(theatre, works, boundary, along)
    flank = _cut(_flank_edges(theatre, boundary), ["line", "stretch"], entry_km)
    found = []
    edges, before = [], 0
    for kind, own in (("line", line), ("gate", gates), ("flank", flank)):
        count = int(own["entry"].max()) + 1 if len(own) else 0
        found.append(_table(theatre, own, kind, count))
        edges.append(own.assign(entry=own["entry"] + before)[["entry", "cell", "facing", "weight"]])
        before += count
    table = pd.concat(found, ignore_index=True)
    every = pd.concat(edges, ignore_index=True)
    table = _covered(table, boundary)
    table = _stopped(table, every, works, how)
    table["forts"] = _forts(table, every, works, boundary)
    return Entries(table[list(_COLUMNS)], every)


def parts(length_km: NDArray[np.float64], longest: float) -> NDArray[np.int64]:
    """Cut edges in order into parts as even as they allow, none longer than asked.

    Parameters
    ----------
    length_km
        Of each edge.
    longest
        km; an edge that is longer is a part by itself.

    Returns
    -------
    part
        Number of each edge's part, from 0, rising.

    Examples
    --------
    >>> import numpy as np
    >>> parts(np.array([20.0, 20.0, 20.0, 20.0, 20.0]), 50.0)
    array([0, 0, 1, 2, 2])
    """
    ends = np.cumsum(length_km)
    count = max(1, int(np.ceil(ends[-1] / longest - 1e-9))) if length_km.size else 1
    while True:
        middle = (ends - length_km / 2.0) / max(float(ends[-1]), 1e-300) if ends.size else ends
        number = np.minimum((middle * count).astype(np.int64), count - 1)
        _, part = np.unique(number, return_inverse=True)
        part = np.asarray(part, np.int64)
        sums = sum_by(part, length_km, int(part.max(initial=-1)) + 1)
        single = np.bincount(part, minlength=sums.size) == 1
        if ((sums <= longest * (1 + 1e-9)) | single).all():
            return part
        count += 1


def phase_ends(covered_month: NDArray[np.int64], most: int = 4) -> tuple[int, ...]:
    """Give the months at which phases end: those in which parts are covered, at most so many.

    Parameters
    ----------
    covered_month
        Of each part, 0 where not known.
    most
        Where there are more months, every so many of them are merged into the last of them.

    Returns
    -------
    months
        Rising; none where no programme is known.

    Examples
    --------
    >>> import numpy as np
    >>> phase_ends(np.array([6, 6, 9, 20, 30, 31, 0]))
    (9, 20, 30, 31)
    """
    known = np.unique(covered_month[covered_month > 0])
    count = min(most, known.size)
    last = -(-known.size * np.arange(1, count + 1) // max(count, 1)) - 1
    return tuple(int(month) for month in known[last])


def effect_ends(works: Works) -> tuple[float, float, float]:
    """Give low, mid and high of what the line stops as multiples of the mid; 1 where it is 0."""
    low, mid, high = works.effect
    return (low / mid, 1.0, high / mid) if mid > 0 else (1.0, 1.0, 1.0)


def _line_edges(boundary: Boundary) -> pd.DataFrame:
    """List the edges that carry the line, with their sector."""
    table = boundary.course.table
    if boundary.sectors is not None:
        table["sector"] = sector_of_edges(table, boundary.sectors)
    else:
        table["sector"] = _pseudo(table)
    kept = table[table["length_km"] > _NONE].reset_index(drop=True)
    return kept.assign(weight=kept["length_km"])


def _pseudo(table: pd.DataFrame) -> NDArray[np.int64]:
    """Cut each line into sectors of 50 to 100 km, numbered on."""
    out, before = np.zeros(len(table), np.int64), 0
    for _, run in table.groupby("line", sort=False):
        length = run["length_km"].to_numpy(np.float64)
        bounds = trace.sectors([("", "")] * len(run), length, PSEUDO_KM)
        for number, (first, last) in enumerate(bounds):
            out[run.index[first:last]] = before + number
        before += len(bounds)
    return out


def _flank_edges(theatre: Theatre, boundary: Boundary) -> pd.DataFrame:
    """List the edges where no line stands; their length is that of the run drawn smooth."""
    closed = ~boundary.held & (boundary.flank <= 0)
    state = theatre.ground["state"].to_numpy().ravel()
    tables = [pd.DataFrame({name: np.zeros(0, np.int64) for name in
                            ("line", "cell", "facing", "stretch")}).assign(weight=0.0)]  # fmt: skip
    for number, run in enumerate(trace.chains(boundary.held, closed)):
        turns = np.diff(state[run.facing], prepend=state[run.facing[:1]]) != 0
        tables.append(
            pd.DataFrame(
                {
                    "line": number,
                    "cell": run.cells,
                    "facing": run.facing,
                    "stretch": np.cumsum(turns),
                    "weight": _drawn_km(run, theatre.grid),
                }
            )
        )
    return pd.concat(tables, ignore_index=True).assign(sector=-1)


def _drawn_km(run: trace.Chain, grid: Grid) -> NDArray[np.float64]:
    """Share the length of the smooth run among its edges, half of each piece to both."""
    piece = np.hypot(*np.diff(trace.smooth(run, grid), axis=0).T) / 1000.0
    if run.closed:
        return np.asarray((piece + np.roll(piece, 1)) / 2.0)
    share = (piece[:-1] + piece[1:]) / 2.0
    share[0] += piece[0] / 2.0
    share[-1] += piece[-1] / 2.0
    return np.asarray(share)


def _gate_edges(
    theatre: Theatre, works: Works, boundary: Boundary, along: pd.DataFrame
) -> pd.DataFrame:
    """List the edges of the line that a road crosses, one gate a sector."""
    item = None if works.gates is None else works.gates.items.get("road")
    crossed = np.zeros(0, np.int64)
    if item is not None and item.search is not None and len(along):
        crossed = _crossed(theatre, boundary.held, along)
    own = along.iloc[crossed].assign(weight=1.0)
    _, entry = np.unique(own["sector"].to_numpy(np.int64), return_inverse=True)
    return own.assign(entry=np.asarray(entry, np.int64))


def _crossed(theatre: Theatre, held: NDArray[np.bool_], along: pd.DataFrame) -> NDArray[np.int64]:
    """Find the edges of the line that roads cross; where one cuts a corner, the held cell's."""
    grid, flat = theatre.grid, held.ravel()
    pairs = list(zip(along["cell"].tolist(), along["facing"].tolist(), strict=True))
    by_pair = {pair: n for n, pair in reversed(list(enumerate(pairs)))}
    by_cell = {cell: n for n, (cell, _) in reversed(list(enumerate(pairs)))}
    found: set[int] = set()
    roads = theatre.routes[theatre.routes["kind"] == "road"]
    for geometry in roads.geometry:
        steps = np.arange(0.0, geometry.length, grid.cell_m / 8.0)
        points = shapely.line_interpolate_point(geometry, steps)
        row, col, inside = grid.locate(shapely.get_x(points), shapely.get_y(points))
        cell = np.where(inside, row * grid.cols + col, 0)
        over = inside[1:] & inside[:-1] & (flat[cell[1:]] != flat[cell[:-1]])
        for one, other in zip(cell[:-1][over].tolist(), cell[1:][over].tolist(), strict=True):
            pair = (one, other) if flat[one] else (other, one)
            at = by_pair.get(pair)
            if at is None and abs(pair[0] - pair[1]) not in {1, grid.cols}:
                at = by_cell.get(pair[0])
            if at is not None:
                found.add(at)
    return np.array(sorted(found), np.int64)


def _cut(edges: pd.DataFrame, by: list[str], longest: float) -> pd.DataFrame:
    """Give the entries that edges belong to: runs of one line and sector, cut in parts."""
    entry, before = np.zeros(len(edges), np.int64), 0
    for _, run in edges.groupby(by, sort=False):
        part = parts(run["weight"].to_numpy(np.float64), longest)
        entry[run.index] = before + part
        before += int(part.max()) + 1
    return edges.assign(entry=entry)


def _table(theatre: Theatre, edges: pd.DataFrame, kind: str, count: int) -> pd.DataFrame:
    """Say of each entry where it lies, what it faces and how long it is."""
    state = theatre.ground["state"].to_numpy().ravel()
    names = [*(str(iso3) for iso3 in theatre.countries.index), "sea"]  # −1, the sea, is the last
    rows = []
    for _, own in edges.groupby("entry", sort=True):
        weight = own["weight"].to_numpy(np.float64)
        by_state = sum_by(state[own["facing"]] + 1, weight, len(names))
        ends = np.cumsum(weight)
        middle = int(own["cell"].iloc[int(np.searchsorted(ends, ends[-1] / 2.0))])
        length = 1.0 if kind == "gate" else float(weight.sum())
        place = divmod(middle, theatre.grid.cols)
        rows.append((kind, int(own["sector"].iloc[0]), names[int(by_state.argmax()) - 1],
                     length, *place))  # fmt: skip
    if len(rows) != count:
        raise AssertionError("entries are numbered without gaps")
    frame = pd.DataFrame(rows, columns=["kind", "sector", "facing", "length_km", "row", "col"])
    types = {"kind": object, "sector": np.int64, "facing": object, "length_km": np.float64,
             "row": np.int64, "col": np.int64}  # fmt: skip
    return frame.astype(types)


def _covered(table: pd.DataFrame, boundary: Boundary) -> pd.DataFrame:
    """Add the month from which each entry is covered."""
    known = pd.Series(dtype=np.float64)
    if boundary.sectors is not None and boundary.programme is not None and len(boundary.programme):
        known = boundary.programme.groupby("sector")["covered_month"].max()
    month = table["sector"].map(known).fillna(0).to_numpy(np.float64)
    return table.assign(covered_month=month.astype(np.int64))


def _stopped(
    table: pd.DataFrame, edges: pd.DataFrame, works: Works, how: WorksSettings
) -> pd.DataFrame:
    """Add what each entry stops: the works' where the line stands, a search at gates, else 0."""
    count, cell = len(table), edges["cell"].to_numpy(np.int64)
    kind = table["kind"].to_numpy(object)
    stop = _mean(edges, works.effectiveness.ravel()[cell], count)
    ends = effect_ends(works)
    search = None if works.gates is None else works.gates.items.get("road")
    found = None if search is None else search.search
    at_gate = (0.0, 0.0, 0.0) if found is None else (found.low, found.mode, found.high)
    by_line = tuple(stop * end for end in ends)
    for name, own, gate in zip(("stop_low", "stop", "stop_high"), by_line, at_gate, strict=True):
        share = np.where(kind == "line", own, np.where(kind == "gate", gate, 0.0))
        table[name] = np.clip(share, 0.0, MOST_STOP)
    items = works.catalogue.items
    wins = {
        name: fort_neutralisation(items[name], works.threat, how)
        for name in {choice.fort for choice in works.choices}
    }
    p_n = np.array([*(wins[choice.fort] for choice in works.choices), 0.0])  # −1: nothing stands
    mean = _mean(edges, p_n[works.priced_as.ravel()[cell]], count)
    table["p_n"] = np.where(kind == "flank", 0.0, mean)
    return table


def _mean(edges: pd.DataFrame, value: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Mean by entry, by the length of its edges."""
    label, weight = edges["entry"].to_numpy(np.int64), edges["weight"].to_numpy(np.float64)
    return sum_by(label, weight * value, count) / sum_by(label, weight, count)


def _forts(
    table: pd.DataFrame, edges: pd.DataFrame, works: Works, boundary: Boundary
) -> NDArray[np.float64]:
    """Spread each sector's forts over its parts by length; by the works' spacing if not placed."""
    on_line = (table["kind"] == "line").to_numpy(bool)
    if boundary.sectors is None or boundary.forts is None:
        spacing = np.array([*(choice.fort_km for choice in works.choices), np.inf])
        row = works.priced_as.ravel()[edges["cell"].to_numpy(np.int64)]
        number = edges["weight"].to_numpy(np.float64) / spacing[row]
        return np.where(on_line, sum_by(edges["entry"], number, len(table)), 0.0)
    sector = table["sector"].to_numpy(np.int64)
    most = int(max(sector.max(initial=-1), boundary.forts["sector"].max(), 0)) + 1
    stand = np.bincount(boundary.forts["sector"].to_numpy(np.int64), minlength=most)
    length = np.where(on_line, table["length_km"].to_numpy(np.float64), 0.0)
    own = np.where(on_line, sector, 0)
    whole = sum_by(own, length, most)[own]
    return np.where(on_line, stand[own] * length / np.where(whole > 0, whole, 1.0), 0.0)
