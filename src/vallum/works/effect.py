"""What compositions stop, built and covered, and what that hangs on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.kernel.arrays import frozen
from vallum.kernel.figures import Range
from vallum.works.clash import fort_neutralisation, neutralisation_range
from vallum.works.easi import AFTER_DETECTION, interruption_array
from vallum.works.settings import swings
from vallum.works.tasks import Path, crossing, paths, response_s

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.works.catalogue import Item
    from vallum.works.compose import Composition
    from vallum.works.tasks import Scene

__all__ = ["Effects", "Sensitivity", "effects", "p_e_ends", "sensitivities"]


@dataclass(frozen=True, eq=False)
class Effects:
    """What compositions do to those who cross.

    Attributes
    ----------
    covered
        Whether they are manned and watched; works that only stand delay and interrupt nobody.
    paths
        The ways across.
    p_i
        Interruption, shape (compositions, paths).
    p_n
        Neutralisation, shape (compositions,).
    worst
        Number of the path that is worst for us, the first of equal ones, shape (compositions,).
    p_e
        P_I × P_N on that path, shape (compositions,).
    modes
        Ways of moving.
    delay_s
        Mean delay by what is built, shape (compositions, modes).
    """

    covered: bool
    paths: tuple[Path, ...]
    p_i: NDArray[np.float64]
    p_n: NDArray[np.float64]
    worst: NDArray[np.int64]
    p_e: NDArray[np.float64]
    modes: tuple[str, ...]
    delay_s: NDArray[np.float64]


class Sensitivity(NamedTuple):
    """How P_E answers to one figure.

    Attributes
    ----------
    figure
        Its name.
    low, high
        P_E with the figure (or the figures of that name) at the ends of its range.
    per_percent
        Change of P_E for 1 % more of it.
    """

    figure: str
    low: float
    high: float
    per_percent: float


def effects(choices: Sequence[Composition], scene: Scene, *, covered: bool = True) -> Effects:
    """Say what compositions stop.

    Parameters
    ----------
    choices
        What stands there.
    scene
        Ground, cover, opponent and figures.
    covered
        False for works that stand without men and sensors: they delay and interrupt nobody.

    Returns
    -------
    Effects
        See there.
    """
    ways, modes = paths(scene.threat, scene.catalogue), tuple(scene.catalogue.modes)
    items = scene.catalogue.items
    delay = [
        [sum(items[key].delay_s[mode].mean for key in choice.barriers) for mode in modes]
        for choice in choices
    ]
    p_i = np.zeros((len(choices), len(ways)))
    p_n = np.zeros(len(choices))
    if covered:
        p_i = _interrupted(choices, ways, scene)
        p_n[:] = [
            fort_neutralisation(items[choice.fort], scene.threat, scene.settings)
            for choice in choices
        ]
    return Effects(
        covered=covered,
        paths=ways,
        p_i=frozen(p_i),
        p_n=frozen(p_n),
        worst=frozen(np.argmin(p_i, axis=1).astype(np.int64)),
        p_e=frozen(np.min(p_i, axis=1) * p_n),
        modes=modes,
        delay_s=frozen(np.array(delay, np.float64).reshape(len(choices), len(modes))),
    )


def sensitivities(composition: Composition, scene: Scene) -> tuple[Sensitivity, ...]:
    """Say what the effect of a composition hangs on.

    Parameters
    ----------
    composition
        What stands there.
    scene
        Ground, cover, opponent and figures.

    Returns
    -------
    tuple
        A row each for detection, delay, response (its time), communication, depth and
        neutralisation. All figures of a name move together, and the worst path is chosen anew.
        Times are random within their ranges already; at an end they are certain there.
    """
    ways = paths(scene.threat, scene.catalogue)
    base = _base(composition, scene)
    middle = _p_e(composition, ways, base)
    return tuple(
        Sensitivity(
            name,
            _p_e(composition, ways, at("low")),
            _p_e(composition, ways, at("high")),
            _p_e(composition, ways, at("more")) - middle,
        )
        for name, at in _moved(composition, base).items()
    )


def p_e_ends(
    composition: Composition,
    scene: Scene,
    figures: Sequence[str],
    *,
    found: Effects | None = None,
) -> dict[str, tuple[float, float]]:
    """Give `Sensitivity.low` and `high` of some figures, without the rest of their rows.

    Parameters
    ----------
    composition, scene
        As for `sensitivities`.
    figures
        Their names.
    found
        What `effects` gives for the composition alone, covered; found here if not given.
    """
    ways = paths(scene.threat, scene.catalogue)
    moved = _moved(composition, _base(composition, scene, found))
    return {
        name: (
            _p_e(composition, ways, moved[name]("low")),
            _p_e(composition, ways, moved[name]("high")),
        )
        for name in figures
    }


class _Case(NamedTuple):
    """Figures that P_E follows from."""

    scene: Scene
    response: tuple[float, float]
    p_n: float
    p_i: float | None = None  # where it is known


def _base(composition: Composition, scene: Scene, found: Effects | None = None) -> _Case:
    found = effects([composition], scene) if found is None else found
    response = response_s(composition, scene)
    return _Case(scene, response, float(found.p_n[0]), float(found.p_i[0].min()))


def _p_i(composition: Composition, ways: Sequence[Path], case: _Case) -> float:
    return float(_interrupted([composition], ways, case.scene, [case.response]).min())


def _p_e(composition: Composition, ways: Sequence[Path], case: _Case) -> float:
    p_i = _p_i(composition, ways, case) if case.p_i is None else case.p_i
    return p_i * case.p_n


def _moved(composition: Composition, base: _Case) -> dict[str, Callable[[str], _Case]]:
    """Each figure at its low end, at its high end, and 1 % above what it is ("more")."""
    scene, fort = base.scene, base.scene.catalogue.items[composition.fort]
    ranged = swings(scene.settings)

    def in_scene(changed: Scene) -> _Case:
        return _Case(changed, response_s(composition, changed), base.p_n)

    def setting(name: str, most: float) -> Callable[[str], _Case]:
        low, high = ranged[name]
        more = min(most, 1.01 * float(getattr(scene.settings, name)))
        ends = {"low": low, "high": high, "more": more}
        return lambda end: in_scene(_set(scene, name, ends[end]))

    def response(end: str) -> _Case:
        if end == "more":
            mean, deviation = base.response
            return base._replace(response=(1.01 * mean, deviation), p_i=None)
        best, slowest = _response_ends(composition, scene)
        return base._replace(response=(best if end == "low" else slowest, 0.0), p_i=None)

    def neutralisation(end: str) -> _Case:
        found = neutralisation_range(fort, scene.threat, scene.settings)
        p_n = {"low": found.low, "high": found.high, "more": min(1.0, 1.01 * found.mode)}
        return base._replace(p_n=p_n[end])

    return {
        "detection": lambda end: in_scene(_detecting(composition, scene, end)),
        "delay": lambda end: in_scene(_delaying(composition, scene, end)),
        "response": response,
        "communication": setting("communication", 1.0),
        "depth_km": setting("depth_km", math.inf),
        "neutralisation": neutralisation,
    }


def _end(figure: Range, end: str, most: float = math.inf) -> Range:
    """Give a figure at one end, or 1 % more of it."""
    if end == "more":
        low, mode, high = (min(most, 1.01 * v) for v in (figure.low, figure.mode, figure.high))
        return Range(low, mode, high)
    value = float(getattr(figure, end))
    return Range(value, value, value)


def _with(scene: Scene, changed: Mapping[str, Item]) -> Scene:
    items = MappingProxyType({**scene.catalogue.items, **changed})
    return replace(scene, catalogue=replace(scene.catalogue, items=items))


def _detecting(composition: Composition, scene: Scene, end: str) -> Scene:
    items = [scene.catalogue.items[key] for key in composition.quantities]
    return _with(
        scene,
        {i.id: replace(i, detection=_end(i.detection, end, 1.0)) for i in items if i.detection},
    )


def _delaying(composition: Composition, scene: Scene, end: str) -> Scene:
    items = [scene.catalogue.items[key] for key in composition.barriers]
    return _with(
        scene,
        {
            i.id: replace(
                i, delay_s={mode: _end(figure, end) for mode, figure in i.delay_s.items()}
            )
            for i in items
        },
    )


def _set(scene: Scene, name: str, value: float) -> Scene:
    return replace(scene, settings=scene.settings.model_copy(update={name: value}))


def _response_ends(composition: Composition, scene: Scene) -> tuple[float, float]:
    """Least and greatest time of the response, s, every figure at the end that makes it so."""
    fort = scene.catalogue.items[composition.fort]
    across = scene.catalogue.modes[fort.rides].speed_kmh[scene.ground.surface]
    track = scene.catalogue.items[composition.track].speed_kmh if composition.track else across
    if fort.muster_s is None or track is None:
        raise AssertionError("the catalogue let an item in without a figure its role needs")
    along, behind = composition.fort_km / 2, scene.settings.depth_km
    return (
        fort.muster_s.low + 3600 * (along / track.high + behind / across.high),
        fort.muster_s.high + 3600 * (along / track.low + behind / across.low),
    )


def _interrupted(
    choices: Sequence[Composition],
    ways: Sequence[Path],
    scene: Scene,
    responses: Sequence[tuple[float, float]] | None = None,
) -> NDArray[np.float64]:
    """P_I of compositions by path."""
    # three that see, one along the line, barriers, a track, the run
    most = 6 + max((len(choice.barriers) for choice in choices), default=0)
    tasks = np.zeros((4, len(choices), len(ways), most))
    for n, choice in enumerate(choices):
        for k, path in enumerate(ways):
            for m, (d, t, s, where) in enumerate(crossing(choice, path, scene)):
                tasks[:, n, k, m] = d, t, s, AFTER_DETECTION[where]
    if responses is None:
        responses = [response_s(choice, scene) for choice in choices]
    times = np.array(responses, np.float64).reshape(len(choices), 2)
    return interruption_array(
        tasks[0],
        tasks[1],
        tasks[2],
        tasks[3],
        communication=np.float64(scene.settings.communication),
        response_s=times[:, :1],
        response_sd_s=times[:, 1:],
    )
