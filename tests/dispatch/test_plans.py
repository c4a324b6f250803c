"""Tests of the plans of a community."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from builders import make_community, make_profiles, make_timeline, tariff_charges

from nemogrid.charges import Blocks, Charge, Quantity, ownership_charges
from nemogrid.community import Battery, Community, ElectricVehicle, HeatPump, ShiftableLoad
from nemogrid.dispatch import Planning, plan_members, plan_without_storage
from nemogrid.errors import SolveError
from nemogrid.markets import DESIGNS
from nemogrid.settlement import settle
from nemogrid.timeline import Period

PROFILES = make_profiles(make_timeline(7))
CHARGES = tariff_charges(PROFILES)
BOX = Battery(
    capacity_kwh=6.0, power_kw=3.0, charge_efficiency=0.9, discharge_efficiency=0.95,
    wear_per_kwh=0.03,
)  # fmt: skip
PLAIN = make_community(PROFILES)
WITH = Community(tuple(dataclasses.replace(m, battery=BOX if m.pv else None) for m in PLAIN))
WORN = CHARGES + ownership_charges(WITH)
PLANNINGS = {
    "uncontrolled": Planning(control="uncontrolled"),
    "whole": Planning(),
    "day": Planning(horizon="day"),
    "rolling": Planning(horizon="rolling"),
    "naive": Planning(horizon="rolling", foresight="naive"),
}


def flexible_case():
    """Make members with one of each device, and one with all of them."""
    rng = np.random.default_rng(3)
    timeline, columns = PROFILES.timeline, PROFILES.load_kw.columns
    at_home = (timeline.hour >= 18) & (timeline.hour < 21)
    car = pd.DataFrame(0.0, timeline.index, columns)
    car.loc[at_home, ["m1", "m4"]] = 3.0
    heat = pd.DataFrame(rng.uniform(0, 1.5, car.shape), timeline.index, columns)
    heat[["m0", "m1", "m3"]] = 0.0
    profiles = dataclasses.replace(PROFILES, vehicle_kw=car, heat_pump_kw=heat)
    owned = {
        "m0": {"battery": BOX},
        "m1": {"vehicle": ElectricVehicle(charger_kw=7.0)},
        "m2": {"heat_pump": HeatPump(power_kw=3.0)},
        "m3": {"shiftable": ShiftableLoad(share=0.3)},
        "m4": {
            "battery": BOX,
            "vehicle": ElectricVehicle(charger_kw=7.0),
            "heat_pump": HeatPump(power_kw=3.0),
            "shiftable": ShiftableLoad(share=0.3),
        },
    }
    return Community(tuple(dataclasses.replace(m, **owned[m.name]) for m in PLAIN)), profiles


def test_without_batteries_the_plan_is_the_optimal_one():
    """Nothing changes for a community that has none."""
    plan = plan_members(PLAIN, PROFILES, CHARGES)
    assert plan.storage_kw is None
    assert plan.net_kw.equals(plan_without_storage(PROFILES, CHARGES).net_kw)
    assert plan.certificate.method == "closed form without storage"


@pytest.mark.parametrize("planning", PLANNINGS)
@pytest.mark.parametrize("design", sorted(DESIGNS))
def test_every_market_bills_the_plan_with_its_batteries(design, planning):
    """Load, PV and storage balance at the meter; postings sum to zero; surplus is stored."""
    market = DESIGNS[design]()
    clearing = market.clear(WITH, PROFILES, WORN, planning=PLANNINGS[planning])
    plan = clearing.plan
    balance = PROFILES.load_kw - PROFILES.pv_kw + plan.storage_kw - plan.net_kw
    assert balance.abs().to_numpy().max() < 1e-9
    assert (plan.storage_kw[list(WITH.consumers)] == 0).all().all()
    assert plan.storage_kw[list(WITH.prosumers)].abs().sum().min() > 0
    assert abs(settle(clearing, WORN, currency="CHF").by_actor().sum()) < 1e-9
    alone = market.clear(PLAIN, PROFILES, CHARGES)
    exported = Quantity.EXPORTED
    assert clearing.energy_kwh[exported].sum() < alone.energy_kwh[exported].sum()


@pytest.mark.parametrize("planning", PLANNINGS)
def test_the_objective_is_the_bill_without_fees(planning):
    """What the certificate reports is what members pay under business as usual, wear included."""
    community, profiles = flexible_case()
    charges = CHARGES + ownership_charges(community)
    market = DESIGNS["business-as-usual"]()
    clearing = market.clear(community, profiles, charges, planning=PLANNINGS[planning])
    bills = settle(clearing, charges, currency="CHF").by_member()
    assert "storage wear" in bills
    assert clearing.plan.certificate.objective == pytest.approx(
        bills["total"].sum() - bills["metering"].sum(), rel=1e-9
    )


def test_the_objective_is_the_bill_with_every_kind_of_charge():
    """Blocks of a month, peaks, blocks of a step and wear, all at once."""
    community, profiles = flexible_case()
    charges = (
        *CHARGES,
        *ownership_charges(community),
        Charge(
            item="inclining", quantity="retail_bought", payee="retailer", period=Period.MONTH,
            price=Blocks((0.0, 0.05), (60.0,)),
        ),
        Charge(item="peak", quantity="peak_imported", payee="dso", period="month", price=3.0),
        Charge(
            item="injection", quantity="exported", payee="dso", price=Blocks((0.0, 0.02), (2.0,)),
        ),
    )  # fmt: skip
    clearing = DESIGNS["business-as-usual"]().clear(community, profiles, charges)
    bills = settle(clearing, charges, currency="CHF").by_member()
    assert clearing.plan.certificate.objective == pytest.approx(
        bills["total"].sum() - bills["metering"].sum(), rel=1e-6
    )


def test_better_planners_pay_less():
    """The whole timeline beats a rolling day, that beats... at least no control at all."""
    cost = {
        name: plan_members(WITH, PROFILES, WORN, planning=planning).certificate.objective
        for name, planning in PLANNINGS.items()
        if name != "uncontrolled"
    }
    assert cost["whole"] <= cost["rolling"] + 1e-9
    assert cost["whole"] <= cost["day"] + 1e-9
    assert cost["whole"] <= cost["naive"] + 1e-9


def test_shifting_keeps_the_energy_of_appliances_and_fills_the_car():
    """Appliances use what was asked of them; cars and heat pumps what they need."""
    community, profiles = flexible_case()
    plan = plan_members(community, profiles, CHARGES)
    assert plan.drawn_kw["shiftable"].sum().abs().max() < 1e-9
    assert plan.drawn_kw["shiftable"]["m3"].abs().max() < 1e-9  # no PV, one price: nothing to gain
    pv = profiles.pv_kw.assign(m3=profiles.pv_kw["m0"])
    sunny = plan_members(community, dataclasses.replace(profiles, pv_kw=pv), CHARGES)
    assert sunny.drawn_kw["shiftable"]["m3"].abs().sum() > 0.1
    assert sorted(plan.drawn_kw) == ["battery", "heat_pump", "shiftable", "vehicle"]
    drawn = sum(table for table in plan.drawn_kw.values())
    assert (plan.net_kw - PROFILES.net_kw - drawn).abs().to_numpy().max() < 1e-9


def test_a_failing_member_is_named():
    """A car that needs more than its charger can give."""
    community, profiles = flexible_case()
    capped = tuple(
        dataclasses.replace(m, battery=dataclasses.replace(BOX, power_kw=0.0)) if m.battery else m
        for m in community
    )
    paid = Charge(item="odd", quantity="exported", payee="dso", price=-9.0)
    with pytest.raises(SolveError, match="member 'm0'.*arbitrage"):
        plan_members(Community(capped), profiles, (*CHARGES, paid))
