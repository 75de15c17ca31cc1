"""What can be put together on one kilometre of a given ground, and what it stops.

A crossing is the intruders' best: midway between two towers and two forts, in the way of moving
that is worst for us. Its tasks are the approach in sight of what watches, the barriers, the track
(whose patrols find traces), and the run to safety behind the line.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InfeasibleError
from vallum.works.easi import AFTER_DETECTION, Task, interruption_array
from vallum.works.law import barred, load_law

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.works.catalogue import Catalogue, Item, Range
    from vallum.works.settings import WorksSettings

__all__ = [
    "Composition",
    "compositions",
    "crossing",
    "effects",
    "lawful",
    "response_s",
    "ride_s",
]


@dataclass(frozen=True)
class Composition:
    """A choice of works for one kilometre of line; it can hold nothing barred.

    Attributes
    ----------
    barriers
        Ids, one behind the other.
    sensor, sensor_km
        Id and spacing in km; "" and infinity for none.
    track
        Id, or "".
    fort, fort_km
        Id and spacing in km.
    """

    barriers: tuple[str, ...]
    sensor: str
    sensor_km: float
    track: str
    fort: str
    fort_km: float

    @property
    def quantities(self) -> dict[str, float]:
        """Number of each item per km of line."""
        out = dict.fromkeys(self.barriers, 1.0)
        if self.sensor:
            out[self.sensor] = 1 / self.sensor_km
        if self.track:
            out[self.track] = 1.0
        out[self.fort] = 1 / self.fort_km
        return out

    @property
    def id(self) -> str:
        """Short name: items joined by +, spacings in km after @."""
        parts = list(self.barriers)
        if self.sensor:
            parts.append(f"{self.sensor}@{self.sensor_km:g}")
        if self.track:
            parts.append(self.track)
        return "+".join([*parts, f"{self.fort}@{self.fort_km:g}"])

    def describe(self, catalogue: Catalogue) -> str:
        """Say it in words."""
        items = catalogue.items
        parts = [items[key].text for key in self.barriers] or ["no barrier"]
        if self.sensor:
            parts.append(f"{items[self.sensor].text} every {self.sensor_km:g} km")
        if self.track:
            parts.append(items[self.track].text)
        parts.append(f"{items[self.fort].text} every {self.fort_km:g} km")
        return "; ".join(parts)


def lawful(catalogue: Catalogue, states: Sequence[str]) -> tuple[Item, ...]:
    """Give the items that no rule bars."""
    law = load_law()
    return tuple(item for item in catalogue.items.values() if barred(item, states, law) is None)


def compositions(
    catalogue: Catalogue, settings: WorksSettings, surface: str, states: Sequence[str]
) -> tuple[Composition, ...]:
    """List every lawful composition that can stand on a surface.

    Parameters
    ----------
    catalogue, settings
        What may be chosen, and among which spacings.
    surface
        "sand", "rock", "soil" or "wetland".
    states
        ISO3 codes of the members and partners.

    Returns
    -------
    tuple
        In the order of the catalogue: barriers (none first), sensors, track, forts.

    Raises
    ------
    InfeasibleError
        When no fort is left to choose from on that surface.
    """
    allowed = [
        item
        for item in lawful(catalogue, states)
        if surface in item.ground
        and (settings.include is None or item.id in settings.include)
        and item.id not in settings.exclude
    ]
    by_role = {
        role: [item.id for item in allowed if item.role == role]
        for role in ("barrier", "sensor", "track", "fort")
    }
    if not by_role["fort"]:
        mend = "allow a fort: without a response nothing is interrupted"
        raise InfeasibleError([Fault("works", f"surface {surface}", "no fort allowed", mend)])
    barriers = [
        chosen
        for count in range(settings.max_barriers + 1)
        for chosen in itertools.combinations(by_role["barrier"], count)
    ]
    watched = [("", math.inf), *itertools.product(by_role["sensor"], settings.sensor_spacings_km)]
    forts = list(itertools.product(by_role["fort"], settings.fort_spacings_km))
    return tuple(
        Composition(barrier, sensor, sensor_km, track, fort, fort_km)
        for barrier, (sensor, sensor_km), track, (fort, fort_km) in itertools.product(
            barriers, watched, ["", *by_role["track"]], forts
        )
    )


def crossing(
    composition: Composition,
    mode: str,
    surface: str,
    catalogue: Catalogue,
    settings: WorksSettings,
) -> list[Task]:
    """Give the tasks of one crossing, for `interruption`.

    Parameters
    ----------
    composition
        What stands there.
    mode
        The intruders' way of moving.
    surface
        The ground.
    catalogue, settings
        Figures; times are the mean and standard deviation of the triangles of their ranges.

    Returns
    -------
    list
        Approach (one task for each item that sees, from the furthest), barriers, track, run.
    """
    speed = catalogue.modes[mode].speed_kmh[surface]
    seen = []
    for key, spacing in (
        (composition.sensor, composition.sensor_km),
        (composition.fort, composition.fort_km),
    ):
        if key:
            item = catalogue.items[key]
            away = spacing / 2
            sight = item.sight_km[mode]
            probability = _certain(item.detection).mode * sight.share_at_least(away)
            seen.append((math.sqrt(max(0.0, sight.mean**2 - away**2)), probability))
    seen.sort(reverse=True)
    reaches = [*(reach for reach, _ in seen), 0.0]
    tasks: list[Task] = [
        (probability, *_travel_s(reaches[n] - reaches[n + 1], speed), "middle")
        for n, (_, probability) in enumerate(seen)
    ]
    for key in composition.barriers:
        delay = catalogue.items[key].delay_s[mode]
        tasks.append((0.0, delay.mean, delay.sd, "begin"))
    if composition.track:
        found = _certain(catalogue.items[composition.track].detection).mode
        tasks.append((found, 0.0, 0.0, "end"))
    tasks.append((0.0, *_travel_s(settings.depth_km, speed), "begin"))
    return tasks


def response_s(
    composition: Composition, surface: str, catalogue: Catalogue, settings: WorksSettings
) -> tuple[float, float]:
    """Time from an alarm to the response catching up with intruders at the worst point.

    It musters, rides half the spacing between two forts (on the track; without one across the
    ground), and follows as far as the intruders have to run, across the ground. So intruders who
    drive as fast as it does are caught only if sight and barriers gave it the time.

    Parameters
    ----------
    composition, surface, catalogue, settings
        As for `crossing`.

    Returns
    -------
    mean, sd
        Seconds.
    """
    fort = catalogue.items[composition.fort]
    ground = catalogue.modes[fort.rides].speed_kmh[surface]
    ride, ride_sd = ride_s(composition.fort_km / 2, composition, surface, catalogue)
    follow, follow_sd = _travel_s(settings.depth_km, ground)
    muster = _certain(fort.muster_s)
    return muster.mean + ride + follow, math.hypot(muster.sd, ride_sd, follow_sd)


def ride_s(
    km: float, composition: Composition, surface: str, catalogue: Catalogue
) -> tuple[float, float]:
    """Mean and standard deviation, in s, of the response's ride of so many km along the line."""
    if composition.track:
        return _travel_s(km, _certain(catalogue.items[composition.track].speed_kmh))
    rides = catalogue.items[composition.fort].rides
    return _travel_s(km, catalogue.modes[rides].speed_kmh[surface])


