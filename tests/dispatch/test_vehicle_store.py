"""Tests of cars as flexible stores."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.community import Community, ElectricVehicle, Member
from nemogrid.dispatch.vehicle_store import sessions, vehicle_store
from nemogrid.errors import InputError
from nemogrid.profiles import vehicle_profiles
from nemogrid.timeline import Timeline

START = pd.Timestamp("2026-03-27 00:00", tz="Europe/Zurich")
"""A Friday: the clock changes in the night to Sunday."""

CAR = ElectricVehicle(capacity_kwh=40.0, charger_kw=11.0, charge_efficiency=0.9)

vehicles = st.builds(
    ElectricVehicle,
    capacity_kwh=st.floats(0, 100),
    charger_kw=st.floats(0, 22),
    charge_efficiency=st.floats(0.5, 1),
    discharge_efficiency=st.floats(0.5, 1),
    bidirectional=st.booleans(),
    departure_hour=st.floats(0, 23.99),
)


@st.composite
def charging(draw):
    """A few days, and a power with runs of any length, also at both ends."""
    step_h = draw(st.sampled_from([0.25, 0.5, 1.0]))
    runs = draw(
        st.lists(st.tuples(st.integers(1, 30), st.floats(1e-6, 15)), min_size=1, max_size=20)
    )
    power = np.concatenate([np.full(n, kw if i % 2 else 0.0) for i, (n, kw) in enumerate(runs)])
    power = power[draw(st.integers(0, runs[0][0] - 1)) :]
    if draw(st.booleans()) and power.size > runs[0][0]:
        power = power[runs[0][0] :]
    start = START + draw(st.integers(0, 95)) * pd.Timedelta(minutes=15)
    return Timeline(start, step_h, len(power)), power


def follow(store, charge_kwh, discharge_kwh=0.0):
    """Stored energy where a plan is followed."""
    stored = [store.initial_kwh]
    gain = store.charge_efficiency * charge_kwh - discharge_kwh / store.discharge_efficiency
    for change in gain - store.used_kwh:
        stored.append(store.kept_share * stored[-1] + change)
    return np.array(stored)


@given(case=charging(), vehicle=vehicles)
@settings(deadline=None)
def test_uncontrolled_charging_is_a_plan_of_the_store(case, vehicle):
    """Within power and bounds in every step: at both ends, and with sessions above the capacity."""
    timeline, drawn_kw = case
    store = vehicle_store(vehicle, drawn_kw, timeline)
    charge_kwh = drawn_kw * timeline.step_h
    stored = follow(store, charge_kwh)

    assert (charge_kwh <= store.charge_limit_kwh * (1 + 1e-12)).all()
    assert (stored >= store.lower_kwh - 1e-9).all()
    assert (stored <= store.upper_kwh + 1e-9).all()


@given(case=charging(), vehicle=vehicles)
@settings(deadline=None)
def test_energies_of_sessions_are_conserved(case, vehicle):
    """What is drawn is what sessions take up, and what trips use but for the first session's."""
    timeline, drawn_kw = case
    table = sessions(vehicle, drawn_kw, timeline)
    store = vehicle_store(vehicle, drawn_kw, timeline)
    taken_kwh = drawn_kw.sum() * timeline.step_h * vehicle.charge_efficiency

    assert table["energy_kwh"].sum() == pytest.approx(taken_kwh, rel=1e-9, abs=1e-9)
    begun = vehicle.capacity_kwh - store.initial_kwh
    assert store.used_kwh.sum() + begun == pytest.approx(taken_kwh, rel=1e-9, abs=1e-9)
    assert (table["energy_kwh"] > 0).all()


@given(case=charging(), vehicle=vehicles)
@settings(deadline=None)
def test_sessions_come_in_order_and_contain_their_charging(case, vehicle):
    """Arrival before departure, departure at or before the next arrival, nothing drawn outside."""
    timeline, drawn_kw = case
    table = sessions(vehicle, drawn_kw, timeline)
    assert (table["arrival"] < table["departure"]).all()
    assert (table["departure"].iloc[:-1].array <= table["arrival"].iloc[1:].array).all()
    plugged = np.zeros(timeline.n_steps, dtype=bool)
    for arrival, departure in zip(table["arrival"], table["departure"], strict=True):
        plugged |= (timeline.index >= arrival) & (timeline.index < departure)
    assert (drawn_kw[~plugged] == 0).all()
    limit_kwh = vehicle_store(vehicle, drawn_kw, timeline).charge_limit_kwh
    assert (limit_kwh[~plugged] == 0).all()
    assert (limit_kwh[plugged] >= vehicle.charger_kw * timeline.step_h).all()


