"""Tests of steps and calendar labels."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.errors import InputError
from nemogrid.timeline import Period, Timeline

START_UTC = pd.Timestamp("2026-01-01", tz="UTC")


def test_a_swiss_year_has_17520_half_hours_in_365_days():
    """The paper's 365 x 48, in absolute time."""
    year = Timeline.year(2026)
    assert (year.n_steps, year.day[-1] + 1, year.month[-1] + 1) == (17_520, 365, 12)
    assert year.end == pd.Timestamp("2027-01-01", tz="Europe/Zurich")


def test_days_of_the_clock_change_have_46_and_50_half_hours():
    """Local days follow the clock while steps stay equally long."""
    year = Timeline.year(2026)
    steps = np.bincount(year.day)
    march, october = (pd.Timestamp(f"2026-{d}").dayofyear - 1 for d in ("03-29", "10-25"))
    assert (steps[march], steps[october]) == (46, 50)
    assert set(np.delete(steps, [march, october])) == {48}


@given(step=st.sampled_from([0.25, 0.5, 1.0]), n=st.integers(1, 3000), skip=st.integers(0, 8000))
def test_periods_partition_the_steps(step, n, skip):
    """Every step is in one period; covered hours add up to the timeline."""
    start = pd.Timestamp("2027-01-01", tz="Europe/Zurich") + pd.Timedelta(hours=skip)
    line = Timeline(start, step, n)
    for period in Period:
        first = line.first_steps(period)
        assert first[0] == 0
        assert np.all(np.diff(first) > 0)
        assert len(first) == len(np.unique(line.number(period)))
        share = line.covered_share(period)
        assert np.all((share > 0) & (share <= 1 + 1e-12))


def test_covered_share_of_a_whole_year_is_one_in_every_month():
    """A monthly fee is due twelve times a year, clock changes or not."""
    assert Timeline.year(2028).covered_share(Period.MONTH) == pytest.approx(np.ones(12), abs=1e-12)


def test_a_leap_year_has_a_29th_of_february():
    """The calendar is the real one."""
    assert Timeline.year(2028).n_steps == 366 * 48


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"start": pd.Timestamp("2026-01-01")}, "no time zone"),
        ({"start": pd.Timestamp("2026-01-01", tz="UTC"), "step_h": 0.7}, "fraction of an hour"),
        ({"start": pd.Timestamp("2026-01-01", tz="UTC"), "step_h": -1}, "fraction of an hour"),
        ({"start": START_UTC, "n_steps": 0}, "n_steps is 0: expected at least one"),
        ({"start": START_UTC, "n_steps": 48.5}, "n_steps is 48.5: expected an integer"),
        ({"start": START_UTC, "n_steps": 10**400}, "past the year 2200"),
        ({"start": START_UTC, "step_h": float("inf")}, "fraction of an hour"),
        ({"start": START_UTC, "step_h": float("nan")}, "fraction of an hour"),
        ({"start": START_UTC, "step_h": 1 / 7}, "whole seconds"),
        ({"start": START_UTC, "step_h": 1 / 7200}, "whole seconds"),
        ({"start": "tomorrow noon"}, "'tomorrow noon' is no time"),
        ({"start": pd.Timestamp("2500-01-01", tz="UTC")}, "years 1900 to 2200"),
    ],
)
def test_impossible_timelines_are_refused(kwargs, message):
    """The message says what was expected."""
    with pytest.raises(InputError, match=message):
        Timeline(**kwargs)


def test_days_are_whole_where_the_clock_changes_at_midnight():
    """In Chile 6 September 2020 had no midnight, in Cuba 1 November 2020 had two."""
    for zone, start, hours in (("America/Santiago", "09-05", 71), ("America/Havana", "10-31", 73)):
        days = Timeline(pd.Timestamp(f"2020-{start}", tz=zone), 1.0, hours)
        assert days.covered_share(Period.DAY).tolist() == [1.0, 1.0, 1.0]
