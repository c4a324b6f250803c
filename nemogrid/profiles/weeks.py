"""Measured weeks of charging laid out over the calendar, a sequence of its own for each car.

A car that was charged yesterday needs less today, and one that comes home late is charged past
midnight: days of charging do not follow one another at will. Cars therefore live through whole
measured weeks, from Monday at 5:00 to Monday at 5:00 on the local clock. At that moment no home
charging point of SimBench was ever in use, so that no session is cut where two weeks meet.

The 49 whole weeks of 2016 without a change of the clock are drawn without replacement until all
are used up. Weekdays stay weekdays. Seasons are not kept: SimBench's sessions know none, their
monthly energies scatter without a pattern. A calendar year begins a draw of its own; at its first
midnight a session may be cut. A local day of 23 hours skips an hour of charging and a day of 25
repeats one.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from nemogrid.profiles.days import CalendarYear, bit_stream

BEGIN_HOUR = 5
"""Local hour of Monday at which a week begins."""

_QUARTERS = 7 * 96
_QUARTER = pd.Timedelta(minutes=15)


def weeks_of(year: CalendarYear) -> tuple[np.ndarray, np.ndarray]:
    """Number the weeks of a calendar year, and the quarter-hours of each on the local clock.

    Parameters
    ----------
    year : CalendarYear
        Q quarter-hours.

    Returns
    -------
    week : numpy.ndarray of int, shape (Q,)
        From 0.
    quarter : numpy.ndarray of int, shape (Q,)
        Quarter-hour of the week, 0..671, from Monday at 5:00.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> from nemogrid.profiles.days import calendar_year
    >>> week, quarter = weeks_of(calendar_year(2026, ZoneInfo("Europe/Zurich")))
    >>> int(week[-1]), int(quarter[0])
    (52, 268)
    """
    # A week before the first Monday keeps the numbers from becoming negative.
    clock = (year.start.weekday() + year.day) * 96 + year.quarter - BEGIN_HOUR * 4 + _QUARTERS
    week = clock // _QUARTERS
    return week - week[0], clock % _QUARTERS


@lru_cache(maxsize=1)
def measured_weeks() -> np.ndarray:
    """Find the weeks of 2016 that can be drawn.

    Returns
    -------
    numpy.ndarray of int, shape (49, 672)
        Rows of SimBench that make up each week.

    Examples
    --------
    >>> measured_weeks().shape
    (49, 672)
    """
    begin = pd.date_range("2016-01-01", "2016-12-31", freq="W-MON", tz="Europe/Berlin")
    begin = begin.tz_localize(None) + pd.Timedelta(hours=BEGIN_HOUR)
    start = pd.Timestamp("2016-01-01", tz="Europe/Berlin")
    first = np.asarray((begin.tz_localize("Europe/Berlin") - start) // _QUARTER)
    whole = first[:-1][np.diff(first) == _QUARTERS]
    return np.asarray(whole[:, None] + np.arange(_QUARTERS))


def drawn_weeks(name: str, year: int, n_weeks: int, *, seed: int) -> np.ndarray:
    """Draw a measured week for each week of a year.

    Parameters
    ----------
    name : str
        The member's.
    year : int
        The calendar year.
    n_weeks : int
        Weeks that the year touches.
    seed : int
        Of the scenario.

    Returns
    -------
    numpy.ndarray of int, shape (n_weeks,)
        Numbers of measured weeks, 0..48.
    """
    bits = bit_stream(seed, year, name=f"vehicle of {name}")
    offered = len(measured_weeks())
    rounds = -(-n_weeks // offered)
    drawn = [np.argsort(bits.random_raw(offered), kind="stable") for _ in range(rounds)]
    return np.concatenate(drawn)[:n_weeks]
