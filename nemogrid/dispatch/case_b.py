r"""Case b: the objective function of a household with storage, as a model to read.

The bill of a household with a store, in the symbols of `nemogrid.dispatch.families`:

.. math::

   \min \sum_{d,t} E^{im}_{d,t}\, p^{im}_{d,t} - X^{pv}_{d,t}\, p^{ex}_{d,t}
        + P^d_{d,t}\, p^{sto} + \text{blocks} + \text{peaks} + F

What is charged has no price of its own. From the sun it costs the export that it forgoes, which
is missing from :math:`X^{pv}`; from the grid it is part of :math:`E^{im}`. What is discharged earns
nothing of its own either: it saves import, or is part of the export. The levelised cost of the
panels is sunk: no plan changes it. `nemogrid.dispatch.printed_formula` holds the printed formula
against this one.

**When charging and discharging at once does not pay.** Take a plan with :math:`P^c, P^d > 0` in
one step. Charging :math:`\delta` less and discharging :math:`\eta^c \eta^d \delta` less leaves the
stored energy as it is, and draws :math:`(1 - \eta^c \eta^d)\,\delta` less through the meter. With
the marginal price :math:`p` of the block in which the net energy lies (blocks and peaks of periods
included) and the wear :math:`w` it costs

.. math:: -\big[\, p\,(1 - \eta^c \eta^d) + w\, \eta^c \eta^d \,\big]\, \delta

more, which is at most 0 wherever

.. math:: p \;\ge\; -\frac{\eta^d\, w}{1/\eta^c - \eta^d} ,

in particular wherever no price is negative. Then a plan of least cost without both at once exists,
the least discharge of the tie-break finds it, and the linear model is exact. Blocks and peaks of
export count in :math:`p`: a dear peak of export may take it below. Where it is, burning energy in
the store pays in the model and is forbidden to a real one: `solve_case_b` refuses such a plan and
names the step.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nemogrid.dispatch.costs import (
    export_revenue,
    fees_due,
    import_cost,
    meter_block_cost,
    peak_cost,
    period_block_cost,
    wear_cost,
)
from nemogrid.dispatch.families import (
    charge_limits,
    discharge_limits,
    end_condition,
    stored_energy_balance,
    stored_energy_bounds,
    unmet_demand,
)
from nemogrid.dispatch.household_model import add_series, household_model, values_of
from nemogrid.dispatch.member_plan import MemberPlan, StorePath
from nemogrid.dispatch.meter import MeterPrices, meter_cost
from nemogrid.dispatch.optimum import solve_certified
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError, SolveError


def case_b_model(
    load_kwh: np.ndarray,
    pv_kwh: np.ndarray,
    meter: MeterPrices,
    store: Store,
    *,
    steps_per_day: int = 48,
    grid_charging: bool = True,
) -> Any:
    """Write case b as a Pyomo model.

    Parameters
    ----------
    load_kwh, pv_kwh : numpy.ndarray, shape (T,)
        Load and PV generation of each step [kWh].
    meter : MeterPrices
        What energy through the meter costs, and fees.
    store : Store
        A battery or another store; its wear adds to that of the meter's charges.
    steps_per_day : int
        Number of steps t of each day d.
    grid_charging : bool
        Whether the store may be charged from the grid. Without it, import is limited to the
        demand that PV leaves unmet.

    Returns
    -------
    pyomo.environ.ConcreteModel

    Raises
    ------
    InputError
        If the numbers of steps differ.

    Examples
    --------
    >>> from nemogrid.devices import Battery
    >>> from nemogrid.dispatch.meter import two_prices
    >>> from nemogrid.dispatch.store import battery_store
    >>> box = Battery(capacity_kwh=4.0, power_kw=4.0, charge_efficiency=1.0,
    ...               discharge_efficiency=0.5, initial_soc_share=0.0)
    >>> meter = two_prices(np.array([0.3, 0.3]), np.array([0.1, 0.1]), step_h=1.0)
    >>> model = case_b_model(np.array([0.0, 1.0]), np.array([3.0, 0.0]), meter,
    ...                      battery_store(box, 2, step_h=1.0))
    >>> plan = solve_case_b(model)
    >>> plan.paths[0].stored_kwh.tolist(), round(plan.cost, 9)
    ([0.0, 2.0, 0.0], -0.1)
    """
    import pyomo.environ as pyo

    name = f"case b with a {store.name}"
    if store.n_steps != meter.n_steps:
        raise InputError(
            f"{name}: expected the {meter.n_steps} steps of the meter, got {store.n_steps}"
        )
    model = household_model(load_kwh, pv_kwh, meter, steps_per_day=steps_per_day, name=name)
    _add_store_data(model, store, meter)
    model.P_charge = pyo.Var(model.steps, bounds=charge_limits)
    model.P_discharge = pyo.Var(model.steps, bounds=discharge_limits)
    model.E_stored = pyo.Var(model.steps, bounds=stored_energy_bounds)
    model.energy_balance = pyo.Constraint(model.steps, rule=energy_balance)
    model.stored_energy_balance = pyo.Constraint(model.steps, rule=stored_energy_balance)
    model.end_condition = pyo.Constraint(rule=end_condition)
    if not grid_charging:
        model.unmet_demand = pyo.Constraint(model.steps, rule=unmet_demand)
    model.expenditure = pyo.Objective(rule=expenditure, sense=pyo.minimize)
    model.price_plan = plan_cost
    return model


def energy_balance(model: Any, d: int, t: int) -> Any:
    r"""Balance a step.

    .. math:: E^{im}_{d,t} + G_{d,t} + P^d_{d,t} = L_{d,t} + X^{pv}_{d,t} + P^c_{d,t}

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case b.
    d, t : int
        Day and step.

    Returns
    -------
    Pyomo expression
    """
    supplied = model.E_import[d, t] + model.E_pv[d, t] + model.P_discharge[d, t]
    return supplied == model.E_load[d, t] + model.PV_exported[d, t] + model.P_charge[d, t]


def expenditure(model: Any) -> Any:
    r"""Write the objective: what the household is billed.

    .. math::

       \min \sum_{d,t} E^{im}_{d,t}\, p^{im}_{d,t} - X^{pv}_{d,t}\, p^{ex}_{d,t}
       + P^d_{d,t}\, p^{sto} + \text{blocks} + \text{peaks} + F

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case b.

    Returns
    -------
    Pyomo expression
    """
    energy = import_cost(model) - export_revenue(model) + wear_cost(model)
    rising = meter_block_cost(model) + period_block_cost(model) + peak_cost(model)
    return energy + rising + fees_due(model)


def least_discharge(model: Any) -> Any:
    r"""Write the first tie-break: take the least energy out of the store by discharging.

    .. math:: \min \sum_{d,t} P^d_{d,t} / \eta^d

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case b.

    Returns
    -------
    Pyomo expression
    """
    from pyomo.environ import quicksum

    return quicksum(model.P_discharge[s] / model.eta_discharge for s in model.steps)


def most_stored(model: Any) -> Any:
    r"""Write the second tie-break: hold the most energy, charge early and discharge late.

    .. math:: \min - \sum_{d,t} S_{d,t}

    Where nothing but the store ties the steps together, the stored energies of the plans that are
    left form a lattice, and the largest sum finds the plan that holds most at every moment.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case b.

    Returns
    -------
    Pyomo expression
    """
    from pyomo.environ import quicksum

    return -quicksum(model.E_stored[s] for s in model.steps)


def solve_case_b(model: Any, *, engine: str = "highs", tie_break: bool = True) -> MemberPlan:
    """Solve case b and check the answer against its dual.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        From `case_b_model`.
    engine : {"highs", "glpk"}
        Solver.
    tie_break : bool
        Whether to choose, among the plans of least cost, the one that cycles least, and among
        those the one that holds most energy; otherwise the solver chooses.

    Returns
    -------
    MemberPlan
        Its cost is the bill without the fees; the objective of the certificate includes them.

    Raises
    ------
    SolveError
        If the solver is missing, finds no optimum, its answer fails the certificate, or burning
        energy pays in a step: charging and discharging, or importing and exporting, at once.
    """
    goals = (least_discharge, most_stored) if tie_break else ()
    certificate, duals = solve_certified(model, engine=engine, then=goals)
    imported, exported = values_of(model.E_import), values_of(model.PV_exported)
    charge, discharge, burnt = _netted(
        model,
        np.maximum(values_of(model.P_charge), 0.0),
        np.maximum(values_of(model.P_discharge), 0.0),
    )
    path = StorePath(
        charge_kwh=charge,
        discharge_kwh=discharge,
        stored_kwh=np.r_[model.initial_kwh, values_of(model.E_stored)],
    )
    net_kwh = imported - exported - burnt
    gain = model.price_plan(model, net_kwh, path) - certificate.objective
    _refuse_burning(model, gain, burnt, np.minimum(imported, exported))
    value = np.array([-duals[model.stored_energy_balance[s]] for s in model.steps])
    return MemberPlan(
        paths=(path,),
        net_kwh=net_kwh,
        cost=plan_cost(model, net_kwh, path) - float(fees_due(model)),
        certificate=certificate,
        stored_value=value,
    )


def plan_cost(model: Any, net_kwh: np.ndarray, path: StorePath) -> float:
    """Price a plan at the meter and in the store, without the model's variables.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case b.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy through the meter [kWh], import positive.
    path : StorePath
        How the store runs.

    Returns
    -------
    float
        The bill, with fees [money].
    """
    wear = (model.p_storage - model.meter.wear_per_kwh) * float(path.discharge_kwh.sum())
    return meter_cost(model.meter, net_kwh, path.discharge_kwh) + wear + float(fees_due(model))


def _netted(
    model: Any, charge: np.ndarray, discharge: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take out what is charged and discharged at once; tell how much less the meter counts."""
    round_trip = model.eta_charge * model.eta_discharge
    both = np.minimum(charge, discharge / round_trip)
    charge, discharge = charge - both, np.maximum(discharge - round_trip * both, 0.0)
    discharge[charge > 0] = 0.0
    return charge, discharge, (1 - round_trip) * both


