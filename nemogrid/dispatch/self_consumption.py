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

from nemogrid.devices import Battery


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
