r"""A heat pump with its tank and its house as a flexible store.

The state is the heat above the lower comfort bound, in kWh of the electricity that made it. The
profile of the heat pump is the demand :math:`q_t`: what has to run to stay at the lower bound.

.. math::

   s_{t+1} = \rho\, s_t + c_t - q_t, \qquad 0 \le s_t \le S, \qquad
   \rho = (1 - \lambda)^h

with the loss :math:`\lambda` in an hour and the step length :math:`h`. To heat ahead of the demand
fills the store, and costs the losses of what is kept. Nothing comes back as electricity. The store
is empty at the start and may be empty at the end, so that following the demand is a plan.

Assumptions:

- A kWh of electricity makes as much heat now as in a few hours: the coefficient of performance is
  that of the demand. Heating at noon instead of at night gains more than is counted here, heating
  at night instead of at noon loses more.
- The profile is that of a house kept at its lower bound. Losses of the demand itself are in it;
  those of heat above the bound are added.
- A heat pump that has drawn more than its rating can do so.
"""

from __future__ import annotations

import numpy as np

from nemogrid.devices import HeatPump
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError


def heat_store(heat_pump: HeatPump, drawn_kw: np.ndarray, *, step_h: float) -> Store:
    """Describe a heat pump as a flexible store.

    Parameters
    ----------
    heat_pump : HeatPump
        Power, heat that can be stored and losses.
    drawn_kw : numpy.ndarray, shape (T,)
        Power that it draws when nobody controls it [kW].
    step_h : float
        Length of a step [h].

    Returns
    -------
    Store
        Following the demand is one of its feasible plans.

    Raises
    ------
    InputError
        If a power is negative or not a number.

    Examples
    --------
    >>> store = heat_store(HeatPump(store_kwh=4.0), np.array([0.0, 3.0, 3.0]), step_h=0.5)
    >>> store.used_kwh.tolist(), store.upper_kwh.tolist(), round(store.kept_share, 4)
    ([0.0, 1.5, 1.5], [4.0, 4.0, 4.0, 4.0], 0.995)
    """
    T = len(drawn_kw)
    wrong = np.flatnonzero(~(np.isfinite(drawn_kw) & (drawn_kw >= 0)))
    if wrong.size:
        raise InputError(
            f"heat pump: drawn_kw is {drawn_kw[wrong[0]]} at step {wrong[0]}, expected a finite "
            "number of at least 0"
        )
    power_kw = max(heat_pump.power_kw, float(drawn_kw.max()))
    return Store(
        name="heat pump",
        charge_limit_kwh=np.full(T, power_kw * step_h),
        discharge_limit_kwh=np.zeros(T),
        lower_kwh=np.zeros(T + 1),
        upper_kwh=np.full(T + 1, heat_pump.store_kwh),
        initial_kwh=0.0,
        kept_share=(1.0 - heat_pump.loss_share_per_h) ** step_h,
        used_kwh=drawn_kw * step_h,
    )
