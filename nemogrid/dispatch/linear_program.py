r"""The cheapest plan of a member with any stores and any charges, by HiGHS on arrays.

The program of `nemogrid.dispatch.lp_model` costs at most what the best plan costs, and as much
where nobody gains by burning energy. So it is solved first. If its plan, with stores that never
charge and discharge at once, costs as much as the bound that its duals prove, it is the best; that
is so at all prices that are not negative. Otherwise whole numbers settle the direction of each
step in which the program can burn, and HiGHS's branch and bound proves the optimum.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nemogrid.dispatch.exact import path_residual
from nemogrid.dispatch.lp_directions import with_directions
from nemogrid.dispatch.lp_highs import ArraySolution, in_arrays, solve_arrays
from nemogrid.dispatch.lp_matrix import LinearProgram
from nemogrid.dispatch.lp_model import assemble
from nemogrid.dispatch.member_plan import MemberPlan, StorePath
from nemogrid.dispatch.meter import MeterPrices, meter_cost
from nemogrid.dispatch.reachable import require_reachable
from nemogrid.dispatch.store import Store
from nemogrid.dispatch.tie_break import break_ties
from nemogrid.errors import InputError, SolveError
from nemogrid.results import Certificate

PROVEN = 1e-8
"""Gap to the lower bound, as a share of the scale of the cost, at which a plan is the best."""


def solve_lp(
    meter: MeterPrices,
    net_kwh: np.ndarray,
    stores: tuple[Store, ...],
    *,
    tie_break: bool = True,
    time_limit_s: float = 600.0,
) -> MemberPlan:
    """Find the cheapest plan of a member.

    Parameters
    ----------
    meter : MeterPrices
        What energy through its meter costs: blocks of steps and periods, peaks, wear.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy without the stores [kWh], import positive.
    stores : tuple of Store
        What can be charged and discharged, none or more.
    tie_break : bool
        Whether to choose among plans of least cost as `nemogrid.dispatch.tie_break` says. Plans
        that needed whole numbers are left as they are found.
    time_limit_s : float
        When HiGHS gives up [s], for each program it is asked to solve.

    Returns
    -------
    MemberPlan
        The method of its certificate is ``"HiGHS LP"``, with how ties were broken, or ``"HiGHS
        MIP"`` with the number of binaries. The gap is between the cost of the plan and the bound
        of the duals, or of branch and bound, as a share of the cost or of 1.

    Raises
    ------
    InputError
        If the arrays are not equally long or not finite.
    SolveError
        If a store cannot keep its bounds, naming it and the step; if the optimum is not proven in
        time, naming the first step in which burning energy would pay.

    Examples
    --------
    Surplus of the first hour is worth more in the second:

    >>> from nemogrid.dispatch.meter import two_prices
    >>> meter = two_prices(np.array([0.3, 0.3]), np.array([0.1, 0.1]), step_h=1.0)
    >>> store = Store(name="battery", charge_limit_kwh=[2.0, 2.0], discharge_limit_kwh=[2.0, 2.0],
    ...               lower_kwh=[0.0] * 3, upper_kwh=[2.0] * 3, initial_kwh=0.0)
    >>> plan = solve_lp(meter, np.array([-2.0, 3.0]), (store,))
    >>> plan.net_kwh.tolist(), round(plan.cost, 9), plan.certificate.method
    ([0.0, 1.0], 0.3, 'HiGHS LP, ties broken')
    """
    net_kwh = np.ascontiguousarray(net_kwh, dtype=float)
    _require_matching(meter, net_kwh, stores)
    if not stores:
        cost = meter_cost(meter, net_kwh)
        certificate = Certificate(method="closed form without storage", objective=cost)
        return MemberPlan(paths=(), net_kwh=net_kwh, cost=cost, certificate=certificate)
    for store in stores:
        require_reachable(store)
    program = assemble(meter, net_kwh, stores)
    solution = solve_arrays(in_arrays(program), time_limit_s=time_limit_s)
    paths = _paths(program, solution, stores)
    least = solution.bound + PROVEN * _scale(meter, net_kwh, solution.bound)
    if _cost(meter, net_kwh, stores, paths) > least:
        return _solve_mip(meter, net_kwh, stores, program, solution, time_limit_s)
    method = "HiGHS LP"
    if tie_break:
        broken = break_ties(program, solution, stores, time_limit_s=time_limit_s)
        chosen = _paths(program, broken, stores)
        # An optimum that would burn energy may lie beside one that does not.
        if _cost(meter, net_kwh, stores, chosen) <= least:
            solution, paths, method = broken, chosen, "HiGHS LP, ties broken"
    return _certified(meter, net_kwh, stores, paths, solution, method)


def _solve_mip(
    meter: MeterPrices,
    net_kwh: np.ndarray,
    stores: tuple[Store, ...],
    relaxed: LinearProgram,
    relaxation: ArraySolution,
    time_limit_s: float,
) -> MemberPlan:
    """Forbid two directions at once, then settle the rest for the directions that were found."""
    program = with_directions(relaxed, meter, net_kwh, stores)
    arrays = in_arrays(program)
    binaries = int(arrays.integer.sum())
    try:
        found = solve_arrays(arrays, time_limit_s=time_limit_s)
    except SolveError as error:
        name, step = _first_burning(relaxed, relaxation, stores)
        raise SolveError(
            f"{name}: at step {step} burning energy would pay, and HiGHS MIP with {binaries} "
            f"binaries proved no optimum: {error}"
        ) from None
    whole = np.round(found.values)
    settled = replace(
        arrays,
        lower=np.where(arrays.integer, whole, arrays.lower),
        upper=np.where(arrays.integer, whole, arrays.upper),
        integer=np.zeros_like(arrays.integer),
    )
    solution = replace(solve_arrays(settled, time_limit_s=time_limit_s), bound=found.bound)
    paths = _paths(program, solution, stores)
    method = f"HiGHS MIP, {binaries} binaries"
    return replace(_certified(meter, net_kwh, stores, paths, solution, method), stored_value=None)


def _paths(
    program: LinearProgram, solution: ArraySolution, stores: tuple[Store, ...]
) -> tuple[StorePath, ...]:
    """Read the paths, with the pure flow of the same change where a store does both at once."""
    values = program.split(solution.values)
    paths = []
    for k, store in enumerate(stores):
        if len(stores) == 1:
            T = store.n_steps
            charge = np.bincount(program.up.step, values["up"], minlength=T)
            discharge = np.bincount(program.down.step, values["down"], minlength=T)
        else:
            charge, discharge = values[f"charge {k}"], values[f"discharge {k}"]
        charge = np.clip(charge, 0.0, store.charge_limit_kwh)
        discharge = np.clip(discharge, 0.0, store.discharge_limit_kwh)
        change = store.charge_efficiency * charge - discharge / store.discharge_efficiency
        both = (charge > 0) & (discharge > 0)
        pure_in = np.maximum(change, 0.0) / store.charge_efficiency
        pure_out = np.maximum(-change, 0.0) * store.discharge_efficiency
        paths.append(
            StorePath(
                charge_kwh=np.where(both, pure_in, charge),
                discharge_kwh=np.where(both, pure_out, discharge),
                stored_kwh=np.r_[store.initial_kwh, values[f"stored {k}"]],
            )
        )
    return tuple(paths)


def _first_burning(
    program: LinearProgram, solution: ArraySolution, stores: tuple[Store, ...]
) -> tuple[str, int]:
    """Name the store and the first step in which the program without whole numbers burns."""
    values = program.split(solution.values)
    first = []
    for k, store in enumerate(stores):
        if len(stores) == 1:
            moved = [
                np.bincount(parts.step, values[name], minlength=store.n_steps)
                for name, parts in (("up", program.up), ("down", program.down))
            ]
        else:
            moved = [values[f"charge {k}"], values[f"discharge {k}"]]
        steps = np.flatnonzero(np.minimum(*moved) > 1e-9)
        first.append((int(steps[0]) if steps.size else store.n_steps, store.name))
    step, name = min(first)
    return name, step


def _cost(
    meter: MeterPrices, net_kwh: np.ndarray, stores: tuple[Store, ...], paths: tuple[StorePath, ...]
) -> float:
    planned = net_kwh + sum(path.drawn_kwh for path in paths)
    discharged = sum(float(path.discharge_kwh.sum()) for path in paths)
    wear = sum(
        store.wear_per_kwh * float(path.discharge_kwh.sum())
        for store, path in zip(stores, paths, strict=True)
    )
    return meter_cost(meter, planned, discharged) + wear


def _scale(meter: MeterPrices, net_kwh: np.ndarray, cost: float) -> float:
    """Tell how much money passes, where the cost itself may cancel to nothing."""
    return max(abs(cost), float(np.abs(meter.prices).max(axis=1) @ np.abs(net_kwh)), 1.0)


def _certified(
    meter: MeterPrices,
    net_kwh: np.ndarray,
    stores: tuple[Store, ...],
    paths: tuple[StorePath, ...],
    solution: ArraySolution,
    method: str,
) -> MemberPlan:
    cost = _cost(meter, net_kwh, stores, paths)
    broken = [path_residual(store, path) for store, path in zip(stores, paths, strict=True)]
    certificate = Certificate(
        method=method,
        objective=cost,
        primal_residual=max(solution.primal_residual, *broken),
        dual_residual=solution.dual_residual,
        gap=(cost - solution.bound) / _scale(meter, net_kwh, cost),
        iterations=solution.iterations,
    )
    plan = MemberPlan(
        paths=paths,
        net_kwh=net_kwh + sum(path.drawn_kwh for path in paths),
        cost=cost,
        certificate=certificate.require(1e-6),
    )
    if len(stores) > 1:
        return plan
    # The rows of the only store come first; a kWh on their right-hand side is one that is there.
    return replace(plan, stored_value=-solution.duals[: stores[0].n_steps])


def _require_matching(meter: MeterPrices, net_kwh: np.ndarray, stores: tuple[Store, ...]) -> None:
    T = meter.n_steps
    lengths = {"net energy": np.shape(net_kwh), **{s.name: (s.n_steps,) for s in stores}}
    wrong = {name: shape for name, shape in lengths.items() if shape != (T,)}
    if wrong:
        raise InputError(f"prices for {T} steps, but {wrong}: expected arrays of one length")
    for name, array in (("net energy", net_kwh[:, None]), ("price", meter.prices)):
        missing = np.flatnonzero(~np.isfinite(array).all(axis=1))
        if missing.size:
            raise InputError(f"{name} at step {missing[0]} is not a finite number")
