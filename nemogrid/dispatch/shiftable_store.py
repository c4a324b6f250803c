r"""Appliances that may run later than asked, as a flexible store.

A share of the load is asked for by appliances that can wait. The state is the energy that has run
less the energy that was asked for: never above zero, since nothing runs before it is asked for,
and never below what was asked for in the last :math:`D` steps, the longest delay.

.. math::

   s_{t+1} = s_t + c_t - q_t, \qquad -\sum_{\tau = t - D}^{t - 1} q_\tau \le s_t \le 0,
   \qquad s_0 = s_T = 0 .

With what was asked for first running first, nothing waits for more than :math:`D` steps. At the
end nothing is owed: shifting never changes the energy of the whole timeline.

Assumptions: a run can be interrupted, and spread over several steps; the share is the same in
every step, which overstates what can be shifted where the load is lighting and cooking; a delay
that is no whole number of steps is cut to one. Appliances that were asked for more than their
rated power can draw it.
"""

from __future__ import annotations

import numpy as np

from nemogrid.devices import ShiftableLoad
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError


def shiftable_store(load: ShiftableLoad, load_kw: np.ndarray, *, step_h: float) -> Store:
    """Describe the shiftable part of a load as a store of owed energy.

    What the store charges is what the appliances run. The part that was asked for is still in the
    member's load: the net load of a plan is the load plus what runs less what was asked for.

    Parameters
    ----------
    load : ShiftableLoad
        Share, longest delay and power.
    load_kw : numpy.ndarray, shape (T,)
        The member's whole load [kW].
    step_h : float
        Length of a step [h].

    Returns
    -------
    Store
        Running as asked is one of its feasible plans.

    Raises
    ------
    InputError
        If a power is negative or not a number.

    Examples
    --------
    >>> washing = ShiftableLoad(share=0.5, delay_h=2.0, power_kw=3.0)
    >>> store = shiftable_store(washing, np.array([2.0, 4.0, 0.0, 2.0]), step_h=1.0)
    >>> store.lower_kwh.tolist()
    [0.0, -1.0, -3.0, -2.0, 0.0]
    """
    wrong = np.flatnonzero(~(np.isfinite(load_kw) & (load_kw >= 0)))
    if wrong.size:
        raise InputError(
            f"shiftable load: load_kw is {load_kw[wrong[0]]} at step {wrong[0]}, expected a finite "
            "number of at least 0"
        )
    T = len(load_kw)
    asked_kwh = load.share * load_kw * step_h
    power_kw = max(load.power_kw, float(load.share * load_kw.max()))
    return Store(
        name="shiftable load",
        charge_limit_kwh=np.full(T, power_kw * step_h),
        discharge_limit_kwh=np.zeros(T),
        lower_kwh=-_asked_lately(asked_kwh, int(load.delay_h / step_h + 1e-9)),
        upper_kwh=np.zeros(T + 1),
        initial_kwh=0.0,
        used_kwh=asked_kwh,
    )


def _asked_lately(asked_kwh: np.ndarray, n_steps: int) -> np.ndarray:
    """Add up the last n steps before each moment; nothing may be owed at the end."""
    T = len(asked_kwh)
    total = np.r_[0.0, np.cumsum(asked_kwh)]
    lately = total - total[np.maximum(np.arange(T + 1) - n_steps, 0)]
    lately[-1] = 0.0
    return lately
