"""What can be put together on one kilometre of a given ground, within the law."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from vallum.errors import Fault, InfeasibleError, InputError, nearest
from vallum.works.law import barred, check_states, load_law, refuse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vallum.works.catalogue import Catalogue, Item, Slot
    from vallum.works.ground.model import GroundClass
    from vallum.works.settings import WorksSettings

__all__ = ["Chosen", "Composition", "Options", "Placed", "allowed", "can_stand", "check",
           "compositions", "lawful", "options", "slot"]  # fmt: skip

Placed = tuple[str, float]  # id and spacing in km; ("", 0) for none

_NONE: Placed = ("", 0.0)


@dataclass(frozen=True)
class Composition:
    """A choice of works for one kilometre of line; it can hold nothing barred.

    Attributes
    ----------
    barriers
        Ids, one behind the other.
    sensors
        (id, spacing in km) of each, at most one of a slot, in the order tower, line, air; the
        spacing of one that lies along the line is 0.
    track
        Id, or "".
    fort, fort_km
        Id and spacing in km.
    """

    barriers: tuple[str, ...]
    sensors: tuple[Placed, ...]
    track: str
    fort: str
    fort_km: float

    @property
    def quantities(self) -> dict[str, float]:
        """Number of each item per km of line."""
        out = dict.fromkeys(self.barriers, 1.0)
        for sensor, km in self.sensors:
            out[sensor] = 1 / km if km else 1.0
        if self.track:
            out[self.track] = 1.0
        out[self.fort] = 1 / self.fort_km
        return out

    @property
    def id(self) -> str:
        """Short name: items joined by +, spacings in km after @."""
        parts = [*self.barriers, *(f"{key}@{km:g}" if km else key for key, km in self.sensors)]
        if self.track:
            parts.append(self.track)
        return "+".join([*parts, f"{self.fort}@{self.fort_km:g}"])

    def describe(self, catalogue: Catalogue) -> str:
        """Say it in words."""
        items = catalogue.items
        parts = [items[key].text for key in self.barriers] or ["no barrier"]
        parts += [
            f"{items[key].text} every {km:g} km" if km else items[key].text
            for key, km in self.sensors
        ]
        if self.track:
            parts.append(items[self.track].text)
        parts.append(f"{items[self.fort].text} every {self.fort_km:g} km")
        return "; ".join(parts)


@dataclass(frozen=True)
class Options:
    """What there is to choose from on one ground: a composition takes one of each.

    Attributes
    ----------
    barriers
        Sets of ids; the empty set first, then by size.
    towers, lines, airs
        Sensors by slot with their spacings; none comes first.
    tracks
        Ids; "" first.
    forts
        With their spacings.
    """

    barriers: tuple[tuple[str, ...], ...]
    towers: tuple[Placed, ...]
    lines: tuple[Placed, ...]
    airs: tuple[Placed, ...]
    tracks: tuple[str, ...]
    forts: tuple[Placed, ...]

    @property
    def shape(self) -> tuple[int, int, int, int, int, int]:
        """How many there are of each."""
        return (
            len(self.barriers),
            len(self.towers),
            len(self.lines),
            len(self.airs),
            len(self.tracks),
            len(self.forts),
        )

    @property
    def count(self) -> int:
        """Number of compositions."""
        return math.prod(self.shape)

    def composition(self, number: int) -> Composition:
        """Give one by its place in the list, from 0; the last-named part runs fastest."""
        places = []
        for size in reversed(self.shape):
            number, place = divmod(number, size)
            places.append(place)
        fort, track, air, line, tower, barrier = places
        sensors = (self.towers[tower], self.lines[line], self.airs[air])
        return Composition(
            barriers=self.barriers[barrier],
            sensors=tuple(sensor for sensor in sensors if sensor[0]),
            track=self.tracks[track],
            fort=self.forts[fort][0],
            fort_km=self.forts[fort][1],
        )


class Chosen(Sequence[Composition]):
    """Some of what there is to choose from, each put together when it is asked for.

    A theatre's frontiers name thousands of compositions, of which a line uses some dozens.

    Parameters
    ----------
    options
        What there is.
    numbers
        Places in that list, in order.
    """

    def __init__(self, options: Options, numbers: NDArray[np.int64]) -> None:
        self._options = options
        self._numbers = numbers

    def __len__(self) -> int:
        """Count them."""
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> Composition: ...
    @overload
    def __getitem__(self, place: slice) -> Chosen: ...
    def __getitem__(self, place: int | slice) -> Composition | Chosen:
        """Put one together, or leave the others out."""
        if isinstance(place, slice):
            return Chosen(self._options, self._numbers[place])
        return self._options.composition(int(self._numbers[place]))


def lawful(catalogue: Catalogue, states: Sequence[str]) -> tuple[Item, ...]:
    """Give the items that no rule bars, neither them nor the fitting that comes with them."""
    law = load_law()
    return tuple(
        item
        for item in catalogue.items.values()
        if all(barred(each, states, law) is None for each in _with_fitting(item, catalogue))
    )


def _with_fitting(item: Item, catalogue: Catalogue) -> tuple[Item, ...]:
    """Give an item and what it brings along at wadis."""
    fitting = catalogue.items.get(item.wadi)
    return (item,) if fitting is None else (item, fitting)


def allowed(
    catalogue: Catalogue, settings: WorksSettings, states: Sequence[str]
) -> tuple[Item, ...]:
    """Give the lawful items that the settings leave to choose from."""
    return tuple(
        item
        for item in lawful(catalogue, states)
        if (settings.include is None or item.id in settings.include)
        and item.id not in settings.exclude
    )


def can_stand(item: Item, ground: GroundClass) -> bool:
    """Tell whether an item can be built on a ground: its surface, and its slope at the mode."""
    steep = item.slope_max is not None and ground.slope > item.slope_max.mode
    return ground.surface in item.ground and not steep


def slot(item: Item) -> Slot:
    """Give the slot of a sensor; one that names none stands on a tower."""
    return item.slot or "tower"


def options(items: Sequence[Item], ground: GroundClass, settings: WorksSettings) -> Options:
    """List what there is to choose from on one ground.

    Parameters
    ----------
    items
        Lawful and allowed ones.
    ground
        What they would stand on.
    settings
        Spacings of items that have none of their own, and how many barriers.

    Returns
    -------
    Options
        Each part in the order of the items.

    Raises
    ------
    InfeasibleError
        When no fort can stand there.
    """
    fit = [item for item in items if can_stand(item, ground)]
    barriers = [item.id for item in fit if item.role == "barrier"]
    forts = [
        (item.id, float(km))
        for item in fit
        if item.role == "fort"
        for km in item.spacing_km or settings.fort_spacings_km
    ]
    if not forts:
        mend = "allow a fort: without a response nothing is interrupted"
        where = f"surface {ground.surface}, slope {ground.slope:g}"
        raise InfeasibleError([Fault("works", where, "no fort allowed", mend)])
    return Options(
        barriers=tuple(
            chosen
            for count in range(settings.max_barriers + 1)
            for chosen in itertools.combinations(barriers, count)
        ),
        towers=_placed(fit, "tower", settings),
        lines=_placed(fit, "line", settings),
        airs=_placed(fit, "air", settings),
        tracks=("", *(item.id for item in fit if item.role == "track")),
        forts=tuple(forts),
    )


def compositions(
    catalogue: Catalogue, settings: WorksSettings, ground: GroundClass, states: Sequence[str]
) -> tuple[Composition, ...]:
    """List every lawful composition that can stand on a ground.

    Parameters
    ----------
    catalogue, settings
        What may be chosen, and among which spacings.
    ground
        Its surface and slope.
    states
        ISO3 codes of the members and partners.

    Returns
    -------
    tuple
        In the order of the catalogue: barriers (none first), sensors, track, forts.

    Raises
    ------
    InfeasibleError
        When no fort is left to choose from there.
    """
    choice = options(allowed(catalogue, settings, states), ground, settings)
    return tuple(choice.composition(number) for number in range(choice.count))


def check(settings: WorksSettings, catalogue: Catalogue, states: Sequence[str]) -> None:
    """Refuse settings that name unknown or barred items.

    Raises
    ------
    BarredError
        When `include` asks for a barred item, or one whose fitting is barred; it names the rule.
    InputError
        When a name is not in the catalogue, `exclude` names a fitting, or a state's code is not an
        ISO3 code.
    """
    check_states(states)
    faults = [
        Fault(
            "works", f"{where}: {name}", "not in the catalogue", nearest(name, [*catalogue.items])
        )
        for where, names in (("include", settings.include or ()), ("exclude", settings.exclude))
        for name in names
        if name not in catalogue.items
    ]
    faults += [
        Fault(
            "works",
            f"exclude: {name}",
            "a fitting, which comes with the items that need it",
            "exclude those: "
            + ", ".join(item.id for item in catalogue.items.values() if item.wadi == name),
        )
        for name in settings.exclude
        if name in catalogue.items and catalogue.items[name].role == "fitting"
    ]
    named = [catalogue.items[n] for n in settings.include or () if n in catalogue.items]
    asked = {each.id: each for item in named for each in _with_fitting(item, catalogue)}
    refuse([*asked.values()], states, where="include")
    if faults:
        raise InputError(faults)


def _placed(items: Sequence[Item], which: Slot, settings: WorksSettings) -> tuple[Placed, ...]:
    """Sensors of one slot, at every spacing; none first."""
    out = [_NONE]
    for item in items:
        if item.role == "sensor" and slot(item) == which:
            spacings = (0.0,) if which == "line" else item.spacing_km or settings.sensor_spacings_km
            out += [(item.id, float(km)) for km in spacings]
    return tuple(out)
