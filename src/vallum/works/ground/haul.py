"""How far materials come: kilometres of road, by the time that a lorry takes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen
from vallum.kernel.figures import Range
from vallum.kernel.once import once
from vallum.kernel.paths import travel_time
from vallum.theatre.surface import ROCK_RELIEF_M
from vallum.threat.movement import MovementSettings, hours_per_km
from vallum.threat.movement.table import load_movement
from vallum.works.catalogue import SURFACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.works.catalogue import Material

__all__ = ["TOWN_PEOPLE", "depots", "gives", "haul_km", "road_kmh"]

TOWN_PEOPLE = Range(
    20_000, 50_000, 200_000, "judgement: a town with merchants of cement, steel and wire"
)
_LORRY = "four_by_four"  # the way of moving whose relative speeds stand for a lorry's
_ROAD = "primary"  # the class of road whose kilometres are counted


def haul_km(
    theatre: Theatre,
    materials: Mapping[str, Material],
    *,
    movement: MovementSettings | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Measure how far each material comes to each cell.

    A lorry takes the quickest way from the nearest cell that gives the material (`gives`), or, for
    one that no cell gives, from the nearest town or port (`depots`). Its hours times its
    speed on a primary road are the kilometres of road that the way is worth, so that a kilometre
    of sand counts as two or three. It is slower than the 4x4 whose speeds are used, but in like
    proportion on every ground.

    Parameters
    ----------
    theatre
        The ground.
    materials
        By id.
    movement
        Season and table of speeds; the defaults if not given.

    Returns
    -------
    km
        By material's id, each of shape (rows, cols): 0 where the cell gives it, inf
        where no way leads.
    """
    return dict(_measured(theatre, tuple(materials.items()), movement or MovementSettings()))


@once
def _measured(
    theatre: Theatre, materials: tuple[tuple[str, Material], ...], movement: MovementSettings
) -> Mapping[str, NDArray[np.float64]]:
    """Measure it: no setting of the works changes it."""
    hours = hours_per_km(theatre, _LORRY, settings=movement).hours_per_km
    speed = road_kmh(movement)
    known: dict[bytes, NDArray[np.float64]] = {}
    out = {}
    for key, material in materials:
        here = gives(theatre, material)
        sources = (here if here.any() else depots(theatre)) & np.isfinite(hours)
        mark = sources.tobytes()
        if mark not in known:
            known[mark] = np.full(hours.shape, np.inf)
            if sources.any():
                known[mark] = travel_time(hours, sources, cell_km=theatre.grid.cell_km) * speed
        out[key] = frozen(np.where(here, 0.0, known[mark]))
    return MappingProxyType(out)


def gives(theatre: Theatre, material: Material) -> NDArray[np.bool_]:
    """Mark the cells that give a material on the spot.

    Those of its surfaces; and what rock gives is had on any land whose relief reaches 84 m, by
    which the theatre tells rock in the desert (`vallum.theatre.surface.surface`): hills have stone
    under rain too.

    Parameters
    ----------
    theatre
        The ground.
    material
        What is looked for.

    Returns
    -------
    here
        Shape (rows, cols).
    """
    surface = theatre.ground["surface"].to_numpy()
    codes = [code for code, name in SURFACES.items() if name in material.found_on]
    here = np.isin(surface, codes)
    if "rock" in material.found_on:
        rough = theatre.ground["relief_m"].to_numpy() >= ROCK_RELIEF_M
        here |= rough & np.isin(surface, list(SURFACES))
    return here


def road_kmh(movement: MovementSettings) -> float:
    """Give the speed that turns hours into kilometres of road: on a primary road, dry season."""
    return float(load_movement(movement.table).ways[_LORRY].road_kmh[_ROAD].mode)


def depots(theatre: Theatre) -> NDArray[np.bool_]:
    """Mark the cells where bought materials are had: towns of 50,000 people and more, and ports.

    Where there is none, the greatest settlement; where there is none of those, the land with most
    people.

    Parameters
    ----------
    theatre
        The ground.

    Returns
    -------
    depots
        Shape (rows, cols); one cell at least.
    """
    out = np.zeros(theatre.grid.shape, dtype=bool)
    towns = theatre.settlements[theatre.settlements["people"] >= TOWN_PEOPLE.mode]
    ports = theatre.sites[theatre.sites["kind"] == "port"]
    if towns.empty and ports.empty and not theatre.settlements.empty:
        towns = theatre.settlements.nlargest(1, "people")
    for table in (towns, ports):
        out[table["row"].to_numpy(int), table["col"].to_numpy(int)] = True
    if not out.any():
        land = np.isin(theatre.ground["surface"].to_numpy(), list(SURFACES))
        people = np.where(land, theatre.ground["people"].to_numpy(), -1.0)
        out.flat[int(np.argmax(people))] = True
    return out
