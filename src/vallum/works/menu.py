"""The frontier of cost and effect on every class of ground, and what follows from it.

For each class: every lawful composition that nothing cheaper or as dear equals or beats in P_E. So
the works for a standard are a lookup, and so are those that cost least with the loss they leave.
"""

from __future__ import annotations

import itertools
import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.works.boards import boards
from vallum.works.compose import Chosen, allowed, check, options
from vallum.works.cost import unit_costs
from vallum.works.ground.model import Ground
from vallum.works.opponent import covered_pace
from vallum.works.settings import WorksSettings
from vallum.works.sight.model import Cover, flat_cover
from vallum.works.sweep import sweep
from vallum.works.tasks import Path, Scene, paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from vallum.kernel.figures import Range
    from vallum.works.catalogue import Catalogue
    from vallum.works.compose import Composition, Options
    from vallum.works.ground.model import GroundClass
    from vallum.works.opponent import Opponent

__all__ = ["Frontier", "Frontiers", "Picked", "frontier"]

_TOLERANCE = 1e-12


@dataclass(frozen=True, eq=False)
class Frontier:
    """What is worth choosing from on one class of ground, from the cheapest up.

    Attributes
    ----------
    ground
        The class.
    compositions
        By rising cost and rising effect.
    cost_usd_km_yr
        At the modes, shape (compositions,).
    p_i, p_n, p_e
        Interruption on the path that is worst for us, neutralisation, and their product.
    worst
        Number of that path in `Frontiers.paths`.
    options
        What there was to choose from: `options.count` compositions.
    """

    ground: GroundClass
    compositions: Sequence[Composition]
    cost_usd_km_yr: NDArray[np.float64]
    p_i: NDArray[np.float64]
    p_n: NDArray[np.float64]
    p_e: NDArray[np.float64]
    worst: NDArray[np.int64]
    options: Options


