r"""How voltages, loadings and losses of a feeder answer to a kilowatt more on a bus.

Central differences of the AC power flow around an operating point :math:`p` [kW]:

.. math::

   \frac{\partial u_b}{\partial p_n} \approx
   \frac{u_b(p + \delta e_n) - u_b(p - \delta e_n)}{2 \delta} .

All :math:`2n` power flows are one batch. Consumption is positive, so voltages fall with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.errors import InputError
from nemogrid.feeder.power_flow import run_power_flow


@dataclass(frozen=True, kw_only=True, eq=False)
class Sensitivity:
    """Derivatives of the state of a feeder by the net loads.

    Parameters
    ----------
    vm_pu_per_kw : pandas.DataFrame, shape (B, n)
        Of the voltages; rows are buses, columns the buses whose net load changes.
    line_share_per_kw : pandas.DataFrame, shape (L, n)
        Of the loadings of the lines. A loading has a kink where the current is zero.
    transformer_share_per_kw : pandas.DataFrame, shape (n_trafo, n)
        Of the loadings of the transformers.
    loss_kw_per_kw : pandas.Series, shape (n,)
        Of the losses: what one more kilowatt loses on its way.
    """

    vm_pu_per_kw: pd.DataFrame
    line_share_per_kw: pd.DataFrame
    transformer_share_per_kw: pd.DataFrame
    loss_kw_per_kw: pd.Series


def sensitivity(
    network: Any,
    net_load_kw: pd.Series,
    *,
    reactive_kvar: pd.Series | None = None,
    difference_kw: float = 1.0,
) -> Sensitivity:
    """Differentiate the state of a feeder by the net load of each bus.

    Parameters
    ----------
    network : pandapowerNet
        The feeder; it is not changed.
    net_load_kw : pandas.Series, shape (n,)
        Net load of the operating point [kW], labelled by bus; each bus is varied.
    reactive_kvar : pandas.Series, shape (n,), optional
        Reactive net load [kvar], held constant; labelled as `net_load_kw`.
    difference_kw : float
        Half the distance of the two power flows of a difference [kW].

    Returns
    -------
    Sensitivity

    Raises
    ------
    InputError
        If the difference is not above 0.
    NetworkError, LabelError, PowerFlowError
        As `run_power_flow`.

    Examples
    --------
    >>> from nemogrid.feeder import load_feeder
    >>> network = load_feeder("1-LV-rural1--0-no_sw")
    >>> found = sensitivity(network, pd.Series({7: 20.0, 13: 5.0}))
    >>> (1e3 * found.vm_pu_per_kw.loc[[7, 13]]).round(3)
           7      13
    7  -0.098 -0.091
    13 -0.091 -0.225
    """
    if not (np.isfinite(difference_kw) and difference_kw > 0):
        raise InputError(f"difference_kw is {difference_kw}, expected above 0")
    n = len(net_load_kw)
    shift = difference_kw * np.vstack([np.eye(n), -np.eye(n)])
    loads = pd.DataFrame(net_load_kw.to_numpy(dtype=float) + shift, columns=net_load_kw.index)
    reactive = None
    if reactive_kvar is not None:
        reactive = pd.DataFrame(
            np.tile(reactive_kvar.to_numpy(dtype=float), (2 * n, 1)), columns=reactive_kvar.index
        )
    state = run_power_flow(network, loads, reactive_kvar=reactive)

    def derivative(values: np.ndarray) -> np.ndarray:
        return (values[:n] - values[n:]) / (2 * difference_kw)

    def table(of: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(
            derivative(of.to_numpy()).T, index=of.columns, columns=net_load_kw.index
        )

    return Sensitivity(
        vm_pu_per_kw=table(state.vm_pu),
        line_share_per_kw=table(state.line_loading_share),
        transformer_share_per_kw=table(state.transformer_loading_share),
        loss_kw_per_kw=pd.Series(
            derivative(state.loss_kw.to_numpy()), index=net_load_kw.index, name="loss_kw_per_kw"
        ),
    )
