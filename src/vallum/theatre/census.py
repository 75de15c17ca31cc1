"""Counts of people by region, and the units of ground that people are spread within."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = ["Units", "region_totals", "units"]


def region_totals(countries: pd.DataFrame, census: pd.DataFrame) -> pd.Series[float]:
    """Share each state's people among its regions as the census counted them.

    A region has `people of the state × its count / the counts of all regions of the state`, so
    the totals of a state are kept whatever the year of its census.

    Parameters
    ----------
    countries
        Index iso3, with people.
    census
        With iso3, region, people: of a state, a row for every region or none.

    Returns
    -------
    people
        By iso3 and region.
    """
    count = census.set_index(["iso3", "region"])["people"].astype(float)
    states = count.index.get_level_values("iso3")
    whole = count.groupby(level="iso3").sum().reindex(states).to_numpy()
    national = countries["people"].astype(float).reindex(states).to_numpy()
    return pd.Series(count.to_numpy() * national / whole, index=count.index, name="people")


@dataclass(frozen=True, eq=False)
class Units:
    """What people are spread within: the regions of a state that has a census, else the state.

    Attributes
    ----------
    code
        Row of `table` of each cell, shape (rows, cols); −1 for none.
    table
        iso3, region (empty for a whole state), people, rural_on_grid, and row, col of the cell
        that holds a point of the region (−1 for a whole state, or off the grid).
    """

    code: NDArray[np.int16]
    table: pd.DataFrame

    def of(self, places: pd.DataFrame) -> NDArray[np.int64]:
        """Find the unit of each place with iso3 and region; −1 for none."""
        known = {
            (iso3, region): code
            for code, (iso3, region) in enumerate(
                zip(self.table["iso3"], self.table["region"], strict=True)
            )
        }
        pairs = zip(places["iso3"], places["region"], strict=True)
        return np.array(
            [known.get((iso3, region), known.get((iso3, ""), -1)) for iso3, region in pairs],
            np.int64,
        )


def units(
    countries: pd.DataFrame,
    totals: pd.Series[float],
    state: NDArray[np.int16],
    region: NDArray[np.int16],
    frame: gpd.GeoDataFrame,
    grid: Grid,
) -> Units:
    """Make the units.

    Parameters
    ----------
    countries
        Index iso3 in the order of the codes, with people and rural_on_grid.
    totals
        Of `region_totals`.
    state, region
        State and region of each cell.
    frame
        The regions in the grid's projection, with iso3 and name; its rows are `region`'s numbers.
    grid
        The grid.
    """
    inner = frame.geometry.representative_point()
    row, col, inside = grid.locate(inner.x, inner.y)
    code = np.full(state.shape, -1, np.int16)
    rows: list[tuple[str, str, float, float, int, int]] = []
    counted = set(totals.index.get_level_values("iso3"))
    for number, (iso3, values) in enumerate(countries.iterrows()):
        part = float(values["rural_on_grid"])
        if iso3 not in counted:
            code[state == number] = len(rows)
            rows.append((str(iso3), "", float(values["people"]), part, -1, -1))
            continue
        for name, people in totals.xs(iso3, level="iso3").items():
            index = np.flatnonzero((frame["iso3"] == iso3) & (frame["name"] == name))[0]
            code[(state == number) & (region == index)] = len(rows)
            cell = (int(row[index]), int(col[index])) if inside[index] else (-1, -1)
            rows.append((str(iso3), str(name), float(people), part, *cell))
    columns = ["iso3", "region", "people", "rural_on_grid", "row", "col"]
    return Units(code, pd.DataFrame(rows, columns=columns))
