"""Patrols against an attacker who knows them and takes his best way: a zero-sum equilibrium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import CertificateError, Fault
from vallum.kernel.arrays import frozen
from vallum.kernel.interdiction.door import Door
from vallum.kernel.interdiction.model import Patrol
from vallum.kernel.interdiction.network import Arcs, arcs_of, lengths, numbered, way_to
from vallum.kernel.interdiction.program import Program, Solved, solve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

__all__ = ["patrol"]


@dataclass(frozen=True, eq=False)
class _Field:
    """A checked problem with nodes from 0."""

    arcs: Arcs
    tail: NDArray[np.int64]
    cost: NDArray[np.float64]
    hit: NDArray[np.float64]
    origins: NDArray[np.int64]
    targets: NDArray[np.int64]
    gain: NDArray[np.float64]
    patrols: float
    still: float

    def answer(self, presence: NDArray[np.float64]) -> tuple[float, tuple[int, ...] | None, float]:
        """Find the attacker's best way: what it earns now, its arcs, what it earns unpatrolled.

        None for standing still.
        """
        arcs = self.arcs
        cost = self.cost + np.where(presence > 0, self.hit * presence, 0.0)
        length, via = lengths(arcs.start, arcs.arc, arcs.far, cost, self.origins)
        worth = self.gain - length[self.targets]
        best = int(worth.argmax())
        if not worth[best] > self.still:
            return self.still, None, self.still
        way = way_to(int(self.targets[best]), via, self.tail)
        return float(worth[best]), way, float(self.gain[best] - self.cost[list(way)].sum())


def patrol(  # noqa: PLR0913 (a network, two sides)
    tail: ArrayLike,
    head: ArrayLike,
    cost: ArrayLike,
    hit: ArrayLike,
    origins: ArrayLike,
    targets: Mapping[int, float],
    patrols: float,
    *,
    still: float = 0.0,
) -> Patrol:
    """Spread patrols over arcs so that an attacker's best way earns him least.

    `min_x max_P gain_P − Σ_{a∈P} (cost_a + hit_a x_a)`, `Σ x ≤ patrols`, `0 ≤ x ≤ 1`: a linear
    programme that takes in the attacker's best way (Dijkstra) until it knows it already. Its
    multipliers are the attacker's own mix, and give the bound: against that mix no patrols do
    better. Each meeting counts, so where `hit` is the loss of all that a way can gain, a way should
    meet one patrolled arc at most (as across a line) for it to be a probability of being stopped.

    Parameters
    ----------
    tail, head
        Labels of the nodes that each arc leaves and enters, any integers, shape (arcs,).
    cost
        What passing an arc costs the attacker, ≥ 0, in the unit of gain, shape (arcs,).
    hit
        What he loses by meeting a patrol there, ≥ 0 and finite, shape (arcs,).
    origins
        Labels of the nodes where he may begin, at least one.
    targets
        Finite gain at each node that he may make for.
    patrols
        Number of patrols, ≥ 0: at each time one is on at most one arc. A share of one is allowed.
    still
        What the attacker earns if he stays where he is, finite, or −inf if he must go.

    Returns
    -------
    Patrol
        The equilibrium.

    Raises
    ------
    InputError
        If the arguments can't be used.

    Examples
    --------
    >>> found = patrol([0, 0], [1, 2], [0, 0], [10, 6], [0], {1: 10, 2: 6}, 1)
    >>> round(found.value, 6), found.presence.round(6).tolist()
    (3.75, [0.625, 0.375])
    """
    field, count = _checked(tail, head, cost, hit, origins, targets, patrols, still)
    presence, found = np.zeros(count), _Ways([], [])
    worth, way, plain = field.answer(presence)
    if worth == -np.inf:
        return Patrol(-np.inf, -np.inf, frozen(presence), (), frozen(np.zeros(0)), 0)
    unit = max(abs(worth), float(np.abs(field.gain).max()), 1e-300)
    work, best, kept = 0, worth, presence
    while True:
        if not found.add(way, plain):
            break
        solved = solve(_allocation(field, found, count, unit))
        work += 1
        if solved.x is None:
            raise CertificateError("HiGHS finds no allocation of patrols, but none at all is one")
        presence = np.clip(solved.x[:count], 0.0, 1.0)
        worth, way, plain = field.answer(presence)
        if worth < best:
            best, kept = worth, presence
        if worth <= solved.value * unit + 1e-9 * unit:
            break
    mix = _mix(solved)
    bound = _worst(field, found, mix, count)
    played = np.flatnonzero(mix > 1e-12)
    ways = tuple(found.ways[w] or () for w in played)
    return Patrol(best, min(bound, best), frozen(kept), ways, frozen(mix[played]), work)


@dataclass(frozen=True, eq=False)
class _Ways:
    """The ways that the programme knows, and what each earns unpatrolled."""

    ways: list[tuple[int, ...] | None]
    plain: list[float]

    def add(self, way: tuple[int, ...] | None, plain: float) -> bool:
        """Take in a way; say whether it is new."""
        if way in self.ways:
            return False
        self.ways.append(way)
        self.plain.append(plain)
        return True


def _checked(  # noqa: PLR0913, PLR0917 (it reads them all at one door)
    tail: ArrayLike,
    head: ArrayLike,
    cost: ArrayLike,
    hit: ArrayLike,
    origins: ArrayLike,
    targets: Mapping[int, float],
    patrols: float,
    still: float,
) -> tuple[_Field, int]:
    """Check the arguments and number the nodes; say how many arcs there are."""
    door = Door()
    tails = door.labels("tail", tail)
    heads = door.labels("head", head, tails.size)
    costs = door.amounts("cost", cost, tails.size)
    hits = door.amounts("hit", hit, tails.size)
    door.where("hit", hits, np.isinf(hits), "give a finite loss")
    starts = door.labels("origins", origins)
    if not starts.size:
        door.faults.append(Fault("origins", "", "none", "give at least one"))
    ends = door.labels("targets", list(targets))
    gain = door.numbers("targets", list(targets.values()), ends.size)
    door.where("targets", gain, ~np.isfinite(gain), "give finite gains")
    if not ends.size:
        door.faults.append(Fault("targets", "", "none", "give at least one"))
    number, stay = (
        float(door.numbers(name, [given], 1)[0])
        for name, given in (("patrols", patrols), ("still", still))
    )
    if not 0 <= number < np.inf:
        door.faults.append(Fault("patrols", "", repr(patrols), "give a finite number of 0 or more"))
    if np.isnan(stay) or stay == np.inf:
        door.faults.append(Fault("still", "", repr(still), "give a finite number, or −inf"))
    door.close()
    (near, far, start, end), nodes = numbered(tails, heads, starts, ends)
    arcs = arcs_of(near, far, nodes)
    return _Field(arcs, near, costs, hits, start, end, gain, number, stay), near.size


def _allocation(field: _Field, found: _Ways, count: int, unit: float) -> Program:
    """Write the programme: presence on the arcs, then what the attacker earns, in `unit`."""
    row, column, entry = [], [], []
    for w, way in enumerate(found.ways):
        arcs = np.array(way or (), np.int64)
        row += [w] * (arcs.size + 1)
        column += [*arcs.tolist(), count]
        entry += [*(field.hit[arcs] / unit).tolist(), 1.0]
    ways = len(found.ways)
    row += [ways] * count
    column += range(count)
    entry += [1.0] * count
    cost, lower, upper = np.zeros(count + 1), np.zeros(count + 1), np.ones(count + 1)
    cost[-1], lower[-1], upper[-1] = 1.0, -np.inf, np.inf
    return Program(
        cost=cost,
        lower=lower,
        upper=upper,
        whole=np.zeros(count + 1, bool),
        row=np.array(row),
        column=np.array(column),
        entry=np.array(entry),
        row_lower=np.append(np.array(found.plain) / unit, -np.inf),
        row_upper=np.append(np.full(ways, np.inf), field.patrols),
    )


def _mix(solved: Solved) -> NDArray[np.float64]:
    """Read the attacker's mix from the multipliers of the ways."""
    mix: NDArray[np.float64] = np.clip(solved.dual[:-1], 0.0, None)
    mix /= mix.sum()
    return mix


def _worst(field: _Field, found: _Ways, mix: NDArray[np.float64], count: int) -> float:
    """Say what a mix earns against the patrols that are worst for it: on the arcs it meets most."""
    met = np.zeros(count)
    for share, way in zip(mix, found.ways, strict=True):
        arcs = list(way or ())
        np.add.at(met, arcs, share * field.hit[arcs])
    met = np.sort(met)[::-1]
    full = min(int(field.patrols), count)
    part = (field.patrols - full) * met[full] if full < count else 0.0
    return float(mix @ np.array(found.plain) - met[:full].sum() - part)
