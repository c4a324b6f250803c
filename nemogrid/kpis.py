r"""Key figures of an outcome: energy, wires and money of the whole timeline.

The unit is in the name. `self_consumption_share` and `self_sufficiency_share` count what was used
in the community; those that begin with ``own_`` count what each roof covered of its own house.
Money is in the currency of the bills: payments of members, net receipts of the other actors.

Demand is what was asked for: the load, and what cars, heat pumps and appliances that can wait drew
(cars less what they gave back); what batteries draw is not asked for by anybody. With the PV
:math:`G`, the import :math:`E` and the export :math:`X` of each member and step, and the demand
:math:`D` and the purchases from the retailer :math:`E^{ret}` of all,

.. math::

   \mathrm{own\ self\text{-}consumption} = 1 - \frac{\sum \min(X, G)}{\sum G}, \qquad
   \mathrm{own\ self\text{-}sufficiency} = 1 - \frac{\sum E}{\sum D}.

PV counts as exported where it leaves the meter in the step in which it is made, and comes first in
an export: what goes into a store counts as used at home, and what a store exports later is no PV.
In the community's shares PV sold to other members counts as used, and
:math:`\sum E^{ret}` takes the place of :math:`\sum E`. Self-sufficiency falls below what the roofs
would give alone where stores buy energy to sell it.

Figures of batteries, cars, heat pumps and shifted load are there where members own them. They
close the balance :math:`\sum G + \sum E = \sum D + \sum X +` charged :math:`-` discharged; what
batteries lose on the way in and out is `storage_loss_kwh`, and the rest of charged less discharged
is still in them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nemogrid.charges import Quantity
from nemogrid.community import Community
from nemogrid.results import Bills, Clearing, FeederState


def key_figures(clearing: Clearing, state: FeederState, bills: Bills) -> pd.Series:
    """Compute the key figures of one outcome.

    Parameters
    ----------
    clearing : Clearing
        Profiles, plans and trades.
    state : FeederState
        Voltages, loadings and losses.
    bills : Bills
        Postings.

    Returns
    -------
    pandas.Series
        Figures by name; shares are NaN where there is nothing to share.
    """
    return pd.Series(
        {
            **_energy_kpis(clearing),
            **_device_kpis(clearing),
            **_grid_kpis(state, clearing.timeline.step_h),
            **_money_kpis(bills, clearing.community),
        }
    )


def _energy_kpis(clearing: Clearing) -> dict[str, float]:
    step_h = clearing.timeline.step_h
    pv = clearing.profiles.pv_kw.to_numpy() * step_h
    energy = clearing.energy_kwh
    total = {quantity: float(energy[quantity].sum()) for quantity in energy}
    demand, generated = _demand_kwh(clearing), float(pv.sum())
    pv_exported = np.minimum(energy[Quantity.EXPORTED], pv)
    used_at_home = generated - float(pv_exported.sum())
    pv_sold = np.minimum(energy[Quantity.LOCAL_SOLD], pv_exported)
    used_in_community = used_at_home + float(pv_sold.sum())
    net = clearing.plan.net_kw.sum(axis=1)
    return {
        "demand_kwh": demand,
        "pv_kwh": generated,
        "imported_kwh": total[Quantity.IMPORTED],
        "exported_kwh": total[Quantity.EXPORTED],
        "local_kwh": total[Quantity.LOCAL_BOUGHT],
        "retail_bought_kwh": total[Quantity.RETAIL_BOUGHT],
        "retail_sold_kwh": total[Quantity.RETAIL_SOLD],
        "own_self_consumption_share": used_at_home / generated if generated else np.nan,
        "own_self_sufficiency_share": 1 - total[Quantity.IMPORTED] / demand if demand else np.nan,
        "self_consumption_share": used_in_community / generated if generated else np.nan,
        "self_sufficiency_share": (
            1 - total[Quantity.RETAIL_BOUGHT] / demand if demand else np.nan
        ),
        "peak_import_kw": max(float(net.max()), 0.0),
        "peak_export_kw": max(float(-net.min()), 0.0),
    }


def _demand_kwh(clearing: Clearing) -> float:
    load = float((clearing.profiles.load_kw.to_numpy() * clearing.timeline.step_h).sum())
    devices = {kind: drawn for kind, drawn in _drawn_kwh(clearing).items() if kind != "battery"}
    return load + sum(float(drawn.sum()) for drawn in devices.values())


def _drawn_kwh(clearing: Clearing) -> dict[str, np.ndarray]:
    step_h = clearing.timeline.step_h
    return {kind: drawn.to_numpy() * step_h for kind, drawn in clearing.plan.drawn_kw.items()}


def _device_kpis(clearing: Clearing) -> dict[str, float]:
    figures: dict[str, float] = {}
    for kind, drawn in _drawn_kwh(clearing).items():
        taken, given = (float(np.maximum(sign * drawn, 0.0).sum()) for sign in (1, -1))
        if kind == "battery":
            figures["storage_charged_kwh"] = taken
            figures["storage_discharged_kwh"] = given
            figures["storage_loss_kwh"] = _battery_loss_kwh(clearing.community, drawn)
        elif kind == "vehicle":
            figures["vehicle_kwh"] = taken - given
            figures["vehicle_discharged_kwh"] = given
        elif kind == "heat_pump":
            figures["heat_pump_kwh"] = taken
        elif kind == "shiftable":
            figures["shifted_kwh"] = taken
    return figures


def _battery_loss_kwh(community: Community, drawn_kwh: np.ndarray) -> float:
    total = 0.0
    for member, drawn in zip(community, drawn_kwh.T, strict=True):
        if member.battery is not None:
            into, out_of = member.battery.charge_efficiency, member.battery.discharge_efficiency
            total += (1 - into) * float(np.maximum(drawn, 0.0).sum())
            total += (1 / out_of - 1) * float(np.maximum(-drawn, 0.0).sum())
    return total


def _grid_kpis(state: FeederState, step_h: float) -> dict[str, float]:
    return {
        "loss_kwh": float(state.loss_kw.sum()) * step_h,
        "vm_min_pu": float(state.vm_pu.to_numpy().min()),
        "vm_max_pu": float(state.vm_pu.to_numpy().max()),
        "line_loading_max_share": _largest(state.line_loading_share),
        "transformer_loading_max_share": _largest(state.transformer_loading_share),
    }


def _largest(shares: pd.DataFrame) -> float:
    return float(shares.to_numpy().max()) if shares.size else np.nan


def _money_kpis(bills: Bills, community: Community) -> dict[str, float]:
    receipts = bills.by_actor()
    groups = {
        "members_pay": -receipts[list(community.names)].sum(),
        "consumers_pay": -receipts[list(community.consumers)].sum(),
        "prosumers_pay": -receipts[list(community.prosumers)].sum(),
    }
    actors = receipts.drop(list(community.names))
    return {
        **{name: float(value) + 0.0 for name, value in groups.items()},  # never -0.0
        **{f"{actor}_receives": float(value) for actor, value in actors.items()},
    }
