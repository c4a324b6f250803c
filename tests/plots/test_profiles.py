"""Tests of the pictures of a year: what is drawn is what was given."""

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from builders import make_community, make_profiles, make_timeline

from nemogrid.errors import InputError, LabelError
from nemogrid.plots.profiles import by_day_and_hour, demand_bars, load_duration, week, year_map
from nemogrid.timeline import Timeline


@pytest.fixture
def ax():
    """Give axes of a figure of their own."""
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture
def profiles():
    """Draw nine days over the change to daylight-saving time."""
    return make_profiles(make_timeline(days=9))


def test_by_day_and_hour_follows_the_local_clock(profiles):
    """Half-hours are rows; the hour that daylight-saving time skips is empty, no other."""
    timeline = profiles.timeline
    table = by_day_and_hour(profiles.net_kw["m0"], timeline)
    assert table.index.tolist() == [h / 2 for h in range(48)]
    noon = profiles.net_kw["m0"][pd.Timestamp("2026-04-01 12:30", tz="Europe/Zurich")]
    assert table.at[12.5, 5] == noon
    empty = [(hour, day) for hour, day in np.argwhere(table.isna().to_numpy()) if day < 9]
    assert empty == [(4, 2), (5, 2)]


def test_by_day_and_hour_means_the_hour_that_is_repeated():
    """In October the clock shows 02:00 twice."""
    day = Timeline(pd.Timestamp("2026-10-25", tz="Europe/Zurich"), 1.0, 25)
    power = pd.Series(np.arange(25.0), index=day.index)
    assert by_day_and_hour(power, day).at[2.0, 0] == 2.5


def test_by_day_and_hour_refuses_other_steps(profiles):
    """A series without its timeline is not laid out."""
    with pytest.raises(LabelError, match="not those of the timeline"):
        by_day_and_hour(profiles.net_kw["m0"].iloc[1:], profiles.timeline)


def test_year_map_is_centred_on_zero_and_says_its_unit(profiles, ax):
    """Import and export of the same size have colours of the same strength."""
    net = profiles.net_kw.sum(axis=1)
    assert year_map(net, profiles.timeline, ax) is ax
    image = ax.images[0]
    assert image.norm.vmax == -image.norm.vmin == pytest.approx(np.abs(net).max())
    assert image.get_array().shape == (48, by_day_and_hour(net, profiles.timeline).shape[1])
    assert ax.figure.axes[1].get_ylabel() == "net load [kW]"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["Mar", "Apr"]


def test_week_draws_the_sums_of_its_seven_days(profiles, ax):
    """The line is the load of all members; the week of the change of clocks has 167 hours."""
    assert week(profiles, "2026-03-28", ax) is ax
    drawn = ax.lines[0].get_ydata()
    expected = profiles.load_kw.sum(axis=1)["2026-03-28":"2026-04-03"].to_numpy()
    assert len(expected) == 334
    np.testing.assert_array_equal(drawn[:-1], expected)
    assert [t.get_text() for t in ax.get_xticklabels()] == [
        "Sat", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
    ]  # fmt: skip
    assert ax.get_ylabel() == "power [kW]"


def test_weeks_that_share_a_scale_are_both_within(profiles):
    """The later one may be the higher: nothing is cut off."""
    figure, axes = plt.subplots(2, 1, sharey=True)
    for axis, factor in zip(axes, (1.0, 4.0), strict=True):
        louder = dataclasses.replace(profiles, load_kw=profiles.load_kw * factor)
        week(louder, "2026-03-28", axis)
    assert axes[0].get_ylim() == axes[1].get_ylim()
    assert axes[1].get_ylim()[1] > axes[1].lines[0].get_ydata().max()
    assert axes[1].get_ylim()[0] == 0
    plt.close(figure)


@pytest.mark.parametrize("day", ["2026-03-20", "2026-04-02"])
def test_week_outside_the_timeline_is_refused(profiles, ax, day):
    """Nothing is drawn of days that were not simulated."""
    with pytest.raises(InputError, match="no week from"):
        week(profiles, day, ax)


def test_load_duration_is_sorted_between_the_ratings(profiles, ax):
    """The curve falls and keeps every value."""
    net = profiles.net_kw.sum(axis=1)
    assert load_duration(net, ax, rating_kva=400.0) is ax
    drawn = ax.lines[0].get_ydata()
    assert (np.diff(drawn) <= 0).all()
    assert drawn.sum() == pytest.approx(net.sum())
    assert {line.get_ydata()[0] for line in ax.lines[1:]} == {400.0, -400.0}


def test_demand_bars_show_every_member_once(profiles, ax):
    """A bar per member, in two colours that say who has PV."""
    community = make_community(profiles)
    assert demand_bars(community, ax) is ax
    heights = {c.get_label(): [bar.get_height() for bar in c] for c in ax.containers}
    assert {label: len(h) for label, h in heights.items()} == {"without PV": 2, "with PV": 3}
    assert all(h == 4.0 for group in heights.values() for h in group)
    centres = sorted(bar.get_x() + bar.get_width() / 2 for c in ax.containers for bar in c)
    np.testing.assert_allclose(centres, [1, 2, 3, 4, 5])
