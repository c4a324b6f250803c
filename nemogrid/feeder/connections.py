"""What is connected to a feeder: its loads, generators and storages as tables in kW."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nemogrid.errors import NetworkError, listed


def read_connections(network: Any) -> pd.DataFrame:
    """List the loads in service.

    Parameters
    ----------
    network : pandapowerNet
        A feeder from `load_feeder`.

    Returns
    -------
    pandas.DataFrame
        A row per load, labelled by its name; columns ``bus``, ``rated_kw`` [kW], ``rated_kvar``
        [kvar], ``shape`` (name of the load profile, or None) and ``power_factor`` (of the rated
        power, 0..1; NaN where the load has none).

    Raises
    ------
    NetworkError
        If two loads have the same name, or a load has none.

    Examples
    --------
    >>> from nemogrid.feeder import load_feeder
    >>> read_connections(load_feeder("1-LV-rural1--0-no_sw")).head(2)
                    bus  rated_kw  rated_kvar shape  power_factor
    name
    LV1.101 Load 1    9       6.0       2.371  L2-A      0.930019
    LV1.101 Load 2    7       3.0       1.186  H0-C      0.929966
    """
    table = _in_kw(network, "load").join(_reactive(network))
    named = np.array([isinstance(name, str) and name != "" for name in table["name"]], dtype=bool)
    wrong = table["name"][~named | table["name"].duplicated(keep=False).to_numpy()]
    if len(wrong):
        raise NetworkError(
            f"loads without a name of their own: {listed(wrong)}; load_feeder gives them one"
        )
    kw, kvar = table["rated_kw"].to_numpy(), table["rated_kvar"].to_numpy()
    apparent = np.hypot(kw, kvar)
    factor = np.divide(abs(kw), apparent, out=np.full(len(kw), np.nan), where=apparent > 0)
    columns = ["bus", "rated_kw", "rated_kvar", "shape", "power_factor"]
    return table.assign(power_factor=factor).set_index("name")[columns]


def read_generators(network: Any) -> pd.DataFrame:
    """List the static generators in service.

    Parameters
    ----------
    network : pandapowerNet
        A feeder.

    Returns
    -------
    pandas.DataFrame
        A row per generator, labelled by its index; columns ``name``, ``bus``, ``rated_kw`` [kW],
        ``shape`` (name of the profile, or None) and ``type``.
    """
    return _in_kw(network, "sgen")


def read_storages(network: Any) -> pd.DataFrame:
    """List the storages in service.

    Parameters
    ----------
    network : pandapowerNet
        A feeder.

    Returns
    -------
    pandas.DataFrame
        A row per storage, labelled by its index; columns ``name``, ``bus``, ``rated_kw`` [kW],
        ``shape`` (name of the profile, or None), ``type`` and ``capacity_kwh`` [kWh].
    """
    rows = network.storage[network.storage["in_service"].astype(bool)]
    capacity_kwh = rows["max_e_mwh"].astype(float) * 1e3
    return _in_kw(network, "storage").assign(capacity_kwh=capacity_kwh)


def _in_kw(network: Any, table: str) -> pd.DataFrame:
    rows = network[table][network[table]["in_service"].astype(bool)]
    shape = rows["profile"] if "profile" in rows else pd.Series(None, rows.index, dtype=object)
    return pd.DataFrame(
        {
            "name": rows["name"].astype(object),
            "bus": rows["bus"].astype(int),
            "rated_kw": rows["p_mw"].astype(float) * rows["scaling"].astype(float) * 1e3,
            "shape": shape.astype(object).where(shape.notna(), None),
            "type": rows["type"].astype(object),
        }
    )


def _reactive(network: Any) -> pd.Series:
    rows = network.load[network.load["in_service"].astype(bool)]
    kvar = rows["q_mvar"].astype(float) * rows["scaling"].astype(float) * 1e3
    return kvar.rename("rated_kvar")
