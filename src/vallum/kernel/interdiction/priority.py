"""What a list of priorities costs: the best arcs for a budget need not contain those for less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen
from vallum.kernel.interdiction.door import Door
from vallum.kernel.interdiction.model import Interdiction, Regret

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

__all__ = ["regret"]


def regret(
    order: ArrayLike,
    budgets: ArrayLike,
    solve: Callable[[int], Interdiction],
    score: Callable[[NDArray[np.int64]], float],
) -> Regret:
    """Compare the first arcs of a list with the best arcs for each budget.

    Optimal sets are not nested in the budget, so no list is best throughout. Works for `evasion`,
    whose value the defender wants small, and for `shortest_path`, whose value he wants large: the
    side of the bound says which.

    Parameters
    ----------
    order
        Indices of arcs, the most urgent first, each once.
    budgets
        Numbers of arcs, each from 0 up; a budget longer than the list takes all of it.
    solve
        The best choice for a budget.
    score
        The value of a choice, by the same measure.

    Returns
    -------
    Regret
        Its `least` and `most` are 0 or more, and equal where the best choice is proven.

    Raises
    ------
    InputError
        If the list names an arc twice, or a budget is no whole number from 0 up.

    Examples
    --------
    >>> import numpy as np
    >>> from vallum.kernel.interdiction import shortest_path
    >>> net = [1, 1], [2, 2], [1.0, 1.0], [4.0, 2.0], 1, 2
    >>> def score(chosen):
    ...     return 1 + min(4.0 * (0 in chosen), 2.0 * (1 in chosen))
    >>> regret([0, 1], [1, 2], lambda budget: shortest_path(*net, budget), score).least.tolist()
    [0.0, 0.0]
    """
    door = Door()
    listed = door.labels("order", order)
    door.indices("order", listed, int(listed.max(initial=-1)) + 1)
    numbers = door.labels("budgets", budgets)
    door.where("budgets", numbers, numbers < 0, "give whole numbers of 0 or more")
    door.close()
    found = [solve(int(budget)) for budget in numbers]
    value = np.array([score(listed[:budget]) for budget in numbers.tolist()])
    best = np.array([f.value for f in found])
    bound = np.array([f.bound for f in found])
    return Regret(
        frozen(numbers),
        frozen(value),
        frozen(best),
        frozen(bound),
        frozen(_apart(value, best, bound)),
        frozen(np.maximum(_away(value, bound), _apart(value, best, bound))),
    )


def _away(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Say how far apart two values are: 0 where both are infinite."""
    with np.errstate(invalid="ignore"):
        return np.where(one == other, 0.0, np.abs(one - other))


def _apart(
    value: NDArray[np.float64], best: NDArray[np.float64], bound: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Say by how much a list is worse than the best choice found; 0 where it is better."""
    better = np.where(bound <= best, value < best, value > best) & (bound != best)
    return np.where(better, 0.0, _away(value, best))