@dataclass(frozen=True, eq=False)
class Picked:
    """Points of frontiers, one for each question asked; all arrays of one shape.

    Attributes
    ----------
    of
        Class of ground, its row in `Frontiers.classes`.
    point
        Place in that class's frontier.
    cost_usd_km_yr, p_e
        There.
    met
        Whether P_E reaches what was asked.
    """

    of: NDArray[np.int64]
    point: NDArray[np.int64]
    cost_usd_km_yr: NDArray[np.float64]
    p_e: NDArray[np.float64]
    met: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Frontiers:
    """The frontier of every class of ground.

    Attributes
    ----------
    classes
        In the order of the ground's classes.
    paths
        The ways across that the opponent chooses among.
    """

    classes: tuple[Frontier, ...]
    paths: tuple[Path, ...]

    def closure(self, p: ArrayLike, of: ArrayLike | None = None) -> Picked:
        """Pick the cheapest works that stop a share of crossings, else those that stop most.

        Parameters
        ----------
        p
            Standard asked for, in [0, 1].
        of
            Rows of `classes`, of a shape that goes with `p`; every class once if not given.

        Returns
        -------
        Picked
            Where nothing stops as much, `met` is false and the point is the last.

        Raises
        ------
        InputError
            With a standard outside [0, 1] or a row that is none.
        """
        rows, asked = self._asked("p", p, of, 1.0)
        point = np.zeros(rows.shape, np.int64)
        for row in np.unique(rows):
            here = rows == row
            found = np.searchsorted(self.classes[row].p_e, asked[here] - _TOLERANCE)
            point[here] = np.minimum(found, len(self.classes[row].p_e) - 1)
        return self._picked(rows, point, asked)

    def least(self, loss_usd_km_yr: ArrayLike, of: ArrayLike | None = None) -> Picked:
        """Pick the works that cost least together with the loss that they leave.

        Parameters
        ----------
        loss_usd_km_yr
            What crossings would cost if none were stopped, USD per km of line and year, from 0;
            (1 − P_E) of it is left.
        of
            As for `closure`.

        Returns
        -------
        Picked
            The cheaper of two that come out equal; `met` is true throughout.

        Raises
        ------
        InputError
            With a loss below 0 or not finite, or a row that is none.
        """
        rows, loss = self._asked("loss_usd_km_yr", loss_usd_km_yr, of, np.finfo(np.float64).max)
        point = np.zeros(rows.shape, np.int64)
        for row in np.unique(rows):
            here = rows == row
            hull, turns = _hull(self.classes[row])
            point[here] = hull[np.searchsorted(turns, loss[here])]
        return self._picked(rows, point, np.zeros(rows.shape))

    def _picked(
        self, rows: NDArray[np.int64], point: NDArray[np.int64], asked: NDArray[np.float64]
    ) -> Picked:
        cost, p_e = np.zeros(rows.shape), np.zeros(rows.shape)
        for row in np.unique(rows):
            here = rows == row
            cost[here] = self.classes[row].cost_usd_km_yr[point[here]]
            p_e[here] = self.classes[row].p_e[point[here]]
        met = np.asarray(p_e >= asked - _TOLERANCE)
        return Picked(frozen(rows), frozen(point), frozen(cost), frozen(p_e), frozen(met))

    def _asked(
        self, name: str, values: ArrayLike, of: ArrayLike | None, most: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Rows and values of one shape, checked."""
        rows = np.arange(len(self.classes)) if of is None else np.asarray(of)
        asked = np.asarray(values, np.float64)
        faults = []
        if not np.all((asked >= 0) & (asked <= most)):
            mend = "give shares from 0 to 1" if most == 1 else "give USD from 0 up"
            faults.append(Fault("frontier", name, f"{np.min(asked)} to {np.max(asked)}", mend))
        whole = np.issubdtype(rows.dtype, np.integer)
        if not whole or not np.all((rows >= 0) & (rows < len(self.classes))):
            mend = f"give rows of the classes, 0 to {len(self.classes) - 1}"
            faults.append(Fault("frontier", "of", "rows that are none", mend))
        if faults:
            raise InputError(faults)
        rows, asked = np.broadcast_arrays(rows.astype(np.int64), asked)
        return rows.copy(), asked


def frontier(
    catalogue: Catalogue,
    ground: Ground | Sequence[GroundClass],
    threat: Opponent,
    *,
    settings: WorksSettings | None = None,
    states: Sequence[str] = (),
    pace: Range | None = None,
) -> Frontiers:
    """Find, for every class of ground, the compositions that are worth choosing.

    Parameters
    ----------
    catalogue
        What can be built.
    ground
        Of a theatre, with how far one sees there; or classes alone, on which nothing hides anyone.
    threat
        Who crosses.
    settings
        Spacings, prices, communication, depth; the defaults if not given.
    states
        ISO3 codes of the members and partners, for the law.
    pace
        Speed by covered approaches over that of direct ones; as the settings say if not given.

    Returns
    -------
    Frontiers
        Exact: nothing left out stops more, by 1e-12, than something kept that costs no more.

    Raises
    ------
    BarredError
        When a setting asks for something barred; it names the rule.
    InputError
        With every fault of the arguments.
    InfeasibleError
        When no fort can stand on a class.
    """
    settings = settings or WorksSettings()
    check(settings, catalogue, states)
    classes, cover = _classes(ground)
    ways = paths(threat, catalogue)
    items = allowed(catalogue, settings, states)
    pace = pace or covered_pace(settings)
    scenes = [Scene(g, catalogue, settings, threat, cover, pace) for g in classes]
    ids = [item.id for item in items]
    units = [
        dict(zip(ids, row.tolist(), strict=True))
        for row in unit_costs(items, classes, catalogue, settings)
    ]
    choices = [
        options([item for item in items if math.isfinite(unit[item.id])], g, settings)
        for g, unit in zip(classes, units, strict=True)
    ]
    made = boards(scenes, choices, units, ways)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = list(pool.map(sweep, made))
    return Frontiers(
        classes=tuple(
            Frontier(
                ground=scene.ground,
                compositions=Chosen(choice, frozen(stairs.number)),
                cost_usd_km_yr=frozen(stairs.cost),
                p_i=frozen(stairs.p_i),
                p_n=frozen(board.p_n[stairs.number % len(choice.forts)]),
                p_e=frozen(stairs.p_e),
                worst=frozen(stairs.worst),
                options=choice,
            )
            for scene, choice, board, stairs in zip(scenes, choices, made, found, strict=True)
        ),
        paths=ways,
    )


def _classes(ground: Ground | Sequence[GroundClass]) -> tuple[tuple[GroundClass, ...], Cover]:
    """Give classes and the cover that their rows point into."""
    if isinstance(ground, Ground):
        classes, cover = ground.classes, ground.cover
    else:
        classes = tuple(ground)
        rows = 1 + max((each.cover for each in classes), default=0)
        bare = flat_cover()
        every = frozen(np.ones((rows, 1, 1)))
        cover = Cover(bare.heights_m, bare.km, every, every)
    if not classes:
        raise InputError([Fault("frontier", "ground", "no classes", "give at least one")])
    return classes, cover


def _hull(found: Frontier) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Points that cost least for some loss, and the losses at which the next one takes over."""
    cost, p_e = found.cost_usd_km_yr, found.p_e
    hull: list[int] = []
    for n in range(len(cost)):
        while len(hull) > 1 and _turn(cost, p_e, hull[-2], n) <= _turn(
            cost, p_e, hull[-2], hull[-1]
        ):
            hull.pop()
        hull.append(n)
    turns = [_turn(cost, p_e, a, b) for a, b in itertools.pairwise(hull)]
    return np.array(hull, np.int64), np.array(turns, np.float64)


def _turn(cost: NDArray[np.float64], p_e: NDArray[np.float64], a: int, b: int) -> float:
    """Loss at which a dearer point costs as much as a cheaper one."""
    return float((cost[b] - cost[a]) / (p_e[b] - p_e[a]))
