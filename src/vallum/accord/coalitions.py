"""What each coalition can do by itself, and what that is worth: the values of the games."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from vallum.accord.game import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.accord.model import Redrawn
    from vallum.line import Line
    from vallum.line.ranges import Ranges

    Redraw = Callable[[frozenset[str], NDArray[np.bool_]], Redrawn | str]

__all__ = ["Able", "Ends", "aimed", "best", "coalitions_of", "ends_of", "split"]


@dataclass(frozen=True)
class Ends:
    """Ends of the ranges of benefit and cost, as multiples of their values."""

    benefit_low: float
    benefit_high: float
    cost_low: float
    cost_high: float


@dataclass(frozen=True)
class Able:
    """What one coalition of members does, and what it brings and costs.

    Attributes
    ----------
    coalition
        Its members.
    how
        In words.
    why
        What is short, where its plan is infeasible; else empty.
    benefit_usd_yr, cost_usd_yr
        Losses averted; line and holding.
    saved_usd_yr, partner_usd_yr
        What the partner's help saves the members, and costs the partner.
    line_km, men, held_km2, people
        Length of line, men paid, land and people held.
    """

    coalition: frozenset[str]
    how: str
    why: str
    benefit_usd_yr: float
    cost_usd_yr: float
    saved_usd_yr: float
    partner_usd_yr: float
    line_km: float
    men: float
    held_km2: float
    people: float

    @property
    def name(self) -> str:
        """Join the members' names."""
        return joined(self.coalition)


def ends_of(ranges: Ranges, line: Line, step: int) -> Ends:
    """Give the ends of a step's benefit and cost, as multiples of their values.

    Parameters
    ----------
    ranges, line
        Of the plan.
    step
        Of the chain.
    """
    row = ranges.steps.iloc[step]
    cost = float(line.plans.steps["cost_usd_yr"].iloc[step])
    mid = float(row["averted_usd_yr"])

    def share(name: str, of: float) -> float:
        return float(row[name]) / of if of > 0.0 else 1.0

    return Ends(
        min(share("averted_low", mid), 1.0),
        max(share("averted_high", mid), 1.0),
        min(share("cost_low", cost), 1.0),
        max(share("cost_high", cost), 1.0),
    )


def coalitions_of(members: Sequence[str]) -> tuple[frozenset[str], ...]:
    """List every coalition of members, the smallest first, then by name."""
    return tuple(
        frozenset(some)
        for size in range(1, len(members) + 1)
        for some in combinations(sorted(members), size)
    )


def best(
    line: Line, ends: tuple[float, float], also: NDArray[np.float64] | None = None
) -> tuple[float, int]:
    """Find the best that a coalition's own frontier offers.

    Parameters
    ----------
    line
        Drawn for the coalition alone; its benefit counts dollars.
    ends
        Multiples of benefit and of cost.
    also
        What comes on top by step, USD/yr, shape (steps,): what a partner's help brings.

    Returns
    -------
    value, step
        USD/yr, and the step of the chain that brings it; 0 and −1 where nothing is worth holding.
    """
    steps = line.plans.steps
    net = ends[0] * steps["benefit"].to_numpy(np.float64) - ends[1] * steps["cost_usd_yr"].to_numpy(
        np.float64
    )
    net = net if also is None else net + also
    if not net.size or net.max() <= 0.0:
        return 0.0, -1
    step = int(net.argmax())
    return float(net[step]), step


def aimed(
    coalition: frozenset[str], made: Redrawn, *, held_km2: float, people: float, man_usd_yr: float
) -> Able:
    """Say what it takes a coalition to hold at least its own part of the joint land.

    The cheaper of two ways is taken: its best line that holds as much output, and its own part of
    the joint land enclosed by itself.

    Parameters
    ----------
    coalition
        Whose line it is.
    made
        Its line drawn again.
    held_km2, people
        Of its own part of the joint land.
    man_usd_yr
        A man on duty, his relief included.
    """
    line, forces = made.line, made.forces
    own = made.enough and line.score.cost <= made.part_cost_usd_yr
    brings = line.score.benefit if own else made.part_benefit_usd_yr
    why, men, saved, paid = "", _men(line, man_usd_yr), 0.0, 0.0
    if forces is not None:
        why = "; ".join(forces.refused)
        if forces.tasks is not None:
            joint = forces.tasks.by_regime["joint"]
            helped = forces.tasks.by_regime["joint_with_partner"]
            men = joint.men
            before = joint.cost_usd_yr - joint.partner_usd_yr
            after = helped.cost_usd_yr - helped.partner_usd_yr
            saved, paid = max(before - after, 0.0), helped.partner_usd_yr
    step = line.plans.steps.iloc[line.step]
    return Able(
        coalition=coalition,
        how="its own best line" if own else "its part of the joint land, enclosed by itself",
        why=why,
        benefit_usd_yr=line.score.benefit if brings is None else brings,
        cost_usd_yr=line.score.cost if own else made.part_cost_usd_yr,
        saved_usd_yr=saved,
        partner_usd_yr=paid,
        line_km=line.score.line_km if own else made.part_km,
        men=men,
        held_km2=float(step["held_km2"]) if own else held_km2,
        people=float(step["people_held"]) if own else people,
    )


def _men(line: Line, man_usd_yr: float) -> float:
    """Count the men that holding takes, where no forces were deployed."""
    return line.score.holding / man_usd_yr if man_usd_yr > 0 else 0.0


def split(
    line: Line,
    held: NDArray[np.bool_],
    states: Mapping[str, NDArray[np.bool_]],
    length: NDArray[np.float64],
    closure: NDArray[np.float64],
) -> dict[str, tuple[float, float, float]]:
    """Split benefit, cost and length of the joint plan by the state whose land it is.

    Parameters
    ----------
    line
        Of all members together.
    held
        Land held, shape (rows, cols).
    states
        By member, its cells, same shape.
    length, closure
        Of the line by the held cell that carries it, flat: km and USD/yr.

    Returns
    -------
    by_state
        Benefit, cost (USD/yr) and km, by member. A project's benefit goes to states by its cells.
    """
    at = line.plans.stakes
    own = np.nan_to_num(np.where(held, at.benefit, 0.0), nan=0.0)
    out = {}
    for state, cells in states.items():
        gain = float(own[cells].sum())
        for project in at.projects:
            if held.ravel()[project.cells].all():
                gain += project.value * float(cells.ravel()[project.cells].mean())
        cost = float(at.holding[held & cells].sum() + closure[cells.ravel()].sum())
        out[state] = (gain, cost, float(length[cells.ravel()].sum()))
    return out
