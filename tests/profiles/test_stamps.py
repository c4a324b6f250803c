import re

import pandas as pd
import pytest

from nemogrid.errors import InputError
from nemogrid.profiles import read_meters


def read(folder, stamps, **settings):
    """Read a file of one member with these times."""
    path = folder / "load.csv"
    path.write_text("time,a\n" + "".join(f"{stamp},1\n" for stamp in stamps))
    return read_meters(path, unit="kW", **settings).timeline


def stamps(start, end, freq="30min", tz="Europe/Zurich"):
    """Times of a zone."""
    return pd.date_range(start, end, freq=freq, tz=tz)


def iso(times, *, naive=False):
    """Times as text, without their offset if naive."""
    return [(t.tz_localize(None) if naive else t).isoformat() for t in times]


def test_zone_of_one_offset(tmp_path):
    """Without a zone the calendar has the offset of the times."""
    timeline = read(tmp_path, ["2026-01-01T00:00+01:00", "2026-01-01T00:15+01:00"])

    assert timeline.step_h == 0.25
    assert timeline.start.utcoffset() == pd.Timedelta(hours=1)
    assert read(tmp_path, ["2026-01-01T00:00Z", "2026-01-01T01:00Z"]).start.utcoffset() == (
        pd.Timedelta(0)
    )


def test_named_zone_gives_the_calendar(tmp_path):
    """Times in UTC are read into the calendar of the zone that is named."""
    times = stamps("2026-03-28", "2026-03-31", tz="UTC")
    timeline = read(tmp_path, iso(times), timezone="Europe/Zurich")

    assert str(timeline.start.tz) == "Europe/Zurich"
    assert (timeline.index == times).all()


def test_offset_that_changes_needs_a_zone(tmp_path):
    """Local times over a change of the clocks are complete, but say not where they are."""
    times = iso(stamps("2026-03-29", "2026-03-30"))

    assert read(tmp_path, times, timezone="Europe/Zurich").n_steps == len(times) == 47
    with pytest.raises(InputError, match=r"line 6: the offset .* name the zone with timezone="):
        read(tmp_path, times)


def test_naive_times(tmp_path):
    """Times without offset need a zone; with one they are its local times."""
    times = iso(stamps("2026-05-01", "2026-05-02"), naive=True)

    timeline = read(tmp_path, times, timezone="Europe/Zurich")
    assert str(timeline.start) == "2026-05-01 00:00:00+02:00"
    with pytest.raises(InputError, match=r"load\.csv, line 2: the time 2026-05-01 00:00:00 has no"):
        read(tmp_path, times)
    mixed = ["2026-05-01T00:00+02:00", "2026-05-01T00:30"]
    for zone in (None, "Europe/Zurich"):
        with pytest.raises(InputError, match="line 3: the time 2026-05-01 00:30:00 has no offset"):
            read(tmp_path, mixed, timezone=zone)


def test_naive_times_over_the_change_to_summer_time(tmp_path):
    """The hour that the clock skips may be absent, as on the clock, and must not be there."""
    times = iso(stamps("2026-03-29", "2026-03-30"), naive=True)
    assert read(tmp_path, times, timezone="Europe/Zurich").n_steps == 47

    wrong = iso(stamps("2026-03-29", "2026-03-30", tz="UTC"), naive=True)
    with pytest.raises(InputError, match=r"line 6: 2026-03-29 02:00:00 does not exist in Europe/Z"):
        read(tmp_path, wrong, timezone="Europe/Zurich")


@pytest.mark.parametrize("twice", [True, False])
def test_naive_times_over_the_change_to_winter_time(tmp_path, twice):
    """The hour that the clock shows twice cannot be told apart, given once or twice."""
    times = iso(stamps("2026-10-25", "2026-10-26"), naive=True)
    times = times if twice else list(dict.fromkeys(times))
    with pytest.raises(InputError, match=r"line 6: 2026-10-25 02:00:00 exists twice in Europe/Zur"):
        read(tmp_path, times, timezone="Europe/Zurich")


