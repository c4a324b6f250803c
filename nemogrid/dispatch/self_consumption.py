r"""The rule of a home battery that looks at nothing but its own house.

Surplus charges the battery, shortage discharges it, as far as power and capacity go; the rest
passes the meter. With the net load :math:`n_t` of a step (load less PV, in kWh), efficiencies
:math:`\eta^c, \eta^d`, and the stored energy :math:`s_t \in [0, S]`, the charge :math:`c_t` and the
discharge :math:`d_t` on the grid side are

.. math::

   c_t = \min\{(-n_t)^+,\; P h,\; (S - s_t) / \eta^c\}, \qquad
   d_t = \min\{(n_t)^+,\; P h,\; s_t \eta^d\}, \qquad
   s_{t+1} = s_t + \eta^c c_t - d_t / \eta^d.

It is what batteries sold with PV do when nobody tells them prices. It is a rule and not an
optimum: it neither waits for a higher price nor leaves room for a sunnier noon.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nemogrid.charges import Charge
from nemogrid.community import Battery, Community
from nemogrid.dispatch.without_storage import meter_prices, plan_without_storage
from nemogrid.results import Certificate, Plan, Profiles
from nemogrid.tables import require_same_members


def plan_members(community: Community, profiles: Profiles, charges: tuple[Charge, ...]) -> Plan:
    """Plan what every member draws: own PV first, and its battery, if it has one, by the rule.

    Parameters
    ----------
    community : Community
        N members.
    profiles : Profiles
        Their load and PV over T steps.
    charges : tuple of Charge
        Prices that the members face with the retailer.

    Returns
    -------
    Plan
        Without a battery in the community, that of `plan_without_storage`, which is optimal. With
        one, the certificate names the rule, and its primal residual is the largest error of the
        balance of a store [kWh].

    Raises
    ------
    LabelError
        If the profiles are of other members.
    SolveError
        If exporting pays more than importing costs.
    """
    require_same_members(profiles.load_kw, community.names, what="profiles")
    owners = {member.name: member.battery for member in community if member.battery is not None}
    if not owners:
        return plan_without_storage(profiles, charges)
    step_h = profiles.timeline.step_h
    storage_kw = pd.DataFrame(0.0, profiles.net_kw.index, profiles.net_kw.columns)
    residual_kwh = 0.0
    for name, battery in owners.items():
        net_kwh = profiles.net_kw[name].to_numpy() * step_h
        drawn_kwh, stored_kwh = store_own_surplus(net_kwh, battery, step_h=step_h)
        storage_kw[name] = drawn_kwh / step_h
        residual_kwh = max(residual_kwh, balance_error(drawn_kwh, stored_kwh, battery))
    import_price, export_price = meter_prices(charges, profiles)
    net_kw = profiles.net_kw + storage_kw
    net_kwh = net_kw.to_numpy() * step_h
    cost = import_price * np.maximum(net_kwh, 0.0) - export_price * np.maximum(-net_kwh, 0.0)
    certificate = Certificate(
        method="batteries store own surplus, by rule",
        objective=float(cost.sum()),
        primal_residual=residual_kwh,
    )
    return Plan(
        net_kw=net_kw, certificate=certificate.require(1e-9), drawn_kw={"battery": storage_kw}
    )


def store_own_surplus(
    net_kwh: np.ndarray, battery: Battery, *, step_h: float
) -> tuple[np.ndarray, np.ndarray]:
    """Run a battery by the rule.

    Parameters
    ----------
    net_kwh : numpy.ndarray, shape (T,)
        Load less PV of its house [kWh].
    battery : Battery
        The battery.
    step_h : float
        Length of a step [h].

    Returns
    -------
    drawn_kwh : numpy.ndarray, shape (T,)
        Energy drawn on the grid side [kWh]: charging positive, discharging negative.
    stored_kwh : numpy.ndarray, shape (T + 1,)
        Stored energy at the start of each step, and at the end [kWh].

    Examples
    --------
    >>> box = Battery(capacity_kwh=4.0, power_kw=2.0, charge_efficiency=1.0,
    ...               discharge_efficiency=0.5, initial_soc_share=0.0)
    >>> drawn, stored = store_own_surplus(np.array([-3.0, -3.0, 1.5, 1.0]), box, step_h=1.0)
    >>> drawn.tolist(), stored.tolist()
    ([2.0, 2.0, -1.5, -0.5], [0.0, 2.0, 4.0, 1.0, 0.0])
    """
    most = battery.power_kw * step_h
    into, out_of = battery.charge_efficiency, battery.discharge_efficiency
    capacity = battery.capacity_kwh
    stored = capacity * battery.initial_soc_share
    drawn, levels = [], [stored]
    for net in net_kwh.tolist():
        if net < 0:
            energy = min(-net, most, (capacity - stored) / into)
            stored = min(stored + into * energy, capacity)
        else:
            energy = -min(net, most, stored * out_of)
            stored = max(stored + energy / out_of, 0.0)
        drawn.append(energy)
        levels.append(stored)
    return np.array(drawn), np.array(levels)


def balance_error(drawn_kwh: np.ndarray, stored_kwh: np.ndarray, battery: Battery) -> float:
    """Find the largest error in the balance of a store.

    Parameters
    ----------
    drawn_kwh : numpy.ndarray, shape (T,)
        Energy drawn on the grid side [kWh].
    stored_kwh : numpy.ndarray, shape (T + 1,)
        Stored energy [kWh].
    battery : Battery
        For its efficiencies and capacity.

    Returns
    -------
    float
        Energy [kWh].
    """
    charge, discharge = np.maximum(drawn_kwh, 0.0), np.maximum(-drawn_kwh, 0.0)
    expected = battery.charge_efficiency * charge - discharge / battery.discharge_efficiency
    outside = np.maximum(-stored_kwh, stored_kwh - battery.capacity_kwh).max()
    return float(max(np.abs(np.diff(stored_kwh) - expected).max(), outside))
