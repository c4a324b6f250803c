"""Tests of what owners of storage pay."""

import pytest

from nemogrid.charges import ownership_charges
from nemogrid.community import Battery, Community, ElectricVehicle, Member
from nemogrid.errors import InputError


def home(name, battery=None, car=None):
    """Make a member whose battery and car wear at these prices."""
    return Member(
        name=name, bus=0, yearly_kwh=4000.0,
        battery=None if battery is None else Battery(
            capacity_kwh=8.0, power_kw=4.0, charge_efficiency=0.95, discharge_efficiency=0.95,
            wear_per_kwh=battery,
        ),
        vehicle=None if car is None else ElectricVehicle(bidirectional=True, wear_per_kwh=car),
    )  # fmt: skip


def test_owners_pay_for_the_wear_of_their_own_storage():
    """A price for each member, of its battery or its car; nothing where nothing wears."""
    members = (home("none"), home("battery", 0.08), home("car", car=0.05), home("both", 0.1, 0.1))
    (wear,) = ownership_charges(Community(members))
    assert (wear.item, wear.payee, wear.quantity) == ("storage wear", "installer", "discharged")
    assert wear.price.to_dict() == {"none": 0.0, "battery": 0.08, "car": 0.05, "both": 0.1}
    assert ownership_charges(Community((home("none"), home("free", 0.0)))) == ()


def test_a_battery_and_a_car_that_wear_differently_cannot_be_counted_together():
    """The message names the member; a car that cannot feed back does not count."""
    with pytest.raises(InputError, match="member 'both'.*0.1 per kWh and its car at 0.05"):
        ownership_charges(Community((home("both", 0.1, 0.05),)))
    one_way = Member(
        name="both", bus=0, yearly_kwh=1.0, battery=home("x", 0.1).battery,
        vehicle=ElectricVehicle(wear_per_kwh=0.05),
    )  # fmt: skip
    (wear,) = ownership_charges(Community((one_way,)))
    assert wear.price.tolist() == [0.1]
