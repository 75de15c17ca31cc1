"""A theatre that is stored as laid on its grid: one GeoTIFF per layer, tables in a GeoPackage."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import rasterio
import rioxarray  # noqa: F401 - gives datasets their `.rio`
import xarray as xr
from pyogrio.errors import DataLayerError, DataSourceError

from vallum.errors import Fault, InputError
from vallum.kernel.grid import Grid
from vallum.theatre import means
from vallum.theatre.frame import projection
from vallum.theatre.model import Source, Theatre
from vallum.theatre.states import edge_faults

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = [
    "CONFIG", "FORMAT", "FRAMES", "GRID", "PLAIN", "SOURCES", "SUMS", "TABLES", "dataset", "digest",
    "files", "is_laid", "read", "source_fields",
]  # fmt: skip

FORMAT = 1  # of the folder; raised when a reader of an older one would misread it
CONFIG, SUMS, TABLES, SOURCES, GRID = (
    "theatre.toml",
    "checksums.csv",
    "tables.gpkg",
    "SOURCES.md",
    "grid",
)
FRAMES = ("settlements", "sites", "routes", "crossings", "rivers", "borders", "regions")
PLAIN = ("countries", "events_year", "events_month", "deaths_year", "events")
MEND = "build the theatre again with `vallum theatre build`"
NEEDED = (
    "state", "region", "elevation_m", "relief_m", "slope", "climate", "surface", "people",
    "urban_people", "road", "rail", "river", "coast", "disputed",
)  # fmt: skip
FLAGS = ("rail", "river", "coast", "disputed")


def is_laid(folder: Path) -> bool:
    """Whether a folder holds a theatre of this kind; its files may still be at fault."""
    try:
        config = tomllib.loads((folder / CONFIG).read_text("utf-8"))
        return isinstance(config.get("format"), int) and {"members", "cell_km"} <= set(config)
    except (OSError, ValueError):
        return False


def files(folder: Path) -> list[str]:
    """List the files of a theatre's folder, checksums aside."""
    found = [folder / CONFIG, folder / TABLES, folder / SOURCES, *(folder / GRID).glob("*.tif")]
    return sorted(path.relative_to(folder).as_posix() for path in found)


def digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _seal_faults(folder: Path) -> list[Fault]:
    """Say which files are missing, altered, or not of this theatre."""
    if not (folder / SUMS).is_file():
        return [Fault(str(folder / SUMS), "", "the file is missing", MEND)]
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()[1:]
    except UnicodeDecodeError:
        lines = []
    sealed = dict(line.split(",", 1) for line in lines if "," in line)
    wanted = {CONFIG, TABLES, SOURCES, *(f"{GRID}/{name}.tif" for name in NEEDED)}
    out = []
    for name in sorted(wanted | set(sealed)):
        path = folder / name
        if not path.is_file():
            out.append(Fault(str(path), "", "the file is missing", MEND))
        elif sealed.get(name) != digest(path):
            out.append(Fault(str(path), "", f"the file was altered: not the one in {SUMS}", MEND))
    return out + [
        Fault(str(folder / name), "", f"a layer that {SUMS} doesn't know", "delete it")
        for name in sorted(set(files(folder)) - set(sealed) - wanted)
    ]


def read(folder: Path) -> Theatre:
    """Read a theatre's folder, after checking that its files are the ones that were sealed.

    Raises
    ------
    InputError
        With every fault.
    """
    faults = _seal_faults(folder)
    if faults:
        raise InputError(faults)
    config = tomllib.loads((folder / CONFIG).read_text("utf-8"))
    if config.get("format") != FORMAT:
        found = f"format {config.get('format')!r}; this version reads {FORMAT}"
        raise InputError([Fault(str(folder / CONFIG), "format", found, MEND)])
    try:
        grid = _grid(config)
        tables = _read_tables(folder / TABLES, grid)
        ground = _read_ground(folder, grid, str(config["title"]))
        theatre = _theatre(config, grid, tables, ground, folder)
    except (KeyError, ValueError, TypeError, OSError, DataSourceError, DataLayerError) as error:
        # the files are those that were sealed, so it was another program that sealed them
        text = f"it can't be read ({type(error).__name__}: {str(error).splitlines()[0]})"
        raise InputError([Fault(str(folder), "", text, MEND)]) from None
    faults = _faults(theatre, folder)
    if faults:
        raise InputError(faults)
    return theatre


def source_fields() -> list[str]:
    """Name the fields of a source, in order."""
    return [field.name for field in fields(Source)]


def _grid(config: dict[str, Any]) -> Grid:
    bounds, cell = config["bounds_km"], float(config["cell_km"])
    rows = int(np.ceil((bounds["north"] - bounds["south"]) / cell - 1e-9))
    cols = int(np.ceil((bounds["east"] - bounds["west"]) / cell - 1e-9))
    west, north = bounds["west"] * 1000.0, bounds["north"] * 1000.0
    return Grid(projection(config), west, north, cell, rows, cols)


