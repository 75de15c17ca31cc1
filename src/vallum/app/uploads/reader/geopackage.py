"""A GeoPackage, read as the SQLite file it is, from memory: GDAL never sees it.

No driver, no XML, no other file. Of its tables only the three that name its layers, and the layer
itself, are read; an authorizer denies SQLite all else, so that views, triggers, virtual tables
and functions of its own stay text.
"""

from __future__ import annotations

import re
import sqlite3
import struct
from typing import TYPE_CHECKING, Any

import shapely

from vallum.app.uploads.reader.parts import (
    AS_LONLAT,
    EXPORT,
    MOST_ROWS,
    ONE,
    BadError,
    Parts,
    too_many,
)  # fmt: skip

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["forbid", "geopackage", "opened"]

MOST_TABLES = 2_000
PAD = 65_536  # bytes: the largest page
STEPS = 200_000_000  # of SQLite's machine
CORE = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys")
METADATA = "gpkg_metadata"
FUNCTIONS = {"instr", "lower"}
ENVELOPES = (0, 32, 48, 48, 64)  # bytes, by the flag of a geometry's header


def geopackage(data: bytes, most: int) -> Parts:
    """Read the one layer of a GeoPackage."""
    base = sqlite3.connect(":memory:")
    try:
        return _layer(base, data, most)
    except (sqlite3.Error, OverflowError, UnicodeError) as error:
        raise BadError("", f"SQLite says: {error}"[:200], EXPORT) from None
    finally:
        base.close()


def _layer(base: sqlite3.Connection, data: bytes, most: int) -> Parts:
    """Read the layer, with as little of SQLite as that takes."""
    known = opened(base, data)
    allowed = {*CORE, METADATA}
    forbid(base, allowed)
    _no_entities(base, known)
    table, srs = _one_layer(base, known)
    column, srs_of_column = _geometry_column(base, table)
    code = _code(base, srs, srs_of_column, table)
    allowed.add(table)
    query = f"SELECT {_quoted(column)} FROM {_quoted(table)} LIMIT {MOST_ROWS + 1}"  # noqa: S608
    blobs = [row[0] for row in base.execute(query) if row[0] is not None]
    if len(blobs) > MOST_ROWS:
        raise BadError(table, f"more than {MOST_ROWS:,} features", ONE)
    parts = Parts(code=code)
    left = most
    for n, blob in enumerate(blobs):
        found = _geometry(blob, srs, f"{table}, feature {n + 1}")
        left -= int(shapely.get_num_coordinates(found))
        if left < 0:
            raise too_many()
        _sort_out(parts, found, f"{table}, feature {n + 1}")
    return parts


