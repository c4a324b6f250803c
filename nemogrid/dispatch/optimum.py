r"""What a solver's answer is worth: a certificate from the duals, and the plans of equal cost.

A linear programme :math:`\min c^\top x` with rows :math:`A x \{\le, =, \ge\} b` and bounds
:math:`l \le x \le u` has the duals :math:`y` of its rows and the reduced costs
:math:`r = c - A^\top y`. Whatever the solver says, :math:`x` is optimal where it is feasible, the
signs of :math:`y` and :math:`r` allow no improvement, and

.. math:: c^\top x = b^\top y + \sum_j \min(l_j r_j, u_j r_j).

By complementary slackness the optimal solutions are exactly the feasible ones that sit at the
bound of every :math:`x_j` with :math:`r_j \ne 0` and meet every row with :math:`y_i \ne 0`. Held
there, a second objective chooses among the solutions of equal cost and cannot change the cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nemogrid.dispatch.solvers import solver
from nemogrid.errors import SolveError
from nemogrid.results import Certificate

SLACK = 1e-9
"""Duals and reduced costs up to this, relative to the largest price, count as zero."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearForm:
    """A model as arrays.

    Parameters
    ----------
    costs : numpy.ndarray, shape (n,)
        Of the variables.
    offset : float
        Constant of the objective.
    matrix : scipy.sparse.csc_array, shape (m, n)
        Coefficients.
    kind : numpy.ndarray of int, shape (m,)
        1 for at most, 0 for equal, -1 for at least.
    rhs : numpy.ndarray, shape (m,)
        Right-hand sides.
    lower, upper : numpy.ndarray, shape (n,)
        Bounds of the variables.
    constraints, variables : list
        Pyomo's objects of the rows and columns.
    """

    costs: np.ndarray
    offset: float
    matrix: Any
    kind: np.ndarray
    rhs: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    constraints: list[Any]
    variables: list[Any]

    def point(self) -> np.ndarray:
        """Read the values of the variables, shape (n,)."""
        return np.array([variable.value for variable in self.variables], dtype=float)

    def duals(self, model: Any) -> np.ndarray:
        """Read the duals of the rows, shape (m,)."""
        return np.array([model.dual[row] for row in self.constraints], dtype=float)

    def primal_residual(self, point: np.ndarray) -> float:
        """Find the largest violation of a row or bound."""
        excess = self.matrix @ point - self.rhs
        rows = np.where(self.kind == 0, np.abs(excess), self.kind * excess)
        bounds = np.maximum(self.lower - point, point - self.upper)
        return float(max(rows.max(initial=0.0), bounds.max(initial=0.0), 0.0))

    def dual_bound(self, duals: np.ndarray) -> tuple[float, float]:
        """Bound the optimum from below, and find the largest dual that points the wrong way."""
        reduced = self.reduced_costs(duals)
        ends = np.where(reduced > 0, self.lower, self.upper)
        bounded = np.isfinite(ends)
        bound = duals @ self.rhs + reduced[bounded] @ ends[bounded] + self.offset
        unbounded = np.abs(reduced[~bounded]).max(initial=0.0)
        wrong = (duals * self.kind)[self.kind != 0].max(initial=0.0)
        return float(bound), float(max(unbounded, wrong))

    def reduced_costs(self, duals: np.ndarray) -> np.ndarray:
        """Price the variables at the duals, shape (n,)."""
        return np.asarray(self.costs - self.matrix.T @ duals)


def linear_form(model: Any) -> LinearForm:
    """Lay a linear Pyomo model out as arrays.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        With one active objective, to be minimised.

    Returns
    -------
    LinearForm
    """
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    bounds = [variable.bounds for variable in form.columns]
    return LinearForm(
        costs=form.c.toarray()[0],
        offset=float(form.c_offset[0]),
        matrix=form.A,
        kind=np.array([row.bound_type for row in form.rows], dtype=int),
        rhs=np.array(form.rhs, dtype=float),
        lower=np.array([-np.inf if low is None else low for low, _ in bounds], dtype=float),
        upper=np.array([np.inf if up is None else up for _, up in bounds], dtype=float),
        constraints=[row.constraint for row in form.rows],
        variables=list(form.columns),
    )


def solve_certified(
    model: Any, *, engine: str, then: tuple[Callable[[Any], Any], ...] = ()
) -> tuple[Certificate, dict[Any, float]]:
    """Solve a linear model, choose among the optimal solutions, and certify the choice.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        With the objective ``expenditure`` and the suffix ``dual``; afterwards it holds the
        solution, and is otherwise as before.
    engine : {"highs", "glpk"}
        Solver.
    then : tuple of callable
        Write what to minimise next among the solutions that are optimal so far.

    Returns
    -------
    certificate : Certificate
        Of the last solution for the first objective.
    duals : dict
        Duals of the first objective, by constraint.

    Raises
    ------
    SolveError
        If the solver is missing, finds no optimum, or its answer fails the certificate.
    """
    import pyomo.environ as pyo

    _solve(model, engine)
    first = stage = linear_form(model)
    duals = first.duals(model)
    kept = dict(zip(first.constraints, duals.tolist(), strict=True))
    bound, dual_residual = first.dual_bound(duals)
    changed: list[Callable[[], None]] = []
    try:
        for goal in then:
            changed += _hold_at_optimum(stage, stage.duals(model))
            model.expenditure.deactivate()
            model.del_component("choice")
            model.choice = pyo.Objective(rule=goal, sense=pyo.minimize)
            _solve(model, engine)
            stage = linear_form(model)
    finally:
        for undo in reversed(changed):
            undo()
        model.del_component("choice")
        model.expenditure.activate()
    objective = float(pyo.value(model.expenditure))
    certificate = Certificate(
        method=f"{model.name}, Pyomo with {engine}",
        objective=objective,
        primal_residual=first.primal_residual(first.point()),
        dual_residual=dual_residual,
        gap=abs(objective - bound) / max(abs(objective), 1.0),
    )
    return certificate.require(1e-6), kept


def _solve(model: Any, engine: str) -> None:
    chosen = solver(engine)
    if engine == "highs":
        for side in ("primal", "dual"):
            chosen.options[f"{side}_feasibility_tolerance"] = 1e-9
    result = chosen.solve(model, load_solutions=False)
    condition = str(result.solver.termination_condition)
    if condition != "optimal":
        raise SolveError(f"{model.name}, Pyomo with {engine}: {condition}, expected optimal")
    model.solutions.load_from(result)


def _hold_at_optimum(form: LinearForm, duals: np.ndarray) -> list[Callable[[], None]]:
    """Fix bounds with reduced costs and rows with duals; return how to undo each."""
    reduced, point = form.reduced_costs(duals), form.point()
    slack = SLACK * max(1.0, float(np.abs(form.costs).max(initial=0.0)))
    undo: list[Callable[[], None]] = []
    for j in np.flatnonzero((np.abs(reduced) > slack) & (form.lower < form.upper)):
        variable, low, up = form.variables[j], form.lower[j], form.upper[j]
        undo.append(partial(_bound, variable, *variable.bounds))
        end = float(low if abs(point[j] - low) <= abs(point[j] - up) else up)
        _bound(variable, end, end)
    for i in np.flatnonzero((form.kind != 0) & (np.abs(duals) > slack)):
        row = form.constraints[i]
        undo.append(partial(row.set_value, row.expr))
        row.set_value(row.body == (row.upper if form.kind[i] > 0 else row.lower))
    return undo


def _bound(variable: Any, low: float | None, up: float | None) -> None:
    variable.setlb(low)
    variable.setub(up)
