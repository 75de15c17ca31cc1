"""Land that a user fixes: must hold, must leave, no building."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InfeasibleError, InputError, nearest
from vallum.kernel.arrays import frozen
from vallum.theatre.place import cell_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.line.settings import LineSettings
    from vallum.theatre import Theatre

__all__ = ["Constraints", "resolve"]


@dataclass(frozen=True, eq=False)
class Constraints:
    """Masks of fixed land, each of shape (rows, cols)."""

    must_hold: NDArray[np.bool_]
    must_leave: NDArray[np.bool_]
    no_build: NDArray[np.bool_]


def resolve(theatre: Theatre, settings: LineSettings) -> Constraints:
    """Find the land that names and points mean.

    Parameters
    ----------
    theatre
        Where the names are looked up: settlements of the members, then regions.
    settings
        The three lists.

    Returns
    -------
    Constraints
        Masks.

    Raises
    ------
    InputError
        For names that are not in the theatre and points off it, all at once.
    InfeasibleError
        For land that must be held but lies outside the members, or must also be left; says which.
    """
    faults: list[Fault] = []
    masks = {}
    for key in ("must_hold", "must_leave", "no_build"):
        masks[key] = np.zeros(theatre.grid.shape, bool)
        for name in getattr(settings, key):
            found = _place(theatre, name)
            if isinstance(found, Fault):
                faults.append(Fault(f"line.{key}", name, found.found, found.mend))
            else:
                masks[key] |= found
    if faults:
        raise InputError(faults)
    for name in settings.must_hold:
        place = _place(theatre, name)
        if isinstance(place, Fault):
            continue
        outside = int((place & ~theatre.member_mask).sum())
        left = int((place & masks["must_leave"]).sum())
        if outside:
            found_text = f"{outside} of {int(place.sum())} cells lie outside the member states"
            mend = "hold land of " + " or ".join(theatre.members) + " only"
            faults.append(Fault("line.must_hold", name, found_text, mend))
        if left:
            mend = "take it out of must_hold or must_leave"
            faults.append(Fault("line.must_hold", name, f"{left} cells must be left too", mend))
    if faults:
        raise InfeasibleError(faults)
    return Constraints(**{key: frozen(mask) for key, mask in masks.items()})


def _place(theatre: Theatre, name: str) -> NDArray[np.bool_] | Fault:
    """Cells of a settlement, region or point; a fault without place where there is none."""
    grid = theatre.grid
    mask = np.zeros(grid.shape, bool)
    if name.count(",") == 1:
        try:
            mask[cell_at(theatre, name)] = True
        except InputError as error:
            return error.faults[0]
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
    known = [*theatre.settlements["name"].astype(str), *theatre.regions["name"].astype(str)]
    close = nearest(name, sorted(set(known)))
    mend = close if close.startswith("did") else "name a settlement or region, or give lon,lat"
    return Fault("", name, "no such settlement or region", mend)
