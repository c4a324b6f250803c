import numpy as np
import pandas as pd
import pytest

from nemogrid.community import PV, Community, Member
from nemogrid.errors import InputError, LabelError
from nemogrid.profiles import build_profiles, read_meters, require_members
from nemogrid.timeline import Timeline

ANN = Member(name="ann_1", bus=1, yearly_kwh=4500.0, pv=PV(peak_kw=5.0))
BEN = Member(name="ben, Müller", bus=2, yearly_kwh=2100.0)
BOTH = Community((ANN, BEN))


def write(folder, table, name="load.csv", **settings):
    """Write a table as a file of readings, times in ISO 8601."""
    path = folder / name
    stamped = table.set_axis([time.isoformat() for time in table.index])
    stamped.to_csv(path, index_label="time", **settings)
    return path


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("unit", ["kW", "kWh"])
def test_file_round_trip(tmp_path, step_h, unit):
    """A year with both changes of the clocks goes into files and comes back."""
    timeline = Timeline.year(2026, step_h=step_h)
    made = build_profiles(BOTH, timeline, seed=1)
    factor = 1.0 if unit == "kW" else step_h
    load = write(tmp_path, made.load_kw * factor)
    pv = write(tmp_path, made.pv_kw[["ann_1"]] * factor, "pv.csv")

    read = read_meters(load, unit=unit, timezone="Europe/Zurich", pv=pv)

    assert read.timeline == timeline
    pd.testing.assert_frame_equal(read.load_kw, made.load_kw, rtol=1e-12, check_freq=False)
    pd.testing.assert_frame_equal(read.pv_kw, made.pv_kw, rtol=1e-12, check_freq=False)
    assert require_members(read, BOTH) is read


@pytest.mark.parametrize("column", [True, False])
def test_table_round_trip(column):
    """A table is read with times as its index or in its first column, in the zone they have."""
    timeline = Timeline.year(2026)
    made = build_profiles(BOTH, timeline, seed=1)
    source = made.load_kw.reset_index() if column else made.load_kw

    read = read_meters(source, unit="kW", timeline=timeline)

    assert read.timeline is timeline
    pd.testing.assert_frame_equal(read.load_kw, made.load_kw, check_exact=True)
    assert read_meters(source, unit="kW").timeline == timeline
    assert str(read_meters(source, unit="kW").timeline.start.tz) == "Europe/Zurich"


def test_energy_of_a_step_is_power_times_its_length():
    """0.5 kWh in a quarter-hour are 2 kW; kW stay as they are."""
    times = pd.date_range("2026-05-01", periods=3, freq="15min", tz="UTC")
    table = pd.DataFrame({"a": [0.5, 0.25, 0]}, index=times)

    assert read_meters(table, unit="kWh").load_kw["a"].tolist() == [2.0, 1.0, 0.0]
    assert read_meters(table, unit="kW").load_kw["a"].tolist() == [0.5, 0.25, 0.0]


def test_members_without_pv_column_generate_nothing():
    """PV is put under its member, zero under the others."""
    times = pd.date_range("2026-05-01", periods=2, freq="1h", tz="UTC")
    load = pd.DataFrame({"a": [1, 1], "b": [2, 2], "c": [3, 3]}, index=times)
    read = read_meters(load, unit="kW", pv=pd.DataFrame({"b": [5.0, 6.0]}, index=times))

    assert read.pv_kw.to_dict("list") == {"a": [0.0, 0.0], "b": [5.0, 6.0], "c": [0.0, 0.0]}


def test_reactive_power_follows_the_power_factor():
    """By default that of a member; 1 gives none."""
    times = pd.date_range("2026-05-01", periods=2, freq="1h", tz="UTC")
    load = pd.DataFrame({"a": [1.0, 2.0]}, index=times)

    usual = read_meters(load, unit="kW").reactive_kvar["a"]
    assert usual.to_numpy() == pytest.approx(np.array([1, 2]) * np.tan(np.arccos(BEN.power_factor)))
    assert (read_meters(load, unit="kW", power_factor=1.0).reactive_kvar == 0).all(axis=None)


@pytest.mark.parametrize("power_factor", [0.0, -0.5, 1.1, np.nan])
def test_power_factor_must_be_one(power_factor):
    """A power factor lies above 0 and up to 1."""
    with pytest.raises(InputError, match="power factor of the readings is"):
        read_meters(pd.DataFrame(), unit="kW", power_factor=power_factor)


