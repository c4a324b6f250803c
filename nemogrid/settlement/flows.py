"""Who pays whom, and what one kilowatt-hour costs: bills added up for reading."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from nemogrid.charges import Charge, Quantity
from nemogrid.community import ACTORS, Community
from nemogrid.errors import LabelError
from nemogrid.results import Bills, Clearing

GROUPS = ("consumers", "prosumers", *ACTORS)
"""Parties between which `payments` adds money up."""

ROUTES = {
    Quantity.RETAIL_BOUGHT: Quantity.IMPORTED,
    Quantity.LOCAL_BOUGHT: Quantity.IMPORTED,
    Quantity.RETAIL_SOLD: Quantity.EXPORTED,
    Quantity.LOCAL_SOLD: Quantity.EXPORTED,
}
"""Ways in which a kilowatt-hour crosses a meter, and the total of which each is a part."""


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
    pandas.DataFrame, shape (7, 7)
        Rows are payers, columns payees, both `GROUPS`; amounts [money] are gross, none is
        negative.

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
    return (
        table.reindex(index=list(GROUPS), columns=list(GROUPS), fill_value=0.0)
        .rename_axis(index="payer", columns="payee")
        .astype(float)
    )


def kwh_prices(clearing: Clearing, charges: Iterable[Charge]) -> pd.DataFrame:
    r"""Split the price of one kilowatt-hour into the lines of the bill.

    The mean price of a line over the energy :math:`q_{n,t}` that took a route is
    :math:`\sum_{n,t} p_{n,t}\, q_{n,t} / \sum_{n,t} q_{n,t}`. Charges on all imported (exported)
    energy count for both routes of an import (export). Fees by the month are left out.

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
    names, timeline = clearing.community.names, clearing.timeline
    both = (*charges, *clearing.charges)
    columns = {}
    for route, total in ROUTES.items():
        energy = clearing.energy_kwh[route]
        if not energy.sum() > 0:
            continue
        line: dict[tuple[str, str], float] = {}
        for charge in sorted(both, key=lambda charge: charge.quantity is total):
            if charge.quantity in (route, total):
                mean = float(np.sum(charge.prices(timeline, names) * energy) / energy.sum())
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
