r"""Families of constraints that the models of a household share, and the symbols of the models.

Each function is one line of the mathematics; `nemogrid.dispatch.costs` holds what is paid.
:math:`d` is the day, :math:`t` the step of the day (half-hours, where there are 48). The ways
through the meter are ``"import"`` and ``"export"``: :math:`E^{w}_{d,t}` is :math:`E^{im}_{d,t}` or
:math:`X^{pv}_{d,t}`. The printed formula knows one price each way; every price that rises is
written as a surcharge on what lies above an edge, which is convex and therefore linear here.

===========================  ==============================================  =======================
symbol                       meaning                                         name in the model
===========================  ==============================================  =======================
:math:`d, t`                 day and step of the day                         ``steps``
:math:`\Delta`               length of a step [h]                            ``step_h``
:math:`E^{im}_{d,t}`         imported energy [kWh]                           ``E_import``
:math:`X^{pv}_{d,t}`         exported energy [kWh]                           ``PV_exported``
:math:`L_{d,t}`              load [kWh]                                      ``E_load``
:math:`G_{d,t}`              PV generation [kWh]                             ``E_pv``
:math:`p^{im}_{d,t}`         first price of imported energy [money per kWh]  ``p_import``
:math:`p^{ex}_{d,t}`         first price of exported energy [money per kWh]  ``p_export``
:math:`\bar E^{w,k}_{d,t}`   edge of block k of a step [kWh]                 ``edge``
:math:`\sigma^{w,k}_{d,t}`   surcharge above it [money per kWh]              ``surcharge``
:math:`Y^{w,k}_{d,t}`        energy above that edge [kWh]                    ``E_above``
:math:`E^{j}_{P}`            energy of period P, for block price j [kWh]     ``E_period``
:math:`\beta^{j}`            price of its first block [money per kWh]        ``p_period``
:math:`\bar E^{j,k}_{P}`     where its block k ends [kWh]                    ``limit``
:math:`\sigma^{j,k}`         surcharge above it [money per kWh]              ``period_surcharge``
:math:`Y^{j,k}_{P}`          energy above that limit [kWh]                   ``E_beyond``
:math:`M^{j}_{P}`            peak of period P, for peak price j [kW]         ``peak_kw``
:math:`\pi^{j}_{P}`          price of that peak [money per kW]               ``p_peak``
:math:`F`                    algorithm and administrative fees [money]       ``fees``
:math:`P^c_{d,t}`            charged energy, grid side [kWh]                 ``P_charge``
:math:`P^d_{d,t}`            discharged energy, grid side [kWh]              ``P_discharge``
:math:`\bar P^c_{d,t}`       most of the one [kWh]                           ``charge_limit_kwh``
:math:`\bar P^d_{d,t}`       and of the other [kWh]                          ``discharge_limit_kwh``
:math:`S_{d,t}`              stored energy at the end of a step [kWh]        ``E_stored``
:math:`S^{-}_{d,t}`          one step earlier, or ``initial_kwh`` [kWh]      ``E_stored``
:math:`\underline{S}_{d,t}`  least stored energy [kWh]                       ``lower_kwh``
:math:`\bar S_{d,t}`         most stored energy [kWh]                        ``upper_kwh``
:math:`\eta^c`               efficiency of charging                          ``eta_charge``
:math:`\eta^d`               efficiency of discharging                       ``eta_discharge``
:math:`\rho`                 share of the stored energy kept over a step     ``kept_share``
:math:`Q_{d,t}`              energy used out of the store [kWh]              ``E_used``
:math:`p^{sto}`              wear of a discharged kWh [money per kWh]        ``p_storage``
===========================  ==============================================  =======================
"""

from __future__ import annotations

from typing import Any


def meter_blocks(model: Any, way: str, k: int, d: int, t: int) -> Any:
    r"""Find what a step moves above the edge of a block.

    .. math:: Y^{w,k}_{d,t} \ge E^{w}_{d,t} - \bar E^{w,k}_{d,t}, \qquad Y^{w,k}_{d,t} \ge 0

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case a or b.
    way : {"import", "export"}
        Way through the meter.
    k, d, t : int
        Block, day and step.

    Returns
    -------
    Pyomo expression
    """
    return model.E_above[way, k, d, t] >= flow(model, way, d, t) - model.edge[way, k, d, t]


def period_energy(model: Any, j: int, period: int) -> Any:
    r"""Add up the energy of a period that is priced in blocks.

    .. math:: E^{j}_{P} = \sum_{(d,t) \in P} E^{w_j}_{d,t}

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case a or b.
    j, period : int
        Block price, and number of the period.

    Returns
    -------
    Pyomo expression
    """
    from pyomo.environ import quicksum

    way = model.way_of_blocks[j]
    steps = model.steps_of_blocks[j, period]
    return model.E_period[j, period] == quicksum(flow(model, way, *step) for step in steps)