def _refuse_burning(model: Any, gain: float, burnt: np.ndarray, both_ways: np.ndarray) -> None:
    """Raise where the model does better than any plan by doing two opposite things at once."""
    from pyomo.environ import value

    if gain <= 1e-6 * max(abs(value(model.expenditure)), 1.0):
        return
    stored = burnt.max() > 1e-9
    i = int(np.argmax(burnt if stored else both_ways))
    step = list(model.steps)[i]
    what = "charge and discharge" if stored else "import and export"
    raise SolveError(
        f"{model.name}: doing opposite things at once pays: at step {i} (day {step[0]}, step "
        f"{step[1]}) the model would {what}, where import costs {model.p_import[step]:.4f} and "
        f"export earns {model.p_export[step]:.4f} per kWh; {gain:.6g} of the objective rests on "
        "it, expected none"
    )


def _add_store_data(model: Any, store: Store, meter: MeterPrices) -> None:
    steps = list(model.steps)
    model.meter = meter
    model.before = dict(zip(steps, [None, *steps[:-1]], strict=True))
    add_series(model, "charge_limit_kwh", store.charge_limit_kwh)
    add_series(model, "discharge_limit_kwh", store.discharge_limit_kwh)
    add_series(model, "lower_kwh", store.lower_kwh[1:])
    add_series(model, "upper_kwh", store.upper_kwh[1:])
    add_series(model, "E_used", np.asarray(store.used_kwh))
    model.initial_kwh = float(store.initial_kwh)
    model.eta_charge = float(store.charge_efficiency)
    model.eta_discharge = float(store.discharge_efficiency)
    model.kept_share = float(store.kept_share)
    model.p_storage = float(store.wear_per_kwh + meter.wear_per_kwh)
