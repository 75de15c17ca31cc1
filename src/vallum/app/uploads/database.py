"""The header of an SQLite file: whether it is a whole GeoPackage, before SQLite opens it."""

from __future__ import annotations

import struct

from vallum.errors import Fault

__all__ = ["database_faults"]

# places in the header: https://www.sqlite.org/fileformat2.html#the_database_header
_HEADER = 100
_PAGE, _MODES, _CHANGES, _PAGES, _VALID_FOR, _OWNER = 16, 18, 24, 28, 92, 68
# https://opengeospatial.github.io/ets-gpkg12/apidocs/org/opengis/cite/gpkg12/GPKG12.html
_OWNERS = {b"GPKG", b"GP10", b"GP11"}
_EXPORT = "export the layer in QGIS (Export > Save Features As) and bring that"


def database_faults(data: bytes, where: str) -> tuple[Fault, ...]:
    """Find why an SQLite file can't be taken as a GeoPackage, by its header alone.

    Parameters
    ----------
    data
        All of it.
    where
        Its name.

    Returns
    -------
    tuple of Fault
        All that the header shows; empty where it may be opened.
    """
    if len(data) < _HEADER:
        return (Fault(where, "", "a file cut short", _EXPORT),)
    faults = []
    if data[_OWNER : _OWNER + 4] not in _OWNERS:
        faults.append(Fault(where, "", "an SQLite file that is no GeoPackage", _EXPORT))
    if data[_MODES : _MODES + 2] != b"\x01\x01":
        # its latest changes may be in a second file beside it, so what is here may be old
        found = "a file that is still open in another program, or wasn't closed"
        mend = f"close it there (in QGIS: remove its layers from the project); or {_EXPORT}"
        faults.append(Fault(where, "", found, mend))
    (size,) = struct.unpack_from(">H", data, _PAGE)
    size = 65_536 if size == 1 else size
    if size < 512 or size & (size - 1):
        faults.append(Fault(where, "", f"pages of {size} bytes", _EXPORT))
        return tuple(faults)
    (pages,) = struct.unpack_from(">I", data, _PAGES)
    if data[_CHANGES : _CHANGES + 4] != data[_VALID_FOR : _VALID_FOR + 4] or pages == 0:
        faults.append(Fault(where, "", "a file that doesn't say how long it is", _EXPORT))
    elif pages * size != len(data):
        found = f"a damaged file: {len(data):,} bytes, where its header says {pages * size:,}"
        faults.append(Fault(where, "", found, _EXPORT))
    return tuple(faults)
