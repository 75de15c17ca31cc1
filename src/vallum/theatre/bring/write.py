"""Writing a theatre's folder: all of it or nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
from pyogrio.errors import DataLayerError, DataSourceError

from vallum.errors import OutputError
from vallum.theatre import means
from vallum.theatre.laid import (
    CONFIG,
    FORMAT,
    FRAMES,
    GRID,
    PLAIN,
    SOURCES,
    SUMS,
    TABLES,
    digest,
    files,
    is_laid,
    source_fields,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.theatre.model import Theatre

__all__ = ["check_folder", "write"]

FIXED_DATE = "2000-01-01T00:00:00Z"  # GeoPackages carry a date; the same input gives the same bytes


def check_folder(out: Path | str) -> Path:
    """Check, before any work is done, that a theatre can be written to a folder.

    Raises
    ------
    OutputError
        If it is a file, holds something else than a theatre, or can't be written.
    """
    folder = Path(out).absolute()
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: it is a file. Mend: give --out another folder")
    own = {CONFIG, TABLES, SOURCES, SUMS, GRID}
    strange = sorted({path.name for path in folder.iterdir()} - own) if folder.is_dir() else []
    if folder.is_dir() and any(folder.iterdir()) and (strange or not is_laid(folder)):
        raise OutputError(
            f"{folder}: it holds files that are no theatre of ours, and a theatre replaces the "
            "whole folder. Mend: give --out a new or empty folder"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent):
            pass
    except OSError as error:
        raise OutputError(_cannot(folder, error)) from None
    return folder


def write(theatre: Theatre, config: Mapping[str, Any], out: Path | str) -> Path:
    """Write a theatre's folder: all of it or nothing; an older theatre there is replaced.

    Parameters
    ----------
    theatre
        To write.
    config
        Its `theatre.toml`: name, title, members, partner, disputed, as_of, projection, bounds_km.
    out
        The folder.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    folder = check_folder(out)
    scratch = None
    try:
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        fresh = scratch / "theatre"
        (fresh / GRID).mkdir(parents=True)
        (fresh / CONFIG).write_text(_toml(config, theatre.grid.cell_km), "utf-8")
        for name in theatre.ground.data_vars:
            _write_layer(fresh / GRID / f"{name}.tif", str(name), theatre)
        _write_tables(fresh / TABLES, theatre)
        (fresh / SOURCES).write_text(_sources_page(theatre), "utf-8")
        _seal(fresh)
        if folder.exists():
            folder.rename(scratch / "old")
        fresh.rename(folder)
    except OSError as error:
        raise OutputError(_cannot(folder, error)) from None
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _cannot(folder: Path, error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{folder}: it can't be written ({reason}). Mend: give --out a folder you may write to"


def _toml(config: Mapping[str, Any], cell_km: float) -> str:
    """Write `theatre.toml`."""
    lines = ["# A theatre made by `vallum theatre build`; see SOURCES.md.", f"format = {FORMAT}"]
    lines += [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in config.items()
        if not isinstance(value, dict)
    ]
    lines.append(f"cell_km = {cell_km!r}")
    for key, table in config.items():
        if isinstance(table, dict):
            lines += ["", f"[{key}]", *(f"{name} = {value!r}" for name, value in table.items())]
    return "\n".join(lines) + "\n"


def _write_layer(path: Path, name: str, theatre: Theatre) -> None:
    """Write one layer as a GeoTIFF that QGIS opens, with its units, name and legend."""
    layer = theatre.ground[name]
    values = layer.to_numpy()
    if values.dtype == np.bool_:
        values = values.astype(np.uint8)
    tags = {key: str(layer.attrs[key]) for key in ("units", "long_name", "source")}
    if "flag_meanings" in layer.attrs:
        numbers = [str(number) for number in np.asarray(layer.attrs["flag_values"]).tolist()]
        tags["flag_values"] = " ".join(numbers)
        tags["flag_meanings"] = str(layer.attrs["flag_meanings"])
    profile = {
        "driver": "GTiff", "dtype": values.dtype.name, "count": 1, "compress": "deflate",
        "tiled": True, "height": values.shape[0], "width": values.shape[1],
        "crs": theatre.grid.crs, "transform": theatre.grid.transform,
    }  # fmt: skip
    if name in {"state", "region"}:
        profile["nodata"] = -1
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
        file.update_tags(**tags)


def _write_tables(path: Path, theatre: Theatre) -> None:
    """Write the tables into one GeoPackage; those without geometry as attribute tables."""
    countries = theatre.countries.reset_index()
    sources = pd.DataFrame([astuple(one) for one in theatre.sources], columns=source_fields())
    tables = {name: getattr(theatre, name) for name in (*FRAMES, *PLAIN)}
    tables |= {"countries": countries, "sources": sources}
    optional = {name: getattr(theatre, name) for name in means.NAMES}
    tables |= {name: table for name, table in optional.items() if len(table)}
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    try:
        for name, table in tables.items():
            plain = table.assign(
                **{c: table[c].astype(np.int64) for c in table if table[c].dtype == np.bool_}
            )
            with warnings.catch_warnings():
                # a table without geometry: pyogrio says that it writes none
                warnings.simplefilter("ignore", UserWarning)
                kind = "Unknown" if isinstance(table, gpd.GeoDataFrame) else None
                pyogrio.write_dataframe(
                    plain, path, layer=name, driver="GPKG", geometry_type=kind, append=path.exists()
                )
    except (DataSourceError, DataLayerError) as error:
        raise OSError(str(error)) from None
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _sources_page(theatre: Theatre) -> str:
    """Write SOURCES.md: per layer what it is, whence, under which terms, what was done, lost."""
    lines = [f"# Sources of {theatre.title}", ""]
    grid = theatre.grid
    lines.append(
        f"On a grid of {grid.cell_km:g} km, {grid.rows} × {grid.cols} cells, `{grid.crs}`. The "
        f"same is in the table `sources` of `{TABLES}`."
    )
    for one in theatre.sources:
        rows = [(name, getattr(one, name)) for name in source_fields() if name != "layer"]
        lines += ["", f"## {one.layer}", ""]
        lines += [f"- {name.replace('_', ' ')}: {value}" for name, value in rows if value]
    return "\n".join(lines) + "\n"


def _seal(folder: Path) -> None:
    """Write the SHA-256 of every file into `checksums.csv`."""
    rows = [f"{name},{digest(folder / name)}" for name in files(folder)]
    (folder / SUMS).write_text("file,sha256\n" + "\n".join(rows) + "\n", "utf-8", newline="\n")
