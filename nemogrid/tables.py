"""Tables by step and member: labels match exactly, values are numbers, or the check raises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, LabelError, listed
from nemogrid.timeline import Timeline


def check_table(
    table: pd.DataFrame, timeline: Timeline, *, what: str, lowest: float = -np.inf
) -> None:
    """Refuse a table whose steps or values are not what they should be.

    Parameters
    ----------
    table : pandas.DataFrame, shape (T, N)
        A row per step, a column per member.
    timeline : Timeline
        The T steps.
    what : str
        What the table holds, with its unit, for the message.
    lowest : float
        Smallest accepted value.

    Raises
    ------
    LabelError
        If the rows are not the steps of the timeline, or a member has two columns.
    InputError
        If a value is not a number or below the lowest, naming member and step.
    """
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"{what}: a {type(table).__name__}, expected a DataFrame")
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise LabelError(f"{what}: more than one column for member {listed(twice)}")
    if len(table) != timeline.n_steps:
        raise LabelError(f"{what}: {len(table)} steps, expected {timeline.n_steps}")
    if not table.index.equals(timeline.index):
        raise LabelError(
            f"{what}: the steps from {table.index[0]} do not match the timeline, which starts "
            f"{timeline.start} and has steps of {timeline.step_h} h"
        )
    for name, dtype in table.dtypes.items():
        if dtype.kind not in "fiu":
            raise InputError(f"{what} of {name!r}: values of type {dtype}, expected numbers")
    values = table.to_numpy(dtype=float)
    wrong = ~np.isfinite(values) | (values < lowest)
    if wrong.any():
        step, column = (int(i) for i in np.argwhere(wrong)[0])
        raise InputError(
            f"{what} of member {table.columns[column]!r} at {table.index[step]} is "
            f"{values[step, column]}: expected a finite number"
            + (f" of at least {lowest:g}" if np.isfinite(lowest) else "")
        )


def require_same_members(table: pd.DataFrame, names: Any, *, what: str) -> None:
    """Refuse a table whose columns are not these members in this order.

    Parameters
    ----------
    table : pandas.DataFrame
        A column per member.
    names : sequence of str
        The members expected.
    what : str
        What the table holds, for the message.

    Raises
    ------
    LabelError
        Naming the members that are missing, unknown or out of order.
    """
    got, expected = list(table.columns), list(names)
    if got == expected:
        return
    missing = [n for n in expected if n not in set(got)]
    unknown = [n for n in got if n not in set(expected)]
    detail = "; ".join(
        [f"no column for {listed(missing)}"] * bool(missing)
        + [f"unknown member {listed(unknown)}"] * bool(unknown)
    )
    raise LabelError(f"{what}: {detail or 'the members are the same but in another order'}")
