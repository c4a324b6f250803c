"""Time: equal steps from a time-zone-aware start, with the calendar of the place.

Steps are equally long in absolute time. Days, months and weekdays are read off the local clock,
so that a day with a change to daylight-saving time has 23 or 25 hours and a year still has 8760.
A time stamp is the start of its step.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd

from nemogrid.errors import InputError

_FIRST_YEAR, _LAST_YEAR = 1900, 2200


class Period(StrEnum):
    """The span over which a quantity is summed before it is priced or billed."""

    STEP = "step"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class Timeline:
    """Equal time steps with local calendar labels.

    Parameters
    ----------
    start : pandas.Timestamp
        Start of the first step, with a time zone.
    step_h : float
        Length of a step [h]: whole seconds, a whole number of which makes an hour.
    n_steps : int
        Number of steps T.

    Raises
    ------
    InputError
        If the start is no time or naive, the step does not divide an hour into whole seconds, or
        the number of steps is not an integer above zero or reaches past the calendar.

    Examples
    --------
    >>> year = Timeline.year(2026)
    >>> year.n_steps, str(year.index[0]), len(set(year.month))
    (17520, '2026-01-01 00:00:00+01:00', 12)
    """

    start: pd.Timestamp
    step_h: float = 0.5
    n_steps: int = 17_520

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "start", pd.Timestamp(self.start))
        except (TypeError, ValueError) as error:
            raise InputError(f"timeline start {self.start!r} is no time: {error}") from None
        if self.start.tzinfo is None:
            raise InputError(
                f"timeline start {self.start} has no time zone: give one, "
                "such as pandas.Timestamp('2026-01-01', tz='Europe/Zurich')"
            )
        if not _divides_an_hour(self.step_h):
            raise InputError(
                f"timeline step_h is {self.step_h!r}: expected a fraction of an hour in whole "
                "seconds, such as 0.25, 0.5 or 1"
            )
        if isinstance(self.n_steps, bool) or not isinstance(self.n_steps, int | np.integer):
            raise InputError(f"timeline n_steps is {self.n_steps!r}: expected an integer")
        if self.n_steps < 1:
            raise InputError(f"timeline n_steps is {self.n_steps}: expected at least one")
        if not _FIRST_YEAR <= self.start.year < _LAST_YEAR:
            raise InputError(
                f"timeline start is {self.start}: expected years {_FIRST_YEAR} to {_LAST_YEAR}"
            )
        if self.n_steps > (_LAST_YEAR - self.start.year) * 8760 / self.step_h:
            raise InputError(
                f"timeline n_steps is {self.n_steps}: from {self.start} that is past the year "
                f"{_LAST_YEAR}"
            )

    @classmethod
    def year(cls, year: int, *, step_h: float = 0.5, tz: str = "Europe/Zurich") -> Timeline:
        """Span one calendar year.

        Parameters
        ----------
        year : int
            Calendar year.
        step_h : float
            Length of a step [h].
        tz : str
            IANA name of the time zone.

        Returns
        -------
        Timeline

        Examples
        --------
        >>> Timeline.year(2024, step_h=1.0).n_steps
        8784
        """
        start = pd.Timestamp(year=year, month=1, day=1, tz=tz)
        end = pd.Timestamp(year=year + 1, month=1, day=1, tz=tz)
        hours = (end - start) / pd.Timedelta(hours=1)
        return cls(start, step_h, round(hours / step_h))

    @cached_property
    def index(self) -> pd.DatetimeIndex:
        """Start of each step, shape (T,)."""
        step = pd.Timedelta(seconds=round(self.step_h * 3600))
        return pd.date_range(self.start, periods=self.n_steps, freq=step, name="time")

    @property
    def end(self) -> pd.Timestamp:
        """End of the last step."""
        return self.index[-1] + pd.Timedelta(seconds=round(self.step_h * 3600))

    @property
    def hours(self) -> float:
        """Length of the whole timeline [h]."""
        return self.n_steps * self.step_h

    @cached_property
    def day(self) -> np.ndarray:
        """Number of the local calendar day, counted from the first, shape (T,)."""
        days = self.index.tz_localize(None).normalize()
        return ((days - days[0]) // pd.Timedelta(days=1)).to_numpy()

    @cached_property
    def month(self) -> np.ndarray:
        """Number of the local calendar month, counted from the first, shape (T,)."""
        months = (self.index.year * 12 + self.index.month).to_numpy()
        return np.asarray(months - months[0])

    @cached_property
    def weekday(self) -> np.ndarray:
        """Local day of the week, Monday 0 to Sunday 6, shape (T,)."""
        return self.index.weekday.to_numpy()

    @cached_property
    def hour(self) -> np.ndarray:
        """Local clock time at the start of each step [h], shape (T,)."""
        return (self.index.hour + self.index.minute / 60 + self.index.second / 3600).to_numpy()

    def number(self, period: Period) -> np.ndarray:
        """Count the periods that the steps fall into.

        Parameters
        ----------
        period : Period
            Step, day, month or year of the local calendar.

        Returns
        -------
        numpy.ndarray of int, shape (T,)
            0 for the first period, non-decreasing.
        """
        if period is Period.STEP:
            return np.arange(self.n_steps)
        if period is Period.YEAR:
            years = self.index.year.to_numpy()
            return np.asarray(years - years[0])
        return self.day if period is Period.DAY else self.month

    def first_steps(self, period: Period) -> np.ndarray:
        """Find the first step of each period.

        Parameters
        ----------
        period : Period
            Step, day, month or year of the local calendar.

        Returns
        -------
        numpy.ndarray of int, shape (P,)
            Positions for `numpy.add.reduceat`.

        Examples
        --------
        >>> Timeline.year(2026, step_h=1.0).first_steps(Period.MONTH)[:3].tolist()
        [0, 744, 1416]
        """
        numbers = self.number(period)
        return np.flatnonzero(np.r_[True, np.diff(numbers) > 0])

    def covered_share(self, period: Period) -> np.ndarray:
        """Tell how much of each calendar period lies inside the timeline.

        Parameters
        ----------
        period : Period
            Step, day, month or year of the local calendar.

        Returns
        -------
        numpy.ndarray of float, shape (P,)
            Shares 0..1, by which a monthly or yearly fee is due.

        Examples
        --------
        >>> week = Timeline(pd.Timestamp("2026-02-01", tz="Europe/Zurich"), 0.5, 7 * 48)
        >>> week.covered_share(Period.MONTH).tolist()
        [0.25]
        """
        first = self.first_steps(period)
        if period is Period.STEP:
            return np.ones(self.n_steps)
        covered_h = np.diff(np.r_[first, self.n_steps]) * self.step_h
        code = {Period.DAY: "D", Period.MONTH: "M", Period.YEAR: "Y"}[period]
        calendar = self.index[first].tz_localize(None).to_period(code)
        tz = self.start.tz
        # Where the clock changes at midnight, a day begins an hour later, or at the first of two.
        starts, ends = (
            span.start_time.tz_localize(
                tz, ambiguous=np.ones(len(span), dtype=bool), nonexistent="shift_forward"
            )
            for span in (calendar, calendar + 1)
        )
        return np.asarray(covered_h / ((ends - starts) / pd.Timedelta(hours=1)).to_numpy())


def _divides_an_hour(step_h: object) -> bool:
    if isinstance(step_h, bool) or not isinstance(step_h, int | float | np.number):
        return False
    seconds = float(step_h) * 3600
    if not 1 - 1e-6 <= seconds <= 3600 + 1e-6 or abs(seconds - round(seconds)) > 1e-6:
        return False
    return 3600 % round(seconds) == 0