@pytest.mark.parametrize("unit", ["W", "kwh", "", None])
def test_unit_must_be_stated(unit):
    """No other unit than kW and kWh is understood, and none is the default."""
    with pytest.raises(InputError, match="unit of the readings is .* expected 'kW' or 'kWh'"):
        read_meters(pd.DataFrame(), unit=unit)
    with pytest.raises(TypeError):
        read_meters(pd.DataFrame())


@pytest.fixture
def hours():
    """Two members over six half-hours."""
    times = pd.date_range("2026-05-01", periods=6, freq="30min", tz="Europe/Zurich")
    return pd.DataFrame({"a": np.arange(6.0), "b": np.ones(6)}, index=times)


def test_pv_of_a_stranger(tmp_path, hours):
    """A column of PV that is no member names it and both files."""
    load = write(tmp_path, hours)
    pv = write(tmp_path, hours.rename(columns={"b": "bob"}), "pv.csv")

    with pytest.raises(
        LabelError, match=r"pv\.csv: PV of 'bob', who have no column in .*load\.csv"
    ):
        read_meters(load, unit="kW", pv=pv)


def test_pv_of_other_steps(tmp_path, hours):
    """PV must have the steps of the load, one by one."""
    load = write(tmp_path, hours)
    short = write(tmp_path, hours.iloc[:5], "short.csv")
    late = write(tmp_path, hours.shift(freq="30min"), "late.csv")

    with pytest.raises(LabelError, match=r"short\.csv: 5 steps from 2026-05-01 00:00.* expected 6"):
        read_meters(load, unit="kW", pv=short)
    with pytest.raises(
        LabelError, match=r"late\.csv, line 2: time 2026-05-01 00:30:00\+02:00, exp"
    ):
        read_meters(load, unit="kW", pv=late)


def test_expected_timeline(tmp_path, hours):
    """Readings of the expected steps take its zone, all others raise."""
    load = write(tmp_path, hours)
    start = pd.Timestamp("2026-05-01", tz="Europe/Zurich")

    assert read_meters(load, unit="kW", timeline=Timeline(start, 0.5, 6)).load_kw.index.equals(
        hours.index
    )
    with pytest.raises(LabelError, match=r"load\.csv: 6 steps .* expected 7 from"):
        read_meters(load, unit="kW", timeline=Timeline(start, 0.5, 7))
    with pytest.raises(LabelError, match=r"line 3: time 2026-05-01 00:30.*expected 2026-05-01 01:"):
        read_meters(load, unit="kW", timeline=Timeline(start, 1.0, 6))
    other = Timeline(start - pd.Timedelta(hours=24), 0.5, 6)
    with pytest.raises(LabelError, match=r"line 2: time 2026-05-01 00:00.*expected 2026-04-30"):
        read_meters(load, unit="kW", timeline=other)


def test_one_reading(tmp_path, hours):
    """One reading does not tell its length, unless the timeline does."""
    load = write(tmp_path, hours.iloc[:1])

    with pytest.raises(InputError, match=r"load\.csv: one reading does not tell how long"):
        read_meters(load, unit="kW")
    timeline = Timeline(hours.index[0], 0.5, 1)
    assert read_meters(load, unit="kWh", timeline=timeline).load_kw["b"].tolist() == [2.0]


def test_steps_that_do_not_divide_an_hour(hours):
    """Seven-minute steps are equally long and of no use."""
    hours.index = pd.date_range("2026-05-01", periods=6, freq="7min", tz="UTC")
    with pytest.raises(
        InputError, match="load readings: timeline step_h is .* fraction of an hour"
    ):
        read_meters(hours, unit="kW")


def test_members_of_a_community(hours):
    """Profiles must be those of the community, in its order, and PV with those who have it."""
    profiles = read_meters(hours, unit="kW", pv=hours[["a"]])
    a = Member(name="a", bus=1, yearly_kwh=1.0, pv=PV(peak_kw=1.0))
    b = Member(name="b", bus=2, yearly_kwh=1.0)
    plain = Member(name="a", bus=1, yearly_kwh=1.0)
    c = Member(name="c", bus=3, yearly_kwh=1.0)

    assert require_members(profiles, Community((a, b))) is profiles
    with pytest.raises(LabelError, match="no column for 'c'; unknown member 'b'"):
        require_members(profiles, Community((a, c)))
    with pytest.raises(LabelError, match="another order"):
        require_members(profiles, Community((b, a)))
    with pytest.raises(LabelError, match="PV power of 'a', who have no PV"):
        require_members(profiles, Community((plain, b)))
