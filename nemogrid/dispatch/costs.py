r"""Families of costs that the models of a household share: the terms of its bill.

Each function is one term of the objective, in the symbols of `nemogrid.dispatch.families`.
"""

from __future__ import annotations

from typing import Any


def import_cost(model: Any) -> Any:
    r"""Pay for import at the first price of each step.

    .. math:: \sum_{d,t} E^{im}_{d,t}\, p^{im}_{d,t}

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case a or b.

    Returns
    -------
    Pyomo expression
    """
    from pyomo.environ import quicksum

    return quicksum(model.E_import[s] * model.p_import[s] for s in model.steps)


def export_revenue(model: Any) -> Any:
    r"""Earn for export at the first price of each step.

    .. math:: \sum_{d,t} X^{pv}_{d,t}\, p^{ex}_{d,t}

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case a or b.

    Returns
    -------
    Pyomo expression
    """
    from pyomo.environ import quicksum

    return quicksum(model.PV_exported[s] * model.p_export[s] for s in model.steps)


def meter_block_cost(model: Any) -> Any:
    r"""Pay the surcharges on what a step moves above the edges of its blocks.

    .. math:: \sum_{w,k} \sum_{d,t} \sigma^{w,k}_{d,t}\, Y^{w,k}_{d,t}

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case a or b.

    Returns
    -------
    Pyomo expression
    """
    from pyomo.environ import quicksum

    return quicksum(model.E_above[key] * model.surcharge[key] for key in model.E_above)


def period_block_cost(model: Any) -> Any:
    r"""Pay for the energy of periods in rising blocks.

    .. math:: \sum_{j,P} \Big( \beta^j E^j_P + \sum_k \sigma^{j,k}\, Y^{j,k}_P \Big)

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case a or b.

    Returns
    -------
    Pyomo expression
    """
    from pyomo.environ import quicksum

    first = quicksum(model.E_period[j, period] * model.p_period[j] for j, period in model.E_period)
    return first + quicksum(
        model.E_beyond[j, period, k] * model.period_surcharge[j, k]
        for j, period, k in model.E_beyond
    )


def peak_cost(model: Any) -> Any:
    r"""Pay for the peaks of periods.

    .. math:: \sum_{j,P} \pi^j_P\, M^j_P

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case a or b.

    Returns
    -------
    Pyomo expression
    """
    from pyomo.environ import quicksum

    return quicksum(model.peak_kw[key] * model.p_peak[key] for key in model.peak_kw)


def wear_cost(model: Any) -> Any:
    r"""Pay for what discharging uses up of the store.

    .. math:: \sum_{d,t} P^d_{d,t}\, p^{sto}

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case b.

    Returns
    -------
    Pyomo expression
    """
    from pyomo.environ import quicksum

    return model.p_storage * quicksum(model.P_discharge[s] for s in model.steps)


def fees_due(model: Any) -> Any:
    r"""Add up the fees, which nothing in the model can change.

    .. math:: F

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case a or b.

    Returns
    -------
    float
    """
    return sum(model.fees.values())
