"""Tests of devices given to the members of a community."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from builders import make_profiles, make_timeline
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.assets import Assets
from nemogrid.charges import ownership_charges
from nemogrid.community import PV, Battery, Community, Member
from nemogrid.feeder import equip, load_feeder, place_members, read_connections

STREET = Community(
    tuple(
        Member(
            name=f"m{i:02d}", bus=i, yearly_kwh=4000.0, pv=PV(peak_kw=4.0 + i) if i % 2 else None
        )
        for i in range(30)
    )
)
BOX = Battery(capacity_kwh=3.0, power_kw=1.0, charge_efficiency=0.9, discharge_efficiency=0.9)
KINDS = ("battery", "vehicle", "heat_pump", "shiftable")
shares = st.floats(0, 1)
seeds = st.integers(0, 1000)


def owners(community, kind):
    """Names of those who own a kind of device."""
    return {m.name for m in community if getattr(m, kind) is not None}


@given(seed=seeds)
def test_without_shares_nothing_changes(seed):
    """The community is the same to the last bit."""
    assert equip(STREET, Assets(), seed=seed) == STREET


@given(
    share=st.fixed_dictionaries({f"{kind}_share": shares for kind in KINDS}),
    kind=st.sampled_from(KINDS),
    other=shares,
    seed=seeds,
)
def test_a_larger_share_contains_the_smaller_and_moves_nobody_else(share, kind, other, seed):
    """Owners are nested within a kind, and independent of the shares of the others."""
    before = equip(STREET, Assets(**share), seed=seed)
    after = equip(STREET, Assets(**(share | {f"{kind}_share": other})), seed=seed)
    small, large = sorted((owners(before, kind), owners(after, kind)), key=len)
    assert small <= large
    for one in KINDS:
        size = 15 if one == "battery" else 30
        assert len(owners(before, one)) == round(share[f"{one}_share"] * size)
        if one != kind:
            assert owners(before, one) == owners(after, one)


@given(seed=seeds)
def test_the_order_of_the_members_changes_nothing(seed):
    """Names and the seed decide."""
    assets = Assets(battery_share=0.5, vehicle_share=0.3, heat_pump_share=0.6, shiftable_share=0.2)
    there = equip(STREET, assets, seed=seed)
    back = equip(Community(STREET.members[::-1]), assets, seed=seed)
    assert back.members[::-1] == there.members


def test_another_seed_draws_others_and_kinds_draw_by_themselves():
    """Neither two seeds nor two kinds have the same owners."""
    assets = Assets(vehicle_share=0.5, heat_pump_share=0.5, shiftable_share=0.5)
    one, other = equip(STREET, assets, seed=1), equip(STREET, assets, seed=2)
    assert owners(one, "vehicle") != owners(other, "vehicle")
    drawn = [frozenset(owners(one, kind)) for kind in KINDS[1:]]
    assert len(set(drawn)) == 3


def test_batteries_belong_to_prosumers_and_grow_with_their_pv():
    """Capacity per kW of PV, power by the hours, both ways lose alike."""
    assets = Assets(
        battery_share=1.0, battery_kwh_per_kw=1.5, battery_hours=3.0,
        battery_round_trip_share=0.81, battery_wear_per_kwh=0.08,
    )  # fmt: skip
    community = equip(STREET, assets, seed=1)
    assert owners(community, "battery") == set(STREET.prosumers)
    for member in community:
        if member.battery is not None:
            assert member.battery.capacity_kwh == pytest.approx(1.5 * member.pv.peak_kw)
            assert member.battery.power_kw == pytest.approx(0.5 * member.pv.peak_kw)
            assert member.battery.charge_efficiency == pytest.approx(0.9)
            assert member.battery.discharge_efficiency == pytest.approx(0.9)
            assert member.battery.wear_per_kwh == 0.08


def test_more_pv_takes_no_battery_away():
    """On the reference feeder, whoever has PV and a battery keeps both where PV grows."""
    network = load_feeder("1-LV-semiurb4--0-no_sw")
    use = read_connections(network)["rated_kw"] * 1000.0
    before = set()
    for pv_share in (0.25, 0.5, 0.75, 1.0):
        placed = place_members(network, use, pv_share=pv_share, seed=3)
        now = owners(equip(placed, Assets(battery_share=0.5), seed=3), "battery")
        assert before < now
        before = now


def test_batteries_that_members_brought_count_towards_the_share():
    """They stay as they are, but for their wear; the rest of the share is drawn."""
    brought = Community(
        tuple(
            dataclasses.replace(m, battery=BOX) if m.name in ("m01", "m02") else m for m in STREET
        )
    )
    kept = equip(brought, Assets(battery_wear_per_kwh=0.05), seed=1)
    assert owners(kept, "battery") == {"m01", "m02"}
    assert kept.members[1].battery == dataclasses.replace(BOX, wear_per_kwh=0.05)
    more = equip(brought, Assets(battery_share=0.4), seed=1)
    assert len(owners(more, "battery")) == round(0.4 * 15)
    assert owners(more, "battery") > {"m01", "m02"}
    assert more.members[2].battery == BOX


def test_devices_have_the_stated_sizes():
    """Each setting reaches its device."""
    assets = Assets(
        vehicle_share=1.0, vehicle_yearly_kwh=1800.0, vehicle_capacity_kwh=40.0,
        vehicle_charger_kw=7.4, vehicle_bidirectional=True,
        heat_pump_share=1.0, heat_pump_yearly_kwh=6000.0, heat_pump_power_kw=5.0,
        heat_pump_store_kwh=8.0,
        shiftable_share=1.0, shiftable_load_share=0.2, shiftable_delay_h=4.0,
    )  # fmt: skip
    for member in equip(STREET, assets, seed=1):
        car, pump, wash = member.vehicle, member.heat_pump, member.shiftable
        assert (car.yearly_kwh, car.capacity_kwh, car.charger_kw) == (1800.0, 40.0, 7.4)
        assert car.bidirectional
        assert (pump.yearly_kwh, pump.power_kw, pump.store_kwh) == (6000.0, 5.0, 8.0)
        assert (wash.share, wash.delay_h) == (0.2, 4.0)


def test_cars_that_feed_back_wear_like_batteries():
    """One price for all that a member gives back, so that a bill can count it together."""
    assets = Assets(
        battery_share=1.0, battery_wear_per_kwh=0.05, vehicle_share=1.0, vehicle_bidirectional=True
    )
    (wear,) = ownership_charges(equip(STREET, assets, seed=1))
    assert set(wear.price) == {0.05}


def test_measured_cars_and_heat_pumps_belong_to_those_who_drew_their_power():
    """The yearly energy is measured too, and the share of the kind is not used."""
    timeline = make_timeline(7)
    profiles = make_profiles(timeline, 3)
    car_kw = pd.DataFrame(0.0, timeline.index, ["m0", "m1", "m2"])
    car_kw["m1"] = np.where(timeline.hour == 20, 6.0, 0.0)
    three = Community(
        tuple(Member(name=n, bus=0, yearly_kwh=1.0) for n in profiles.load_kw.columns)
    )
    assets = Assets(vehicle_share=1.0, heat_pump_share=1.0, vehicle_charger_kw=7.0)
    community = equip(
        three, assets, seed=1, measured=dataclasses.replace(profiles, vehicle_kw=car_kw)
    )
    assert owners(community, "vehicle") == {"m1"}
    assert owners(community, "heat_pump") == {"m0", "m1", "m2"}
    car = community.members[1].vehicle
    assert car.yearly_kwh == pytest.approx(3.0 * 365, rel=1e-9)
    assert car.charger_kw == 7.0
