r"""A car as a flexible store, read off its uncontrolled charging.

What is known is the power of the charging point when nobody controls it. A **session** is a run of
steps with power above zero. It begins with the **arrival** of the car; the car **departs** at the
next local `departure_hour` after the run has ended, or with the next arrival where that is
earlier. What the session charged is what the trip before it used.

.. math::

   s_{t+1} = s_t + \eta^c c_t - d_t / \eta^d - q_t

=========================  =======================================================================
time                       what holds
=========================  =======================================================================
plugged in                 charging up to the charger's power; discharging too if it is
                           bidirectional; the car is never emptier than empty
departure                  at least as full as uncontrolled charging would have left it: full
away                       no power; the trip's energy :math:`q_t` is used in the last step before
                           the arrival
end                        at least what uncontrolled charging would have stored
=========================  =======================================================================

Assumptions, where the profile is silent:

- Uncontrolled charging leaves the car full. Drivers ask for that, and no foresight of the trips is
  needed. A car that may also leave half full could do more.
- The car stays until its departure hour even if it was full before; where it charges again earlier
  it stays until then, and takes no time for the trip between. Both flatter what it can do.
- Before the first arrival, and from a departure to the next arrival, the car is away, although it
  may be at home for a night without charging. That is less than it can do. It charges nowhere else.
- It arrives at the start of the step in which it first draws power.
- A session that charges more than the car holds shows that two were taken for one, or that the
  car is larger than stated. The store then goes as far below zero as uncontrolled charging needs.
- A charging point that has drawn more than its rating can do so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nemogrid.devices import ElectricVehicle
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError
from nemogrid.timeline import Timeline


def vehicle_store(vehicle: ElectricVehicle, drawn_kw: np.ndarray, timeline: Timeline) -> Store:
    """Describe a car as a flexible store.

    Parameters
    ----------
    vehicle : ElectricVehicle
        Capacity, charger, efficiencies and departure hour.
    drawn_kw : numpy.ndarray, shape (T,)
        Power of its uncontrolled charging on the grid side [kW].
    timeline : Timeline
        The T steps.

    Returns
    -------
    Store
        Uncontrolled charging is one of its feasible plans.

    Raises
    ------
    InputError
        If the power has another length, or is negative or not a number.

    Examples
    --------
    >>> night = Timeline(pd.Timestamp("2026-05-04 18:00", tz="Europe/Zurich"), 1.0, 16)
    >>> drawn_kw = np.array([0.0, 11.0, 6.0] + [0.0] * 13)
    >>> store = vehicle_store(ElectricVehicle(charge_efficiency=0.9), drawn_kw, night)
    >>> store.charge_limit_kwh.tolist()
    [0.0, 11.0, ..., 11.0, 0.0, 0.0, 0.0]
    >>> float(store.lower_kwh[13]), round(float(store.used_kwh[0]), 6)
    (60.0, 15.3)
    """
    found = _read(vehicle, drawn_kw, timeline)
    T, step_h = timeline.n_steps, timeline.step_h
    charged_kwh = drawn_kw * step_h * vehicle.charge_efficiency
    used_kwh = np.zeros(T)
    inside = found.arrival > 0
    used_kwh[found.arrival[inside] - 1] = found.energy_kwh[inside]
    # A timeline that begins with a session begins after the trip before it.
    begun_kwh = float(found.energy_kwh[~inside].sum())
    initial_kwh = vehicle.capacity_kwh - begun_kwh
    followed_kwh = initial_kwh + np.r_[0.0, np.cumsum(charged_kwh - used_kwh)]

    plugged = np.zeros(T, dtype=bool)
    for arrival, departure in zip(found.arrival, found.departure, strict=True):
        plugged[arrival:departure] = True
    lower_kwh = np.minimum(followed_kwh, 0.0)
    lower_kwh[found.departure] = followed_kwh[found.departure]
    power_kw = max(vehicle.charger_kw, float(drawn_kw.max()))
    limit_kwh = np.where(plugged, power_kw * step_h, 0.0)
    return Store(
        name="vehicle",
        charge_limit_kwh=limit_kwh,
        discharge_limit_kwh=limit_kwh if vehicle.bidirectional else np.zeros(T),
        lower_kwh=lower_kwh,
        upper_kwh=np.maximum(followed_kwh, vehicle.capacity_kwh),
        initial_kwh=initial_kwh,
        charge_efficiency=vehicle.charge_efficiency,
        discharge_efficiency=vehicle.discharge_efficiency,
        used_kwh=used_kwh,
        wear_per_kwh=vehicle.wear_per_kwh,
    )


def sessions(vehicle: ElectricVehicle, drawn_kw: np.ndarray, timeline: Timeline) -> pd.DataFrame:
    """List when a car is plugged in, and what it charges.

    Parameters
    ----------
    vehicle : ElectricVehicle
        For its charge efficiency and departure hour.
    drawn_kw : numpy.ndarray, shape (T,)
        Power of its uncontrolled charging on the grid side [kW].
    timeline : Timeline
        The T steps.

    Returns
    -------
    pandas.DataFrame
        A row per session: ``arrival`` and ``departure``, the start of the step of each, and
        ``energy_kwh`` that the car's battery takes up [kWh]. Who does not depart before the end of
        the timeline departs there.

    Raises
    ------
    InputError
        If the power has another length, or is negative or not a number.

    Examples
    --------
    >>> night = Timeline(pd.Timestamp("2026-05-04 18:00", tz="Europe/Zurich"), 1.0, 16)
    >>> drawn_kw = np.array([0.0, 11.0, 6.0] + [0.0] * 13)
    >>> sessions(ElectricVehicle(charge_efficiency=0.9), drawn_kw, night)
                              arrival                 departure  energy_kwh
    session
    0       2026-05-04 19:00:00+02:00 2026-05-05 07:00:00+02:00        15.3
    """
    found = _read(vehicle, drawn_kw, timeline)
    times = timeline.index.append(pd.DatetimeIndex([timeline.end]))
    return pd.DataFrame(
        {
            "arrival": times[found.arrival],
            "departure": times[found.departure],
            "energy_kwh": found.energy_kwh,
        },
        index=pd.RangeIndex(len(found.arrival), name="session"),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sessions:
    """Steps of arrival and departure, and energies [kWh], of S sessions."""

    arrival: np.ndarray
    departure: np.ndarray
    energy_kwh: np.ndarray


def _read(vehicle: ElectricVehicle, drawn_kw: np.ndarray, timeline: Timeline) -> _Sessions:
    T = timeline.n_steps
    if drawn_kw.shape != (T,):
        raise InputError(f"vehicle: drawn_kw has shape {drawn_kw.shape}, expected {(T,)}")
    wrong = np.flatnonzero(~(np.isfinite(drawn_kw) & (drawn_kw >= 0)))
    if wrong.size:
        raise InputError(
            f"vehicle: drawn_kw is {drawn_kw[wrong[0]]} at {timeline.index[wrong[0]]}, expected a "
            "finite number of at least 0"
        )
    change = np.diff(np.r_[False, drawn_kw > 0, False].astype(int))
    arrival, done = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    runs_kw = [drawn_kw[a:b].sum() for a, b in zip(arrival, done, strict=True)]
    mornings = np.r_[_mornings(timeline, vehicle.departure_hour), T]
    departure = np.minimum(mornings[np.searchsorted(mornings, done)], np.r_[arrival[1:], T])
    return _Sessions(
        arrival=arrival,
        departure=departure,
        energy_kwh=np.array(runs_kw, dtype=float) * timeline.step_h * vehicle.charge_efficiency,
    )


def _mornings(timeline: Timeline, hour: float) -> np.ndarray:
    """Find the first step of each day that does not begin before a local hour."""
    passed = np.maximum.accumulate(timeline.day + (timeline.hour >= hour))
    return np.flatnonzero(np.diff(passed, prepend=passed[0]) > 0)
