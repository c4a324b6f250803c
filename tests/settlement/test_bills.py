"""Tests of double-entry bills."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from builders import (
    make_community,
    make_profiles,
    make_timeline,
    stored_clearing,
    tariff_charges,
)
from charge_lists import charge_lists, for_members, on_steps, scaled
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.charges import Blocks, Charge, Quantity
from nemogrid.community import Community
from nemogrid.dispatch.meter import meter_cost, read_meter_prices
from nemogrid.errors import InputError
from nemogrid.markets import BusinessAsUsual, CommunityPool
from nemogrid.results import Clearing, Plan, Profiles, Trades
from nemogrid.settlement import Rules, settle
from nemogrid.timeline import Timeline

PROFILES = make_profiles(make_timeline(7))
COMMUNITY = make_community(PROFILES)
CHARGES = tariff_charges(PROFILES)
POOL = CommunityPool().clear(COMMUNITY, PROFILES, CHARGES)
CLEARINGS = {
    "clocks change, a month ends": stored_clearing(make_timeline(7), seed=2),
    "from noon over new year": stored_clearing(
        Timeline(pd.Timestamp("2026-12-30 13:00", tz="Europe/Zurich"), 1.0, 70), seed=3
    ),
}


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


@st.composite
def cases(draw):
    """Draw a clearing with stores, and charges of every kind."""
    clearing = CLEARINGS[draw(st.sampled_from(list(CLEARINGS)))]
    return clearing, draw(charge_lists(clearing.timeline, clearing.community.names))


def of_the_charges(bills, name):
    """Sum the amounts of a member without their signs: the scale of rounding."""
    postings = bills.postings
    mine = (postings["payer"] == name) | (postings["payee"] == name)
    return 1e-9 + float(postings.loc[mine, "amount"].sum())


@given(case=cases())
@settings(deadline=None, max_examples=60)
def test_the_objective_is_the_bill(case):
    """What a member minimises, with its fees, is what it is asked to pay, for every charge."""
    clearing, charges = case
    bills = settle(clearing, charges, currency="CHF")
    totals = bills.by_member()["total"]
    net_kwh = clearing.plan.net_kw.to_numpy() * clearing.timeline.step_h
    discharged_kwh = clearing.energy_kwh[Quantity.DISCHARGED]
    names = clearing.community.names
    for n, name in enumerate(names):
        meter = read_meter_prices(charges, clearing.timeline, names, name)
        objective = meter_cost(meter, net_kwh[:, n], discharged_kwh[:, n])
        objective += sum(meter.fees.values())
        assert totals[name] == pytest.approx(objective, abs=1e-9 * of_the_charges(bills, name))


@given(case=cases(), period=st.sampled_from(["day", "month", "year"]))
@settings(deadline=None, max_examples=30)
def test_every_charge_is_posted_twice_and_in_full_whatever_the_billing_period(case, period):
    """Sums over actors are zero; shorter and longer bills add up to the same."""
    clearing, charges = case
    once = settle(clearing, charges, rules=Rules(billing_period="year"), currency="CHF")
    other = settle(clearing, charges, rules=Rules(billing_period=period), currency="CHF")
    assert abs(other.by_actor().sum()) < 1e-9
    tables = [bills.by_member() for bills in (once, other)]
    assert tables[0].to_numpy() == pytest.approx(tables[1][tables[0].columns].to_numpy())


@given(case=cases())
@settings(deadline=None, max_examples=30)
def test_doubling_all_prices_doubles_all_bills(case):
    """Bills are homogeneous in prices."""
    clearing, charges = case
    once = settle(clearing, charges, currency="CHF").by_member()
    twice = settle(clearing, tuple(scaled(c, 2.0) for c in charges), currency="CHF").by_member()
    assert twice.to_numpy() == pytest.approx(2.0 * once.to_numpy(), rel=1e-12)


@given(case=cases())
@settings(deadline=None, max_examples=30)
def test_halving_the_step_on_the_same_power_changes_nothing(case):
    """Mean powers, energies and shares of periods do not depend on the step."""
    clearing, charges = case
    timeline = clearing.timeline
    finer = Timeline(timeline.start, timeline.step_h / 2, 2 * timeline.n_steps)

    def repeated(table):
        return pd.DataFrame(
            np.repeat(table.to_numpy(), 2, axis=0), index=finer.index, columns=table.columns
        )

    plan, nothing = clearing.plan, 0.0 * repeated(clearing.plan.net_kw)
    halved = dataclasses.replace(
        clearing,
        profiles=Profiles(timeline=finer, load_kw=nothing, pv_kw=nothing, reactive_kvar=nothing),
        plan=Plan(
            net_kw=repeated(plan.net_kw), certificate=plan.certificate,
            drawn_kw={kind: repeated(table) for kind, table in plan.drawn_kw.items()},
        ),
        trades=dataclasses.replace(clearing.trades, bought_kwh=nothing, sold_kwh=nothing),
    )  # fmt: skip
    coarse = settle(clearing, charges, currency="CHF").by_member()
    fine = settle(halved, tuple(on_steps(c, finer) for c in charges), currency="CHF").by_member()
    assert fine.to_numpy() == pytest.approx(coarse[fine.columns].to_numpy())


@given(case=cases(), order=st.permutations(range(3)))
@settings(deadline=None, max_examples=30)
def test_relabelling_the_members_changes_nothing(case, order):
    """Each member keeps its bill in any order."""
    clearing, charges = case
    moved = reordered(clearing, order)
    names = moved.community.names
    before = settle(clearing, charges, currency="CHF").by_member()
    after = settle(moved, tuple(for_members(c, names) for c in charges), currency="CHF").by_member()
    assert after[before.columns].to_numpy() == pytest.approx(before.loc[list(names)].to_numpy())


def reordered(clearing: Clearing, order) -> Clearing:
    """Put the members into another order."""
    members = tuple(clearing.community.members[i] for i in order)
    names = [member.name for member in members]
    profiles, plan, trades = clearing.profiles, clearing.plan, clearing.trades
    return dataclasses.replace(
        clearing,
        community=Community(members),
        profiles=dataclasses.replace(
            profiles, load_kw=profiles.load_kw[names], pv_kw=profiles.pv_kw[names],
            reactive_kvar=profiles.reactive_kvar[names],
        ),
        plan=dataclasses.replace(
            plan, net_kw=plan.net_kw[names],
            drawn_kw={kind: table[names] for kind, table in plan.drawn_kw.items()},
        ),
        trades=Trades(
            bought_kwh=trades.bought_kwh[names], sold_kwh=trades.sold_kwh[names],
            price=trades.price,
        ),
    )  # fmt: skip


def test_a_peak_is_the_highest_power_of_each_month_times_its_share():
    """Against a plain search; the price per step is that of the month's first step."""
    clearing = CLEARINGS["clocks change, a month ends"]
    price = pd.Series(3.0, index=clearing.timeline.index)
    price.loc["2026-04"] = 5.0
    peak = Charge(
        item="peak", quantity="peak_imported", price=price, payee="dso", period="month"
    )  # fmt: skip
    postings = settle(clearing, (peak,), currency="CHF").postings
    net_kw = clearing.plan.net_kw["m1"]
    march = max(net_kw.loc["2026-03"]) * (5 * 24 - 1) / 743
    april = max(net_kw.loc["2026-04"]) * (2 * 24 + 1) / 720
    mine = postings[postings["payer"] == "m1"]
    assert mine["quantity"].tolist() == pytest.approx([march, april])
    assert mine["amount"].tolist() == pytest.approx([3.0 * march, 5.0 * april])


