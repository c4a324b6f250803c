"""The exact engine in pictures: convex functions, and their slopes as stairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, LabelError
from nemogrid.plots.theme import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

USE_COLOURS = {
    "later": COLOURS["storage"],
    "import less": COLOURS["import"],
    "export more": COLOURS["export"],
    "store surplus": COLOURS["pv"],
    "import more": COLOURS["tso"],
}
"""Colours of the pieces of a step by what they stand for."""


def value_stairs(
    left_kwh: float, slopes: np.ndarray, widths_kwh: np.ndarray, ax: Axes, *, unit: str = "CHF"
) -> Axes:
    """Draw what one more stored kWh saves, as falling stairs over the stored energy.

    Parameters
    ----------
    left_kwh : float
        Least stored energy [kWh].
    slopes, widths_kwh : numpy.ndarray, shape (K,)
        Pieces of the cost-to-go from left to right, as `nemogrid.dispatch.cost_to_go` gives them
        [money per kWh, kWh]; the stairs are at the slopes with their sign turned.
    ax : Axes
        Where to draw.
    unit : str
        Unit of the money.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If slopes and widths are not equally many, or none.
    """
    corners = _corners(left_kwh, slopes, widths_kwh)
    values = -np.asarray(slopes, dtype=float)
    ax.fill_between(
        corners, np.r_[values, values[-1]], step="post", color=COLOURS["storage"], alpha=0.55,
        linewidth=0,
    )  # fmt: skip
    ax.step(corners, np.r_[values, values[-1]], where="post", color=COLOURS["load"])
    ax.set_xlim(corners[0], corners[-1])
    ax.set_ylim(bottom=min(0.0, values.min()))
    ax.set(xlabel="stored energy [kWh]", ylabel=f"price of stored energy\n[{unit} per kWh]")
    return ax


def cost_curve(
    left_kwh: float,
    slopes: np.ndarray,
    widths_kwh: np.ndarray,
    ax: Axes,
    *,
    at_left: float = 0.0,
    unit: str = "CHF",
) -> Axes:
    """Draw a convex function from its slopes, with a dot at every corner.

    Parameters
    ----------
    left_kwh : float
        Where it begins [kWh].
    slopes, widths_kwh : numpy.ndarray, shape (K,)
        Pieces from left to right [money per kWh, kWh].
    ax : Axes
        Where to draw.
    at_left : float
        Its value there [money].
    unit : str
        Unit of the money.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If slopes and widths are not equally many, or none.
    """
    corners = _corners(left_kwh, slopes, widths_kwh)
    cost = at_left + np.r_[0.0, np.cumsum(np.asarray(slopes) * np.asarray(widths_kwh))]
    ax.plot(corners, cost, color=COLOURS["load"], marker="o", markersize=4)
    ax.set_xlim(corners[0], corners[-1])
    ax.set(xlabel="stored energy [kWh]", ylabel=f"cost-to-go [{unit}]")
    return ax


def step_curve(pieces: pd.DataFrame, ax: Axes, *, unit: str = "CHF") -> Axes:
    """Draw what one step costs over the change of the stored energy, piece by piece.

    Parameters
    ----------
    pieces : pandas.DataFrame
        ``start_kwh``, ``end_kwh``, ``slope`` and ``use``, from left to right, meeting at 0; as
        `nemogrid.dispatch.slopes.step_pieces` gives them.
    ax : Axes
        Where to draw.
    unit : str
        Unit of the money.

    Returns
    -------
    Axes

    Raises
    ------
    LabelError
        If a column is missing, or a use has no colour.
    """
    _require_pieces(pieces)
    x = np.r_[pieces["start_kwh"], pieces["end_kwh"].iloc[-1]]
    cost = np.r_[0.0, np.cumsum(pieces["slope"].to_numpy() * np.diff(x))]
    cost = cost - np.interp(0.0, x, cost)
    slopes, uses = pieces["slope"].to_numpy(dtype=float), pieces["use"].tolist()
    for i, (slope, use) in enumerate(zip(slopes, uses, strict=True)):
        ax.plot(x[i : i + 2], cost[i : i + 2], color=USE_COLOURS[use], linewidth=3.0)
        ax.annotate(
            f"{use}\n{slope:.3f}", ((x[i] + x[i + 1]) / 2, (cost[i] + cost[i + 1]) / 2),
            xytext=(8, -8), textcoords="offset points", va="top", ha="left", fontsize=10,
        )  # fmt: skip
    ax.plot(x, cost, "o", color=COLOURS["load"], markersize=4)
    ax.axhline(0.0, color=COLOURS["wire"], linewidth=0.8, zorder=0)
    ax.axvline(0.0, color=COLOURS["wire"], linewidth=0.8, zorder=0)
    ax.margins(y=0.3)
    ax.set_xlim(x[0], x[-1] + 0.35 * (x[-1] - x[0]))
    ax.set(xlabel="change of stored energy [kWh]", ylabel=f"cost of the step [{unit}]")
    return ax


def merged_stairs(pieces: pd.DataFrame, ax: Axes, *, unit: str = "CHF") -> Axes:
    """Draw the stairs of a step merged into those of the steps after it, and what is cut off.

    Parameters
    ----------
    pieces : pandas.DataFrame
        ``start_kwh``, ``end_kwh``, ``slope``, ``use`` and ``kept``; as
        `nemogrid.dispatch.slopes.merged_pieces` gives them.
    ax : Axes
        Where to draw.
    unit : str
        Unit of the money.

    Returns
    -------
    Axes

    Raises
    ------
    LabelError
        If a column is missing, or a use has no colour.
    """
    from matplotlib.patches import Patch

    _require_pieces(pieces, "kept")
    named = set[str]()
    kept, uses = pieces["kept"].to_numpy(dtype=bool), pieces["use"].tolist()
    start, end, slope = (pieces[name].to_numpy() for name in ("start_kwh", "end_kwh", "slope"))
    for i, use in enumerate(uses):
        label = use if kept[i] and use not in named else "_"
        named.update({use} if kept[i] else ())
        ax.bar(
            start[i], -slope[i], end[i] - start[i], align="edge", color=USE_COLOURS[use],
            alpha=1.0 if kept[i] else 0.25, hatch=None if kept[i] else "//",
            edgecolor=COLOURS["load"] if kept[i] else COLOURS["wire"], linewidth=0.6, label=label,
        )  # fmt: skip
    for bound in (start[kept].min(), end[kept].max()):
        ax.axvline(bound, color=COLOURS["limit"], linewidth=1.4)
    ax.set_xlim(start.min(), end.max())
    ax.set(xlabel="stored energy [kWh]", ylabel=f"price of stored energy\n[{unit} per kWh]")
    handles, _ = ax.get_legend_handles_labels()
    if not kept.all():
        wire = COLOURS["wire"]
        handles.append(Patch(facecolor="white", hatch="//", edgecolor=wire, label="cut off"))
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(-0.1, 1.0), ncols=3, columnspacing=1.2
    )  # fmt: skip
    return ax


def _corners(left_kwh: float, slopes: np.ndarray, widths_kwh: np.ndarray) -> np.ndarray:
    if np.shape(slopes) != np.shape(widths_kwh) or not np.size(slopes):
        raise InputError(
            f"slopes of shape {np.shape(slopes)} and widths of shape {np.shape(widths_kwh)}: "
            "expected equally many, at least one"
        )
    return left_kwh + np.r_[0.0, np.cumsum(widths_kwh)]


def _require_pieces(pieces: pd.DataFrame, *more: str) -> None:
    missing = [c for c in ("start_kwh", "end_kwh", "slope", "use", *more) if c not in pieces]
    strange = [] if missing else sorted(set(pieces["use"]) - set(USE_COLOURS))
    if missing or strange:
        raise LabelError(
            f"pieces of a step: columns missing {missing or 'none'}, uses without a colour "
            f"{strange or 'none'}"
        )
