"""Tests of measured weeks of charging."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from nemogrid.profiles.days import calendar_year
from nemogrid.profiles.simbench import read_shapes, shape_names
from nemogrid.profiles.weeks import drawn_weeks, measured_weeks, weeks_of

HOME = [name for name in shape_names() if name.startswith("HLS_")]
ROWS_2016 = pd.date_range("2016-01-01", periods=366 * 96, freq="15min", tz="Europe/Berlin")


def test_measured_weeks_run_from_monday_at_five_to_monday_at_five():
    """49 of them, all of 168 hours on the German clock."""
    weeks = measured_weeks()
    times = ROWS_2016[weeks[:, 0]]
    assert weeks.shape == (49, 672)
    assert set(zip(times.weekday, times.hour, times.minute, strict=True)) == {(0, 5, 0)}
    assert (
        (times.tz_localize(None) + pd.Timedelta(days=7))
        .isin((ROWS_2016[weeks[:, -1]] + pd.Timedelta(minutes=15)).tz_localize(None))
        .all()
    )
    assert {str(t.date()) for t in times} & {"2016-03-21", "2016-10-24"} == set()


@pytest.mark.parametrize("name", HOME)
def test_no_home_session_is_cut_where_weeks_meet(name):
    """At Monday, 5:00, no home charging point was in use on both sides of the cut."""
    shape = read_shapes([name])[name]
    first = measured_weeks()[:, 0]
    last = measured_weeks()[:, -1]
    assert not ((shape[first - 1] > 0) & (shape[first] > 0)).any()
    assert not ((shape[last] > 0) & (shape[last + 1] > 0)).any()


@pytest.mark.parametrize("zone", ["Europe/Zurich", "America/New_York", "Asia/Kathmandu"])
@pytest.mark.parametrize("number", [2024, 2026, 2027])
def test_weekdays_and_clock_times_stay_what_they_were(zone, number):
    """A quarter-hour of the week is the same weekday and time in 2016 and in the year."""
    year = calendar_year(number, ZoneInfo(zone))
    week, quarter = weeks_of(year)
    there = pd.date_range(year.start, periods=len(year.day), freq="15min")
    measured = ROWS_2016[measured_weeks()[3, quarter]]
    assert (there.weekday == measured.weekday).all()
    assert (there.hour == measured.hour).all()
    assert (there.minute == measured.minute).all()
    assert week[0] == 0
    assert set(np.diff(week)) == {0, 1}


def test_a_week_begins_on_monday_at_five():
    """Not at midnight, when cars are charging."""
    year = calendar_year(2026, ZoneInfo("Europe/Zurich"))
    begins = np.flatnonzero(np.diff(weeks_of(year)[0])) + 1
    times = pd.date_range(year.start, periods=len(year.day), freq="15min")[begins]
    assert {(t.weekday(), t.hour, t.minute) for t in times} == {(0, 5, 0)}


def test_all_weeks_are_used_before_one_is_used_again():
    """An order of 53 weeks has all 49, and another for another name, year or seed."""
    order = drawn_weeks("ann", 2026, 53, seed=1)
    assert sorted(order[:49]) == list(range(49))
    assert len(set(order[49:])) == 4
    np.testing.assert_array_equal(order, drawn_weeks("ann", 2026, 53, seed=1))
    for other in (
        drawn_weeks("ben", 2026, 53, seed=1),
        drawn_weeks("ann", 2027, 53, seed=1),
        drawn_weeks("ann", 2026, 53, seed=2),
    ):
        assert not np.array_equal(order, other)
