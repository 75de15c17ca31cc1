"""Where people live: totals by state and region spread over settlements and habitable land.

The rule was written down before it was compared with any map of population, and nothing in it was
fitted to one. The comparison is in `tests/oracles/test_theatre_shared.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.theatre.surface import DESERT, Dryness, distance_km

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.theatre.census import Units

__all__ = ["TOWN", "Spread", "built_up", "counted", "nearest_own", "rural_weight", "spread"]

CITY_PER_KM2 = 8000.0  # people on a city's built-up ground: a judgement
TOWN = 5000  # people; the least size of an urban cluster in the UN's Degree of Urbanisation

# Habitability of a climate zone, as a share of the best: judgements.
WET, DRY = 1.0, 0.6  # zones with and without a dry-land farming limit (BSh, BSk)
EMPTY = 0.002  # open desert: nomads at about 0.1 people per km², against some 50 on the best land
FADE_KM = 75.0  # into the desert: rain falls by 1 mm a km, and rain-fed crops end after 100 to 130
WATER_KM = 8.0  # flood and well farming beside a river in dry land
TOWN_KM, ROAD_KM, RIVER_KM = 25.0, 10.0, 10.0  # a day's walk to market and back; half of one
NEAR_TOWN, NEAR_ROAD, NEAR_RIVER = 3.0, 1.0, 1.0  # density beside one, over that far from any


@dataclass(frozen=True, eq=False)
class Spread:
    """People on the grid.

    Attributes
    ----------
    people, urban
        People, and those living in towns, per cell, shape (rows, cols).
    on_grid
        People of each state on the grid, in the order of the codes.
    """

    people: NDArray[np.float64]
    urban: NDArray[np.float64]
    on_grid: NDArray[np.float64]


def counted(
    countries: pd.DataFrame, settlements: pd.DataFrame, regions: pd.Series[float] | None = None
) -> NDArray[np.float64]:
    """Count the people of each settlement so that no state and no region has more than its total.

    Towns (5,000 people and more) are scaled down together if their sum exceeds the state's urban
    people (`people × urban_share`), villages if theirs exceeds the rest; where the urban share is
    not known, all of them together if they exceed the state's people. Then all settlements of a
    region are scaled down together if their sum exceeds the region's people. Nothing is scaled up.

    Parameters
    ----------
    countries
        Index iso3, with people and urban_share.
    settlements
        With iso3, people and, where regions are given, region; whole states.
    regions
        People by iso3 and region, of `census.region_totals`; none for no census.

    Returns
    -------
    people
        One per settlement.
    """
    people = settlements["people"].to_numpy(np.float64).copy()
    town = people >= TOWN
    state = settlements["iso3"].to_numpy()
    for iso3, row in countries.iterrows():
        own = state == iso3
        whole, share = float(row["people"]), float(row["urban_share"])
        groups = [(own & town, whole * share), (own & ~town, whole * (1 - share))]
        for group, limit in groups if share == share else [(own, whole)]:  # noqa: PLR0124 - NaN
            _cap(people, group, limit)
    if regions is not None:
        region = settlements["region"].to_numpy()
        for iso3, name, limit in regions.reset_index().itertuples(index=False):
            _cap(people, (state == iso3) & (region == name), float(limit))
    return people


def _cap(people: NDArray[np.float64], group: NDArray[np.bool_], limit: float) -> None:
    """Scale a group down together, in place, to at most a limit."""
    total = people[group].sum()
    if total > limit:
        people[group] *= limit / total


def rural_weight(
    dryness: Dryness,
    town: NDArray[np.bool_],
    road: NDArray[np.bool_],
    river: NDArray[np.bool_],
    grid: Grid,
) -> NDArray[np.float64]:
    """Weigh the cells by how many people live scattered on them, for equal area.

    `w = h (1 + 3 exp(−d_town/25) + exp(−d_road/10) + exp(−d_river/10))`, with the habitability
    `h` 1 in humid zones, 0.6 in steppe, and in desert
    `max(0.002, 0.6 exp(−depth/75), 0.6 exp(−d_river/8))`; distances in km.

    Parameters
    ----------
    dryness
        Climate of the cells.
    town
        Cells with a settlement.
    road, river
        Cells that a road or a river touches.
    grid
        The grid.

    Returns
    -------
    weight
        Shape (rows, cols); 0 off the states shown.
    """
    to_river = distance_km(river, grid)
    desert = np.isin(dryness.zone, DESERT)
    steppe = np.isin(dryness.zone, (5, 6))
    watered = np.maximum(np.exp(-dryness.depth_km / FADE_KM), np.exp(-to_river / WATER_KM))
    habitable = np.where(steppe, DRY, WET)
    habitable = np.where(desert, np.maximum(EMPTY, DRY * watered), habitable)
    near = (
        1.0
        + NEAR_TOWN * np.exp(-distance_km(town, grid) / TOWN_KM)
        + NEAR_ROAD * np.exp(-distance_km(road, grid) / ROAD_KM)
        + NEAR_RIVER * np.exp(-to_river / RIVER_KM)
    )
    return np.where(dryness.zone > 0, habitable * near, 0.0)


def nearest_own(
    row: NDArray[np.int64], col: NDArray[np.int64], own: NDArray[np.bool_]
) -> tuple[int, int]:
    """Find the marked cell nearest to one cell; the first in reading order among equals."""
    rows, cols = np.nonzero(own)
    best = int(np.argmin((rows - row) ** 2 + (cols - col) ** 2))
    return int(rows[best]), int(cols[best])


def built_up(
    row: int, col: int, people: float, unit: NDArray[np.int16], grid: Grid
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the cells that a settlement covers, at 8,000 people per km².

    Its own cell, and those of the same unit (region, or state without a census) whose centre lies
    within `√(people / (8000 π))` km of that cell's centre: Bamako reaches 13 km, a town of 20,000
    less than one. A city so stays within its region, whose people the census counted.

    Returns
    -------
    rows, cols
        At least one cell.
    """
    radius = np.sqrt(people / (CITY_PER_KM2 * np.pi)) / grid.cell_km
    reach = int(radius)
    if reach < 1:
        return np.array([row]), np.array([col])
    step = np.arange(-reach, reach + 1)
    down, across = np.meshgrid(step, step, indexing="ij")
    near = down**2 + across**2 <= radius**2
    rows, cols = row + down[near], col + across[near]
    inside = (rows >= 0) & (rows < grid.rows) & (cols >= 0) & (cols < grid.cols)
    rows, cols = rows[inside], cols[inside]
    own = unit[rows, cols] == unit[row, col]
    return rows[own], cols[own]


