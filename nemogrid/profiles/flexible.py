r"""What cars and heat pumps draw when nobody shifts them.

**Measured** are SimBench's charging points (``HLS_*`` at home, ``APLS_*`` at work) and heat pumps
(``Air_*``, ``Soil_*``), as quarter-hours per unit of rated power. **Assumed** is everything below.

*Cars* live through measured weeks in an order of their own (`nemogrid.profiles.weeks`). SimBench's
home charging points deliver 800 to 1,600 kWh a year, in about 200 sessions. A car that needs more
comes home as often, but emptier.

*Heat pumps* see the weather of the same date of 2016 in standard time, as photovoltaic systems
do, so that all houses freeze together. They do not switch together: every house is earlier or
later than the measured one by up to two hours, in whole quarter-hours, always by the same.
SimBench's heat pumps rest in most of the quarter-hours, and those of one shape switch alike;
without the shift the feeder would see them all at once.

The shape is scaled to the stated energy of the year. Where that takes more than the rating of the
device, the rest is drawn right afterwards. With the scaled power :math:`a_t`, the rating :math:`P`
and the energy :math:`b_t` that is behind (in kW of a quarter-hour), the device draws

.. math:: u_t = \min(b_t + a_t,\; P), \qquad b_{t+1} = b_t + a_t - u_t .

A session keeps its arrival and its energy and lasts longer; two may become one. What is still
behind at the end of a calendar year is drawn at the beginning of the same year, so that the energy
of the year is as stated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nemogrid.community import Community
from nemogrid.errors import InputError
from nemogrid.profiles.days import CalendarYear, bit_stream
from nemogrid.profiles.layout import QUARTER_H, lay_out
from nemogrid.profiles.simbench import read_shapes
from nemogrid.profiles.weeks import drawn_weeks, measured_weeks, weeks_of
from nemogrid.timeline import Timeline

MOST_SHIFT = 8
"""Most quarter-hours by which a heat pump is earlier or later than the measured one."""


def vehicle_profiles(
    community: Community, timeline: Timeline, *, seed: int, diversity: bool = True
) -> pd.DataFrame | None:
    """Make measured weeks of charging into the power of cars that nobody controls.

    Parameters
    ----------
    community : Community
        N members and their cars.
    timeline : Timeline
        T steps of 15, 30 or 60 minutes that start on a quarter-hour.
    seed : int
        Of the order of weeks. A member's order depends on the seed, its name and the year, and on
        nothing else.
    diversity : bool
        False gives every car the weeks in measured order.

    Returns
    -------
    pandas.DataFrame, shape (T, N), or None
        Power on the grid side [kW]; zero for members without a car, None where nobody has one.

    Raises
    ------
    InputError
        If a shape is unknown or zero all year, the timeline does not fit the quarter-hours, or a
        car cannot be charged at the rated power.

    Examples
    --------
    >>> from nemogrid.community import ElectricVehicle, Member
    >>> members = (Member(name="a", bus=1, yearly_kwh=4500.0, vehicle=ElectricVehicle()),)
    >>> power_kw = vehicle_profiles(Community(members), Timeline.year(2026), seed=1)
    >>> round(float(power_kw["a"].sum() / 2), 6), float(power_kw["a"].max())
    (2500.0, 11.0)
    """

    def rows(name: str, year: CalendarYear) -> np.ndarray:
        week, quarter = weeks_of(year)
        order = np.arange(week[-1] + 1) % len(measured_weeks())
        if diversity:
            order = drawn_weeks(name, year.start.year, len(order), seed=seed)
        return np.asarray(measured_weeks()[order[week], quarter])

    cars = {
        member.name: _Device("vehicle", car.shape, car.yearly_kwh, car.charger_kw)
        for member in community
        if (car := member.vehicle) is not None
    }
    return _table(community, timeline, cars, rows)


def heat_pump_profiles(
    community: Community, timeline: Timeline, *, seed: int, diversity: bool = True
) -> pd.DataFrame | None:
    """Make a measured year of heating into the power of heat pumps that nobody controls.

    Parameters
    ----------
    community : Community
        N members and their heat pumps.
    timeline : Timeline
        T steps of 15, 30 or 60 minutes that start on a quarter-hour.
    seed : int
        Of the shifts. A member's shift depends on the seed and its name, and on nothing else.
    diversity : bool
        False gives no heat pump a shift.

    Returns
    -------
    pandas.DataFrame, shape (T, N), or None
        Electric power [kW]; zero for members without a heat pump, None where nobody has one.

    Raises
    ------
    InputError
        If a shape is unknown or zero all year, the timeline does not fit the quarter-hours, or a
        heat pump cannot use its yearly energy at its rated power.

    Examples
    --------
    >>> from nemogrid.community import HeatPump, Member
    >>> members = (Member(name="a", bus=1, yearly_kwh=4500.0, heat_pump=HeatPump()),)
    >>> power_kw = heat_pump_profiles(Community(members), Timeline.year(2026), seed=1)
    >>> round(float(power_kw["a"].sum() / 2), 6), float(power_kw["a"].max())
    (5000.0, 4.0)
    """

    def rows(name: str, year: CalendarYear) -> np.ndarray:
        return year.weather_row(later=house_shift(name, seed=seed) if diversity else 0)

    heat_pumps = {
        member.name: _Device("heat pump", pump.shape, pump.yearly_kwh, pump.power_kw)
        for member in community
        if (pump := member.heat_pump) is not None
    }
    return _table(community, timeline, heat_pumps, rows)


def house_shift(name: str, *, seed: int) -> int:
    """Draw by how much a member's heat pump is earlier than the measured one.

    Parameters
    ----------
    name : str
        The member's.
    seed : int
        Of the scenario.

    Returns
    -------
    int
        Quarter-hours, -8..8, later where negative.
    """
    raw = bit_stream(seed, name=f"heat pump of {name}").random_raw()
    return int(raw % (2 * MOST_SHIFT + 1)) - MOST_SHIFT


def within_rating(power: np.ndarray, rating: float) -> np.ndarray:
    """Draw what exceeds a rating right afterwards, what is left at the end from the beginning.

    Parameters
    ----------
    power : numpy.ndarray, shape (Q,)
        Values of at least 0.
    rating : float
        Most that the result may be.

    Returns
    -------
    numpy.ndarray, shape (Q,)
        Of the same sum.

    Raises
    ------
    InputError
        If the mean exceeds the rating.

    Examples
    --------
    >>> within_rating(np.array([0.0, 5.0, 1.0, 0.0, 3.0]), 2.0).tolist()
    [1.0, 2.0, 2.0, 2.0, 2.0]
    """
    if power.max() <= rating:
        return power
    if power.mean() > rating:
        raise InputError(f"{power.mean():.3g} kW on average, more than its {rating:g} kW")
    behind = 0.0
    drawn: list[float] = []
    # What a first round leaves behind is where the second, the one that counts, begins.
    for _ in range(2):
        drawn.clear()
        for wanted in power.tolist():
            behind += wanted
            now = min(behind, rating)
            behind -= now
            drawn.append(now)
    return np.array(drawn)


@dataclass(frozen=True)
class _Device:
    """What cars and heat pumps have in common."""

    what: str
    shape: str
    yearly_kwh: float
    rating_kw: float


def _table(
    community: Community,
    timeline: Timeline,
    devices: dict[str, _Device],
    rows: Callable[[str, CalendarYear], np.ndarray],
) -> pd.DataFrame | None:
    """Build a column per member from the rows of SimBench that its device lives through."""
    if not devices:
        return None
    layout = lay_out(timeline)
    shapes = read_shapes(device.shape for device in devices.values())
    power_kw = pd.DataFrame(0.0, index=timeline.index, columns=list(community.names))
    for name, device in devices.items():
        shape = shapes[device.shape]
        power_kw[name] = layout.steps(
            [_scaled(name, device, shape[rows(name, year)], year) for year in layout.years]
        )
    return power_kw


def _scaled(name: str, device: _Device, shape: np.ndarray, year: CalendarYear) -> np.ndarray:
    energy = shape.sum() * QUARTER_H
    if energy == 0:
        raise InputError(f"{device.what} of member {name!r}: shape {device.shape!r} is zero")
    power_kw = shape * (device.yearly_kwh * year.share_of_normal / energy)
    try:
        return within_rating(power_kw, device.rating_kw)
    except InputError as error:
        raise InputError(
            f"{device.what} of member {name!r} with {device.yearly_kwh:g} kWh a year: {error}"
        ) from None
