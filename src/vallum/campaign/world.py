"""Build the world of a campaign for one held land from what the stages before have found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.campaign import world_entries, world_hours, world_places
from vallum.campaign.model import World
from vallum.kernel.arrays import frozen
from vallum.threat.ways.routing import main_land

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.campaign.harm_model import Harm
    from vallum.campaign.settings import CampaignSettings
    from vallum.campaign.world_entries import Entries
    from vallum.campaign.world_hours import Hours
    from vallum.line.course import Course
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.threat.movement import MovementSettings
    from vallum.works import Works, WorksSettings

__all__ = ["build"]


def build(  # noqa: PLR0913 - a result of each stage
    theatre: Theatre,
    threat: Threat,
    works: Works,
    held: NDArray[np.bool_],
    settings: CampaignSettings,
    *,
    flank: NDArray[np.float64],
    how: WorksSettings,
    sectors: gpd.GeoDataFrame | None,
    course: Course,
    forts: pd.DataFrame | None,
    programme: pd.DataFrame | None,
    harm: Harm,
    movement: MovementSettings,
) -> World:
    """Say where attacks come from and go to, and what lies between.

    Bases from which no target can be reached, and entries that no base reaches (coasts, say), are
    left out; the weights of the others are raised to add up to 1. A target that no base reaches
    stands where the nearest of its side does that is reached, or nobody could be who strikes it.

    Parameters
    ----------
    theatre, threat, works
        Results of the earlier stages.
    held
        Held land, shape (rows, cols).
    settings
        Longest entry, and the most places that are told apart.
    flank
        How open land outside is, same shape; no line stands towards 0.
    how
        The settings that the works were priced with.
    sectors
        `Line.sectors` where the line of this land is drawn; None: it is cut at 100 km.
    course
        `vallum.line.course.follow` of this land.
    forts, programme
        `Forts.table` and `Programme.table`, for the same sectors, or None.
    harm
        What an attack costs.
    movement
        Season and speeds.

    Returns
    -------
    World
        Its arrays are read-only. Where the threat knows no ways there are no bases and `theta`
        is 1, which nothing reads.

    Raises
    ------
    CertificateError
        If targets do not add up to the threat's events.
    """
    over = world_hours.field(theatre, movement)
    mainland = main_land(over.hours_per_km, theatre.member_mask)
    starts = world_places.bases(threat, held, settings.most_bases)
    ends = world_places.targets(theatre, threat, held, mainland, harm, settings.most_targets)
    boundary = world_entries.Boundary(held, flank, course, sectors, forts, programme)
    ways_in = world_entries.entries(theatre, works, boundary, how, settings.entry_km)
    times = world_hours.hours(over, held, starts, ends, ways_in.edges, len(ways_in.table))
    return _reached(starts, ends, ways_in, times, 1.0 if threat.ways is None else threat.ways.theta)


def _reached(
    bases: pd.DataFrame, targets: pd.DataFrame, ways_in: Entries, times: Hours, theta: float
) -> World:
    """Leave out bases that reach nothing, and entries that no base reaches."""
    leads = np.isfinite(times.into).any(axis=1)
    some = np.isfinite(times.direct).any(axis=1) | (np.isfinite(times.out) & leads).any(axis=1)
    out = times.out[some]
    met = np.isfinite(out).any(axis=0) if some.any() else np.ones(leads.shape, np.bool_)
    table = ways_in.table.iloc[np.flatnonzero(met)].reset_index(drop=True)
    kept = bases.iloc[np.flatnonzero(some)]
    if len(kept):
        kept = kept.assign(weight=kept["weight"] / kept["weight"].sum())
    direct, into = times.direct[some], times.into[met]
    like = _standing_in(targets, _led_to(direct, out[:, met], into))
    stands = targets[["row", "col"]].iloc[like].reset_index(drop=True)
    return World(
        bases=world_places.grouped(kept),
        targets=targets.assign(row=stands["row"], col=stands["col"]),
        entries=table,
        direct=frozen(direct[:, like]),
        out=frozen(out[:, met]),
        into=frozen(into[:, like]),
        theta=float(theta),
        months=world_entries.phase_ends(table["covered_month"].to_numpy(np.int64)),
    )


def _led_to(
    direct: NDArray[np.float64], out: NDArray[np.float64], into: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Mark the targets that some base reaches, straight or by an entry."""
    met = np.isfinite(out).any(axis=0, keepdims=True).T
    through = (np.isfinite(into) & met).any(axis=0)
    return np.asarray(np.isfinite(direct).any(axis=0) | through)


def _standing_in(targets: pd.DataFrame, reached: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give each target the one whose ways it has: its own, or the nearest of its side's."""
    place, side = targets[["row", "col"]].to_numpy(np.int64), targets["side"].to_numpy(object)
    like = np.arange(len(targets))
    for t in np.flatnonzero(~reached):
        others = np.flatnonzero(reached & (side == side[t]))
        if others.size:
            like[t] = others[((place[others] - place[t]) ** 2).sum(axis=1).argmin()]
    return like
