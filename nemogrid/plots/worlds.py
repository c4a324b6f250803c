"""Worlds in pictures: loads, figures side by side, peaks, and how the local rule settles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, LabelError
from nemogrid.plots.flexible import panels_over_time
from nemogrid.plots.theme import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WORLD_STYLES: Mapping[str, tuple[str, str, str]] = {
    "no control": (COLOURS["load"], ":", "o"),
    "prices": (COLOURS["dso"], "--", "s"),
    "local control": (COLOURS["local"], "-.", "^"),
    "central": (COLOURS["import"], "-", "D"),
}
"""Colour, line and mark of each world."""


def world_loads(load_kw: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the load of the transformer in each world over the same days.

    Parameters
    ----------
    load_kw : pandas.DataFrame
        Equal steps, a column per world of `WORLD_STYLES` [kW], import positive.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    LabelError
        If a world is unknown.
    """
    _require_worlds(load_kw.columns)
    styles = {world: (colour, dash) for world, (colour, dash, _) in WORLD_STYLES.items()}
    panels_over_time({"load of the transformer [kW]": load_kw}, [ax], styles=styles)
    ax.axhline(0.0, color=COLOURS["wire"], linewidth=0.8, zorder=0)
    return ax


def world_strips(table: pd.DataFrame, axes: Sequence[Axes]) -> Sequence[Axes]:
    """Draw each figure as a strip of its own scale, with a mark for each world.

    Parameters
    ----------
    table : pandas.DataFrame
        A row per world of `WORLD_STYLES`, a column per figure, named with its unit.
    axes : sequence of Axes
        As many as there are columns, from the top.

    Returns
    -------
    sequence of Axes

    Raises
    ------
    LabelError
        If a world is unknown.
    InputError
        If there are not as many axes as columns.
    """
    _require_worlds(table.index)
    if len(axes) != table.shape[1]:
        raise InputError(f"world strips: {len(axes)} axes for {table.shape[1]} figures")
    for ax, (label, column) in zip(axes, table.items(), strict=True):
        values = column.to_numpy(dtype=float)
        ax.axhline(0.0, color=COLOURS["wire"], linewidth=1.0, zorder=0)
        for row, (world, value) in enumerate(zip(table.index, values, strict=True)):
            colour, _, marker = WORLD_STYLES[str(world)]
            ax.plot(
                [value], [0.45 - 0.3 * row], marker, color=colour, markersize=9, linestyle="none",
                label=world,
            )  # fmt: skip
        room = 0.12 * (np.ptp(values) or abs(values[0]) or 1.0)
        ax.set_xlim(values.min() - room, values.max() + room)
        ax.set_ylim(-0.85, 0.85)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.locator_params(axis="x", nbins=5)
        ax.ticklabel_format(axis="x", useOffset=False)
        ax.set_xlabel(str(label))
    axes[0].legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2, columnspacing=1.2)
    return axes


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


def _require_worlds(names: pd.Index) -> None:
    unknown = [name for name in names if name not in WORLD_STYLES]
    if unknown:
        raise LabelError(f"unknown worlds {unknown}: expected some of {', '.join(WORLD_STYLES)}")
