"""Ways of deciding about flexible devices, side by side on one feeder.

The colours are those of whoever decides: grey for nobody, blue for the retailer's price, green for
the members, orange for the operator who sees the grid.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, LabelError
from nemogrid.plots.theme import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WORLD_COLOURS = {
    "no control": COLOURS["state"],
    "prices": COLOURS["retailer"],
    "local control": COLOURS["local"],
    "central": COLOURS["dso"],
}
"""Colours of the four worlds."""

_STYLES = {"no control": "-", "prices": ":", "local control": "-", "central": "--"}


def world_loads(load_kw: Mapping[str, pd.Series], ax: Axes) -> Axes:
    """Draw the load of the transformer over time, a line per world.

    Parameters
    ----------
    load_kw : mapping of str to pandas.Series
        Load by world [kW], import positive, over the same times with a time zone: a day or two,
        best from noon.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no world.
    LabelError
        If the times differ.
    """
    if not load_kw:
        raise InputError("loads of worlds: no worlds")
    times = next(iter(load_kw.values())).index
    for world, series in load_kw.items():
        if not series.index.equals(times):
            raise LabelError(f"loads of worlds: the times of {world!r} are not those of the first")
    hours = (times - times[0]) / pd.Timedelta(hours=1)
    step_h = float(hours[1] - hours[0]) if len(hours) > 1 else 1.0
    edges = np.r_[hours, hours[-1] + step_h]
    for world, series in load_kw.items():
        ax.stairs(
            series.to_numpy(), edges, baseline=None, label=world, linewidth=1.6,
            color=WORLD_COLOURS.get(world, COLOURS["load"]), linestyle=_STYLES.get(world, "-"),
        )  # fmt: skip
    ax.axhline(0.0, color=COLOURS["wire"], linewidth=0.8, zorder=0)
    ax.set_xlim(0, edges[-1])
    every = 6.0 if edges[-1] <= 48 else 24.0
    first = -times[0].hour % every
    ticks = np.arange(first, edges[-1] + 1e-9, every)
    stamps = [times[0] + pd.Timedelta(hours=float(tick)) for tick in ticks]
    ax.set_xticks(ticks, [f"{stamp:%a}" if every == 24 else f"{stamp:%H}" for stamp in stamps])
    ax.set_xlabel("hour of the day" if every < 24 else "midnight before")
    ax.set_ylabel("import of the feeder [kW]")
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, columnspacing=1.2,
              handlelength=1.6, borderaxespad=0.2)  # fmt: skip
    return ax


def world_peaks(figures: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the largest import and export of each week, a mark per world.

    Parameters
    ----------
    figures : pandas.DataFrame
        Rows by week and world, with ``peak_import_kw`` and ``peak_export_kw`` [kW]; see
        `nemogrid.studies.four_worlds`.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    LabelError
        If a column is missing.
    """
    missing = [c for c in ("peak_import_kw", "peak_export_kw") if c not in figures]
    if missing:
        raise LabelError(f"peaks of worlds: no column {missing[0]!r}")
    weeks = list(figures.index.get_level_values(0).unique())
    worlds = list(figures.index.get_level_values(1).unique())
    width = 0.8 / len(worlds)
    for i, world in enumerate(worlds):
        own = figures.xs(world, level=1).reindex(weeks)
        x = np.arange(len(weeks)) + (i + 0.5) * width - 0.4
        colour = WORLD_COLOURS.get(world, COLOURS["load"])
        ax.bar(x, own["peak_import_kw"], 0.9 * width, color=colour, label=world)
        ax.bar(x, -own["peak_export_kw"], 0.9 * width, color=colour)
    ax.axhline(0.0, color=COLOURS["load"], linewidth=0.8)
    ax.set_xticks(range(len(weeks)), weeks)
    ax.tick_params(axis="x", length=0)
    ax.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    ax.set_ylabel("largest export | import [kW]")
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, columnspacing=1.2,
              handlelength=1.0, borderaxespad=0.2)  # fmt: skip
    return ax


def settling(history: pd.DataFrame, ax: Axes) -> Axes:
    """Draw how the changes shrink from power flow to power flow.

    Parameters
    ----------
    history : pandas.DataFrame
        A row per iteration with ``change_kw`` and ``change_pu``; see
        `nemogrid.studies.load_control.ControlledFeeder`. Changes of zero are not drawn.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    LabelError
        If a column is missing.
    """
    lines = {
        "change_kw": ("change of a net load [kW]", "o-", COLOURS["load"]),
        "change_pu": ("error of a voltage [pu]", "s--", COLOURS["import"]),
    }
    missing = [column for column in lines if column not in history]
    if missing:
        raise LabelError(f"settling: no column {missing[0]!r}")
    for column, (label, style, colour) in lines.items():
        values = history[column].where(history[column] > 0)
        ax.plot(history.index, values, style, color=colour, markersize=5, label=label)
    ax.set_yscale("log")
    ax.set_xticks(list(history.index))
    ax.set_xlabel("power flow")
    ax.set_ylabel("largest change")
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=1, handlelength=1.6,
              borderaxespad=0.2)  # fmt: skip
    return ax
