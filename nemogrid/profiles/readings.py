"""Meter readings as they stand in a file or a table, checked cell by cell."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, LabelError, listed
from nemogrid.profiles.stamps import Lines, as_moment, moment_at, zoned_times

Source = str | os.PathLike[str] | pd.DataFrame


@dataclass(frozen=True, kw_only=True, eq=False)
class Readings:
    """Checked readings of one source.

    Parameters
    ----------
    file : str
        Name of the source, for messages.
    times : pandas.DatetimeIndex, shape (T,)
        Start of each step, in its zone, equally far apart.
    names : list of str, length N
        Members.
    amounts : numpy.ndarray, shape (T, N)
        Readings, finite and not negative, in the unit of the source.
    lines : Lines
        Where each step stands in the source.
    """

    file: str
    times: pd.DatetimeIndex
    names: list[str]
    amounts: np.ndarray
    lines: Lines


def read_source(source: Source, zone: str | None, *, called: str) -> Readings:
    """Read and check a file or a table.

    Parameters
    ----------
    source : path or pandas.DataFrame
        Times first, then a column per member.
    zone : str or None
        IANA name of the zone of the times, if they do not tell.
    called : str
        What a table is called in messages.

    Returns
    -------
    Readings

    Raises
    ------
    LabelError
        If a member has two columns.
    InputError
        If anything else is wrong, naming the line (of a table: the row, from 0).
    """
    if isinstance(source, pd.DataFrame):
        return _read_frame(source, zone, called)
    if isinstance(source, str | os.PathLike):
        return _read_csv(Path(source), zone)
    raise InputError(f"{called} are a {type(source).__name__}: expected a path or a DataFrame")


def _read_csv(path: Path, zone: str | None) -> Readings:
    file = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not a text file in UTF-8 (byte {error.start})") from None
    except ValueError as error:
        raise InputError(f"{file}: {error}") from None
    except csv.Error as error:
        raise InputError(f"{file}, line {reader.line_num}: {error}") from None
    while rows and not rows[-1][1]:
        rows.pop()
    if not rows:
        raise InputError(f"{file}: empty, expected a header line and readings")
    (head_line, header), body = rows[0], rows[1:]
    names = _names(header, f"{file}, line {head_line}")
    for line, row in body:
        if len(row) != len(header):
            raise InputError(
                f"{file}, line {line}: {len(row)} fields, expected {len(header)} as in the header"
            )
    if not body:
        raise InputError(f"{file}: a header and no readings")
    lines = Lines(file=file, numbers=[line for line, _ in body])
    times = zoned_times(
        [moment_at(row[0], lines, i) for i, (_, row) in enumerate(body)], zone, lines
    )
    plain = "_" not in text.partition("\n")[2]
    values = _values([row[1:] for _, row in body], names, times, lines, plain=plain)
    return Readings(file=file, times=times, names=names, amounts=values, lines=lines)


def _read_frame(table: pd.DataFrame, zone: str | None, called: str) -> Readings:
    if isinstance(table.index, pd.DatetimeIndex):
        stamps: Any = table.index
    elif len(table.columns):
        stamps, table = table.iloc[:, 0], table.iloc[:, 1:]
    else:
        stamps = table.index
    names = _names(["time", *table.columns], called)
    if table.empty:
        raise InputError(f"{called}: empty, expected a row per step")
    lines = Lines(file=called, numbers=range(len(table)), word="row")
    moments = [moment_at(stamp, lines, i) for i, stamp in enumerate(stamps)]
    own: str | tzinfo | None = zone
    if zone is None and isinstance(getattr(stamps, "dtype", None), pd.DatetimeTZDtype):
        own = pd.DatetimeIndex(stamps).tz
    times = zoned_times(moments, own, lines)
    plain = all(dtype.kind in "fiu" for dtype in table.dtypes)
    cells = table.to_numpy(dtype=float, na_value=np.nan) if plain else table.to_numpy(dtype=object)
    values = _values(cells, names, times, lines, plain=plain)
    return Readings(file=called, times=times, names=names, amounts=values, lines=lines)


def _names(header: Sequence[Any], where: str) -> list[str]:
    """Check the header: a label for the time, then members that all differ."""
    names = list(header[1:])
    if not names:
        raise InputError(f"{where}: one field, expected the time and members, with commas between")
    if isinstance(header[0], str) and as_moment(header[0]) is not None:
        raise InputError(f"{where}: a reading, expected a header with the names of the members")
    for position, name in enumerate(names):
        if not isinstance(name, str) or not name or name != name.strip():
            raise InputError(
                f"{where}: column {position + 2} is named {name!r}, expected a member's name "
                "without blanks around it"
            )
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise LabelError(f"{where}: more than one column for member {listed(twice)}")
    return names


def _values(
    cells: Any, names: list[str], times: pd.DatetimeIndex, lines: Lines, *, plain: bool
) -> np.ndarray:
    """Make cells into numbers, or name the first that is none; look at each unless plain."""
    try:
        values = np.array(cells, dtype=float)
        if plain and np.isfinite(values).all() and (values >= 0).all():
            return values
    except (TypeError, ValueError):
        pass
    for row, reading in enumerate(cells):
        for name, cell in zip(names, reading, strict=True):
            fault = _fault(cell)
            if fault:
                raise InputError(f"{lines[row]}: member {name!r} at {times[row]}: {fault}")
    return np.array([[float(cell) for cell in reading] for reading in cells])


def _fault(cell: Any) -> str | None:
    """Say what is wrong with a reading, if anything is."""
    if cell is None or cell is pd.NA or (isinstance(cell, str) and not cell.strip()):
        return "no reading"
    try:
        number = float(cell)
    except (TypeError, ValueError):
        return f"{cell!r} is not a number"
    if isinstance(cell, bool | np.bool_) or (isinstance(cell, str) and "_" in cell):
        return f"{cell!r} is not a number"
    if np.isnan(number):
        return "no reading (NaN)"
    if np.isinf(number):
        return "the reading is infinite"
    return f"{number:g} is negative; generation is given by pv=" if number < 0 else None
