"""Tests of business as usual."""

from builders import make_community, make_profiles, make_timeline, tariff_charges

from nemogrid.markets import BusinessAsUsual


def test_nothing_is_traded_and_no_price_is_made():
    """A market without trade has no price, not a price of zero."""
    profiles = make_profiles(make_timeline(1))
    clearing = BusinessAsUsual().clear(
        make_community(profiles), profiles, tariff_charges(profiles)
    )  # fmt: skip
    assert clearing.trades.volume_kwh.eq(0).all()
    assert clearing.trades.price.isna().all()
    assert clearing.charges == ()
