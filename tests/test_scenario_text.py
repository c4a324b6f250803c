"""Tests of the default scenario as a text to edit."""

import re
from itertools import pairwise

from nemogrid.scenario import Scenario
from nemogrid.scenario_text import default_scenario


def test_every_key_has_its_default_and_a_comment():
    """A key without a comment would not be understood; a changed default would mislead."""
    text = default_scenario()
    assert Scenario.from_toml(text) == Scenario()
    for before, line in pairwise(text.splitlines()):
        if " = " in line and not line.startswith("#"):
            assert before.startswith("# ")


def test_what_is_left_as_comments_can_be_used():
    """Uncommented, the optional keys are read."""
    text = default_scenario()
    for key in ("pv_max_kw", r"\[meters\]", "load =", "unit", "pv =", "timezone ="):
        text, count = re.subn(rf"(?m)^# ({key})", r"\1", text)
        assert count == 1, key
    scenario = Scenario.from_toml(text)
    assert scenario.assets.pv_max_kw == 10.0
    assert scenario.meters.pv == "pv.csv"
