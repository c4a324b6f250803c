"""Profiles from a user's own meter readings.

A source is a CSV file or a table with the start of each step in its first column and a column per
member. Nothing is guessed, filled or dropped: whatever is missing, twice, out of order or not a
number raises, naming the file and the line, or the row of a table, from 0.

.. code-block:: text

   time,house,bakery
   2026-01-01T00:00+01:00,0.42,1.80
   2026-01-01T00:15+01:00,0.40,1.75
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from nemogrid.community import Community
from nemogrid.errors import InputError, LabelError, listed
from nemogrid.profiles.readings import Readings, Source, read_source
from nemogrid.profiles.stamps import nanoseconds, zone_name
from nemogrid.results import Profiles
from nemogrid.tables import require_same_members
from nemogrid.timeline import Timeline

_HOUR_NS = 3_600_000_000_000


def read_meters(
    source: Source,
    *,
    unit: Literal["kW", "kWh"],
    timezone: str | None = None,
    pv: Source | None = None,
    power_factor: float = 0.93,
    timeline: Timeline | None = None,
) -> Profiles:
    """Read the load, and the generation, of members from meter readings.

    Parameters
    ----------
    source : path or pandas.DataFrame
        Load: a comma-separated file with one header line, or a table. First the start of each
        step (of a table: its index, if that holds times, or else its first column), then a
        column per member. Times are in ISO 8601 and in order, all steps equally long.
    unit : {"kW", "kWh"}
        Whether readings are the mean power, or the energy, of a step.
    timezone : str or None
        IANA name of the zone whose calendar holds, such as ``"Europe/Zurich"``. Needed when the
        times carry no offset from UTC, or one that changes. By default the calendar has the
        offset, or the zone, of the times.
    pv : path, pandas.DataFrame or None
        Generation, in the same form and unit and for the same steps. Members without a column
        generate nothing.
    power_factor : float
        Of all loads, inductive, 0..1; the default is that of `Member`.
    timeline : Timeline or None
        The steps that are expected, if any.

    Returns
    -------
    Profiles
        Members in the order of the load's columns.

    Raises
    ------
    LabelError
        If a member has two columns, a column of ``pv`` is not a member, or the steps are not
        the expected ones.
    InputError
        If a reading is missing, negative or not a number, or times are naive, missing, twice,
        out of order, ambiguous or not equally far apart.

    Examples
    --------
    >>> hours = pd.date_range("2026-01-01", periods=4, freq="30min", tz="Europe/Zurich")
    >>> readings = pd.DataFrame({"house": [0.2, 0.1, 0.1, 0.3]}, index=hours)
    >>> read_meters(readings, unit="kWh").load_kw["house"].tolist()
    [0.4, 0.2, 0.2, 0.6]
    """
    if unit not in ("kW", "kWh"):
        raise InputError(f"unit of the readings is {unit!r}: expected 'kW' or 'kWh' (per step)")
    if not 0 < power_factor <= 1:
        raise InputError(f"power factor of the readings is {power_factor}: expected 0 to 1")
    zone = None if timezone is None else zone_name(timezone)
    load = read_source(source, zone, called="load readings")
    steps = _require_steps(load, timeline) if timeline else _timeline(load)
    factor = 1.0 if unit == "kW" else 1.0 / steps.step_h
    load_kw = pd.DataFrame(load.amounts * factor, index=steps.index, columns=load.names)
    pv_kw = pd.DataFrame(0.0, index=steps.index, columns=load.names)
    if pv is not None:
        generation = read_source(pv, zone, called="PV readings")
        strange = [name for name in generation.names if name not in set(load.names)]
        if strange:
            raise LabelError(
                f"{generation.file}: PV of {listed(strange)}, who have no column in {load.file}"
            )
        _require_steps(generation, steps)
        pv_kw[generation.names] = generation.amounts * factor
    return Profiles(
        timeline=steps,
        load_kw=load_kw,
        pv_kw=pv_kw,
        reactive_kvar=load_kw * np.tan(np.arccos(power_factor)),
    )


def require_members(profiles: Profiles, community: Community) -> Profiles:
    """Return the profiles if they are those of a community, or raise.

    Parameters
    ----------
    profiles : Profiles
        Of N members.
    community : Community
        Who is expected, in this order.

    Returns
    -------
    Profiles
        The same.

    Raises
    ------
    LabelError
        If members are missing, unknown or in another order, or a member generates without a
        photovoltaic system.
    """
    require_same_members(profiles.load_kw, community.names, what="profiles")
    generates = (profiles.pv_kw > 0).any().tolist()
    without = [
        name
        for name, pv, has in zip(community.names, generates, community.has_pv, strict=True)
        if pv and not has
    ]
    if without:
        raise LabelError(f"profiles: PV power of {listed(without)}, who have no PV")
    return profiles


def _timeline(readings: Readings) -> Timeline:
    """Make a timeline of times that are equally far apart."""
    if len(readings.times) < 2:
        raise InputError(f"{readings.file}: one reading does not tell how long a step is")
    first, second = nanoseconds(readings.times[:2])
    start = readings.times[0].as_unit("ns")
    try:
        timeline = Timeline(start, float(second - first) / _HOUR_NS, len(readings.times))
    except InputError as error:
        raise InputError(f"{readings.file}: {error}") from None
    return _require_steps(readings, timeline)


def _require_steps(readings: Readings, timeline: Timeline) -> Timeline:
    """Refuse readings of other steps than these."""
    got, expected = readings.times, timeline.index
    if len(got) != len(expected):
        raise LabelError(
            f"{readings.file}: {len(got)} steps from {got[0]} to {got[-1]}, expected "
            f"{len(expected)} from {expected[0]} to {expected[-1]}"
        )
    differ = np.flatnonzero(nanoseconds(got) != nanoseconds(expected))
    if len(differ):
        row = int(differ[0])
        raise LabelError(f"{readings.lines[row]}: time {got[row]}, expected {expected[row]}")
    return timeline
