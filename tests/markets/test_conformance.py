"""Laws that every registered market design obeys."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from builders import make_community, make_profiles, make_timeline
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.charges import Quantity
from nemogrid.community import Community
from nemogrid.markets import DESIGNS, BusinessAsUsual, CommunityPool
from nemogrid.results import Profiles
from nemogrid.settlement import settle
from nemogrid.tariffs import preset, preset_names

pytestmark = pytest.mark.parametrize("design", sorted(DESIGNS))
SETTINGS = {
    "community-pool": [
        {},
        {"administration_per_month": 0.0, "algorithm_per_month": 0.0},
        {"margin_per_kwh": 0.0},
    ]
}


def year_bills(market, profiles, community, tariff="CH-2026"):
    """Clear and settle."""
    charges = preset(tariff).ex_ante(community, profiles.timeline)
    clearing = market.clear(community, profiles, charges)
    return clearing, settle(clearing, charges, currency="CHF")


def markets(design):
    """Every setting of a design that the suite runs."""
    return [DESIGNS[design](**kwargs) for kwargs in SETTINGS.get(design, [{}])]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 8), tariff=st.sampled_from(preset_names()))
def test_energy_and_money_balance(design, seed, n, tariff):
    """Local purchases equal local sales in each step; all postings sum to zero."""
    profiles = make_profiles(make_timeline(3), n, seed)
    community = make_community(profiles)
    for market in markets(design):
        clearing, bills = year_bills(market, profiles, community, tariff)
        energy = clearing.energy_kwh
        step_net = (profiles.load_kw - profiles.pv_kw).to_numpy() * profiles.timeline.step_h
        assert np.abs(energy[Quantity.IMPORTED] - energy[Quantity.EXPORTED] - step_net).max() < 1e-9
        local = energy[Quantity.LOCAL_BOUGHT].sum(1) - energy[Quantity.LOCAL_SOLD].sum(1)
        assert np.abs(local).max() < 1e-9
        assert min(flow.min() for flow in energy.values()) > -1e-9
        assert abs(bills.by_actor().sum()) < 1e-9


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), tariff=st.sampled_from(preset_names()))
def test_no_member_is_worse_off_where_the_design_promises_it(design, seed, tariff):
    """Individual rationality, member by member."""
    profiles = make_profiles(make_timeline(3), 6, seed)
    community = make_community(profiles)
    usual = year_bills(BusinessAsUsual(), profiles, community, tariff)[1].by_member()["total"]
    for market in markets(design):
        if market.individually_rational:
            total = year_bills(market, profiles, community, tariff)[1].by_member()["total"]
            assert (total <= usual + 1e-9).all()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), tariff=st.sampled_from(preset_names()))
def test_the_price_lies_in_the_window_of_both_sides(design, seed, tariff):
    """No seller below the buy-back price, no buyer above retail, discount counted."""
    profiles = make_profiles(make_timeline(3), 6, seed)
    community = make_community(profiles)
    rates = preset(tariff)
    floor = -rates.volumetric_price("retail_sold")
    ceiling = rates.volumetric_price("retail_bought") - rates.volumetric_price("local_bought")
    for market in markets(design):
        price = year_bills(market, profiles, community, tariff)[0].trades.price.dropna()
        assert ((price >= floor - 1e-12) & (price <= ceiling + 1e-12)).all()


def test_relabelling_members_changes_nothing(design):
    """Another order gives the same bills."""
    profiles = make_profiles(make_timeline(3), 6)
    community = make_community(profiles)
    order = [3, 0, 5, 1, 4, 2]
    names = [community.names[i] for i in order]
    turned = Profiles(
        timeline=profiles.timeline,
        load_kw=profiles.load_kw[names],
        pv_kw=profiles.pv_kw[names],
        reactive_kvar=profiles.reactive_kvar[names],
    )
    again = Community(tuple(community.members[i] for i in order))
    for market in markets(design):
        bills = year_bills(market, profiles, community)[1].by_member()
        turned_bills = year_bills(market, turned, again)[1].by_member()
        pd.testing.assert_frame_equal(bills.loc[names], turned_bills, rtol=1e-12, check_like=True)


def test_doubling_all_prices_doubles_all_bills(design):
    """Money is only a unit."""
    profiles = make_profiles(make_timeline(3), 6)
    community = make_community(profiles)
    charges = preset("CH-2026-LEG").ex_ante(community, profiles.timeline)
    double = tuple(dataclasses.replace(c, price=2 * c.price) for c in charges)
    for market in markets(design):
        money = {
            f.name: 2 * getattr(market, f.name)
            for f in dataclasses.fields(market)
            if f.name.endswith(("_per_kwh", "_per_month"))
        }
        twice = dataclasses.replace(market, **money)
        once = settle(market.clear(community, profiles, charges), charges, currency="CHF")
        both = settle(twice.clear(community, profiles, double), double, currency="CHF")
        pd.testing.assert_frame_equal(2 * once.by_member(), both.by_member(), rtol=1e-12)


def test_halving_the_step_changes_nothing(design):
    """The same constant profiles on half-hours and quarter-hours give the same bills."""
    coarse = make_profiles(make_timeline(3), 6)
    line = make_timeline(3, 0.25)
    fine = Profiles(
        timeline=line,
        **{
            name: getattr(coarse, name).loc[lambda t: t.index.repeat(2)].set_axis(line.index)
            for name in ("load_kw", "pv_kw", "reactive_kvar")
        },
    )
    community = make_community(coarse)
    for market in markets(design):
        bills = [year_bills(market, p, community)[1].by_member() for p in (coarse, fine)]
        pd.testing.assert_frame_equal(*bills, rtol=1e-9)


def test_equal_members_get_equal_bills_and_an_idle_member_changes_nothing(design):
    """Symmetry, and no influence without energy."""
    profiles = make_profiles(make_timeline(3), 6)
    twin = {n: getattr(profiles, n).assign(twin=getattr(profiles, n)["m4"], idle=0.0) for n in
            ("load_kw", "pv_kw", "reactive_kvar")}  # fmt: skip
    without = {name: table.drop(columns="idle") for name, table in twin.items()}
    for market in markets(design):
        totals = []
        for tables in (twin, without):
            all_profiles = Profiles(timeline=profiles.timeline, **tables)
            community = make_community(all_profiles)
            totals.append(year_bills(market, all_profiles, community)[1].by_member()["total"])
        assert totals[0]["twin"] == pytest.approx(totals[0]["m4"], rel=1e-12)
        pd.testing.assert_series_equal(totals[0].drop("idle"), totals[1], rtol=1e-12)


def test_the_same_input_gives_the_same_outcome(design):
    """To the last bit."""
    profiles = make_profiles(make_timeline(3), 6)
    community = make_community(profiles)
    for market in markets(design):
        first, second = (year_bills(market, profiles, community)[1].postings for _ in range(2))
        pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_every_design_is_registered_under_its_name(design):
    """The register is how files and the suite find designs."""
    assert DESIGNS[design].name == design
    assert CommunityPool in DESIGNS.values()
