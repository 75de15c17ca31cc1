"""Is a file what it should be? Each check raises `RefusedError`, or says what it has found right.

A length that agrees proves that nothing is missing; these prove that it is the thing itself, and
not a web page, a pointer, or the file of another place.
"""

from __future__ import annotations

import json
import re
import warnings
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pyogrio
import rasterio
from pyogrio.errors import DataSourceError
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.windows import Window

from vallum.theatre.fetch.asking import is_page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["POINTER", "RefusedError", "as_json", "features", "no_page", "raster", "shapes"]

MOST_MEMBERS, MOST_BYTES, MOST_RATIO = 200, 2 << 30, 200
POINTER = "version https://git-lfs"


class RefusedError(ValueError):
    """Raised when a file is not what was asked for; its text says what was found."""


def no_page(path: Path) -> None:
    """Refuse a web page (of a network's portal), and a file of nothing."""
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        raise RefusedError("an empty file came")
    if is_page(start):
        raise RefusedError("a web page came instead of data")


def raster(
    path: Path, near: tuple[float, float, float, float] | None = None, within: float = 0.01
) -> str:
    """Open a raster, and read its last block of pixels.

    Parameters
    ----------
    path
        Of the file.
    near
        West, south, east, north that it should have, degrees.
    within
        How far an edge may be from there, degrees.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            file = rasterio.open(path, driver="GTiff")
        with file:
            height, width = file.shape
            if not (file.count and height and width):
                raise RefusedError("a raster without pixels came")
            if file.crs is None:
                raise RefusedError("a raster came that doesn't say where it lies")
            rows, columns = file.block_shapes[-1]
            last = Window((width - 1) // columns * columns, (height - 1) // rows * rows, 1, 1)
            file.read(file.count, window=last)
            bounds = tuple(file.bounds)
    except (RasterioError, RasterioIOError) as error:  # no kin before rasterio 1.4
        raise RefusedError(f"it is no GeoTIFF that can be read ({_line(error)})") from None
    if near and max(abs(a - b) for a, b in zip(bounds, near, strict=True)) > within:
        shown = ", ".join(f"{edge:g}" for edge in bounds)
        raise RefusedError(f"it covers another place: {shown} instead of {near}")
    return "read as a raster"


def shapes(path: Path, stem: str) -> tuple[str, str | None]:
    """Open an archive with a shapefile, and give what the file VERSION in it says.

    Nothing is unpacked: GDAL reads it in place. Names that lead out of the archive and members
    that swell are refused all the same, for whoever unpacks it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _safe(archive.infolist())
            broken = archive.testzip()
            if broken:
                raise RefusedError(f"in the archive, {broken} is corrupt")
            names = archive.namelist()
            version = next((name for name in names if name.endswith(f"{stem}.VERSION.txt")), None)
            said = archive.read(version).decode("utf-8", "replace").strip() if version else ""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise RefusedError(f"it is no zip archive that can be read ({_line(error)})") from None
    member = next((name for name in names if PurePosixPath(name).name == f"{stem}.shp"), None)
    if member is None:
        raise RefusedError(f"the archive holds no {stem}.shp")
    try:
        count = pyogrio.read_info(f"/vsizip/{{{path.resolve()}}}/{member}")["features"]
    except (DataSourceError, ValueError) as error:
        raise RefusedError(f"its shapefile can't be read ({_line(error)})") from None
    if count < 1:
        raise RefusedError("its shapefile holds nothing")
    match = re.match(r"\d+(?:\.\d+)*", said)
    return f"CRC of the archive; {count:,} shapes", match[0] if match else None


def _safe(members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive that would do harm where it is unpacked."""
    if len(members) > MOST_MEMBERS:
        raise RefusedError(f"the archive holds {len(members):,} members")
    for each in members:
        name = PurePosixPath(each.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in each.filename:
            raise RefusedError(f"in the archive, a name leads out of it: {each.filename!r}")
        if each.flag_bits & 1:
            raise RefusedError(f"in the archive, {each.filename} is encrypted")
    whole = sum(each.file_size for each in members)
    packed = sum(each.compress_size for each in members)
    if whole > MOST_BYTES or whole > MOST_RATIO * max(packed, 1):
        raise RefusedError(f"the archive would swell from {packed:,} to {whole:,} bytes")


def as_json(path: Path, *, as_written: bool = False) -> Mapping[str, Any]:
    """Read a JSON object.

    Parameters
    ----------
    path
        Of the file.
    as_written
        Give fractions as the text that they are written in, to the last digit.
    """
    parse = str if as_written else float
    try:
        found = json.loads(path.read_bytes(), parse_float=parse, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"it is no JSON that can be read ({_line(error)})") from None
    if not isinstance(found, dict):
        raise RefusedError("it is no JSON object")
    return found


def features(path: Path, columns: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """Read GeoJSON; give the properties of its features, each of which has these columns."""
    found = as_json(path)
    held = found.get("features")
    if found.get("type") != "FeatureCollection" or not isinstance(held, list) or not held:
        raise RefusedError("it is no GeoJSON with features")
    given = [each.get("properties") if isinstance(each, dict) else None for each in held]
    for column in columns:
        if not all(isinstance(each, dict) and column in each for each in given):
            raise RefusedError(f"a feature in it has no {column}")
    return [each for each in given if each is not None]


def _no_constant(name: str) -> None:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{name} in it")


def _line(error: Exception) -> str:
    """First line of an error's text."""
    return (str(error).splitlines() or [type(error).__name__])[0]
