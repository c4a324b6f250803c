"""Flexible stores in pictures: the corridor of stored energy, and what is drawn inside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, LabelError
from nemogrid.plots.theme import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

_PLANS = {"uncontrolled": (COLOURS["dso"], "--"), "optimum": (COLOURS["import"], "-")}


def store_corridor(
    table: pd.DataFrame, axes: Sequence[Axes], *, price: pd.Series | None = None
) -> Sequence[Axes]:
    """Draw what a store draws, and the stored energy inside the corridor that it must keep.

    Parameters
    ----------
    table : pandas.DataFrame
        Equal steps with the columns ``lower_kwh`` and ``upper_kwh`` (the corridor), ``<plan>_kw``
        and ``<plan>_kwh`` of the plans ``uncontrolled`` and ``optimum``, energies at the end of the
        step; `nemogrid.studies.flexible.store_table` gives it.
    axes : sequence of two Axes
        Where to draw: power above, energy below.
    price : pandas.Series, optional
        Price of import by step; steps above the middle of its range are shaded.

    Returns
    -------
    sequence of Axes

    Raises
    ------
    LabelError
        If a column is missing, or the price has other steps.
    InputError
        If there are not two axes, or fewer than two steps.
    """
    wanted = ["lower_kwh", "upper_kwh"] + [f"{p}_{u}" for p in _PLANS for u in ("kw", "kwh")]
    missing = [column for column in wanted if column not in table]
    if missing:
        raise LabelError(f"store corridor: columns missing {missing}")
    if price is not None and not price.index.equals(table.index):
        raise LabelError("store corridor: the price has other steps than the table")
    if len(axes) != 2 or len(table) < 2:
        raise InputError(
            f"store corridor: {len(axes)} axes and {len(table)} steps, expected 2 and 2 or more"
        )
    top, low = axes
    x = _hours(table.index)
    for name, (colour, dash) in _PLANS.items():
        power = table[f"{name}_kw"].to_numpy(dtype=float)
        energy = table[f"{name}_kwh"].to_numpy(dtype=float)
        top.step(x, np.r_[power, power[-1]], where="post", color=colour, linestyle=dash)
        low.plot(x[1:], energy, color=colour, linestyle=dash, label=name)
    low.fill_between(
        x[1:], table["lower_kwh"].to_numpy(dtype=float), table["upper_kwh"].to_numpy(dtype=float),
        color=COLOURS["storage"], alpha=0.45, linewidth=0, zorder=0, label="allowed",
    )  # fmt: skip
    if price is not None and np.ptp(price) > 0:
        _shade(price, x, axes)
    top.axhline(0.0, color=COLOURS["wire"], linewidth=0.8, zorder=0)
    top.set_ylabel("power [kW]")
    low.set_ylabel("stored [kWh]")
    handles, labels = low.get_legend_handles_labels()
    top.legend(
        handles, labels, loc="lower left", bbox_to_anchor=(-0.08, 1.0), ncols=3, columnspacing=1.2
    )  # fmt: skip
    _time_axis(table.index, axes)
    return axes


def panels_over_time(
    panels: Mapping[str, pd.DataFrame],
    axes: Sequence[Axes],
    *,
    styles: Mapping[str, tuple[str, str]],
) -> Sequence[Axes]:
    """Draw tables of the same steps one above the other, a step line for each column.

    Parameters
    ----------
    panels : mapping of str to pandas.DataFrame
        By label of the y axis with its unit; all of the same equal steps.
    axes : sequence of Axes
        As many as there are panels, from the top.
    styles : mapping of str to (str, str)
        Colour and line style by name of the column.

    Returns
    -------
    sequence of Axes

    Raises
    ------
    InputError
        If there are not as many axes as panels.
    LabelError
        If the panels have different steps, or a column has no style.
    """
    if len(axes) != len(panels) or not panels:
        raise InputError(f"panels: {len(axes)} axes for {len(panels)} panels")
    index = next(iter(panels.values())).index
    x = _hours(index)
    drawn: dict[str, Line2D] = {}
    for ax, (label, table) in zip(axes, panels.items(), strict=True):
        unknown = [name for name in table if name not in styles]
        if unknown or not table.index.equals(index):
            raise LabelError(f"panel {label!r}: other steps, or columns without a style {unknown}")
        for name, column in table.items():
            values = column.to_numpy(dtype=float)
            colour, dash = styles[str(name)]
            (line,) = ax.step(
                x, np.r_[values, values[-1]], where="post", color=colour, linestyle=dash
            )
            drawn.setdefault(str(name), line)
        ax.set_ylabel(label)
    axes[0].legend(
        list(drawn.values()), list(drawn), loc="lower left", bbox_to_anchor=(-0.08, 1.0),
        ncols=3 if len(drawn) == 3 else 2, columnspacing=1.2,
    )  # fmt: skip
    _time_axis(index, axes)
    return axes


def _hours(index: pd.Index) -> np.ndarray:
    """Starts of the steps and the end of the last one, in hours since the first midnight."""
    first = index[0].normalize()
    hours = np.asarray((index - first) / pd.Timedelta(hours=1))
    return np.r_[hours, 2 * hours[-1] - hours[-2]]


def _time_axis(index: pd.Index, axes: Sequence[Axes]) -> None:
    x = _hours(index)
    span = x[-1] - x[0]
    every = 3 if span <= 24 else 6 if span <= 48 else 12 if span <= 84 else 24
    for ax in axes:
        ax.set_xlim(x[0], x[-1])
        ax.set_xticks(np.arange(np.ceil(x[0] / every) * every, x[-1] + 1e-9, every))
    start = index[0]
    axes[-1].set_xlabel(f"hours since midnight of {start:%A}, {start.day} {start:%B} [h]")


def _shade(price: pd.Series, x: np.ndarray, axes: Sequence[Axes]) -> None:
    values = price.to_numpy(dtype=float)
    dear = np.r_[False, values > (values.min() + values.max()) / 2, False].astype(int)
    begins, ends = np.flatnonzero(np.diff(dear) == 1), np.flatnonzero(np.diff(dear) == -1)
    for begin, end in zip(begins, ends, strict=True):
        for ax in axes:
            ax.axvspan(
                x[begin], x[end], color=COLOURS["wire"], alpha=0.22, linewidth=0, zorder=-1
            )  # fmt: skip
