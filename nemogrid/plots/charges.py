"""Kinds of charges: what each looks like as a term of the objective, and who pays more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.charges import Blocks
from nemogrid.dispatch.meter import MeterPrices
from nemogrid.errors import InputError, LabelError
from nemogrid.plots.theme import COLOURS
from nemogrid.timeline import Period, Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = (
    (COLOURS["load"], "-"),
    (COLOURS["dso"], "--"),
    (COLOURS["import"], "-."),
    (COLOURS["local"], ":"),
    (COLOURS["tso"], (0, (5, 1, 1, 1, 1, 1))),
)
"""Colour and dash of the lines of one figure, in their order."""


def price_day(prices: pd.DataFrame, ax: Axes, *, unit: str, per_unit: float = 1.0) -> Axes:
    """Draw prices over a day as steps, a line for each column.

    Parameters
    ----------
    prices : pandas.DataFrame
        Rows are clock times at the start of equal steps [h]; several columns are named in a
        legend [money per kWh].
    ax : Axes
        Where to draw.
    unit : str
        Unit of the axis, for example ``"Rp per kWh"``.
    per_unit : float
        How many of the unit's money there are in the prices' money: 100 for Rp and CHF.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there are no prices, or more columns than lines that can be told apart.
    """
    if not 1 <= prices.shape[1] <= len(LINES) or len(prices) < 2:
        raise InputError(
            f"price day: a table of shape {prices.shape}, expected two or more steps and 1 to "
            f"{len(LINES)} columns"
        )
    hours = prices.index.to_numpy(dtype=float)
    edges = np.r_[hours, 2 * hours[-1] - hours[-2]]
    for (name, column), (colour, dash) in zip(prices.items(), LINES, strict=False):
        values = per_unit * column.to_numpy(dtype=float)
        ax.step(
            edges, np.r_[values, values[-1]], where="post", color=colour, linestyle=dash,
            label=name, linewidth=1.9,
        )  # fmt: skip
    ax.set_xlim(edges[0], edges[-1])
    ax.set_xticks(np.arange(edges[0], edges[-1] + 1e-9, 6.0))
    ax.set(xlabel="hour of the day [h]", ylabel=f"price [{unit}]")
    if prices.shape[1] > 1:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    return ax


def block_months(
    imported_kwh: dict[str, np.ndarray], blocks: Blocks, timeline: Timeline, ax: Axes
) -> Axes:
    """Draw how the import of each month climbs through the blocks.

    Parameters
    ----------
    imported_kwh : dict of str to numpy.ndarray, shape (T,)
        Import of each step by member [kWh]; the names are the legend.
    blocks : Blocks
        Its limits are drawn.
    timeline : Timeline
        The T steps.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    LabelError
        If an import has not one value for each step.
    """
    first = timeline.first_steps(Period.MONTH)
    ends = np.r_[first[1:], timeline.n_steps]
    days = np.arange(timeline.n_steps + 1) * timeline.step_h / 24
    for (name, energy), (colour, dash) in zip(imported_kwh.items(), LINES, strict=False):
        if np.shape(energy) != (timeline.n_steps,):
            raise LabelError(
                f"import of {name!r} of shape {np.shape(energy)}: expected ({timeline.n_steps},)"
            )
        x = np.concatenate([days[a : b + 1] for a, b in zip(first, ends, strict=True)])
        y = np.concatenate(
            [np.r_[0.0, np.cumsum(energy[a:b])] for a, b in zip(first, ends, strict=True)]
        )
        ax.plot(x, y, color=colour, linestyle=dash, label=name)
    for limit in blocks.limits:
        ax.axhline(limit, color=COLOURS["limit"], linewidth=1.0, zorder=0)
    ax.set_xticks(days[first][::2], [f"{day:%b}" for day in timeline.index[first]][::2])
    ax.set_xlim(days[0], days[-1])
    ax.set_ylim(bottom=0.0)
    ax.set(xlabel=f"day of {timeline.start.year}", ylabel="import since the 1st [kWh]")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    return ax


def month_peaks(net_kw: np.ndarray, timeline: Timeline, ax: Axes) -> Axes:
    """Draw the highest import of each day, and mark the one of each month.

    Parameters
    ----------
    net_kw : numpy.ndarray, shape (T,)
        Net load [kW], import positive.
    timeline : Timeline
        The T steps.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    LabelError
        If there is not one net load for each step.
    """
    if np.shape(net_kw) != (timeline.n_steps,):
        raise LabelError(f"net load of shape {np.shape(net_kw)}: expected ({timeline.n_steps},)")
    imported = np.maximum(net_kw, 0.0)
    of_day = np.maximum.reduceat(imported, timeline.first_steps(Period.DAY))
    ax.bar(np.arange(len(of_day)) + 0.5, of_day, 1.0, color=COLOURS["export"], label="of the day")
    first = timeline.first_steps(Period.MONTH)
    spans = zip(first, np.r_[first[1:], timeline.n_steps], strict=True)
    at = np.array([a + int(imported[a:b].argmax()) for a, b in spans])
    ax.plot(
        timeline.day[at] + 0.5, imported[at], "v", color=COLOURS["dso"], markeredgecolor="black",
        markeredgewidth=0.6, label="of the month",
    )  # fmt: skip
    ax.set_xticks(timeline.day[first][::2], [f"{d:%b}" for d in timeline.index[first]][::2])
    ax.set_xlim(0, len(of_day))
    ax.set(xlabel=f"day of {timeline.start.year}", ylabel="highest import [kW]")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    return ax


def step_cost(
    meters: dict[str, MeterPrices], ax: Axes, *, step: int = 0, power_kw: float, unit: str
) -> Axes:
    """Draw what one step costs over the net load in it: a slope for each block.

    Parameters
    ----------
    meters : dict of str to MeterPrices
        Prices by the name in the legend.
    ax : Axes
        Where to draw.
    step : int
        Which of the T steps.
    power_kw : float
        The axis reaches from this export to this import [kW].
    unit : str
        Unit of the money.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the power is not positive.
    """
    if not power_kw > 0:
        raise InputError(f"step cost: power_kw is {power_kw}, expected above 0")
    for (name, meter), (colour, dash) in zip(meters.items(), LINES, strict=False):
        reach = power_kw * meter.step_h
        edges = meter.edges_kwh[step]
        energy = np.r_[-reach, edges[np.abs(edges) < reach], reach]
        slopes = meter.prices[step][np.searchsorted(edges, (energy[1:] + energy[:-1]) / 2)]
        cost = np.r_[0.0, np.cumsum(slopes * np.diff(energy))]
        cost -= cost[np.searchsorted(energy, 0.0)]
        ax.plot(energy / meter.step_h, cost, color=colour, linestyle=dash, label=name)
    ax.axhline(0.0, color=COLOURS["wire"], linewidth=0.8, zorder=0)
    ax.axvline(0.0, color=COLOURS["wire"], linewidth=0.8, zorder=0)
    ax.set_xlim(-power_kw, power_kw)
    ax.set(xlabel="net load [kW], import positive", ylabel=f"cost of the half-hour [{unit}]")
    hours = {meter.step_h for meter in meters.values()}
    if hours != {0.5}:
        ax.set_ylabel(f"cost of the step [{unit}]")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    return ax


def cost_change_strips(shares: pd.DataFrame, prosumers: Sequence[str], ax: Axes) -> Axes:
    """Draw how much more or less every member pays, a row for each kind of charge.

    Parameters
    ----------
    shares : pandas.DataFrame, shape (N, K)
        Change of the yearly cost as a share of it, by member and kind.
    prosumers : sequence of str
        The members who own PV; they are drawn below the others.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    LabelError
        If a prosumer is not among the members.
    """
    strangers = sorted(set(prosumers) - set(shares.index))
    if strangers:
        raise LabelError(f"cost changes: no members {strangers}")
    owns = shares.index.isin(list(prosumers))
    groups = (("consumers", ~owns, -0.17, "o"), ("prosumers", owns, 0.17, "s"))
    for row, name in enumerate(shares.columns):
        for group, chosen, shift, mark in groups:
            x = 100 * shares[name].to_numpy(dtype=float)[chosen]
            ax.plot(
                x, np.full(len(x), row + shift), mark, color=COLOURS[group], alpha=0.75,
                markersize=6.5, markeredgecolor="black", markeredgewidth=0.5, linestyle="none",
                label=group if row == 0 else "_",
            )  # fmt: skip
            if len(x):
                ax.plot(
                    [np.median(x)] * 2, [row + shift - 0.15, row + shift + 0.15],
                    color=COLOURS["load"], linewidth=2.2,
                    label="median" if row == 0 and group == "prosumers" else "_",
                )  # fmt: skip
    ax.axvline(0.0, color=COLOURS["load"], linewidth=0.8, zorder=0)
    ax.set_xscale("symlog", linthresh=10)
    ax.minorticks_off()
    lowest, highest = (100 * float(end) for end in (shares.min().min(), shares.max().max()))
    ax.set_xlim(min(1.4 * lowest, -10.0), max(1.4 * highest, 10.0))
    ticks = [-30, -10, -5, 0, 5, 10, 30, 100]
    ticks = [tick for tick in ticks if ax.get_xlim()[0] <= tick <= ax.get_xlim()[1]]
    ax.set_xticks(ticks, [f"{tick:+d}".replace("-", "−").replace("+0", "0") for tick in ticks])
    ax.set_yticks(range(shares.shape[1]), list(shares.columns))
    ax.set_ylim(shares.shape[1] - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("change of the yearly cost [%]")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.1, 1.0), ncols=3, handletextpad=0.3)
    return ax
