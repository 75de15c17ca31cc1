"""The figures of people at the line: detours, shares, harm; data in `people.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from vallum.errors import Fault, InputError, nearest
from vallum.kernel.figures import figure, figure_faults, missing, read_toml, unknown
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.kernel.figures import Entry, Range

__all__ = ["PeopleFigures", "load_people"]

_BUILT_IN = Path(__file__).with_name("people.toml")
# by table: the kinds that it has a figure for, whether the figures are shares, and their unit
_ALL = ("road", "herders", "traders", "fleeing")
_TABLES: Mapping[str, tuple[tuple[str, ...], bool, str]] = MappingProxyType(
    {
        "detour_km": (("herders", "traders", "fleeing"), False, "km"),
        "fewest_yr": (("herders", "traders", "fleeing"), False, "journeys/yr"),
        "away_share": (_ALL, True, "share"),
        "away_closed": (("road", "herders", "traders"), True, "share"),
        "people_per_journey": (_ALL, False, "people/journey"),
        "harm_per_challenge": (_ALL, False, "people/challenge"),
    }
)


@dataclass(frozen=True)
class PeopleFigures:
    """Figures by kind of people, each with low, mode, high and its source.

    Attributes
    ----------
    detour_km
        Farthest that one should have to go along the line to the next gate, km.
    fewest_yr
        Fewest journeys a year that a gate is built for, where it is the detour that asks for it.
    away_share, away_closed
        Share of journeys that cross where no gate is, with gates open and with gates closed.
    people_per_journey
        People in one journey.
    harm_per_challenge
        People killed or injured per civilian journey that is challenged.
    """

    detour_km: Mapping[str, Range]
    fewest_yr: Mapping[str, Range]
    away_share: Mapping[str, Range]
    away_closed: Mapping[str, Range]
    people_per_journey: Mapping[str, Range]
    harm_per_challenge: Mapping[str, Range]

    def ledger(self) -> tuple[Assumption, ...]:
        """Give every figure as a row of the ledger."""
        return tuple(
            Assumption(
                f"works.people.{table}.{kind}", each.mode, each.low, each.high, unit, each.source
            )
            for table, (_, _, unit) in _TABLES.items()
            for kind, each in getattr(self, table).items()
        )


def load_people(path: Path | None = None) -> PeopleFigures:
    """Read the figures.

    Parameters
    ----------
    path
        A TOML file laid out like the built-in one, which is read if none is given.

    Raises
    ------
    InputError
        With every fault: an unreadable file, unknown or missing keys, figures that are out of
        order, not above 0, or shares above 1, a missing source; a share that would cross elsewhere
        with gates closed that is below the one with gates open.
    """
    origin = _BUILT_IN if path is None else path
    raw = read_toml(origin)
    where = str(origin)
    faults = unknown(where, "", raw, tuple(_TABLES)) + missing(where, "", raw, tuple(_TABLES))
    for table, (kinds, share, _) in _TABLES.items():
        if table in raw:
            faults += _faults(where, table, raw[table], kinds, share=share)
    if not faults:
        faults = _shrinking(where, raw)
    if faults:
        raise InputError(faults)
    return PeopleFigures(**{table: _ranges(raw[table], _TABLES[table][0]) for table in _TABLES})


def _faults(
    where: str, table: str, raw: object, kinds: tuple[str, ...], *, share: bool
) -> list[Fault]:
    if not isinstance(raw, dict):
        return [Fault(where, table, repr(raw), f"make it a table: [{table}]")]
    entry = cast("Entry", raw)
    faults = unknown(where, table, entry, kinds) + missing(where, table, entry, kinds)
    for kind in kinds:
        if kind in entry:
            place = f"{table}.{kind}"
            faults += figure_faults(where, place, entry[kind], positive=True, share=share)
    return faults


def _shrinking(where: str, raw: Entry) -> list[Fault]:
    """Find kinds of whom fewer would cross elsewhere when their gates are closed."""
    opened, closed = (_ranges(raw[table], _TABLES["away_closed"][0])
                      for table in ("away_share", "away_closed"))  # fmt: skip
    mend = "give shares that are not below those of away_share: closing a gate sends nobody to it"
    return [
        Fault(where, f"away_closed.{kind}", f"{closed[kind].mode:g} < {opened[kind].mode:g}", mend)
        for kind in closed
        if any(
            getattr(closed[kind], end) < getattr(opened[kind], end)
            for end in ("low", "mode", "high")
        )
    ]


def _ranges(raw: object, kinds: tuple[str, ...]) -> Mapping[str, Range]:
    entry = cast("Entry", raw)
    return MappingProxyType({kind: figure(entry[kind]) for kind in kinds})


def known(kinds: Mapping[str, object], where: str) -> list[Fault]:
    """Find names that are no kind of civilian journeys."""
    return [
        Fault("works", f"{where}: {kind}", repr(kind), nearest(str(kind), list(_ALL[1:])))
        for kind in kinds
        if kind not in _ALL[1:]
    ]
