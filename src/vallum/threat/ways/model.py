"""What the ways rest on, and what is found of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.kernel.ledger import Assumption
    from vallum.threat.movement.settings import Season

__all__ = ["MAIN", "STRAYING", "Case", "Likely", "Triple", "Ways"]

Triple = tuple[float, float, float]  # low, mid, high
Case = tuple[str, "Season", str]  # way of moving, season, straying
MAIN = "motorcycle"  # hours are told for it
STRAYING = ("low", "mid", "high")


@dataclass(frozen=True, eq=False)
class Likely:
    """What the ways rest on, by region: events, members' regions, and the claimed ones.

    Attributes
    ----------
    cells
        Events expected a year per cell, all states, shape (rows, cols).
    regions
        All regions in the order of the estimate: iso3, region, events_yr.
    shape, rate_yr
        Gamma posterior of events a year by region.
    own
        The members' regions: iso3, region, output_usd_yr, km2.
    own_row
        Row of `own` for each row of `regions`, −1 outside the members.
    claimed
        Which rows of `own` the claim is about.
    reach
        Low, mid and high share of events that come from outside.
    interval
        Probability inside the ranges.
    """

    cells: NDArray[np.float64]
    regions: pd.DataFrame
    shape: NDArray[np.float64]
    rate_yr: NDArray[np.float64]
    own: pd.DataFrame
    own_row: NDArray[np.int64]
    claimed: NDArray[np.bool_]
    reach: Triple
    interval: float


@dataclass(frozen=True, eq=False)
class Ways:
    """By which ways armed groups' journeys come to vital land; ranges over joint draws.

    Attributes
    ----------
    sources
        Sanctuaries: kind, name, iso3, region, row, col, events_yr (or what weighs as much), outside
        (vital land, at the mid).
    targets
        Places of worth: name, iso3, region, row, col, output_share, people_share, vital.
    vital
        Which of the members' regions are vital land, at the mid.
    journeys_yr
        Journeys from outside to vital land a year, low, mid, high.
    from_outside
        What the model itself gives for the share from outside, low, mid, high: a check of `reach`,
        not a measurement.
    through
        By state: iso3, low, mid, high share of the journeys from outside to vital land of other
        states that touch its ground. A journey may touch many.
    claimed
        The same for journeys to the claimed regions; empty where there are none.
    entering
        By member and neighbour: member, neighbour, low, mid, high share of the journeys from
        outside both the member and vital land, to vital land in it, that first enter it from that
        neighbour; mids add up to 1 by member.
    corridors
        Lines, the strongest first: rank, begins, ends, via (states), low, mid, high share of all
        journeys from outside, hours_low, hours, hours_high by motorcycle, length_km.
    cells
        Journeys a year across each cell, shape (rows, cols), read-only.
    theta
        1/h, of motorcycles at the mid.
    cell_km
        Of the cells on which journeys were solved.
    imbalance
        The largest share of journeys that goes missing at a cell, over all cases.
    draws, seed
        Joint draws behind the ranges.
    ledger
        Assumptions.
    """

    sources: gpd.GeoDataFrame
    targets: gpd.GeoDataFrame
    vital: NDArray[np.bool_]
    journeys_yr: Triple
    from_outside: Triple
    through: pd.DataFrame
    claimed: pd.DataFrame
    entering: pd.DataFrame
    corridors: gpd.GeoDataFrame
    cells: NDArray[np.float64]
    theta: float
    cell_km: float
    imbalance: float
    draws: int
    seed: int
    ledger: tuple[Assumption, ...]
