"""Named corridors: how long, how dangerous before and after, and what the line costs in time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from vallum.dividend.roads import attacks, network, place_xy, risk, way, zones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.dividend.model import Land
    from vallum.dividend.roads import Network
    from vallum.theatre import Theatre
    from vallum.threat import Threat

    Floats = NDArray[np.float64]

__all__ = ["Corridor", "corridors", "freight_rate"]

NEAR_KM = 20.0
ALONG = 0.8  # of a route's length near a corridor for its freight to be the corridor's
RATE = 0.1  # USD/t/km where a state has no figure; judgement, as in the Sahel's economy.csv


@dataclass(frozen=True, eq=False)
class Corridor:
    """One corridor, on the quickest roads between its places.

    Attributes
    ----------
    name
        As in the table of corridors.
    ends
        The states of its first and last place.
    km, hours
        Along it; hours are those of moving.
    attacks
        Attacks/yr in the cells that it passes, before, by zone and last where the campaign says
        nothing, shape (Z + 1,).
    held_share
        Share of its length on held land.
    gates
        How often it enters or leaves held land.
    freight_t_yr
        Of the busiest route that it follows, t/yr; NaN where no figure is known.
    usd_tkm
        Price of freight today, USD per t and km.
    """

    name: str
    ends: tuple[str, str]
    km: float
    hours: float
    attacks: Floats
    held_share: float
    gates: int
    freight_t_yr: float
    usd_tkm: float


def corridors(theatre: Theatre, threat: Threat, land: Land) -> tuple[Corridor, ...]:
    """Lay each corridor on the roads, and count attacks along it.

    Parameters
    ----------
    theatre, threat, land
        The ground, what is to be expected on it, and what is held.

    Returns
    -------
    corridors
        In the order of their names; those whose places no road joins are left out.
    """
    roads = network(theatre)
    names, zone = zones(theatre, land)
    on = np.where(roads.row >= 0, zone[np.maximum(roads.row, 0), np.maximum(roads.col, 0)], -1)
    on = np.where(on < 0, len(names), on)
    cells, _ = risk(theatre, threat, land)
    struck = attacks(roads, cells, theatre.grid.cell_km)
    made = []
    for name, part in theatre.corridors.groupby("corridor", sort=True):
        rows = part.sort_values("seq")
        spots = place_xy(theatre, rows)
        ways = [way(roads, start, end, roads.hours) for start, end in pairwise(spots)]
        if not all(one.reached for one in ways):
            continue
        edges = np.concatenate([one.edges for one in ways])
        held = on[edges] == 0
        km = float(roads.km[edges].sum())
        state = rows["state"].to_numpy(str)
        ends = (str(state[0]), str(state[-1]))
        made.append(
            Corridor(
                name=str(name),
                ends=ends,
                km=km,
                hours=float(roads.hours[edges].sum()),
                attacks=np.bincount(on[edges], struck[edges], len(names) + 1).astype(np.float64),
                held_share=float(roads.km[edges[held]].sum()) / km if km > 0 else 0.0,
                gates=int(np.count_nonzero(held[1:] != held[:-1])),
                freight_t_yr=_freight(theatre, roads, edges),
                usd_tkm=float(np.mean([freight_rate(theatre, one) for one in ends])),
            )
        )
    return tuple(made)


def _freight(theatre: Theatre, roads: Network, edges: NDArray[np.int64]) -> float:
    """Take the freight of the busiest route that lies along the corridor."""
    x = (roads.x_m[roads.a[edges]] + roads.x_m[roads.b[edges]]) / 2.0
    y = (roads.y_m[roads.a[edges]] + roads.y_m[roads.b[edges]]) / 2.0
    best = float("nan")
    known = theatre.routes[theatre.routes["freight_t_yr"].notna()]
    for line, freight in zip(known.geometry, known["freight_t_yr"], strict=True):
        spots = np.array([line.interpolate(s, normalized=True).coords[0] for s in _STEPS])
        gap = np.hypot(spots[:, :1] - x, spots[:, 1:] - y).min(axis=1)
        if np.mean(gap <= NEAR_KM * 1000.0) >= ALONG:
            best = float(np.nanmax([best, float(freight)]))
    return best


_STEPS = np.linspace(0.0, 1.0, 21)


def freight_rate(theatre: Theatre, state: str) -> float:
    """Give a state's price of freight, USD/t/km, or 0.1 where it has none."""
    table = theatre.economy
    mine = table[(table["state"] == state) & (table["item"] == "freight_usd_tkm")]
    return float(mine["mode"].iloc[0]) if len(mine) else RATE
