r"""The printed formula of a household with storage, held against its bill term by term.

The paper prints case b as

.. math::

   \min \sum_{d,t} E^{im}_{d,t}\, p^{im}_{d,t} - X^{pv}_{d,t}\, p^{ex}_{d,t}
        + P^c_{d,t}\, p^{ch} - P^d_{d,t}\, p^{ex}_{d,t} \;+\; p^{sto} + F

with :math:`p^{ch}` the levelised cost of PV energy and :math:`p^{sto}` the levelised cost of
storage without its electricity, or the lease. Three of its terms are not what the household is
billed:

- :math:`P^c p^{ch}` pays for energy a second time: the panels are paid for already, and what comes
  from the grid is in :math:`E^{im}`.
- :math:`P^d p^{ex}` sells every discharged kWh, also those that the house uses, and these have
  saved their import already.
- :math:`p^{sto}` is a price without a quantity.

We read :math:`X^{pv}` as the export that comes from the panels, so that what the battery exports is
sold once, and :math:`p^{sto}` as added once. The corrected formula is the one of
`nemogrid.dispatch.case_b`, and equals the bill. Neither counts the panels themselves: their
levelised cost is sunk, and adding it would move both by the same number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nemogrid.dispatch.case_b import case_b_model
from nemogrid.dispatch.costs import export_revenue, fees_due, import_cost
from nemogrid.dispatch.household_model import values_of
from nemogrid.dispatch.member_plan import MemberPlan, StorePath
from nemogrid.dispatch.meter import MeterPrices, meter_cost
from nemogrid.dispatch.store import Store
from nemogrid.results import Certificate

TERMS = {
    "import": "the same",
    "PV exported": "the same",
    "charging": "paid already: with the panels, or as import",
    "discharging": "only what is exported is sold; the rest has saved import",
    "storage": "a price needs a quantity: each discharged kWh",
    "blocks and peaks": "the printed formula has one price each way",
    "fees": "the same",
}
"""Terms of the formulas, and why they differ."""


def literal_expenditure(
    plan: MemberPlan,
    meter: MeterPrices,
    *,
    surplus_kwh: np.ndarray,
    p_charge: float,
    p_storage: float,
) -> pd.Series:
    """Evaluate the printed formula on a plan.

    Parameters
    ----------
    plan : MemberPlan
        How one store runs.
    meter : MeterPrices
        Prices, of which the printed formula knows the first each way, and fees.
    surplus_kwh : numpy.ndarray, shape (T,)
        PV generation less load [kWh].
    p_charge : float
        Levelised cost of PV energy [money per kWh].
    p_storage : float
        Levelised cost of storage without its electricity [money per kWh].

    Returns
    -------
    pandas.Series
        Money by term; the sum is the value of the formula.
    """
    (path,) = plan.paths
    import_price, export_price = _first_prices(meter)
    from_pv = _exported_from_pv(plan.net_kwh, path.charge_kwh, surplus_kwh)
    return _terms(
        {
            "import": float(import_price @ np.maximum(plan.net_kwh, 0.0)),
            "PV exported": -float(export_price @ from_pv),
            "charging": p_charge * float(path.charge_kwh.sum()),
            "discharging": -float(export_price @ path.discharge_kwh),
            "storage": p_storage,
            "blocks and peaks": 0.0,
            "fees": sum(meter.fees.values()),
        }
    )


def corrected_expenditure(
    plan: MemberPlan, meter: MeterPrices, *, surplus_kwh: np.ndarray, p_storage: float
) -> pd.Series:
    """Evaluate the corrected formula on a plan: what the household is billed.

    Parameters
    ----------
    plan : MemberPlan
        How one store runs.
    meter : MeterPrices
        Prices and fees.
    surplus_kwh : numpy.ndarray, shape (T,)
        PV generation less load [kWh].
    p_storage : float
        Wear of a discharged kWh [money per kWh]: what meter and store are charged with together.

    Returns
    -------
    pandas.Series
        Money by term; the sum is the bill.
    """
    import_price, export_price = _first_prices(meter)
    from_pv = _exported_from_pv(plan.net_kwh, plan.paths[0].charge_kwh, surplus_kwh)
    exported = np.maximum(-plan.net_kwh, 0.0)
    imported = float(import_price @ np.maximum(plan.net_kwh, 0.0))
    energy = imported - float(export_price @ exported)
    return _terms(
        {
            "import": imported,
            "PV exported": -float(export_price @ from_pv),
            "charging": 0.0,
            "discharging": -float(export_price @ (exported - from_pv)),
            "storage": p_storage * float(plan.paths[0].discharge_kwh.sum()),
            "blocks and peaks": meter_cost(meter, plan.net_kwh) - energy,
            "fees": sum(meter.fees.values()),
        }
    )


def compare_formulas(
    plan: MemberPlan,
    meter: MeterPrices,
    *,
    surplus_kwh: np.ndarray,
    p_charge: float,
    p_storage: float,
) -> pd.DataFrame:
    """Put the printed and the corrected formula side by side, on the same plan.

    Parameters
    ----------
    plan : MemberPlan
        How one store runs.
    meter : MeterPrices
        Prices and fees.
    surplus_kwh : numpy.ndarray, shape (T,)
        PV generation less load [kWh].
    p_charge, p_storage : float
        Levelised costs of PV energy and of storage [money per kWh].

    Returns
    -------
    pandas.DataFrame
        A row per term and one for the total, with ``literal``, ``corrected``, ``difference``
        (literal less corrected) [money] and ``why``.

    Examples
    --------
    >>> from nemogrid.devices import Battery
    >>> from nemogrid.dispatch.case_b import solve_case_b
    >>> from nemogrid.dispatch.meter import two_prices
    >>> from nemogrid.dispatch.store import battery_store
    >>> box = Battery(capacity_kwh=4.0, power_kw=4.0, charge_efficiency=1.0,
    ...               discharge_efficiency=0.5, initial_soc_share=0.0)
    >>> meter = two_prices(np.array([0.3, 0.3]), np.array([0.1, 0.1]), step_h=1.0)
    >>> load, pv = np.array([0.0, 1.0]), np.array([3.0, 0.0])
    >>> plan = solve_case_b(case_b_model(load, pv, meter, battery_store(box, 2, step_h=1.0)))
    >>> table = compare_formulas(plan, meter, surplus_kwh=pv - load, p_charge=0.13, p_storage=0.0)
    >>> table["difference"].round(9)[["charging", "discharging", "total"]].tolist()
    [0.26, -0.1, 0.16]
    """
    literal = literal_expenditure(
        plan, meter, surplus_kwh=surplus_kwh, p_charge=p_charge, p_storage=p_storage
    )
    corrected = corrected_expenditure(plan, meter, surplus_kwh=surplus_kwh, p_storage=p_storage)
    table = pd.DataFrame({"literal": literal, "corrected": corrected})
    table.loc["total"] = table.sum()
    table["difference"] = table["literal"] - table["corrected"]
    return table.assign(why=[*TERMS.values(), ""]).rename_axis("term")


def literal_case_b_model(
    load_kwh: np.ndarray,
    pv_kwh: np.ndarray,
    meter: MeterPrices,
    store: Store,
    *,
    p_charge: float,
    steps_per_day: int = 48,
) -> Any:
    """Write the model of a household that minimises the printed formula.

    The constraints are those of case b. What the panels export is told apart from what the store
    exports by one more variable, ``E_resold``.

    Parameters
    ----------
    load_kwh, pv_kwh : numpy.ndarray, shape (T,)
        Load and PV generation of each step [kWh].
    meter : MeterPrices
        Prices, of which the printed formula knows the first each way, and fees.
    store : Store
        The store. Its wear is a constant in the printed formula, and moves no plan.
    p_charge : float
        Levelised cost of PV energy [money per kWh].
    steps_per_day : int
        Number of steps t of each day d.

    Returns
    -------
    pyomo.environ.ConcreteModel
        For `nemogrid.dispatch.solve_case_b`: the objective of its certificate is the printed
        formula, the cost of its plan is still the bill.
    """
    import pyomo.environ as pyo

    model = case_b_model(load_kwh, pv_kwh, meter, store, steps_per_day=steps_per_day)
    model.name = f"{model.name}, as printed"
    model.p_charge = p_charge
    model.E_resold = pyo.Var(model.steps, within=pyo.NonNegativeReals)
    model.pv_export = pyo.Constraint(model.steps, rule=pv_export)
    model.del_component("expenditure")
    model.expenditure = pyo.Objective(rule=printed_expenditure, sense=pyo.minimize)
    model.price_plan = _printed_cost
    return model


def pv_export(model: Any, d: int, t: int) -> Any:
    r"""Let the panels export no more than the house leaves.

    .. math:: X^{pv}_{d,t} - X^{sto}_{d,t} \le \max(0, G_{d,t} - L_{d,t})

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of the printed formula, where :math:`X^{sto}` is ``E_resold``.
    d, t : int
        Day and step.

    Returns
    -------
    Pyomo expression
    """
    surplus = max(0.0, model.E_pv[d, t] - model.E_load[d, t])
    return model.PV_exported[d, t] - model.E_resold[d, t] <= surplus


def printed_expenditure(model: Any) -> Any:
    r"""Write the objective as it is printed.

    .. math::

       \min \sum_{d,t} E^{im}_{d,t}\, p^{im}_{d,t} - (X^{pv}_{d,t} - X^{sto}_{d,t})\, p^{ex}_{d,t}
       + P^c_{d,t}\, p^{ch} - P^d_{d,t}\, p^{ex}_{d,t} \;+\; p^{sto} + F

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of the printed formula.

    Returns
    -------
    Pyomo expression
    """
    from pyomo.environ import quicksum

    resold = quicksum(model.E_resold[s] * model.p_export[s] for s in model.steps)
    energy = import_cost(model) - export_revenue(model) + resold
    charging = model.p_charge * quicksum(model.P_charge[s] for s in model.steps)
    discharging = quicksum(model.P_discharge[s] * model.p_export[s] for s in model.steps)
    return energy + charging - discharging + model.p_storage + fees_due(model)


def _terms(values: dict[str, float]) -> pd.Series:
    return pd.Series(values, dtype=float).reindex(list(TERMS))


def _first_prices(meter: MeterPrices) -> tuple[np.ndarray, np.ndarray]:
    zero = int(np.flatnonzero((meter.edges_kwh == 0).all(axis=0))[0])
    return meter.prices[:, zero + 1], meter.prices[:, zero]


def _exported_from_pv(
    net_kwh: np.ndarray, charge_kwh: np.ndarray, surplus_kwh: np.ndarray
) -> np.ndarray:
    """Attribute the export: the panels serve the house first, then the store, then the grid."""
    left = np.maximum(np.maximum(surplus_kwh, 0.0) - charge_kwh, 0.0)
    return np.minimum(left, np.maximum(-net_kwh, 0.0))


def _printed_cost(model: Any, net_kwh: np.ndarray, path: StorePath) -> float:
    """Price a plan by the printed formula, for the check that burning energy does not pay."""
    given = Certificate(method="given")
    plan = MemberPlan(paths=(path,), net_kwh=net_kwh, cost=float("nan"), certificate=given)
    surplus_kwh = values_of(model.E_pv) - values_of(model.E_load)
    terms = literal_expenditure(
        plan, model.meter, surplus_kwh=surplus_kwh, p_charge=model.p_charge,
        p_storage=model.p_storage,
    )  # fmt: skip
    return float(terms.sum())
