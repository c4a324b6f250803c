r"""Case a: the objective function of a household without storage, as a model to read.

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

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nemogrid.dispatch.solvers import solver
from nemogrid.errors import InputError, SolveError
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
    load_kwh: np.ndarray,
    pv_kwh: np.ndarray,
    *,
    import_price: np.ndarray,
    export_price: np.ndarray,
    fees: Mapping[str, float],
    steps_per_day: int = 48,
) -> Any:
    """Write case a as a Pyomo model.

    Parameters
    ----------
    load_kwh, pv_kwh : numpy.ndarray, shape (T,)
        Load and PV generation of each step [kWh].
    import_price, export_price : numpy.ndarray, shape (T,)
        Prices of imported and exported energy [money per kWh].
    fees : mapping of str to float
        Algorithm, administrative and other fees of the whole time [money].
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
    >>> model = case_a_model(
    ...     np.array([2.0, 1.0]),
    ...     np.array([0.0, 3.0]),
    ...     import_price=np.array([0.3, 0.3]),
    ...     export_price=np.array([0.1, 0.1]),
    ...     fees={"algorithm": 0.1},
    ... )
    >>> len(model.steps), list(model.E_import)
    (2, [(1, 1), (1, 2)])
    """
    import pyomo.environ as pyo

    arrays = {
        "E_load": load_kwh,
        "E_pv": pv_kwh,
        "p_import": import_price,
        "p_export": export_price,
    }
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"case a: expected arrays of one length, got {lengths}")
    model = pyo.ConcreteModel(name="case a: without storage")
    n = len(load_kwh)
    keys = [(i // steps_per_day + 1, i % steps_per_day + 1) for i in range(n)]
    model.steps = pyo.Set(initialize=keys, dimen=2, ordered=True)
    for name, array in arrays.items():
        values = dict(zip(keys, np.asarray(array, dtype=float).tolist(), strict=True))
        setattr(model, name, pyo.Param(model.steps, initialize=values, within=pyo.Reals))
    model.fees = pyo.Param(list(fees), initialize=dict(fees), within=pyo.Reals)
    model.E_import = pyo.Var(model.steps, within=pyo.NonNegativeReals)
    model.PV_exported = pyo.Var(model.steps, within=pyo.NonNegativeReals)
    model.balance = pyo.Constraint(model.steps, rule=energy_balance)
    model.expenditure = pyo.Objective(rule=expenditure, sense=pyo.minimize)
    model.dual = pyo.Suffix(direction=pyo.Suffix.IMPORT)
    return model


def expenditure(model: Any) -> Any:
    r"""Write the objective.

    .. math::

       \min \sum_{d,t} E^{im}_{d,t}\, p^{im}_{d,t} - X^{pv}_{d,t}\, p^{ex}_{d,t} + F

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        The model of case a.

    Returns
    -------
    Pyomo expression
    """
    from pyomo.environ import quicksum

    energy = quicksum(
        model.E_import[s] * model.p_import[s] - model.PV_exported[s] * model.p_export[s]
        for s in model.steps
    )
    return energy + sum(model.fees.values())


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
    result = solver(engine).solve(model)
    condition = str(result.solver.termination_condition)
    if condition != "optimal":
        raise SolveError(f"case a with {engine}: {condition}, expected optimal")
    imported, exported = (_values(v) for v in (model.E_import, model.PV_exported))
    net = _values(model.E_load) - _values(model.E_pv)
    import_price, export_price = _values(model.p_import), _values(model.p_export)
    duals = np.array([model.dual[model.balance[s]] for s in model.steps])
    fees = float(sum(model.fees.values()))
    objective = float((imported * import_price - exported * export_price).sum()) + fees
    dual_objective = float((duals * net).sum()) + fees
    violation = np.maximum(duals - import_price, export_price - duals).max()
    balance = np.abs(imported - exported - net).max()
    negative = max(0.0, -float(min(imported.min(), exported.min())))
    certificate = Certificate(
        method=f"case a, Pyomo with {engine}",
        objective=objective,
        primal_residual=max(float(balance), negative),
        dual_residual=max(0.0, float(violation)),
        gap=abs(objective - dual_objective) / max(abs(objective), 1.0),
    )
    return CaseA(
        imported_kwh=imported,
        exported_kwh=exported,
        objective=objective,
        certificate=certificate.require(1e-6),
    )


def _values(component: Any) -> np.ndarray:
    from pyomo.environ import value

    return np.array([value(component[key]) for key in component.index_set()], dtype=float)
