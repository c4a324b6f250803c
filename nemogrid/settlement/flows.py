"""Who pays whom, and what one kilowatt-hour costs: bills added up for reading."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from nemogrid.charges import Blocks, Charge, Quantity
from nemogrid.community import ACTORS, Community
from nemogrid.errors import LabelError
from nemogrid.results import Bills, Clearing
from nemogrid.settlement.bills import count

GROUPS = ("consumers", "prosumers", *ACTORS)
"""Parties between which `payments` adds money up."""

_OCCASIONAL = ("installer",)

ROUTES = {
    Quantity.RETAIL_BOUGHT: Quantity.IMPORTED,
    Quantity.LOCAL_BOUGHT: Quantity.IMPORTED,
    Quantity.RETAIL_SOLD: Quantity.EXPORTED,
    Quantity.LOCAL_SOLD: Quantity.EXPORTED,
}
"""Ways in which a kilowatt-hour crosses a meter, and the total of which each is a part."""


def parties(*bills: Bills) -> tuple[str, ...]:
    """List the actors other than members that a table of these bills shows.

    Parameters
    ----------
    *bills : Bills
        One settlement, or several to be compared.

    Returns
    -------
    tuple of str
        Of `nemogrid.community.ACTORS`, in that order: all, but the installer only where it pays
        or is paid.

    Examples
    --------
    >>> postings = pd.DataFrame({"payer": ["house"], "payee": ["installer"], "amount": [9.2]})
    >>> parties(Bills(postings=postings, members=("house",), currency="CHF"))
    ('retailer', 'dso', 'tso', 'state', 'manager', 'installer')
    """
    named = {
        actor
        for settlement in bills
        for side in ("payer", "payee")
        for actor in settlement.postings[side].unique()
    }
    return tuple(actor for actor in ACTORS if actor in named or actor not in _OCCASIONAL)


def payments(bills: Bills, community: Community) -> pd.DataFrame:
    """Add up what each group of actors paid to each other one.

    Parameters
    ----------
    bills : Bills
        Postings of the members of the community.
    community : Community
        Tells consumers from prosumers.

    Returns
    -------
    pandas.DataFrame
        Rows are payers, columns payees, both consumers, prosumers and the `parties` of the bills;
        amounts [money] are gross, none is negative.

    Raises
    ------
    LabelError
        If the bills are of other members.

    Examples
    --------
    >>> from nemogrid.community import Member
    >>> house = Community((Member(name="house", bus=0, yearly_kwh=100.0),))
    >>> postings = pd.DataFrame({"payer": ["house"], "payee": ["dso"], "amount": [9.2]})
    >>> bills = Bills(postings=postings, members=("house",), currency="CHF")
    >>> payments(bills, house).loc["consumers", "dso"].item()
    9.2
    """
    if bills.members != community.names:
        raise LabelError("payments: the bills are of other members than the community")
    group_of = {
        **dict.fromkeys(community.consumers, "consumers"),
        **dict.fromkeys(community.prosumers, "prosumers"),
        **{actor: actor for actor in ACTORS},
    }
    payer, payee = (bills.postings[side].map(group_of) for side in ("payer", "payee"))
    amounts = bills.postings["amount"].astype(float).groupby([payer, payee]).sum()
    table = amounts.unstack(fill_value=0) if len(amounts) else pd.DataFrame()  # noqa: PD010
    groups = ["consumers", "prosumers", *parties(bills)]
    return (
        table.reindex(index=groups, columns=groups, fill_value=0.0)
        .rename_axis(index="payer", columns="payee")
        .astype(float)
    )


def kwh_prices(clearing: Clearing, charges: Iterable[Charge]) -> pd.DataFrame:
    r"""Split the price of one kilowatt-hour into the lines of the bill.

    The mean price of a line over the energy :math:`q_{n,t}` that took a route is
    :math:`\sum_{n,t} p_{n,t}\, q_{n,t} / \sum_{n,t} q_{n,t}`. Charges on all imported (exported)
    energy count for both routes of an import (export). A price in blocks is the mean of the period
    in which the energy flowed. Fees, peaks and the wear of storage are left out: none of them is a
    price of energy through the meter.

    Parameters
    ----------
    clearing : Clearing
        Energies and the charges of the market.
    charges : iterable of Charge
        The charges of the tariff.

    Returns
    -------
    pandas.DataFrame, shape (lines, routes)
        Rows are (item, payee), those of one route before those of several; columns the names of
        `ROUTES` by which energy flowed; [money per kWh], negative where the member is paid.
    """
    both = (*charges, *clearing.charges)
    columns = {}
    for route, total in ROUTES.items():
        energy = clearing.energy_kwh[route]
        if not energy.sum() > 0:
            continue
        line: dict[tuple[str, str], float] = {}
        for charge in sorted(both, key=lambda charge: charge.quantity is total):
            if charge.quantity in (route, total):
                mean = float(np.sum(_mean_prices(charge, clearing) * energy) / energy.sum())
                key = (charge.item, charge.payee)
                line[key] = line.get(key, 0.0) + mean
        columns[str(route)] = line
    used = dict.fromkeys(key for line in columns.values() for key in line)
    shared = {(charge.item, charge.payee) for charge in both if charge.quantity in ROUTES.values()}
    lines = sorted(used, key=lambda key: key in shared)
    index = pd.MultiIndex.from_tuples(lines, names=["item", "payee"])
    return pd.DataFrame(
        {route: [line.get(key, 0.0) for key in lines] for route, line in columns.items()},
        index=index,
    )


def _mean_prices(charge: Charge, clearing: Clearing) -> np.ndarray:
    """Price of each kWh, broadcastable to (T, N); in blocks, the mean of its period."""
    timeline, names = clearing.timeline, clearing.community.names
    if not isinstance(charge.price, Blocks):
        return charge.prices(timeline, names)
    first, energy, amount = count(charge, clearing)
    means = np.divide(amount, energy, out=np.zeros_like(energy), where=energy > 0)
    return np.repeat(means, np.diff(np.r_[first, timeline.n_steps]), axis=0)
