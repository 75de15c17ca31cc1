"""What can be wrong with a raster of people or output once it is read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyproj

from vallum.errors import Fault
from vallum.theatre.bring.raster_tiles import at, project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.theatre.bring.amount_places import Placed, Places
    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.raster_tiles import Block, Tile
    from vallum.theatre.bring.sections import AmountLayer

__all__ = ["HOLES", "Seen", "amount_faults", "hole_faults", "member_points", "units_faults"]

HOLES = 0.02  # share of a member that may be without data
ABSURD = 1e15  # no pixel holds as many people or dollars
PEOPLE_PER_KM2 = 150_000.0  # no square kilometre of the earth has as many
FINE_KM = 0.8  # below it a pixel can be one tower block
FINE_FACTOR = 10.0
FITS = 2.0  # a total off by less may be of another year; by more, the other reading is looked at
MISSES = 3.0  # off by more, it is no number of these people, whichever way it is read


def member_points(area: Area, tile: Tile) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the pixels of a file that hold the centres of the members' cells.

    Returns
    -------
    row, col
        Of each cell of a member, in the order of the flat grid; −1 where the file has no pixel.
    """
    rows, cols = np.nonzero(np.isin(area.state, [area.order.index(iso3) for iso3 in area.members]))
    to_file = pyproj.Transformer.from_crs(area.grid.crs, tile.crs, always_xy=True)
    x, y = project(to_file, area.grid.x[cols], area.grid.y[rows])
    known = np.isfinite(x) & np.isfinite(y)
    col, row = at(~tile.transform, np.where(known, x, 0.0), np.where(known, y, 0.0))
    row, col = np.floor(row), np.floor(col)
    inside = known & (row >= 0) & (row < tile.shape[0]) & (col >= 0) & (col < tile.shape[1])
    return np.where(inside, row, -1).astype(np.int64), np.where(inside, col, -1).astype(np.int64)


class Seen:
    """What was noticed in one file while it was read.

    Parameters
    ----------
    tile
        The file.
    area
        The theatre's ground.
    density
        Whether the values are per km².
    units
        Of the amounts.
    """

    def __init__(self, tile: Tile, area: Area, density: bool, units: str) -> None:  # noqa: FBT001
        self.tile = tile
        self.density = density
        self.people = units == "people"
        self.negative = 0
        self.infinite = 0
        self.absurd = 0
        self.least, self.last_negative = 0.0, -math.inf
        self.densest = 0.0
        self._row, self._col = member_points(area, tile)
        self._order = np.argsort(self._row, kind="stable")
        self._sorted = self._row[self._order]
        self.valid = np.zeros(len(self._row), dtype=bool)

    @property
    def sound(self) -> bool:
        """Whether sums can be taken."""
        return not (self.negative or self.infinite or self.absurd)

    def note(self, block: Block, values: NDArray[np.float64] | None) -> None:
        """Look at the values of a block (none: it is all zero)."""
        top, bottom, left, right = block
        low, high = np.searchsorted(self._sorted, [top, bottom])
        cells = self._order[low:high]
        col = self._col[cells]
        cells = cells[(col >= left) & (col < right)]
        if values is None:
            self.valid[cells] = True
            return
        self.valid[cells] = ~np.isnan(values[self._row[cells] - top, self._col[cells] - left])
        self.infinite += int(np.isinf(values).sum())
        self.absurd += int(((values > ABSURD) & np.isfinite(values)).sum())
        below = values[(values < 0) & np.isfinite(values)]
        if below.size:
            self.negative += int(below.size)
            self.least = min(self.least, float(below.min()))
            self.last_negative = max(self.last_negative, float(below.max()))

    def note_density(self, values: NDArray[np.float64], km2: NDArray[np.float64]) -> None:
        """Remember the densest pixel of people, per km²."""
        if self.people:
            dense = values if self.density else values / km2
            known = dense[np.isfinite(dense)]
            self.densest = max(self.densest, float(known.max()) if known.size else 0.0)

    def faults(self, key: str) -> list[Fault]:
        """Say what no raster of an amount can hold."""
        where, out = str(self.tile.path), []
        if self.negative:
            found = f"{self.negative:,} negative values, the least {self.least:g}"
            mend = "mend them, or say which value stands for nothing"
            if self.least == self.last_negative:
                mend = f"if it stands for nothing, say {key}.nodata = {self.least:g}"
            elif self.least <= -100:
                mend += f": {key}.nodata = {self.least:g}"
            out.append(Fault(where, key, found, mend))
        if self.infinite:
            found = f"{self.infinite:,} values are infinite, or lie where the map has no area"
            out.append(Fault(where, key, found, "make them no data"))
        if self.absurd:
            found = f"{self.absurd:,} values above {ABSURD:g}"
            out.append(Fault(where, key, found, f"say which value is nothing: {key}.nodata = …"))
        return out


