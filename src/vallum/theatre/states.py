"""Whose ground a cell is: state, region, coast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rasterio.features import rasterize
from scipy import ndimage

from vallum.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = ["EDGE_CELLS", "coast", "edge_faults", "regions", "states"]

EDGE_CELLS = 2  # method.md, section 4: the line's weights reach two cells


def states(borders: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.int16]:
    """Give every cell one state by its centre, or −1 for the sea and beyond the states shown.

    Cells that no state holds but that the sea does not reach (a sliver between two borders) go to
    the nearest state.

    Parameters
    ----------
    borders
        Polygons in the grid's projection; their order gives the codes.
    grid
        The grid.

    Returns
    -------
    code
        Shape (rows, cols).
    """
    shapes = [(shape, code) for code, shape in enumerate(borders.geometry)]
    code = rasterize(
        shapes, grid.shape, fill=-1, transform=grid.transform, dtype="int16", all_touched=False
    )
    pieces, _ = ndimage.label(code < 0)
    edge = np.concatenate([pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]])
    enclosed = (code < 0) & ~np.isin(pieces, np.unique(edge[edge > 0]))
    return _nearest(code, enclosed)


def _nearest(code: NDArray[np.int16], where: NDArray[np.bool_]) -> NDArray[np.int16]:
    """Give marked cells the code of the nearest cell that has one."""
    if not where.any() or (code < 0).all():
        return code
    row, col = ndimage.distance_transform_edt(code < 0, return_distances=False, return_indices=True)
    return np.where(where, code[row, col], code).astype(np.int16)


def regions(
    frame: gpd.GeoDataFrame, order: Sequence[str], state: NDArray[np.int16], grid: Grid
) -> NDArray[np.int16]:
    """Give every cell of a state the region that holds its centre, or the nearest of that state.

    Parameters
    ----------
    frame
        Regions in the grid's projection, with `iso3`.
    order
        The states, in the order of their codes.
    state
        The state of each cell.
    grid
        The grid.

    Returns
    -------
    number
        Row of `frame`, shape (rows, cols); −1 where there is no state, or it has no region on
        the grid.
    """
    number = np.full(grid.shape, -1, np.int16)
    for code, iso3 in enumerate(order):
        own = state == code
        rows = np.flatnonzero(frame["iso3"].to_numpy() == iso3)
        if not own.any() or not len(rows):
            continue
        shapes = [(frame.geometry.iloc[row], int(row)) for row in rows]
        drawn = rasterize(shapes, grid.shape, fill=-1, transform=grid.transform, dtype="int16")
        drawn = np.where(own, drawn, -1).astype(np.int16)
        number = np.where(own, _nearest(drawn, own & (drawn < 0)), number).astype(np.int16)
    return number


def coast(state: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Mark land cells that share a side with the sea (or with land beyond the states shown)."""
    return np.asarray((state >= 0) & ndimage.binary_dilation(state < 0))


def edge_faults(member: NDArray[np.bool_], grid: Grid) -> list[Fault]:
    """Say whether member states come too near the grid's edge, or have no cell at all."""
    mend = "widen [bounds_km] in theatre.toml, or use smaller cells"
    if not member.any():
        return [Fault("theatre.toml", "bounds_km", "no cell of a member state on the grid", mend)]
    inner = member.copy()
    inner[EDGE_CELLS:-EDGE_CELLS, EDGE_CELLS:-EDGE_CELLS] = False
    if not inner.any():
        return []
    found = f"{int(inner.sum())} cells of member states within {EDGE_CELLS} cells of the edge"
    return [Fault("theatre.toml", f"bounds_km at {grid.cell_km:g} km", found, mend)]