def spread(
    countries: pd.DataFrame,
    units: Units,
    settlements: pd.DataFrame,
    state: NDArray[np.int16],
    weight: NDArray[np.float64],
    grid: Grid,
) -> Spread:
    """Put every state's people on the grid.

    What the settlements leave of a unit's total is scattered over its cells in proportion to
    their weight; of a state that is only partly on the grid, the part `rural_on_grid` of it. A
    settlement whose cell is another unit's counts in the nearest cell of its own. A region too
    small for a cell of its own gives its people to the nearest cell of its state.

    Parameters
    ----------
    countries
        Index iso3 in the order of the codes.
    units
        Of `census.units`.
    settlements
        Whole states, with iso3, region, people, counted, row, col (−1 off the grid), each in a
        cell of its state.
    state
        State of each cell.
    weight
        Of `rural_weight`.
    grid
        The grid.
    """
    people = np.zeros(state.shape)
    urban = np.zeros(state.shape)
    unit = units.of(settlements)
    table = units.table
    held = np.bincount(units.code[units.code >= 0], minlength=len(table))
    columns = (settlements[name].to_numpy() for name in ("row", "col", "counted", "people"))
    for code, row, col, number, size in zip(unit, *columns, strict=True):
        if row < 0:
            continue
        home = (int(row), int(col))
        if held[code] and units.code[home] != code:
            home = nearest_own(row, col, units.code == code)
        cells = built_up(*home, float(size), units.code, grid)
        share = number / len(cells[0])
        people[cells] += share
        if size >= TOWN:
            urban[cells] += share
    known = unit >= 0
    placed = np.bincount(unit[known], settlements["counted"].to_numpy()[known], len(table))
    rest = np.maximum(table["people"].to_numpy() - placed, 0.0) * table["rural_on_grid"].to_numpy()
    order = {str(iso3): code for code, iso3 in enumerate(countries.index)}
    places = zip(table["iso3"], table["row"].to_numpy(), table["col"].to_numpy(), strict=True)
    for code, (iso3, row, col) in enumerate(places):
        share = weight * (units.code == code)
        if share.sum() > 0:
            people += rest[code] * (share / share.sum())
        elif row >= 0:
            people[nearest_own(row, col, state == order[str(iso3)])] += rest[code]
    totals = [people[state == code].sum() for code in range(len(countries))]
    return Spread(people, urban, np.array(totals))
