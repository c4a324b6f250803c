"""Tests of the prices read off charges."""

import numpy as np
import pandas as pd
import pytest
from builders import make_timeline

from nemogrid.charges import Blocks, Charge, Quantity, marginal_price, retail_window

LINE = make_timeline(1)


def charge(price, quantity=Quantity.IMPORTED, item="x", **kwargs):
    """Make a charge to the retailer."""
    return Charge(item=item, quantity=quantity, price=price, payee="retailer", **kwargs)


def test_prices_of_several_charges_add_up():
    """One number, one per step, one per member; other quantities do not count."""
    by_step = pd.Series(np.arange(LINE.n_steps), index=LINE.index)
    by_member = pd.Series([1.0, 2.0], index=["a", "b"])
    charges = [charge(0.1), charge(by_step), charge(by_member), charge(9.0, Quantity.EXPORTED)]
    total = marginal_price(charges, Quantity.IMPORTED, LINE, ["a", "b"])
    assert total[3].tolist() == pytest.approx([4.1, 5.1])


def test_the_window_lies_between_buy_back_and_retail_energy():
    """A local discount lifts the ceiling, a local charge on sellers lifts the floor."""
    charges = [
        charge(0.12, Quantity.RETAIL_BOUGHT),
        charge(-0.06, Quantity.RETAIL_SOLD),
        charge(-0.04, Quantity.LOCAL_BOUGHT),
        charge(0.01, Quantity.LOCAL_SOLD),
        charge(0.10, Quantity.IMPORTED),
    ]
    floor, ceiling = retail_window(charges, LINE, ["a"])
    assert (floor.item(), ceiling.item()) == pytest.approx((0.07, 0.16))


def test_the_window_is_safe_where_prices_come_in_blocks():
    """A purchase saves at least the first block; a local price costs at most the last."""
    charges = [
        charge(Blocks((0.12, 0.20), (100.0,)), Quantity.RETAIL_BOUGHT, period="month"),
        charge(Blocks((-0.06, -0.02), (100.0,)), Quantity.RETAIL_SOLD, period="month"),
        charge(Blocks((-0.04, -0.01), (100.0,)), Quantity.LOCAL_BOUGHT, period="month"),
        charge(Blocks((0.01, 0.02), (5.0,)), Quantity.LOCAL_SOLD),
    ]
    floor, ceiling = retail_window(charges, LINE, ["a"])
    assert (floor.item(), ceiling.item()) == pytest.approx((0.08, 0.13))
    first = marginal_price(charges, Quantity.RETAIL_BOUGHT, LINE, ["a"])
    assert first.item() == 0.12
