"""Voltages of a year against the band of +-10 % around the nominal voltage.

Limits are those of EN 50160 for 95 % of the 10-minute means of a week.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.errors import LabelError, listed
from nemogrid.plots.theme import COLOURS
from nemogrid.results import FeederState

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIMITS_PU = (0.9, 1.1)


def voltage_band(state: FeederState, ax: Axes, *, distance_km: pd.Series) -> Axes:
    """Draw the range of voltages of each bus against its distance from the transformer.

    Parameters
    ----------
    state : FeederState
        Voltages of T steps and B buses.
    ax : Axes
        Where to draw.
    distance_km : pandas.Series
        Length of line between the transformer and each bus to be drawn, by bus index [km]; see
        `nemogrid.plots.layout.distance_km`.

    Returns
    -------
    Axes

    Raises
    ------
    LabelError
        If a bus has no voltage.
    """
    unknown = [bus for bus in distance_km.index if bus not in state.vm_pu.columns]
    if unknown:
        raise LabelError(f"voltage band: no voltage of bus {listed(unknown)}")
    near_first = distance_km.sort_values(kind="stable")
    voltages = state.vm_pu[near_first.index]
    x = near_first.to_numpy() * 1000.0
    ax.vlines(x, voltages.min(), voltages.max(), color=COLOURS["import"], alpha=0.45, linewidth=3.5)
    marks = {
        "highest": (voltages.max(), "^", COLOURS["prosumers"]),
        "median": (voltages.median(), "o", COLOURS["load"]),
        "lowest": (voltages.min(), "v", COLOURS["import"]),
    }
    for label, (values, marker, colour) in marks.items():
        ax.plot(x, values, marker, color=colour, markersize=4.5, label=label)
    ax.set_xlabel("line length from the transformer [m]")
    _limits(ax, voltages.to_numpy())
    return ax


def voltage_duration(state: FeederState, ax: Axes) -> Axes:
    """Draw the highest and the lowest voltage of the feeder, sorted over the steps.

    Parameters
    ----------
    state : FeederState
        Voltages of T steps.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes
    """
    values = state.vm_pu.to_numpy()
    share = (np.arange(len(values)) + 0.5) / len(values)
    curves = {
        "highest bus": (values.max(axis=1), COLOURS["prosumers"]),
        "lowest bus": (values.min(axis=1), COLOURS["import"]),
    }
    for label, (voltage, colour) in curves.items():
        ax.plot(share, np.sort(voltage)[::-1], color=colour, label=label)
    ax.set_xlim(0, 1)
    ax.set_xlabel("share of the time at or above [1]")
    _limits(ax, values)
    return ax


def _limits(ax: Axes, values: np.ndarray) -> None:
    from matplotlib.ticker import MultipleLocator

    for limit in LIMITS_PU:
        ax.axhline(limit, color=COLOURS["limit"], linestyle="--", linewidth=1.2)
    ax.set_ylim(min(LIMITS_PU[0], values.min()) - 0.012, max(LIMITS_PU[1], values.max()) + 0.012)
    ax.annotate(
        "limits, ±10%", (1.0, LIMITS_PU[1]), xycoords=("axes fraction", "data"), xytext=(-3, -4),
        textcoords="offset points", ha="right", va="top", fontsize="small", color=COLOURS["limit"],
    )  # fmt: skip
    ax.yaxis.set_major_locator(MultipleLocator(0.05))
    ax.set_ylabel("voltage [pu]")
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, columnspacing=1.2,
              handlelength=1.0, borderaxespad=0.2)  # fmt: skip
