r"""One plan among many of equal cost.

All optima of a linear program lie on one face: with duals of any of them, a variable whose reduced
cost is not zero sits on its bound in every optimum, and a row whose dual is not zero is tight. On
this face three aims are followed one after the other, each on the face of the one before:

1. the least energy taken out of all stores by discharging,
2. the most stored energy, summed over all moments and stores,
3. with several stores, the most stored energy of the first, then of the second, and so on.

For one store and prices of single steps the plan is then unique, and holds at every moment at
least as much as any other plan that passes the first aim: costs are submodular in the stored
energies, so that the optima form a lattice. With several stores, or charges that couple the steps
of a period, what is unique is these sums.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nemogrid.dispatch.lp_highs import ArrayProgram, ArraySolution, in_arrays, solve_arrays
from nemogrid.dispatch.lp_matrix import LinearProgram
from nemogrid.dispatch.store import Store

ZERO = 1e-9
"""Reduced costs and duals below this share of the largest cost count as zero."""


def break_ties(
    program: LinearProgram,
    solution: ArraySolution,
    stores: tuple[Store, ...],
    *,
    time_limit_s: float = 600.0,
) -> ArraySolution:
    """Find the plan that the aims single out among those of least cost.

    Parameters
    ----------
    program : LinearProgram
        Without whole numbers.
    solution : ArraySolution
        One of its optima.
    stores : tuple of Store
        Those of the program.
    time_limit_s : float
        When HiGHS gives up on an aim [s].

    Returns
    -------
    ArraySolution
        The values are new; duals, bound and dual residual still prove the cost.
    """
    arrays = in_arrays(program)
    best, iterations = solution, solution.iterations
    for aim in _aims(program, stores):
        arrays = replace(on_face(arrays, best), cost=aim, offset=0.0)
        best = solve_arrays(arrays, start=best, time_limit_s=time_limit_s)
        iterations += best.iterations
    return replace(
        solution,
        values=best.values,
        primal_residual=max(solution.primal_residual, best.primal_residual),
        iterations=iterations,
    )


def on_face(program: ArrayProgram, solution: ArraySolution) -> ArrayProgram:
    """Fix what is the same in all optima.

    Parameters
    ----------
    program : ArrayProgram
        The program.
    solution : ArraySolution
        One of its optima, with duals.

    Returns
    -------
    ArrayProgram
    """
    zero = ZERO * max(float(np.abs(program.cost).max()), 1e-6)
    reduced = program.cost - program.matrix.T @ solution.duals
    tight_low = (solution.duals > zero) & np.isfinite(program.row_lower)
    tight_high = (solution.duals < -zero) & np.isfinite(program.row_upper)
    return replace(
        program,
        upper=np.where(reduced > zero, program.lower, program.upper),
        lower=np.where(reduced < -zero, program.upper, program.lower),
        row_upper=np.where(tight_low, program.row_lower, program.row_upper),
        row_lower=np.where(tight_high, program.row_upper, program.row_lower),
    )


def _aims(program: LinearProgram, stores: tuple[Store, ...]) -> list[np.ndarray]:
    def weighted(weights: dict[str, float]) -> np.ndarray:
        groups = program.columns.items()
        return np.concatenate([np.full(len(g.cost), weights.get(name, 0.0)) for name, g in groups])

    names = ["down"] if len(stores) == 1 else [f"discharge {k}" for k in range(len(stores))]
    taken = {
        name: 1 / store.discharge_efficiency for name, store in zip(names, stores, strict=True)
    }
    held = {f"stored {k}": -1.0 for k in range(len(stores))}
    singly = [{name: -1.0} for name in list(held)[:-1]]
    return [weighted(aim) for aim in (taken, held, *singly)]
