"""Single least-risk ways in: files of their own, for those who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio.transform
import shapely

from vallum.brief.geopackage import write_layers
from vallum.campaign.exact_ways import way_of
from vallum.campaign.world_hours import field

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vallum.campaign.model import Case
    from vallum.campaign.world_hours import Field
    from vallum.plan import Plan

__all__ = ["MARKING", "ways_table", "write_ways"]

MARKING = "RESTRICTED: single ways in; not for publication"
_COLUMNS = ("land", "from_iso3", "base_region", "target", "target_iso3", "kind", "sector", "part",
            "facing", "passes_share", "stopped_share", "hours", "way_hours", "way_km", "drawn",
            "marking")  # fmt: skip
_DRAWN, _STRAIGHT = "quickest over the cells", "straight: no way over the cells at its middle"


def ways_table(plan: Plan) -> gpd.GeoDataFrame:
    """Give the likeliest way in of each state's bases, with its course.

    Parameters
    ----------
    plan
        Of which the campaign's cases are read.

    Returns
    -------
    geopandas.GeoDataFrame
        A row per land ("plan", "half") and state: `from_iso3`, `base_region`, `target`,
        `target_iso3`; `kind` (line, gate or flank), `sector` (−1: flank), `part`, `facing` (ISO3 or
        "sea"); `passes_share` (chance of getting past), `stopped_share` (one less that); `hours`
        (by motorcycle; mean over the entry's edges), `way_hours` and `way_km` of the way that is
        drawn; `drawn` (how); `marking`. Lines through cell centres, from base to target.
    """
    found = plan.campaign
    grid = plan.theatre.grid
    rows: list[dict[str, Any]] = []
    if found is not None and any(len(case.exact.ways) for case in found.cases):
        over = field(plan.theatre, plan.settings.threat.movement)
        for case in found.cases:
            entry = plan.line.plans.entry
            held = plan.line.held if case.name == "plan" else (entry >= 0) & (entry <= case.step)
            rows += [_row(plan, case, row, over, held) for _, row in case.exact.ways.iterrows()]
    table = pd.DataFrame(rows, columns=[*_COLUMNS, "geometry"])
    return gpd.GeoDataFrame(table, geometry="geometry", crs=grid.crs)


def _row(
    plan: Plan, case: Case, row: pd.Series, over: Field, held: NDArray[np.bool_]
) -> dict[str, Any]:
    """Give one way, with its course."""
    world = case.world
    places = [
        table.iloc[int(row[name])]
        for name, table in (("base", world.bases), ("entry", world.entries),
                            ("target", world.targets))
    ]  # fmt: skip
    traced = way_of(world, row, over, held)
    if traced is None:
        cells = np.array([[place["row"], place["col"]] for place in places], np.int64)
        way_hours, drawn = float("nan"), _STRAIGHT
    else:
        (cells, way_hours), drawn = traced, _DRAWN
    if len(cells) < 2:
        cells = np.repeat(cells, 2, axis=0)
    x, y = rasterio.transform.xy(plan.theatre.grid.transform, cells[:, 0], cells[:, 1])
    line = shapely.LineString(np.column_stack([x, y]))
    return {
        "land": case.name,
        "from_iso3": row["iso3"],
        "base_region": places[0]["region"],
        "target": places[2]["name"],
        "target_iso3": places[2]["iso3"],
        "kind": row["kind"],
        "sector": int(row["sector"]),
        "part": row["part"],
        "facing": row["facing"],
        "passes_share": float(row["evades"]),
        "stopped_share": 1.0 - float(row["evades"]),
        "hours": float(row["hours"]),
        "way_hours": way_hours,
        "way_km": line.length / 1e3,
        "drawn": drawn,
        "marking": MARKING,
        "geometry": line,
    }


def write_ways(plan: Plan, folder: Path) -> None:
    """Write `ways.RESTRICTED.gpkg` and `.csv`; nothing where no way was found."""
    table = ways_table(plan)
    if not len(table):
        return
    table.drop(columns="geometry").to_csv(folder / "ways.RESTRICTED.csv", index=False)
    path, kinds = folder / "ways.RESTRICTED.gpkg", {"ways": "LineString"}
    write_layers(path, {"ways": table}, kinds, plan.theatre.name)
