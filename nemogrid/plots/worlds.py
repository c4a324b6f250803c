"""Four worlds in pictures: the load of the feeder, and the figures of each world side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, LabelError
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
    InputError
        If there are fewer than two steps.
    """
    _require_worlds(load_kw.columns)
    if len(load_kw) < 2:
        raise InputError(f"world loads: {len(load_kw)} steps, expected 2 or more")
    hours = np.asarray((load_kw.index - load_kw.index[0].normalize()) / pd.Timedelta(hours=1))
    x = np.r_[hours, 2 * hours[-1] - hours[-2]]
    for world, column in load_kw.items():
        colour, dash, _ = WORLD_STYLES[str(world)]
        values = column.to_numpy(dtype=float)
        ax.step(
            x, np.r_[values, values[-1]], where="post", color=colour, linestyle=dash, label=world
        )  # fmt: skip
    ax.axhline(0.0, color=COLOURS["wire"], linewidth=0.8, zorder=0)
    every = 6 if x[-1] - x[0] <= 48 else 12 if x[-1] - x[0] <= 84 else 24
    ax.set_xlim(x[0], x[-1])
    ax.set_xticks(np.arange(np.ceil(x[0] / every) * every, x[-1] + 1e-9, every))
    start = load_kw.index[0]
    ax.set_xlabel(f"hours since midnight of {start:%A}, {start.day} {start:%B} [h]")
    ax.set_ylabel("load of the transformer [kW]")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.08, 1.0), ncols=2, columnspacing=1.2)
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


def _require_worlds(names: pd.Index) -> None:
    unknown = [name for name in names if name not in WORLD_STYLES]
    if unknown:
        raise LabelError(f"unknown worlds {unknown}: expected some of {', '.join(WORLD_STYLES)}")
