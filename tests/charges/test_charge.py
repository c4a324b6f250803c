"""Tests of charges."""

import numpy as np
import pandas as pd
import pytest
from builders import make_timeline

from nemogrid.charges import Blocks, Charge, Quantity
from nemogrid.errors import InputError, LabelError
from nemogrid.timeline import Period

LINE = make_timeline(1)


def charge(price, quantity=Quantity.IMPORTED, item="x", **kwargs):
    """Make a charge to the retailer."""
    return Charge(item=item, quantity=quantity, price=price, payee="retailer", **kwargs)


def test_prices_broadcast_over_steps_and_members():
    """One number, one per step, one per member: three shapes that broadcast to (T, N)."""
    by_step = pd.Series(np.arange(LINE.n_steps), index=LINE.index)
    by_member = pd.Series([1.0, 2.0], index=["a", "b"])
    shapes = [charge(p).prices(LINE, ["a", "b"]).shape for p in (0.1, by_step, by_member)]
    assert shapes == [(1, 1), (LINE.n_steps, 1), (1, 2)]


def test_blocks_are_not_one_price():
    """Whoever asks for one price is told the item."""
    with pytest.raises(InputError, match="'x' is priced in blocks"):
        charge(Blocks((0.1, 0.2), (5.0,))).prices(LINE, ["a"])


@pytest.mark.parametrize("labels", [["b", "a"], ["a"], ["a", "c"]])
def test_labels_match_exactly_or_raise(labels):
    """A price for other members, or in another order, is not guessed at."""
    price = pd.Series(np.ones(len(labels)), index=labels)
    with pytest.raises(LabelError, match="'x'"):
        charge(price).prices(LINE, ["a", "b"])


def test_prices_of_other_steps_are_refused():
    """A price series one step off is not shifted silently."""
    price = pd.Series(1.0, index=LINE.index + pd.Timedelta(minutes=30))
    with pytest.raises(LabelError, match="steps of the timeline"):
        charge(price).prices(LINE, ["a"])


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"price": np.nan}, "finite"),
        ({"price": 1.0, "item": "total"}, "other than 'total'"),
        ({"price": 1.0, "item": " "}, "with a name"),
        ({"price": 1.0, "quantity": "membership"}, "membership per day"),
        ({"price": 1.0, "period": "month"}, "energy per step"),
        ({"price": 1.0, "period": "week"}, "unknown period 'week', expected one of step, day"),
        ({"price": 1.0, "quantity": "importd"}, "unknown quantity 'importd', expected one of imp"),
        ({"price": "dear"}, "not a finite number"),
        ({"price": np.array([1.0, 2.0])}, "expected one number"),
        ({"price": pd.Series(dtype=float)}, "expected one number"),
        ({"price": -1.0, "quantity": "peak_imported", "period": "month"}, "pays for a peak"),
        ({"price": 1.0, "quantity": "peak_imported"}, "peaks and membership per day"),
        ({"price": Blocks((0.1,), ()), "quantity": "discharged"}, "through the meter"),
        ({"price": Blocks((0.1,), ()), "quantity": "peak_imported"}, "through the meter"),
        ({"price": Blocks((0.1,), ()), "quantity": "membership", "period": "day"}, "in blocks"),
    ],
)
def test_impossible_charges_are_refused(kwargs, message):
    """The message names the item."""
    with pytest.raises(InputError, match=message):
        charge(**kwargs)


def test_an_unknown_payee_is_refused():
    """Money goes to a known actor."""
    with pytest.raises(InputError, match="'bank'"):
        Charge(item="x", quantity="imported", price=1.0, payee="bank")


def test_a_membership_is_charged_by_a_longer_period():
    """Fees are per day, month or year."""
    fee = Charge(
        item="fee", quantity="membership", price=5.0, payee="manager", period="month"
    )  # fmt: skip
    assert fee.period is Period.MONTH
