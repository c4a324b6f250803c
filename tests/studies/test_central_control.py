"""The central optimum against the AC power flow."""

import numpy as np
import pandas as pd
import pytest

import nemogrid as ng
from nemogrid.dispatch.central import solve_central
from nemogrid.errors import InputError, SolveError
from nemogrid.simulation import people_of
from nemogrid.studies.central_control import settle_central
from nemogrid.studies.load_control import households_of


@pytest.fixture(scope="module")
def village():
    """A sunny day of a small feeder with large PV systems, batteries and cars."""
    timeline = ng.Timeline(pd.Timestamp("2026-06-15 10:00", tz="Europe/Zurich"), 0.5, 48)
    assets = ng.Assets(pv_share=1.0, pv_sizing=3.0, battery_share=0.8, vehicle_share=0.8)
    scenario = ng.Scenario(feeder="1-LV-rural1--0-no_sw", timeline=timeline, assets=assets)
    network = ng.load_feeder(scenario.feeder)
    community, profiles = people_of(scenario, network)
    charges = scenario.tariff.ex_ante(community, timeline)
    return network, community, profiles, households_of(community, profiles, charges)


@pytest.fixture(scope="module")
def free(village):
    """The optimum without bounds that bind."""
    return settle_central(*village, transformer_share=None)


def test_bounds_that_do_not_bind_need_one_program(village, free):
    """Then the plan is that of the program alone, and the AC voltages are foretold closely."""
    assert len(free.history) == 1
    assert free.history["bounded"].tolist() == [0]
    assert free.history["outside_pu"].tolist() == [0.0]
    assert free.history["bills"].iloc[0] == pytest.approx(solve_central(village[3]).bills.sum())
    members = list(village[1].buses)
    spread = float(np.ptp(free.state.vm_pu[members].to_numpy()))
    assert free.history["linear_error_pu"].iloc[0] < 0.05 * spread


def test_ac_voltages_are_brought_into_a_narrow_band(village, free):
    """A band inside what the free optimum reaches is kept by the power flow, and costs money."""
    members = list(village[1].buses)
    highest = float(free.state.vm_pu[members].to_numpy().max())
    band = (0.9, highest - 0.003)
    bound = settle_central(*village, transformer_share=None, band_pu=band)
    assert float(bound.state.vm_pu[members].to_numpy().max()) <= band[1] + 1e-4
    assert bound.history["outside_pu"].iloc[0] > 1e-3
    assert bound.history["bounded"].iloc[-1] > 0
    assert bound.history["bills"].iloc[-1] >= free.history["bills"].iloc[0] - 1e-9


def test_the_transformer_limits_the_load_of_the_community(village, free):
    """A share below what the free optimum needs is kept, without losses."""
    rated_kva = 160.0
    peak_kw = free.plan.peak_kw
    share = 0.85 * peak_kw / rated_kva
    bound = settle_central(*village, transformer_share=share)
    assert peak_kw > bound.plan.peak_kw
    kvar = village[2].reactive_kvar.sum(axis=1).max()
    assert np.hypot(bound.plan.peak_kw, kvar) <= share * rated_kva + 1e-6
    assert bound.history["bills"].iloc[-1] >= free.history["bills"].iloc[0] - 1e-9


def test_what_cannot_be_kept_is_refused(village):
    """A band that no plan keeps, one that is none, and a transformer for reactive power only."""
    with pytest.raises(SolveError, match="infeasible"):
        settle_central(*village, band_pu=(1.02, 1.0201))
    with pytest.raises(InputError, match=r"band_pu is \(1.1, 0.9\)"):
        settle_central(*village, band_pu=(1.1, 0.9))
    with pytest.raises(InputError, match="transformer_share is 0.001"):
        settle_central(*village, transformer_share=0.001)
    with pytest.raises(SolveError, match="after 1 programs voltages leave the band by"):
        settle_central(*village, transformer_share=None, band_pu=(0.9, 1.03), most_rounds=1)
