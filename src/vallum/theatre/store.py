"""The one door through which data comes in: finds a theatre's folder and reads its files."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import rasterio
from pyogrio.errors import DataSourceError

from vallum.errors import Fault, InputError, nearest
from vallum.theatre import means

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from affine import Affine
    from numpy.typing import NDArray

__all__ = ["FILES", "OPTIONAL", "Stored", "find", "folder", "names", "read", "seal"]

TABLES = (
    "countries",
    "region_people",
    "settlements",
    "sites",
    "routes",
    "route_points",
    "crossings",
    "rivers",
    "threat_region_year",
    "threat_region_2026_01",
    "threat_country_year",
    "on_grid",
    "sources",
)
LAYERS = ("borders", "regions")
RASTERS = ("elevation", "climate")
CONFIG, SUMS = "theatre.toml", "checksums.csv"
FILES = (
    CONFIG,
    *(f"{name}.csv" for name in TABLES),
    *(f"{name}.geojson" for name in LAYERS),
    *(f"{name}.tif" for name in RASTERS),
)
OPTIONAL = tuple(f"{name}.csv" for name in means.NAMES)  # read where they are, missed by none
KEYS = {
    "": ("name", "title", "members", "partner", "disputed", "as_of", "projection", "bounds_km"),
    "projection": ("lat_0", "lon_0"),
    "bounds_km": ("west", "south", "east", "north"),
}


@dataclass(frozen=True, eq=False)
class Stored:
    """What the files of a theatre hold, as read.

    Attributes
    ----------
    folder
        Where they lie.
    config
        `theatre.toml`.
    tables
        By name without `.csv`; empty fields are NaN. Those of `OPTIONAL` only where they are.
    borders, regions
        Polygons in longitude and latitude.
    rasters
        Values and transform, by name without `.tif`.
    digest
        SHA-256 over the digests of all files.
    """

    folder: Path
    config: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    borders: gpd.GeoDataFrame
    regions: gpd.GeoDataFrame
    rasters: dict[str, tuple[NDArray[np.generic], Affine]]
    digest: str


def folder(name: str) -> Path:
    """Give the folder of a built-in theatre, whether or not there is one of that name."""
    return Path(str(resources.files("vallum.theatre"))) / "data" / name


def names() -> tuple[str, ...]:
    """List the built-in theatres.

    Examples
    --------
    >>> names()
    ('sahel',)
    """
    return tuple(sorted(path.parent.name for path in folder("").glob(f"*/{CONFIG}")))


def find(name_or_path: str) -> Path:
    """Find the folder of a theatre, by its name or as a path.

    Raises
    ------
    InputError
        If there is none, with the nearest name.
    """
    if name_or_path in names():
        return folder(name_or_path)
    path = Path(name_or_path)
    if (path / CONFIG).is_file():
        return path
    known = nearest(name_or_path, names())
    if path.is_dir():
        mend = f"make one with `vallum theatre rebuild`; or {known}"
        raise InputError([Fault(str(path), "", f"a folder without {CONFIG}", mend)])
    mend = f"{known} (or give the folder of a theatre)"
    raise InputError([Fault("theatre", "", f"no theatre '{name_or_path}'", mend)])


def _mend(path: Path) -> str:
    """Say how to get good files back."""
    if path.parent == folder(""):
        return f"pip install --force-reinstall vallum, or vallum theatre rebuild {path.name}"
    return "write the folder anew with `vallum theatre rebuild`"


def seal(path: Path) -> None:
    """Write the SHA-256 of every file of a theatre into its `checksums.csv`."""
    rows = [f"{name},{_digest(path / name)}" for name in sorted((*FILES, *_there(path)))]
    text = "file,sha256\n" + "\n".join(rows) + "\n"
    (path / SUMS).write_text(text, encoding="utf-8", newline="\n")


def _there(path: Path) -> list[str]:
    """List the optional files that a theatre has."""
    return [name for name in OPTIONAL if (path / name).is_file()]


def _digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _seal_faults(path: Path) -> list[Fault]:
    """Say which files are missing or are not those that were sealed."""
    mend = _mend(path)
    faults = [
        Fault(str(path / name), "", "the file is missing", mend)
        for name in (*FILES, SUMS)
        if not (path / name).is_file()
    ]
    if faults:
        return faults
    try:
        lines = (path / SUMS).read_text("utf-8").splitlines()[1:]
    except UnicodeDecodeError:
        lines = []
    sealed = dict(line.split(",", 1) for line in lines if "," in line)
    lost = [name for name in OPTIONAL if name in sealed and not (path / name).is_file()]
    return [
        *(Fault(str(path / name), "", "the file is missing", mend) for name in lost),
        *(
            Fault(str(path / name), "", f"the file was altered: not the one in {SUMS}", mend)
            for name in (*FILES, *_there(path))
            if sealed.get(name) != _digest(path / name)
        ),
    ]


def read(path: Path) -> Stored:
    """Read all files of a theatre, after checking that they are the ones that were sealed.

    Raises
    ------
    InputError
        With a fault for every file that is missing, altered or can't be read.
    """
    faults = _seal_faults(path)
    if faults:
        raise InputError(faults)

    def attempt(name: str, reader: Callable[[Path], Any]) -> Any:  # noqa: ANN401
        try:
            return reader(path / name)
        except (OSError, ValueError, DataSourceError, rasterio.RasterioIOError) as error:
            found = f"it can't be read ({str(error).splitlines()[0]})"
            faults.append(Fault(str(path / name), "", found, _mend(path)))
            return None

    config = attempt(CONFIG, _config)
    extra = [name.removesuffix(".csv") for name in _there(path)]
    tables = {name: attempt(f"{name}.csv", _table) for name in (*TABLES, *extra)}
    borders, regions = (attempt(f"{name}.geojson", _layer) for name in LAYERS)
    rasters = {name: attempt(f"{name}.tif", _raster) for name in RASTERS}
    faults += [] if config is None else _config_faults(path, config)
    for name, frame in zip(LAYERS, (borders, regions), strict=True):
        faults += [] if frame is None else _layer_faults(path / f"{name}.geojson", frame)
    if faults:
        raise InputError(faults)
    whole = "".join(_digest(path / name) for name in sorted((*FILES, *_there(path))))
    digest = hashlib.sha256(whole.encode()).hexdigest()
    return Stored(path, config, tables, borders, regions, rasters, digest)


def _config(path: Path) -> dict[str, Any]:
    """Read `theatre.toml`."""
    return tomllib.loads(path.read_text("utf-8"))


def _config_faults(path: Path, config: dict[str, Any]) -> list[Fault]:
    """Say which keys `theatre.toml` lacks."""
    faults = []
    for section, keys in KEYS.items():
        held = config.get(section, {}) if section else config
        faults += [
            Fault(str(path / CONFIG), section, f"no key '{key}'", f"add {key} = …")
            for key in keys
            if key not in held
        ]
        faults += [
            Fault(str(path / CONFIG), f"{section}.{key}", repr(held[key]), "give a number")
            for key in keys
            if section and key in held and not isinstance(held[key], (int, float))
        ]
    bounds = config.get("bounds_km", {})
    if not faults and (bounds["west"] >= bounds["east"] or bounds["south"] >= bounds["north"]):
        mend = "west must be less than east, and south than north"
        faults.append(Fault(str(path / CONFIG), "bounds_km", repr(bounds), mend))
    return faults


def _layer_faults(path: Path, frame: gpd.GeoDataFrame) -> list[Fault]:
    """Say what a layer of polygons lacks."""
    mend = _mend(path.parent)
    missing = [
        Fault(str(path), name, "the property is missing", mend)
        for name in ("iso3", "name")
        if name not in frame
    ]
    bad = frame.geometry.isna() | ~frame.geom_type.isin(["Polygon", "MultiPolygon"])
    if bad.any():
        missing.append(Fault(str(path), "", f"{int(bad.sum())} features are no polygons", mend))
    return missing


def _table(path: Path) -> pd.DataFrame:
    """Read a CSV file; only an empty field is missing (so that no name reads as NaN)."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""], encoding="utf-8")


def _layer(path: Path) -> gpd.GeoDataFrame:
    """Read a GeoJSON file."""
    return gpd.read_file(path, engine="pyogrio").set_crs(4326, allow_override=True)


def _raster(path: Path) -> tuple[NDArray[np.generic], Affine]:
    """Read the one band of a GeoTIFF."""
    with rasterio.open(path) as file:
        return file.read(1), file.transform
