"""The tasks of one crossing, path by path, and the time that the response takes.

Intruders do their best: they cross midway between two watchers and two forts, and choose a path: in
which way they come near (openly, or more slowly by the ground that hides best), in which way they
get over the barriers, and in which way they run behind the line.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.errors import Fault, InputError, nearest
from vallum.kernel.arrays import frozen
from vallum.kernel.figures import Range
from vallum.works.opponent import Opponent
from vallum.works.settings import WorksSettings
from vallum.works.sight.model import Cover, flat_cover

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.works.catalogue import Catalogue, Item
    from vallum.works.compose import Composition
    from vallum.works.easi import Task
    from vallum.works.ground.model import GroundClass

__all__ = [
    "COVERED_PACE",
    "Path",
    "Scene",
    "Sight",
    "approach_speed",
    "crossing",
    "paths",
    "response_s",
    "ride_s",
    "sight",
    "travel_s",
]

# Speed by covered approaches in terms of the direct one: they wind, and are scouted.
COVERED_PACE = Range(
    0.5, 0.7, 0.9, "judgement: wadis and lee slopes wind, and those who hide look before they move"
)

_FOOT = "foot"
_POINTS = 32  # of a stretch in sight, at the middles of as many equal parts


class Path(NamedTuple):
    """One way across.

    Attributes
    ----------
    approach
        Way of moving towards the line.
    covered
        Whether by the ground that hides best.
    breach
        Way of moving over the barriers: as before, or on foot.
    run
        Way of moving behind the line.
    """

    approach: str
    covered: bool
    breach: str
    run: str

    def describe(self, catalogue: Catalogue) -> str:
        """Say it in words."""
        said = {key: mode.text for key, mode in catalogue.modes.items()}
        parts = [said[self.approach]]
        if self.covered:
            parts.append("by covered ways")
        if self.breach != self.approach:
            parts.append(f"over the line {said[self.breach]}")
        if self.run != self.breach:
            parts.append(f"away {said[self.run]}")
        return ", ".join(parts)


@dataclass(frozen=True, eq=False)
class Scene:
    """All that a crossing depends on beside the works.

    Attributes
    ----------
    ground
        What it crosses.
    catalogue, settings
        Figures of items and ways of moving; communication, depth, spacings.
    threat
        Who crosses.
    cover
        How far one sees.
    pace
        Speed by covered approaches over that of direct ones.
    """

    ground: GroundClass
    catalogue: Catalogue
    settings: WorksSettings = field(default_factory=WorksSettings)
    threat: Opponent = field(default_factory=Opponent)
    cover: Cover = field(default_factory=flat_cover)
    pace: Range = COVERED_PACE


class Sight(NamedTuple):
    """What a watcher sees of those who cross midway between two of its kind.

    Attributes
    ----------
    reach_km
        Length of the approach over which they are within its range.
    probability
        That it gives them away there.
    """

    reach_km: NDArray[np.float64]
    probability: NDArray[np.float64]


def paths(threat: Opponent, catalogue: Catalogue) -> tuple[Path, ...]:
    """List the paths open to an opponent.

    Parameters
    ----------
    threat
        Ways of moving, whether they know the ground, whether vehicles wait for them inside.
    catalogue
        Its ways of moving; whoever drives can get off where it has one called "foot".

    Returns
    -------
    tuple
        By approach (in the opponent's order; direct, then covered), breach, run.

    Raises
    ------
    InputError
        When the opponent has no way of moving, or one that the catalogue does not know.
    """
    faults = [
        Fault("threat", f"modes: {mode}", "not a way of moving of the catalogue", mend)
        for mode in threat.modes
        if mode not in catalogue.modes
        for mend in (nearest(mode, [*catalogue.modes]),)
    ]
    if not threat.modes:
        faults.append(Fault("threat", "modes", "none", "give at least one way of moving"))
    if faults:
        raise InputError(faults)
    vehicles = [mode for mode in threat.modes if mode != _FOOT]
    out = []
    for approach in threat.modes:
        breaches = [approach]
        if approach != _FOOT and _FOOT in catalogue.modes:
            breaches.append(_FOOT)
        for covered in (False, True) if threat.covered else (False,):
            for breach in breaches:
                inside = vehicles if threat.met_inside and breach == _FOOT else []
                out += [Path(approach, covered, breach, run) for run in [breach, *inside]]
    return tuple(dict.fromkeys(out))


def sight(
    item: Item, spacing_km: Sequence[float], modes: Sequence[str], scene: Scene, *, covered: bool
) -> Sight:
    """Say what a watcher sees of an approach midway between two of its kind.

    Its range R is a triangle. At a distance d₀ of half the spacing it sees with `detection` ×
    P(R ≥ d₀) × the mean share of the ground that is in sight from its height, over the stretch of
    √(mean(R)² − d₀²) ahead of the line.

    Parameters
    ----------
    item
        A sensor or a fort; one without a height looks over everything.
    spacing_km, modes
        Spacings and ways of moving to answer for.
    scene
        The ground and its cover.
    covered
        Whether they come by the ground that hides best.

    Returns
    -------
    Sight
        Arrays of shape (spacings, modes).
    """
    height = None if item.height_m is None else item.height_m.mode
    reach, within, open_to = _outlook(
        tuple(spacing_km), tuple(item.sight_km[mode] for mode in modes), height,
        scene.cover, scene.ground.cover, covered=covered,
    )  # fmt: skip
    return Sight(reach, _certain(item.detection).mode * within * open_to)


# one crossing differs from the next in times and detection, seldom in what is looked over
@functools.lru_cache(maxsize=8192)
def _outlook(
    spacing_km: tuple[float, ...],
    ranges: tuple[Range, ...],
    height_m: float | None,
    cover: Cover,
    row: int,
    *,
    covered: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give the stretch ahead, km, P(R ≥ d₀) and the share in sight, shape (spacings, modes)."""
    away = np.array(spacing_km, np.float64)[:, None] / 2
    mean = np.array([figure.mean for figure in ranges])
    reach = np.sqrt(np.maximum(0.0, mean**2 - away**2))
    within = np.array([[r.share_at_least(float(d)) for r in ranges] for d in away[:, 0]])
    open_to = np.ones_like(reach)
    if height_m is not None:
        part = (np.arange(_POINTS) + 0.5) / _POINTS
        km = np.hypot(away[..., None], reach[..., None] * part)
        open_to = cover.at(row, height_m, km, covered=covered).mean(axis=-1)
    return frozen(reach), frozen(within), frozen(open_to)


def crossing(composition: Composition, path: Path, scene: Scene) -> list[Task]:
    """Give the tasks of one crossing, for `interruption`.

    Parameters
    ----------
    composition
        What stands there.
    path
        The way the intruders take.
    scene
        Ground, cover and figures; times are the mean and standard deviation of the triangles of
        their ranges.

    Returns
    -------
    list
        Approach (one task for each item that sees, from the furthest: found out in the middle of
        its own reach, and on to the next one's), the sensor along the line, barriers, the track
        (traces found after it), run. A band that is fast or slow is so all the way, so the
        deviation of the approach grows with the distance from the line, not with its root.
    """
    items = scene.catalogue.items
    seen, along = [], []
    for key, km in (*composition.sensors, (composition.fort, composition.fort_km)):
        if km:
            reach, found = sight(items[key], [km], [path.approach], scene, covered=path.covered)
            seen.append((float(reach[0, 0]), float(found[0, 0])))
        else:
            along.append(_certain(items[key].detection).mode)
    seen.sort(reverse=True)
    middles = [*(reach / 2 for reach, _ in seen), 0.0]
    pace, pace_sd = travel_s(1.0, approach_speed(path.approach, scene, covered=path.covered))
    tasks: list[Task] = [
        (found, pace * (here - then), pace_sd * math.sqrt(here**2 - then**2), "begin")
        for (_, found), here, then in zip(seen, middles, middles[1:], strict=False)
    ]
    tasks += [(found, 0.0, 0.0, "begin") for found in along]
    for key in composition.barriers:
        delay = items[key].delay_s[path.breach]
        tasks.append((0.0, delay.mean, delay.sd, "begin"))
    if composition.track:
        tasks.append((_certain(items[composition.track].detection).mode, 0.0, 0.0, "end"))
    run = scene.catalogue.modes[path.run].speed_kmh[scene.ground.surface]
    tasks.append((0.0, *travel_s(scene.settings.depth_km, run), "begin"))
    return tasks


def response_s(composition: Composition, scene: Scene) -> tuple[float, float]:
    """Time from an alarm to the response catching up with intruders at the worst point.

    It musters, rides half the spacing between two forts (on the track; without one across the
    ground), and follows as far as the intruders have to run, across the ground. So intruders who
    drive as fast as it does are caught only if sight and barriers gave it the time.

    Parameters
    ----------
    composition, scene
        As for `crossing`.

    Returns
    -------
    mean, sd
        Seconds.
    """
    fort = scene.catalogue.items[composition.fort]
    ground = scene.catalogue.modes[fort.rides].speed_kmh[scene.ground.surface]
    ride, ride_sd = ride_s(composition.fort_km / 2, composition, scene)
    follow, follow_sd = travel_s(scene.settings.depth_km, ground)
    muster = _certain(fort.muster_s)
    return muster.mean + ride + follow, math.hypot(muster.sd, ride_sd, follow_sd)


def ride_s(km: float, composition: Composition, scene: Scene) -> tuple[float, float]:
    """Mean and standard deviation, in s, of the response's ride of so many km along the line."""
    if composition.track:
        return travel_s(km, _certain(scene.catalogue.items[composition.track].speed_kmh))
    rides = scene.catalogue.items[composition.fort].rides
    return travel_s(km, scene.catalogue.modes[rides].speed_kmh[scene.ground.surface])


def approach_speed(mode: str, scene: Scene, *, covered: bool) -> Range:
    """Speed towards the line, km/h."""
    speed = scene.catalogue.modes[mode].speed_kmh[scene.ground.surface]
    if not covered:
        return speed
    pace = scene.pace
    return Range(speed.low * pace.low, speed.mode * pace.mode, speed.high * pace.high)


def travel_s(km: float, speed: Range) -> tuple[float, float]:
    """Mean and standard deviation of the triangle of times that a range of speeds gives."""
    low, mode, high = (3600 * km / v for v in (speed.high, speed.mode, speed.low))
    spread = (high - low) ** 2 + (mode - low) * (mode - high)
    return (low + mode + high) / 3, math.sqrt(max(0.0, spread / 18))


def _certain(figure: Range | None) -> Range:
    """Give a figure that the catalogue's door has made sure of."""
    if figure is None:
        raise AssertionError("the catalogue let an item in without a figure its role needs")
    return figure
