"""Tests of the power of cars and heat pumps that nobody controls."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nemogrid.community import Community, ElectricVehicle, HeatPump, Member
from nemogrid.errors import InputError
from nemogrid.profiles import build_profiles, heat_pump_profiles, vehicle_profiles
from nemogrid.profiles.flexible import MOST_SHIFT, house_shift, within_rating
from nemogrid.profiles.simbench import read_shapes
from nemogrid.timeline import Timeline

ANN = Member(name="ann", bus=1, yearly_kwh=4500.0, vehicle=ElectricVehicle(), heat_pump=HeatPump())
BEN = Member(name="ben", bus=2, yearly_kwh=2100.0, vehicle=ElectricVehicle(yearly_kwh=1200.0))
CEM = Member(name="cem", bus=3, yearly_kwh=2100.0, heat_pump=HeatPump(yearly_kwh=7000.0))
DAN = Member(name="dan", bus=4, yearly_kwh=900.0)
ALL = Community((ANN, BEN, CEM, DAN))
YEAR_2026 = Timeline.year(2026)
MAKERS = {"vehicle_kw": vehicle_profiles, "heat_pump_kw": heat_pump_profiles}


@pytest.fixture(scope="module")
def year():
    """Both tables in the half-hours of 2026."""
    return {name: make(ALL, YEAR_2026, seed=1) for name, make in MAKERS.items()}


def sessions_of(power):
    """First and last step, and sum, of each run of positive values."""
    change = np.diff(np.r_[False, power > 0, False].astype(int))
    first, end = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    total = np.r_[0.0, np.cumsum(power)]
    return first, end, total[end] - total[first]


@pytest.mark.parametrize(
    ("number", "tz", "share"),
    [
        (2026, "Europe/Zurich", 1),
        (2024, "Europe/Zurich", 366 / 365),
        (2027, "Asia/Kathmandu", 1),
        (2023, "America/New_York", 1),
    ],
)
@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("diversity", [True, False])
def test_yearly_energies_are_exact_and_ratings_are_kept(number, tz, share, step_h, diversity):
    """A year has the stated energies in any zone and step, and no device exceeds its rating."""
    timeline = Timeline.year(number, step_h=step_h, tz=tz)
    cars_kw = vehicle_profiles(ALL, timeline, seed=3, diversity=diversity)
    heat_kw = heat_pump_profiles(ALL, timeline, seed=3, diversity=diversity)

    assert (cars_kw.sum() * step_h).to_numpy() == pytest.approx(
        [2500 * share, 1200 * share, 0, 0], rel=1e-9, abs=0
    )
    assert (heat_kw.sum() * step_h).to_numpy() == pytest.approx(
        [5000 * share, 0, 7000 * share, 0], rel=1e-9, abs=0
    )
    assert cars_kw.max(axis=None) <= 11.0
    assert heat_kw.max(axis=None) <= 4.0


@pytest.mark.parametrize("name", list(MAKERS))
def test_a_cut_is_the_cut_of_its_year(year, name):
    """Any stretch of the year, built alone, is bit for bit that stretch of the year."""
    for first, n in ((0, 1), (3000, 700), (17_000, 520)):
        cut = MAKERS[name](ALL, Timeline(YEAR_2026.index[first], 0.5, n), seed=1)
        np.testing.assert_array_equal(
            cut.to_numpy(), year[name].to_numpy()[first : first + n]
        )  # fmt: skip


@pytest.mark.parametrize("name", list(MAKERS))
def test_a_timeline_over_new_year_joins_two_years(name):
    """The end of one year and the start of the next."""
    both = MAKERS[name](
        ALL, Timeline(pd.Timestamp("2025-12-28", tz="Europe/Zurich"), 0.5, 384), seed=1
    )
    parts = [MAKERS[name](ALL, Timeline.year(n), seed=1) for n in (2025, 2026)]
    joined = pd.concat(parts).loc[both.index]
    pd.testing.assert_frame_equal(both, joined, check_freq=False, check_exact=True)


@pytest.mark.parametrize("name", list(MAKERS))
def test_others_are_unaffected_by_who_comes_and_goes(year, name):
    """A newcomer, a device that is added and another order of members change nobody else."""
    newcomer = dataclasses.replace(ANN, name="eve")
    richer = dataclasses.replace(DAN, vehicle=ElectricVehicle(), heat_pump=HeatPump())
    changed = MAKERS[name](Community((richer, newcomer, CEM, BEN, ANN)), YEAR_2026, seed=1)
    for member in ("ann", "ben", "cem"):
        pd.testing.assert_series_equal(changed[member], year[name][member], check_exact=True)


def test_a_device_changes_neither_load_nor_pv():
    """They are tables of their own, and None where nobody owns one."""
    plain = dataclasses.replace(ANN, vehicle=None, heat_pump=None)
    week = Timeline(pd.Timestamp("2026-03-27", tz="Europe/Zurich"), 0.5, 336)
    without = build_profiles(Community((plain, DAN)), week, seed=1)
    with_both = build_profiles(Community((ANN, DAN)), week, seed=1)
    for name in ("load_kw", "pv_kw", "reactive_kvar"):
        pd.testing.assert_frame_equal(
            getattr(without, name), getattr(with_both, name), check_exact=True
        )
    assert without.vehicle_kw is None
    assert without.heat_pump_kw is None
    assert list(with_both.vehicle_kw) == list(with_both.heat_pump_kw) == ["ann", "dan"]


@pytest.mark.parametrize("name", list(MAKERS))
def test_the_seed_decides(year, name):
    """Same seed, same power; another seed, another power."""
    pd.testing.assert_frame_equal(
        MAKERS[name](ALL, YEAR_2026, seed=1), year[name], check_exact=True
    )
    assert not MAKERS[name](ALL, YEAR_2026, seed=2).equals(year[name])


@pytest.mark.parametrize("tz", ["Europe/Zurich", "America/New_York"])
def test_cars_follow_the_local_clock_and_charge_in_the_evening(tz):
    """In every month little is charged from 3:00 to 7:00, and half from noon to nine."""
    cars = Community(
        tuple(
            Member(name=f"m{i}", bus=1, yearly_kwh=1.0, vehicle=ElectricVehicle(yearly_kwh=800.0))
            for i in range(20)
        )
    )
    timeline = Timeline.year(2026, step_h=0.25, tz=tz)
    total = vehicle_profiles(cars, timeline, seed=1).sum(axis=1)
    for month in range(1, 13):
        there = total[timeline.index.month == month]
        by_hour = there.groupby(there.index.hour).sum() / there.sum()
        assert by_hour.loc[3:6].sum() < 0.05
        assert by_hour.loc[12:20].sum() > 0.5


def test_a_scaled_session_keeps_its_arrival_and_its_energy():
    """Sessions that have room last longer; where two become one, the energy is that of both."""
    shape = read_shapes(["HLS_A_11.0"])["HLS_A_11.0"]
    scaled = shape * (2500 / (shape.sum() * 0.25))
    drawn = within_rating(scaled, 11.0)
    first, _, energy = sessions_of(scaled)
    new_first, new_end, new_energy = sessions_of(drawn)
    assert set(new_first) <= set(first)
    assert len(new_first) > 0.95 * len(first)
    of_new = np.searchsorted(new_first, first, side="right") - 1
    assert (first < new_end[of_new]).all()
    np.testing.assert_allclose(np.bincount(of_new, energy), new_energy, rtol=1e-9)


@given(
    power=arrays(float, st.integers(1, 40), elements=st.floats(0, 10).map(lambda x: round(x, 3))),
    slack=st.floats(0.001, 10),
)
def test_what_exceeds_the_rating_is_drawn_right_afterwards(power, slack):
    """Nothing exceeds the rating or is lost or comes early, and nothing idles while behind."""
    rating = float(power.mean()) + slack
    drawn = within_rating(power, rating)
    assert drawn.max() <= rating
    assert drawn.min() >= 0
    assert drawn.sum() == pytest.approx(power.sum(), rel=1e-9, abs=1e-9)
    # Behind is counted from the moment when nothing is: there the ring can be opened.
    behind = np.cumsum(power - drawn)
    behind -= behind.min()
    below = drawn < rating - 1e-9
    np.testing.assert_allclose(behind[below], 0.0, atol=1e-8)


def test_a_heat_pump_sees_the_weather_of_the_same_date():
    """Daily energies follow those of the dates of 2016; without a shift they are in proportion."""
    rated = dataclasses.replace(CEM, heat_pump=HeatPump(power_kw=50.0))
    days = Timeline.year(2026, step_h=0.25, tz="Etc/GMT-1")
    built = heat_pump_profiles(Community((rated,)), days, seed=1, diversity=False)["cem"]
    daily = built.to_numpy().reshape(365, 96).sum(axis=1)
    measured = read_shapes(["Air_Alternative_1"])["Air_Alternative_1"].reshape(366, 96).sum(axis=1)
    there = np.delete(measured, 59)
    np.testing.assert_allclose(daily / daily.sum(), there / there.sum(), rtol=1e-9)


def test_houses_freeze_together_but_do_not_switch_together(year):
    """Each is the other at another time of the same day, by at most two hours each way."""
    houses = Community(
        tuple(dataclasses.replace(CEM, name=f"house {i}") for i in range(60))
    )  # fmt: skip
    quarters = Timeline.year(2026, step_h=0.25, tz="Etc/GMT-1")
    power = heat_pump_profiles(houses, quarters, seed=1)
    alike = heat_pump_profiles(houses, quarters, seed=1, diversity=False)
    shifts = [house_shift(name, seed=1) for name in houses.names]
    many = {house_shift(f"house {i}", seed=1) for i in range(400)}
    assert many == set(range(-MOST_SHIFT, MOST_SHIFT + 1))
    before_leap_day = slice(100, 5_000)
    for name, shift in list(zip(houses.names, shifts, strict=True))[:5]:
        moved = np.roll(alike[name].to_numpy(), -shift)
        ratio = power[name].to_numpy()[before_leap_day] / np.where(
            moved[before_leap_day] > 0, moved[before_leap_day], np.nan
        )
        assert np.nanmedian(ratio) == pytest.approx(1.0, rel=1e-3)
    daily = power.to_numpy().reshape(365, 96, 60).sum(axis=1)
    assert np.corrcoef(daily.T).min() > 0.95
    assert power.sum(axis=1).std() < 0.8 * alike.sum(axis=1).std()


@pytest.mark.parametrize(
    ("device", "message"),
    [
        ({"vehicle": ElectricVehicle(shape="HLS_C_11.0")}, "no load shape 'HLS_C_11.0'"),
        ({"vehicle": ElectricVehicle(charger_kw=0.2)}, "vehicle of member 'x' with 2500 kWh .*0.2"),
        ({"heat_pump": HeatPump(power_kw=0.5)}, "heat pump of member 'x' with 5000 kWh a year"),
    ],
)
def test_impossible_devices_are_refused(device, message):
    """An unknown shape, or more energy than the rating can draw in a year."""
    with pytest.raises(InputError, match=message):
        build_profiles(
            Community((Member(name="x", bus=1, yearly_kwh=1.0, **device),)), YEAR_2026, seed=1
        )


def test_no_energy_is_fine():
    """A car that is never charged draws nothing, even without a charger."""
    idle = ElectricVehicle(yearly_kwh=0.0, charger_kw=0.0)
    member = Member(name="x", bus=1, yearly_kwh=1.0, vehicle=idle)
    assert (vehicle_profiles(Community((member,)), YEAR_2026, seed=1) == 0).all(axis=None)
