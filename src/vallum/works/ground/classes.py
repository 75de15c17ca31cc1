"""Cells put into few classes: alike in what decides, near in what only costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cut", "means"]


def cut(
    alike: NDArray[np.int64], costs: NDArray[np.float64], *, most: int, fine: float
) -> NDArray[np.int64]:
    """Put cells into classes by halving the class that is spread most, again and again.

    Cells of a class have the same row of `alike`. Then the class with the greatest sum of squares
    of one cost about its mean is cut at that mean, until there are `most` classes, or none whose
    costs deviate by more than `fine` (root of the mean square). This is the median cut of colours
    in pictures, at means. It depends on nothing but its arguments; ties go to the earlier class.

    Parameters
    ----------
    alike
        What must be the same in a class, small numbers from 0, shape (cells, keys).
    costs
        What may differ, in money, shape (cells, costs).
    most
        Number of classes to stop at; those that `alike` asks for are made anyway.
    fine
        Deviation that is not worth a class.

    Returns
    -------
    of
        Class of each cell, from 0 in order of the classes' first cells, shape (cells,).

    Notes
    -----
    Heckbert, P. (1982), Color image quantization for frame buffer display, SIGGRAPH.

    Examples
    --------
    >>> import numpy as np
    >>> costs = np.array([[0.0], [100.0], [1.0], [99.0]])
    >>> cut(np.zeros((4, 1), int), costs, most=2, fine=5.0)
    array([0, 1, 0, 1])
    """
    of = _same(alike)
    groups = [np.flatnonzero(of == n) for n in range(int(of.max(initial=-1)) + 1)]
    spreads = [_spread(costs[group], fine) for group in groups]
    while len(groups) < most:
        n = int(np.argmax([spread for spread, _ in spreads])) if spreads else 0
        if not spreads or spreads[n][0] <= 0:
            break
        group, axis = groups[n], spreads[n][1]
        values = costs[group, axis]
        above = values > values.mean()
        if above.all() or not above.any():  # the mean of near equals, rounded
            above = values > values.min()
        groups[n], part = group[~above], group[above]
        groups.append(part)
        spreads[n] = _spread(costs[groups[n]], fine)
        spreads.append(_spread(costs[part], fine))
    out = np.empty(len(of), dtype=np.int64)
    for n, group in enumerate(sorted(groups, key=lambda cells: int(cells[0]))):
        out[group] = n
    return out


def _same(alike: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give equal rows one number, key by key: sorting rows would take most of the time."""
    of = np.zeros(len(alike), dtype=np.int64)
    for column in alike.T:
        both = of * (int(column.max(initial=0)) + 1) + column
        taken = np.bincount(both) > 0
        of = (np.cumsum(taken) - 1)[both]
    return of


def _spread(costs: NDArray[np.float64], fine: float) -> tuple[float, int]:
    """Greatest sum of squares of one cost about its mean, and which; 0 where not worth a class."""
    if costs.shape[1] == 0:
        return 0.0, 0
    squares = ((costs - costs.mean(axis=0)) ** 2).sum(axis=0)
    squares[costs.min(axis=0) == costs.max(axis=0)] = 0.0  # else rounding of the mean is left
    axis = int(np.argmax(squares))
    worth = squares[axis] > fine**2 * len(costs)
    return (float(squares[axis]) if worth else 0.0), axis


def means(of: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of values by class; shape (classes,). A class whose values are all inf keeps inf."""
    count = np.bincount(of)
    total = np.bincount(of, np.where(np.isinf(values), 0.0, values))
    never = np.bincount(of, np.isinf(values)) > 0
    return np.where(never, np.inf, total / count)
