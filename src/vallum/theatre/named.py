"""Land that somebody names: a settlement, region or state, a point, a box, or polygons in a file.

A name is looked up among the settlements (the members' before the others', the largest first),
then among the regions, then among the states by ISO3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyproj import Transformer

from vallum.errors import Fault, InputError, nearest
from vallum.theatre.drawn import read_land
from vallum.theatre.place import cell_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.theatre.model import Theatre

__all__ = ["FILE", "named", "part_of"]

FILE = "file:"  # before the path of a vector file


def named(theatre: Theatre, name: str, where: str) -> NDArray[np.bool_]:
    """Find the cells that a name means.

    Parameters
    ----------
    theatre
        Where it is looked up.
    name
        A settlement, a region, a state's ISO3, "lon,lat", or "file:" and the path of polygons.
    where
        The setting or option that gave it, for the message.

    Returns
    -------
    cells
        Bool, shape (rows, cols); of a file its cells on land and sea alike.

    Raises
    ------
    InputError
        With the nearest valid name; for points off the theatre, and files that can't be used.
    """
    mask = np.zeros(theatre.grid.shape, bool)
    if name.startswith(FILE):
        return read_land(name.removeprefix(FILE).strip(), theatre)
    if name.count(",") == 1:
        mask[cell_at(theatre, name, where=where)] = True
        return mask
    towns = theatre.settlements[theatre.settlements["name"] == name]
    own = towns[towns["iso3"].isin(theatre.members)]
    towns = own if len(own) else towns
    if len(towns):
        town = towns.sort_values("people", ascending=False).iloc[0]
        mask[int(town["row"]), int(town["col"])] = True
        return mask
    regions = np.flatnonzero((theatre.regions["name"] == name).to_numpy())
    if regions.size:
        return np.isin(theatre.ground["region"].to_numpy(), regions)
    states = [str(iso3) for iso3 in theatre.countries.index]
    if name in states:
        return theatre.state_mask(name)
    known = pd.concat([theatre.settlements["name"], theatre.regions["name"]]).astype(str)
    close = nearest(name, sorted({*known, *states}))
    mend = close if close.startswith("did") else (
        "name a settlement, a region or a state's ISO3, or give lon,lat or file:PATH")  # fmt: skip
    raise InputError([Fault(where, name, "no such settlement, region or state", mend)])


def part_of(
    theatre: Theatre,
    where: str,
    *,
    state: str | None = None,
    region: str | None = None,
    bounds: tuple[float, float, float, float] | None = None,
) -> NDArray[np.bool_]:
    """Find the cells of a state, a region and a box: those that lie in all that are given.

    Parameters
    ----------
    theatre
        Where the names are looked up.
    where
        The setting that gave them, for the message.
    state
        ISO3 of a state shown.
    region
        Of the first administrative level; of that state, if one is given.
    bounds
        West, south, east and north, degrees; a cell is in it by its centre.

    Returns
    -------
    cells
        Bool, shape (rows, cols).

    Raises
    ------
    InputError
        With every fault: unknown names, boxes that are none, and where no cell is in all of it.
    """
    cells = np.ones(theatre.grid.shape, bool)
    faults: list[Fault] = []
    states = [str(iso3) for iso3 in theatre.countries.index]
    if state is not None and state not in states:
        faults.append(Fault(where, state, "no state of this theatre", nearest(state, states)))
        state = None
    elif state is not None:
        cells &= theatre.state_mask(state)
    if region is not None:
        table = theatre.regions
        own = np.ones(len(table), bool) if state is None else (table["iso3"] == state).to_numpy()
        found = np.flatnonzero(own & (table["name"] == region).to_numpy())
        if not found.size:
            of = f" of {state}" if state else ""
            mend = nearest(region, sorted(set(table["name"][own].astype(str))))
            faults.append(Fault(where, region, f"no region{of}", mend))
        cells &= np.isin(theatre.ground["region"].to_numpy(), found)
    if bounds is not None:
        west, south, east, north = bounds
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            mend = "give west, south, east, north in degrees, west below east, south below north"
            faults.append(Fault(where, f"{bounds}", "no box", mend))
        lon, lat = _centres(theatre)
        cells &= (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
    if not faults and not cells.any():
        said = ", ".join(str(part) for part in (state, region, bounds) if part is not None)
        faults.append(Fault(where, said, "no cell of this theatre lies in it", "widen it"))
    if faults:
        raise InputError(faults)
    return cells


def _centres(theatre: Theatre) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of every cell's centre, degrees."""
    move = Transformer.from_crs(theatre.grid.crs, "EPSG:4326", always_xy=True)
    lon, lat = move.transform(*np.meshgrid(theatre.grid.x, theatre.grid.y))
    return np.asarray(lon, float), np.asarray(lat, float)
