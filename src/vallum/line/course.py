"""The line of one plan, piece by piece: what of the cut each held cell and each edge carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.kernel.border import standing
from vallum.line import trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.kernel.territory import Instance

__all__ = ["Course", "carried", "follow"]


@dataclass(frozen=True, eq=False)
class Course:
    """Where the line of a territory runs, and what it carries.

    Attributes
    ----------
    runs
        Its unbroken runs, land held on the left.
    shares
        For each run what each of its edges carries: length and cost of the cut.
    by_cell
        The same by the held cell that carries it, flat over the grid: lengths in km, costs in
        USD/yr. Towards a neighbour that is watched a kilometre costs a part of its price.
    """

    runs: tuple[trace.Chain, ...]
    shares: tuple[trace.Rim, ...]
    by_cell: trace.Rim

    @property
    def table(self) -> pd.DataFrame:
        """One row per edge of boundary, in order along each line.

        Columns `line`, `closed`, `km` (its middle, from the start of its line), `length_km`,
        `cost_usd_yr`, `cell` (flat, the held one) and `facing` (flat, the one in front).
        """
        parts = []
        for n, (run, share) in enumerate(zip(self.runs, self.shares, strict=True)):
            ends = np.cumsum(share.length_km)
            parts.append(
                pd.DataFrame(
                    {
                        "line": n,
                        "closed": run.closed,
                        "km": ends - share.length_km / 2.0,
                        "length_km": share.length_km,
                        "cost_usd_yr": share.cost_usd_yr,
                        "cell": run.cells,
                        "facing": run.facing,
                    }
                )
            )
        return pd.concat(parts, ignore_index=True) if parts else _nothing()


def follow(
    problem: Instance, held: NDArray[np.bool_], flank: NDArray[np.float64], grid: Grid
) -> Course:
    """Follow the line of a territory.

    Parameters
    ----------
    problem
        Whose prices and lengths it is.
    held
        Shape (rows, cols).
    flank
        How open outside cells are, same shape; no line stands towards 0.
    grid
        For distances.

    Returns
    -------
    Course
        Its lengths and costs add up to the score's.
    """
    runs = trace.chains(held, flank > 0)
    rim = carried(problem, held)
    return Course(runs, tuple(trace.crossings(runs, rim, grid)), rim)


def carried(problem: Instance, held: NDArray[np.bool_]) -> trace.Rim:
    """Length and price of the cut by the held cell that carries them, over the whole grid."""
    chosen = held.ravel()[problem.cells]
    length, price = standing(problem, chosen)
    whole = np.zeros((2, held.size))
    whole[:, problem.cells] = length, price
    return trace.Rim(length_km=whole[0], cost_usd_yr=whole[1])


def _nothing() -> pd.DataFrame:
    columns = {"line": int, "closed": bool, "km": float, "length_km": float,
               "cost_usd_yr": float, "cell": int, "facing": int}  # fmt: skip
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in columns.items()})
