import dataclasses
import time
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.community import PV, Community, Member
from nemogrid.errors import InputError
from nemogrid.profiles import build_profiles
from nemogrid.profiles.build import scaled_below_rating
from nemogrid.profiles.days import calendar_year, drawn_days
from nemogrid.profiles.simbench import read_shapes
from nemogrid.timeline import Timeline

ANN = Member(name="ann", bus=1, yearly_kwh=4500.0, shape="H0-A", pv=PV(peak_kw=5.0))
BEN = Member(name="ben", bus=2, yearly_kwh=2100.0, shape="H0-A", power_factor=0.9)
BAKERY = Member(name="bakery", bus=3, yearly_kwh=30_000.0, shape="G5-A", pv=PV(peak_kw=20.0))
ALL = Community((ANN, BEN, BAKERY))
YEAR_2026 = Timeline.year(2026)


@pytest.fixture(scope="module")
def year():
    """Three members in 2026."""
    return build_profiles(ALL, YEAR_2026, seed=1)


@pytest.mark.parametrize(
    ("number", "tz", "share"),
    [
        (2026, "Europe/Zurich", 1),
        (2024, "Europe/Zurich", 366 / 365),
        (2025, "Europe/Stockholm", 1),
        (2023, "America/New_York", 1),
        (2027, "Asia/Kathmandu", 1),
        (2026, "UTC", 1),
    ],
)
@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("diversity", [True, False])
def test_yearly_energy(number, tz, share, step_h, diversity):
    """A calendar year has the stated energies, a leap year 366/365, in any zone and step."""
    timeline = Timeline.year(number, step_h=step_h, tz=tz)
    profiles = build_profiles(ALL, timeline, seed=3, diversity=diversity)

    load_kwh, pv_kwh = profiles.load_kw.sum() * step_h, profiles.pv_kw.sum() * step_h
    assert load_kwh.to_numpy() == pytest.approx(
        [m.yearly_kwh * share for m in ALL], rel=1e-9, abs=0
    )
    assert pv_kwh["ann"] == pytest.approx(5 * 946 * share, rel=1e-9, abs=0)
    assert pv_kwh["bakery"] == pytest.approx(20 * 946 * share, rel=1e-9, abs=0)
    assert (profiles.pv_kw["ben"] == 0).all()


def test_halving_the_step_keeps_the_energy_of_each_hour():
    """Quarter-hours, half-hours and hours tell the same story."""
    hourly = {}
    for step_h in (0.25, 0.5, 1.0):
        profiles = build_profiles(ALL, Timeline.year(2026, step_h=step_h), seed=1)
        for name in ("load_kw", "pv_kw", "reactive_kvar"):
            table = getattr(profiles, name).to_numpy() * step_h
            hourly[name, step_h] = table.reshape(8760, -1, len(ALL)).sum(axis=1)

    for name in ("load_kw", "pv_kw", "reactive_kvar"):
        for step_h in (0.25, 0.5):
            np.testing.assert_allclose(hourly[name, step_h], hourly[name, 1.0], rtol=0, atol=1e-12)


@given(first=st.integers(0, 17_519), n=st.integers(1, 2000))
@settings(max_examples=30, deadline=None)
def test_a_cut_is_the_cut_of_its_year(year, first, n):
    """Any stretch of the year, built alone, is bit for bit that stretch of the year."""
    n = min(n, 17_520 - first)
    timeline = Timeline(YEAR_2026.index[first], 0.5, n)
    cut = build_profiles(ALL, timeline, seed=1)

    for name in ("load_kw", "pv_kw", "reactive_kvar"):
        np.testing.assert_array_equal(
            getattr(cut, name).to_numpy(), getattr(year, name).to_numpy()[first : first + n]
        )


def test_a_timeline_over_new_year_joins_two_years():
    """Four weeks around new year are the end of one year and the start of the next."""
    start = pd.Timestamp("2025-12-18 00:15", tz="Europe/Zurich")
    both = build_profiles(ALL, Timeline(start, 0.25, 28 * 96), seed=1)
    old = build_profiles(ALL, Timeline.year(2025, step_h=0.25), seed=1)
    new = build_profiles(ALL, Timeline.year(2026, step_h=0.25), seed=1)

    joined = pd.concat([old.load_kw, new.load_kw])
    pd.testing.assert_frame_equal(
        both.load_kw, joined.loc[both.timeline.index], check_freq=False, check_exact=True
    )


