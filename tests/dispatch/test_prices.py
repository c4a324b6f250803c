"""Tests of the prices that a member faces."""

import numpy as np
import pytest
from builders import make_community, make_profiles, make_timeline, tariff_charges

from nemogrid.charges import Charge, Quantity
from nemogrid.dispatch import member_prices
from nemogrid.errors import LabelError
from nemogrid.markets import BusinessAsUsual, CommunityPool

PROFILES = make_profiles(make_timeline(2))
COMMUNITY = make_community(PROFILES)
CHARGES = tariff_charges(PROFILES)


def test_business_as_usual_prices_are_those_of_the_tariff():
    """All import at the retail price, all export at the buy-back price."""
    clearing = BusinessAsUsual().clear(COMMUNITY, PROFILES, CHARGES)
    prices = member_prices(clearing, CHARGES, "m0")
    assert prices.import_price == pytest.approx(np.full(96, 0.2662))
    assert prices.export_price == pytest.approx(np.full(96, 0.06))
    assert prices.fees == {"metering": pytest.approx(6.2 * 48 / 743)}


def test_pool_prices_mix_local_and_retail_by_the_shares_of_the_step():
    """The mixture times the energy is what the member is charged."""
    clearing = CommunityPool().clear(COMMUNITY, PROFILES, CHARGES)
    charges = (*CHARGES, *clearing.charges)
    prices = member_prices(clearing, charges, "m4")
    energy = {kind: flow[:, 4] for kind, flow in clearing.energy_kwh.items()}
    expected = (
        0.1451 * energy[Quantity.IMPORTED]
        + 0.1211 * energy[Quantity.RETAIL_BOUGHT]
        + 0.1111 * energy[Quantity.LOCAL_BOUGHT]
    )
    assert prices.import_price * energy[Quantity.IMPORTED] == pytest.approx(expected)
    assert set(prices.fees) == {"metering", "administration", "algorithm"}


def test_an_unknown_member_is_named():
    """A typing error in a name raises."""
    clearing = BusinessAsUsual().clear(COMMUNITY, PROFILES, CHARGES)
    with pytest.raises(LabelError, match="'m9'"):
        member_prices(clearing, CHARGES, "m9")


def test_fees_of_the_same_name_add_up():
    """A tariff may call a fee of the DSO what the market calls one of the manager."""
    clearing = CommunityPool(administration_per_month=2.0).clear(COMMUNITY, PROFILES, CHARGES)
    own = Charge(
        item="administration", quantity="membership", price=3.0, payee="dso", period="month"
    )
    fees = member_prices(clearing, (own, *clearing.charges), "m0").fees
    assert fees["administration"] == pytest.approx(5.0 * 48 / 743)
