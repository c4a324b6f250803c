"""A charge: price x quantity x period, from a member to a payee.

Every euro that anybody pays is a `Charge`. The objective functions and the bills read the same
charges, and therefore cannot disagree.

=============  ===========================================================================
quantity       what is measured, at the member's meter
=============  ===========================================================================
imported       energy drawn from the feeder, whoever sold it [kWh]
exported       energy fed into the feeder, whoever buys it [kWh]
retail_bought  the part of the import that the retailer sold [kWh]
retail_sold    the part of the export that the retailer bought [kWh]
local_bought   the part of the import that other members sold [kWh]
local_sold     the part of the export that other members bought [kWh]
discharged     energy that batteries and cars give back [kWh]
peak_imported  highest mean power of a step drawn from the feeder in the period [kW]
peak_exported  highest mean power of a step fed into the feeder in the period [kW]
membership     being a customer [periods]
=============  ===========================================================================

A positive price is paid by the member, a negative price is paid to the member. A price may rise
in `Blocks`, of the energy of a day, month or year, or of the power of each step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from nemogrid.community import ACTORS, Community, Member
from nemogrid.errors import InputError, LabelError
from nemogrid.timeline import Period, Timeline


class Quantity(StrEnum):
    """What a charge counts."""

    IMPORTED = "imported"
    EXPORTED = "exported"
    RETAIL_BOUGHT = "retail_bought"
    RETAIL_SOLD = "retail_sold"
    LOCAL_BOUGHT = "local_bought"
    LOCAL_SOLD = "local_sold"
    DISCHARGED = "discharged"
    PEAK_IMPORTED = "peak_imported"
    PEAK_EXPORTED = "peak_exported"
    MEMBERSHIP = "membership"

    @property
    def is_peak(self) -> bool:
        """Whether it is the highest power of a period, and not an energy."""
        return self in (Quantity.PEAK_IMPORTED, Quantity.PEAK_EXPORTED)


@dataclass(frozen=True)
class Blocks:
    """A price that rises from block to block: each kWh pays the price of the block it falls in.

    Parameters
    ----------
    prices : tuple of float
        Price of each block [money per kWh], not falling: then the total is convex.
    limits : tuple of float
        Where each block but the last ends, increasing: the energy of the period [kWh], or, for a
        charge by the step, the mean power of the step [kW].

    Raises
    ------
    InputError
        If the prices fall, the limits do not increase, or their numbers do not fit.

    Examples
    --------
    >>> Blocks((0.10, 0.20), (200.0,)).total(250.0)
    30.0
    """

    prices: tuple[float, ...]
    limits: tuple[float, ...]

    def __post_init__(self) -> None:
        prices = tuple(float(price) for price in self.prices)
        limits = tuple(float(limit) for limit in self.limits)
        object.__setattr__(self, "prices", prices)
        object.__setattr__(self, "limits", limits)
        if len(prices) != len(limits) + 1:
            raise InputError(
                f"blocks of {len(prices)} prices and {len(limits)} limits: expected one price more"
            )
        if not np.all(np.isfinite([*prices, *limits])):
            raise InputError(f"blocks {prices} up to {limits}: expected finite numbers")
        if any(np.diff(prices) < 0):
            raise InputError(f"block prices {prices} fall: expected prices that do not")
        if any(np.diff([0.0, *limits]) <= 0):
            raise InputError(f"block limits {limits}: expected increasing numbers above 0")

    def total(self, energy_kwh: float, share: float = 1.0) -> float:
        """Price the energy of a period.

        Parameters
        ----------
        energy_kwh : float
            Energy of the period [kWh], not negative.
        share : float
            How much of the period is covered; the limits shrink with it. For a charge by the
            step, its length [h]: that turns limits in kW into limits in kWh.

        Returns
        -------
        float
            Money.
        """
        return float(self.totals(np.array(energy_kwh), share))

    def totals(self, energy_kwh: np.ndarray, share: np.ndarray | float = 1.0) -> np.ndarray:
        """Price the energies of many periods, each as in `total`.

        Parameters
        ----------
        energy_kwh : numpy.ndarray
            Energies [kWh], not negative.
        share : numpy.ndarray or float
            Shares of the periods, broadcastable to the energies.

        Returns
        -------
        numpy.ndarray
            Money, in the shape of the energies.

        Examples
        --------
        >>> Blocks((0.10, 0.20), (200.0,)).totals(np.array([50.0, 100.0]), 0.25).tolist()
        [5.0, 15.0]
        """
        starts = np.multiply.outer(np.asarray(share), np.array([0.0, *self.limits]))
        ends = np.concatenate([starts[..., 1:], np.full((*starts.shape[:-1], 1), np.inf)], axis=-1)
        reached = np.clip(energy_kwh[..., None] - starts, 0.0, ends - starts)
        return np.asarray(reached @ np.array(self.prices))


@dataclass(frozen=True, kw_only=True, eq=False)
class Charge:
    """One line of every member's bill.

    Parameters
    ----------
    item : str
        Name of the line.
    quantity : Quantity
        What is counted.
    price : float, pandas.Series or Blocks
        Price per kWh, per kW and period, or per period: one number, a Series over the steps of the
        timeline, a Series over the names of the members, or rising blocks.
    payee : str
        Who is paid: one of `nemogrid.community.ACTORS`.
    period : Period
        Span over which the quantity is counted: ``STEP`` for energy with one price; a day, month
        or year for memberships, peaks, and the blocks of an energy.

    Raises
    ------
    InputError
        For an item without a name, an unknown payee, quantity or period, a price that is not one
        finite number or a Series of them, or a fee, peak or plain price over a wrong period.
    """

    item: str
    quantity: Quantity
    price: float | pd.Series | Blocks
    payee: str
    period: Period = Period.STEP

    def __post_init__(self) -> None:
        if not isinstance(self.item, str) or not self.item.strip() or self.item == "total":
            raise InputError(
                f"charge {self.item!r}: expected an item with a name, other than 'total', which "
                "is the sum of the bill"
            )
        for name, kind in (("quantity", Quantity), ("period", Period)):
            known = [str(choice) for choice in kind]
            if getattr(self, name) not in known:
                raise InputError(
                    f"charge {self.item!r}: unknown {name} {getattr(self, name)!r}, expected one "
                    f"of {', '.join(known)}"
                )
            object.__setattr__(self, name, kind(getattr(self, name)))
        if self.payee not in ACTORS:
            raise InputError(f"charge {self.item!r} is paid to {self.payee!r}: expected {ACTORS}")
        self._require_price()
        spanning = self.quantity is Quantity.MEMBERSHIP or self.quantity.is_peak
        if spanning == (self.period is Period.STEP) and not isinstance(self.price, Blocks):
            raise InputError(
                f"charge {self.item!r} prices {self.quantity} per {self.period}: expected energy "
                "per step; peaks and membership per day, month or year"
            )
        if isinstance(self.price, Blocks) and (spanning or self.quantity is Quantity.DISCHARGED):
            raise InputError(
                f"charge {self.item!r} prices {self.quantity} in blocks: expected an energy "
                "through the meter"
            )

    def _require_price(self) -> None:
        if isinstance(self.price, Blocks):
            return
        try:
            price = np.asarray(self.price, dtype=float)
        except (TypeError, ValueError):
            price = np.array(np.nan)
        if not np.all(np.isfinite(price)):
            raise InputError(f"charge {self.item!r} has a price that is not a finite number")
        if not price.size or price.ndim > isinstance(self.price, pd.Series):
            raise InputError(
                f"charge {self.item!r}: a price of shape {price.shape}, expected one number, "
                "a Series over the steps or the members, or Blocks"
            )
        if self.quantity.is_peak and np.any(price < 0):
            raise InputError(f"charge {self.item!r} pays for a peak: expected at least 0")

    def prices(self, timeline: Timeline, names: Sequence[str]) -> np.ndarray:
        """Lay the price out over steps and members.

        Parameters
        ----------
        timeline : Timeline
            T steps.
        names : sequence of str
            N members.

        Returns
        -------
        numpy.ndarray
            Shape (1, 1), (T, 1) or (1, N) [money per kWh, or per period].

        Raises
        ------
        LabelError
            If a Series carries other labels than the steps or the members.
        InputError
            If the price rises in blocks, and is not one number.
        """
        if isinstance(self.price, Blocks):
            raise InputError(f"charge {self.item!r} is priced in blocks: expected one price")
        if not isinstance(self.price, pd.Series):
            return np.full((1, 1), float(self.price))
        values = self.price.to_numpy(dtype=float)
        if self.price.index.equals(timeline.index):
            return values[:, None]
        if list(self.price.index) == list(names):
            return values[None, :]
        raise LabelError(
            f"charge {self.item!r}: the price has {len(values)} labels from "
            f"{self.price.index[0]!r}; expected the {timeline.n_steps} steps of the timeline or "
            f"the {len(names)} members, in their order"
        )


def marginal_price(
    charges: Iterable[Charge],
    quantity: Quantity,
    timeline: Timeline,
    names: Sequence[str],
    *,
    block: int = 0,
) -> np.ndarray:
    """Add up what one more kilowatt-hour costs; with blocks, in one of them.

    Parameters
    ----------
    charges : iterable of Charge
        The charges that apply.
    quantity : Quantity
        An energy.
    timeline : Timeline
        T steps.
    names : sequence of str
        N members.
    block : int
        Which of the prices of `Blocks`: 0 the first and lowest, -1 the last and highest.

    Returns
    -------
    numpy.ndarray
        Money per kWh, broadcastable to (T, N).

    Examples
    --------
    >>> day = Timeline.year(2026)
    >>> energy = Charge(item="energy", quantity="imported", price=0.12, payee="retailer")
    >>> grid = Charge(item="network", quantity="imported", price=0.10, payee="dso")
    >>> marginal_price([energy, grid], Quantity.IMPORTED, day, ["a"]).item()
    0.22
    """
    layers = [
        np.full((1, 1), c.price.prices[block])
        if isinstance(c.price, Blocks)
        else c.prices(timeline, names)
        for c in charges
        if c.quantity is quantity
    ]
    return np.asarray(sum(layers, start=np.zeros((1, 1))))


def retail_window(
    charges: Iterable[Charge], timeline: Timeline, names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Find the prices between which local trade helps both sides.

    A seller wants more than the retailer pays it; a buyer wants to pay less than the retailer
    asks, once the charges that depend on who sold the energy are counted on both sides. Of prices
    in `Blocks` the window takes the block that leaves it narrowest, so that it is safe whatever
    the energy of the period turns out to be: a purchase saves at least the first block of the
    retailer's price, a sale forgoes at most the first block of what the retailer pays, and either
    costs at most the last block of a price on local energy.

    Parameters
    ----------
    charges : iterable of Charge
        The charges that apply.
    timeline : Timeline
        T steps.
    names : sequence of str
        N members.

    Returns
    -------
    floor, ceiling : numpy.ndarray
        Lowest price of a sale and highest price of a purchase [money per kWh], broadcastable to
        (T, N).
    """
    charges = tuple(charges)

    def price(quantity: Quantity, block: int) -> np.ndarray:
        return marginal_price(charges, quantity, timeline, names, block=block)

    floor = price(Quantity.LOCAL_SOLD, -1) - price(Quantity.RETAIL_SOLD, 0)
    ceiling = price(Quantity.RETAIL_BOUGHT, 0) - price(Quantity.LOCAL_BOUGHT, -1)
    return floor, ceiling


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