def period_blocks(model: Any, j: int, period: int, k: int) -> Any:
    r"""Find what a period moves above the limit of a block.

    .. math:: Y^{j,k}_{P} \ge E^{j}_{P} - \bar E^{j,k}_{P}, \qquad Y^{j,k}_{P} \ge 0

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case a or b.
    j, period, k : int
        Block price, number of the period, block.

    Returns
    -------
    Pyomo expression
    """
    above = model.E_period[j, period] - model.limit[j, period, k]
    return model.E_beyond[j, period, k] >= above


def period_peaks(model: Any, j: int, d: int, t: int) -> Any:
    r"""Bound the mean power of a step by the peak of its period.

    .. math:: M^{j}_{P} \ge E^{w_j}_{d,t} / \Delta \quad \text{for all } (d,t) \in P

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case a or b.
    j, d, t : int
        Peak price, day and step.

    Returns
    -------
    Pyomo expression
    """
    period = model.period_of_peaks[j][d, t]
    return model.peak_kw[j, period] >= flow(model, model.way_of_peaks[j], d, t) / model.step_h


def stored_energy_balance(model: Any, d: int, t: int) -> Any:
    r"""Carry the stored energy from step to step.

    .. math:: S_{d,t} = \rho\, S^{-}_{d,t} + \eta^c P^c_{d,t} - P^d_{d,t} / \eta^d - Q_{d,t}

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
    earlier = model.before[d, t]
    stored = model.initial_kwh if earlier is None else model.E_stored[earlier]
    change = model.eta_charge * model.P_charge[d, t] - model.P_discharge[d, t] / model.eta_discharge
    return model.E_stored[d, t] == model.kept_share * stored + change - model.E_used[d, t]


def end_condition(model: Any) -> Any:
    r"""Leave enough in the store at the end.

    .. math:: S_{D,T} \ge \underline{S}_{D,T}

    A battery ends with at least what it began with, unless told otherwise.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case b.

    Returns
    -------
    Pyomo expression
    """
    last = model.steps.last()
    return model.E_stored[last] >= model.lower_kwh[last]


def charge_limits(model: Any, d: int, t: int) -> tuple[float, float]:
    r"""Limit the power of charging.

    .. math:: 0 \le P^c_{d,t} \le \bar P^c_{d,t}

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case b.
    d, t : int
        Day and step.

    Returns
    -------
    tuple of float
        Bounds of the variable ``P_charge`` [kWh].
    """
    return 0.0, model.charge_limit_kwh[d, t]


def discharge_limits(model: Any, d: int, t: int) -> tuple[float, float]:
    r"""Limit the power of discharging.

    .. math:: 0 \le P^d_{d,t} \le \bar P^d_{d,t}

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case b.
    d, t : int
        Day and step.

    Returns
    -------
    tuple of float
        Bounds of the variable ``P_discharge`` [kWh].
    """
    return 0.0, model.discharge_limit_kwh[d, t]


def stored_energy_bounds(model: Any, d: int, t: int) -> tuple[float | None, float]:
    r"""Keep the stored energy between its bounds.

    .. math:: \underline{S}_{d,t} \le S_{d,t} \le \bar S_{d,t}

    The lower bound of the last step is the end condition, a family of its own.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case b.
    d, t : int
        Day and step.

    Returns
    -------
    tuple of float
        Bounds of the variable ``E_stored`` [kWh].
    """
    last = (d, t) == model.steps.last()
    return None if last else model.lower_kwh[d, t], model.upper_kwh[d, t]


def unmet_demand(model: Any, d: int, t: int) -> Any:
    r"""Import no more than the demand that PV leaves unmet, so that only PV charges the store.

    .. math:: E^{im}_{d,t} \le \max(0, L_{d,t} - G_{d,t})

    The text that the printed formula comes with demands it; the general model does not.

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
    return model.E_import[d, t] <= max(0.0, model.E_load[d, t] - model.E_pv[d, t])


def flow(model: Any, way: str, d: int, t: int) -> Any:
    r"""Name the energy of one way through the meter, :math:`E^w_{d,t}`.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        Of case a or b.
    way : {"import", "export"}
        Way through the meter.
    d, t : int
        Day and step.

    Returns
    -------
    Pyomo variable
    """
    return model.E_import[d, t] if way == "import" else model.PV_exported[d, t]