def test_same_seed_same_profiles_other_seed_other_profiles(year):
    """Load depends on the seed, and on nothing that happened before; weather does not."""
    again = build_profiles(ALL, YEAR_2026, seed=1)
    other = build_profiles(ALL, YEAR_2026, seed=2)

    pd.testing.assert_frame_equal(again.load_kw, year.load_kw, check_exact=True)
    pd.testing.assert_frame_equal(other.pv_kw, year.pv_kw, check_exact=True)
    assert not np.isclose(other.load_kw, year.load_kw).all()


def test_others_are_unaffected_by_who_comes_goes_or_moves(year):
    """Adding, removing and reordering members changes nobody else."""
    newcomer = Member(name="cem", bus=9, yearly_kwh=900.0, shape="H0-B")
    changed = build_profiles(Community((BAKERY, newcomer, ANN)), YEAR_2026, seed=1)

    for name in ("load_kw", "pv_kw", "reactive_kvar"):
        for member in ("bakery", "ann"):
            pd.testing.assert_series_equal(
                getattr(changed, name)[member], getattr(year, name)[member], check_exact=True
            )


def test_neighbours_differ_but_live_through_the_same_days(year):
    """Two members with one shape have other days on most dates and the same days over the year."""
    ann = year.load_kw["ann"].to_numpy() / ANN.yearly_kwh
    ben = year.load_kw["ben"].to_numpy() / BEN.yearly_kwh
    whole = np.bincount(YEAR_2026.day) == 48
    kept = whole[YEAR_2026.day]
    ann_kwh, ben_kwh = ann[kept].reshape(-1, 48).sum(1), ben[kept].reshape(-1, 48).sum(1)

    assert (np.abs(ann_kwh - ben_kwh) > 1e-3 * ann_kwh).mean() > 0.9
    tenths = np.linspace(0, 1, 11)[1:-1]
    np.testing.assert_allclose(
        np.quantile(ann_kwh, tenths), np.quantile(ben_kwh, tenths), rtol=0.01
    )
    assert ann.std() == pytest.approx(ben.std(), rel=0.01)


def test_diversity_lowers_the_common_peak():
    """Twenty households with one shape peak together only when all have the measured order."""
    homes = Community(tuple(dataclasses.replace(BEN, name=f"home {i}") for i in range(20)))
    diverse = build_profiles(homes, YEAR_2026, seed=1).load_kw
    alike = build_profiles(homes, YEAR_2026, seed=1, diversity=False).load_kw

    np.testing.assert_array_equal(alike.to_numpy(), alike.to_numpy()[:, [0] * 20])
    assert diverse.max().mean() == pytest.approx(alike.max().mean(), rel=0.05)
    assert diverse.sum(axis=1).max() < 0.8 * alike.sum(axis=1).max()


@pytest.mark.parametrize("date", ["2026-01-14", "2026-07-04", "2026-03-29", "2026-10-25"])
def test_load_is_that_of_the_measured_day_at_the_same_clock(year, date):
    """Half-hours have the mean of the two measured quarter-hours at the same clock time.

    Also on days with a change of the clocks: the hour that the clock skips is skipped, and the
    one that it repeats is repeated.
    """
    berlin = pd.date_range("2016-01-01", periods=35_136, freq="15min", tz="Europe/Berlin")
    measured = pd.Series(read_shapes(["H0-A"])["H0-A"], index=berlin)
    whole_days = [day for _, day in measured.groupby(berlin.date) if len(day) == 96]
    stratum = calendar_year(2026, ZoneInfo("Europe/Zurich")).stratum
    order = drawn_days("ann", 2026, stratum, seed=1)
    source = whole_days[order[pd.Timestamp(date).dayofyear - 1]]
    by_clock = source.groupby(source.index.floor("30min")).mean()
    by_clock.index = by_clock.index.strftime("%H:%M")
    built = year.load_kw["ann"].loc[date]

    expected = by_clock.loc[built.index.strftime("%H:%M")].to_numpy()
    ratio = built.to_numpy() / expected

    assert len(built) == {"2026-03-29": 46, "2026-10-25": 50}.get(date, 48)
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-12)


