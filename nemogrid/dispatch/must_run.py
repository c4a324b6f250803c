r"""From which fillings a store can still keep all its bounds.

A car that has to be full at seven cannot wait at half past six. Which stored energies are still
safe follows from the bounds backwards: from the end, where the bound is the end condition,

.. math::

   \underline{r}_T = \underline{s}_T, \quad
   \underline{r}_t = \max\Big(\underline{s}_t,
       \frac{\underline{r}_{t+1} + q_t - \eta^c C_t}{\rho}\Big), \qquad
   \overline{r}_T = \overline{s}_T, \quad
   \overline{r}_t = \min\Big(\overline{s}_t,
       \frac{\overline{r}_{t+1} + q_t + D_t / \eta^d}{\rho}\Big) .

A store that begins inside :math:`[\underline{r}_0, \overline{r}_0]`, and steps from each interval
into the next, keeps every bound; and from each point of an interval there is such a step. Symbols
as in `nemogrid.dispatch.store`.
"""

from __future__ import annotations

import numpy as np

from nemogrid.dispatch.store import Store
from nemogrid.errors import SolveError

_TOLERANCE_KWH = 1e-9


def safe_kwh(store: Store) -> tuple[np.ndarray, np.ndarray]:
    """Find the stored energies from which all later bounds can be kept.

    Parameters
    ----------
    store : Store
        Bounds and limits of T steps.

    Returns
    -------
    lower_kwh, upper_kwh : numpy.ndarray, shape (T + 1,)
        Least and most stored energy at the start of each step and at the end [kWh].

    Raises
    ------
    SolveError
        If there is no way to run the store, naming it and the step.

    Examples
    --------
    A car that takes 4 kWh a step and needs 10 kWh after three steps:

    >>> car = Store(name="car", charge_limit_kwh=np.full(3, 4.0), discharge_limit_kwh=np.zeros(3),
    ...             lower_kwh=np.array([0.0, 0.0, 0.0, 10.0]), upper_kwh=np.full(4, 20.0),
    ...             initial_kwh=0.0)
    >>> safe_kwh(car)[0].tolist()
    [0.0, 2.0, 6.0, 10.0]
    """
    lower_kwh, upper_kwh = store.lower_kwh.copy(), store.upper_kwh.copy()
    used_kwh = store.used_kwh
    most_in = store.charge_efficiency * store.charge_limit_kwh - used_kwh
    most_out = store.discharge_limit_kwh / store.discharge_efficiency + used_kwh
    for t in range(store.n_steps - 1, -1, -1):
        lower_kwh[t] = max(lower_kwh[t], (lower_kwh[t + 1] - most_in[t]) / store.kept_share)
        upper_kwh[t] = min(upper_kwh[t], (upper_kwh[t + 1] + most_out[t]) / store.kept_share)
    scale = max(1.0, float(np.abs(upper_kwh).max(initial=0.0)))
    empty = np.flatnonzero(lower_kwh > upper_kwh + _TOLERANCE_KWH * scale)
    if empty.size:
        t = int(empty[-1])
        raise SolveError(
            f"{store.name}: at step {t} the later bounds need at least {lower_kwh[t]:.6g} kWh and "
            f"allow at most {upper_kwh[t]:.6g} kWh: it cannot be run"
        )
    start = store.initial_kwh
    slack = _TOLERANCE_KWH * scale
    if not lower_kwh[0] - slack <= start <= upper_kwh[0] + slack:
        raise SolveError(
            f"{store.name}: it begins with {start:.6g} kWh, expected {lower_kwh[0]:.6g} to "
            f"{upper_kwh[0]:.6g} kWh to keep its bounds"
        )
    return lower_kwh, np.maximum(upper_kwh, lower_kwh)
