"""A nested chain of territories: the exact frontier's steps, and what is put between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.kernel.cut import Frontier

__all__ = ["Chain", "exact_chain"]


@dataclass(frozen=True, eq=False)
class Chain:
    """Territories, each within the next.

    Attributes
    ----------
    entry
        The step, counted from 0, at which a cell enters; −1 never. Shape (rows, cols), int.
    steps
        One row per step: `kind` ("exact", an optimum at a price, or "refined"), `mu` (a price at
        which it is an optimum; NaN where refined), `benefit`, `holding`, `closure` (USD/yr),
        `line_km`, `cells`; `ceiling` (USD/yr: the most that any territory of its cost, nested or
        not, could earn, by the frontier's proof), `bound` (USD/yr: the tightest such bound that
        was proved, by the search where there was one) and `regret` (USD/yr: `bound − benefit`, the
        most that a plan of that cost, which need not be nested, could earn beyond it). Refined
        chains also have `beyond` (what lies up to the next step: `vallum.kernel.refine.refine`).
    """

    entry: NDArray[np.int32]
    steps: pd.DataFrame


def exact_chain(found: Frontier) -> Chain:
    """Make a chain of a frontier's own steps and nothing else.

    Parameters
    ----------
    found
        From `vallum.kernel.cut.solve`.

    Returns
    -------
    Chain
        All of its steps of kind "exact".
    """
    cost = found.steps["holding"] + found.steps["closure"]
    ceiling = np.array([found.ceiling(spent) for spent in cost.tolist()], float)
    ceiling = np.maximum(ceiling, found.steps["benefit"].to_numpy(float))  # rounding
    steps = found.steps.assign(kind="exact", ceiling=ceiling, bound=ceiling)
    steps["regret"] = steps["bound"] - steps["benefit"]
    return Chain(found.entry, steps)