def opened(base: sqlite3.Connection, data: bytes) -> dict[str, tuple[str, str]]:
    """Open the file from memory, check it, and list what it holds: name, kind and words of each.

    As SQLite advises for files that aren't trusted (https://www.sqlite.org/security.html).
    """
    left = [STEPS // 100_000]

    def count() -> int:
        left[0] -= 1
        return int(left[0] <= 0)  # anything but 0 ends the query

    base.set_progress_handler(count, 100_000)
    for limit, size in (
        (sqlite3.SQLITE_LIMIT_LENGTH, max(len(data), 100_000)),
        (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000),
        (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100),
        (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 10),
        (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
    ):
        base.setlimit(limit, size)
    for setting in (
        "trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0",
        "temp_store=MEMORY",
    ):  # fmt: skip
        base.execute(f"PRAGMA {setting}")
    # of a file that is wrong by malice SQLite may read some bytes too many: let there be some
    # (https://sqlite.org/c3ref/deserialize.html)
    base.deserialize(data + bytes(PAD))
    base.text_factory = _text
    said = base.execute("PRAGMA quick_check(1)").fetchone()
    if said is None or said[0] != "ok":
        raise BadError("", f"a damaged file: {said and said[0]}"[:200], EXPORT)
    query = f"SELECT name, type, sql FROM sqlite_master LIMIT {MOST_TABLES + 1}"  # noqa: S608
    rows = base.execute(query).fetchall()
    if len(rows) > MOST_TABLES:
        raise BadError("", f"more than {MOST_TABLES:,} tables and indexes", EXPORT)
    known = {str(name): (str(kind), str(sql)) for name, kind, sql in rows}
    for name in CORE:
        if not _plain_table(known, name):
            raise BadError(name, "no such table: it is no GeoPackage", EXPORT)
    return known


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _plain_table(known: dict[str, tuple[str, str]], name: str) -> bool:
    """Whether something is a table, and no view and no virtual table that runs code."""
    kind, words = known.get(name, ("", ""))
    return kind == "table" and re.match(r"\s*CREATE\s+TABLE\b", words, re.IGNORECASE) is not None


def forbid(base: sqlite3.Connection, allowed: set[str]) -> None:
    """Deny SQLite all but reading the allowed tables, and no view or trigger even those."""

    def may(what: int, first: str | None, second: str | None, _: object, by: str | None) -> int:
        right = by is None and (
            what == sqlite3.SQLITE_SELECT
            or (what == sqlite3.SQLITE_READ and first in allowed)
            or (what == sqlite3.SQLITE_FUNCTION and second in FUNCTIONS)
            or (what == sqlite3.SQLITE_PRAGMA and first == "table_xinfo")
        )
        return sqlite3.SQLITE_OK if right else sqlite3.SQLITE_DENY

    base.set_authorizer(may)


def _no_entities(base: sqlite3.Connection, known: dict[str, tuple[str, str]]) -> None:
    """Refuse metadata that declares XML entities: SQLite finds the word, no parser sees it.

    A DOCTYPE alone passes unread: QGIS writes one with the metadata of every layer.
    """
    if METADATA not in known:
        return
    if not _plain_table(known, METADATA):
        raise BadError(METADATA, "no plain table", EXPORT)
    query = f"SELECT 1 FROM {METADATA} WHERE instr(lower(metadata), '<!entity') LIMIT 1"  # noqa: S608
    if base.execute(query).fetchone():
        raise BadError(METADATA, "XML that declares entities (<!ENTITY)", EXPORT)


def _one_layer(base: sqlite3.Connection, known: dict[str, tuple[str, str]]) -> tuple[str, int]:
    """Find the name and the reference system of the only layer of features."""
    query = "SELECT table_name, srs_id FROM gpkg_contents WHERE data_type = 'features' LIMIT 50"
    rows = base.execute(query).fetchall()
    if len(rows) != 1:
        named = ", ".join(str(row[0]) for row in rows[:5])
        found = f"{len(rows)} layers: {named}" if rows else "no layer of features"
        raise BadError("gpkg_contents", found[:200], "save the one layer in a file of its own")
    name, srs = rows[0]
    meant = [one for one in known if one.lower() == str(name).lower()]
    if len(meant) != 1 or not _plain_table(known, meant[0]):
        raise BadError("gpkg_contents", f"{str(name)[:80]!r} is no plain table", EXPORT)
    if not isinstance(srs, int):
        raise BadError("gpkg_contents", "no reference system", AS_LONLAT)
    return meant[0], srs


def _geometry_column(base: sqlite3.Connection, table: str) -> tuple[str, int]:
    """Find the column of geometries, and its reference system."""
    query = (
        "SELECT column_name, srs_id FROM gpkg_geometry_columns "
        "WHERE lower(table_name) = lower(?) LIMIT 2"
    )
    rows = base.execute(query, (table,)).fetchall()
    info = base.execute(f"PRAGMA table_xinfo({_quoted(table)})").fetchall()
    return _checked_column(rows, info, table)


def _checked_column(rows: list[Any], info: list[Any], table: str) -> tuple[str, int]:
    plain = {str(row[1]).lower(): str(row[1]) for row in info if row[6] == 0}  # none that computes
    if len(rows) != 1 or str(rows[0][0]).lower() not in plain or not isinstance(rows[0][1], int):
        raise BadError("gpkg_geometry_columns", f"no column of geometries for {table!r}", EXPORT)
    return plain[str(rows[0][0]).lower()], rows[0][1]


def _code(base: sqlite3.Connection, srs: int, of_column: int, table: str) -> int:
    """Find the EPSG code of the layer; a definition in words is never read."""
    if srs != of_column:
        raise BadError(table, f"two reference systems: {srs} and {of_column}", AS_LONLAT)
    query = (
        "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys "
        "WHERE srs_id = ? LIMIT 2"
    )
    rows = base.execute(query, (srs,)).fetchall()
    if len(rows) != 1 or str(rows[0][0]).upper() != "EPSG" or not isinstance(rows[0][1], int):
        raise BadError(table, f"a reference system ({srs}) that EPSG doesn't name", AS_LONLAT)
    return int(rows[0][1])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _geometry(blob: Any, srs: int, place: str) -> BaseGeometry:  # noqa: ANN401  (any SQLite value)
    """Read a geometry: the GeoPackage's header, then well-known binary."""
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        raise BadError(place, "no geometry of a GeoPackage", EXPORT)
    flags = blob[3]
    envelope = flags >> 1 & 7
    if envelope >= len(ENVELOPES) or flags & 0x20:
        raise BadError(place, "a geometry of an extension", EXPORT)
    (own,) = struct.unpack_from("<i" if flags & 1 else ">i", blob, 4)
    if own != srs:
        raise BadError(place, f"reference system {own} in a layer of {srs}", AS_LONLAT)
    try:
        found: BaseGeometry = shapely.from_wkb(blob[8 + ENVELOPES[envelope] :])
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise BadError(place, f"no geometry: {error}"[:120], EXPORT) from None
    return found


def _sort_out(parts: Parts, found: BaseGeometry, place: str) -> None:
    """Add a geometry of a GeoPackage."""
    kind = found.geom_type
    pieces = list(shapely.get_parts(found))
    if kind in {"Point", "MultiPoint"}:
        parts.points += [shapely.get_coordinates(one) for one in pieces]
    elif kind in {"LineString", "MultiLineString"}:
        parts.lines += [shapely.get_coordinates(one) for one in pieces]
    elif kind in {"Polygon", "MultiPolygon"}:
        parts.areas += [
            [shapely.get_coordinates(ring) for ring in shapely.get_rings(one)] for one in pieces
        ]
    else:
        raise BadError(place, f"a geometry of type {kind!r}", ONE)
