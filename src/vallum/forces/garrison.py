"""Who holds a fort, what they need, and what it costs in a year.

men paid = men on duty · relief / ((1 − leave/365) (1 − sick))
cost = capital and upkeep by the year (as the works price them) + men paid · man-year
       + fuel + carriage of water, fuel and food by the hours of road to them      (USD/yr)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InfeasibleError
from vallum.forces.response import muster_s
from vallum.kernel.paths import travel_time
from vallum.works.clash import fort_neutralisation
from vallum.works.compose import allowed
from vallum.works.cost import unit_costs, unit_sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.forces.forts_settings import FortsSettings
    from vallum.theatre import Theatre
    from vallum.works import Works, WorksSettings
    from vallum.works.catalogue import Item

__all__ = ["Classes", "Supply", "carried", "fort_classes", "supply_hours"]

_FUEL_KG_L = 0.84  # judgement: gasoil is a little lighter than water
_DAYS = 365.0


@dataclass(frozen=True, eq=False)
class Classes:
    """The kinds of fort there are.

    Attributes
    ----------
    items
        Of the catalogue.
    men
        On duty in each, shape (kinds,).
    muster_s, muster_sd_s, p_n
        Time from an alarm until the response leaves, and what it does once there; same shape.
    yearly_usd
        Capital and upkeep by the year without men, shape (classes of ground, kinds); inf where
        one can't stand.
    capital_usd, upkeep_usd_yr
        To build one with its haul, and to keep it; same shape.
    """

    items: tuple[Item, ...]
    men: NDArray[np.float64]
    muster_s: NDArray[np.float64]
    muster_sd_s: NDArray[np.float64]
    p_n: NDArray[np.float64]
    yearly_usd: NDArray[np.float64]
    capital_usd: NDArray[np.float64]
    upkeep_usd_yr: NDArray[np.float64]

    @property
    def names(self) -> tuple[str, ...]:
        """Ids in the catalogue."""
        return tuple(item.id for item in self.items)


@dataclass(frozen=True, eq=False)
class Supply:
    """Hours by road from where supplies come to each cell, shape (rows, cols).

    Attributes
    ----------
    town_h
        From the nearest town.
    water_h
        From the nearest water: 0 in cells that have some.
    """

    town_h: NDArray[np.float64]
    water_h: NDArray[np.float64]


def fort_classes(works: Works, how: WorksSettings, states: Sequence[str]) -> Classes:
    """List the kinds of fort that may be built, and price them on every class of ground.

    Parameters
    ----------
    works
        Catalogue, ground and opponent.
    how
        The settings that it was priced with.
    states
        ISO3 codes of those whose law binds.

    Returns
    -------
    Classes
        In the order of the catalogue.
    """
    items = tuple(i for i in allowed(works.catalogue, how, states) if i.role == "fort")
    unmanned = how.model_copy(update={"man_year_usd": 0.0})
    lands = works.ground.classes
    sums = unit_sums(items, lands, unmanned, catalogue=works.catalogue)
    of = {name: sums.mode[n] for n, name in enumerate(sums.names)}
    muster = np.array([muster_s(item) for item in items]).reshape(-1, 2)
    return Classes(
        items=items,
        men=np.array([item.men.mode for item in items]),
        muster_s=muster[:, 0],
        muster_sd_s=muster[:, 1],
        p_n=np.array([fort_neutralisation(item, works.threat, how) for item in items]),
        yearly_usd=unit_costs(items, lands, works.catalogue, unmanned),
        capital_usd=of["capital_usd"],
        upkeep_usd_yr=of["upkeep_usd_yr"],
    )


def supply_hours(
    theatre: Theatre, hours_per_km: NDArray[np.float64], settings: FortsSettings
) -> Supply:
    """Time the roads to the nearest town and to the nearest water.

    Parameters
    ----------
    theatre
        Its settlements and rivers.
    hours_per_km
        Of lorries, shape (rows, cols).
    settings
        How large a town must be, and the most hours that are counted.

    Returns
    -------
    Supply
        No more hours than `most_supply_h`.

    Raises
    ------
    InfeasibleError
        When no member has a settlement that can be reached.
    """
    members = theatre.countries.index[theatre.countries["role"] == "member"]
    ours = theatre.settlements[theatre.settlements["iso3"].isin(members)]
    rows, cols = ours["row"].to_numpy(np.int64), ours["col"].to_numpy(np.int64)
    passable = np.isfinite(hours_per_km)
    people = np.where(passable[rows, cols], ours["people"].to_numpy(np.float64), -1.0)
    if not (people >= 0).any():
        mend = "give the theatre a settlement of a member on ground that can be driven over"
        raise InfeasibleError([Fault("forces", "supply", "no settlement to supply from", mend)])
    # where no town is large enough, supplies come from the largest there is
    large = people >= min(settings.town_people, float(people.max()))
    towns = np.zeros(hours_per_km.shape, bool)
    towns[rows[large], cols[large]] = True
    water = towns | (theatre.ground["river"].to_numpy().astype(bool) & passable)
    town_h, water_h = (
        np.minimum(
            travel_time(hours_per_km, where, cell_km=theatre.grid.cell_km),
            settings.most_supply_h,
        )
        for where in (towns, water)
    )
    return Supply(town_h, water_h)


def carried(
    men: NDArray[np.float64],
    town_h: NDArray[np.float64],
    water_h: NDArray[np.float64],
    settings: FortsSettings,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Cost of water, fuel and food, USD/yr.

    Parameters
    ----------
    men
        On duty.
    town_h, water_h
        Hours to the fort's cell.
    settings
        What a man needs, and what carriage costs.

    Returns
    -------
    water, fuel, food
        Water is carried where there is none in the cell; fuel is bought and carried; of food only
        the carriage counts.
    """
    days, th = men * _DAYS, settings.carriage_usd_th
    water_t = days * settings.water_l_man_day / 1000.0 * settings.water_carried
    fuel_l = days * settings.fuel_l_man_day
    food_t = days * settings.food_kg_man_day / 1000.0
    fuel = fuel_l * (settings.fuel_usd_l + _FUEL_KG_L / 1000.0 * th * town_h)
    return water_t * th * water_h, fuel, food_t * th * town_h
