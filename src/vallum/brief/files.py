"""The plan as files for other tools: CSV, GeoTIFF, GeoPackage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from vallum.brief import law_tables
from vallum.brief.campaign_ways import write_ways
from vallum.brief.cog import Band, write_cog
from vallum.brief.geopackage import write_layers
from vallum.brief.record import frontier, ledger
from vallum.brief.record_campaign import campaign_table, country_names, leaks_table
from vallum.brief.record_forces import forces_table, programme_table, tasks_table

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vallum.plan import Plan

    _Layer = tuple[str, str, NDArray[np.float64]]

__all__ = ["write_geopackage", "write_rasters", "write_restricted", "write_tables"]

MARKING = "RESTRICTED: places of single forts; not for publication"


def write_tables(plan: Plan, folder: Path) -> None:
    """Write tables: a row per step, item of the bill, assumption, item and state of the law.

    These are `frontier.csv`, `bill.csv`, `ledger.csv` and `law.csv`; then `forces.csv` (a row per
    sector), `tasks.csv` (per regime, sector and role) and `programme.csv` (per work package, as
    project tools import it). `campaign.csv` has attacks and harm by case, means, phase and place,
    and `leaks.csv` who gets through, by part of the line of 50 km and more.
    """
    pd.DataFrame(frontier(plan)).to_csv(folder / "frontier.csv", index=False)
    plan.bill.items.to_csv(folder / "bill.csv")
    ledger(plan).to_csv(folder / "ledger.csv", index=False)
    law_tables.standing(plan).to_csv(folder / "law.csv", index=False)
    forces_table(plan.forces).to_csv(folder / "forces.csv", index=False)
    tasks_table(plan.forces).to_csv(folder / "tasks.csv", index=False)
    programme_table(plan.forces).to_csv(folder / "programme.csv", index=False)
    campaign_table(plan.campaign).to_csv(folder / "campaign.csv", index=False)
    leaks_table(plan.campaign, country_names(plan)).to_csv(folder / "leaks.csv", index=False)


def write_rasters(plan: Plan, folder: Path) -> None:
    """Write the plan's maps as Cloud-Optimised GeoTIFFs.

    `entry.tif`: the step at which each cell enters, −1 never (no data outside the members).
    `robust.tif`: share of the draws in which each is inside for the chosen step's cost, per cent;
    no file without draws.
    `works.tif`: what a kilometre of line would cost, and works alone; where no line may stand
    short of the standard (`works.where_short` is "avoid") also where one may. What it stops is told
    by sector only. `threat.tif`: events, journeys and hours, a band each.
    `civilians.tif`: civilian journeys, a band per kind. No data beyond the states shown; hours are
    infinite where nobody passes.
    """
    theatre, nodata = plan.theatre, -32768
    entry = np.where(theatre.member_mask, plan.line.plans.entry, nodata).astype(np.int16)
    name = "step at which the cell enters the held land; -1 never"
    band = Band(name, "step", entry)
    write_cog(folder / "entry.tif", theatre.grid, [band], nodata, "nearest", theatre.name)
    if plan.robust is not None:
        inside = plan.robust.inside_at(plan.line.step)
        name = "draws in which the cell is inside at the chosen step's cost, %"
        share = np.where(theatre.member_mask, inside, 255).astype(np.uint8)
        band = Band(name, "%", share)
        write_cog(folder / "robust.tif", theatre.grid, [band], 255, "average", theatre.name)
    for file, bands in (
        ("threat.tif", _threat(plan)), ("works.tif", _works(plan)), ("civilians.tif", _who(plan)),
    ):  # fmt: skip
        shown = theatre.ground["state"].to_numpy() >= 0
        told = [
            Band(
                f"{what}, {unit}" if unit else what,
                unit,
                np.where(shown, values, np.nan).astype(np.float32),
            )
            for what, unit, values in bands
        ]
        write_cog(folder / file, theatre.grid, told, float("nan"), "average", theatre.name)


def _threat(plan: Plan) -> list[_Layer]:
    """Give what is known of attackers, by cell: what, unit, values."""
    threat = plan.threat
    events = threat.cells / plan.theatre.grid.cell_km2
    ways: list[_Layer] = []
    if threat.ways is not None:
        ways = [("journeys to vital land", "1/yr", threat.ways.cells)]
    season = "dry season" if threat.crossing.season == "dry" else "rains"
    hours = [
        (f"{what} {mode} in the {season}", "h", values)
        for what, by in (
            ("to cross the cell by", threat.crossing.cell_hours),
            ("from the nearest sanctuary by", threat.crossing.hours_from),
        )
        for mode, values in by.items()
    ]
    return [("events expected", "1/km2/yr", events), *ways, *hours]


def _works(plan: Plan) -> list[_Layer]:
    """Give what a line would cost, by cell: what, unit, values."""
    works = plan.works
    priced = [
        ("price of a km of line, gates included", "USD/km/yr", works.closure_usd_km_yr),
        ("of it works alone", "USD/km/yr", works.works_usd_km_yr),
    ]
    if plan.settings.works.where_short == "avoid":
        may = works.buildable.astype(np.float64)
        priced.append(("where a line may stand, 1 or 0", "", may))
    return priced


def _who(plan: Plan) -> list[_Layer]:
    """Give who else crosses, by cell: what, unit, values."""
    return [(kind, "journeys/yr", cells) for kind, cells in plan.threat.civilians.cells.items()]


def write_geopackage(plan: Plan, folder: Path) -> None:
    """Write `plan.gpkg`.

    Its layers are territory, line, sectors, stretches, posts, forces (sectors with what stands and
    when), settlements and corridors.
    Corridors run through blocks of at least 50 km: they are directions and no routes.
    """
    line, entry = plan.line, plan.line.plans.entry
    towns = plan.theatre.settlements
    own = towns[towns["iso3"].isin(plan.theatre.members)].copy()
    own["entry_step"] = entry[own["row"].to_numpy(), own["col"].to_numpy()]
    own["held"] = line.held[own["row"].to_numpy(), own["col"].to_numpy()]
    columns = ["name", "iso3", "region", "people", "imputed", "entry_step", "held", "geometry"]
    layers: dict[str, gpd.GeoDataFrame] = {
        "territory": line.territory,
        "line": line.line,
        "sectors": line.sectors,
        "stretches": line.stretches,
        "posts": line.posts,
        "forces": _forces(plan),
        "settlements": own[columns].reset_index(drop=True),
    }
    if plan.threat.ways is not None:
        layers["corridors"] = plan.threat.ways.corridors
    lines = ("line", "sectors", "stretches", "forces", "corridors")
    points = ("posts", "settlements")
    kinds = {
        "territory": "Polygon",
        **dict.fromkeys(lines, "LineString"),
        **dict.fromkeys(points, "Point"),
    }
    write_layers(folder / "plan.gpkg", layers, kinds, plan.theatre.name)


def _forces(plan: Plan) -> gpd.GeoDataFrame:
    """Give the sectors of the line with what stands there and when."""
    table = forces_table(plan.forces)
    shapes = plan.line.sectors.set_index("sector").geometry
    return gpd.GeoDataFrame(
        table, geometry=shapes.reindex(table["sector"]).to_numpy(), crs=plan.theatre.grid.crs
    )


def write_restricted(plan: Plan, folder: Path) -> None:
    """Write where single forts stand, and single ways in. Not to be published.

    `forts.RESTRICTED.gpkg` and `.csv`; and `ways.RESTRICTED.gpkg` and `.csv`.
    """
    write_ways(plan, folder)
    if plan.forces.forts is None:
        return
    table = plan.forces.forts.table.assign(marking=MARKING)
    table.to_csv(folder / "forts.RESTRICTED.csv", index=False)
    places = gpd.points_from_xy(table["lon"], table["lat"], crs="EPSG:4326")
    layer = gpd.GeoDataFrame(table, geometry=places, crs="EPSG:4326")
    write_layers(folder / "forts.RESTRICTED.gpkg", {"forts": layer}, {"forts": "Point"})
