"""What stands where along the line: stretches of one kind, and posts by the kilometre.

Neither says anything of what the line stops: that is told by sector.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.line import trace

__all__ = ["POST_KM", "posts", "stretches"]

POST_KM = 10.0
KINDS = ("state", "facing", "surface", "composition")


def stretches(
    runs: tuple[trace.Chain, ...],
    shares: tuple[trace.Rim, ...],
    paths: tuple[NDArray[np.float64], ...],
    labels: pd.DataFrame,
    grid: Grid,
) -> gpd.GeoDataFrame:
    """Cut lines wherever the state, the state in front, the ground or the works change.

    Parameters
    ----------
    runs, shares, paths
        From `vallum.line.trace.chains`, `crossings` and `vallum.line.smooth.drawn`.
    labels
        One row per flat cell: `state`, `composition`, `surface`.
    grid
        For its CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        `line`, `stretch`, `from_km`, `to_km`, `length_km`, `cost_usd_yr`, and of what: `state`,
        `facing` (the state in front), `surface`, `composition`. Lengths and costs are the cut's.
    """
    rows: list[dict[str, object]] = []
    for n, (run, share, path) in enumerate(zip(runs, shares, paths, strict=True)):
        along = labels.iloc[run.cells].assign(facing=labels["state"].to_numpy()[run.facing])
        at = np.concatenate([[0.0], np.cumsum(share.length_km)])
        first = 0
        for key, group in groupby(along[list(KINDS)].itertuples(index=False, name=None)):
            last = first + len(list(group))
            rows.append(
                {
                    "line": n,
                    "stretch": len(rows),
                    "from_km": float(at[first]),
                    "to_km": float(at[last]),
                    "length_km": float(at[last] - at[first]),
                    "cost_usd_yr": float(share.cost_usd_yr[first:last].sum()),
                    **dict(zip(KINDS, key, strict=True)),
                    "geometry": LineString(_part(path, first, last, closed=run.closed)),
                }
            )
            first = last
    columns = ["line", "stretch", "from_km", "to_km", "length_km", "cost_usd_yr", *KINDS]
    frame = pd.DataFrame(rows, columns=[*columns, "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=grid.crs)


def posts(
    runs: tuple[trace.Chain, ...],
    shares: tuple[trace.Rim, ...],
    paths: tuple[NDArray[np.float64], ...],
    grid: Grid,
    *,
    every_km: float = POST_KM,
) -> gpd.GeoDataFrame:
    """Set posts along lines.

    Parameters
    ----------
    runs, shares, paths, grid
        As for `stretches`.
    every_km
        Between posts; the first of a line stands at km 0.

    Returns
    -------
    geopandas.GeoDataFrame
        `line` and `km` from its start, as the cut counts length.
    """
    rows: list[dict[str, object]] = []
    for n, (run, share, path) in enumerate(zip(runs, shares, paths, strict=True)):
        ends = np.cumsum(share.length_km)
        middles, total = ends - share.length_km / 2.0, float(ends[-1])
        km = np.arange(0.0, total, every_km)
        if run.closed:
            known = np.concatenate([middles, [total + middles[0]]])
            wanted = np.where(km < middles[0], km + total, km)
        else:
            known, wanted = np.concatenate([[0.0], middles, [total]]), km
        x, y = (np.interp(wanted, known, path[:, k]) for k in (0, 1))
        rows += [
            {"line": n, "km": float(at), "geometry": Point(px, py)}
            for at, px, py in zip(km, x, y, strict=True)
        ]
    frame = pd.DataFrame(rows, columns=["line", "km", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=grid.crs)


def _part(path: NDArray[np.float64], first: int, last: int, *, closed: bool) -> NDArray[np.float64]:
    """Give the part of a path that belongs to some of its edges, halfway to those beside them."""
    body = path[:-1] if closed else path[1:-1]
    own = body[first:last]
    if closed:
        before, after = body[first - 1], body[last % len(body)]
    else:
        before = body[first - 1] if first else 2.0 * path[0] - body[0]
        after = body[last] if last < len(body) else 2.0 * path[-1] - body[-1]
    return np.concatenate([[(before + own[0]) / 2.0], own, [(own[-1] + after) / 2.0]])
