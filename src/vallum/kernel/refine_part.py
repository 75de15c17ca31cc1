"""The land between two territories, as a problem of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.territory import Instance

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Part", "part"]


@dataclass(frozen=True, eq=False)
class Part:
    """The cells of the upper one of two territories; the lower one must be held.

    Attributes
    ----------
    problem
        Of those cells alone: a line towards any other is paid, as towards open land.
    index
        Number of each of them in the whole problem, shape (cells of the part,).
    """

    problem: Instance
    index: NDArray[np.int64]


def part(problem: Instance, lower: NDArray[np.bool_], upper: NDArray[np.bool_]) -> Part:
    """Cut a problem down to the land between two territories.

    A territory of the part earns and costs what it does in the whole, but for rounding.

    Parameters
    ----------
    problem
        The whole.
    lower, upper
        By cell, shape (cells,); the lower within the upper, neither with a line where none may be.

    Returns
    -------
    Part
        The part, and where its cells are in the whole.
    """
    index = np.flatnonzero(upper)
    number = np.full(upper.size, -1)
    number[index] = np.arange(index.size)
    out = upper[problem.tail] & ~upper[problem.head]
    border, border_km = problem.border.copy(), problem.border_km.copy()
    np.add.at(border, problem.tail[out], problem.price[out])
    np.add.at(border_km, problem.tail[out], problem.length_km[out])
    smaller = Instance(
        shape=problem.shape,
        cells=problem.cells[index],
        benefit=problem.benefit[index],
        holding=problem.holding[index],
        border=border[index],
        border_km=border_km[index],
        closure=problem.closure[index],
        cell_km=problem.cell_km,
        projects=tuple(
            (value, number[cells]) for value, cells in problem.projects if upper[cells].all()
        ),
        unearnable=(),
        must=lower[index],
    )
    return Part(smaller, index)
