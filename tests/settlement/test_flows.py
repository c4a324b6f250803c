"""Tests of who pays whom, and of the price of a kilowatt-hour."""

import pandas as pd
import pytest
from builders import (
    make_community,
    make_profiles,
    make_timeline,
    stored_clearing,
    tariff_charges,
)

from nemogrid.charges import Blocks, Charge, Quantity
from nemogrid.community import Community
from nemogrid.errors import LabelError
from nemogrid.markets import BusinessAsUsual, CommunityPool
from nemogrid.settlement import settle
from nemogrid.settlement.flows import GROUPS, kwh_prices, parties, payments

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
    assert list(table.index) == list(table.columns) == [g for g in GROUPS if g != "installer"]


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


def test_the_installer_stands_in_the_tables_where_it_is_paid():
    """With wear there is one more party, on both sides."""
    stored = stored_clearing(make_timeline(2))
    wear = Charge(item="storage wear", quantity="discharged", price=0.1, payee="installer")
    bills = settle(stored, (wear,), currency="CHF")
    assert parties(bills) == parties(BILLS, bills) == (*parties(BILLS), "installer")
    table = payments(bills, stored.community)
    assert tuple(table.index) == tuple(table.columns) == GROUPS
    assert table["installer"].sum() == pytest.approx(
        0.1 * stored.energy_kwh[Quantity.DISCHARGED].sum()
    )


def test_the_price_of_a_kilowatt_hour_in_blocks_is_what_was_billed():
    """Amounts over energies, for a line on one route and for one on two."""
    blocks = Blocks((0.1, 0.2, 0.3), (30.0, 60.0))
    charges = tuple(
        Charge(item=item, quantity=quantity, price=blocks, payee="dso", period="month")
        for item, quantity in (("energy", "retail_bought"), ("network", "imported"))
    )
    peak = Charge(item="peak", quantity="peak_imported", price=4.0, payee="dso", period="month")
    prices = kwh_prices(POOL, (*charges, peak)).droplevel("payee")
    postings = settle(POOL, charges, currency="CHF").postings.groupby("item")["amount"].sum()
    energy = {kind: flow.sum() for kind, flow in POOL.energy_kwh.items()}
    retail = energy[Quantity.RETAIL_BOUGHT] * prices["retail_bought"]
    local = energy[Quantity.LOCAL_BOUGHT] * prices["local_bought"]
    assert retail["energy"] == pytest.approx(postings["energy"])
    assert retail["network"] + local["network"] == pytest.approx(postings["network"])
    assert 0.1 < prices.at["network", "local_bought"] < 0.3
    assert "peak" not in prices.index
