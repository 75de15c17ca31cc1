"""Stretches that one unit can hold: contiguous, as few as can be, and evenly loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault, InfeasibleError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.forces.tasks_settings import TasksSettings

__all__ = ["cut", "units"]

PIECES = 8  # that a unit's stretch is made of at least, so that loads can be evened out


def cut(
    men: NDArray[np.float64], km: NDArray[np.float64], unit_men: float, unit_km: float
) -> NDArray[np.int64]:
    """Cut a row of pieces into contiguous stretches that one unit each can hold.

    Of all ways with the fewest units, the one with the least `Σ men²`: at a given total, the most
    even. By dynamic programming, so exact: `f[g, j] = min_i f[g − 1, i] + (M_j − M_i)²` over the
    stretches from i to j that a unit can hold.

    Parameters
    ----------
    men, km
        Of each piece in order, shape (pieces,).
    unit_men, unit_km
        What a unit can hold.

    Returns
    -------
    ends
        The number of pieces up to the end of each stretch, shape (units,).

    Raises
    ------
    InfeasibleError
        If a piece is more than a unit can hold.

    Examples
    --------
    >>> cut(np.array([3.0, 1.0, 1.0, 3.0]), np.ones(4), 5.0, 9.0).tolist()
    [2, 4]
    """
    slack = 1.0 + 1e-9
    if (men > unit_men * slack).any() or (km > unit_km * slack).any():
        raise InfeasibleError(
            [Fault("tasks", "units", "a piece that no unit can hold", "raise unit_men or unit_km")]
        )
    total, way = (np.concatenate([[0.0], np.cumsum(part)]) for part in (men, km))
    count = len(men)
    # from where a stretch that ends at j may begin, at the earliest
    first = np.array(
        [
            int(
                np.argmax(
                    (total[j] - total[: j + 1] <= unit_men * slack)
                    & (way[j] - way[: j + 1] <= unit_km * slack)
                )
            )
            for j in range(count + 1)
        ]
    )
    fewest, at = 0, count
    while at > 0:
        at = int(first[at])
        fewest += 1
    best = np.full((fewest + 1, count + 1), np.inf)
    came = np.zeros((fewest + 1, count + 1), np.int64)
    best[0, 0] = 0.0
    for j in range(1, count + 1):
        begin = np.arange(first[j], j)
        through = best[:-1, begin] + (total[j] - total[begin]) ** 2
        least = through.argmin(axis=1)
        best[1:, j] = through[np.arange(fewest), least]
        came[1:, j] = begin[least]
    ends = []
    at = count
    for group in range(fewest, 0, -1):
        ends.append(at)
        at = int(came[group, at])
    return np.array(ends[::-1], np.int64)


def units(sectors: pd.DataFrame, guards: pd.DataFrame, settings: TasksSettings) -> pd.DataFrame:
    """Cut the line into stretches of one unit each.

    Sectors are taken in their order along the line and cut into equal pieces; a stretch never
    crosses from the guards of one state to those of another.

    Parameters
    ----------
    sectors
        sector, line, next, previous, length_km.
    guards
        Index sector: state and men (paid) of its guards.
    settings
        `unit_men`, `unit_km`.

    Returns
    -------
    units
        unit (from 1, along each line), line, state, from_sector, to_sector, length_km, men.
    """
    out = []
    for line, state, names in _runs(sectors, guards["state"]):
        length = sectors.set_index("sector")["length_km"].astype(float)
        men, km, where = [], [], []
        for name in names:
            load, way = float(guards["men"][name]), float(length[name])
            parts = int(
                np.ceil(PIECES * max(load / settings.unit_men, way / settings.unit_km, 1e-9))
            )
            men += [load / parts] * parts
            km += [way / parts] * parts
            where += [name] * parts
        begin = 0
        for end in cut(np.array(men), np.array(km), settings.unit_men, settings.unit_km):
            out.append(
                {
                    "line": line,
                    "state": state,
                    "from_sector": where[begin],
                    "to_sector": where[end - 1],
                    "length_km": float(np.sum(km[begin:end])),
                    "men": float(np.sum(men[begin:end])),
                }
            )
            begin = int(end)
    table = pd.DataFrame(out)
    table.insert(0, "unit", np.arange(1, len(table) + 1))
    return table


def _runs(sectors: pd.DataFrame, state: pd.Series[str]) -> list[tuple[object, str, list[str]]]:
    """List the runs of neighbouring sectors that one state guards, along each line."""
    names = sectors["sector"].tolist()
    line = dict(zip(names, sectors["line"], strict=True))
    after: dict[str, str | None] = dict(zip(names, sectors["next"], strict=True))
    before = {b: a for a, b in after.items() if b is not None}
    left = dict.fromkeys(names)
    out: list[tuple[object, str, list[str]]] = []
    # a run begins where no neighbour comes before, or one of another state; a ring of one state
    # begins anywhere: at its first sector
    starts = [n for n in names if n not in before or state[before[n]] != state[n]]
    for start in [*starts, *names]:
        if start not in left:
            continue
        run: list[str] = []
        at: str | None = start
        while at is not None and at in left and state[at] == state[start]:
            run.append(at)
            del left[at]
            at = after[at]
        out.append((line[start], str(state[start]), run))
    return sorted(out, key=lambda one: names.index(one[2][0]))
