"""Tests of pandapower's answer beside ours."""

import numpy as np
import pandas as pd
import pytest

from nemogrid.errors import LabelError, PowerFlowError
from nemogrid.feeder import load_feeder, run_power_flow
from nemogrid.feeder.second_opinion import run_pandapower


@pytest.fixture(scope="module")
def village():
    """Load the smallest feeder."""
    return load_feeder("1-LV-rural1--0-no_sw")


def test_both_solvers_agree(village):
    """To 1e-7 pu at every bus, for import and export, with reactive power."""
    rng = np.random.default_rng(3)
    net = pd.DataFrame(rng.uniform(-40, 40, (3, 5)), columns=[1, 2, 7, 9, 13])
    kvar = net.abs() * 0.3
    ours = run_power_flow(village, net, reactive_kvar=kvar).vm_pu
    theirs = run_pandapower(village, net, reactive_kvar=kvar)
    pd.testing.assert_frame_equal(theirs[ours.columns], ours, atol=1e-7, rtol=0, check_names=False)
    assert ours.to_numpy().std() > 1e-3


def test_the_network_is_left_as_it_was(village):
    """No load of the check stays behind."""
    before = len(village.load), village.load["in_service"].all()
    run_pandapower(village, pd.DataFrame({7: [1.0]}))
    assert (len(village.load), village.load["in_service"].all()) == before


def test_what_cannot_be_solved_is_named(village):
    """A megawatt at a house has no solution, and an unknown bus no voltage."""
    with pytest.raises(PowerFlowError, match="step 1"):
        run_pandapower(village, pd.DataFrame({7: [1.0, 5e3]}))
    with pytest.raises(LabelError, match="999"):
        run_pandapower(village, pd.DataFrame({999: [1.0]}))
    with pytest.raises(LabelError, match="reactive"):
        run_pandapower(
            village, pd.DataFrame({7: [1.0]}), reactive_kvar=pd.DataFrame({9: [1.0]})
        )  # fmt: skip
