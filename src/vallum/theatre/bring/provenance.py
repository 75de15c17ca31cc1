"""Where a layer comes from and what was done to it: one record per layer, with digests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from vallum.theatre.model import Source

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.theatre.bring.sections import Layer

__all__ = ["GEOGRAPHIC", "describe", "digest", "share"]

GEOGRAPHIC = "EPSG:4326"
CHUNK = 1 << 20
SIDECARS = (".dbf", ".shx", ".prj", ".cpg", ".tfw", ".aux.xml")  # parts of one data set, beside it


def describe(
    layer: Layer,
    name: str,
    *,
    crs_in: str,
    crs_out: str,
    resampling: str,
    treatment: str,
    lost: str = "nothing",
) -> Source:
    """Record a layer.

    Parameters
    ----------
    layer
        What the config says of it.
    name
        Of the layer in the theatre.
    crs_in, crs_out
        Coordinate systems, as `EPSG:…` or PROJ text.
    resampling
        How it came onto the grid; `none` for points and lines.
    treatment
        What else was done to it, in words.
    lost
        What of the file is not in the layer, with its share.
    """
    return Source(
        layer=name,
        source=layer.source,
        licence=layer.licence,
        address=layer.address,
        date=layer.date,
        treatment=treatment,
        file=" ".join("_".join(path.name.split()) for path in layer.file),
        sha256=" ".join(digest(path) for path in layer.file),
        crs_in=crs_in,
        crs_out=crs_out,
        resampling=resampling,
        lost=lost,
    )


def digest(path: Path) -> str:
    """SHA-256 of a file and of the sidecars that belong to it, read in pieces."""
    beside = [path, *(path.with_suffix(end) for end in SIDECARS)]
    found = hashlib.sha256()
    for part in dict.fromkeys(file for file in beside if file.is_file()):
        with part.open("rb") as stream:
            while piece := stream.read(CHUNK):
                found.update(piece)
    return found.hexdigest()


def share(part: float, whole: float) -> str:
    """Write a part as a share of the whole, for `lost`.

    Examples
    --------
    >>> share(5, 1000)
    '0.5 %'
    >>> share(0, 0)
    '0 %'
    """
    percent = 100.0 * part / whole if whole else 0.0
    return f"{percent:.2g} %" if percent < 10 else f"{percent:.0f} %"