def amount_faults(
    layer: AmountLayer, key: str, area: Area, seen: Sequence[Seen], places: Places
) -> list[Fault]:
    """Say what is wrong with the values and with where there are none."""
    out = [fault for one in seen for fault in one.faults(key)]
    valid = np.any([one.valid for one in seen], axis=0)
    out += hole_faults(str(layer.file[0]), key, area, valid)
    if out:
        return out
    read = math.fsum(places.total)
    limit = 1e10 if seen[0].people else 1e16
    if read > limit:
        found = f"{read:.3g} in all, more than the world has"
        out.append(Fault(str(layer.file[0]), key, found, "check its units and its band"))
    for one in seen:
        most = PEOPLE_PER_KM2 * (1.0 if one.tile.pixel_km >= FINE_KM else FINE_FACTOR)
        if one.densest > most:
            other = "count" if one.density else "density"
            found = f"{one.densest:,.0f} people per km² in one pixel: {_taken(layer.values)}"
            out.append(Fault(str(one.tile.path), f"{key}.values", found, f'values = "{other}"'))
    return out


def hole_faults(where: str, key: str, area: Area, valid: NDArray[np.bool_]) -> list[Fault]:
    """Say which members have no data on more than 2 % of their cells' centres.

    Parameters
    ----------
    where, key
        The file and the layer's key.
    area
        The theatre's ground.
    valid
        One per cell of a member, in the order of the flat grid.
    """
    codes = [area.order.index(iso3) for iso3 in area.members]
    flat = area.state.ravel()
    state = flat[np.isin(flat, codes)]
    out = []
    for iso3, code in zip(area.members, codes, strict=True):
        mine = valid[state == code]
        holes = 1.0 - float(mine.mean()) if mine.size else 0.0
        if holes > HOLES:
            found = f"no data on {100 * holes:.1f} % of {iso3}"
            mend = "give a raster (or all its tiles) that covers it; write 0 where there is nobody"
            if key in {"elevation", "landcover", "climate"}:
                mend = "give a raster (or all its tiles) that covers it, its holes filled"
            out.append(Fault(where, key, found, mend))
    return out


def _taken(values: str) -> str:
    """Name the mistake."""
    return "density taken for counts" if values == "count" else "counts taken for density"


def units_faults(
    layer: AmountLayer, key: str, area: Area, placed: Placed, national: Mapping[str, float]
) -> list[Fault]:
    """Say which member has nothing at all, and whether the other reading of the values fits."""
    where = str(layer.file[0])
    out = []
    for iso3 in area.members:
        code = area.order.index(iso3)
        if (area.state == code).any() and placed.by_state[code] <= 0:
            mend = "give a raster of all the members; check its band and its values"
            out.append(Fault(where, key, f"nothing at all in {iso3}", mend))
    known = [iso3 for iso3 in area.members if national.get(iso3, 0.0) > 0]
    if out or not known:
        return out
    truth = math.fsum(national[iso3] for iso3 in known)
    codes = [area.order.index(iso3) for iso3 in known]
    chosen = math.fsum(placed.by_state[codes])
    other = math.fsum(placed.other_by_state[codes, 0 if layer.values == "count" else 1])
    off = _off(chosen, truth)
    if off > FITS and _off(other, truth) <= off / FITS:
        swap = "density" if layer.values == "count" else "count"
        found = (
            f"{chosen:,.0f} in {', '.join(known)}, whose national figures are {truth:,.0f}: "
            f"{_taken(layer.values)}, the other way it is {other:,.0f}"
        )
        out.append(Fault(where, f"{key}.values", found, f'values = "{swap}"'))
    elif off > MISSES:
        found = f"{chosen:,.0f} in {', '.join(known)}, whose national figures are {truth:,.0f}"
        mend = "check its values, band, units and year; or leave the figures out, if they are wrong"
        out.append(Fault(where, key, found, mend))
    return out


def _off(value: float, truth: float) -> float:
    """By what factor a value misses the truth."""
    return max(value / truth, truth / value) if value > 0 else math.inf
