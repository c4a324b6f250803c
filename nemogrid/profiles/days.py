"""Measured days laid out over the calendar, a sequence of its own for each member.

SimBench has a handful of household shapes. If all members with one shape used it as it is, they
would cook at the same minute all year, and the feeder would see peaks that no feeder sees. Each
member therefore lives through the measured days in an order of its own [1]_: every calendar day
gets a day of 2016 of the same season and type,

========== ========================= =========================
season     dates                     types of day
========== ========================= =========================
winter     1 November to 20 March    workday, Saturday, Sunday
summer     15 May to 14 September    workday, Saturday, Sunday
transition the rest                  workday, Saturday, Sunday
========== ========================= =========================

drawn without replacement until all days of that season and type are used up, so that the
distribution of the measured days is kept. Public holidays of 2016 stay among the days they fell
on. What is lost: the run of one day into the next at midnight, and the weather that neighbours
share. The seasons are those of the northern hemisphere.

Days are those of the local clock: a day of 23 hours skips an hour, a day of 25 hours repeats one.
The two days of 2016 with such a change are not drawn.

References
----------
.. [1] Seasons and types of day of the German standard load profiles: C. Fünfgeld, R. Tiedemann,
   "Anwendung der repräsentativen VDEW-Lastprofile step-by-step", VDEW (2000).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

_QUARTER = pd.Timedelta(minutes=15)
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class CalendarYear:
    """A calendar year of Q quarter-hours and D days, as loads and as the sun see it.

    Parameters
    ----------
    start : pandas.Timestamp
        Local midnight of 1 January.
    day : numpy.ndarray of int, shape (Q,)
        Number of the local day, from 0.
    quarter : numpy.ndarray of int, shape (Q,)
        Quarter-hour on the local clock, 0..95.
    standard : pandas.DatetimeIndex, shape (Q,)
        Standard time of the zone, without its name.
    stratum : numpy.ndarray of int, shape (D,)
        Season and type of each day, 0..8.
    date : numpy.ndarray of int, shape (D,)
        Number of the date in a leap year, 0..365.
    """

    start: pd.Timestamp
    day: np.ndarray
    quarter: np.ndarray
    standard: pd.DatetimeIndex
    stratum: np.ndarray
    date: np.ndarray

    def weather_row(self, *, later: int = 0) -> np.ndarray:
        """Find the rows of SimBench's loads with the same date and standard time.

        Parameters
        ----------
        later : int
            Quarter-hours by which the rows are later.

        Returns
        -------
        numpy.ndarray of int, shape (Q,)
        """
        moved = self.standard + later * _QUARTER
        return np.asarray(_date_number(moved) * 96 + _quarter_of_day(moved))

    @cached_property
    def sun_row(self) -> np.ndarray:
        """Row of SimBench's photovoltaic shapes with the same date and standard time, shape (Q,).

        German standard time is an hour ahead of those rows.
        """
        return self.weather_row(later=-4)

    @property
    def share_of_normal(self) -> float:
        """Days of this year over 365."""
        return len(self.date) / 365


def drawn_days(name: str, year: int, stratum: np.ndarray, *, seed: int) -> np.ndarray:
    """Draw a measured day for each calendar day of a year.

    Parameters
    ----------
    name : str
        The member's.
    year : int
        The calendar year.
    stratum : numpy.ndarray of int, shape (D,)
        Season and type of each day.
    seed : int
        Of the scenario.

    Returns
    -------
    numpy.ndarray of int, shape (D,)
        Numbers of measured days, 0..363.
    """
    bits = bit_stream(seed, year, name=name)
    order = np.empty(len(stratum), dtype=int)
    for s in range(9):
        wanted = stratum == s
        offered = np.flatnonzero(measured_days().stratum == s)
        rounds = -(-int(wanted.sum()) // len(offered))
        drawn = [
            offered[np.argsort(bits.random_raw(len(offered)), kind="stable")] for _ in range(rounds)
        ]
        order[wanted] = np.concatenate(drawn)[: wanted.sum()]
    return order


def bit_stream(*numbers: int, name: str) -> np.random.PCG64:
    """Begin the stream of random bits that belongs to a name.

    Bit streams, unlike the distributions built on them, are the same in all versions of numpy.

    Parameters
    ----------
    *numbers : int
        The seed of the scenario, and what else the stream depends on.
    name : str
        Whose it is, and what for.

    Returns
    -------
    numpy.random.PCG64
    """
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest())
    return np.random.PCG64(np.random.SeedSequence([*numbers, digest]))


def nearest_days(year: CalendarYear) -> np.ndarray:
    """Find the measured day of the same season and type nearest to each date.

    Parameters
    ----------
    year : CalendarYear
        D days.

    Returns
    -------
    numpy.ndarray of int, shape (D,)
        Numbers of measured days, 0..363.
    """
    measured = measured_days()
    apart = np.abs(year.date[:, None] - measured.date)
    apart = np.minimum(apart, 366 - apart)
    alike = year.stratum[:, None] == measured.stratum
    return np.asarray(np.where(alike, apart, 366).argmin(axis=1))


def calendar_year(number: int, tz: tzinfo | None) -> CalendarYear:
    """Lay out the quarter-hours of a calendar year.

    Parameters
    ----------
    number : int
        The year.
    tz : tzinfo
        The zone whose clock loads follow.

    Returns
    -------
    CalendarYear

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> year = calendar_year(2026, ZoneInfo("Europe/Zurich"))
    >>> sorted({int(n) for n in np.bincount(year.day)})
    [92, 96, 100]
    """
    start = pd.Timestamp(year=number, month=1, day=1, tz=tz)
    end = pd.Timestamp(year=number + 1, month=1, day=1, tz=tz)
    quarters = pd.date_range(start, end, freq=_QUARTER, inclusive="left")
    utc, local = quarters.tz_convert("UTC").tz_localize(None), quarters.tz_localize(None)
    days = pd.date_range(local[0], periods=(local[-1] - local[0]) // _DAY + 1, freq="D")
    return CalendarYear(
        start=start,
        day=np.asarray((local - local[0]) // _DAY),
        quarter=_quarter_of_day(local),
        standard=utc + (local - utc).min(),
        stratum=_stratum(days),
        date=_date_number(days),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasuredDays:
    """The days of 2016 that have 24 hours on the German clock.

    Parameters
    ----------
    rows : numpy.ndarray of int, shape (364, 96)
        Rows of SimBench that make up each day.
    stratum : numpy.ndarray of int, shape (364,)
        Season and type of each day, 0..8.
    date : numpy.ndarray of int, shape (364,)
        Number of the date in a leap year, 0..365.
    """

    rows: np.ndarray
    stratum: np.ndarray
    date: np.ndarray


@lru_cache(maxsize=1)
def measured_days() -> MeasuredDays:
    """Find the days that can be drawn.

    Returns
    -------
    MeasuredDays

    Examples
    --------
    >>> measured_days().rows.shape
    (364, 96)
    """
    days = pd.date_range("2016-01-01", "2017-01-01", freq="D", tz="Europe/Berlin")
    first = np.asarray((days - days[0]) // _QUARTER)
    whole = np.flatnonzero(np.diff(first) == 96)
    kept = days[whole].tz_localize(None)
    return MeasuredDays(
        rows=first[whole][:, None] + np.arange(96),
        stratum=_stratum(kept),
        date=_date_number(kept),
    )


def _stratum(days: pd.DatetimeIndex) -> np.ndarray:
    """Tell season and type of day, 0..8."""
    date = (days.month * 100 + days.day).to_numpy()
    summer, winter = (date >= 515) & (date <= 914), (date >= 1101) | (date <= 320)
    season = np.select([winter, summer], [0, 1], default=2)
    return np.asarray(season * 3 + np.maximum(days.weekday.to_numpy() - 4, 0))


def _date_number(times: pd.DatetimeIndex) -> np.ndarray:
    """Count the dates in a leap year, 0..365."""
    month_starts = np.cumsum([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30])
    return np.asarray(month_starts[times.month.to_numpy() - 1] + times.day.to_numpy() - 1)


def _quarter_of_day(times: pd.DatetimeIndex) -> np.ndarray:
    return np.asarray(times.hour.to_numpy() * 4 + times.minute.to_numpy() // 15)
