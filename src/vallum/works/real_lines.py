"""Lines that were built, as reported: what ours are set beside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from vallum.kernel.figures import Entry, read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RealLine", "load_real_lines"]

_BUILT_IN = Path(__file__).with_name("real_lines.toml")


@dataclass(frozen=True)
class RealLine:
    """A line that was built, and the items of ours that stand for it.

    Attributes
    ----------
    id, text
        Name in the file and in words.
    km
        Length; None where the report doesn't give it.
    men_per_km, capital_usd_km, usd_km_yr
        Low and high end of what is reported, per km of line: men in all, USD to build it, USD a
        year for all of it; None where it isn't reported.
    along
        Items of the built-in catalogue that stand for it, by id: how many along each kilometre.
    every_km
        The same for items that stand at sites: one every so many km.
    note
        What to know of the comparison, and what in it is a judgement.
    source
        Where it was read.
    """

    id: str
    text: str
    km: float | None
    men_per_km: tuple[float, float] | None
    capital_usd_km: tuple[float, float] | None
    usd_km_yr: tuple[float, float] | None
    along: Mapping[str, float]
    every_km: Mapping[str, float]
    note: str
    source: str

    @property
    def quantities(self) -> dict[str, float]:
        """Number of each item per km of line, as of a composition."""
        return {**self.along, **{key: 1 / km for key, km in self.every_km.items()}}


def load_real_lines() -> tuple[RealLine, ...]:
    """Give the lines of the built-in file, in its order."""
    return tuple(_line(key, cast("Entry", entry)) for key, entry in read_toml(_BUILT_IN).items())


def _line(key: str, entry: Entry) -> RealLine:
    return RealLine(
        id=key,
        text=str(entry["text"]),
        km=float(cast("float", entry["km"])) if "km" in entry else None,
        men_per_km=_ends(entry.get("men_per_km")),
        capital_usd_km=_ends(entry.get("capital_usd_km")),
        usd_km_yr=_ends(entry.get("usd_km_yr")),
        along=_numbers(entry["along"]),
        every_km=_numbers(entry["every_km"]),
        note=str(entry["note"]),
        source=str(entry["source"]),
    )


def _ends(raw: object) -> tuple[float, float] | None:
    if raw is None:
        return None
    low, high = cast("list[float]", raw)
    return float(low), float(high)


def _numbers(raw: object) -> Mapping[str, float]:
    entries = cast("dict[str, float]", raw)
    return MappingProxyType({key: float(value) for key, value in entries.items()})
