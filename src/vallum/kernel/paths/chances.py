"""Chances of walks on a network: the matrix factorised, sets of nodes touched, sets entered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.paths.edges import Edges

__all__ = [
    "Entrances", "RangeError", "Solved", "Task", "TooLargeError", "TooSmallError", "entering",
    "factorised", "passing", "units",
]  # fmt: skip


@dataclass(frozen=True)
class Entrances:
    """A set of nodes, and the sides from which it can be entered.

    Attributes
    ----------
    inside
        The set, shape (nodes,).
    side
        Number of the side that each node outside belongs to, shape (nodes,).
    sides
        How many there are.
    """

    inside: NDArray[np.bool_]
    side: NDArray[np.int64]
    sides: int


@dataclass(frozen=True, eq=False)
class Task:
    """The journeys asked for, as numbers of nodes, and whether there is a way for each."""

    edges: Edges
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    journeys: NDArray[np.float64]
    way: NDArray[np.bool_]
    zones: NDArray[np.bool_]
    entrances: tuple[Entrances, ...]


@dataclass(frozen=True, eq=False)
class Solved:
    """Chances of all paths, by their ends."""

    weights: sparse.csc_matrix  # W
    to_end: NDArray[np.float64]  # z_it, shape (nodes, T)
    own: NDArray[np.float64]  # z_tt
    pair: NDArray[np.float64]  # z_st, 1 where there is no way


class RangeError(ArithmeticError):
    """Raised when numbers leave the range of floats."""


class TooSmallError(RangeError):
    """Raised when they leave it at the lower end."""


class TooLargeError(RangeError):
    """Raised when they leave it at the upper end."""


def factorised(weights: sparse.csc_matrix) -> Any:  # noqa: ANN401  (SciPy has no types)
    """Factorise I − W with pivots on the diagonal: it is an M-matrix, so entries only add."""
    whole = (sparse.identity(weights.shape[0], format="csc") - weights).tocsc()
    try:
        return splu(
            whole,
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
    except RuntimeError:  # SuperLU: exactly singular
        raise RangeError from None


def passing(task: Task, solved: Solved) -> NDArray[np.float64]:
    """Chance of touching each zone: one less the share of paths that keep out of it."""
    out = np.full((len(task.zones), *task.way.shape), np.nan)
    for n, zone in enumerate(task.zones):
        free = np.flatnonzero(~zone)
        place = np.full(len(zone), -1)
        place[free] = np.arange(free.size)
        start, end = place[task.sources], place[task.targets]
        out[n] = np.where(task.way, 1.0, np.nan)
        if (start < 0).all() or (end < 0).all():
            continue
        inner = factorised(solved.weights[free][:, free])
        clear = inner.solve(units(end[end >= 0], free.size))
        own = clear[end[end >= 0], np.arange(clear.shape[1])]
        kept = clear[start[start >= 0]] / own
        rows, cols = np.ix_(start >= 0, end >= 0)
        usual = solved.pair[rows, cols] / solved.own[end >= 0]
        share = np.clip(1.0 - kept / usual, 0.0, 1.0)
        out[n][rows, cols] = np.where(task.way[rows, cols], share, np.nan)
    return out


def entering(task: Task, solved: Solved, entrance: Entrances) -> NDArray[np.float64]:
    """Chance of each side being where a set is first entered."""
    edges, inside = task.edges, entrance.inside
    out = np.full((entrance.sides, *task.way.shape), np.nan)
    start, end = ~inside[task.sources], inside[task.targets]
    asked = task.way & start[:, None] & end[None, :]
    if not asked.any():
        return out
    free = np.flatnonzero(~inside)
    place = np.full(len(inside), -1)
    place[free] = np.arange(free.size)
    outer = factorised(solved.weights[free][:, free])
    come = outer.solve(units(place[task.sources[start]], free.size), "T")
    over = np.flatnonzero(~inside[edges.tail] & inside[edges.head])
    weight = np.asarray(solved.weights[edges.tail[over], edges.head[over]]).ravel()
    rows, cols = np.ix_(start, end)
    for side in range(entrance.sides):
        own = entrance.side[edges.tail[over]] == side
        first = come[place[edges.tail[over[own]]]].T * weight[own]
        share = first @ solved.to_end[edges.head[over[own]]][:, end] / solved.pair[rows, cols]
        out[side][rows, cols] = np.where(asked[rows, cols], share, np.nan)
    return out


def units(nodes: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """One column per node with a one at it, shape (size, nodes)."""
    out = np.zeros((size, len(nodes)))
    out[nodes, np.arange(len(nodes))] = 1.0
    return out
