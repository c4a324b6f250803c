"""Tests of charges of another shape at the same cost."""

import numpy as np
import pandas as pd
import pytest
from builders import make_community, make_profiles, make_timeline, tariff_charges

from nemogrid.charges import Blocks, Charge
from nemogrid.dispatch import plan_without_storage
from nemogrid.dispatch.equal_cost import at_equal_cost, member_costs, scaled
from nemogrid.errors import InputError, LabelError, SolveError
from nemogrid.markets import BusinessAsUsual
from nemogrid.settlement import settle

PROFILES = make_profiles(make_timeline(7))
NAMES = list(PROFILES.load_kw.columns)
CHARGES = tariff_charges(PROFILES)
INDEX = PROFILES.timeline.index
SHAPES = {
    "flat": Charge(item="x", quantity="imported", price=3.0, payee="dso"),
    "time of use": Charge(
        item="x", quantity="imported", payee="dso",
        price=pd.Series(1.0 + (PROFILES.timeline.hour > 12), index=INDEX),
    ),
    "blocks": Charge(
        item="x", quantity="imported", price=Blocks((1.0, 2.0), (30.0,)), payee="dso",
        period="month",
    ),
    "peak": Charge(item="x", quantity="peak_imported", price=1.0, payee="dso", period="month"),
    "fee": Charge(item="x", quantity="membership", price=1.0, payee="dso", period="month"),
}  # fmt: skip


def levelled(shape, members, charges=CHARGES):
    """Replace the network charge."""
    return at_equal_cost(charges, shape, replaced="network", profiles=PROFILES, members=members)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("members", [["m0"], ["m4"], NAMES])
def test_the_reference_pays_as_before(shape, members):
    """One member, with and without PV, or the sum of all."""
    before, after = (
        member_costs(c, PROFILES)[members] for c in (CHARGES, levelled(shape, members))
    )
    assert after.sum() == pytest.approx(before.sum(), rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_level_of_the_shape_does_not_matter(shape):
    """Only its form does: seven times the prices give the same charges."""
    once, again = (member_costs(levelled(s, ["m1"]), PROFILES) for s in (shape, scaled(shape, 7.0)))
    np.testing.assert_allclose(once, again, rtol=1e-12)


def test_a_flat_charge_replaced_by_a_flat_one_is_the_same_charge():
    """To the last digits of its price."""
    price = next(c.price for c in CHARGES if c.item == "network")
    assert levelled(SHAPES["flat"], ["m0"])[-1].price == pytest.approx(price, rel=1e-12)


def test_costs_are_the_bills_and_the_optimum():
    """Of every member under business as usual; without fees, of the closed form together."""
    costs = member_costs(CHARGES, PROFILES)
    clearing = BusinessAsUsual().clear(make_community(PROFILES), PROFILES, CHARGES)
    bills = settle(clearing, CHARGES, currency="CHF").by_member()["total"]
    np.testing.assert_allclose(costs, bills[NAMES], rtol=1e-9)
    energy = [c for c in CHARGES if c.quantity != "membership"]
    optimum = plan_without_storage(PROFILES, CHARGES).certificate.objective
    assert member_costs(energy, PROFILES).sum() == pytest.approx(optimum, rel=1e-12)


@pytest.mark.parametrize(
    ("replaced", "members"), [("network", ["nobody"]), ("magic", ["m0"]), ("network", [])]
)
def test_unknown_items_and_members_are_refused(replaced, members):
    """Nothing is left out silently."""
    with pytest.raises(LabelError, match="equal cost"):
        at_equal_cost(CHARGES, SHAPES["fee"], replaced=replaced, profiles=PROFILES, members=members)


def test_a_shape_that_the_reference_does_not_pay_is_refused():
    """A consumer exports nothing, so no level of an export charge costs it as much."""
    export = Charge(item="x", quantity="exported", price=0.1, payee="dso")
    with pytest.raises(InputError, match="'x'"):
        levelled(export, ["m4"])


def test_free_kilowatt_hours_below_the_buy_back_price_are_refused():
    """With all of the import price in a fee, importing to export would pay."""
    items = [c.item for c in CHARGES if c.quantity in ("imported", "retail_bought")]
    charges = at_equal_cost(
        CHARGES, SHAPES["fee"], replaced=items, profiles=PROFILES, members=["m4"]
    )
    with pytest.raises(SolveError, match="unbounded arbitrage"):
        member_costs(charges, PROFILES)
