"""The campaign stage: the world of a held land, the play on it, and what both say of the line."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.campaign import tally
from vallum.campaign.exact import exact
from vallum.campaign.exact_net import ASSUMED
from vallum.campaign.exact_parts import parts_of
from vallum.campaign.harm import harm
from vallum.campaign.means_figures import figures_at, men_per_1000
from vallum.campaign.means_figures import ledger as means_ledger
from vallum.campaign.model import Campaign, Case
from vallum.campaign.published import compare
from vallum.campaign.runs import run
from vallum.campaign.settings import assumptions
from vallum.campaign.spending import Spending, phases_of
from vallum.campaign.world import build
from vallum.campaign.world_entries import effect_ends
from vallum.kernel.pool import Pool, cores
from vallum.line.course import follow
from vallum.works.settings import swings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.campaign.harm_model import Harm
    from vallum.campaign.model import World
    from vallum.campaign.settings import CampaignSettings
    from vallum.forces import Forces
    from vallum.line import Line
    from vallum.line.course import Course
    from vallum.theatre import Theatre
    from vallum.threat import Threat, ThreatSettings
    from vallum.works import Works, WorksSettings

__all__ = ["campaign", "pool_for"]

HALF = 0.5  # of the members' output: the line that the proposal has in mind
ROUGH_M = 100.0  # relief within a cell from which ground is called rough
MONTHS = 12
WORTH_STARTING = 2_000  # draws: some ten seconds, as against five to start workers


@dataclass(frozen=True, eq=False)
class _Land:
    """One held land, with what is known of its line."""

    name: str
    step: int
    held: NDArray[np.bool_]
    course: Course
    cost_usd_yr: float
    line_km: float
    sectors: gpd.GeoDataFrame | None
    forts: pd.DataFrame | None
    programme: pd.DataFrame | None
    starts: pd.Timestamp | None


def campaign(  # noqa: PLR0913  (the stages' results, and how to play)
    theatre: Theatre,
    threat: Threat,
    works: Works,
    line: Line,
    forces: Forces,
    settings: CampaignSettings,
    *,
    how: WorksSettings,
    asked: ThreatSettings,
    seed: int,
    pool: Pool,
    checkpoint: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    half: bool = True,
) -> Campaign:
    """Play the campaign on the plan's land, and on that of a line that holds half of the output.

    Parameters
    ----------
    theatre, threat, works, line, forces
        Results of the earlier stages.
    settings
        How the other side chooses, and how long is played.
    how, asked
        The settings that works and threat were found with.
    seed
        Each draw's own is (seed, number).
    pool
        Where to play; the result is the same.
    checkpoint
        Folder in which finished batches are kept, so that a play that was stopped can go on.
    progress
        Called with draws played, and draws asked for.
    half
        Whether the land of half of the output is played too, where the plan holds less.

    Returns
    -------
    Campaign
        No case, and a status that says why, where no sanctuary sends anybody.
    """
    harmed, harm_ledger, harm_ends = harm(theatre, threat)
    ledger = (
        *assumptions(settings), *harm_ledger, *means_ledger(), *ASSUMED,
    )  # fmt: skip
    cases = []
    status = "ok"
    if threat.ways is None:
        status = "no sanctuary sends anybody: there is nothing to play"
    else:
        triples = _triples(threat, works, how, asked, harm_ends)
        for land in _lands(line, forces, theatre)[: None if half else 1]:
            case = _case(
                theatre, threat, works, line, settings, land,
                how=how, asked=asked, harmed=harmed, triples=triples, seed=seed, pool=pool,
                checkpoint=checkpoint, progress=progress,
            )  # fmt: skip
            if case is None:
                status = "no base reaches any place: there is nothing to play"
                continue
            cases.append(case)
    return Campaign(tuple(cases), status, seed, ledger, theatre.fingerprint)


def pool_for(settings: CampaignSettings, scheduler: str | None = None) -> Pool:
    """Choose where to play: on the cluster given, in as many processes as asked for, or as is fast.

    Parameters
    ----------
    settings
        Draws, and processes if they were asked for.
    scheduler
        Address of a dask scheduler, if there is one.
    """
    if settings.workers is not None:
        return Pool(settings.workers, scheduler)
    return Pool(2 if settings.draws >= WORTH_STARTING and cores() > 1 else 0, scheduler)


def _triples(
    threat: Threat,
    works: Works,
    how: WorksSettings,
    asked: ThreatSettings,
    harmed: Mapping[str, tuple[float, float, float]],
) -> dict[str, tuple[float, float, float]]:
    """Give the ranges that come from earlier stages."""
    passage = asked.passage
    breaks = swings(how)["breaks_at"]
    return {
        "reach": threat.reach,
        "range_h": (passage.range_low, passage.range_h, passage.range_high),
        "effect": effect_ends(works),
        "lost": (breaks[0], how.breaks_at, breaks[1]),
        **harmed,
    }


def _lands(line: Line, forces: Forces, theatre: Theatre) -> list[_Land]:
    """Give the plan's land, and that of half of the output where it holds less."""
    programme = forces.programme
    starts = None
    if programme is not None and len(programme.table):
        first = programme.table.iloc[0]
        starts = pd.Timestamp(str(first["start"])) - pd.DateOffset(months=int(first["start_month"]))
    own = _Land(
        "plan", line.step, line.held, line.course, line.score.cost, line.score.line_km,
        line.sectors, None if forces.forts is None else forces.forts.table,
        None if programme is None else programme.table, starts,
    )  # fmt: skip
    steps = line.plans.steps
    share = steps["output_share"].to_numpy(np.float64)
    enough = np.flatnonzero(share >= HALF)
    if share[line.step] >= HALF or not enough.size:
        return [own]
    step = int(enough[0])
    held = (line.plans.entry >= 0) & (line.plans.entry <= step)
    course = follow(line.plans.problem, held, line.plans.stakes.flank, theatre.grid)
    row = steps.iloc[step]
    half = _Land(
        "half", step, held, course, float(row["cost_usd_yr"]), float(row["line_km"]),
        None, None, None, None,
    )  # fmt: skip
    return [own, half]


