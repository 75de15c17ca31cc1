"""What the ground is made of, and its climate, from a user's rasters of classes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from affine import Affine
from rasterio.features import rasterize

from vallum.errors import Fault
from vallum.kernel.arrays import frozen
from vallum.theatre.bring.amount_faults import hole_faults
from vallum.theatre.bring.provenance import describe, share
from vallum.theatre.bring.raster_legends import GROUPS, climate_legend, surface_legend
from vallum.theatre.bring.raster_sheets import filled, make_sheet, member_holes, strips
from vallum.theatre.bring.raster_tiles import UnreadableError
from vallum.theatre.bring.rasters import open_tiles
from vallum.theatre.states import coast
from vallum.theatre.surface import OCEAN, ROCK, ROCK_RELIEF_M, SAND, SURFACES, WATER

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.raster_legends import Legend
    from vallum.theatre.bring.raster_tiles import Tile
    from vallum.theatre.bring.sections import ClassesLayer
    from vallum.theatre.model import Source

__all__ = ["Cover", "read_climate", "read_surface"]

LAKE_CUTS = 8  # sub-cells of a cell each way, to see how much of it a lake covers
LAKE_ROWS = 64  # rows of cells drawn at once
EDGE_DEGREES = 0.1
SHOWN = 8  # strange values named in a fault
WET, BARE = GROUPS.index("water"), GROUPS.index("barren")


@dataclass(frozen=True, eq=False)
class Cover:
    """One class per cell.

    Attributes
    ----------
    code
        Index into `vallum.theatre.surface.SURFACES` or `CLIMATES`, int8, shape (rows, cols).
    source
        Where it comes from.
    """

    code: NDArray[np.int8]
    source: Source


@dataclass(frozen=True, eq=False)
class _Counts:
    """How many sub-cells of each cell each group has, shape (groups, rows, cols); and the tiles."""

    groups: NDArray[np.int16]
    tiles: tuple[Tile, ...]
    cuts: int


def read_surface(
    layer: ClassesLayer,
    relief_m: NDArray[np.float32],
    lakes: gpd.GeoDataFrame | None,
    area: Area,
    *,
    progress: Callable[[str], None] | None = None,
) -> tuple[Cover | None, list[Fault]]:
    """Bring land cover onto the grid as what the ground is made of.

    1. The values become kinds of ground by the legend; the kind with the most sub-cells of a cell
       (up to 32 a side, each with the class at its centre) is the cell's; so many kinds of forest
       don't lose to one kind of water.
    2. A cell by the sea that is mostly water takes the most of its land, or the nearest land: its
       state's borders say that its centre is ashore. Inland it is water.
    3. Barren ground is rock where the relief reaches `ROCK_RELIEF_M`, else sand.
    4. A cell more than half of which `lakes` cover is water.
    5. Land without a value takes the nearest; off the states shown it is sea.

    Parameters
    ----------
    layer
        What the config says of the files.
    relief_m
        Of `vallum.theatre.bring.terrain.Terrain`, shape (rows, cols).
    lakes
        Polygons, EPSG:4326.
    area
        The theatre's ground.
    progress
        Called with a few words now and then.

    Returns
    -------
    cover, faults
        The cover, or none and every fault found.
    """
    key = "landcover"
    legend, wrong = surface_legend(layer, key)
    counts, faults = _count(layer, key, legend, area, progress)
    if legend is None or counts is None:
        return None, [*wrong, *faults]
    votes = counts.groups
    group = np.where(votes.any(axis=0), votes.argmax(axis=0), -1)
    shore = coast(area.state) & (group == WET)
    dry = votes.copy()
    dry[WET] = 0
    group = np.where(shore, np.where(dry.any(axis=0), dry.argmax(axis=0), -1), group)
    land = area.state >= 0
    group = filled(group, (group < 0) | ~land)
    if (group[land] < 0).any():
        found = "no class on any land"
        return None, [Fault(str(layer.file[0]), key, found, "check its band and its legend")]
    index = np.array([SURFACES.index(name) if name in SURFACES else -1 for name in GROUPS])
    code = np.where(group == BARE, np.where(relief_m >= ROCK_RELIEF_M, ROCK, SAND), index[group])
    if lakes is not None and len(lakes):
        code = np.where(_lakes(lakes, area), WATER, code)
    treatment = (
        f"legend {legend.name}; barren is rock from {ROCK_RELIEF_M:g} m of relief, else sand; "
        f"water by the sea is land ({int((shore & land).sum()):,} cells)"
    )
    code = np.where(land, code, 0).astype(np.int8)
    return Cover(frozen(code), _describe(layer, key, counts, area, treatment)), []


def read_climate(
    layer: ClassesLayer, area: Area, *, progress: Callable[[str], None] | None = None
) -> tuple[Cover | None, list[Fault]]:
    """Bring Köppen classes onto the grid: the most of a cell; the nearest where the file has sea.

    Parameters
    ----------
    layer
        What the config says of the files; `name` in its legend is the class.
    area
        The theatre's ground.
    progress
        Called with a few words now and then.

    Returns
    -------
    cover, faults
        Codes are indices into `vallum.theatre.surface.CLIMATES`, 0 off the states shown; or none
        and every fault found.
    """
    key = "climate"
    legend, wrong = climate_legend(layer, key)
    counts, faults = _count(layer, key, legend, area, progress)
    if legend is None or counts is None:
        return None, [*wrong, *faults]
    votes = counts.groups
    votes[[0, OCEAN]] = 0
    zone = np.where(votes.any(axis=0), votes.argmax(axis=0), 0)
    zone = filled(zone, zone == 0)
    land = area.state >= 0
    if (zone[land] == 0).any():
        found = "no class on any land"
        return None, [Fault(str(layer.file[0]), key, found, "check its band and its legend")]
    code = np.where(land, zone, 0).astype(np.int8)
    return Cover(frozen(code), _describe(layer, key, counts, area, f"legend {legend.name}")), []


def _count(
    layer: ClassesLayer,
    key: str,
    legend: Legend | None,
    area: Area,
    progress: Callable[[str], None] | None,
) -> tuple[_Counts | None, list[Fault]]:
    """Count the groups of each cell's sub-cells; say which members have holes."""
    tiles, faults = open_tiles(layer, key, area)
    if faults or legend is None:
        return None, faults
    # a class is a name: what its band may say of scale and offset does not apply
    tiles = tuple(dataclasses.replace(tile, scale=1.0, offset=0.0) for tile in tiles)
    grid = area.grid
    sheet = make_sheet(tiles, grid, key, classes=True)
    votes = np.zeros((legend.groups, *grid.shape), np.int16)
    strange: dict[float, int] = {}
    member = np.asarray(
        np.isin(area.state, [area.order.index(iso3) for iso3 in area.members]), dtype=np.bool_
    )
    try:
        for rows, values, _ in strips(sheet, halo=0, progress=progress):
            land = np.repeat(np.repeat(area.state[rows] >= 0, sheet.cuts, 0), sheet.cuts, 1)
            group, unknown = legend.group(np.where(land, values, np.float32(np.nan)))
            for value, number in zip(*np.unique(unknown, return_counts=True), strict=True):
                strange[float(value)] = strange.get(float(value), 0) + int(number)
            squares = (group.shape[0] // sheet.cuts, sheet.cuts, grid.cols, sheet.cuts)
            for code in np.unique(group[group >= 0]):
                votes[code, rows] = (group == code).reshape(squares).sum(axis=(1, 3))
    except UnreadableError as error:
        return None, [error.fault]
    where = str(layer.file[0])
    faults = _strange_faults(where, key, legend, strange, int(votes.sum(dtype=np.int64)))
    if not faults:
        valid = member_holes(np.asarray(~votes.any(axis=0), np.bool_), member)
        faults = hole_faults(where, key, area, valid)
    return (None, faults) if faults else (_Counts(votes, tiles, sheet.cuts), [])


def _strange_faults(
    where: str, key: str, legend: Legend, strange: dict[float, int], known: int
) -> list[Fault]:
    """Say which values the legend lacks, and how much of the land they are."""
    if not strange:
        return []
    whole = known + sum(strange.values())
    most = sorted(strange, key=lambda value: (-strange[value], value))
    named = ", ".join(f"{value:g} ({share(strange[value], whole)})" for value in most[:SHOWN])
    more = f" and {len(most) - SHOWN} more" if len(most) > SHOWN else ""
    found = f"values that the legend {legend.name} lacks: {named}{more}"
    mend = f"add them to a legend CSV, or say which is nothing: {key}.nodata = {most[0]:g}"
    return [Fault(where, f"{key}.legend", found, mend)]


def _lakes(lakes: gpd.GeoDataFrame, area: Area) -> NDArray[np.bool_]:
    """Mark cells more than half of which lakes cover."""
    grid = area.grid
    west, south, east, north = area.bounds
    near = lakes.geometry[lakes.intersects(shapely.box(west, south, east, north))]
    shapes = list(near.segmentize(EDGE_DEGREES).to_crs(grid.crs))
    out = np.zeros(grid.shape, dtype=bool)
    if not shapes:
        return out
    side = grid.cell_m / LAKE_CUTS
    for first in range(0, grid.rows, LAKE_ROWS):
        last = min(first + LAKE_ROWS, grid.rows)
        shape = ((last - first) * LAKE_CUTS, grid.cols * LAKE_CUTS)
        onto = Affine(side, 0, grid.west_m, 0, -side, grid.north_m - first * grid.cell_m)
        drawn = rasterize([(part, 1) for part in shapes], shape, transform=onto, dtype="uint8")
        squares = drawn.reshape(last - first, LAKE_CUTS, grid.cols, LAKE_CUTS)
        out[first:last] = squares.sum(axis=(1, 3)) * 2 > LAKE_CUTS**2
    return out


def _describe(layer: ClassesLayer, key: str, counts: _Counts, area: Area, treatment: str) -> Source:
    """Say where a cover comes from and what was done to it."""
    land = area.state >= 0
    empty = ~counts.groups.any(axis=0) & land
    taken = f"; land without a value takes the nearest: {share(empty.sum(), land.sum())}"
    return describe(
        layer,
        key,
        crs_in="; ".join(dict.fromkeys(tile.crs.to_string() for tile in counts.tiles)),
        crs_out=area.grid.crs,
        resampling=f"the most of {counts.cuts} × {counts.cuts} sub-cells, each by its centre",
        treatment=treatment + taken,
    )
