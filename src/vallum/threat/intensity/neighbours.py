"""Which regions touch: for shrinkage over neighbouring regions, across borders too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["by_state", "touching"]

# two drawings of one border seldom agree to the metre; far below the width of any region
GAP_M = 1000.0


def touching(
    names: pd.DataFrame, regions: gpd.GeoDataFrame, gap_m: float = GAP_M
) -> NDArray[np.float64]:
    """Give the weight of each region in the mean over another's neighbours.

    Neighbours are the regions whose polygons come within `gap_m` of each other, across the borders
    of states too; each has the same weight. A region that touches none (an island, or one whose
    polygon isn't known) takes the mean of its state's others, and is its own neighbour if there
    are none.

    Parameters
    ----------
    names
        All regions, once each: iso3, region.
    regions
        Polygons in metres: iso3, name, geometry; several rows may make one region.
    gap_m
        How far apart two polygons may lie and still touch.

    Returns
    -------
    weights
        Shape (regions, regions), 0 on the diagonal, each row summing to 1; by the order of
        `names`.
    """
    count = len(names)
    touch = np.zeros((count, count), dtype=np.bool_)
    if len(regions):
        key = names["iso3"].astype(str) + "\n" + names["region"].astype(str)
        row = {text: n for n, text in enumerate(key)}
        own = regions["iso3"].astype(str) + "\n" + regions["name"].astype(str)
        of = np.array([row.get(text, -1) for text in own])
        shapes = regions.geometry.to_numpy()
        tree = shapely.STRtree(shapes)
        one, other = tree.query(shapes, predicate="dwithin", distance=gap_m)
        known = (of[one] >= 0) & (of[other] >= 0)
        touch[of[one[known]], of[other[known]]] = True
        np.fill_diagonal(touch, val=False)
    state = names["iso3"].to_numpy()
    for n in np.flatnonzero(~touch.any(axis=1)):
        touch[n] = state == state[n]
        touch[n, n] = touch[n].sum() == 1
    weights: NDArray[np.float64] = touch / touch.sum(axis=1, keepdims=True)
    return weights


def by_state(names: pd.DataFrame) -> NDArray[np.float64]:
    """Give the weight of each region in the mean over another's state, itself included.

    Parameters
    ----------
    names
        All regions, once each: iso3, region.

    Returns
    -------
    weights
        Shape (regions, regions), each row summing to 1.
    """
    state = names["iso3"].to_numpy()
    same = state[:, None] == state[None, :]
    weights: NDArray[np.float64] = same / same.sum(axis=1, keepdims=True)
    return weights
