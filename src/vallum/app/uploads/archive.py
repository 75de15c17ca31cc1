"""ZIP archives: what makes one a bomb or a way out of a folder, found before it is unpacked."""

from __future__ import annotations

import io
import itertools
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.app.uploads.kinds import entity_faults, kind_of
from vallum.app.uploads.names import name_faults
from vallum.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ArchiveLimits", "archive_faults"]

_END, _END_SIZE, _FARTHEST = b"PK\x05\x06", 22, 65_535 + 22
_END64 = b"PK\x06\x07"
_LOCAL = 30  # bytes before the name in a member's own header
_PIECE = 65_536
_ENCRYPTED = 0x1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_SAID = 20  # faults; more of them say nothing new
_AGAIN = "pack the files again, with the ZIP of your system"
# what `zipfile` raises for what isn't right
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OSError,
    OverflowError, RuntimeError, UnicodeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class ArchiveLimits:
    """How large an archive may be. Judgements.

    Attributes
    ----------
    members
        Files in it.
    bytes_unpacked
        Of all of them.
    ratio
        Bytes of all members per byte of the archive, from the first `free` bytes on.
    free
        Bytes that may come of any ratio.
    directory_bytes
        Of its list of members.
    """

    members: int = 1_000
    bytes_unpacked: int = 200_000_000
    ratio: float = 100.0
    free: int = 1_000_000
    directory_bytes: int = 1_000_000


def archive_faults(
    data: bytes, where: str, limits: ArchiveLimits | None = None
) -> tuple[Fault, ...]:
    """Find why an archive can't be unpacked safely.

    Parameters
    ----------
    data
        All of it.
    where
        Its name.
    limits
        How large it may be.

    Returns
    -------
    tuple of Fault
        From the list of members; and where that is well, from the members, unpacked piece by
        piece into nothing, as far as the limit. Empty where it may be unpacked.
    """
    most = limits or ArchiveLimits()
    faults = _end_faults(data, where, most)
    if faults:
        return faults
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            faults = tuple(_listed_faults(packed.infolist(), where, len(data), most))
            return (faults or _inner_faults(packed, where, most))[:_SAID]
    except _BROKEN as error:
        return (Fault(where, "", f"a damaged archive: {error}"[:200], _AGAIN),)


def _end_faults(data: bytes, where: str, most: ArchiveLimits) -> tuple[Fault, ...]:
    """Look at the archive's end: how many members its list has, before the list is read."""
    at = data.rfind(_END, max(0, len(data) - _FARTHEST))
    if at < 0 or at + _END_SIZE > len(data):
        return (Fault(where, "", "an archive cut short", _AGAIN),)
    members, size, offset = struct.unpack_from("<HII", data, at + 10)
    # where a second end is named, Python believes that one
    if 0xFFFF_FFFF in {size, offset} or data[max(0, at - 20) : at].startswith(_END64):
        return (Fault(where, "", "an archive of the kind for more than 4 GB (ZIP64)", _AGAIN),)
    if members > most.members or size > most.directory_bytes:
        found = f"a list of {members:,} files and {size:,} bytes"
        mend = f"pack at most {most.members:,} files"
        return (Fault(where, "", found, mend),)
    return ()


def _listed_faults(
    members: list[zipfile.ZipInfo], where: str, size: int, most: ArchiveLimits
) -> Iterator[Fault]:
    """Find what the list of members shows."""
    if len(members) > most.members:  # the end of the archive told another number
        yield Fault(where, "", f"{len(members):,} files", f"pack at most {most.members:,}")
        return
    total = sum(one.file_size for one in members)
    if total > most.bytes_unpacked:
        found = f"{total:,} bytes when unpacked; at most {most.bytes_unpacked:,}"
        yield Fault(where, "", found, "pack less")
    elif total > max(most.free, most.ratio * size):
        found = f"{total / max(size, 1):,.0f} times its size when unpacked"
        yield Fault(where, "", found, "pack what isn't empty, without ZIPs in it")
    if _overlap(members):
        yield Fault(where, "", "files that lie over one another", _AGAIN)
    seen: set[str] = set()
    for one in members:
        yield from _member_faults(one, where, seen)


def _overlap(members: list[zipfile.ZipInfo]) -> bool:
    """Whether one member's bytes are another's too, by which few bytes become many."""
    spans = sorted((one.header_offset, one.compress_size) for one in members)
    return any(at + _LOCAL + size > after for (at, size), (after, _) in itertools.pairwise(spans))


def _member_faults(one: zipfile.ZipInfo, where: str, seen: set[str]) -> Iterator[Fault]:
    """Find what is wrong with one member, by its entry in the list."""
    name = one.orig_filename  # as it is written: `filename` is mended
    place = repr(name[:100])
    if name_faults(name):
        mend = "pack it from within its folder, with plain names"
        yield Fault(where, place, "a name that leads elsewhere", mend)
    if name.rstrip("/").casefold() in seen:
        yield Fault(where, place, "a name that is there twice", "give each file its own name")
    seen.add(name.rstrip("/").casefold())
    kind = stat.S_IFMT(one.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        found = "a link" if kind == stat.S_IFLNK else "no plain file"
        yield Fault(where, place, found, "pack the file itself")
    if one.flag_bits & _ENCRYPTED:
        yield Fault(where, place, "it is encrypted", "pack it without a password")
    if one.compress_type not in _METHODS:
        yield Fault(where, place, "packed by a method that isn't known here", _AGAIN)


def _inner_faults(packed: zipfile.ZipFile, where: str, most: ArchiveLimits) -> tuple[Fault, ...]:
    """Unpack each member into nothing: count what comes, and look for archives and XML in it."""
    faults: list[Fault] = []
    total = 0
    for one in packed.infolist():
        tail = b""
        with packed.open(one) as member:
            while piece := member.read(_PIECE):
                total += len(piece)
                if total > most.bytes_unpacked:
                    found = f"more than {most.bytes_unpacked:,} bytes when unpacked"
                    return (*faults, Fault(where, "", found, "pack less"))
                if not tail and kind_of(piece).name in {"archive", "packed"}:
                    found = "an archive within the archive"
                    faults.append(Fault(where, repr(one.filename), found, "unpack it first"))
                faults += [
                    Fault(where, repr(one.filename), fault.found, fault.mend)
                    for fault in entity_faults(tail + piece, where)
                ]
                tail = piece[-32:]
    return tuple(dict.fromkeys(faults))
