"""Every fort that could be built: where, of which kind, what it costs a year, whom it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import ndimage

from vallum.errors import Fault, InputError, nearest
from vallum.forces.garrison import carried, fort_classes, supply_hours
from vallum.forces.response import assumed
from vallum.forces.sites import cut
from vallum.forces.sites_times import ridden, to_nodes, to_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.forces.forts_settings import FortsSettings
    from vallum.forces.garrison import Classes, Supply
    from vallum.forces.sites import Pieces
    from vallum.line import Line
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works import Works, WorksSettings

__all__ = ["Choice", "choice_of", "covers"]

_MODES = {"4x4": "four_by_four"}  # ways of moving as the works and the threat name them
_SLACK_S = 1e-7  # of a time limit: rounding
_SLACK = 1e-9  # of P_N: rounding


@dataclass(frozen=True, eq=False)
class Choice:
    """What there is to choose from.

    Attributes
    ----------
    pieces
        The line.
    expected
        What the works assumed of each piece: the columns of `vallum.forces.response.assumed`.
    classes, supply
        Kinds of fort, and hours of road to every cell.
    sites
        A row per fort that could be built: `site` (row of `hours`), `node` (−1 behind the line),
        `cell`, `land` (class of ground), `kind`, `base`, and costs: `built_usd_yr`, `men_usd_yr`,
        `water_usd_yr`, `fuel_usd_yr`, `food_usd_yr`, `cost_usd_yr`; `men_paid`.
    hours
        From each site to the furthest point of each piece.
    """

    pieces: Pieces
    expected: pd.DataFrame
    classes: Classes
    supply: Supply
    sites: pd.DataFrame
    hours: NDArray[np.float64]


def choice_of(
    theatre: Theatre,
    threat: Threat,
    works: Works,
    line: Line,
    settings: FortsSettings,
    how: WorksSettings,
    man_usd_yr: float,
) -> Choice:
    """List every fort that could be built for a line.

    Parameters
    ----------
    theatre, threat, works, line, settings, how, man_usd_yr
        As for `vallum.forces.forts.place`; the line is not empty.

    Returns
    -------
    Choice
        Forts of each kind at every node where they can stand; bases at one node of each cell
        (at all where the works assumed them as forts), and at the middles of held cells with a
        road behind the line.

    Raises
    ------
    InputError
        When forts ride in a way that the threat stage does not time.
    """
    grid = theatre.grid
    pieces = cut(line, works, grid, piece_km=settings.piece_km, most_pieces=settings.most_pieces)
    row = np.concatenate([pieces.table["row"], pieces.nodes["row"]])
    by_row = assumed(works, how, row)
    classes = fort_classes(works, how, _bound(theatre))
    hours_per_km = ridden(_off_line(threat, classes, grid.cell_km), pieces, by_row)
    supply = supply_hours(theatre, hours_per_km, settings)
    behind = _behind(theatre, works, line, hours_per_km, settings)
    sites = _sites(pieces, works, classes, behind, settings)
    pace = np.full(len(works.choices), np.nan)
    pace[by_row.index] = by_row["pace_h_km"]
    longest = float((by_row["response_s"] - by_row["follow_s"]).max()) / 3600.0
    hours = to_nodes(
        pieces, behind, hours_per_km, pace, grid=grid,
        limit_h=max(longest, settings.reaction_h or 0.0),
    )  # fmt: skip
    return Choice(
        pieces=pieces,
        expected=by_row.loc[pieces.table["row"]].reset_index(drop=True),
        classes=classes,
        supply=supply,
        sites=_priced(sites, classes, supply, settings, man_usd_yr),
        hours=to_pieces(hours, pieces, pace),
    )


def covers(choice: Choice, limits_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which fort reaches which piece in time, and with enough men.

    Parameters
    ----------
    choice
        The forts.
    limits_s
        Longest response of each piece, from the alarm until the intruders are met, s.

    Returns
    -------
    covers
        Shape (sites, pieces).
    """
    kind, site = choice.sites["kind"].to_numpy(), choice.sites["site"].to_numpy()
    room_s = limits_s + _SLACK_S - choice.expected["follow_s"].to_numpy(np.float64)
    needed = choice.expected["p_n"].to_numpy(np.float64) - _SLACK
    out = np.zeros((len(choice.sites), limits_s.size), bool)
    for number, muster in enumerate(choice.classes.muster_s.tolist()):
        here = np.flatnonzero(kind == number)
        out[here] = choice.hours[site[here]] * 3600.0 <= room_s - muster
        out[here] &= choice.classes.p_n[number] >= needed
    return out


