"""Tests of everything flexible that a member owns."""

import dataclasses

import numpy as np
import pytest
from builders import make_profiles, make_timeline
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.community import (
    Battery,
    Community,
    ElectricVehicle,
    HeatPump,
    Member,
    ShiftableLoad,
)
from nemogrid.dispatch import store_own_surplus
from nemogrid.dispatch.member_stores import KINDS, member_stores, uncontrolled
from nemogrid.errors import LabelError
from nemogrid.profiles import heat_pump_profiles, vehicle_profiles

BOX = Battery(capacity_kwh=6.0, power_kw=3.0, charge_efficiency=0.9, discharge_efficiency=0.95)
DEVICES = {
    "battery": BOX,
    "vehicle": ElectricVehicle(),
    "heat_pump": HeatPump(),
    "shiftable": ShiftableLoad(),
}
TIMELINE = make_timeline(4)
RICH = Member(name="m0", bus=0, yearly_kwh=4000.0, **DEVICES)
PROFILES = dataclasses.replace(
    make_profiles(TIMELINE, 2),
    **{
        name: make(
            Community((RICH, Member(name="m1", bus=1, yearly_kwh=4000.0))), TIMELINE, seed=1
        )
        for name, make in (
            ("vehicle_kw", vehicle_profiles), ("heat_pump_kw", heat_pump_profiles),
        )
    },
)  # fmt: skip


@given(owned=st.sets(st.sampled_from(KINDS)))
def test_a_member_has_the_stores_that_it_owns_in_order(owned):
    """Kinds that it does not own are missing, in both answers."""
    some = {kind: DEVICES[kind] for kind in owned}
    member = Member(name="m0", bus=0, yearly_kwh=1.0, **some)
    expected = [kind for kind in KINDS if kind in owned]
    stores, drawn = member_stores(member, PROFILES), uncontrolled(member, PROFILES)
    assert list(stores) == list(drawn) == expected
    assert {store.n_steps for store in stores.values()} <= {TIMELINE.n_steps}


@given(owned=st.sets(st.sampled_from(KINDS)))
def test_what_nobody_controls_is_a_plan_of_the_stores(owned):
    """Every store stays within its limits and bounds; a battery may end emptier than it began."""
    member = Member(name="m0", bus=0, yearly_kwh=1.0, **{kind: DEVICES[kind] for kind in owned})
    drawn = uncontrolled(member, PROFILES)
    for kind, store in member_stores(member, PROFILES).items():
        kwh = drawn[kind] * TIMELINE.step_h
        if kind == "shiftable":
            kwh = kwh + store.used_kwh
        charge, discharge = np.maximum(kwh, 0), np.maximum(-kwh, 0)
        assert (charge <= store.charge_limit_kwh + 1e-12).all()
        assert (discharge <= store.discharge_limit_kwh + 1e-12).all()
        stored = [store.initial_kwh]
        for c, d, q in zip(charge, discharge, store.used_kwh, strict=True):
            stored.append(
                store.kept_share * stored[-1]
                + store.charge_efficiency * c
                - d / store.discharge_efficiency
                - q
            )
        last = -1 if kind == "battery" else None
        assert (np.array(stored) >= store.lower_kwh - 1e-9)[:last].all()
        assert (np.array(stored) <= store.upper_kwh + 1e-9).all()


def test_the_battery_sees_the_car_and_the_heat_pump():
    """It stores the surplus that they leave."""
    drawn = uncontrolled(RICH, PROFILES)
    net_kw = PROFILES.net_kw["m0"] + PROFILES.vehicle_kw["m0"] + PROFILES.heat_pump_kw["m0"]
    expected, _ = store_own_surplus(net_kw.to_numpy() * TIMELINE.step_h, BOX, step_h=0.5)
    np.testing.assert_array_equal(drawn["battery"], expected / 0.5)
    alone = uncontrolled(Member(name="m0", bus=0, yearly_kwh=1.0, battery=BOX), PROFILES)
    assert not np.array_equal(alone["battery"], drawn["battery"])
    np.testing.assert_array_equal(drawn["vehicle"], PROFILES.vehicle_kw["m0"])
    np.testing.assert_array_equal(drawn["heat_pump"], PROFILES.heat_pump_kw["m0"])
    assert (drawn["shiftable"] == 0).all()


@pytest.mark.parametrize("kind", ["vehicle", "heat_pump"])
def test_an_owner_without_a_profile_is_refused(kind):
    """What its device needs is not guessed at."""
    member = Member(name="m0", bus=0, yearly_kwh=1.0, **{kind: DEVICES[kind]})
    without = dataclasses.replace(PROFILES, **{f"{kind}_kw": None})
    for ask in (member_stores, uncontrolled):
        with pytest.raises(LabelError, match="nothing for the (car|heat pump) of member 'm0'"):
            ask(member, without)
    stranger = dataclasses.replace(RICH, name="stranger")
    with pytest.raises(LabelError, match="stranger"):
        member_stores(stranger, PROFILES)
