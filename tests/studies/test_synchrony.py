"""Tests of what the plans of households add up to."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from builders import make_community, make_profiles, make_timeline

import nemogrid as ng
from nemogrid.charges import Charge
from nemogrid.community import Community
from nemogrid.dispatch import plan_members
from nemogrid.dispatch.equal_cost import member_costs
from nemogrid.errors import InputError, LabelError
from nemogrid.feeder import load_feeder
from nemogrid.markets import CommunityPool
from nemogrid.results import Certificate, Plan
from nemogrid.simulation import people_of
from nemogrid.studies.storage import home_battery
from nemogrid.studies.synchrony import (
    expected_local_charges,
    plan_figures,
    plan_groups,
    simultaneity,
    voltages_at,
)

DAYS = make_timeline(days=3)
PROFILES = make_profiles(DAYS)
COMMUNITY = Community(
    tuple(
        dataclasses.replace(member, battery=home_battery(4.0)) if member.pv else member
        for member in make_community(PROFILES)
    )
)
FLAT = (
    Charge(item="energy", quantity="retail_bought", price=0.12, payee="retailer"),
    Charge(item="network", quantity="imported", price=0.15, payee="dso"),
    Charge(item="buy-back", quantity="retail_sold", price=-0.06, payee="retailer"),
)
DAY = ng.Timeline(pd.Timestamp("2026-06-21", tz="Europe/Zurich"), 0.5, 48)
VILLAGE = ng.Scenario(
    feeder="1-LV-rural1--0-no_sw", timeline=DAY, assets=ng.Assets(battery_share=1.0),
    market=CommunityPool(administration_per_month=0.0, algorithm_per_month=0.0),
)  # fmt: skip


def test_simultaneity_lies_between_nobody_and_all():
    """All charging at full power is one; discharging does not count against it."""
    plan = plan_members(COMMUNITY, PROFILES, FLAT)
    share = simultaneity(plan, COMMUNITY)
    assert share.index.equals(DAYS.index)
    assert share.between(0, 1 + 1e-12).all()
    assert share.max() > 0.5
    drawn = plan.storage_kw.copy()
    drawn.loc[:] = [2.0 if member.battery else 0.0 for member in COMMUNITY]
    full = dataclasses.replace(plan, drawn_kw={"battery": drawn})
    np.testing.assert_allclose(simultaneity(full, COMMUNITY), 1.0)


def test_simultaneity_needs_batteries():
    """Of none there is no share."""
    bare = make_community(PROFILES)
    with pytest.raises(InputError, match="nobody has a battery"):
        simultaneity(plan_members(bare, PROFILES, FLAT), bare)


def test_figures_are_those_of_the_whole_simulation():
    """The same plan, the same wires."""
    network = load_feeder(VILLAGE.feeder)
    community, profiles = people_of(VILLAGE, network)
    charges = VILLAGE.tariff.ex_ante(community, DAY)
    figures, state = plan_figures(
        network, community, profiles, plan_members(community, profiles, charges)
    )
    outcome = ng.simulate(VILLAGE)
    kpis = outcome.kpis
    same = {
        "import_peak_kw": "peak_import_kw", "export_peak_kw": "peak_export_kw",
        "transformer_share": "transformer_loading_max_share",
        "line_share": "line_loading_max_share",
        "vm_min_pu": "vm_min_pu", "vm_max_pu": "vm_max_pu", "loss_kwh": "loss_kwh",
    }  # fmt: skip
    for ours, theirs in same.items():
        assert figures[ours] == pytest.approx(kpis[theirs], rel=1e-12), ours
    assert figures["complies"] is True
    plan = outcome.clearing.plan
    worst = int(state.vm_pu.max(axis=1).to_numpy().argmax())
    one = voltages_at(network, community, profiles, plan, step=worst)
    np.testing.assert_allclose(one, state.vm_pu.iloc[worst], rtol=1e-9)
    with pytest.raises(InputError, match="expected 0 to 47"):
        voltages_at(network, community, profiles, plan, step=48)


def test_groups_with_the_same_charges_are_one_community():
    """Dividing members up changes nothing as long as they face the same prices."""
    together = plan_members(COMMUNITY, PROFILES, FLAT)
    copies = (FLAT, (*FLAT,), (*FLAT,))
    assert copies[0] is not copies[1]
    given = {name: copies[n % 3] for n, name in enumerate(COMMUNITY.names)}
    apart = plan_groups(COMMUNITY, PROFILES, given)
    pd.testing.assert_frame_equal(apart.net_kw, together.net_kw)
    pd.testing.assert_frame_equal(apart.storage_kw, together.storage_kw)
    assert apart.certificate.objective == pytest.approx(together.certificate.objective)


def test_each_group_answers_to_its_own_prices():
    """A low price at night moves those who see it, and nobody else."""
    night = pd.Series(np.where(DAYS.hour < 4, 0.01, 0.25), index=DAYS.index)
    other = (dataclasses.replace(FLAT[0], price=night), *FLAT[1:])
    given = dict.fromkeys(COMMUNITY.names, FLAT) | {"m1": other}
    mixed = plan_groups(COMMUNITY, PROFILES, given).net_kw
    flat, moved = (plan_members(COMMUNITY, PROFILES, some).net_kw for some in (FLAT, other))
    pd.testing.assert_series_equal(mixed["m1"], moved["m1"])
    pd.testing.assert_frame_equal(mixed.drop(columns="m1"), flat.drop(columns="m1"))
    assert not mixed["m1"].equals(flat["m1"])


def test_groups_need_charges_for_everybody():
    """Nobody is planned without a price."""
    with pytest.raises(LabelError, match="m4"):
        plan_groups(COMMUNITY, PROFILES, dict.fromkeys(COMMUNITY.names[:-1], FLAT))


def test_expected_local_charges_add_up_to_what_the_pool_settles():
    """At its averages every member pays for the plan what the market without fees asks for it."""
    outcome = ng.simulate(VILLAGE)
    charges = VILLAGE.tariff.ex_ante(outcome.clearing.community, DAY)
    plan = outcome.clearing.plan
    expected = expected_local_charges(plan, charges, DAY)
    kw = plan.net_kw
    drawn = dataclasses.replace(
        outcome.clearing.profiles, load_kw=kw.clip(lower=0.0), pv_kw=(-kw).clip(lower=0.0)
    )
    ours = member_costs(expected, drawn)
    billed = outcome.bills.by_member()["total"]
    np.testing.assert_allclose(ours, billed[ours.index], rtol=1e-9)


def test_the_first_seller_expects_the_whole_price():
    """Where only buyers are, export would be worth the local price, and the other way round."""
    hours = dataclasses.replace(DAYS, n_steps=3)
    net = pd.DataFrame({"a": [1.0, -1.0, 0.0], "b": [1.0, -1.0, 0.0]}, index=hours.index)
    plan = Plan(net_kw=net, certificate=Certificate(method="given"))
    sale, purchase = expected_local_charges(plan, FLAT, hours, margin_per_kwh=0.02)[-2:]
    np.testing.assert_allclose(sale.price, [-0.04, 0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(purchase.price, [0.0, -0.02, 0.0], atol=1e-12)
    with pytest.raises(InputError, match="expected a smaller margin"):
        expected_local_charges(plan, FLAT, hours, margin_per_kwh=0.07)
