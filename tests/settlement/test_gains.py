"""Tests of gains against business as usual."""

import dataclasses

import pytest
from builders import make_community, make_profiles, make_timeline, tariff_charges

from nemogrid.errors import LabelError
from nemogrid.markets import BusinessAsUsual, CommunityPool
from nemogrid.settlement import gains, settle

PROFILES = make_profiles(make_timeline(7))
COMMUNITY = make_community(PROFILES)
CHARGES = tariff_charges(PROFILES)
POOL, USUAL = (
    settle(market.clear(COMMUNITY, PROFILES, CHARGES), CHARGES, currency="CHF")
    for market in (CommunityPool(), BusinessAsUsual())
)


def test_gains_sum_to_zero_over_all_actors():
    """What one side wins, another pays."""
    table = gains(POOL, USUAL, COMMUNITY)
    assert table["gain"].sum() == pytest.approx(0, abs=1e-9)
    assert table.loc["retailer", "gain"] < 0 < table.loc["prosumers", "gain"]
    assert table.loc["dso", "gain"] == pytest.approx(0)


def test_groups_are_the_sums_of_their_members():
    """Consumers and prosumers together are the members."""
    table = gains(POOL, USUAL, COMMUNITY)
    members = POOL.by_member()["total"].sum()
    assert table.loc[["consumers", "prosumers"], "scenario"].sum() == pytest.approx(-members)


def test_different_members_or_currencies_are_refused():
    """A gain needs the same people and one currency."""
    with pytest.raises(LabelError, match="EUR"):
        gains(dataclasses.replace(POOL, currency="EUR"), USUAL, COMMUNITY)
    with pytest.raises(LabelError, match="different members"):
        gains(dataclasses.replace(POOL, members=("x",)), USUAL, COMMUNITY)
