"""The battery of one household against two prices, by three engines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nemogrid.devices import Battery
from nemogrid.dispatch.exact import burning_steps, solve_exact
from nemogrid.dispatch.member_plan import MemberPlan
from nemogrid.dispatch.meter import MeterPrices, two_prices
from nemogrid.dispatch.store import Store, battery_store
from nemogrid.errors import InputError
from nemogrid.results import Certificate

ENGINES = ("exact", "highs", "glpk")


@dataclass(frozen=True, kw_only=True, eq=False)
class StoragePlan:
    """The cheapest way to run a battery.

    Parameters
    ----------
    charge_kw, discharge_kw : numpy.ndarray, shape (T,)
        Power in and out on the grid side [kW]; never both in one step.
    stored_kwh : numpy.ndarray, shape (T + 1,)
        Stored energy at the start of each step and at the end [kWh].
    cost : float
        Energy and wear [money].
    certificate : Certificate
        Residuals and duality gap, proved with `stored_value` where there is one.
    stored_value : numpy.ndarray, shape (T,), or None
        What one more stored kWh would save after each step [money per kWh]; None where burning
        energy would pay, since the problem is not convex there.
    """

    charge_kw: np.ndarray
    discharge_kw: np.ndarray
    stored_kwh: np.ndarray
    cost: float
    certificate: Certificate
    stored_value: np.ndarray | None = None


def optimise_storage(
    net_load_kw: ArrayLike,
    battery: Battery,
    import_price: ArrayLike,
    export_price: ArrayLike,
    *,
    step_h: float,
    engine: str = "exact",
    end_soc_share: float | None = None,
) -> StoragePlan:
    """Run a battery so that its house pays least for energy and wear.

    Among plans of equal cost the one that cycles least is chosen, and among those the one that
    holds most energy at every moment: it charges as early and discharges as late as it can.

    Parameters
    ----------
    net_load_kw : array_like, shape (T,)
        Load less PV of the house [kW], import positive.
    battery : Battery
        Capacity, power, efficiencies and wear.
    import_price, export_price : array_like, shape (T,), or one number
        Cost of an imported and revenue of an exported kWh [money per kWh].
    step_h : float
        Length of a step [h].
    engine : {"exact", "highs", "glpk"}
        The exact engine, HiGHS fed with arrays, or GLPK through Pyomo: they agree on the optimum.
    end_soc_share : float, optional
        Least stored energy at the end, as a share of the capacity; what it began with unless told
        otherwise.

    Returns
    -------
    StoragePlan

    Raises
    ------
    InputError
        For unknown engines, an end or a step out of range, or arrays of different lengths or with
        values that are not finite.
    SolveError
        If an export price lies above the import price of its step (unbounded arbitrage, with the
        step), the battery cannot end as it must, or a solver does not prove its answer.

    Examples
    --------
    >>> box = Battery(capacity_kwh=2.0, power_kw=2.0, charge_efficiency=1.0,
    ...               discharge_efficiency=1.0, initial_soc_share=0.0)
    >>> plan = optimise_storage([-2.0, 3.0], box, 0.3, 0.1, step_h=1.0)
    >>> plan.charge_kw.tolist(), plan.discharge_kw.tolist(), round(plan.cost, 9)
    ([2.0, 0.0], [0.0, 2.0], 0.3)
    """
    if engine not in ENGINES:
        raise InputError(f"engine is {engine!r}: expected one of {', '.join(ENGINES)}")
    if not (np.isfinite(step_h) and step_h > 0):
        raise InputError(f"step_h is {step_h}: expected a finite number of hours above 0")
    if end_soc_share is not None and not 0 <= end_soc_share <= 1:
        raise InputError(f"end_soc_share is {end_soc_share}: expected 0 to 1")
    net_kw = _series(net_load_kw, "net_load_kw", None)
    T = len(net_kw)
    meter = two_prices(
        _series(import_price, "import_price", T), _series(export_price, "export_price", T),
        step_h=step_h,
    )  # fmt: skip
    end_kwh = None if end_soc_share is None else end_soc_share * battery.capacity_kwh
    store = battery_store(battery, T, step_h=step_h, end_kwh=end_kwh)
    plan = _solve(engine, meter, net_kw * step_h, store)
    (path,) = plan.paths
    return StoragePlan(
        charge_kw=path.charge_kwh / step_h,
        discharge_kw=path.discharge_kwh / step_h,
        stored_kwh=path.stored_kwh,
        cost=plan.cost,
        certificate=plan.certificate,
        stored_value=plan.stored_value,
    )


def _solve(engine: str, meter: MeterPrices, net_kwh: np.ndarray, store: Store) -> MemberPlan:
    burning = burning_steps(meter, net_kwh, store).size > 0
    if engine == "exact" and not burning:
        return solve_exact(meter, net_kwh, store)
    if engine == "glpk":
        from nemogrid.dispatch.case_b import case_b_model, solve_case_b

        load_kwh, pv_kwh = np.maximum(net_kwh, 0.0), np.maximum(-net_kwh, 0.0)
        return solve_case_b(case_b_model(load_kwh, pv_kwh, meter, store), engine="glpk")
    from nemogrid.dispatch.linear_program import solve_lp

    return solve_lp(meter, net_kwh, (store,))


def _series(values: ArrayLike, name: str, length: int | None) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    if array.ndim == 0 and length is not None:
        array = np.full(length, float(array))
    if array.ndim != 1 or not array.size or length not in (None, array.size):
        expected = (
            "one dimension and a step or more"
            if length is None
            else f"shape ({length},) or one number"
        )
        raise InputError(f"{name} has shape {array.shape}: expected {expected}")
    wrong = np.flatnonzero(~np.isfinite(array))
    if wrong.size:
        raise InputError(
            f"{name} is {array[wrong[0]]} at step {wrong[0]}: expected a finite number"
        )
    return array
