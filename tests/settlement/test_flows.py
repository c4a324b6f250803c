"""Tests of who pays whom, and of the price of a kilowatt-hour."""

import pandas as pd
import pytest
from builders import make_community, make_profiles, make_timeline, tariff_charges

from nemogrid.community import Community
from nemogrid.errors import LabelError
from nemogrid.markets import BusinessAsUsual, CommunityPool
from nemogrid.settlement import settle
from nemogrid.settlement.flows import GROUPS, kwh_prices, payments

PROFILES = make_profiles(make_timeline(7))
COMMUNITY = make_community(PROFILES)
CHARGES = tariff_charges(PROFILES)
POOL = CommunityPool().clear(COMMUNITY, PROFILES, CHARGES)
BILLS = settle(POOL, CHARGES, currency="CHF")


def test_payments_hold_every_posting_once():
    """Sums over the table are sums over the postings."""
    table = payments(BILLS, COMMUNITY)
    assert table.to_numpy().sum() == pytest.approx(BILLS.postings["amount"].sum())
    assert (table.to_numpy() >= 0).all()
    assert tuple(table.index) == tuple(table.columns) == GROUPS


def test_what_a_party_gets_less_what_it_pays_is_its_net_receipt():
    """The table agrees with the receipts by actor."""
    table = payments(BILLS, COMMUNITY)
    net = table.sum(axis=0) - table.sum(axis=1)
    receipts = BILLS.by_actor()
    for actor in ("retailer", "dso", "tso", "state", "manager"):
        assert net[actor] == pytest.approx(receipts[actor])
    for group in ("consumers", "prosumers"):
        assert net[group] == pytest.approx(receipts[list(getattr(COMMUNITY, group))].sum())
    assert table.at["manager", "prosumers"] > 0
    assert table.at["retailer", "prosumers"] > 0


def test_members_do_not_pay_one_another_in_a_pool():
    """Local energy goes by way of the manager."""
    groups = ["consumers", "prosumers"]
    assert not payments(BILLS, COMMUNITY).loc[groups, groups].to_numpy().any()


def test_bills_of_other_members_are_refused():
    """Groups of another community would be wrong."""
    with pytest.raises(LabelError, match="other members"):
        payments(BILLS, Community(COMMUNITY.members[:-1]))


def test_without_postings_nobody_pays():
    """The table keeps its labels."""
    bills = settle(POOL, (), currency="CHF")
    empty = type(bills)(postings=bills.postings.iloc[:0], members=bills.members, currency="CHF")
    assert payments(empty, COMMUNITY).shape == (7, 7)
    assert not payments(empty, COMMUNITY).to_numpy().any()


def test_prices_add_up_to_the_tariff():
    """A bought kilowatt-hour costs the tariff's sum; a local one a margin less."""
    prices = kwh_prices(POOL, CHARGES).sum()
    assert prices.to_dict() == pytest.approx(
        {"retail_bought": 0.2662, "local_bought": 0.2562, "retail_sold": -0.06,
         "local_sold": -0.1111}
    )  # fmt: skip


def test_prices_by_line_come_from_the_bills():
    """The mean price of a line is its amount over its energy."""
    postings = BILLS.postings.groupby("item")[["amount", "quantity"]].sum()
    prices = kwh_prices(POOL, CHARGES).droplevel("payee")
    for item, route in (("energy", "retail_bought"), ("local purchase", "local_bought")):
        mean = postings.at[item, "amount"] / postings.at[item, "quantity"]
        assert prices.at[item, route] == pytest.approx(mean)


def test_routes_without_energy_are_left_out():
    """Business as usual has no local prices."""
    usual = BusinessAsUsual().clear(COMMUNITY, PROFILES, CHARGES)
    prices = kwh_prices(usual, CHARGES)
    assert list(prices.columns) == ["retail_bought", "retail_sold"]
    assert isinstance(prices.index, pd.MultiIndex)
