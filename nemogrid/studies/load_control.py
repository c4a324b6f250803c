r"""The local rule on a feeder: what households do moves the voltages that they react to.

A power flow for every step, before the next step is decided, would be the exact simulation and is
slow. Here the voltages of a whole run are taken to follow the loads linearly, around the last AC
power flow; then the power flow is run again with what the households did:

.. math::

   u^{(i+1)}_t(p) = u^{AC}_t(p^{(i)}) + S\,(p - p^{(i)}_t) , \qquad
   p^{(i+1)} = \text{rule}\big(u^{(i+1)}\big) .

A fixed point is the exact simulation: its voltages are those of the power flow, for any
:math:`S`. It is always reached, because the rule looks back only. Where two iterates agree up to a
step, the next voltages there are exact, so the following iterate agrees at least one step further:
the first step that still changes moves on with every iteration. The sensitivities only make it
fast.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.charges import Charge
from nemogrid.community import Community
from nemogrid.dispatch.household import Household
from nemogrid.dispatch.local_control import (
    LinearVoltage,
    LocalRun,
    draw_delays,
    run_local_control,
)
from nemogrid.dispatch.local_settings import LocalControl
from nemogrid.dispatch.member_stores import member_stores
from nemogrid.dispatch.meter import read_meter_prices
from nemogrid.errors import InputError, SolveError
from nemogrid.feeder import run_power_flow
from nemogrid.feeder.sensitivity import sensitivity
from nemogrid.results import Certificate, FeederState, Profiles
from nemogrid.simulation import on_buses


@dataclass(frozen=True, kw_only=True, eq=False)
class ControlledFeeder:
    """A feeder on which every household follows the rule.

    Parameters
    ----------
    run : LocalRun
        What the stores did; its voltages are those of the power flow.
    state : FeederState
        What that does to the wires.
    history : pandas.DataFrame
        A row per iteration: ``change_kw``, the largest change of a member's net load,
        ``change_pu``, the largest difference of the power flow from the linear voltages, and
        ``first_step``, the first step in which a net load changed (T where none did).
    certificate : Certificate
        The primal residual is the last ``change_kw``.
    """

    run: LocalRun
    state: FeederState
    history: pd.DataFrame
    certificate: Certificate


def households_of(
    community: Community, profiles: Profiles, charges: tuple[Charge, ...]
) -> tuple[Household, ...]:
    """Gather what each member's controller has to do with.

    Parameters
    ----------
    community : Community
        N members and what they own.
    profiles : Profiles
        Load, PV, and what cars and heat pumps draw when nobody shifts them.
    charges : tuple of Charge
        What members pay the retailer and everybody else.

    Returns
    -------
    tuple of Household
        In the order of the members. The net energy is without what the stores draw, and without
        what shiftable appliances were asked for.

    Examples
    --------
    >>> import nemogrid as ng
    >>> day = ng.Timeline(pd.Timestamp("2026-06-21", tz="Europe/Zurich"), 0.5, 48)
    >>> scenario = ng.Scenario(timeline=day, assets=ng.Assets(battery_share=0.5, vehicle_share=0.5))
    >>> from nemogrid.simulation import people_of
    >>> community, profiles = people_of(scenario, ng.load_feeder(scenario.feeder))
    >>> charges = scenario.tariff.ex_ante(community, profiles.timeline)
    >>> homes = households_of(community, profiles, charges)
    >>> sum("battery" in home.stores for home in homes), homes[0].net_kwh.shape
    (10, (48,))
    """
    timeline, households = profiles.timeline, []
    for member in community:
        # What members pay for wear is among the charges, and is not counted again.
        stores = {
            kind: replace(store, wear_per_kwh=0.0)
            for kind, store in member_stores(member, profiles).items()
        }
        net_kwh = profiles.net_kw[member.name].to_numpy() * timeline.step_h
        if "shiftable" in stores:
            net_kwh = net_kwh - np.asarray(stores["shiftable"].used_kwh)
        meter = read_meter_prices(charges, timeline, community.names, member.name)
        households.append(Household(name=member.name, net_kwh=net_kwh, meter=meter, stores=stores))
    return tuple(households)


def settle_local_control(
    network: Any,
    community: Community,
    profiles: Profiles,
    households: tuple[Household, ...],
    control: LocalControl,
    *,
    seed: int,
    most_iterations: int = 30,
) -> ControlledFeeder:
    """Let every household follow the rule until the voltages are those that it causes.

    Parameters
    ----------
    network : pandapowerNet
        The feeder.
    community : Community
        N members and their buses.
    profiles : Profiles
        For the reactive power and the steps.
    households : tuple of Household
        From `households_of`.
    control : LocalControl
        Settings of the rule.
    seed : int
        Of the delays.
    most_iterations : int
        Power flows after which it gives up.

    Returns
    -------
    ControlledFeeder

    Raises
    ------
    SolveError
        If the net loads still change by more than 1e-6 kW, with the last changes.

    Examples
    --------
    >>> import nemogrid as ng
    >>> from nemogrid.simulation import people_of
    >>> day = ng.Timeline(pd.Timestamp("2026-04-13 10:00", tz="Europe/Zurich"), 0.5, 48)
    >>> scenario = ng.Scenario(feeder="1-LV-rural1--0-no_sw", timeline=day,
    ...                        assets=ng.Assets(vehicle_share=1.0))
    >>> network = ng.load_feeder(scenario.feeder)
    >>> community, profiles = people_of(scenario, network)
    >>> homes = households_of(community, profiles, scenario.tariff.ex_ante(community, day))
    >>> settled = settle_local_control(
    ...     network, community, profiles, homes, LocalControl(), seed=1
    ... )
    >>> bool(settled.history["change_kw"].iloc[-1] <= 1e-6), settled.run.net_kw.shape
    (True, (48, 13))
    """
    if most_iterations < 1:
        raise InputError(f"most_iterations is {most_iterations}, expected at least 1")
    reactive_kvar = on_buses(profiles.reactive_kvar, community)
    step_h, index = profiles.timeline.step_h, profiles.timeline.index
    delays = draw_delays(len(households), control, step_h=step_h, seed=seed)

    def flow(net_kw: np.ndarray) -> tuple[FeederState, np.ndarray]:
        table = pd.DataFrame(net_kw, index=index, columns=list(community.names))
        state = run_power_flow(network, on_buses(table, community), reactive_kvar=reactive_kvar)
        return state, state.vm_pu[list(community.buses)].to_numpy()

    net_kw = np.column_stack([house.net_kwh for house in households]) / step_h
    state, volts = flow(net_kw)
    slopes = member_sensitivity(network, community, profiles)
    rows: list[dict[str, float]] = []
    for _ in range(most_iterations):
        linear = LinearVoltage(base_pu=volts, base_kw=net_kw, pu_per_kw=slopes)
        run = run_local_control(households, control, linear, delay_steps=delays)
        state, volts = flow(run.net_kw)
        change = np.abs(run.net_kw - net_kw).max(axis=1)
        moved = np.flatnonzero(change > _TOLERANCE_KW)
        rows.append(
            {
                "change_kw": float(change.max()),
                "change_pu": float(np.abs(volts - run.voltage_pu).max()),
                "first_step": int(moved[0]) if moved.size else len(change),
            }
        )
        net_kw = run.net_kw
        if not moved.size:
            break
    history = pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="iteration"))
    certificate = Certificate(
        method="local control, settled with the power flow",
        primal_residual=rows[-1]["change_kw"],
        iterations=len(rows),
    )
    if moved.size:
        raise SolveError(
            f"local control: after {len(rows)} power flows the net loads still change by "
            f"{rows[-1]['change_kw']:.3g} kW from step {rows[-1]['first_step']} on, expected at "
            f"most {_TOLERANCE_KW:g} kW"
        )
    return ControlledFeeder(run=run, state=state, history=history, certificate=certificate)


def member_sensitivity(network: Any, community: Community, profiles: Profiles) -> np.ndarray:
    """Differentiate the members' voltages by the members' net loads, at their mean loads.

    Parameters
    ----------
    network : pandapowerNet
        The feeder.
    community : Community
        N members and their buses.
    profiles : Profiles
        For the mean loads.

    Returns
    -------
    numpy.ndarray, shape (N, N)
        Row: whose voltage; column: whose net load [pu per kW].
    """
    means = [on_buses(t, community).mean() for t in (profiles.net_kw, profiles.reactive_kvar)]
    found = sensitivity(network, means[0], reactive_kvar=means[1]).vm_pu_per_kw
    buses = list(community.buses)
    return found.loc[buses, buses].to_numpy()


_TOLERANCE_KW = 1e-6