@pytest.mark.parametrize("tz", ["Europe/Zurich", "Europe/Stockholm", "America/New_York"])
def test_sun_stands_highest_at_noon_of_standard_time(tz):
    """PV is dark at night and centred at 12:00 to 12:45 of standard time in every month.

    The sun's noon over the middle of Germany is at 12:04 to 12:34; clocks in July show an hour
    more.
    """
    timeline = Timeline.year(2026, step_h=0.25, tz=tz)
    pv_kw = build_profiles(ALL, timeline, seed=1).pv_kw["ann"]
    winter_offset = pv_kw.index[0].utcoffset()
    standard = (pv_kw.index.tz_convert("UTC") + winter_offset).tz_localize(None)
    hour = (standard.hour + standard.minute / 60 + 0.125).to_numpy()

    for month in range(1, 13):
        there = standard.month == month
        assert 12.0 < (pv_kw[there] * hour[there]).sum() / pv_kw[there].sum() < 12.75
    assert (pv_kw[(hour < 4) | (hour > 21)] == 0).all()
    winter = (standard.month == 12) | (standard.month == 1)
    assert (pv_kw[winter & ((hour < 8) | (hour > 16.5))] == 0).all()
    clock = pv_kw.index.hour + pv_kw.index.minute / 60 + 0.125
    july = pv_kw.index.month == 7
    assert 13.0 < (pv_kw[july] * clock[july]).sum() / pv_kw[july].sum() < 13.75


def test_all_systems_see_the_same_weather(year):
    """Per rated power, neighbours generate the same at the same time."""
    np.testing.assert_allclose(year.pv_kw["ann"] / 5, year.pv_kw["bakery"] / 20, rtol=1e-12, atol=0)


def test_sun_is_that_of_the_same_date_of_2016():
    """Each day of 2026 has the generation of its date in 2016, up to one factor."""
    days = build_profiles(ALL, Timeline.year(2026, step_h=0.25, tz="Etc/GMT-1"), seed=1)
    built = days.pv_kw["ann"].to_numpy().reshape(365, 96).sum(axis=1)
    measured = read_shapes(["PV5"], kind="pv")["PV5"].reshape(366, 96).sum(axis=1)

    np.testing.assert_allclose(
        built / built.sum(), np.delete(measured, 59) / np.delete(measured, 59).sum(), rtol=1e-9
    )


@pytest.mark.parametrize("pv_shape", [f"PV{i}" for i in range(1, 9)])
def test_pv_stays_within_its_rating_at_the_default_yield(pv_shape):
    """Scaled to 946 h, every measured shape peaks at 0.82 to 0.98 of the rated power."""
    timeline = Timeline.year(2026, step_h=0.25)
    profiles = build_profiles(Community((ANN,)), timeline, seed=1, pv_shape=pv_shape)

    assert 0.82 < profiles.pv_kw["ann"].max() / 5.0 < 0.98


def test_a_sunny_site_is_limited_by_its_inverter():
    """At 1500 kWh/kW the power stops at the rating and the yield is still as stated."""
    sunny = dataclasses.replace(ANN, pv=PV(peak_kw=5.0, yield_kwh_per_kw=1500.0))
    pv_kw = build_profiles(Community((sunny,)), YEAR_2026, seed=1).pv_kw["ann"]

    assert pv_kw.max() == 5.0
    assert pv_kw.sum() / 2 == pytest.approx(7500.0, rel=1e-9)


@given(
    values=st.lists(st.floats(0, 1) | st.just(0.0), min_size=1, max_size=30),
    share=st.floats(0.001, 0.999),
)
@settings(deadline=None)
def test_scaling_below_the_rating(values, share):
    """The total is met, nothing exceeds 1, and what stays below 1 keeps its proportions."""
    shape = np.round(np.array(values), 6)
    positive = shape > 0
    if not positive.any():
        return
    total = share * positive.sum()
    scaled = scaled_below_rating(shape, total)

    assert scaled.sum() == pytest.approx(total, rel=1e-9)
    assert scaled.max() <= 1
    below = positive & (scaled < 1)
    ratio = scaled[below] / shape[below]
    np.testing.assert_allclose(ratio, ratio[:1].repeat(len(ratio)), rtol=1e-9)
    if (scaled == 1).any() and below.any():
        assert (shape[scaled == 1] * ratio[0] >= 1 - 1e-9).all()


