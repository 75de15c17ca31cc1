"""How open the land around the members is: by role, by state, and by parts of states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError, nearest
from vallum.kernel.arrays import frozen
from vallum.theatre.named import part_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.line.settings import LineSettings
    from vallum.theatre import Theatre

__all__ = ["openness"]


def openness(theatre: Theatre, settings: LineSettings) -> NDArray[np.float64]:
    """Say how open each cell is: the sea 0, states by role, by name, then parts of them.

    Parameters
    ----------
    theatre
        Its states, their roles and regions.
    settings
        `flank_*`, `flank`, then `flank_segments` in order.

    Returns
    -------
    flank
        In [0, 1], shape (rows, cols); of members 1, which is not read.

    Raises
    ------
    InputError
        For states that are members or not shown, unknown regions, and boxes without land of the
        state; all at once.
    """
    states = theatre.ground["state"].to_numpy()
    known = [str(iso3) for iso3 in theatre.countries.index if iso3 not in theatre.members]
    faults = [
        Fault("line.flank", iso3, "no neighbour of this theatre", nearest(iso3, known))
        for iso3 in settings.flank
        if iso3 not in known
    ]
    by_role = {"partner": settings.flank_partner, "disputed": settings.flank_disputed}
    flank = np.zeros(theatre.grid.shape)
    for code, (iso3, role) in enumerate(theatre.countries["role"].items()):
        default = 1.0 if role == "member" else by_role.get(role, settings.flank_other)
        flank[states == code] = settings.flank.get(str(iso3), default)
    for number, segment in enumerate(settings.flank_segments):
        where = f"line.flank_segments.{number}"
        if segment.state not in known:
            mend = nearest(segment.state, known)
            faults.append(Fault(where, segment.state, "no neighbour of this theatre", mend))
            continue
        try:
            part = part_of(
                theatre, where, state=segment.state, region=segment.region, bounds=segment.bounds
            )
        except InputError as error:
            faults += error.faults
            continue
        flank[part] = segment.openness
    if faults:
        raise InputError(faults)
    return frozen(flank)