def _read_tables(path: Path, grid: Grid) -> dict[str, Any]:
    """Read the tables; those with geometry in the grid's projection."""
    tables: dict[str, Any] = {}
    for name in (*FRAMES, *PLAIN, "sources"):
        frame = pyogrio.read_dataframe(path, layer=name)
        for column in frame.columns:
            if isinstance(frame[column].dtype, pd.StringDtype):
                frame[column] = frame[column].astype(object)
        tables[name] = frame.set_crs(grid.crs, allow_override=True) if name in FRAMES else frame
    for name, column in (
        ("borders", "disputed"),
        ("sites", "offshore"),
        ("settlements", "imputed"),
    ):
        tables[name][column] = tables[name][column].astype(bool)
    tables["countries"] = tables["countries"].set_index("iso3")
    there = {str(name) for name in pyogrio.list_layers(path)[:, 0]}
    for name in means.NAMES:  # theatres of before these tables have none, and need none
        held = pyogrio.read_dataframe(path, layer=name) if name in there else means.empty(name)
        tables[name] = held.astype(dict(means.empty(name).dtypes))
    return tables


def _read_ground(folder: Path, grid: Grid, title: str) -> xr.Dataset:
    """Read the layers into one dataset; arrays are read-only."""
    variables = {}
    for path in sorted((folder / GRID).glob("*.tif")):
        with rasterio.open(path) as file:
            if file.shape != grid.shape or not np.allclose(
                np.array(file.transform), np.array(grid.transform)
            ):
                raise ValueError(f"{path.name} does not lie on the grid")
            values, tags = file.read(1), file.tags()
        attrs: dict[str, Any] = {key: tags[key] for key in ("units", "long_name", "source")}
        if "flag_meanings" in tags:
            attrs["flag_values"] = np.array(tags["flag_values"].split(), np.int8)
            attrs["flag_meanings"] = tags["flag_meanings"]
        variables[path.stem] = _layer(path.stem, values, attrs)
    order = [*NEEDED, *sorted(set(variables) - set(NEEDED))]
    return dataset({name: variables[name] for name in order}, grid, title)


def _layer(name: str, values: NDArray[Any], attrs: dict[str, Any]) -> xr.DataArray:
    plain = values.astype(np.bool_) if name in FLAGS else values
    return xr.DataArray(plain, dims=("y", "x"), attrs=attrs)


def dataset(variables: Mapping[str, xr.DataArray], grid: Grid, title: str) -> xr.Dataset:
    """Put layers together on the grid, with its projection; arrays become read-only."""
    ground = xr.Dataset(dict(variables), coords={"y": grid.y, "x": grid.x})
    ground.attrs = {"title": title, "cell_km": grid.cell_km}
    projected: xr.Dataset = ground.rio.write_crs(grid.crs).rio.write_transform(grid.transform)
    for name in variables:
        projected[name].to_numpy().flags.writeable = False
    return projected


def _theatre(
    config: dict[str, Any], grid: Grid, tables: dict[str, Any], ground: xr.Dataset, folder: Path
) -> Theatre:
    """Put the theatre together."""
    names = source_fields()
    rows = tables["sources"][names].fillna("").itertuples(index=False)
    whole = hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()
    return Theatre(
        name=str(config["name"]),
        title=str(config["title"]),
        grid=grid,
        ground=ground,
        **{name: tables[name] for name in (*FRAMES, *PLAIN, *means.NAMES)},
        sources=tuple(Source(*(str(value) for value in row)) for row in rows),
        fingerprint=hashlib.sha256(f"{whole} {grid.cell_km!r}".encode()).hexdigest(),
    )


def _faults(theatre: Theatre, folder: Path) -> list[Fault]:
    """Check what a reader of the folder relies on; another program may have sealed it."""
    out = []
    for name in theatre.ground.data_vars:
        values = theatre.ground[name].to_numpy()
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            out.append(Fault(f"{folder / GRID}/{name}.tif", "", "cells without a number", MEND))
    state = theatre.ground["state"].to_numpy()
    if state.min() < -1 or state.max() >= len(theatre.countries):
        out.append(Fault(f"{folder / GRID}/state.tif", "", "codes of no state", MEND))
    out += [
        Fault(f"{folder / GRID}/{name}.tif", "", "less than nobody in a cell", MEND)
        for name in ("people", "urban_people")
        if (theatre.ground[name].to_numpy() < 0).any()
    ]
    if not pyproj.CRS(theatre.grid.crs).is_projected:
        out.append(Fault(str(folder / CONFIG), "projection", "not a projection in metres", MEND))
    return out or edge_faults(theatre.member_mask, theatre.grid)
