"""The one door for CSV files: encoding, delimiter, quotes, ragged rows, headers.

Every line of the file is accounted for before pandas reads it, so that the row a fault names is
the line that an editor shows, and no row is skipped, joined or split unsaid.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.errors import Fault, nearest
from vallum.theatre.bring.fields import many, mojibake, quote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["read_csv", "read_header"]

DELIMITERS = (",", ";", "\t")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}
PIECE = 1 << 24  # bytes looked at together
START = 1 << 20  # bytes in which a header must end
LARGEST = 4 << 30  # bytes
FALSE_FRIENDS = (  # beginnings of files that are no CSV, whatever their name
    (b"PK\x03\x04", "a zip file or an Excel workbook", "unpack it, or save the sheet as CSV"),
    (b"\x1f\x8b", "a gzip file", "unpack it"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"),
    (b"SQLite format 3", "a GeoPackage or SQLite database", "export the table as CSV"),
    (b"%PDF", "a PDF", "give the table as CSV"),
    (b"\xff\xfe", "UTF-16 text", 'say encoding = "utf-16"'),
    (b"\xfe\xff", "UTF-16 text", 'say encoding = "utf-16"'),
)
SPOILT = (b"\xc3\x83", b"\xc3\x82", b"\xc3\xa2", b"\xef\xbf\xbd")  # UTF-8 of Ã, Â, â and U+FFFD
PAGES = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")


@dataclass(frozen=True, eq=False)
class _Layout:
    """Where the records of a file are: line and number of fields of each that isn't blank."""

    line: NDArray[np.int64]
    fields: NDArray[np.int64]


