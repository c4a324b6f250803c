"""Tests of whole calendar years cut to timelines."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.errors import InputError
from nemogrid.profiles.layout import lay_out
from nemogrid.timeline import Timeline

START = pd.Timestamp("2025-11-01", tz="Europe/Zurich")


@given(
    first=st.integers(0, 10_000), n=st.integers(1, 5_000), step_h=st.sampled_from([0.25, 0.5, 1])
)
@settings(max_examples=30, deadline=None)
def test_every_step_gets_the_mean_of_its_own_quarter_hours(first, n, step_h):
    """Quarter-hours that hold their own time come back as the middle of each step."""
    timeline = Timeline(START + first * pd.Timedelta(minutes=15), step_h, n)
    layout = lay_out(timeline)
    own_time = [
        ((year.start - timeline.start) / pd.Timedelta(hours=1)) + np.arange(len(year.day)) * 0.25
        for year in layout.years
    ]
    middle_h = np.arange(n) * step_h + (step_h - 0.25) / 2
    np.testing.assert_allclose(layout.steps(own_time), middle_h, rtol=0, atol=1e-9)


def test_the_years_are_those_that_the_timeline_touches():
    """The last moment of a year belongs to it."""
    year = Timeline.year(2026)
    assert [y.start.year for y in lay_out(year).years] == [2026]
    longer = Timeline(year.start, 0.5, year.n_steps + 1)
    assert [y.start.year for y in lay_out(longer).years] == [2026, 2027]


@pytest.mark.parametrize("step_h", [1 / 12, 1 / 6, 1 / 3])
def test_steps_must_be_quarter_hours(step_h):
    """Steps of 5, 10 or 20 minutes cannot be made of quarter-hours."""
    with pytest.raises(InputError, match=f"steps of {step_h * 60:g} minutes.* 15, 30 or 60"):
        lay_out(Timeline(START, step_h, 10))


def test_the_start_must_be_a_quarter_hour():
    """A timeline that starts at ten past has no quarter-hours to be made of."""
    with pytest.raises(InputError, match=r"starts at 2025-11-01 00:10:00\+01:00"):
        lay_out(Timeline(START + pd.Timedelta(minutes=10), 0.5, 10))
