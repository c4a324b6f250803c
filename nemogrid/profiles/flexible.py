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

import numpy as np
import pandas as pd

from nemogrid.community import Community, Member
from nemogrid.devices import ElectricVehicle, HeatPump
from nemogrid.errors import InputError
from nemogrid.profiles.days import CalendarYear, bit_stream
from nemogrid.profiles.layout import QUARTER_H, Layout, lay_out
from nemogrid.profiles.simbench import QUARTERS, read_shapes
from nemogrid.profiles.weeks import drawn_weeks, measured_weeks, weeks_of
from nemogrid.timeline import Timeline

MOST_SHIFT = 8
"""Most quarter-hours by which a heat pump is earlier or later than the measured one."""

_SUN_LATE = 4


def device_profiles(
    community: Community, timeline: Timeline, *, seed: int, diversity: bool = True
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Make measured shapes into the power of cars and heat pumps.

    Parameters
    ----------
    community : Community
        N members and what they own.
    timeline : Timeline
        T steps of 15, 30 or 60 minutes that start on a quarter-hour.
    seed : int
        Of the weeks of cars and the shifts of heat pumps. Those of a member depend on the seed,
        its name and, for cars, the year; other members may come and go.
    diversity : bool
        False gives every car the weeks in measured order, and no heat pump a shift.

    Returns
    -------
    vehicle_kw, heat_pump_kw : pandas.DataFrame, shape (T, N), or None
        Power on the grid side [kW]; zero for members without one, None where nobody has one.

    Raises
    ------
    InputError
        If a shape is unknown or zero all year, or a device cannot draw its yearly energy at its
        rated power.

    Examples
    --------
    >>> members = (Member(name="a", bus=1, yearly_kwh=4500.0, vehicle=ElectricVehicle()),)
    >>> year = Timeline.year(2026)
    >>> vehicle_kw, heat_pump_kw = device_profiles(Community(members), year, seed=1)
    >>> float(vehicle_kw["a"].sum() / 2), float(vehicle_kw["a"].max()), heat_pump_kw
    (2500.0, 11.0, None)
    """
    layout = lay_out(timeline)

    def weeks(member: Member, year: CalendarYear) -> np.ndarray:
        week, quarter = weeks_of(year)
        order = np.arange(week[-1] + 1) % len(measured_weeks())
        if diversity:
            order = drawn_weeks(member.name, year.start.year, len(order), seed=seed)
        return np.asarray(measured_weeks()[order[week], quarter])

    def weather(member: Member, year: CalendarYear) -> np.ndarray:
        shift = house_shift(member.name, seed=seed) if diversity else 0
        return np.asarray((year.sun_row + _SUN_LATE + shift) % QUARTERS)

    return (
        _table(community, timeline, layout, [m.vehicle for m in community], weeks),
        _table(community, timeline, layout, [m.heat_pump for m in community], weather),
    )


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


def _table(
    community: Community,
    timeline: Timeline,
    layout: Layout,
    devices: list[ElectricVehicle | None] | list[HeatPump | None],
    rows: Callable[[Member, CalendarYear], np.ndarray],
) -> pd.DataFrame | None:
    """Build a column per member from the rows of SimBench that it lives through."""
    owned = [device for device in devices if device is not None]
    if not owned:
        return None
    shapes = read_shapes(device.shape for device in owned)
    power_kw = np.zeros((timeline.n_steps, len(community)))
    for i, (member, device) in enumerate(zip(community, devices, strict=True)):
        if device is not None:
            power_kw[:, i] = layout.steps(
                [
                    _scaled(member, device, shapes[device.shape][rows(member, year)], year)
                    for year in layout.years
                ]
            )
    return pd.DataFrame(power_kw, index=timeline.index, columns=list(community.names))


def _scaled(
    member: Member, device: ElectricVehicle | HeatPump, shape: np.ndarray, year: CalendarYear
) -> np.ndarray:
    if isinstance(device, ElectricVehicle):
        what, rating = "vehicle", device.charger_kw
    else:
        what, rating = "heat pump", device.power_kw
    energy = shape.sum() * QUARTER_H
    if energy == 0:
        raise InputError(f"{what} of member {member.name!r}: shape {device.shape!r} is zero")
    try:
        return within_rating(shape * (device.yearly_kwh * year.share_of_normal / energy), rating)
    except InputError as error:
        raise InputError(
            f"{what} of member {member.name!r} with {device.yearly_kwh:g} kWh a year: {error}"
        ) from None
