"""Money: who pays whom in a year, and what one kilowatt-hour is made of.

`money_flows` reads from left to right. Members pay on the left; the retailer and the community
manager stand in the middle, because they pay as well as get; whoever is paid stands on the right.
Each arrow is as thick as its amount, and the place of everything follows from the amounts alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.charges import Quantity
from nemogrid.errors import InputError
from nemogrid.outcome import Outcome
from nemogrid.plots.arrows import draw
from nemogrid.plots.ribbons import BETWEEN, CANVAS_PT, Flow, arrange
from nemogrid.plots.theme import COLOURS, item_colours, money_text
from nemogrid.results import Clearing
from nemogrid.settlement.flows import kwh_prices, payments

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MONEY_FLOWS_SIZE = (CANVAS_PT[0] / 72.0, CANVAS_PT[1] / 72.0)
"""Size of a figure [inch] in which the text of `money_flows` is as large as elsewhere."""

_BARS = {
    "retail_bought": "buyer pays,\nfrom retailer",
    "local_bought": "buyer pays,\nfrom neighbour",
    "local_sold": "seller gets\nfrom neighbour",
    "retail_sold": "seller gets\nfrom retailer",
}


def money_flows(outcome: Outcome, ax: Axes) -> Axes:
    """Draw who pays whom: amounts, and in brackets the amounts per kilowatt-hour.

    The energy in the brackets is what the payer drew from the payee (the retailer, the manager),
    what its stores gave back (the installer) or what it drew from the feeder (the others), and for
    payments to members what they sold to the payer; fees are included. What the DSO, the TSO and
    the state pay back to those who pay them is netted.

    Parameters
    ----------
    outcome : Outcome
        A simulated scenario.
    ax : Axes
        Where to draw, best in a figure of `MONEY_FLOWS_SIZE`; in a smaller one the text shrinks.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If nobody pays anything.
    """
    table = payments(outcome.bills, outcome.clearing.community)
    net = _netted(table)
    pairs = [(payer, payee) for payer in net.index for payee in net.columns]
    flows = [
        Flow(payer, payee, amount, _label(outcome.clearing, payer, payee, amount))
        for payer, payee in pairs
        if (amount := float(net.loc[payer, payee])) > 0
    ]
    if not flows:
        raise InputError("money flows: nobody pays anything in this outcome")
    draw(arrange(flows), ax, note=_note(outcome))
    return ax


def price_stack(outcome: Outcome, ax: Axes) -> Axes:
    """Draw what one kilowatt-hour costs the buyer, line by line, and what the seller gets.

    Means over the energy that was traded; fees by the month are left out. Where a line of the
    buyer's bill is a credit, it stands left of zero and a mark shows the sum.

    Parameters
    ----------
    outcome : Outcome
        A simulated scenario.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If no energy was bought or sold.
    """
    clearing, tariff = outcome.clearing, outcome.scenario.tariff
    charges = (
        *tariff.ex_ante(clearing.community, clearing.timeline), *tariff.ex_post(outcome.state)
    )  # fmt: skip
    prices = kwh_prices(clearing, charges)
    if prices.empty:
        raise InputError("price stack: no energy was bought or sold in this outcome")
    routes = [route for route in _BARS if route in prices.columns]
    colours = item_colours((c.item, c.payee) for c in (*charges, *clearing.charges))
    signs = {route: -1.0 if route.endswith("sold") else 1.0 for route in routes}
    y = np.arange(len(routes))[::-1]
    for sign in (1.0, -1.0):
        left = np.zeros(len(routes))
        for item, payee in prices.index:
            values = np.array([signs[r] * float(prices[r].loc[(item, payee)]) for r in routes])
            width = np.where(sign * values > 0, values, 0.0)
            if width.any():
                ax.barh(y, width, 0.62, left=left, color=colours[item], label=item)
                left = left + width
    totals = np.array([signs[route] * prices[route].sum() for route in routes])
    ends = np.array([np.maximum(signs[r] * prices[r], 0.0).sum() for r in routes])
    for yi, total, end in zip(y, totals, ends, strict=True):
        ax.annotate(
            f"{total:.3f}", (end, yi), xytext=(4, 0), textcoords="offset points", va="center",
            fontweight="bold",
        )  # fmt: skip
        if total < end - 1e-9:
            ax.plot([total, total], [yi - 0.4, yi + 0.4], color=COLOURS["load"], linewidth=2.0)
    ax.set_yticks(y, [_BARS[route] for route in routes])
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(right=1.16 * ends.max())
    ax.set_xlabel(f"price [{outcome.bills.currency} per kWh]")
    _legend(ax)
    return ax


@dataclass(frozen=True)
class _Energy:
    bought: Quantity
    sold: Quantity


_ENERGY = {
    "retailer": _Energy(Quantity.RETAIL_BOUGHT, Quantity.RETAIL_SOLD),
    "manager": _Energy(Quantity.LOCAL_BOUGHT, Quantity.LOCAL_SOLD),
    "installer": _Energy(Quantity.DISCHARGED, Quantity.DISCHARGED),
}


def _netted(table: pd.DataFrame) -> pd.DataFrame:
    sides = [actor for actor in table.index if actor not in BETWEEN]
    net = table.copy()
    net.loc[sides, sides] = (table - table.T).loc[sides, sides].clip(lower=0.0)
    return net


def _label(clearing: Clearing, payer: str, payee: str, amount: float) -> str:
    names = np.array(clearing.community.names)
    groups = {"consumers": clearing.community.consumers, "prosumers": clearing.community.prosumers}
    any_energy = _Energy(Quantity.IMPORTED, Quantity.EXPORTED)
    if payer in groups:
        quantity, members = _ENERGY.get(payee, any_energy).bought, groups[payer]
    elif payee in groups:
        quantity, members = _ENERGY.get(payer, any_energy).sold, groups[payee]
    else:
        return money_text(amount)
    energy_kwh = float(clearing.energy_kwh[quantity][:, np.isin(names, members)].sum())
    per_kwh = f" ({amount / energy_kwh:.3f})" if energy_kwh > 0 else ""
    return money_text(amount) + per_kwh


def _note(outcome: Outcome) -> str:
    timeline, currency = outcome.clearing.timeline, outcome.bills.currency
    days = timeline.hours / 24.0
    span = f"the year {timeline.start.year}" if days in (365.0, 366.0) else f"{days:g} days"
    return f"{currency} in {span}; in brackets {currency} per kWh, fees included"


def _legend(ax: Axes) -> None:
    handles, labels = ax.get_legend_handles_labels()
    first = pd.Series(handles, index=labels)
    first = first[~first.index.duplicated()]
    ax.legend(
        list(first), list(first.index), loc="lower right", bbox_to_anchor=(1.02, 1.0), ncols=2,
        borderaxespad=0.2, handlelength=1.2, columnspacing=1.2, labelspacing=0.3,
    )  # fmt: skip
