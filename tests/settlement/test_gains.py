"""Tests of gains against business as usual."""

import dataclasses

import pandas as pd
import pytest
from builders import make_community, make_profiles, make_timeline, tariff_charges

from nemogrid.errors import LabelError
from nemogrid.markets import BusinessAsUsual, CommunityPool
from nemogrid.settlement import gain_summary, gains, member_gains, settle

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


def test_the_installer_is_in_the_table_where_one_settlement_pays_it():
    """Its row is missing today, and zero in the reference if only the scenario wears storage."""
    row = {"period": POOL.postings["period"].iloc[0], "payer": "m0", "payee": "installer",
           "item": "storage wear", "quantity": 10.0, "amount": 1.5}  # fmt: skip
    postings = pd.concat([POOL.postings, pd.DataFrame([row])], ignore_index=True)
    table = gains(dataclasses.replace(POOL, postings=postings), USUAL, COMMUNITY)
    assert table.loc["installer"].tolist() == [0.0, 1.5, 1.5]
    assert "installer" not in gains(POOL, USUAL, COMMUNITY).index


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


FEES = ("administration", "algorithm")


def test_members_gain_what_their_groups_gain():
    """The gains by member add up to the gains of consumers and of prosumers."""
    by_member = member_gains(POOL, USUAL, COMMUNITY, fees=FEES)
    sums = by_member.groupby("group")["gain"].sum()
    table = gains(POOL, USUAL, COMMUNITY)
    for group in ("consumers", "prosumers"):
        assert sums[group] == pytest.approx(table.loc[group, "gain"])
    assert list(by_member.index) == list(COMMUNITY.names)


def test_gain_before_fees_is_that_of_a_pool_without_fees():
    """Taking the fees out of the bill is the same as never charging them."""
    free = CommunityPool(administration_per_month=0.0, algorithm_per_month=0.0)
    bills = settle(free.clear(COMMUNITY, PROFILES, CHARGES), CHARGES, currency="CHF")
    without = member_gains(bills, USUAL, COMMUNITY)["gain"]
    taken_out = member_gains(POOL, USUAL, COMMUNITY, fees=FEES)["before_fees"]
    assert taken_out.to_numpy() == pytest.approx(without.to_numpy(), abs=1e-9)


def test_a_fee_that_is_on_no_bill_is_refused():
    """A misspelt fee does not count as nothing."""
    with pytest.raises(LabelError, match="no line 'admin'"):
        member_gains(POOL, USUAL, COMMUNITY, fees=("admin",))
    with pytest.raises(LabelError, match="different members"):
        member_gains(dataclasses.replace(POOL, members=("x",)), USUAL, COMMUNITY)


def test_summary_counts_winners_and_losers():
    """Who gains, who loses and who does neither add up to the members."""
    by_member = member_gains(POOL, USUAL, COMMUNITY, fees=FEES)
    summary = gain_summary(by_member)
    assert summary["members"].sum() == len(COMMUNITY)
    assert (summary["winners"] + summary["losers"]).le(summary["members"]).all()
    assert (
        summary.loc["prosumers", "winners"]
        == ((by_member["gain"] > 0) & (by_member["group"] == "prosumers")).sum()
    )
    assert summary.loc["consumers", "mean_before_fees"] > summary.loc["consumers", "mean_gain"]
