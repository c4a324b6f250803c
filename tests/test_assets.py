"""Tests of what a scenario puts on a feeder."""

import math
from dataclasses import fields

import pytest

from nemogrid.assets import Assets, Meters
from nemogrid.errors import ScenarioError
from nemogrid.scenario import Scenario


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("pv_share", 1.5),
        ("pv_share", math.nan),
        ("pv_sizing", 0.0),
        ("pv_yield_kwh_per_kw", math.inf),
        ("pv_max_kw", -1.0),
        ("existing_pv", "sell"),
        ("existing_storages", "sell"),
        ("battery_share", -0.1),
        ("battery_kwh_per_kw", -1.0),
        ("battery_hours", 0.0),
        ("battery_round_trip_share", 0.0),
        ("battery_round_trip_share", 1.1),
        ("battery_wear_per_kwh", math.nan),
        ("vehicle_share", 2.0),
        ("vehicle_charger_kw", -11.0),
        ("heat_pump_share", 1.1),
        ("heat_pump_store_kwh", math.inf),
        ("shiftable_share", math.nan),
        ("shiftable_load_share", 1.5),
        ("shiftable_delay_h", -1.0),
    ],
)
def test_impossible_assets_are_refused(setting, value):
    """The message names the setting and what was found."""
    with pytest.raises(ScenarioError, match=f"{setting} is '?{value}"):
        Assets(**{setting: value})


def test_the_defaults_are_those_of_the_reference():
    """Half of the members own PV that covers their yearly demand."""
    assert (Assets().pv_share, Assets().pv_sizing, Assets().pv_max_kw) == (0.5, 1.0, None)


def test_the_reference_has_no_flexible_devices():
    """All of their shares are zero."""
    kinds = ("battery", "vehicle", "heat_pump", "shiftable")
    assert [getattr(Assets(), f"{kind}_share") for kind in kinds] == [0.0] * 4


def test_every_setting_survives_the_way_through_toml():
    """Each is changed from its default and comes back with value and type."""
    changed = {}
    for field in fields(Assets):
        match field.default:
            case bool(value):
                changed[field.name] = not value
            case float(value):
                changed[field.name] = 0.5 * value + 0.2
            case None:
                changed[field.name] = 12.5
            case "replace":
                changed[field.name] = "keep"
            case _:
                changed[field.name] = "PV1"
    scenario = Scenario(assets=Assets(**changed))
    again = Scenario.from_toml(scenario.to_toml())
    assert again == scenario
    assert not {f.name for f in fields(Assets) if changed[f.name] == f.default}
    assert [type(v) for v in vars(again.assets).values()] == [
        type(v) for v in vars(scenario.assets).values()
    ]


def test_the_unit_of_a_meter_is_stated():
    """Readings in an unknown unit are not guessed at."""
    with pytest.raises(ScenarioError, match="'MWh', expected 'kW' or 'kWh'"):
        Meters(load="load.csv", unit="MWh")
