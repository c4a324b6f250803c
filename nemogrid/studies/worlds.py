"""Worlds: the same members live the same weeks, and somebody else decides.

A world is a function from a `Week` to a `Life`. Weeks begin and end at ten in the morning, when few
cars are plugged in, and with empty batteries: an end condition that asks for more would be met in
the last hours of the week, by all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.charges import Charge, ownership_charges
from nemogrid.community import Community
from nemogrid.dispatch.household import Household
from nemogrid.dispatch.meter import meter_cost
from nemogrid.errors import InputError, LabelError
from nemogrid.feeder import load_feeder, run_power_flow
from nemogrid.results import Profiles
from nemogrid.scenario import Scenario
from nemogrid.simulation import on_buses, people_of
from nemogrid.studies.load_control import households_of
from nemogrid.timeline import Timeline

_WEEK_H = 168.0
_MONTH_H = 730.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Week:
    """Who lives a week, and where.

    Parameters
    ----------
    network : pandapowerNet
        The feeder.
    community : Community
        N members, with empty batteries.
    profiles : Profiles
        Their needs over T steps.
    charges : tuple of Charge
        What they pay.
    households : tuple of Household
        The same for controllers.
    """

    network: Any
    community: Community
    profiles: Profiles
    charges: tuple[Charge, ...]
    households: tuple[Household, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Life:
    """How a week was lived.

    Parameters
    ----------
    net_kw : numpy.ndarray, shape (T, N)
        Net load of each member [kW].
    discharged_kwh : numpy.ndarray, shape (T, N)
        What its stores gave back [kWh].
    power_flows : int
        Power flows that it took to decide, 0 for what needs none.
    """

    net_kw: np.ndarray
    discharged_kwh: np.ndarray
    power_flows: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Worlds:
    """What several ways of deciding do to the same feeder.

    Parameters
    ----------
    figures : pandas.DataFrame
        A row per week and world; see `live`.
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


def begin_week(scenario: Scenario, network: Any, timeline: Timeline) -> Week:
    """Put the members of a scenario on its feeder, before anybody decides.

    Parameters
    ----------
    scenario : Scenario
        Assets, tariff and seed.
    network : pandapowerNet
        The feeder of the scenario, from `nemogrid.load_feeder`.
    timeline : Timeline
        The week.

    Returns
    -------
    Week
    """
    community, profiles = people_of(replace(scenario, timeline=timeline), network)
    community = _begin_empty(community)
    charges = scenario.tariff.ex_ante(community, timeline) + ownership_charges(community)
    return Week(
        network=network,
        community=community,
        profiles=profiles,
        charges=charges,
        households=households_of(community, profiles, charges),
    )


def live(
    scenario: Scenario, weeks: Mapping[str, Timeline], worlds: Mapping[str, Callable[[Week], Life]]
) -> Worlds:
    """Let the same members live each week in each world.

    Parameters
    ----------
    scenario : Scenario
        Feeder, assets, tariff and seed; its timeline, market and planning are not used.
    weeks : mapping of str to Timeline
        For example `season_weeks`.
    worlds : mapping of str to callable
        Who decides.

    Returns
    -------
    Worlds
        The figures are ``peak_import_kw`` and ``peak_export_kw`` at the transformer (losses
        included; 0 where the direction does not occur), ``vm_min_pu`` and ``vm_max_pu`` at the
        members, ``loss_kwh``, ``energy_kwh`` (net import of the feeder with losses), ``bills``
        (sum of the members, money), and ``power_flows``, how many it took to decide.

    Raises
    ------
    InputError
        If there is no week or no world.
    SolveError, PowerFlowError
        For a world that cannot be computed.
    """
    if not weeks or not worlds:
        raise InputError(f"{len(weeks)} weeks and {len(worlds)} worlds, expected at least one each")
    network = load_feeder(scenario.feeder)
    rows: dict[tuple[str, str], dict[str, float]] = {}
    bills: dict[tuple[str, str], pd.Series] = {}
    loads: dict[tuple[str, str], pd.Series] = {}
    for name, timeline in weeks.items():
        week = begin_week(scenario, network, timeline)
        for world, decide in worlds.items():
            life = decide(week)
            rows[name, world], loads[name, world] = _figures(week, life.net_kw)
            paid = [
                meter_cost(
                    house.meter, life.net_kw[:, n] * timeline.step_h, life.discharged_kwh[:, n]
                )
                for n, house in enumerate(week.households)
            ]
            bills[name, world] = pd.Series(paid, index=list(week.community.names))
            rows[name, world] |= {"bills": float(sum(paid)), "power_flows": life.power_flows}
    index = pd.MultiIndex.from_tuples(rows, names=["week", "world"])
    return Worlds(
        figures=pd.DataFrame(list(rows.values()), index=index),
        bills=pd.DataFrame(list(bills.values()), index=index),
        load_kw=loads,
        hours=sum(timeline.hours for timeline in weeks.values()),
        currency=scenario.tariff.currency,
    )


def summarise_worlds(worlds: Worlds) -> pd.DataFrame:
    """Put all weeks of each world together: the largest of peaks, the sum of energies and bills.

    Parameters
    ----------
    worlds : Worlds
        From `live`.

    Returns
    -------
    pandas.DataFrame
        A row per world, the columns of its figures.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("may", "prices"), ("june", "prices")],
    ...                                   names=["week", "world"])
    >>> figures = pd.DataFrame(
    ...     {"peak_import_kw": [9.0, 7.0], "peak_export_kw": [1.0, 4.0], "vm_min_pu": [0.96, 0.95],
    ...      "vm_max_pu": [1.01, 1.04], "loss_kwh": [5.0, 6.0]}, index=index)
    >>> worlds = Worlds(figures=figures, bills=pd.DataFrame(), load_kw={}, hours=336.0,
    ...                 currency="CHF")
    >>> summarise_worlds(worlds).loc["prices"].to_dict()
    {'peak_import_kw': 9.0, 'peak_export_kw': 4.0, 'vm_min_pu': 0.95, 'vm_max_pu': 1.04,
     'loss_kwh': 11.0}
    """
    kinds = dict.fromkeys(worlds.figures.columns, "sum") | {
        "peak_import_kw": "max", "peak_export_kw": "max", "vm_min_pu": "min", "vm_max_pu": "max",
    }  # fmt: skip
    return worlds.figures.groupby(level="world", sort=False).agg(kinds)


def worth_of_control(
    worlds: Worlds,
    *,
    peak_price_per_kw_month: float,
    loss_price_per_kwh: float,
    against: str = "no control",
) -> pd.DataFrame:
    """Tell what controlling would be worth, and may therefore cost, per member and month.

    Parameters
    ----------
    worlds : Worlds
        From `live`, with weeks that stand for the year.
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


def _figures(week: Week, net_kw: np.ndarray) -> tuple[dict[str, float], pd.Series]:
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
