"""The forces stage: forts, then tasks, then the programme of building."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from vallum.errors import Fault, InfeasibleError, InputError
from vallum.forces import forts as forts_part
from vallum.forces import programme as programme_part
from vallum.forces import tasks as tasks_part
from vallum.forces.model import Forces
from vallum.forces.packages import packages_of
from vallum.forces.programme_resources import Pool, Purse, Resources
from vallum.forces.tasks_means import resolve

if TYPE_CHECKING:
    from vallum.forces.forts_model import Forts
    from vallum.forces.packages_model import Packages
    from vallum.forces.programme import Programme
    from vallum.forces.settings import ForcesSettings
    from vallum.forces.tasks import Tasks
    from vallum.forces.tasks_means import Means
    from vallum.forces.tasks_settings import TasksSettings
    from vallum.line import Line
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works import Works, WorksSettings

__all__ = ["deploy"]

ALL = "all"
WORK, NODES = 50.0, 50  # times the search of the default, at full depth
CARRIED = ("sector", "line", "state", "length_km", "forts", "bases", "men_on_duty", "men_paid",
           "response_s_assumed", "response_s_found", "p_e_assumed", "p_e_found")  # fmt: skip


def deploy(
    theatre: Theatre,
    threat: Threat,
    works: Works,
    line: Line,
    settings: ForcesSettings,
    *,
    how: WorksSettings,
    full: bool = False,
) -> Forces:
    """Place forts, share out the tasks, and schedule the building.

    Parameters
    ----------
    theatre, threat, works, line
        Results of the earlier stages.
    settings
        A section per part.
    how
        The settings that the works were priced with.
    full
        Whether to search longer for tasks and programme.

    Returns
    -------
    Forces
        What can't be done is no error of the stage: it is in `refused`, with what is short.

    Raises
    ------
    InputError
        For settings that name no state of the members.
    """
    strange = sorted(set(settings.money_usd_yr) - {ALL, *theatre.members})
    if strange:
        mend = f"give {', '.join(theatre.members)}, or all"
        raise InputError([Fault("forces", "money_usd_yr", name, mend) for name in strange])
    asked = _asked(settings.tasks, how, full=full)
    means = resolve(theatre.members, theatre.forces, theatre.offer, asked)
    refused: list[str] = []
    forts: Forts | None = None
    tasks: Tasks | None = None
    try:
        forts = forts_part.place(
            theatre, threat, works, line, settings.forts, how=how, man_usd_yr=how.man_year_usd
        )
    except InfeasibleError as error:
        refused += _said("forts", error)
    packages = packages_of(
        theatre, works, line, settings.programme, man_usd_yr=how.man_year_usd * how.rotation
    )
    if forts is not None and len(line.sectors):
        sectors, asked = _for_tasks(line, forts, packages, asked)
        tasks = tasks_part.share_out(
            sectors,
            theatre.forces,
            theatre.bases,
            theatre.offer,
            asked,
            members=theatre.members,
            man_usd_yr=how.man_year_usd,
        )
    programme = _programme(packages, means, settings, refused, full=full)
    return Forces(
        forts=forts,
        tasks=tasks,
        programme=programme,
        sectors=_sectors(line, forts, tasks, packages, programme),
        refused=tuple(refused),
        builders=settings.builders,
        ledger=(
            *(() if forts is None else forts.ledger),
            *(() if tasks is None else tasks.ledger),
            *(() if programme is None else programme.ledger),
        ),
        fingerprint=theatre.fingerprint,
    )


def _said(part: str, error: InfeasibleError) -> list[str]:
    """Put what a part refuses into sentences."""
    return [f"{part}: {fault.place + ': ' if fault.place else ''}{fault.found}; {fault.mend}"
            for fault in error.faults]  # fmt: skip


def _asked(given: TasksSettings, how: WorksSettings, *, full: bool) -> TasksSettings:
    """Take rotation and haul from the works, where the tasks' own are not given."""
    own = {"rotation": how.rotation, "haul_usd_tkm": how.haul_usd_tkm}
    update: dict[str, float | int] = {
        key: value for key, value in own.items() if key not in given.model_fields_set
    }
    if full:
        update["nodes"] = given.nodes * NODES
    return given.model_copy(update=update)


