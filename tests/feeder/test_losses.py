"""Tests of the two parts of the losses."""

import pandas as pd
import pytest

from nemogrid.feeder import load_feeder, run_power_flow
from nemogrid.feeder.losses import split_losses


@pytest.fixture(scope="module")
def village():
    """Load the smallest feeder."""
    return load_feeder("1-LV-rural1--0-no_sw")


def test_parts_add_up_and_the_load_part_grows_with_the_square(village):
    """Twice the current loses four times as much; the sum is what the power flow found."""
    net = pd.DataFrame({7: [0.0, 5.0, 10.0, -10.0]})
    state = run_power_flow(village, net)
    parts = split_losses(village, state)
    pd.testing.assert_series_equal(
        parts.sum(axis=1), state.loss_kw, check_names=False, rtol=1e-12
    )  # fmt: skip
    load = parts["load_dependent_kw"]
    assert load[0] == pytest.approx(0, abs=1e-9)
    assert load[2] / load[1] == pytest.approx(4, rel=0.05)
    assert load[3] > 0


def test_no_load_losses_are_the_iron_of_the_transformer(village):
    """Up to the voltage of the grid above, squared, and the little that idle cables draw."""
    state = run_power_flow(village, pd.DataFrame({7: [10.0]}))
    iron_kw = village.trafo["pfe_kw"].sum() * village.ext_grid["vm_pu"].iloc[0] ** 2
    assert split_losses(village, state)["no_load_kw"].iloc[0] == pytest.approx(iron_kw, rel=0.01)
