"""The table of steps of a nested family, every row an exact sum, in one pass over the cells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.kernel import exact
from vallum.kernel.crofton import rimmed
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.crofton import Rimmed
    from vallum.kernel.territory import Instance

__all__ = ["ladder"]

COLUMNS = ("benefit", "holding", "closure", "line_km")


def ladder(
    problem: Instance, entry: NDArray[np.int32], prices: NDArray[np.float64]
) -> pd.DataFrame:
    """Make the table of steps from the raster alone.

    Parameters
    ----------
    problem
        What cells earn and cost.
    entry
        The step at which each member cell enters, shape (cells,).
    prices
        `mu` by step, shape (steps,).

    Returns
    -------
    pandas.DataFrame
        `mu`, `benefit`, `holding`, `closure`, `line_km`, `cells` of everything held at each step;
        `closure` is infinite where a line would stand where none may.
    """
    grid = rimmed(problem.shape, problem.cells, problem.cell_km)
    level = np.full(grid.size, -1, np.int32)
    level[grid.place] = entry
    closure = np.zeros(level.size)
    closure[grid.place] = problem.closure
    order = np.argsort(entry, kind="stable")
    first = np.searchsorted(entry[order], np.arange(prices.size + 1))
    earned = np.array([entry[cells].max() for _, cells in problem.projects], np.int64)
    value = np.array([value for value, _ in problem.projects], float)
    amounts = (problem.benefit, problem.holding, problem.border, problem.border_km)
    table = np.zeros((prices.size, len(COLUMNS)))
    _climb(table, (order, first), amounts, (earned, value), grid, level, closure)
    columns = {"mu": prices.astype(float), **dict(zip(COLUMNS, table.T.copy(), strict=True))}
    return pd.DataFrame({**columns, "cells": first[1:].astype(int)})


@compiled
def _climb(
    table: NDArray[np.float64],
    cells: tuple[NDArray[np.int64], NDArray[np.int64]],
    amounts: tuple[NDArray[np.float64], ...],
    projects: tuple[NDArray[np.int64], NDArray[np.float64]],
    grid: Rimmed,
    level: NDArray[np.int32],
    closure: NDArray[np.float64],
) -> None:
    """Add what enters at each step, and write the sums.

    `cells` are in order of entry, with the place of each step's first; `projects` the step at
    which each is earned, and its value.
    """
    order, first = cells
    earned, value = projects
    limbs = exact.zero(4)
    barred = 0  # edges whose line would stand where none may
    for step in range(table.shape[0]):
        mine = order[first[step] : first[step + 1]]
        for k in range(4):
            for cell in mine:
                exact.add(limbs[k], amounts[k][cell])
            exact.carry(limbs[k])
        for project in range(earned.size):
            if earned[project] == step:
                exact.add(limbs[0], value[project])
        barred += _line(limbs, grid.place[mine], level, closure, grid.offset, grid.weight)
        for k in range(4):
            table[step, k] = exact.rounded(limbs[k])
        if barred:
            table[step, 2] = math.inf


@compiled
def _line(
    limbs: NDArray[np.int64],
    cells: NDArray[np.int64],
    level: NDArray[np.int32],
    closure: NDArray[np.float64],
    offset: NDArray[np.int64],
    weight: NDArray[np.float64],
) -> int:
    """Add the line that a step's cells need, and take off the line that they spare.

    Returns how many edges more have an infinite price, which is no part of the sum.
    """
    barred = 0
    for cell in cells:
        mine = level[cell]
        for d in range(16):
            other = level[cell + offset[d]]
            if other > mine:
                if math.isinf(closure[cell]):
                    barred += 1
                else:
                    exact.add(limbs[2], closure[cell] * weight[d])
                exact.add(limbs[3], weight[d])
            elif 0 <= other < mine:
                if math.isinf(closure[cell + offset[d]]):
                    barred -= 1
                else:
                    exact.add(limbs[2], -closure[cell + offset[d]] * weight[d])
                exact.add(limbs[3], -weight[d])
    exact.carry(limbs[2])
    exact.carry(limbs[3])
    return barred
