"""What owners of storage pay for its wear."""

from __future__ import annotations

import pandas as pd

from nemogrid.charges.charge import Charge, Quantity
from nemogrid.community import Community, Member
from nemogrid.errors import InputError


def ownership_charges(community: Community) -> tuple[Charge, ...]:
    """Charge every member for what it wears down of its own storage.

    A battery or a car that is used up has to be replaced, and whoever replaces it is paid: the
    installer. A car counts where it can feed back, for `Quantity.DISCHARGED` adds up what
    batteries and cars give back.

    Parameters
    ----------
    community : Community
        N members.

    Returns
    -------
    tuple of Charge
        One charge with a price for each member, or none where nothing wears.

    Raises
    ------
    InputError
        If the battery and the car of a member wear at different prices.

    Examples
    --------
    >>> from nemogrid.community import Battery, Member
    >>> box = Battery(capacity_kwh=8.0, power_kw=4.0, charge_efficiency=0.95,
    ...               discharge_efficiency=0.95, wear_per_kwh=0.08)
    >>> pair = Community((Member(name="a", bus=1, yearly_kwh=4000.0, battery=box),
    ...                   Member(name="b", bus=2, yearly_kwh=4000.0)))
    >>> [(c.item, c.payee, c.price.tolist()) for c in ownership_charges(pair)]
    [('storage wear', 'installer', [0.08, 0.0])]
    """
    wear = pd.Series([_wear_per_kwh(member) for member in community], index=list(community.names))
    if not wear.any():
        return ()
    return (
        Charge(
            item="storage wear", quantity=Quantity.DISCHARGED, price=wear, payee="installer"
        ),
    )  # fmt: skip


def _wear_per_kwh(member: Member) -> float:
    battery, car = member.battery, member.vehicle
    prices = [battery.wear_per_kwh] if battery is not None else []
    if car is not None and car.bidirectional:
        prices.append(car.wear_per_kwh)
    if len(set(prices)) > 1:
        raise InputError(
            f"member {member.name!r}: its battery wears at {prices[0]} per kWh and its car at "
            f"{prices[1]}; expected one price, for what they give back is counted together"
        )
    return prices[0] if prices else 0.0
