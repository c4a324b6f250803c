"""Tests of what a scenario puts on a feeder."""

import math

import pytest

from nemogrid.assets import Assets, Meters
from nemogrid.errors import ScenarioError


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
    ],
)
def test_impossible_assets_are_refused(setting, value):
    """The message names the setting and what was found."""
    with pytest.raises(ScenarioError, match=f"{setting} is '?{value}"):
        Assets(**{setting: value})


def test_the_defaults_are_those_of_the_reference():
    """Half of the members own PV that covers their yearly demand."""
    assert (Assets().pv_share, Assets().pv_sizing, Assets().pv_max_kw) == (0.5, 1.0, None)


def test_the_unit_of_a_meter_is_stated():
    """Readings in an unknown unit are not guessed at."""
    with pytest.raises(ScenarioError, match="'MWh', expected 'kW' or 'kWh'"):
        Meters(load="load.csv", unit="MWh")
