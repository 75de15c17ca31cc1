"""A name for the projection of a plan's grid: programs list it, and "unknown" tells nobody."""

from __future__ import annotations

from typing import Any

import pyproj

__all__ = ["named"]

_WGS84 = "World Geodetic System 1984"
_NONE = "unknown"  # what PROJ calls a projection that was given by its figures alone


def named(crs: Any, place: str = "") -> pyproj.CRS:  # noqa: ANN401  (pyproj's many)
    """Give a projection a name, if it has none.

    Parameters
    ----------
    crs
        Anything that `pyproj` reads.
    place
        Of the theatre; may be empty.

    Returns
    -------
    pyproj.CRS
        The same projection. One that has a name keeps it.

    Examples
    --------
    >>> named("+proj=laea +lat_0=17 +lon_0=-5 +datum=WGS84 +units=m", "sahel").name
    'Vallum sahel equal-area'
    >>> named("EPSG:4326", "sahel").name
    'WGS 84'
    """
    read = pyproj.CRS.from_user_input(crs)
    if read.name != _NONE:
        return read
    told: dict[str, Any] = read.to_json_dict()
    told["name"] = " ".join(filter(None, ("Vallum", place, "equal-area")))
    base = told.get("base_crs", {})
    if base.get("name") == _NONE and base.get("datum", {}).get("name") == _WGS84:
        base["name"] = "WGS 84"
    return pyproj.CRS.from_json_dict(told)
