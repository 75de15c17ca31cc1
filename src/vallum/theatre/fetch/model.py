"""What is asked of a source, and what comes back."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003  (a field of a public type)

from vallum.errors import Fault

__all__ = ["Fetched", "FetchedFile", "Progress", "Request", "bounds_faults", "state_faults"]

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Request:
    """What is asked for; a source looks only at the fields that it names.

    Attributes
    ----------
    states
        ISO 3166-1 alpha-3 codes.
    bounds
        West, south, east, north, in degrees.
    year
        Of the data.
    level
        Of administrative units: 0 is the state, 1 its first-level regions.
    version
        Of the data, as the publisher names it.
    token
        The user's own, sent in a header and kept nowhere; never shown.
    """

    states: tuple[str, ...] = ()
    bounds: tuple[float, float, float, float] | None = None
    year: int | None = None
    level: int | None = None
    version: str | None = None
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class FetchedFile:
    """One file that was fetched.

    Attributes
    ----------
    path
        Where it lies.
    address
        Where it was read.
    sha256
        Of its bytes, as hexadecimal text.
    bytes
        Its size.
    from_cache
        Whether it was here already.
    verified
        How it was checked when it came: "publisher's MD5", "length", and so on.
    """

    path: Path
    address: str
    sha256: str
    bytes: int
    from_cache: bool
    verified: str


@dataclass(frozen=True)
class Fetched:
    """What a source gave.

    Attributes
    ----------
    files
        In the order they were asked for.
    licence
        The publisher's terms.
    source
        Who publishes it, and what it is.
    date
        Of the data.
    snippet
        TOML to paste into a theatre's CONFIG.toml; paths are relative to the folder of the files.
    """

    files: tuple[FetchedFile, ...]
    licence: str
    source: str
    date: str
    snippet: str


def state_faults(request: Request) -> list[Fault]:
    """Say what is wrong with the states that are asked for."""
    mend = "give ISO 3166-1 alpha-3 codes, as MRT and MLI"
    if not request.states:
        return [Fault("fetch", "states", "no state is given", mend)]
    return [
        Fault("fetch", "states", f"no code of a state: {state!r}", mend)
        for state in request.states
        if not (len(state) == 3 and state.isascii() and state.isalpha() and state.isupper())
    ]


def bounds_faults(request: Request) -> list[Fault]:
    """Say what is wrong with the bounds that are asked for."""
    mend = "give west, south, east, north in degrees, as -17.5, 9.5, 5, 28"
    if request.bounds is None:
        return [Fault("fetch", "bounds", "no bounds are given", mend)]
    west, south, east, north = request.bounds
    if not all(math.isfinite(edge) for edge in request.bounds):
        found = "an edge is no number"
    elif not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        found = f"beyond ±180 and ±90, or south above north: {request.bounds}"
    elif west >= east:
        found = f"west is not less than east: {request.bounds}"
        mend += "; across the 180th meridian ask twice"
    elif south == north:
        found = f"south is not less than north: {request.bounds}"
    else:
        return []
    return [Fault("fetch", "bounds", found, mend)]
