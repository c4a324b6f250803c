r"""Whether a store can keep its bounds at all, and if not, in which step it first fails.

What a store can hold after a step follows from what it can hold before it:

.. math::

   R_0 = \{s_0\}, \qquad
   R_{t+1} = \big(\rho R_t - q_t + [-D_t / \eta^d, \; \eta^c C_t]\big)
             \cap [\underline{s}_{t+1}, \overline{s}_{t+1}] .

There is a way to run the store if and only if none of these intervals is empty. Symbols as in
`nemogrid.dispatch.store`.
"""

from __future__ import annotations

import numpy as np

from nemogrid.dispatch.store import Store
from nemogrid.errors import SolveError


def require_reachable(store: Store) -> tuple[np.ndarray, np.ndarray]:
    """Find what a store can hold at each moment when it keeps all bounds up to then.

    Parameters
    ----------
    store : Store
        Bounds and limits of T steps.

    Returns
    -------
    least_kwh, most_kwh : numpy.ndarray, shape (T + 1,)
        Ends of the interval at the start of each step and at the end [kWh].

    Raises
    ------
    SolveError
        If an interval is empty by more than rounding, a billionth of the size of the store:
        naming store and step, the bound that is missed and what could be reached.

    Examples
    --------
    >>> car = Store(name="vehicle", charge_limit_kwh=[4.0, 4.0], discharge_limit_kwh=[0.0, 0.0],
    ...             lower_kwh=[0.0, 0.0, 9.0], upper_kwh=[20.0] * 3, initial_kwh=2.0)
    >>> least_kwh, most_kwh = require_reachable(car)
    >>> least_kwh.tolist(), most_kwh.tolist()
    ([2.0, 2.0, 9.0], [2.0, 6.0, 10.0])
    """
    T = store.n_steps
    used_kwh = store.used_kwh
    gains = (store.charge_efficiency * store.charge_limit_kwh - used_kwh).tolist()
    losses = (store.discharge_limit_kwh / store.discharge_efficiency + used_kwh).tolist()
    lower, upper = store.lower_kwh.tolist(), store.upper_kwh.tolist()
    slack_kwh = 1e-9 * max(1.0, *map(abs, lower), *map(abs, upper), *map(abs, gains))
    least, most = np.empty(T + 1), np.empty(T + 1)
    low = high = store.initial_kwh
    for t in range(T + 1):
        if t > 0:
            low = store.kept_share * low - losses[t - 1]
            high = store.kept_share * high + gains[t - 1]
        if high < lower[t] - slack_kwh:
            raise SolveError(
                f"{store.name}: {_moment(t, T)} it can hold at most {high:.6g} kWh, expected at "
                f"least its lower bound of {lower[t]:.6g} kWh"
            )
        if low > upper[t] + slack_kwh:
            raise SolveError(
                f"{store.name}: {_moment(t, T)} it has to hold at least {low:.6g} kWh, expected "
                f"at most its upper bound of {upper[t]:.6g} kWh"
            )
        low = min(max(low, lower[t]), upper[t])
        high = max(min(high, upper[t]), lower[t])
        least[t], most[t] = low, high
    return least, most


def _moment(t: int, n_steps: int) -> str:
    return f"at the start of step {t}" if t < n_steps else f"at the end of step {t - 1}"