def _for_tasks(
    line: Line, forts: Forts, packages: Packages, asked: TasksSettings
) -> tuple[pd.DataFrame, TasksSettings]:
    """Lay out sectors as the tasks ask for them.

    A base's garrison reacts and the other forts' guard, so that nobody is counted twice.
    """
    table = line.sectors
    count = len(table)
    men = np.zeros((2, count))  # guard, reaction
    base = forts.table["base"].to_numpy(bool)
    np.add.at(
        men,
        (base.astype(np.int64), forts.table["sector"].to_numpy(np.int64)),
        forts.table["men_on_duty"].to_numpy(np.float64),
    )
    bases = np.bincount(forts.table["sector"].to_numpy(np.int64)[base], minlength=count)
    if bases.sum() and "reaction_men" not in asked.model_fields_set:
        asked = asked.model_copy(update={"reaction_men": float(men[1].sum() / bases.sum())})
    middle = gpd.GeoSeries(table.geometry.interpolate(0.5, normalized=True), crs=table.crs).to_crs(
        "EPSG:4326"
    )
    before, after = _neighbours(line)
    days = packages.table.set_index("sector")["company_days"].reindex(range(count)).fillna(0.0)
    sectors = pd.DataFrame(
        {
            "sector": table["sector"].to_numpy(),
            "line": table["line"].to_numpy(),
            "state": table["state"].to_numpy(),
            "length_km": table["length_km"].to_numpy(),
            "men_guard": men[0],
            "reaction_bases": bases,
            "company_days": days.to_numpy(),
            "previous": before,
            "next": after,
            "lon": middle.x.to_numpy(),
            "lat": middle.y.to_numpy(),
        }
    )
    return sectors, asked


def _neighbours(line: Line) -> tuple[list[int | None], list[int | None]]:
    """Give each sector those before and behind it on its line."""
    closed = line.line.set_index("line")["closed"]
    before: list[int | None] = []
    after: list[int | None] = []
    for number, rows in line.sectors.groupby("line", sort=True):
        own = rows["sector"].astype(int).tolist()
        ring = bool(closed[number]) and len(own) > 1
        before += [own[k - 1] if k or ring else None for k in range(len(own))]
        after += [own[(k + 1) % len(own)] if k + 1 < len(own) or ring else None
                  for k in range(len(own))]  # fmt: skip
    return before, after


def _programme(
    packages: Packages, means: Means, settings: ForcesSettings, refused: list[str], *, full: bool
) -> Programme | None:
    """Schedule the building, or note what is short."""
    unknown = [s for s in means.members if math.isinf(means.limits[s, "engineer_companies"])]
    if unknown and len(packages.table):
        refused.append(
            f"programme: nothing says how many engineer companies {', '.join(unknown)} "
            f"{'has' if len(unknown) == 1 else 'have'}; give forces.tasks.means, as "
            f'{{"{unknown[0]}.engineer_companies" = 4}}'
        )
        return None
    asked = settings.programme
    if full:
        asked = asked.model_copy(update={"work": asked.work * WORK})
    try:
        return programme_part.schedule(packages, _resources(means, settings), asked)
    except InfeasibleError as error:
        refused += _said("programme", error)
    return None


def _resources(means: Means, settings: ForcesSettings) -> Resources:
    """Give the companies, plant and money that build, under the regime asked for."""
    alone = settings.builders == "alone"
    pools = []
    for state in means.members:
        plant = means.limits[state, "plant_sets"]
        pools.append(
            Pool(
                state,
                int(means.limits[state, "engineer_companies"]),
                None if math.isinf(plant) else int(plant),
                (state,) if alone else None,
            )
        )
    brought = means.offer.get(("engineer_companies", "number"), 0.0)
    if settings.builders == "joint_with_partner" and brought >= 1:
        pools.append(Pool(means.partner, int(brought)))
    purses = tuple(
        Purse(name, usd, None if name == ALL else (name,))
        for name, usd in sorted(settings.money_usd_yr.items())
    )
    return Resources(tuple(pools), purses)


def _sectors(
    line: Line,
    forts: Forts | None,
    tasks: Tasks | None,
    packages: Packages,
    programme: Programme | None,
) -> pd.DataFrame:
    """Join what each part says of a sector."""
    plain = ["sector", "line", "state", "length_km"]
    table = pd.DataFrame(line.sectors[plain]).reset_index(drop=True)
    if forts is not None:
        own = forts.by_sector[["sector", *CARRIED[4:]]]
        table = table.merge(own, on="sector", how="left", validate="1:1")
    work = packages.table[["sector", "company_days", "capital_usd"]]
    table = table.merge(work, on="sector", how="left", validate="1:1")
    if tasks is not None:
        joint = tasks.by_regime["joint"].table
        for role in ("guard", "reaction"):
            rows = joint[joint["role"] == role]
            who = rows.groupby(rows["sector"].astype(str))["state"].agg("+".join)
            table[role] = table["sector"].astype(str).map(who)
    if programme is not None and len(programme.table):
        dates = programme.table[["sector", "start", "built", "covered"]]
        table = table.merge(dates, on="sector", how="left", validate="1:1")
    return table
