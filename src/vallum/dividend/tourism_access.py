"""Ways from airports to sites: hours, the share on held land, attacks near the worst stretch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import ndimage

from vallum.kernel.arrays import frozen
from vallum.kernel.paths import travel_time
from vallum.threat.movement import MovementSettings, hours_per_km

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.dividend.model import Land
    from vallum.theatre import Theatre
    from vallum.threat.model import Threat

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["NEAR_KM", "STRETCH_KM", "Access", "access"]

NEAR_KM = 25.0  # attacks within this of the way count as near it
STRETCH_KM = 100.0  # a way is as safe as its worst stretch of this length
KINDS = ("heritage", "park")
STEPS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


@dataclass(frozen=True, eq=False)
class Access:
    """How each site of the members is reached.

    Attributes
    ----------
    sites
        A row per heritage site or park: `site`, `name`, `state`, `lon`, `lat`, `airport` (empty
        where no way leads there), `hours`, `way_km`, `held_share` (of the way's length).
    held, outside, neighbours
        Attacks a year per 100 km of way within `NEAR_KM` of it, today, by where they fall: on held
        land, on members' other land, on neighbours'. A column per stretch of `STRETCH_KM`; 0 where
        a way has fewer. Shape (sites, stretches) each.
    """

    sites: pd.DataFrame
    held: Floats
    outside: Floats
    neighbours: Floats


@dataclass(frozen=True, eq=False)
class _Way:
    """One way: its cells from site to airport, and the length that lies in each."""

    cells: Ints
    km: Floats


def access(theatre: Theatre, threat: Threat, land: Land) -> Access:
    """Find the quickest way by car to each site from an airport of its own state.

    Parameters
    ----------
    theatre
        Sites, roads, ground. A state without an airport among its sites is entered at its largest
        settlement.
    threat
        Attacks expected a year in each cell.
    land
        What is held. It never changes the way, so that ways before and after are the same.

    Returns
    -------
    Access
        Ways stay on members' land.
    """
    field = _field(theatre)
    member = theatre.member_mask
    parts = [
        _near(np.where(where, threat.cells, 0.0), theatre.grid.cell_km)
        for where in (land.held & member, member & ~land.held, ~member)
    ]
    rows, lots = [], []
    for iso3 in theatre.members:
        made = _of_state(theatre, iso3, field, land.held)
        rows += [row for row, _ in made]
        lots += [_stretches(way, parts) for _, way in made]
    wide = max((lot.shape[1] for lot in lots), default=0)
    padded = np.zeros((3, len(lots), wide))
    for index, lot in enumerate(lots):
        padded[:, index, : lot.shape[1]] = lot
    names = ["site", "name", "state", "lon", "lat", "airport", "hours", "way_km", "held_share"]
    held, outside, neighbours = (frozen(part) for part in padded)
    return Access(pd.DataFrame(rows, columns=names), held, outside, neighbours)


def _field(theatre: Theatre) -> Floats:
    """Hours per km by car in the dry season, when visitors come; inf off members' land."""
    hours = hours_per_km(theatre, "four_by_four", settings=MovementSettings(), season="dry")
    return np.asarray(np.where(theatre.member_mask, hours.hours_per_km, np.inf))


def _near(cells: Floats, cell_km: float) -> Floats:
    """Attacks/yr per 100 km of way through each cell: the mean density near it times the breadth.

    The mean over a disc makes the answer the same on coarse and on fine grids; beyond the grid
    nothing is known, and what is near the edge is the mean of what is known.
    """
    reach = int(NEAR_KM // cell_km)
    offset = np.arange(-reach, reach + 1)
    disc = (np.hypot(*np.meshgrid(offset, offset)) * cell_km <= NEAR_KM).astype(np.float64)
    total = ndimage.convolve(cells, disc, mode="constant")
    known = ndimage.convolve(np.ones_like(cells), disc, mode="constant")
    density = np.maximum(total, 0.0) / (known * cell_km**2)
    return np.asarray(density * 2.0 * NEAR_KM * 100.0, np.float64)


def _doors(theatre: Theatre, iso3: str) -> pd.DataFrame:
    """List where visitors enter a state: its airports, else its largest settlement."""
    sites = theatre.sites
    found = sites[(sites["kind"] == "airport") & (sites["state"] == iso3) & (sites["row"] >= 0)]
    if len(found):
        return pd.DataFrame(found[["id", "row", "col"]]).rename(columns={"id": "door"})
    places = theatre.settlements
    own = places[(places["iso3"] == iso3) & (places["row"] >= 0)]
    largest = own.sort_values(["people", "name"], ascending=[False, True]).head(1)
    return pd.DataFrame(largest[["name", "row", "col"]]).rename(columns={"name": "door"})


def _of_state(
    theatre: Theatre, iso3: str, field: Floats, held: NDArray[np.bool_]
) -> list[tuple[tuple[object, ...], _Way | None]]:
    """Find the ways of one state: a row of the table and the way itself, site by site."""
    doors = _doors(theatre, iso3)
    sites = theatre.sites
    own = sites[sites["kind"].isin(KINDS) & (sites["state"] == iso3)]
    cells = np.column_stack([doors["row"], doors["col"]]).astype(np.int64)
    ground = _opened(field, cells, own)
    if len(cells):
        hours = travel_time(ground, cells, cell_km=theatre.grid.cell_km)
    else:
        hours = np.full(field.shape, np.inf)
    names = dict(zip(map(tuple, cells[::-1].tolist()), doors["door"][::-1], strict=True))
    out: list[tuple[tuple[object, ...], _Way | None]] = []
    for _, site in own.iterrows():
        said = (site["id"], site["name"], iso3, float(site["lon"]), float(site["lat"]))
        place = (int(site["row"]), int(site["col"]))
        if place[0] < 0 or not np.isfinite(hours[place]):
            out.append(((*said, "", np.nan, np.nan, np.nan), None))
            continue
        way = _traced(hours, ground, place, theatre.grid.cell_km)
        last = divmod(int(way.cells[-1]), field.shape[1])
        on = held.ravel()[way.cells]
        share = float((way.km * on).sum() / way.km.sum())
        row = (*said, str(names[last]), float(hours[place]), float(way.km.sum()), share)
        out.append((row, way))
    return out


def _opened(field: Floats, doors: Ints, sites: pd.DataFrame) -> Floats:
    """Let cars into the cells of doors and sites, at the slowest speed there is anywhere.

    A cell of kilometres may be open water for the most part, with a town at its edge.
    """
    passable = np.isfinite(field)
    out = field.copy()
    if not passable.any():
        return out
    slowest = field[passable].max()
    inside = sites[sites["row"] >= 0]
    ends = [*map(tuple, doors), *zip(inside["row"], inside["col"], strict=True)]
    for row, col in ends:
        out[row, col] = min(out[row, col], slowest)
    return out


def _traced(hours: Floats, ground: Floats, start: tuple[int, int], cell_km: float) -> _Way:
    """Walk from a site down the hours to the door they are counted from.

    Each step goes to the neighbour by which the solver came; half of it lies in either cell. A
    site in the cell of its door has a way of half a cell.
    """
    cells, steps = [start], []
    while hours[cells[-1]] > 0.0:
        row, col = cells[-1]
        best: tuple[float, int, int, float] | None = None
        for down, right in STEPS:
            near = (row + down, col + right)
            if not (0 <= near[0] < hours.shape[0] and 0 <= near[1] < hours.shape[1]):
                continue
            if not hours[near] < hours[row, col]:
                continue
            km = cell_km * float(np.hypot(down, right))
            due = float(hours[near] + km * (ground[row, col] + ground[near]) / 2.0)
            if best is None or due < best[0]:
                best = (due, *near, km)
        if best is None:  # cells that take no time to cross
            break
        cells.append((best[1], best[2]))
        steps.append(best[3])
    if not steps:
        return _Way(np.array([start[0] * hours.shape[1] + start[1]]), np.array([cell_km / 2.0]))
    half = np.array(steps) / 2.0
    flat = np.array([row * hours.shape[1] + col for row, col in cells], np.int64)
    return _Way(flat, np.append(half, 0.0) + np.insert(half, 0, 0.0))


def _stretches(way: _Way | None, parts: list[Floats]) -> Floats:
    """Mean of each part over every stretch of the way, shape (parts, stretches).

    Stretches begin at each cell and are of `STRETCH_KM` or a little more; a shorter way is one.
    """
    if way is None:
        return np.zeros((len(parts), 0))
    ends = np.cumsum(way.km)
    begins = ends - way.km
    weighed = np.array([part.ravel()[way.cells] * way.km for part in parts])
    sums = np.concatenate([np.zeros((len(parts), 1)), np.cumsum(weighed, axis=1)], axis=1)
    first = np.flatnonzero(begins + STRETCH_KM <= ends[-1] + 1e-9)
    first = first if first.size else np.array([0])
    last = np.searchsorted(ends, begins[first] + STRETCH_KM - 1e-9)
    last = np.minimum(last, len(ends) - 1)
    length = ends[last] - begins[first]
    return np.asarray(np.maximum((sums[:, last + 1] - sums[:, first]) / length, 0.0))
