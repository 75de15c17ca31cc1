"""The plan as files for other tools: CSV, GeoTIFF, GeoPackage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyogrio
import rasterio

from vallum.brief.record import frontier, ledger

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from vallum.plan import Plan

__all__ = ["write_geopackage", "write_raster", "write_tables"]

# GeoPackages carry the time of their last change; the same plan must give the same bytes
_FIXED_DATE = "2000-01-01T00:00:00.000Z"


def write_tables(plan: Plan, folder: Path) -> None:
    """Write `frontier.csv` (one row per step) and `ledger.csv` (one row per assumption)."""
    pd.DataFrame(frontier(plan)).to_csv(folder / "frontier.csv", index=False)
    ledger(plan).to_csv(folder / "ledger.csv", index=False)


def write_raster(plan: Plan, folder: Path) -> None:
    """Write `entry.tif`: the step at which each cell enters, −1 never (nodata outside members)."""
    grid = plan.theatre.grid
    entry = plan.line.plans.frontier.entry
    nodata = -32768
    values = np.where(plan.theatre.member_mask, entry, nodata).astype(np.int16)
    with rasterio.open(
        folder / "entry.tif",
        "w",
        driver="GTiff",
        width=grid.cols,
        height=grid.rows,
        count=1,
        dtype="int16",
        crs=grid.crs,
        transform=grid.transform,
        nodata=nodata,
        compress="deflate",
    ) as file:
        file.write(values, 1)
        file.set_band_description(1, "step at which the cell enters the held land; -1 never")


def write_geopackage(plan: Plan, folder: Path) -> None:
    """Write `plan.gpkg`: layers territory, line, sectors, settlements."""
    line, entry = plan.line, plan.line.plans.frontier.entry
    towns = plan.theatre.settlements
    own = towns[towns["iso3"].isin(plan.theatre.members)].copy()
    own["entry_step"] = entry[own["row"].to_numpy(), own["col"].to_numpy()]
    own["held"] = line.held[own["row"].to_numpy(), own["col"].to_numpy()]
    columns = ["name", "iso3", "region", "people", "imputed", "entry_step", "held", "geometry"]
    layers: dict[str, gpd.GeoDataFrame] = {
        "territory": line.territory,
        "line": line.line,
        "sectors": line.sectors,
        "settlements": own[columns].reset_index(drop=True),
    }
    kinds = {"territory": "Polygon", "line": "LineString", "sectors": "LineString"}
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    try:
        for name, layer in layers.items():
            layer.to_file(
                folder / "plan.gpkg",
                layer=name,
                driver="GPKG",
                engine="pyogrio",
                geometry_type=kinds.get(name, "Point"),
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
