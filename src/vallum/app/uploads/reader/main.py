"""The process that reads one GeoJSON or GeoPackage that somebody brought, and can do no harm.

The file comes on standard input; the answer goes to standard output as JSON: `points` and
`closed`, or `faults`, each a place, what was found and a mend.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from vallum.app.uploads.reader.geojson import geojson
from vallum.app.uploads.reader.geopackage import geopackage
from vallum.app.uploads.reader.made import drawn, in_degrees, places
from vallum.app.uploads.reader.parts import ONE, BadError

__all__ = ["answer", "bind", "main"]

MEMORY = 1_500_000_000  # bytes of address space; libraries take a third of it
CPU_S = 15
WRITTEN = 2_000_000  # bytes of the answer; nothing else may be written
OPEN_FILES = 32
MOST_READ = 10_000  # points, so that it can be said how many are too many


def main(kind: str, wanted: str, most: int) -> int:
    """Read the file on standard input, and answer on standard output.

    Parameters
    ----------
    kind, wanted, most
        As for `answer`.

    Returns
    -------
    int
        Exit code; other than 0 where it is no fault that could be named.
    """
    bind()
    said = answer(sys.stdin.buffer.read(), kind, wanted, most)
    sys.stdout.write(json.dumps(said, allow_nan=False))
    return 0


def answer(data: bytes, kind: str, wanted: str, most: int) -> dict[str, Any]:
    """Read a file.

    Parameters
    ----------
    data
        All of it.
    kind
        `geojson` or `geopackage`.
    wanted
        `drawn` or `places`.
    most
        Points.

    Returns
    -------
    dict
        `points` and `closed`, or `faults`.
    """
    read = {"geojson": geojson, "geopackage": geopackage}[kind]
    make = {"drawn": drawn, "places": places}[wanted]
    try:
        return make(in_degrees(read(data, max(most, MOST_READ))), most)
    except BadError as error:
        return {"faults": [error.said]}
    except (MemoryError, RecursionError):
        return {"faults": [("", "too much to read", ONE)]}


def bind() -> None:
    """Give up what this process doesn't need, before it sees the file."""
    import resource  # noqa: PLC0415  (where there is none, nothing is read)

    os.nice(10)
    wanted = (
        ("RLIMIT_AS", MEMORY), ("RLIMIT_CPU", CPU_S), ("RLIMIT_FSIZE", WRITTEN),
        ("RLIMIT_NOFILE", OPEN_FILES), ("RLIMIT_NPROC", 0), ("RLIMIT_CORE", 0),
    )  # fmt: skip
    for name, most in wanted:
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (ValueError, OSError):
            if sys.platform == "linux":
                raise  # elsewhere some limits aren't known, and the time is limited from outside
