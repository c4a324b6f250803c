"""Tests of double-entry bills."""

import dataclasses

import numpy as np
import pytest
from builders import make_community, make_profiles, make_timeline, tariff_charges

from nemogrid.charges import Charge
from nemogrid.errors import InputError
from nemogrid.markets import BusinessAsUsual, CommunityPool
from nemogrid.settlement import Rules, settle

PROFILES = make_profiles(make_timeline(7))
COMMUNITY = make_community(PROFILES)
CHARGES = tariff_charges(PROFILES)
POOL = CommunityPool().clear(COMMUNITY, PROFILES, CHARGES)


def test_a_bill_equals_the_sum_of_its_steps():
    """Posting by month loses nothing against a plain sum in Python."""
    bill = settle(POOL, CHARGES, currency="CHF").by_member().loc["m0"]
    imported = PROFILES.net_kw["m0"].clip(lower=0).sum() * 0.5
    bought, sold = (t["m0"] for t in (POOL.trades.bought_kwh, POOL.trades.sold_kwh))
    exported = -PROFILES.net_kw["m0"].clip(upper=0).sum() * 0.5
    assert bill["network"] == pytest.approx(0.1075 * imported)
    assert bill["energy"] == pytest.approx(0.1211 * (imported - bought.sum()))
    assert bill["buy-back"] == pytest.approx(-0.06 * (exported - sold.sum()))
    assert bill["local purchase"] == pytest.approx(0.1111 * bought.sum())
    assert bill["local sale"] == pytest.approx(-0.1111 * sold.sum())
    assert bill["metering"] == pytest.approx(6.2 * (5 * 24 - 1) / 743 + 6.2 * (2 * 24 + 1) / 720)
    assert bill["total"] == pytest.approx(bill.drop("total").sum())


@pytest.mark.parametrize("period", ["day", "month", "year"])
def test_the_billing_period_changes_rows_and_not_money(period):
    """A bill by day, month or year adds up to the same."""
    monthly = settle(POOL, CHARGES, currency="CHF").by_member()
    other = settle(POOL, CHARGES, rules=Rules(billing_period=period), currency="CHF")
    labels = {"day": 8, "month": 2, "year": 1}
    assert other.postings["period"].nunique() == labels[period]
    assert other.by_member().to_numpy() == pytest.approx(monthly.to_numpy())


def test_postings_are_positive_and_sum_to_zero():
    """A credit is a posting with payer and payee turned round."""
    bills = settle(POOL, CHARGES, currency="CHF")
    assert (bills.postings["amount"] >= 0).all()
    assert abs(bills.by_actor().sum()) < 1e-9
    credited = bills.postings[bills.postings["item"] == "buy-back"]
    assert set(credited["payer"]) == {"retailer"}


def test_the_manager_keeps_its_fees_and_nothing_of_the_energy():
    """Buyers and sellers settle at one price, so the manager is left with the fees."""
    bills = settle(POOL, CHARGES, currency="CHF")
    fees = bills.by_member()[["administration", "algorithm"]].to_numpy().sum()
    assert bills.by_actor()["manager"] == pytest.approx(fees)


def test_a_price_per_member_is_billed_to_that_member():
    """The Series over members is not mixed up."""
    import pandas as pd

    price = pd.Series(np.arange(5.0), index=list(COMMUNITY.names))
    extra = Charge(item="extra", quantity="imported", price=price, payee="dso")
    fee = Charge(item="fee", quantity="membership", price=price, payee="manager", period="year")
    usual = BusinessAsUsual().clear(COMMUNITY, PROFILES, CHARGES)
    table = settle(usual, (extra, fee), currency="CHF").by_member()
    imported = PROFILES.net_kw.clip(lower=0).sum() * 0.5
    assert table["extra"].to_numpy() == pytest.approx((price * imported).to_numpy())
    assert table["fee"].to_numpy() == pytest.approx(price.to_numpy() * 7 / 365)


@pytest.mark.parametrize(
    ("member", "change", "message"),
    [
        ("m4", 5.0, "'m4' at 2026-03-28.*retail_bought"),
        ("m4", -1e-3, "local purchases at 2026-03-28"),
        ("m4", np.nan, "expected at least 0"),
    ],
)
def test_trades_that_do_not_hold_are_refused(member, change, message):
    """More than the meter saw, or purchases without a sale: named by step."""
    bought = POOL.trades.bought_kwh.copy()
    step = bought.index[int(np.argmax(POOL.trades.bought_kwh[member].to_numpy()[48:96])) + 48]
    bought.loc[step, member] += change
    broken = dataclasses.replace(POOL, trades=dataclasses.replace(POOL.trades, bought_kwh=bought))
    with pytest.raises(InputError, match=message):
        settle(broken, CHARGES, currency="CHF")
