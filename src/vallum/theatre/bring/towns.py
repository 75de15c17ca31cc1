"""Townsmen, where people come from a raster: settlements of a table, or dense clusters of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import ndimage

from vallum.kernel.arrays import frozen
from vallum.theatre.bring.provenance import GEOGRAPHIC
from vallum.theatre.frame import carried
from vallum.theatre.people import TOWN, built_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.theatre.bring.area import Area

__all__ = ["clusters", "townsmen"]

DENSE_PER_KM2 = 300.0  # the least density of an urban cluster in the UN's Degree of Urbanisation


def townsmen(
    people: NDArray[np.float64], settlements: gpd.GeoDataFrame, area: Area
) -> NDArray[np.float64]:
    """Count the people of each cell who live in towns of the table.

    A town (5,000 people and more) covers the cells of its state that `people.built_up` gives it;
    the largest come first, and a town takes at most the people that its cells still have: the
    raster's totals are kept, whatever the table says.

    Parameters
    ----------
    people
        Of the raster, shape (rows, cols).
    settlements
        With people, row, col.
    area
        The ground.

    Returns
    -------
    urban
        At most `people`, shape (rows, cols).
    """
    urban = np.zeros_like(people)
    towns = settlements[settlements["people"] >= TOWN]
    order = towns.sort_values(["people", "geonameid"], ascending=[False, True], kind="stable")
    for row, col, size in order[["row", "col", "people"]].itertuples(index=False):
        cells = built_up(int(row), int(col), float(size), area.state, area.grid)
        free = people[cells] - urban[cells]
        left = float(free.sum())
        if left > 0:
            urban[cells] += free * min(1.0, float(size) / left)
    return frozen(np.minimum(urban, people))


def clusters(
    people: NDArray[np.float64], area: Area
) -> tuple[NDArray[np.float64], gpd.GeoDataFrame]:
    """Find towns where there is no table of settlements: clusters of dense cells.

    A cluster is of cells of one state with 300 people per km² and more that touch by side or
    corner, and has 5,000 people and more: the urban cluster of the UN's Degree of Urbanisation
    (https://ec.europa.eu/eurostat/web/degree-of-urbanisation/methodology), which is meant for cells
    of 1 km; on larger ones small towns fall below the density, so townsmen are too few.

    Parameters
    ----------
    people
        Of the raster, shape (rows, cols).
    area
        The ground.

    Returns
    -------
    urban
        People of the cells in clusters, shape (rows, cols).
    settlements
        One per cluster, at its densest cell, named after its place; the columns of
        `Theatre.settlements`.
    """
    dense = people / area.grid.cell_km2 >= DENSE_PER_KM2
    urban, rows = np.zeros_like(people), []
    for code, iso3 in enumerate(area.order):
        label, count = ndimage.label(dense & (area.state == code), structure=np.ones((3, 3)))
        sizes = ndimage.sum_labels(people, label, np.arange(1, count + 1))
        for number in np.flatnonzero(sizes >= TOWN) + 1:
            inside = label == number
            urban[inside] = people[inside]
            row, col = np.unravel_index(
                int(np.argmax(np.where(inside, people, -1.0))), inside.shape
            )
            rows.append((iso3, int(row), int(col), float(sizes[number - 1])))
    frame = pd.DataFrame(rows, columns=["iso3", "row", "col", "people"])
    x, y = area.grid.x[frame["col"]], area.grid.y[frame["row"]]
    degrees = carried(x, y, area.grid.crs, GEOGRAPHIC)
    names = area.regions["name"].astype(str).tolist()
    region = area.region[frame["row"], frame["col"]]
    table = pd.DataFrame(
        {
            "geonameid": np.arange(1, len(frame) + 1),
            "name": [f"town at {lat:.2f}, {lon:.2f}" for lon, lat in zip(*degrees, strict=True)],
            "iso3": frame["iso3"].astype(object),
            "region": [names[code] if code >= 0 else "" for code in region],
            "people": frame["people"],
            "imputed": True,
            "lon": degrees[0],
            "lat": degrees[1],
            "row": frame["row"].astype(np.int64),
            "col": frame["col"].astype(np.int64),
        }
    )
    return frozen(urban), gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(x, y), crs=area.grid.crs
    )
