"""The catalogue: what can be built, on what ground, at what cost, with what effect.

It is data (`catalogue.toml`), so that a planner can put another in its place; this module says what
an entry is. Every figure is a `Range` with its source.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, cast

from vallum.kernel.figures import Entry, Range, figure
from vallum.works.entries import BY_KEY, FIGURES
from vallum.works.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["SURFACES", "Catalogue", "Item", "Material", "Mode", "Range", "Role", "Slot",
           "load_catalogue"]  # fmt: skip

Role = Literal["barrier", "sensor", "track", "fort", "fitting", "gate", "mine"]
Slot = Literal["", "tower", "line", "air"]  # of sensors: a composition has at most one of each

# the ground that works stand on, by the theatre's surface code; 0 (sea) and 5 (water) bear none
SURFACES: Mapping[int, str] = MappingProxyType({1: "sand", 2: "rock", 3: "soil", 4: "wetland"})

_BUILT_IN = Path(__file__).with_name("catalogue.toml")


@dataclass(frozen=True)
class Mode:
    """A way of moving across country.

    Attributes
    ----------
    id, text
        Name in the catalogue and in words.
    speed_kmh
        Speed by surface, km/h.
    """

    id: str
    text: str
    speed_kmh: Mapping[str, Range]

    def figures(self) -> Iterator[tuple[str, Range]]:
        """Iterate over its figures: dotted name, range."""
        for surface, speed in self.speed_kmh.items():
            yield f"speed_kmh.{surface}", speed


@dataclass(frozen=True)
class Material:
    """Something that works are made of in bulk.

    Attributes
    ----------
    id, text
        Name in the catalogue and in words.
    found_on
        Surfaces that give it on the spot; elsewhere it is hauled.
    unit
        What quantities count: "m3" or "t".
    t_per_unit
        Tonnes that a unit weighs.
    """

    id: str
    text: str
    found_on: frozenset[str]
    unit: Literal["m3", "t"]
    t_per_unit: Range

    def figures(self) -> Iterator[tuple[str, Range]]:
        """Iterate over its figures: dotted name, range."""
        yield "t_per_unit", self.t_per_unit


@dataclass(frozen=True)
class Item:
    """Something that can be built (or, for mines, that is listed and never built).

    Attributes
    ----------
    id, text
        Name in the catalogue and in words.
    role
        What it does. Barriers, sensors, tracks and forts are chosen; a fitting is what another item
        needs at each wadi, a gate what those need who cross; a mine is listed and never placed.
    unit
        What one of it is: a kilometre of line ("km") or a site ("site", then it has a spacing).
    ground
        The surfaces it can stand on.
    slope_max
        Steepest ground it can be built on, rise over run; None where slope does not matter.
    wadi
        The fitting that it needs at each wadi; empty if none.
    burial
        What its upkeep is multiplied by where dunes move over it.
    build_days
        Days that a company of engineers needs to build one.
    material
        Units of each material in one, by the material's id; part of the capital only where it is
        found on the spot, and hauled at its cost elsewhere.
    capital_usd, life_yr, upkeep_usd_yr
        USD to build one, years it lasts, USD a year to keep it.
    men
        Men on duty per unit, before rotation.
    end_usd
        USD owed at the end of its life (clearance); 0 where nothing is.
    delay_s
        Delay by mode of movement, s.
    slot
        Of a sensor: "tower" and "air" stand at a spacing, "line" lies along every kilometre.
    spacing_km
        Of a sensor or fort: the spacings to choose from; the settings' where empty.
    detection
        Probability that it gives away a crossing that it can see (or, for a track or a sensor along
        the line, any crossing).
    sight_km
        How far it sees, by mode of movement, km, on ground that hides nothing.
    height_m
        Of its eye above the ground, m.
    speed_kmh
        Speed of the response on a track, km/h.
    muster_s
        Time from an alarm to the response leaving a fort, s.
    responders
        Men of a fort who ride out.
    neutralisation
        Probability that the response, once there, stops the intruders.
    serves
        Whom a gate is for: "road", "herders", "traders", "fleeing".
    journeys_yr
        Journeys a year that a gate can pass, as the threat stage counts them: a herd with its
        herders, a vehicle, a person who flees.
    search
        Of intruders who come through a gate among others, the share that is found there.
    rides
        The mode by which a fort's response moves off the track.
    weapon
        The class of weapon that the law knows it by; empty for works.
    harm
        Harm that is counted and never priced, in words.
    """

    id: str
    text: str
    role: Role
    unit: Literal["km", "site"]
    ground: frozenset[str]
    capital_usd: Range
    life_yr: Range
    upkeep_usd_yr: Range
    men: Range
    end_usd: Range = field(default=Range(0.0, 0.0, 0.0, "judgement: nothing is owed at its end"))
    slope_max: Range | None = None
    wadi: str = ""
    burial: Range = field(default=Range(1.0, 1.0, 1.0, "judgement: dunes do it nothing"))
    build_days: Range | None = None
    material: Mapping[str, Range] = field(default_factory=lambda: MappingProxyType({}))
    slot: Slot = ""
    spacing_km: tuple[float, ...] = ()
    delay_s: Mapping[str, Range] = field(default_factory=lambda: MappingProxyType({}))
    detection: Range | None = None
    sight_km: Mapping[str, Range] = field(default_factory=lambda: MappingProxyType({}))
    height_m: Range | None = None
    speed_kmh: Range | None = None
    muster_s: Range | None = None
    responders: Range | None = None
    neutralisation: Range | None = None
    serves: frozenset[str] = frozenset()
    journeys_yr: Range | None = None
    search: Range | None = None
    rides: str = ""
    weapon: str = ""
    harm: str = ""

    def figures(self) -> Iterator[tuple[str, Range]]:
        """Iterate over its figures: dotted name, range."""
        for name in FIGURES:
            value = getattr(self, name)
            if value is not None:
                yield name, value
        for name in BY_KEY:
            for key, each in getattr(self, name).items():
                yield f"{name}.{key}", each


@dataclass(frozen=True)
class Catalogue:
    """All items, modes of movement and materials.

    Attributes
    ----------
    items, modes
        By id, in the order of the file.
    origin
        The file it was read from.
    materials
        By id, in the order of the file.
    """

    items: Mapping[str, Item]
    modes: Mapping[str, Mode]
    origin: str = ""
    materials: Mapping[str, Material] = field(default_factory=lambda: MappingProxyType({}))

    def of_role(self, role: Role) -> tuple[Item, ...]:
        """Give the items of one role."""
        return tuple(item for item in self.items.values() if item.role == role)


def load_catalogue(path: Path | None = None) -> Catalogue:
    """Read a catalogue.

    Parameters
    ----------
    path
        A TOML file laid out like the built-in one, which is read if none is given. A file that
        says `extends = "built-in"` is laid over the built-in one.

    Returns
    -------
    Catalogue
        Checked throughout.

    Raises
    ------
    InputError
        With every fault: an unreadable file, unknown or missing keys, figures that are not
        numbers, are negative or out of order, a missing source, a fitting or material that isn't
        there, a mine under another role, something that kills whoever touches it.
    """
    return _built_in() if path is None else _read(path)


@functools.cache
def _built_in() -> Catalogue:
    return _read(_BUILT_IN)


def _read(origin: Path) -> Catalogue:
    tables = read(origin, _BUILT_IN)
    return Catalogue(
        items=MappingProxyType({key: _item(key, entry) for key, entry in tables.items.items()}),
        modes=MappingProxyType({key: _mode(key, entry) for key, entry in tables.modes.items()}),
        origin=str(origin),
        materials=MappingProxyType(
            {key: _material(key, entry) for key, entry in tables.materials.items()}
        ),
    )


def _figures(raw: object) -> Mapping[str, Range]:
    entries = cast("dict[str, object]", raw)
    return MappingProxyType({key: figure(entry) for key, entry in entries.items()})


def _names(raw: object) -> frozenset[str]:
    return frozenset(cast("list[str]", raw))


def _mode(key: str, entry: Entry) -> Mode:
    return Mode(id=key, text=str(entry["text"]), speed_kmh=_figures(entry["speed_kmh"]))


def _material(key: str, entry: Entry) -> Material:
    return Material(
        id=key,
        text=str(entry["text"]),
        found_on=_names(entry["found_on"]),
        unit=cast('Literal["m3", "t"]', entry["unit"]),
        t_per_unit=figure(entry["t_per_unit"]),
    )


def _item(key: str, entry: Entry) -> Item:
    values: Entry = {"id": key}
    for name, raw in entry.items():
        if name in {"ground", "serves"}:
            values[name] = _names(raw)
        elif name == "spacing_km":
            values[name] = tuple(float(km) for km in cast("list[float]", raw))
        elif name in BY_KEY:
            values[name] = _figures(raw)
        elif name in FIGURES:
            values[name] = figure(raw)
        else:
            values[name] = raw
    return Item(**values)  # type: ignore[arg-type]
