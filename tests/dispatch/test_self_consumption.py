"""Tests of batteries that store own surplus."""

import dataclasses

import numpy as np
import pytest
from builders import make_community, make_profiles, make_timeline, tariff_charges
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nemogrid.charges import Quantity
from nemogrid.community import Battery, Community
from nemogrid.dispatch import plan_members, plan_without_storage, store_own_surplus
from nemogrid.dispatch.self_consumption import balance_error
from nemogrid.markets import DESIGNS
from nemogrid.settlement import settle

PROFILES = make_profiles(make_timeline(3))
CHARGES = tariff_charges(PROFILES)
BOX = Battery(
    capacity_kwh=6.0, power_kw=3.0, charge_efficiency=0.9, discharge_efficiency=0.95
)  # fmt: skip
WITH = Community(
    tuple(dataclasses.replace(m, battery=BOX if m.pv else None) for m in make_community(PROFILES))
)
shares = st.floats(0.5, 1.0)
batteries = st.builds(
    Battery,
    capacity_kwh=st.floats(0.1, 50),
    power_kw=st.floats(0.1, 20),
    charge_efficiency=shares,
    discharge_efficiency=shares,
    initial_soc_share=st.floats(0, 1),
)


@given(net=arrays(float, 60, elements=st.floats(-10, 10)), battery=batteries)
def test_the_rule_keeps_energy_power_and_capacity(net, battery):
    """Balances close to 1e-9 kWh, and the battery never makes the meter turn for its own sake."""
    drawn, stored = store_own_surplus(net, battery, step_h=0.5)
    assert balance_error(drawn, stored, battery) < 1e-9
    assert np.abs(drawn).max() <= battery.power_kw * 0.5 + 1e-12
    assert stored.min() >= 0
    assert stored.max() <= battery.capacity_kwh
    after = net + drawn
    assert (np.abs(after) <= np.abs(net) + 1e-12).all()
    assert (after * net >= -1e-12).all()


def test_a_lossless_store_of_any_size_moves_all_it_can():
    """Self-consumption is the smaller of surplus and later shortage."""
    ideal = Battery(
        capacity_kwh=1e6, power_kw=1e6, charge_efficiency=1.0, discharge_efficiency=1.0,
        initial_soc_share=0.0,
    )  # fmt: skip
    net = np.array([-3.0, -2.0, 4.0, 2.0, -1.0])
    drawn, _ = store_own_surplus(net, ideal, step_h=1.0)
    assert (net + drawn).tolist() == [0, 0, 0, 1, 0]


def test_without_batteries_the_plan_is_the_optimal_one():
    """Nothing changes for a community that has none."""
    community = make_community(PROFILES)
    plan = plan_members(community, PROFILES, CHARGES)
    assert plan.storage_kw is None
    assert plan.net_kw.equals(plan_without_storage(PROFILES, CHARGES).net_kw)
    assert plan.certificate.method == "closed form without storage"


@pytest.mark.parametrize("design", sorted(DESIGNS))
def test_every_market_bills_the_plan_with_its_batteries(design):
    """Load, PV and storage balance at the meter; postings sum to zero; imports fall."""
    market = DESIGNS[design]()
    clearing = market.clear(WITH, PROFILES, CHARGES)
    plan = clearing.plan
    balance = PROFILES.load_kw - PROFILES.pv_kw + plan.storage_kw - plan.net_kw
    assert balance.abs().to_numpy().max() < 1e-9
    assert (plan.storage_kw[list(WITH.consumers)] == 0).all().all()
    assert plan.storage_kw[list(WITH.prosumers)].abs().sum().min() > 0
    assert abs(settle(clearing, CHARGES, currency="CHF").by_actor().sum()) < 1e-9
    alone = market.clear(make_community(PROFILES), PROFILES, CHARGES)
    imported = Quantity.IMPORTED
    assert clearing.energy_kwh[imported].sum() < alone.energy_kwh[imported].sum()


def test_the_objective_is_the_bill_without_fees():
    """What the certificate reports is what members pay under business as usual."""
    clearing = DESIGNS["business-as-usual"]().clear(WITH, PROFILES, CHARGES)
    bills = settle(clearing, CHARGES, currency="CHF").by_member()
    assert clearing.plan.certificate.objective == pytest.approx(
        bills["total"].sum() - bills["metering"].sum(), rel=1e-9
    )
