"""A battery in pictures: what it does, what its energy is worth, and when it pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, LabelError
from nemogrid.plots.charges import LINES
from nemogrid.plots.profiles import by_day_and_hour
from nemogrid.plots.theme import COLOURS
from nemogrid.timeline import Period, Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLAN_COLUMNS = ("net_kw", "meter_kw", "charge_kw", "discharge_kw", "stored_kwh", "value")


def storage_days(plan: pd.DataFrame, axes: Sequence[Axes], *, unit: str = "CHF") -> Sequence[Axes]:
    """Draw some days of a battery: power, stored energy, and the price of stored energy.

    Parameters
    ----------
    plan : pandas.DataFrame
        Equal steps with the columns of `PLAN_COLUMNS`, as `nemogrid.studies.storage.plan_table`
        gives them.
    axes : sequence of three Axes
        Where to draw, from the top.
    unit : str
        Unit of the money.

    Returns
    -------
    sequence of Axes

    Raises
    ------
    LabelError
        If a column is missing.
    InputError
        If there are not three axes, or fewer than two steps.
    """
    missing = [column for column in PLAN_COLUMNS if column not in plan]
    if missing:
        raise LabelError(f"storage days: columns missing {missing}")
    if len(axes) != 3 or len(plan) < 2:
        raise InputError(
            f"storage days: {len(axes)} axes and {len(plan)} steps, expected 3 and 2 or more"
        )
    hours = (plan.index - plan.index[0]) / pd.Timedelta(hours=1)
    x = np.r_[hours, 2 * hours[-1] - hours[-2]]
    top, middle, low = axes

    def stepped(column: str) -> np.ndarray:
        values = plan[column].to_numpy(dtype=float)
        return np.r_[values, values[-1]]

    top.step(x, stepped("net_kw"), where="post", color=COLOURS["load"], label="net load")
    top.fill_between(
        x, stepped("charge_kw"), step="post", color=COLOURS["pv"], alpha=0.8, label="charged"
    )
    top.fill_between(
        x, -stepped("discharge_kw"), step="post", color=COLOURS["import"], alpha=0.7,
        label="discharged",
    )  # fmt: skip
    top.axhline(0.0, color=COLOURS["wire"], linewidth=0.8, zorder=0)
    top.set_ylabel("power [kW]")
    top.legend(loc="lower left", bbox_to_anchor=(-0.05, 1.0), ncols=3, columnspacing=1.2)
    stored = plan["stored_kwh"].to_numpy(dtype=float)
    middle.plot(x[1:], stored, color=COLOURS["load"])
    middle.fill_between(x[1:], stored, color=COLOURS["storage"], alpha=0.55, linewidth=0)
    middle.set_ylim(bottom=0.0)
    middle.set_ylabel("stored [kWh]")
    low.step(x, stepped("value"), where="post", color=COLOURS["local"])
    low.set_ylim(bottom=0.0)
    low.set_ylabel(f"price of stored\nenergy [{unit}/kWh]")
    every = 6 if x[-1] <= 49 else 24
    for ax in axes:
        ax.set_xlim(x[0], x[-1])
        ax.set_xticks(np.arange(0, x[-1] + 1e-9, every))
    start = plan.index[0]
    low.set_xlabel(f"hours since {start.day} {start:%B}, {start:%H:%M} [h]")
    return axes


def value_map(value: pd.Series, timeline: Timeline, ax: Axes, *, unit: str = "CHF") -> Axes:
    """Draw a year of prices of stored energy as a map: days to the right, hours upwards.

    Parameters
    ----------
    value : pandas.Series, shape (T,)
        Price of stored energy [money per kWh].
    timeline : Timeline
        The T steps.
    ax : Axes
        Where to draw; its figure also gets the colour bar.
    unit : str
        Unit of the money.

    Returns
    -------
    Axes
    """
    table = by_day_and_hour(value, timeline)
    image = ax.imshow(
        table.to_numpy(), origin="lower", aspect="auto", cmap="cividis",
        extent=(0, table.shape[1], 0, 24), interpolation="nearest",
    )  # fmt: skip
    ax.set_yticks([0, 6, 12, 18, 24], ["00:00", "06:00", "12:00", "18:00", "24:00"])
    first = timeline.first_steps(Period.MONTH)
    days, names = timeline.day[first], [f"{day:%b}" for day in timeline.index[first]]
    every = 2 if len(days) > 7 else 1
    ax.set_xticks(days[::every], names[::every])
    ax.set(xlabel=f"day of {timeline.start.year}", ylabel="local time")
    bar = ax.figure.colorbar(
        image, ax=ax, label=f"price of stored energy [{unit} per kWh]", pad=0.02, aspect=18
    )
    bar.outline.set_visible(False)
    return ax


def lines_over(
    table: pd.DataFrame,
    ax: Axes,
    *,
    xlabel: str,
    ylabel: str,
    bands: dict[str, tuple[float, float]] | None = None,
) -> Axes:
    """Draw a line for each column, over bands to compare with.

    Parameters
    ----------
    table : pandas.DataFrame
        The index is the x axis; columns are named in the legend.
    ax : Axes
        Where to draw.
    xlabel, ylabel : str
        With units.
    bands : dict of str to (float, float), optional
        Ranges on the y axis, with a name that is written into them.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there are no columns, or more than lines that can be told apart.
    """
    if not 1 <= table.shape[1] <= len(LINES):
        raise InputError(f"lines: {table.shape[1]} columns, expected 1 to {len(LINES)}")
    x = table.index.to_numpy(dtype=float)
    for (name, column), (colour, dash) in zip(table.items(), LINES, strict=False):
        ax.plot(x, column.to_numpy(dtype=float), color=colour, linestyle=dash, label=name)
    for name, (low, high) in (bands or {}).items():
        ax.axhspan(low, high, color=COLOURS["wire"], alpha=0.25, linewidth=0, zorder=0)
        ax.annotate(
            name, (1.0, (low + high) / 2), xycoords=("axes fraction", "data"), xytext=(-4, 0),
            textcoords="offset points", ha="right", va="center", fontsize=10,
        )  # fmt: skip
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(bottom=0.0)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, columnspacing=1.2)
    return ax


def spread_strips(
    table: pd.DataFrame,
    ax: Axes,
    *,
    xlabel: str,
    bands: dict[str, tuple[float, float]] | None = None,
) -> Axes:
    """Draw every member as a mark, a row for each column, with the median of the row.

    Parameters
    ----------
    table : pandas.DataFrame, shape (N, K)
        Members and cases.
    ax : Axes
        Where to draw.
    xlabel : str
        With its unit.
    bands : dict of str to (float, float), optional
        Ranges on the x axis, with a name that is written above them.

    Returns
    -------
    Axes
    """
    for row, name in enumerate(table.columns):
        x = table[name].to_numpy(dtype=float)
        ax.plot(
            x, np.full(len(x), row), "o", color=COLOURS["prosumers"], alpha=0.75, markersize=7,
            markeredgecolor="black", markeredgewidth=0.5, linestyle="none",
        )  # fmt: skip
        ax.plot([np.median(x)] * 2, [row - 0.28, row + 0.28], color=COLOURS["load"], linewidth=2.4)
    for name, (low, high) in (bands or {}).items():
        ax.axvspan(low, high, color=COLOURS["wire"], alpha=0.25, linewidth=0, zorder=0)
        ax.annotate(
            name, ((low + high) / 2, 1.02), xycoords=("data", "axes fraction"), ha="center",
            va="bottom", fontsize=10,
        )  # fmt: skip
    ax.set_yticks(range(table.shape[1]), list(table.columns))
    ax.set_ylim(table.shape[1] - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(left=0.0)
    ax.set_xlabel(xlabel)
    return ax
