from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.profiles import days

ZURICH = ZoneInfo("Europe/Zurich")


def season(day):
    """BDEW's seasons, written out date by date."""
    if (day.month, day.day) >= (11, 1) or (day.month, day.day) <= (3, 20):
        return "winter"
    return "summer" if (5, 15) <= (day.month, day.day) <= (9, 14) else "transition"


def kind(day):
    """Type of day by its name."""
    return {5: "Saturday", 6: "Sunday"}.get(day.weekday(), "workday")


@pytest.fixture(scope="module")
def measured_dates():
    """Dates of the 364 measured days."""
    starts = pd.date_range("2016-01-01", periods=35_136, freq="15min", tz="Europe/Berlin")
    return starts[days.measured_days().rows[:, 0]]


def test_measured_days_are_the_local_days_of_24_hours(measured_dates):
    """All days of 2016 but the two with a change of the clocks, from midnight to midnight."""
    starts = pd.date_range("2016-01-01", periods=35_136, freq="15min", tz="Europe/Berlin")
    rows = starts[days.measured_days().rows.ravel()]

    assert len(measured_dates) == 364
    assert (rows.hour * 4 + rows.minute // 15).tolist() == list(range(96)) * 364
    missing = pd.date_range("2016-01-01", "2016-12-31").difference(measured_dates.tz_localize(None))
    assert [str(day.date()) for day in missing] == ["2016-03-27", "2016-10-30"]


@given(
    seed=st.integers(0, 2**64),
    name=st.text(max_size=20),
    number=st.integers(1990, 2100),
)
@settings(max_examples=40, deadline=None)
def test_season_and_type_of_day_are_kept(seed, name, number):
    """Each calendar day gets a measured day of its season and type, each as often as any other."""
    year = days.calendar_year(number, ZURICH)
    order = days.drawn_days(name, number, year.stratum, seed=seed)
    calendar = pd.date_range(f"{number}-01-01", f"{number}-12-31")
    rows = days.measured_days().rows[order, 0]
    drawn = pd.date_range("2016-01-01", periods=35_136, freq="15min", tz="Europe/Berlin")[rows]

    assert len(order) == len(calendar)
    assert [(season(d), kind(d)) for d in drawn] == [(season(d), kind(d)) for d in calendar]
    for stratum in range(9):
        offered = days.measured_days().stratum == stratum
        times = np.bincount(order, minlength=364)[offered]
        assert times.max() - times.min() <= 1


def test_order_is_the_same_on_every_machine():
    """The first days of a member are what they were when this was written."""
    year = days.calendar_year(2026, ZURICH)
    order = days.drawn_days("house", 2026, year.stratum, seed=1)

    assert order[:7].tolist() == [56, 303, 71, 2, 345, 53, 62]


def test_order_depends_on_seed_name_and_year():
    """Another seed, name or year gives another order."""
    stratum = days.calendar_year(2026, ZURICH).stratum
    orders = [
        days.drawn_days(name, number, stratum, seed=seed)
        for name, number, seed in [("a", 1, 1), ("b", 1, 1), ("a", 2, 1), ("a", 1, 2)]
    ]

    for i in range(4):
        for j in range(i):
            assert (orders[i] == orders[j]).mean() < 0.1


def test_nearest_days_are_the_dates_themselves_in_2016(measured_dates):
    """In its own year the measured order is the measured order."""
    year = days.calendar_year(2016, ZURICH)
    order = days.nearest_days(year)

    usual = np.isin(year.date, days.measured_days().date)
    assert (days.measured_days().date[order] == year.date)[usual].all()


def test_nearest_days_are_near():
    """In 2026 a day of the same season and type is found within two weeks, mostly 3 days."""
    year = days.calendar_year(2026, ZURICH)
    found = days.measured_days().date[days.nearest_days(year)]
    apart = np.abs(found - year.date)
    apart = np.minimum(apart, 366 - apart)

    assert apart.max() <= 14
    assert (apart <= 3).mean() > 0.95


@pytest.mark.parametrize(
    ("number", "tz", "n_days"),
    [(2026, "Europe/Zurich", 365), (2024, "Europe/Stockholm", 366), (2025, "UTC", 365)],
)
def test_calendar_year(number, tz, n_days):
    """The layout is the calendar that Python's own clock shows."""
    zone = ZoneInfo(tz)
    year = days.calendar_year(number, zone)
    moments = pd.date_range(year.start, periods=n_days * 96, freq="15min")

    assert len(year.day) == n_days * 96
    assert len(year.date) == n_days
    assert year.share_of_normal == n_days / 365
    for i in (0, 5, 8_300, 8_340, 20_000, 29_000, 28_900, n_days * 96 - 1):
        local = moments[i].to_pydatetime()
        assert year.day[i] == local.timetuple().tm_yday - 1
        assert year.quarter[i] == local.hour * 4 + local.minute // 15
        sun = (local - local.dst() - timedelta(hours=1)).replace(tzinfo=None)
        first = sun.replace(year=2016, month=1, day=1, hour=0, minute=0)
        assert year.sun_row[i] == (sun.replace(year=2016) - first) // timedelta(minutes=15)


def test_days_with_a_change_of_the_clocks():
    """A day of 23 hours skips an hour of the clock, a day of 25 hours shows one twice."""
    year = days.calendar_year(2026, ZURICH)
    hours = np.bincount(year.day) / 4
    spring, autumn = int(np.flatnonzero(hours == 23)[0]), int(np.flatnonzero(hours == 25)[0])

    def shown(day):
        return (year.quarter[year.day == day] // 4)[::4].tolist()

    assert shown(spring) == [0, 1, *range(3, 24)]
    assert shown(autumn) == [0, 1, 2, *range(2, 24)]
    assert (hours == 24).sum() == 363
