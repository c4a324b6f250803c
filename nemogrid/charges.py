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

from nemogrid.community import ACTORS
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
            How much of the period is covered; the limits shrink with it.

        Returns
        -------
        float
            Money.
        """
        ends = np.array([*self.limits, np.inf]) * share
        starts = np.r_[0.0, ends[:-1]]
        return float(np.clip(energy_kwh - starts, 0.0, ends - starts) @ np.array(self.prices))


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
        if isinstance(self.price, Blocks) and spanning:
            raise InputError(
                f"charge {self.item!r} prices {self.quantity} in blocks: expected an energy"
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
    charges: Iterable[Charge], quantity: Quantity, timeline: Timeline, names: Sequence[str]
) -> np.ndarray:
    """Add up what one more kilowatt-hour costs; with blocks, in the first of them.

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
        np.full((1, 1), c.price.prices[0])
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
    asks, once the charges that depend on who sold the energy are counted on both sides.

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

    def price(quantity: Quantity) -> np.ndarray:
        return marginal_price(charges, quantity, timeline, names)

    floor = price(Quantity.LOCAL_SOLD) - price(Quantity.RETAIL_SOLD)
    ceiling = price(Quantity.RETAIL_BOUGHT) - price(Quantity.LOCAL_BOUGHT)
    return floor, ceiling
