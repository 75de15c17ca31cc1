"""A regular grid of square cells in an equal-area projection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from affine import Affine

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Grid"]


@dataclass(frozen=True)
class Grid:
    """Where the cells of a raster lie.

    Rows run from north to south and columns from west to east; an order is always (row, col), and
    a map coordinate is always (x, y) in metres.

    Attributes
    ----------
    crs
        The projection, as text that `pyproj` reads; equal-area, in metres.
    west_m, north_m
        Outer corner of the cell (0, 0).
    cell_km
        Side of a cell.
    rows, cols
        Number of cells each way.
    """

    crs: str
    west_m: float
    north_m: float
    cell_km: float
    rows: int
    cols: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return (self.rows, self.cols)

    @property
    def cell_m(self) -> float:
        """Side of a cell in metres."""
        return self.cell_km * 1000.0

    @property
    def cell_km2(self) -> float:
        """Area of a cell in km²."""
        return self.cell_km**2

    @property
    def transform(self) -> Affine:
        """Affine transform from (col, row) to (x, y), as rasterio wants it."""
        return Affine(self.cell_m, 0.0, self.west_m, 0.0, -self.cell_m, self.north_m)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge in metres."""
        return (
            self.west_m,
            self.north_m - self.rows * self.cell_m,
            self.west_m + self.cols * self.cell_m,
            self.north_m,
        )

    @property
    def x(self) -> NDArray[np.float64]:
        """Centres of the columns in metres, shape (cols,)."""
        return self.west_m + (np.arange(self.cols, dtype=np.float64) + 0.5) * self.cell_m

    @property
    def y(self) -> NDArray[np.float64]:
        """Centres of the rows in metres, falling, shape (rows,)."""
        return self.north_m - (np.arange(self.rows, dtype=np.float64) + 0.5) * self.cell_m

    def locate(
        self, x: ArrayLike, y: ArrayLike
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Find the cells that hold points.

        Parameters
        ----------
        x, y
            Map coordinates in metres, any equal shape.

        Returns
        -------
        row, col, inside
            The cell of each point, and whether it lies on the grid; row and col are clipped to
            the grid where it does not.
        """
        col = np.floor((np.asarray(x, float) - self.west_m) / self.cell_m).astype(np.int64)
        row = np.floor((self.north_m - np.asarray(y, float)) / self.cell_m).astype(np.int64)
        inside = (row >= 0) & (row < self.rows) & (col >= 0) & (col < self.cols)
        return np.clip(row, 0, self.rows - 1), np.clip(col, 0, self.cols - 1), inside