def test_missing_readings(tmp_path):
    """A gap names the lines' times, how many are missing and the usual step."""
    times = iso(stamps("2026-05-01", "2026-05-02", tz="UTC"))
    del times[5:7]
    message = (
        "line 7: 2 missing between 2026-05-01 02:00:00+00:00 and 2026-05-01 03:30:00+00:00, "
        "expected steps of 30 minutes"
    )
    with pytest.raises(InputError, match=re.escape(message) + "$"):
        read(tmp_path, times)


def test_gap_at_a_change_of_the_clocks(tmp_path):
    """Local times to which a constant offset was appended lack an hour, and the reason is told."""
    local = iso(stamps("2026-03-29", "2026-03-30"), naive=True)
    with pytest.raises(InputError, match=r"line 6: 2 missing .*daylight saving time changes"):
        read(tmp_path, [f"{t}+01:00" for t in local], timezone="Europe/Zurich")


def test_hour_twice_at_a_change_of_the_clocks(tmp_path):
    """The same in autumn gives an hour twice."""
    local = iso(stamps("2026-10-25", "2026-10-26"), naive=True)
    with pytest.raises(
        InputError, match=r"line 8: .* was already given in line 6 \(daylight saving time changes"
    ):
        read(tmp_path, [f"{t}+01:00" for t in local], timezone="Europe/Zurich")


def test_duplicate_time(tmp_path):
    """A time that was given before names both lines, also in another offset."""
    times = iso(stamps("2026-05-01", "2026-05-02", tz="UTC"))
    for again in (times[3], "2026-05-01T03:30+02:00"):
        with pytest.raises(InputError, match="line 6: the time 2026-05-01 01:30:00.* in line 5$"):
            read(tmp_path, [*times[:4], again, *times[4:]], timezone="UTC")


def test_unsorted_time(tmp_path):
    """A step back names the line and the time before it."""
    times = iso(stamps("2026-05-01", "2026-05-02", tz="UTC"))
    times[4], times[9] = times[9], times[4]
    with pytest.raises(InputError, match="line 7: the time .* 02:30.* is earlier than .* 04:30"):
        read(tmp_path, times)


def test_irregular_step(tmp_path):
    """A reading off the grid names line, found and expected distance."""
    times = iso(stamps("2026-05-01", "2026-05-02", tz="UTC"))
    times[4] = "2026-05-01T02:01+00:00"
    with pytest.raises(InputError, match="line 6: 31 minutes from .* expected steps of 30 minutes"):
        read(tmp_path, times)


@pytest.mark.parametrize(
    "stamp",
    ["", "01.05.2026 00:30", "2026-02-30T00:00Z", "24:00", "0001-01-01T00:00Z", "9999-12-31"],
)
def test_no_time(tmp_path, stamp):
    """Whatever is not a time in ISO 8601 of this age is shown with its line."""
    with pytest.raises(InputError, match=re.escape(f"line 3: the time is {stamp!r}, expected one")):
        read(tmp_path, ["2026-05-01T00:00Z", stamp])


def test_no_time_in_a_table():
    """A missing time, or a number in its place, names the row."""
    index = pd.DatetimeIndex(["2026-05-01", None], tz="UTC")
    with pytest.raises(InputError, match="load readings, row 1: the time is 'NaT'"):
        read_meters(pd.DataFrame({"a": [1.0, 2.0]}, index=index), unit="kW")
    with pytest.raises(InputError, match="load readings, row 0: the time is '7'"):
        read_meters(pd.DataFrame({"t": [7, 8], "a": [1.0, 2.0]}), unit="kW")


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("Europe/Zürich", "did you mean 'Europe/Zurich'"),
        ("+01:00", "expected one such as"),
        ("../../etc/passwd", "is not an IANA name"),
        (5, "timezone 5 is not an IANA name"),
    ],
)
def test_unknown_zone(tmp_path, zone, hint):
    """A zone that IANA does not list is refused, near names are suggested."""
    with pytest.raises(InputError, match=re.escape(hint)):
        read(tmp_path, ["2026-05-01T00:00", "2026-05-01T00:30"], timezone=zone)
