"""The same power flow by pandapower's own solver: slow, and a second opinion."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.errors import LabelError, PowerFlowError, listed
from nemogrid.feeder.quiet import quiet

_INJECTIONS = ("load", "sgen", "storage")


def run_pandapower(
    network: Any, net_load_kw: pd.DataFrame, *, reactive_kvar: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Compute voltages with pandapower's ``runpp`` [1]_, one step at a time.

    Meant for a few steps: to check `run_power_flow`, which shares neither solver nor code with it.

    Parameters
    ----------
    network : pandapowerNet
        The feeder; it is not changed, and its own loads, generators and storages are not used.
    net_load_kw : pandas.DataFrame, shape (T, n)
        Net load [kW], consumption positive; columns are bus indices.
    reactive_kvar : pandas.DataFrame, shape (T, n), optional
        Reactive net load [kvar], inductive positive. Default: none.

    Returns
    -------
    pandas.DataFrame, shape (T, B)
        Voltage of each bus in service [pu].

    Raises
    ------
    LabelError
        If a column is not a bus in service, or the tables have different labels.
    PowerFlowError
        If a step does not converge; the message names it.

    References
    ----------
    .. [1] L. Thurner et al., "pandapower: an open-source Python tool for convenient modeling,
       analysis and optimization of electric power systems", IEEE Trans. Power Systems 33(6),
       2018, doi:10.1109/TPWRS.2018.2829021.

    Examples
    --------
    >>> from nemogrid.feeder import load_feeder
    >>> network = load_feeder("1-LV-rural1--0-no_sw")
    >>> run_pandapower(network, pd.DataFrame({7: [60.0], 13: [20.0]}))[7].round(4).tolist()
    [1.0172]
    """
    with quiet():
        import pandapower

    alive = network.bus.index[network.bus["in_service"].astype(bool)]
    unknown = [bus for bus in net_load_kw.columns if bus not in alive]
    if unknown:
        raise LabelError(f"net load [kW]: no bus in service is {listed(unknown)}")
    if reactive_kvar is None:
        reactive_kvar = net_load_kw * 0.0
    for axis in ("index", "columns"):
        if not getattr(reactive_kvar, axis).equals(getattr(net_load_kw, axis)):
            raise LabelError(f"reactive power [kvar]: the {axis} is not that of the net load")
    copied = copy.deepcopy(network)
    for table in _INJECTIONS:
        copied[table]["in_service"] = False
    loads = [pandapower.create_load(copied, bus, p_mw=0.0) for bus in net_load_kw.columns]
    vm_pu = np.empty((len(net_load_kw), len(alive)))
    for t, step in enumerate(net_load_kw.index):
        copied.load.loc[loads, "p_mw"] = net_load_kw.iloc[t].to_numpy(dtype=float) / 1e3
        copied.load.loc[loads, "q_mvar"] = reactive_kvar.iloc[t].to_numpy(dtype=float) / 1e3
        try:
            with quiet():
                pandapower.runpp(copied, trafo_model="t", tolerance_mva=1e-9)
        except pandapower.LoadflowNotConverged as error:
            raise PowerFlowError(f"pandapower finds no solution at step {step}") from error
        vm_pu[t] = copied.res_bus.loc[alive, "vm_pu"].to_numpy()
    return pd.DataFrame(vm_pu, index=net_load_kw.index, columns=alive)
