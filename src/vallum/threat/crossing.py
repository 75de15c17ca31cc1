"""Time to cross the ground: each cell by each way of moving, and from the nearest sanctuary."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen
from vallum.kernel.paths import travel_time
from vallum.threat.movement.hours import MODES, hours_per_km

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.movement.settings import MovementSettings, Season

__all__ = ["Crossing", "cross"]


@dataclass(frozen=True, eq=False)
class Crossing:
    """Hours that the ground takes, in one season.

    Attributes
    ----------
    season
        "dry" or "rains".
    cell_hours
        By way of moving: hours to cross a cell from side to side, shape (rows, cols), read-only;
        infinite where it can't.
    hours_from
        By way of moving: hours from the nearest sanctuary by the quickest way, likewise; infinite
        everywhere where there is no sanctuary.
    """

    season: Season
    cell_hours: Mapping[str, NDArray[np.float64]]
    hours_from: Mapping[str, NDArray[np.float64]]


def cross(theatre: Theatre, settings: MovementSettings, sanctuaries: NDArray[np.int64]) -> Crossing:
    """Time the ground, and the ways from sanctuaries.

    Parameters
    ----------
    theatre
        The ground.
    settings
        Season and speeds.
    sanctuaries
        (row, col), shape (n, 2); those where a way of moving can't go are left out of it.

    Returns
    -------
    Crossing
        For all ways of moving.

    Raises
    ------
    InputError
        If the table of speeds has faults.
    """
    height = theatre.ground["elevation_m"].to_numpy().astype(np.float64)
    cells, away = {}, {}
    for mode in MODES:
        ground = hours_per_km(theatre, mode, settings=settings)
        hours = ground.hours_per_km
        cells[mode] = frozen(hours * theatre.grid.cell_km)
        start = sanctuaries[np.isfinite(hours[sanctuaries[:, 0], sanctuaries[:, 1]])]
        away[mode] = frozen(
            travel_time(
                hours,
                start,
                cell_km=theatre.grid.cell_km,
                elevation=None if ground.law is None else height,
                law=ground.law,
            )
            if len(start)
            else np.full(hours.shape, np.inf)
        )
    return Crossing(settings.season, MappingProxyType(cells), MappingProxyType(away))
