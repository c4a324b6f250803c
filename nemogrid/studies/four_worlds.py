"""Four worlds on one feeder: nobody controls, prices do, every household does, or one for all.

=============  ====================================================================================
world          who decides about batteries, cars, heat pumps and appliances
=============  ====================================================================================
no control     nobody: batteries store own surplus, cars charge on arrival, heat pumps follow the
               demand, appliances run at once
prices         each member: the plan that costs it least, with the whole week known in advance
local control  each household by the rule of `nemogrid.dispatch.local_control`, from its own socket
central        one program for all members that also sees a price on the peak, the transformer and
               the voltages, with the whole week known in advance
=============  ====================================================================================

All four serve the same needs: cars leave full, houses stay warm, nothing stays owed. Weeks begin
and end at ten in the morning, when few cars are plugged in, and with empty batteries: an end
condition that asks for more would be met in the last hours of the week, by all at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.charges import Charge, ownership_charges
from nemogrid.community import Community
from nemogrid.dispatch import plan_members
from nemogrid.dispatch.local_control import (
    Household,
    LinearVoltage,
    LocalControl,
    LocalRun,
    run_local_control,
)
from nemogrid.dispatch.member_plan import StorePath
from nemogrid.dispatch.member_stores import uncontrolled
from nemogrid.dispatch.meter import meter_cost
from nemogrid.errors import InputError, LabelError
from nemogrid.feeder import load_feeder, run_power_flow
from nemogrid.results import Profiles
from nemogrid.scenario import Scenario
from nemogrid.simulation import on_buses, people_of
from nemogrid.studies.central_control import settle_central
from nemogrid.studies.load_control import households_of, settle_local_control
from nemogrid.timeline import Timeline

WORLDS = ("no control", "prices", "local control", "central")

_WEEK_H = 168.0
_MONTH_H = 730.0


@dataclass(frozen=True, kw_only=True, eq=False)
class FourWorlds:
    """What four ways of deciding do to the same feeder.

    Parameters
    ----------
    figures : pandas.DataFrame
        A row per week and world; see `four_worlds`.
    bills : pandas.DataFrame, shape (weeks x worlds, N)
        What each member pays for energy, peaks and wear, without fees [money].
    load_kw : dict of tuple of str to pandas.Series
        Load of the transformer with the losses [kW], import positive, by week and world.
    hours : float
        Length of all weeks together [h].
    currency : str
        ISO code.
    """

    figures: pd.DataFrame
    bills: pd.DataFrame
    load_kw: dict[tuple[str, str], pd.Series]
    hours: float
    currency: str


def season_weeks(year: int, *, step_h: float = 0.5, timezone: str = "Europe/Zurich") -> dict[
    str, Timeline
]:  # fmt: skip
    """Choose a week of each season: from the Monday on or after the 12th, at ten.

    Parameters
    ----------
    year : int
        Calendar year.
    step_h : float
        Length of a step [h].
    timezone : str
        IANA name.

    Returns
    -------
    dict of str to Timeline
        ``"winter"`` (January), ``"spring"`` (April), ``"summer"`` (July), ``"autumn"`` (October).

    Examples
    --------
    >>> {name: str(week.start.date()) for name, week in season_weeks(2026).items()}
    {'winter': '2026-01-12', 'spring': '2026-04-13', 'summer': '2026-07-13', 'autumn': '2026-10-12'}
    """
    weeks = {}
    for name, month in {"winter": 1, "spring": 4, "summer": 7, "autumn": 10}.items():
        day = pd.Timestamp(year=year, month=month, day=12)
        monday = day + pd.Timedelta(days=-day.weekday() % 7)
        start = (monday + pd.Timedelta(hours=10)).tz_localize(timezone)
        weeks[name] = Timeline(start, step_h, round(_WEEK_H / step_h))
    return weeks


def four_worlds(
    scenario: Scenario,
    weeks: Mapping[str, Timeline],
    *,
    control: LocalControl | None = None,
    peak_price_per_kw: float = 1.0,
    band_pu: tuple[float, float] = (0.9, 1.1),
) -> FourWorlds:
    """Let the same members live each week four times.

    Parameters
    ----------
    scenario : Scenario
        Feeder, assets, tariff and seed; its timeline, market and planning are not used.
    weeks : mapping of str to Timeline
        For example `season_weeks`.
    control : LocalControl, optional
        Settings of the local rule.
    peak_price_per_kw : float
        What the central program pays for its largest load in each week [money per kW].
    band_pu : tuple of float
        Voltages that the central program keeps [pu].

    Returns
    -------
    FourWorlds
        The figures are ``peak_import_kw`` and ``peak_export_kw`` at the transformer (losses
        included; 0 where the direction does not occur), ``vm_min_pu`` and ``vm_max_pu`` at the
        members, ``loss_kwh``, ``energy_kwh`` (net import of the feeder with losses), ``bills``
        (sum of the members, money), and ``power_flows``, how many it took (0 for what needs none).

    Raises
    ------
    InputError
        If there is no week.
    SolveError, PowerFlowError
        For a world that cannot be computed.
    """
    if not weeks:
        raise InputError("four worlds: no weeks, expected at least one")
    network = load_feeder(scenario.feeder)
    rows: dict[tuple[str, str], dict[str, float]] = {}
    bills: dict[tuple[str, str], pd.Series] = {}
    loads: dict[tuple[str, str], pd.Series] = {}
    for week, timeline in weeks.items():
        community, profiles = people_of(replace(scenario, timeline=timeline), network)
        community = _begin_empty(community)
        charges = scenario.tariff.ex_ante(community, timeline) + ownership_charges(community)
        lived = _Week(
            network=network, community=community, profiles=profiles, charges=charges,
            households=households_of(community, profiles, charges),
        )  # fmt: skip
        settings = (control or LocalControl(), peak_price_per_kw, band_pu, scenario.seed)
        for world in WORLDS:
            net_kw, discharged_kwh, flows = _live(world, lived, *settings)
            rows[week, world], loads[week, world] = _figures(lived, net_kw)
            paid = [
                meter_cost(house.meter, net_kw[:, n] * timeline.step_h, discharged_kwh[:, n])
                for n, house in enumerate(lived.households)
            ]
            bills[week, world] = pd.Series(paid, index=list(community.names))
            rows[week, world] |= {"bills": float(sum(paid)), "power_flows": flows}
    index = pd.MultiIndex.from_tuples(rows, names=["week", "world"])
    return FourWorlds(
        figures=pd.DataFrame(list(rows.values()), index=index),
        bills=pd.DataFrame(list(bills.values()), index=index),
        load_kw=loads,
        hours=sum(timeline.hours for timeline in weeks.values()),
        currency=scenario.tariff.currency,
    )


def summarise_worlds(worlds: FourWorlds) -> pd.DataFrame:
    """Put all weeks of each world together: the largest of peaks, the sum of energies and bills.

    Parameters
    ----------
    worlds : FourWorlds
        From `four_worlds`.

    Returns
    -------
    pandas.DataFrame
        A row per world, the columns of its figures.
    """
    kinds = dict.fromkeys(worlds.figures.columns, "sum") | {
        "peak_import_kw": "max", "peak_export_kw": "max", "vm_min_pu": "min", "vm_max_pu": "max",
    }  # fmt: skip
    return worlds.figures.groupby(level="world", sort=False).agg(kinds)


def worth_of_control(
    worlds: FourWorlds,
    *,
    peak_price_per_kw_month: float,
    loss_price_per_kwh: float,
    against: str = "no control",
) -> pd.DataFrame:
    """Tell what controlling would be worth, and may therefore cost, per member and month.

    Parameters
    ----------
    worlds : FourWorlds
        From `four_worlds`, with weeks that stand for the year.
    peak_price_per_kw_month : float
        What a kilowatt less at the transformer saves in a month [money per kW and month].
    loss_price_per_kwh : float
        What a kilowatt-hour of losses costs whoever bears them [money per kWh].
    against : str
        The world that the others are held against.

    Returns
    -------
    pandas.DataFrame
        A row per other world, in money per member and month: ``bills``, what members save,
        ``losses`` and ``peak``, what the distribution operator saves, and their sum ``total``,
        the most that the control may cost. Negative where it costs.

    Raises
    ------
    LabelError
        If there is no such world.
    """
    total = summarise_worlds(worlds)
    if against not in total.index:
        raise LabelError(f"no world {against!r}: expected one of {', '.join(total.index)}")
    members, months = worlds.bills.shape[1], worlds.hours / _MONTH_H
    peak_kw = total[["peak_import_kw", "peak_export_kw"]].max(axis=1)
    saved = pd.DataFrame(
        {
            "bills": -total["bills"] / months,
            "losses": -loss_price_per_kwh * total["loss_kwh"] / months,
            "peak": -peak_price_per_kw_month * peak_kw,
        }
    )
    saved = (saved - saved.loc[against]).drop(index=against) / members
    return saved.assign(total=saved.sum(axis=1))


def _begin_empty(community: Community) -> Community:
    """Let batteries begin, and end, with nothing."""
    return Community(
        tuple(
            replace(member, battery=replace(member.battery, initial_soc_share=0.0))
            if member.battery is not None
            else member
            for member in community
        )
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Week:
    """Who lives a week, and where."""

    network: Any
    community: Community
    profiles: Profiles
    charges: tuple[Charge, ...]
    households: tuple[Household, ...]


def _live(
    world: str,
    week: _Week,
    control: LocalControl,
    peak_price_per_kw: float,
    band_pu: tuple[float, float],
    seed: int,
) -> tuple[np.ndarray, np.ndarray, int]:
    """Net loads [kW] and discharged energies [kWh], shape (T, N), and the power flows it took."""
    where = (week.network, week.community, week.profiles, week.households)
    T = week.profiles.timeline.n_steps
    if world == "prices":
        plan = plan_members(week.community, week.profiles, week.charges)
        return plan.net_kw.to_numpy(), plan.discharged_kw * week.profiles.timeline.step_h, 0
    if world == "central":
        found = settle_central(*where, peak_price_per_kw=peak_price_per_kw, band_pu=band_pu)
        return found.plan.net_kw, _discharged(found.plan.paths, T), len(found.history)
    if world == "local control":
        settled = settle_local_control(*where, control, seed=seed)
        return settled.run.net_kw, _discharged(settled.run.paths, T), len(settled.history)
    run = _no_control(week)
    return run.net_kw, _discharged(run.paths, T), 0


def _no_control(week: _Week) -> LocalRun:
    """Run devices uncontrolled, and batteries by own surplus."""
    profiles, homes = week.profiles, []
    step_h = profiles.timeline.step_h
    for member, house in zip(week.community, week.households, strict=True):
        drawn_kw = {k: p for k, p in uncontrolled(member, profiles).items() if k != "battery"}
        net_kw = profiles.net_kw[member.name].to_numpy() + sum(drawn_kw.values())
        batteries = {kind: s for kind, s in house.stores.items() if kind == "battery"}
        homes.append(replace(house, net_kwh=net_kw * step_h, stores=batteries))
    T, N = profiles.net_kw.shape
    unseen = LinearVoltage(
        base_pu=np.ones((T, N)), base_kw=np.zeros((T, N)), pu_per_kw=np.zeros((N, N))
    )
    rule = LocalControl(gain_per_spread=0.0)
    return run_local_control(tuple(homes), rule, unseen, delay_steps=np.zeros(N, dtype=int))


def _discharged(paths: Sequence[Mapping[str, StorePath]], n_steps: int) -> np.ndarray:
    return np.column_stack(
        [
            sum((path.discharge_kwh for path in own.values()), start=np.zeros(n_steps))
            for own in paths
        ]
    )


def _figures(week: _Week, net_kw: np.ndarray) -> tuple[dict[str, float], pd.Series]:
    community, profiles, timeline = week.community, week.profiles, week.profiles.timeline
    table = pd.DataFrame(net_kw, timeline.index, list(community.names))
    state = run_power_flow(
        week.network, on_buses(table, community),
        reactive_kvar=on_buses(profiles.reactive_kvar, community),
    )  # fmt: skip
    volts = state.vm_pu[sorted(set(community.buses))].to_numpy()
    load_kw = (table.sum(axis=1) + state.loss_kw).rename("load_kw")
    figures = {
        "peak_import_kw": max(float(load_kw.max()), 0.0),
        "peak_export_kw": max(float(-load_kw.min()), 0.0),
        "vm_min_pu": float(volts.min()),
        "vm_max_pu": float(volts.max()),
        "loss_kwh": float(state.loss_kw.sum()) * timeline.step_h,
        "energy_kwh": float(load_kw.sum()) * timeline.step_h,
    }
    return figures, load_kw
