"""The figures of every class of ground in the arrays that the sweep runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from vallum.works.clash import fort_neutralisation
from vallum.works.compose import Composition
from vallum.works.sweep import Board
from vallum.works.tasks import Sight, approach_speed, response_s, sight, travel_s

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.works.catalogue import Item
    from vallum.works.compose import Options, Placed
    from vallum.works.tasks import Path, Scene

__all__ = ["boards"]

# costs of options are whole multiples of it (USD), so that sums are exact and ties are ties
_GRAIN = 2.0**-20

Made = TypeVar("Made")


class _Places(NamedTuple):
    """Rows of the arrays: kinds of approach, ways of breaching, and the paths that use them."""

    kinds: tuple[tuple[str, bool], ...]
    breaches: tuple[str, ...]
    paths: tuple[Path, ...]


class _Once:
    """What many classes share, made once."""

    def __init__(self) -> None:
        self._made: dict[object, object] = {}

    def get(self, key: object, make: Callable[[], Made]) -> Made:
        """Give what was made under a key, or make it."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]  # type: ignore[return-value]


def boards(
    scenes: Sequence[Scene],
    choices: Sequence[Options],
    units: Sequence[Mapping[str, float]],
    paths: Sequence[Path],
) -> list[Board]:
    """Lay out the figures of every class.

    Parameters
    ----------
    scenes, choices
        Of each class: what a crossing depends on, and what there is to choose from.
    units
        Of each class: USD a year for one unit of each item, by id.
    paths
        The opponent's.

    Returns
    -------
    list
        One for each class.
    """
    places = _Places(
        kinds=tuple(dict.fromkeys((path.approach, path.covered) for path in paths)),
        breaches=tuple(dict.fromkeys(path.breach for path in paths)),
        paths=tuple(paths),
    )
    once = _Once()
    return [
        _board(scene, choice, unit, places, once)
        for scene, choice, unit in zip(scenes, choices, units, strict=True)
    ]


def _board(
    scene: Scene, choice: Options, unit: Mapping[str, float], places: _Places, once: _Once
) -> Board:
    items = scene.catalogue.items
    surface = scene.ground.surface
    delays = once.get(("delay", choice.barriers), lambda: _delays(scene, choice, places.breaches))
    due = once.get((surface, choice.tracks, choice.forts), lambda: _responses(scene, choice))
    rows = once.get(surface, lambda: _travel(scene, places))
    p_n = once.get(("p_n", choice.forts), lambda: _neutralised(scene, choice))
    watch = [_watch_once(scene, placed, places, once) for placed in
             (choice.towers, choice.airs, choice.forts)]  # fmt: skip
    cost = [_costs(placed, unit) for placed in
            (choice.towers, choice.lines, choice.airs, choice.forts)]  # fmt: skip
    grained = {key: _grain(unit[key]) for key in {k for chosen in choice.barriers for k in chosen}}
    return Board(
        barrier_cost=np.array([sum((grained[k] for k in ids), 0.0) for ids in choice.barriers]),
        delay=delays[0],
        delay_var=delays[1],
        tower_cost=cost[0],
        tower_reach=watch[0].reach_km,
        tower_found=watch[0].probability,
        line_cost=cost[1],
        line_found=_found([key for key, _ in choice.lines], items),
        air_cost=cost[2],
        air_reach=watch[1].reach_km,
        air_found=watch[1].probability,
        track_cost=np.array([_grain(unit[key]) if key else 0.0 for key in choice.tracks]),
        track_found=_found(choice.tracks, items),
        fort_cost=cost[3],
        fort_reach=watch[2].reach_km,
        fort_found=watch[2].probability,
        p_n=p_n,
        response=due[0],
        response_var=due[1],
        pace=rows[0],
        pace_sd=rows[1],
        path_approach=np.array([places.kinds.index((p.approach, p.covered)) for p in places.paths]),
        path_breach=np.array([places.breaches.index(p.breach) for p in places.paths]),
        path_run=rows[2],
        path_run_var=rows[3],
        communication=float(scene.settings.communication),
    )


def _grain(cost: float) -> float:
    return round(cost / _GRAIN) * _GRAIN


