"""Commitment: what a leader gains by being seen first (strong Stackelberg equilibrium)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault
from vallum.kernel.arrays import frozen
from vallum.kernel.interdiction.door import Door
from vallum.kernel.interdiction.model import Commitment
from vallum.kernel.interdiction.program import Program, Solved, solve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["commitment"]


def commitment(leader: ArrayLike, follower: ArrayLike) -> Commitment:
    """Find the mix that a leader should commit to, when the follower sees it and answers best.

    One linear programme for each answer `j`: the mix `x` that brings the leader most among those to
    which `j` is a best answer (Conitzer and Sandholm 2006, "Computing the optimal strategy to
    commit to"). A follower who is indifferent answers as the leader prefers.

    Parameters
    ----------
    leader, follower
        What each earns, shape (leader's actions, follower's actions), finite.

    Returns
    -------
    Commitment
        With a bound made from the multipliers: whatever they are, no mix is worth more.

    Raises
    ------
    InputError
        If the tables are no tables of finite numbers of one shape.

    Examples
    --------
    >>> found = commitment([[2, 4], [1, 3]], [[1, 0], [0, 1]])
    >>> round(found.value, 6), found.mix.round(6).tolist(), found.response
    (3.5, [0.5, 0.5], 1)
    """
    door = Door()
    gain, answer = door.table("leader", leader), door.table("follower", follower)
    if not door.faults and gain.shape != answer.shape:
        found = f"shape {answer.shape} beside the leader's {gain.shape}"
        door.faults.append(Fault("follower", "", found, "give both the same shape"))
    door.close()
    best, bound = None, -np.inf
    for j in range(gain.shape[1]):
        solved = solve(_best_mix(gain, answer, j))
        if solved.x is None:
            continue  # no mix makes j a best answer
        bound = max(bound, _bound(gain, answer, j, solved))
        if best is None or -solved.value > best[0] + 1e-12:
            best = (-solved.value, j, solved.x)
    if best is None:
        raise AssertionError("to every mix there is a best answer")
    mix = np.clip(best[2], 0.0, None)
    mix /= mix.sum()
    value = float(mix @ gain[:, best[1]])
    return Commitment(value, max(bound, value), frozen(mix), best[1])


def _best_mix(gain: NDArray[np.float64], answer: NDArray[np.float64], j: int) -> Program:
    """Write: the leader's best mix among those that `j` answers best."""
    actions, answers = gain.shape
    better = (answer - answer[:, [j]]).T  # what another answer would earn more
    matrix = np.vstack([np.ones(actions), better])
    row, column = np.nonzero(matrix)
    return Program(
        cost=-gain[:, j],
        lower=np.zeros(actions),
        upper=np.ones(actions),
        whole=np.zeros(actions, bool),
        row=row,
        column=column,
        entry=matrix[row, column],
        row_lower=np.concatenate([[1.0], np.full(answers, -np.inf)]),
        row_upper=np.concatenate([[1.0], np.zeros(answers)]),
    )


def _bound(gain: NDArray[np.float64], answer: NDArray[np.float64], j: int, solved: Solved) -> float:
    """Bound the leader's value where `j` answers: `max_i [L_ij − Σ_k ν_k (F_ik − F_ij)]`, ν ≥ 0."""
    nu = np.clip(-solved.dual[1:], 0.0, None)
    return float((gain[:, j] - (answer - answer[:, [j]]) @ nu).max())
