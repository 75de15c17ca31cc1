"""What the exact answers look like: each optimum with the bound that proves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Commitment", "Interdiction", "Patrol", "Regret", "Way"]


@dataclass(frozen=True, eq=False)
class Interdiction:
    """The best arcs found for a budget, and how good any arcs can be.

    Attributes
    ----------
    value
        What the attacker's best answer to `chosen` is worth, by a search of its own: the length of
        the shortest way, the expected probability of evasion, or the greatest flow.
    bound
        No choice within the budget does better for the defender than this. Where it equals `value`
        (within 1e-6 of it), `chosen` is proven optimal.
    chosen
        Indices of arcs, rising, no more than the budget.
    work
        Units of work done: linear programmes solved and nodes of branch and bound.
    """

    value: float
    bound: float
    chosen: NDArray[np.int64]
    work: int

    @property
    def gap(self) -> float:
        """Difference of value and bound, ≥ 0, in the unit of `value`; 0 where both are infinite."""
        return 0.0 if self.value == self.bound else abs(self.value - self.bound)


@dataclass(frozen=True, eq=False)
class Commitment:
    """A leader's best mix of actions that the follower sees before answering.

    Attributes
    ----------
    value
        What the leader expects.
    bound
        No mix brings the leader more.
    mix
        Probability of each of the leader's actions, shape (leader's actions,).
    response
        The follower's answer: where it is indifferent, the one that the leader prefers.
    """

    value: float
    bound: float
    mix: NDArray[np.float64]
    response: int


@dataclass(frozen=True, eq=False)
class Patrol:
    """Patrols in equilibrium with an attacker who knows them.

    Attributes
    ----------
    value
        What the attacker's best way earns against `presence`.
    bound
        What the attacker earns by `mix` whatever the patrols do; at most `value`.
    presence
        Share of time that a patrol is on each arc, shape (arcs,), in [0, 1].
    ways
        The attacker's ways, each the indices of its arcs in order; empty for standing still.
    mix
        Probability of each way, shape (ways,).
    work
        Linear programmes solved.
    """

    value: float
    bound: float
    presence: NDArray[np.float64]
    ways: tuple[tuple[int, ...], ...]
    mix: NDArray[np.float64]
    work: int

    @property
    def gap(self) -> float:
        """Difference of value and bound, ≥ 0."""
        return abs(self.value - self.bound)


@dataclass(frozen=True, eq=False)
class Way:
    """One way through a network.

    Attributes
    ----------
    value
        Probability of getting through unseen; 0 where there is no way.
    arcs
        Indices of arcs in order; empty where there is no way, or nowhere to go.
    """

    value: float
    arcs: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Regret:
    """What following a list of priorities costs against the best choice of each budget.

    Attributes
    ----------
    budgets
        Number of arcs, shape (budgets,).
    listed
        Value of the first so many arcs of the list, shape (budgets,).
    best
        Value of the best choice found for each budget.
    bound
        Bound on any choice for each budget.
    least, most
        The regret lies between: against `best` (never below 0), and against `bound`.
    """

    budgets: NDArray[np.int64]
    listed: NDArray[np.float64]
    best: NDArray[np.float64]
    bound: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
