"""What one more kilowatt-hour costs, read off a list of charges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from nemogrid.charges.blocks import Blocks
from nemogrid.charges.charge import Charge, Quantity
from nemogrid.timeline import Timeline


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
