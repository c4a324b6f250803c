"""Tests of HiGHS on arrays and of the bound that duals prove."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from nemogrid.dispatch.lp_highs import ArrayProgram, dual_bound, primal_residual, solve_arrays
from nemogrid.errors import SolveError


def random_program(rng, m=4, n=7):
    """Draw a program that has a solution: the rows hold at a point inside the bounds."""
    matrix = rng.uniform(-1, 1, (m, n)) * (rng.random((m, n)) < 0.7)
    lower = rng.uniform(-2, 0, n)
    upper = lower + rng.uniform(0, 3, n)
    rows = matrix @ rng.uniform(lower, upper)
    kind = rng.integers(0, 3, m)
    return ArrayProgram(
        matrix=sparse.csc_array(matrix),
        cost=rng.uniform(-1, 1, n),
        lower=lower,
        upper=upper,
        row_lower=np.where(kind == 1, -np.inf, rows),
        row_upper=np.where(kind == 2, np.inf, rows),
        integer=np.zeros(n, dtype=bool),
        offset=3.0,
    )


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_the_bound_of_the_duals_is_the_optimum_of_another_interface(seed):
    """Strong duality, computed from arrays alone; any other duals prove less."""
    rng = np.random.default_rng(seed)
    program = random_program(rng)
    solution = solve_arrays(program)
    matrix = program.matrix.toarray()
    low, high = np.isfinite(program.row_lower), np.isfinite(program.row_upper)
    other = linprog(
        program.cost,
        A_ub=np.vstack([-matrix[low], matrix[high]]),
        b_ub=np.r_[-program.row_lower[low], program.row_upper[high]],
        bounds=np.column_stack([program.lower, program.upper]),
    )
    assert solution.bound == pytest.approx(other.fun + 3.0, abs=1e-8)
    assert program.cost @ solution.values + 3.0 == pytest.approx(solution.bound, abs=1e-8)
    assert solution.primal_residual < 1e-8
    assert solution.dual_residual < 1e-8
    anything, _ = dual_bound(program, rng.normal(size=len(program.row_lower)))
    assert anything <= solution.bound + 1e-9


def test_a_dual_of_a_wrong_sign_is_counted_and_proves_nothing():
    """A row with only an upper bound has no positive price."""
    program = ArrayProgram(
        matrix=sparse.csc_array(np.ones((1, 1))),
        cost=np.ones(1),
        lower=np.zeros(1),
        upper=np.ones(1),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([1.0]),
        integer=np.zeros(1, dtype=bool),
    )
    assert dual_bound(program, np.array([0.25])) == (0.0, 0.25)
    assert dual_bound(program, np.array([-0.25])) == (-0.25, 0.0)
    assert primal_residual(program, np.array([1.5])) == pytest.approx(0.5)


KNAPSACK = ArrayProgram(
    matrix=sparse.csc_array(np.array([[3.0, 4.0, 5.0]])),
    cost=np.array([-4.0, -5.0, -6.0]),
    lower=np.zeros(3),
    upper=np.ones(3),
    row_lower=np.array([-np.inf]),
    row_upper=np.array([8.0]),
    integer=np.ones(3, dtype=bool),
)


def test_whole_numbers_are_whole():
    """The knapsack of 8 takes the things of 3 and 5."""
    solution = solve_arrays(KNAPSACK)
    assert solution.values == pytest.approx([1, 0, 1])
    assert solution.bound == pytest.approx(-10)


def test_a_solved_program_goes_on_from_its_basis():
    """No step is needed for the same program, and few for another aim on the same rows."""
    program = random_program(np.random.default_rng(3), 20, 40)
    cold = solve_arrays(program)
    warm = solve_arrays(program, start=cold)
    assert cold.iterations > 0 == warm.iterations
    assert warm.values == pytest.approx(cold.values, abs=1e-9)
    other = replace(program, cost=-program.cost)
    assert solve_arrays(other, start=cold).bound == pytest.approx(solve_arrays(other).bound)


def test_no_optimum_is_no_result():
    """Infeasible, or out of time."""
    with pytest.raises(SolveError, match="1 rows and 3 columns: infeasible, expected optimal"):
        solve_arrays(replace(KNAPSACK, row_lower=np.array([99.0]), row_upper=np.array([99.0])))
    with pytest.raises(SolveError, match="time limit reached"):
        solve_arrays(random_program(np.random.default_rng(0), 40, 80), time_limit_s=0.0)
