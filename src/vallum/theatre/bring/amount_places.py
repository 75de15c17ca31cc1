"""Where the parts of a raster's pixels go: to which state, and to which cell of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj
from scipy import ndimage

from vallum.kernel.arrays import sum_by
from vallum.theatre.bring.raster_tiles import at, project
from vallum.theatre.bring.raster_zones import SEA, make_shore

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.raster_tiles import Tile
    from vallum.theatre.bring.raster_zones import Shore

__all__ = ["Placed", "Places"]

PER_CELL = 8.0  # groups of parts across a cell: their centre stands for them
FLUSH = 2_000_000  # strays kept before they are summed


@dataclass(frozen=True, eq=False)
class Placed:
    """What became of all that was read.

    Attributes
    ----------
    values
        In each cell, shape (rows, cols).
    by_state, other_by_state
        In each state within the grid; and the same had the values been taken the other way
        (density for counts, counts for density), roughly.
    beyond, at_sea, ashore, outside
        See `Amount`.
    total
        The amounts read, block by block.
    """

    values: NDArray[np.float64]
    by_state: NDArray[np.float64]
    other_by_state: NDArray[np.float64]
    beyond: float
    at_sea: float
    ashore: float
    outside: float
    total: list[float]


class Places:
    """The books of one amount, while its files are read.

    Sums are kept per block and added exactly at the end, so that they do not depend on how the
    files are cut into blocks.

    Parameters
    ----------
    area
        The theatre's ground.
    ashore_km
        How far to the nearest land a pixel without any may be.
    """

    def __init__(self, area: Area, ashore_km: float) -> None:
        self.area = area
        self.ashore_km = ashore_km
        self.cuts = 1
        self.total: list[float] = []
        self._count = len(area.order)
        self._flat = area.state.ravel()
        self._values = np.zeros(self._flat.size)
        self._by_land: list[NDArray[np.float64]] = []
        self._other: list[NDArray[np.float64]] = []
        self._lone: dict[str, list[float]] = {"at_sea": [], "ashore": [], "outside": []}
        self._strays: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
        self._shore: Shore | None = None

    def begin(self, tile: Tile, cuts: int) -> None:
        """Turn to the next file."""
        self.cuts = cuts
        self._tile = tile
        self._part_km = tile.pixel_km / cuts
        self._group = max(int(self.area.grid.cell_km / PER_CELL / self._part_km), 1)
        self._to_grid = pyproj.Transformer.from_crs(tile.crs, self.area.grid.crs, always_xy=True)

    def put(
        self,
        row: NDArray[np.int64],
        col: NDArray[np.int64],
        label: NDArray[np.int16],
        amount: NDArray[np.float64],
        land_km2: NDArray[np.float64],
    ) -> None:
        """Place parts on land, given by their row and column among all parts of the file.

        `land_km2` is the land of the pixel that each is a part of, roughly.
        """
        if not len(row):
            return
        readings = (amount * land_km2, amount / land_km2)
        sums = [sum_by(label, other, self._count + 1)[: self._count] for other in readings]
        self._other.append(np.column_stack(sums))
        group = self._group
        if group == 1:
            self._settle(self._xy(*self._middle(row, col)), label, amount)
            return
        up, across = row // group, col // group
        width = int(across.max() - across.min()) + 1
        number = (up - up.min()) * width + (across - across.min())
        size = int(number.max()) + 1
        codes = np.flatnonzero(np.bincount(label))
        place = np.zeros(self._count + 1, np.int64)
        place[codes] = np.arange(len(codes)) * size
        number += place[label]
        whole = sum_by(number, amount, len(codes) * size)
        held = np.flatnonzero(whole)
        middle = ((held % size) // width + up.min() + 0.5) * group / self.cuts
        post = ((held % size) % width + across.min() + 0.5) * group / self.cuts
        x, y = self._xy(middle, post)
        near = self._near_edge(x, y)
        far = held[~near]
        self._settle((x[~near], y[~near]), codes[far // size], whole[far])
        if near.any():  # a group on the grid's edge is taken apart: the edge cuts it
            single = np.isin(number, held[near])
            xy = self._xy(*self._middle(row[single], col[single]))
            self._settle(xy, label[single], amount[single])

    def strand(
        self, row: NDArray[np.float64], col: NDArray[np.float64], amount: NDArray[np.float64]
    ) -> None:
        """Bring pixels without land ashore; what is too far out is lost."""
        if not len(row):
            return
        x, y = self._xy(row, col)
        _, _, inside = self.area.grid.locate(x, y)
        self._lone["outside"].append(float(amount[~inside].sum()))
        if self._shore is None:
            self._shore = make_shore(self.area, self.ashore_km)
        reach = self.ashore_km + self._tile.pixel_km / 2 if self.ashore_km else 0.0  # from its edge
        land = self._shore.nearest(x[inside], y[inside], reach)
        amount = amount[inside]
        self._lone["at_sea"].append(float(amount[land == SEA].sum()))
        self._lone["ashore"].append(float(amount[land != SEA].sum()))
        keep = np.flatnonzero(inside)[land != SEA]
        self._settle((x[keep], y[keep]), land[land != SEA], amount[land != SEA])

    def _middle(
        self, row: NDArray[np.int64], col: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Find the centres of parts, in rows and columns of pixels."""
        return (row + 0.5) / self.cuts, (col + 0.5) / self.cuts

    def _xy(
        self, row: NDArray[np.float64], col: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Find points of the file on the grid's map, to the millimetre; far off where unknown."""
        x, y = project(self._to_grid, *at(self._tile.transform, col, row))
        known = np.isfinite(x) & np.isfinite(y)
        off = self.area.grid.west_m - 1e9
        return np.where(known, np.round(x, 3), off), np.where(known, np.round(y, 3), off)

    def _near_edge(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which groups the grid's edge may cut."""
        west, south, east, north = self.area.grid.bounds
        inward = np.minimum(np.minimum(x - west, east - x), np.minimum(y - south, north - y))
        return np.asarray(np.abs(inward) <= 2000.0 * self._part_km * self._group)

    def _settle(
        self,
        xy: tuple[NDArray[np.float64], NDArray[np.float64]],
        label: NDArray[np.integer],
        amount: NDArray[np.float64],
    ) -> None:
        """Give amounts to lands, and those of states to the cells that hold them."""
        x, y = xy
        cell_row, cell_col, inside = self.area.grid.locate(x, y)
        self._lone["outside"].append(float(amount[~inside].sum()))
        label, amount = label[inside].astype(np.int64), amount[inside]
        self._by_land.append(sum_by(label, amount, self._count + 1))
        shown = label < self._count
        label, amount = label[shown], amount[shown]
        cell = (cell_row * self.area.grid.cols + cell_col)[inside][shown]
        own = self._flat[cell] == label
        self._values += sum_by(cell[own], amount[own], self._flat.size) if own.any() else 0.0
        if not own.all():
            self._strays.append((label[~own] * self._flat.size + cell[~own], amount[~own]))
            if sum(len(place) for place, _ in self._strays) > FLUSH:
                self._flush()

    def _flush(self) -> None:
        """Sum the strays by state and cell."""
        place = np.concatenate([part for part, _ in self._strays])
        amount = np.concatenate([part for _, part in self._strays])
        places, inverse = np.unique(place, return_inverse=True)
        self._strays = [(places, sum_by(inverse.ravel(), amount, len(places)))]

    def settle(self) -> Placed:
        """Close the books: strays go to the nearest cell of their own state."""
        nowhere = np.zeros(self._count, dtype=bool)
        if self._strays:
            self._flush()
            place, amount = self._strays[0]
            label, cell = np.divmod(place, self._flat.size)
            for code in np.unique(label):
                mine = label == code
                onto = self._nearest_own(int(code), cell[mine])
                if onto is None:
                    nowhere[code] = True
                else:
                    self._values += sum_by(onto, amount[mine], self._flat.size)
        lands = self._sums()
        lost = [float(lands[code]) for code in np.flatnonzero(nowhere)]
        by_state = np.where(nowhere, 0.0, lands[: self._count])
        other = sum(self._other, np.zeros((self._count, 2)))
        return Placed(
            values=self._values.reshape(self.area.grid.shape),
            by_state=by_state,
            other_by_state=other,
            beyond=float(lands[self._count]),
            at_sea=math.fsum(self._lone["at_sea"]),
            ashore=math.fsum(self._lone["ashore"]),
            outside=math.fsum([*self._lone["outside"], *lost]),
            total=self.total,
        )

    def _sums(self) -> NDArray[np.float64]:
        """Add up what each land has, other land last."""
        if not self._by_land:
            return np.zeros(self._count + 1)
        return np.array([math.fsum(column) for column in np.stack(self._by_land, axis=1)])

    def _nearest_own(self, code: int, cell: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Find the cell of a state nearest to each cell; none if the state has no cell."""
        foreign = self.area.state != code
        if foreign.all():
            return None
        rows, cols = ndimage.distance_transform_edt(
            foreign, return_distances=False, return_indices=True
        )
        at = np.divmod(cell, self.area.grid.cols)
        return np.asarray(rows[at].astype(np.int64) * self.area.grid.cols + cols[at])
