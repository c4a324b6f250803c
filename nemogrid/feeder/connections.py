"""What is connected to a feeder: its loads, generators and storages as tables in kW."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nemogrid.errors import NetworkError, listed

_STORAGE_POWERS = ("p_mw", "min_p_mw", "max_p_mw")


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
        If two loads have the same name, a load has none, or a power is not a finite number.

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
        ``shape`` (name of the profile, or None), ``type``, ``capacity_kwh`` [kWh], ``power_kw``
        (the largest power that the network names, either way) [kW], ``round_trip_share`` and
        ``soc_share`` (0..1, NaN where the network has none).
    """
    rows = network.storage[network.storage["in_service"].astype(bool)]
    powers_mw = pd.concat([_optional(rows, c) for c in _STORAGE_POWERS], axis=1)
    return _in_kw(network, "storage").assign(
        capacity_kwh=_optional(rows, "max_e_mwh") * 1e3,
        power_kw=powers_mw.abs().max(axis=1) * rows["scaling"].astype(float) * 1e3,
        round_trip_share=_share(_optional(rows, "efficiency_percent")),
        soc_share=_optional(rows, "soc_percent") / 100.0,
    )


def bus_owners(network: Any, use: pd.Series) -> dict[Any, Any]:
    """Name the load that uses most on each bus: what else is on the bus is taken to be its own.

    Parameters
    ----------
    network : pandapowerNet
        A feeder.
    use : pandas.Series
        Yearly use by the name of the load [kWh].

    Returns
    -------
    dict
        Name of a load by bus; equal users are told apart by name.
    """
    # Names settle a draw, so that the order of the table does not.
    loads = read_connections(network).assign(use=use).sort_index()
    first = loads.sort_values("use", ascending=False, kind="stable").drop_duplicates("bus")
    return dict(zip(first["bus"], first.index, strict=True))


def _optional(rows: pd.DataFrame, column: str) -> pd.Series:
    """Read the numbers of a column that a network may lack."""
    if column not in rows:
        return pd.Series(np.nan, index=rows.index)
    return pd.to_numeric(rows[column], errors="coerce").astype(float)


def _share(percent: pd.Series) -> pd.Series:
    # SimBench writes shares into a column that is called percent.
    return percent.where(percent <= 1.0, percent / 100.0)


def _in_kw(network: Any, table: str) -> pd.DataFrame:
    rows = network[table][network[table]["in_service"].astype(bool)]
    shape = rows["profile"] if "profile" in rows else pd.Series(None, rows.index, dtype=object)
    return pd.DataFrame(
        {
            "name": rows["name"].astype(object),
            "bus": rows["bus"].astype(int),
            "rated_kw": _rated(rows, "p_mw", table),
            "shape": shape.astype(object).where(shape.notna(), None),
            "type": rows.get("type", pd.Series(None, rows.index, dtype=object)).astype(object),
        }
    )


def _reactive(network: Any) -> pd.Series:
    rows = network.load[network.load["in_service"].astype(bool)]
    return _rated(rows, "q_mvar", "load").rename("rated_kvar")


def _rated(rows: pd.DataFrame, column: str, table: str) -> pd.Series:
    """Scale a power of the network to kW or kvar."""
    power, scaling = (
        pd.to_numeric(rows[c], errors="coerce").astype(float) for c in (column, "scaling")
    )
    rated = power * scaling * 1e3
    bad = rows.index[~np.isfinite(rated)]
    if len(bad):
        first = rows.loc[bad[0]]
        raise NetworkError(
            f"{table} {listed(bad)}: {column} is {first[column]} and scaling is "
            f"{first['scaling']}, expected finite numbers"
        )
    return rated
