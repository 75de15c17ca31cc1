"""The table of speeds (`movement.toml`): what it holds, and reading it, checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from vallum.errors import Fault, InputError, nearest
from vallum.kernel.figures import (
    Entry,
    Range,
    figure,
    figure_faults,
    is_number,
    missing,
    read_toml,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.threat.movement.settings import Season

__all__ = ["MODES", "ROADS", "SEASONS", "SURFACES", "TABLES", "Movement", "Way", "load_movement"]

MODES = ("foot", "motorcycle", "four_by_four")
ROADS = ("track", "primary", "trunk")  # the theatre's road codes 1 to 3
SURFACES = ("sea", "sand", "rock", "soil", "wetland", "water")  # its surface codes 0 to 5
SOFT = ("sand", "rock", "soil", "wetland")  # surfaces that the rains change
SEASONS: tuple[Season, ...] = ("dry", "rains")
LAWS = ("tobler",)
# the tables of figures of a way of moving: their keys
TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "road_kmh": ROADS,
        "surface_kmh": SURFACES,
        "rains_road": ROADS,
        "rains_surface": SOFT,
        "river_h": SEASONS,
    }
)

_BUILT_IN = Path(__file__).with_name("movement.toml")


@dataclass(frozen=True)
class Way:
    """A way of moving.

    Attributes
    ----------
    id, text
        Name in the table and in words.
    law
        How slopes change its speed by direction: "tobler"; None for vehicles.
    slope_limit
        Steepest slope it climbs off the roads, rise over run; None under a law.
    relief_half_m
        Relief above the free relief that halves its speed off the roads, m.
    road_kmh, surface_kmh
        Speed on level ground in the dry season, km/h, by class of road and by surface; 0 where it
        can't pass.
    rains_road, rains_surface
        Factors on those speeds in the rains.
    river_h
        Hours that a river costs off the roads, by season.
    """

    id: str
    text: str
    law: str | None
    slope_limit: Range | None
    relief_half_m: Range
    road_kmh: Mapping[str, Range]
    surface_kmh: Mapping[str, Range]
    rains_road: Mapping[str, Range]
    rains_surface: Mapping[str, Range]
    river_h: Mapping[str, Range]


@dataclass(frozen=True)
class Movement:
    """The table of speeds.

    Attributes
    ----------
    ways
        By id, in the order of `MODES`.
    free_m
        Relief that slows nobody, m.
    months
        The months of the rains, 1 to 12.
    months_source, origin
        Where the months were read; the file.
    """

    ways: Mapping[str, Way]
    free_m: Range
    months: tuple[int, ...]
    months_source: str
    origin: str


def load_movement(path: Path | None = None) -> Movement:
    """Read a table of speeds.

    Parameters
    ----------
    path
        A TOML file laid out like the built-in one, which is read if none is given.

    Raises
    ------
    InputError
        With every fault: an unreadable file, unknown or missing keys, figures that are not
        numbers, are negative or out of order, a missing source.
    """
    origin = _BUILT_IN if path is None else path
    raw = read_toml(origin)
    faults = _faults(str(origin), raw)
    if faults:
        raise InputError(faults)
    rains, relief = cast("Entry", raw["rains"]), cast("Entry", raw["relief"])
    modes = cast("dict[str, Entry]", raw["mode"])
    return Movement(
        ways=MappingProxyType({mode: _way(mode, modes[mode]) for mode in MODES}),
        free_m=figure(relief["free_m"]),
        months=tuple(cast("list[int]", rains["months"])),
        months_source=str(rains["source"]),
        origin=str(origin),
    )


def _way(mode: str, entry: Entry) -> Way:
    tables = {
        name: MappingProxyType(
            {key: figure(cast("Entry", entry[name])[key]) for key in keys},
        )
        for name, keys in TABLES.items()
    }
    limit = figure(entry["slope_limit"]) if "slope_limit" in entry else None
    law = str(entry["law"]) if "law" in entry else None
    half = figure(entry["relief_half_m"])
    return Way(mode, str(entry["text"]), law, limit, half, **tables)


def _faults(where: str, raw: Entry) -> list[Fault]:
    faults = unknown(where, "", raw, ("rains", "relief", "mode"))
    faults += _rains_faults(where, raw.get("rains"))
    relief = _table(where, "relief", raw.get("relief"), ("free_m",), faults)
    faults += figure_faults(where, "relief.free_m", relief["free_m"]) if "free_m" in relief else []
    modes = _table(where, "mode", raw.get("mode"), MODES, faults)
    for mode, entry in modes.items():
        if mode in MODES:
            faults += _way_faults(where, f"mode.{mode}", entry)
    return faults


def _rains_faults(where: str, raw: object) -> list[Fault]:
    faults: list[Fault] = []
    rains = _table(where, "rains", raw, ("months", "source"), faults)
    months = rains.get("months", [])
    whole = isinstance(months, list) and all(
        is_number(month) and month in range(1, 13) for month in months
    )
    if not whole:
        faults.append(Fault(where, "rains.months", repr(months), "list months from 1 to 12"))
    if "source" in rains and not str(rains["source"]).strip():
        faults.append(Fault(where, "rains.source", "empty", "say where it was read"))
    return faults


def _way_faults(where: str, place: str, raw: object) -> list[Fault]:
    faults: list[Fault] = []
    if not isinstance(raw, dict):
        return [Fault(where, place, repr(raw), "make it a table")]
    entry = cast("Entry", raw)
    slopes = "law" if "law" in entry else "slope_limit"
    needed = ("text", "relief_half_m", slopes, *TABLES)
    faults += unknown(where, place, entry, needed) + missing(where, place, entry, needed)
    if "law" in entry and entry["law"] not in LAWS:
        mend = nearest(str(entry["law"]), list(LAWS))
        faults.append(Fault(where, f"{place}.law", repr(entry["law"]), mend))
    for name in ("slope_limit", "relief_half_m"):
        if name in entry:
            faults += figure_faults(where, f"{place}.{name}", entry[name], positive=True)
    for name, keys in TABLES.items():
        if name not in entry:
            continue
        table = _table(where, f"{place}.{name}", entry[name], keys, faults)
        for key in keys:
            if key in table:
                roads = name == "road_kmh"
                at = f"{place}.{name}.{key}"
                faults += figure_faults(where, at, table[key], positive=roads)
    return faults


def _table(
    where: str, place: str, raw: object, keys: tuple[str, ...], faults: list[Fault]
) -> Entry:
    """Take a table with just these keys; faults are added to the list."""
    if not isinstance(raw, dict):
        found = "missing" if raw is None else repr(raw)
        faults.append(Fault(where, place, found, "make it a table of " + ", ".join(keys)))
        return {}
    faults += unknown(where, place, raw, keys) + missing(where, place, raw, keys)
    return raw
