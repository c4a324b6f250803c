"""Tests of charges and the prices read off them."""

import numpy as np
import pandas as pd
import pytest
from builders import make_timeline

from nemogrid.charges import (
    Blocks,
    Charge,
    Quantity,
    marginal_price,
    ownership_charges,
    retail_window,
)
from nemogrid.community import Battery, Community, ElectricVehicle, Member
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
    total = marginal_price(
        [charge(0.1), charge(by_step), charge(by_member)], Quantity.IMPORTED, LINE, ["a", "b"]
    )
    assert total[3].tolist() == pytest.approx([4.1, 5.1])


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


@pytest.mark.parametrize(
    ("prices", "limits", "message"),
    [
        ((0.1, 0.2), (), "2 prices and 0 limits"),
        ((0.2, 0.1), (5.0,), "fall"),
        ((0.1, 0.2, 0.3), (5.0, 5.0), "increasing"),
        ((0.1, 0.2), (0.0,), "increasing numbers above 0"),
        ((0.1, np.nan), (5.0,), "finite"),
    ],
)
def test_impossible_blocks_are_refused(prices, limits, message):
    """A price that falls would make the bill concave."""
    with pytest.raises(InputError, match=message):
        Blocks(prices, limits)


@pytest.mark.parametrize("energy", [0.0, 199.0, 200.0, 250.0, 401.0, 1e6])
def test_the_energy_of_a_period_pays_block_by_block(energy):
    """Against the integral of the price."""
    blocks = Blocks((0.1, 0.2, 0.4), (200.0, 400.0))
    expected = 0.1 * energy + 0.1 * max(energy - 200.0, 0.0) + 0.2 * max(energy - 400.0, 0.0)
    assert blocks.total(energy) == pytest.approx(expected)
    assert blocks.total(energy / 4, 0.25) == pytest.approx(expected / 4)
    shares, energies = np.array([[1.0], [0.25]]), np.array([[energy] * 3, [energy / 4] * 3])
    assert blocks.totals(energies, shares) == pytest.approx(expected * shares * np.ones(3))


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


def home(name, battery=None, car=None):
    """Make a member whose battery and car wear at these prices."""
    return Member(
        name=name, bus=0, yearly_kwh=4000.0,
        battery=None if battery is None else Battery(
            capacity_kwh=8.0, power_kw=4.0, charge_efficiency=0.95, discharge_efficiency=0.95,
            wear_per_kwh=battery,
        ),
        vehicle=None if car is None else ElectricVehicle(bidirectional=True, wear_per_kwh=car),
    )  # fmt: skip


def test_owners_pay_for_the_wear_of_their_own_storage():
    """A price for each member, of its battery or its car; nothing where nothing wears."""
    members = (home("none"), home("battery", 0.08), home("car", car=0.05), home("both", 0.1, 0.1))
    (wear,) = ownership_charges(Community(members))
    assert (wear.item, wear.payee, wear.quantity) == ("storage wear", "installer", "discharged")
    assert wear.price.to_dict() == {"none": 0.0, "battery": 0.08, "car": 0.05, "both": 0.1}
    assert ownership_charges(Community((home("none"), home("free", 0.0)))) == ()


def test_a_battery_and_a_car_that_wear_differently_cannot_be_counted_together():
    """The message names the member; a car that cannot feed back does not count."""
    with pytest.raises(InputError, match="member 'both'.*0.1 per kWh and its car at 0.05"):
        ownership_charges(Community((home("both", 0.1, 0.05),)))
    one_way = Member(
        name="both", bus=0, yearly_kwh=1.0, battery=home("x", 0.1).battery,
        vehicle=ElectricVehicle(wear_per_kwh=0.05),
    )  # fmt: skip
    (wear,) = ownership_charges(Community((one_way,)))
    assert wear.price.tolist() == [0.1]