def test_reactive_power_follows_the_load(year):
    """Apparent power times power factor is active power."""
    for member in ALL:
        active, reactive = year.load_kw[member.name], year.reactive_kvar[member.name]
        np.testing.assert_allclose(np.hypot(active, reactive) * member.power_factor, active)


def test_no_consumption_and_no_pv_are_fine():
    """A member may use nothing, and a system of no power generates nothing."""
    nobody = Member(name="nobody", bus=1, yearly_kwh=0.0, pv=PV(peak_kw=0.0))
    idle = Member(name="idle", bus=1, yearly_kwh=1.0, pv=PV(peak_kw=3.0, yield_kwh_per_kw=0.0))
    profiles = build_profiles(Community((nobody, idle)), YEAR_2026, seed=1)

    assert (profiles.load_kw["nobody"] == 0).all()
    assert (profiles.pv_kw == 0).all(axis=None)


def test_names_stay_in_order(year):
    """Columns are the community's names, rows the timeline's steps."""
    assert list(year.load_kw.columns) == list(ALL.names)
    assert year.load_kw.index.equals(YEAR_2026.index)
    assert year.timeline is YEAR_2026


def test_a_feeder_of_41_takes_less_than_half_a_second():
    """41 members and 17,520 half-hours are built in under 0.5 s."""
    members = [dataclasses.replace(ANN, name=f"m{i}") for i in range(41)]
    build_profiles(ALL, YEAR_2026, seed=1)
    seconds = []
    for _ in range(3):
        began = time.process_time()
        build_profiles(Community(tuple(members)), YEAR_2026, seed=1)
        seconds.append(time.process_time() - began)

    assert min(seconds) < 0.5


@pytest.mark.parametrize("step_h", [1 / 12, 1 / 6, 1 / 3])
def test_steps_must_be_quarter_hours(step_h):
    """Steps of 5, 10 or 20 minutes cannot be made of quarter-hours."""
    timeline = Timeline(YEAR_2026.start, step_h, 10)
    with pytest.raises(
        InputError, match=f"steps of {step_h * 60:g} minutes.* expected steps of 15"
    ):
        build_profiles(ALL, timeline, seed=1)


def test_start_must_be_a_quarter_hour():
    """A timeline that starts at ten past has no quarter-hours to be made of."""
    timeline = Timeline(YEAR_2026.start + pd.Timedelta(minutes=10), 0.5, 10)
    with pytest.raises(InputError, match=r"starts at 2026-01-01 00:10:00\+01:00"):
        build_profiles(ALL, timeline, seed=1)


@pytest.mark.parametrize("seed", [-1, 1.0, "1", None, True])
def test_seed_must_be_a_natural_number(seed):
    """Any other seed raises instead of being made into one."""
    with pytest.raises(InputError, match="seed is .* expected an integer"):
        build_profiles(ALL, YEAR_2026, seed=seed)


def test_unknown_shapes_are_refused():
    """Of loads and of PV, with a near name."""
    odd = dataclasses.replace(BEN, shape="H0-a")
    with pytest.raises(InputError, match="no load shape 'H0-a': did you mean 'H0-"):
        build_profiles(Community((odd,)), YEAR_2026, seed=1)
    with pytest.raises(InputError, match="no photovoltaic shape 'PV0'"):
        build_profiles(Community((BEN,)), YEAR_2026, seed=1, pv_shape="PV0")


def test_impossible_yield_is_refused():
    """More full-load hours than there is daylight name the member and both figures."""
    sunny = dataclasses.replace(ANN, pv=PV(peak_kw=5.0, yield_kwh_per_kw=6000.0))
    with pytest.raises(InputError, match=r"'ann' with 6000 kWh/kW .* more than \d+ hours of day"):
        build_profiles(Community((sunny,)), YEAR_2026, seed=1)
