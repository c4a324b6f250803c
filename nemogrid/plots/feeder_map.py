"""The feeder as a map, coloured by a quantity of its buses."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nemogrid.errors import LabelError, listed
from nemogrid.plots.layout import positions, source_bus
from nemogrid.plots.theme import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def feeder_map(
    network: Any,
    values: pd.Series,
    ax: Axes,
    *,
    pv_buses: Collection[int] = (),
    label: str = "voltage [pu]",
    limits: tuple[float, float] | None = None,
) -> Axes:
    """Draw the feeder with its buses coloured by value.

    Parameters
    ----------
    network : pandapowerNet
        The feeder; see `nemogrid.plots.layout.positions` for where its buses are drawn.
    values : pandas.Series
        A number for each low-voltage bus, by bus index.
    ax : Axes
        Where to draw; its figure also gets the colour bar.
    pv_buses : collection of int
        Buses of members with photovoltaic systems, drawn as squares.
    label : str
        Quantity and unit of the values.
    limits : (float, float), optional
        Values at the ends of the colour scale. Default: the range of the values.

    Returns
    -------
    Axes

    Raises
    ------
    LabelError
        If a bus of the map has no value.
    """
    places = positions(network)
    missing = places.index[~places.index.isin(values.dropna().index)]
    if len(missing):
        raise LabelError(f"feeder map: no value for bus {listed(missing)}")
    shown = values.loc[places.index].to_numpy(dtype=float)
    low, high = limits if limits is not None else (shown.min(), shown.max())
    _draw_lines(network, places, ax)
    source, with_pv = source_bus(network), set(pv_buses)
    kinds = {
        "bus": [b for b in places.index if b not in with_pv and b != source],
        "bus with PV": [b for b in places.index if b in with_pv and b != source],
        "transformer": [source],
    }
    marks = {"bus": ("o", 62, 0.8), "bus with PV": ("s", 78, 2.2), "transformer": ("^", 210, 1.4)}
    for kind, buses in kinds.items():
        marker, size, edge = marks[kind]
        if buses:
            mappable = ax.scatter(
                places.loc[buses, "x"], places.loc[buses, "y"], size,
                values.loc[buses].to_numpy(dtype=float), marker=marker, cmap="viridis", vmin=low,
                vmax=high, linewidth=edge, zorder=3, label=kind,
                edgecolor=COLOURS["dso"] if kind == "bus with PV" else COLOURS["load"],
            )  # fmt: skip
    bar = ax.figure.colorbar(mappable, ax=ax, label=label, shrink=0.9, aspect=22, pad=0.02)
    bar.outline.set_visible(False)
    _finish(places, ax)
    return ax


def _draw_lines(network: Any, places: pd.DataFrame, ax: Axes) -> None:
    line = network.line
    for start, end, on in zip(line["from_bus"], line["to_bus"], line["in_service"], strict=True):
        if start in places.index and end in places.index:
            ends = places.loc[[start, end]]
            style = "-" if on else ":"
            ax.plot(ends["x"], ends["y"], style, color=COLOURS["wire"], linewidth=1.4, zorder=1)


def _finish(places: pd.DataFrame, ax: Axes) -> None:
    from matplotlib.lines import Line2D

    _, labels = ax.get_legend_handles_labels()
    shapes = {
        "bus": ("o", "load"), "bus with PV": ("s", "dso"), "transformer": ("^", "load"),
    }  # fmt: skip
    keys = [
        Line2D([], [], linestyle="", marker=shapes[name][0], markersize=8, markerfacecolor="white",
               markeredgecolor=COLOURS[shapes[name][1]], markeredgewidth=1.4)
        for name in labels
    ]  # fmt: skip
    ax.legend(
        keys, labels, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3, handletextpad=0.2,
        columnspacing=1.0, borderaxespad=0.1,
    )  # fmt: skip
    ax.set_aspect("equal")
    ax.set_axis_off()
    span = np.ptp(places.to_numpy(), axis=0)
    margin = 0.04 * max(span.max(), 1e-9)
    ax.set_xlim(places["x"].min() - margin, places["x"].max() + margin)
    ax.set_ylim(places["y"].min() - margin, places["y"].max() + margin)
