"""A place that somebody names by its longitude and latitude."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pyproj import Transformer

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from vallum.theatre.model import Theatre

__all__ = ["cell_at"]


def cell_at(theatre: Theatre, text: str, *, where: str = "place") -> tuple[int, int]:
    """Find the cell of a place.

    Parameters
    ----------
    theatre
        The ground.
    text
        "lon,lat" in degrees, east and north positive.
    where
        What gave the place, for the message.

    Returns
    -------
    row, col
        Of its cell.

    Raises
    ------
    InputError
        If the text is no point, or the point lies off the theatre.
    """
    parts = text.split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError:
        lon = lat = math.nan
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        mend = "write lon,lat in degrees, as -8.0,12.65"
        raise InputError([Fault(where, text, "no point", mend)])
    move = Transformer.from_crs("EPSG:4326", theatre.grid.crs, always_xy=True)
    row, col, inside = theatre.grid.locate(*move.transform(lon, lat))
    if not bool(inside):
        mend = "write lon,lat, in this order"
        raise InputError([Fault(where, text, "a point off the theatre", mend)])
    return int(row), int(col)
