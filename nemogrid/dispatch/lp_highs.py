r"""HiGHS on arrays, and what its answer proves.

The lower bound is computed here from the duals :math:`y` of the rows. Signs that a row does not
allow are cut to zero, the reduced costs are :math:`z = c - A^\top y`, and with finite bounds of
all variables every such :math:`y` gives a bound:

.. math::

   c^\top x \;\ge\; \sum_i \min\{y_i \underline{b}_i, y_i \overline{b}_i\}'
              + \sum_j \min\{z_j \underline{x}_j, z_j \overline{x}_j\},

where the prime says that the side of a row that is not bounded does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nemogrid.dispatch.lp_matrix import LinearProgram
from nemogrid.errors import SolveError

TOLERANCE = 1e-9
"""Feasibility of rows, bounds and duals that HiGHS is asked for."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ArrayProgram:
    """A linear program in plain arrays, as solvers take it.

    Parameters
    ----------
    matrix : scipy.sparse.csc_array, shape (m, n)
        Coefficients.
    cost, lower, upper : numpy.ndarray, shape (n,)
        Cost of a unit and finite bounds of each variable.
    row_lower, row_upper : numpy.ndarray, shape (m,)
        Bounds of each row.
    integer : numpy.ndarray of bool, shape (n,)
        Which variables are whole numbers.
    offset : float
        Added to the objective.
    """

    matrix: Any
    cost: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    row_lower: np.ndarray
    row_upper: np.ndarray
    integer: np.ndarray
    offset: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class ArraySolution:
    """An optimum and its proof.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        Variables.
    duals : numpy.ndarray, shape (m,)
        Prices of the rows; zeros for a program with whole numbers.
    bound : float
        No solution costs less than this.
    primal_residual, dual_residual : float
        Largest violation of a bound or row, and largest dual of a wrong sign.
    iterations : int
        Of the simplex method.
    basis : highspy.HighsBasis or None
        From where the simplex method can go on.
    """

    values: np.ndarray
    duals: np.ndarray
    bound: float
    primal_residual: float
    dual_residual: float
    iterations: int
    basis: Any = None


def in_arrays(program: LinearProgram) -> ArrayProgram:
    """Put the groups of columns and families of rows side by side.

    Parameters
    ----------
    program : LinearProgram
        In named parts.

    Returns
    -------
    ArrayProgram
    """
    groups = program.columns.values()
    row_lower, row_upper = (
        np.concatenate([bounds[i] for bounds in program.row_bounds.values()]) for i in (0, 1)
    )
    return ArrayProgram(
        matrix=program.matrix(),
        cost=program.joined("cost"),
        lower=program.joined("lower"),
        upper=program.joined("upper"),
        row_lower=row_lower,
        row_upper=row_upper,
        integer=np.concatenate([np.full(len(group.cost), group.integer) for group in groups]),
        offset=program.offset,
    )


def solve_arrays(
    program: ArrayProgram, *, time_limit_s: float = 600.0, start: ArraySolution | None = None
) -> ArraySolution:
    """Solve a program with HiGHS.

    Parameters
    ----------
    program : ArrayProgram
        With whole numbers, or without.
    time_limit_s : float
        When to give up [s].
    start : ArraySolution, optional
        Of a program with the same rows and columns: its basis is the first one tried.

    Returns
    -------
    ArraySolution

    Raises
    ------
    SolveError
        If HiGHS does not find and prove an optimum.

    Examples
    --------
    >>> from scipy import sparse
    >>> program = ArrayProgram(
    ...     matrix=sparse.csc_array(np.ones((1, 2))), cost=np.array([1.0, 2.0]),
    ...     lower=np.zeros(2), upper=np.full(2, 3.0), row_lower=np.array([4.0]),
    ...     row_upper=np.array([np.inf]), integer=np.zeros(2, dtype=bool),
    ... )
    >>> solution = solve_arrays(program)
    >>> solution.values.tolist(), solution.bound
    ([3.0, 1.0], 5.0)
    """
    import highspy

    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.silent()
    whole = bool(program.integer.any())
    for name, value in _options(whole, time_limit_s).items():
        highs.setOptionValue(name, value)
    highs.passModel(_model(program))
    if start is not None:
        highs.setBasis(start.basis)
    highs.run()
    status = highs.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise SolveError(
            f"HiGHS on {len(program.row_lower)} rows and {len(program.cost)} columns: "
            f"{highs.modelStatusToString(status).lower()}, expected optimal"
        )
    solution, info = highs.getSolution(), highs.getInfo()
    values = np.array(solution.col_value)
    duals = np.zeros(len(program.row_lower)) if whole else np.array(solution.row_dual)
    bound, dual_residual = dual_bound(program, duals)
    return ArraySolution(
        values=values,
        duals=duals,
        bound=float(info.mip_dual_bound) if whole else bound,
        primal_residual=primal_residual(program, values),
        dual_residual=0.0 if whole else dual_residual,
        iterations=int(info.simplex_iteration_count),
        basis=None if whole else highs.getBasis(),
    )


def dual_bound(program: ArrayProgram, duals: np.ndarray) -> tuple[float, float]:
    """Compute the lower bound that duals prove, and their largest wrong sign.

    Parameters
    ----------
    program : ArrayProgram
        With finite bounds of its variables.
    duals : numpy.ndarray, shape (m,)
        Any prices of the rows.

    Returns
    -------
    bound, residual : float
    """
    wrong = np.where(duals > 0, np.isinf(program.row_lower), np.isinf(program.row_upper))
    kept = np.where(wrong, 0.0, duals)
    reduced = program.cost - program.matrix.T @ kept
    rows = np.where(kept > 0, program.row_lower, program.row_upper)
    columns = np.where(reduced > 0, program.lower, program.upper)
    priced = float(kept[kept != 0] @ rows[kept != 0]) + float(reduced @ columns)
    return program.offset + priced, float(np.abs(duals[wrong]).max(initial=0.0))


def primal_residual(program: ArrayProgram, values: np.ndarray) -> float:
    """Find the largest violation of a bound or a row.

    Parameters
    ----------
    program : ArrayProgram
        The program.
    values : numpy.ndarray, shape (n,)
        Its variables.

    Returns
    -------
    float
    """
    rows = program.matrix @ values
    violations = (
        program.lower - values, values - program.upper,
        program.row_lower - rows, rows - program.row_upper,
    )  # fmt: skip
    return max(0.0, *(float(violation.max(initial=0.0)) for violation in violations))


def _options(whole: bool, time_limit_s: float) -> dict[str, object]:
    # On a year of one battery the dual simplex method with Devex prices was two to four times as
    # fast as the interior point method with crossover, and never among the slow ones.
    linear = {"solver": "simplex", "simplex_dual_edge_weight_strategy": 1}
    mixed = {"mip_rel_gap": 0.0, "mip_abs_gap": TOLERANCE, "mip_feasibility_tolerance": TOLERANCE}
    return {
        "primal_feasibility_tolerance": TOLERANCE,
        "dual_feasibility_tolerance": TOLERANCE,
        "time_limit": time_limit_s,
        **(mixed if whole else linear),
    }


def _model(program: ArrayProgram) -> Any:
    import highspy

    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = program.matrix.shape
    model.offset_ = program.offset
    model.col_cost_, model.col_lower_, model.col_upper_ = program.cost, program.lower, program.upper
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = program.matrix.indptr
    model.a_matrix_.index_ = program.matrix.indices
    model.a_matrix_.value_ = program.matrix.data
    if program.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[whole] for whole in program.integer.tolist()]
    return model
