"""What many batteries do at once: their power as a map, and the peaks that equal plans span."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, LabelError, listed
from nemogrid.plots.theme import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS = {"earliest": ">", "latest": "<", "calmest": "o"}
"""Plans of equal cost, and how they are marked."""


def member_map(shares: pd.DataFrame, ax: Axes, *, bar: bool = True) -> Axes:
    """Draw what each battery does over a day as a map: hours to the right, a row per member.

    Parameters
    ----------
    shares : pandas.DataFrame, shape (T, N)
        Power over rated power, charging positive, -1..1; the index is the hour of the day [h], in
        equal steps.
    ax : Axes
        Where to draw.
    bar : bool
        Whether its figure also gets the colour bar.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        For fewer than two steps, or shares beyond -1 and 1.
    """
    from matplotlib.colors import LinearSegmentedColormap

    values = shares.to_numpy(dtype=float)
    if len(values) < 2 or not (np.abs(values) <= 1 + 1e-9).all():
        raise InputError("member map: expected two steps or more, of shares from -1 to 1")
    colours = LinearSegmentedColormap.from_list(
        "discharge and charge",
        ["#7a4a00", COLOURS["pv"], "#ffffff", COLOURS["import"], "#00304d"],
    )
    first, step = float(shares.index[0]), float(shares.index[1] - shares.index[0])
    image = ax.imshow(
        values.T, aspect="auto", cmap=colours, vmin=-1, vmax=1, interpolation="nearest",
        extent=(first, first + step * len(values), values.shape[1] + 0.5, 0.5),
    )  # fmt: skip
    ax.set_xticks(np.arange(0, 25, 6))
    ax.set_xlim(first, first + step * len(values))
    ax.set_yticks([1, *range(5, values.shape[1] + 1, 5)])
    ax.set(xlabel="hour of the day [h]", ylabel="battery [number]")
    if bar:
        drawn = ax.figure.colorbar(
            image, ax=ax, label="power over rated power [1]", pad=0.02, aspect=18
        )
        drawn.outline.set_visible(False)
    return ax


def peak_ranges(peaks: pd.DataFrame, ax: Axes, *, reference: tuple[float, float]) -> Axes:
    """Draw the peaks of plans that cost the same: a row per price, a mark per plan.

    Parameters
    ----------
    peaks : pandas.DataFrame
        Rows are pairs of a price and a plan, one of `MARKS`; ``import_peak_kw`` and
        ``export_peak_kw`` [kW], not negative. Export is drawn to the left.
    ax : Axes
        Where to draw.
    reference : (float, float)
        Import peak and export peak to compare with [kW].

    Returns
    -------
    Axes

    Raises
    ------
    LabelError
        For plans without a mark.
    """
    prices = list(dict.fromkeys(peaks.index.get_level_values(0)))
    unknown = sorted(set(peaks.index.get_level_values(1)) - set(MARKS))
    if unknown:
        raise LabelError(f"peak ranges: no mark for {listed(unknown)}, known: {', '.join(MARKS)}")
    sides = {"import_peak_kw": (1, COLOURS["import"]), "export_peak_kw": (-1, COLOURS["pv"])}
    for side, (sign, colour) in sides.items():
        for row, price in enumerate(prices):
            own = sign * peaks.loc[price, side].astype(float)
            ax.plot([own.min(), own.max()], [row, row], color=colour, linewidth=5, alpha=0.4,
                    solid_capstyle="round", zorder=1)  # fmt: skip
            for plan, value in own.items():
                ax.plot(value, row, MARKS[str(plan)], color=colour, markeredgecolor="black",
                        markersize=9 if plan == "calmest" else 8, zorder=2)  # fmt: skip
    for value in (reference[0], -reference[1]):
        ax.axvline(value, color=COLOURS["load"], linestyle="--", linewidth=1.2, zorder=0)
    ax.axvline(0, color=COLOURS["wire"], linewidth=0.8, zorder=0)
    for plan, mark in MARKS.items():
        ax.plot([], [], mark, color="white", markeredgecolor="black", label=plan)
    ax.plot([], [], color=COLOURS["load"], linestyle="--", linewidth=1.2, label="no battery")
    ax.set_yticks(range(len(prices)), prices)
    ax.set_ylim(len(prices) - 0.5, -0.5)
    ax.set_xlabel("export peak  ←  [kW]  →  import peak")
    ax.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.2)
    return ax
