"""Times of meter readings: made aware of their zone, in order and equally far apart, or refused."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import available_timezones

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, listed

_MINUTE_NS = 60_000_000_000


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Where each reading stands, for messages."""

    file: str
    numbers: Sequence[int]
    word: str = "line"

    def __getitem__(self, row: int) -> str:
        return f"{self.file}, {self.word} {self.numbers[row]}"


def as_moment(stamp: Any) -> datetime | None:
    """Read a time in ISO 8601; None if it is not one.

    Examples
    --------
    >>> as_moment("2026-01-01T00:30+01:00").isoformat(), as_moment("01.01.2026 00:30")
    ('2026-01-01T00:30:00+01:00', None)
    """
    if isinstance(stamp, datetime):
        return None if pd.isna(stamp) else stamp
    try:
        return datetime.fromisoformat(stamp.strip())
    except (AttributeError, ValueError):
        return None


def moment_at(stamp: Any, lines: Lines, row: int) -> datetime:
    """Read the time of one reading, or raise naming its line."""
    moment = as_moment(stamp)
    if moment is None or not 1900 <= moment.year < 2200:
        raise InputError(
            f"{lines[row]}: the time is {str(stamp)!r}, expected one such as 2026-01-01T00:30+01:00"
        )
    return moment


def zone_name(name: str) -> str:
    """Return the name of a zone if IANA knows it, or raise and suggest near ones.

    Raises
    ------
    InputError
        If there is no such zone.
    """
    if name not in available_timezones():
        near = difflib.get_close_matches(str(name), available_timezones(), n=2)
        hint = f"did you mean {listed(near)}?" if near else "expected one such as 'Europe/Zurich'"
        raise InputError(f"timezone {name!r} is not an IANA name: {hint}")
    return name


def zoned_times(
    moments: list[datetime], zone: str | tzinfo | None, lines: Lines
) -> pd.DatetimeIndex:
    """Bring times into one zone and refuse what is out of order or not equally far apart.

    Parameters
    ----------
    moments : list of datetime
        Start of each step.
    zone : str, tzinfo or None
        Where they are; None if their one offset from UTC tells.
    lines : Lines
        Where they stand, for messages.

    Returns
    -------
    pandas.DatetimeIndex, shape (T,)

    Raises
    ------
    InputError
        If times are naive, ambiguous, inexistent, missing, twice, out of order or not equally far
        apart, or their offset changes and no zone is named.
    """
    naive = [i for i, moment in enumerate(moments) if moment.tzinfo is None]
    if naive and (zone is None or len(naive) < len(moments)):
        raise InputError(
            f"{lines[naive[0]]}: the time {moments[naive[0]]} has no offset from UTC: write it as "
            "2026-01-01T00:30+01:00, or name the zone of all times with timezone="
        )
    if naive:
        times = _localised(pd.DatetimeIndex(moments), zone, lines)
    else:
        offsets = [moment.utcoffset() for moment in moments]
        changed = next((i for i, offset in enumerate(offsets) if offset != offsets[0]), None)
        if zone is None and changed is not None:
            raise InputError(
                f"{lines[changed]}: the offset from UTC changes to that of {moments[changed]}: "
                "name the zone with timezone=, so that days and months can be told apart"
            )
        times = pd.to_datetime(moments, utc=True).tz_convert(zone or moments[0].tzinfo)
    _require_equal_steps(times, lines)
    return times


def nanoseconds(times: pd.DatetimeIndex) -> np.ndarray:
    """Count from 1970 in UTC [ns], shape (T,)."""
    return times.as_unit("ns").asi8


def _localised(
    naive: pd.DatetimeIndex, zone: str | tzinfo | None, lines: Lines
) -> pd.DatetimeIndex:
    times = naive.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    lost = np.flatnonzero(times.isna())
    if len(lost):
        row = int(lost[0])
        one = naive[[row]].tz_localize(zone, ambiguous=np.array([True]), nonexistent="NaT")
        what = "does not exist" if one.isna()[0] else "exists twice"
        raise InputError(
            f"{lines[row]}: {naive[row]} {what} in {zone}, where daylight saving time changes: "
            "write times with their offset from UTC"
        )
    return times


def _require_equal_steps(times: pd.DatetimeIndex, lines: Lines) -> None:
    instants = nanoseconds(times)
    gaps = np.diff(instants)
    back = np.flatnonzero(gaps <= 0)
    if len(back):
        row = int(back[0]) + 1
        before = np.flatnonzero(instants[:row] == instants[row])
        what = (
            f"was already given in {lines.word} {lines.numbers[int(before[0])]}"
            if len(before)
            else f"is earlier than the one before it, {times[row - 1]}"
        )
        raise InputError(f"{lines[row]}: the time {times[row]} {what}{_saving(times, row)}")
    if not len(gaps):
        return
    lengths, counts = np.unique(gaps, return_counts=True)
    step = int(lengths[counts.argmax()])
    odd = np.flatnonzero(gaps != step)
    if len(odd):
        row = int(odd[0]) + 1
        gap = int(gaps[row - 1])
        minutes, usual = gap / _MINUTE_NS, step / _MINUTE_NS
        what = (
            f"{gap // step - 1} missing between {times[row - 1]} and {times[row]}"
            if gap % step == 0
            else f"{minutes:g} minutes from {times[row - 1]} to {times[row]}"
        )
        raise InputError(
            f"{lines[row]}: {what}, expected steps of {usual:g} minutes{_saving(times, row)}"
        )


def _saving(times: pd.DatetimeIndex, row: int) -> str:
    """Say so when the clocks change within a day of a faulty time."""
    day = pd.Timedelta(days=1)
    change = (times[row] + day).utcoffset() != (times[row] - day).utcoffset()
    return " (daylight saving time changes about then)" if change else ""
