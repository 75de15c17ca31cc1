"""Sobol indices by SALib: Saltelli's design on a scrambled Sobol sequence."""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Saltelli"]


class Saltelli:
    """A design of `base (k + 2)` draws and the estimator that goes with it.

    Parameters
    ----------
    base
        Rows of the base sample, a power of 2.
    seed
        Of the scrambling, and of the estimator's own resampling.
    """

    def __init__(self, base: int, seed: int) -> None:
        self._base = base
        self._seed = seed
        self._problem: dict[str, Any] = {}

    def sample(self, lows: Floats, highs: Floats) -> Floats:
        """Give the design, shape (n, k)."""
        design = importlib.import_module("SALib.sample.sobol")  # slow: only where it is asked for
        self._problem = {
            "num_vars": len(lows),
            "names": [str(n) for n in range(len(lows))],
            "bounds": np.column_stack([lows, highs]).tolist(),
        }
        found = design.sample(
            self._problem, self._base, calc_second_order=False, scramble=True, seed=self._seed
        )
        return np.asarray(found, np.float64)

    def indices(self, values: Floats) -> tuple[Floats, Floats]:
        """Give first-order and total indices, shape (k,) each, of values on the design."""
        analysis = importlib.import_module("SALib.analyze.sobol")
        with warnings.catch_warnings():
            # of a sign that is rare some part of the design has none: its index is 0, as it should
            warnings.filterwarnings("ignore", "Constant values encountered", UserWarning)
            found = analysis.analyze(
                self._problem, values, calc_second_order=False, num_resamples=2, seed=self._seed
            )
        return np.nan_to_num(np.asarray(found["S1"])), np.nan_to_num(np.asarray(found["ST"]))