def read_csv(
    path: Path, *, encoding: str = "utf-8", columns: Sequence[str] | None
) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read a CSV as text.

    Parameters
    ----------
    path
        Of the file.
    encoding
        Of the file; UTF-8 may begin with a byte-order mark.
    columns
        Those wanted, in this order; all of them if None.

    Returns
    -------
    frame
        All as text, missing where the field is empty; the index is the line of the file on which
        a row begins, the header's being 1. None where the file can't be read rightly.
    faults
        Everything found: the wrong encoding with the first bad byte's line and column, NUL bytes,
        a page or archive named .csv, no rows, ragged rows, stray quotes, columns that are missing
        or there twice, texts spoilt by an earlier wrong encoding.
    """
    where = str(path)
    data, faults = _load(path, encoding)
    if faults:
        return None, faults
    header, delimiter, begin, faults = _header(data, where, columns)
    if faults:
        return None, faults
    layout, faults = _lay_out(data, delimiter, where)
    if faults:
        return None, faults
    faults = _ragged(layout, len(header), delimiter, where)
    if len(layout.line) < 2:
        faults.append(Fault(where, "", "a header and no rows", "give a file with rows"))
    wanted = list(header) if columns is None else list(dict.fromkeys(columns))
    faults += _missing(wanted, header, where)
    if faults:
        return None, faults
    frame, faults = _parse(data, delimiter, header, wanted, layout, begin, where)
    if frame is not None and any(sign in data for sign in SPOILT):
        faults += _spoilt(frame, where)
    return frame, faults


def read_header(
    path: Path, *, encoding: str = "utf-8", columns: Sequence[str] | None = None
) -> tuple[tuple[str, ...], list[Fault]]:
    """Read only the names of a CSV's columns; empty where there are faults.

    Parameters
    ----------
    path
        Of the file.
    encoding
        Of the file.
    columns
        Those hoped for, which help to tell the delimiter.
    """
    where = str(path)
    data, faults = _load(path, encoding, most=START)
    if not faults:
        header, _, _, faults = _header(data, where, columns)
    return ((), faults) if faults else (header, [])


def _load(path: Path, encoding: str, most: int = -1) -> tuple[bytes, list[Fault]]:
    """Read a file as UTF-8 with plain newlines, or say why not."""
    where = str(path)
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=encoding)  # raises where it is none of text
        if path.stat().st_size > LARGEST:
            found = f"{path.stat().st_size / 2**30:.1f} GB"
            return b"", [Fault(where, "", found, "cut the table to the theatre first")]
        with path.open("rb") as stream:
            data = stream.read(most)
    except (LookupError, ValueError):  # a name with a NUL is a ValueError
        mend = 'use a name as "utf-8" or "cp1252"'
        return b"", [Fault(where, "encoding", f"no encoding {encoding!r}", mend)]
    except OSError as error:
        found = f"it can't be read ({error.strerror or error})"
        return b"", [Fault(where, "", found, "check the path and its permissions")]
    if not data.strip():
        return b"", [Fault(where, "", "the file is empty", "give a file with rows")]
    whole = most < 0 or len(data) < most
    false = _false_friend(data, encoding)
    if false is not None:
        return b"", [Fault(where, "", f"it is {false[0]}", false[1])]
    data, faults = _to_utf8(data, encoding, where, whole=whole)
    if not faults and b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        mend = "the file is damaged, or not text: save it as CSV again"
        faults = [Fault(where, f"row {line}", f"{data.count(0)} NUL bytes", mend)]
    return data, faults


def _false_friend(data: bytes, encoding: str) -> tuple[str, str] | None:
    """Tell what a file is that only claims to be a CSV, and the mend."""
    utf16 = codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))
    for magic, name, mend in FALSE_FRIENDS:
        if data.startswith(magic) and not (utf16 and name.startswith("UTF-16")):
            return name, mend
    start = data[:200].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith(PAGES):
        return "a web page", "download the data itself: a page was saved in its place"
    if start.startswith((b"{", b"[")):
        return "JSON", "give the table as CSV"
    if start.startswith(b"version https://git-lfs"):
        return "a pointer to the file, not the file", "fetch it with `git lfs pull`"
    return None


def _to_utf8(data: bytes, encoding: str, where: str, *, whole: bool) -> tuple[bytes, list[Fault]]:
    """Check or change the encoding, piece by piece, and make all newlines plain."""
    name = codecs.lookup(encoding).name
    decoder = codecs.getincrementaldecoder(encoding)()
    out = []
    for start in range(0, len(data), PIECE):
        piece = data[start : start + PIECE]
        try:
            text = decoder.decode(piece, final=whole and start + PIECE >= len(data))
        except UnicodeDecodeError as error:
            return b"", [_bad_byte(data, start, error, encoding, where)]
        except UnicodeError as error:  # of odd encodings, which don't say where
            return b"", [Fault(where, "encoding", f"not {encoding}: {error}", "say another")]
        if name != "utf-8":
            out.append(text.encode("utf-8", "replace"))
    if name != "utf-8":
        data = b"".join(out)
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data, []


def _bad_byte(
    data: bytes, start: int, error: UnicodeDecodeError, encoding: str, where: str
) -> Fault:
    """Say where the first byte is that isn't in the encoding.

    The decoder may hold some bytes of the piece before: its offset counts from them.
    """
    held = len(error.object) - len(data[start : start + PIECE])
    at = max(start - held + error.start, 0)
    before = data[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode(encoding, "replace")) + 1
    byte = f"byte 0x{data[at]:02x}" if at < len(data) else "its end"
    mend = 'say encoding = "cp1252" (or what it is), or save the file as UTF-8'
    return Fault(where, f"row {line}, character {column}", f"{byte} is not {encoding}", mend)


def _header(
    data: bytes, where: str, columns: Sequence[str] | None
) -> tuple[tuple[str, ...], str, int, list[Fault]]:
    """Find the header, the delimiter, and where the header begins."""
    begin = len(data) - len(data.lstrip(b"\n"))
    start = data[begin : begin + START].decode("utf-8", "ignore")
    if start[:4].lower() == "sep=":
        mend = "take the line out"
        return (), "", 0, [Fault(where, "row 1", "a line 'sep=' of Excel, not a header", mend)]
    wanted = set(columns or ())
    best: tuple[tuple[int, int], tuple[str, ...], str] | None = None
    for delimiter in DELIMITERS:
        try:
            names = next(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter), [])
        except csv.Error:
            continue
        header = tuple(name.strip() for name in names)
        rank = (len(wanted & set(header)), len(header))
        if best is None or rank > best[0]:
            best = (rank, header, delimiter)
    if best is None or best[0][1] < 2:
        found = "one column: no comma, semicolon or tab in the header"
        return (), "", 0, [Fault(where, "row 1", found, "separate the columns by commas")]
    _, header, delimiter = best
    twice = sorted({name for name in header if name and header.count(name) > 1})
    faults = [
        Fault(where, f"column {name}", f"{header.count(name)} columns have this name", "rename one")
        for name in twice
    ]
    return header, delimiter, begin, faults


def _lay_out(data: bytes, delimiter: str, where: str) -> tuple[_Layout, list[Fault]]:
    """Find every record's line and number of fields, and quotes that stand where none can.

    A field that begins with a quote ends with one, and quotes inside it are doubled (RFC 4180), so
    an odd number of quotes before a byte means that it is inside a quoted field. All is counted
    with numpy, piece by piece.
    """
    sign = ord(delimiter)
    inside = np.uint8(0)  # whether the piece begins within quotes
    marks, lines = 0, 1  # delimiters and newlines so far
    ends: list[NDArray[np.int64]] = []
    at_marks: list[NDArray[np.int64]] = []
    at_lines: list[NDArray[np.int64]] = []
    stray: list[int] = []
    for start in range(0, len(data), PIECE):
        piece = np.frombuffer(data, np.uint8, min(PIECE, len(data) - start), start)
        is_quote = piece == 0x22
        newline = piece == 0x0A
        within = np.bitwise_xor.accumulate(is_quote.view(np.uint8)) ^ inside
        stray += _stray(data, np.flatnonzero(is_quote) + start, within[is_quote] == 1, sign)
        outside = within == 0
        end = np.flatnonzero(newline & outside)
        mark = np.flatnonzero((piece == sign) & outside)
        line = np.flatnonzero(newline)
        ends.append(end + start)
        at_marks.append(marks + np.searchsorted(mark, end))
        at_lines.append(lines + np.searchsorted(line, end, side="right"))
        inside, marks, lines = within[-1], marks + len(mark), lines + len(line)
    if stray:
        return _nothing(), _quote_faults(data, stray, where)
    if inside:
        begun = data.count(b"\n", 0, data.rindex(b'"')) + 1
        mend = "close it, and double the quotes inside quoted fields"
        return _nothing(), [Fault(where, f"row {begun}", "a quote that is never closed", mend)]
    if not data.endswith(b"\n"):
        ends.append(np.array([len(data)]))
        at_marks.append(np.array([marks]))
        at_lines.append(np.array([lines + 1]))
    end = np.concatenate(ends)
    first = np.concatenate([[0], end[:-1] + 1])
    counts = np.diff(np.concatenate([[0], *at_marks])) + 1
    first_line = np.concatenate([[1], *at_lines])[:-1]
    held = end > first  # a blank line is no record, to pandas either
    return _Layout(first_line[held], counts[held]), []


def _nothing() -> _Layout:
    return _Layout(np.zeros(0, np.int64), np.zeros(0, np.int64))


def _stray(data: bytes, at: NDArray[np.int64], opens: NDArray[np.bool_], sign: int) -> list[int]:
    """Find quotes that neither begin nor end a field nor are doubled."""
    whole = np.frombuffer(data, np.uint8)
    beside = np.array([sign, 0x0A, 0x22], np.uint8)
    before = whole[np.maximum(at - 1, 0)]
    after = whole[np.minimum(at + 1, len(whole) - 1)]
    good_open = (at == 0) | np.isin(before, beside)
    good_close = (at == len(whole) - 1) | np.isin(after, beside)
    return [int(place) for place in at[np.where(opens, ~good_open, ~good_close)]]


def _quote_faults(data: bytes, stray: list[int], where: str) -> list[Fault]:
    """Name the first stray quote: after it, no count of quotes can be trusted."""
    line = data.count(b"\n", 0, stray[0]) + 1
    found = "a quote inside a field, or a space beside one"
    mend = "put the whole field in quotes and double those inside it; no space around them"
    return [Fault(where, f"row {line}", found, mend)]


def _ragged(layout: _Layout, width: int, delimiter: str, where: str) -> list[Fault]:
    """Say which rows have not as many fields as the header."""
    bad = np.flatnonzero(layout.fields != width)
    name = NAMES[delimiter]
    cases = (
        (int(layout.line[row]), f"{layout.fields[row]} fields, the header has {width} ({name})")
        for row in bad
    )
    return many(where, "", cases, f"give every row {width} fields; quote texts with a {name}")


def _missing(wanted: Sequence[str], header: Sequence[str], where: str) -> list[Fault]:
    """Say which columns are not there, with the nearest that is."""
    known = [name for name in header if name]
    return [
        Fault(where, f"column {name}", "the column is missing", nearest(name, known))
        for name in wanted
        if name and name not in header
    ]


def _parse(
    data: bytes,
    delimiter: str,
    header: Sequence[str],
    wanted: Sequence[str],
    layout: _Layout,
    begin: int,
    where: str,
) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Let pandas read the columns wanted, and check that it found the same rows."""
    wanted = [name for name in wanted if name]
    place = {name: header.index(name) for name in wanted}
    stream = io.BytesIO(data)
    stream.seek(begin)
    mend = "save it as CSV again"
    try:
        frame = pd.read_csv(
            stream,
            sep=delimiter,
            header=None,
            names=list(range(len(header))),
            skiprows=1,
            usecols=sorted(place.values()),
            index_col=False,
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            encoding="utf-8",
        )
    except (ValueError, OverflowError) as error:  # a parser's error is a ValueError
        return None, [Fault(where, "", f"it can't be read ({quote(error)})", mend)]
    lines = layout.line[1:]
    if len(frame) != len(lines):
        found = f"{len(frame)} rows where {len(lines)} were counted"
        return None, [Fault(where, "", found, mend)]
    frame = frame[[place[name] for name in wanted]]
    return frame.set_axis(wanted, axis=1).set_axis(pd.Index(lines, name="line"), axis=0), []


def _spoilt(frame: pd.DataFrame, where: str) -> list[Fault]:
    """Say which texts were spoilt by an earlier wrong encoding."""
    faults: list[Fault] = []
    for name in frame:
        values: pd.Series[Any] = frame[name]
        bad = values[mojibake(values)]
        cases = (
            (int(str(line)), f"{quote(text)}: accents are spoilt") for line, text in bad.items()
        )
        mend = "UTF-8 was once read as cp1252: get the file anew, or correct the names"
        faults += many(where, str(name), cases, mend)
    return faults
