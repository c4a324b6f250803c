"""Tests of the batteries that a network brings along."""

import pandapower as pp
import pytest

from nemogrid.errors import NetworkError
from nemogrid.feeder import kept_batteries, load_feeder, read_connections
from nemogrid.feeder.batteries import ROUND_TRIP_SHARE


def use_of(network):
    """Make the rated power stand for the yearly use."""
    return read_connections(network)["rated_kw"] * 1000


def test_a_simbench_storage_becomes_the_battery_of_its_house():
    """Scenario 1 of the grid has one: 13.7 kW, 27.4 kWh, 95 % round trip, empty at the start."""
    network = load_feeder("1-LV-semiurb4--1-no_sw")
    ((name, battery),) = kept_batteries(network, use_of(network)).items()
    assert read_connections(network).at[name, "bus"] == network.storage["bus"].iloc[0]
    assert (battery.capacity_kwh, battery.power_kw) == pytest.approx((27.4, 13.7))
    assert battery.charge_efficiency * battery.discharge_efficiency == pytest.approx(0.95)
    assert battery.initial_soc_share == 0


def test_storages_of_one_bus_are_taken_together(village):
    """Energies and powers add up; unknown efficiencies take the stated one."""
    bus = int(village.load["bus"].iloc[0])
    pp.create_storage(village, bus, p_mw=0.002, max_e_mwh=0.004, soc_percent=100.0)
    pp.create_storage(village, bus, p_mw=-0.001, max_e_mwh=0.012, soc_percent=0.0)
    (battery,) = kept_batteries(village, use_of(village)).values()
    assert (battery.capacity_kwh, battery.power_kw) == pytest.approx((16.0, 3.0))
    assert battery.initial_soc_share == pytest.approx(0.25)
    assert battery.charge_efficiency**2 == pytest.approx(ROUND_TRIP_SHARE)


def test_scaling_holds_for_the_power_of_a_storage(village):
    """As for loads and generators of a network."""
    bus = int(village.load["bus"].iloc[0])
    pp.create_storage(village, bus, p_mw=0.002, max_e_mwh=0.004, scaling=0.5)
    (battery,) = kept_batteries(village, use_of(village)).values()
    assert battery.power_kw == pytest.approx(1.0)


@pytest.mark.parametrize(("p_mw", "max_e_mwh"), [(0.0, 0.01), (0.002, 0.0), (0.002, -0.01)])
def test_a_storage_without_capacity_or_power_is_refused(village, p_mw, max_e_mwh):
    """It cannot be run; a negative capacity is not taken for a positive one."""
    bus = int(village.load["bus"].iloc[0])
    pp.create_storage(village, bus, p_mw=p_mw, max_e_mwh=max_e_mwh)
    with pytest.raises(NetworkError, match="storage '0': expected a capacity"):
        kept_batteries(village, use_of(village))


def test_a_storage_on_a_bus_without_a_load_is_refused(village):
    """It belongs to nobody."""
    free = next(bus for bus in village.bus.index if bus not in set(village.load["bus"]))
    pp.create_storage(village, free, p_mw=0.001, max_e_mwh=0.01)
    with pytest.raises(NetworkError, match="belongs to no member"):
        kept_batteries(village, use_of(village))
