r"""The same yearly cost under another kind of charge.

Two tariffs can be compared fairly only at one level. A line of the bill is replaced by a charge of
another shape, whose level :math:`f` is such that the reference members pay as much as before:

.. math:: f = \frac{\sum_{n \in R} C_n(\text{lines replaced})}{\sum_{n \in R} C_n(\text{shape})}.

That is exact, because the cost of each charge adds to the bill and is in proportion to its price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from nemogrid.charges import Blocks, Charge
from nemogrid.dispatch.meter import meter_cost, read_meter_prices
from nemogrid.errors import InputError, LabelError
from nemogrid.results import Profiles


def member_costs(charges: Sequence[Charge], profiles: Profiles) -> pd.Series:
    """Price every member's net load, with its fees, when nothing is shifted.

    Parameters
    ----------
    charges : sequence of Charge
        Those on locally traded energy do not apply to members on their own.
    profiles : Profiles
        Loads and PV of N members.

    Returns
    -------
    pandas.Series, shape (N,)
        Cost of the whole timeline by member [money]: the value of the objective without storage.

    Raises
    ------
    SolveError
        If export pays more than import costs in a step, naming member and step.
    """
    timeline, names = profiles.timeline, tuple(profiles.load_kw.columns)
    net_kwh = profiles.net_kw * timeline.step_h
    costs = {}
    for name in names:
        meter = read_meter_prices(tuple(charges), timeline, names, name)
        costs[name] = meter_cost(meter, net_kwh[name].to_numpy()) + sum(meter.fees.values())
    return pd.Series(costs, name="cost")


def at_equal_cost(
    charges: Sequence[Charge],
    shape: Charge,
    *,
    replaced: str | Sequence[str],
    profiles: Profiles,
    members: Sequence[str],
) -> tuple[Charge, ...]:
    """Replace lines of the bill by another charge, at the same cost for the reference members.

    Parameters
    ----------
    charges : sequence of Charge
        The bill as it is.
    shape : Charge
        What replaces the lines; its prices are scaled, its block limits are not.
    replaced : str or sequence of str
        Items to leave out.
    profiles : Profiles
        Loads and PV of N members.
    members : sequence of str
        The reference: one member, or several of whom the sum is kept.

    Returns
    -------
    tuple of Charge
        The other charges, then the scaled one.

    Raises
    ------
    LabelError
        If an item or a member is unknown.
    InputError
        If the reference pays nothing for the shape, or would have to be paid.

    Examples
    --------
    >>> from nemogrid.timeline import Timeline
    >>> hour = Timeline(pd.Timestamp("2026-06-01", tz="Europe/Zurich"), 1.0, 2)
    >>> kw = pd.DataFrame({"a": [1.0, 3.0]}, index=hour.index)
    >>> profiles = Profiles(timeline=hour, load_kw=kw, pv_kw=0 * kw, reactive_kvar=0 * kw)
    >>> flat = Charge(item="network", quantity="imported", price=0.1, payee="dso")
    >>> fee = Charge(item="fee", quantity="membership", price=1.0, payee="dso", period="day")
    >>> by_fee = at_equal_cost([flat], fee, replaced="network", profiles=profiles, members=["a"])
    >>> round(by_fee[0].price, 9), round(float(member_costs(by_fee, profiles)["a"]), 9)
    (4.8, 0.4)
    """
    items = [replaced] if isinstance(replaced, str) else list(replaced)
    unknown = set(items) - {charge.item for charge in charges}
    strangers = set(members) - set(profiles.load_kw.columns)
    if unknown or strangers or not len(members):
        raise LabelError(
            f"equal cost: no items {sorted(unknown)}, no members {sorted(strangers)}, "
            f"{len(members)} reference members: expected items of the bill and known members"
        )
    lines = [charge for charge in charges if charge.item in items]
    target, at_one = (
        float(member_costs(some, profiles)[list(members)].sum()) for some in (lines, [shape])
    )
    if at_one <= 0 or target < 0:
        raise InputError(
            f"equal cost: the reference pays {target:.4f} for {', '.join(items)} and "
            f"{at_one:.4f} for {shape.item!r}: expected amounts that a level can make equal"
        )
    kept = [charge for charge in charges if charge.item not in items]
    return (*kept, scaled(shape, target / at_one))


def scaled(charge: Charge, factor: float) -> Charge:
    """Multiply the prices of a charge.

    Parameters
    ----------
    charge : Charge
        A plain price, prices over time or members, or blocks, whose limits stay.
    factor : float
        Not negative.

    Returns
    -------
    Charge

    Examples
    --------
    >>> blocks = Charge(
    ...     item="energy", quantity="imported", price=Blocks((0.1, 0.2), (200.0,)),
    ...     payee="retailer", period="month",
    ... )
    >>> scaled(blocks, 2.0).price
    Blocks(prices=(0.2, 0.4), limits=(200.0,))
    """
    if not isinstance(charge.price, Blocks):
        return replace(charge, price=charge.price * factor)
    prices = tuple(factor * price for price in charge.price.prices)
    return replace(charge, price=Blocks(prices, charge.price.limits))
