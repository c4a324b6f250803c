r"""Case a: the objective function of a household without storage, as a model to read.

.. math::

   \min \sum_{d,t} E^{im}_{d,t}\, p^{im}_{d,t} - X^{pv}_{d,t}\, p^{ex}_{d,t}
        + \text{blocks} + \text{peaks} + F

The symbols are those of `nemogrid.dispatch.families`; `nemogrid.dispatch.costs` holds the terms:

====================  =================================================  ======================
symbol                meaning                                            name in the model
====================  =================================================  ======================
:math:`d, t`          day and step of the day                            ``model.steps``
:math:`E^{im}_{d,t}`  imported energy [kWh]                              ``model.E_import``
:math:`X^{pv}_{d,t}`  exported PV energy [kWh]                           ``model.PV_exported``
:math:`p^{im}_{d,t}`  price of imported energy [money per kWh]           ``model.p_import``
:math:`p^{ex}_{d,t}`  price of exported energy [money per kWh]           ``model.p_export``
:math:`L_{d,t}`       load [kWh]                                         ``model.E_load``
:math:`G_{d,t}`       PV generation [kWh]                                ``model.E_pv``
:math:`F`             algorithm and administrative fees [money]          ``model.fees``
====================  =================================================  ======================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nemogrid.dispatch.costs import (
    export_revenue,
    fees_due,
    import_cost,
    meter_block_cost,
    peak_cost,
    period_block_cost,
)
from nemogrid.dispatch.household_model import household_model, values_of
from nemogrid.dispatch.meter import MeterPrices
from nemogrid.dispatch.optimum import solve_certified
from nemogrid.results import Certificate


@dataclass(frozen=True, kw_only=True, eq=False)
class CaseA:
    """The optimum of case a.

    Parameters
    ----------
    imported_kwh, exported_kwh : numpy.ndarray, shape (T,)
        Energy drawn from and fed into the feeder [kWh].
    objective : float
        What the household pays [money].
    certificate : Certificate
        Residuals and duality gap of the solution.
    """

    imported_kwh: np.ndarray
    exported_kwh: np.ndarray
    objective: float
    certificate: Certificate


def case_a_model(
    load_kwh: np.ndarray, pv_kwh: np.ndarray, meter: MeterPrices, *, steps_per_day: int = 48
) -> Any:
    """Write case a as a Pyomo model.

    Parameters
    ----------
    load_kwh, pv_kwh : numpy.ndarray, shape (T,)
        Load and PV generation of each step [kWh].
    meter : MeterPrices
        What energy through the meter costs, and algorithm, administrative and other fees.
    steps_per_day : int
        Number of steps t of each day d.

    Returns
    -------
    pyomo.environ.ConcreteModel

    Raises
    ------
    InputError
        If the arrays are not equally long.

    Examples
    --------
    >>> import numpy as np
    >>> from nemogrid.dispatch.meter import two_prices
    >>> meter = two_prices(np.array([0.3, 0.3]), np.array([0.1, 0.1]), step_h=0.5,
    ...                    fees={"algorithm": 0.1})
    >>> model = case_a_model(np.array([2.0, 1.0]), np.array([0.0, 3.0]), meter)
    >>> print(model.energy_balance[1, 2].expr)
    E_import[1,2] + 3.0  ==  1.0 + PV_exported[1,2]
    >>> round(solve_case_a(model).objective, 9)
    0.5
    """
    import pyomo.environ as pyo

    name = "case a without storage"
    model = household_model(load_kwh, pv_kwh, meter, steps_per_day=steps_per_day, name=name)
    model.energy_balance = pyo.Constraint(model.steps, rule=energy_balance)
    model.expenditure = pyo.Objective(rule=expenditure, sense=pyo.minimize)
    return model


def energy_balance(model: Any, d: int, t: int) -> Any:
    r"""Balance a step.

    .. math:: E^{im}_{d,t} + G_{d,t} = L_{d,t} + X^{pv}_{d,t}

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        The model of case a.
    d, t : int
        Day and step.

    Returns
    -------
    Pyomo expression
    """
    supplied = model.E_import[d, t] + model.E_pv[d, t]
    return supplied == model.E_load[d, t] + model.PV_exported[d, t]


def expenditure(model: Any) -> Any:
    r"""Write the objective: what the household is billed.

    .. math::

       \min \sum_{d,t} E^{im}_{d,t}\, p^{im}_{d,t} - X^{pv}_{d,t}\, p^{ex}_{d,t}
       + \text{blocks} + \text{peaks} + F

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        The model of case a.

    Returns
    -------
    Pyomo expression
    """
    energy = import_cost(model) - export_revenue(model)
    rising = meter_block_cost(model) + period_block_cost(model) + peak_cost(model)
    return energy + rising + fees_due(model)


def solve_case_a(model: Any, *, engine: str = "highs") -> CaseA:
    """Solve case a and check the answer against its dual.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        From `case_a_model`.
    engine : {"highs", "glpk"}
        Solver.

    Returns
    -------
    CaseA

    Raises
    ------
    SolveError
        If the solver is missing, finds no optimum, or its answer fails the certificate.
    """
    certificate, _ = solve_certified(model, engine=engine)
    return CaseA(
        imported_kwh=values_of(model.E_import),
        exported_kwh=values_of(model.PV_exported),
        objective=certificate.objective,
        certificate=certificate,
    )
