"""Measured shapes made into the load and generation of each member.

Loads follow the local clock and a sequence of days of the member's own, which
`nemogrid.profiles.days` draws. Photovoltaic systems follow the sun: they all see the weather of
the same date of 2016, in the standard time of the timeline's zone, in which the sun is taken to
stand where it stands in German standard time.

Whole calendar years are laid out in quarter-hours, scaled to the member's yearly energy and then
cut, so that a week in July is the same alone as in its year, and longer steps are the means of
shorter ones. A leap year has 366/365 of the energy of a normal year.

Cars and heat pumps are made in `nemogrid.profiles.flexible`, and are no part of the load.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nemogrid.community import PV, Community, Member
from nemogrid.errors import InputError
from nemogrid.profiles.days import CalendarYear, drawn_days, measured_days, nearest_days
from nemogrid.profiles.flexible import heat_pump_profiles, vehicle_profiles
from nemogrid.profiles.layout import QUARTER_H, lay_out
from nemogrid.profiles.simbench import read_shapes
from nemogrid.results import Profiles
from nemogrid.timeline import Timeline


def build_profiles(
    community: Community,
    timeline: Timeline,
    *,
    seed: int,
    pv_shape: str = "PV5",
    diversity: bool = True,
) -> Profiles:
    """Make measured shapes into the load and generation of each member.

    Parameters
    ----------
    community : Community
        N members with their yearly energy, shape, power factor, photovoltaic system, car and heat
        pump.
    timeline : Timeline
        T steps of 15, 30 or 60 minutes that start on a quarter-hour.
    seed : int
        Of the order of days. A member's order depends on the seed, its name and the year, and on
        nothing else: other members may come and go.
    pv_shape : str
        Shape of all photovoltaic systems, ``"PV1"`` to ``"PV8"``.
    diversity : bool
        False gives every member the days in measured order: for each date the nearest day of
        2016 of the same season and type.

    Returns
    -------
    Profiles
        Load follows the member's power factor; photovoltaic systems, cars and heat pumps have none
        to follow.

    Raises
    ------
    InputError
        If the seed is not a non-negative integer, the timeline does not fit the quarter-hours, a
        shape is unknown, or a yield cannot be reached.

    Notes
    -----
    A photovoltaic system never exceeds its rated power. SimBench's systems run 573 to 695 hours a
    year at full load. Scaled to 946 h their highest quarter-hours reach 0.84 (PV5) to 0.97 (PV7)
    of the rating. Where scaling alone would go past the rating, the output is ``min(s * shape, 1)``
    with the one ``s`` that keeps the stated yield, as of a larger generator behind an inverter of
    the rated power.

    Examples
    --------
    >>> members = (Member(name="a", bus=1, yearly_kwh=4500.0, pv=PV(peak_kw=5.0)),)
    >>> profiles = build_profiles(Community(members), Timeline.year(2026), seed=1)
    >>> (profiles.load_kw["a"].sum() / 2).round(6), (profiles.pv_kw["a"].sum() / 2).round(6)
    (np.float64(4500.0), np.float64(4730.0))
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"seed is {seed!r}: expected an integer of at least 0")
    layout = lay_out(timeline)
    days_of = {
        name: shape[measured_days().rows]
        for name, shape in read_shapes(m.shape for m in community).items()
    }
    sun = read_shapes([pv_shape], kind="pv")[pv_shape]

    load_kw, pv_kw = (np.zeros((len(community), timeline.n_steps)) for _ in range(2))
    generation: dict[float, list[np.ndarray]] = {}
    for i, member in enumerate(community):
        # One member's quarter-hours at a time: those of all would need much memory.
        load_kw[i] = layout.steps(
            [
                _load_kw(member, days_of[member.shape], _order(member, year, seed, diversity), year)
                for year in layout.years
            ]
        )
        if member.pv is None:
            continue
        hours = member.pv.yield_kwh_per_kw
        if hours not in generation:
            generation[hours] = [_generation(member, member.pv, sun, year) for year in layout.years]
        pv_kw[i] = layout.steps([member.pv.peak_kw * power for power in generation[hours]])

    load = _table(load_kw, community, timeline)
    tangent = np.array([np.tan(np.arccos(member.power_factor)) for member in community])
    return Profiles(
        timeline=timeline,
        load_kw=load,
        pv_kw=_table(pv_kw, community, timeline),
        reactive_kvar=load * tangent,
        vehicle_kw=vehicle_profiles(community, timeline, seed=seed, diversity=diversity),
        heat_pump_kw=heat_pump_profiles(community, timeline, seed=seed, diversity=diversity),
    )


def scaled_below_rating(shape: np.ndarray, total: float) -> np.ndarray:
    """Scale a shape to a total without exceeding 1.

    Finds s with ``sum(min(s * shape, 1)) = total``. With the k largest values at their limit,
    s = (total - k) / (sum of the others), and k is the smallest number for which the largest of
    the others stays within 1.

    Parameters
    ----------
    shape : numpy.ndarray, shape (Q,)
        Values of at least 0.
    total : float
        Sum of the result.

    Returns
    -------
    numpy.ndarray, shape (Q,)

    Raises
    ------
    InputError
        If even the limit at all positive values does not reach the total.

    Examples
    --------
    >>> scaled_below_rating(np.array([0.0, 0.2, 0.6]), 1.2).tolist()
    [0.0, 0.3, 0.9]
    >>> scaled_below_rating(np.array([0.0, 0.2, 0.6]), 1.6).tolist()
    [0.0, 0.6, 1.0]
    """
    positive = np.sort(shape[shape > 0])[::-1]
    if total > len(positive):
        raise InputError(
            f"more than {len(positive) * QUARTER_H:.0f} hours of daylight at full load"
        )
    others = np.cumsum(positive[::-1])[::-1]
    at_limit = np.arange(len(positive))
    fits = np.flatnonzero((total - at_limit) * positive <= others)
    k = int(fits[0]) if len(fits) else len(positive) - 1
    return np.asarray(np.minimum(shape * ((total - k) / others[k]), 1.0))


def _order(member: Member, year: CalendarYear, seed: int, diversity: bool) -> np.ndarray:
    if not diversity:
        return nearest_days(year)
    return drawn_days(member.name, year.start.year, year.stratum, seed=int(seed))


def _load_kw(member: Member, days: np.ndarray, order: np.ndarray, year: CalendarYear) -> np.ndarray:
    shape = days[order[year.day], year.quarter]
    energy = shape.sum() * QUARTER_H
    if energy == 0:
        raise InputError(f"member {member.name!r}: load shape {member.shape!r} is zero all year")
    return np.asarray(shape * (member.yearly_kwh * year.share_of_normal / energy))


def _generation(member: Member, pv: PV, sun: np.ndarray, year: CalendarYear) -> np.ndarray:
    """Scale the sun to a yield [kW/kW], never above 1."""
    shape = sun[year.sun_row]
    try:
        return scaled_below_rating(shape, pv.yield_kwh_per_kw * year.share_of_normal / QUARTER_H)
    except InputError as error:
        raise InputError(
            f"PV of member {member.name!r} with {pv.yield_kwh_per_kw:g} kWh/kW a year: {error}"
        ) from None


def _table(power_kw: np.ndarray, community: Community, timeline: Timeline) -> pd.DataFrame:
    return pd.DataFrame(power_kw.T, index=timeline.index, columns=list(community.names))
