"""The cheapest line around given places: one minimum cut, exact by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.cut import solve, verify
from vallum.kernel.territory import score
from vallum.line import trace
from vallum.line.constraints import problem_of, resolve
from vallum.line.course import follow
from vallum.line.stakes import stakes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.kernel.territory import Instance, Score
    from vallum.line.constraints import Constraints
    from vallum.line.course import Course
    from vallum.line.settings import LineSettings
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works import Works
    from vallum.worth import Worth

__all__ = ["Cheapest", "Enclosed", "cheapest", "enclose"]

EVERYTHING = 0.5  # resolution of a frontier of which only the first step is read


@dataclass(frozen=True, eq=False)
class Enclosed:
    """The cheapest territory that holds given places, and its line.

    Attributes
    ----------
    places
        That were to be held.
    problem
        Where holding earns nothing.
    held
        The land, shape (rows, cols), bool.
    score
        What it costs; the benefit is 0.
    bound_usd_yr
        No territory that holds the places costs less: proved by the flow that the cut is.
    rounding_usd_yr
        What integers can hide in that proof.
    flow
        Of the cut, in units of capacity: equal to the cut's own capacity, checked.
    people, people_share
        Held, and as a share of the members'.
    states
        One row per member: `iso3`, `held_km2`, `people`.
    outside
        Settlements of the members that are not held, the largest first: `name`, `iso3`, `people`.
    course, territory, line
        The line piece by piece, and both drawn; lengths and costs are those of the cut.
    constraints
        Land that was fixed.
    """

    places: tuple[str, ...]
    problem: Instance
    held: NDArray[np.bool_]
    score: Score
    bound_usd_yr: float
    rounding_usd_yr: float
    flow: int
    people: float
    people_share: float
    states: pd.DataFrame
    outside: pd.DataFrame
    course: Course
    territory: gpd.GeoDataFrame
    line: gpd.GeoDataFrame
    constraints: Constraints


def enclose(
    theatre: Theatre,
    worth: Worth,
    threat: Threat,
    works: Works,
    settings: LineSettings,
    *,
    places: Sequence[str],
    man_usd_yr: float,
) -> Enclosed:
    """Find the cheapest line around places.

    Of all territories that hold them (and what `must_hold` names, nothing of `must_leave`, with no
    line where `no_build` forbids it) the one with the least holding and closure together; of
    several that cost the same, the smallest. What holding earns is not asked.

    Parameters
    ----------
    theatre, worth, threat, works
        Results of the earlier stages.
    settings
        Costs and limits. Of price, budget and objective nothing is read, nor of the limits on
        pieces and connection.
    places
        Settlements, regions, ISO3 of members, "lon,lat", or "file:" and the path of polygons.
    man_usd_yr
        Cost of one man on duty, rotation included.

    Returns
    -------
    Enclosed
        Its territory and line, with the proof.

    Raises
    ------
    InputError
        For no place at all, unknown names and points off the theatre.
    InfeasibleError
        For places outside the members, that must be left too, or that can't be held; named.
    CertificateError
        If the cut fails its check.
    """
    if not places:
        mend = "name at least one, as --hold Kayes,Bamako"
        raise InputError([Fault("--hold", "", "no place to hold", mend)])
    fixed = resolve(theatre, settings, places)
    at_stake = stakes(
        theatre, worth, threat, works, settings, objective="output", man_usd_yr=man_usd_yr
    )
    problem = problem_of(at_stake, fixed, theatre.grid, width_km=settings.min_width_km, bare=True)
    cut = cheapest(problem)
    held = cut.held
    course = follow(problem, held, at_stake.flank, theatre.grid)
    people = float(worth.people[held].sum())
    return Enclosed(
        places=tuple(places),
        problem=problem,
        held=held,
        score=score(problem, held),
        bound_usd_yr=cut.bound_usd_yr,
        rounding_usd_yr=cut.rounding_usd_yr,
        flow=cut.flow,
        people=people,
        people_share=people / max(float(worth.people.sum()), 1e-300),
        states=_states(theatre, worth, held),
        outside=_outside(theatre, held),
        course=course,
        territory=trace.territory(held, theatre.grid),
        line=_drawn(course, theatre.grid),
        constraints=fixed,
    )


class Cheapest(NamedTuple):
    """A territory (shape (rows, cols), bool), and the proof as in `Enclosed`."""

    held: NDArray[np.bool_]
    bound_usd_yr: float
    rounding_usd_yr: float
    flow: int


def cheapest(problem: Instance) -> Cheapest:
    """Find the territory of least cost that holds what must be held.

    Parameters
    ----------
    problem
        With land that must be held; its benefits are not read at price 0.

    Returns
    -------
    Cheapest
        The smallest such territory, and the bound that its flow proves.

    Raises
    ------
    CertificateError
        If the cut fails its check.
    """
    found = solve(problem, step=EVERYTHING, at=[0.0])
    if found.proof is None:
        raise AssertionError("our own solver proves what it finds")
    proved = verify(found.proof, problem, mu=[0.0]).prices
    flow = found.certificate["flow"].iloc[0] if len(found.certificate) else 0
    return Cheapest(
        held=frozen(found.entry == 0),
        bound_usd_yr=-float(proved["bound"].iloc[0]),
        rounding_usd_yr=float(proved["rounding"].iloc[0]),
        flow=int(flow),
    )


def _states(theatre: Theatre, worth: Worth, held: NDArray[np.bool_]) -> pd.DataFrame:
    """Say how much of each member is held."""
    own = [held & theatre.state_mask(iso3) for iso3 in theatre.members]
    return pd.DataFrame(
        {
            "iso3": list(theatre.members),
            "held_km2": [float(mask.sum()) * theatre.grid.cell_km2 for mask in own],
            "people": [float(worth.people[mask].sum()) for mask in own],
        }
    )


def _outside(theatre: Theatre, held: NDArray[np.bool_]) -> pd.DataFrame:
    """List the members' settlements that are not held."""
    towns = theatre.settlements
    left = ~held[towns["row"].to_numpy(int), towns["col"].to_numpy(int)]
    own = towns[towns["iso3"].isin(theatre.members) & left]
    order = own.sort_values(["people", "geonameid"], ascending=[False, True])
    return pd.DataFrame(order[["name", "iso3", "people"]]).reset_index(drop=True)


def _drawn(course: Course, grid: Grid) -> gpd.GeoDataFrame:
    """Draw the line along the edges of cells, one row per unbroken run."""
    rows = []
    for number, (run, share) in enumerate(zip(course.runs, course.shares, strict=True)):
        x = grid.west_m + run.corners[:, 1] * grid.cell_m
        y = grid.north_m - run.corners[:, 0] * grid.cell_m
        rows.append(
            {
                "line": number,
                "length_km": float(share.length_km.sum()),
                "cost_usd_yr": float(share.cost_usd_yr.sum()),
                "closed": run.closed,
                "geometry": LineString(np.stack([x, y], axis=1)),
            }
        )
    columns = ["line", "length_km", "cost_usd_yr", "closed", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=grid.crs)