@given(case=charging(), vehicle=vehicles)
@settings(deadline=None)
def test_halving_the_step_changes_nothing(case, vehicle):
    """The same sessions, bounds at the same moments, limits and uses that add up."""
    _, drawn_kw = case
    vehicle = dataclasses.replace(vehicle, departure_hour=float(int(vehicle.departure_hour)))
    whole = Timeline(START, 1.0, len(drawn_kw))
    half = Timeline(START, 0.5, 2 * len(drawn_kw))
    of_whole = vehicle_store(vehicle, drawn_kw, whole)
    of_half = vehicle_store(vehicle, np.repeat(drawn_kw, 2), half)
    pd.testing.assert_frame_equal(
        sessions(vehicle, drawn_kw, whole), sessions(vehicle, np.repeat(drawn_kw, 2), half)
    )
    for name in ("charge_limit_kwh", "discharge_limit_kwh", "used_kwh"):
        np.testing.assert_allclose(
            getattr(of_half, name).reshape(-1, 2).sum(axis=1), getattr(of_whole, name), atol=1e-9
        )
    np.testing.assert_allclose(of_half.lower_kwh[::2], of_whole.lower_kwh, atol=1e-9)
    assert of_half.initial_kwh == pytest.approx(of_whole.initial_kwh)


def test_a_car_is_full_at_its_departure_and_arrives_with_what_the_trip_left():
    """Two evenings: 10 kWh and 20 kWh drawn, 9 and 18 taken up by the battery of 40."""
    timeline = Timeline(START, 1.0, 48)
    drawn_kw = np.zeros(48)
    drawn_kw[18], drawn_kw[42:44] = 10.0, 10.0
    store = vehicle_store(CAR, drawn_kw, timeline)
    table = sessions(CAR, drawn_kw, timeline)

    assert [t.isoformat() for t in table["departure"]] == [
        "2026-03-28T07:00:00+01:00",
        "2026-03-29T00:00:00+01:00",
    ]
    assert table["energy_kwh"].tolist() == pytest.approx([9.0, 18.0])
    assert np.flatnonzero(store.used_kwh).tolist() == [17, 41]
    assert np.flatnonzero(store.charge_limit_kwh).tolist() == [*range(18, 31), *range(42, 48)]
    assert store.lower_kwh[[31, 48]] == pytest.approx([40.0, 40.0])
    assert (np.delete(store.lower_kwh, [31, 48]) == 0).all()
    stored = follow(store, drawn_kw)
    assert stored[[18, 19, 31, 42, 44]] == pytest.approx([31.0, 40.0, 40.0, 22.0, 40.0])


@pytest.mark.parametrize(
    ("start", "departure"),
    [
        ("2026-03-28 18:00", "2026-03-29 07:00:00+02:00"),
        ("2026-10-24 18:00", "2026-10-25 07:00:00+01:00"),
        ("2026-06-24 18:00", "2026-06-25 07:00:00+02:00"),
        ("2026-06-24 04:00", "2026-06-24 07:00:00+02:00"),
        ("2026-06-24 06:00", "2026-06-24 07:00:00+02:00"),
        ("2026-06-24 06:30", "2026-06-25 07:00:00+02:00"),
    ],
)
def test_departures_are_at_the_local_hour(start, departure):
    """On days of 23 and 25 hours too; who is done at seven leaves at seven."""
    timeline = Timeline(pd.Timestamp(start, tz="Europe/Zurich"), 0.5, 96)
    drawn_kw = np.r_[5.0, 5.0, np.zeros(94)]
    (left,) = sessions(CAR, drawn_kw, timeline)["departure"]
    assert left == pd.Timestamp(departure)


def test_a_departure_in_the_hour_that_exists_twice_is_the_first_of_the_two():
    """Who is done between the two leaves at the same hour of the next day."""
    night_owl = dataclasses.replace(CAR, departure_hour=2.5)
    timeline = Timeline(pd.Timestamp("2026-10-25 01:00", tz="Europe/Zurich"), 0.5, 96)
    before, between = np.zeros(96), np.zeros(96)
    before[1], between[3] = 5.0, 5.0
    (left,) = sessions(night_owl, before, timeline)["departure"]
    assert left == pd.Timestamp("2026-10-25 02:30+02:00")
    (left,) = sessions(night_owl, between, timeline)["departure"]
    assert left == pd.Timestamp("2026-10-26 02:30+01:00")


@pytest.mark.parametrize("zone", ["Europe/Zurich", "America/New_York", "Asia/Kathmandu"])
def test_the_clock_is_that_of_the_timeline(zone):
    """The same power in another zone departs at seven there."""
    timeline = Timeline(pd.Timestamp("2026-05-04 18:00", tz=zone), 0.5, 96)
    (left,) = sessions(CAR, np.r_[5.0, np.zeros(95)], timeline)["departure"]
    assert left == pd.Timestamp("2026-05-05 07:00", tz=zone)


def test_an_hour_that_no_step_begins_in_is_kept():
    """At 23:45, with steps of an hour, the car leaves at midnight."""
    late = dataclasses.replace(CAR, departure_hour=23.75)
    timeline = Timeline(START, 1.0, 48)
    drawn_kw = np.zeros(48)
    drawn_kw[20] = 5.0
    (left,) = sessions(late, drawn_kw, timeline)["departure"]
    assert left == START + pd.Timedelta(days=1)


