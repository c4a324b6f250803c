"""Load control in pictures: peaks of each week, and how the rule settles with the power flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.errors import LabelError
from nemogrid.plots.theme import COLOURS
from nemogrid.plots.worlds import WORLD_STYLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def world_peaks(figures: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the largest import and export of each week, a mark per world.

    Parameters
    ----------
    figures : pandas.DataFrame
        Rows by week and world, with ``peak_import_kw`` and ``peak_export_kw`` [kW]; see
        `nemogrid.studies.worlds.live`. Worlds beyond the four get colours of their own.
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
        colour = WORLD_STYLES[world][0] if world in WORLD_STYLES else f"C{i}"
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
