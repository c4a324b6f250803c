"""What the wires of several feeders or communities carry, without a market.

As long as nobody owns storage, a market moves money and not power: the power flow of the net loads
is then all there is to know about the feeder.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.community import Community
from nemogrid.dispatch import plan_members
from nemogrid.errors import InputError, LabelError, ScenarioError, listed
from nemogrid.feeder import en50160, load_feeder, run_power_flow
from nemogrid.results import FeederState, Profiles
from nemogrid.scenario import Scenario
from nemogrid.simulation import on_buses, people_of

_STEPS_AT_ONCE = 2920


def grid_figures(scenarios: Mapping[Hashable, Scenario]) -> pd.DataFrame:
    """Run the power flow of each scenario and keep its figures.

    Parameters
    ----------
    scenarios : mapping of label to Scenario
        Their tariffs and markets are not used.

    Returns
    -------
    pandas.DataFrame
        A row per label: ``buses``, ``members``, ``transformer_kva`` (sum), ``demand_kwh``,
        ``pv_kw`` (rated), ``pv_kwh``, ``peak_import_kw``, ``peak_export_kw`` (of the community),
        ``vm_min_pu``, ``vm_max_pu``, ``line_share`` and ``transformer_share`` (largest loading,
        0..1), ``loss_kwh`` and ``complies`` (EN 50160 at every bus).

    Raises
    ------
    ScenarioError
        If there is no scenario.
    NetworkError, InputError, LabelError, PowerFlowError
        For a scenario that cannot be simulated.

    Examples
    --------
    >>> import nemogrid as ng
    >>> day = ng.Timeline(pd.Timestamp("2026-06-21", tz="Europe/Zurich"), 0.5, 48)
    >>> village = Scenario(feeder="1-LV-rural1--0-no_sw", timeline=day)
    >>> grid_figures({"village": village})[["members", "transformer_kva", "complies"]]
             members  transformer_kva  complies
    village       13            160.0      True
    """
    if not scenarios:
        raise ScenarioError("grid figures: no scenarios")
    networks: dict[Any, Any] = {}
    rows = []
    for scenario in scenarios.values():
        source = scenario.feeder if isinstance(scenario.feeder, str) else id(scenario.feeder)
        if source not in networks:
            networks = {source: load_feeder(scenario.feeder)}
        rows.append(_figures(scenario, networks[source]))
    return pd.DataFrame(rows, index=pd.Index(list(scenarios), tupleize_cols=False))


def hosting_limits(
    figures: pd.DataFrame, *, vm_max_pu: float = 1.1, loading_share: float = 1.0
) -> pd.Series:
    """Read off how much PV a feeder takes before each limit.

    Between two rows a figure is taken to grow in proportion. It is the most PV *for one way of
    placing it*: other owners, or other sizes, give another number.

    Parameters
    ----------
    figures : pandas.DataFrame
        From `grid_figures`, for growing PV on one feeder.
    vm_max_pu : float
        Highest voltage [pu].
    loading_share : float
        Largest loading of a line or transformer, 0..1.

    Returns
    -------
    pandas.Series
        Rated PV [kW] at which ``voltage``, ``line`` and ``transformer`` reach their limits; NaN
        where the figures stay below it, and the first row's PV where they begin above it.

    Raises
    ------
    LabelError
        If a column is missing.
    InputError
        If there are fewer than two rows, or PV does not grow from row to row.

    Examples
    --------
    >>> figures = pd.DataFrame({
    ...     "pv_kw": [0.0, 100.0, 200.0], "vm_max_pu": [1.02, 1.04, 1.07],
    ...     "line_share": [0.2, 0.4, 0.9], "transformer_share": [0.3, 0.9, 1.1],
    ... })
    >>> hosting_limits(figures, vm_max_pu=1.055).to_dict()
    {'voltage': 150.0, 'line': nan, 'transformer': 150.0}
    """
    limits = {
        "voltage": ("vm_max_pu", vm_max_pu),
        "line": ("line_share", loading_share),
        "transformer": ("transformer_share", loading_share),
    }
    missing = [c for c in ("pv_kw", *(c for c, _ in limits.values())) if c not in figures]
    if missing:
        raise LabelError(f"hosting limits: no column {listed(missing)}")
    pv_kw = figures["pv_kw"].to_numpy(dtype=float)
    if len(pv_kw) < 2 or not (np.diff(pv_kw) > 0).all():
        raise InputError("hosting limits: expected two or more rows with growing pv_kw")
    return pd.Series(
        {
            name: _crossing(pv_kw, figures[column].to_numpy(dtype=float), limit)
            for name, (column, limit) in limits.items()
        },
        name="pv_kw",
    )


def _figures(scenario: Scenario, network: Any) -> dict[str, Any]:
    community, profiles = people_of(scenario, network)
    plan_kw = plan_members(community, profiles, ()).net_kw
    state = _state(network, community, profiles, plan_kw)
    step_h = profiles.timeline.step_h
    quality = en50160(state, step_h=step_h)
    net_kw = plan_kw.sum(axis=1)
    trafo = network.trafo[network.trafo["in_service"].astype(bool)]
    return {
        "buses": len(quality),
        "members": len(community),
        "transformer_kva": float((trafo["sn_mva"] * trafo["parallel"]).sum()) * 1e3,
        "demand_kwh": float(profiles.load_kw.to_numpy().sum()) * step_h,
        "pv_kw": float(sum(member.pv.peak_kw for member in community if member.pv)),
        "pv_kwh": float(profiles.pv_kw.to_numpy().sum()) * step_h,
        "peak_import_kw": max(float(net_kw.max()), 0.0),
        "peak_export_kw": max(float(-net_kw.min()), 0.0),
        "vm_min_pu": float(quality["vm_min_pu"].min()),
        "vm_max_pu": float(quality["vm_max_pu"].max()),
        "line_share": float(state.line_loading_share.to_numpy().max(initial=0.0)),
        "transformer_share": float(state.transformer_loading_share.to_numpy().max(initial=0.0)),
        "loss_kwh": float(state.loss_kw.sum()) * step_h,
        "complies": bool(quality["complies"].all()),
    }


def _state(
    network: Any, community: Community, profiles: Profiles, plan_kw: pd.DataFrame
) -> FeederState:
    """Run the power flow in parts, so that a year of a large feeder needs little memory."""
    parts = []
    for first in range(0, profiles.timeline.n_steps, _STEPS_AT_ONCE):
        steps = slice(first, first + _STEPS_AT_ONCE)
        parts.append(
            run_power_flow(
                network,
                on_buses(plan_kw.iloc[steps], community),
                reactive_kvar=on_buses(profiles.reactive_kvar.iloc[steps], community),
            )
        )
    return FeederState(
        vm_pu=pd.concat([part.vm_pu for part in parts]),
        line_loading_share=pd.concat([part.line_loading_share for part in parts]),
        transformer_loading_share=pd.concat([part.transformer_loading_share for part in parts]),
        loss_kw=pd.concat([part.loss_kw for part in parts]),
        certificate=max((part.certificate for part in parts), key=lambda c: c.primal_residual),
    )


def _crossing(pv_kw: np.ndarray, values: np.ndarray, limit: float) -> float:
    above = np.flatnonzero(values >= limit)
    if not len(above):
        return float("nan")
    i = int(above[0])
    if i == 0:
        return float(pv_kw[0])
    part = (limit - values[i - 1]) / (values[i] - values[i - 1])
    return float(pv_kw[i - 1] + part * (pv_kw[i] - pv_kw[i - 1]))