def test_a_second_session_on_the_same_evening_ends_the_first():
    """The trip between takes no step: it is used in the last one before the second arrival."""
    timeline = Timeline(START, 0.5, 96)
    drawn_kw = np.zeros(96)
    drawn_kw[36:38], drawn_kw[40:41] = 10.0, 4.0
    store = vehicle_store(CAR, drawn_kw, timeline)
    table = sessions(CAR, drawn_kw, timeline)
    assert table["departure"][0] == table["arrival"][1] == timeline.index[40]
    assert store.used_kwh[39] == pytest.approx(0.9 * 2.0)
    assert store.lower_kwh[40] == pytest.approx(40.0 - 0.9 * 2.0)
    assert (store.charge_limit_kwh[36:62] > 0).all()


def test_a_timeline_that_begins_with_a_session_begins_after_its_trip():
    """The car arrives with what it will charge missing; the rest of the night is its own."""
    timeline = Timeline(START, 1.0, 24)
    store = vehicle_store(CAR, np.r_[10.0, 10.0, np.zeros(22)], timeline)
    assert store.initial_kwh == pytest.approx(40.0 - 18.0)
    assert (store.used_kwh == 0).all()


def test_a_timeline_that_ends_in_a_session_ends_as_full_as_without_control():
    """Nothing can be left to be charged after the end."""
    timeline = Timeline(START, 1.0, 24)
    store = vehicle_store(CAR, np.r_[np.zeros(22), 10.0, 10.0], timeline)
    assert store.lower_kwh[-1] == pytest.approx(40.0)
    table = sessions(CAR, np.r_[np.zeros(22), 10.0, 10.0], timeline)
    assert table["departure"][0] == timeline.end


def test_a_session_above_the_capacity_goes_below_zero_and_no_further():
    """60 kWh into a battery of 40: it arrives 14 kWh below empty, and is full when it leaves."""
    timeline = Timeline(START, 1.0, 48)
    drawn_kw = np.zeros(48)
    drawn_kw[18:24] = 10.0
    store = vehicle_store(dataclasses.replace(CAR, bidirectional=True), drawn_kw, timeline)
    assert store.lower_kwh.min() == pytest.approx(40.0 - 54.0)
    assert store.lower_kwh[18:24] == pytest.approx([-14.0, -5.0, 0.0, 0.0, 0.0, 0.0])
    assert store.lower_kwh[31] == pytest.approx(40.0)
    assert (store.upper_kwh <= 40.0 + 1e-9).all()


def test_only_a_bidirectional_car_feeds_back():
    """With the charger's power, while it is plugged in."""
    timeline = Timeline(START, 1.0, 48)
    drawn_kw = np.zeros(48)
    drawn_kw[18] = 10.0
    one_way = vehicle_store(CAR, drawn_kw, timeline)
    both_ways = vehicle_store(
        dataclasses.replace(CAR, bidirectional=True, wear_per_kwh=0.1), drawn_kw, timeline
    )
    assert (one_way.discharge_limit_kwh == 0).all()
    np.testing.assert_array_equal(both_ways.discharge_limit_kwh, both_ways.charge_limit_kwh)
    assert both_ways.wear_per_kwh == 0.1


def test_a_car_that_is_never_charged_has_no_sessions():
    """It is away all the time, and needs nothing."""
    timeline = Timeline(START, 1.0, 24)
    store = vehicle_store(CAR, np.zeros(24), timeline)
    assert (store.charge_limit_kwh == 0).all()
    assert len(sessions(CAR, np.zeros(24), timeline)) == 0


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
def test_a_year_of_measured_sessions(step_h):
    """About 200 sessions with the year's energy, and the profile is a plan of the store."""
    member = Member(name="ann", bus=1, yearly_kwh=1.0, vehicle=ElectricVehicle())
    year = Timeline.year(2026, step_h=step_h)
    drawn_kw = vehicle_profiles(Community((member,)), year, seed=1)["ann"].to_numpy()
    table = sessions(member.vehicle, drawn_kw, year)
    store = vehicle_store(member.vehicle, drawn_kw, year)
    stored = follow(store, drawn_kw * step_h)

    assert 150 < len(table) < 260
    assert table["energy_kwh"].sum() == pytest.approx(0.92 * 2500.0, rel=1e-9)
    assert (stored >= store.lower_kwh - 1e-9).all()
    assert (stored <= store.upper_kwh + 1e-9).all()
    assert str(table["arrival"].dt.tz) == "Europe/Zurich"


@pytest.mark.parametrize(
    ("drawn_kw", "message"),
    [
        (np.zeros(3), r"drawn_kw has shape \(3,\), expected \(4,\)"),
        (np.array([0.0, -1.0, 0.0, 0.0]), "drawn_kw is -1.0 at 2026-03-27 01:00"),
        (np.array([0.0, 0.0, np.nan, 0.0]), "drawn_kw is nan at 2026-03-27 02:00"),
    ],
)
def test_impossible_powers_are_refused(drawn_kw, message):
    """The message names what and when."""
    with pytest.raises(InputError, match=message):
        vehicle_store(CAR, drawn_kw, Timeline(START, 1.0, 4))
