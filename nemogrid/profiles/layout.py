"""Whole calendar years of quarter-hours, from which the steps of a timeline are cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nemogrid.errors import InputError
from nemogrid.profiles.days import CalendarYear, calendar_year
from nemogrid.timeline import Timeline

QUARTER_H = 0.25
_QUARTER = pd.Timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """Where the steps of a timeline lie in the calendar years that it touches.

    Parameters
    ----------
    n_steps : int
        Steps of the timeline.
    per_step : int
        Quarter-hours of a step.
    years : tuple of CalendarYear
        The calendar years, whole, in order.
    places : tuple of (slice, slice)
        For each year, its place among the quarter-hours of the timeline, and the place of those in
        the year.
    """

    n_steps: int
    per_step: int
    years: tuple[CalendarYear, ...]
    places: tuple[tuple[slice, slice], ...]

    def steps(self, whole_years: list[np.ndarray]) -> np.ndarray:
        """Cut whole years to the timeline and take the mean of each step.

        Parameters
        ----------
        whole_years : list of numpy.ndarray, shape (Q,)
            Power in every quarter-hour of each calendar year.

        Returns
        -------
        numpy.ndarray, shape (T,)

        Examples
        --------
        >>> day = Timeline(pd.Timestamp("2026-01-01", tz="UTC"), 0.5, 48)
        >>> lay_out(day).steps([np.arange(35_040.0)])[:3].tolist()
        [0.5, 2.5, 4.5]
        """
        quarters = np.zeros(self.n_steps * self.per_step)
        for power, (here, there) in zip(whole_years, self.places, strict=True):
            quarters[here] = power[there]
        return np.asarray(quarters.reshape(self.n_steps, -1).mean(axis=1))


def lay_out(timeline: Timeline) -> Layout:
    """Find the calendar years of a timeline.

    Parameters
    ----------
    timeline : Timeline
        T steps of 15, 30 or 60 minutes that start on a quarter-hour.

    Returns
    -------
    Layout

    Raises
    ------
    InputError
        If the steps do not fit the quarter-hours.

    Examples
    --------
    >>> new_year = Timeline(pd.Timestamp("2025-12-31", tz="Europe/Zurich"), 0.5, 96)
    >>> layout = lay_out(new_year)
    >>> [len(year.day) for year in layout.years], layout.places[1]
    ([35040, 35040], (slice(96, 192, None), slice(0, 96, None)))
    """
    per_step = _quarters_per_step(timeline)
    years = tuple(
        calendar_year(number, timeline.start.tz)
        for number in range(timeline.start.year, timeline.index[-1].year + 1)
    )
    n_quarters = timeline.n_steps * per_step
    return Layout(
        n_steps=timeline.n_steps,
        per_step=per_step,
        years=years,
        places=tuple(_cut(year, timeline.start, n_quarters) for year in years),
    )


def _quarters_per_step(timeline: Timeline) -> int:
    per_step = round(timeline.step_h / QUARTER_H)
    if per_step < 1 or abs(per_step * QUARTER_H - timeline.step_h) > 1e-9:
        raise InputError(
            f"steps of {timeline.step_h * 60:g} minutes: measured shapes have quarter-hours, "
            "expected steps of 15, 30 or 60 minutes"
        )
    if timeline.start != timeline.start.floor("15min"):
        raise InputError(
            f"timeline starts at {timeline.start}: measured shapes have quarter-hours, "
            "expected a start on one"
        )
    return per_step


def _cut(year: CalendarYear, start: pd.Timestamp, n: int) -> tuple[slice, slice]:
    """Find where n quarter-hours from the start and a year overlap: in the n, and in the year."""
    offset = (year.start - start) // _QUARTER
    first, last = max(offset, 0), min(offset + len(year.day), n)
    return slice(first, last), slice(first - offset, last - offset)
