"""Tests of what members own."""

import math

import pytest

from nemogrid.devices import PV, Battery, ElectricVehicle, HeatPump, ShiftableLoad
from nemogrid.errors import InputError

GOOD = {
    PV: {"peak_kw": 5.0},
    Battery: {
        "capacity_kwh": 8.5,
        "power_kw": 4.0,
        "charge_efficiency": 0.95,
        "discharge_efficiency": 0.95,
    },
    ElectricVehicle: {},
    HeatPump: {},
    ShiftableLoad: {},
}
NOT_NEGATIVE = [
    (PV, "peak_kw"),
    (PV, "yield_kwh_per_kw"),
    (Battery, "capacity_kwh"),
    (Battery, "power_kw"),
    (Battery, "wear_per_kwh"),
    (ElectricVehicle, "yearly_kwh"),
    (ElectricVehicle, "capacity_kwh"),
    (ElectricVehicle, "charger_kw"),
    (ElectricVehicle, "wear_per_kwh"),
    (HeatPump, "yearly_kwh"),
    (HeatPump, "power_kw"),
    (HeatPump, "store_kwh"),
    (ShiftableLoad, "delay_h"),
    (ShiftableLoad, "power_kw"),
]
SHARES = [
    (Battery, "initial_soc_share", 0.0),
    (Battery, "charge_efficiency", 0.5),
    (Battery, "discharge_efficiency", 0.5),
    (ElectricVehicle, "charge_efficiency", 0.5),
    (ElectricVehicle, "discharge_efficiency", 0.5),
    (HeatPump, "loss_share_per_h", 0.0),
    (ShiftableLoad, "share", 0.0),
]


@pytest.mark.parametrize(("kind", "setting"), NOT_NEGATIVE)
@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_sizes_are_finite_and_not_negative(kind, setting, value):
    """The message names the setting and its value."""
    with pytest.raises(InputError, match=f"{setting} is {value}"):
        kind(**(GOOD[kind] | {setting: value}))


@pytest.mark.parametrize(("kind", "setting"), NOT_NEGATIVE)
def test_a_size_of_zero_is_allowed(kind, setting):
    """It is where a sweep begins: a device that does nothing."""
    assert getattr(kind(**(GOOD[kind] | {setting: 0.0})), setting) == 0.0


@pytest.mark.parametrize(("kind", "setting", "least"), SHARES)
@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_shares_lie_between_zero_and_one(kind, setting, least, value):
    """The message names the setting and its value; the least that is allowed is allowed."""
    with pytest.raises(InputError, match=f"{setting} is {value}"):
        kind(**(GOOD[kind] | {setting: value}))
    assert getattr(kind(**(GOOD[kind] | {setting: least})), setting) == least


@pytest.mark.parametrize("kind", [Battery, ElectricVehicle])
@pytest.mark.parametrize("setting", ["charge_efficiency", "discharge_efficiency"])
def test_an_efficiency_of_zero_is_refused(kind, setting):
    """What goes in would be lost."""
    with pytest.raises(InputError, match=f"{setting} is 0.0: expected above 0"):
        kind(**(GOOD[kind] | {setting: 0.0}))


def test_a_store_that_loses_everything_in_an_hour_is_refused():
    """Its losses could not be told for shorter steps."""
    with pytest.raises(InputError, match="loss_share_per_h is 1.0: expected 0 to below 1"):
        HeatPump(loss_share_per_h=1.0)


@pytest.mark.parametrize("hour", [-0.5, 24.0, math.nan])
def test_a_departure_is_an_hour_of_the_day(hour):
    """Midnight is 0, not 24."""
    with pytest.raises(InputError, match=f"departure_hour is {hour}: expected 0 to 24"):
        ElectricVehicle(departure_hour=hour)


def test_the_energy_of_a_year_of_pv_is_rating_times_yield():
    """The default is the mean of Swiss systems, 2018 to 2023."""
    assert PV(peak_kw=5.0).yearly_kwh == 5 * 946
    assert PV(peak_kw=5.0, yield_kwh_per_kw=1100.0).yearly_kwh == 5500.0
