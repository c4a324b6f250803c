r"""What plans of single households add up to: simultaneity, peaks, voltages, losses.

Everybody who sees the same price finds the same moment best. How many move at once is told by the
simultaneity, the power of all batteries over the power that they are built for,

.. math:: k_t = \frac{\sum_n \max(c_{n,t}, 0)}{\sum_n P_n},

with the power :math:`c_{n,t}` that battery :math:`n` draws and its rating :math:`P_n`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.charges import Charge, Quantity, retail_window
from nemogrid.community import Community
from nemogrid.dispatch import plan_members
from nemogrid.errors import InputError, LabelError, listed
from nemogrid.feeder import en50160, run_power_flow
from nemogrid.results import Certificate, FeederState, Plan, Profiles
from nemogrid.simulation import feeder_state, on_buses
from nemogrid.timeline import Timeline


def simultaneity(plan: Plan, community: Community) -> pd.Series:
    """Tell which share of all battery power charges in each step.

    Parameters
    ----------
    plan : Plan
        Of N members over T steps.
    community : Community
        The members.

    Returns
    -------
    pandas.Series, shape (T,)
        0 where no battery charges, 1 where all do with all their power.

    Raises
    ------
    InputError
        If nobody has a battery.

    Examples
    --------
    >>> from nemogrid.devices import Battery
    >>> from nemogrid.community import Member
    >>> box = Battery(capacity_kwh=4.0, power_kw=2.0, charge_efficiency=1.0,
    ...               discharge_efficiency=1.0)
    >>> pair = Community((Member(name="a", bus=1, yearly_kwh=1.0, battery=box),
    ...                   Member(name="b", bus=2, yearly_kwh=1.0, battery=box)))
    >>> drawn_kw = pd.DataFrame({"a": [2.0, -1.0], "b": [1.0, 0.0]})
    >>> plan = Plan(net_kw=drawn_kw, certificate=Certificate(method="given"),
    ...             drawn_kw={"battery": drawn_kw})
    >>> simultaneity(plan, pair).tolist()
    [0.75, 0.0]
    """
    rated_kw = sum(member.battery.power_kw for member in community if member.battery)
    if plan.storage_kw is None or rated_kw <= 0:
        raise InputError("simultaneity: nobody has a battery, expected some")
    return plan.storage_kw.clip(lower=0.0).sum(axis=1) / rated_kw


def plan_figures(
    network: Any, community: Community, profiles: Profiles, plan: Plan
) -> tuple[pd.Series, FeederState]:
    """Run the power flow of a plan and reduce it to figures.

    Parameters
    ----------
    network : pandapowerNet
        The feeder.
    community : Community
        N members and their buses.
    profiles : Profiles
        For the reactive power of the loads.
    plan : Plan
        What the members draw over T steps.

    Returns
    -------
    figures : pandas.Series
        ``import_peak_kw`` and ``export_peak_kw`` of the community, 0 where the direction does not
        occur; ``transformer_share`` and ``line_share`` (largest loading, 0..1), ``vm_min_pu`` and
        ``vm_max_pu`` of all buses, ``loss_kwh``, and ``complies`` (EN 50160 at every bus).
    state : FeederState
        What they were read from.

    Raises
    ------
    PowerFlowError
        If a step does not converge.
    """
    state = feeder_state(network, community, profiles, plan)
    total_kw = plan.net_kw.sum(axis=1)
    figures = {
        "import_peak_kw": max(float(total_kw.max()), 0.0),
        "export_peak_kw": max(float(-total_kw.min()), 0.0),
        "transformer_share": float(state.transformer_loading_share.to_numpy().max()),
        "line_share": float(state.line_loading_share.to_numpy().max()),
        "vm_min_pu": float(state.vm_pu.to_numpy().min()),
        "vm_max_pu": float(state.vm_pu.to_numpy().max()),
        "loss_kwh": float(state.loss_kw.sum()) * profiles.timeline.step_h,
        "complies": bool(en50160(state)["complies"].all()),
    }
    return pd.Series(figures, dtype=object), state


def voltages_at(
    network: Any, community: Community, profiles: Profiles, plan: Plan, *, step: int
) -> pd.Series:
    """Compute the voltages of one step.

    Parameters
    ----------
    network, community, profiles, plan
        As in `plan_figures`.
    step : int
        Position of the step, from 0.

    Returns
    -------
    pandas.Series, shape (B,)
        Voltage of each bus [pu].

    Raises
    ------
    InputError
        If there is no such step.
    """
    if not 0 <= step < len(plan.net_kw):
        raise InputError(f"step is {step}: expected 0 to {len(plan.net_kw) - 1}")
    one = slice(step, step + 1)
    state = run_power_flow(
        network,
        on_buses(plan.net_kw.iloc[one], community),
        reactive_kvar=on_buses(profiles.reactive_kvar.iloc[one], community),
    )
    return state.vm_pu.iloc[0]


def plan_groups(
    community: Community, profiles: Profiles, charges: Mapping[str, tuple[Charge, ...]]
) -> Plan:
    """Plan members who face different charges.

    Parameters
    ----------
    community : Community
        N members.
    profiles : Profiles
        Their load and PV over T steps.
    charges : mapping of str to tuple of Charge
        The charges of each member by name, without prices by member. Members with the same tuple,
        the very same object, are planned together.

    Returns
    -------
    Plan

    Raises
    ------
    LabelError
        If the mapping is not of these members.
    SolveError
        If a member's plan cannot be found or proved.
    """
    names = list(community.names)
    if set(charges) != set(names):
        wrong = sorted(set(charges) ^ set(names))
        raise LabelError(f"plan groups: charges missing or of strangers: {listed(wrong)}")
    groups: dict[int, list[str]] = {}
    for name in names:
        groups.setdefault(id(charges[name]), []).append(name)
    plans = [
        plan_members(_some(community, group), _of(profiles, group), charges[group[0]])
        for group in groups.values()
    ]
    kinds = sorted({kind for plan in plans for kind in plan.drawn_kw})
    zero = pd.DataFrame(0.0, profiles.net_kw.index, names)
    drawn_kw = {}
    for kind in kinds:
        parts = [plan.drawn_kw[kind] for plan in plans if kind in plan.drawn_kw]
        drawn_kw[kind] = pd.concat(parts, axis=1).reindex(columns=names).fillna(zero)
    found = [plan.certificate for plan in plans]
    return Plan(
        net_kw=pd.concat([plan.net_kw for plan in plans], axis=1)[names],
        certificate=Certificate(
            method="; ".join(sorted({one.method for one in found})),
            objective=float(sum(one.objective for one in found)),
            primal_residual=max(one.primal_residual for one in found),
            gap=max(one.gap for one in found),
        ),
        drawn_kw=drawn_kw,
    )


def expected_local_charges(
    plan: Plan,
    charges: tuple[Charge, ...],
    timeline: Timeline,
    *,
    margin_per_kwh: float = 0.01,
) -> tuple[Charge, ...]:
    r"""Tell members what the pool would have made of a kilowatt-hour in each step.

    With surplus :math:`S_t`, demand :math:`D_t`, volume :math:`V_t = \min(S_t, D_t)` and the price
    :math:`p_t` of a community pool, an exported kWh earned on average
    :math:`(p_t - \lambda^s_t) V_t / S_t` more than the retailer pays, and an imported one cost
    :math:`(\overline{p}_t - p_t) V_t / D_t` less than it asks. Where nobody exported the first
    exporter would have sold all of it next door, and where nobody imported the first importer would
    have bought all of it there.

    Parameters
    ----------
    plan : Plan
        What the members drew, N members and T steps.
    charges : tuple of Charge
        What they pay to retailer, DSO and others.
    timeline : Timeline
        T steps.
    margin_per_kwh : float
        How far the local price lies below the buyers' ceiling [money per kWh].

    Returns
    -------
    tuple of Charge
        The charges and two more, which make import cheaper and export worth more.

    Raises
    ------
    InputError
        If the local price would lie below what the retailer pays.
    """
    net_kwh = plan.net_kw.to_numpy() * timeline.step_h
    demand, surplus = np.maximum(net_kwh, 0.0).sum(axis=1), np.maximum(-net_kwh, 0.0).sum(axis=1)
    names = list(plan.net_kw.columns)
    floor, ceiling = retail_window(charges, timeline, names)
    lowest = np.broadcast_to(floor.max(axis=1), timeline.n_steps)
    highest = np.broadcast_to(ceiling.min(axis=1), timeline.n_steps)
    price = highest - margin_per_kwh
    if (price < lowest).any():
        step = int(np.argmax(price < lowest))
        raise InputError(
            f"expected local charges: at step {step} the local price of {price[step]:.4f} lies "
            f"below the {lowest[step]:.4f} that the retailer pays; expected a smaller margin"
        )
    sold, bought = _local_shares(surplus, demand), _local_shares(demand, surplus)
    return (
        *charges,
        Charge(
            item="expected local sale",
            quantity=Quantity.EXPORTED,
            price=pd.Series(-(price - lowest) * sold, index=timeline.index),
            payee="manager",
        ),
        Charge(
            item="expected local purchase",
            quantity=Quantity.IMPORTED,
            price=pd.Series(-(highest - price) * bought, index=timeline.index),
            payee="manager",
        ),
    )


def _local_shares(own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Share of a side's energy that finds the other; of the first kWh where there is none."""
    first = (other > 0).astype(float)
    return np.divide(np.minimum(own, other), own, out=first, where=own > 0)


def _some(community: Community, names: list[str]) -> Community:
    return Community(tuple(member for member in community if member.name in set(names)))


def _of(profiles: Profiles, names: list[str]) -> Profiles:
    def chosen(table: pd.DataFrame | None) -> pd.DataFrame | None:
        return None if table is None else table[names]

    return Profiles(
        timeline=profiles.timeline,
        load_kw=profiles.load_kw[names],
        pv_kw=profiles.pv_kw[names],
        reactive_kvar=profiles.reactive_kvar[names],
        vehicle_kw=chosen(profiles.vehicle_kw),
        heat_pump_kw=chosen(profiles.heat_pump_kw),
    )