def effects(
    choices: Sequence[Composition], surface: str, catalogue: Catalogue, settings: WorksSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interruption by each composition of each way of moving, and neutralisation.

    Returns
    -------
    p_i
        Shape (compositions, modes), modes in the catalogue's order.
    p_n
        Shape (compositions,).
    """
    modes = list(catalogue.modes)
    most = settings.max_barriers + 4  # two that see, a track, the run
    tasks = np.zeros((4, len(choices), len(modes), most))
    for n, m in itertools.product(range(len(choices)), range(len(modes))):
        for k, (d, t, s, where) in enumerate(
            crossing(choices[n], modes[m], surface, catalogue, settings)
        ):
            tasks[:, n, m, k] = d, t, s, AFTER_DETECTION[where]
    times = np.array([response_s(choice, surface, catalogue, settings) for choice in choices])
    p_i = interruption_array(
        tasks[0],
        tasks[1],
        tasks[2],
        tasks[3],
        communication=np.float64(settings.communication),
        response_s=times[:, :1],
        response_sd_s=times[:, 1:],
    )
    p_n = np.array(
        [
            _certain(catalogue.items[choice.fort].neutralisation).mode
            if settings.neutralisation is None
            else settings.neutralisation
            for choice in choices
        ]
    )
    return p_i, p_n


def _travel_s(km: float, speed: Range) -> tuple[float, float]:
    """Mean and standard deviation of the triangle of times that a range of speeds gives."""
    low, mode, high = (3600 * km / v for v in (speed.high, speed.mode, speed.low))
    spread = (high - low) ** 2 + (mode - low) * (mode - high)
    return (low + mode + high) / 3, math.sqrt(max(0.0, spread / 18))


def _certain(figure: Range | None) -> Range:
    """Give a figure that the catalogue's door has made sure of."""
    if figure is None:
        raise AssertionError("the catalogue let an item in without a figure its role needs")
    return figure
