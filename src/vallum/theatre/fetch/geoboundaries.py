"""geoBoundaries: administrative boundaries by state and level, with their own licences.

Address: `https://www.geoboundaries.org/api/current/gbOpen/MRT/ADM1/`, which answers JSON with
`gjDownloadURL`, `boundaryLicense`, `boundaryYearRepresented`, `admUnitCount` and more
(https://www.geoboundaries.org/api.html, read 2026-11-24). The files lie on GitHub; where it gives a
pointer of Git LFS instead of the file, the pointer's SHA-256 and length are the publisher's, and
the file is at `media.githubusercontent.com` (seen in public code, 2026-11-24).
Licence: said by each answer; gbOpen as a whole is called CC BY 4.0 compliant on that page.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from vallum.errors import Fault
from vallum.theatre.fetch.cache import Job, drop, keep
from vallum.theatre.fetch.checks import POINTER, RefusedError, as_json, features
from vallum.theatre.fetch.gathered import Gathered, Layer
from vallum.theatre.fetch.model import state_faults
from vallum.theatre.fetch.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vallum.theatre.fetch.cache import Kept, Shop
    from vallum.theatre.fetch.model import Request

__all__ = ["gather", "needs"]

API = "https://www.geoboundaries.org/api/current/gbOpen/{state}/ADM{level}/"
MEDIA = "media.githubusercontent.com"
COLUMNS = ("shapeName",)
LAST_LEVEL = 5
ASKED = ("boundaryISO", "boundaryType", "gjDownloadURL", "boundaryLicense")


def needs(request: Request) -> list[Fault]:
    """Say what a request lacks: states; the level is 1 unless given."""
    faults = state_faults(request)
    if request.level is not None and not 0 <= request.level <= LAST_LEVEL:
        found = f"no level {request.level}"
        faults.append(Fault("fetch", "level", found, f"give 0 (states) to {LAST_LEVEL}"))
    return faults


def gather(request: Request, shop: Shop) -> Gathered:
    """Fetch the boundaries of each state, and what the publisher says of them.

    Raises
    ------
    FetchError
        If an answer is of another state or level, or a file isn't GeoJSON with names.
    """
    level = 1 if request.level is None else request.level
    kept: list[Kept] = []
    layers, licences, dates = [], [], []
    for state in dict.fromkeys(request.states):
        stem = f"geoBoundaries-{state}-ADM{level}"
        about = keep(
            Job(
                API.format(state=state, level=level), f"{stem}-metaData.json",
                partial(_check_about, state, level),
            ),
            shop,
        )  # fmt: skip
        said = as_json(about.path)
        shape = _shape(str(said["gjDownloadURL"]), f"{stem}.geojson", said, shop)
        kept += [shape, about]
        licence = _licence(said)
        date = f"{said.get('boundaryYearRepresented', 'unknown')}"
        licences.append(f"{state}: {licence}")
        dates.append(f"{state}: {date}")
        layers.append((shape, licence, date))
    table = "borders" if level == 0 else "regions"
    licence = "; ".join(dict.fromkeys(licences))
    date = "; ".join(dates)
    layer = Layer(
        table, tuple(shape.name for shape, _, _ in layers),
        ", ".join(shape.address for shape, _, _ in layers), licence, date,
        {"iso3": "shapeGroup", "name": "shapeName"},
    )  # fmt: skip
    return Gathered(tuple(kept), licence, f"geoBoundaries gbOpen, ADM{level}", date, (layer,))


def _check_about(state: str, level: int, path: Path) -> str:
    """Check what the API says of a boundary."""
    said = as_json(path)
    missing = [key for key in ASKED if not isinstance(said.get(key), str) or not said[key]]
    if missing:
        raise RefusedError(f"the answer lacks {', '.join(missing)}")
    if (said["boundaryISO"], said["boundaryType"]) != (state, f"ADM{level}"):
        found = f"{said['boundaryISO']} {said['boundaryType']}"
        raise RefusedError(f"the answer is of {found}, not {state} ADM{level}")
    link = urlsplit(said["gjDownloadURL"])
    if link.scheme != "https" and not (link.scheme == "http" and link.hostname == "127.0.0.1"):
        raise RefusedError("the answer's link is not an address of the web with encryption")
    return "read as JSON"


def _shape(address: str, name: str, said: Mapping[str, Any], shop: Shop) -> Kept:
    """Fetch a file of boundaries; a pointer to it is followed, and its checksum kept to."""
    whole = partial(_check_shape, said.get("admUnitCount"))
    found = keep(Job(address, name, partial(_pointer_or, whole)), shop)
    if not _is_pointer(found.path):
        return found
    pointer = found.path.read_text("ascii", "replace")
    match = re.search(r"^oid sha256:([0-9a-f]{64})$", pointer, re.MULTILINE)
    split = urlsplit(address)
    parts = split.path.split("/raw/", 1)
    if match is None or len(parts) != 2:
        drop(found.path)
        refuse(found.address, name, "a pointer came instead of the file", "run it again later")
    media = urlunsplit(("https", MEDIA, f"/media{parts[0]}/{parts[1]}", "", ""))
    return keep(Job(media, name, whole, known_hash=f"sha256:{match[1]}"), shop)


def _pointer_or(whole: partial[str], path: Path) -> str:
    """Check a file, or see that it is a pointer to one."""
    return "pointer" if _is_pointer(path) else whole(path)


def _is_pointer(path: Path) -> bool:
    """Whether a file is a pointer of Git LFS."""
    with path.open("rb") as file:
        return file.read(len(POINTER)) == POINTER.encode()


def _check_shape(count: object, path: Path) -> str:
    """Check a file of boundaries: GeoJSON with names; say how its count compares."""
    held = len(features(path, COLUMNS))
    if str(count).isdigit():
        agrees = f"as the publisher counts ({count})" if int(str(count)) == held else ""
        return f"{held} units, " + (agrees or f"but the publisher counts {count}")
    return f"{held} units"


def _licence(said: Mapping[str, Any]) -> str:
    """Give the licence of a boundary, with its note if there is one."""
    detail = str(said.get("licenseDetail") or "")
    licence = str(said["boundaryLicense"])
    return licence if detail.lower() in ("", "nan", "none") else f"{licence} ({detail})"
