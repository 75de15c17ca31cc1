"""The way in for files that people bring: what they are, and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vallum.app import sheet as sheets
from vallum.app.sheet import MOST_POINTS, MOST_TEXT, Drawn
from vallum.app.toml_keys import MOST_PARTS, too_deep
from vallum.app.uploads.archive import archive_faults
from vallum.app.uploads.database import database_faults
from vallum.app.uploads.extent import extent_faults
from vallum.app.uploads.kinds import Kind, entity_faults, kind_of
from vallum.app.uploads.names import name_faults
from vallum.app.uploads.process import read_points
from vallum.app.uploads.raster import raster_faults
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vallum.app.settings import Quotas
    from vallum.app.uploads.process import Points
    from vallum.kernel.grid import Grid

__all__ = ["Brought", "check", "drawn", "places", "scenario", "too_large"]

Use = Literal["drawn", "places", "scenario"]
_BRING = {
    "drawn": "bring a line or an area as GeoJSON or GeoPackage",
    "places": "bring points as GeoJSON or GeoPackage",
    "scenario": "bring a scenario as TOML",
}
_ANY = "bring GeoJSON or a GeoPackage (a line, an area, or points), or a scenario as TOML"
_THEATRE = "rasters and archives are for a theatre, which whoever starts the server opens"
_MENDS = {
    "raster": _THEATRE,
    "archive": f"unpack it and bring the one file; {_THEATRE}",
    "packed": "unpack it and bring the one file",
    "xml": "XML is never read here: export the layer as GeoJSON or GeoPackage",
    "shape": "export the layer of the shapefile as GeoJSON or GeoPackage",
}


@dataclass(frozen=True)
class Brought:
    """What a file is, found without unpacking or parsing it.

    Attributes
    ----------
    kind
        By its content.
    faults
        Why it can't be used; empty where it may be.
    """

    kind: Kind
    faults: tuple[Fault, ...]


def check(name: str, data: bytes, most: int) -> Brought:
    """Say what a file is, and whether it may be brought.

    Parameters
    ----------
    name
        As it was sent.
    data
        All of it.
    most
        Largest size, bytes.

    Returns
    -------
    Brought
        With every fault of its name, its size and its kind.
    """
    where = _where(name)
    faults = list(name_faults(name))
    if len(data) > most:  # nothing of it is looked at
        return Brought(kind_of(data[:4096]), (*faults, too_large(where, most)))
    kind = kind_of(data)
    if not kind.uses:  # said first; the others say what is wrong with it besides
        faults.append(Fault(where, "", f"{kind.said}, which isn't taken here", _mend(kind)))
    if kind.name in {"xml", "geojson", "toml"}:
        faults += entity_faults(data, where)
    elif kind.name == "geopackage":
        faults += database_faults(data, where)
        faults += entity_faults(data, where, doctype=False)
    elif kind.name == "archive":
        faults += archive_faults(data, where)
    elif kind.name == "raster":
        faults += raster_faults(data, where)
    return Brought(kind, tuple(faults))


def drawn(name: str, data: bytes, quotas: Quotas, grid: Callable[[], Grid]) -> Drawn:
    """Read a line or an area that was drawn elsewhere.

    Parameters
    ----------
    name, data
        The file.
    quotas
        How large it may be.
    grid
        Gives the theatre's grid, which takes a while; asked for once the file is read.

    Returns
    -------
    Drawn
        In longitude and latitude, to six digits.

    Raises
    ------
    InputError
        With every fault that can be found at once.
    """
    found = _read(name, data, quotas, grid, "drawn", most=MOST_POINTS)
    return Drawn(found.points, found.closed)


def places(name: str, data: bytes, quotas: Quotas, grid: Callable[[], Grid]) -> tuple[str, ...]:
    """Read places that must be held.

    Parameters
    ----------
    name, data, quotas, grid
        As for `drawn`.

    Returns
    -------
    tuple of str
        "lon,lat" each, as `line.must_hold` takes them, to four digits (some ten metres).

    Raises
    ------
    InputError
        With every fault that can be found at once.
    """
    found = _read(name, data, quotas, grid, "places", most=quotas.most_listed)
    return tuple(dict.fromkeys(f"{lon:.4f},{lat:.4f}" for lon, lat in found.points))


def scenario(name: str, data: bytes, quotas: Quotas, theatre: str) -> sheets.Sheet:
    """Read a scenario.

    Parameters
    ----------
    name, data, quotas
        As for `drawn`.
    theatre
        Where the text names none.

    Returns
    -------
    Sheet
        Checked as `vallum.app.sheet.read` does.

    Raises
    ------
    InputError
        With every fault.
    """
    _refuse(name, data, quotas.upload_bytes, "scenario")
    text = data.decode("utf-8-sig")
    if len(text) <= MOST_TEXT and (line := too_deep(text)) is not None:
        mend = f"name settings by at most {MOST_PARTS} words with dots between them"
        raise InputError([Fault(_where(name), f"line {line}", "a key that goes too deep", mend)])
    return sheets.read(text, theatre=theatre)


def too_large(where: str, most: int) -> Fault:
    """Say that a file is too large."""
    mend = "bring a smaller one, with the one layer only and fewer points"
    return Fault(where, "", f"more than {most:,} bytes (quota upload_bytes)", mend)


def _read(
    name: str,
    data: bytes,
    quotas: Quotas,
    grid: Callable[[], Grid],
    use: Literal["drawn", "places"],
    *,
    most: int,
) -> Points:
    """Have a file read, and hold it against the theatre."""
    kind = _refuse(name, data, quotas.upload_bytes, use)
    layout: Literal["geojson", "geopackage"] = "geojson" if kind.name == "geojson" else "geopackage"
    where = _where(name)
    found = read_points(data, layout, use, most=most, where=where)
    faults = extent_faults(found.points, grid(), where)
    if faults:
        raise InputError(faults)
    return found


def _refuse(name: str, data: bytes, most: int, use: Use) -> Kind:
    """Raise all that speaks against a file before it is parsed."""
    brought = check(name, data, most)
    faults = list(brought.faults)
    if brought.kind.uses and use not in brought.kind.uses:
        found = f"{brought.kind.said}, which can't be taken as this"
        faults.append(Fault(_where(name), "", found, _BRING[use]))
    if faults:
        raise InputError(faults)
    return brought.kind


def _where(name: str) -> str:
    """Give the name that messages say: the file's, where it may be shown."""
    return "upload" if name_faults(name) else name


def _mend(kind: Kind) -> str:
    return _MENDS.get(kind.name, _ANY)
