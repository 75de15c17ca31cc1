"""People or output from rasters onto the grid: nobody is lost unsaid, whatever the cell size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.errors import CertificateError
from vallum.kernel.arrays import frozen
from vallum.theatre.bring.amount_faults import Seen, amount_faults, units_faults
from vallum.theatre.bring.amount_places import Places
from vallum.theatre.bring.provenance import describe, share
from vallum.theatre.bring.raster_overlaps import overlap_faults
from vallum.theatre.bring.raster_tiles import (
    UnreadableError,
    blocks,
    opened,
    read_block,
    valued,
)
from vallum.theatre.bring.raster_zones import SEA, division, make_zones, pixel_km2
from vallum.theatre.bring.rasters import open_tiles, outline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from vallum.errors import Fault
    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.raster_tiles import Block, Tile
    from vallum.theatre.bring.raster_zones import Zones
    from vallum.theatre.bring.sections import AmountLayer
    from vallum.theatre.model import Source

__all__ = ["Amount", "read_amount"]

SIDE = 1024  # sub-pixels of a block each way
EXACT = 1e-9


@dataclass(frozen=True, eq=False)
class Amount:
    """An amount on the grid, and what became of the rest; all in the units asked for.

    Attributes
    ----------
    values
        In each cell, float64, shape (rows, cols).
    by_state
        What of the source lies in each state within the grid, in the order of `area.order`.
    beyond
        On other land of the borders layer within the grid.
    at_sea
        Lost: within the grid, with no land within `ashore_km`.
    ashore
        Moved to the nearest state (or other land): a part of the three above.
    outside
        Read, but off the grid, or in a state without a cell of it.
    source
        Where it comes from and what was done to it.
    """

    values: NDArray[np.float64]
    by_state: NDArray[np.float64]
    beyond: float
    at_sea: float
    ashore: float
    outside: float
    source: Source


def read_amount(
    layer: AmountLayer,
    key: str,
    area: Area,
    *,
    units: str,
    national: Mapping[str, float] | None = None,
    progress: Callable[[str], None] | None = None,
) -> tuple[Amount | None, list[Fault]]:
    """Bring people or output onto the grid, so that the totals are the source's.

    Each pixel is cut into parts of about a kilometre or less, by its size alone, and its amount
    goes in equal shares to those parts whose centre is on land: people live on land. A count is
    shared whole; a density is times the area of the parts on land. A pixel without land gives what
    it has to the nearest land within `layer.ashore_km`. A state's total is therefore a plain zonal
    sum and does not depend on the cell size. Within a state, a part goes to the cell that holds
    its centre, or to the state's cell nearest to that one.

    Parameters
    ----------
    layer
        What the config says of the files.
    key
        The layer's key in the config.
    area
        The theatre's ground.
    units
        `people`, or the money of the amounts.
    national
        People (or output) of each state, by ISO3 code, where the user gave them: they show a
        density taken for counts.
    progress
        Called with a few words now and then.

    Returns
    -------
    amount, faults
        The amount, or none and every fault found.

    Raises
    ------
    vallum.errors.CertificateError
        If what was read and what was placed differ by more than 1e-9: our fault.
    """
    tiles, faults = open_tiles(layer, key, area)
    if faults:
        return None, faults
    try:
        faults = overlap_faults(tiles, [outline(tile) for tile in tiles], key)
        if faults:
            return None, faults
        return _read(tiles, layer, key, area, _Wish(units, national or {}, SIDE, progress))
    except UnreadableError as error:
        return None, [error.fault]


@dataclass(frozen=True)
class _Wish:
    """What is asked for beside the layer."""

    units: str
    national: Mapping[str, float]
    side: int
    progress: Callable[[str], None] | None


def _read(
    tiles: tuple[Tile, ...], layer: AmountLayer, key: str, area: Area, wish: _Wish
) -> tuple[Amount | None, list[Fault]]:
    """Read the tiles one by one and settle what they hold."""
    places = Places(area, layer.ashore_km)
    seen = [Seen(tile, area, layer.values == "density", wish.units) for tile in tiles]
    for number, tile in enumerate(tiles):
        said = f"{key}: file {number + 1} of {len(tiles)}"
        _read_tile(tile, key, places, seen[number], (wish, said))
    faults = amount_faults(layer, key, area, seen, places)
    if faults:
        return None, faults
    placed = places.settle()
    faults = units_faults(layer, key, area, placed, wish.national)
    if faults:
        return None, faults
    certify(placed)
    source = _describe(layer, key, area, tiles, placed)
    amount = Amount(
        values=frozen(placed.values),
        by_state=frozen(placed.by_state),
        beyond=placed.beyond,
        at_sea=placed.at_sea,
        ashore=placed.ashore,
        outside=placed.outside,
        source=source,
    )
    return amount, []


def _read_tile(tile: Tile, key: str, places: Places, seen: Seen, wish: tuple[_Wish, str]) -> None:
    """Read one file, block by block, and place what it holds."""
    asked, said = wish
    cuts = division(tile)
    zones = make_zones(places.area, tile, cuts)
    places.begin(tile, cuts)
    todo = list(blocks(tile, max(asked.side // cuts, 1)))
    with opened(tile.path, key) as data:
        for number, block in enumerate(todo):
            if asked.progress and number % max(len(todo) // 20, 1) == 0:
                asked.progress(f"{said}, {100 * number // len(todo)} %")
            amounts, km2 = _amounts(data, tile, key, block, seen)
            if amounts is not None:
                _place_block(amounts, (km2, seen.density), block, zones, places)


def _amounts(
    data: Any,  # noqa: ANN401 - rasterio has no types
    tile: Tile,
    key: str,
    block: Block,
    seen: Seen,
) -> tuple[NDArray[np.float64] | None, float]:
    """Read what a block holds, and the mean area of its pixels; none if it holds nothing."""
    raw = read_block(data, tile, block, key)
    if raw.size and not tile.masked and (tile.scale, tile.offset) == (1.0, 0.0):
        low, high = raw.min(), raw.max()
        if low == high and float(low) in {0.0, *tile.nothing}:  # most of a sparse file
            seen.note(block, None if float(low) not in tile.nothing else np.full(raw.shape, np.nan))
            return None, 0.0
    values = valued(data, tile, block, raw)
    seen.note(block, values)
    full = values > 0
    if not full.any() or not seen.sound:
        return None, 0.0
    area = pixel_km2(tile, block)
    area = np.where(area > 0, area, np.nan)  # beyond a pole there is none
    seen.note_density(values, area)
    amounts = np.where(full, values * area if seen.density else values, 0.0)
    if not np.isfinite(amounts).all():
        seen.infinite += int((~np.isfinite(amounts)).sum())
        return None, 0.0
    return amounts, float(np.nanmean(area)) if np.isfinite(area).any() else 1.0


def _place_block(
    amounts: NDArray[np.float64],
    kind: tuple[float, bool],
    block: Block,
    zones: Zones,
    places: Places,
) -> None:
    """Share the amounts of a block among the parts of its pixels that are on land."""
    km2, density = kind
    cuts = places.cuts
    top, bottom, left, right = block
    fine = (top * cuts, bottom * cuts, left * cuts, right * cuts)
    label = zones.label(fine)
    rows, cols = amounts.shape
    parts = (label != SEA).reshape(rows, cuts, cols, cuts).sum(axis=(1, 3))
    if density:  # densities are of the land: GPW's say so, and means over coarse pixels are
        amounts = np.where(parts > 0, amounts * (parts / cuts**2), amounts)
    places.total.append(float(amounts.sum()))
    row, col = np.nonzero((amounts > 0) & (parts == 0))
    middle = np.asarray(row + top + 0.5, np.float64), np.asarray(col + left + 0.5, np.float64)
    places.strand(*middle, amounts[row, col])
    each = np.divide(amounts, parts, out=np.zeros_like(amounts), where=parts > 0)
    if cuts > 1:
        each = np.repeat(np.repeat(each, cuts, axis=0), cuts, axis=1)
    row, col = np.nonzero((each > 0) & (label != SEA))
    land_km2 = km2 * parts[row // cuts, col // cuts] / cuts**2
    places.put(row + fine[0], col + fine[2], label[row, col], each[row, col], land_km2)


def certify(placed: Any) -> None:  # noqa: ANN401
    """Check that what was placed is what was read.

    Raises
    ------
    vallum.errors.CertificateError
        If it is not, to 1e-9 of the whole.
    """
    read = math.fsum(placed.total)
    states = math.fsum(placed.by_state)
    cells = math.fsum(placed.values.ravel())
    found = math.fsum([states, placed.beyond, placed.at_sea, placed.outside])
    for name, left, right in (("cells", cells, states), ("parts", found, read)):
        if not abs(left - right) <= EXACT * max(abs(left), abs(right)):
            raise CertificateError(f"the {name} hold {left!r} and the source {right!r}")


def _describe(
    layer: AmountLayer,
    key: str,
    area: Area,
    tiles: tuple[Tile, ...],
    placed: Any,  # noqa: ANN401
) -> Source:
    """Say where an amount comes from, what was done to it, and what was lost."""
    read = math.fsum(placed.total)
    cuts = sorted({division(tile) for tile in tiles})
    names = ", ".join(
        f"{iso3} {value:,.0f}" for iso3, value in zip(area.order, placed.by_state, strict=True)
    )
    meaning = (
        "counts per pixel"
        if layer.values == "count"
        else "density per km² times the area of the parts on land"
    )
    return describe(
        layer,
        key,
        crs_in="; ".join(dict.fromkeys(tile.crs.to_string() for tile in tiles)),
        crs_out=area.grid.crs,
        resampling=(
            f"pixels cut into {' or '.join(f'{k} × {k}' for k in cuts)}; in equal shares to the "
            "parts on land; each to the cell that holds its centre, or its state's nearest"
        ),
        treatment=(
            f"{meaning}; totals kept: {names}; moved ashore {placed.ashore:,.0f}"
            f" ({share(placed.ashore, read)})"
        ),
        lost=(
            f"of {read:,.0f} read: off the grid {share(placed.outside, read)}, on other land "
            f"{share(placed.beyond, read)}, at sea {placed.at_sea:,.0f}"
            f" ({share(placed.at_sea, read)})"
        ),
    )
