"""Stretches of a line that stand in most draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.line.course import follow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.territory import Instance
    from vallum.theatre import Theatre

__all__ = ["near_boundary", "pieces", "stretches"]

LEAST_KM = 10.0  # of a stretch that is called no-regret
COLUMNS = {
    "line": int, "from_km": float, "to_km": float, "length_km": float, "share": float,
    "least": float, "no_regret": bool, "near": str, "state": str,
}  # fmt: skip


def near_boundary(held: NDArray[np.bool_], fenced: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the cells within one cell of a territory's line.

    Parameters
    ----------
    held
        The territory, shape (rows, cols).
    fenced
        Cells towards which a line is needed, same shape.

    Returns
    -------
    near
        The held cells on the line and the eight cells around each.
    """
    open_ = np.pad(~held & fenced, 1)
    beside = open_[:-2, 1:-1] | open_[2:, 1:-1] | open_[1:-1, :-2] | open_[1:-1, 2:]
    wide = np.pad(held & beside, 1)
    wide = wide[:-2] | wide[1:-1] | wide[2:]
    return np.asarray(wide[:, :-2] | wide[:, 1:-1] | wide[:, 2:])


def pieces(sure: NDArray[np.bool_], length_km: NDArray[np.float64]) -> list[tuple[int, int, bool]]:
    """Cut a line where it ceases to be sure; what is sure for less than 10 km is not.

    Parameters
    ----------
    sure, length_km
        Of each edge in order, shape (edges,).

    Returns
    -------
    list
        First edge, edge after the last, and whether it is sure.

    Examples
    --------
    >>> pieces(np.array([True, True, False, True]), np.array([6.0, 6.0, 6.0, 6.0]))
    [(0, 2, True), (2, 4, False)]
    """
    kept = np.asarray(sure, bool).copy()
    for first, last in _runs(kept):
        if kept[first] and length_km[first:last].sum() < LEAST_KM - 1e-9:
            kept[first:last] = False
    return [(first, last, bool(kept[first])) for first, last in _runs(kept)]


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Give runs of equal flags."""
    if not flags.size:
        return []
    ends = [*(np.flatnonzero(np.diff(flags)) + 1).tolist(), flags.size]
    return list(zip([0, *ends[:-1]], ends, strict=True))


def stretches(
    theatre: Theatre,
    problem: Instance,
    held: NDArray[np.bool_],
    flank: NDArray[np.float64],
    near: NDArray[np.float64],
    share: float,
) -> pd.DataFrame:
    """Cut the line of a territory into stretches that stand in most draws, and others.

    Parameters
    ----------
    theatre, problem, held, flank
        As for `vallum.line.course.follow`.
    near
        Share of draws whose line runs within one cell of a cell, shape (rows, cols).
    share
        From which on an edge is sure.

    Returns
    -------
    DataFrame
        As `Robust.stretches`, without `step`.
    """
    course = follow(problem, held, flank, theatre.grid)
    code = theatre.ground["state"].to_numpy().ravel()
    rows = []
    for number, (run, rim) in enumerate(zip(course.runs, course.shares, strict=True)):
        by_edge, length = near.ravel()[run.cells], rim.length_km
        turn = _first(by_edge >= share - 1e-9) if run.closed else 0
        order = np.roll(np.arange(by_edge.size), -turn)
        ends = np.concatenate([[0.0], np.cumsum(length)])
        for first, last, sure in pieces(by_edge[order] >= share - 1e-9, length[order]):
            part = order[first:last]
            km = float(length[part].sum())
            middle = int(run.cells[part[part.size // 2]])
            state = str(theatre.countries.index[code[middle]])
            rows.append(
                {
                    "line": number,
                    "from_km": float(ends[part[0]]),
                    "to_km": float(ends[part[-1] + 1]),
                    "length_km": km,
                    "share": float(np.average(by_edge[part], weights=length[part]))
                    if km > 0
                    else float(by_edge[part].mean()),
                    "least": float(by_edge[part].min()),
                    "no_regret": sure,
                    "near": _nearest(theatre, middle, state),
                    "state": state,
                }
            )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _first(sure: NDArray[np.bool_]) -> int:
    """Where to begin a closed line: at an edge that differs from the one before it."""
    change = np.flatnonzero(sure != np.roll(sure, 1))
    return int(change[0]) if change.size else 0


def _nearest(theatre: Theatre, cell: int, iso3: str) -> str:
    """Name the state's settlement that is nearest to a cell; the larger of two as near."""
    row, col = divmod(cell, theatre.grid.cols)
    towns = theatre.settlements[theatre.settlements["iso3"] == iso3]
    if not len(towns):
        return ""
    x, y = theatre.grid.x[col], theatre.grid.y[row]
    away = (towns.geometry.x.to_numpy() - x) ** 2 + (towns.geometry.y.to_numpy() - y) ** 2
    best = np.lexsort((-towns["people"].to_numpy(), away))[0]
    return str(towns["name"].iloc[int(best)])
