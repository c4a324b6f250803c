"""Tests of billing rules."""

import pytest

from nemogrid.errors import ScenarioError
from nemogrid.settlement import Rules
from nemogrid.timeline import Period


def test_names_become_periods():
    """A file can name the period."""
    assert Rules(billing_period="day").billing_period is Period.DAY


@pytest.mark.parametrize("period", ["step", "week"])
def test_other_periods_are_refused(period):
    """Bills by the step, or by weeks, are not made."""
    with pytest.raises(ScenarioError, match=period):
        Rules(billing_period=period)
