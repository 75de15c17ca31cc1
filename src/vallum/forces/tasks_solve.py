"""A mixed-integer program by HiGHS: one thread, a limit of nodes, no clock; with its bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import highspy
import numpy as np
from highspy._core import _Highs

from vallum.errors import CertificateError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

__all__ = ["Answer", "Program", "minimise"]

SCALE = 1e-6  # of the objective: millions, so that tolerances mean the same in every theatre

CUTS = 500  # kept in the pool; with HiGHS's 10,000 the same bounds took about twice as long


@dataclass(frozen=True, eq=False)
class Program:
    """Minimise `cost · x` with `row_lower ≤ A x ≤ row_upper`, `lower ≤ x ≤ upper`.

    Attributes
    ----------
    cost, lower, upper, integer
        Of the columns, shape (columns,).
    matrix
        A, shape (rows, columns).
    row_lower, row_upper
        Shape (rows,).
    """

    cost: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    integer: NDArray[np.bool_]
    matrix: sparse.csr_array
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answer:
    """What the search found.

    Attributes
    ----------
    status
        "optimal" within the gap asked for; "feasible", the nodes ran out; "none", they ran out
        before a solution was found; "infeasible".
    x
        The columns; empty without a solution.
    bound
        No solution costs less; −inf where none is known.
    nodes
        That were opened.
    """

    status: Literal["optimal", "feasible", "none", "infeasible"]
    x: NDArray[np.float64]
    bound: float
    nodes: int


def minimise(
    program: Program,
    *,
    gap: float,
    nodes: int,
    start: NDArray[np.float64] | None = None,
) -> Answer:
    """Solve a program.

    Parameters
    ----------
    program
        The program.
    gap
        Relative gap at which the search ends.
    nodes
        Most nodes to open.
    start
        A solution to begin from; what is found is never dearer.

    Returns
    -------
    answer
        The same for the same program and start, always.

    Raises
    ------
    CertificateError
        If HiGHS fails.
    """
    solver = _Highs()  # `highspy.Highs` itself prints a banner when it is made
    options = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": gap,
        "mip_abs_gap": 0.0,
        "mip_pool_soft_limit": CUTS,
        "mip_max_nodes": nodes,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(program))
    if start is not None:
        held = highspy.HighsSolution()
        held.col_value = start.tolist()
        solver.setSolution(held)
    if solver.run() == highspy.HighsStatus.kError:
        raise CertificateError("the tasks: HiGHS failed. This is our fault; please report it")
    status, info = solver.getModelStatus(), solver.getInfo()
    known = bool(info.primal_solution_status == 2)
    nothing = np.zeros(0)
    if status in {
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    }:
        return Answer("infeasible", nothing, np.inf, int(info.mip_node_count))
    whole = bool(program.integer.any())
    bound = float(info.mip_dual_bound if whole else info.objective_function_value) / SCALE
    count = max(int(info.mip_node_count), 0)
    if not known:
        return Answer("none", nothing, bound, count)
    done = status == highspy.HighsModelStatus.kOptimal
    x = np.array(solver.getSolution().col_value, np.float64)
    return Answer("optimal" if done else "feasible", x, bound, count)


def _model(program: Program) -> highspy.HighsLp:
    """Hand the program to HiGHS."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(program.cost), len(program.row_lower)
    model.col_cost_ = program.cost * SCALE
    model.col_lower_, model.col_upper_ = program.lower, program.upper
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = program.matrix.indptr
    model.a_matrix_.index_ = program.matrix.indices
    model.a_matrix_.value_ = program.matrix.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[int(flag)] for flag in program.integer]
    return model
