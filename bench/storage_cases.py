"""The households, prices and communities of the storage benchmark."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import numpy as np

STEP_H = 0.5
STEPS = 17_520
SEED = 2026
LARGEST = "1-LV-rural3--0-no_sw"
"""The low-voltage grid of SimBench with the most members."""


@cache
def household_kwh() -> np.ndarray:
    """Take the prosumer of the reference scenario who uses a middling amount: net energy (T,)."""
    community, profiles, _ = _people()
    owners = sorted((m for m in community if m.pv is not None), key=lambda m: m.yearly_kwh)
    return np.asarray(profiles.net_kw[owners[len(owners) // 2].name]) * STEP_H


def box() -> Any:
    """Describe the battery of everybody: 10 kWh, 5 kW."""
    from nemogrid.devices import Battery

    return Battery(
        capacity_kwh=10.0, power_kw=5.0, charge_efficiency=0.95, discharge_efficiency=0.95
    )


def box_store(steps: int = STEPS) -> Any:
    """Describe it for a number of half-hours."""
    from nemogrid.dispatch.store import battery_store

    return battery_store(box(), steps, step_h=STEP_H)


@cache
def meters() -> dict[str, Any]:
    """Lay out a year of three tariffs, none of which pays for burning energy.

    Returns
    -------
    dict of str to MeterPrices
        ``"CH-2026"``, which is flat; ``"time of use"`` with a day and a night price; ``"spot"``,
        8,760 prices drawn around two waves a day, passed on to import and export alike.
    """
    from nemogrid.dispatch.meter import read_meter_prices, two_prices

    community, profiles, charges = _people()
    name = community.prosumers[0]
    hour = np.arange(STEPS) * STEP_H % 24
    day = np.where((hour >= 7) & (hour < 20), 0.30, 0.22)
    spot = np.repeat(wave(STEPS // 2, per_day=24), 2)
    return {
        "CH-2026": read_meter_prices(charges, profiles.timeline, community.names, name),
        "time of use": two_prices(day, np.full(STEPS, 0.06), step_h=STEP_H),
        "spot": two_prices(spot + 0.15, spot, step_h=STEP_H),
    }


def wave(n: int, *, per_day: int) -> np.ndarray:
    """Draw n prices that are all distinct and above zero, with two waves a day."""
    noise = np.random.default_rng(SEED).normal(0.0, 0.02, n)
    waves = 0.09 + 0.04 * np.cos(2 * np.pi * (np.arange(n) / per_day * 24 - 19) / 12)
    return np.maximum(waves + noise, 1e-3 + 1e-7 * np.arange(n))


def in_levels(prices: np.ndarray, levels: int) -> np.ndarray:
    """Round prices to so many distinct ones, each for an equal share of the steps.

    Parameters
    ----------
    prices : numpy.ndarray, shape (T,)
        All distinct.
    levels : int
        From 1 to T.

    Returns
    -------
    numpy.ndarray, shape (T,)
        The mean price of each share.
    """
    group = np.argsort(np.argsort(prices)) * levels // len(prices)
    return np.asarray((np.bincount(group, prices) / np.bincount(group))[group])


def community_year(*, peaks: bool = False) -> tuple[Any, Any, tuple[Any, ...]]:
    """Give every member of the reference scenario a battery: community, profiles, charges.

    Parameters
    ----------
    peaks : bool
        Whether the network operator charges 6 a kW for the highest import of each month.
    """
    from nemogrid.charges import Charge

    community, profiles, charges = _people()
    peak = Charge(item="peak", quantity="peak_imported", price=6.0, payee="dso", period="month")  # type: ignore[arg-type]
    return _equipped(community), profiles, (*charges, peak) if peaks else charges


def largest_community(members: int) -> tuple[Any, Any, tuple[Any, ...]]:
    """Take the first members of SimBench's largest low-voltage grid, a battery each."""
    community, profiles, charges = _people(LARGEST)
    names = list(community.names)[:members]
    tables = {
        field.name: getattr(profiles, field.name)[names]
        for field in dataclasses.fields(profiles)
        if field.name.endswith(("_kw", "_kvar")) and getattr(profiles, field.name) is not None
    }
    few = dataclasses.replace(community, members=community.members[:members])
    return _equipped(few), dataclasses.replace(profiles, **tables), charges


def _equipped(community: Any) -> Any:
    return dataclasses.replace(
        community,
        members=tuple(dataclasses.replace(member, battery=box()) for member in community.members),
    )


@cache
def _people(feeder: str | None = None) -> tuple[Any, Any, tuple[Any, ...]]:
    import nemogrid as ng
    from nemogrid.simulation import people_of

    scenario = ng.Scenario() if feeder is None else ng.Scenario(feeder=feeder)
    community, profiles = people_of(scenario, ng.load_feeder(scenario.feeder))
    return community, profiles, scenario.tariff.ex_ante(community, scenario.timeline)
