"""HiGHS with one set of options: one thread, one seed, nodes counted and no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np
from highspy._core import _Highs

from vallum.errors import CertificateError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Program", "Solved", "quiet", "solve"]

_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Program:
    """Minimise `cost · x` with `row_lower ≤ A x ≤ row_upper` and `lower ≤ x ≤ upper`.

    Attributes
    ----------
    cost, lower, upper
        Shape (columns,).
    whole
        Columns that must be integers, shape (columns,), bool.
    row, column, entry
        The nonzero entries of `A`.
    row_lower, row_upper
        Shape (rows,).
    """

    cost: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    whole: NDArray[np.bool_]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    entry: NDArray[np.float64]
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Solved:
    """What HiGHS says of a `Program`.

    Attributes
    ----------
    x
        The best point found, shape (columns,); None where none was found.
    value, bound
        Its objective, and the bound below which no point lies.
    dual
        Of each row, shape (rows,); empty with integers.
    nodes
        Of branch and bound.
    feasible
        False where no point can exist.
    """

    x: NDArray[np.float64] | None
    value: float
    bound: float
    dual: NDArray[np.float64]
    nodes: int
    feasible: bool


def quiet() -> _Highs:
    """Make a solver that prints nothing and does the same on every machine and run."""
    solver = _Highs()  # `highspy.Highs` itself prints a banner when it is made
    options: dict[str, bool | int | float | str] = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": 0,
        "primal_feasibility_tolerance": _TOLERANCE,
        "dual_feasibility_tolerance": _TOLERANCE,
        "mip_feasibility_tolerance": _TOLERANCE,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": _TOLERANCE,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    return solver


def solve(program: Program, *, nodes: int | None = None) -> Solved:
    """Solve a programme, by branch and bound where it has integers.

    Parameters
    ----------
    program
        The programme.
    nodes
        Most nodes of branch and bound.

    Returns
    -------
    Solved
        The best point and bound; both equal (to 1e-9) unless the nodes ran out.

    Raises
    ------
    CertificateError
        If HiGHS stops for another reason.
    """
    solver = quiet()
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", nodes)
    solver.passModel(_model(program))
    solver.run()
    status = solver.getModelStatus()
    kinds = highspy.HighsModelStatus
    none, never = np.zeros(0), {kinds.kInfeasible, kinds.kUnboundedOrInfeasible}
    if status in never:  # presolve takes rows that all but meet for rows that don't
        solver.setOptionValue("presolve", "off")
        solver.clearSolver()
        solver.run()
        status = solver.getModelStatus()
    if status in never:
        return Solved(None, np.inf, np.inf, none, 0, feasible=False)
    if status not in {kinds.kOptimal, kinds.kSolutionLimit}:
        raise CertificateError(f"HiGHS stopped with {solver.modelStatusToString(status)}")
    info, solution = solver.getInfo(), solver.getSolution()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    x = np.array(solution.col_value) if found else None
    value = float(info.objective_function_value) if found else np.inf
    if not program.whole.any():
        return Solved(x, value, value, np.array(solution.row_dual), 0, feasible=True)
    bound = min(float(info.mip_dual_bound), value)
    return Solved(x, value, bound, none, max(int(info.mip_node_count), 0), feasible=True)


def _model(program: Program) -> highspy.HighsLp:
    """Write a programme as HiGHS reads it, row by row."""
    order = np.argsort(program.row, kind="stable")
    rows = program.row_lower.size
    start = np.zeros(rows + 1, np.int64)
    np.cumsum(np.bincount(program.row, minlength=rows), out=start[1:])
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = program.cost.size, rows
    model.col_cost_, model.col_lower_ = program.cost, program.lower
    model.col_upper_ = program.upper
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = start.astype(np.int32)
    model.a_matrix_.index_ = program.column[order].astype(np.int32)
    model.a_matrix_.value_ = program.entry[order]
    if program.whole.any():
        kinds = highspy.HighsVarType
        model.integrality_ = [kinds.kInteger if w else kinds.kContinuous for w in program.whole]
    return model
