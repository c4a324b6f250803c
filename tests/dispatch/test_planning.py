"""Tests of the settings of a plan."""

import pytest

from nemogrid.dispatch import Planning
from nemogrid.errors import ScenarioError
from nemogrid.scenario import Scenario


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"control": "fate"}, "control is 'fate', expected one of optimum, uncontrolled"),
        ({"horizon": "week"}, "horizon is 'week', expected one of whole, day, rolling"),
        ({"foresight": "none", "horizon": "day"}, "foresight is 'none'"),
        ({"look_ahead_h": -1.0}, "look_ahead_h is -1.0, expected 0 to 168"),
        ({"foresight": "naive"}, "expected the horizon 'day' or 'rolling', not 'whole'"),
    ],
)
def test_unknown_settings_are_refused(settings, message):
    """The message says what was expected."""
    with pytest.raises(ScenarioError, match=message):
        Planning(**settings)


def test_a_scenario_keeps_its_planning_in_its_text():
    """There and back, with a misspelt value named by its line."""
    planning = Planning(horizon="rolling", look_ahead_h=12.0, foresight="naive")
    scenario = Scenario(planning=planning)
    text = scenario.to_toml()
    assert Scenario.from_toml(text) == scenario
    with pytest.raises(ScenarioError, match="horizon is 'rollin'"):
        Scenario.from_toml(text.replace('"rolling"', '"rollin"'))
