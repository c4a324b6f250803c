"""Prices: what a kilowatt-hour is made of, and how a market finds its price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.errors import InputError
from nemogrid.plots.theme import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PART_COLOURS = {
    "energy": COLOURS["retailer"],
    "network": COLOURS["dso"],
    "taxes and levies": COLOURS["state"],
}
"""The parts of a household's price, coloured by who is paid."""


def price_composition(table: pd.DataFrame, ax: Axes, *, unit: str, per_unit: float = 1.0) -> Axes:
    """Draw what a kilowatt-hour is made of, a bar for each row.

    Parameters
    ----------
    table : pandas.DataFrame
        A row per bar, a column per part of the price, named as in `PART_COLOURS` [money per kWh].
        A column ``total``, as published, is written above the bar.
    ax : Axes
        Where to draw.
    unit : str
        Unit of the axis, for example ``"Rp per kWh"``.
    per_unit : float
        How many of the unit's money there are in the table's money: 100 for Rp and CHF.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is nothing to draw, or a part without a colour.
    """
    parts = [name for name in table.columns if name != "total"]
    unknown = [name for name in parts if name not in PART_COLOURS]
    if table.empty or not parts or unknown:
        raise InputError(
            f"price composition: expected rows with columns of {list(PART_COLOURS)}, got "
            f"{len(table)} rows, unknown {unknown}"
        )
    x, bottom = np.arange(float(len(table))), np.zeros(len(table))
    for name in parts:
        height = per_unit * table[name].to_numpy(dtype=float)
        ax.bar(x, height, 0.72, bottom=bottom, color=PART_COLOURS[name], label=name)
        for xi, low, h in zip(x, bottom, height, strict=True):
            ax.text(xi, low + h / 2, f"{h:.1f}", ha="center", va="center", color="white")
        bottom = bottom + height
    totals = per_unit * table["total"].to_numpy(dtype=float) if "total" in table else bottom
    for xi, top, total in zip(x, bottom, totals, strict=True):
        ax.annotate(
            f"{total:.1f}", (xi, top), xytext=(0, 3), textcoords="offset points", ha="center",
            va="bottom", fontweight="bold",
        )  # fmt: skip
    ax.set_xticks(x, [str(label) for label in table.index])
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.6, len(table) - 0.4)
    ax.margins(y=0.12)
    ax.set_ylabel(f"price [{unit}]")
    return ax


def supply_curve(
    stacked: pd.DataFrame, ax: Axes, *, demand_gw: float, price: float, per_unit: float = 1.0
) -> Axes:
    """Draw the plants from cheap to dear, the demand, and the price where they meet.

    Parameters
    ----------
    stacked : pandas.DataFrame
        From `nemogrid.merit_order.stack`: marginal costs [money per kWh] between ``from_gw`` and
        ``to_gw``. Plants named ``"sun"`` are drawn in its colour.
    ax : Axes
        Where to draw.
    demand_gw : float
        The demand [GW].
    price : float
        The price at that demand [money per kWh].
    per_unit : float
        Factor from the money of the costs to that of the axis: 100 for cents.

    Returns
    -------
    Axes
    """
    shown = stacked[stacked["to_gw"] > stacked["from_gw"]]
    lift = 0.02 * per_unit * float(shown["marginal_cost"].max())
    others = [name for name in shown.index if name != "sun"]
    colours = {name: COLOURS["retailer" if i % 2 else "export"] for i, name in enumerate(others)}
    for name, row in shown.iterrows():
        cost, width = per_unit * row["marginal_cost"], row["to_gw"] - row["from_gw"]
        colour = colours.get(name, COLOURS["pv"])
        ax.bar(row["from_gw"], max(cost, lift), width, align="edge", color=colour)
        ax.annotate(
            str(name), (row["from_gw"] + width / 2, max(cost, lift)), xytext=(0, 4),
            textcoords="offset points", rotation=90, ha="center", va="bottom", fontsize="small",
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white"}, zorder=4,
        )  # fmt: skip
    height = per_unit * float(shown["marginal_cost"].max())
    ax.set_ylim(0.0, 1.5 * height)
    ax.set_xlim(0.0, float(shown["to_gw"].max()))
    ax.plot([demand_gw, demand_gw], [0.0, 1.4 * height], color=COLOURS["load"], linewidth=1.8)
    ax.annotate(
        "demand", (demand_gw, 1.4 * height), xytext=(4, 0), textcoords="offset points", va="top",
        color=COLOURS["load"],
    )  # fmt: skip
    ax.axhline(per_unit * price, color=COLOURS["limit"], linestyle="--", linewidth=1.6)
    ax.annotate(
        f"price\n{per_unit * price:.0f}", (1.0, per_unit * price),
        xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points",
        va="center", color=COLOURS["limit"],
    )  # fmt: skip
    ax.set(xlabel="capacity [GW]")
    return ax