def _case(  # noqa: PLR0913  (as `campaign`)
    theatre: Theatre,
    threat: Threat,
    works: Works,
    line: Line,
    settings: CampaignSettings,
    land: _Land,
    *,
    how: WorksSettings,
    asked: ThreatSettings,
    harmed: Harm,
    triples: Mapping[str, tuple[float, float, float]],
    seed: int,
    pool: Pool,
    checkpoint: Path | None,
    progress: Callable[[int, int], None] | None,
) -> Case | None:
    """Play one land."""
    world = build(
        theatre, threat, works, land.held, settings,
        flank=line.plans.stakes.flank, how=how, sectors=land.sectors, course=land.course,
        forts=land.forts, programme=land.programme, harm=harmed, movement=asked.movement,
    )  # fmt: skip
    if not len(world.bases):
        return None
    spending = Spending(
        world=world,
        cost_usd_yr=land.cost_usd_yr,
        held_km2=float(land.held.sum()) * theatre.grid.cell_km2,
        man_usd_yr=how.man_year_usd * how.rotation,
        men_now_per_1000=men_per_1000(theatre, figures_at(None, None)),
        others=settings.alternatives,
        seed=seed,
    )
    phases = _phases(world, land, settings)
    runs = run(
        world, spending, settings, triples,
        years=tuple(phases["years"].astype(int)), seed=seed, pool=pool,
        checkpoint=checkpoint, progress=progress,
    )  # fmt: skip
    stacks = {
        name: {each.name: getattr(one, each.name) for each in fields(one)}
        for name, one in zip(spending.names, runs.played, strict=True)
    }
    found = {name: tally.outcomes(world, stack, runs.chosen) for name, stack in stacks.items()}
    parts = parts_of(world)
    change = tally.changes(found)
    leaks = tally.leaks(stacks["line"], parts)
    return Case(
        name=land.name,
        step=land.step,
        line_km=land.line_km,
        cost_usd_yr=land.cost_usd_yr,
        world=world,
        phases=phases,
        totals=tally.totals(found),
        change=change,
        targets=tally.targets(stacks),
        entries=tally.entries(stacks["line"]),
        leaks=leaks,
        draws=tally.per_draw(found),
        touchable=tally.touchable(world, stacks["nothing"], found["nothing"]),
        stopped=tally.stopped(world, stacks["line"]),
        displaced=tally.displaced(found["nothing"], found["line"]),
        exact=exact(world, budgets=settings.reinforce, gates_bought=settings.bought),
        published=_published(theatre, land, change, leaks),
        played=(runs.made, runs.asked),
    )


def _phases(world: World, land: _Land, settings: CampaignSettings) -> pd.DataFrame:
    """Give a row per phase of the programme: how long it lasts, and what is covered in it."""
    ends = [0, *world.months]
    at = phases_of(world)
    line = world.entries["kind"].eq("line").to_numpy()
    length = world.entries["length_km"].to_numpy(np.float64)
    rows = []
    for phase in range(len(ends)):
        last = phase == len(ends) - 1
        months = settings.years * MONTHS if last else ends[phase + 1] - ends[phase]
        covered = float(length[line & (at <= phase)].sum())
        begins = None if land.starts is None else (
            land.starts + pd.DateOffset(months=ends[phase])
        ).date()  # fmt: skip
        name = "all covered" if last else "nothing covered" if not covered else "part covered"
        rows.append((phase, name, begins, max(1, round(months / MONTHS)), covered))
    return pd.DataFrame(rows, columns=["phase", "name", "begins", "years", "covered_km"])


def _published(
    theatre: Theatre, land: _Land, change: pd.DataFrame, leaks: pd.DataFrame
) -> pd.DataFrame:
    """Put our ranges beside published effects."""
    line = change[change["means"] == "line"].set_index("what")

    def triple(what: str) -> tuple[float, float, float]:
        at = line.index.get_loc(what)
        low, mid, high = (
            float(line[name].to_numpy(np.float64)[at])
            for name in ("change_low", "change", "change_high")
        )
        return low, mid, high

    on = leaks["kind"].eq("flank")
    through = float(leaks["through"].sum())
    flank = float(leaks.loc[on, "through"].sum()) / through if through > 0 else 0.0
    cell = land.course.by_cell.length_km
    relief = theatre.ground["relief_m"].to_numpy().astype(np.float64).ravel()
    length = float(cell.sum())
    rough = float(cell[relief > ROUGH_M].sum()) / length if length > 0 else 0.0
    return compare(
        held_arrived=triple("held_arrived"), held=triple("held"), outside=triple("outside"),
        flank_share=(flank, flank, flank), rough_share=(rough, rough, rough),
    )  # fmt: skip
