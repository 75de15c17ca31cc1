"""Small linear programs by HiGHS, each held against its dual; and small systems in fractions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog

from vallum.errors import CertificateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Optimum", "minimise", "solve_exactly"]

_TOLERANCE = 1e-9  # of HiGHS; the programs here are scaled to amounts of about 1
_GAP = 1e-7  # between an optimum and the bound that its dual proves


@dataclass(frozen=True, eq=False)
class Optimum:
    """The optimum of a linear program, proven.

    Attributes
    ----------
    point
        Shape (variables,).
    value
        The objective there.
    weights
        Dual of each row `≥`, not negative, shape (rows,).
    """

    point: NDArray[np.float64]
    value: float
    weights: NDArray[np.float64]


def minimise(
    cost: NDArray[np.float64],
    rows: tuple[NDArray[np.float64], NDArray[np.float64]],
    equal: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> Optimum:
    """Minimise `cost · x` with `A x ≥ b` and `E x = f`, x free.

    Parameters
    ----------
    cost
        Shape (variables,).
    rows
        `A`, shape (rows, variables), and `b`.
    equal
        `E`, shape (equations, variables), and `f`.

    Returns
    -------
    Optimum
        Its dual weights are feasible and prove the value (weak duality), to 1e-7 for amounts of
        about 1.

    Raises
    ------
    CertificateError
        If HiGHS finds no optimum, or the dual does not prove the one it finds.
    """
    (above, least), (same, exact) = rows, equal
    found = linprog(
        cost,
        A_ub=-above,
        b_ub=-least,
        A_eq=same,
        b_eq=exact,
        bounds=(None, None),
        method="highs-ds",
        options={
            "primal_feasibility_tolerance": _TOLERANCE,
            "dual_feasibility_tolerance": _TOLERANCE,
        },
    )
    if found.status != 0:
        raise CertificateError(f"a linear program of the accord has no optimum: {found.message}")
    weights = np.maximum(-np.asarray(found.ineqlin.marginals, np.float64), 0.0)
    prices = np.asarray(found.eqlin.marginals, np.float64)
    point = np.asarray(found.x, np.float64)
    value = float(cost @ point)
    wrong = max(
        float(np.max(least - above @ point, initial=0.0)),
        float(np.abs(same @ point - exact).max(initial=0.0)),
        float(np.abs(above.T @ weights + same.T @ prices - cost).max(initial=0.0)),
        abs(float(least @ weights + exact @ prices) - value),
    )
    if wrong > _GAP * max(1.0, float(np.abs(point).max(initial=0.0))):
        raise CertificateError(
            f"a linear program of the accord misses its dual bound by {wrong:.3g}"
        )
    return Optimum(point, value, weights)


def solve_exactly(
    rows: Sequence[Sequence[int]], right: Sequence[Fraction]
) -> tuple[Fraction, ...] | None:
    """Solve a linear system in fractions, by the first rows that determine it.

    Parameters
    ----------
    rows
        Coefficients, whole numbers; rows that follow from those before are passed over.
    right
        Right-hand sides.

    Returns
    -------
    tuple
        The solution; None if the rows do not determine it.

    Examples
    --------
    >>> [str(x) for x in solve_exactly([(1, 1), (1, -1)], [Fraction(3), Fraction(2)])]
    ['5/2', '1/2']
    """
    kept: list[tuple[int, list[Fraction]]] = []  # pivot and reduced row, right-hand side last
    count = len(rows[0])
    for row, amount in zip(rows, right, strict=True):
        now = [Fraction(x) for x in row] + [amount]
        for pivot, other in kept:
            if now[pivot]:
                times = now[pivot]
                now = [a - times * b for a, b in zip(now, other, strict=True)]
        pivot = next((k for k in range(count) if now[k]), -1)
        if pivot < 0:
            continue
        scale = now[pivot]
        now = [a / scale for a in now]
        kept = [
            (p, [a - other[pivot] * b for a, b in zip(other, now, strict=True)])
            for p, other in kept
        ]
        kept.append((pivot, now))
        if len(kept) == count:
            return tuple(row_[-1] for _, row_ in sorted(kept))
    return None
