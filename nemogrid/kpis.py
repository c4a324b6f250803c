"""Key figures of an outcome: energy, wires and money of the whole timeline.

The unit is in the name. `self_consumption_share` and `self_sufficiency_share` count what was used
in the community; those that begin with ``own_`` count what each roof covered of its own house.
Money is in the currency of the bills: payments of members, net receipts of the other actors.
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
            **_grid_kpis(state, clearing.timeline.step_h),
            **_money_kpis(bills, clearing.community),
        }
    )


def _energy_kpis(clearing: Clearing) -> dict[str, float]:
    step_h = clearing.timeline.step_h
    load = clearing.profiles.load_kw.to_numpy() * step_h
    pv = clearing.profiles.pv_kw.to_numpy() * step_h
    energy = clearing.energy_kwh
    total = {quantity: float(energy[quantity].sum()) for quantity in energy}
    demand, generated = float(load.sum()), float(pv.sum())
    used_at_home = generated - total[Quantity.EXPORTED]
    used_in_community = used_at_home + total[Quantity.LOCAL_SOLD]
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