def test_a_peak_of_export_looks_at_export_alone():
    """The largest import is not the largest export."""
    clearing = CLEARINGS["clocks change, a month ends"]
    peak = Charge(item="peak", quantity="peak_exported", price=1.0, payee="dso", period="year")
    bill = settle(clearing, (peak,), currency="CHF").by_member()["total"]
    highest = -clearing.plan.net_kw.min() * clearing.timeline.hours / 8760
    assert bill.to_numpy() == pytest.approx(highest.to_numpy())


def test_a_charge_longer_than_the_billing_period_is_booked_where_its_period_begins():
    """With bills by the day, the month's blocks stand on its first day, and only there."""
    clearing = CLEARINGS["clocks change, a month ends"]
    blocks = Charge(
        item="energy", quantity="imported", price=Blocks((0.1, 0.3), (100.0,)),
        payee="retailer", period="month",
    )  # fmt: skip
    postings = settle(
        clearing, (blocks,), rules=Rules(billing_period="day"), currency="CHF"
    ).postings  # fmt: skip
    assert sorted({str(day) for day in postings["period"]}) == ["2026-03-27", "2026-04-01"]
    imported = clearing.energy_kwh[Quantity.IMPORTED].sum()
    assert postings["quantity"].sum() == pytest.approx(imported)