def _costs(placed: Sequence[Placed], unit: Mapping[str, float]) -> NDArray[np.float64]:
    """USD per km and year of items at their spacings."""
    return np.array([_grain(unit[key] / km if km else unit[key]) if key else 0.0
                     for key, km in placed])  # fmt: skip


def _found(keys: Sequence[str], items: Mapping[str, Item]) -> NDArray[np.float64]:
    """Chance that what lies along the line gives them away."""
    figures = [items[key].detection if key else None for key in keys]
    return np.array([0.0 if figure is None else figure.mode for figure in figures])


def _watch_once(scene: Scene, placed: tuple[Placed, ...], places: _Places, once: _Once) -> Sight:
    """Watch as on any other class of the same cover and options."""
    return once.get(
        ("watch", placed, scene.ground.cover), lambda: _watch(scene, placed, places, once)
    )


def _watch(scene: Scene, placed: Sequence[Placed], places: _Places, once: _Once) -> Sight:
    """Reach and chance of watchers by option and kind of approach; nothing for none."""
    reach = np.zeros((len(placed), len(places.kinds)))
    chance = np.zeros((len(placed), len(places.kinds)))
    for key in dict.fromkeys(key for key, _ in placed if key):
        item = scene.catalogue.items[key]
        rows = [n for n, (other, _) in enumerate(placed) if other == key]
        spacings = tuple(placed[n][1] for n in rows)
        for covered in dict.fromkeys(hidden for _, hidden in places.kinds):
            columns = [n for n, (_, hidden) in enumerate(places.kinds) if hidden == covered]
            modes = [places.kinds[n][0] for n in columns]

            def make(
                item: Item = item,
                spacings: tuple[float, ...] = spacings,
                modes: list[str] = modes,
                covered: bool = covered,  # noqa: FBT001  (bound at once)
            ) -> Sight:
                return sight(item, spacings, modes, scene, covered=covered)

            seen = once.get(("sight", key, spacings, scene.ground.cover, covered), make)
            reach[np.ix_(rows, columns)] = seen.reach_km
            chance[np.ix_(rows, columns)] = seen.probability
    return Sight(reach, chance)


def _delays(
    scene: Scene, choice: Options, breaches: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance of the delay of sets of barriers, by way of breaching."""
    shape = (len(choice.barriers), len(breaches))
    mean, variance = np.zeros(shape), np.zeros(shape)
    for n, ids in enumerate(choice.barriers):
        for key in ids:
            figures = [scene.catalogue.items[key].delay_s[mode] for mode in breaches]
            mean[n] += [figure.mean for figure in figures]
            variance[n] += [figure.sd**2 for figure in figures]
    return mean, variance


def _responses(scene: Scene, choice: Options) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance of the response's time, by track and fort."""
    shape = (len(choice.tracks), len(choice.forts))
    mean, variance = np.zeros(shape), np.zeros(shape)
    for n, track in enumerate(choice.tracks):
        for k, (fort, km) in enumerate(choice.forts):
            mean[n, k], deviation = response_s(Composition((), (), track, fort, km), scene)
            variance[n, k] = deviation**2
    return mean, variance


def _travel(scene: Scene, places: _Places) -> tuple[NDArray[np.float64], ...]:
    """Time per km by kind of approach, its deviation, time of the run by path, its variance."""
    near = [
        travel_s(1.0, approach_speed(mode, scene, covered=covered))
        for mode, covered in places.kinds
    ]
    speeds = [scene.catalogue.modes[path.run].speed_kmh[scene.ground.surface]
              for path in places.paths]  # fmt: skip
    run = [travel_s(scene.settings.depth_km, speed) for speed in speeds]
    pace, run_s = np.array(near, np.float64), np.array(run, np.float64)
    columns = (pace[:, 0], pace[:, 1], run_s[:, 0], run_s[:, 1] ** 2)
    return tuple(np.ascontiguousarray(column) for column in columns)


def _neutralised(scene: Scene, choice: Options) -> NDArray[np.float64]:
    """P_N by fort option."""
    by_id = {
        key: fort_neutralisation(scene.catalogue.items[key], scene.threat, scene.settings)
        for key in dict.fromkeys(key for key, _ in choice.forts)
    }
    return np.array([by_id[key] for key, _ in choice.forts])
