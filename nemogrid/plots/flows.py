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
from nemogrid.results import Clearing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_AREAS = {
    "home_kw": ("PV used at home", "pv"),
    "from_storage_kw": ("from storage", "storage"),
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
    pandas.DataFrame, shape (T, 5) or (T, 7)
        ``load_kw``, with what cars and heat pumps draw, is met by ``home_kw`` (PV that did not
        pass the meter of its owner in the step it was made), ``local_kw`` (from other members)
        and ``retail_bought_kw``; ``retail_sold_kw`` leaves the community [kW]. With batteries, or
        cars that feed back, ``from_storage_kw`` (what they give back, less what of it is
        exported) helps to meet the load and ``charging_kw``, what batteries draw.
    """
    clearing = outcome.clearing
    step_h = clearing.timeline.step_h
    power = {quantity: e.sum(axis=1) / step_h for quantity, e in clearing.energy_kwh.items()}
    drawn = {kind: table.to_numpy() for kind, table in clearing.plan.drawn_kw.items()}
    load_kw = clearing.profiles.load_kw.to_numpy().sum(axis=1)
    for kind, taken in drawn.items():
        # What a car gives back comes from storage, and is not a negative load.
        if kind != "battery":
            load_kw = load_kw + (np.maximum(taken, 0.0) if kind == "vehicle" else taken).sum(axis=1)
    stored = _storage_flows(clearing, drawn)
    to_meet = load_kw + stored.get("charging_kw", 0.0) - stored.get("from_storage_kw", 0.0)
    return pd.DataFrame(
        {
            "home_kw": to_meet - power[Quantity.IMPORTED],
            "local_kw": power[Quantity.LOCAL_SOLD],
            "retail_bought_kw": power[Quantity.RETAIL_BOUGHT],
            "retail_sold_kw": power[Quantity.RETAIL_SOLD],
            "load_kw": load_kw,
            **stored,
        },
        index=clearing.timeline.index,
    )


def daily_flows(outcome: Outcome, day: Any, ax: Axes) -> Axes:
    """Draw the electricity flows of the community over one day.

    Above zero, how the load was met, and where there are batteries what charged them; below zero,
    what was left for the retailer.

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


def _storage_flows(clearing: Clearing, drawn: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    discharged_kw = clearing.plan.discharged_kw
    if "battery" not in drawn and not discharged_kw.any():
        return {}
    exported_kw = np.maximum(-clearing.plan.net_kw.to_numpy(), 0.0)
    no_pv_kw = np.maximum(exported_kw - clearing.profiles.pv_kw.to_numpy(), 0.0)
    charging_kw = np.maximum(drawn.get("battery", np.zeros_like(discharged_kw)), 0.0)
    return {
        "from_storage_kw": (discharged_kw - no_pv_kw).sum(axis=1),
        "charging_kw": charging_kw.sum(axis=1),
    }


def _stack(flows: pd.DataFrame, hours: np.ndarray, ax: Axes) -> None:
    bottom = np.zeros(len(hours))
    stored = "from_storage_kw" in flows
    for column, (label, meaning) in _AREAS.items():
        if column not in flows:
            continue
        sold = column == "retail_sold_kw"
        if stored and column in ("local_kw", "retail_sold_kw"):
            label = label.removeprefix("PV ")  # what a store gave back may be sold as well
        values = _as_steps(flows[column])
        lower, upper = (-values, 0.0 * values) if sold else (bottom, bottom + values)
        ax.fill_between(
            hours, lower, upper, step="post", color=COLOURS[meaning], label=label, linewidth=0.4
        )  # fmt: skip
        bottom = bottom if sold else upper
    load = _as_steps(flows["load_kw"])
    ax.step(hours, load, where="post", color=COLOURS["load"], label="load", zorder=3)
    highest = load
    if stored:
        highest = load + _as_steps(flows["charging_kw"])
        ax.step(
            hours, highest, where="post", color=COLOURS["load"], linestyle=":",
            label="load and charging", zorder=3,
        )  # fmt: skip
    ax.axhline(0.0, color=COLOURS["load"], linewidth=0.8, zorder=3)
    ax.set_xlim(hours[0], hours[-1])
    ax.set_ylim(top=1.05 * max(highest.max(), 1e-6))
    ax.set_ylabel("power of the community [kW]")
    ax.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    _order_legend(ax)


def _order_legend(ax: Axes) -> None:
    handles, labels = ax.get_legend_handles_labels()
    # Lines first, then the areas from bottom to top.
    order = sorted(range(len(labels)), key=lambda i: not labels[i].startswith("load"))
    ax.legend(
        [handles[i] for i in order], [labels[i] for i in order], loc="lower left",
        bbox_to_anchor=(-0.06, 1.0), ncols=2, borderaxespad=0.2, handlelength=1.2,
        columnspacing=1.2, labelspacing=0.3,
    )  # fmt: skip


def _as_steps(values: pd.Series) -> np.ndarray:
    return np.r_[values.to_numpy(), values.iloc[-1]]


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{round(hour % 1 * 60):02d}"
