"""The theatre of some of its members: the others become neighbours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vallum.errors import Fault, InputError, nearest

if TYPE_CHECKING:
    from collections.abc import Collection

    from vallum.theatre.model import Theatre

__all__ = ["only"]

FLANK = "flank"


def only(theatre: Theatre, coalition: Collection[str]) -> Theatre:
    """Make the theatre of a coalition: the other members are neighbours, and their border open.

    Parameters
    ----------
    theatre
        Of all members.
    coalition
        ISO3 of those who stay members, at least one.

    Returns
    -------
    Theatre
        The same ground, with the roles of the others changed.

    Raises
    ------
    InputError
        For states that are no members, all at once, and for no state at all.
    """
    where = "theatre.coalition"
    faults = [
        Fault(where, one, "no member of this theatre", nearest(one, theatre.members))
        for one in sorted(set(coalition) - set(theatre.members))
    ]
    if not coalition:
        faults.append(Fault(where, "", "nobody is named", "name members by ISO3, or leave it out"))
    if faults:
        raise InputError(faults)
    countries = theatre.countries.copy()
    gone = countries["role"].eq("member") & ~countries.index.isin(sorted(coalition))
    countries.loc[gone, "role"] = FLANK
    return replace(theatre, countries=countries)
