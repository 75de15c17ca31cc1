"""The plan as files for other tools: CSV, GeoTIFF, GeoPackage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio

from vallum.brief import law_tables
from vallum.brief.campaign_ways import write_ways
from vallum.brief.geopackage import write_layers
from vallum.brief.record import frontier, ledger
from vallum.brief.record_campaign import campaign_table, country_names, leaks_table
from vallum.brief.record_forces import forces_table, programme_table, tasks_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from vallum.plan import Plan

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
    """Write the plan's maps as GeoTIFFs.

    `entry.tif`: the step at which each cell enters, −1 never (no data outside the members).
    `robust.tif`: share of the draws in which each is inside for the chosen step's cost, per cent;
    no file without draws.
    `works.tif`: what a kilometre of line would cost, and works alone; where no line may stand
    short of the standard (`works.where_short` is "avoid") also where one may. What it stops is told
    by sector only. `threat.tif`: events, journeys and hours, a band each.
    `civilians.tif`: civilian journeys, a band per kind. No data beyond the states shown; hours are
    infinite where nobody passes.
    """
    theatre, threat = plan.theatre, plan.threat
    nodata = -32768
    entry = np.where(theatre.member_mask, plan.line.plans.entry, nodata)
    bands = {"step at which the cell enters the held land; -1 never": entry.astype(np.int16)}
    _write_raster(plan, folder / "entry.tif", bands, nodata)
    if plan.robust is not None:
        inside = plan.robust.inside_at(plan.line.step)
        name = "draws in which the cell is inside at the chosen step's cost, %"
        shown_inside = {name: np.where(theatre.member_mask, inside, 255).astype(np.uint8)}
        _write_raster(plan, folder / "robust.tif", shown_inside, 255)
    shown = theatre.ground["state"].to_numpy() >= 0

    def of(layers: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[np.generic]]:
        return {k: np.where(shown, v, np.nan).astype(np.float32) for k, v in layers.items()}

    ways = {} if threat.ways is None else {"journeys to vital land, 1/yr": threat.ways.cells}
    hours = {
        f"{what} {mode} in the {'dry season' if threat.crossing.season == 'dry' else 'rains'}, h": v
        for what, by in (
            ("to cross the cell by", threat.crossing.cell_hours),
            ("from the nearest sanctuary by", threat.crossing.hours_from),
        )
        for mode, v in by.items()
    }
    events = {"events expected, 1/km2/yr": threat.cells / theatre.grid.cell_km2}
    _write_raster(plan, folder / "threat.tif", of({**events, **ways, **hours}), float("nan"))
    works = plan.works
    priced = {
        "price of a km of line, gates included, USD/km/yr": works.closure_usd_km_yr,
        "of it works alone, USD/km/yr": works.works_usd_km_yr,
    }
    if plan.settings.works.where_short == "avoid":
        priced["where a line may stand, 1 or 0"] = works.buildable.astype(np.float64)
    _write_raster(plan, folder / "works.tif", of(priced), float("nan"))
    kinds = {f"{kind}, journeys/yr": cells for kind, cells in threat.civilians.cells.items()}
    _write_raster(plan, folder / "civilians.tif", of(kinds), float("nan"))


def _write_raster(
    plan: Plan, path: Path, bands: Mapping[str, NDArray[np.generic]], nodata: float
) -> None:
    """Write a GeoTIFF on the plan's grid, a band per name."""
    grid = plan.theatre.grid
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=grid.cols,
        height=grid.rows,
        count=len(bands),
        dtype=next(iter(bands.values())).dtype.name,
        crs=grid.crs,
        transform=grid.transform,
        nodata=nodata,
        compress="deflate",
    ) as file:
        for number, (name, values) in enumerate(bands.items(), start=1):
            file.write(values, number)
            file.set_band_description(number, name)


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
    write_layers(folder / "plan.gpkg", layers, kinds)


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
