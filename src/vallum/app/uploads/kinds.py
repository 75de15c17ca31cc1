"""What a file is, by its content; its name says nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vallum.errors import Fault

__all__ = ["KINDS", "Kind", "entity_faults", "kind_of"]


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes
    ----------
    name
        Short, for programs.
    said
        In words.
    uses
        As what it may be brought: `drawn`, `places`, `scenario`; empty where as nothing.
    """

    name: str
    said: str
    uses: tuple[str, ...] = ()


KINDS = {
    one.name: one
    for one in (
        Kind("geojson", "JSON", ("drawn", "places")),
        Kind("geopackage", "an SQLite file", ("drawn", "places")),
        Kind("toml", "plain text", ("scenario",)),
        Kind("xml", "XML (as GML, KML, SVG and VRT are)"),
        Kind("archive", "a ZIP archive (as theatres, KMZ and XLSX files are)"),
        Kind("raster", "a TIFF raster"),
        Kind("packed", "a compressed file or an archive"),
        Kind("picture", "a picture"),
        Kind("pdf", "a PDF"),
        Kind("hdf", "a NetCDF or HDF file"),
        Kind("shape", "a part of a shapefile"),
        Kind("fgb", "a FlatGeobuf file"),
        Kind("parquet", "a Parquet file"),
        Kind("program", "a program"),
        Kind("empty", "an empty file"),
        Kind("other", "a file of no known kind"),
    )
}
"""Every kind that is told apart, by its name."""

_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"SQLite format 3\0", "geopackage"),
    (b"PK\x03\x04", "archive"),
    (b"PK\x05\x06", "archive"),
    (b"PK\x07\x08", "archive"),
    (b"II*\0", "raster"),
    (b"MM\0*", "raster"),
    (b"II+\0", "raster"),
    (b"MM\0+", "raster"),
    (b"\x1f\x8b", "packed"),
    (b"BZh", "packed"),
    (b"\xfd7zXZ\0", "packed"),
    (b"\x28\xb5\x2f\xfd", "packed"),
    (b"7z\xbc\xaf\x27\x1c", "packed"),
    (b"Rar!", "packed"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"\0\0\0\x0cjP  ", "picture"),
    (b"%PDF", "pdf"),
    (b"\x89HDF", "hdf"),
    (b"CDF\x01", "hdf"),
    (b"CDF\x02", "hdf"),
    (b"CDF\x05", "hdf"),
    (b"\0\0\x27\x0a", "shape"),
    (b"fgb", "fgb"),
    (b"PAR1", "parquet"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
)
_TAR = (257, b"ustar")
_BLANK = b" \t\r\n\0"
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_ENTITY = re.compile(rb"<\s*!\s*entity", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<\s*!\s*doctype", re.IGNORECASE)


def kind_of(data: bytes) -> Kind:
    """Say what a file is.

    Parameters
    ----------
    data
        All of it, or its beginning.

    Returns
    -------
    Kind
        By its first bytes; of text, by its first sign.
    """
    return KINDS[_name(data)]


def _name(data: bytes) -> str:
    """Find the name of a file's kind."""
    if not data:
        return "empty"
    at, sign = _TAR
    if data[at : at + len(sign)] == sign:
        return "packed"
    for sign, name in _SIGNS:
        if data.startswith(sign) and not (sign.isalnum() and _is_text(data)):
            return name
    start = data
    for bom in _BOMS:
        start = start.removeprefix(bom)
    start = start.lstrip(_BLANK)[:1]
    if start == b"<":
        return "xml"
    if not _is_text(data):
        return "other"
    return "geojson" if start == b"{" else "toml"


def _is_text(data: bytes) -> bool:
    """Whether all of it is UTF-8 without signs that show as nothing."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return re.search("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]", text) is None


def entity_faults(data: bytes, where: str, *, doctype: bool = True) -> tuple[Fault, ...]:
    """Find declarations of XML, by which a small file makes a parser read or build a large one.

    Parameters
    ----------
    data
        A file of any kind; it isn't parsed.
    where
        Its name.
    doctype
        Whether a DOCTYPE is one too; QGIS writes one into a GeoPackage with a layer's metadata.

    Returns
    -------
    tuple of Fault
        One per word that is there, in one-byte or two-byte letters.
    """
    plain = data.translate(None, b"\0")  # many times as fast as to replace
    words = [("ENTITY", _ENTITY)] + ([("DOCTYPE", _DOCTYPE)] if doctype else [])
    mend = "take it out: XML that declares entities is never read"
    return tuple(
        Fault(where, "", f"there is <!{word} in it", mend)
        for word, sign in words
        if sign.search(plain)
    )