def _bound(theatre: Theatre) -> Sequence[str]:
    """Name the states whose law binds: members, and partners who may not help."""
    role = theatre.countries["role"]
    return [str(iso3) for iso3 in theatre.countries.index[role.isin(["member", "partner"])]]


def _off_line(threat: Threat, classes: Classes, cell_km: float) -> NDArray[np.float64]:
    """Give the hours per km of the ground to the slowest of those who ride out."""
    crossing = threat.crossing.cell_hours
    modes = sorted({_MODES.get(item.rides, item.rides) for item in classes.items})
    faults = [
        Fault(
            "works", f"rides: {mode}", "not timed by the threat stage", nearest(mode, [*crossing])
        )
        for mode in modes
        if mode not in crossing
    ]
    if faults:
        raise InputError(faults)
    return np.asarray(np.max([crossing[mode] for mode in modes], axis=0) / cell_km)


def _behind(
    theatre: Theatre,
    works: Works,
    line: Line,
    hours_per_km: NDArray[np.float64],
    settings: FortsSettings,
) -> NDArray[np.int64]:
    """List cells in which a base could stand behind the line: held, with a road, near enough.

    Of cells side by side in a square of `base_step_km` only the one with the best road is kept.
    """
    if settings.reaction_h is None or settings.base_behind_km <= 0:
        return np.zeros(0, np.int64)
    grid = theatre.grid
    front = np.zeros(grid.shape, bool)
    front.ravel()[line.course.table["cell"].to_numpy(np.int64)] = True
    away = ndimage.distance_transform_edt(~front) * grid.cell_km
    road = theatre.ground["road"].to_numpy().astype(np.int64)
    fit = line.held & ~front & (road > 0) & (away <= settings.base_behind_km)
    fit &= (works.ground.of >= 0) & np.isfinite(hours_per_km)
    cells = np.flatnonzero(fit)
    side = max(1, round(settings.base_step_km / grid.cell_km))
    block = cells // grid.cols // side * grid.cols + cells % grid.cols // side
    order = np.lexsort((cells, -road.ravel()[cells], block))
    first = np.unique(block[order], return_index=True)[1]
    return np.sort(cells[order][first])


def _sites(
    pieces: Pieces,
    works: Works,
    classes: Classes,
    behind: NDArray[np.int64],
    settings: FortsSettings,
) -> pd.DataFrame:
    """List sites by kind, those where the kind can stand."""
    nodes = pieces.nodes
    land = np.array(works.ground_row)[nodes["row"].to_numpy(np.int64)]
    cell = nodes["cell"].to_numpy(np.int64)
    every = np.arange(len(nodes))
    held_by = {works.choices[row].fort for row in np.unique(nodes["row"].to_numpy())}
    one_a_cell = np.sort(np.unique(cell, return_index=True)[1])
    parts = []
    for kind, name in enumerate(classes.names):
        base = name == settings.base and settings.reaction_h is not None
        assumed_here = name in held_by
        if name == settings.base and not base and not assumed_here:
            continue
        at = one_a_cell if base and not assumed_here else every
        parts.append(pd.DataFrame({"site": at, "node": at, "cell": cell[at], "land": land[at],
                                   "kind": kind, "base": base}))  # fmt: skip
        if base:
            back = len(nodes) + np.arange(behind.size)
            parts.append(pd.DataFrame({"site": back, "node": -1, "cell": behind,
                                       "land": works.ground.of.ravel()[behind],
                                       "kind": kind, "base": base}))  # fmt: skip
    sites = pd.concat(parts, ignore_index=True)
    stands = np.isfinite(classes.yearly_usd[sites["land"], sites["kind"]])
    return sites[stands].reset_index(drop=True)


def _priced(
    sites: pd.DataFrame,
    classes: Classes,
    supply: Supply,
    settings: FortsSettings,
    man_usd_yr: float,
) -> pd.DataFrame:
    """Add what each costs a year."""
    kind, land = sites["kind"].to_numpy(), sites["land"].to_numpy()
    cell = sites["cell"].to_numpy(np.int64)
    men = classes.men[kind]
    paid = men * settings.paid_per_man
    water, fuel, food = carried(
        men, supply.town_h.ravel()[cell], supply.water_h.ravel()[cell], settings
    )
    parts = {
        "built_usd_yr": classes.yearly_usd[land, kind],
        "men_usd_yr": paid * man_usd_yr,
        "water_usd_yr": water,
        "fuel_usd_yr": fuel,
        "food_usd_yr": food,
    }
    total = np.sum(list(parts.values()), axis=0)
    return sites.assign(men_on_duty=men, men_paid=paid, **parts, cost_usd_yr=total)
