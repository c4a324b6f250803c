"""Electricity over a day: what the community used, made, traded and bought."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nemogrid.charges import Quantity
from nemogrid.errors import InputError
from nemogrid.outcome import Outcome
from nemogrid.plots.theme import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_AREAS = {
    "home_kw": ("PV used at home", "pv"),
    "local_kw": ("PV sold to neighbours", "local"),
    "retail_bought_kw": ("bought from retailer", "import"),
    "retail_sold_kw": ("PV sold to retailer", "export"),
}


def community_flows(outcome: Outcome) -> pd.DataFrame:
    """Add the flows of all members up.

    Parameters
    ----------
    outcome : Outcome
        A simulated scenario of T steps.

    Returns
    -------
    pandas.DataFrame, shape (T, 5)
        ``load_kw`` is met by ``home_kw`` (PV behind the meter of its owner, stored or not),
        ``local_kw`` (PV of other members) and ``retail_bought_kw``; ``retail_sold_kw`` leaves
        the community [kW].
    """
    clearing = outcome.clearing
    step_h = clearing.timeline.step_h
    power = {quantity: e.sum(axis=1) / step_h for quantity, e in clearing.energy_kwh.items()}
    load_kw = clearing.profiles.load_kw.to_numpy().sum(axis=1)
    return pd.DataFrame(
        {
            "home_kw": load_kw - power[Quantity.IMPORTED],
            "local_kw": power[Quantity.LOCAL_SOLD],
            "retail_bought_kw": power[Quantity.RETAIL_BOUGHT],
            "retail_sold_kw": power[Quantity.RETAIL_SOLD],
            "load_kw": load_kw,
        },
        index=clearing.timeline.index,
    )


def daily_flows(outcome: Outcome, day: Any, ax: Axes) -> Axes:
    """Draw the electricity flows of the community over one day.

    Above zero, how the load was met; below zero, what was left for the retailer.

    Parameters
    ----------
    outcome : Outcome
        A simulated scenario.
    day : str or Timestamp
        Local calendar day.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the timeline has no step on that day.
    """
    timeline = outcome.clearing.timeline
    date = pd.Timestamp(day).date()
    on_day = np.asarray(timeline.index.date == date)
    if not on_day.any():
        last = timeline.index[-1]
        raise InputError(f"no steps on {date}: expected a day from {timeline.start} to {last}")
    flows = community_flows(outcome)[on_day]
    clock_h = timeline.hour[on_day]
    hours = np.arange(len(flows) + 1) * timeline.step_h
    _stack(flows, hours, ax)
    sharp = [i for i, clock in enumerate(clock_h) if clock % 6 == 0]
    end = clock_h[-1] + timeline.step_h
    ax.set_xticks([*hours[sharp], hours[-1]], [*(_clock(clock_h[i]) for i in sharp), _clock(end)])
    ax.set_xlabel(f"local time, {date.day} {date:%B %Y}")
    return ax


def mean_day(outcome: Outcome, months: Collection[int], ax: Axes) -> Axes:
    """Draw the mean day of some months.

    Parameters
    ----------
    outcome : Outcome
        A simulated scenario.
    months : collection of int
        Calendar months, 1 to 12: ``(6, 7, 8)`` for summer.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the timeline has no step in these months.
    """
    timeline = outcome.clearing.timeline
    chosen = np.isin(timeline.index.month, list(months))
    if not chosen.any():
        raise InputError(f"no steps in months {sorted(months)}: expected some of the timeline")
    flows = community_flows(outcome)[chosen].groupby(timeline.hour[chosen]).mean()
    hours = np.r_[flows.index.to_numpy(), flows.index[-1] + timeline.step_h]
    _stack(flows, hours, ax)
    ax.set_xticks([0, 6, 12, 18, 24], ["00:00", "06:00", "12:00", "18:00", "24:00"])
    ax.set_xlabel("local time, mean day")
    return ax


def _stack(flows: pd.DataFrame, hours: np.ndarray, ax: Axes) -> None:
    bottom = np.zeros(len(hours))
    for column, (label, meaning) in _AREAS.items():
        sold = column == "retail_sold_kw"
        values = _as_steps(flows[column])
        lower, upper = (-values, 0.0 * values) if sold else (bottom, bottom + values)
        ax.fill_between(
            hours, lower, upper, step="post", color=COLOURS[meaning], label=label, linewidth=0.4
        )  # fmt: skip
        bottom = bottom if sold else upper
    load = _as_steps(flows["load_kw"])
    ax.step(hours, load, where="post", color=COLOURS["load"], label="load", zorder=3)
    ax.axhline(0.0, color=COLOURS["load"], linewidth=0.8, zorder=3)
    ax.set_xlim(hours[0], hours[-1])
    ax.set_ylim(top=1.05 * max(load.max(), 1e-6))
    ax.set_ylabel("power of the community [kW]")
    ax.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    _order_legend(ax)


def _order_legend(ax: Axes) -> None:
    handles, labels = ax.get_legend_handles_labels()
    wanted = ["load", *(label for label, _ in _AREAS.values())]
    order = [labels.index(label) for label in wanted]
    ax.legend(
        [handles[i] for i in order], wanted, loc="lower left", bbox_to_anchor=(-0.06, 1.0),
        ncols=2, borderaxespad=0.2, handlelength=1.2, columnspacing=1.2, labelspacing=0.3,
    )  # fmt: skip


def _as_steps(values: pd.Series) -> np.ndarray:
    return np.r_[values.to_numpy(), values.iloc[-1]]


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{round(hour % 1 * 60):02d}"
