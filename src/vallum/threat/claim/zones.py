"""Whose land is whose in the test of the claim: every region of a theatre in one zone."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError, nearest
from vallum.kernel.arrays import frozen
from vallum.threat.claim.settings import ClaimSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from vallum.theatre import Theatre

__all__ = ["ELSEWHERE", "INSIDE", "Zones", "find_zones", "plain"]

INSIDE, ELSEWHERE = -1, -2


@dataclass(frozen=True, eq=False)
class Zones:
    """The zone of every region.

    Attributes
    ----------
    names
        Of the zones: the way that is claimed first, then its rivals.
    of_region
        Zone by row of `theatre.regions`: its place in `names`, `INSIDE` (the claimed regions) or
        `ELSEWHERE`.
    claimed
        The claimed regions as the theatre spells them.
    notes
        What the settings name and the theatre lacks.
    """

    names: tuple[str, ...]
    of_region: NDArray[np.int64]
    claimed: tuple[str, ...]
    notes: tuple[str, ...]

    def of(self, theatre: Theatre, table: pd.DataFrame) -> NDArray[np.int64]:
        """Zone of each row of a table with iso3 and region; `ELSEWHERE` where none is known."""
        keys = zip(theatre.regions["iso3"], theatre.regions["name"], strict=True)
        zone = dict(zip(keys, self.of_region.tolist(), strict=True))
        pairs = zip(table["iso3"], table["region"], strict=True)
        return np.array([zone.get(pair, ELSEWHERE) for pair in pairs], np.int64)


def plain(name: str) -> str:
    """Strip a name of accents, case and punctuation.

    Examples
    --------
    >>> plain("Ségou ") == plain("SEGOU")
    True
    """
    letters = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(kept.split())


def find_zones(theatre: Theatre, settings: ClaimSettings) -> Zones | None:
    """Lay the settings' names over a theatre.

    Parameters
    ----------
    theatre
        Its regions, members and states.
    settings
        The claim.

    Returns
    -------
    Zones
        None where the default claim is not about this theatre.

    Raises
    ------
    InputError
        If the user's own claim names a region or a state that the theatre lacks, or a region's
        name that several states have.
    """
    faults: list[Fault] = []
    home = set(theatre.members)
    claimed = {name: _rows(theatre, name, home, "claimed", faults) for name in settings.claimed}
    states = {str(iso3) for iso3 in theatre.regions["iso3"]}
    lacking = [name for name, rows in claimed.items() if not rows]
    away = [iso3 for iso3 in settings.through if iso3 not in states]
    if _own(settings, "claimed"):
        known = sorted({str(name) for name in theatre.regions["name"]})
        faults += [_absent(theatre, "claimed", name, known) for name in lacking]
    if _own(settings, "through"):
        faults += [_absent(theatre, "through", iso3, sorted(states)) for iso3 in away]
    inside = sorted({row for rows in claimed.values() for row in rows})
    near = {str(theatre.regions["iso3"].iloc[row]) for row in inside}
    notes: list[str] = [f"{name}: no such region in this theatre" for name in lacking]
    parts = [_of_states(theatre, settings.through)]
    for rival in settings.rivals:
        rows = {r for name in rival.regions for r in _rows(theatre, name, near, "rivals", faults)}
        rows |= _of_states(theatre, rival.states)
        if not rows:
            notes.append(f"{rival.name}: nothing of it in this theatre")
        parts.append(rows)
    if inside and faults:
        raise InputError(faults)
    if faults and (_own(settings, "claimed") or _own(settings, "through")):
        raise InputError(faults)
    if not inside or not parts[0] - set(inside):
        return None
    of_region = np.full(len(theatre.regions), ELSEWHERE, np.int64)
    for number in reversed(range(len(parts))):  # the first named has what two would have
        of_region[sorted(parts[number])] = number
    of_region[inside] = INSIDE
    title = dict(zip(theatre.borders["iso3"], theatre.borders["name"], strict=True))
    through = " and ".join(str(title.get(iso3, iso3)) for iso3 in settings.through)
    return Zones(
        names=(through, *(rival.name for rival in settings.rivals)),
        of_region=frozen(of_region),
        claimed=tuple(str(theatre.regions["name"].iloc[row]) for row in inside),
        notes=tuple(notes),
    )


def _own(settings: ClaimSettings, field: str) -> bool:
    """Whether a field says something else than the default: then it is the user's word."""
    return bool(getattr(settings, field) != ClaimSettings.model_fields[field].default)


def _of_states(theatre: Theatre, states: Iterable[str]) -> set[int]:
    """Rows of the regions of some states."""
    return set(np.flatnonzero(theatre.regions["iso3"].isin(list(states)).to_numpy()).tolist())


def _rows(
    theatre: Theatre, name: str, home: set[str], field: str, faults: list[Fault]
) -> list[int]:
    """Rows of the regions of a name; of several states, the one that is at home."""
    iso3, slash, rest = name.partition("/")
    wanted = plain(rest if slash else name)
    table = theatre.regions
    match = np.array([plain(str(own)) == wanted for own in table["name"]], bool)
    if slash:
        match &= (table["iso3"] == iso3).to_numpy()
    rows = np.flatnonzero(match).tolist()
    owners = {str(table["iso3"].iloc[row]) for row in rows}
    if len(owners) > 1 and owners & home:
        rows = [row for row in rows if table["iso3"].iloc[row] in home]
        owners &= home
    if len(owners) > 1:
        found = f"'{name}' is a region of {', '.join(sorted(owners))}"
        mend = f"write the state too, as {min(owners)}/{name}"
        faults.append(Fault("settings", f"threat.claim.{field}", found, mend))
        return []
    return [int(row) for row in rows]


def _absent(theatre: Theatre, field: str, name: str, known: list[str]) -> Fault:
    found = f"'{name}' is not in theatre {theatre.name}"
    return Fault("settings", f"threat.claim.{field}", found, nearest(name, known))
