"""Where armed groups' journeys begin and end: sanctuaries, and the vital land that they aim at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyproj import Transformer
from scipy import ndimage

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import sum_by
from vallum.threat.blocks import gather, side_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.blocks import Blocks
    from vallum.threat.ways.settings import PassageSettings, Sanctuary
    from vallum.worth import Worth

__all__ = ["Ends", "ends", "vital_regions"]


@dataclass(frozen=True, eq=False)
class Ends:
    """Both ends of journeys.

    Attributes
    ----------
    sources
        One row per sanctuary: kind ("events", "ground" or "given"), name, iso3, region, region_row
        (of the estimate's table), share (of that region's events, of the empty ground, or the
        user's weight), row, col.
    targets
        One row per target, all in the members: name, iso3, region, region_row (of the members'
        table), output_share, people_share (of the members'), row, col.
    sources_kept, targets_kept
        Share of events, and of the members' output, of the regions in which a block is told apart;
        what the region's other blocks hold is given to it.
    """

    sources: pd.DataFrame
    targets: pd.DataFrame
    sources_kept: float
    targets_kept: float


def vital_regions(
    output_usd_yr: NDArray[np.float64], km2: NDArray[np.float64], share: float
) -> NDArray[np.bool_]:
    """Mark the regions that are vital land: the densest in output that make up a share of it.

    Parameters
    ----------
    output_usd_yr, km2
        By region.
    share
        Of all output, in (0, 1].

    Returns
    -------
    vital
        By region; none only where there is no output at all.

    Examples
    --------
    >>> vital_regions(np.array([1.0, 6.0, 3.0]), np.array([9.0, 1.0, 1.0]), 0.8)
    array([False,  True,  True])
    """
    density = output_usd_yr / np.maximum(km2, 1e-9)
    order = np.lexsort((np.arange(len(density)), -density))
    before = np.cumsum(output_usd_yr[order]) - output_usd_yr[order]
    out = np.zeros(len(density), np.bool_)
    out[order] = before < share * output_usd_yr.sum() * (1 - 1e-12)
    return out


def ends(
    theatre: Theatre,
    worth: Worth,
    events: NDArray[np.float64],
    regions: pd.DataFrame,
    own: pd.DataFrame,
    passable: NDArray[np.bool_],
    settings: PassageSettings,
) -> Ends:
    """Gather events into sanctuaries and worth into targets.

    Parameters
    ----------
    theatre, worth
        The ground, and what is vital.
    events
        Events expected a year per cell, all states, shape (rows, cols).
    regions
        The regions of all states in the order of the estimate: iso3, region.
    own
        The members' regions, likewise.
    passable
        The cells that can be reached from one another.
    settings
        Sides of blocks, greatest numbers, the user's own areas.

    Returns
    -------
    Ends
        Both tables; empty where there is nothing.
    """
    own_of = rows_on_grid(theatre, own)
    side = side_cells(settings.block_km, theatre.grid.cell_km)
    inside = passable & (own_of >= 0)
    worthy = gather(np.where(inside, worth.output, 0.0), side, settings.most_targets, own_of)
    targets = _table(worthy, own_of).rename(columns={"amount": "output_share"})
    # people of each target: all of a region's, in proportion to those in its blocks
    key = worthy.labels * len(own) + worthy.parts
    rows, cols = np.indices(inside.shape) // side
    label = (rows * (-(-inside.shape[1] // side)) + cols) * len(own) + own_of
    near = sum_by(label[inside], worth.people[inside], int(label.max(initial=0)) + 1)[key]
    whole = sum_by(own_of[inside], worth.people[inside], len(own))
    kept = sum_by(worthy.parts, near, len(own))
    there = np.where(kept > 0, whole / np.where(kept > 0, kept, 1.0), 0.0)
    targets["people_share"] = near * there[worthy.parts] / max(float(worth.people.sum()), 1e-300)
    targets["output_share"] /= max(float(worth.output.sum()), 1e-300)
    sources, sources_kept = (
        (_given(theatre, settings.sanctuaries, passable, settings), 1.0)
        if settings.sanctuaries
        else _seen(theatre, events, regions, passable, settings)
    )
    return Ends(
        sources=_named(theatre, sources, regions),
        targets=_named(theatre, targets, own),
        sources_kept=sources_kept,
        targets_kept=float(targets["output_share"].sum()),
    )


def _seen(
    theatre: Theatre,
    events: NDArray[np.float64],
    regions: pd.DataFrame,
    passable: NDArray[np.bool_],
    settings: PassageSettings,
) -> tuple[pd.DataFrame, float]:
    """Gather events, and the empty ground that may hide what they don't show."""
    region_of = rows_on_grid(theatre, regions)
    side = side_cells(settings.block_km, theatre.grid.cell_km)
    found = gather(np.where(passable, events, 0.0), side, settings.most_sources, region_of)
    table = _table(found, region_of).assign(kind="events")
    whole = sum_by(found.parts, found.amounts, len(regions))
    table["share"] = table["amount"] / whole[found.parts]
    if settings.unseen_high > 0:
        empty = _empty(theatre, passable, settings)
        quiet = gather(empty, 2 * side, max(1, settings.most_sources // 2), region_of)
        ground = _table(quiet, region_of).assign(kind="ground")
        ground["share"] = ground["amount"] / max(float(ground["amount"].sum()), 1e-300)
        table = pd.concat([table, ground], ignore_index=True)
    return table, float(found.amounts.sum()) / max(float(events.sum()), 1e-300)


def _table(blocks: Blocks, region_of: NDArray[np.int64]) -> pd.DataFrame:
    """Put blocks into a table: row, col, region_row, amount."""
    row, col = blocks.cells.T
    return pd.DataFrame(
        {"row": row, "col": col, "region_row": region_of[row, col], "amount": blocks.amounts}
    )


def _empty(
    theatre: Theatre,
    passable: NDArray[np.bool_],
    settings: PassageSettings,
) -> NDArray[np.float64]:
    """Mark thinly peopled ground of the members and the states beside them; 1 or 0 per cell."""
    code = theatre.ground["state"].to_numpy()
    members = theatre.member_mask
    beside = np.unique(code[ndimage.binary_dilation(members, np.ones((3, 3))) & (code >= 0)])
    density = theatre.ground["people"].to_numpy() / theatre.grid.cell_km2
    return np.where(passable & np.isin(code, beside) & (density < settings.empty_per_km2), 1.0, 0.0)


def rows_on_grid(theatre: Theatre, table: pd.DataFrame) -> NDArray[np.int64]:
    """Row of a table of regions for each cell, −1 elsewhere; a name may stand for many shapes."""
    row = {pair: n for n, pair in enumerate(zip(table["iso3"], table["region"], strict=True))}
    pairs = zip(theatre.regions["iso3"], theatre.regions["name"], strict=True)
    code = np.array([*(row.get(pair, -1) for pair in pairs), -1], np.int64)
    found = code[theatre.ground["region"].to_numpy()]
    return np.where(theatre.ground["state"].to_numpy() >= 0, found, -1).astype(np.int64)


def _named(theatre: Theatre, table: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Add state and region, and the name of the largest settlement of the cell's surroundings."""
    out = table.drop(columns="amount", errors="ignore").reset_index(drop=True)
    rows = out["region_row"].to_numpy(np.int64)
    known = rows >= 0
    for name in ("iso3", "region"):
        values = regions[name].to_numpy(object)
        if name in out:
            continue
        out[name] = np.where(known, values[np.maximum(rows, 0)], "")
    if "name" not in out:
        towns = theatre.settlements.sort_values(["people", "geonameid"], ascending=[False, True])
        out["name"] = [
            _near(towns, int(row), int(col), theatre.grid.cell_km) or str(region)
            for row, col, region in zip(out["row"], out["col"], out["region"], strict=True)
        ]
    return out


def _near(towns: pd.DataFrame, row: int, col: int, cell_km: float) -> str:
    """Name the largest settlement within 50 km of a cell; empty where there is none."""
    reach = 50.0 / cell_km
    away = np.hypot(towns["row"].to_numpy() - row, towns["col"].to_numpy() - col)
    close = np.flatnonzero(away <= reach)
    return str(towns["name"].iloc[close[0]]) if close.size else ""


def _given(
    theatre: Theatre,
    areas: Sequence[Sanctuary],
    passable: NDArray[np.bool_],
    settings: PassageSettings,
) -> pd.DataFrame:
    """Place the user's own areas: their passable cells, half as dense at the rim, by block."""
    grid = theatre.grid
    to_grid = Transformer.from_crs(4326, grid.crs, always_xy=True)
    x, y = np.meshgrid(grid.x, grid.y)
    code = theatre.ground["state"].to_numpy()
    names = np.array([str(iso3) for iso3 in theatre.countries.index], object)
    side = side_cells(settings.block_km, grid.cell_km)
    parts, faults = [], []
    for area in areas:
        centre = to_grid.transform(area.lon, area.lat)
        away = np.hypot(x - centre[0], y - centre[1]) / 1000.0
        inside = passable & (away <= max(area.radius_km, grid.cell_km))
        if not inside.any():
            place = f"{area.name} ({area.lon:g}, {area.lat:g})"
            found = f"no ground that leads to the members within {area.radius_km:g} km"
            mend = "move it onto the theatre's land (lon before lat), or widen radius_km"
            faults.append(Fault("threat.passage.sanctuaries", place, found, mend))
            continue
        density = np.where(inside, 1.0 - 0.5 * np.minimum(away / area.radius_km, 1.0), 0.0)
        state = np.where(inside, code, -1).astype(np.int64)
        blocks = gather(density, side, max(1, settings.most_sources // len(areas)), state)
        share = area.weight * blocks.amounts / blocks.amounts.sum()
        part = _table(blocks, state).assign(share=share, iso3=names[blocks.parts])
        parts.append(
            part.assign(kind="given", name=area.name, region=area.name).assign(region_row=-1)
        )
    if faults:
        raise InputError(faults)
    return pd.concat(parts, ignore_index=True)
