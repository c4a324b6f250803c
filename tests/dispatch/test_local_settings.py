"""Tests of the settings of the local load control."""

import numpy as np
import pytest

from nemogrid.dispatch.local_settings import LocalControl
from nemogrid.errors import ScenarioError


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("enter_spreads", 0.4), ("leave_spreads", -0.1), ("gain_per_spread", np.nan),
        ("calm_share", 1.1), ("ramp_h", -1.0), ("longest_delay_h", -1.0), ("memory_h", 0.0),
        ("least_spread_pu", 0.0), ("reference_pu", 0.0), ("price_band_share", -0.1),
    ],
)  # fmt: skip
def test_impossible_settings_are_refused(setting, value):
    """The message names the setting."""
    with pytest.raises(ScenarioError, match=f"load control {setting} is"):
        LocalControl(**{setting: value})
