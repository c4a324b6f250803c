"""Batteries that a network brings along, as batteries of its members."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nemogrid.community import Battery
from nemogrid.errors import NetworkError, listed
from nemogrid.feeder.connections import bus_owners, read_storages

ROUND_TRIP_SHARE = 0.9
"""Where a network gives none: the middle of the 85 to 95 % of German home batteries in 2025."""


def kept_batteries(network: Any, use: pd.Series) -> dict[Any, Battery]:
    """Give the storages of a network to the members on their buses.

    Several storages on one bus are taken together. A storage belongs to the load of its bus that
    uses most. Charging and discharging lose alike; self-discharge is left out. Without a state of
    charge in the network, a battery starts half full.

    Parameters
    ----------
    network : pandapowerNet
        A feeder.
    use : pandas.Series
        Yearly use by the name of the load [kWh].

    Returns
    -------
    dict of Battery
        By the name of the member.

    Raises
    ------
    NetworkError
        If a storage is on a bus without a load, or has no capacity or power.
    """
    storages = read_storages(network)
    owners = bus_owners(network, use)
    alone = storages[~storages["bus"].isin(list(owners))]
    if len(alone):
        raise NetworkError(
            f"storage {listed(alone.index)} is on a bus without a load (bus "
            f"{listed(alone['bus'])}): it belongs to no member; use existing_storages='replace'"
        )
    empty = storages[~((storages["capacity_kwh"] > 0) & (storages["power_kw"] > 0))]
    if len(empty):
        raise NetworkError(
            f"storage {listed(empty.index)}: expected a capacity max_e_mwh above 0 and a power, as "
            "p_mw, min_p_mw or max_p_mw, other than 0"
        )
    return {owners[bus]: _together(rows) for bus, rows in storages.groupby("bus")}


def _together(rows: pd.DataFrame) -> Battery:
    weight = rows["capacity_kwh"] / rows["capacity_kwh"].sum()
    round_trip = float((weight * rows["round_trip_share"].fillna(ROUND_TRIP_SHARE)).sum())
    return Battery(
        capacity_kwh=float(rows["capacity_kwh"].sum()),
        power_kw=float(rows["power_kw"].sum()),
        charge_efficiency=round_trip**0.5,
        discharge_efficiency=round_trip**0.5,
        initial_soc_share=float((weight * rows["soc_share"].fillna(0.5)).sum()),
    )
