"""One scenario, one outcome: the whole path from a feeder to the bills."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import numpy as np
import pandas as pd

from nemogrid.charges import ownership_charges
from nemogrid.community import HOUSEHOLD, PV, Community, Member
from nemogrid.errors import LabelError, ScenarioError, listed
from nemogrid.feeder import (
    equip,
    kept_batteries,
    load_feeder,
    place_members,
    read_connections,
    run_power_flow,
)
from nemogrid.outcome import Outcome
from nemogrid.profiles import (
    build_profiles,
    heat_pump_profiles,
    read_meters,
    vehicle_profiles,
    yearly_energy_kwh,
)
from nemogrid.results import FeederState, Plan, Profiles
from nemogrid.scenario import Meters, Scenario
from nemogrid.settlement import settle
from nemogrid.tables import require_same_members

STAGES = ("feeder", "profiles", "market", "power flow", "settlement")
"""Names that `simulate` reports, in order."""


def simulate(scenario: Scenario, *, progress: Callable[[str], None] | None = None) -> Outcome:
    """Simulate one feeder, one year, one market: who used, traded and paid what.

    Parameters
    ----------
    scenario : Scenario
        All settings.
    progress : callable, optional
        Called with the name of each stage of `STAGES` as it begins.

    Returns
    -------
    Outcome
        Plans, trades, state of the feeder and bills.

    Raises
    ------
    ScenarioError, NetworkError, InputError, LabelError
        For a scenario that cannot be simulated.
    SolveError, PowerFlowError
        For a computation that did not finish.

    Examples
    --------
    >>> import nemogrid as ng
    >>> day = ng.Timeline(pd.Timestamp("2026-06-21", tz="Europe/Zurich"), 0.5, 48)
    >>> outcome = ng.simulate(ng.Scenario(timeline=day))
    >>> len(outcome.bills.members), abs(round(float(outcome.bills.by_actor().sum()), 9))
    (41, 0.0)
    """
    begin = progress or _silent
    begin("feeder")
    network = load_feeder(scenario.feeder)
    begin("profiles")
    community, profiles = people_of(scenario, network)
    charges = scenario.tariff.ex_ante(community, profiles.timeline) + ownership_charges(community)
    begin("market")
    clearing = scenario.market.clear(community, profiles, charges, planning=scenario.planning)
    begin("power flow")
    state = feeder_state(network, community, profiles, clearing.plan)
    charges = charges + scenario.tariff.ex_post(state)
    begin("settlement")
    bills = settle(clearing, charges, rules=scenario.rules, currency=scenario.tariff.currency)
    return Outcome(
        scenario=scenario, network=network, clearing=clearing, state=state, bills=bills
    )  # fmt: skip


def people_of(scenario: Scenario, network: object) -> tuple[Community, Profiles]:
    """Place the members of a scenario on a feeder, and make what they use and generate.

    Parameters
    ----------
    scenario : Scenario
        All settings.
    network : pandapowerNet
        The feeder, from `load_feeder`.

    Returns
    -------
    Community
        N members and their buses.
    Profiles
        Their load and generation in T steps.

    Raises
    ------
    NetworkError, InputError, LabelError
        If the feeder, the members or the meter readings do not fit together.

    Examples
    --------
    >>> import nemogrid as ng
    >>> day = ng.Timeline(pd.Timestamp("2026-06-21", tz="Europe/Zurich"), 0.5, 48)
    >>> scenario = Scenario(timeline=day)
    >>> community, profiles = people_of(scenario, load_feeder(scenario.feeder))
    >>> len(community.prosumers), profiles.load_kw.shape
    (20, (48, 41))
    """
    if scenario.meters is None:
        return _from_shapes(scenario, network)
    return _from_meters(scenario.meters, network, scenario)


def feeder_state(
    network: object, community: Community, profiles: Profiles, plan: Plan
) -> FeederState:
    """Add the members up on their buses and run the power flow.

    Parameters
    ----------
    network : pandapowerNet
        The feeder.
    community : Community
        N members and their buses.
    profiles : Profiles
        For the reactive power of the loads.
    plan : Plan
        Net load of the members [kW], shape (T, N).

    Returns
    -------
    FeederState
    """
    return run_power_flow(
        network,
        on_buses(plan.net_kw, community),
        reactive_kvar=on_buses(profiles.reactive_kvar, community),
    )


def on_buses(table: pd.DataFrame, community: Community) -> pd.DataFrame:
    """Add the members of each bus up.

    Parameters
    ----------
    table : pandas.DataFrame, shape (T, N)
        A column per member.
    community : Community
        N members and their buses.

    Returns
    -------
    pandas.DataFrame
        A column per bus that has members.

    Examples
    --------
    >>> pair = Community((Member(name="a", bus=7, yearly_kwh=1.0),
    ...                   Member(name="b", bus=7, yearly_kwh=1.0)))
    >>> on_buses(pd.DataFrame({"a": [1.0], "b": [2.0]}), pair).to_dict("list")
    {7: [3.0]}
    """
    require_same_members(table, community.names, what="table of members")
    return table.T.groupby(list(community.buses)).sum().T


def compare(outcomes: Mapping[str, Outcome] | Iterable[Outcome]) -> pd.DataFrame:
    """Put the key figures of several outcomes side by side.

    Parameters
    ----------
    outcomes : mapping of str to Outcome, or iterable of Outcome
        Without names, the names of the scenarios are used, or those of the market designs where
        the scenarios are called the same.

    Returns
    -------
    pandas.DataFrame
        A row per key figure, a column per outcome; figures that an outcome lacks are NaN.

    Raises
    ------
    ScenarioError
        For no outcome, or outcomes that cannot be told apart by name.
    """
    if not isinstance(outcomes, Mapping):
        given = list(outcomes)
        names = [outcome.scenario.name for outcome in given]
        if len(set(names)) < len(names):
            names = [outcome.clearing.market for outcome in given]
        if len(set(names)) < len(names):
            raise ScenarioError(f"compare: outcomes of the same name {listed(names)}: name them")
        outcomes = dict(zip(names, given, strict=True))
    if not outcomes:
        raise ScenarioError("compare: no outcomes")
    return pd.DataFrame({name: outcome.kpis for name, outcome in outcomes.items()})


def _silent(stage: str) -> None:
    """Report nothing."""


def _from_shapes(scenario: Scenario, network: object) -> tuple[Community, Profiles]:
    connections = read_connections(network)
    shapes = connections["shape"].fillna(HOUSEHOLD)
    yearly_kwh = yearly_energy_kwh(connections["rated_kw"], shapes)
    assets = scenario.assets
    community = place_members(
        network,
        yearly_kwh,
        pv_share=assets.pv_share,
        pv_sizing=assets.pv_sizing,
        pv_yield_kwh_per_kw=assets.pv_yield_kwh_per_kw,
        pv_max_kw=assets.pv_max_kw,
        existing_pv=assets.existing_pv,
        existing_storages=assets.existing_storages,
        seed=scenario.seed,
    )
    community = equip(community, assets, seed=scenario.seed)
    profiles = build_profiles(
        community, scenario.timeline, seed=scenario.seed, pv_shape=assets.pv_shape
    )
    return community, profiles


def _from_meters(
    source: Meters | Profiles, network: object, scenario: Scenario
) -> tuple[Community, Profiles]:
    profiles = source if isinstance(source, Profiles) else _read(source)
    connections = read_connections(network)
    names = list(profiles.load_kw.columns)
    unknown = [name for name in names if name not in connections.index]
    missing = [name for name in connections.index if name not in set(names)]
    if unknown or missing:
        raise LabelError(
            f"meter readings: columns without a load on the feeder {listed(unknown) or 'none'}; "
            f"loads without a column {listed(missing) or 'none'}; expected one column per load"
        )
    factors = connections["power_factor"].reindex(names).fillna(1.0).astype(float)
    if isinstance(source, Meters):
        kvar = profiles.load_kw * np.tan(np.arccos(factors))
        profiles = dataclasses.replace(profiles, reactive_kvar=kvar)
    buses = connections["bus"].astype(int)
    years = profiles.timeline.hours / 8760.0
    energy = profiles.load_kw.sum() * profiles.timeline.step_h / years
    batteries = (
        kept_batteries(network, energy) if scenario.assets.existing_storages == "keep" else {}
    )
    peaks = profiles.pv_kw.max()
    yields = profiles.pv_kw.sum() * profiles.timeline.step_h / years / peaks.where(peaks > 0)
    community = Community(
        tuple(
            Member(
                name=name,
                bus=int(buses[name]),
                yearly_kwh=float(energy[name]),
                shape="measured",
                power_factor=float(factors[name]),
                pv=PV(peak_kw=float(peaks[name]), yield_kwh_per_kw=float(yields[name]))
                if peaks[name] > 0
                else None,
                battery=batteries.get(name),
            )
            for name in names
        )
    )
    community = equip(community, scenario.assets, seed=scenario.seed, measured=profiles)
    return community, _with_devices(profiles, community, seed=scenario.seed)


def _with_devices(profiles: Profiles, community: Community, *, seed: int) -> Profiles:
    """Make the power of cars and heat pumps where the readings have none."""
    vehicle_kw, heat_pump_kw = profiles.vehicle_kw, profiles.heat_pump_kw
    if vehicle_kw is None:
        vehicle_kw = vehicle_profiles(community, profiles.timeline, seed=seed)
    if heat_pump_kw is None:
        heat_pump_kw = heat_pump_profiles(community, profiles.timeline, seed=seed)
    return dataclasses.replace(profiles, vehicle_kw=vehicle_kw, heat_pump_kw=heat_pump_kw)


def _read(meters: Meters) -> Profiles:
    unit: Literal["kW", "kWh"] = "kW" if meters.unit == "kW" else "kWh"
    return read_meters(meters.load, unit=unit, pv=meters.pv, timezone=meters.timezone)
