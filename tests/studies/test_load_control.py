"""The rule on a feeder: its voltages are those that it causes."""

import numpy as np
import pandas as pd
import pytest

import nemogrid as ng
from nemogrid.dispatch.local_control import (
    LinearVoltage,
    LocalControl,
    draw_delays,
    run_local_control,
)
from nemogrid.dispatch.member_stores import uncontrolled
from nemogrid.errors import InputError, SolveError
from nemogrid.simulation import people_of
from nemogrid.studies import load_control
from nemogrid.studies.load_control import households_of, settle_local_control

SHARP = LocalControl(
    gain_per_spread=3.0, ramp_h=0.0, longest_delay_h=1.0, enter_spreads=0.5, leave_spreads=0.2
)


@pytest.fixture(scope="module")
def village():
    """Two days of a small feeder with devices of every kind."""
    timeline = ng.Timeline(pd.Timestamp("2026-03-03 10:00", tz="Europe/Zurich"), 0.5, 96)
    shares = ("battery_share", "vehicle_share", "heat_pump_share", "shiftable_share")
    assets = ng.Assets(**dict.fromkeys(shares, 0.7))
    scenario = ng.Scenario(feeder="1-LV-rural1--0-no_sw", timeline=timeline, assets=assets)
    network = ng.load_feeder(scenario.feeder)
    community, profiles = people_of(scenario, network)
    charges = scenario.tariff.ex_ante(community, timeline)
    return network, community, profiles, households_of(community, profiles, charges)


@pytest.fixture(scope="module")
def settled(village):
    """The rule with sharp answers, settled."""
    return settle_local_control(*village, SHARP, seed=5)


def test_households_without_control_draw_what_the_profiles_say(village):
    """Net energy without stores, plus what devices draw, is load less PV plus the devices."""
    _, community, profiles, households = village
    for member, house in zip(community, households, strict=True):
        asked = house.stores["shiftable"].used_kwh if "shiftable" in house.stores else 0.0
        net_kwh = profiles.net_kw[member.name].to_numpy() * 0.5
        np.testing.assert_allclose(house.net_kwh + asked, net_kwh, atol=1e-12)
        assert set(house.stores) == set(uncontrolled(member, profiles))
    assert {kind for house in households for kind in house.stores} == {
        "battery", "vehicle", "heat_pump", "shiftable",
    }  # fmt: skip


def test_the_voltages_are_those_of_the_power_flow(village, settled):
    """At the fixed point the households saw the AC voltages of what they did."""
    _, community, _, _ = village
    volts = settled.state.vm_pu[list(community.buses)]
    np.testing.assert_allclose(settled.run.voltage_pu, volts, rtol=0, atol=1e-9)
    assert settled.history["change_pu"].iloc[0] > 1e-6
    assert settled.certificate.primal_residual <= 1e-6


def test_the_fixed_point_reproduces_itself(village, settled):
    """Households that are shown the settled voltages, as given, do the same again."""
    _, _, _, households = village
    shown = LinearVoltage(
        base_pu=settled.run.voltage_pu, base_kw=settled.run.net_kw,
        pu_per_kw=np.zeros((len(households), len(households))),
    )  # fmt: skip
    delays = draw_delays(len(households), SHARP, step_h=0.5, seed=5)
    again = run_local_control(households, SHARP, shown, delay_steps=delays)
    np.testing.assert_allclose(again.net_kw, settled.run.net_kw, atol=1e-6)


def test_any_sensitivity_leads_to_the_same_fixed_point(village, settled, monkeypatch):
    """Without sensitivities it takes more power flows, and ends at the same net loads."""
    monkeypatch.setattr(
        load_control, "member_sensitivity",
        lambda _network, community, _profiles: np.zeros((len(community), len(community))),
    )  # fmt: skip
    slow = settle_local_control(*village, SHARP, seed=5, most_iterations=100)
    np.testing.assert_allclose(slow.run.net_kw, settled.run.net_kw, atol=1e-5)
    assert len(slow.history) > len(settled.history)


def test_the_first_step_that_changes_moves_on(settled):
    """Each iteration agrees with the last one at least one step further."""
    first = settled.history["first_step"].to_numpy()
    assert (np.diff(first) >= 1).all()
    assert first[-1] == 96


def test_what_does_not_settle_is_refused(village):
    """One power flow is not enough; the message says from which step on loads change."""
    with pytest.raises(SolveError, match="after 1 power flows the net loads still change by"):
        settle_local_control(*village, SHARP, seed=5, most_iterations=1)
    with pytest.raises(InputError, match="most_iterations is 0"):
        settle_local_control(*village, SHARP, seed=5, most_iterations=0)
