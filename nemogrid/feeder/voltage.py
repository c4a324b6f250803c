"""EN 50160: whether the voltage was good enough, at every bus and in every week."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nemogrid.errors import InputError
from nemogrid.results import FeederState

WEEK_H = 168.0
USUAL_BAND_PU = (0.90, 1.10)
OUTER_BAND_PU = (0.85, 1.10)
WEEKLY_SHARE = 0.95


def en50160(state: FeederState, *, step_h: float | None = None) -> pd.DataFrame:
    """Judge the slow voltage variations at each bus by EN 50160.

    Under normal conditions, of the 10-minute means of a low-voltage supply

    - 95 % in every week lie within +/-10 % of the nominal voltage, and
    - all lie within +10 % and -15 % (EN 50160, clause 4.2.2).

    The means here are those of the simulated steps: with steps longer than 10 minutes the
    statistics are smoother, and kinder, than a meter's. A week is any 168 hours in a row; a
    simulation shorter than a week is judged as one.

    Parameters
    ----------
    state : FeederState
        Voltages of T steps.
    step_h : float, optional
        Length of a step [h]. Default: read off the times of the steps.

    Returns
    -------
    pandas.DataFrame, shape (B, 4)
        A row per bus; ``vm_min_pu`` and ``vm_max_pu`` [pu], ``worst_week_share`` (the smallest
        share of steps within +/-10 % in any week, 0..1) and ``complies``.

    Raises
    ------
    InputError
        If the steps have no times and `step_h` is not given, or the times are not equidistant.

    References
    ----------
    .. [1] EN 50160:2010, "Voltage characteristics of electricity supplied by public electricity
       networks", CENELEC.

    Examples
    --------
    >>> from nemogrid.results import Certificate
    >>> empty = pd.DataFrame()
    >>> vm_pu = pd.DataFrame({4: [1.0] * 19 + [1.11], 5: [1.0] * 19 + [0.89]})
    >>> state = FeederState(
    ...     vm_pu=vm_pu, line_loading_share=empty, transformer_loading_share=empty,
    ...     loss_kw=pd.Series(dtype=float), certificate=Certificate(method="given"),
    ... )
    >>> en50160(state, step_h=0.5)
         vm_min_pu  vm_max_pu  worst_week_share  complies
    bus
    4         1.00       1.11              0.95     False
    5         0.89       1.00              0.95      True
    """
    vm_pu = state.vm_pu.to_numpy()
    steps = min(round(WEEK_H / _step_h(state.vm_pu.index, step_h)), len(vm_pu))
    low, high = USUAL_BAND_PU
    within = np.cumsum((vm_pu >= low) & (vm_pu <= high), axis=0, dtype=np.int64)
    in_week = within[steps - 1 :].copy()
    in_week[1:] -= within[:-steps]
    worst = in_week.min(axis=0) / steps
    lowest, highest = vm_pu.min(axis=0), vm_pu.max(axis=0)
    complies = (
        (worst >= WEEKLY_SHARE) & (lowest >= OUTER_BAND_PU[0]) & (highest <= OUTER_BAND_PU[1])
    )
    return pd.DataFrame(
        {
            "vm_min_pu": lowest,
            "vm_max_pu": highest,
            "worst_week_share": worst,
            "complies": complies,
        },
        index=state.vm_pu.columns.rename("bus"),
    )


def _step_h(index: pd.Index, given: float | None) -> float:
    if given is not None:
        if not given > 0:
            raise InputError(f"step_h is {given}: expected a number above 0")
        return given
    if not isinstance(index, pd.DatetimeIndex) or len(index) < 2:
        raise InputError("the steps have no times to read their length from: give step_h")
    lengths = np.diff(index.asi8)
    if (lengths != lengths[0]).any() or lengths[0] <= 0:
        raise InputError("the steps are not equally long: expected equal steps in time order")
    return float((index[1] - index[0]) / pd.Timedelta(hours=1))
