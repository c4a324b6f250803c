"""Tests of the community pool."""

import numpy as np
import pandas as pd
import pytest
from builders import make_community, make_profiles, make_timeline, tariff_charges
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nemogrid.charges import Charge
from nemogrid.errors import ScenarioError
from nemogrid.markets import CommunityPool
from nemogrid.markets.community_pool import share_pro_rata

PROFILES = make_profiles(make_timeline(2))
COMMUNITY = make_community(PROFILES)
energies = arrays(float, (4, 3), elements=st.floats(0, 1e3, allow_subnormal=False))


@given(demand=energies, surplus=energies)
def test_the_smaller_side_trades_all_and_shares_are_pro_rata(demand, surplus):
    """Volume is the smaller total; nobody gets more than it wanted."""
    bought, sold = share_pro_rata(demand, surplus)
    volume = np.minimum(demand.sum(1), surplus.sum(1))
    assert bought.sum(1) == pytest.approx(volume, rel=1e-9)
    assert sold.sum(1) == pytest.approx(volume, rel=1e-9)
    assert (bought <= demand * (1 + 1e-12)).all()
    assert (sold <= surplus * (1 + 1e-12)).all()


def test_the_price_is_the_margin_below_retail():
    """The paper's rule: just below what the retailer asks."""
    clearing = CommunityPool(margin_per_kwh=0.02).clear(
        COMMUNITY, PROFILES, tariff_charges(PROFILES)
    )
    assert clearing.trades.price.dropna().unique() == pytest.approx([0.1211 - 0.02])


def test_the_price_is_missing_exactly_where_nothing_is_traded():
    """A step without trade has no price."""
    trades = CommunityPool().clear(COMMUNITY, PROFILES, tariff_charges(PROFILES)).trades
    assert trades.price.isna().equals(trades.volume_kwh == 0)
    assert trades.price.notna().any()


def test_the_network_discount_lifts_the_price():
    """What the buyer saves on the network, the pool price can carry."""
    charges = tariff_charges(PROFILES, "CH-2026-LEG")
    price = CommunityPool().clear(COMMUNITY, PROFILES, charges).trades.price.dropna()
    assert price.unique() == pytest.approx([0.1211 + 0.4 * 0.1075 - 0.01])


def test_a_margin_wider_than_the_window_is_refused():
    """The message gives both ends of the window and the largest margin."""
    with pytest.raises(ScenarioError, match=r"from 0\.0600 .* to 0\.1211 .* at most 0\.0611"):
        CommunityPool(margin_per_kwh=0.07).clear(COMMUNITY, PROFILES, tariff_charges(PROFILES))


@pytest.mark.parametrize("value", [-0.01, np.nan, np.inf])
def test_impossible_settings_are_refused(value):
    """Fees and margins are finite and not negative."""
    with pytest.raises(ScenarioError, match="margin_per_kwh"):
        CommunityPool(margin_per_kwh=value)


@given(ceiling=st.floats(0.01, 1), share=st.floats(0, 1))
def test_a_margin_as_wide_as_the_window_is_accepted(ceiling, share):
    """Rounding in the last digit does not push the price out of the window."""
    floor = share * ceiling
    charges = (
        Charge(item="energy", quantity="retail_bought", price=ceiling, payee="retailer"),
        Charge(item="buy-back", quantity="retail_sold", price=-floor, payee="retailer"),
    )
    pool = CommunityPool(margin_per_kwh=ceiling - floor)
    price = pool.clear(COMMUNITY, PROFILES, charges).trades.price.dropna()
    assert price.unique() == pytest.approx([floor])
    assert (price >= floor).all()


def test_a_window_without_width_is_called_empty():
    """No margin mends a tariff whose energy costs less than its buy-back."""
    charges = (
        Charge(item="energy", quantity="retail_bought", price=0.05, payee="retailer"),
        Charge(item="network", quantity="imported", price=0.10, payee="dso"),
        Charge(item="buy-back", quantity="retail_sold", price=-0.06, payee="retailer"),
    )
    with pytest.raises(ScenarioError, match="empty, and no margin_per_kwh fits"):
        CommunityPool().clear(COMMUNITY, PROFILES, charges)


def test_an_empty_window_matters_only_where_something_would_be_traded():
    """Cheap energy at night, below the buy-back price, closes no market that sleeps anyway."""
    trades = CommunityPool().clear(COMMUNITY, PROFILES, tariff_charges(PROFILES)).trades
    asleep = trades.volume_kwh == 0
    night = pd.Series(0.1, index=PROFILES.timeline.index).where(asleep, 0.0)

    def cheaper(discount):
        cut = Charge(item="cut", quantity="retail_bought", price=-discount, payee="retailer")
        return CommunityPool().clear(COMMUNITY, PROFILES, (*tariff_charges(PROFILES), cut)).trades

    pd.testing.assert_series_equal(cheaper(night).price, trades.price)
    with pytest.raises(ScenarioError, match="empty"):
        cheaper(0.1 - night)
