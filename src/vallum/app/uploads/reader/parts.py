"""What is found in a file that somebody brought, and what may be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["AS_LONLAT", "EXPORT", "LONLAT", "MOST_ROWS", "ONE", "BadError", "Parts", "too_many"]

LONLAT = 4326  # EPSG
MOST_ROWS = 10_000
EXPORT = "export the layer in QGIS as GeoJSON (Export > Save Features As) and bring that"
AS_LONLAT = "export it in EPSG:4326 (Export > Save Features As) and bring that"
ONE = "bring one line, or one area without holes"


class BadError(Exception):
    """What is wrong with the file."""

    def __init__(self, place: str, found: str, mend: str) -> None:
        self.said = (place, found, mend)
        super().__init__(found)


@dataclass(eq=False)
class Parts:
    """What a file holds; each array has shape (points, 2), x before y.

    Attributes
    ----------
    lines, points
        One array each.
    areas
        Rings of each polygon, the outer one first.
    code
        EPSG code of the coordinates.
    """

    lines: list[NDArray[np.float64]] = field(default_factory=list)
    areas: list[list[NDArray[np.float64]]] = field(default_factory=list)
    points: list[NDArray[np.float64]] = field(default_factory=list)
    code: int = LONLAT


def too_many() -> BadError:
    """Say that there are too many points."""
    mend = "simplify it in QGIS (Vector > Geometry Tools > Simplify), or bring fewer features"
    return BadError("", "too many points", mend)