def test_an_inclining_block_tariff_charges_what_its_price_sheet_says():
    """Korean household rates, 120 / 214.6 / 307.3 won up to 200 and 400 kWh: 450 kWh a month."""
    line = Timeline(pd.Timestamp("2026-03-01", tz="Asia/Seoul"), 1.0, (31 + 30) * 24)
    load_kw = pd.DataFrame({"home": np.full(line.n_steps, 450.0 / (31 * 24))}, index=line.index)
    profiles = Profiles(
        timeline=line, load_kw=load_kw, pv_kw=0 * load_kw, reactive_kvar=0 * load_kw
    )  # fmt: skip
    kepco = Charge(
        item="energy", quantity="retail_bought", payee="retailer", period="month",
        price=Blocks((120.0, 214.6, 307.3), (200.0, 400.0)),
    )  # fmt: skip
    clearing = BusinessAsUsual().clear(make_community(profiles), profiles, (kepco,))
    amounts = settle(clearing, (kepco,), currency="KRW").postings["amount"]
    april = 450.0 * 30 / 31
    assert amounts.tolist() == pytest.approx(
        [200 * 120 + 200 * 214.6 + 50 * 307.3, 200 * 120 + 200 * 214.6 + (april - 400) * 307.3]
    )


def test_blocks_by_the_step_end_at_a_power():
    """A limit of 2 kW is 1 kWh in half an hour; export beyond it is fined."""
    clearing = CLEARINGS["clocks change, a month ends"]
    limit = Charge(
        item="injection", quantity="exported", price=Blocks((-0.06, 0.04), (2.0,)), payee="dso"
    )
    bill = settle(clearing, (limit,), currency="CHF").by_member()["total"]
    exported_kw = (-clearing.plan.net_kw).clip(lower=0.0)
    within = exported_kw.clip(upper=2.0)
    expected = (-0.06 * within + 0.04 * (exported_kw - within)).sum() * 0.5
    assert bill.to_numpy() == pytest.approx(expected.to_numpy())


def test_in_a_pool_the_retailer_counts_its_blocks_on_what_it_sold():
    """Local purchases do not fill the retailer's blocks."""
    blocks = Charge(
        item="energy", quantity="retail_bought", price=Blocks((0.1, 0.2), (150.0,)),
        payee="retailer", period="month",
    )  # fmt: skip
    bill = settle(POOL, (blocks,), currency="CHF").by_member()["energy"]
    line = PROFILES.timeline
    bought = POOL.plan.net_kw.clip(lower=0.0) * 0.5 - POOL.trades.bought_kwh
    expected = 0.0
    for month, share in ((3, (5 * 24 - 1) / 743), (4, (2 * 24 + 1) / 720)):
        kwh = bought[line.index.month == month].sum()
        expected += 0.1 * kwh + 0.1 * (kwh - 150.0 * share).clip(lower=0.0)
    assert bill.to_numpy() == pytest.approx(expected.to_numpy())
    assert POOL.trades.bought_kwh.to_numpy().sum() > 10


def test_wear_is_due_for_what_batteries_and_cars_give_back():
    """And is paid to whoever replaces them."""
    clearing = CLEARINGS["clocks change, a month ends"]
    wear = Charge(item="storage wear", quantity="discharged", price=0.1, payee="installer")
    bills = settle(clearing, (wear,), currency="CHF")
    back = sum(table.clip(upper=0.0) for table in clearing.plan.drawn_kw.values())
    assert bills.by_actor()["installer"] == pytest.approx(-0.1 * 0.5 * back.to_numpy().sum())
