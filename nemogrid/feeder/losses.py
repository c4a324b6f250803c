"""Losses in two parts: those of an idle feeder, and those that the members' currents add."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nemogrid.feeder.power_flow import run_power_flow
from nemogrid.results import FeederState


def split_losses(network: Any, state: FeederState) -> pd.DataFrame:
    """Split the losses of each step into a no-load and a load-dependent part.

    The no-load part is what the feeder loses while nobody draws or feeds in: almost all of it is
    the magnetisation of the transformer's iron. The rest grows about with the square of the
    currents. Because iron losses follow the voltage a little, the rest is slightly below zero in
    steps of almost no current.

    Parameters
    ----------
    network : pandapowerNet
        The feeder.
    state : FeederState
        Its state in T steps, computed with pandapower's default model of transformers.

    Returns
    -------
    pandas.DataFrame, shape (T, 2)
        ``no_load_kw`` and ``load_dependent_kw`` [kW]; their sum is ``state.loss_kw``.

    Raises
    ------
    NetworkError
        If the network cannot be carried completely.

    Examples
    --------
    >>> from nemogrid.feeder import load_feeder
    >>> network = load_feeder("1-LV-rural1--0-no_sw")
    >>> state = run_power_flow(network, pd.DataFrame({7: [0.0, 30.0, 60.0]}))
    >>> split_losses(network, state).round(3)
       no_load_kw  load_dependent_kw
    0       0.483              0.000
    1       0.483              0.085
    2       0.483              0.341
    """
    bus = state.vm_pu.columns[0]
    idle = run_power_flow(network, pd.DataFrame({bus: [0.0]}))
    no_load_kw = float(idle.loss_kw.iloc[0])
    return pd.DataFrame(
        {"no_load_kw": no_load_kw, "load_dependent_kw": state.loss_kw - no_load_kw},
        index=state.loss_kw.index,
    )
