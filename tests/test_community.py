"""Tests of members and communities."""

import math

import pytest

from nemogrid.community import (
    ACTORS,
    PV,
    Battery,
    Community,
    ElectricVehicle,
    HeatPump,
    Member,
    ShiftableLoad,
)
from nemogrid.errors import InputError

BOX = Battery(capacity_kwh=8.5, power_kw=4.0, charge_efficiency=0.95, discharge_efficiency=0.95)


def test_owners_of_pv_are_prosumers_and_the_others_consumers():
    """The two groups partition the members; a system of 0 kW makes no prosumer."""
    members = (
        Member(name="a", bus=0, yearly_kwh=1.0, pv=PV(peak_kw=3.0)),
        Member(name="b", bus=0, yearly_kwh=1.0, pv=PV(peak_kw=0.0)),
        Member(name="c", bus=1, yearly_kwh=1.0),
    )
    community = Community(members)
    assert community.prosumers == ("a",)
    assert community.consumers == ("b", "c")
    assert (len(community), list(community)) == (3, list(members))


def test_two_members_of_one_name_are_refused():
    """Names are labels; the message repeats the name."""
    twin = Member(name="twin", bus=0, yearly_kwh=1.0)
    with pytest.raises(InputError, match="twin"):
        Community((twin, twin))


def test_an_empty_community_is_refused():
    """There is nothing to simulate."""
    with pytest.raises(InputError, match="no members"):
        Community(())


@pytest.mark.parametrize("actor", ACTORS)
def test_a_member_cannot_be_called_like_an_actor(actor):
    """Its postings would be mixed up with those of the actor."""
    with pytest.raises(InputError, match=actor):
        Member(name=actor, bus=0, yearly_kwh=1.0)


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_impossible_sizes_are_refused(value):
    """The energy of a year is finite and not negative."""
    with pytest.raises(InputError, match="finite"):
        Member(name="a", bus=0, yearly_kwh=value)


def test_whoever_owns_a_device_makes_the_community_flexible():
    """Any one kind does; PV does not."""
    plain = Member(name="a", bus=0, yearly_kwh=1.0, pv=PV(peak_kw=3.0))
    assert not Community((plain,)).is_flexible
    for device in (
        {"battery": BOX},
        {"vehicle": ElectricVehicle()},
        {"heat_pump": HeatPump()},
        {"shiftable": ShiftableLoad()},
    ):
        assert Community((plain, Member(name="b", bus=0, yearly_kwh=1.0, **device))).is_flexible
